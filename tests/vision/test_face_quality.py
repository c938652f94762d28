from collections.abc import Callable

import cv2
import numpy as np
import pytest

from kiosk.vision.faces import FaceEngine, Image
from kiosk.vision.observation import FaceProblem
from kiosk.vision.quality import problem_of

Scene = Callable[[str, int], Image]


def problem(engine: FaceEngine, image: Image) -> FaceProblem:
    return problem_of(image, engine.detect(image))


def zoomed(image: Image, scale: float) -> Image:
    warp = np.array([[scale, 0, 320 - scale * 320], [0, scale, 200 - scale * 200]])
    return np.asarray(cv2.warpAffine(image, warp, (640, 480), borderMode=cv2.BORDER_REPLICATE), np.uint8)


@pytest.mark.parametrize(("person", "index"), [("person-1", 0), ("person-1", 1), ("person-1", 2), ("person-2", 0)])
def test_an_ordinary_webcam_picture_serves(person: str, index: int, scene: Scene, sface: FaceEngine) -> None:
    image = scene(person, index)
    rng = np.random.default_rng(2)
    webcam = (image * 0.8 + rng.normal(0, 5, image.shape)).clip(0, 255).astype(np.uint8)
    assert problem(sface, image) is FaceProblem.NONE
    assert problem(sface, webcam) is FaceProblem.NONE


def test_what_is_wrong_with_a_picture_is_named(scene: Scene, sface: FaceEngine) -> None:
    image = scene("person-2", 0)
    turned = cv2.warpAffine(image, cv2.getRotationMatrix2D((320, 200), 40, 1.0), (640, 480))
    cases = {
        FaceProblem.NO_FACE: np.full((480, 640, 3), 90, np.uint8),
        FaceProblem.TOO_FAR: zoomed(image, 0.5),
        FaceProblem.TOO_NEAR: zoomed(image, 2.2),
        FaceProblem.TURNED_AWAY: turned,
        FaceProblem.BLURRED: cv2.GaussianBlur(image, (0, 0), 8),
        FaceProblem.TOO_DARK: (image * 0.14).astype(np.uint8),
        FaceProblem.TOO_BRIGHT: np.minimum(image * 1.6 + 130, 255).astype(np.uint8),
    }
    assert {name: problem(sface, np.asarray(picture, np.uint8)) for name, picture in cases.items()} == {
        name: name for name in cases
    }


def test_two_people_are_several_and_somebody_far_behind_is_not(scene: Scene, sface: FaceEngine) -> None:
    one, other = scene("person-1", 0), scene("person-2", 0)
    beside = np.hstack([one[:, 160:480], other[:, 160:480]])
    assert problem(sface, beside) is FaceProblem.SEVERAL_FACES
    behind = one.copy()
    small = cv2.resize(other[40:360, 160:480], (110, 110), interpolation=cv2.INTER_AREA)
    behind[10:120, 10:120] = small
    assert len(sface.detect(behind)) == 2
    assert problem(sface, behind) is FaceProblem.NONE
