"""Whether a picture serves for comparing faces. Pure functions on arrays.

The limits pass a person before an ordinary 640x480 webcam at 40 to 70 cm; they were set on public photographs
(docs/decisions/0003).
"""

from collections.abc import Sequence
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.faces import ALIGNED, Face, Image, alignment
from kiosk.vision.observation import FaceProblem

LEAST_PUPILS_PX = 60.0
LEAST_SCORE = 0.8
"""Of the detector. One that is less sure sees a face half covered or turned away."""
OTHER_FACE_SHARE = 0.45
"""A face this much smaller than the nearest is somebody in the background, not a second person at the gate."""
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


def problem_of(image: Image, faces: Sequence[Face]) -> FaceProblem:
    """Why a picture does not serve, or NONE; `faces` are the largest first."""
    if not faces:
        return FaceProblem.NO_FACE
    face = faces[0]
    if len(faces) > 1 and faces[1].pupils_px >= OTHER_FACE_SHARE * face.pupils_px:
        return FaceProblem.SEVERAL_FACES
    distance = _distance(image, face)
    if distance is not FaceProblem.NONE:
        return distance
    if face.score < LEAST_SCORE or _turned(face):
        return FaceProblem.TURNED_AWAY
    return _light_and_focus(image, face)


def sharpness(image: Image, face: Face) -> float:
    """How sharp a face is, whatever its contrast: above 0.5 on ordinary photographs, below 0.35 when blurred."""
    return _sharpness(_aligned_grey(image, face))


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


def _turned(face: Face) -> bool:
    eyes = face.points[:2].mean(axis=0)
    mouth = face.points[3:].mean(axis=0)
    across = face.points[1] - face.points[0]
    if abs(float(np.degrees(np.arctan2(across[1], across[0])))) > MOST_ROLL_DEGREES:
        return True
    across = across / max(face.pupils_px, 1e-6)
    down = np.array([-across[1], across[0]], np.float32)
    nose = face.points[2] - eyes
    shift = abs(float(nose @ across)) / max(face.pupils_px, 1e-6)
    rise = float(nose @ down) / max(float((mouth - eyes) @ down), 1e-6)
    return shift > MOST_NOSE_SHIFT or not NOSE_RISE[0] <= rise <= NOSE_RISE[1]


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
