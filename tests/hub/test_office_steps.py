"""What may be done to a submission, by whom, where, when; days; the three ways of handling across two halls."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import uuid6
from sqlalchemy import Connection, insert

from hub.audit.chain import Actor, Who, history
from hub.fleet.enrolment import ensure_hall
from hub.fleet.live import TerminalKey
from hub.office import days, staff_steps
from hub.office.advance import OfficeRefused, possible
from hub.office.calendar import calendar_of, holidays_from, publish_holidays
from hub.office.citizen import have_more_time, withdraw
from hub.office.items import set_home
from hub.office.received import adopt, receive, supply
from hub.office.records import Record, find, wanted
from hub.office.staff_steps import Ask
from hub.office.states import CLOSED, TABLE, Step, mermaid, rows
from hub.rules.publish import NotPublishable, publish_shipped
from hub.store import schema
from hub.store.engine import migrate, open_engine
from kiosk.clock import local_date
from kiosk.wire.catalogue import Catalogue, Handling
from kiosk.wire.events import Deferred, Envelope, Paper, Submission, Supplement
from kiosk.wire.holidays import Calendar, Holidays, Year, problem_of
from kiosk.wire.progress import Part, Standing

MONDAY = datetime(2026, 11, 2, 2, tzinfo=UTC)
DESK = TerminalKey("a", "desk-1")
A, B = Who(Actor.WINDOW, "a", "w01"), Who(Actor.WINDOW, "b", "w01")
A_BACK, B_BACK = Who(Actor.BACK_OFFICE, "a", "b01"), Who(Actor.BACK_OFFICE, "b", "b01")
PERSON = "1" * 64
ONE = [Ask(Part.PAPER, "registration", "页面模糊")]


def theirs(_hall: str) -> str:
    return PERSON


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    engine = open_engine(f"sqlite:///{tmp_path_factory.mktemp('office') / 'hub.db'}")
    migrate(engine)
    key = Ed25519PrivateKey.generate()
    with engine.execution_options(writes=True).begin() as connection:
        for hall in ("a", "b"):
            ensure_hall(connection, hall, MONDAY)
            publish_shipped(connection, key, hall, MONDAY)
            connection.execute(
                insert(schema.terminal).values(
                    hall=hall, terminal="desk-1", role="desk", receipt_range=ord(hall), made=MONDAY
                )
            )
    yield engine, key
    engine.dispose()


@pytest.fixture
def connection(database: Any) -> Iterator[Connection]:
    """Whatever a test does is taken back."""
    engine, _ = database
    with engine.execution_options(writes=True).connect() as connection:
        yield connection
        connection.rollback()


class Desk:
    def __init__(self, connection: Connection) -> None:
        self.connection, self.count = connection, 0

    def item(self, handling: Handling) -> str:
        from hub.office.items import published

        catalogue = published(self.connection, "a")
        assert isinstance(catalogue, Catalogue)
        return next(each.key for each in catalogue.items if each.handling is handling and each.working_days)

    def hand_in(self, handling: Handling = Handling.HERE, *, handled: bool = True, **changes: Any) -> Record:
        self.count += 1
        item = self.item(handling)
        set_home(self.connection, "a", item, "b")
        given: dict[str, Any] = {
            "id": uuid6.uuid7(),
            "number": f"{self.count:014d}",
            "item": item,
            "item_version": 1,
            "began": MONDAY,
            "submitted": MONDAY,
            "person": PERSON,
            "content_sealed": b"-",
        }
        event = Submission(**{**given, **changes})
        position = self.store(event)
        self.connection.execute(
            insert(schema.submission).values(
                hall="a",
                terminal="desk-1",
                id=str(event.id),
                position=position,
                number=event.number,
                item=item,
                item_version=1,
                began=MONDAY,
                submitted=event.submitted,
                person=PERSON,
                name_masked="王*明",
                number_masked="",
                papers=0,
            )
        )
        if handled:
            receive(self.connection, DESK, event, MONDAY)
            return self.now(event.number)
        return event  # type: ignore[return-value]  not handled yet: the event itself

    def store(self, event: Any) -> int:
        envelope = msgspec.json.encode(Envelope(seq=1, made=MONDAY, event=event)).decode()
        return int(
            self.connection.execute(
                insert(schema.event)
                .values(
                    hall="a",
                    terminal="desk-1",
                    id=str(event.id),
                    seq=1,
                    kind="x",
                    made=MONDAY,
                    received=MONDAY,
                    body=envelope,
                )
                .returning(schema.event.c.position)
            ).scalar_one()
        )

    def supply(self, number: str, *kinds: str, at: datetime = MONDAY, answers: tuple[str, ...] = ()) -> Record:
        papers = tuple(Paper(sha256="0" * 64, bytes=1, kind=kind, captured=at, device="doc") for kind in kinds)
        event = Supplement(id=uuid6.uuid7(), number=number, person_sealed=b"-", papers=papers, handed_in=at)
        return supply(self.connection, DESK, event, frozenset(answers), self.store(event), theirs, at)

    def now(self, number: str) -> Record:
        found = find(self.connection, number)
        assert found is not None
        return found


@pytest.fixture
def desk(connection: Connection) -> Desk:
    return Desk(connection)


def refused(kind: str, work: Any) -> None:
    with pytest.raises(OfficeRefused) as error:
        work()
    assert error.value.kind == kind, str(error.value)


def test_own_matter_from_receipt_to_the_window(desk: Desk, connection: Connection) -> None:
    record = desk.hand_in()
    assert (record.accepts, record.decides, record.at_hall) == ("a", "a", "a")
    assert record.acceptance_due == date(2026, 11, 9)
    record = staff_steps.accept(connection, record.number, record.version, A, MONDAY)
    assert record.due == calendar_of(connection, "a").after(date(2026, 11, 2), record.working_days).day
    refused("not_yours", lambda: staff_steps.grant(connection, record.number, record.version, A, MONDAY))
    record = staff_steps.grant(connection, record.number, record.version, A_BACK, MONDAY)
    record = staff_steps.add_result(
        connection, record.number, record.version, A_BACK, MONDAY, title="决定书", sha256="0" * 64, size=1
    )
    record = staff_steps.hand_out(connection, record.number, record.version, A, MONDAY)
    assert (record.standing, record.is_closed) == (Standing.COLLECTED, True)


def test_collected_here_accepted_and_decided_at_home(desk: Desk, connection: Connection) -> None:
    record = desk.hand_in(Handling.COLLECT_HERE)
    number = record.number
    assert (record.accepts, record.decides, record.at_hall) == ("b", "b", "a")
    refused("not_yours", lambda: staff_steps.accept(connection, number, record.version, A, MONDAY))
    refused("not_yours", lambda: staff_steps.accept(connection, number, record.version, B, MONDAY))
    record = staff_steps.route(connection, number, record.version, A, MONDAY)
    assert (record.at_hall, record.standing) == ("b", Standing.ROUTED)
    refused("not_possible", lambda: staff_steps.grant(connection, number, record.version, B_BACK, MONDAY))
    record = staff_steps.accept(connection, number, record.version, B, MONDAY)
    record = staff_steps.grant(connection, number, record.version, B_BACK, MONDAY)
    record = staff_steps.add_result(
        connection, number, record.version, B_BACK, MONDAY, title="证", sha256="0" * 64, size=1
    )
    assert record.at_hall == "a"  # it is collected where it was handed in
    assert staff_steps.hand_out(connection, number, record.version, A, MONDAY).is_closed


def test_accepted_here_decided_at_home(desk: Desk, connection: Connection) -> None:
    record = desk.hand_in(Handling.ACCEPT_REMOTELY)
    number = record.number
    assert (record.accepts, record.decides) == ("a", "b")
    record = staff_steps.accept(connection, number, record.version, A, MONDAY)
    refused("not_yours", lambda: staff_steps.grant(connection, number, record.version, A_BACK, MONDAY))
    record = staff_steps.route(connection, number, record.version, A, MONDAY)
    refused("not_possible", lambda: staff_steps.accept(connection, number, record.version, B, MONDAY))
    refused("not_possible", lambda: staff_steps.route(connection, number, record.version, B_BACK, MONDAY))
    assert staff_steps.refuse(connection, number, record.version, B_BACK, MONDAY, "不符合条件").is_closed


def test_accepted_and_decided_here(desk: Desk, connection: Connection) -> None:
    record = desk.hand_in(Handling.DECIDE_REMOTELY)
    assert (record.accepts, record.decides) == ("a", "a")
    record = staff_steps.accept(connection, record.number, record.version, A, MONDAY)
    refused("not_possible", lambda: staff_steps.route(connection, record.number, record.version, A, MONDAY))
    assert staff_steps.grant(connection, record.number, record.version, A_BACK, MONDAY).standing is Standing.GRANTED


def test_the_person_says_which_hall_is_home(desk: Desk) -> None:
    assert desk.hand_in(Handling.ACCEPT_REMOTELY, home="a").decides == "a"
    assert desk.hand_in(Handling.ACCEPT_REMOTELY, home="no-such-hall").decides == "b"


def test_two_who_work_on_one_submission_do_not_overwrite_each_other(desk: Desk, connection: Connection) -> None:
    record = desk.hand_in()
    staff_steps.note(connection, record.number, record.version, A, MONDAY, "电话核实过")
    refused("changed", lambda: staff_steps.accept(connection, record.number, record.version, A, MONDAY))


def test_nobody_says_anything_for_five_working_days(desk: Desk, connection: Connection) -> None:
    number = desk.hand_in().number
    last = datetime(2026, 11, 9, 15, 59, tzinfo=UTC)  # 23:59 of the fifth working day in China
    assert days.sweep(connection, last).deemed_accepted == 0
    assert days.sweep(connection, last + timedelta(minutes=1)).deemed_accepted == 1
    record = desk.now(number)
    assert record.standing is Standing.ACCEPTED
    assert not days.sweep(connection, last + timedelta(minutes=2))
    assert history(connection, number)[-1].who.actor is Actor.TIMER


def test_returned_once_with_everything_and_its_days(desk: Desk, connection: Connection) -> None:
    record = desk.hand_in()
    number = record.number
    asks = [*ONE, Ask(Part.ANSWER, "reason", "请写明原因"), Ask(Part.OTHER, "", "请带原件")]
    record = staff_steps.return_for_correction(connection, number, record.version, A, MONDAY, asks)
    assert (record.standing, record.acceptance_due) == (Standing.CORRECTING, None)
    assert not days.sweep(connection, MONDAY + timedelta(days=1))
    record = desk.supply(number, "registration")
    assert record.standing is Standing.CORRECTING
    assert [each.done is not None for each in wanted(connection, number)] == [True, False, True]
    thursday = MONDAY + timedelta(days=3)
    record = desk.supply(number, at=thursday, answers=("reason",))
    assert (record.standing, record.acceptance_due) == (Standing.CORRECTED, date(2026, 11, 12))
    refused(
        "not_possible",
        lambda: staff_steps.return_for_correction(connection, number, record.version, A, thursday, ONE),
    )
    assert staff_steps.accept(connection, number, record.version, A, thursday).standing is Standing.ACCEPTED


@pytest.mark.parametrize(
    "asks",
    [
        [],
        [Ask(Part.PAPER, "registration", "  ")],
        [Ask(Part.PAPER, "", "哪一份")],
        [Ask(Part.OTHER, "", "长" * 501)],
        [*ONE, *ONE],
        [Ask(Part.OTHER, "", "多")] * 61,
    ],
)
def test_a_list_that_says_nothing_is_not_taken(desk: Desk, connection: Connection, asks: list[Ask]) -> None:
    record = desk.hand_in()
    refused(
        "invalid",
        lambda: staff_steps.return_for_correction(connection, record.number, record.version, A, MONDAY, asks),
    )
    assert desk.now(record.number) == record


def test_what_was_asked_for_does_not_come(desk: Desk, connection: Connection) -> None:
    record = desk.hand_in()
    record = staff_steps.return_for_correction(connection, record.number, record.version, A, MONDAY, ONE)
    assert record.asked_due is not None
    longer, day = have_more_time(connection, DESK, record.number, theirs, MONDAY)
    assert day == longer.asked_due > record.asked_due
    refused("had_more_time", lambda: have_more_time(connection, DESK, record.number, theirs, MONDAY))
    over = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=16)
    assert days.sweep(connection, over - timedelta(minutes=1)).lapsed == 0
    assert days.sweep(connection, over).lapsed == 1
    assert desk.now(record.number).standing is Standing.LAPSED
    late = desk.supply(record.number, "registration", at=over)  # kept, and seen
    assert (late.standing, late.version) == (Standing.LAPSED, desk.now(record.number).version)


def test_a_paper_that_was_to_follow(desk: Desk, connection: Connection) -> None:
    due = date(2026, 11, 20)
    promise = (Deferred(kind="proof", due=due), Deferred(kind="plan", due=due + timedelta(days=7)))
    first, second = desk.hand_in(deferred=promise), desk.hand_in(deferred=promise)
    for record in (first, second):
        staff_steps.accept(connection, record.number, record.version, A, MONDAY)
    record = desk.supply(first.number, "proof")
    assert (record.standing, record.deferred_due) == (Standing.ACCEPTED, due + timedelta(days=7))
    over = datetime.combine(due, datetime.min.time(), UTC) + timedelta(hours=16)
    assert days.sweep(connection, over).lapsed == 1
    assert desk.now(second.number).standing is Standing.LAPSED
    assert desk.supply(first.number, "plan").deferred_due is None
    assert days.sweep(connection, over + timedelta(days=90)).lapsed == 0


def test_the_day_is_moved_once(desk: Desk, connection: Connection) -> None:
    record = desk.hand_in()
    record = staff_steps.accept(connection, record.number, record.version, A, MONDAY)
    refused("invalid", lambda: staff_steps.extend(connection, record.number, record.version, A_BACK, MONDAY, " "))
    before = record.due
    longer = staff_steps.extend(connection, record.number, record.version, A_BACK, MONDAY, "需现场核查")
    assert before is not None
    assert longer.due == calendar_of(connection, "a").after(before, 10).day
    refused(
        "extended_before",
        lambda: staff_steps.extend(connection, record.number, longer.version, A_BACK, MONDAY, "再来"),
    )


def test_taken_back_before_it_is_decided(desk: Desk, connection: Connection) -> None:
    record = desk.hand_in()
    refused("no_such_submission", lambda: withdraw(connection, DESK, record.number, lambda _hall: "2" * 64, MONDAY))
    assert withdraw(connection, DESK, record.number, theirs, MONDAY).standing is Standing.WITHDRAWN
    assert withdraw(connection, DESK, record.number, theirs, MONDAY).version == record.version + 1
    other = desk.hand_in()
    other = staff_steps.accept(connection, other.number, other.version, A, MONDAY)
    other = staff_steps.grant(connection, other.number, other.version, A_BACK, MONDAY)
    refused("decided", lambda: withdraw(connection, DESK, other.number, theirs, MONDAY))


def test_every_step_from_every_standing_is_in_the_table_or_refused(desk: Desk, connection: Connection) -> None:
    """Whoever tries whatever: the table says which, and a refused step changes nothing."""
    record = desk.hand_in()
    for standing in Standing:
        for who in (A, B, A_BACK, B_BACK, Who(Actor.SUPERVISOR, "a", "s01")):
            changed = replace(record, standing=standing)
            for step in possible(connection, changed, who):
                fitting = [rule for rule in TABLE[step] if standing in rule.sources and who.actor in rule.actors]
                assert fitting, (step, standing, who)
                assert who.hall in changed.halls
    for standing in CLOSED - {Standing.REFUSED}:
        leading = {
            step
            for step, rules in TABLE.items()
            for rule in rules
            if standing in rule.sources and rule.target not in {None, standing}
        }
        assert leading == set(), standing


def test_what_was_there_before_the_office_is_taken_up(desk: Desk, connection: Connection) -> None:
    event = desk.hand_in(handled=False, submitted=MONDAY - timedelta(days=20))
    assert adopt(connection, MONDAY) == 1
    assert adopt(connection, MONDAY) == 0
    assert desk.now(event.number).acceptance_due == date(2026, 11, 9)


def test_a_clock_that_is_far_off_is_not_believed(desk: Desk) -> None:
    for submitted in (MONDAY + timedelta(days=400), MONDAY - timedelta(days=400)):
        assert desk.hand_in(submitted=submitted).acceptance_due == date(2026, 11, 9)
    assert desk.hand_in(submitted=MONDAY - timedelta(days=3)).acceptance_due == date(2026, 11, 6)


def shipped() -> Calendar:
    from hub.rules.publish import SHIPPED_HOLIDAYS

    return Calendar(msgspec.json.decode(SHIPPED_HOLIDAYS.read_bytes(), type=Holidays).years)


@pytest.mark.parametrize(
    ("first", "working_days", "expected", "provisional"),
    [
        ("2026-09-28", 5, "2026-10-10", False),  # the week off, and the Saturday worked instead
        ("2026-11-06", 1, "2026-11-09", False),
        ("2026-11-07", 5, "2026-11-13", False),
        ("2026-02-13", 1, "2026-02-14", False),  # a Saturday that is worked
        ("2026-02-14", 1, "2026-02-24", False),
        ("2026-12-31", 1, "2027-01-04", True),
        ("2026-12-31", 0, "2026-12-31", False),
        ("2031-01-03", 1, "2031-01-06", True),
    ],
)
def test_working_days(first: str, working_days: int, expected: str, provisional: bool) -> None:
    due = shipped().after(date.fromisoformat(first), working_days)
    assert (due.day.isoformat(), due.provisional) == (expected, provisional)


def test_days_between_are_those_that_are_counted() -> None:
    calendar, first = shipped(), date(2026, 9, 1)
    for count in range(1, 60):
        last = calendar.after(first, count).day
        assert calendar.between(first, last) == count == -calendar.between(last, first)


@pytest.mark.parametrize(
    ("years", "place"),
    [
        ((Year(year=2026, off=(date(2027, 1, 1),)),), "2027-01-01"),
        ((Year(year=2026, off=(), work=(date(2026, 11, 2),)),), "2026-11-02"),
        ((Year(year=2026, off=(date(2026, 1, 4),), work=(date(2026, 1, 4),)),), "2026-01-04"),
        ((Year(year=2026, off=()), Year(year=2026, off=())), "twice"),
    ],
)
def test_a_notice_that_cannot_be_is_refused_with_the_place(years: tuple[Year, ...], place: str) -> None:
    assert place in problem_of(Holidays(version=1, years=years))
    with pytest.raises(NotPublishable, match=place):
        holidays_from(msgspec.json.encode({"years": years}), 1)


def test_a_new_notice_moves_provisional_days(database: Any, connection: Connection, desk: Desk) -> None:
    december = datetime(2026, 12, 30, 2, tzinfo=UTC)
    record = desk.hand_in()
    connection.execute(schema.handling.update().values(counted_from=december, acceptance_due=None))
    record = staff_steps.accept(connection, record.number, record.version, A, december)
    assert record.provisional
    assert days.recount(connection, december) == 0
    given = {
        "source": "another notice",
        "years": [
            {"year": 2026, "off": []},
            {"year": 2027, "off": [f"2027-01-{day:02d}" for day in range(1, 9)], "work": []},
        ],
    }
    _, key = database
    assert publish_holidays(connection, key, "a", msgspec.json.encode(given), december) is not None
    assert publish_holidays(connection, key, "a", msgspec.json.encode(given), december) is None
    assert days.recount(connection, december) == 1
    after = desk.now(record.number)
    assert (after.provisional, after.version) == (False, record.version + 1)
    assert after.due is not None
    assert record.due is not None
    assert after.due > record.due
    assert local_date(december) < after.due


def test_the_diagram_in_the_docs_is_the_table() -> None:
    page = (Path(__file__).parents[2] / "docs" / "submissions.md").read_text(encoding="utf-8")
    assert f"```mermaid\n{mermaid()}```" in page, "stale: python -m hub office diagram --write docs/submissions.md"
    assert rows() in page, "stale: python -m hub office diagram --write docs/submissions.md"


def test_every_step_is_reached_by_somebody() -> None:
    assert set(Step) - set(TABLE) == {Step.RECEIVE, Step.OPEN}
    reached = {Standing.RECEIVED}
    for _ in Standing:
        reached |= {
            rule.target
            for rules in TABLE.values()
            for rule in rules
            if rule.target is not None and reached & set(rule.sources)
        }
    assert reached == set(Standing)
