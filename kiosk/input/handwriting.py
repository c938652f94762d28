"""Handwriting: strokes on the screen to characters.

Every stroke is resampled, the whole is brought to one size, and where it runs in which of eight directions is counted
on an 8 x 8 grid: neither the order of the strokes nor joined strokes change that much. A projection made at set-up from
perturbed writing (linear discriminants) leaves what tells characters apart; the nearest are then compared stroke by
stroke with the ones in the book, in any order, which settles look-alikes (未 and 末).
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from kiosk.input.pack import Pack

Floats = npt.NDArray[np.float32]
Strokes = Sequence[npt.NDArray[np.generic]]

GRID: Final = 8
DIRECTIONS: Final = 8
FEATURES: Final = GRID * GRID * DIRECTIONS
KEY_POINTS: Final = 6
"""Points of a stroke that are kept for the comparison stroke by stroke."""
MOST_STROKES: Final = 32
_STEP: Final = 0.02
_NEAREST: Final = 24
_LONGEST: Final = 64
_BEND: Final = 0.6


class Guess(NamedTuple):
    """A character that may be meant; the lower the score the better."""

    character: str
    score: float


def resampled(stroke: npt.NDArray[np.generic], count: int) -> Floats:
    """A stroke as so many points at equal distances along it; (n, 2) to (count, 2)."""
    points = np.asarray(stroke, dtype=np.float32)
    if len(points) == 1:
        return np.repeat(points, count, axis=0)
    steps = np.hypot(*np.diff(points, axis=0).T)
    along = np.concatenate(([0.0], np.cumsum(steps)))
    if along[-1] <= 0:
        return np.repeat(points[:1], count, axis=0)
    at = np.linspace(0.0, along[-1], count)
    return np.stack((np.interp(at, along, points[:, 0]), np.interp(at, along, points[:, 1])), axis=1).astype(np.float32)


def normalised(strokes: Strokes) -> list[Floats]:
    """Strokes brought into the unit square, y downwards; thin ones keep part of their shape (一 stays flat)."""
    dense = [resampled(stroke, 24) for stroke in strokes if len(stroke)]
    if not dense:
        return []
    points = np.concatenate(dense)
    low, high = points.min(axis=0), points.max(axis=0)
    width, height = (float(side) for side in np.maximum(high - low, 1e-6))
    # How much the shorter side is stretched: the square root of the ratio, none below a quarter.
    long = max(width, height)
    sides = np.array([long * (side / long) ** 0.5 if side > long / 4 else side * 2 for side in (width, height)])
    scale = sides / long / np.array([width, height])
    middle = (low + high) / 2
    return [np.asarray((stroke - middle) * scale + 0.5, np.float32) for stroke in dense]


def features(strokes: Sequence[Floats]) -> Floats:
    """How much of the writing runs in which direction where; (FEATURES,), of length 1.

    Args:
        strokes: normalised.
    """
    parts = [np.stack((stroke[:-1], stroke[1:]), axis=1) for stroke in strokes if len(stroke) > 1]
    if not parts:
        return np.zeros(FEATURES, np.float32)
    pieces = np.concatenate(parts)
    delta = pieces[:, 1] - pieces[:, 0]
    length = np.hypot(delta[:, 0], delta[:, 1])
    kept = length > 1e-5
    pieces, delta, length = pieces[kept], delta[kept], length[kept]
    if not len(pieces):
        return np.zeros(FEATURES, np.float32)
    angle = (np.arctan2(delta[:, 1], delta[:, 0]) / (2 * np.pi) * DIRECTIONS) % DIRECTIONS
    first = np.floor(angle).astype(np.int64) % DIRECTIONS
    share = (angle - np.floor(angle)).astype(np.float32)
    middle = np.clip(pieces.mean(axis=1), 0.0, 1.0) * GRID - 0.5
    cell = np.floor(middle).astype(np.int64)
    offset = (middle - cell).astype(np.float32)
    side = GRID + 2
    places: list[npt.NDArray[np.int64]] = []
    parts_of: list[Floats] = []
    for down in (0, 1):
        rise = offset[:, 1] if down else 1 - offset[:, 1]
        for right in (0, 1):
            part = length * rise * (offset[:, 0] if right else 1 - offset[:, 0])
            base = ((cell[:, 1] + down + 1) * side + cell[:, 0] + right + 1) * DIRECTIONS
            places += [base + first, base + (first + 1) % DIRECTIONS]
            parts_of += [part * (1 - share), part * share]
    grid = np.bincount(np.concatenate(places), np.concatenate(parts_of), side * side * DIRECTIONS)
    flat = np.sqrt(grid.reshape(side, side, DIRECTIONS)[1:-1, 1:-1].reshape(-1))
    return np.asarray(flat / (np.linalg.norm(flat) + 1e-9), np.float32)


class Handwriting:
    """Characters for strokes.

    Args:
        pack: the data file.
    """

    def __init__(self, pack: Pack) -> None:
        self._characters = pack.text("hand.characters")
        self._mean = np.asarray(pack.array("hand.mean"), np.float32)
        self._project = np.asarray(pack.array("hand.project"), np.float32)
        self._scale = float(pack.array("hand.scale")[0])
        self._known: Floats = np.asarray(pack.array("hand.known"), np.float32)
        self._norms = np.einsum("ij,ij->i", self._known, self._known)
        self._first, self._keys = pack.view("hand.first"), pack.array("hand.keys")

    def __len__(self) -> int:
        return len(self._characters)

    def recognise(self, strokes: Strokes, most: int = 10) -> list[Guess]:
        """The characters that strokes may be, likeliest first.

        Args:
            strokes: one (n, 2) array of points a stroke, x to the right, y downwards, in any unit.
            most: how many guesses.

        Returns:
            None of them when nothing was written.
        """
        drawn = normalised([stroke for stroke in strokes[:_LONGEST] if np.asarray(stroke).ndim == 2 and len(stroke)])
        if not drawn:
            return []
        wanted = (features(drawn) - self._mean) @ self._project / self._scale
        far = self._norms - 2 * (self._known @ wanted)
        count = min(max(_NEAREST, most), len(far))
        near = np.argpartition(far, count - 1)[:count]
        near = near[np.argsort(far[near], kind="stable")]
        base = far[near] + float(wanted @ wanted)
        unit = max(float(base[0]), 1e-6)
        keys = np.stack([resampled(stroke, KEY_POINTS) for stroke in drawn])
        scores = [
            float(base[rank]) / unit + _BEND * 10 * self._stroke_by_stroke(keys, int(number))
            for rank, number in enumerate(near)
        ]
        order = np.argsort(scores, kind="stable")[:most]
        return [Guess(self._characters[int(near[place])], round(float(scores[place]), 4)) for place in order]

    def _stroke_by_stroke(self, drawn: Floats, number: int) -> float:
        """How far each stroke is from the nearest of the book's, both ways; in sides of the square."""
        first, last = self._first[number], self._first[number + 1]
        book = np.asarray(self._keys[first:last], np.float32) / 255.0 * 1.5 - 0.25
        gap = np.abs(drawn[:, None] - book[None]).mean(axis=(2, 3))
        return float(gap.min(axis=1).mean() + gap.min(axis=0).mean()) / 2
