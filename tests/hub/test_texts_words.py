"""Messages to citizens: what is a number, what they say, when they may go, and their settings."""

from datetime import datetime
from pathlib import Path

import pytest

from hub.texts.settings import BadTexts, TextSettings, load, loud_again
from hub.texts.templates import TEMPLATES, What, parts, signed, units, words_of
from kiosk.clock import CHINA
from kiosk.wire.telephone import LONGEST, NotAPhone, PhoneProblem, mask_phone, phone_of
from kiosk.wire.texts import CONSENT, CONSENT_WORDS

# Numbers -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "kept", "shown"),
    [
        ("13800000011", "+8613800000011", "138****0011"),
        (" 138 0000-0011 ", "+8613800000011", "138****0011"),
        ("１３８００００００１１", "+8613800000011", "138****0011"),
        ("+86 138 0000 0011", "+8613800000011", "138****0011"),
        ("8613800000011", "+8613800000011", "138****0011"),
        ("0085251230011", "+85251230011", "+852 ****0011"),
        ("+852 5123 0011", "+85251230011", "+852 ****0011"),
        ("+853 6600 0011", "+85366000011", "+853 ****0011"),
        ("+886 0912 000 011", "+886912000011", "+886 ****0011"),
        ("00886912000011", "+886912000011", "+886 ****0011"),
        ("+1 202 555 0111", "+12025550111", "+12 ****0111"),
    ],
)
def test_numbers_have_one_form_and_one_that_is_shown(typed: str, kept: str, shown: str) -> None:
    assert phone_of(typed) == kept
    assert phone_of(kept) == kept
    assert mask_phone(kept) == shown


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("", PhoneProblem.EMPTY),
        ("  ", PhoneProblem.EMPTY),
        ("一三八", PhoneProblem.NO_DIGITS),
        ("1380000001a", PhoneProblem.NO_DIGITS),
        ("+86 138;DROP", PhoneProblem.NO_DIGITS),
        ("=1+1", PhoneProblem.NO_DIGITS),
        ("02987654321", PhoneProblem.LANDLINE),
        ("4008123123", PhoneProblem.LANDLINE),
        ("51230011", PhoneProblem.LANDLINE),
        ("1380000001", PhoneProblem.NOT_A_PHONE),
        ("138000000111", PhoneProblem.NOT_A_PHONE),
        ("12800000011", PhoneProblem.NOT_A_PHONE),
        ("+8612800000011", PhoneProblem.NOT_A_PHONE),
        ("+85221230011", PhoneProblem.NOT_A_PHONE),
        ("+8532800011", PhoneProblem.NOT_A_PHONE),
        ("+999", PhoneProblem.NOT_A_PHONE),
        ("+1234567890123456", PhoneProblem.NOT_A_PHONE),
        ("+", PhoneProblem.NO_DIGITS),
        ("00", PhoneProblem.NO_DIGITS),
    ],
)
def test_what_is_no_number_is_told_why(typed: str, problem: PhoneProblem) -> None:
    with pytest.raises(NotAPhone) as refused:
        phone_of(typed)
    assert refused.value.problem is problem
    assert len(typed) <= LONGEST


def test_the_words_that_are_agreed_to_are_there_in_three_languages() -> None:
    words = CONSENT_WORDS[CONSENT]
    assert all((words.zh_hans, words.zh_hant, words.en))


# Words ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
@pytest.mark.parametrize("what", list(What))
def test_each_message_is_one_part_in_chinese_and_says_so_otherwise(what: What, language: str) -> None:
    values = {
        "subject": "A012" if what is What.CALLED else "00009700000001",
        "day": "12月31日",
        "time": "15:00",
        "count": "60",
        "carrier": "SFEXPRES",
        "tail": "1234",
    }
    if what in {What.BOOKED, What.MOVED, What.CANCELLED}:
        values["subject"] = "ABCDEFGH"
    words = words_of(what, language, values)
    assert "{" not in words
    assert "—" not in words
    longest_sign = "一二三四五六七八九十十一"[:12]
    if language == "zh-Hans":
        assert units(signed(words, longest_sign)) <= 70
        assert parts(signed(words, longest_sign)) == 1
    assert parts(signed(words)) == (1 if units(signed(words)) <= 70 else 2)


def test_every_version_has_every_message_in_both_languages() -> None:
    for version in TEMPLATES.values():
        assert set(version) == {"zh-Hans", "en"}
        assert all(set(words) == set(What) for words in version.values())


@pytest.mark.parametrize(("length", "expected"), [(1, 1), (70, 1), (71, 2), (134, 2), (135, 3)])
def test_long_messages_are_paid_as_their_parts(length: int, expected: int) -> None:
    assert parts("中" * length) == expected
    assert units("𠮷") == 2


# The night -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hour", "minute", "expected"),
    [(20, 59, None), (21, 0, (3, 8)), (23, 59, (3, 8)), (0, 0, (2, 8)), (7, 59, (2, 8)), (8, 0, None)],
)
def test_nothing_goes_in_the_night(hour: int, minute: int, expected: tuple[int, int] | None) -> None:
    settings = TextSettings(url="http://x/y", client="hall", secret_file="x")
    now = datetime(2026, 11, 2, hour, minute, tzinfo=CHINA)
    until = loud_again(settings, now)
    assert until == (now if expected is None else datetime(2026, 11, expected[0], expected[1], tzinfo=CHINA))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('url = "http://x/y"\nclient = "hall"\n', "secret_file"),
        ('url = "ftp://x"\nclient = "hall"\nsecret_file = "s"\n', "url"),
        ('url = "http://x/y"\nclient = "hall"\nsecret_file = "gone"\n', "cannot be read"),
        ('url = "http://x/y"\nclient = "hall"\nsecret_file = "short"\n', "less than 16"),
        ('url = "http://x/y"\nclient = "hall"\nsecret_file = "s"\na_day = 0\n', "a_day"),
        ('url = "http://x/y"\nclient = "hall"\nsecret_file = "s"\nnight = 1\n', "night"),
        ("url =", "texts.toml"),
    ],
)
def test_mistakes_in_the_settings_are_told(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "short").write_text("short")
    (tmp_path / "texts.toml").write_text(text)
    with pytest.raises(BadTexts, match=why):
        load(tmp_path / "texts.toml")
