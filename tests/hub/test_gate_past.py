"""Replay and rehearsal over stored passages, and health data that goes when its time is over."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import uuid6
from typer.testing import CliRunner

from hub.__main__ import app
from hub.gate import cases
from hub.gate.case_states import Move
from hub.gate.rehearsal import rehearse
from hub.gate.replay import Outcome, replay
from hub.gate.retention import HEALTH_KEPT, expire
from hub.rules.publish import publish_rules, rules_from
from kiosk.clock import WallClock
from kiosk.gate.policy import decide
from kiosk.wire.events import Fate, StaffAct, StaffAction
from kiosk.wire.evidence import Colour, HealthChecked, Holder, NotMeasured, TemperatureTaken, Why
from kiosk.wire.rules import Decision, Reason, Rules, Verdict

Running = Any
Sender = Any
LOOSER = 'level = "IV"\ntemperature_unsure_c = 37.4\ntemperature_high_c = 37.6\n'


def unlike(hall: str) -> Rules:
    return rules_from('level = "III"', hall, 1, WallClock().now())


class Hall:
    """A hall with a lane whose passages are decided as a lane decides them."""

    def __init__(self, running: Running, hall: str) -> None:
        self.running, self.hall, self.lane = running, hall, running.terminal(hall=hall)

    def pass_by(self, object_c: float = 36.4, **evidence: Any) -> Any:
        passage = self.lane.passage()
        seen = TemperatureTaken(
            object_c=object_c, ambient_c=22, spread_c=0.1, readings=3, device="thermo", at=passage.decided
        )
        parts = msgspec.structs.replace(passage.evidence, temperature=seen, **evidence)
        passage = msgspec.structs.replace(
            passage, evidence=parts, decision=decide(parts, unlike(self.hall), passage.decided)
        )
        (answer,) = self.lane.send(passage)
        assert answer.fate is Fate.STORED, answer.detail
        return passage

    def replay(self) -> Any:
        with self.running.hub.engine.connect() as connection:
            return replay(connection, self.hall)

    def rehearse(self, text: str, **span: Any) -> Any:
        with self.running.hub.engine.connect() as connection:
            return rehearse(connection, self.hall, rules_from(text, self.hall, 9, WallClock().now()), **span)

    def expire(self, later: timedelta, **given: Any) -> Any:
        with self.running.hub.engine.execution_options(writes=True).begin() as connection:
            return expire(connection, WallClock().now() + later, **given)


@pytest.fixture
def hall(running: Running) -> Hall:
    return Hall(running, f"past-{uuid6.uuid7().hex[:12]}")


def test_every_stored_passage_decides_the_same_again(hall: Hall) -> None:
    verdicts = {hall.pass_by(celsius).decision.verdict for celsius in (36.4, 37.2, 38.5, 33.0)}
    assert verdicts == {Verdict.ADMIT, Verdict.REFER}
    found = hall.replay()
    assert (found.passages, found.same, found.good) == (4, 4, True)


def test_a_passage_that_was_decided_otherwise_is_found(hall: Hall) -> None:
    hall.pass_by()
    wrong = hall.lane.passage(decision=Decision(verdict=Verdict.ADMIT, reasons=(), rules_version=1))
    unknown = hall.lane.passage(
        decision=Decision(verdict=Verdict.ADMIT, reasons=(Reason.ALL_IN_ORDER,), rules_version=77)
    )
    hall.lane.send(wrong, unknown)
    found = hall.replay()
    assert (found.same, found.differs, found.no_rules, found.good) == (1, 1, 1, False)
    assert [(each.passage, each.outcome) for each in found.told] == [
        (str(wrong.id), Outcome.DIFFERS),
        (str(unknown.id), Outcome.NO_RULES),
    ]


def test_a_rehearsal_lists_who_would_have_been_decided_differently(hall: Hall) -> None:
    hall.pass_by(36.4)
    unsure, hot = hall.pass_by(37.2), hall.pass_by(37.5)
    found = hall.rehearse(LOOSER)
    assert (found.passages, found.same, found.other_verdict, found.other_reasons) == (3, 1, 1, 1)
    assert found.moves == {"refer>admit": 1}
    assert [each.passage for each in found.told] == [str(unsure.id), str(hot.id)]
    assert found.told[0].name_masked == "王*明"
    assert hall.replay().good  # it changed nothing


def test_a_rehearsal_says_what_it_cannot_know(hall: Hall) -> None:
    hall.pass_by()
    hot = hall.pass_by(38.5)
    found = hall.rehearse('level = "I"\nmask = "require"\nliveness_required = true\nhealth_required = true\n')
    assert (found.unknown, found.other_reasons) == (1, 1)
    assert [each.passage for each in found.told] == [str(hot.id)]
    shown = hall.pass_by(code=NotMeasured(why=Why.NOT_SHOWN))
    found = hall.rehearse('level = "IV"\ncode_required = false\n')
    assert found.moves == {"refer>admit": 1}
    assert [each.passage for each in found.told] == [str(shown.id)]


def test_a_rehearsal_of_a_span(hall: Hall) -> None:
    hall.pass_by(37.2)
    now = WallClock().now()
    assert hall.rehearse(LOOSER, since=now + timedelta(minutes=1)).passages == 0
    assert hall.rehearse(LOOSER, until=now - timedelta(minutes=1)).passages == 0
    assert hall.rehearse(LOOSER, since=now - timedelta(minutes=1)).passages == 1


def test_more_passages_than_are_held_at_once(hall: Hall) -> None:
    passages = []
    for _ in range(6):
        batch = [hall.lane.passage() for _ in range(100)]
        passages += batch
        assert {answer.fate for answer in hall.lane.send(*batch)} == {Fate.STORED}
    assert hall.replay().same == len(passages) == 600


def health_of(hall: Hall) -> Any:
    now = WallClock().now()
    return hall.pass_by(
        38.51, health=HealthChecked(colour=Colour.RED, service="province-77", made=now, holder=Holder.SAME, at=now)
    )


def test_health_data_goes_and_decision_and_reasons_stay(hall: Hall) -> None:
    passage, normal = health_of(hall), hall.pass_by(36.44)
    again = StaffAction(
        id=uuid6.uuid7(),
        act=StaffAct.MEASURED_AGAIN,
        staff="w01",
        lane="1",
        passage=passage.id,
        temperature_c=37.93,
        at=WallClock().now(),
    )
    hall.lane.send(again)
    assert not hall.expire(HEALTH_KEPT - timedelta(minutes=5))
    removed = hall.expire(HEALTH_KEPT + timedelta(minutes=5))
    assert removed.passages >= 2
    assert removed.staff_actions >= 1
    assert removed.case_readings >= 1
    rows = hall.running.rows(
        "SELECT p.verdict, p.reasons, p.health_expires, e.body FROM passage p JOIN event e USING (position)"
        " WHERE p.id = ?",
        str(passage.id),
    )
    ((verdict, reasons, expires, body),) = rows
    assert (verdict, reasons, expires) == ("refer", "temperature_high health_red", None)
    assert ":38.51," not in body
    assert "province-77" not in body
    stored = hall.running.rows("SELECT body FROM event WHERE id = ?", str(again.id))
    assert "37.93" not in stored[0][0]
    found = hall.replay()
    assert (found.passages, found.expired, found.differs) == (2, 2, 0)
    assert hall.rehearse(LOOSER).expired == 2
    with hall.running.hub.engine.connect() as connection:
        case = next(each for each in cases.listed(connection, hall.hall) if each.passage == passage.id)
        step = cases.history(connection, case.number)[-1]
    assert (step.what, step.temperature_c) == ("measured_again", None)
    # What the terminal sends again after a lost answer is still known.
    assert [answer.fate for answer in hall.lane.send(passage, normal, again)] == [Fate.KNOWN] * 3
    other = msgspec.structs.replace(passage, lane="9")
    assert hall.lane.send(other)[0].fate is Fate.REFUSED
    assert not hall.expire(HEALTH_KEPT + timedelta(minutes=6))


def test_nothing_of_it_is_left_in_the_file(hall: Hall) -> None:
    passage = health_of(hall)
    engine = hall.running.hub.engine
    (before,) = hall.running.rows("SELECT body FROM event WHERE id = ?", str(passage.id))
    assert ":38.51," in before[0]
    hall.expire(timedelta(seconds=1), health_kept=timedelta(0))
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").all()
    content = hall.running.data.database.read_bytes()
    assert str(passage.id).encode() in content
    assert b":38.51," not in content  # a moment's seconds are followed by no comma
    assert b"province-77" not in content


def test_a_reading_of_the_console_expires_too(hall: Hall) -> None:
    passage = hall.pass_by(38.5)
    now = WallClock().now()
    with hall.running.hub.engine.execution_options(writes=True).begin() as connection:
        case = next(each for each in cases.listed(connection, hall.hall) if each.passage == passage.id)
        case = cases.act(connection, case.number, case.version, Move.TAKE, who="甲", now=now)
        cases.act(connection, case.number, case.version, Move.READ_AGAIN, who="甲", now=now, temperature_c=36.6)
    hall.expire(timedelta(days=8), health_kept=timedelta(days=7))
    with hall.running.hub.engine.connect() as connection:
        step = cases.history(connection, case.number)[-1]
    assert (step.what, step.temperature_c) == ("read_again", None)


def test_the_commands_beside_a_running_hub(hall: Hall) -> None:
    hall.pass_by(37.2)
    data = str(hall.running.data.path)

    def run(*words: str) -> Any:
        return CliRunner().invoke(app, [*words, "--data", data])

    again = run("replay", "--hall", hall.hall, "--json")
    assert (again.exit_code, json.loads(again.output)["same"]) == (0, 1)
    looser = Path(hall.running.folder) / "looser.toml"
    looser.write_text(LOOSER)
    told = run("rehearse", "--hall", hall.hall, "--rules", str(looser), "--json")
    assert json.loads(told.output)["moves"] == {"refer>admit": 1}
    table = run("rehearse", "--hall", hall.hall, "--rules", str(looser), "--since", "24h")
    assert "1 decided differently" in table.output
    assert "王*明" in table.output
    assert run("rehearse", "--hall", hall.hall, "--rules", "nothing").exit_code == 2
    assert run("rehearse", "--hall", hall.hall, "--rules", str(looser), "--since", "soon").exit_code == 2
    hall.lane.send(hall.lane.passage(decision=Decision(verdict=Verdict.REFUSE, reasons=(), rules_version=1)))
    assert run("replay", "--hall", hall.hall).exit_code == 1
    assert run("expire", "--days", "0").exit_code == 0
    told = hall.running.rows("SELECT actor, subject FROM audit WHERE what = 'removed'")
    assert ("operator", "health") in told, "whoever removes it, there is a proof"


def test_rules_from_before_are_found_by_their_version(hall: Hall) -> None:
    hall.pass_by(37.2)
    with hall.running.hub.engine.execution_options(writes=True).begin() as connection:
        publish_rules(connection, hall.running.hub.signing, hall.hall, LOOSER, WallClock().now())
    assert hall.replay().good
