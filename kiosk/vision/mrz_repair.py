"""Repair of what readers confuse in a zone, taken only where the check digits leave exactly one reading.

Readings are tried in two rounds: what the network itself held possible, then the usual confusions of letters
and digits. In each the fewest changes count, and two different readings that both fit are no proof of either.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, islice, product

from kiosk.vision.mrz_forms import LONG_NUMBERS, VALUES, Check, Form, Part, failed_parts, is_right

CONFUSED = {
    "0": "ODQ", "O": "0", "D": "0", "Q": "0", "1": "I", "I": "1", "L": "1", "2": "Z", "Z": "2",
    "5": "S", "S": "5", "6": "G", "G": "6", "8": "B", "B": "8", "K": "<", "<": "K",
}  # fmt: skip
"""Letters and digits that are alike. The weights cannot tell G from 6, nor K from the filler."""
_MOST_CANDIDATES = 4000


def alternatives(lines: Sequence[str], others: Sequence[Sequence[str]], form: Form) -> dict[int, str]:
    """What the network held possible, by place in the zone; only of lines that it read in their full length."""
    result: dict[int, str] = {}
    for number, (line, also) in enumerate(zip(lines, others, strict=False)):
        if len(also) == len(line) <= form.width:
            result |= {number * form.width + place: text for place, text in enumerate(also) if text}
    return result


def repair(whole: str, form: Form, others: Mapping[int, str]) -> str | None:
    """The only reading with fewest changes under which every check digit is right, or None.

    Args:
        whole: the zone's lines one after another, as long as the form says.
        others: what else the character at a place may be.
    """
    usual = {place: CONFUSED[character] for place, character in enumerate(whole) if character in CONFUSED}
    for alike, most in ((others, 2), (usual, 1)):
        found = _fitting(whole, form, alike, most)
        fewest = [text for text, count in found.items() if count == min(found.values())]
        if fewest:
            return fewest[0] if len(fewest) == 1 else None
    return None


def _fitting(whole: str, form: Form, alike: Mapping[int, str], most: int) -> dict[str, int]:
    """Readings that fit, with their number of changes: each failed part is repaired within itself."""
    checks = [check for check in form.checks if not is_right(whole, check, form)]
    parts = [check for check in checks if check.part is not Part.COMPOSITE] or checks
    options = [list(_fixes(whole, form, check, alike, most)) for check in parts]
    found: dict[str, int] = {}
    for chosen in islice(product(*options), _MOST_CANDIDATES):
        text = _merged(whole, chosen)
        if text is not None and not failed_parts(text, form):
            found[text] = sum(a != b for a, b in zip(whole, text, strict=True))
    return found


def _fixes(whole: str, form: Form, check: Check, alike: Mapping[int, str], most: int) -> Iterator[str]:
    """Readings under which one check is right, with as few changes as it takes."""
    for count in range(1, most + 1):
        fitting = list(_changed(whole, form, check, alike, count))
        yield from fitting
        if fitting:
            return


def _changed(whole: str, form: Form, check: Check, alike: Mapping[int, str], count: int) -> Iterator[str]:
    """Readings with so many changes under which one check is right."""
    digits = {*range(*form.birth), *range(*(form.expiry or (0, 0))), *(one.digit for one in form.checks)}
    places = {place for start, end in check.over for place in range(start, end)} | {check.digit}
    if check.part is Part.NUMBER and form.kind in LONG_NUMBERS:
        places |= {*range(*form.optional[0])}
    options = [
        (place, one)
        for place in sorted(places)
        for one in alike.get(place, "")
        if one != whole[place] and one in VALUES and (place not in digits or one.isdigit())
    ]
    for chosen in islice(combinations(options, count), _MOST_CANDIDATES):
        text = _with(whole, chosen)
        if text is not None and is_right(text, check, form):
            yield text


def doubtful_parts(whole: str, form: Form, others: Mapping[int, str]) -> tuple[Part, ...]:
    """The parts that what the network held possible could change, with every check digit still right."""
    return tuple(
        check.part
        for check in form.checks
        if check.part is not Part.COMPOSITE
        and any(
            not failed_parts(text, form) for count in (1, 2) for text in _changed(whole, form, check, others, count)
        )
    )


def _with(whole: str, chosen: Sequence[tuple[int, str]]) -> str | None:
    if len({place for place, _ in chosen}) < len(chosen):
        return None
    text = list(whole)
    for place, one in chosen:
        text[place] = one
    return "".join(text)


def _merged(whole: str, chosen: Sequence[str]) -> str | None:
    """All the changes together; None when two of them change one place differently."""
    result = list(whole)
    for text in chosen:
        for place, (old, new) in enumerate(zip(whole, text, strict=True)):
            if old != new:
                if result[place] not in {old, new}:
                    return None
                result[place] = new
    return "".join(result)
