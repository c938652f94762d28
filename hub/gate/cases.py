"""Cases: a referred person, from the lane to an outcome. Append-only: who did what, when, and what state followed.

Two people who work on one case do not overwrite each other: a change names the version it was made on, and is
refused when another came first.
"""

from datetime import datetime

from sqlalchemy import Connection, insert, update

from hub.fleet.live import TerminalKey
from hub.gate.case_records import Case, Step, alarms, find, history, listed, of_passage
from hub.gate.case_states import CLOSED, LANE_ACTS, MOVES, CaseKind, CaseState, Move
from hub.gate.notices import NoticeKind, write_down
from hub.gate.retention import HEALTH_KEPT
from hub.store import schema
from kiosk.gate.policy import HEALTH
from kiosk.wire.events import Passage, StaffAct, StaffAction
from kiosk.wire.rules import Reason, Verdict

OPENED = "opened"
ACKNOWLEDGED = "acknowledged"
QUESTION_MOST, TEXT_MOST, NAME_MOST = 200, 500, 64
READING_C = (25.0, 45.0)
"""What a thermometer for people can show, in degrees Celsius."""

__all__ = (
    "Case",
    "CaseKind",
    "CaseRefused",
    "CaseState",
    "Move",
    "Step",
    "acknowledge",
    "act",
    "acted_at_lane",
    "alarms",
    "find",
    "history",
    "listed",
    "of_passage",
    "open_case",
)


class CaseRefused(Exception):
    """A case cannot be changed so; `str()` says why.

    Attributes:
        kind: Stable: `no_such_case`, `changed`, `not_possible`, `invalid`, `reading_needed`.
    """

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind


def _step(
    connection: Connection,
    number: int,
    *,
    at: datetime,
    now: datetime,
    who: str,
    what: str,
    state: CaseState,
    place: str = "",
    question: str = "",
    text: str = "",
    temperature_c: float | None = None,
) -> None:
    position = connection.execute(
        insert(schema.case_step)
        .values(
            case_number=number,
            at=at,
            recorded=now,
            who=who,
            place=place,
            what=what,
            state=state.value,
            question=question,
            text=text,
        )
        .returning(schema.case_step.c.position)
    ).scalar_one()
    if temperature_c is not None:
        connection.execute(
            insert(schema.case_reading).values(
                step=position, object_centi=round(temperature_c * 100), expires=now + HEALTH_KEPT
            )
        )


def open_case(connection: Connection, key: TerminalKey, passage: Passage, now: datetime) -> int | None:
    """Open a case for a passage that was referred to staff, and write down that others want to know.

    Args:
        connection: Inside the transaction that stores the passage.
        key: Where.
        passage: What happened.
        now: The time.

    Returns:
        The case's number; None for a passage that was not referred.
    """
    if passage.decision.verdict is not Verdict.REFER:
        return None
    reasons = tuple(dict.fromkeys(passage.decision.reasons))
    kind = CaseKind.ISOLATION if HEALTH.intersection(reasons) else CaseKind.REFERRAL
    told = " ".join(reason.value for reason in reasons)
    number = connection.execute(
        insert(schema.case)
        .values(
            hall=key.hall,
            terminal=key.terminal,
            passage=str(passage.id),
            lane=passage.lane,
            kind=kind.value,
            state=CaseState.OPEN.value,
            version=1,
            reasons=told,
            name_masked=passage.name_masked,
            opened=passage.decided,
        )
        .returning(schema.case.c.number)
    ).scalar_one()
    _step(
        connection,
        number,
        at=passage.decided,
        now=now,
        who="",
        place=key.terminal,
        what=OPENED,
        state=CaseState.OPEN,
    )
    notice = NoticeKind.ISOLATION if kind is CaseKind.ISOLATION else NoticeKind.REFERRAL
    write_down(connection, notice, key, lane=passage.lane, detail=told, at=passage.decided, now=now, case_number=number)
    return int(number)


def _checked(who: str, question: str, text: str, move: Move, temperature_c: float | None) -> None:
    if not who.strip() or len(who) > NAME_MOST:
        raise CaseRefused("invalid", "who does it has to be said, in at most 64 characters")
    if len(question) > QUESTION_MOST or len(text) > TEXT_MOST:
        raise CaseRefused("invalid", f"a question has at most {QUESTION_MOST} characters, a text {TEXT_MOST}")
    if move is Move.ASK and not (question.strip() and text.strip()):
        raise CaseRefused("invalid", "a question needs its words and its answer")
    if move is Move.NOTE and not text.strip():
        raise CaseRefused("invalid", "a note needs words")
    if (move is Move.READ_AGAIN) is not (temperature_c is not None):
        raise CaseRefused("invalid", "a second reading, and nothing else, has a temperature")
    if temperature_c is not None and not READING_C[0] <= temperature_c <= READING_C[1]:
        raise CaseRefused("invalid", f"a temperature lies between {READING_C[0]} and {READING_C[1]} °C")


def act(
    connection: Connection,
    number: int,
    version: int,
    move: Move,
    *,
    who: str,
    now: datetime,
    question: str = "",
    text: str = "",
    temperature_c: float | None = None,
) -> Case:
    """Do something to a case in the console.

    Args:
        connection: Inside a writing transaction.
        number: Which case.
        version: The version that `who` saw.
        move: What.
        who: The member of staff.
        now: The time.
        question: For `ASK`, at most 200 characters.
        text: The answer, the note, or why; at most 500 characters.
        temperature_c: For `READ_AGAIN`.

    Returns:
        The case after it.

    Raises:
        CaseRefused: No such case, somebody else came first, not possible in its state, or something is missing.
    """
    _checked(who, question, text, move, temperature_c)
    before = find(connection, number)
    if before is None:
        raise CaseRefused("no_such_case", f"there is no case {number}")
    if before.version != version:
        raise CaseRefused("changed", f"case {number} was changed meanwhile: it is {before.state.value} now")
    after = MOVES.get((before.state, move))
    if after is None:
        raise CaseRefused("not_possible", f"{move.value} is not possible while a case is {before.state.value}")
    hot = Reason.TEMPERATURE_HIGH.value in before.reasons
    if move is Move.CLEAR and hot and before.state is not CaseState.SECOND_READING:
        raise CaseRefused("reading_needed", "a high temperature is cleared by a second reading only")
    _advance(connection, before, after, who=who, at=now, now=now, moved=move)
    _step(
        connection,
        number,
        at=now,
        now=now,
        who=who,
        what=move.value,
        state=after,
        question=question.strip(),
        text=text.strip(),
        temperature_c=temperature_c,
    )
    case = find(connection, number)
    assert case is not None
    return case


def _advance(
    connection: Connection,
    before: Case,
    after: CaseState,
    *,
    who: str,
    at: datetime,
    now: datetime,
    moved: Move | None,
) -> None:
    table = schema.case
    values: dict[str, object] = {"version": before.version + 1, "state": after.value}
    if moved is Move.TAKE or (moved is None and before.taken_by is None):
        values["taken_by"] = who
    elif moved is Move.GIVE_BACK:
        values["taken_by"] = None
    if before.acknowledged is None and moved is not Move.NOTE:
        values.update(acknowledged=at, acknowledged_by=who)  # whoever acts on it has heard of it
    closes = after in CLOSED and before.state not in CLOSED
    if closes:
        values.update(closed=at, closed_by=who)
    changed = connection.execute(
        update(table).where(table.c.number == before.number, table.c.version == before.version).values(values)
    )
    if changed.rowcount != 1:
        raise CaseRefused("changed", f"case {before.number} was changed meanwhile")
    if closes:
        write_down(
            connection,
            NoticeKind.CASE_CLOSED,
            TerminalKey(before.hall, before.terminal),
            lane=before.lane,
            detail=after.value,
            at=at,
            now=now,
            case_number=before.number,
        )


def acknowledge(connection: Connection, number: int, *, who: str, now: datetime) -> Case:
    """Say that an isolation alarm was seen and heard. The first counts; it needs no version and changes none.

    Raises:
        CaseRefused: No such case, or nobody says it.
    """
    _checked(who, "", "-", Move.NOTE, None)
    case = find(connection, number)
    if case is None:
        raise CaseRefused("no_such_case", f"there is no case {number}")
    table = schema.case
    first = connection.execute(
        update(table)
        .where(table.c.number == number, table.c.acknowledged.is_(None))
        .values(acknowledged=now, acknowledged_by=who)
    )
    if first.rowcount:
        _step(connection, number, at=now, now=now, who=who, what=ACKNOWLEDGED, state=case.state)
    after = find(connection, number)
    assert after is not None
    return after


def acted_at_lane(connection: Connection, key: TerminalKey, action: StaffAction, now: datetime) -> None:
    """Carry on the case of a passage by what a member of staff did at the lane.

    It happened, so it is recorded even when the case was closed meanwhile; then its outcome stays.
    """
    if action.passage is None:
        return
    before = of_passage(connection, key, action.passage)
    if before is None:
        return
    after = before.state
    if before.state not in CLOSED:
        after = LANE_ACTS.get(action.act, before.state)
        if action.act is StaffAct.ANSWERED and before.state is not CaseState.OPEN:
            after = before.state
    _advance(connection, before, after, who=action.staff, at=action.at, now=now, moved=None)
    _step(
        connection,
        before.number,
        at=action.at,
        now=now,
        who=action.staff,
        place=key.terminal,
        what=action.act.value,
        state=after,
        text=action.reason,
        temperature_c=action.temperature_c,
    )
