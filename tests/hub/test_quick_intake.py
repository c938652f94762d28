"""The quick way leaves the same rows as the ordinary one, and leaves to it whatever is not plain."""

from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import Engine, delete, insert, select

from benchmarks.hub_events import Inventor, batch
from benchmarks.postgres import NoPostgres, postgres
from hub.fleet.enrolment import make_code
from hub.fleet.live import TerminalKey
from hub.store import schema
from hub.store.engine import migrate, open_engine
from hub.store.papers import Papers
from hub.submissions import intake, quick
from hub.submissions.check import Checked, check_batch
from hub.submissions.intake import Intake, Parcel
from kiosk.clock import WallClock
from kiosk.wire.events import Crossed, Event, Fate
from kiosk.wire.evidence import CodeChecked, CodeStatus
from kiosk.wire.rules import Decision, Reason, Verdict
from kiosk.wire.sealing import new_identity

pytestmark = pytest.mark.timeout(240)
"""Two servers of PostgreSQL are made for some."""
KEY = TerminalKey("weinan", "gate-1")
IDENTITY, RECIPIENT = new_identity()
NOW = WallClock().now()
ODD = 'it\'s\t\\a {jam}, "x"'
WHOLE_SECOND = NOW.replace(microsecond=0)
APPOINTMENT = {
    "code_id": "ABCDEFGH",
    "hall": KEY.hall,
    "begins": NOW - timedelta(hours=1),
    "ends": NOW + timedelta(hours=1),
    "companions": 0,
    "issued": NOW,
}


def prepared(url: str) -> Engine:
    made = open_engine(url)
    migrate(made)
    with made.execution_options(writes=True).begin() as connection:
        make_code(connection, KEY.hall, KEY.terminal, "gate", NOW)
    return made


@pytest.fixture
def engine(tmp_path: Path) -> Any:
    made = prepared(f"sqlite:///{tmp_path / 'hub.db'}")
    yield made
    made.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def two(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """Two databases of a kind, to be compared."""
    with ExitStack() as stack:
        urls = [f"sqlite:///{tmp_path / name}.db" for name in ("one", "two")]
        if request.param == "postgresql":
            try:
                urls = [stack.enter_context(postgres()).url for _ in range(2)]
            except NoPostgres as error:
                pytest.skip(str(error))
        engines = [prepared(url) for url in urls]
        yield engines
        for each in engines:
            each.dispose()


@pytest.fixture
def inventor() -> Inventor:
    return Inventor(KEY.terminal, RECIPIENT, bytes(32), 1)


def checked(inventor: Inventor, *events: Event) -> list[Checked]:
    return check_batch(batch([inventor.encode(each) for each in events]), IDENTITY)


def store(engine: Engine, tmp_path: Path, items: list[Checked]) -> list[Fate]:
    taking = Intake(Papers(tmp_path / "papers"), lambda _hall: bytes(32))
    with engine.execution_options(writes=True).begin() as connection:
        return [answer.fate for answer in taking.store(connection, KEY, items, NOW)]


def rows(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    with engine.connect() as connection:
        found = {
            table.name: [tuple(row) for row in connection.execute(select(table))]
            for table in (schema.event, schema.passage, schema.refused, schema.case, schema.appointment)
        }
        # As they are kept, not as they are read.
        if engine.dialect.name == "postgresql":
            return found
        raw = "SELECT typeof(made), typeof(received), made, received FROM event ORDER BY position"
        found["raw"] = [tuple(row) for row in connection.exec_driver_sql(raw)]
        raw = "SELECT decided, began, ended, health_expires FROM passage ORDER BY position"
        found["raw passages"] = [tuple(row) for row in connection.exec_driver_sql(raw)]
        return found


def unordered(found: dict[str, list[tuple[Any, ...]]]) -> dict[str, list[str]]:
    """The quick ones come first: positions differ within a batch, everything else must not."""
    events = [(row[3], *row[1:3], *row[4:]) for row in found["event"]]
    passages = [(*row[:3], *row[4:]) for row in found["passage"]]
    return {
        "event": sorted(map(str, events)),
        "passage": sorted(map(str, passages)),
        "case": [str(row[1:5]) for row in found["gate_case"]],
        "appointment": list(map(str, found["appointment"])),
        "raw": sorted(map(str, found.get("raw", []))),
        "raw passages": sorted(map(str, found.get("raw passages", []))),
    }


def ordinarily(engine: Engine, folder: Path, items: list[Checked], monkeypatch: pytest.MonkeyPatch) -> list[Fate]:
    with monkeypatch.context() as patched:
        patched.setattr(intake.Intake, "_quickly", lambda *_given: set())
        return store(engine, folder, items)


def test_both_ways_leave_the_same(
    two: list[Engine], tmp_path: Path, inventor: Inventor, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, referred = inventor.passage(), inventor.passage(), inventor.passage()
    referred = msgspec.structs.replace(
        referred, decision=Decision(verdict=Verdict.REFER, reasons=(Reason.FACE_UNSURE,), rules_version=1)
    )
    lost = inventor.ended(inventor.passage())
    last = msgspec.structs.replace(inventor.ended(second), crossed=Crossed.TAILGATED, people=2, fault="jam")
    events = (first, inventor.ended(first), second, inventor.ended(second), referred, inventor.ended(referred), lost)
    items = checked(inventor, *events, last, first)
    assert sum(item.plain is not None for item in items) == len(items) - 1  # all but the referred one may be quick
    fates = store(two[0], tmp_path, items)
    assert fates == [Fate.STORED] * 6 + [Fate.LATER, Fate.STORED, Fate.KNOWN]
    assert ordinarily(two[1], tmp_path, items, monkeypatch) == fates
    assert unordered(rows(two[1])) == unordered(rows(two[0]))


def test_at_once_as_one_by_one(
    two: list[Engine], tmp_path: Path, inventor: Inventor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All is new and in order: nothing is looked at first. Words that an array could stumble over are kept."""
    odd = msgspec.structs.replace(inventor.passage(), lane="a\\b\tc\nd\r'\"{},", name_masked="王*\\N")
    shorter = msgspec.structs.replace(inventor.passage(), began=WHOLE_SECOND, decided=WHOLE_SECOND)
    later = [inventor.passage() for _ in range(3)]
    ends = [inventor.ended(each) for each in later]
    jam = msgspec.structs.replace(inventor.ended(odd), crossed=Crossed.UNKNOWN, people=0, fault='it\'s\t\\a {jam}, "x"')
    batches = [
        checked(inventor, odd, inventor.ended(odd), shorter, *later),
        checked(inventor, jam, ends[0], ends[1], inventor.ended(later[0]), ends[2]),
    ]
    monkeypatch.setattr(quick, "_careful", None)
    for items in batches:
        assert set(store(two[0], tmp_path, items)) == {Fate.STORED}
        assert set(ordinarily(two[1], tmp_path, items, monkeypatch)) == {Fate.STORED}
    assert unordered(rows(two[1])) == unordered(rows(two[0]))


def test_an_appointment_is_used_by_whichever_way(
    two: list[Engine], tmp_path: Path, inventor: Inventor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An end that uses one goes the ordinary way, whether its passage is stored, or comes with it; others do not."""
    with_code, beside, turned = inventor.passage(), inventor.passage(), inventor.passage()
    other = CodeChecked(status=CodeStatus.VALID, code_id="NOBODYS0", device="scan", at=beside.decided)
    beside = msgspec.structs.replace(beside, evidence=msgspec.structs.replace(beside.evidence, code=other))
    back = msgspec.structs.replace(inventor.ended(turned), crossed=Crossed.TURNED_BACK, people=0)
    ways = [
        [checked(inventor, with_code, inventor.ended(with_code), beside, inventor.ended(beside), turned, back)],
        [checked(inventor, with_code, beside, turned), checked(inventor, inventor.ended(with_code), back)],
    ]
    for batches in ways:
        for engine in two:
            with engine.execution_options(writes=True).begin() as connection:
                for table in (schema.passage, schema.event, schema.appointment):
                    connection.execute(delete(table))
                connection.execute(insert(schema.appointment).values(**APPOINTMENT))
        for items in batches:
            assert set(store(two[0], tmp_path, items)) == {Fate.STORED}
            assert set(ordinarily(two[1], tmp_path, items, monkeypatch)) == {Fate.STORED}
        assert unordered(rows(two[1])) == unordered(rows(two[0]))
        with two[0].connect() as connection:
            assert connection.scalar(select(schema.appointment.c.used_terminal)) == KEY.terminal


def test_one_that_the_database_refuses_takes_no_other_with_it(
    engine: Engine, tmp_path: Path, inventor: Inventor
) -> None:
    good, bad = inventor.passage(), inventor.passage()
    items = checked(inventor, good, bad)
    assert items[1].plain is not None
    too_long = items[1].plain.body + " " * (3 * 64 * 1024)  # breaks the table's own limit
    items[1] = msgspec.structs.replace(items[1], plain=msgspec.structs.replace(items[1].plain, body=too_long))
    assert store(engine, tmp_path, items) == [Fate.STORED, Fate.STORED]  # the ordinary way makes its own JSON
    assert len(rows(engine)["event"]) == 2


def test_positions_go_on_after_a_batch_that_was_undone(engine: Engine, tmp_path: Path, inventor: Inventor) -> None:
    taking = Intake(Papers(tmp_path / "papers"), lambda _hall: bytes(32))
    with pytest.raises(ZeroDivisionError), engine.execution_options(writes=True).begin() as connection:  # noqa: PT012  the batch is undone
        taking.store(connection, KEY, checked(inventor, inventor.passage()), NOW)
        raise ZeroDivisionError
    assert store(engine, tmp_path, checked(inventor, inventor.passage(), inventor.passage())) == [Fate.STORED] * 2
    assert [row[0] for row in rows(engine)["event"]] == [1, 2]


def at_once(engine: Engine, items: list[Checked]) -> list[Fate] | None:
    """Through the driver, in a transaction of its own; nothing must be left open, whatever became of it."""
    with engine.connect() as connection:
        raw = connection.connection.driver_connection
        answers = Intake.store_at_once(engine.dialect.name, raw, None, [Parcel(KEY, items, NOW)])
        assert raw is not None
        state = raw.info.transaction_status if engine.dialect.name == "postgresql" else int(raw.in_transaction)
        assert state == 0
        return None if answers is None else [answer.fate for answer in answers[0]]


def test_a_transaction_of_its_own_leaves_the_same(
    two: list[Engine], tmp_path: Path, inventor: Inventor, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = msgspec.structs.replace(inventor.passage(), lane="a\\b\tc\nd\r'\"{},", name_masked="王*\\N")
    later = [inventor.passage() for _ in range(45)]  # more than the largest single statement has
    jam = msgspec.structs.replace(inventor.ended(odd), crossed=Crossed.UNKNOWN, people=0, fault=ODD)
    batches = [
        checked(inventor, odd, inventor.ended(odd), *later),
        checked(inventor, jam, *(inventor.ended(each) for each in later), *(inventor.passage() for _ in range(130))),
        checked(inventor, inventor.passage()),
    ]
    for items in batches:
        assert set(at_once(two[0], items) or ()) == {Fate.STORED}
        assert set(ordinarily(two[1], tmp_path, items, monkeypatch)) == {Fate.STORED}
    one, other = ({name: sorted(map(str, found)) for name, found in rows(each).items()} for each in two)
    assert one == other  # also the same positions


def test_what_has_to_be_looked_at_leaves_nothing(two: list[Engine], inventor: Inventor) -> None:
    with two[0].execution_options(writes=True).begin() as connection:
        connection.execute(insert(schema.appointment).values(**APPOINTMENT))
    known, with_code, new = inventor.passage(), inventor.passage(), inventor.passage()
    other = CodeChecked(status=CodeStatus.VALID, code_id="NOBODYS0", device="scan", at=known.decided)
    known = msgspec.structs.replace(known, evidence=msgspec.structs.replace(known.evidence, code=other))
    referred = msgspec.structs.replace(
        known, decision=Decision(verdict=Verdict.REFER, reasons=(Reason.FACE_UNSURE,), rules_version=1)
    )
    assert at_once(two[0], checked(inventor, known, with_code)) == [Fate.STORED] * 2
    before = rows(two[0])
    for events in (
        (known,),
        (new, known),
        (new, inventor.ended(inventor.passage())),
        (inventor.ended(known), inventor.ended(with_code)),
        (inventor.ended(known), new, inventor.ended(new)),
        (referred,),
        (),
    ):
        assert at_once(two[0], checked(inventor, *events)) is None
        assert rows(two[0]) == before
    assert at_once(two[0], checked(inventor, new, inventor.ended(known))) == [Fate.STORED] * 2
