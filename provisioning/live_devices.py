"""Devices as the terminal's own supervisor sees them, for `devices watch` and `drill`.

Only while the terminal's program is stopped: a device belongs to one program.
"""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import anyio
import msgspec

from drivers.contract import Kind
from kiosk.clock import Clock
from kiosk.config import DeviceEntry, Role, Site
from kiosk.devices.hotplug import HotPlug, Watched, addresses_of
from kiosk.devices.supervisor import Device, State
from provisioning.checks.run import MACHINE, entries
from provisioning.talk import CannotDo, Exit


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """A device at a moment.

    Attributes:
        state: `absent`, `opening`, `ready`, `fault` or `stuck`.
        code: of its error; `fault` and `remedy` likewise, empty while it is ready.
    """

    at: datetime
    device: str
    driver: str
    state: str
    code: str = ""
    fault: str = ""
    remedy: str = ""
    model: str = ""
    errors: int = 0


@dataclass(frozen=True)
class Live:
    """The devices, looked after."""

    devices: tuple[tuple[Role, Device[object], DeviceEntry], ...]
    clock: Clock

    def seen(self) -> list[Seen]:
        """How they are now."""
        found = []
        for role, device, _ in self.devices:
            report = device.report()
            found.append(
                Seen(
                    at=self.clock.now(),
                    device=f"{role}.{device.name}",
                    driver=report.driver,
                    state=report.state.value,
                    code=report.code,
                    fault=report.fault,
                    remedy=report.remedy,
                    model=report.identity.model,
                    errors=report.errors,
                )
            )
        return found

    async def until(self, device: Device[object], states: set[State], within: float) -> float | None:
        """Seconds until a device is in one of these states; None where it is not within the time."""
        began = time.monotonic()
        with anyio.move_on_after(within):
            while device.state not in states:  # noqa: ASYNC110  states change in another task, without an event for each
                await anyio.sleep(0.02)
            return time.monotonic() - began
        return None


@asynccontextmanager
async def looked_after(site: Site, only: str, clock: Clock) -> AsyncIterator[Live]:
    """Open the devices as the terminal would, and let go of them at the end.

    Args:
        site: the site file.
        only: kind, `role.kind`, or empty for all.
        clock: dates what is seen.

    Raises:
        CannotDo: there is no such device.
    """
    if only == MACHINE:
        raise CannotDo(Exit.BAD_INPUT, "the machine is no device")
    made = tuple((role, Device[object](entry.name, entry.make), entry) for role, entry in entries(site, only))
    async with anyio.create_task_group() as group:
        for _, device, _ in made:
            group.start_soon(device.run)
        group.start_soon(HotPlug([Watched(device, addresses_of(entry.options)) for _, device, entry in made]).run)
        try:
            yield Live(made, clock)
        finally:
            group.cancel_scope.cancel()


async def watch(site: Site, only: str, clock: Clock, seconds: float, tell: Callable[[Seen], None]) -> list[Seen]:
    """Tell each change of each device.

    Args:
        site: the site file.
        only: see `looked_after`.
        clock: dates them.
        seconds: how long; 0 until cancelled.
        tell: is told each change.

    Returns:
        How they are at the end.
    """
    before: dict[str, tuple[str, str, str]] = {}
    async with looked_after(site, only, clock) as live:
        with anyio.move_on_after(seconds or None):
            while True:
                for one in live.seen():
                    now = (one.state, one.code, one.fault)
                    if before.get(one.device) != now:
                        before[one.device] = now
                        tell(one)
                await anyio.sleep(0.1)
        return live.seen()


CAN_BE_SILENT = frozenset({Kind.SPEAKER, Kind.PAGE_PRINTER, Kind.ACCESS_TERMINAL})
"""Kinds that are reached over the network or the machine itself: pulling a plug is another matter there."""
