"""Numbers are read as people say them; polyphonic characters and foreign letters too."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.view.common import Language
from kiosk.voice import numbers_en, numbers_zh
from kiosk.voice.reading import Tongue, key_of, reading, tongue_of


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("2026 年 12 月 3 日 09:41", "二零二六年十二月三日九点四十一分"),
        ("例如 2026-01-31。", "例如二零二六年一月三十一日。"),
        ("10:00 到达", "十点整到达"),
        ("14:05", "十四点零五分"),
        ("02:30", "两点三十分"),
        ("18.50 元", "十八元五角"),
        ("10.00 元", "十元"),
        ("2.05 元", "两元零五分"),
        ("10030 元", "一万零三十元"),
        ("138 0013 8000", "幺三八，零零幺三，八零零零"),
        ("110101 19900307 001X", "幺幺零幺零幺，幺九九零零三零七，零零幺X"),
        ("回执号 3 1 0 1 2", "回执号三幺零幺二"),
        ("A 0 1 2", "A零幺二"),
        ("12345", "幺二三四五"),
        ("0913", "零九幺三"),
        ("0 至 100000 的人数", "零至十万的人数"),
        ("体温 36.5 ℃", "体温三十六点五度"),
        ("第 2 步 共 6 步", "第二步共六步"),
        ("前面还有 2 人", "前面还有两人"),
        ("12 个工作日", "十二个工作日"),
        ("2 月 2 日", "二月二日"),
        ("满 60 周岁", "满六十周岁"),
        ("10030 人", "一万零三十人"),
        ("18 位身份证号码", "十八位身份证号码"),
        ("法定 60 个工作日 · 免费", "法定六十个工作日，免费"),
    ],
)
def test_numbers_in_chinese(written: str, said: str) -> None:
    assert numbers_zh.read(written) == said


def test_a_one_is_yat_in_cantonese() -> None:
    assert numbers_zh.read("12345", one="一") == "一二三四五"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("2026-12-03 09:41", "3 December 2026 9 41"),
        ("10.00 yuan", "10 yuan"),
        ("138 0013 8000", "1 3 8, 0 0 1 3, 8 0 0 0"),
        ("Call 12345", "Call 1 2 3 4 5"),
        ("At 10:00", "At 10 o'clock"),
        ("Step 1 of 6", "Step 1 of 6"),
        ("3 December 2026", "3 December 2026"),
        ("36.5 ℃", "36.5 degrees"),
    ],
)
def test_numbers_in_english(written: str, said: str) -> None:
    assert numbers_en.read(written) == said


def _value(words: str) -> int:
    """What a Chinese cardinal is worth: another way than the one that made it."""
    total, group, digit = 0, 0, 0
    units = {"十": 10, "百": 100, "千": 1000}
    for sign in words:
        if sign in units:
            group += (digit or 1) * units[sign]
            digit = 0
        elif sign in {"万", "亿"}:
            # 万亿 is the one double word there is
            total = (total + group + digit) * (10_000 if sign == "万" else 100_000_000)
            group = digit = 0
            continue
        else:
            digit = numbers_zh.DIGITS.index(sign)
    return total + group + digit


@settings(deadline=None)
@given(st.integers(0, 99_999_999))
def test_a_cardinal_says_its_number(number: int) -> None:
    words = numbers_zh.cardinal(number)
    assert _value(words) == number
    assert "零零" not in words
    assert not (len(words) > 1 and words.endswith("零"))


@settings(deadline=None)
@given(st.text(alphabet="0123456789 .:-年月日元第℃%人AX·，", max_size=30))
def test_whatever_is_written_is_read(text: str) -> None:
    said = numbers_zh.read(text)
    assert not any(sign.isdigit() for sign in said)
    numbers_en.read(text)
    for tongue in Tongue:
        reading(text, tongue)


def test_places_and_words_have_their_readings() -> None:
    (part,) = reading("六安市、重庆、银行、长安", Tongue.MANDARIN)
    assert part.sounds.split() == ["lu4", "an1", "shi4,", "chong2", "qing4,", "yin2", "hang2,", "chang2", "an1"]
    (part,) = reading("請進", Tongue.CANTONESE)
    assert part.sounds == "ceng2 zeon3"


def test_letters_in_a_chinese_sentence_are_named() -> None:
    parts = reading("用 A4 纸，PIN 码", Tongue.MANDARIN)
    assert [(part.tongue, part.sounds) for part in parts] == [
        (Tongue.MANDARIN, "yong4"),
        (Tongue.ENGLISH, "A"),
        (Tongue.MANDARIN, "si4 zhi3,"),
        (Tongue.ENGLISH, "P I N"),
        (Tongue.MANDARIN, "ma3"),
    ]


def test_a_chinese_name_in_an_english_sentence_is_mandarin() -> None:
    parts = reading("Collected by 王小明", Tongue.ENGLISH)
    assert parts[1] == (Tongue.MANDARIN, "wang2 xiao3 ming2")


def test_the_same_sound_has_one_clip() -> None:
    assert key_of(reading("请进", Tongue.MANDARIN)) == key_of(reading("請進。", Tongue.MANDARIN)[:1]).rstrip(".")


def test_traditional_characters_are_cantonese_where_the_hall_wants_it() -> None:
    assert tongue_of(Language.ZH_HANT, cantonese=True) is Tongue.CANTONESE
    assert tongue_of(Language.ZH_HANT, cantonese=False) is Tongue.MANDARIN
    assert tongue_of(Language.ZH_HANS, cantonese=True) is Tongue.MANDARIN
    assert tongue_of(Language.EN, cantonese=True) is Tongue.ENGLISH
