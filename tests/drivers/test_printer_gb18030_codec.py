"""Chinese text for the printer's own type: published codes, and what is left to the picture."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.kinds import Align, Line, Row
from drivers.printer.gb18030 import CELL, encode_block, encode_text, in_rom

ANY_TEXT = st.text(st.characters(codec="utf-8"), max_size=60)
CHINESE = st.text(st.sampled_from("受理回执请妥善保管，。0123 ABC（：）"), min_size=1, max_size=80)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("取号单", "C8 A1 BA C5 B5 A5"),  # receiptline 4.0.4
        ("啊", "B0 A1"),  # the first and the last of GB 2312, zone 2
        ("齄", "F7 FE"),
        ("丂", "81 40"),  # the first of zone 3
        ("狜", "AA 40"),  # the first of zone 4
        ("、", "A1 A2"),  # zone 1
        ("￥", "A3 A4"),
        ("A1", "41 31"),
    ],
)
def test_published_codes(text: str, code: str) -> None:
    assert encode_text(text) == bytes.fromhex(code)


@pytest.mark.parametrize("character", ["㐀", "𠀀", "\ue000", "\n", "€", "😀", "㵪", "龦"])
def test_what_the_type_lacks_is_drawn(character: str) -> None:
    assert not in_rom(character)
    assert encode_block(Line("王" + character.replace("\n", "😀") + "明"), 576) is None
    with pytest.raises(ValueError, match="double-byte"):
        encode_text(character)


@given(ANY_TEXT)
def test_bytes_mean_the_text_again_and_hold_no_control(text: str) -> None:
    if in_rom(text):
        code = encode_text(text)
        assert code.decode("gb18030") == text
        assert all(byte >= 0x20 for byte in code)


@given(st.one_of(ANY_TEXT, CHINESE), st.sampled_from([24, 32, 40, 48, 72]), st.sampled_from(Align), st.booleans())
def test_any_line_is_text_or_is_drawn(text: str, size: int, align: Align, bold: bool) -> None:
    sent = encode_block(Line(text, size, bold=bold, align=align), 576)
    if sent is None:
        return
    assert size < 72
    assert not any(command in sent for command in (b"\x10\x04", b"\x10\x05", b"\x10\x14"))
    assert sent.endswith(b"\x1c.\x1d!\x00\x1ba\x00\x1bE\x00")


@given(CHINESE, CHINESE, st.sampled_from([24, 40]), st.sampled_from([384, 576]))
def test_a_row_stays_within_the_paper_and_loses_nothing(caption: str, value: str, size: int, width: int) -> None:
    sent = encode_block(Row(caption, value, size), width)
    assert sent is not None
    scale = 2 if size == 40 else 1
    body = sent[sent.index(b"\x1c!") + 3 : sent.index(b"\x1c.")]
    lines = body.decode("gb18030").splitlines()
    for line in lines:
        cells = sum(1 if character.isascii() else 2 for character in line)
        assert cells * CELL * scale <= width
    assert "".join("".join(lines).split()) == "".join((caption + value).split())


def test_sizes_and_modes_are_said_both_ways() -> None:
    small = encode_block(Line("回执"), 576)
    large = encode_block(Line("回执", 48, bold=True, align=Align.CENTRE), 576)
    assert small == bytes.fromhex("1B6100 1B4500 1D2100 1C26 1C2100 2020 BBD8D6B4 0A 1C2E 1D2100 1B6100 1B4500")
    assert large == bytes.fromhex("1B6101 1B4501 1D2111 1C26 1C210C BBD8D6B4 0A 1C2E 1D2100 1B6100 1B4500")
