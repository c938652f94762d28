"""What else is on the desk: a second paper, a hand, paper beyond the picture's edge. From the network's maps."""

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.faces import Image
from kiosk.vision.papers.geometry import Corners
from kiosk.vision.papers.network import Maps, Plane

_SURE = 0.6
_OTHER_SHARE, _OTHER_OF_PAGE = 0.006, 0.04
"""A second paper has at least this share of the picture, and of the page found."""
_SOLID, _SQUARE = 0.65, 0.75
"""Of its convex hull, or where the empty desk is not known, of the rectangle around it: rims are thin and bent."""
_OUTLINED, _WELL_OUTLINED = 0.3, 0.5
"""How high the network's sides are along its outline; the latter where the empty desk is not known."""
_INNER_SIDES = 0.35
"""Sides within a page, in lengths of its outline: a card that lies on it has them, a printed table has not."""
_HAND_SHARE, _LARGE_HAND_SHARE = 0.004, 0.01
"""Of the picture; the latter where the empty desk is not known."""
_OFF_PAGE, _NEAR_RIM = 0.25, 9
"""Of the hand: one that is printed on a page lies wholly within. Cells of the map: an arm comes in from outside."""
_HOLE_SHARE = 0.03
_SURE_OF_PAGE = 0.88
"""Mean of the page's map in the page: below it, its sides may be those of what is printed."""
_SURE_OF_REST, _SOME_HAND = 0.93, 0.2
"""Means of the page's map beside a hole in it, and of the hand's map in the hole."""
_FILLS, _SOME_PAPER, _LEVEL = 0.85, 0.04, 0.16
"""So much of the picture is of one brightness, give or take that much; so much of it looks like paper."""
_LEAST_PAPER, _MOST_COLOUR = 80, 40
"""Darker or more colourful than that (of 255) no white sheet is."""
_OTHER_THAN_DESK = 0.12
_RIM = 0.12
"""Of half the picture's outline: so much paper along it means that a page goes on beyond."""

Mask = NDArray[np.uint8]


def another(said: Maps, corners: Corners, size: tuple[int, int], *, known: bool) -> bool:
    """Whether there is paper besides the page found, or lying on it.

    Args:
        said: the network's maps.
        corners: of the page found, in pixels of a picture of `size`.
        size: its width and height.
        known: whether the empty desk is; without, what lies there for good looks like paper more easily.
    """
    inside = _inside(said.page, corners, size)
    rest = np.asarray((said.page > _SURE) & (cv2.dilate(inside, np.ones((5, 5), np.uint8)) == 0), np.uint8)
    rest = _opened(rest)
    least = max(_OTHER_SHARE * rest.size, _OTHER_OF_PAGE * float(inside.sum()))
    sides = np.asarray(cv2.dilate(said.sides, np.ones((3, 3), np.uint8)), np.float32)
    contours, _ = cv2.findContours(rest, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    for contour in contours:
        covers = cv2.contourArea(contour)
        if covers >= least and _sheet(contour, covers, sides, known=known):
            return True
    deep = np.asarray(cv2.erode(inside, np.ones((9, 9), np.uint8)), np.bool_)
    outline = 4 * float(np.sqrt(max(1.0, float(inside.sum()))))
    across = float(((said.sides > 0.5) & deep).sum()) / 2  # a side is two cells broad
    sure = float(said.page[inside > 0].mean()) >= _SURE_OF_PAGE if inside.any() else False
    return sure and across >= _INNER_SIDES * outline


def _sheet(contour: "cv2.typing.MatLike", covers: float, sides: Plane, *, known: bool) -> bool:
    """Whether a patch of paper is outlined as a sheet is."""
    points = np.asarray(contour).reshape(-1, 2)
    outlined = float(sides[points[:, 1], points[:, 0]].mean())
    if known:
        return covers >= _SOLID * cv2.contourArea(cv2.convexHull(contour)) and outlined >= _OUTLINED
    height, width = sides.shape
    if (points.min(axis=0) <= 1).any() or (points.max(axis=0) >= (width - 2, height - 2)).any():
        return False
    across, down = cv2.minAreaRect(contour)[1]
    return covers >= _SQUARE * across * down and outlined >= _WELL_OUTLINED


def covered(said: Maps, corners: Corners, size: tuple[int, int], *, known: bool) -> bool:
    """Whether a hand is in the picture, or something hides a part of the page at its side.

    Args:
        said: the network's maps.
        corners: of the page found, in pixels of a picture of `size`.
        size: its width and height.
        known: whether the empty desk is; without, pens and leaves beside the page pass for fingers.
    """
    inside = _inside(said.page, corners, size)
    _, patches, stats, _ = cv2.connectedComponentsWithStats(_opened(np.asarray(said.hand > 0.5, np.uint8)))
    for place in range(1, len(stats)):
        patch = np.asarray(patches == place, np.bool_)
        off = float((patch & (inside == 0)).sum()) / max(1.0, float(patch.sum()))
        large = float(patch.mean()) >= (_HAND_SHARE if known else _LARGE_HAND_SHARE)
        if large and off >= _OFF_PAGE and (known or _from_outside(patch)):
            return True
    return _hides(said, inside)


def _hides(said: Maps, inside: Mask) -> bool:
    """Whether something lies on the page, at a place where the network sees no paper though it is sure of the rest.

    Where it is not sure of the rest (white paper on a white desk), a hole in the map says nothing without a hand.
    """
    deep = cv2.erode(inside, np.ones((3, 3), np.uint8))
    hidden = np.asarray((said.page < 0.3) & (deep > 0), np.uint8)
    _, patches, stats, _ = cv2.connectedComponentsWithStats(_opened(hidden))
    if len(stats) < 2:
        return False
    largest = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    if int(stats[largest, cv2.CC_STAT_AREA]) < max(_HOLE_SHARE * float(inside.sum()), 12.0):
        return False
    patch = np.asarray(patches == largest, np.bool_)
    around = np.asarray(cv2.dilate(patch.astype(np.uint8), np.ones((5, 5), np.uint8)), np.bool_)
    rest = said.page[np.asarray(inside, np.bool_) & ~around]
    sure = rest.size > 0 and float(rest.mean()) >= _SURE_OF_REST
    return sure or float(said.hand[patch].mean()) >= _SOME_HAND


def beyond(said: Maps, corners: Corners, size: tuple[int, int]) -> bool:
    """Whether the page found goes on beyond the picture: paper along the picture's edge, joined to it."""
    inside = _inside(said.page, corners, size)
    _, patches = cv2.connectedComponents(np.asarray(said.page > _SURE, np.uint8))
    patches = np.asarray(patches)
    counts = np.bincount(patches[inside > 0], minlength=int(patches.max()) + 1)
    counts[0] = 0
    if not counts.any():
        return False
    mine = patches == int(counts.argmax())
    rim = np.concatenate([mine[0], mine[-1], mine[:, 0], mine[:, -1]])
    return bool(float(rim.sum()) >= _RIM * (mine.shape[0] + mine.shape[1]) / 2)


def fills(said: Maps, image: Image, desk: Image | None) -> bool:
    """Whether a sheet fills the picture and more: it is paper from edge to edge, and printed.

    Args:
        said: the network's maps.
        image: the picture.
        desk: the empty desk: what looks as it does is the desk.
    """
    if float((said.page > 0.5).mean()) < _SOME_PAPER:
        return False
    paper = _closed(image)
    bright = paper.max(axis=2)
    level = float(np.median(bright))
    even = float((np.abs(bright - level) <= _LEVEL * level).mean())
    colour = float(np.median(bright - paper.min(axis=2)))
    if even < _FILLS or level < _LEAST_PAPER or colour > _MOST_COLOUR:
        return False
    return (
        desk is None or abs(float(np.log((level + 8) / (np.median(_closed(desk).max(axis=2)) + 8)))) > _OTHER_THAN_DESK
    )


def _closed(image: Image) -> Plane:
    """A small copy with the print closed over."""
    small = cv2.resize(image, (160, 120), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8)), np.float32)


def _from_outside(patch: NDArray[np.bool_]) -> bool:
    """Whether it reaches the picture's edge, or nearly: the network fades there."""
    near = patch.copy()
    near[_NEAR_RIM:-_NEAR_RIM, _NEAR_RIM:-_NEAR_RIM] = False
    return bool(near.any())


def _opened(mask: Mask) -> Mask:
    return np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)), np.uint8)


def _inside(plane: Plane, corners: Corners, size: tuple[int, int]) -> Mask:
    """1 within the quadrilateral, 0 elsewhere, at the map's size."""
    height, width = plane.shape
    scale = np.array([width, height]) / size
    inside = np.zeros((height, width), np.uint8)
    cv2.fillConvexPoly(inside, np.rint(((corners + 0.5) * scale - 0.5) * 16).astype(np.int32), 1, cv2.LINE_8, 4)
    return inside
