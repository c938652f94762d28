"""What a face engine is, and how its similarities become a verdict."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kiosk.vision.observation import FaceBand, FaceSeen, FaceVerdict

Image = NDArray[np.uint8]
"""(height, width, 3), BGR."""
Embedding = NDArray[np.float32]
"""A face as numbers: (n,), of unit length where the engine compares by cosine."""

BEST_OF = 3
"""A verdict is the mean of this many best similarities."""
LEAST_FRAMES = 5
"""Of fewer pictures no verdict is made: staff compare."""
MOST_SIDE = 16_384
"""Pixels. A picture with a longer side is no camera's and no card's."""


@dataclass(frozen=True, slots=True)
class Bands:
    """An engine's table: from which similarity on a comparison counts for what.

    Attributes:
        accept: at or above it the person is the one on the card; None where the engine may never say so by itself.
        staff: at or above it a member of staff compares.
    """

    accept: float | None
    staff: float

    def of(self, similarity: float) -> FaceBand:
        """The band in which a similarity lies. What is no number is rejected."""
        if self.accept is not None and similarity >= self.accept:
            return FaceBand.ACCEPT
        return FaceBand.STAFF if similarity >= self.staff else FaceBand.REJECT


@dataclass(frozen=True, slots=True)
class EngineCard:
    """What goes into every record of a comparison.

    Attributes:
        name: as in the site file.
        model: SHA-256 of the weights that compare, hexadecimal.
    """

    name: str
    model: str
    bands: Bands


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """A face found in a picture.

    Attributes:
        box: left, top, width, height in pixels; may reach over the picture's edge.
        points: (5, 2): the pupils, the tip of the nose, the corners of the mouth; of each pair the left one in the
            picture first.
        score: the detector's own, 0 to 1.
    """

    box: tuple[float, float, float, float]
    points: NDArray[np.float32]
    score: float

    @property
    def pupils_px(self) -> float:
        """The distance between the pupils in pixels."""
        return float(np.hypot(*(self.points[1] - self.points[0])))

    def seen(self) -> FaceSeen:
        """The same as plain data."""
        left, top, width, height = (round(value) for value in self.box)
        return FaceSeen((left, top, width, height), round(self.pupils_px, 1), round(self.score, 3))


class FaceEngine(Protocol):
    """Finds faces and says how much alike two are. One thread at a time."""

    @property
    def card(self) -> EngineCard:
        """Its name, its weights and its table."""
        ...

    def detect(self, image: Image) -> list[Face]:
        """The faces in a picture of any size, the largest first."""
        ...

    def embed(self, image: Image, face: Face) -> Embedding:
        """Turn a face of a picture into numbers.

        All NaN where picture or points do not serve: its similarity to anything is NaN, which no band accepts.
        """
        ...

    def template(self, portrait: Image) -> Embedding | None:
        """Turn a card's photo into numbers, with more care than there is time for in a live picture; None: no face."""
        ...

    def similarity(self, one: Embedding, other: Embedding) -> float:
        """How much alike two faces are; greater is more alike. The scale is the engine's own."""
        ...


class EngineError(Exception):
    """The engine's weights are missing or are not the ones expected."""


def picture(pixels: NDArray[np.generic]) -> Image | None:
    """Any picture as the engines want it; None where it is none that they can look at.

    Args:
        pixels: (height, width) or (height, width, 1, 3 or 4), grey, BGR or BGRA; whole numbers of 8 or 16 bits.
            Others (floating point, also with NaN) have no agreed white and are refused.
    """
    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[:, :, 0]
    channels = 1 if pixels.ndim == 2 else pixels.shape[2] if pixels.ndim == 3 else 0
    if channels not in {1, 3, 4} or pixels.size == 0 or max(pixels.shape[:2]) > MOST_SIDE:
        return None
    if pixels.dtype == np.uint16:
        pixels = np.right_shift(np.asarray(pixels, np.uint16), 8).astype(np.uint8)
    if pixels.dtype != np.uint8:
        return None
    three = np.repeat(pixels[:, :, None], 3, axis=2) if pixels.ndim == 2 else pixels[:, :, :3]
    return np.ascontiguousarray(three, np.uint8)


def in_portrait(image: Image, faces: Sequence[Face]) -> Face | None:
    """Whom a portrait shows: the largest face in the middle half of the picture, or else the largest; None of none.

    Args:
        image: the portrait.
        faces: found in it, the largest first.
    """
    middle = np.array(image.shape[1::-1], np.float64) / 2

    def is_central(face: Face) -> bool:
        left, top, width, height = face.box
        aside = np.abs(np.array([left + width / 2, top + height / 2]) - middle)
        return bool((aside <= middle / 2).all())

    return next((face for face in faces if is_central(face)), faces[0] if faces else None)


TEMPLATE = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]], np.float32
)
"""Where the five points lie in an aligned face of 112x112 pixels (ArcFace's template)."""
ALIGNED = 112


def alignment(points: NDArray[np.float32]) -> NDArray[np.float64]:
    """The turn, scale and shift, (2, 3), that brings five points nearest to the template (Umeyama 1991).

    Raises:
        ValueError: the points lie in one place, or nowhere.
    """
    if not np.isfinite(points).all():
        raise ValueError("the points of the face lie in one place or nowhere")
    source, target = points.astype(np.float64), TEMPLATE.astype(np.float64)
    source_mean, target_mean = source.mean(axis=0), target.mean(axis=0)
    source, target = source - source_mean, target - target_mean
    spread = float((source**2).sum())
    if spread < 1e-6:
        raise ValueError("the points of the face lie in one place")
    left, sizes, right = np.linalg.svd(target.T @ source)
    mirror = np.array([1.0, float(np.sign(np.linalg.det(left @ right)))])
    matrix = (left * mirror) @ right * float((sizes * mirror).sum()) / spread
    return np.hstack([matrix, (target_mean - matrix @ source_mean)[:, None]])


def verdict(similarities: Sequence[float], card: EngineCard) -> FaceVerdict:
    """The mean of the best three of at least five similarities, by the engine's table.

    Fewer decide nothing, neither for the person nor against: STAFF. What is no number counts as a picture that is not
    alike at all.

    Raises:
        ValueError: there is none.
    """
    if not similarities:
        raise ValueError("a verdict needs at least one similarity")
    best = sorted((value if math.isfinite(value) else -1.0 for value in similarities), reverse=True)[:BEST_OF]
    band = card.bands.of(sum(best) / len(best)) if len(similarities) >= LEAST_FRAMES else FaceBand.STAFF
    return FaceVerdict(band, card.name, card.model, len(similarities))
