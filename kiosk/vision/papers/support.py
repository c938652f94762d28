"""How well each proposal is supported: by edges along its sides, by the network, by what is new on the desk."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.papers.geometry import Corners
from kiosk.vision.papers.network import Plane
from kiosk.vision.papers.proposals import Channel

MOST_ASPECT = 4.0
"""The longest side in shortest sides; pens and rulers are longer."""
_PER_SIDE = 40
_AT_EDGE, _CUT_COUNTS, _CUT_LEAST = 3.0, 0.85, 0.6
_OFFSETS = np.arange(-2, 3)

Scores = NDArray[np.float64]
"""(n,): one a proposal, 0 to 1."""


def plausible(quads: NDArray[np.float64], longest: float) -> NDArray[np.bool_]:
    """Whether each may be a page seen from above.

    Args:
        quads: (n, 4, 2).
        longest: the picture's longer side in pixels.
    """
    following = np.roll(quads, -1, axis=1) - quads
    sides = np.maximum(np.hypot(following[:, :, 0], following[:, :, 1]), 1e-6)
    forward = following / sides[:, :, None]
    before = np.roll(forward, 1, axis=1)
    cosines = np.abs((forward * before).sum(axis=2)).max(axis=1)
    turns = forward[:, :, 1] * before[:, :, 0] - forward[:, :, 0] * before[:, :, 1]
    facing = np.maximum(sides[:, :2] / sides[:, 2:], sides[:, 2:] / sides[:, :2]).max(axis=1)
    return np.asarray(
        np.isfinite(quads).all(axis=(1, 2))
        & (sides.min(axis=1) >= 0.04 * longest)
        & (sides.max(axis=1) <= MOST_ASPECT * sides.min(axis=1))
        & (cosines <= 0.6)
        & (turns > 0).all(axis=1)
        & (facing < 2.0)
    )


class Edges:
    """How steep each channel is at each pixel, in units of its own noise."""

    def __init__(self, channels: Sequence[Channel]) -> None:
        self._height, self._width = channels[0].shape
        self._slopes = np.empty((self._height, self._width, 2, len(channels)), np.float32)
        for place, channel in enumerate(channels):
            x = np.asarray(cv2.Sobel(channel, cv2.CV_32F, 1, 0), np.float32)
            y = np.asarray(cv2.Sobel(channel, cv2.CV_32F, 0, 1), np.float32)
            noise = float(np.median(np.abs(x[::2, ::2]) + np.abs(y[::2, ::2]))) * 2.5 + 12.0
            np.divide(x, noise, out=self._slopes[:, :, 0, place])
            np.divide(y, noise, out=self._slopes[:, :, 1, place])

    def support(self, quads: NDArray[np.float64]) -> Scores:
        """How much of the sides lies on edges that run along them, the weakest side counting double.

        Sides that lie along the picture's own edge say nothing; at most two do, and such a page counts less.

        Args:
            quads: (n, 4, 2).
        """
        ends = np.roll(quads, -1, axis=1)
        lengths = np.maximum(np.hypot(*(ends - quads).transpose(2, 0, 1)), 1e-6)
        normals = np.stack([quads[..., 1] - ends[..., 1], ends[..., 0] - quads[..., 0]], axis=-1) / lengths[..., None]
        shares = np.linspace(0.05, 0.95, _PER_SIDE)
        places = quads[:, :, None] + shares[:, None] * (ends - quads)[:, :, None]  # (n, 4, 40, 2)
        held = np.zeros(places.shape[:3], np.float32)
        for offset in _OFFSETS:
            grid = np.rint(places + offset * normals[:, :, None]).astype(np.intp)
            x, y = np.clip(grid[..., 0], 0, self._width - 1), np.clip(grid[..., 1], 0, self._height - 1)
            slopes = self._slopes[y, x]  # (n, 4, 40, 2, channels)
            across, down = normals[:, :, None, 0, None], normals[:, :, None, 1, None]
            along = np.abs(slopes[..., 0, :] * across + slopes[..., 1, :] * down)
            held = np.maximum(held, along.max(axis=-1))
        sides = np.asarray(np.minimum(held, 1.0).mean(axis=2), np.float64)
        outside = self._along_edge(quads, ends)
        told = (~outside).sum(axis=1)
        least = np.where(outside, np.inf, sides).min(axis=1)
        least = np.where(np.isfinite(least), least, 0.0)
        mean = (np.where(outside, 0.0, sides).sum(axis=1) + least) / (told + 1)
        cut = self.at_edge(quads).any(axis=(1, 2))
        mean = np.where((told < 4) | cut, mean * _CUT_COUNTS, mean)
        return np.asarray(np.where((told < 2) | ((told < 4) & (least < _CUT_LEAST)), 0.0, mean), np.float64)

    def at_edge(self, points: NDArray[np.float64]) -> NDArray[np.bool_]:
        """(..., 2): whether each point lies at the picture's left or right, upper or lower edge."""
        limits = np.array([self._width, self._height]) - 1 - _AT_EDGE
        return np.asarray((points < _AT_EDGE) | (points > limits))

    def _along_edge(self, starts: NDArray[np.float64], ends: NDArray[np.float64]) -> NDArray[np.bool_]:
        three = np.stack([starts, ends, (starts + ends) / 2])
        return np.asarray(self.at_edge(three).all(axis=0).any(axis=-1))


def along_sides(plane: Plane, quads: NDArray[np.float64], size: tuple[int, int]) -> Scores:
    """How high a map is along the sides: their mean, the weakest side counting double.

    Args:
        plane: any size, 0 to 1.
        quads: (n, 4, 2), in pixels of a picture of `size`.
        size: its width and height.
    """
    scale = np.array([plane.shape[1], plane.shape[0]]) / size
    spread = np.asarray(cv2.dilate(plane, np.ones((3, 3), np.uint8)), np.float32)
    places = ((quads + 0.5) * scale - 0.5)[:, :, None]
    shares = np.linspace(0.05, 0.95, 24)[:, None]
    grid = np.rint(places + shares * (np.roll(places, -1, axis=1) - places)).astype(np.intp)
    x = np.clip(grid[..., 0], 0, plane.shape[1] - 1)
    y = np.clip(grid[..., 1], 0, plane.shape[0] - 1)
    sides = spread[y, x].mean(axis=2)
    return np.asarray(np.minimum((sides.sum(axis=1) + sides.min(axis=1)) / 5, 1.0), np.float64)


def covers(plane: Plane, quads: NDArray[np.float64], size: tuple[int, int]) -> Scores:
    """Overlap (intersection over union) of each quadrilateral with the patch of a map that it lies on.

    Args:
        plane: any size, 0 to 1: how sure it is that there is paper.
        quads: (n, 4, 2), in pixels of a picture of `size`.
        size: its width and height.
    """
    height, width = plane.shape
    scale = np.array([width, height]) / size
    _, patches = cv2.connectedComponents(np.asarray(plane > 0.5, np.uint8))
    patches = np.asarray(patches)
    sums = np.bincount(patches.ravel(), plane.ravel().astype(np.float64))
    scores = np.zeros(len(quads))
    for place, quad in enumerate(quads):
        inside = np.zeros((height, width), np.uint8)
        cv2.fillConvexPoly(inside, np.rint(((quad + 0.5) * scale - 0.5) * 16).astype(np.int32), 1, cv2.LINE_8, 4)
        chosen = inside > 0
        shares = np.bincount(patches[chosen], plane[chosen].astype(np.float64), minlength=len(sums))
        shares[0] = 0.0
        patch = int(shares.argmax())
        if shares[patch] > 0:
            scores[place] = shares[patch] / (float(chosen.sum()) + sums[patch] - shares[patch])
    return scores


def distinct(quads: Sequence[Corners], grid: float = 3.0) -> NDArray[np.float64]:
    """Leave out those that are the same to within some pixels. (n, 4, 2)."""
    seen: set[bytes] = set()
    kept: list[Corners] = []
    for quad in quads:
        if not np.isfinite(quad).all():
            continue
        key = np.round(quad / grid).astype(np.int32).tobytes()
        if key not in seen:
            seen.add(key)
            kept.append(quad)
    return np.array(kept, np.float64).reshape(-1, 4, 2)
