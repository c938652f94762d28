"""Unified social credit codes (GB 32100-2015, check character MOD 31) and the organisation code inside (GB 11714)."""

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""The 31 characters of the code: I, O, S, V and Z are not used."""
_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ORGANISATION_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def check_character(first17: str) -> str:
    """Compute the eighteenth character.

    Args:
        first17: seventeen characters of `ALPHABET`.

    Raises:
        ValueError: anything else.
    """
    if len(first17) != len(_WEIGHTS) or any(character not in ALPHABET for character in first17):
        raise ValueError("seventeen characters of the code's alphabet are needed")
    total = sum(weight * ALPHABET.index(character) for weight, character in zip(_WEIGHTS, first17, strict=True))
    return ALPHABET[-total % 31]


def is_valid(code: str) -> bool:
    """Whether the check character of a code of 18 characters is right. Small letters are refused."""
    body = code[:17]
    if len(code) != 18 or any(character not in ALPHABET for character in body):
        return False
    return code[17] == check_character(body)


def organisation_is_valid(code: str) -> bool:
    """Whether the organisation code inside (characters 9 to 17, MOD 11) has the right check character, too.

    Codes given to persons in trade since 2015 carry a number of their own there, for which the rule holds as well;
    a wrong one is a reason to look again, not to refuse.
    """
    body, check = code[8:16], code[16:17]
    if len(code) != 18 or any(character not in ALPHABET for character in body):
        return False
    pairs = zip(_ORGANISATION_WEIGHTS, body, strict=True)
    rest = -sum(weight * _ORGANISATION_ALPHABET.index(character) for weight, character in pairs) % 11
    return check == ("X" if rest == 10 else str(rest))
