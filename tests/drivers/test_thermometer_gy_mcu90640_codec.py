"""The GY-MCU90640 codec against a frame that is put together by hand, as three public readers take it apart."""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.errors import BadFrame
from drivers.thermometer.gy_mcu90640 import FRAME_SIZE, QUERY, find_picture

WARM = 3650


def frame(value: int = WARM, ambient: int = 2500, *, words: bool = False) -> bytes:
    body = b"\x5a\x5a\x02\x06" + struct.pack("<768h", *[value] * 767, value + 1) + struct.pack("<h", ambient)
    total = sum(struct.unpack("<770H", body[2:]), 0x5A5A) if words else sum(body)
    return body + struct.pack("<H", total & 0xFFFF)


FRAME = frame()


def test_query_is_the_published_one() -> None:
    assert bytes.fromhex("A5 35 01 DB") == QUERY
    assert sum(QUERY[:3]) & 0xFF == QUERY[3]


@pytest.mark.parametrize("words", [False, True])
def test_picture(words: bool) -> None:
    found = find_picture(b"noise\x5a" + frame(words=words))
    assert found is not None
    picture, ambient = found
    assert (picture.shape, picture[0, 0], picture[23, 31], ambient) == ((24, 32), 36.5, 36.51, 25.0)


def test_low_byte_first_and_signed() -> None:
    found = find_picture(frame(-5, -300))
    assert found is not None
    assert found[0][3, 3] == -0.05
    assert found[1] == -3.0


def test_pixels_stand_row_by_row() -> None:
    body = b"\x5a\x5a\x02\x06" + struct.pack("<769h", *range(768), 2000)
    found = find_picture(body + struct.pack("<H", sum(body) & 0xFFFF))
    assert found is not None
    assert found[0][1, 2] == 0.34


@pytest.mark.parametrize("split", [0, 1, 3, 4, 500, 1540, 1543])
def test_a_split_frame_wants_more(split: int) -> None:
    assert find_picture(FRAME[:split]) is None


@given(st.integers(0, FRAME_SIZE - 1))
def test_it_is_in_step_again_after_any_lost_byte(at: int) -> None:
    stream = FRAME[:at] + FRAME[at + 1 :] + frame(3700)
    found = find_picture(stream)
    assert found is not None
    assert found[0][0, 0] == 37.0


@given(st.integers(4, FRAME_SIZE - 1), st.integers(1, 255))
def test_a_changed_byte_is_never_taken(at: int, change: int) -> None:
    spoilt = FRAME[:at] + bytes([FRAME[at] ^ change]) + FRAME[at + 1 :]
    try:
        assert find_picture(spoilt) is None  # its tail may be the beginning of a header
    except BadFrame:
        return
    assert spoilt.endswith(b"\x5a")


def test_a_header_inside_a_good_frame_is_no_frame() -> None:
    body = b"\x5a\x5a\x02\x06" + struct.pack("<768h", *[0x5A5A, 0x0602] * 384) + struct.pack("<h", 2500)
    found = find_picture(body + struct.pack("<H", sum(body) & 0xFFFF))
    assert found is not None
    assert found[0][0, 0] == 231.30


def test_firmware_whose_frames_end_in_no_sum() -> None:
    spoilt = FRAME[:-2] + b"\x12\x34"
    with pytest.raises(BadFrame):
        find_picture(spoilt)
    assert find_picture(spoilt, summed=False) is not None


def test_what_no_sensor_measures() -> None:
    with pytest.raises(BadFrame):
        find_picture(frame(-9000))
    with pytest.raises(BadFrame):
        find_picture(frame(ambient=20000))


@given(st.binary(max_size=80), st.binary(max_size=FRAME_SIZE))
def test_any_bytes(before: bytes, after: bytes) -> None:
    for received in (before + after, before + FRAME[:4] + after, FRAME[7:] + after):
        try:
            found = find_picture(received)
        except BadFrame:
            continue
        assert found is None or np.isfinite(found[0]).all()
