"""Where a page might be: quadrilaterals proposed by edges, by what is new on the desk, by the network."""

from collections.abc import Iterator
from itertools import combinations

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.faces import Image
from kiosk.vision.papers.geometry import Corners, around, ordered
from kiosk.vision.papers.network import INPUT, Maps, Plane

LEAST_AREA_SHARE = 0.008
MOST_AREA_SHARE = 0.97
_CANNY_SHARES = (0.25, 0.5, 1.0)
_CHANGES = (0.025, 0.05, 0.1, 0.2, 0.4)
"""Of the logarithm of brightness: 0.025 is paper on a white desk, 0.4 what a dark mat shows."""
_WEIGHED_CHANGES = (0.025, 0.07, 0.2)
_LEVELS = (0.3, 0.5, 0.7)
_SHORTEST = 2.8
"""Pixels of an outline to the root of what it covers: 4 for a square, and a diagonal step is 1.4."""
_MOST_PEAKS = 6
_PEAK = 0.25
_KERNEL = np.ones((3, 3), np.uint8)

Channel = NDArray[np.uint8]


def channels(small: Image) -> list[Channel]:
    """Lightness, the two colour axes, saturation and blue: paper differs from its desk in one of them at least."""
    lab = cv2.cvtColor(small, cv2.COLOR_BGR2LAB)
    saturation = cv2.cvtColor(small, cv2.COLOR_BGR2HSV)[:, :, 1]
    raw = (lab[:, :, 0], lab[:, :, 1], lab[:, :, 2], saturation, small[:, :, 0])
    return [np.asarray(cv2.GaussianBlur(channel, (5, 5), 0), np.uint8) for channel in raw]


def by_edges(planes: list[Channel]) -> Iterator[Corners]:
    """The textbook's way, with several channels, levels and Otsu's threshold (`channels`)."""
    for plane in planes:
        if float(plane[::2, ::2].std()) < 1.5:
            continue  # nothing in it
        level, mask = cv2.threshold(plane, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
        yield from quads(np.asarray(mask, np.uint8))
        yield from quads(np.asarray(cv2.bitwise_not(mask), np.uint8))
        for share in _CANNY_SHARES:
            edges = cv2.Canny(plane, 0.4 * share * level, share * level)
            yield from quads(np.asarray(cv2.morphologyEx(edges, cv2.MORPH_CLOSE, _KERNEL), np.uint8))


def novelty(change: Plane) -> Plane:
    """How much a pixel differs from the empty desk, in logarithms of brightness (`changed`); (h, w), smoothed."""
    return np.asarray(cv2.GaussianBlur(np.abs(change).max(axis=2), (3, 3), 0), np.float32)


def new_at_levels(new: Plane, size: tuple[int, int]) -> list[Plane]:
    """Where there is something new (`novelty`), 0 or 1, at several levels.

    Args:
        new: of any size.
        size: width and height of what is returned.
    """
    planes = []
    for level in _WEIGHED_CHANGES:
        mask = cv2.morphologyEx(np.asarray(new > level, np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
        opened = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)), np.float32)
        planes.append(np.asarray(cv2.resize(opened, size, interpolation=cv2.INTER_AREA), np.float32))
    return planes


def by_novelty(new: Plane, size: tuple[int, int]) -> Iterator[Corners]:
    """Outlines of what is new on the desk (`novelty`), at several levels.

    Args:
        new: of any size.
        size: width and height of the searched picture.
    """
    scale = np.array(size) / (new.shape[1], new.shape[0])
    for level in _CHANGES:
        mask = np.asarray(new > level, np.uint8) * 255
        closed = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8)), np.uint8)
        opened = np.asarray(cv2.morphologyEx(closed, cv2.MORPH_OPEN, _KERNEL), np.uint8)
        for quad in quads(opened, tight=True):
            yield (quad + 0.5) * scale - 0.5


def by_network(said: Maps, size: tuple[int, int]) -> Iterator[Corners]:
    """Outlines of the network's page, and quadrilaterals between its corners.

    Args:
        said: the network's answer.
        size: width and height of the searched picture.
    """
    page = np.asarray(cv2.resize(said.page, INPUT, interpolation=cv2.INTER_CUBIC), np.float32)
    doubled = np.array(size) / INPUT
    for level in _LEVELS:
        for quad in quads(np.asarray(page > level, np.uint8) * 255, tight=True):
            yield (quad + 0.5) * doubled - 0.5
    scale = np.array(size) / (said.corners.shape[1], said.corners.shape[0])
    for four in combinations(_peaks(said.corners), 4):
        yield ordered((np.array(four) + 0.5) * scale - 0.5)


def _peaks(corners: Plane) -> list[tuple[float, float]]:
    """The highest places of the corner map, x and y, to a fraction of a cell."""
    smooth = np.asarray(cv2.GaussianBlur(corners, (3, 3), 0), np.float32)
    top = np.asarray(cv2.dilate(smooth, np.ones((5, 5), np.uint8)), np.float32)
    rows, columns = np.nonzero((smooth >= top) & (smooth > _PEAK))
    best = np.argsort(-smooth[rows, columns])[:_MOST_PEAKS]
    found = []
    for row, column in zip(rows[best], columns[best], strict=True):
        top_row, left = max(0, int(row) - 2), max(0, int(column) - 2)
        part = corners[top_row : int(row) + 3, left : int(column) + 3]
        y, x = np.mgrid[0 : part.shape[0], 0 : part.shape[1]]
        weight = float(part.sum())
        found.append((left + float((part * x).sum()) / weight, top_row + float((part * y).sum()) / weight))
    return found


def quads(mask: NDArray[np.uint8], *, tight: bool = False) -> Iterator[Corners]:
    """The quadrilaterals that the outlines in a mask resemble.

    Args:
        mask: 0 or more.
        tight: whether outlines that lack corners, or have some too many, are wrapped as well.
    """
    small, large = LEAST_AREA_SHARE * mask.size, MOST_AREA_SHARE * mask.size
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    shortest = _SHORTEST * small**0.5  # most of what noise draws is left out by a glance at its length
    for contour in contours:
        if len(contour) < shortest:
            continue
        hull = cv2.convexHull(contour)
        covered = cv2.contourArea(hull)
        if not small <= covered <= large:
            continue
        outline = cv2.arcLength(hull, closed=True)
        for share in (0.02, 0.05, 0.1):
            shape = cv2.approxPolyDP(hull, share * outline, closed=True)
            if len(shape) == 4:
                yield ordered(shape.reshape(4, 2).astype(np.float64))
                break
        if tight:
            wrapped = around(cv2.approxPolyDP(hull, 0.008 * outline, closed=True).reshape(-1, 2))
            if wrapped is not None:
                yield wrapped
        box = cv2.minAreaRect(hull)
        if covered >= 0.8 * box[1][0] * box[1][1]:
            yield ordered(cv2.boxPoints(box).astype(np.float64))
