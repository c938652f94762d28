"""A gate put together: its lane with staff screens, the watch over its beams, and its exit lane where it has one."""

from dataclasses import replace
from functools import partial
from typing import cast

from drivers.contract import Kind
from drivers.kinds import Barrier, CodeScanner, IdReader, Lamp, Thermometer
from kiosk.calibration import ThermometerCalibration
from kiosk.config import DeviceEntry
from kiosk.devices.supervisor import Device
from kiosk.gate.attendant import Attendant, opens_staff
from kiosk.gate.attendant_facts import device_lines
from kiosk.gate.attendant_post import Post
from kiosk.gate.beams import Beams
from kiosk.gate.evidence import Pace, Trust
from kiosk.gate.health import Proofs
from kiosk.gate.lane import Lane
from kiosk.gate.occupancy import HallCount, HallHeard
from kiosk.gate.regulars import Engine, Regulars
from kiosk.gate.watch import Watch
from kiosk.link.appointments import AppointmentSync
from kiosk.link.sync import Uplink
from kiosk.parts import Parts
from kiosk.session import Stage
from kiosk.store.gate_book import GateBook
from kiosk.store.regulars import RegularShelf
from kiosk.store.staff_book import StaffBook
from kiosk.view.attendant import LaneFacts
from kiosk.view.gate import Admitted
from kiosk.view.screen import STATES, name_of
from kiosk.vision.engines import CARDS
from kiosk.vision.recogniser import Recogniser

_IDLE_VIEWS = frozenset(
    {
        *(f"gate.{name}" for name in ("Welcome", "HallFull", "LanePaused", "HelpComing", "Refused", "Referred")),
        *(name for name in STATES if name.startswith("attendant.")),
        "common.OutOfService",
    }
)
"""Screens during which nobody is on the way through the lane."""


async def set_up_lane(parts: Parts) -> Lane:
    """The lane of a gate, with everything that watches it started."""
    book = parts.vitals.book = GateBook(parts.database, parts.identity.hall, parts.clock)
    count = HallCount(book, parts.clock, partial(_heard, parts.uplink))
    parts.start(AppointmentSync(parts.hub, book).run)
    await count.refresh()
    lane = _lane(parts, book, count)
    regulars = _regulars(parts, lane)
    staff = StaffBook(parts.database, parts.clock, parts.uplink.wake)
    watch_list = Watch(lambda: parts.published.watch, staff, parts.clock)
    post = Post(
        staff=lambda: parts.published.staff,
        register=staff,
        facts=partial(_lane_facts, parts, lane, book),
        counted=count.set_by_staff,
        changed=parts.uplink.tell_health,
        regulars=regulars,
        watch=watch_list.entry,
    )
    attendant = Attendant(post)
    await attendant.begin()
    parts.vitals.paused = lambda: attendant.paused
    watches = [
        Beams(
            lane.name,
            lane.barrier,
            book,
            staff,
            count,
            partial(_is_idle, parts.stage),
            parts.clock,
            may_burn=partial(_may_burn, parts.stage, parts.equipment.entry(Kind.BARRIER)),
        )
    ]
    site = parts.site
    if site.exit_barrier is not None and site.gate is not None:
        # nobody is let through it: its beams may be asked at any time
        way_out = cast("Device[Barrier]", parts.equipment.start(parts.start, site.exit_barrier))
        watches.append(Beams(site.gate.exit_lane, way_out, book, staff, count, lambda: True, parts.clock))
    for watch in watches:
        parts.start(watch.run)
    return replace(
        lane,
        attend=partial(attendant.attend, lane),
        opens_staff=opens_staff,
        paused=lambda: attendant.paused,
        fire=lambda: any(watch.fire for watch in watches),
        lock=parts.lock,
        regulars=None if regulars is None else regulars.come,
        watch=watch_list,
    )


def _heard(uplink: Uplink) -> HallHeard | None:
    """The hub's newest answer with its circumstances."""
    return None if uplink.hall is None else HallHeard(uplink.hall.inside, uplink.hall_told, uplink.hall_heard)


def _is_idle(stage: Stage) -> bool:
    """Whether nobody is being served, so that the barrier may be asked what its beams see."""
    return stage.screen is not None and name_of(stage.screen.state) in _IDLE_VIEWS


def _may_burn(stage: Stage, barrier: DeviceEntry) -> bool:
    """Whether the fire alarm is wired to the barrier, and no release is under way that would keep it from answering."""
    wired = getattr(barrier.options, "fire_input", None) is not None
    return wired and stage.screen is not None and not isinstance(stage.screen.state, Admitted)


def _lane(parts: Parts, book: GateBook, count: HallCount) -> Lane:
    gate = parts.site.gate
    assert gate is not None
    identity, equipment = parts.identity, parts.equipment

    thermometer = equipment.entry(Kind.THERMOMETER)
    record = parts.site.data / "calibration" / f"gate-{Kind.THERMOMETER.value}.json"
    calibration = parts.vitals.calibration = ThermometerCalibration.read(record, thermometer.driver.key)

    def device(kind: Kind) -> Device[object]:
        return equipment.start(parts.start, equipment.entry(kind))

    return Lane(
        name=gate.lane,
        hall_name=parts.site.hall_name,
        stage=parts.stage,
        reader=cast("Device[IdReader]", device(Kind.ID_READER)),
        thermometer=cast("Device[Thermometer]", device(Kind.THERMOMETER)),
        scanner=cast("Device[CodeScanner]", device(Kind.CODE_SCANNER)),
        barrier=cast("Device[Barrier]", device(Kind.BARRIER)),
        sight=parts.sight,
        ledger=parts.ledger,
        book=book,
        count=count,
        proofs=Proofs(
            parts.health_codes,
            patterns=gate.health_service.patterns if gate.health_service is not None else (),
            trust=parts.published.lists.in_force,
            hall_key=identity.hall_key,
        ),
        trust=Trust(identity.hall, identity.hall_key, identity.rules_key, identity.hub_recipient),
        rules=parts.published.rules_in_force,
        offline=parts.offline,
        pace=Pace(
            face_seconds=gate.face_seconds,
            face_frames=gate.face_frames,
            temperature_seconds=gate.temperature_seconds,
            code_seconds=gate.code_seconds,
            pass_seconds=gate.pass_seconds,
            result_seconds=gate.result_seconds,
        ),
        clock=parts.clock,
        correction=lambda: calibration.at(parts.clock.now()),
        lamp=cast("Device[Lamp]", device(Kind.LAMP)) if equipment.has(Kind.LAMP) else None,
        passports=gate.passports,
    )


def _regulars(parts: Parts, lane: Lane) -> Regulars | None:
    """Who is recognised without a card, where the site file allows it and the engine's rates are known (ADR 8)."""
    gate, vision = parts.site.gate, parts.site.vision
    if gate is None or gate.regulars == 0 or vision.engine != "sface":
        return None
    card = CARDS[vision.engine]
    return Regulars(
        RegularShelf(parts.database),
        Recogniser(parts.sight),
        trust=lane.trust,
        most=gate.regulars,
        engine=Engine(card.name, card.model),
        clock=parts.clock,
    )


async def _lane_facts(parts: Parts, lane: Lane, book: GateBook) -> LaneFacts:
    """How the lane is, for staff."""
    entered, left, _ = await book.heads()
    made, depth, rules = await book.made(), await parts.outbox.depth(), parts.published.rules_in_force()
    age = None if made is None else max(0, int((parts.clock.now() - made).total_seconds() // 60))
    return LaneFacts(
        devices=device_lines(parts.equipment.reports()),
        entered=entered,
        left=left,
        inside=lane.count.inside(),
        capacity=rules.capacity,
        level=rules.level.value,
        rules_version=rules.version,
        list_minutes=age,
        outbox=depth.waiting,
        refused=depth.dead,
        offline=parts.offline(),
    )
