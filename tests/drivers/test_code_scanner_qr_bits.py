"""QR codes taken apart bit by bit: held to segno, which makes them."""

import random

import numpy as np
import pytest
import segno
from segno import consts

from drivers.code_scanner.qr_bits import (
    _BLOCKS,
    _CORRECTION,
    Mode,
    Part,
    Segment,
    Unreadable,
    alignment_centres,
    contents,
    function_modules,
)
from drivers.code_scanner.reed_solomon import TooManyErrors, corrected


def modules(code: segno.QRCode) -> np.ndarray:
    return np.array([list(row) for row in code.matrix_iter(scale=1, border=0)], np.uint8) == 1


def test_the_tables_are_those_of_segno() -> None:
    levels = {
        "L": consts.ERROR_LEVEL_L,
        "M": consts.ERROR_LEVEL_M,
        "Q": consts.ERROR_LEVEL_Q,
        "H": consts.ERROR_LEVEL_H,
    }
    for version in range(1, 41):
        for name, level in levels.items():
            blocks = consts.ECC[version][level]
            assert int(_BLOCKS[name].split()[version - 1]) == sum(block.num_blocks for block in blocks)
            assert {int(_CORRECTION[name].split()[version - 1])} == {
                block.num_total - block.num_data for block in blocks
            }
    for version in range(2, 41):
        assert alignment_centres(version) == list(consts.ALIGNMENT_POS[version - 2])


@pytest.mark.parametrize("version", [1, 2, 6, 7, 9, 10, 14, 21, 26, 27, 32, 40])
@pytest.mark.parametrize("level", ["L", "H"])
def test_every_kind_of_segment_in_small_and_large_codes(version: int, level: str) -> None:
    bits = random.Random(version)
    for payload in (b"0123456789" * 7, b"HALL 7: /*" * 6, bytes(bits.randrange(256) for _ in range(80))):
        for length in (70, 30, 7, 5):
            try:
                code = segno.make(payload[:length], version=version, error=level, boost_error=False, micro=False)
            except segno.DataOverflowError:
                continue
            found = contents(modules(code))
            assert found.payload == payload[:length]
            assert found.errors == 0
            assert found.part is None
            break


def test_damage_is_corrected_or_refused_but_never_misread() -> None:
    rng = np.random.default_rng(4)
    read = refused = 0
    for n in range(120):
        code = modules(segno.make(b"http://example.com/%d" % n, error="lmqh"[n % 4], boost_error=False, micro=False))
        data = ~function_modules((len(code) - 17) // 4)
        damaged = code ^ ((rng.random(code.shape) < rng.uniform(0, 0.12)) & data)
        try:
            assert contents(damaged).payload == b"http://example.com/%d" % n
            read += 1
        except Unreadable:
            refused += 1
    assert read > 20
    assert refused > 20


def test_what_is_no_code_is_refused() -> None:
    rng = np.random.default_rng(1)
    for size in (21, 25, 45, 22, 3, 181):
        for _ in range(20):
            with pytest.raises(Unreadable):
                contents(rng.random((size, size)) < 0.5)
    with pytest.raises(Unreadable):
        contents(np.zeros((21, 25), np.bool_))


def test_modes_announcements_and_parts_are_told() -> None:
    kanji = contents(modules(segno.make("点茗", mode="kanji", micro=False)))
    assert kanji.segments == (Segment(Mode.KANJI, "点茗".encode("shift_jis")),)
    hanzi = contents(modules(segno.make("汉字", mode="hanzi", micro=False)))
    assert hanzi.segments == (Segment(Mode.HANZI, "汉字".encode("gb2312")),)
    announced = contents(modules(segno.make("健康", encoding="utf-8", eci=True, micro=False)))
    assert announced.segments == (Segment(Mode.BYTE, "健康".encode(), 26),)
    parts = [contents(modules(one)).part for one in segno.make_sequence("part of a whole " * 9, symbol_count=3)]
    assert parts == [Part(n, 3, parts[0].parity if parts[0] else -1) for n in range(3)]


def test_reed_solomon_corrects_up_to_what_is_allowed() -> None:
    block = bytes.fromhex("4036161620ec11ec11ec11ec11ec11ec11")
    code = segno.make("A", version=1, error="m", boost_error=False, micro=False)
    assert contents(modules(code)).payload == b"A"
    with pytest.raises(TooManyErrors):
        corrected(block, 10, 1)
    clean = bytes(26)  # all zero is a word of the code
    for wrong in range(6):
        spoiled = bytearray(clean)
        for place in range(wrong):
            spoiled[place * 5] ^= 0x5A + place
        assert corrected(bytes(spoiled), 10, 5) == (clean, wrong)
    spoiled = bytearray(clean)
    spoiled[:3] = b"\x01\x02\x03"
    with pytest.raises(TooManyErrors):
        corrected(bytes(spoiled), 10, 2)
