"""Appointments at the hub: slots, changes with numbers, what terminals are told, and what a crossing does."""

import threading
import time
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import insert, update
from uuid6 import uuid7

from hub.people import appointments as book_of
from hub.people.changes import changes_since
from hub.people.slots import AppointmentRefused, open_slots, slots
from hub.store import schema
from kiosk.clock import CHINA, WallClock, local_date
from kiosk.store.database import Database
from kiosk.store.gate_book import GateBook
from kiosk.wire import routes
from kiosk.wire.appointments import AppointmentChanges, AppointmentStatus
from kiosk.wire.codes import read
from kiosk.wire.events import Crossed, Fate, StaffAct, StaffAction
from kiosk.wire.evidence import CodeChecked, CodeStatus
from kiosk.wire.rules import Decision, Reason, Verdict

Running = Any
Sender = Any
PERSON = "ab" * 32


def tomorrow(hour: int) -> datetime:
    day = local_date(WallClock().now()) + timedelta(days=1)
    return datetime(day.year, day.month, day.day, hour, tzinfo=CHINA)


class Desk:
    """The help desk of a hall of its own."""

    def __init__(self, running: Running, hall: str) -> None:
        self.running, self.hall = running, hall
        self.lane = running.terminal(hall=hall)

    def write(self, work: Any, **given: Any) -> Any:
        with self.running.hub.engine.execution_options(writes=True).begin() as connection:
            return work(connection, **given)

    def open(self, capacity: int, department: str = "", hours: range = range(9, 12)) -> None:
        day = tomorrow(9).date()
        self.write(lambda c: open_slots(c, self.hall, department, [day], hours, capacity))

    def book(self, hour: int = 9, **given: Any) -> Any:
        given = {"department": "", "begins": tomorrow(hour), "now": WallClock().now(), **given}
        return self.write(book_of.book, hall=self.hall, **given)

    def taken(self, hour: int = 9) -> int:
        with self.running.hub.engine.connect() as connection:
            day = slots(connection, self.hall, tomorrow(hour).date())
            return next(slot.taken for slot in day if slot.begins == tomorrow(hour))

    def find(self, code_id: str) -> Any:
        with self.running.hub.engine.connect() as connection:
            return book_of.find(connection, self.hall, code_id)

    def changes(self, since: int = 0, lane: Sender = None) -> AppointmentChanges:
        response = (lane or self.lane).http.get(routes.APPOINTMENTS, params={"since": since})
        assert response.status_code == 200, response.text
        return msgspec.json.decode(response.content, type=AppointmentChanges)


@pytest.fixture
def desk(running: Running, request: pytest.FixtureRequest) -> Desk:
    return Desk(running, f"hall-{abs(hash(request.node.name)) % 10**9}")


def with_code(lane: Sender, code_id: str, status: CodeStatus = CodeStatus.VALID, **changes: Any) -> Any:
    passage = lane.passage(**changes)
    code = CodeChecked(status=status, code_id=code_id, device="scan", at=passage.decided)
    return msgspec.structs.replace(passage, evidence=msgspec.structs.replace(passage.evidence, code=code))


def test_a_party_takes_as_many_seats_as_it_has_heads(desk: Desk) -> None:
    desk.open(4)
    entry = desk.book(companions=2, person=PERSON)
    assert desk.taken() == 3
    with pytest.raises(AppointmentRefused) as refused:
        desk.book(companions=1)
    assert refused.value.kind == "full"
    assert "1 seats are left" in str(refused.value)
    desk.book()
    assert desk.taken() == 4
    desk.write(book_of.withdraw, hall=desk.hall, code_id=entry.appointment.code_id, now=WallClock().now())
    assert desk.taken() == 1


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ({"begins": tomorrow(20)}, "no_such_slot"),
        ({"department": "tax"}, "no_such_slot"),
        ({"begins": tomorrow(9) + timedelta(minutes=30)}, "no_such_slot"),
        ({"begins": tomorrow(9) - timedelta(days=2)}, "past"),
        ({"companions": 21}, "invalid"),
        ({"companions": -1}, "invalid"),
    ],
)
def test_what_cannot_be_booked_is_told(desk: Desk, given: dict[str, Any], kind: str) -> None:
    desk.open(4)
    with pytest.raises(AppointmentRefused) as refused:
        desk.book(**given)
    assert refused.value.kind == kind
    assert desk.changes().changes == ()


def test_nobody_is_at_two_windows_at_once(desk: Desk) -> None:
    desk.open(4)
    desk.open(4, department="tax")
    first = desk.book(person=PERSON)
    with pytest.raises(AppointmentRefused) as refused:
        desk.book(person=PERSON, department="tax")
    assert refused.value.kind == "already_booked"
    desk.book(hour=10, person=PERSON)
    desk.write(book_of.withdraw, hall=desk.hall, code_id=first.appointment.code_id, now=WallClock().now())
    desk.book(person=PERSON, department="tax")


def test_the_last_seats_are_sold_once(desk: Desk) -> None:
    desk.open(10)
    booked, refused = [], []
    gate = threading.Barrier(8)

    def buyer() -> None:
        gate.wait()
        for _ in range(4):
            try:
                booked.append(desk.book(companions=1))
            except AppointmentRefused as error:
                refused.append(error.kind)

    threads = [threading.Thread(target=buyer) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(booked) == 5
    assert refused == ["full"] * 27
    assert desk.taken() == 10
    assert sorted(entry.change for entry in booked) == [1, 2, 3, 4, 5]


def test_a_smaller_capacity_keeps_who_has_booked(desk: Desk) -> None:
    desk.open(3)
    entry = desk.book(companions=2)
    desk.open(1)
    assert desk.taken() == 3
    with pytest.raises(AppointmentRefused):
        desk.book()
    desk.write(book_of.withdraw, hall=desk.hall, code_id=entry.appointment.code_id, now=WallClock().now())
    desk.book()


def test_moving_gives_the_old_seats_back_or_changes_nothing(desk: Desk) -> None:
    desk.open(2)
    entry = desk.book(companions=1)
    desk.book(hour=10)
    now = WallClock().now()
    move = {"hall": desk.hall, "code_id": entry.appointment.code_id, "now": now}
    with pytest.raises(AppointmentRefused) as refused:
        desk.write(book_of.move, **move, seen=entry.change, begins=tomorrow(10))
    assert refused.value.kind == "full"
    assert (desk.taken(9), desk.taken(10)) == (2, 1)
    moved = desk.write(book_of.move, **move, seen=entry.change, begins=tomorrow(10), companions=0)
    assert (desk.taken(9), desk.taken(10)) == (0, 2)
    assert moved.appointment.begins == tomorrow(10)
    with pytest.raises(AppointmentRefused) as refused:  # a colleague still looks at the old one
        desk.write(book_of.move, **move, seen=entry.change, begins=tomorrow(11))
    assert refused.value.kind == "changed"
    claims = read(book_of.code_text(moved, desk.running.hub.signing).encode(), desk.running.hub.data.signing_public())
    assert (claims.code_id, claims.not_before) == (entry.appointment.code_id, tomorrow(10))


def test_cancelled_twice_is_cancelled_once(desk: Desk) -> None:
    desk.open(2)
    entry = desk.book()
    cancel = {"hall": desk.hall, "code_id": entry.appointment.code_id, "now": WallClock().now()}
    first, second = desk.write(book_of.withdraw, **cancel), desk.write(book_of.withdraw, **cancel)
    assert first == second
    assert desk.taken() == 0
    with pytest.raises(AppointmentRefused) as refused:
        desk.write(book_of.withdraw, **cancel, revoke=True)
    assert refused.value.kind == "not_possible"
    with pytest.raises(AppointmentRefused) as refused:
        desk.write(book_of.withdraw, hall=desk.hall, code_id="NOSUCH", now=WallClock().now())
    assert refused.value.kind == "no_such_appointment"


def test_a_terminal_is_told_each_appointment_once_as_it_stands(desk: Desk) -> None:
    desk.open(9)
    one, two = desk.book(person=PERSON), desk.book(companions=1)
    first = desk.changes()
    assert first.complete
    assert [each.code_id for each in first.changes] == [one.appointment.code_id, two.appointment.code_id]
    desk.write(book_of.withdraw, hall=desk.hall, code_id=one.appointment.code_id, now=WallClock().now(), revoke=True)
    then = desk.changes(first.upto)
    assert [(each.code_id, each.status) for each in then.changes] == [
        (one.appointment.code_id, AppointmentStatus.REVOKED)
    ]
    afresh = desk.changes()
    assert [each.code_id for each in afresh.changes] == [two.appointment.code_id, one.appointment.code_id]
    assert desk.changes(then.upto).changes == ()


def test_a_terminal_gets_its_own_halls_only(desk: Desk, running: Running) -> None:
    desk.open(2)
    desk.book()
    stranger = running.terminal(hall=f"{desk.hall}-other")
    assert desk.changes(lane=stranger).changes == ()
    assert running.client().get(routes.APPOINTMENTS).status_code == 401


@pytest.mark.parametrize("since", ["-1", "x", "1.5", "99999999999999", "٣", ""])
def test_a_bad_since_is_answered(desk: Desk, since: str) -> None:
    assert desk.lane.http.get(routes.APPOINTMENTS, params={"since": since}).status_code == 422


def test_a_hub_restored_from_a_copy_catches_up(desk: Desk) -> None:
    desk.open(5)
    codes = [desk.book().appointment.code_id for _ in range(3)]
    ahead = desk.changes(50)  # this terminal has seen what the copy has not
    assert ahead.since == 50
    assert ahead.upto > 50
    assert [each.code_id for each in ahead.changes] == codes
    assert desk.changes(ahead.upto).changes == ()
    assert desk.book().change == ahead.upto + 1
    assert desk.lane.http.get(routes.APPOINTMENTS, params={"since": 99_000_000}).status_code == 422


@pytest.mark.parametrize("crossed", [Crossed.PASSED, Crossed.TAILGATED, Crossed.HELD_OPEN])
def test_who_came_in_has_used_their_appointment(desk: Desk, running: Running, crossed: Crossed) -> None:
    desk.open(5)
    code_id = desk.book().appointment.code_id
    upto = desk.changes().upto
    passage = with_code(desk.lane, code_id)
    ended = desk.lane.ended(passage, crossed)
    answers = desk.lane.send(passage, ended)
    assert [answer.fate for answer in answers] == [Fate.STORED, Fate.STORED]
    other = running.terminal(hall=desk.hall)
    (told,) = desk.changes(upto, lane=other).changes
    assert (told.code_id, told.status) == (code_id, AppointmentStatus.USED)
    after = desk.changes().upto
    assert desk.lane.send(ended)[0].fate is Fate.KNOWN
    assert desk.changes().upto == after
    entry = desk.find(code_id)
    assert (entry.used_passage, entry.used_terminal) == (passage.id, desk.lane.enrolled.terminal)


@pytest.mark.parametrize("staff_first", [None, True, False])
def test_who_came_in_before_the_barrier_failed_has_used_their_appointment_too(
    desk: Desk, running: Running, staff_first: bool | None
) -> None:
    """As the terminal has it: a party of three of whom the beams saw one, and then the barrier was gone."""
    desk.open(5)
    code_id = desk.book().appointment.code_id
    verdict = Verdict.ADMIT if staff_first is None else Verdict.REFER
    passage = with_code(
        desk.lane, code_id, decision=Decision(verdict=verdict, reasons=(Reason.FACE_UNSURE,), rules_version=1)
    )
    ended = msgspec.structs.replace(desk.lane.ended(passage, Crossed.UNKNOWN), people=1)
    events: list[Any] = [ended]
    if staff_first is not None:
        now = running.hub.now()
        admitted = StaffAction(
            id=uuid7(), act=StaffAct.ADMITTED, staff="w01", lane="1", passage=passage.id, at=now, reason="other"
        )
        events = [admitted, ended] if staff_first else [ended, admitted]
    answers = desk.lane.send(passage, *events)
    assert {answer.fate for answer in answers} == {Fate.STORED}
    assert desk.find(code_id).appointment.status is AppointmentStatus.USED


@pytest.mark.parametrize(
    ("status", "verdict", "crossed"),
    [
        (CodeStatus.VALID, Verdict.ADMIT, Crossed.TURNED_BACK),
        (CodeStatus.VALID, Verdict.ADMIT, Crossed.NOBODY),
        (CodeStatus.VALID, Verdict.ADMIT, Crossed.UNKNOWN),
        (CodeStatus.VALID, Verdict.REFER, Crossed.PASSED),
        (CodeStatus.NOT_YET, Verdict.REFUSE, Crossed.NOT_RELEASED),
        (CodeStatus.FORGED, Verdict.ADMIT, Crossed.PASSED),
    ],
)
def test_who_did_not_come_in_may_come_again(desk: Desk, status: CodeStatus, verdict: Verdict, crossed: Crossed) -> None:
    desk.open(5)
    code_id = desk.book().appointment.code_id
    passage = with_code(
        desk.lane, code_id, status, decision=Decision(verdict=verdict, reasons=(Reason.CODE_NOT_YET,), rules_version=1)
    )
    desk.lane.send(passage, desk.lane.ended(passage, crossed))
    assert desk.find(code_id).appointment.status is AppointmentStatus.BOOKED


@pytest.mark.parametrize("beams_first", [True, False])
def test_who_was_let_in_by_staff_has_used_it_too(desk: Desk, beams_first: bool) -> None:
    import uuid6

    desk.open(5)
    code_id = desk.book().appointment.code_id
    refer = Decision(verdict=Verdict.REFER, reasons=(Reason.FACE_UNSURE,), rules_version=1)
    passage = with_code(desk.lane, code_id, decision=refer)
    admitted = StaffAction(
        id=uuid6.uuid7(), act=StaffAct.ADMITTED, staff="w01", lane="1", passage=passage.id, at=passage.decided
    )
    ended = desk.lane.ended(passage, Crossed.PASSED)
    events = (ended, admitted) if beams_first else (admitted, ended)
    assert {answer.fate for answer in desk.lane.send(passage, *events)} == {Fate.STORED}
    assert desk.find(code_id).appointment.status is AppointmentStatus.USED


def test_cancelled_while_the_terminal_was_offline_stays_cancelled_with_a_note(desk: Desk) -> None:
    desk.open(5)
    code_id = desk.book().appointment.code_id
    desk.write(book_of.withdraw, hall=desk.hall, code_id=code_id, now=WallClock().now())
    passage = with_code(desk.lane, code_id)
    desk.lane.send(passage, desk.lane.ended(passage))
    entry = desk.find(code_id)
    assert entry.appointment.status is AppointmentStatus.CANCELLED
    assert entry.used_passage == passage.id


def fill(desk: Desk, number: int, ends: timedelta = timedelta(hours=1)) -> None:
    begins = tomorrow(9)
    with desk.running.hub.engine.execution_options(writes=True).begin() as connection:
        connection.execute(
            insert(schema.appointment),
            [
                {
                    "code_id": f"{desk.hall[-6:]}{place:08d}",
                    "hall": desk.hall,
                    "person": f"{place:064x}",
                    "begins": begins,
                    "ends": begins + ends,
                    "companions": place % 3,
                    "change": place,
                    "issued": begins,
                }
                for place in range(1, number + 1)
            ],
        )
        connection.execute(
            update(schema.hall).where(schema.hall.c.hall == desk.hall).values(appointment_changes=number)
        )


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.anyio
async def test_a_hundred_thousand_appointments_page_quickly_and_the_terminal_takes_them(
    desk: Desk, tmp_path: Path
) -> None:
    fill(desk, 100_000)
    took = []
    with desk.running.hub.engine.connect() as connection:
        for since in range(0, 100_000, 10_000):
            began = time.perf_counter()
            changes_since(connection, desk.hall, since, WallClock().now())
            took.append(time.perf_counter() - began)
    assert sorted(took)[len(took) // 2] < 0.5, took
    database = await Database.open(tmp_path / "lane.db")
    try:
        lane = GateBook(database, desk.hall, WallClock())
        for page in range(3):
            assert await lane.apply(desk.changes(await lane.upto())), page
        assert await lane.upto() == 3000
        found = await lane.by_person(f"{2500:064x}", tomorrow(0), tomorrow(23))
        assert [each.companions for each in found] == [1]
        assert await lane.made() is None  # there is more: the list is not whole
    finally:
        await database.close()


def test_what_ended_long_ago_is_not_told_and_does_not_stop_anybody(desk: Desk) -> None:
    fill(desk, 1500, ends=timedelta(hours=1))
    with desk.running.hub.engine.execution_options(writes=True).begin() as connection:
        table = schema.appointment
        connection.execute(
            update(table)
            .where(table.c.hall == desk.hall, table.c.change <= 1400)
            .values(begins=WallClock().now() - timedelta(days=40), ends=WallClock().now() - timedelta(days=39))
        )
    page = desk.changes()
    assert page.complete
    assert (len(page.changes), page.upto) == (100, 1500)


def test_slots_are_chinas_hours(desk: Desk) -> None:
    desk.open(1)
    with desk.running.hub.engine.connect() as connection:
        day: date = tomorrow(9).date()
        found = slots(connection, desk.hall, day)
    assert [slot.begins.astimezone(CHINA).hour for slot in found] == [9, 10, 11]


def test_fewer_may_always_come_also_in_an_hour_that_was_cut_short(desk: Desk) -> None:
    desk.open(6)
    entry = desk.book(companions=3)
    desk.open(2)
    move = {"hall": desk.hall, "code_id": entry.appointment.code_id, "now": WallClock().now(), "begins": tomorrow(9)}
    entry = desk.write(book_of.move, **move, seen=entry.change, companions=2)
    assert (entry.heads, desk.taken()) == (3, 3)
    with pytest.raises(AppointmentRefused) as refused:
        desk.write(book_of.move, **move, seen=entry.change, companions=3)
    assert refused.value.kind == "full"
    assert desk.taken() == 3


def test_an_hour_that_is_over_is_not_cancelled_any_more(desk: Desk) -> None:
    desk.open(6)
    made = desk.book().appointment
    with pytest.raises(AppointmentRefused) as refused:
        desk.write(book_of.withdraw, hall=desk.hall, code_id=made.code_id, now=made.ends)
    assert refused.value.kind == "past"
    assert desk.taken() == 1
