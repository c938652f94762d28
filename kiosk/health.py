"""How a terminal is, as the hub is told every few seconds: its screen, its outbox, its devices, its heads."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import kiosk
from drivers.contract import Kind
from kiosk.calibration import ThermometerCalibration
from kiosk.clock import Clock
from kiosk.config import Role, Site
from kiosk.devices.supervisor import State
from kiosk.equipment import Equipment
from kiosk.link.health_code import HealthCodeClient
from kiosk.published import Published
from kiosk.release import release_report
from kiosk.session import Stage
from kiosk.settings import Settings
from kiosk.store.gate_book import GateBook
from kiosk.store.stored_outbox import StoredOutbox
from kiosk.view.common import OutOfService
from kiosk.view.screen import TechnicianState, name_of
from kiosk.vision.client import VisionProcess, VisionState
from kiosk.wire.fleet import DeviceHealth, Health, ScreenUse

_VISION_STATES = {
    VisionState.STARTING: State.OPENING,
    VisionState.READY: State.READY,
    VisionState.BACKING_OFF: State.FAULT,
    VisionState.STOPPED: State.ABSENT,
}


@dataclass(slots=True)
class Vitals:
    """What is reported of a terminal.

    Attributes:
        sight: None before it was started, and where there is none; the same of `book` and `health_codes`.
        paused: whether staff have closed the lane.
        locked: whether the hub has locked the terminal.
        screens: how its screens were used since it started.
        calibration: the thermometer's.
        kinds: of signed editions that are fetched here.
        settings: the hub's for this terminal.
    """

    site: Site
    role: Role
    stage: Stage
    published: Published
    equipment: Equipment
    clock: Clock
    sight: VisionProcess | None = None
    book: GateBook | None = None
    health_codes: HealthCodeClient | None = None
    paused: Callable[[], bool] = field(default=lambda: False)
    locked: Callable[[], bool] = field(default=lambda: False)
    screens: Callable[[], tuple[ScreenUse, ...]] = field(default=lambda: ())
    calibration: ThermometerCalibration = field(default_factory=ThermometerCalibration)
    kinds: Sequence[str] = ()
    settings: Settings | None = None

    async def health(self, outbox: StoredOutbox) -> Health:
        """How it is now."""
        depth = await outbox.depth()
        screen = self.stage.screen
        entered, left, _ = (0, 0, 0) if self.book is None else await self.book.heads()
        return Health(
            entered=entered,
            left=left,
            list_made=None if self.book is None else await self.book.made(),
            paused=self.paused() or self.locked(),
            release=release_report(),
            terminal=self.site.terminal,
            role=self.role,
            version=kiosk.__version__,
            made=self.clock.now(),
            in_service=screen is not None and not isinstance(screen.state, OutOfService | TechnicianState),
            view=name_of(screen.state) if screen is not None else "",
            screens=self.screens(),
            rules_version=self.published.rules.version if self.published.rules is not None else 0,
            editions=self.published.held(self.kinds) | ({} if self.settings is None else self.settings.held()),
            refused=self.published.not_taken() | ({} if self.settings is None else self.settings.not_taken()),
            outbox_waiting=depth.waiting,
            outbox_dead=depth.dead,
            oldest_waiting=depth.oldest,
            devices=(*self._vision(), *self.health_service(), *self._devices()),
        )

    def _devices(self) -> tuple[DeviceHealth, ...]:
        return tuple(
            DeviceHealth(
                name=r.name,
                driver=r.driver,
                state=r.state.value,
                code=r.code,
                fault=r.fault,
                remedy=r.remedy,
                proven_on=r.proven_on,
                good=r.good + life.good,
                errors=r.errors + life.errors,
                notice=r.notice or self._calibration_notice(r.name),
                opened=r.opened + life.opened,
                cycles=r.cycles + life.cycles,
                ready_seconds=round(r.ready_seconds + life.ready_seconds, 1),
                supplies=dict(r.supplies),
                model=r.identity.model[:64],
                firmware=r.identity.firmware[:64],
            )
            for r, life in ((r, self.equipment.life(r)) for r in self.equipment.reports())
        )

    def _calibration_notice(self, device: str) -> str:
        """What has to be seen to at a thermometer that works."""
        return self.calibration.notice(self.clock.now()) if device == Kind.THERMOMETER.value else ""

    def _vision(self) -> tuple[DeviceHealth, ...]:
        """The vision process, reported like a device."""
        if self.sight is None:
            return ()
        health = self.sight.health
        return (
            DeviceHealth(
                name="vision",
                driver=self.site.vision.engine,
                state=_VISION_STATES[health.state].value,
                code="vision" if health.state is VisionState.BACKING_OFF else "",
                errors=health.restarts,
            ),
        )

    def health_service(self) -> tuple[DeviceHealth, ...]:
        """The health-code service, reported like a device: by what its last question came to."""
        client = self.health_codes
        if client is None:
            return ()
        good, errors = client.counts
        state = State.FAULT if client.code else State.READY
        return (
            DeviceHealth(
                name="health_service",
                driver=client.name,
                state=state.value,
                code=client.code,
                good=good,
                errors=errors,
            ),
        )
