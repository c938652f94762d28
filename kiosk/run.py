"""One role of a terminal, put together: devices, vision, store, link and journey in one task tree."""

import contextlib
import shutil
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from typing import cast

import anyio
import msgspec

import kiosk
from drivers.contract import Kind
from drivers.errors import DriverError
from drivers.kinds import Barrier, CodeScanner, IdReader, Lamp, ReceiptPrinter, Thermometer
from kiosk.clock import Clock, WallClock
from kiosk.config import DeviceEntry, Role, Site
from kiosk.desk import journey as desk_journey
from kiosk.desk.desk import Desk, DeskPace, DeskTrust
from kiosk.desk.typing import engines
from kiosk.devices.feed import CameraFeed
from kiosk.devices.hotplug import HotPlug, Watched, addresses_of
from kiosk.devices.supervisor import Device, DeviceReport, State
from kiosk.gate import journey as gate_journey
from kiosk.gate.attendant import Attendant, opens_staff
from kiosk.gate.attendant_facts import device_lines
from kiosk.gate.attendant_post import Post
from kiosk.gate.beams import Beams
from kiosk.gate.evidence import Pace, Trust
from kiosk.gate.health import Proofs
from kiosk.gate.lane import Lane
from kiosk.gate.occupancy import HallCount, HallHeard
from kiosk.link.appointments import AppointmentSync
from kiosk.link.client import HubClient
from kiosk.link.health_code import HealthCodeClient
from kiosk.link.identity import TerminalIdentity
from kiosk.link.sync import KINDS, LinkState, Uplink
from kiosk.link.trust_lists import KINDS as TRUST_KINDS
from kiosk.link.trust_lists import TrustLists
from kiosk.log import logger
from kiosk.session import Stage
from kiosk.store.database import Database
from kiosk.store.drafts import Drafts
from kiosk.store.gate_book import GateBook
from kiosk.store.ledger import Ledger, Service, StoredOutbox
from kiosk.store.staff_book import StaffBook
from kiosk.view.attendant import LaneFacts
from kiosk.view.common import Cause, Language, OutOfService
from kiosk.view.screen import STATES, Screen, Touch, name_of
from kiosk.viewport import Viewport
from kiosk.vision.client import VisionProcess, VisionState
from kiosk.vision.frames import Ring
from kiosk.vision.observation import PassiveFiles
from kiosk.wire.catalogue import Catalogue
from kiosk.wire.fleet import DeviceHealth, Health, Signed
from kiosk.wire.rules import Rules
from kiosk.wire.signed import BadSignature, verify
from kiosk.wire.staff import StaffList

_log = logger("run")

RING_HEIGHT, RING_WIDTH, RING_SLOTS = 1080, 1920, 6
"""The largest picture a camera may deliver, and how many are kept."""
_VISION_STATES = {
    VisionState.STARTING: State.OPENING,
    VisionState.READY: State.READY,
    VisionState.BACKING_OFF: State.FAULT,
    VisionState.STOPPED: State.ABSENT,
}
SERVICE_SECONDS = 60.0
"""How often the devices' records are added to."""
PAPER_SECONDS = 15.0
"""How often the printer is asked how it is."""
_IDLE_VIEWS = frozenset(
    {
        *(f"gate.{name}" for name in ("Welcome", "HallFull", "LanePaused", "HelpComing", "Refused", "Referred")),
        *(name for name in STATES if name.startswith("attendant.")),
        "common.OutOfService",
    }
)
"""Screens during which nobody is on the way through the lane."""
LEAST_DISK_BYTES = 200 * 1024 * 1024
"""With less free space new work is refused at the start, not in the middle."""


@dataclass
class Published:
    """What the hub has signed and this terminal goes by."""

    rules: Rules | None = None
    catalogue: Catalogue | None = None
    staff: StaffList | None = None
    changed: anyio.Event = field(default_factory=anyio.Event)

    def take(self, signed: Signed, body: bytes) -> None:
        """Put verified data in force."""
        match signed.kind:
            case "rules":
                self.rules = msgspec.json.decode(body, type=Rules)
            case "catalogue":
                self.catalogue = msgspec.json.decode(body, type=Catalogue)
            case "staff":
                self.staff = msgspec.json.decode(body, type=StaffList)
            case _:
                return
        self.changed.set()
        self.changed = anyio.Event()
        _log.info("in force", kind=signed.kind, version=signed.version)


def _heard(uplink: Uplink) -> HallHeard | None:
    """The hub's newest answer with its circumstances."""
    return None if uplink.hall is None else HallHeard(uplink.hall.inside, uplink.hall_told, uplink.hall_heard)


class Terminal:
    """One role of one terminal. Lives on the core thread.

    Args:
        site: the site file.
        role: which of its roles.
        identity: what enrolment stored.
        draw: shows a screen; called on the core thread, must not block.
        snapshot: the newest masked picture of the screen as PNG, or None.
    """

    def __init__(
        self,
        site: Site,
        role: Role,
        identity: TerminalIdentity,
        *,
        draw: Callable[[Screen], None],
        snapshot: Callable[[], bytes | None] = lambda: None,
        clock: Clock | None = None,
    ) -> None:
        self._site, self._role, self._identity = site, role, identity
        self._clock = clock or WallClock()
        self._snapshot = snapshot
        self._last_snapshot: bytes | None = None
        self._viewport = Viewport()
        self._draw = draw
        self.stage = Stage(role, self._show, Language(site.language))
        self.ring = Ring.create(slots=RING_SLOTS, height=RING_HEIGHT, width=RING_WIDTH)
        self._published = Published()
        self._devices: list[Device[object]] = []
        self._watched: list[Watched] = []
        self._on_change: Callable[[], None] = lambda: None
        self._lives: dict[tuple[str, str], Service] = {}
        self._feed: CameraFeed | None = None
        self._sight: VisionProcess | None = None
        self._book: GateBook | None = None
        self._attendant: Attendant | None = None
        self._lists = TrustLists(identity.rules_key, self._clock)
        self._health_codes: HealthCodeClient | None = None
        self._link_state: Callable[[], LinkState] = lambda: LinkState.UNKNOWN

    def touch(self, touch: Touch) -> None:
        """Take a touch. Call on the core thread."""
        self.stage.touch(touch)

    async def touch_soon(self, touch: Touch) -> None:
        """Take a touch from another thread, through the portal."""
        self.stage.touch(touch)

    def _show(self, screen: Screen) -> None:
        self._viewport.draw(screen)
        self._draw(screen)

    # ----------------------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Run until cancelled.

        Raises:
            kiosk.store.database.StoreError: the store cannot be used.
        """
        self.stage.show(OutOfService(Cause.STARTING))
        data = self._site.data / self._role
        async with AsyncExitStack() as stack:
            stack.callback(self.ring.close)
            database = await Database.open(data / "terminal.db")
            stack.push_async_callback(database.close)
            ledger = Ledger(database, data / "papers", self._clock)
            outbox = StoredOutbox(database, data / "papers")
            interrupted = await ledger.recover()
            if interrupted:
                _log.warning("closed what was interrupted", count=interrupted)
            await self._read_published(ledger)
            hub = await stack.enter_async_context(HubClient(self._identity))
            uplink = Uplink(
                hub,
                outbox,
                rules_key=self._identity.rules_key,
                health=partial(self._health, outbox),
                screen=self._changed_snapshot,
                apply=partial(self._apply, ledger),
                kinds=(*KINDS, "staff", *TRUST_KINDS) if self._role == "gate" else KINDS,
            )
            ledger.on_queued = uplink.wake
            self._link_state = lambda: uplink.state
            self._on_change = uplink.tell_health
            self._lives = {(s.name, s.driver): s for s in await ledger.service()}
            vision = self._site.vision
            sight = await stack.enter_async_context(
                VisionProcess(
                    self.ring,
                    engine=self._site.vision.engine,
                    decoder=self._decoder(),
                    liveness=PassiveFiles(
                        vision.liveness_v2,
                        vision.liveness_v2_sha256,
                        vision.liveness_v1se,
                        vision.liveness_v1se_sha256,
                    ),
                )
            )
            if self._role == "gate" and self._site.gate is not None and self._site.gate.health_service is not None:
                client = HealthCodeClient(self._site.gate.health_service, self._site.path.parent)
                self._health_codes = await stack.enter_async_context(client)
            group = await stack.enter_async_context(anyio.create_task_group())
            self._sight = sight
            self._feed = CameraFeed("camera", self._entry(Kind.CAMERA).make, self.ring.put_frame)
            group.start_soon(self._feed.run)
            self._watched.append(Watched(self._feed.device, addresses_of(self._entry(Kind.CAMERA).options)))
            group.start_soon(HotPlug(self._watched).run)
            group.start_soon(self._keep_service, ledger)
            group.start_soon(uplink.run)
            if self._site.view_socket:
                group.start_soon(self._viewport.serve, self._site.path.parent / self._site.view_socket, self.stage)
            if self._role == "gate":
                lane = await self._gate(group.start_soon, database, hub, uplink, sight, ledger, outbox)
                journey = partial(gate_journey.serve, lane)
            else:
                journey = partial(
                    desk_journey.serve, self._desk(group.start_soon, sight, ledger, Drafts(database, self._clock))
                )
            await self._until_published()
            _log.info("serving", role=self._role, terminal=self._site.terminal)
            await journey()

    # Parts ----------------------------------------------------------------------------------------------------------

    def _entry(self, kind: Kind) -> DeviceEntry:
        return self._site.devices[self._role][kind]

    def _decoder(self) -> str:
        vision = self._site.vision
        return f"{vision.photo_decoder}:{vision.library}" if vision.library else vision.photo_decoder

    def _device(self, start: Callable[..., object], kind: Kind) -> Device[object]:
        entry = self._entry(kind)
        device: Device[object] = Device(entry.name, entry.make)
        device.on_change = self._on_change
        self._devices.append(device)
        self._watched.append(Watched(device, addresses_of(entry.options)))
        start(device.run)
        return device

    async def _gate(
        self,
        start: Callable[..., object],
        database: Database,
        hub: HubClient,
        uplink: Uplink,
        sight: VisionProcess,
        ledger: Ledger,
        outbox: StoredOutbox,
    ) -> Lane:
        """The lane with its staff screens and its watch."""
        book = self._book = GateBook(database, self._identity.hall, self._clock)
        count = HallCount(book, self._clock, partial(_heard, uplink))
        start(AppointmentSync(hub, book).run)
        await count.refresh()
        lane = self._lane(start, sight, ledger, book, count)
        staff = StaffBook(database, self._clock, uplink.wake)
        post = Post(
            staff=lambda: self._published.staff,
            register=staff,
            facts=partial(self._lane_facts, lane, book, outbox),
            counted=count.set_by_staff,
            changed=uplink.tell_health,
        )
        attendant = self._attendant = Attendant(post)
        await attendant.begin()
        beams = Beams(lane.name, lane.barrier, book, staff, count, self._lane_is_idle, self._clock)
        start(beams.run)
        return replace(
            lane,
            attend=partial(attendant.attend, lane),
            opens_staff=opens_staff,
            paused=lambda: attendant.paused,
        )

    def _lane(
        self, start: Callable[..., object], sight: VisionProcess, ledger: Ledger, book: GateBook, count: HallCount
    ) -> Lane:
        gate = self._site.gate
        assert gate is not None
        identity = self._identity
        return Lane(
            name=gate.lane,
            hall_name=self._site.hall_name,
            stage=self.stage,
            reader=cast("Device[IdReader]", self._device(start, Kind.ID_READER)),
            thermometer=cast("Device[Thermometer]", self._device(start, Kind.THERMOMETER)),
            scanner=cast("Device[CodeScanner]", self._device(start, Kind.CODE_SCANNER)),
            barrier=cast("Device[Barrier]", self._device(start, Kind.BARRIER)),
            sight=sight,
            ledger=ledger,
            book=book,
            count=count,
            proofs=Proofs(
                self._health_codes,
                patterns=gate.health_service.patterns if gate.health_service is not None else (),
                trust=self._lists.in_force,
                hall_key=identity.hall_key,
            ),
            trust=Trust(identity.hall, identity.hall_key, identity.rules_key, identity.hub_recipient),
            rules=self._rules,
            offline=self._offline,
            pace=Pace(
                face_seconds=gate.face_seconds,
                face_frames=gate.face_frames,
                temperature_seconds=gate.temperature_seconds,
                code_seconds=gate.code_seconds,
                pass_seconds=gate.pass_seconds,
                result_seconds=gate.result_seconds,
            ),
            clock=self._clock,
            lamp=cast("Device[Lamp]", self._device(start, Kind.LAMP)) if self._has(Kind.LAMP) else None,
        )

    def _has(self, kind: Kind) -> bool:
        return kind in self._site.devices[self._role]

    def _lane_is_idle(self) -> bool:
        """Whether nobody is being served, so that the barrier may be asked what its beams see."""
        screen = self.stage.screen
        return screen is not None and name_of(screen.state) in _IDLE_VIEWS

    async def _lane_facts(self, lane: Lane, book: GateBook, outbox: StoredOutbox) -> LaneFacts:
        """How the lane is, for staff."""
        entered, left, _ = await book.heads()
        made, depth, rules = await book.made(), await outbox.depth(), self._rules()
        age = None if made is None else max(0, int((self._clock.now() - made).total_seconds() // 60))
        return LaneFacts(
            devices=device_lines(self._reports()),
            entered=entered,
            left=left,
            inside=lane.count.inside(),
            capacity=rules.capacity,
            level=rules.level.value,
            rules_version=rules.version,
            list_minutes=age,
            outbox=depth.waiting,
            refused=depth.dead,
            offline=self._offline(),
        )

    def _desk(self, start: Callable[..., object], sight: VisionProcess, ledger: Ledger, shelf: Drafts) -> Desk:
        printer = self._device(start, Kind.PRINTER)
        start(self._watch_paper, printer)
        desk = self._site.desk
        assert desk is not None
        identity = self._identity
        return Desk(
            hall_name=self._site.hall_name,
            hotline=self._site.hotline,
            stage=self.stage,
            reader=cast("Device[IdReader]", self._device(start, Kind.ID_READER)),
            printer=cast("Device[ReceiptPrinter]", printer),
            printing=lambda: printer.ready and printer.report().supplies.get("paper") != "out",
            sight=sight,
            ledger=ledger,
            trust=DeskTrust(
                identity.hall_key,
                identity.hub_recipient,
                identity.enrolled.receipt_range,
                identity.enrolled.receipts_from,
            ),
            catalogue=self._catalogue,
            offline=self._offline,
            pace=DeskPace(
                idle_seconds=desk.idle_seconds,
                warning_seconds=desk.warning_seconds,
                result_seconds=desk.result_seconds,
            ),
            clock=self._clock,
            shelf=shelf,
            writing=engines(),
        )

    # What the hub published -----------------------------------------------------------------------------------------

    def _rules(self) -> Rules:
        rules = self._published.rules
        assert rules is not None
        return rules

    def _catalogue(self) -> Catalogue:
        catalogue = self._published.catalogue
        assert catalogue is not None
        return catalogue

    def _needed(self) -> object:
        return self._published.rules if self._role == "gate" else self._published.catalogue

    async def _until_published(self) -> None:
        """Nothing is served by rules that were never signed: wait for the first ones, and for disk space."""
        while self._needed() is None:
            self.stage.show(OutOfService(Cause.NO_RULES))
            await self._published.changed.wait()
        while shutil.disk_usage(self._site.data).free < LEAST_DISK_BYTES:
            self.stage.show(OutOfService(Cause.DISK))
            await anyio.sleep(5.0)

    async def _read_published(self, ledger: Ledger) -> None:
        for kind in ("rules", "catalogue", "staff"):
            signed = await ledger.signed(kind)
            if signed is not None:
                try:
                    self._published.take(signed, verify(signed, self._identity.rules_key))
                except (BadSignature, msgspec.MsgspecError) as error:
                    _log.error("what is stored here is not what the hub signed", kind=kind, why=str(error))
        for kind in TRUST_KINDS if self._role == "gate" else ():
            signed = await ledger.signed(kind)
            if signed is not None:
                await self._lists.take(signed)

    async def _apply(self, ledger: Ledger, signed: Signed) -> None:
        """Take what the uplink has verified, unless this release cannot read it."""
        if signed.kind in TRUST_KINDS:
            if await self._lists.take(signed):
                await ledger.keep_signed(signed)
            return
        try:
            body = verify(signed, self._identity.rules_key)
            if await ledger.keep_signed(signed):
                self._published.take(signed, body)
        except (BadSignature, msgspec.MsgspecError) as error:
            _log.error("the hub signed something this release cannot use", kind=signed.kind, why=str(error))

    # Health ---------------------------------------------------------------------------------------------------------

    def _offline(self) -> bool:
        return self._link_state() is LinkState.AWAY

    async def _changed_snapshot(self) -> bytes | None:
        newest = self._snapshot()
        if newest is self._last_snapshot:
            return None
        self._last_snapshot = newest
        return newest

    def _served(self) -> list[Service]:
        """What each device has done since the program started."""
        return [
            Service(r.name, r.driver, r.good, r.errors, r.opened, r.cycles, r.ready_seconds) for r in self._reports()
        ]

    def _reports(self) -> list[DeviceReport]:
        reports = [device.report() for device in self._devices]
        return reports if self._feed is None else [*reports, self._feed.report()]

    async def _keep_service(self, ledger: Ledger) -> None:
        """Add to the devices' records now and then, and at the end."""
        kept: dict[tuple[str, str], Service] = {}

        async def keep() -> None:
            served = self._served()
            news = [now.minus(kept[now.name, now.driver]) if (now.name, now.driver) in kept else now for now in served]
            await ledger.add_service(news)
            kept.update({(now.name, now.driver): now for now in served})

        try:
            while True:
                await anyio.sleep(SERVICE_SECONDS)
                await keep()
        finally:
            with anyio.CancelScope(shield=True):
                await keep()

    async def _watch_paper(self, printer: Device[object]) -> None:
        """Ask the printer how it is, so that the start screen and staff know before somebody needs it."""
        while True:
            with contextlib.suppress(DriverError):
                await printer.call(lambda p: cast("ReceiptPrinter", p).status(), 3.0)
            await anyio.sleep(PAPER_SECONDS)

    async def _health(self, outbox: StoredOutbox) -> Health:
        depth = await outbox.depth()
        screen = self.stage.screen
        entered, left, _ = (0, 0, 0) if self._book is None else await self._book.heads()
        return Health(
            entered=entered,
            left=left,
            list_made=None if self._book is None else await self._book.made(),
            paused=self._attendant is not None and self._attendant.paused,
            terminal=self._site.terminal,
            role=self._role,
            version=kiosk.__version__,
            made=self._clock.now(),
            in_service=screen is not None and not isinstance(screen.state, OutOfService),
            view=name_of(screen.state) if screen is not None else "",
            rules_version=self._published.rules.version if self._published.rules is not None else 0,
            outbox_waiting=depth.waiting,
            outbox_dead=depth.dead,
            oldest_waiting=depth.oldest,
            devices=self._vision_health()
            + self._health_service_health()
            + tuple(
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
                    notice=r.notice,
                    opened=r.opened + life.opened,
                    cycles=r.cycles + life.cycles,
                    ready_seconds=round(r.ready_seconds + life.ready_seconds, 1),
                    supplies=dict(r.supplies),
                    model=r.identity.model[:64],
                    firmware=r.identity.firmware[:64],
                )
                for r, life in (
                    (r, self._lives.get((r.name, r.driver), Service(r.name, r.driver))) for r in self._reports()
                )
            ),
        )

    def _vision_health(self) -> tuple[DeviceHealth, ...]:
        """The vision process, reported like a device."""
        if self._sight is None:
            return ()
        health = self._sight.health
        return (
            DeviceHealth(
                name="vision",
                driver=self._site.vision.engine,
                state=_VISION_STATES[health.state].value,
                code="vision" if health.state is VisionState.BACKING_OFF else "",
                errors=health.restarts,
            ),
        )

    def _health_service_health(self) -> tuple[DeviceHealth, ...]:
        """The health-code service, reported like a device: by what its last question came to."""
        client = self._health_codes
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
