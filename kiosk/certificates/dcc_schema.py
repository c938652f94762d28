"""The content of an EU DCC (EU DCC schema 1.0.0 to 1.3.0): checked for its types and dates, and read."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from kiosk.certificates.answers import CertificateAnswer as Answer
from kiosk.certificates.answers import Holder, Reason, Refused, Statement, StatementKind, TestResult
from kiosk.certificates.cbor import Item, Tagged
from kiosk.certificates.dcc_codes import DETECTED, NOT_DETECTED, TEST_DEVICE, known

MAX_NAME: Final = 80
"""Of names and codes (schema 1.3.0)."""
MAX_TEXT: Final = 512
"""Of what is not used here: a test centre's long name is no reason to refuse (one real vector has 101 characters)."""
MAX_DOSES: Final = 9
"""Entries of one kind; schema 1.3.0 has one, 1.0.0 let a certificate carry a series."""
_VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+")
_BORN = re.compile(
    r"((?:19|20)[0-9]{2})(?:-([0-9]{2}|XX)(?:-([0-9]{2}|XX))?)?(?:T[0-9:.]{5,15}(?:Z|[+-][0-9:]{2,6})?)?"
)
"""Year alone, year and month, or a whole date; an unknown part may be 00 or XX, and some issuers write a time."""
_MACHINE_NAME = re.compile(r"[A-Z<]*")
_COUNTRY = re.compile(r"[A-Z]{0,10}")
"""Empty in some Dutch vectors, which count as good: told as an unknown code."""
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9:.]{5,18}(?:Z|[+-][0-9:]{2,6})?)?")
"""A date; real issuers also write the time (BG, PL, SG in the published vectors)."""
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)"
)
_DATE_TAGS = {0, 1004}
"""CBOR tags of text dates (RFC 8949, RFC 8943), which some issuers write."""
_RESULTS = {DETECTED: TestResult.DETECTED, NOT_DETECTED: TestResult.NOT_DETECTED}

Sets = Mapping[str, Sequence[str]]
_Map = Mapping[int | str | bytes, Item]


@dataclass(frozen=True, slots=True)
class Content:
    """What a certificate says.

    Attributes:
        holder: whom it is made out to.
        statements: what it states, one or a series of one kind.
        identifiers: country and UVCI of each, for revocation.
    """

    holder: Holder
    statements: tuple[Statement, ...]
    identifiers: tuple[tuple[str, str], ...]


def kind(content: Item) -> StatementKind | None:
    """The kind of a certificate, before anything else of it is checked; None where it has none or several."""
    if not isinstance(content, dict):
        return None
    groups = {"v": StatementKind.VACCINATION, "t": StatementKind.TEST, "r": StatementKind.RECOVERY}
    present = [kind for name, kind in groups.items() if content.get(name)]
    return present[0] if len(present) == 1 else None


def read(content: Item, sets: Sets, issued: datetime | None = None) -> Content:
    """Check and read the content.

    Args:
        content: the map under claim -260, key 1.
        sets: value sets of the trust list, in place of those shipped.
        issued: of the token; nobody is born after that.

    Raises:
        Refused: MALFORMED with SCHEMA and the field's name.
    """
    whole = _map(content, "content")
    if not _VERSION.fullmatch(_text(whole, "ver")):
        raise _bad("ver")
    holder = _holder(whole)
    if issued is not None and holder.born[:4] > str(issued.year):
        raise _bad("dob: after it was issued")
    present = [name for name in ("v", "t", "r") if whole.get(name) is not None]
    if len(present) != 1:
        raise _bad("one of v, t, r")
    group = present[0]
    listed = whole[group]
    if not isinstance(listed, list) or not 1 <= len(listed) <= MAX_DOSES:
        raise _bad(f"{group}: number of entries")
    entries = [_map(entry, group) for entry in listed]
    reader = {"v": _vaccination, "t": _test, "r": _recovery}[group]
    statements = tuple(reader(entry, sets) for entry in entries)
    return Content(holder, statements, tuple((_country(entry), _identifier(entry)) for entry in entries))


def _identifier(entry: _Map) -> str:
    _text(entry, "is", most=MAX_TEXT)
    return _text(entry, "ci")


def _holder(whole: _Map) -> Holder:
    name = _map(whole.get("nam"), "nam")
    family, given = _text(name, "fn", needed=False), _text(name, "gn", needed=False)
    machine = (_text(name, "fnt"), _text(name, "gnt", needed=False))
    for part in machine:
        if not _MACHINE_NAME.fullmatch(part):
            raise _bad("fnt or gnt")
    for part in (family, given):
        if part and not any(letter.isalpha() for letter in part):
            raise _bad("fn or gn: no letter in it")
    printed = " ".join(part for part in (family, given) if part)
    return Holder(printed or " ".join(machine).replace("<", " ").strip(), _born(whole), "<<".join(machine))


def _born(whole: _Map) -> str:
    """As much of the date of birth as is known."""
    text = _text(whole, "dob")
    if not text:
        return ""
    found = _BORN.fullmatch(text)
    if not found:
        raise _bad("dob")
    known_parts = []
    for part in found.groups():
        if part in {None, "00", "XX"}:
            break
        known_parts.append(part)
    born = "-".join(known_parts)
    _whole_date((born + "-01-01")[:10], "dob")
    return born


def _vaccination(entry: _Map, sets: Sets) -> Statement:
    dose, of = _count(entry, "dn"), _count(entry, "sd")
    on = _date(entry, "dt")
    return Statement(
        StatementKind.VACCINATION,
        on,
        on.isoformat(),
        dose=(dose, of),
        product=_text(entry, "mp"),
        country=_country(entry),
        unknown_codes=_unknown(entry, sets, {"tg": "tg", "vp": "vp", "mp": "mp", "ma": "ma", "co": "co"}),
    )


def _test(entry: _Map, sets: Sets) -> Statement:
    _text(entry, "nm", needed=False, most=MAX_TEXT)
    _text(entry, "tc", needed=False, most=MAX_TEXT)
    taken = _text(entry, "sc")
    fields = {"tg": "tg", "tt": "tt", "tr": "tr", "co": "co"}
    if _text(entry, "ma", needed=False):
        fields["ma"] = TEST_DEVICE
    return Statement(
        StatementKind.TEST,
        _moment(taken, "sc"),
        taken,
        product=_text(entry, "tt"),
        result=_RESULTS.get(_text(entry, "tr"), TestResult.UNKNOWN),
        country=_country(entry),
        unknown_codes=_unknown(entry, sets, fields),
    )


def _recovery(entry: _Map, sets: Sets) -> Statement:
    on = _date(entry, "fr")
    return Statement(
        StatementKind.RECOVERY,
        on,
        on.isoformat(),
        valid_from=_date(entry, "df"),
        valid_until=_date(entry, "du"),
        country=_country(entry),
        unknown_codes=_unknown(entry, sets, {"tg": "tg", "co": "co"}),
    )


# Fields -------------------------------------------------------------------------------------------------------------


def _bad(field: str) -> Refused:
    return Refused(Answer.MALFORMED, Reason.SCHEMA, field)


def _map(value: Item, field: str) -> _Map:
    if not isinstance(value, dict):
        raise _bad(field)
    return value


def _text(entry: _Map, field: str, *, needed: bool = True, most: int = MAX_NAME) -> str:
    value = entry.get(field)
    if isinstance(value, Tagged) and value.tag in _DATE_TAGS:
        value = value.value
    if value is None and not needed:
        return ""
    if not isinstance(value, str) or len(value) > most:
        raise _bad(field)
    return value


def _count(entry: _Map, field: str) -> int:
    value = entry.get(field)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 99:
        raise _bad(field)
    return value


def _country(entry: _Map) -> str:
    country = _text(entry, "co")
    if not _COUNTRY.fullmatch(country):
        raise _bad("co")
    return country


def _date(entry: _Map, field: str) -> date:
    text = _text(entry, field)
    if not _DATE.fullmatch(text):
        raise _bad(field)
    return _whole_date(text[:10], field)


def _whole_date(text: str, field: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise _bad(field) from error


def _moment(text: str, field: str) -> date:
    if not _MOMENT.fullmatch(text):
        raise _bad(field)
    try:
        datetime.fromisoformat(text[:19])
    except ValueError as error:
        raise _bad(field) from error
    return date.fromisoformat(text[:10])


def _unknown(entry: _Map, sets: Sets, fields: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(field for field, name in fields.items() if not known(name, _text(entry, field), sets))
