"""Citizen identity numbers (GB 11643, check character MOD 11-2 of ISO 7064).

Division codes are not looked up: they are abolished and re-issued, and cards keep the old ones. Numbers of residence
permits for Hong Kong, Macau (81, 82) and Taiwan (83) and of foreigners' permanent residence cards since 2023 (first
digit 9) follow the same rule.
"""

from datetime import date

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_CHARACTERS = "10X98765432"
_EARLIEST_YEAR = 1800


def check_character(first17: str) -> str:
    """Compute the eighteenth character.

    Args:
        first17: seventeen digits 0-9.

    Raises:
        ValueError: anything else.
    """
    if len(first17) != len(_WEIGHTS) or not (first17.isascii() and first17.isdigit()):
        raise ValueError("seventeen digits are needed")
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, first17, strict=True))
    return _CHECK_CHARACTERS[total % 11]


def birth_date(number: str) -> date | None:
    """Read the date of birth inside the number; None when the digits are no date."""
    digits = number[6:14]
    if len(digits) != 8 or not (digits.isascii() and digits.isdigit()):
        return None
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def is_valid(number: str) -> bool:
    """Whether the check character is right and the birth date inside is a real one.

    Args:
        number: 18 characters; the last may be `X`. A small `x` is a typing error and refused.
    """
    body, check = number[:17], number[17:]
    if len(number) != 18 or not (body.isascii() and body.isdigit()):
        return False
    birth = birth_date(number)
    return birth is not None and birth.year >= _EARLIEST_YEAR and check == check_character(body)
