"""The forms of machine readable zones (ICAO Doc 9303 parts 4 to 7) and their check digits (part 3)."""

from dataclasses import dataclass
from enum import StrEnum

FILLER = "<"
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ<"
_WEIGHTS = (7, 3, 1)
VALUES = {character: value for value, character in enumerate(ALPHABET[:-1])} | {FILLER: 0}


class MrzKind(StrEnum):
    """The form of a zone."""

    TD1 = "td1"
    """Cards: 3 lines of 30."""
    TD2 = "td2"
    """Larger cards: 2 lines of 36."""
    TD3 = "td3"
    """Passports: 2 lines of 44."""
    MRV_A = "mrv_a"
    """Visas: 2 lines of 44, without a check digit over all."""
    MRV_B = "mrv_b"
    """Visas: 2 lines of 36, without a check digit over all."""
    FRENCH_ID = "french_id"
    """Identity cards of France before 2021: 2 lines of 36 with an order of their own."""


class Part(StrEnum):
    """What a check digit is over."""

    NUMBER = "number"
    BIRTH = "birth"
    EXPIRY = "expiry"
    OPTIONAL = "optional"
    COMPOSITE = "composite"


Spans = tuple[tuple[int, int], ...]
"""Half-open ranges of the zone's lines written one after another."""


@dataclass(frozen=True, slots=True)
class Check:
    """A check digit: over what, and where it stands."""

    part: Part
    over: Spans
    digit: int


@dataclass(frozen=True, slots=True)
class Form:
    """Where everything is, in the zone's lines written one after another."""

    kind: MrzKind
    lines: int
    width: int
    number: tuple[int, int]
    birth: tuple[int, int]
    sex: int
    expiry: tuple[int, int] | None
    nationality: tuple[int, int] | None
    names: tuple[int, int]
    optional: Spans
    checks: tuple[Check, ...]


def _two_lines(kind: MrzKind, width: int, *, personal: bool, composite: bool) -> Form:
    second = width
    checks = [
        Check(Part.NUMBER, ((second, second + 9),), second + 9),
        Check(Part.BIRTH, ((second + 13, second + 19),), second + 19),
        Check(Part.EXPIRY, ((second + 21, second + 27),), second + 27),
    ]
    end = 2 * width
    optional = (second + 28, end)
    if personal:
        optional = (second + 28, end - 2)
        checks.append(Check(Part.OPTIONAL, (optional,), end - 2))
    elif composite:
        optional = (second + 28, end - 1)
    if composite:
        over = ((second, second + 10), (second + 13, second + 20), (second + 21, end - 1))
        checks.append(Check(Part.COMPOSITE, over, end - 1))
    return Form(
        kind, 2, width, (second, second + 9), (second + 13, second + 19), second + 20, (second + 21, second + 27),
        (second + 10, second + 13), (5, width), (optional,), tuple(checks),
    )  # fmt: skip


TD1 = Form(
    MrzKind.TD1, 3, 30, (5, 14), (30, 36), 37, (38, 44), (45, 48), (60, 90), ((15, 30), (48, 59)),
    (
        Check(Part.NUMBER, ((5, 14),), 14),
        Check(Part.BIRTH, ((30, 36),), 36),
        Check(Part.EXPIRY, ((38, 44),), 44),
        Check(Part.COMPOSITE, ((5, 30), (30, 37), (38, 45), (48, 59)), 59),
    ),
)  # fmt: skip
FRENCH = Form(
    MrzKind.FRENCH_ID, 2, 36, (36, 48), (63, 69), 70, None, None, (5, 30), ((30, 36),),
    (
        Check(Part.NUMBER, ((36, 48),), 48),
        Check(Part.BIRTH, ((63, 69),), 69),
        Check(Part.COMPOSITE, ((0, 71),), 71),
    ),
)  # fmt: skip
TD2 = _two_lines(MrzKind.TD2, 36, personal=False, composite=True)
TD3 = _two_lines(MrzKind.TD3, 44, personal=True, composite=True)
MRV_A = _two_lines(MrzKind.MRV_A, 44, personal=False, composite=False)
MRV_B = _two_lines(MrzKind.MRV_B, 36, personal=False, composite=False)
LONG_NUMBERS = frozenset({MrzKind.TD1, MrzKind.TD2})
"""Where a number of more than nine characters goes on in the optional field."""
SHAPES = ((3, 30), (2, 44), (2, 36))
"""Lines and characters a line of all forms."""


def check_digit(text: str) -> str:
    """Compute a check digit (weights 7, 3, 1, modulo 10).

    Raises:
        ValueError: a character that a zone cannot have.
    """
    if any(character not in VALUES for character in text):
        raise ValueError("a zone has capital letters, digits and fillers only")
    return str(sum(VALUES[character] * _WEIGHTS[place % 3] for place, character in enumerate(text)) % 10)


def is_right(whole: str, check: Check, form: Form) -> bool:
    """Whether one check digit of a zone is right."""
    digit = whole[check.digit]
    over = "".join(whole[start:end] for start, end in check.over)
    if check.part is Part.NUMBER and digit == FILLER and form.kind in LONG_NUMBERS:
        # A longer number goes on in the optional field, and its check digit follows it there.
        rest = whole[slice(*form.optional[0])].split(FILLER, maxsplit=1)[0]
        return len(rest) >= 2 and check_digit(over + rest[:-1]) == rest[-1]
    if check.part is Part.OPTIONAL and digit == FILLER:
        return not over.strip(FILLER)
    return digit == check_digit(over)


def failed_parts(whole: str, form: Form) -> tuple[Part, ...]:
    """Which check digits of a zone are wrong."""
    return tuple(check.part for check in form.checks if not is_right(whole, check, form))
