"""The whole thing, end to end: real programs, real wires, an invented crowd."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.demo.cases import ACT_OF, DESERVED, MUST_OCCUR, PAIRS, Act, GateCase
from kiosk.demo.people import crowd
from kiosk.demo.plan import Plan, Roles
from kiosk.wire.gb11643 import is_valid

pytestmark = pytest.mark.slow


def demonstrate(root: Path, *arguments: str) -> dict[str, object]:
    result = subprocess.run(
        [sys.executable, "-m", "kiosk", "demo", *arguments, "--json"],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert result.stdout, result.stderr[-3000:]
    report: dict[str, object] = json.loads(result.stdout)
    assert report["differences"] == []
    assert result.returncode == 0
    return report


@pytest.mark.timeout(520)
def test_every_disturbance_and_the_hub_away_and_the_books_agree(root: Path) -> None:
    report = demonstrate(root, "--people", "20", "--submissions", "5", "--seed", "7", "--hub-down", "half")
    assert (report["people"], report["passages"], report["hub_passages"]) == (20, 20, 20)
    assert (report["submissions"], report["receipts"], report["hub_submissions"]) == (5, 5, 5)
    assert (report["lost"], report["duplicated"]) == (0, 0)
    cases = report["cases"]
    assert isinstance(cases, dict)
    assert {case.value for case in MUST_OCCUR} <= set(cases)
    assert report["site_files_refused"] == ["missing_device", "unknown_key", "wrong_type"]
    back = report["reader_back_ms"]
    assert isinstance(back, list)
    assert back


@pytest.mark.timeout(520)
def test_killing_programs_in_the_middle_loses_and_doubles_nothing(root: Path) -> None:
    report = demonstrate(root, "--people", "12", "--submissions", "4", "--seed", "5", "--kill", "5")
    assert (report["lost"], report["duplicated"]) == (0, 0)
    kills = report["kills"]
    assert isinstance(kills, dict)
    assert sum(kills.values()) >= 1


GATE_CASES = (
    GateCase.REVOKED,
    GateCase.PARTY,
    GateCase.SUN,
    GateCase.POWER_CUT_BEFORE_RELEASE,
    GateCase.POWER_CUT_BEFORE_BEAM,
    GateCase.MOVED_WHILE_OFFLINE,
    GateCase.BOOKED_WHILE_OFFLINE,
    GateCase.CODE_FOR_A_CARD,
    GateCase.RED,
    GateCase.DCC,
    GateCase.UNREACHABLE,
    GateCase.NO_MASK,
)


@pytest.mark.timeout(520)
def test_the_gates_day_under_four_levels_with_the_power_cut_and_the_hub_away(root: Path) -> None:
    """A sample of the cases; all of them: `python -m kiosk demo --role gate --people 200 --seed 1 --json`."""
    chosen = [word for case in GATE_CASES for word in ("--case", case.value)]
    report = demonstrate(root, "--role", "gate", "--people", "20", "--seed", "3", *chosen)
    assert report["people"] == 20
    assert report["power_cuts"] == 2
    changed = report["appointments_changed_while_offline"]
    assert isinstance(changed, int)
    assert changed > 2000
    replayed = report["replayed"]
    assert isinstance(replayed, dict)
    assert replayed["gate"]["rules"] == [1, 2, 3]
    assert replayed["gate"]["same"] == replayed["hub"]["same"] == report["passages"]
    cases = report["cases"]
    assert isinstance(cases, dict)
    assert {case.value for case in GATE_CASES} <= set(cases)


def plan(people: int, seed: int, role: Roles = "both", hub_down: str = "half") -> Plan:
    return Plan(people, 5, seed, hub_down=hub_down, role=role)


def test_a_crowd_is_the_same_for_the_same_seed_and_holds_every_case() -> None:
    one, two = crowd(plan(20, 7), 3), crowd(plan(20, 7), 3)
    assert one == two
    assert one != crowd(plan(20, 8), 3)
    assert {v.case for v in one.visitors} >= set(MUST_OCCUR)
    people = [v.person for v in one.visitors] + [a.person for a in one.applicants]
    assert len({p.number for p in people}) == len(people)
    assert all(is_valid(p.number) for p in people)
    assert set(DESERVED) == set(ACT_OF) == set(GateCase)


@pytest.mark.parametrize("seed", range(1, 6))
def test_two_hundred_people_are_every_case_in_the_order_of_the_day(seed: int) -> None:
    visitors = crowd(plan(200, seed, role="gate"), 3).visitors
    assert len(visitors) == 200
    assert {v.case for v in visitors} == set(GateCase)
    acts = [list(Act).index(v.act) for v in visitors]
    assert acts == sorted(acts)
    for before, after in PAIRS:
        places = {v.case: place for place, v in enumerate(visitors)}
        assert places[after] == places[before] + 1
    again = {v.case: v.person for v in visitors}
    assert again[GateCase.COMES_AGAIN] == again[GateCase.GOES_IN]


def test_what_the_hub_cannot_change_while_it_is_away_does_not_occur() -> None:
    visitors = crowd(plan(200, 1, role="gate", hub_down="whole"), 3).visitors
    assert {v.act for v in visitors} == {Act.LEVEL_3}
    assert crowd(plan(200, 1, role="desk"), 3).visitors == []
