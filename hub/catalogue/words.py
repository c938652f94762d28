"""Words of the catalogue: traditional characters, and what the search by pinyin goes by."""

import re
from functools import cache
from typing import Final

from opencc import OpenCC
from pypinyin import Style, lazy_pinyin, pinyin

from hub.catalogue.source import Words
from kiosk.wire.catalogue import Text

_MOST_READINGS: Final = 8
_HAN: Final = re.compile(r"[\u3400-\u9fff]")


@cache
def _converter() -> OpenCC:
    return OpenCC("s2tw")


def traditional(simplified: str) -> str:
    """A text in traditional characters, as Taiwan writes them."""
    return str(_converter().convert(simplified))


def text(words: Words) -> Text:
    """A text in all languages."""
    return Text(zh_hans=words.hans, zh_hant=words.hant or traditional(words.hans), en=words.en)


def searchable(phrase: str) -> tuple[str, ...]:
    """What finds a phrase when letters are typed: its pinyin, and its initials with each reading of its characters.

    `社保卡` gives `shebaoka` and `sbk`; 行 is both `h` and `x`, so that nobody has to know which one is meant.
    """
    han = "".join(_HAN.findall(phrase))
    if not han:
        return ()
    whole = "".join(lazy_pinyin(han, errors="ignore"))
    initials = [""]
    first = lazy_pinyin(han, style=Style.FIRST_LETTER, errors="ignore")
    every = pinyin(han, style=Style.FIRST_LETTER, heteronym=True, errors="ignore")
    for usual, readings in zip(first, every, strict=True):
        letters = [usual, *sorted({reading[0] for reading in readings} - {usual})]
        grown = [before + letter for letter in letters for before in initials]
        initials = grown if len(grown) <= _MOST_READINGS else [before + usual for before in initials]
    return tuple(dict.fromkeys([whole[:200], *(letters[:200] for letters in initials)]))
