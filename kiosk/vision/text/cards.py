"""Resident identity cards (GA 448, GA 467): both sides."""

import re
import unicodedata
from collections.abc import Sequence

from kiosk.vision.text.characters import simplified
from kiosk.vision.text.fields import Checked, Field, Key, Page
from kiosk.vision.text.layout import Caption, Row, Value, captions_in, rows_of, value_of
from kiosk.vision.text.numbers import IDENTITY, NumberRead, dates_in, number_run, read_number
from kiosk.vision.text.script import printed
from kiosk.wire import gb11643

FRONT: dict[str, tuple[str, ...]] = {
    Key.NUMBER: ("公民身份号码",),
    Key.NAME: ("姓名",),
    Key.SEX: ("性别",),
    Key.ETHNIC_GROUP: ("民族",),
    Key.BIRTH: ("出生",),
    Key.ADDRESS: ("住址",),
}
BACK: dict[str, tuple[str, ...]] = {Key.ISSUER: ("签发机关",), Key.VALID_FROM: ("有效期限", "有效期")}
_GROUPS = """
    汉 蒙古 回 藏 维吾尔 苗 彝 壮 布依 朝鲜 满 侗 瑶 白 土家 哈尼 哈萨克 傣 黎 傈僳 佤 畲 高山 拉祜 水 东乡 纳西 景颇
    柯尔克孜 土 达斡尔 仫佬 羌 布朗 撒拉 毛南 仡佬 锡伯 阿昌 普米 塔吉克 怒 乌孜别克 俄罗斯 鄂温克 德昂 保安 裕固 京
    塔塔尔 独龙 鄂伦春 赫哲 门巴 珞巴 基诺 穿青人
"""
ETHNIC_GROUPS = tuple(_GROUPS.split())
"""The names of GB/T 3304, and one that cards carry besides."""
_MOST_ROWS: dict[str, int] = {Key.ADDRESS: 4}
"""Names of two rows are too rare to risk that of a small picture the row below is taken for more of the name."""
_NUMBER_AT_END = re.compile(r"(公民身份号码)?\d{15,17}[\dX]$")
FOREVER = "长期"


def read_front(page: Page) -> dict[str, Field]:
    """The side with the portrait."""
    rows = rows_of(page.lines)
    captions = _in_order(rows, captions_in(rows, FRONT, loose=True))
    found = {one.key: value_of(rows, one, captions, most_rows=_MOST_ROWS.get(one.key, 1)) for one in reversed(captions)}
    values: dict[str, Field] = {}
    birth_text = _birth_text(rows, captions)
    dates = dates_in(birth_text)
    birth = dates[0] if dates else None
    number = _number(page, rows, found, birth.strftime("%Y%m%d") if birth else None)
    inside = gb11643.birth_date(number.text) if number else None
    if number:
        checked = Checked.PASSED if number.valid else Checked.FAILED
        values[Key.NUMBER] = Field(number.text, number.score, checked, number.repaired)
    name = found.get(Key.NAME) or _name_without_caption(rows, captions)
    if name and (text := re.sub(r"[^\w·•. ]", "", printed(page.lines, name.marks)).strip("._ ").replace("•", "·")):
        values[Key.NAME] = Field(text, name.score)
    sex = next((char for char in found[Key.SEX].text if char in "男女"), None) if Key.SEX in found else None
    if sex:
        agrees = None if number is None or not number.text[16:17].isdigit() else "女男"[int(number.text[16]) % 2] == sex
        values[Key.SEX] = Field(sex, found[Key.SEX].score, _agreement(agrees))
    if Key.ETHNIC_GROUP in found and (group := _ethnic_group(found[Key.ETHNIC_GROUP].text)):
        values[Key.ETHNIC_GROUP] = Field(group, found[Key.ETHNIC_GROUP].score)
    if birth:
        score = found[Key.BIRTH].score if Key.BIRTH in found else 0.5
        values[Key.BIRTH] = Field(birth.isoformat(), score, _agreement(None if inside is None else inside == birth))
    if Key.ADDRESS in found and found[Key.ADDRESS].marks:
        address = found[Key.ADDRESS]
        text = _NUMBER_AT_END.sub("", printed(page.lines, address.marks))
        values[Key.ADDRESS] = Field(text, address.score)
    return values if number or len(captions) > 1 else {}


def _agreement(agrees: bool | None) -> Checked:  # noqa: FBT001  None is its third value
    if agrees is None:
        return Checked.NONE
    return Checked.PASSED if agrees else Checked.FAILED


def _in_order(rows: Sequence[Row], captions: list[Caption]) -> list[Caption]:
    """Each caption once, and none inside of an address: roads are called 民族路, too."""
    address = next((one for one in captions if one.key == Key.ADDRESS and one.start == 0), None)
    result: list[Caption] = []
    for one in captions:
        inside = address is not None and (one.row, one.start) > (address.row, address.start)
        if (inside and one.key != Key.NUMBER) or any(one.key == other.key for other in result):
            continue
        if one.key == Key.NUMBER and number_run(rows[one.row]) == () and inside and one.start > 0:
            continue
        result.append(one)
    return result


def _number(page: Page, rows: Sequence[Row], found: dict[str, Value], birth: str | None) -> NumberRead | None:
    marks = number_run(Row(found[Key.NUMBER].marks)) if Key.NUMBER in found and found[Key.NUMBER].marks else ()
    if not marks:
        runs = [run for row in rows if (run := number_run(row))]
        marks = max(runs, key=lambda run: (run[0].y, len(run)), default=())
    if not marks:
        return None
    agrees = None if birth is None else (lambda text: text[6:14] == birth)
    return read_number(page.engine, page.image, page.lines, marks, IDENTITY, agrees)


def _birth_text(rows: Sequence[Row], captions: Sequence[Caption]) -> str:
    for one in captions:
        if one.key == Key.BIRTH:
            return "".join(mark.char for mark in rows[one.row].marks[one.end :])
    return next((row.text for row in rows if re.search(r"\d{4}年\d{1,2}月\d{1,2}", row.text)), "")


def _name_without_caption(rows: Sequence[Row], captions: Sequence[Caption]) -> Value | None:
    """The row above the one with the sex, where its values begin."""
    for one in captions:
        if one.key == Key.SEX and one.row > 0 and one.end < len(rows[one.row].marks):
            left = rows[one.row].marks[one.end]
            above = tuple(mark for mark in rows[one.row - 1].marks if mark.x > left.x - 0.8 * left.height)
            if 2 <= len(above) <= 15:
                return Value(above)
    return None


def _ethnic_group(read: str) -> str | None:
    plain = simplified(re.sub(r"\W", "", read)).removesuffix("族")
    starts = [group for group in ETHNIC_GROUPS if plain.startswith(group)]
    if starts:
        return max(starts, key=len)
    # Of the names with several characters one wrong character is told; 汉 and 汊 are not.
    near = [
        group
        for group in ETHNIC_GROUPS
        if len(group) == len(plain) > 2 and sum(a != b for a, b in zip(group, plain, strict=True)) == 1
    ]
    return near[0] if len(near) == 1 else None


def read_back(page: Page) -> dict[str, Field]:
    """The side with the emblem: who issued it, and from when to when it is valid."""
    rows = rows_of(page.lines)
    captions = captions_in(rows, BACK, loose=True)
    found = {caption.key: value_of(rows, caption, captions) for caption in reversed(captions)}
    values: dict[str, Field] = {}
    issuer = found.get(Key.ISSUER)
    if issuer and issuer.marks:
        values[Key.ISSUER] = Field(printed(page.lines, issuer.marks), issuer.score)
    term = found.get(Key.VALID_FROM)
    text = term.text if term else next((row.text for row in rows if re.search(r"\d{4}\D?\d\d\D?\d\d", row.text)), "")
    text = unicodedata.normalize("NFKC", text)
    score = term.score if term else 0.5
    if (dates := dates_in(_spread(text))) and (FOREVER in simplified(text) or len(dates) > 1):
        start, end = dates[0], dates[1] if len(dates) > 1 else None
        values[Key.VALID_FROM] = Field(start.isoformat(), score)
        if end is None:
            values[Key.VALID_UNTIL] = Field(FOREVER, score)
        else:
            # Cards are given for 5, 10 or 20 years to the day.
            whole = end.year - start.year in {5, 10, 20} and (start.month, start.day) == (end.month, end.day)
            checked = Checked.PASSED if whole else Checked.FAILED
            values[Key.VALID_FROM] = Field(start.isoformat(), score, checked)
            values[Key.VALID_UNTIL] = Field(end.isoformat(), score, checked)
    return values


def _spread(text: str) -> str:
    """`2010.01.01-2030.01.01` whose points were lost is still two dates."""
    digits = re.sub(r"\D", "", text)
    if len(digits) in {8, 16} and FOREVER not in text[:8]:
        return " ".join(f"{part[:4]}.{part[4:6]}.{part[6:]};" for part in (digits[:8], digits[8:]) if part)
    return text
