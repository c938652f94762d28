"""Whether a picture serves for comparing faces. Pure functions on arrays.

The limits pass a person before an ordinary 640x480 webcam at 40 to 70 cm; they were set on public photographs
(docs/decisions/0003).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.faces import ALIGNED, Face, Image, alignment, picture
from kiosk.vision.observation import FaceProblem, Mask

LEAST_PUPILS_PX = 60.0
LEAST_SCORE = 0.8
"""Of the detector. One that is less sure sees a face half covered or turned away."""
OTHER_FACE_SHARE = 0.45
"""A face this much smaller than the nearest is somebody in the background, not a second person at the gate."""
PRINTED_FACE_SHARE = 0.75
"""A face on the chest of the nearest that is this much smaller is on a shirt or in a picture held before it. A child in
front of a grown-up is nearer to the camera, and not so much smaller."""
CHEST = (1.0, 0.6, 3.2)
"""Where the chest is, from the middle of the face and in the face's heights: to each side; from, to below."""
MOST_HEIGHT_SHARE = 0.9
"""Of the picture's height: nearer than that the face is distorted and cut."""
MOST_OUTSIDE_SHARE = 0.12
"""How much of the face's box may lie outside the picture."""
MOST_ROLL_DEGREES = 20.0
MOST_NOSE_SHIFT = 0.30
"""How far the nose may stand from the middle of the eyes, in distances between the pupils: 30 degrees or so."""
NOSE_RISE = (0.28, 0.82)
"""Where the nose lies between eyes (0) and mouth (1); outside of it the head is lifted or lowered."""
LEAST_SHARPNESS = 0.40
"""99th percentile of the aligned face's gradient, in its standard deviations."""
DARKEST = 45
"""Where the face's brightest tenth is below this (of 255), it is too dark."""
BRIGHTEST = 250
MOST_BURNT_SHARE = 0.25
"""Of the face's area at or above BRIGHTEST."""


@dataclass(frozen=True, slots=True)
class Pose:
    """How a head is held, from five points.

    Attributes:
        roll: degrees; positive where the eye on the picture's right is the lower one.
        yaw: how far the nose stands from the middle of the eyes, in distances between the pupils; positive to the
            picture's right. 0.30 is some 30 degrees.
        pitch: where the nose lies between eyes (0) and mouth (1); some 0.55 for a level head.
    """

    roll: float
    yaw: float
    pitch: float

    @property
    def straight(self) -> bool:
        """Whether a head so held serves for comparing."""
        upright = abs(self.roll) <= MOST_ROLL_DEGREES and abs(self.yaw) <= MOST_NOSE_SHIFT
        return upright and NOSE_RISE[0] <= self.pitch <= NOSE_RISE[1]


def problem_of(image: Image, faces: Sequence[Face], mask: Mask = Mask.NOT_MEASURED) -> FaceProblem:
    """Why a picture does not serve, or NONE.

    Args:
        image: in which the faces were found.
        faces: the largest first.
        mask: what the classifier says of the first. Only WORN is a reason: of an unsure one the similarity decides.
    """
    whole = picture(image)
    if whole is None or not faces or not all(_is_sound(face) for face in faces):
        return FaceProblem.NO_FACE
    face = faces[0]
    if any(_is_second_person(face, other) for other in faces[1:]):
        return FaceProblem.SEVERAL_FACES
    distance = _distance(whole, face)
    if distance is not FaceProblem.NONE:
        return distance
    if mask is Mask.WORN:  # before the turn: a mask makes the detector unsure too
        return FaceProblem.MASKED
    if face.score < LEAST_SCORE or not pose(face).straight:
        return FaceProblem.TURNED_AWAY
    return _light_and_focus(whole, face)


def pose(face: Face) -> Pose:
    """How the head is held. Of points that are none, everything is NaN, which is not straight."""
    if not np.isfinite(face.points).all() or face.pupils_px < 1e-6:
        return Pose(float("nan"), float("nan"), float("nan"))
    across, length = face.points[1] - face.points[0], face.pupils_px
    along = across / length
    down = np.array([-along[1], along[0]], np.float32)
    eyes, mouth = face.points[:2].mean(axis=0), face.points[3:].mean(axis=0)
    nose = face.points[2] - eyes
    return Pose(
        roll=float(np.degrees(np.arctan2(across[1], across[0]))),
        yaw=float(nose @ along) / length,
        pitch=float(nose @ down) / max(float((mouth - eyes) @ down), 1e-6),
    )


def sharpness(image: Image, face: Face) -> float:
    """How sharp a face is, whatever its contrast: above 0.5 on ordinary photographs, below 0.35 when blurred.

    0 where there is nothing to look at.
    """
    whole = picture(image)
    if whole is None:
        return 0.0
    try:
        return _sharpness(_aligned_grey(whole, face))
    except ValueError:
        return 0.0


def _distance(image: Image, face: Face) -> FaceProblem:
    if face.pupils_px < LEAST_PUPILS_PX:
        return FaceProblem.TOO_FAR
    height, width = image.shape[:2]
    left, top, box_width, box_height = face.box
    inside_width = max(0.0, min(left + box_width, width) - max(left, 0.0))
    inside_height = max(0.0, min(top + box_height, height) - max(top, 0.0))
    outside = 1.0 - inside_width * inside_height / max(box_width * box_height, 1.0)
    if box_height > MOST_HEIGHT_SHARE * height or outside > MOST_OUTSIDE_SHARE:
        return FaceProblem.TOO_NEAR
    return FaceProblem.NONE


def _is_sound(face: Face) -> bool:
    return bool(np.isfinite(face.points).all() and np.isfinite([*face.box, face.score]).all())


def _is_second_person(nearest: Face, other: Face) -> bool:
    """Whether a face is somebody who could be meant as well."""
    share = other.pupils_px / max(nearest.pupils_px, 1e-6)
    if share < OTHER_FACE_SHARE:
        return False
    width, height = max(nearest.box[2], 1e-6), max(nearest.box[3], 1e-6)
    aside = (other.box[0] + other.box[2] / 2 - nearest.box[0] - nearest.box[2] / 2) / width
    below = (other.box[1] + other.box[3] / 2 - nearest.box[1] - nearest.box[3] / 2) / height
    on_chest = abs(aside) <= CHEST[0] and CHEST[1] <= below <= CHEST[2]
    return not (on_chest and share <= PRINTED_FACE_SHARE)


def _light_and_focus(image: Image, face: Face) -> FaceProblem:
    try:
        grey = _aligned_grey(image, face)
    except ValueError:
        return FaceProblem.TURNED_AWAY
    middle = grey[20:104, 20:92]
    if float(np.percentile(middle, 90)) < DARKEST:
        return FaceProblem.TOO_DARK
    if float((middle >= BRIGHTEST).mean()) > MOST_BURNT_SHARE:
        return FaceProblem.TOO_BRIGHT
    return FaceProblem.BLURRED if _sharpness(grey) < LEAST_SHARPNESS else FaceProblem.NONE


def _aligned_grey(image: Image, face: Face) -> NDArray[np.uint8]:
    aligned = cv2.warpAffine(image, alignment(face.points), (ALIGNED, ALIGNED), flags=cv2.INTER_AREA)
    return cast("NDArray[np.uint8]", cv2.cvtColor(aligned, cv2.COLOR_BGR2GRAY))


def _sharpness(grey: NDArray[np.uint8]) -> float:
    middle = grey[20:104, 20:92].astype(np.float32)
    down, across = np.gradient(middle)
    return float(np.percentile(np.hypot(down, across), 99)) / (float(middle.std()) + 8.0)
