"""Settles between two lines that may be the same side of a page: a printed frame and the edge, the edge and a shadow.

What lies between the two lines is either of the page, and the outer line is its edge, or of the desk, and the inner one
is: whichever it looks more like. Slopes cannot tell, for a printed frame is sharper than paper on a white desk.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.faces import Image
from kiosk.vision.papers.geometry import Corners, Point, convex, crossing, ordered

_SHARES = np.linspace(0.12, 0.88, 16)
_LEAST_GAP = 2.5
"""Lines nearer to each other, in pixels, are the same."""
_RIM = 8.0
"""A line nearer to the picture's edge, in pixels, shows nothing of what lies beyond it."""
_LIKE_THE_PAGE = 45.0
"""Sum of three channels' differences: less is of the same paper."""
_BETWEEN = np.linspace(0.3, 0.8, 5)
_INWARD = np.linspace(0.4, 2.5, 8)
_OUTWARD = np.linspace(0.3, 1.5, 6)
"""Where is looked, in gaps: between the lines, inward of the inner one, outward of the outer one."""


def settled(image: Image, corners: Corners, other: Corners) -> Corners:
    """Each side from the one of two quadrilaterals in which it is the page's edge.

    Args:
        image: the full picture.
        corners: the one that is kept where the other is no better.
        other: another; both clockwise from the top left.
    """
    lines = []
    changed = False
    for i in range(4):
        mine = (corners[i], corners[(i + 1) % 4])
        theirs = (other[i], other[(i + 1) % 4])
        if _better(image, mine, theirs):
            changed = True
            mine = theirs
        lines.append((mine[0], mine[1] - mine[0]))
    if not changed:
        return corners
    found = np.array([crossing(lines[i - 1], lines[i]) for i in range(4)])
    return ordered(found) if convex(found) else corners


def _better(image: Image, mine: tuple[Point, Point], theirs: tuple[Point, Point]) -> bool:
    """Whether the other line, and not this one, is the page's edge."""
    along = mine[1] - mine[0]
    outward = np.array([along[1], -along[0]]) / max(float(np.hypot(*along)), 1e-6)  # clockwise, y points down
    here = mine[0] + _SHARES[:, None] * along
    there = theirs[0] + _SHARES[:, None] * (theirs[1] - theirs[0])
    gaps = (there - here) @ outward
    gap = float(np.median(gaps))
    if abs(gap) < _LEAST_GAP:
        return False
    inner, outer = (here, there) if gap > 0 else (there, here)
    size = abs(gap)
    between = _colours(image, inner[:, None] + _BETWEEN[None, :, None] * (outer - inner)[:, None])
    inside = _colours(image, inner[:, None] - _INWARD[None, :, None] * size * outward)
    to_page = np.abs(between - np.median(inside, axis=0)).sum(axis=1)
    if _leaves(image, outer, outward):
        of_page = float((to_page < _LIKE_THE_PAGE).mean())  # nothing is seen of what lies beyond
    else:
        outside = _colours(image, outer[:, None] + _OUTWARD[None, :, None] * size * outward)
        to_desk = np.abs(between - outside).sum(axis=1)
        of_page = float((to_page < to_desk).mean())
    return of_page > 0.6 if gap > 0 else of_page < 0.4


def _leaves(image: Image, outer: NDArray[np.float64], outward: Point) -> bool:
    """Whether a line lies along the picture's edge or beyond it."""
    seen = outer + _RIM * outward
    limits = np.array([image.shape[1], image.shape[0]]) - 1
    return float(((seen < 0) | (seen > limits)).any(axis=1).mean()) > 0.5


def _colours(image: Image, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """The median colour at each place: (places, samples, 2) to (places, 3)."""
    grid = points.astype(np.float32)
    sampled = cv2.remap(image, grid[..., 0], grid[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(np.median(np.asarray(sampled, np.float64), axis=1), np.float64)
