import numpy as np
import pytest
from numpy.typing import NDArray

from kiosk.vision.feed_health import REPEATS, FeedFault, FeedHealth

Picture = NDArray[np.uint8]


def noisy(count: int, seed: int = 0) -> list[Picture]:
    """A resting scene with a sensor's noise."""
    rng = np.random.default_rng(seed)
    scene = rng.integers(40, 200, (60, 80, 3))
    return [np.clip(scene + rng.normal(0, 2, scene.shape), 0, 255).astype(np.uint8) for _ in range(count)]


def watch(pictures: list[Picture], health: FeedHealth | None = None, step: float = 0.1) -> list[FeedFault]:
    health = health or FeedHealth()
    return [health.judge(picture, 100 + index * step) for index, picture in enumerate(pictures)]


def test_a_camera_at_rest_is_sound() -> None:
    assert set(watch(noisy(300))) == {FeedFault.NONE}


@pytest.mark.parametrize("length", [4, 25, 200])
def test_a_loop_is_found_in_its_second_round_and_stays_one(length: int) -> None:
    loop = noisy(length)
    answers = watch(loop * 4 + noisy(20, seed=9))
    first = answers.index(FeedFault.LOOPED)
    assert length <= first <= length + REPEATS
    assert set(answers[first:]) == {FeedFault.LOOPED}


def test_a_single_picture_that_comes_again_is_no_loop() -> None:
    pictures = noisy(120)
    for at in (30, 60, 90):
        pictures[at] = pictures[at - 17]
    assert set(watch(pictures)) == {FeedFault.NONE}


def test_a_camera_that_gives_each_picture_twice_is_no_loop() -> None:
    assert set(watch([picture for picture in noisy(100) for _ in range(2)])) == {FeedFault.NONE}


def test_where_pictures_repeat_by_design_a_loop_is_none() -> None:
    assert set(watch(noisy(8) * 10, FeedHealth(loop_is_fault=False))) == {FeedFault.NONE}


def test_frozen_and_black_are_the_camera_s_own_faults() -> None:
    assert watch(noisy(1) * 120)[-1] is FeedFault.FROZEN
    dark = [np.full((60, 80, 3), value % 3, np.uint8) for value in range(40)]
    assert watch(dark)[-1] is FeedFault.BLACK


def test_times_that_no_camera_gives_are_a_fault() -> None:
    one, two = noisy(2)
    health = FeedHealth()
    assert health.judge(one, 5.0) is FeedFault.NONE
    assert health.judge(two, 4.0) is FeedFault.BAD_TIMES
    assert health.judge(two, float("nan")) is FeedFault.BAD_TIMES
    assert watch(noisy(20), step=0.0005)[-1] is FeedFault.BAD_TIMES
    assert set(watch(noisy(40), step=1 / 120)) == {FeedFault.NONE}


def test_another_size_is_another_source() -> None:
    health = FeedHealth()
    assert health.judge(noisy(1)[0], 1.0) is FeedFault.NONE
    assert health.judge(np.zeros((30, 40, 3), np.uint8), 1.1) is FeedFault.CHANGED_SIZE
    health.forget()
    assert health.judge(np.full((30, 40, 3), 90, np.uint8), 1.2) is FeedFault.NONE


@pytest.mark.parametrize(
    "picture",
    [np.zeros((0, 0, 3), np.uint8), np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3), np.uint16), np.zeros((4, 4, 1))],
)
def test_what_is_no_picture_is_said(picture: Picture) -> None:
    assert FeedHealth().judge(picture, 1.0) is FeedFault.NO_PICTURE


def test_memory_is_bounded() -> None:
    health = FeedHealth()
    picture = np.zeros((1, 2, 3), np.uint8)
    for index in range(5000):
        picture[0, 0] = (index % 251, index // 251, 7)
        picture[0, 1] = (200, 90, 40)
        health.judge(picture, index * 0.1)
    assert len(health._places) == 3000
