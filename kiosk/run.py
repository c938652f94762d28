"""One role of a terminal, put together: devices, vision, store, link and journey in one task tree."""

import shutil
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial

import anyio
from anyio.abc import TaskGroup

from kiosk.clock import Clock, WallClock
from kiosk.config import Role, Site
from kiosk.desk import journey as desk_journey
from kiosk.desk_setup import set_up_desk
from kiosk.devices.supervisor import State
from kiosk.equipment import Equipment, Start
from kiosk.gate import journey as gate_journey
from kiosk.health import Vitals
from kiosk.help.line import HelpLine
from kiosk.help_setup import HelpRings, help_line
from kiosk.lane_setup import set_up_lane
from kiosk.link.client import HubClient
from kiosk.link.health_code import HealthCodeClient
from kiosk.link.identity import TerminalIdentity
from kiosk.link.renewal import Renewal
from kiosk.link.sync import KINDS, LinkState, Uplink
from kiosk.link.trust_lists import KINDS as TRUST_KINDS
from kiosk.link.trust_lists import TrustLists
from kiosk.lock import Lock
from kiosk.log import logger
from kiosk.notice import Notice
from kiosk.order_acts import order_desk, start_again
from kiosk.parts import Parts
from kiosk.proof import Proof, prove
from kiosk.published import Published
from kiosk.release import release_report
from kiosk.screen_use import ScreenCounter
from kiosk.session import Stage
from kiosk.settings import Chosen, Settings
from kiosk.store.database import Database
from kiosk.store.ledger import Ledger
from kiosk.store.order_book import OrderBook
from kiosk.store.stored_outbox import StoredOutbox
from kiosk.technician.audit import audit
from kiosk.technician.entry import TechnicianEntry
from kiosk.view.common import Cause, Language, OutOfService
from kiosk.view.help import Guide, Watch
from kiosk.view.screen import Screen, Touch
from kiosk.viewport import Viewport
from kiosk.vision.client import VisionProcess
from kiosk.vision.frames import Ring
from kiosk.vision.observation import PassiveFiles
from kiosk.voice.voice import Voice
from kiosk.voice_setup import Tell, start_speaker, start_voice
from kiosk.wire.fleet import Signed
from kiosk.wire.holidays import KIND as HOLIDAYS
from kiosk.wire.site import KIND as SITE
from kiosk.wire.staff import StaffMember
from kiosk.wire.watch import KIND as WATCH

_log = logger("run")

RING_HEIGHT, RING_WIDTH, RING_SLOTS = 1080, 1920, 6
"""The largest picture a camera may deliver, and how many are kept."""
_TRIAL_SECONDS = 1800.0
"""A release's trial is over by then, one way or the other."""
LEAST_DISK_BYTES = 200 * 1024 * 1024
"""With less free space new work is refused at the start, not in the middle."""


class Terminal:
    """One role of one terminal. Lives on the core thread.

    Args:
        site: the site file.
        role: which of its roles.
        identity: what enrolment stored.
        draw: shows a screen; called on the core thread, must not block.
        snapshot: the newest masked picture of the screen as PNG, or None.
        tell: what is said aloud of a screen; None where nothing is.
        guide: shows where remote staff point, and begins to show them the screen; as `draw`.
        settings: the hub's, and what of them this start goes by; None where the site file alone counts.
    """

    def __init__(
        self,
        site: Site,
        role: Role,
        identity: TerminalIdentity,
        *,
        draw: Callable[[Screen], None],
        snapshot: Callable[[], bytes | None] = lambda: None,
        tell: Tell | None = None,
        guide: Callable[[Guide | Watch], None] = lambda _: None,
        clock: Clock | None = None,
        settings: tuple[Settings, Chosen] | None = None,
    ) -> None:
        self._site, self._role, self._identity = site, role, identity
        self._clock = clock or WallClock()
        self._snapshot = snapshot
        self._last_snapshot: bytes | None = None
        self.has_screen = False
        """Whether somebody draws what it shows."""
        self._viewport = Viewport()
        self._draw, self._tell = draw, tell
        self._voice: Voice | None = None
        self._screens = ScreenCounter(time.monotonic)
        self.stage = Stage(role, self._screens.counting(self._show), Language(site.language))
        self._guide = guide
        self._help: HelpLine | None = None
        self._group: TaskGroup | None = None
        self.help_rings = HelpRings()
        self.ring = Ring.create(slots=RING_SLOTS, height=RING_HEIGHT, width=RING_WIDTH)
        self.published = Published(identity.rules_key, TrustLists(identity.rules_key, self._clock))
        self.equipment = Equipment(site, role)
        self.vitals = Vitals(site, role, self.stage, self.published, self.equipment, self._clock)
        self.vitals.screens = self._screens.told
        self._settings: Settings | None = None if settings is None else settings[0]
        self._chosen: Chosen | None = None if settings is None else settings[1]
        self.vitals.settings = self._settings
        kinds = (*KINDS, "staff", WATCH, *TRUST_KINDS) if role == "gate" else (*KINDS, HOLIDAYS)
        self.vitals.kinds = kinds if self._settings is None else (*kinds, SITE)

    def touch(self, touch: Touch) -> None:
        """Take a touch. Call on the core thread."""
        self.stage.touch(touch)

    async def touch_soon(self, touch: Touch) -> None:
        """Take a touch from another thread, through the portal."""
        self.stage.touch(touch)

    def _show(self, screen: Screen) -> None:
        self._viewport.draw(screen)
        self._draw(screen)
        if self._voice is not None:
            self._voice.show(screen)

    # ----------------------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Run until cancelled.

        Raises:
            kiosk.store.database.StoreError: the store cannot be used.
            kiosk.technician.entry.TechnicianLeaves: a technician ends the program.
        """
        self.stage.show(OutOfService(Cause.STARTING))
        data = self._site.data / self._role
        async with AsyncExitStack() as stack:
            stack.callback(self.ring.close)
            stack.callback(self.help_rings.close)
            database = await Database.open(data / "terminal.db")
            stack.push_async_callback(database.close)
            ledger = Ledger(database, data / "papers", self._clock)
            outbox = StoredOutbox(database, data / "papers")
            interrupted = await ledger.recover()
            if interrupted:
                _log.warning("closed what was interrupted", count=interrupted)
            await self.published.read(ledger, self._role)
            hub = await stack.enter_async_context(HubClient(self._identity))
            uplink = self._uplink(hub, ledger, outbox)
            group = await stack.enter_async_context(anyio.create_task_group())
            group.start_soon(uplink.run)
            lock = await self._take_orders(group.start_soon, hub, uplink, database)
            group.start_soon(prove, self._proof(database))
            self._group = group
            if self._settings is not None and self._chosen is not None:
                group.start_soon(self._settings.prove, self._chosen, self._working, self._start_again)
            if self._site.view_socket:
                group.start_soon(self._viewport.serve, self._site.path.parent / self._site.view_socket, self.stage)
            gate = self._site.gate if self._role == "gate" else None
            place = self._site.terminal if gate is None else gate.lane
            keep = audit(database, self._clock, place, uplink.wake)
            technician = TechnicianEntry(self.stage, self._site, self._role, self._clock, keep)
            while True:
                member = await self._serve(hub, uplink, ledger, outbox, database, lock, technician)
                await technician.work(member)

    async def _serve(
        self,
        hub: HubClient,
        uplink: Uplink,
        ledger: Ledger,
        outbox: StoredOutbox,
        database: Database,
        lock: Lock,
        technician: TechnicianEntry,
    ) -> StaffMember:
        """Serve people until a technician was let in; devices and networks are let go of then."""
        async with AsyncExitStack() as stack:
            self.equipment = self.vitals.equipment = Equipment(self._site, self._role)
            self.equipment.on_change = uplink.tell_health
            await self.equipment.remember(ledger)
            sight = self.vitals.sight = await stack.enter_async_context(self._vision())
            if self._role == "gate" and self._site.gate is not None and self._site.gate.health_service is not None:
                client = HealthCodeClient(self._site.gate.health_service, self._site.path.parent)
                self.vitals.health_codes = await stack.enter_async_context(client)
            group = await stack.enter_async_context(anyio.create_task_group())
            self.equipment.start_camera(group.start_soon, self.ring)
            self.equipment.start_watching(group.start_soon)
            speaker = start_speaker(self.equipment, group.start_soon)
            if speaker is not None and self._tell is not None:
                self._voice = await start_voice(self._site, self.stage, speaker, self._tell, group.start_soon)
            group.start_soon(self.equipment.keep_service, ledger)
            group.start_soon(Renewal(self._identity, hub, self._clock).run)
            self._help = self._start_help(group.start_soon, hub, uplink, database)
            journey = await self._journey(
                Parts(
                    site=self._site,
                    identity=self._identity,
                    stage=self.stage,
                    clock=self._clock,
                    published=self.published,
                    equipment=self.equipment,
                    vitals=self.vitals,
                    start=group.start_soon,
                    database=database,
                    hub=hub,
                    uplink=uplink,
                    sight=sight,
                    ledger=ledger,
                    outbox=outbox,
                    offline=lambda: uplink.state is LinkState.AWAY,
                    health_codes=self.vitals.health_codes,
                    speaker=speaker,
                    lock=lock,
                )
            )

            async def serve() -> None:
                await self._until_published()
                _log.info("serving", role=self._role, terminal=self._site.terminal)
                await journey()

            member = await technician.until_let_in(serve, ledger.recover)
            self._voice = self._help = None
            group.cancel_scope.cancel()
            return member

    async def _take_orders(self, start: Start, hub: HubClient, uplink: Uplink, database: Database) -> Lock:
        """Carry out what the hub orders; what of it lasts is as it was before the restart."""
        book, lock = OrderBook(database), Lock()
        words = await book.locked()
        lock.set(on=words is not None, words=words or "")
        self.vitals.locked = lambda: lock.on
        notice = Notice(self.stage, book, self._clock)
        start(notice.run)
        site = self._site.path
        start(order_desk(hub, uplink, book, self.stage, self._clock, lock=lock, notice=notice, site=site).run)
        return lock

    def _start_help(self, start: Start, hub: HubClient, uplink: Uplink, database: Database) -> HelpLine | None:
        if not self._site.help.on:
            return None
        line = help_line(
            self._site,
            self._role,
            self._identity,
            self.stage,
            self._clock,
            hub=hub,
            uplink=uplink,
            database=database,
            camera=self.ring,
            rings=self.help_rings,
            guide=self._guide,
        )
        start(line.run)
        return line

    async def marked_soon(self, box: tuple[float, float, float, float] | None) -> None:
        """Where the screen put what remote staff marked; from another thread, through the portal."""
        if self._help is not None:
            self._help.marked(box)

    def _working(self) -> list[str]:
        return [one.name for one in self.equipment.reports() if one.state is State.READY]

    async def _start_again(self) -> None:
        """Try, or leave, settings of the hub; a release that is on trial is proven before."""
        with anyio.move_on_after(_TRIAL_SECONDS):
            while (release := release_report()) is not None and release.phase == "trial":  # noqa: ASYNC110  a file says so
                await anyio.sleep(1.0)
        await start_again(self.stage, "settings")

    async def _apply(self, ledger: Ledger, signed: Signed) -> None:
        """Take what the hub signed."""
        if signed.kind != SITE or self._settings is None:
            await self.published.apply(ledger, signed)
        elif await self._settings.take(signed) and self._group is not None:
            self._group.start_soon(self._start_again)

    def _proof(self, database: Database) -> Proof:
        return Proof(
            database=database,
            sight=lambda: None if self.vitals.sight is None else self.vitals.sight.health,
            stage=self.stage,
            working=self._working,
            picture=self._snapshot,
            needs_picture=self.has_screen,
            kept=self._site.data / self._role / "ready.json",
        )

    async def _journey(self, parts: Parts) -> Callable[[], Awaitable[None]]:
        """What the role does with people."""
        if self._role == "gate":
            return partial(gate_journey.serve, await set_up_lane(parts))
        return partial(desk_journey.serve, set_up_desk(parts))

    def _uplink(self, hub: HubClient, ledger: Ledger, outbox: StoredOutbox) -> Uplink:
        uplink = Uplink(
            hub,
            outbox,
            rules_key=self._identity.rules_key,
            health=partial(self.vitals.health, outbox),
            screen=self._changed_snapshot,
            apply=partial(self._apply, ledger),
            kinds=self.vitals.kinds,
        )
        ledger.on_queued = uplink.wake
        return uplink

    def _vision(self) -> VisionProcess:
        vision = self._site.vision
        return VisionProcess(
            self.ring,
            engine=vision.engine,
            decoder=f"{vision.photo_decoder}:{vision.library}" if vision.library else vision.photo_decoder,
            liveness=PassiveFiles(
                vision.liveness_v2,
                vision.liveness_v2_sha256,
                vision.liveness_v1se,
                vision.liveness_v1se_sha256,
            ),
            desk=self._site.data if self._role == "desk" else None,
        )

    async def _until_published(self) -> None:
        """Nothing is served by rules that were never signed: wait for the first ones, and for disk space."""
        while not self.published.can_serve(self._role):
            self.stage.show(OutOfService(Cause.NO_RULES))
            await self.published.changed.wait()
        while shutil.disk_usage(self._site.data).free < LEAST_DISK_BYTES:
            self.stage.show(OutOfService(Cause.DISK))
            await anyio.sleep(5.0)

    async def _changed_snapshot(self) -> bytes | None:
        newest = self._snapshot()
        if newest is self._last_snapshot:
            return None
        self._last_snapshot = newest
        return newest
