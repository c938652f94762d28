"""Identity numbers. The examples are invented, or printed in the standard itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.wire.gb11643 import birth_date, check_character, is_valid

digits17 = st.text("0123456789", min_size=17, max_size=17)


@pytest.mark.parametrize(
    "number",
    [
        "11010519491231002X",  # GB 11643-1999, example
        "440524188001010014",  # GB 11643-1999, example
        "110101199003070011",
    ],
)
def test_valid(number: str) -> None:
    assert is_valid(number)


@pytest.mark.parametrize("prefix", ["810000", "820000", "830000", "911840", "999999"])
def test_permits_and_unknown_divisions_follow_the_same_rule(prefix: str) -> None:
    body = f"{prefix}19900307001"
    assert is_valid(body + check_character(body))


@pytest.mark.parametrize(
    "number",
    [
        "",
        "110101199003070012",
        "11010519491231002x",
        "11010119900307001",
        "1101011990030700111",
        "110101900307001",
        "１１０１０１１９９００３０７００１１",
        "11010119900307 011",
    ],
)
def test_not_valid(number: str) -> None:
    assert not is_valid(number)


@pytest.mark.parametrize("birth", ["19900231", "19901301", "19900300", "00000101", "17991231", "19010229"])
def test_a_birth_date_that_is_none(birth: str) -> None:
    body = f"110101{birth}001"
    assert not is_valid(body + check_character(body))


def test_leap_days() -> None:
    body = "11010120000229001"
    assert is_valid(body + check_character(body))
    assert birth_date(body) is not None


def test_only_seventeen_digits_have_a_check_character() -> None:
    for body in ("", "1" * 16, "1" * 18, "1" * 16 + "X", "٣" * 17):
        with pytest.raises(ValueError, match="seventeen"):
            check_character(body)


@given(digits17, st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(body: str, at: int, change: int) -> None:
    wrong = body[:at] + str((int(body[at]) + change) % 10) + body[at + 1 :]
    assert check_character(wrong) != check_character(body)


@given(digits17, st.integers(0, 15))
def test_two_neighbours_swapped_are_always_found(body: str, at: int) -> None:
    swapped = body[:at] + body[at + 1] + body[at] + body[at + 2 :]
    assert (check_character(swapped) == check_character(body)) == (body[at] == body[at + 1])


@given(st.text(max_size=20))
def test_any_text(number: str) -> None:
    assert not is_valid(number) or len(number) == 18
