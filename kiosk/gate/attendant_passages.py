"""Staff and the people sent to them: the last passages, their evidence, and the answer.

The answer is stored before the barrier is asked; what the beams see then is stored like that of any passage.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec
from uuid6 import uuid7

from kiosk.gate.attendant_facts import line_of, passage_of
from kiosk.gate.attendant_post import Post
from kiosk.gate.attendant_register import register_by_hand
from kiosk.gate.attendant_sign_in import ask
from kiosk.gate.journey import let_through
from kiosk.gate.lane import Arrival, Lane
from kiosk.log import logger
from kiosk.store.staff_acts import ActRefused, Kept
from kiosk.view import attendant as view
from kiosk.view.common import Back
from kiosk.wire.events import Crossed, StaffAct, StaffAction
from kiosk.wire.evidence import NotMeasured, Why
from kiosk.wire.rules import Reason
from kiosk.wire.staff import StaffMember
from kiosk.wire.watch import DEALT_WITH, NOT_THEM

_log = logger("staff")

LOWEST_C: Final = 34.0
HIGHEST_C: Final = 42.0
"""A clinical thermometer shows nothing else of somebody who stands here."""
REASONS: Final[dict[view.Choice, tuple[str, ...]]] = {
    view.Choice.ADMIT: (
        "identity_checked",
        "temperature_normal",
        "appointment_checked",
        "health_checked",
        "mask_given",
        "accompanied",
        "device_fault",
        "other",
    ),
    view.Choice.TURN_AWAY: (
        "temperature_high",
        "not_the_holder",
        "no_appointment",
        "health_refused",
        "mask_refused",
        "own_wish",
        "other",
    ),
    view.Choice.OPEN: ("wheelchair", "staff_entry", "somebody_stuck", "leaving", "emergency", "test", "other"),
}
"""What may be chosen, stored as it is in `StaffAction.reason`."""
WATCH_REASONS: Final = {view.Duty.DEALT_WITH: DEALT_WITH, view.Duty.NOT_THEM: NOT_THEM}
"""With one press, of somebody whom the watch list alone had sent."""
WATCH_CHOICES: Final[dict[view.Choice, tuple[str, ...]]] = {
    view.Choice.ADMIT: tuple(WATCH_REASONS.values()),
    view.Choice.TURN_AWAY: ("watch_handed_over",),
}
"""What else may be chosen, of somebody whom the watch list had sent."""


def action(
    act: StaffAct,
    member: StaffMember,
    lane: Lane,
    *,
    passage: UUID | None = None,
    reason: str = "",
    temperature_c: float | None = None,
    count: int | None = None,
) -> StaffAction:
    """An act of a member of staff, now."""
    return StaffAction(
        id=uuid7(),
        act=act,
        staff=member.id,
        lane=lane.name,
        passage=passage,
        reason=reason,
        temperature_c=temperature_c,
        count=count,
        at=lane.clock.now(),
    )


async def choose_reason(lane: Lane, choice: view.Choice, name: str = "", *, watched: bool = False) -> str:
    """Ask for a reason; empty when they go back.

    Args:
        watched: the watch list had sent this person: its answers stand first.
    """
    reasons = REASONS[choice]
    if watched:
        ordinary = (each for each in reasons if each not in view.ANSWERED_WITH_THE_LIST)
        reasons = (*WATCH_CHOICES.get(choice, ()), *ordinary)
    while True:
        match await ask(lane, view.ChooseReason(choice, reasons, name)):
            case view.Choose(key=key) if key in reasons:
                return key
            case Back():
                return ""
            case _:
                pass


async def the_passages(lane: Lane, post: Post, member: StaffMember, opened: UUID | None = None) -> Arrival | view.Done:
    """Show the last passages, and answer those that wait.

    Args:
        opened: show this one first.

    Returns:
        What was registered last; or who was registered by hand, to be brought through the lane.
    """
    done = view.Done.NOTHING
    if opened is not None:
        answer = await one_passage(lane, post, member, opened)
        if answer is not view.Done.NOTHING:
            return answer
    while True:
        lines = tuple(line_of(kept) for kept in await post.register.latest())
        match await ask(lane, view.Passages(lines)):
            case view.Choose(key=key) if any(line.id == key for line in lines):
                answer = await one_passage(lane, post, member, UUID(key))
                if isinstance(answer, Arrival):
                    return answer
                done = answer if answer is not view.Done.NOTHING else done
            case Back():
                return done
            case _:
                pass


async def one_passage(
    lane: Lane, post: Post, member: StaffMember, passage: UUID, *, register: bool = True
) -> Arrival | view.Done:
    """Show one passage until it has its answer, or they go back.

    Args:
        register: whether the person may be registered by hand here.

    Returns:
        What was registered last; or who was registered by hand, to be brought through the lane.
    """
    done = view.Done.NOTHING
    while True:
        kept = await post.register.one(passage)
        if kept is None:
            return done
        match await ask(lane, passage_of(kept, lane.rules(), post.watch)):
            case Back():
                return done
            case view.Do(duty=view.Duty.REGISTER):
                arrival = await register_by_hand(lane) if register else None
                if arrival is not None:
                    return arrival
            case view.Do(duty=duty):
                answer = await _act_on(lane, post, member, kept, duty)
                if answer not in {view.Done.NOTHING, view.Done.MEASURED}:
                    return answer
                done = answer if answer is view.Done.MEASURED else done
            case _:
                pass


async def _act_on(lane: Lane, post: Post, member: StaffMember, kept: Kept, duty: view.Duty) -> view.Done:
    if duty is view.Duty.MEASURE:
        return await _measure(lane, post, member, kept)
    if duty in WATCH_REASONS and kept.open and kept.passage.decision.reasons == (Reason.ON_WATCH_LIST,):
        return await _admit(lane, post, member, kept, WATCH_REASONS[duty])  # with nothing else against it: one press
    if duty is view.Duty.ADMIT and kept.open:
        return await _admit(lane, post, member, kept)
    if duty is view.Duty.TURN_AWAY and kept.open:
        return await _turn_away(lane, post, member, kept)
    return view.Done.NOTHING


async def _admit(lane: Lane, post: Post, member: StaffMember, kept: Kept, reason: str = "") -> view.Done:
    passage = kept.passage
    watched = Reason.ON_WATCH_LIST in passage.decision.reasons
    reason = reason or await choose_reason(lane, view.Choice.ADMIT, passage.name_masked, watched=watched)
    if not reason:
        return view.Done.NOTHING
    try:
        await post.register.act(action(StaffAct.ADMITTED, member, lane, passage=passage.id, reason=reason))
    except ActRefused:
        return view.Done.NOTHING  # the other answer is on the screen that follows
    _log.info("admitted", lane=lane.name, passage=str(passage.id), staff=member.id, reason=reason)
    # the first reading is not shown to the queue: staff have judged it
    quiet = msgspec.structs.replace(passage.evidence, temperature=NotMeasured(why=Why.NOT_REQUIRED))
    match await let_through(lane, passage, quiet, passage.name_masked):
        case Crossed.PASSED | Crossed.TAILGATED | Crossed.HELD_OPEN:
            return view.Done.ADMITTED
        case Crossed.NOBODY | Crossed.TURNED_BACK:
            return view.Done.NOBODY_PASSED
        case _:
            return view.Done.NOT_OPENED


async def _turn_away(lane: Lane, post: Post, member: StaffMember, kept: Kept) -> view.Done:
    passage = kept.passage
    watched = Reason.ON_WATCH_LIST in passage.decision.reasons
    reason = await choose_reason(lane, view.Choice.TURN_AWAY, passage.name_masked, watched=watched)
    if not reason:
        return view.Done.NOTHING
    try:
        await post.register.act(action(StaffAct.TURNED_AWAY, member, lane, passage=passage.id, reason=reason))
    except ActRefused:
        return view.Done.NOTHING
    _log.info("turned away", lane=lane.name, passage=str(passage.id), staff=member.id, reason=reason)
    return view.Done.TURNED_AWAY


def degrees(typed: str) -> float | None:
    """`365` as 36.5 °C; None for what no clinical thermometer shows."""
    if not (typed.isascii() and typed.isdecimal() and len(typed) == 3):
        return None
    value = int(typed) / 10
    return value if LOWEST_C <= value <= HIGHEST_C else None


async def _measure(lane: Lane, post: Post, member: StaffMember, kept: Kept) -> view.Done:
    """Take down a second temperature, from another thermometer."""
    passage, problem, before = kept.passage, view.TypedProblem.NONE, ""
    while True:
        match await ask(lane, view.TypeIn(view.Asked.TEMPERATURE, problem, before, passage.name_masked)):
            case view.Typed(text=text):
                value = degrees(text)
                if value is not None:
                    act = action(StaffAct.MEASURED_AGAIN, member, lane, passage=passage.id, temperature_c=value)
                    await post.register.act(act)
                    _log.info("measured again", lane=lane.name, passage=str(passage.id), staff=member.id)
                    return view.Done.MEASURED
                problem, before = view.TypedProblem.TEMPERATURE, text[:8]
            case Back():
                return view.Done.NOTHING
            case _:
                pass


def asked_for_staff(kept: Kept, now: datetime) -> bool:
    """Whether this person called for staff, and still waits."""
    identity = kept.passage.evidence.identity
    called = kept.passage.evidence.green_channel or (isinstance(identity, NotMeasured) and identity.why is Why.DECLINED)
    return kept.waits(now) and called and all(act.act is not StaffAct.ANSWERED for act in kept.acts)
