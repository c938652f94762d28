"""Lepton frames against the data sheet's tables, written out word by word."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.errors import BadFrame
from drivers.thermometer.hot_region import robust_maximum
from drivers.thermometer.lepton_frames import FRAME_SIZE, FlatField, read_frame


def frame(pixel: int = 30965, **words: int) -> bytes:
    """A frame whose telemetry has `a24=30315` in word 24 of row A, and so on."""
    raw = np.zeros((122, 160), dtype="<u2")
    raw[:120] = pixel
    raw[121, 48:50] = 1
    for where, value in words.items():
        raw[120 if where[0] == "a" else 121, int(where[1:])] = value
    return raw.tobytes()


def test_centikelvin() -> None:
    seen = read_frame(frame(30965))
    assert seen.picture.shape == (120, 160)
    assert seen.picture[60, 80] == pytest.approx(36.5)


def test_telemetry_words_of_the_data_sheet() -> None:
    seen = read_frame(
        frame(a1=0x93E0, a2=4, a3=0x0030, a20=7, a21=1, a24=30315, a26=29815, a29=30115, a30=0x3600, a31=4)
    )
    assert seen.number == 0x10007
    assert seen.flat_field is FlatField.COMPLETE
    assert seen.sensor_c == pytest.approx(30.0)
    assert seen.housing_c == pytest.approx(25.0)
    assert seen.sensor_moved_c == pytest.approx(2.0)
    assert seen.flat_field_age_s == pytest.approx((0x493E0 - 0x43600) / 1000)


@pytest.mark.parametrize("state", FlatField)
def test_flat_field_state_is_bits_4_and_5(state: FlatField) -> None:
    assert read_frame(frame(a3=state << 4 | 0x8)).flat_field is state


@pytest.mark.parametrize("words", [{"c48": 0}, {"c49": 0}, {"a3": 1 << 12}])
def test_frames_that_do_not_measure(words: dict[str, int]) -> None:
    assert read_frame(frame()).radiometric
    assert not read_frame(frame(**words)).radiometric


@given(st.binary(max_size=200) | st.binary(min_size=64, max_size=64).map(lambda seed: (seed * 610)[:FRAME_SIZE]))
def test_any_bytes(data: bytes) -> None:
    try:
        seen = read_frame(data)
    except BadFrame:
        assert len(data) != FRAME_SIZE
        return
    assert seen.flat_field_age_s >= 0


def test_a_single_hot_or_dead_pixel_is_not_the_face() -> None:
    picture = np.full((24, 32), 22.0)
    picture[10:14, 10:14] = 36.6
    picture[11, 11], picture[2, 2], picture[20, 20:22] = -40.0, 600.0, 90.0
    assert robust_maximum(picture, (0, 0, 24, 32)) == 36.6


def test_only_the_region_counts() -> None:
    picture = np.full((24, 32), 22.0)
    picture[0:6, 0:6] = 60.0
    picture[12:18, 12:18] = 36.6
    assert robust_maximum(picture, (8, 8, 14, 14)) == 36.6
    assert robust_maximum(picture, (8, 8, 100, 100)) == 36.6
    with pytest.raises(ValueError, match="outside"):
        robust_maximum(picture, (23, 0, 5, 5))


@given(st.floats(-40, 300), st.integers(0, 21), st.integers(0, 29))
def test_a_face_of_nine_pixels_is_found_anywhere(warmth: float, row: int, column: int) -> None:
    picture = np.full((24, 32), -41.0)
    picture[row : row + 3, column : column + 3] = warmth
    assert robust_maximum(picture, (0, 0, 24, 32)) == warmth
