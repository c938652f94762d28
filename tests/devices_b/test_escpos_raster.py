"""The drawn slip: what stands on it, and where."""

from pathlib import Path

import numpy as np
import pytest
import zxingcpp
from PIL import Image

from drivers.kinds import Align, Line, PrintJob, QrCode, Row, Rule, Space
from drivers.printer.escpos import EscPosTcpOptions
from drivers.printer.escpos_job import encode, slices
from drivers.printer.raster import MARGIN, Fonts, _without_real_time_commands, render

OPTIONS = EscPosTcpOptions(host="localhost")
FONTS = Fonts(Path(OPTIONS.font), Path(OPTIONS.font_bold), tuple(Path(path) for path in OPTIONS.fonts_rare))
WIDTH = 576
ADDRESS = "青湖区人民路一百二十八号阳光花园三期十二号楼二单元一七〇二室（近地铁2号线人民广场站B出口）"


def black(
    *blocks: Line | Row | QrCode | Rule | Space, width: int = WIDTH
) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    return ~np.asarray(render(PrintJob("test", blocks), width, FONTS))


def decoded(dots: np.ndarray[tuple[int, int], np.dtype[np.bool_]]) -> list[str]:
    picture = np.where(dots, 0, 255).astype(np.uint8)
    return [found.text for found in zxingcpp.read_barcodes(np.ascontiguousarray(picture))]


@pytest.mark.parametrize("character", ["永", "㐂", "𠮷", "𪚥", "é", "8"])
def test_a_character_is_drawn_as_itself(character: str) -> None:
    glyph = black(Line(character, 48))
    assert 100 < glyph.sum() < 1800
    assert not np.array_equal(glyph, black(Line("〓", 48)))


def test_a_character_without_a_glyph_is_marked_not_dropped() -> None:
    assert np.array_equal(black(Line("\U0010fffd", 48)), black(Line("〓", 48)))


def test_body_is_24_dots_high_and_bold_is_darker() -> None:
    rows = np.flatnonzero(black(Line("国", 24)).any(axis=1))
    assert 19 <= rows[-1] - rows[0] + 1 <= 24
    assert black(Line("国", 24, bold=True)).sum() > black(Line("国", 24)).sum() * 1.15


@pytest.mark.parametrize("width", [384, 576])
@pytest.mark.parametrize(
    "block",
    [
        Line(ADDRESS * 3, 24),
        Line(ADDRESS, 48, bold=True, align=Align.CENTRE),
        Line("W" * 200),
        Row("联系地址", ADDRESS),
        Row("一段很长很长很长很长很长很长很长的说明文字", ADDRESS),
        Row("编号", "1" * 90),
        Rule(),
    ],
    ids=["line", "title", "one word", "row", "long caption", "long value", "rule"],
)
def test_nothing_is_outside_the_margins(width: int, block: Line | Row | Rule) -> None:
    dots = black(block, width=width)
    assert dots.shape[1] == width
    assert dots.any()
    assert not dots[:, : MARGIN - 2].any()
    assert not dots[:, width - MARGIN + 2 :].any()


def test_wrapping_loses_no_ink() -> None:
    together = black(Line("湖" * 60)).sum()
    assert together == black(Line("湖")).sum() * 60


def test_a_closing_mark_never_begins_a_line() -> None:
    # 22 characters fill the line; the 23rd is a full stop and takes the last character with it
    lines = black(Line("国" * 22 + "。"))
    second = lines[32:64, MARGIN : MARGIN + 24]
    assert second.sum() == black(Line("国"))[:32, MARGIN : MARGIN + 24].sum()


def test_a_short_value_stands_at_the_right_edge_and_a_long_one_under_itself() -> None:
    short = black(Row("申请人", "国"))
    assert short.shape[0] == 32
    assert np.flatnonzero(short.any(axis=0))[-1] >= WIDTH - MARGIN - 4
    long = black(Row("地址", "国" * 40))
    assert long.shape[0] == 3 * 32
    assert not long[32:, : MARGIN + 48].any()


@pytest.mark.parametrize(
    "payload", ["https://hub.example/s/QH01-20261122-000137?k=4fJ2k9", "回执 编号：壹贰叁", "7" * 200, "x" * 400]
)
def test_a_qr_code_is_read_by_another_decoder(payload: str) -> None:
    dots = black(Line("扫码查询", align=Align.CENTRE), QrCode(payload), Line("请妥善保存"))
    assert decoded(dots) == [payload]


def test_a_qr_code_is_large_enough_and_has_its_quiet_zone() -> None:
    dots = black(Rule(), QrCode("https://hub.example/s/1", side_mm=30), Rule())
    code = dots[26:-26]
    rows, columns = np.flatnonzero(code.any(axis=1)), np.flatnonzero(code.any(axis=0))
    side = columns[-1] - columns[0] + 1
    assert side >= 240
    assert rows[-1] - rows[0] + 1 == side
    module = side / 25
    assert rows[0] >= 4 * module
    assert len(code) - 1 - rows[-1] >= 4 * module
    assert abs(columns[0] - (WIDTH - 1 - columns[-1])) <= 1


def test_a_qr_code_that_cannot_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        black(QrCode("x" * 1500), width=384)


def test_controls_are_dropped_and_line_ends_kept() -> None:
    assert np.array_equal(black(Line("甲\x1b\x07乙\r\n丙\u202e")), black(Line("甲乙"), Line("丙")))


def test_no_dots_spell_a_real_time_command() -> None:
    rows = bytearray(72 * 40)
    for at, command in (
        (5, b"\x10\x04\x01"),
        (71, b"\x10\x14\x01"),
        (300, b"\x10\x05\x02"),
        (500, b"\x10\x10\x04\x04"),
    ):
        rows[at : at + len(command)] = command
    dots = np.unpackbits(np.frombuffer(bytes(rows), dtype=np.uint8).reshape(40, 72), axis=1)
    picture = Image.fromarray(dots == 0)
    mended = _without_real_time_commands(picture)
    sent = b"".join(slices(mended))
    assert not any(command in sent for command in (b"\x10\x04", b"\x10\x05", b"\x10\x14"))
    assert (np.asarray(mended) != np.asarray(picture)).sum() == 4


def test_slices_have_at_most_255_rows_and_the_job_begins_and_ends_as_it_must() -> None:
    slip = encode(PrintJob("test", (Space(1000),)), WIDTH, FONTS, as_text=False)
    sent = slip.content + slip.rest
    assert sent.startswith(b"\x1b@\x1c.\x1da\x0e\x1dv0\x00\x48\x00")
    assert sent.endswith(b"\x1dr\x01\x1dVB\x00\x1da\x00\x1dr\x01")
    pieces = slices(render(PrintJob("test", (Space(1000),)), WIDTH, FONTS))
    assert slip.content + slip.rest[:1] == b"\x1b@\x1c.\x1da\x0e" + b"".join(pieces)
    heights = []
    for piece in pieces:
        assert piece[:6] == b"\x1dv0\x00\x48\x00"
        heights.append(int.from_bytes(piece[6:8], "little"))
        assert len(piece) == 8 + 72 * heights[-1]
    assert max(heights) <= 255
    assert sum(heights) == 1000


def test_missing_font_is_named() -> None:
    with pytest.raises(ValueError, match="nowhere"):
        Fonts(Path("nowhere.ttf"), Path(OPTIONS.font_bold)).check()
