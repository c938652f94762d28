"""Pictures that show nothing."""

import numpy as np
import pytest

from drivers.camera.picture_health import BLACK_S, PictureHealth, look
from drivers.errors import DeviceFault, Remedy

RNG = np.random.default_rng(7)


def noise(
    mean: float, spread: float, size: tuple[int, int] = (720, 1280)
) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.clip(RNG.normal(mean, spread, (*size, 3)), 0, 255).astype(np.uint8)


def test_a_living_picture_is_never_a_fault() -> None:
    health = PictureHealth(5.0, black_is_fault=True)
    for second in range(60):
        health.judge(look(noise(120, 2, (120, 160))), float(second))


def test_the_same_picture_is_frozen_after_its_time() -> None:
    health = PictureHealth(5.0, black_is_fault=True)
    seen = look(noise(120, 40))
    for second in (0.0, 2.0, 4.9):
        health.judge(seen, second)
    with pytest.raises(DeviceFault) as caught:
        health.judge(seen, 5.0)
    assert (caught.value.fault, caught.value.remedy) == ("frozen", Remedy.TECHNICIAN)
    health.judge(look(noise(120, 40)), 6.0)
    health.judge(seen, 7.0)


def test_one_pixel_that_lives_is_enough() -> None:
    picture = noise(120, 40)
    before = look(picture).mark
    picture[0, 0, 0] ^= 1
    assert look(picture).mark != before


def test_what_repeats_pictures_by_design() -> None:
    health = PictureHealth(0.0, black_is_fault=True)
    seen = look(noise(120, 40))
    for second in range(100):
        health.judge(seen, float(second))


def test_black() -> None:
    health = PictureHealth(5.0, black_is_fault=True)
    health.judge(look(noise(2, 1)), 0.0)
    with pytest.raises(DeviceFault) as caught:
        health.judge(look(noise(2, 1)), BLACK_S)
    assert (caught.value.fault, caught.value.remedy) == ("black", Remedy.ATTENDANT)
    health.judge(look(noise(60, 20)), BLACK_S + 1)
    health.judge(look(noise(2, 1)), BLACK_S + 2)  # its time begins anew


@pytest.mark.parametrize(("mean", "spread"), [(20, 1), (5, 12)])
def test_a_dark_hall_is_not_black(mean: float, spread: float) -> None:
    health = PictureHealth(0.0, black_is_fault=True)
    for second in range(10):
        health.judge(look(noise(mean, spread)), float(second))


def test_a_camera_that_may_stand_in_the_dark() -> None:
    health = PictureHealth(5.0, black_is_fault=False)
    seen = look(np.zeros((480, 640, 3), np.uint8))
    for second in range(60):
        health.judge(seen, float(second))


def test_opened_anew_it_begins_anew() -> None:
    health = PictureHealth(5.0, black_is_fault=True)
    seen = look(noise(120, 40))
    health.judge(seen, 0.0)
    health.forget()
    health.judge(seen, 100.0)
    health.judge(seen, 104.0)


@pytest.mark.parametrize("size", [(1, 1), (48, 64), (97, 3), (2160, 3840)])
def test_pictures_of_any_size(size: tuple[int, int]) -> None:
    seen = look(np.full((*size, 3), 50, np.uint8))
    assert (seen.mean, seen.spread) == (50.0, 0.0)
