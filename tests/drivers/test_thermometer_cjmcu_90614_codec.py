"""The CJMCU-90614 codec against the published frame layout."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.errors import BadFrame
from drivers.thermometer.cjmcu_90614 import QUERY, find_reading

FRAME = bytes.fromhex("66 66 02 04 0E 42 09 C4 1D")  # 36.50 °C, 25.00 °C; the sum is of the data only
CONTINUOUS = bytes.fromhex("66 66 01 04 0E 42 09 C4 1D")


def test_the_frame_of_the_example_is_right_by_hand() -> None:
    assert (0x0E42, 0x09C4) == (3650, 2500)
    assert FRAME[-1] == (0x0E + 0x42 + 0x09 + 0xC4) & 0xFF


def test_query_is_the_published_one() -> None:
    assert bytes.fromhex("66 66 02 56") == QUERY


@pytest.mark.parametrize("frame", [FRAME, CONTINUOUS, b"\x66" + FRAME, b"\x66\x66\x02\x56" + FRAME])
def test_reading(frame: bytes) -> None:
    assert find_reading(frame) == (36.5, 25.0)


@pytest.mark.parametrize("split", range(len(FRAME)))
def test_a_split_frame_wants_more(split: int) -> None:
    assert find_reading(FRAME[:split]) is None


@pytest.mark.parametrize("at", range(4, 9))
def test_a_changed_byte_is_refused(at: int) -> None:
    with pytest.raises(BadFrame):
        find_reading(FRAME[:at] + bytes([FRAME[at] ^ 0x10]) + FRAME[at + 1 :])


def test_colder_than_the_sensor_measures() -> None:
    with pytest.raises(BadFrame):
        find_reading(bytes.fromhex("66 66 02 04 80 00 09 C4 4D"))


@given(st.binary(max_size=60) | st.binary(max_size=20).map(lambda rest: FRAME[:4] + rest))
def test_any_bytes(received: bytes) -> None:
    try:
        reading = find_reading(received)
    except BadFrame:
        return
    assert reading is None or min(reading) >= -70.01
