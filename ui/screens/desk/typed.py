"""Typed answers: how they are shown while they are typed, and what they are in their canonical form."""

from typing import Final

from kiosk.view.desk import Field, Question

DIGIT_FIELDS: Final = frozenset({Field.PHONE, Field.DATE, Field.DIGITS, Field.AMOUNT, Field.ID_NUMBER})
"""Typed on the digit pad."""
LETTER_FIELDS: Final = frozenset({Field.CODE, Field.CREDIT_CODE, Field.TEXT, Field.ADDRESS})
"""Typed on the letter pad."""
_DIGITS: Final = frozenset("0123456789")
_MORE: Final = {Field.AMOUNT: ".", Field.ID_NUMBER: "X"}
_GROUPS: Final = {Field.PHONE: (3, 4, 4), Field.ID_NUMBER: (6, 8, 4), Field.CREDIT_CODE: (2, 6, 9, 1)}


def left_key(field: Field) -> str:
    """The key beside the nought."""
    return _MORE.get(field, "clear")


def most(state: Question) -> int:
    """How many characters may be typed."""
    return {Field.PHONE: 11, Field.DATE: 8, Field.ID_NUMBER: 18, Field.CREDIT_CODE: 18}.get(
        state.field, state.max_length
    )


def typed(state: Question) -> str:
    """A given value as it would have been typed."""
    if state.field in DIGIT_FIELDS:
        known = _DIGITS | set(_MORE.get(state.field, ""))
        return "".join(character for character in state.value if character in known)[: most(state)]
    return state.value


def shown(field: Field, value: str) -> str:
    """Typed characters as they are shown: a phone in 3-4-4, an identity number in 6-8-4, a date with its separators."""
    if field is Field.DATE:
        return "-".join(part for part in (value[:4], value[4:6], value[6:]) if part)
    groups, at = [], 0
    for width in _GROUPS.get(field, (len(value) or 1,)):
        groups.append(value[at : at + width])
        at += width
    return " ".join(part for part in (*groups, value[at:]) if part)


def canonical(field: Field, value: str) -> str:
    """Typed characters as the answer's canonical form."""
    match field:
        case Field.DATE:
            return shown(field, value)
        case Field.AMOUNT:
            return value.rstrip(".")
        case _:
            return value.strip()


def pressed(state: Question, value: str, key: str) -> str:  # noqa: PLR0911  one line a key
    """What is typed after one more key."""
    match key:
        case "clear":
            return ""
        case "back":
            return value[:-1]
        case _ if len(value) >= most(state):
            return value
        case "." if state.field is Field.AMOUNT:
            return value + key if value and "." not in value else value
        case "X" if state.field is Field.ID_NUMBER:
            return value + key if len(value) == 17 else value
        case _ if state.field is Field.AMOUNT and len(value.partition(".")[2]) == 2:
            return value
        case _:
            return value + key
