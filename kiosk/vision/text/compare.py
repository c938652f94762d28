"""What was typed against what is on the paper."""

import unicodedata
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from kiosk.vision.text.characters import simplified

MOST_LENGTH = 4000
"""Longer texts are no fields: they are compared in their first characters only."""


class Match(StrEnum):
    """How two texts stand to each other."""

    EQUAL = "equal"
    SAME_BUT_FORM = "same_but_form"
    """Equal but for width, case, spaces or punctuation."""
    OTHER_SCRIPT = "other_script"
    """One in traditional, one in simplified characters: often another name, so a person must say."""
    DIFFERENT = "different"
    MISSING = "missing"
    """Nothing was typed, or nothing was read."""


class Form(StrEnum):
    """In what two texts differ that are the same."""

    WIDTH = "width"
    CASE = "case"
    SPACES = "spaces"
    PUNCTUATION = "punctuation"


@dataclass(frozen=True, slots=True)
class Difference:
    """Where two texts differ.

    Attributes:
        typed, read: half-open ranges of characters, for the two to be marked on a screen; one may be empty.
    """

    typed: tuple[int, int]
    read: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The answer.

    Attributes:
        forms: for SAME_BUT_FORM: in what they differ.
        differences: for OTHER_SCRIPT and DIFFERENT: where.
    """

    match: Match
    forms: tuple[Form, ...] = ()
    differences: tuple[Difference, ...] = ()


def compare(typed: str, read: str) -> Comparison:
    """Compare what was typed with what was read.

    Args:
        typed, read: of any length; what goes beyond `MOST_LENGTH` characters is DIFFERENT unless both are equal.

    Returns:
        EQUAL only when every character is.
    """
    if not typed.strip() or not read.strip():
        return Comparison(Match.MISSING)
    if typed == read:
        return Comparison(Match.EQUAL)
    typed, read = typed[:MOST_LENGTH], read[:MOST_LENGTH]
    one, other = _kept(typed), _kept(read)
    plain, against = "".join(char for char, _ in one), "".join(char for char, _ in other)
    if plain == against:
        return Comparison(Match.SAME_BUT_FORM, _forms(typed, read))
    script = bool(plain) and simplified(plain) == simplified(against)
    differences = []
    for tag, start, end, from_, to in SequenceMatcher(None, plain, against, autojunk=False).get_opcodes():
        if tag != "equal":
            differences.append(Difference(_range(one, start, end, len(typed)), _range(other, from_, to, len(read))))
    return Comparison(Match.OTHER_SCRIPT if script else Match.DIFFERENT, differences=tuple(differences))


def _kept(text: str) -> list[tuple[str, int]]:
    """What counts, with where it stood: letters, digits and signs of quantity in one width and case.

    A sign between two digits counts, too: 1.5 is not 15, nor is door 1-2 door 12.
    """
    plain = [(one, place) for place, char in enumerate(text) for one in unicodedata.normalize("NFKC", char).casefold()]
    plain = [("-" if unicodedata.category(one) == "Pd" else one, place) for one, place in plain if not one.isspace()]
    digits = [False, *(one.isdigit() for one, _ in plain), False]
    return [
        entry
        for number, entry in enumerate(plain)
        if not _is_punctuation(entry[0]) or (digits[number] and digits[number + 2] and entry[0] != ",")
    ]


def _is_punctuation(char: str) -> bool:
    return unicodedata.category(char)[0] in "PZC"


def _range(kept: list[tuple[str, int]], start: int, end: int, length: int) -> tuple[int, int]:
    if start < end:
        return kept[start][1], kept[end - 1][1] + 1
    place = kept[start][1] if start < len(kept) else length
    return place, place


def _forms(typed: str, read: str) -> tuple[Form, ...]:
    """In what two texts differ whose characters are the same, by undoing one after another."""
    forms = []
    for form in Form:
        one, other = _undone(typed, form), _undone(read, form)
        if (one == typed and other == read) or _differs_without(typed, read, form):
            continue
        forms.append(form)
    return tuple(forms)


def _differs_without(typed: str, read: str, form: Form) -> bool:
    """Whether the texts are equal once all other forms are undone, so that this one makes no difference."""
    for other in Form:
        if other is not form:
            typed, read = _undone(typed, other), _undone(read, other)
    return typed == read


def _undone(text: str, form: Form) -> str:
    match form:
        case Form.WIDTH:
            return "".join(
                unicodedata.normalize("NFKC", char)
                if unicodedata.category(char)[0] in "LN" or char == "\u3000"
                else char
                for char in text
            )
        case Form.CASE:
            return text.casefold()
        case Form.SPACES:
            return "".join(text.split())
        case Form.PUNCTUATION:
            return "".join(char for char in text if not _is_punctuation(char) or char.isspace())
