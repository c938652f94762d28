"""How numbers are read in Chinese: dates, times, money, counts, and long numbers digit by digit. Pure functions."""

import re
from collections.abc import Callable
from typing import Final

DIGITS: Final = "零一二三四五六七八九"
_UNITS: Final = ("", "十", "百", "千")
_GROUPS: Final = ("", "万", "亿", "万亿")
_COUNTED: Final = "人位项項页頁份个個次件天张張条條元小米周週块塊部台间間种種"
"""Words of measure before which 2 is 两."""


def cardinal(number: int) -> str:
    """A whole number from 0 to 9999 9999 9999 as it is read: 1850 is 一千八百五十.

    Raises:
        ValueError: it is negative or larger.
    """
    if not 0 <= number < 10**12:
        raise ValueError(f"{number} is not read as one number")
    if number == 0:
        return DIGITS[0]
    groups = []
    rest = number
    while rest:
        rest, group = divmod(rest, 10_000)
        groups.append(group)
    words, gap = "", False
    for place in range(len(groups) - 1, -1, -1):
        group = groups[place]
        if group == 0:
            gap = bool(words)
            continue
        if words and (gap or group < 1000):
            words += DIGITS[0]
        words += _group(group) + _GROUPS[place]
        gap = False
    return words[1:] if words.startswith("一十") else words


def _group(number: int) -> str:
    words, gap = "", False
    for place in range(3, -1, -1):
        digit = number // 10**place % 10
        if digit == 0:
            gap = bool(words)
            continue
        words += (DIGITS[0] if gap else "") + DIGITS[digit] + _UNITS[place]
        gap = False
    return words


def one_by_one(number: str, *, one: str = "幺") -> str:
    """Digit by digit: telephone, receipt, identity numbers. A 1 is 幺 in Mandarin, so that it is not taken for 7.

    Args:
        number: digits and letters; whatever stands between them is a short pause.
        one: how a 1 is said.
    """
    pieces = re.findall(r"[0-9A-Za-z]+", number)
    single = all(len(piece) == 1 for piece in pieces)
    said = [
        "".join((one if sign == "1" else DIGITS[int(sign)]) if sign.isdigit() else sign for sign in piece)
        for piece in pieces
    ]
    return ("" if single else "，").join(said)


def _decimal(whole: str, fraction: str) -> str:
    return cardinal(int(whole)) + ("点" + "".join(DIGITS[int(sign)] for sign in fraction) if fraction else "")


def _money(found: re.Match[str]) -> str:
    whole, fraction = int(found[1]), (found[2] or "").ljust(2, "0")
    jiao, fen = int(fraction[0]), int(fraction[1])
    words = ("两" if whole == 2 else cardinal(whole)) + "元"
    if jiao:
        words += ("两" if jiao == 2 else DIGITS[jiao]) + "角"
    elif fen:
        words += DIGITS[0]
    if fen:
        words += DIGITS[fen] + "分"
    return words


def _time(found: re.Match[str]) -> str:
    hour, minute = int(found[1]), int(found[2])
    said = ("两" if hour == 2 else cardinal(hour)) + "点"
    if minute == 0:
        return said + "整"
    return said + (DIGITS[0] if minute < 10 else "") + cardinal(minute) + "分"


def _year(year: str) -> str:
    return "".join(DIGITS[int(sign)] for sign in year)


def _plain(found: re.Match[str], *, one: str) -> str:
    whole, fraction = found[1], found[2] or ""
    unread = len(whole) > 1 and whole.startswith("0")
    counted = found.string[found.end() :].lstrip()[:1] in tuple(_COUNTED)
    long = len(whole) >= 5 and int(whole) % 1000 != 0 and not counted
    if not fraction and (unread or long or len(whole) > 12):
        return one_by_one(whole, one=one)
    return _decimal(whole, fraction)


def read(text: str, *, one: str = "幺") -> str:
    """A Chinese text with its numbers as they are read, without digits.

    Args:
        text: as it is written: `2026 年 12 月 3 日 09:41`, `18.50 元`, `138 0013 8000`, `第 2 步`, `前面还有 2 人`.
        one: how a 1 is said where digits are said one by one: 幺 in Mandarin, 一 in Cantonese.

    Returns:
        二零二六年十二月三日九点四十一分, 十八元五角, 幺三八，零零幺三，八零零零, 第二步, 前面还有两人.
    """
    rules: tuple[tuple[str, Callable[[re.Match[str]], str]], ...] = (
        (
            r"(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)",
            lambda m: f"{_year(m[1])}年{cardinal(int(m[2]))}月{cardinal(int(m[3]))}日",
        ),
        (r"(?<!\d)(\d{4}) ?年", lambda m: f"{_year(m[1])}年"),
        (r"(?<!\d)(\d{1,2}):(\d{2})(?!\d)", _time),
        (r"(?<![\d.])(\d{1,12})(?:\.(\d{1,2}))? ?元", _money),
        (r"(\d+)(?:\.(\d+))? ?℃", lambda m: _decimal(m[1], m[2] or "") + "度"),
        (r"(\d+)(?:\.(\d+))? ?%", lambda m: "百分之" + _decimal(m[1], m[2] or "")),
        (r"(?<![\dA-Za-z])\d{2,8}(?: \d{2,8}[Xx]?)+(?![\dA-Za-z])", lambda m: one_by_one(m[0], one=one)),
        (r"(?<![\dA-Za-z])[0-9A-Za-z](?: [0-9A-Za-z])+(?![\dA-Za-z])", lambda m: one_by_one(m[0], one=one)),
        (r"(?<![\dA-Za-z])\d{6,17}[Xx](?![\dA-Za-z])", lambda m: one_by_one(m[0], one=one)),
        (rf"(?<![第\d.])(?<!第 )2 ?(?=[{_COUNTED}])(?!周)", lambda _: "两"),
        (r"(\d+)(?:\.(\d+))?", lambda m: _plain(m, one=one)),
    )
    for pattern, reading in rules:
        text = re.sub(pattern, reading, text)
    # Between Chinese characters a space is only for the eye.
    text = re.sub(r"\s*[·/|]\s*", "，", text)
    return re.sub(r"(?<=[^\x00-\x7f]) +| +(?=[^\x00-\x7f])", "", text)
