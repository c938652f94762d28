"""`docs/gate-answers.md` says what is so: its reasons, its sentences and its tests exist."""

import re
from pathlib import Path

from kiosk.wire.rules import Reason
from ui.reasons import REASONS

_ROW = re.compile(r"^\| (?!what |---)(.+) \|$", re.MULTILINE)
_TEST = re.compile(r"`(tests/[a-z_/]+\.py)::(test_\w+)`")
_VERDICT = re.compile(r"\b(?:refuse|refer) `(\w+)`")


def rows(root: Path) -> list[list[str]]:
    text = (root / "docs" / "gate-answers.md").read_text(encoding="utf-8")
    return [row.split(" | ") for row in _ROW.findall(text)]


def test_each_row_names_tests_that_exist(root: Path) -> None:
    assert len(rows(root)) > 35
    for row in rows(root):
        named = _TEST.findall(row[-1])
        assert named, row[0]
        for path, name in named:
            assert re.search(rf"def {name}\(", (root / path).read_text(encoding="utf-8")), f"{path}::{name}"


def test_each_reason_is_told_in_the_words_of_the_screen(root: Path) -> None:
    told = 0
    for row in rows(root):
        for reason in _VERDICT.findall(row[1]):
            advice = REASONS[Reason(reason).value]
            assert row[2] == f"{advice.what}{advice.next}", row[0]
            told += 1
    assert told > 25
