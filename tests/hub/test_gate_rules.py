"""The four shipped levels, rolling them out in steps, and the way back."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner

from hub.__main__ import app
from hub.rules import stages
from hub.rules.publish import LEVELS, NotPublishable, publish_rules, rules_from, rules_text, set_seats
from kiosk.clock import WallClock
from kiosk.gate.policy import decide
from kiosk.wire import routes
from kiosk.wire.evidence import (
    CodeChecked,
    CodeStatus,
    Colour,
    Evidence,
    HealthChecked,
    Holder,
    LivenessChecked,
    MaskSeen,
    MaskWorn,
    NotMeasured,
    Occupancy,
    Why,
)
from kiosk.wire.fleet import Signed
from kiosk.wire.rules import Level, MaskRule, Reason, Rules, Verdict
from kiosk.wire.signed import verify

Running = Any
Sender = Any
NOW = WallClock().now()


def level(number: int, seats: int | None = 120) -> Rules:
    return rules_from(rules_text(f"level-{number}"), "weinan", number, NOW, seats)


def test_the_levels_are_what_halls_do() -> None:
    one, two, three, four = (level(number) for number in (1, 2, 3, 4))
    assert [each.level for each in (one, two, three, four)] == list(Level)
    assert (one.walk_in, one.code_required, one.mask, one.health_required, one.capacity) == (
        False,
        True,
        MaskRule.REQUIRE,
        True,
        60,
    )
    assert one.liveness_required
    assert one.temperature_required
    assert (two.capacity, two.mask, two.health_required) == (90, MaskRule.REQUIRE, True)
    assert (three.capacity, three.mask, three.temperature_required) == (None, MaskRule.IGNORE, True)
    assert (four.walk_in, four.code_identifies, four.mask) == (True, True, MaskRule.IGNORE)
    asked = (four.temperature_required, four.face_required, four.health_required, four.liveness_required)
    assert not any(asked)


@pytest.mark.parametrize("name", sorted(LEVELS))
def test_every_level_can_be_read(name: str) -> None:
    text = LEVELS[name].read_text()
    assert sum(line.startswith("#") for line in text.splitlines()) >= 6


def complete(terminal: Sender) -> Evidence:
    """Everything that any level asks for, and all of it good."""
    return msgspec.structs.replace(
        terminal.passage().evidence,
        liveness=LivenessChecked(passed=True, method="challenge", frames=9, device="cam", at=NOW),
        mask=MaskSeen(worn=MaskWorn.WORN, frames=5, device="cam", at=NOW),
        health=HealthChecked(colour=Colour.GREEN, service="g", made=NOW, holder=Holder.SAME, at=NOW),
        occupancy=Occupancy(inside=3, at=NOW),
    )


def test_a_stricter_level_never_admits_who_a_looser_one_does_not(terminal: Sender) -> None:
    full = complete(terminal)
    nothing = NotMeasured(why=Why.NOT_SHOWN)
    parts = ("identity", "face", "temperature", "code", "liveness", "mask", "health")
    admits = []
    for number in (1, 2, 3, 4):
        rules = level(number)
        assert decide(full, rules, NOW).verdict is Verdict.ADMIT
        without = {
            part: decide(msgspec.structs.replace(full, **{part: nothing}), rules, NOW).verdict is Verdict.ADMIT
            for part in parts
        }
        admits.append({part for part, admitted in without.items() if admitted})
    assert admits[0] <= admits[1] <= admits[2] <= admits[3]
    assert [len(each) for each in admits] == [0, 0, 3, 6]
    assert admits[3] == set(parts) - {"identity"}


def test_in_ordinary_times_a_wrong_appointment_is_still_told(terminal: Sender) -> None:
    evidence = terminal.passage().evidence
    used = CodeChecked(status=CodeStatus.USED, code_id="A", device="scan", at=NOW)
    assert decide(msgspec.structs.replace(evidence, code=used), level(4), NOW).reasons == (Reason.CODE_USED,)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('level = "V"', "level"),
        ('level = "I"\nmask = "always"', "mask"),
        ('level = "I"\ntemprature_high_c = 37.3', "temprature_high_c"),
        ('level = "I"\nseats_share = 0.5', "--seats"),
        ('level = "I"\nseats_share = 1.5', "seats_share"),
        ('level = "I"\nseats_share = true', "seats_share"),
        ('level = "I"\nseats_share = 0.5\ncapacity = 9', "both"),
        ('level = "I"\ntemperature_high_c = 37.0', "temperatures"),
        ('level = "I"\ntemperature_high_c = nan', "temperatures"),
        ('level = "I"\ntemperature_ambient_min_c = 40', "ambient"),
        ('level = "I"\nhealth_required = true\nhealth_schemes = []', "health_schemes"),
        ('level = "I"\nhall = "x"\nversion = 7', ""),
        ("level = ", "Invalid value"),
    ],
)
def test_rules_that_contradict_themselves_are_refused(text: str, says: str) -> None:
    if not says:  # hall and version are the hub's to say
        rules = rules_from(text, "weinan", 3, NOW)
        assert (rules.hall, rules.version) == ("weinan", 3)
        return
    with pytest.raises(NotPublishable, match=says):
        rules_from(text, "weinan", 1, NOW)


class Hall:
    """Some terminals of one hall."""

    def __init__(self, running: Running, hall: str, terminals: int) -> None:
        self.running, self.hall = running, hall
        self.lanes = [running.terminal(hall=hall) for _ in range(terminals)]

    def publish(self, number: int, share: int = 100, *names: str) -> int:
        with self.running.hub.engine.execution_options(writes=True).begin() as connection:
            set_seats(connection, self.hall, 100)
            signed = publish_rules(connection, self.running.hub.signing, self.hall, rules_text(f"level-{number}"), NOW)
            stages.set_stage(connection, "rules", self.hall, share=share, names=names, narrow=True)
        return signed.version

    def widen(self, share: int, *names: str) -> None:
        with self.running.hub.engine.execution_options(writes=True).begin() as connection:
            stages.set_stage(connection, "rules", self.hall, share=share, names=names)

    def roll_back(self) -> None:
        with self.running.hub.engine.execution_options(writes=True).begin() as connection:
            stages.roll_back(connection, self.running.hub.signing, self.hall, NOW)

    def rules(self, lane: Sender) -> Rules:
        response = lane.http.get(f"{routes.SIGNED}/rules")
        assert response.status_code == 200
        body = verify(msgspec.json.decode(response.content, type=Signed), self.running.hub.data.signing_public())
        return msgspec.json.decode(body, type=Rules)

    def versions(self) -> list[int]:
        return [self.rules(lane).version for lane in self.lanes]


def test_rules_reach_a_few_terminals_first_and_the_same_ones(running: Running) -> None:
    hall = Hall(running, "in-steps", 4)
    assert hall.versions() == [1, 1, 1, 1]
    hall.publish(2, share=10)
    first = hall.versions()
    assert sorted(first) == [1, 1, 1, 2]
    hall.widen(50)
    half = hall.versions()
    assert sorted(half) == [1, 1, 2, 2]
    assert all(after >= before for before, after in zip(first, half, strict=True))
    hall.widen(100)
    assert hall.versions() == [2, 2, 2, 2]
    with pytest.raises(NotPublishable, match="roll back"):
        hall.widen(50)


def test_rules_reach_named_terminals_and_groups(running: Running) -> None:
    hall = Hall(running, "by-name", 3)
    names = [lane.enrolled.terminal for lane in hall.lanes]
    with running.hub.engine.execution_options(writes=True).begin() as connection:
        assert stages.set_group(connection, hall.hall, names[2], "pilot")
        assert not stages.set_group(connection, hall.hall, "gate-999", "pilot")
    hall.publish(1, 0, names[0], "pilot")
    assert hall.versions() == [2, 1, 2]
    with pytest.raises(NotPublishable, match="gate-999"):
        hall.widen(0, "gate-999")


def test_going_back_is_a_new_version_that_every_terminal_takes(running: Running) -> None:
    hall = Hall(running, "and-back", 2)
    hall.publish(4)
    hall.publish(1, share=50)
    before = hall.versions()
    assert sorted(before) == [2, 3]
    hall.roll_back()
    assert hall.versions() == [4, 4]
    assert {hall.rules(lane).level for lane in hall.lanes} == {Level.IV}
    hall.roll_back()  # further back
    assert hall.versions() == [5, 5]
    assert {hall.rules(lane).level for lane in hall.lanes} == {Level.III}
    with pytest.raises(NotPublishable, match="from before"):
        hall.roll_back()


def test_a_terminal_asks_only_for_what_is_new_to_it(running: Running) -> None:
    hall = Hall(running, "by-tag", 2)
    tags = [lane.http.get(f"{routes.SIGNED}/rules").headers["etag"] for lane in hall.lanes]
    hall.publish(2, share=50)
    answers = [
        lane.http.get(f"{routes.SIGNED}/rules", headers={"If-None-Match": tag}).status_code
        for lane, tag in zip(hall.lanes, tags, strict=True)
    ]
    assert sorted(answers) == [200, 304]


def run(data: Path, *words: str) -> Any:
    return CliRunner().invoke(app, [*words, "--hall", "weinan", "--data", str(data)])


def test_the_commands(tmp_path: Path) -> None:
    assert run(tmp_path, "publish", "--rules", "level-1").exit_code == 2
    published = run(tmp_path, "publish", "--rules", "level-1", "--seats", "120")
    assert published.exit_code == 0, published.output
    assert "rules version 1" in published.output
    assert run(tmp_path, "publish").exit_code == 2
    assert run(tmp_path, "publish", "--rules", "no-such-level").exit_code == 2
    assert run(tmp_path, "publish", "--roll-back").exit_code == 2
    assert run(tmp_path, "publish", "--rules", "level-4", "--share", "10").exit_code == 0
    back = run(tmp_path, "publish", "--roll-back")
    assert back.exit_code == 0
    assert "version 3" in back.output
    assert run(tmp_path, "group", "--terminal", "gate-1", "--name", "pilot").exit_code == 2
    (tmp_path / "gbk.toml").write_bytes("# 规则".encode("gbk"))
    assert run(tmp_path, "publish", "--rules", str(tmp_path / "gbk.toml")).exit_code == 2
    opened = run(tmp_path, "slots", "--capacity", "30", "--from", "2026-11-23", "--days", "7")
    assert "40 slots" in opened.output
    assert run(tmp_path, "slots", "--capacity", "30", "--from", "yesterday").exit_code == 2
    issued = run(tmp_path, "appointment", "--json", "--visitor")
    code_id = json.loads(issued.output)["claims"]["code_id"]
    assert "cancelled" in run(tmp_path, "withdraw", "--code", code_id).output
    assert run(tmp_path, "withdraw", "--code", code_id, "--revoke").exit_code == 2
    assert run(tmp_path, "withdraw", "--code", "NOSUCH").exit_code == 2


def test_rules_are_in_force_from_their_publication(running: Running) -> None:
    hall = Hall(running, "in-force", 1)
    hall.publish(2)
    assert NOW - timedelta(seconds=1) <= hall.rules(hall.lanes[0]).valid_from <= NOW
