import random
from collections import Counter
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from benchmarks.liveness import hand_held, run_points
from drivers.simulate.heads import FLAT, Bend, Camera, LivingPerson, Pose, Tremor, Trick, bent, box_of, head, project
from kiosk.vision.challenge import Challenge
from kiosk.vision.challenge_state import Answer, ChallengeState, Patience, Step, Trouble, draw
from kiosk.vision.faces import Face
from kiosk.vision.observation import Liveness
from kiosk.vision.parallax import Front, turn_of, usable

Script = list[tuple[float, Pose]]
CAMERA = Camera()


def seen(shape: np.ndarray, pose: Pose, rng: np.random.Generator, noise: float = 0.01) -> Face:
    points = project(shape, pose, CAMERA)
    points += rng.normal(0, noise * np.hypot(*(points[1] - points[0])), points.shape)
    return Face(box_of(points), points.astype(np.float32), 0.9)


def go(
    challenge: Challenge, poses: list[Pose], *, start: float = 0.0, step: float = 0.1, flat: bool = False
) -> ChallengeState:
    rng = np.random.default_rng(5)
    shape = head(np.random.default_rng(8))
    if flat:
        shape = shape * np.array([1, 1, 0])
    state = challenge.state
    for index, pose in enumerate(poses):
        state = challenge.see(start + index * step, [seen(shape, pose, rng)])
    return state


def sweep(*yaws: float, each: int = 8) -> list[Pose]:
    """Poses from one yaw to the next, `each` pictures apart."""
    angles = [a + (b - a) * i / each for a, b in pairwise(yaws) for i in range(each)]
    return [Pose(yaw=angle) for angle in [*angles, *[yaws[-1]] * 6]]


AHEAD = [Pose()] * 8


def test_live_turns_pass_and_photographs_moved_by_hand_do_not() -> None:
    rng, chance = np.random.default_rng(77), random.Random(77)
    live = Counter(
        run_points(LivingPerson(rng), head(rng), draw(chance), rng.uniform(0.015, 0.03), rng)[0].answer
        for _ in range(30)
    )
    assert live[Answer.PASSED] >= 29
    photos = Counter(
        run_points(*hand_held(list(Trick)[n % len(Trick)], rng), draw(chance), rng.uniform(0.015, 0.03), rng)[0].answer
        for n in range(30)
    )
    assert photos == {Answer.FAILED: 30}


def test_left_and_right_are_the_person_s_own() -> None:
    for step, angle in ((Step.TURN_LEFT, 40.0), (Step.TURN_RIGHT, -40.0)):
        state = go(Challenge([step], texture=False), AHEAD + sweep(0, angle))
        assert state.answer is Answer.PASSED
        assert state.depth is not None
        assert 0.2 < state.depth < 0.8
        mirrored = go(Challenge([step], texture=False, mirrored=True), AHEAD + sweep(0, angle))
        assert (mirrored.answer, mirrored.done) == (Answer.PENDING, 0)


def test_a_plane_that_turns_as_ordered_is_called_flat() -> None:
    state = go(Challenge([Step.TURN_LEFT], texture=False), AHEAD + sweep(0, 60, each=12), flat=True)
    assert (state.answer, state.trouble, state.liveness) == (Answer.FAILED, Trouble.FLAT, Liveness.FAILED)


def test_a_turn_before_the_order_does_not_count() -> None:
    challenge = Challenge([Step.COME_CLOSER, Step.TURN_LEFT], texture=False)
    near = [Pose(yaw=yaw, z=z) for yaw, z in zip(np.linspace(0, 35, 14), np.linspace(550, 380, 14), strict=True)]
    state = go(challenge, AHEAD + near + [near[-1]] * 12)
    assert (state.step, state.done, state.progress) == (Step.TURN_LEFT, 1, 0.0)
    back = [replace(near[-1], yaw=yaw) for yaw in [*np.linspace(35, 0, 6), *np.linspace(0, 38, 9), *[38] * 5]]
    assert go(challenge, back, start=3.5).answer is Answer.PASSED


def test_coming_closer_is_seen_by_size_and_going_away_is_not() -> None:
    steps = [Step.COME_CLOSER, Step.TURN_LEFT]
    closer = [Pose(z=z) for z in np.linspace(550, 400, 12)]
    assert go(Challenge(steps, texture=False), AHEAD + closer).done == 1
    away = [Pose(z=z) for z in np.linspace(550, 800, 12)]
    assert go(Challenge(steps, texture=False), AHEAD + away).done == 0


def test_the_wrong_way_is_forgiven_once() -> None:
    state = go(Challenge([Step.TURN_LEFT], texture=False), AHEAD + sweep(0, -40))
    assert (state.answer, state.trouble) == (Answer.PENDING, Trouble.WRONG_WAY)
    assert go(Challenge([Step.TURN_LEFT], texture=False), AHEAD + sweep(0, -40, 0, 40)).answer is Answer.PASSED
    state = go(Challenge([Step.TURN_LEFT], texture=False), AHEAD + sweep(0, -40, 0, -40))
    assert (state.answer, state.trouble) == (Answer.FAILED, Trouble.WRONG_WAY)
    assert state.liveness is Liveness.NOT_MEASURED


def test_one_picture_ahead_and_the_next_turned_is_no_turn() -> None:
    leap = [Pose()] * 4 + [Pose(yaw=50)] * 8
    state = go(Challenge([Step.TURN_LEFT], texture=False), AHEAD + leap)
    assert (state.answer, state.trouble, state.done) == (Answer.PENDING, Trouble.TOO_FAST, 0)
    assert go(Challenge([Step.TURN_LEFT], texture=False), AHEAD + leap + leap).trouble is Trouble.TOO_FAST
    assert go(Challenge([Step.TURN_LEFT], texture=False), AHEAD + leap + leap).answer is Answer.FAILED


def test_another_place_at_once_may_be_another_face() -> None:
    state = go(Challenge([Step.TURN_LEFT], texture=False), [*AHEAD, *[Pose(x=220)] * 3])
    assert (state.answer, state.trouble) == (Answer.FAILED, Trouble.JUMPED)
    once = go(Challenge([Step.TURN_LEFT], texture=False), [*AHEAD, Pose(x=220), *AHEAD])
    assert once.answer is Answer.PENDING


def test_a_face_that_is_lost_or_joined_by_another_ends_it() -> None:
    rng, shape = np.random.default_rng(1), head(np.random.default_rng(2))
    lost = Challenge([Step.TURN_LEFT], texture=False)
    go(lost, AHEAD)
    assert lost.see(1.2, []).trouble is Trouble.NO_FACE
    assert lost.see(1.9, []).trouble is Trouble.LOST_FACE
    assert lost.state.liveness is Liveness.NOT_MEASURED
    joined = Challenge([Step.TURN_LEFT], texture=False)
    go(joined, AHEAD)
    both = [seen(shape, Pose(), rng), seen(shape, Pose(x=200), rng)]
    answers = [joined.see(0.8 + n / 10, both).answer for n in range(3)]
    assert answers == [Answer.PENDING, Answer.PENDING, Answer.FAILED]
    assert joined.state.trouble is Trouble.SECOND_FACE
    behind = Challenge([Step.TURN_LEFT], texture=False)
    go(behind, AHEAD)
    far = [seen(shape, Pose(), rng), seen(shape, Pose(x=300, z=2000), rng)]
    assert {behind.see(0.8 + n / 10, far).trouble for n in range(5)} == {Trouble.NONE}


def test_time_runs_out_and_does_not_run_back() -> None:
    patience = Patience(ahead=2, step=3)
    early = go(Challenge([Step.TURN_LEFT], texture=False, patience=patience), [Pose(yaw=40)] * 30)
    assert early.trouble is Trouble.OUT_OF_TIME
    late = go(Challenge([Step.TURN_LEFT], texture=False, patience=patience), AHEAD * 6)
    assert (late.trouble, late.liveness) == (Trouble.OUT_OF_TIME, Liveness.NOT_MEASURED)
    back = Challenge([Step.TURN_LEFT], texture=False)
    go(back, AHEAD)
    assert back.see(0.2, []).trouble is Trouble.BAD_CLOCK
    assert Challenge().see(float("nan"), []).trouble is Trouble.BAD_CLOCK


def test_an_answered_challenge_stays_answered() -> None:
    challenge = Challenge([Step.TURN_LEFT], texture=False)
    go(challenge, AHEAD + sweep(0, 60, each=12), flat=True)
    assert go(challenge, AHEAD + sweep(0, 40), start=5).answer is Answer.FAILED


def test_the_order_is_drawn_and_always_has_a_turn() -> None:
    drawn = Counter(draw() for _ in range(600))
    assert len(drawn) == 6
    assert min(drawn.values()) > 50
    assert len({Challenge().state.nonce for _ in range(50)}) == 50
    for wrong in ([], [Step.COME_CLOSER], [Step.TURN_LEFT, Step.DONE]):
        with pytest.raises(ValueError, match="a challenge has a turn"):
            Challenge(wrong)


@pytest.mark.parametrize(
    "points",
    [
        np.zeros((5, 2)),
        np.full((5, 2), np.nan),
        np.full((5, 2), 1e30),
        np.zeros((0, 2)),
        np.zeros((68, 2)),
        np.array([[0, 0], [50, 0], [25, 0], [0, 0], [50, 0]]),
        np.array([[0, 0], [50, 0], [25, 30], [100, 0], [150, 0]]),
    ],
)
def test_points_that_are_no_face_are_no_exception(points: np.ndarray) -> None:
    face = Face((0, 0, 10, 10), points.astype(np.float32), 0.9)
    fresh, begun = Challenge([Step.TURN_LEFT], texture=False), Challenge([Step.TURN_LEFT], texture=False)
    go(begun, AHEAD)
    for number in range(30):
        assert fresh.see(1 + number / 10, [face]).answer is not Answer.PASSED
        assert begun.see(1 + number / 10, [face]).answer is not Answer.PASSED


def test_the_depth_that_is_measured_is_the_head_s() -> None:
    rng = np.random.default_rng(3)
    for _ in range(20):
        shape = head(rng)
        size = np.hypot(*(shape[1] - shape[0])[:2])
        front = Front([project(shape, Pose(), CAMERA)])
        glance = front.glance(project(shape, Pose(yaw=35, pitch=5), CAMERA))
        assert glance is not None
        assert turn_of([glance]).depth == pytest.approx(-shape[2, 2] / size, abs=0.12)


def test_a_plane_has_no_shift_whatever_is_done_with_it() -> None:
    rng = np.random.default_rng(4)
    for _ in range(200):
        flat = head(rng) * np.array([1, 1, 0])
        front = Front([project(flat, Pose(yaw=float(rng.uniform(-20, 20))), CAMERA)])
        yaw, pitch, roll, x, y = rng.uniform(-60, 60, 5).tolist()
        pose = Pose(yaw, pitch, roll, x, y, float(rng.uniform(150, 900)))
        glance = front.glance(project(flat, pose, CAMERA))
        assert glance is not None
        assert np.abs(glance.shift).max() < 1e-6
    assert usable(np.zeros((5, 2))) is None


def test_simulated_sheets_keep_their_lengths() -> None:
    flat = head(np.random.default_rng(0)) * np.array([1, 1, 0])
    assert np.array_equal(bent(flat, FLAT), flat)
    curved = bent(flat, Bend(radius=1.0))
    chord = np.hypot(*(curved[1] - curved[0])[:2]) / np.hypot(*(flat[1] - flat[0])[:2])
    assert chord == pytest.approx(2 * np.sin(0.5), abs=0.01)
    nearest = curved[:, 2].min()
    assert curved[2, 2] == nearest
    noise = np.array([Tremor(0.02, np.random.default_rng(n)).shaken(flat[:, :2])[0, 0] for n in range(400)])
    assert noise.std() / np.hypot(*(flat[1] - flat[0])[:2]) == pytest.approx(0.02, rel=0.15)
