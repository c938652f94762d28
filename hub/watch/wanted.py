"""What may be asked for: one entry of a watch list as it was typed or stood in a file, and everything that is wrong.

Each field is told by itself, so that nobody has to guess. A mistyped number is found by its check character.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from kiosk.clock import CHINA, local_date
from kiosk.wire.gb11643 import is_valid
from kiosk.wire.watch import MOST_NOTE, WatchClass

LONGEST: Final = timedelta(days=365)
AHEAD: Final = timedelta(days=90)
"""An entry may begin so long after it is asked for, at most."""
MOST_ASKED_BY: Final = 100
MOST_WHY: Final = 200
MOST_LINES: Final = 500
"""Of one file: somebody has to look at each before it is decided."""
COLUMNS: Final[dict[str, str]] = {
    "证件号码": "number",
    "类别": "kind",
    "开始": "begins",
    "截止": "ends",
    "提出单位": "asked_by",
    "依据": "why",
    "提示": "note",
}
"""The columns of a file, by their Chinese heads; the English ones are the same in both languages of the console."""
_MAY_BE_MISSING: Final = frozenset({"begins", "note"})
_KINDS: Final = {
    "公安协查": WatchClass.WANTED,
    "走失需帮助": WatchClass.NEEDS_HELP,
    "法院禁止入内": WatchClass.COURT_BAN,
    "证件挂失": WatchClass.DOCUMENT_LOST,
    "扰乱秩序": WatchClass.DISORDER,
}
_OTHER_DOCUMENT: Final = re.compile(r"(?=.*[0-9])[A-Z0-9]{5,14}")
_RESIDENT: Final = re.compile(r"[0-9]{15,}[0-9X]?")
_RIGHTS: Final = re.compile("上访|信访|投诉|举报|维权|petition|complain", re.IGNORECASE)
"""Using a right is no ground. Whoever broke something while they used it is described by what they broke."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is wrong.

    Attributes:
        field: Which.
        kind: Stable; `watch_bad_` and this is the key of its words.
        line: Of a file, from 1; 0 for a form.
    """

    field: str
    kind: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """An entry that may be proposed.

    Attributes:
        number: Of the document, as `person_digest` takes it.
        begins, ends: The first moment, and the first moment after it.
    """

    number: str
    kind: WatchClass
    begins: datetime
    ends: datetime
    asked_by: str
    why: str
    note: str


def number_of(text: str) -> str:
    """A document's number as it is compared: no spaces or dashes, half-width, capital letters."""
    return re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text)).upper()


def number_fault(number: str) -> str:
    """What is wrong with a number; empty for nothing.

    Args:
        number: As `number_of` gives it.
    """
    if not number:
        return "missing"
    if len(number) == 18 and number[:17].isdigit():
        return "" if is_valid(number) else "check"
    if _RESIDENT.fullmatch(number):
        return "length"
    return "" if _OTHER_DOCUMENT.fullmatch(number) else "number"


def kind_of(text: str) -> WatchClass | None:
    """A class by its value or its Chinese name; None for neither."""
    text = text.strip()
    return _KINDS.get(text) or (WatchClass(text) if text in set(WatchClass) else None)


def _day(text: str) -> date | None:
    """`2026-11-22`, `2026/11/2`, `2026.11.2` or `2026年11月2日`, as spreadsheets write days."""
    parts = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", unicodedata.normalize("NFKC", text.strip()))
    try:
        return None if parts is None else date(int(parts[1]), int(parts[2]), int(parts[3]))
    except ValueError:
        return None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA)


def _span(fields: Mapping[str, str], today: date) -> Iterator[Fault | tuple[datetime, datetime]]:
    """From when until when, or what is wrong with it."""
    given = fields.get("begins", "").strip()
    begins = _day(given) if given else today
    ends = _day(fields.get("ends", ""))
    if begins is None:
        yield Fault("begins", "day")
    elif not today <= begins <= today + AHEAD:
        yield Fault("begins", "begins")
    if ends is None:
        yield Fault("ends", "until" if not fields.get("ends", "").strip() else "day")
    elif begins is not None and ends < begins:
        yield Fault("ends", "before")
    elif begins is not None and ends - begins > LONGEST:
        yield Fault("ends", "far")
    elif ends < today:
        yield Fault("ends", "past")
    if begins is not None and ends is not None:
        yield _midnight(begins), _midnight(ends + timedelta(days=1))


def _words(fields: Mapping[str, str]) -> Iterator[Fault]:
    for field, most, least in (("asked_by", MOST_ASKED_BY, 2), ("why", MOST_WHY, 4), ("note", MOST_NOTE, 0)):
        text = fields.get(field, "").strip()
        if len(text) < least:
            yield Fault(field, "short")
        if len(text) > most:
            yield Fault(field, "long")
        if any(unicodedata.category(each) == "Cc" for each in text):
            yield Fault(field, "control")
        if re.search(r"[0-9]{15,17}[0-9Xx]", unicodedata.normalize("NFKC", text)):
            yield Fault(field, "holds_number")
    if _RIGHTS.search(fields.get("why", "")):
        yield Fault("why", "rights")


def checked(fields: Mapping[str, str], now: datetime) -> Wanted | list[Fault]:
    """An entry from its fields, or everything that is wrong with it.

    Args:
        fields: `number`, `kind`, `begins`, `ends`, `asked_by`, `why`, `note`; days as `2026-11-22`.
        now: The time.
    """
    faults = []
    number, kind = number_of(fields.get("number", "")), kind_of(fields.get("kind", ""))
    if wrong := number_fault(number):
        faults.append(Fault("number", wrong))
    if kind is None:
        faults.append(Fault("kind", "kind"))
    span = None
    for found in _span(fields, local_date(now)):
        if isinstance(found, Fault):
            faults.append(found)
        else:
            span = found
    faults += _words(fields)
    if faults or kind is None or span is None:
        return faults
    asked_by, why, note = (fields.get(field, "").strip() for field in ("asked_by", "why", "note"))
    return Wanted(number, kind, *span, asked_by, why, note)


def from_file(text: str, now: datetime) -> tuple[list[Wanted], list[Fault]]:
    """The entries of a file, and everything that is wrong in it, line by line; with a fault nothing is to be taken.

    Args:
        text: CSV with a head line; separated by commas, semicolons or tabs.
        now: The time.
    """
    text = text.lstrip("\ufeff").replace("\x00", "")
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error:
        return [], [Fault("file", "file")]
    if not rows:
        return [], [Fault("file", "empty")]
    heads = [COLUMNS.get(head.strip(), head.strip().lower()) for head in rows[0]]
    faults = [Fault(field, "column", 1) for field in COLUMNS.values() if field not in heads]
    faults = [fault for fault in faults if fault.field not in _MAY_BE_MISSING]
    if faults:
        return [], faults
    found: list[Wanted] = []
    seen: dict[tuple[str, WatchClass], int] = {}
    lines = [(line, row) for line, row in enumerate(rows[1:], 2) if any(cell.strip() for cell in row)]
    if not lines:
        return [], [Fault("file", "empty")]
    if len(lines) > MOST_LINES:
        return [], [Fault("file", "many")]
    for line, row in lines:
        if len(row) > len(heads):
            faults.append(Fault("file", "cells", line))
            continue
        made = checked(dict(zip(heads, row, strict=False)), now)
        if not isinstance(made, Wanted):
            faults += [Fault(fault.field, fault.kind, line) for fault in made]
        elif (made.number, made.kind) in seen:
            faults.append(Fault("number", "twice", line))
        else:
            seen[made.number, made.kind] = line
            found.append(made)
    return found, faults
