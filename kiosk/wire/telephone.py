"""Mobile numbers: what is one, as it is kept (E.164, `+8613800000000`), and as it may be shown.

Mainland: the telecommunication numbering plan of 2017 (1[3-9] and nine digits). Hong Kong, Macao, Taiwan: the mobile
ranges of their numbering plans. Elsewhere: ITU-T E.164, seven to fifteen digits with the country's code.
"""

import re
import unicodedata
from enum import StrEnum
from typing import Final

E164: Final = r"^\+[1-9][0-9]{6,14}$"
LONGEST: Final = 24
"""Characters, as somebody writes it with blanks and dashes."""
_BETWEEN: Final = re.compile(r"[ \-().·]")
_DIGITS: Final = re.compile(r"[0-9]+")
_MAINLAND: Final = re.compile(r"1[3-9][0-9]{9}")
_REGIONS: Final = {
    "86": _MAINLAND,
    "852": re.compile(r"[4-9][0-9]{7}"),
    "853": re.compile(r"6[0-9]{7}"),
    "886": re.compile(r"9[0-9]{8}"),
}


class PhoneProblem(StrEnum):
    """Why a text is no mobile number."""

    EMPTY = "empty"
    NO_DIGITS = "no_digits"
    """Something that is no digit stands in it."""
    LANDLINE = "landline"
    """A fixed line: no message arrives there."""
    NOT_A_PHONE = "not_a_phone"


class NotAPhone(ValueError):
    """It is no mobile number.

    Attributes:
        problem: Why; the number itself is not repeated.
    """

    def __init__(self, problem: PhoneProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


def phone_of(text: str) -> str:
    """A mobile number in its canonical form.

    Args:
        text: As it was typed: `138 0000 0000`, `+852 9123 4567`, `0085291234567`, `00886 0912 345 678`.

    Returns:
        E.164: `+` and the country's code.

    Raises:
        NotAPhone: It is none; says why.
    """
    typed = _BETWEEN.sub("", unicodedata.normalize("NFKC", text).strip())
    if not typed:
        raise NotAPhone(PhoneProblem.EMPTY)
    abroad = typed.startswith(("+", "00"))
    digits = typed.removeprefix("+").removeprefix("00") if abroad else typed
    if not _DIGITS.fullmatch(digits):
        raise NotAPhone(PhoneProblem.NO_DIGITS)
    if not abroad:
        if _MAINLAND.fullmatch(digits):
            return f"+86{digits}"
        if digits.startswith("86") and _MAINLAND.fullmatch(digits[2:]):
            return f"+{digits}"
        fixed = digits.startswith(("0", "400", "800")) or len(digits) in {7, 8}
        raise NotAPhone(PhoneProblem.LANDLINE if fixed else PhoneProblem.NOT_A_PHONE)
    for code, pattern in _REGIONS.items():
        if digits.startswith(code):
            own = digits.removeprefix(code).removeprefix("0")  # Taiwan's are written with a 0 at home
            if pattern.fullmatch(own):
                return f"+{code}{own}"
            raise NotAPhone(PhoneProblem.NOT_A_PHONE)
    if not re.fullmatch(E164, f"+{digits}"):
        raise NotAPhone(PhoneProblem.NOT_A_PHONE)
    return f"+{digits}"


def mask_phone(phone: str) -> str:
    """`+8613800000011` → `138****0011`; of another country's the code and the last four digits stay."""
    if phone.startswith("+86"):
        return f"{phone[3:6]}****{phone[-4:]}"
    code = next((code for code in _REGIONS if phone.startswith(f"+{code}")), phone[1:3])
    return f"+{code} ****{phone[-4:]}"
