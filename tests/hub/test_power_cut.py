"""Power cuts and a short kill storm, as commands: their recorder must not be in the other tests' process."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.cut_disk import Delete, Step, Sync, Told, Truncate, Write, images


def run(root: Path, *arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments, "--json"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout, done.stderr[-2000:]
    figures: dict[str, Any] = json.loads(done.stdout)
    assert (done.returncode == 0) == figures["ok"]
    return figures


@pytest.mark.timeout(300)
def test_no_cut_loses_what_was_acknowledged_and_the_controls_do(root: Path) -> None:
    figures = run(root, "power-cut", "--cuts", "60", "--rounds", "12", "--seed", "5")
    assert figures["ok"], figures
    for store in ("hub", "terminal"):
        shipped = figures[store]["FULL"]
        assert (shipped["cuts"], shipped["rows_lost"], shipped["damaged"]) == (60, 0, 0)
        assert shipped["acknowledged_rows_checked"] > 500
        assert figures[store]["OFF"]["cuts_that_lost"] > 0
        assert figures[store]["NORMAL"]["cuts_that_lost"] > 0


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_short_kill_storm(root: Path) -> None:
    figures = run(root, "kill-storm", "--kills", "6", "--terminals", "2", "--seed", "7")
    assert figures["ok"], figures
    assert (figures["lost"], figures["duplicated"], figures["dead_letters"]) == (0, 0, 0)


FILE = "/x/hub.db"


def left(steps: list[Step], cuts: int = 200) -> set[bytes | None]:
    """What may be in the file after a cut at the very end."""
    return {image.files.get(FILE) for image in images(steps, cuts, 1, len(steps))}


def test_what_was_synced_stays_and_what_was_not_may_go() -> None:
    steps: list[Step] = [Write(FILE, 0, b"a" * 1024), Sync(FILE, 1)]
    assert left(steps) == {b"a" * 1024}
    torn = left([*steps, Write(FILE, 0, b"b" * 1024)])
    assert torn == {first * 512 + second * 512 for first in (b"a", b"b") for second in (b"a", b"b")}


def test_a_write_during_a_sync_is_not_promised() -> None:
    steps: list[Step] = [Write(FILE, 0, b"a" * 512), Write(FILE, 0, b"b" * 512), Sync(FILE, 1)]
    assert left(steps) == {b"a" * 512, b"b" * 512}


def test_cutting_short_and_deleting_are_writes_too() -> None:
    steps: list[Step] = [Write(FILE, 0, b"a" * 512), Sync(FILE, 1)]
    assert left([*steps, Truncate(FILE, 0)]) == {b"", b"a" * 512}
    assert left([*steps, Delete(FILE, durable=False)]) == {None, b"a" * 512}
    assert left([*steps, Delete(FILE, durable=True)]) == {None}


def test_only_what_was_told_before_the_cut_counts() -> None:
    steps: list[Step] = [Told("one"), Write(FILE, 0, b"a"), Told("two")]
    assert [image.told for image in images(steps, 1, 1, 3)] == [{"one", "two"}]
    assert {image.told for image in images(steps[:2], 3, 1, 2)} == {frozenset({"one"})}
