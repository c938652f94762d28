"""Quadrilaterals in pictures. Pure functions."""

from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

Corners = NDArray[np.float64]
"""(4, 2): x and y in pixels, clockwise from the one nearest to the top left."""
Point = NDArray[np.float64]
Line = tuple[Point, Point]
"""A point on it and its direction."""


def ordered(corners: Corners) -> Corners:
    """Clockwise (y points down) from the corner nearest to the top left."""
    middle = corners.mean(axis=0)
    angles = np.arctan2(corners[:, 1] - middle[1], corners[:, 0] - middle[0])
    corners = corners[np.argsort(angles)]
    return np.roll(corners, -int(np.argmin(corners.sum(axis=1))), axis=0)


def length(one: Point, other: Point) -> float:
    """The distance between two points."""
    return float(np.hypot(*(other - one)))


def sides(corners: Corners) -> Point:
    """The four sides' lengths, in order: upper, right, lower, left. (4,)."""
    across, down = (np.roll(corners, -1, axis=0) - corners).T
    return np.asarray(np.hypot(across, down), np.float64)


def area(corners: Corners) -> float:
    """What it covers, in square pixels."""
    return float(cv2.contourArea(corners.astype(np.float32)))


def overlap(one: Corners, other: Corners) -> float:
    """Intersection over union of two convex quadrilaterals, 0 to 1."""
    shared, _ = cv2.intersectConvexConvex(one.astype(np.float32), other.astype(np.float32))
    union = area(one) + area(other) - float(shared)
    return float(shared) / union if union > 0 else 0.0


def contains(outer: Corners, inner: Corners, slack: float = 2.0) -> bool:
    """Whether one lies inside of the other, give or take `slack` pixels."""
    shape = outer.astype(np.float32)
    return all(cv2.pointPolygonTest(shape, (float(x), float(y)), measureDist=True) >= -slack for x, y in inner)


def convex(corners: Corners) -> bool:
    """Whether it is convex."""
    return bool(np.isfinite(corners).all()) and bool(cv2.isContourConvex(corners.astype(np.float32)))


def crossing(one: Line, other: Line) -> Point:
    """Where two lines meet; infinity where they hardly do."""
    (start, along), (begin, direction) = one, other
    cross = along[0] * direction[1] - along[1] * direction[0]
    if abs(cross) < 1e-3:
        return np.array([np.inf, np.inf])
    gap = begin - start
    return cast("Point", start + along * (gap[0] * direction[1] - gap[1] * direction[0]) / cross)


def around(hull: NDArray[np.generic]) -> Corners | None:
    """The quadrilateral that fits tightly around a convex outline.

    Its sides are given up one after the other, always the one whose neighbours, made longer, add the least.

    Args:
        hull: (n, 2), convex.

    Returns:
        The corners, or None where the outline has fewer than four, or no four sides that meet.
    """
    outline = np.asarray(hull, np.float64)
    while len(outline) > 4:
        costs = [_without(outline, i) for i in range(len(outline))]
        cost, point, place = min(costs, key=lambda entry: entry[0])
        if not np.isfinite(cost):
            return None
        following = (place + 1) % len(outline)
        outline[place] = point
        outline = np.delete(outline, following, axis=0)
    return ordered(outline) if len(outline) == 4 else None


def _without(outline: Corners, place: int) -> tuple[float, Point, int]:
    """What it adds to give up the side from `place` to the next, and the corner that takes their place."""
    count = len(outline)
    before, start = outline[place - 1], outline[place]
    end, after = outline[(place + 1) % count], outline[(place + 2) % count]
    point = crossing((before, start - before), (after, end - after))
    ahead = float((point - start) @ (start - before)) if np.isfinite(point).all() else -1.0
    if ahead < 0 or float((point - end) @ (end - after)) < 0:
        return float("inf"), point, place
    first, second = end - start, point - start
    return abs(float(first[0] * second[1] - first[1] * second[0])) / 2, point, place
