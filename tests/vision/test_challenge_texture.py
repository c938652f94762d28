import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from drivers.simulate.heads import Camera, Points, Pose, head, project
from kiosk.vision.challenge import Challenge
from kiosk.vision.challenge_state import Answer, Step, Trouble
from kiosk.vision.faces import Face
from kiosk.vision.tracks import FaceTracks, TextureWatch

Picture = NDArray[np.uint8]
CAMERA = Camera()


def rough() -> Picture:
    """Something to follow, everywhere."""
    rng = np.random.default_rng(6)
    noise = rng.integers(0, 255, (480, 640, 3)).astype(np.uint8)
    return np.asarray(
        cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 2.0), np.empty(0), 0, 255, cv2.NORM_MINMAX), np.uint8
    )


def flat_face() -> Points:
    return np.asarray(head(np.random.default_rng(8)) * np.array([1.0, 1.0, 0.0]), np.float64)


def view(pose: Pose) -> tuple[Picture, Points]:
    """The rough picture as a flat sheet that is turned, and the face's points on it."""
    shape = flat_face()
    there, front = project(shape, pose, CAMERA), project(shape, Pose(), CAMERA)
    warp, _ = cv2.findHomography(front, there)
    return np.asarray(cv2.warpPerspective(rough(), warp, (640, 480), borderMode=cv2.BORDER_REFLECT), np.uint8), there


def raised(picture: Picture, points: Points, shift: float) -> Picture:
    """The same with the nose's surroundings moved to the right, as if it stood out."""
    moved = picture.copy()
    x, y = (round(float(value)) for value in points[2])
    by = round(shift * float(np.hypot(*(points[1] - points[0]))))
    moved[y - 14 : y + 15, x - 14 + by : x + 15 + by] = picture[y - 14 : y + 15, x - 14 : x + 15]
    return moved


def watched(shifts: list[float], angles: list[float]) -> TextureWatch:
    watch = TextureWatch()
    watch.begin(*view(Pose()))
    for shift, angle in zip(shifts, angles, strict=True):
        picture, points = view(Pose(yaw=angle))
        watch.see(raised(picture, points, shift), points, 1.0)
    return watch


TURN = [5.0, 10, 15, 20, 25, 30, 34, 36, 37, 38, 38, 38]


def test_the_texture_of_a_turning_sheet_is_flat() -> None:
    watch = watched([0.0] * len(TURN), TURN)
    assert watch.flat
    assert not watch.deep


def test_texture_that_moves_against_the_plane_has_depth() -> None:
    watch = watched([0.33 * float(np.sin(np.radians(angle))) for angle in TURN], TURN)
    assert watch.deep
    assert not watch.flat
    assert 0.15 < watch.depth < 0.5


def test_the_homography_of_the_sheet_is_found() -> None:
    tracks = FaceTracks(*view(Pose()))
    assert tracks.sound
    glance = None
    for angle in TURN:
        glance = tracks.follow(*view(Pose(yaw=angle)))
    assert glance is not None
    assert np.abs(glance.shift).max() < 0.03
    low, high = np.linalg.eigvalsh(glance.metric)
    assert np.sqrt(low / high) == pytest.approx(np.cos(np.radians(38)), abs=0.03)


@pytest.mark.parametrize(
    "picture",
    [
        None,
        np.zeros((0, 0, 3), np.uint8),
        np.zeros((1, 1, 3), np.uint8),
        np.zeros((480, 640), np.uint8),
        np.zeros((480, 640, 3), np.uint16),
        np.full((480, 640, 3), np.nan),
        np.full((480, 640, 3), 127, np.uint8),
        np.zeros((100, 90, 3), np.uint8),
    ],
)
def test_a_picture_that_is_none_or_empty_is_lost_and_no_exception(picture: Picture | None) -> None:
    sound, points = view(Pose())
    watch = TextureWatch()
    watch.begin(picture, points)
    begun = TextureWatch()
    begun.begin(sound, points)
    before = begun.lost
    begun.see(picture, points, 1.0)
    assert (watch.lost, before, begun.lost, begun.deep) == (True, False, True, False)


def test_points_outside_the_picture_are_no_exception() -> None:
    sound, points = view(Pose())
    for elsewhere in (points + 5000.0, points - 5000.0, points * 100):
        watch = TextureWatch()
        watch.begin(sound, elsewhere)
        assert watch.lost
        watch.begin(sound, points)
        watch.see(sound, elsewhere, 1.0)
        assert not watch.deep


def test_nobody_passes_without_pictures() -> None:
    shape = head(np.random.default_rng(8))
    challenge, bare = Challenge([Step.TURN_LEFT]), Challenge([Step.TURN_LEFT], texture=False)
    for number in range(130):
        points = project(shape, Pose(yaw=float(np.clip((number - 10) * 4, 0, 40))), CAMERA)
        face = Face((0, 0, 10, 10), points.astype(np.float32), 0.9)
        challenge.see(number / 10, [face])
        bare.see(number / 10, [face])
    assert bare.state.answer is Answer.PASSED
    assert (challenge.state.answer, challenge.state.trouble) == (Answer.FAILED, Trouble.OUT_OF_TIME)
