"""Traditional characters for the console: OpenCC's, with what people who read them found wrong or unclear."""

from functools import cache
from typing import Final

from opencc import OpenCC

REVIEWED: Final[dict[str, str]] = {
    # In traditional writing the hall's words, not the converter's choice of a homograph.
    "后台": "後台",
    "里面": "裡面",
    "只能": "只能",
    "复核": "覆核",
    "复测": "複測",
    "回执": "回執",
    "办件": "辦件",
    "台": "台",
    "窗口": "窗口",
    "面签": "面簽",
    "系统": "系統",
    "核准": "核准",
    "准予": "准予",
    "不准": "不准",
    "周": "週",
    "采用": "採用",
    "采纳": "採納",
}
"""Phrases and how they are written; longer ones win."""


@cache
def _converter() -> OpenCC:
    return OpenCC("s2tw")


@cache
def hant(simplified: str) -> str:
    """A text in traditional characters.

    Args:
        simplified: As in the tables of words; what is no Han stays as it is.
    """
    found = simplified
    marks = {}
    for place, phrase in enumerate(sorted(REVIEWED, key=len, reverse=True)):
        if phrase in found:
            mark = chr(0xE000 + place)  # of the private use area: the converter leaves it alone
            found, marks[mark] = found.replace(phrase, mark), REVIEWED[phrase]
    found = str(_converter().convert(found))
    for mark, written in marks.items():
        found = found.replace(mark, written)
    return found
