"""Machine readable zones of ICAO Doc 9303 (parts 3 to 7): TD1, TD2, TD3, visas A and B. Pure functions on text.

`parse` checks every check digit. Where one fails it tries what readers confuse (O and 0, B and 8, ...), and takes a
repair only when the check digits leave exactly one. What they cannot tell apart is left as it was read: the weights
give G and 6, and K and the filler, the same remainder. Names are covered by no check digit: a person must confirm them.

The old French identity card (2 x 36, not of Doc 9303) is known besides, for it is still shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from kiosk.vision.mrz_forms import (
    FILLER,
    FRENCH,
    LONG_NUMBERS,
    MRV_A,
    MRV_B,
    SHAPES,
    TD1,
    TD2,
    TD3,
    VALUES,
    Form,
    MrzKind,
    Part,
    check_digit,
    failed_parts,
)
from kiosk.vision.mrz_repair import alternatives, doubtful_parts, repair

__all__ = ["MrzKind", "MrzResult", "MrzStatus", "Part", "check_digit", "parse"]

_TO_DIGIT = dict(zip("OQDUILZSGBTYJA", "00001125687714", strict=True))
_TO_LETTER = dict(zip("0125684", "OIZSGBA", strict=True))
_CENTURY = 100
_NO_NAME = frozenset("KCEXLSZ<")
"""What fillers at the end of names are taken for."""


class MrzStatus(StrEnum):
    """What a zone is worth."""

    VALID = "valid"
    """Every check digit is right."""
    CHECK_FAILED = "check_failed"
    NOT_MRZ = "not_mrz"


@dataclass(frozen=True, slots=True)
class MrzResult:
    """A zone that was read.

    Attributes:
        failed: the parts whose check digits are wrong.
        document: its code, e.g. `P`, `ID`.
        issuer, nationality: codes of three letters as printed, e.g. `UTO`, `D`.
        number: whole, also when it continues in the optional field.
        birth, expiry: None where the zone does not say the day, or it is none.
        sex: `F`, `M`, `X`, or empty when it is not said.
        surname, given_names: transliterated as printed, words with spaces between them.
        optional: what the issuer put there, fillers as spaces.
        truncated: the names fill their field, so that some may be missing.
        repaired: a character was changed on the check digits' proof; digits where only letters can be, and the
            other way round, are not counted.
        doubtful: the parts of which the network held another reading possible that the check digits allow as well.
        confirm_names: names have no check digit: show them to be confirmed.
        lines: as understood.
    """

    status: MrzStatus
    kind: MrzKind | None = None
    failed: tuple[Part, ...] = ()
    document: str = ""
    issuer: str = ""
    number: str = ""
    nationality: str = ""
    birth: date | None = None
    sex: str = ""
    expiry: date | None = None
    surname: str = ""
    given_names: str = ""
    optional: str = ""
    truncated: bool = False
    repaired: bool = False
    doubtful: tuple[Part, ...] = ()
    confirm_names: bool = True
    lines: tuple[str, ...] = ()


NOT_MRZ = MrzResult(MrzStatus.NOT_MRZ)


def parse(lines: Sequence[str], today: date, others: Sequence[Sequence[str]] = ()) -> MrzResult:
    """Understand the lines of a zone.

    Args:
        lines: from top to bottom. Spaces are dropped, small letters made capital, and lines that lack fillers at their
            end get them.
        today: which century two digits of a year mean: nobody is born later; a document expires within 50 years.
        others: for each line, for each character, what else it may be; tried besides the usual confusions.

    Returns:
        What it says; NOT_MRZ when it has not the form of a zone. Never raises.
    """
    cleaned = [_cleaned(line) for line in lines if line.strip()]
    form = _form(cleaned)
    if form is None:
        return NOT_MRZ
    whole = "".join(line.ljust(form.width, FILLER)[: form.width] for line in cleaned)
    typed = _typed(whole, form)
    if not _plausible(typed, form):
        return NOT_MRZ
    failed = failed_parts(typed, form)
    possible = alternatives(cleaned, others, form)
    proven = repair(typed, form, possible) if failed else None
    if proven is not None:
        typed, failed = proven, ()
    result = _result(typed, form, failed, changed=proven is not None, today=today)
    return result if failed else replace(result, doubtful=doubtful_parts(typed, form, possible))


def _cleaned(line: str) -> str:
    text = "".join(line.split()).upper().replace("«", "<<").replace("《", "<<").replace("く", "<").replace("〈", "<")
    return "".join(character if character in VALUES else FILLER for character in text)


def _form(lines: Sequence[str]) -> Form | None:
    for count, width in SHAPES:
        if len(lines) != count or not all(width - 12 <= len(line) <= width + 1 for line in lines):
            continue
        if max(len(line) for line in lines) < width - 2:
            continue
        if width == 30:
            return TD1
        visa = lines[0].startswith("V")
        if width == 44:
            return MRV_A if visa else TD3
        return MRV_B if visa else FRENCH if lines[0].startswith("IDFRA") else TD2
    return None


def _typed(whole: str, form: Form) -> str:
    """Make digits of letters where only digits can be, and the other way round."""
    characters = list(whole)
    digits = [place for check in form.checks for place in (check.digit,)]
    digits += range(*form.birth)
    digits += range(*form.expiry) if form.expiry else ()
    letters = [2, 3, 4, *range(*form.names), *(range(*form.nationality) if form.nationality else ()), 0]
    for place in digits:
        characters[place] = _TO_DIGIT.get(characters[place], characters[place])
    for place in letters:
        characters[place] = _TO_LETTER.get(characters[place], characters[place])
    for start in (2, *((form.nationality[0],) if form.nationality else ())):
        # Germany is the only state whose code has one letter.
        if "".join(characters[start : start + 3]) == "O<<":
            characters[start] = "D"
    return "".join(characters)


def _plausible(whole: str, form: Form) -> bool:
    if whole[0] not in "PIACV" or not all(character.isalpha() or character == FILLER for character in whole[2:5]):
        return False
    if not whole[2].isalpha() or whole[form.sex] not in "MFX<HN":
        return False
    dates = [whole[form.birth[0] : form.birth[1]]] + ([whole[slice(*form.expiry)]] if form.expiry else [])
    return all(character.isdigit() or character == FILLER for text in dates for character in text)


def _result(whole: str, form: Form, failed: tuple[Part, ...], *, changed: bool, today: date) -> MrzResult:
    optional = [whole[slice(*span)] for span in form.optional]
    number = whole[slice(*form.number)].rstrip(FILLER)
    digit = next(check.digit for check in form.checks if check.part is Part.NUMBER)
    if whole[digit] == FILLER and form.kind in LONG_NUMBERS and number:
        rest, _, optional[0] = optional[0].partition(FILLER)
        number += rest[:-1]
    names = whole[slice(*form.names)]
    surname, _, given = names.strip(FILLER).partition(FILLER * 2)
    given, _, rest = given.partition(FILLER * 2)
    if set(rest) - _NO_NAME:  # nothing should follow; what is more than misread fillers is shown
        given += FILLER + rest
    if form.kind is MrzKind.FRENCH_ID:
        surname, given = names.strip(FILLER), whole[49:63].strip(FILLER).replace(FILLER * 2, FILLER)
    sex = whole[form.sex]
    return MrzResult(
        status=MrzStatus.CHECK_FAILED if failed else MrzStatus.VALID,
        kind=form.kind,
        failed=failed,
        document=whole[:2].rstrip(FILLER),
        issuer=whole[2:5].rstrip(FILLER),
        number=number,
        nationality=whole[slice(*form.nationality)].rstrip(FILLER) if form.nationality else whole[2:5].rstrip(FILLER),
        birth=_birth(whole[slice(*form.birth)], today),
        sex=sex if sex in "MFX" else "",
        expiry=_expiry(whole[slice(*form.expiry)], today) if form.expiry else None,
        surname=_words(surname),
        given_names=_words(given),
        optional=" ".join(_words(text) for text in optional if text.strip(FILLER)),
        truncated=not names.endswith(FILLER),
        repaired=changed,
        lines=tuple(whole[start : start + form.width] for start in range(0, len(whole), form.width)),
    )


def _words(text: str) -> str:
    return " ".join(text.replace(FILLER, " ").split())


def _day(text: str, century: int) -> date | None:
    if not text.isdigit():
        return None
    try:
        return date(century + int(text[:2]), int(text[2:4]), int(text[4:6]))
    except ValueError:
        return None


def _birth(text: str, today: date) -> date | None:
    """Nobody is born tomorrow."""
    this = today.year - today.year % _CENTURY
    born = _day(text, this)
    return born if born is not None and born <= today else _day(text, this - _CENTURY)


def _expiry(text: str, today: date) -> date | None:
    """The year nearest to this one."""
    this = today.year - today.year % _CENTURY
    days = [day for century in (this - _CENTURY, this, this + _CENTURY) if (day := _day(text, century)) is not None]
    return min(days, key=lambda day: abs(day.year - today.year), default=None)
