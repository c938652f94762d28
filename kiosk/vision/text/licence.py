"""Business licences and forms: captions with their values beside or below them."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from kiosk.vision.text.fields import Checked, Field, Key, Page
from kiosk.vision.text.layout import Row, Value, captions_in, rows_of, value_of
from kiosk.vision.text.numbers import CREDIT_CODE, IDENTITY, NumberKind, dates_in, number_run, read_number
from kiosk.vision.text.script import printed
from kiosk.wire import gb11643, gb32100

CAPTIONS: dict[str, tuple[str, ...]] = {
    Key.CODE: ("统一社会信用代码", "社会信用代码"),
    Key.NAME: ("企业名称", "名称", "字号", "称"),  # 名 and 称 are printed far apart: one of them may be missed
    Key.TYPE: ("主体类型", "公司类型", "类型", "组成形式"),
    Key.LEGAL_REPRESENTATIVE: (
        "法定代表人",
        "执行事务合伙人",
        "投资人",
        "负责人",
        "经营者",
    ),
    Key.CAPITAL: ("注册资本", "出资额", "成员出资总额"),
    Key.FOUNDED: ("成立日期", "注册日期"),
    Key.TERM: ("营业期限", "合伙期限"),
    Key.SCOPE: ("经营范围", "业务范围"),
    Key.ADDRESS: ("主要经营场所", "经营场所", "营业场所", "住所"),
    "registrar": ("登记机关",),
}
"""What licences print, for companies, partnerships, branches, sole traders and cooperatives."""
_SINGLE_ROW = (Key.LEGAL_REPRESENTATIVE, Key.FOUNDED, Key.CODE)
FORM_CAPTION = re.compile(r"^([\w（）()、/ ]{1,16})[:：](.+)$")
"""A line of a form: its caption and its value."""


def read_licence(page: Page) -> dict[str, Field]:
    """A business licence."""
    rows = rows_of(page.lines)
    captions = captions_in(rows, CAPTIONS)
    if not captions:
        return {}  # another document, whatever numbers it has
    values: dict[str, Field] = {}
    code = next((value_of(rows, one, captions, most_rows=1) for one in captions if one.key == Key.CODE), None)
    if (read := _number(page, rows, code, CREDIT_CODE, values_only=False)) is not None:
        values[Key.CODE] = read
    for caption in captions:
        if caption.key in values or caption.key in {Key.CODE, "registrar"}:
            continue
        found = value_of(rows, caption, captions, most_rows=1 if caption.key in _SINGLE_ROW else 12)
        text = printed(page.lines, found.marks)
        if caption.key == Key.FOUNDED:
            dates = dates_in(text)
            if dates:
                values[caption.key] = Field(dates[0].isoformat(), found.score)
        elif text:
            values[caption.key] = Field(text, found.score)
    return values


def read_form(page: Page, captions: Mapping[str, Sequence[str]]) -> dict[str, Field]:
    """Any page: lines of the form `caption：value`, and captions that the caller names."""
    rows = rows_of(page.lines)
    values: dict[str, Field] = {}
    named = captions_in(rows, captions) if captions else []
    for caption in named:
        found = value_of(rows, caption, named, most_rows=3)
        if found.marks and caption.key not in values:
            values[caption.key] = _field(page, found)
    for row in rows:
        match = FORM_CAPTION.match(row.text)
        if match and match.group(1) not in values:
            values[match.group(1)] = _field(page, Value(row.marks[match.start(2) :]))
    return values


def _field(page: Page, found: Value) -> Field:
    """A value; one that looks like an identity number or a credit code is read as such and checked."""
    marks = number_run(Row(found.marks))
    if len(marks) == len(found.marks) and abs(len(marks) - 18) <= 1:
        digits = sum(mark.char.isdigit() for mark in marks)
        kind = IDENTITY if digits >= len(marks) - 1 and not _is_code(marks) else CREDIT_CODE
        if (read := _number(page, (), found, kind)) is not None:
            return read
    return Field(printed(page.lines, found.marks), found.score)


def _is_code(marks: Sequence[object]) -> bool:
    text = unicodedata.normalize("NFKC", "".join(getattr(mark, "char", "") for mark in marks))
    return gb32100.is_valid(text) and not gb11643.is_valid(text)


def _number(
    page: Page, rows: Sequence[Row], value: Value | None, kind: NumberKind, *, values_only: bool = True
) -> Field | None:
    marks = number_run(Row(value.marks)) if value and value.marks else ()
    if not marks and not values_only:
        runs = [run for row in rows if len(run := number_run(row)) >= 16]
        marks = runs[0] if runs else ()
    read = read_number(page.engine, page.image, page.lines, marks, kind) if marks else None
    if read is None:
        return None
    return Field(read.text, read.score, Checked.PASSED if read.valid else Checked.FAILED, read.repaired)
