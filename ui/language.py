"""The words of the screens in each language: gettext catalogues, read once at the start.

The code says every text in zh-Hans; `ui/locale/<language>.po` holds the others. A test compares catalogue and code.
"""

import ast
import re
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Final

from kiosk.view.common import Language, Words

LOCALE: Final = Path(__file__).parent / "locale"
SOURCE: Final = Language.ZH_HANS


_MESSAGE: Final = re.compile(r'^msgid ((?:"(?:[^"\\\n]|\\.)*"\s*)+)msgstr ((?:"(?:[^"\\\n]|\\.)*"\s*)+)', re.MULTILINE)
"""What a catalogue of ours is made of: no plurals, no contexts."""


def N_(text: str) -> str:  # noqa: N802  gettext's own name, which the extraction looks for
    """Mark a text in a table for translation; it is translated where it is shown."""
    return text


class Speech:
    """One language: what a source text is called in it.

    Args:
        language: the language.
        texts: translation by source text; empty for the source language.
    """

    def __init__(self, language: Language, texts: dict[str, str]) -> None:
        self.language = language
        self._texts = texts

    def __call__(self, text: str) -> str:
        """The text in this language; the source text when the catalogue lacks it."""
        return self._texts.get(text, text)

    def of(self, words: Words) -> str:
        """Words that came as data, in this language."""
        return words.of(self.language)

    def day(self, day: date) -> str:
        """A calendar date as one says it."""
        if self.language is Language.EN:
            return f"{day.day} {day:%B} {day.year}"
        return f"{day.year} 年 {day.month} 月 {day.day} 日"

    def moment(self, moment: datetime) -> str:
        """Date and time of day."""
        return f"{self.day(moment.date())} {moment:%H:%M}"


@cache
def speech(language: Language) -> Speech:
    """The words of one language."""
    if language is SOURCE:
        return Speech(language, {})
    return Speech(language, messages((LOCALE / f"{language.value}.po").read_text(encoding="utf-8")))


def messages(catalogue: str) -> dict[str, str]:
    """What is translated in a catalogue, by source text.

    A library that knows all of gettext takes a second for it: whoever touches "EN" first would wait so long.

    Args:
        catalogue: the text of a .po file.
    """
    found = {}
    for source, target in _MESSAGE.findall(catalogue):
        # Neighbouring strings are one, as in Python, whose escapes are those of gettext.
        text, translated = str(ast.literal_eval(f"({source})")), str(ast.literal_eval(f"({target})"))
        if text and translated:
            found[text] = translated
    return found
