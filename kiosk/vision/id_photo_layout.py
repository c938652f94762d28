"""Where a head belongs in an ID photo, and where it is in a picture. Pure functions on arrays.

The documents' rules are in millimetres or pixels of crown, chin, eyes and the width of the face between the ears. The
detector gives five points. The crown is measured where the background is plain enough to see the hair's outline; chin
and width follow from the points by the proportions of adult faces, which differ from person to person by some 5 %
(docs/decisions/0010-id-photo.md).
"""

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.faces import Face, Image

FACE_WIDTH = 2.25
"""Ear to ear, in distances between the pupils."""
CHIN = (0.84, 0.92)
"""From the eyes to the chin: a part in distances from the eyes to the mouth, which a smile shortens, and a part in
distances between the pupils."""
CROWN = 1.95
"""From the eyes to the crown with its hair, in distances between the pupils; where it cannot be measured."""
CROWN_LIMITS = (1.45, 3.0)
"""A measured crown outside of these is none: white hair on white, a plant behind the head."""
WORKING_PUPILS = 40.0
"""Pixels between the pupils at which the outline is looked for."""
UNLIKE_BACKGROUND = 13.0
"""Distance in CIE L*a*b* from which a pixel is not background."""
MM_PER_INCH = 25.4


@dataclass(frozen=True, slots=True)
class PhotoFormat:
    """What a document asks of its photo, in pixels of the finished photo.

    Attributes:
        name: of the document, as the forms' items use it.
        width: of the photo.
        height: of the photo.
        dpi: written into the file.
        face_width: ear to ear, least and most; None where the head's height rules.
        head_height: chin to crown, least and most; None where the face's width rules.
        above_head: from the upper edge to the crown, least and most.
        eyes_above_edge: from the lower edge to the eyes, least; it goes before `above_head`.
        chin_above_edge: from the lower edge to the chin, least.
        quality: of the JPEG file, 0 to 100, where the document fixes it.
        most_bytes: of the file.
    """

    name: str
    width: int
    height: int
    dpi: int
    face_width: tuple[int, int] | None
    head_height: tuple[int, int] | None
    above_head: tuple[int, int]
    eyes_above_edge: int = 0
    chin_above_edge: int = 0
    quality: int = 90
    most_bytes: int = 80_000


def _print(name: str, dpi: int, head: tuple[float, float], above: tuple[float, float], chin: float) -> PhotoFormat:
    """33 x 48 mm, with lengths in millimetres."""

    def pixels(millimetres: float) -> int:
        return round(millimetres * dpi / MM_PER_INCH)

    return PhotoFormat(
        name,
        pixels(33),
        pixels(48),
        dpi,
        face_width=None,
        head_height=(pixels(head[0]), pixels(head[1])),
        above_head=(pixels(above[0]), pixels(above[1])),
        chin_above_edge=pixels(chin),
    )


ID_CARD = PhotoFormat(
    "id_card", 358, 441, 350, (193, 221), None, (7, 21), eyes_above_edge=207, quality=70, most_bytes=30_000
)
"""GA 461-2004: 26 x 32 mm, face 207±14 px wide, JPEG quality 70."""
SOCIAL_CARD = PhotoFormat(
    "social_card", 358, 441, 350, (179, 255), None, (7, 21), eyes_above_edge=207, quality=70, most_bytes=40_000
)
"""Social security card: as the ID card, the face 179 to 255 px wide, a file of 14 to 40 kB."""
PASSPORT = _print("passport", 350, (28, 33), (3, 5), 7)
"""Ordinary passport: 33 x 48 mm, head 28 to 33 mm high, 3 to 5 mm above it, 7 mm below the chin, 30 to 80 kB."""
VISA = _print("visa", 300, (28, 33), (3, 5), 7)
"""Visa application on paper: as the passport, 300 dpi."""
FORMATS = {each.name: each for each in (ID_CARD, SOCIAL_CARD, PASSPORT, VISA)}


@dataclass(frozen=True, slots=True)
class Head:
    """A head in a picture; lengths in its pixels, along the face's own upright axis.

    Attributes:
        eyes: the point between the pupils.
        roll: degrees that the eyes' line is turned, clockwise positive.
        pupils: the distance between the pupils.
        face_width: ear to ear, by proportion.
        crown: from the eyes up to the crown.
        chin: from the eyes down to the chin, by proportion.
        crown_measured: whether the crown is seen, or a guess by proportion.
    """

    eyes: tuple[float, float]
    roll: float
    pupils: float
    face_width: float
    crown: float
    chin: float
    crown_measured: bool


@dataclass(frozen=True, slots=True)
class Placing:
    """How a picture becomes a photo.

    Attributes:
        scale: photo pixels for a pixel of the picture.
        eyes: where the point between the pupils comes to, in the photo.
        face_width: of the finished photo, ear to ear, in its pixels.
        head_height: chin to crown.
        above_head: from the upper edge to the crown; negative where hair is cut off.
        crown_measured: whether the crown is seen, or a guess.
    """

    scale: float
    eyes: tuple[float, float]
    face_width: float
    head_height: float
    above_head: float
    crown_measured: bool


def head_of(image: Image, face: Face) -> Head | None:
    """Measure a head; None where the points lie in one place or nowhere.

    Args:
        image: (height, width, 3), BGR.
        face: as the detector found it in that picture.
    """
    points = face.points.astype(np.float64)
    if points.shape != (5, 2) or not np.isfinite(points).all() or np.abs(points).max() > 1e5:
        return None
    eyes, mouth = points[:2].mean(axis=0), points[3:].mean(axis=0)
    across = points[1] - points[0]
    pupils = float(np.hypot(*across))
    down = np.array([-across[1], across[0]]) / max(pupils, 1e-9)
    to_mouth = float((mouth - eyes) @ down)
    if pupils < 4 or not 0.5 * pupils < to_mouth < 2.5 * pupils:
        return None
    roll = float(np.degrees(np.arctan2(across[1], across[0])))
    width, chin = pupils * FACE_WIDTH, to_mouth * CHIN[0] + pupils * CHIN[1]
    guess = Head((float(eyes[0]), float(eyes[1])), roll, pupils, width, pupils * CROWN, chin, crown_measured=False)
    crown = _crown(image, guess)
    if crown is None:
        return guess
    return Head(guess.eyes, roll, pupils, width, crown, chin, crown_measured=True)


def placing(head: Head, wanted: PhotoFormat) -> Placing:
    """Where a head comes to in a photo: the middle of every limit, or as near as they allow together."""
    if wanted.face_width is not None:
        scale = sum(wanted.face_width) / 2 / head.face_width
    else:
        scale = sum(wanted.head_height or (wanted.height // 2,) * 2) / 2 / (head.crown + head.chin)
    crown, chin = head.crown * scale, head.chin * scale
    eyes = sum(wanted.above_head) / 2 + crown
    # Tall hair is cut off before the face comes too low.
    eyes = min(eyes, float(wanted.height - wanted.eyes_above_edge), wanted.height - wanted.chin_above_edge - chin)
    return Placing(
        scale, (wanted.width / 2, eyes), head.face_width * scale, crown + chin, eyes - crown, head.crown_measured
    )


def warp(head: Head, place: Placing) -> NDArray[np.float64]:
    """The turn, scale and shift, (2, 3), from the picture into the photo."""
    matrix = np.asarray(cv2.getRotationMatrix2D(head.eyes, head.roll, place.scale), np.float64)
    matrix[:, 2] += np.array(place.eyes) - np.array(head.eyes)
    return matrix


def warped(image: Image, matrix: NDArray[np.float64], size: tuple[int, int]) -> Image:
    """Draw a picture through `warp`, averaging where it shrinks. `size` is width and height."""
    scale = float(np.hypot(matrix[0, 0], matrix[0, 1]))
    if scale < 0.7:
        step = scale / 0.9
        whole = (max(1, round(image.shape[1] * step)), max(1, round(image.shape[0] * step)))
        factors = np.array([whole[0] / image.shape[1], whole[1] / image.shape[0]])
        image = np.asarray(cv2.resize(image, whole, interpolation=cv2.INTER_AREA), np.uint8)
        matrix = matrix.copy()
        # Centres of pixels lie at halves.
        matrix[:, 2] += matrix[:, :2] @ (0.5 / factors - 0.5)
        matrix[:, :2] /= factors
    flags = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_LINEAR
    drawn = cv2.warpAffine(image, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(drawn, np.uint8)


def fits(shape: tuple[int, ...], matrix: NDArray[np.float64], size: tuple[int, int]) -> bool:
    """Whether the photo shows nothing from outside of the picture, but for one pixel in a hundred of its sides."""
    whole = np.vstack([matrix, [0.0, 0.0, 1.0]])
    width, height = size
    corners = np.array([[0, 0, 1], [width, 0, 1], [width, height, 1], [0, height, 1]], np.float64)
    there = (np.linalg.inv(whole) @ corners.T)[:2].T
    slack = 0.01 * np.array([shape[1], shape[0]])
    return bool((there >= -slack).all() and (there <= np.array([shape[1], shape[0]]) + slack).all())


# The outline -----------------------------------------------------------------------------------------------------


def background(lab: NDArray[np.float32], eyes: float, pupils: float) -> tuple[NDArray[np.float32], float]:
    """The even background behind a head, and how much of the surroundings is like it.

    Args:
        lab: (h, w, 3), CIE L*a*b*, upright, with the head in the middle.
        eyes: the row of the eyes.
        pupils: the distance between them, in its pixels.

    Returns:
        (h, w, 3), what the background would be without the person; and 0 to 1.
    """
    height, width = lab.shape[:2]
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    aside = np.abs(columns - width / 2) > 1.55 * pupils
    # Beside the head, and above the shoulders; the row above the head as far as there is one.
    ground = (aside & (rows < eyes + 0.9 * pupils)) | (rows < eyes - 2.6 * pupils)
    if int(ground.sum()) < 50:
        return np.zeros_like(lab), 0.0
    terms = np.stack([np.ones_like(rows), columns / width - 0.5, rows / height - 0.5], axis=2)
    known, values = terms[ground], lab[ground]
    kept = np.ones(len(values), np.bool_)
    factors = np.zeros((3, 3), np.float64)
    factors[0] = np.median(values, axis=0)
    for _ in range(4):  # a plane, again without what is far from it
        kept = np.linalg.norm(values - known @ factors, axis=1) < UNLIKE_BACKGROUND
        if int(kept.sum()) < 30:
            return np.zeros_like(lab), 0.0
        factors = np.linalg.lstsq(known[kept], values[kept], rcond=None)[0]
    return (terms @ factors).astype(np.float32), float(kept.mean())


def unlike(lab: NDArray[np.float32], ground: NDArray[np.float32]) -> NDArray[np.uint8]:
    """(h, w), 1 where a picture differs from its background; single pixels do not count."""
    foreign = (np.linalg.norm(lab - ground, axis=2) > UNLIKE_BACKGROUND).astype(np.uint8)
    return np.asarray(cv2.morphologyEx(foreign, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)), np.uint8)


def lab_of(image: Image) -> NDArray[np.float32]:
    """BGR to CIE L*a*b*: L* 0 to 100, a* and b* -127 to 127."""
    scaled = image.astype(np.float32) / np.float32(255)
    return cast("NDArray[np.float32]", cv2.cvtColor(scaled, cv2.COLOR_BGR2LAB))


def _crown(image: Image, guess: Head) -> float | None:
    """How far above the eyes the outline of head and hair ends, in the picture's pixels."""
    scale = WORKING_PUPILS / guess.pupils
    width, height = round(WORKING_PUPILS * 5), round(WORKING_PUPILS * 5.4)
    eyes = WORKING_PUPILS * 3.2
    matrix = warp(guess, Placing(scale, (width / 2, eyes), 0, 0, 0, crown_measured=False))
    lab = lab_of(warped(image, matrix, (width, height)))
    known = cv2.warpAffine(np.ones(image.shape[:2], np.uint8), matrix, (width, height), flags=cv2.INTER_NEAREST) > 0
    ground, share = background(lab, eyes, WORKING_PUPILS)
    if share < 0.75:
        return None
    person = unlike(lab, ground)
    person[~known] = 0
    person = np.asarray(cv2.morphologyEx(person, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8)), np.uint8)
    _, labels = cv2.connectedComponents(person)
    label = int(labels[round(eyes + 0.5 * WORKING_PUPILS), width // 2])
    if label == 0:
        return None
    middle = (labels == label)[:, round(width / 2 - 0.5 * WORKING_PUPILS) : round(width / 2 + 0.5 * WORKING_PUPILS)]
    rows = np.flatnonzero(middle.mean(axis=1) > 0.15)
    crown = (eyes - float(rows[0])) / WORKING_PUPILS
    # At the picture's own edge the head may go on.
    cut = not known[max(0, int(rows[0]) - 2), width // 2]
    return None if cut or not CROWN_LIMITS[0] <= crown <= CROWN_LIMITS[1] else crown * guess.pupils
