"""Fits a quadrilateral's sides to the full picture, to a fraction of a pixel.

A side lies where the picture changes from one side of a line to the other: means over a few pixels are compared, so
that a printed line, which looks the same on both sides, does not draw the fit to it.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.faces import Image
from kiosk.vision.papers.geometry import Corners, Line, Point, convex, crossing

_PLACES = 48
_ENDS = 0.05
"""Share of a side that is left out at each end: corners are rounded, and neighbours draw there."""
_PITCH = 0.5
"""Between two samples across a side, in pixels."""
_BAND, _BROAD = 4, 11
"""Samples on each side of a line that are compared: the nearer ones say where it is, the broader ones that it is no
printed line."""
_NEAR = 3.0
"""How far from the voted line a place's own step may lie, in pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """A fitted quadrilateral.

    Attributes:
        corners: in the picture's pixels.
        steps: how much the picture changes across each side, in levels (0 to 255): the side's median place. (4,).
        held: share of each side's places that have a step of their own on the line. (4,).
    """

    corners: Corners
    steps: Point
    held: Point


def fitted(image: Image, corners: Corners, reach: float) -> Fit:
    """Fit all four sides.

    Args:
        image: the full picture.
        corners: roughly.
        reach: how far a side's ends may move, in pixels.
    """
    parts = [_side(image, corners[i], corners[(i + 1) % 4], reach) for i in range(4)]
    lines = [part[0] for part in parts]
    found = np.array([crossing(lines[i - 1], lines[i]) for i in range(4)])
    moved = np.hypot(*(found - corners).T)
    found = np.where((np.isfinite(moved) & (moved <= 3.0 * reach + 2.0))[:, None], found, corners)
    if not convex(found):
        found = corners
    return Fit(found, np.array([part[1] for part in parts]), np.array([part[2] for part in parts]))


def _side(image: Image, start: Point, end: Point, reach: float) -> tuple[Line, float, float]:
    along = end - start
    normal = np.array([-along[1], along[0]]) / max(float(np.hypot(*along)), 1e-6)
    shares = np.linspace(_ENDS, 1 - _ENDS, _PLACES)
    places = start + shares[:, None] * along
    margin = _BROAD * _PITCH
    offsets = np.arange(-reach - margin, reach + margin + _PITCH / 2, _PITCH)
    steps = _steps(image, places, offsets, normal)
    offsets = offsets[_BROAD:-_BROAD]
    # One strong place may not outvote the rest of a side.
    first, last = _voted(np.minimum(steps, _middle(steps.max(axis=1))), offsets)
    expected = first + (last - first) * np.linspace(0, 1, _PLACES)
    near = np.where(np.abs(offsets[None] - expected[:, None]) <= _NEAR, steps, 0.0)
    at, weight = _peak(near, offsets)
    median = _middle(weight)
    strong = weight >= max(2.0, 0.35 * median)
    if strong.sum() < _PLACES // 8:
        line = (start + normal * first, along + normal * (last - first))
        return line, median / 3.0, float(strong.mean())
    points = (places + at[:, None] * normal)[strong].astype(np.float32)
    vx, vy, x, y = np.asarray(cv2.fitLine(points, cv2.DIST_HUBER, 0, 0.01, 0.01), np.float64).ravel()
    return (np.array([x, y]), np.array([vx, vy])), median / 3.0, float(strong.mean())


def _middle(values: Point) -> float:
    """The median, some ten times as quick as numpy's on so few."""
    return float(np.sort(values)[values.size // 2])


def _steps(image: Image, places: Point, offsets: Point, normal: Point) -> NDArray[np.float64]:
    """The change across a side at each place and offset, summed over the channels: (places, offsets less the bands)."""
    grid = (places[:, None] + offsets[None, :, None] * normal).astype(np.float32)
    profile = np.asarray(
        cv2.remap(image, grid[:, :, 0], grid[:, :, 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float64
    )
    profile = np.asarray(cv2.blur(profile.reshape(_PLACES, -1), (1, 3)), np.float64).reshape(profile.shape)
    total = np.concatenate([np.zeros_like(profile[:, :1]), profile.cumsum(axis=1)], axis=1)
    first, last = _BROAD, offsets.size - _BROAD
    found = np.full((_PLACES, last - first), np.inf)
    for band in (_BAND, _BROAD):
        before = total[:, first:last] - total[:, first - band : last - band]
        after = total[:, first + band + 1 : last + band + 1] - total[:, first + 1 : last + 1]
        found = np.minimum(found, np.abs(after - before).sum(axis=2) / band)
    return found


def _voted(steps: NDArray[np.float64], offsets: Point) -> tuple[float, float]:
    """The straight line through the sheet of steps that gathers most: its offsets at the two ends."""
    coarse = max(1, offsets.size // 24)
    picks = np.arange(0, offsets.size, coarse)
    first, last = np.meshgrid(picks, picks, indexing="ij")
    steps = steps[::2]
    rise = np.linspace(0, 1, len(steps))
    columns = np.rint(first[..., None] + (last - first)[..., None] * rise).astype(np.intp)
    gathered = steps[np.arange(len(steps)), columns].mean(axis=-1)
    reach = max(float(offsets[-1]), 1.0)
    # Of nearly equal lines the one that was expected.
    gathered -= 0.06 * gathered.max() * ((offsets[first] / reach) ** 2 + (offsets[last] / reach) ** 2) / 2
    best = np.unravel_index(int(gathered.argmax()), gathered.shape)
    return float(offsets[first[best]]), float(offsets[last[best]])


def _peak(near: NDArray[np.float64], offsets: Point) -> tuple[Point, Point]:
    """Each place's own step: where (between samples, by a parabola) and how large."""
    at = near.argmax(axis=1)
    rows = np.arange(len(near))
    weight = near[rows, at]
    inner = np.clip(at, 1, near.shape[1] - 2)
    left, middle, right = near[rows, inner - 1], near[rows, inner], near[rows, inner + 1]
    bend = left - 2 * middle + right
    shift = np.where(bend < -1e-6, 0.5 * (left - right) / np.where(bend < -1e-6, bend, 1.0), 0.0)
    return offsets[inner] + np.clip(shift, -1, 1) * _PITCH, weight
