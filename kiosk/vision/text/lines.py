"""What reading gives: lines of glyphs, and the seam behind which the networks are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.faces import Image

Quad = NDArray[np.float64]
"""(4, 2): the corners of a line in the picture's pixels, clockwise from the start of the text's upper edge."""

MOST_PIXELS = 60_000_000
"""Larger pictures are not read: no camera of a hall makes them, and they only cost memory."""
LEAST_SIDE, MOST_SIDE = 8, 20_000
"""OpenCV warps pictures of at most 32,767 pixels a side."""


class TextError(Exception):
    """Text cannot be read here: the package or its models are missing or altered, or the runtime failed."""


@dataclass(frozen=True, slots=True)
class Glyph:
    """One character of a line.

    Attributes:
        char: what it was taken for.
        score: 0 to 1.
        place: its middle, as a share of the line's length.
        others: what else it may be, with the network's probability, likeliest first.
        raw: what the network would have said with every character allowed.
    """

    char: str
    score: float
    place: float
    others: tuple[tuple[str, float], ...] = ()
    raw: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class TextLine:
    """A line of text.

    Attributes:
        score: 0 to 1, the mean of its glyphs'; 0 where nothing was read.
        quad: where it is.
    """

    text: str
    score: float
    quad: Quad
    glyphs: tuple[Glyph, ...] = ()


class TextEngine(Protocol):
    """Finds lines and recognises them. One thread at a time."""

    def find(self, image: Image, side: int = 960) -> tuple[Quad, ...]:
        """Where lines of text are, from top to bottom, on a copy whose longer side is at most `side` pixels."""
        ...

    def recognise(self, image: Image, quads: Sequence[Quad], alphabet: str | None = None) -> tuple[TextLine, ...]:
        """Read lines, in the order given.

        Args:
            alphabet: the only characters that can be there, or None for all that the network knows.
        """
        ...

    def read(self, image: Image) -> tuple[TextLine, ...]:
        """Find and recognise every line."""
        ...

    def close(self) -> None:
        """Give the networks' memory back. The next call loads them anew."""
        ...


def usable(image: object) -> Image | None:
    """A picture in the one form that is read: (height, width, 3), BGR, 8 bits; None when it is none.

    Grey pictures, ones with transparency, 16 bits or floating point (0 to 1, or 0 to 255) are converted.
    """
    if not isinstance(image, np.ndarray) or image.ndim not in {2, 3} or image.size == 0:
        return None
    if min(image.shape[:2]) < LEAST_SIDE or max(image.shape[:2]) > MOST_SIDE:
        return None
    if image.shape[0] * image.shape[1] > MOST_PIXELS or (image.ndim == 3 and image.shape[2] not in {1, 3, 4}):
        return None
    eight = _eight_bits(image)
    if eight is None:
        return None
    if eight.ndim == 2 or eight.shape[2] == 1:
        return np.asarray(cv2.cvtColor(eight.reshape(eight.shape[:2]), cv2.COLOR_GRAY2BGR), np.uint8)
    return np.ascontiguousarray(eight[:, :, :3])


def _eight_bits(image: NDArray[np.generic]) -> NDArray[np.uint8] | None:
    if image.dtype == np.uint8:
        return np.asarray(image, np.uint8)
    if image.dtype == np.bool_:
        return np.asarray(image, np.uint8) * np.uint8(255)
    if image.dtype == np.uint16:
        return np.asarray(np.asarray(image, np.uint16) >> 8, np.uint8)
    if np.issubdtype(image.dtype, np.floating):
        numbers = np.nan_to_num(np.asarray(image, np.float32), nan=0.0, posinf=255.0, neginf=0.0)
        scale = 255.0 if float(numbers.max(initial=0.0)) <= 1.0 else 1.0
        return np.asarray(np.clip(numbers * scale, 0, 255), np.uint8)
    if np.issubdtype(image.dtype, np.integer):
        return np.asarray(np.clip(np.asarray(image, np.int64), 0, 255), np.uint8)
    return None


def lengths(quad: Quad) -> tuple[float, float]:
    """How long and how high a line is, in pixels."""
    along = (float(np.hypot(*(quad[1] - quad[0]))) + float(np.hypot(*(quad[2] - quad[3])))) / 2
    down = (float(np.hypot(*(quad[3] - quad[0]))) + float(np.hypot(*(quad[2] - quad[1])))) / 2
    return max(along, 1.0), max(down, 1.0)


def cut(image: Image, quad: Quad) -> Image:
    """A line as if it were written straight from left to right, in its own size."""
    along, down = lengths(quad)
    width, height = min(max(round(along), 2), 8192), min(max(round(down), 2), 2048)
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(np.asarray(quad, np.float32), target)
    straight = cv2.warpPerspective(
        image, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(straight, np.uint8)


def box_quad(left: float, top: float, right: float, bottom: float) -> Quad:
    """The quad of an upright rectangle."""
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float64)
