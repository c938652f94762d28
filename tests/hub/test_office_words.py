"""The office's pages have words in both languages for all that they can show."""

import re
from enum import StrEnum

import pytest

from hub.audit.chain import Actor
from hub.console.office_words import OFFICE_WORDS
from hub.console.pages import STATIC
from hub.console.words import WORDS
from hub.office.states import Step
from kiosk.wire.catalogue import Handling
from kiosk.wire.progress import Standing

TEMPLATES = STATIC.parent / "templates" / "office"


@pytest.mark.parametrize(
    ("prefix", "kind"), [("standing_", Standing), ("step_", Step), ("actor_", Actor), ("handling_", Handling)]
)
def test_every_value_has_words(prefix: str, kind: type[StrEnum]) -> None:
    missing = [value for value in kind if f"{prefix}{value.value}" not in WORDS]
    assert missing == []


def test_words_are_in_both_languages_and_hide_no_others() -> None:
    for key, (chinese, english) in OFFICE_WORDS.items():
        assert re.search(r"[\u4e00-\u9fff]", chinese), key
        assert english.isascii(), key
        assert WORDS[key] == (chinese, english), key


def test_templates_use_only_words_that_exist() -> None:
    used = {
        key for template in TEMPLATES.glob("*.html") for key in re.findall(r'w\("([a-z_]+)"\)', template.read_text())
    }
    assert len(used) > 40
    assert used - WORDS.keys() == set()
