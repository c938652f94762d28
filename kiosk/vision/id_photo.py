"""An ID photo from a camera picture: what is wrong with the picture, and the photo cut to the document's rules.

Nothing is painted: the background stays what it is, and a head that reaches over the picture's edge is refused. What no
measurement here can tell is in `UNCHECKED`, for the person and the staff to look at.
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pictures

from kiosk.vision.faces import Face, Image, picture
from kiosk.vision.id_photo_layout import (
    ID_CARD,
    Head,
    PhotoFormat,
    background,
    fits,
    head_of,
    lab_of,
    placing,
    unlike,
    warp,
    warped,
)
from kiosk.vision.id_photo_result import PhotoProblem
from kiosk.vision.observation import Mask
from kiosk.vision.quality import OTHER_FACE_SHARE, sharpness

__all__ = ["UNCHECKED", "Attempt", "PhotoProblem", "attempt", "check", "crop", "encode"]

UNCHECKED = ("eyes_open", "expression", "headwear", "clothes", "ears")
"""What the rules ask and five points of a face do not show."""

MOST_ENLARGED = 1.3
"""Times. More than that and the photo shows no more than the picture did."""
LEAST_SCORE = 0.8
MOST_ROLL = 12.0
"""Degrees that are turned upright; beyond, shoulders and light show it."""
MOST_NOSE_SHIFT = 0.14
"""Of the nose from the middle of the eyes, in distances between the pupils: 12 degrees or so."""
NOSE_RISE = (0.38, 0.76)
"""Where the tip of the nose lies between eyes (0) and mouth (1)."""
LEAST_SHARPNESS = 0.45
PLAIN_SHARE = 0.6
"""Of the surroundings must be like an even background; much of the rest may be hair."""
MOST_CLUTTER = 0.015
"""Of what is above the shoulders may be neither background nor the person."""
WHITE_FROM = 86.0
"""L* of a background that counts as white in an ordinary room; a sheet of paper is 95."""
MOST_TINT = 9.0
"""Distance of a white background from grey, in a*b*."""
MOST_SLOPE = 9.0
"""L* that the background may differ from one side to the other."""
DARK_FACE, BRIGHT_FACE = 32.0, 90.0
"""L* of the face: its bright tenth, its middle."""
MOST_BURNT = 0.03
"""Of the face but for the eyes, at 250 and more in all three colours."""
MOST_SIDED = 2.0
"""Light on one cheek against the other, linear: one stop."""
MOST_GLARE = 0.02
"""Of the eyes' surroundings; the light's own reflection in a pupil is a tenth of it."""
LEAST_COLOUR = 3.0
"""Mean distance of the face from grey in a*b*; skin has 15 to 30."""


@dataclass(frozen=True, slots=True, eq=False)
class Attempt:
    """A picture, tried.

    Attributes:
        problems: everything measurable that is wrong, the most important first; empty: nothing was found.
        photo: cut to the document's rules; None where it cannot be cut. Also there where there are problems.
    """

    problems: tuple[PhotoProblem, ...]
    photo: Image | None


def attempt(
    image: NDArray[np.generic],
    detect: Callable[[Image], Sequence[Face]],
    settle: Callable[[Image, Face], Face],
    mask_of: Callable[[Image, Face], Mask] | None = None,
    wanted: PhotoFormat = ID_CARD,
) -> Attempt:
    """Find the face, settle its points, check and cut. 0.1 s.

    Args:
        image: (height, width, 3) uint8, BGR; whatever else `faces.picture` takes.
        detect: the detector; it must find small faces, too, so that people in the background count.
        settle: makes a face's points exact: `id_photo_eyes.Eyes.settle`.
        mask_of: the mask classifier's answer; None where there is none.
        wanted: the document.
    """
    whole = picture(image)
    if whole is None:
        return Attempt((PhotoProblem.NO_PICTURE,), None)
    faces = list(detect(whole))
    if not faces:
        return Attempt((PhotoProblem.NO_FACE,), None)
    faces[0] = settle(whole, faces[0])
    mask = Mask.NOT_MEASURED if mask_of is None else mask_of(whole, faces[0])
    return Attempt(check(whole, faces, mask, wanted), crop(whole, faces[0], wanted))


def check(
    image: NDArray[np.generic], faces: Sequence[Face], mask: Mask = Mask.NOT_MEASURED, wanted: PhotoFormat = ID_CARD
) -> tuple[PhotoProblem, ...]:
    """Everything measurable that is wrong, the most important first; empty: nothing was found.

    Args:
        image: (height, width, 3) uint8, BGR; whatever else `faces.picture` takes.
        faces: found in it, the largest first; the first with settled points, or the photo hangs askew.
        mask: what the classifier says of the first. Where it was not measured, `COVERED` cannot be found.
        wanted: the document.
    """
    whole = picture(image)
    if whole is None:
        return (PhotoProblem.NO_PICTURE,)
    head = head_of(whole, faces[0]) if faces else None
    if head is None:
        return (PhotoProblem.NO_FACE,)
    face = faces[0]
    found: list[PhotoProblem] = []
    place = placing(head, wanted)
    size = (wanted.width, wanted.height)
    matrix = warp(head, place)
    if any(_disturbs(other, face, matrix, size) for other in faces[1:]):
        found.append(PhotoProblem.SEVERAL_FACES)
    if place.scale > MOST_ENLARGED:
        found.append(PhotoProblem.TOO_SMALL)
    inside = fits(whole.shape, matrix, size)
    if not inside:
        found.append(PhotoProblem.CUT_OFF)
    found += _pose(face, head)
    if mask in {Mask.WORN, Mask.UNSURE}:
        found.append(PhotoProblem.COVERED)
    photo = warped(whole, matrix, size)
    if _sharp(whole, face) < LEAST_SHARPNESS:
        found.append(PhotoProblem.BLURRED)
    found += _light(photo, place.eyes, head.pupils * place.scale)
    if inside:  # or else it is partly invented
        found += [each for each in _ground(photo, place.eyes[1], head.pupils * place.scale) if each not in found]
    return tuple(found)


def crop(image: NDArray[np.generic], face: Face, wanted: PhotoFormat = ID_CARD) -> Image | None:
    """Cut the photo: upright by the eyes, to size, the head where the document wants it.

    Args:
        image: (height, width, 3) uint8, BGR; whatever else `faces.picture` takes.
        face: as the detector found it in that picture, with settled points.
        wanted: the document.

    Returns:
        (wanted.height, wanted.width, 3) uint8, BGR; None where there is no picture or no face, or where a part of the
        photo would have to be invented. A small face is enlarged: ask `check` first.
    """
    whole = picture(image)
    head = None if whole is None else head_of(whole, face)
    if whole is None or head is None:
        return None
    matrix, size = warp(head, placing(head, wanted)), (wanted.width, wanted.height)
    return warped(whole, matrix, size) if fits(whole.shape, matrix, size) else None


def encode(photo: Image, wanted: PhotoFormat = ID_CARD) -> bytes:
    """The photo as a JPEG file with its resolution, no larger than the document allows.

    Args:
        photo: from `crop`.
        wanted: the same document.

    Raises:
        ValueError: it is no photo of that size.
    """
    if photo.shape != (wanted.height, wanted.width, 3) or photo.dtype != np.uint8:
        raise ValueError(f"the photo of a {wanted.name} is {wanted.width}x{wanted.height}")
    shown = Pictures.fromarray(cv2.cvtColor(photo, cv2.COLOR_BGR2RGB))
    data = b""
    for quality in range(wanted.quality, 30, -5):
        file = io.BytesIO()
        shown.save(file, "JPEG", quality=quality, subsampling=0, optimize=True, dpi=(wanted.dpi, wanted.dpi))
        data = file.getvalue()
        if len(data) <= wanted.most_bytes:
            break
    return data


# What is wrong ---------------------------------------------------------------------------------------------------


def _disturbs(other: Face, face: Face, matrix: NDArray[np.float64], size: tuple[int, int]) -> bool:
    """Whether another face is as near, or would be in the photo."""
    if not np.isfinite(other.points).all():
        return False
    if other.pupils_px >= OTHER_FACE_SHARE * face.pupils_px:
        return True
    x, y = matrix @ np.append(other.points.mean(axis=0).astype(np.float64), 1.0)
    return other.score >= LEAST_SCORE and 0 <= x < size[0] and 0 <= y < size[1]


def _pose(face: Face, head: Head) -> list[PhotoProblem]:
    points = face.points.astype(np.float64)
    across = (points[1] - points[0]) / head.pupils
    down = np.array([-across[1], across[0]])
    nose, mouth = points[2] - head.eyes, points[3:].mean(axis=0) - head.eyes
    rise = float(nose @ down) / float(mouth @ down)
    shift = abs(float(nose @ across)) / head.pupils
    turned = face.score < LEAST_SCORE or shift > MOST_NOSE_SHIFT or not NOSE_RISE[0] <= rise <= NOSE_RISE[1]
    tilted = abs(head.roll) > MOST_ROLL
    return [PhotoProblem.TURNED] * turned + [PhotoProblem.TILTED] * tilted


def _sharp(image: Image, face: Face) -> float:
    try:
        return sharpness(image, face)
    except (ValueError, cv2.error):
        return 0.0


def _light(photo: Image, eyes: tuple[float, float], pupils: float) -> list[PhotoProblem]:
    x, y = eyes

    def patch(left: float, top: float, right: float, bottom: float) -> NDArray[np.uint8]:
        """A part of the photo, in distances between the pupils from the point between them; at least one pixel."""
        column, row = max(0, round(x + left * pupils)), max(0, round(y + top * pupils))
        return photo[
            row : max(row + 1, round(y + bottom * pupils)), column : max(column + 1, round(x + right * pupils))
        ]

    face = patch(-0.75, -0.5, 0.75, 1.4)
    lab = lab_of(face)
    light = lab[:, :, 0]
    found: list[PhotoProblem] = []
    if float(np.percentile(light, 90)) < DARK_FACE:
        found.append(PhotoProblem.TOO_DARK)
    skin = np.concatenate([patch(*p).reshape(-1, 3) for p in ((-0.75, -0.6, 0.75, -0.3), (-0.75, 0.4, 0.75, 1.4))])
    burnt = float((skin.min(axis=1) >= 250).mean())
    if float(np.median(light)) > BRIGHT_FACE or burnt > MOST_BURNT:
        found.append(PhotoProblem.TOO_BRIGHT)
    cheeks = [lab_of(patch(*place))[:, :, 0] for place in ((-0.8, 0.3, -0.3, 0.9), (0.3, 0.3, 0.8, 0.9))]
    one, other = (_linear(float(np.median(cheek))) for cheek in cheeks)
    if max(one, other) > MOST_SIDED * min(one, other):
        found.append(PhotoProblem.UNEVEN_LIGHT)
    glasses = np.concatenate([patch(*p).reshape(-1, 3) for p in ((-0.9, -0.3, -0.1, 0.35), (0.1, -0.3, 0.9, 0.35))])
    if PhotoProblem.TOO_BRIGHT not in found and float((glasses.min(axis=1) >= 248).mean()) > MOST_GLARE:
        found.append(PhotoProblem.GLASSES_GLARE)
    if float(np.hypot(lab[:, :, 1], lab[:, :, 2]).mean()) < LEAST_COLOUR:
        found.append(PhotoProblem.COLOURLESS)
    return found


def _linear(lightness: float) -> float:
    """L* to relative luminance, never 0 (CIE 1976)."""
    return max(((lightness + 16) / 116) ** 3, 0.002)


def _cluttered(foreign: NDArray[np.uint8], eyes: float, pupils: float) -> bool:
    """Whether something beside the person is there, or the person goes on to the photo's sides above the shoulders."""
    _, labels = cv2.connectedComponents(foreign)
    person = int(labels[min(round(eyes + 0.5 * pupils), foreign.shape[0] - 1), foreign.shape[1] // 2])
    above = labels[: max(1, round(eyes + 0.9 * pupils))]
    other = float(((above != 0) & (above != person)).mean())
    beside = above[: max(1, round(eyes + 0.5 * pupils))]
    reaching = int(((beside[:, [0, -1]] != 0) & (beside[:, [0, -1]] == person)).sum())
    return other > MOST_CLUTTER or reaching > 0.3 * pupils


def _ground(photo: Image, eyes: float, pupils: float) -> list[PhotoProblem]:
    step = 0.5
    small = np.asarray(cv2.resize(photo, None, fx=step, fy=step, interpolation=cv2.INTER_AREA), np.uint8)
    lab = lab_of(small)
    ground, share = background(lab, eyes * step, pupils * step)
    if share < PLAIN_SHARE or _cluttered(unlike(lab, ground), eyes * step, pupils * step):
        return [PhotoProblem.BACKGROUND_NOT_PLAIN]
    found: list[PhotoProblem] = []
    above = ground[: max(1, round(eyes * step))]
    if float(above[:, :, 0].max() - above[:, :, 0].min()) > MOST_SLOPE:
        found.append(PhotoProblem.UNEVEN_LIGHT)
    mean = above.reshape(-1, 3).mean(axis=0)
    if float(mean[0]) < WHITE_FROM or float(np.hypot(mean[1], mean[2])) > MOST_TINT:
        found.append(PhotoProblem.BACKGROUND_NOT_WHITE)
    return found
