"""The whole thing, end to end: real programs, real wires, an invented crowd."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.demo.people import DESERVED, MUST_OCCUR, GateCase, crowd
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


def test_a_crowd_is_the_same_for_the_same_seed_and_holds_every_case() -> None:
    one, two = crowd(20, 5, 7, 3), crowd(20, 5, 7, 3)
    assert one == two
    assert one != crowd(20, 5, 8, 3)
    assert {v.case for v in one.visitors} >= set(MUST_OCCUR)
    people = [v.person for v in one.visitors] + [a.person for a in one.applicants]
    assert len({p.number for p in people}) == len(people)
    assert all(is_valid(p.number) for p in people)
    assert set(DESERVED) == set(GateCase)
