"""The challenge on drawn pictures, through the real detector."""

import os
import random
from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.liveness import Portrait, ahead, run_frames
from drivers.simulate.heads import Camera, LivingPerson, MovedPhotograph, Pose, Trick
from drivers.simulate.reliefs import head_relief, picture_of
from kiosk.vision.challenge_state import Answer, Patience, Step, draw
from kiosk.vision.engines.yunet import YuNet

LIVE = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "liveness" / "image_T1.jpg"


@pytest.fixture(scope="module")
def detector() -> YuNet:
    cv2.setNumThreads(1)
    return YuNet()


@pytest.fixture(scope="module")
def portrait(detector: YuNet) -> Portrait:
    image = cv2.imread(str(LIVE))
    if image is None:
        if os.environ.get("CI") == "true":
            pytest.fail("../shared/data/liveness/image_T1.jpg is missing")
        pytest.skip("../shared/data/liveness/image_T1.jpg is not there")
    found = ahead([np.asarray(image, np.uint8)], detector, np.random.default_rng(0))
    assert found
    return found[0]


def test_a_drawn_head_turns_and_passes(portrait: Portrait, detector: YuNet) -> None:
    rng = np.random.default_rng(11)
    steps = (Step.TURN_LEFT,)
    assert run_frames(LivingPerson(rng), portrait, steps, detector, rng, live=True)[0].answer is Answer.PASSED


@pytest.mark.parametrize("trick", [Trick.TILT, Trick.BEND])
def test_a_drawn_photograph_does_not(trick: Trick, portrait: Portrait, detector: YuNet) -> None:
    rng = np.random.default_rng(12)
    steps = (Step.TURN_RIGHT,)
    actor = MovedPhotograph(trick, rng)
    patience = Patience(step=3.5)
    state, _ = run_frames(actor, portrait, steps, detector, rng, live=False, patience=patience)
    assert state.answer is Answer.FAILED


def test_a_head_that_turns_hides_its_far_side(portrait: Portrait) -> None:
    relief = head_relief(*portrait)
    green = np.full((480, 640, 3), (0, 255, 0), np.uint8)
    covered = [(picture_of(relief, Pose(yaw=yaw), Camera(), green) != green).any(axis=2).sum() for yaw in (0, 50)]
    assert 0 < covered[1] < covered[0]
    behind = picture_of(relief, Pose(z=-500), Camera(), green)
    assert behind.shape == green.shape


@pytest.mark.slow
@pytest.mark.parametrize("seed", [13, 14])
def test_drawn_heads_pass(seed: int, portrait: Portrait, detector: YuNet) -> None:
    rng, chance = np.random.default_rng(seed), random.Random(seed)
    for _ in range(2):
        state, _ = run_frames(LivingPerson(rng), portrait, draw(chance), detector, rng, live=True)
        assert state.answer is Answer.PASSED


@pytest.mark.slow
@pytest.mark.parametrize("trick", list(Trick))
def test_no_drawn_photograph_passes_a_whole_challenge(trick: Trick, portrait: Portrait, detector: YuNet) -> None:
    rng, chance = np.random.default_rng(13), random.Random(13)
    actor = MovedPhotograph(trick, rng)
    # Whoever has not turned after five seconds does not turn: the rest of the ten would only be waited for.
    patience = Patience(step=5.0)
    state, _ = run_frames(actor, portrait, draw(chance), detector, rng, live=False, patience=patience)
    assert state.answer is Answer.FAILED
