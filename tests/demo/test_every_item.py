"""Somebody applies for an item on the real programs, and the hub holds exactly what they gave."""

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from hub.catalogue.folder import SHIPPED, compiled
from kiosk.demo.brought import Folder, numbers_on
from kiosk.demo.items import NoSuchItem, chosen, circumstances
from kiosk.demo.life import Life, NothingFits
from kiosk.view.common import Words
from kiosk.view.desk import AnswerProblem, Field, Option, Question

CATALOGUE = compiled(SHIPPED)
WORDS = Words("问", "問", "Q")
TODAY = date(2026, 11, 23)


@pytest.mark.slow
@pytest.mark.timeout(200)
def test_papers_money_and_results_of_a_few_items_are_the_same_at_the_hub(root: Path) -> None:
    wanted = ("medical-device-filing", "temporary-id-card", "traffic-fine")
    command = [sys.executable, "-m", "kiosk", "demo", "--role", "desk", "--json"]
    for key in wanted:
        command += ["--item", key]
    result = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=180, check=False)
    assert result.stdout, result.stderr[-3000:]
    report = json.loads(result.stdout)
    assert [(row["item"], row["differences"]) for row in report["items"]] == [(key, []) for key in wanted]
    assert report["agrees"]
    assert result.returncode == 0
    filing, card, fine = report["items"]
    assert filing["papers"] >= 4
    assert filing["pages_recognised"] == filing["pages"]
    assert filing["pages_searchable"] >= filing["pages"] - 1  # name and number of the holder, read from the camera
    assert filing["largest_page_bytes"] <= 500_000
    assert filing["standing"] in {"granted", "result"}
    assert card["paid_fen"] == 1000
    assert fine["paid_fen"] > 0
    assert report["three_papers"]["median_machine_seconds"] <= report["three_papers"]["bar_seconds"]


def test_an_item_that_is_not_there_is_told_with_those_that_are() -> None:
    assert len(chosen(CATALOGUE.items, ["all"])) == len(CATALOGUE.items)
    with pytest.raises(NoSuchItem, match="tax-record"):
        chosen(CATALOGUE.items, ["tax-record", "nonsense"])


def test_circumstances_bring_papers_that_depend_on_answers() -> None:
    item = CATALOGUE.item("social-card-replacement")
    assert item is not None
    assert circumstances(item)


def asked(field: Field, problem: AnswerProblem = AnswerProblem.NONE, value: str = "", key: str = "what") -> Question:
    options = (Option("a", WORDS), Option("b", WORDS)) if field is Field.CHOICE else ()
    return Question(1, 3, key, WORDS, WORDS, field, value=value, options=options, problem=problem)


def test_what_was_not_taken_is_not_said_again() -> None:
    life = Life(TODAY, 3)
    first = life.say(asked(Field.DATE))
    second = life.say(asked(Field.DATE, AnswerProblem.IN_THE_PAST, first))
    assert first != second
    assert life.diary == {"what": second}


def test_who_does_not_qualify_says_something_else_until_nothing_is_left() -> None:
    life = Life(TODAY, 3, {"what": "b"})
    assert life.say(asked(Field.CHOICE)) == "b"
    life.refuse("what")
    assert life.say(asked(Field.CHOICE, value="b")) == "a"
    life.refuse("what")
    with pytest.raises(NothingFits, match="what"):
        life.say(asked(Field.CHOICE, value="a"))


def test_what_is_filled_in_already_is_left_and_thought_better_of_once() -> None:
    life = Life(TODAY, 3)
    assert life.say(asked(Field.PHONE, value="13700137000")) == "13700137000"
    assert life.say(asked(Field.PHONE, value="13700137000"), anew=True) == "13800130003"


def test_two_questions_get_different_words() -> None:
    life = Life(TODAY, 3)
    assert life.say(asked(Field.TEXT)) != life.say(asked(Field.TEXT, key="other"))


def test_each_sheet_is_told_from_the_others_by_what_a_camera_sees() -> None:
    folder = Folder(4, {"姓名": "王示例"}, seed=1)
    for title, page, side in (
        ("合同", 1, "only"),
        ("合同", 2, "only"),
        ("社会保障卡", 1, "front"),
        ("社会保障卡", 1, "back"),
    ):
        leaf = folder.leaf(title, page, side)
        assert folder.leaf(title, page, side) is leaf
        assert isinstance(leaf.scene, tuple)
        (scene,) = leaf.scene
        assert numbers_on(scene) == (leaf.number,)
    assert len({leaf.number for leaf in folder.leaves.values()}) == 4
