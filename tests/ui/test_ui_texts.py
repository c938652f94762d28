"""The desk's questions about messages: they fit in every language and mode, and can be touched, read and told."""

import pytest

from kiosk.desk.form import question
from kiosk.desk.texts import ABROAD_CHOICE, MAINLAND_CHOICE, WHERE, texts_queries, texts_verdict
from kiosk.view.common import Language
from kiosk.view.desk import Question
from ui.walk import MODES, walk, walked_on, without_pauses

WRONG = "85221230011"


def states() -> list[tuple[str, Question]]:
    """Each question as it is first asked, and the number that is none."""
    (where,) = texts_queries({})
    (_, mainland) = texts_queries({WHERE: MAINLAND_CHOICE})
    (_, abroad) = texts_queries({WHERE: ABROAD_CHOICE})
    found = texts_verdict(abroad, WRONG)
    assert found is not None
    return [
        ("desk.where", question(where, step=9, steps=12, value="", can_save=True)),
        ("desk.mainland", question(mainland, step=10, steps=12, value="13800000011", prefilled=True, can_save=True)),
        ("desk.abroad", question(abroad, step=10, steps=12, value=WRONG, found=found, can_save=True)),
    ]


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("mode", ["normal", "all"])
def test_they_are_as_they_have_to_be(kivy: object, language: Language, mode: str) -> None:
    with without_pauses():
        wrong = walk(walked_on(language, MODES[mode]), list(states()))
    assert not wrong, "\n".join(wrong)
