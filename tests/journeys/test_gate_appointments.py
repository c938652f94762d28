"""Appointments at the gate: with a code, from the list without a telephone, and parties. On virtual time."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

import msgspec
import pytest

from drivers.kinds import Barrier, Crossing
from kiosk.devices.reach import Reach
from kiosk.view import gate as view
from kiosk.wire.appointments import Appointment, AppointmentStatus
from kiosk.wire.digest import person_digest
from kiosk.wire.events import Crossed
from kiosk.wire.evidence import CodeStatus, NotMeasured, Why
from kiosk.wire.rules import Reason, Verdict
from tests.journeys.cast import Book, Scripted, ScriptedClock, card, facts
from tests.journeys.test_gate_journey import HALL_KEY, RULES, Hall, good_code

pytestmark = pytest.mark.anyio

ONLY_CODE = msgspec.structs.replace(RULES, face_required=False, temperature_required=False)
NOW = ScriptedClock().start
PERSON = person_digest(card().number, HALL_KEY)
MADE = NOW - timedelta(hours=2)


def booked(begins: datetime = NOW - timedelta(minutes=10), **change: object) -> Appointment:
    fields: dict[str, object] = {
        "code_id": "L-1",
        "person": PERSON,
        "begins": begins,
        "ends": begins + timedelta(hours=1),
    }
    return Appointment(**(fields | change))  # type: ignore[arg-type]  # a test's keyword arguments


def hall_with(*appointments: Appointment, shown: bytes | None = None, **rules: object) -> Hall:
    hall = Hall()
    hall.rules = msgspec.structs.replace(ONLY_CODE, **rules)
    hall.book = Book(*appointments, made=MADE)
    hall.lane = replace(hall.lane, book=hall.book)
    hall.scanner.driver.shown = [shown]
    return hall


def listed(status: str = "valid", **more: object) -> dict[str, object]:
    return {
        "type": "code_checked", "status": status, "code_id": "L-1", "companions": 0, "listed": True,
        "list_made": "2026-11-22T23:00:00Z", "visitor": False, "device": "appointment_list",
    } | more  # fmt: skip


async def test_no_telephone_is_needed_by_who_is_in_the_list() -> None:
    hall = hall_with(booked())
    passage = await hall.one()
    assert passage.decision.verdict is Verdict.ADMIT
    assert facts(passage.evidence.code) == listed()
    assert "ShowCode" not in hall.person.kinds()
    assert hall.scanner.calls == 0


@pytest.mark.parametrize(
    ("appointment", "status", "reason"),
    [
        (booked(status=AppointmentStatus.CANCELLED), "cancelled", Reason.CODE_CANCELLED),
        (booked(status=AppointmentStatus.USED), "used", Reason.CODE_USED),
        (booked(status=AppointmentStatus.REVOKED), "revoked", Reason.CODE_REVOKED),
        (booked(NOW + timedelta(minutes=31)), "not_yet", Reason.CODE_NOT_YET),
        (booked(NOW - timedelta(minutes=91)), "expired", Reason.CODE_EXPIRED),
    ],
    ids=["cancelled", "used", "revoked", "early", "late"],
)
async def test_what_the_list_says_against_it(appointment: Appointment, status: str, reason: Reason) -> None:
    hall = hall_with(appointment, shown=good_code())
    passage = await hall.one()
    assert facts(passage.evidence.code) == listed(status)
    assert (passage.decision.verdict, passage.decision.reasons) == (Verdict.REFUSE, (reason,))
    assert hall.barrier.driver.released == 0


@pytest.mark.parametrize("begins", [NOW + timedelta(minutes=29), NOW - timedelta(minutes=89)])
async def test_a_little_early_and_a_little_late_are_in_time(begins: datetime) -> None:
    passage = await hall_with(booked(begins)).one()
    assert passage.decision.verdict is Verdict.ADMIT


async def test_of_several_the_one_that_is_good_now_counts() -> None:
    hall = hall_with(
        booked(NOW - timedelta(hours=5), code_id="A", status=AppointmentStatus.USED),
        booked(code_id="B"),
        booked(NOW + timedelta(hours=5), code_id="C"),
    )
    passage = await hall.one()
    assert facts(passage.evidence.code) == listed(code_id="B")


async def test_what_was_used_here_is_used_before_the_list_says_so() -> None:
    hall = hall_with(shown=good_code())
    hall.book.used_codes.add("A-1")
    passage = await hall.one()
    assert (passage.decision.verdict, passage.decision.reasons) == (Verdict.REFUSE, (Reason.CODE_USED,))


def shown(status: str = "valid", **more: object) -> dict[str, object]:
    return listed(status, code_id="A-1", listed=False, device="code_scanner") | more


async def test_a_code_that_the_list_does_not_have_yet_is_believed() -> None:
    passage = await hall_with(shown=good_code(companions=1)).one()
    assert facts(passage.evidence.code) == shown(companions=1)
    assert passage.decision.verdict is Verdict.ADMIT


async def test_without_a_list_the_evidence_says_so() -> None:
    hall = hall_with(shown=good_code())
    hall.lane = replace(hall.lane, book=Book())
    passage = await hall.one()
    assert facts(passage.evidence.code) == shown(list_made=None)


async def test_a_list_from_the_future_has_no_age() -> None:
    hall = hall_with(shown=good_code())
    hall.lane = replace(hall.lane, book=Book(made=NOW + timedelta(days=365)))
    passage = await hall.one()
    assert facts(passage.evidence.code) == shown(list_made=None)


@pytest.mark.parametrize(
    ("code", "begins", "status", "reason"),
    [
        ((NOW - timedelta(hours=9), NOW - timedelta(hours=8)), NOW, "valid", Reason.ALL_IN_ORDER),
        ((NOW, NOW + timedelta(hours=1)), NOW + timedelta(hours=6), "not_yet", Reason.CODE_NOT_YET),
    ],
    ids=["to now", "away from now"],
)
async def test_one_that_was_moved_is_good_at_its_new_time(
    code: tuple[datetime, datetime], begins: datetime, status: str, reason: Reason
) -> None:
    """Whoever shows it: nobody's in the list, so that only the code finds it."""
    hall = hall_with(
        booked(begins, code_id="A-1", person=None, companions=2),
        shown=good_code(person="", not_before=code[0], expires=code[1]),
    )
    passage = await hall.one()
    assert facts(passage.evidence.code) == shown(status, companions=2)
    assert passage.decision.reasons == (reason,)


async def test_one_that_was_cancelled_is_told_whoever_shows_it() -> None:
    hall = hall_with(booked(code_id="A-1", person=None, status=AppointmentStatus.CANCELLED), shown=good_code(person=""))
    passage = await hall.one()
    assert passage.decision.reasons == (Reason.CODE_CANCELLED,)


@pytest.mark.parametrize(
    ("code", "status", "reason"),
    [
        (good_code(hall="daye"), CodeStatus.WRONG_HALL, Reason.CODE_WRONG_HALL),
        (good_code(person="f" * 64), CodeStatus.OTHER_PERSON, Reason.CODE_OTHER_PERSON),
    ],
)
async def test_another_halls_and_another_persons(code: bytes, status: CodeStatus, reason: Reason) -> None:
    hall = hall_with(shown=code)
    passage = await hall.one()
    assert facts(passage.evidence.code) == shown(status.value)
    assert (passage.decision.verdict, passage.decision.reasons) == (Verdict.REFUSE, (reason,))


async def test_a_walk_in_is_registered_and_not_asked_for_a_code() -> None:
    hall = hall_with(walk_in=True)
    passage = await hall.one()
    assert passage.decision.verdict is Verdict.ADMIT
    assert passage.evidence.code == NotMeasured(why=Why.NOT_SHOWN, device="appointment_list", code="walk_in")
    assert hall.scanner.calls == 0


async def test_where_anybody_may_walk_in_a_cancelled_one_is_still_told() -> None:
    passage = await hall_with(booked(status=AppointmentStatus.CANCELLED), walk_in=True).one()
    assert passage.decision.reasons == (Reason.CODE_CANCELLED,)


async def test_three_wrong_things_and_nobody_is_asked_again() -> None:
    hall = hall_with(shown=b"https://example.org")
    passage = await hall.one()
    assert facts(passage.evidence.code) == shown("not_a_code", code_id="", list_made=None)
    assert hall.scanner.calls == 3
    assert any(isinstance(s, view.ShowCode) and s.hint is view.CodeHint.NOT_A_CODE for s in hall.person.seen)


@pytest.mark.parametrize("payload", [b"A" * 10_240, "预约".encode("gbk"), b"", b"KA1:"])
async def test_whatever_is_shown_is_answered(payload: bytes) -> None:
    hall = hall_with(shown=payload)
    passage = await hall.one()
    assert passage.decision.verdict is not Verdict.ADMIT
    assert set(passage.decision.reasons) <= {Reason.CODE_NOT_KNOWN, Reason.CODE_UNREADABLE}


# A code that says who it is ------------------------------------------------------------------------------------------


def hall_of_codes(*codes: bytes | None, **rules: object) -> Hall:
    hall = hall_with(code_identifies=True, **rules)
    hall.reader.driver.queue = []
    hall.scanner.driver.shown = [*codes, None]
    return hall


async def test_a_code_stands_for_the_card_and_is_asked_for_once() -> None:
    hall = hall_of_codes(good_code())
    passage = await hall.one()
    assert passage.decision.verdict is Verdict.ADMIT
    assert facts(passage.evidence.identity) == {
        "type": "identity_read", "document": "code", "person": PERSON, "number_is_valid": True,
        "valid_from": "2026-11-23", "valid_to": None, "device": "code_scanner",
    }  # fmt: skip
    assert facts(passage.evidence.code) == shown()
    assert hall.person.kinds() == ["Welcome", "Deciding", "Admitted"]
    welcome = hall.person.seen[0]
    assert isinstance(welcome, view.Welcome)
    assert welcome.code
    assert (passage.name_masked, passage.person_sealed) == ("", b"")


async def test_a_code_for_whoever_shows_it_says_nobody() -> None:
    hall = hall_of_codes(good_code(person=""), b"https://example.org", good_code())
    passage = await hall.one()
    assert passage.decision.verdict is Verdict.ADMIT


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (good_code(hall="daye"), Reason.CODE_WRONG_HALL),
        (good_code(not_before=NOW + timedelta(days=1), expires=NOW + timedelta(days=2)), Reason.CODE_NOT_YET),
        (good_code(not_before=NOW - timedelta(days=2), expires=NOW - timedelta(days=1)), Reason.CODE_EXPIRED),
    ],
)
@pytest.mark.parametrize("required", [True, False])
async def test_such_a_code_has_to_be_good_here_and_now(code: bytes, reason: Reason, required: bool) -> None:
    passage = await hall_of_codes(code, code_required=required).one()
    assert (passage.decision.verdict, passage.decision.reasons) == (Verdict.REFUSE, (reason,))


async def test_where_it_does_not_identify_only_the_card_does() -> None:
    hall = hall_with(shown=good_code())
    passage = await hall.one()
    welcome = hall.person.seen[0]
    assert isinstance(welcome, view.Welcome)
    assert not welcome.code
    assert facts(passage.evidence.identity)["document"] == "resident"


async def test_a_scanner_that_comes_back_serves_at_once() -> None:
    hall = hall_of_codes(good_code())
    hall.scanner.plug(False)

    async def mend() -> None:
        await hall.person.see(view.Welcome)
        hall.scanner.plug(True)

    passage = await hall.one(mend)
    assert facts(passage.evidence.identity)["document"] == "code"


# Parties -------------------------------------------------------------------------------------------------------------


class _Beams:
    """A barrier that sees what the script says, one release after the other."""

    def __init__(self, *crossings: Crossing) -> None:
        self.crossings = list(crossings)

    def let_one_pass(self, within: float) -> Crossing:
        return self.crossings.pop(0)


@pytest.mark.parametrize(
    ("crossings", "crossed", "people"),
    [
        ([Crossing.PASSED] * 4, Crossed.PASSED, 4),
        ([Crossing.PASSED] * 3 + [Crossing.NOBODY], Crossed.PASSED, 3),
        ([Crossing.PASSED, Crossing.TURNED_BACK], Crossed.PASSED, 1),
        ([Crossing.PASSED, Crossing.TAILGATED], Crossed.TAILGATED, 3),
        ([Crossing.PASSED, Crossing.HELD_OPEN], Crossed.HELD_OPEN, 2),
        ([Crossing.NOBODY], Crossed.NOBODY, 0),
        ([Crossing.TURNED_BACK], Crossed.TURNED_BACK, 0),
    ],
)
async def test_a_party_goes_through_one_by_one_and_is_counted(
    crossings: list[Crossing], crossed: Crossed, people: int
) -> None:
    hall = hall_with(booked(companions=3))
    beams = _Beams(*crossings)
    hall.lane = replace(hall.lane, barrier=cast("Reach[Barrier]", Scripted(beams)))
    passage = await hall.one()
    assert passage.decision.verdict is Verdict.ADMIT
    assert facts(passage.evidence.code) == listed(companions=3)
    assert (hall.notes.ends, hall.notes.heads) == ([(passage.id, crossed, "")], [people])
    assert beams.crossings == []
    left = [s.companions for s in hall.person.seen if isinstance(s, view.Admitted)]
    assert left == [3, 2, 1, 0][: len(crossings)]


async def test_a_party_that_is_too_large_is_told_so() -> None:
    passage = await hall_with(booked(companions=3), party_most=3).one()
    assert (passage.decision.verdict, passage.decision.reasons) == (Verdict.REFUSE, (Reason.PARTY_TOO_LARGE,))
