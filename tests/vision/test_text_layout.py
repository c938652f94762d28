"""Rows, captions, numbers and comparison, without the networks: lines of glyphs are made by hand."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.vision.faces import Image
from kiosk.vision.text.compare import Form, Match, compare
from kiosk.vision.text.layout import captions_in, rows_of, value_of
from kiosk.vision.text.lines import Glyph, Quad, TextLine, box_quad
from kiosk.vision.text.numbers import CREDIT_CODE, IDENTITY, dates_in, number_run, read_number
from kiosk.wire import gb32100

PAGE = np.full((100, 600, 3), 255, np.uint8)
NUMBER = "110101199003070011"


def line(text: str, x: float, y: float, size: float = 20, tilt: float = 0.0) -> TextLine:
    """A line whose characters are as wide as high."""
    quad = box_quad(x, y, x + size * len(text), y + size)
    quad[1:3, 1] += tilt * size * len(text)
    glyphs = tuple(Glyph(one, 0.9, (place + 0.5) / len(text)) for place, one in enumerate(text))
    return TextLine(text, 0.9, quad, glyphs)


class Scripted:
    """A reader that answers with what it is told, one answer a call."""

    def __init__(self, *answers: Sequence[Glyph]) -> None:
        self.answers = list(answers)

    def find(self, image: Image, side: int = 960) -> tuple[Quad, ...]:
        return ()

    def recognise(self, image: Image, quads: Sequence[Quad], alphabet: str | None = None) -> tuple[TextLine, ...]:
        answer = tuple(self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])
        return (TextLine("".join(one.char for one in answer), 0.9, quads[0], answer),)

    def read(self, image: Image) -> tuple[TextLine, ...]:
        return ()

    def close(self) -> None:
        pass


def glyphs(text: str, doubts: dict[int, tuple[str, float]] | None = None) -> list[Glyph]:
    doubts = doubts or {}
    return [
        Glyph(
            one, 0.8 if place in doubts else 0.99, place / len(text), (doubts[place],) if place in doubts else (), one
        )
        for place, one in enumerate(text)
    ]


def test_rows_are_independent_of_how_lines_were_split() -> None:
    whole = [line("姓名沈知远", 10, 10)]
    split = [line("名", 30, 12), line("姓", 10, 10), line("沈知远", 50, 9)]
    for lines in (whole, split):
        assert [row.text for row in rows_of(lines)] == ["姓名沈知远"]


def test_rows_of_a_tilted_page() -> None:
    lines = [line("统一社会信用代码", 0, 0, tilt=0.1), line("青湖区听雨巷", 400, 40, tilt=0.1)]
    assert [row.text for row in rows_of(lines)] == ["统一社会信用代码青湖区听雨巷"]


def test_captions_and_values_in_two_columns() -> None:
    spellings = {"name": ("名称",), "capital": ("注册资本",), "scope": ("经营范围",), "address": ("住所",)}
    lines = [
        line("名", 0, 0), line("称", 60, 0), line("青湖云岫名称公司", 120, 0), line("注册资本", 400, 0),
        line("壹佰万元整", 520, 0),
        line("经营范围", 0, 40), line("餐饮服务；住宿服务；会议", 120, 40), line("住", 400, 40), line("所", 460, 40),
        line("听雨巷8号", 520, 40), line("展览服务。", 120, 70),
    ]  # fmt: skip
    rows = rows_of(lines)
    captions = captions_in(rows, spellings)
    assert {one.key: value_of(rows, one, captions).text for one in captions} == {
        "name": "青湖云岫名称公司",
        "capital": "壹佰万元整",
        "scope": "餐饮服务；住宿服务；会议展览服务。",
        "address": "听雨巷8号",
    }


def test_a_value_below_its_caption() -> None:
    rows = rows_of([line("统一社会信用代码", 0, 0), line("91350100M000100Y43", 0, 30)])
    captions = captions_in(rows, {"code": ("统一社会信用代码",)})
    assert value_of(rows, captions[0], captions).text == "91350100M000100Y43"


def test_one_wrong_character_in_a_long_caption_is_forgiven() -> None:
    rows = rows_of([line("法定代裹人沈知远", 0, 0)])
    assert [one.key for one in captions_in(rows, {"person": ("法定代表人",), "name": ("姓名",)})] == ["person"]
    rows = rows_of([line("姓各沈知远", 0, 0)])
    assert captions_in(rows, {"name": ("姓名",)}) == []


def test_a_number_is_repaired_where_its_check_character_proves_it() -> None:
    wrong = "110101199003070071"
    lines = [line(wrong, 0, 0)]
    marks = number_run(rows_of(lines)[0])
    read = read_number(Scripted(glyphs(wrong, {16: ("1", 0.3)})), PAGE, lines, marks, IDENTITY)
    assert read is not None
    assert (read.text, read.valid, read.repaired) == (NUMBER, True, True)


def test_a_number_that_was_read_surely_is_not_repaired() -> None:
    wrong = "110101199003070071"
    lines = [line(wrong, 0, 0)]
    read = read_number(Scripted(glyphs(wrong)), PAGE, lines, number_run(rows_of(lines)[0]), IDENTITY)
    assert read is not None
    assert (read.text, read.valid, read.repaired) == (wrong, False, False)


def test_two_repairs_that_fit_are_none() -> None:
    wrong = "110101199003070071"
    # Both 7 to 1 at the seventeenth place and 0 to 5 at the fourteenth make the check character right.
    both = [one for one in range(16) if _valid_with(wrong, one)]
    assert both
    other = _valid_with(wrong, both[-1])
    doubts = {16: ("1", 0.3), both[-1]: (other, 0.3)}
    lines = [line(wrong, 0, 0)]
    read = read_number(Scripted(glyphs(wrong, doubts)), PAGE, lines, number_run(rows_of(lines)[0]), IDENTITY)
    assert read is not None
    assert (read.text, read.valid) == (wrong, False)


def _valid_with(number: str, place: int) -> str:
    digits = (one for one in "0123456789" if IDENTITY.valid(number[:place] + one + number[place + 1 :]))
    return next(digits, "")


def test_a_lost_digit_is_found_at_another_width() -> None:
    lost = NUMBER.replace("00", "0")
    lines = [line(lost, 0, 0)]
    marks = number_run(rows_of(lines)[0])
    read = read_number(Scripted(glyphs(lost), glyphs(NUMBER)), PAGE, lines, marks, IDENTITY)
    assert read is not None
    assert (read.text, read.valid) == (NUMBER, True)


def test_credit_codes_of_the_standard() -> None:
    assert gb32100.is_valid("91350100M000100Y43")  # the example of GB 32100-2015, annex
    assert gb32100.organisation_is_valid("91350100M000100Y43")
    assert not gb32100.is_valid("91350100M000100Y44")
    assert not gb32100.is_valid("91350100m000100Y43")
    assert not gb32100.is_valid("91350100I000100Y43")
    assert not gb32100.is_valid("")
    assert not gb32100.organisation_is_valid("91350100M000100X43")
    with pytest.raises(ValueError, match="seventeen"):
        gb32100.check_character("9135")


@given(st.text(gb32100.ALPHABET, min_size=17, max_size=17), st.integers(0, 16), st.sampled_from(gb32100.ALPHABET))
def test_every_single_error_in_a_code_is_noticed(first: str, place: int, other: str) -> None:
    code = first + gb32100.check_character(first)
    assert gb32100.is_valid(code)
    altered = code[:place] + other + code[place + 1 :]
    assert gb32100.is_valid(altered) == (altered == code)


def test_a_code_needs_both_check_characters_for_a_repair() -> None:
    assert CREDIT_CODE.proves("91350100M000100Y43")
    body = "91350100M000100X4"
    assert CREDIT_CODE.valid(body + gb32100.check_character(body))
    assert not CREDIT_CODE.proves(body + gb32100.check_character(body))


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("2018年06月21日至长期", [date(2018, 6, 21)]),
        ("1990年3月7日", [date(1990, 3, 7)]),
        ("2010.01.08-2030.01.08", [date(2010, 1, 8), date(2030, 1, 8)]),
        ("20180621", [date(2018, 6, 21)]),
        ("２０１８年０６月２１日", [date(2018, 6, 21)]),
        ("2018年13月41日", []),
        ("电话18612633920", []),
        ("", []),
    ],
)
def test_dates(text: str, days: list[date]) -> None:
    assert dates_in(text) == days


@pytest.mark.parametrize(
    ("typed", "read", "match", "forms"),
    [
        ("王小明", "王小明", Match.EQUAL, ()),
        ("１２３ａ", "123A", Match.SAME_BUT_FORM, (Form.WIDTH, Form.CASE)),
        ("青湖区 听雨巷", "青湖区听雨巷", Match.SAME_BUT_FORM, (Form.SPACES,)),
        ("有限公司(青湖)", "有限公司（青湖）", Match.SAME_BUT_FORM, (Form.PUNCTUATION,)),
        ("阿依·买买提", "阿依买买提", Match.SAME_BUT_FORM, (Form.PUNCTUATION,)),
        ("1,000元", "1000元", Match.SAME_BUT_FORM, (Form.PUNCTUATION,)),
        ("陳小明", "陈小明", Match.OTHER_SCRIPT, ()),
        ("王小明", "王小朋", Match.DIFFERENT, ()),
        ("1.5", "15", Match.DIFFERENT, ()),
        ("1-2号", "12号", Match.DIFFERENT, ()),
        ("", "王小明", Match.MISSING, ()),
        ("王小明", " \n", Match.MISSING, ()),
    ],
)
def test_compare(typed: str, read: str, match: Match, forms: tuple[Form, ...]) -> None:
    result = compare(typed, read)
    assert (result.match, result.forms) == (match, forms)


def test_compare_says_where() -> None:
    result = compare("青湖区 听雨巷18号", "青湖区听雪巷8号")
    assert [(one.typed, one.read) for one in result.differences] == [((5, 6), (4, 5)), ((7, 8), (6, 6))]


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_two_texts_get_an_answer(typed: str, read: str) -> None:
    result = compare(typed, read)
    assert result.match in Match
    assert (result.match is Match.EQUAL) == (typed == read and bool(typed.strip()))
    for one in result.differences:
        assert 0 <= one.typed[0] <= one.typed[1] <= len(typed)
        assert 0 <= one.read[0] <= one.read[1] <= len(read)


def test_a_caption_of_one_character_needs_a_gap_after_it() -> None:
    rows = rows_of([line("称", 10, 10), line("某某科技有限公司", 120, 10), line("称重设备", 10, 60)])
    found = captions_in(rows, {"name": ("名称", "称")})
    assert [(one.row, one.start, one.end) for one in found] == [(0, 0, 1)]
    assert "".join(mark.char for mark in value_of(rows, found[0], found).marks) == "某某科技有限公司"
