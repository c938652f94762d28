"""The GY-614 codec against the published frame layout."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.errors import BadFrame
from drivers.thermometer.gy_614 import HEADER, QUERY, find_reading

FRAME = bytes.fromhex("5A 5A 45 04 0E 42 09 C4 1A")  # 36.50 °C, 25.00 °C; the sum is written out by hand


def frame(data: bytes) -> bytes:
    whole = HEADER + data
    return whole + bytes([sum(whole) & 0xFF])


def test_the_frame_of_the_example_is_right_by_hand() -> None:
    assert sum(FRAME[:-1]) & 0xFF == FRAME[-1]
    assert (0x0E42, 0x09C4) == (3650, 2500)


def test_query_is_the_published_one() -> None:
    assert bytes.fromhex("A5 15 BA") == QUERY
    assert sum(QUERY[:2]) & 0xFF == QUERY[2]


def test_reading() -> None:
    assert find_reading(FRAME) == (36.5, 25.0)


def test_below_zero() -> None:
    assert find_reading(frame((-1234).to_bytes(2, "big", signed=True) * 2)) == (-12.34, -12.34)


def test_colder_than_the_sensor_measures() -> None:
    with pytest.raises(BadFrame):
        find_reading(frame(b"\x80\x00\x09\xc4"))


@pytest.mark.parametrize("split", range(len(FRAME)))
def test_a_split_frame_wants_more(split: int) -> None:
    assert find_reading(FRAME[:split]) is None


@pytest.mark.parametrize("at", range(4, 9))
def test_a_changed_byte_is_refused(at: int) -> None:
    with pytest.raises(BadFrame):
        find_reading(FRAME[:at] + bytes([FRAME[at] ^ 0x10]) + FRAME[at + 1 :])


@given(st.binary(max_size=40).filter(lambda garbage: HEADER not in garbage + HEADER[:-1]))
def test_garbage_before_a_frame_is_skipped(garbage: bytes) -> None:
    assert find_reading(garbage + FRAME) == (36.5, 25.0)


def test_one_byte_too_many_of_the_header() -> None:
    assert find_reading(b"\x5a" + FRAME) == (36.5, 25.0)


@given(st.binary(max_size=60) | st.binary(max_size=20).map(lambda rest: HEADER + rest))
def test_any_bytes(received: bytes) -> None:
    try:
        reading = find_reading(received)
    except BadFrame:
        return
    assert reading is None or min(reading) >= -70.01


@given(st.integers(-7001, 32767), st.integers(-7001, 32767))
def test_every_reading_the_sensor_can_make(seen: int, own: int) -> None:
    data = seen.to_bytes(2, "big", signed=True) + own.to_bytes(2, "big", signed=True)
    assert find_reading(frame(data)) == (seen / 100, own / 100)
