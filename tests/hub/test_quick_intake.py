"""The quick way leaves the same rows as the ordinary one, and leaves to it whatever is not plain."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import Engine, select

from benchmarks.hub_events import Inventor, batch
from hub.fleet.enrolment import make_code
from hub.fleet.live import TerminalKey
from hub.store import schema
from hub.store.engine import migrate, open_engine
from hub.store.papers import Papers
from hub.submissions import intake
from hub.submissions.intake import Checked, Intake, check_batch
from kiosk.clock import WallClock
from kiosk.wire.events import Crossed, Event, Fate
from kiosk.wire.rules import Decision, Reason, Verdict
from kiosk.wire.sealing import new_identity

KEY = TerminalKey("weinan", "gate-1")
IDENTITY, RECIPIENT = new_identity()


@pytest.fixture
def engine(tmp_path: Path) -> Any:
    made = open_engine(f"sqlite:///{tmp_path / 'hub.db'}")
    migrate(made)
    with made.execution_options(writes=True).begin() as connection:
        make_code(connection, KEY.hall, KEY.terminal, "gate", WallClock().now())
    yield made
    made.dispose()


@pytest.fixture
def inventor() -> Inventor:
    return Inventor(KEY.terminal, RECIPIENT, bytes(32), 1)


def checked(inventor: Inventor, *events: Event) -> list[Checked]:
    return check_batch(batch([inventor.encode(each) for each in events]), IDENTITY)


def store(engine: Engine, tmp_path: Path, items: list[Checked]) -> list[Fate]:
    taking = Intake(Papers(tmp_path / "papers"), lambda _hall: bytes(32))
    with engine.execution_options(writes=True).begin() as connection:
        return [answer.fate for answer in taking.store(connection, KEY, items, NOW)]


NOW = WallClock().now()


def rows(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    with engine.connect() as connection:
        found = {
            table.name: [tuple(row) for row in connection.execute(select(table))]
            for table in (schema.event, schema.passage, schema.refused, schema.case)
        }
        # As they are kept, not as they are read.
        raw = "SELECT typeof(made), typeof(received), made, received FROM event ORDER BY position"
        found["raw"] = [tuple(row) for row in connection.exec_driver_sql(raw)]
        raw = "SELECT decided, began, ended, health_expires FROM passage ORDER BY position"
        found["raw passages"] = [tuple(row) for row in connection.exec_driver_sql(raw)]
        return found


def test_both_ways_leave_the_same(
    engine: Engine, tmp_path: Path, inventor: Inventor, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two, referred = inventor.passage(), inventor.passage(), inventor.passage()
    referred = msgspec.structs.replace(
        referred, decision=Decision(verdict=Verdict.REFER, reasons=(Reason.FACE_UNSURE,), rules_version=1)
    )
    lost = inventor.ended(inventor.passage())
    last = msgspec.structs.replace(inventor.ended(two), crossed=Crossed.TAILGATED, people=2, fault="jam")
    items = checked(
        inventor,
        one,
        inventor.ended(one),
        two,
        inventor.ended(two),
        referred,
        inventor.ended(referred),
        lost,
        last,
        one,
    )
    assert sum(bool(item.body) for item in items) == len(items) - 1  # all but the referred one may be quick
    fates = store(engine, tmp_path, items)
    quickly = rows(engine)
    assert fates == [Fate.STORED] * 6 + [Fate.LATER, Fate.STORED, Fate.KNOWN]
    other = open_engine(f"sqlite:///{tmp_path / 'other.db'}")
    migrate(other)
    with other.execution_options(writes=True).begin() as connection:
        make_code(connection, KEY.hall, KEY.terminal, "gate", NOW)
    monkeypatch.setattr(intake.Intake, "_quickly", lambda *_given: set())
    assert store(other, tmp_path, items) == fates

    def unordered(found: dict[str, list[tuple[Any, ...]]]) -> dict[str, list[str]]:
        # The quick ones come first: positions differ within a batch, everything else must not.
        events = [(row[3], *row[1:3], *row[4:]) for row in found["event"]]
        passages = [(*row[:3], *row[4:]) for row in found["passage"]]
        return {
            "event": sorted(map(str, events)),
            "passage": sorted(map(str, passages)),
            "case": [str(row[1:5]) for row in found["gate_case"]],
            "raw": sorted(map(str, found["raw"])),
            "raw passages": sorted(map(str, found["raw passages"])),
        }

    assert unordered(rows(other)) == unordered(quickly)
    other.dispose()


def test_one_that_the_database_refuses_takes_no_other_with_it(
    engine: Engine, tmp_path: Path, inventor: Inventor
) -> None:
    good, bad = inventor.passage(), inventor.passage()
    items = checked(inventor, good, bad)
    too_long = items[1].body + " " * (3 * 64 * 1024)  # breaks the table's own limit
    items[1] = Checked(
        **{
            **{name: getattr(items[1], name) for name in ("seq", "id", "envelope", "refusal", "inside")},
            "body": too_long,
        }
    )
    assert store(engine, tmp_path, items) == [Fate.STORED, Fate.STORED]  # the ordinary way makes its own JSON
    assert len(rows(engine)["event"]) == 2


def test_positions_go_on_after_a_batch_that_was_undone(engine: Engine, tmp_path: Path, inventor: Inventor) -> None:
    taking = Intake(Papers(tmp_path / "papers"), lambda _hall: bytes(32))
    with pytest.raises(ZeroDivisionError), engine.execution_options(writes=True).begin() as connection:  # noqa: PT012  the batch is undone
        taking.store(connection, KEY, checked(inventor, inventor.passage()), NOW)
        raise ZeroDivisionError
    assert store(engine, tmp_path, checked(inventor, inventor.passage(), inventor.passage())) == [Fate.STORED] * 2
    assert [row[0] for row in rows(engine)["event"]] == [1, 2]
