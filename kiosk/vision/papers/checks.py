"""Whether a straightened page can be read: sharpness, a lamp's reflection, a hard shadow. Pure functions on arrays."""

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.faces import Image

LEAST_GRADIENT = 14.0
"""Of `sharpness`. Measured: sharp pages 25 to 58, sheets moved while the picture was taken at most 11.4."""
BURNT, MOST_BURNT_SHARE = 250, 0.012
WHITE = 232
"""Paper brighter than that (of 255) burns out without a lamp's reflection."""
SHADOW_SIDE = 160
"""Longer side of the copy in which shadows are looked for, in pixels."""
LEAST_SHADE = 0.22
"""A shadow darkens the paper by that much at least, as a logarithm: to 0.8 of what it was."""
_SAME_HUE = 0.12
"""How far the three channels may darken differently, in logarithms: a shadow is nearly grey, print mostly is not."""
_LEAST_SPAN = 0.35
"""Of the page's shorter side: how long a shadow's edge is."""
CARD_SIDE = 320
"""Longer side of the copy in which a card that lies on the page is looked for, in pixels."""
_AWAY = (10, 18, 30)
"""How far the card's colour is from the paper's, in levels of lightness and colour."""
_LEAST_CARD, _RECTANGULAR, _ASKEW = 0.03, 0.9, 4.0
"""Share of the page; of the rectangle around it; degrees from the page's sides."""


def sharpness(grey: NDArray[np.uint8]) -> float:
    """99th percentile of the gradient along x or along y, whichever is smaller: a moved sheet is smeared one way only.

    It falls steadily with blur, unlike the variance of the Laplacian (measured, docs/decisions/0012).
    """
    along = ((1, 0), (0, 1))
    slopes = (np.abs(np.asarray(cv2.Sobel(grey, cv2.CV_32F, x, y, scale=0.125), np.float32)) for x, y in along)
    return min(_high(slope) for slope in slopes)


def _high(slope: NDArray[np.float32]) -> float:
    """The 99th percentile, to a sixteenth of a level: by counting, as sorting half a million takes long."""
    counted = np.cumsum(np.bincount(np.asarray(np.minimum(slope, 255.0) * 16, np.uint16).ravel()))
    return float(np.searchsorted(counted, 0.99 * counted[-1])) / 16


def glare(grey: NDArray[np.uint8]) -> bool:
    """Whether a lamp's reflection hides a spot: one burnt patch on paper that is not white all over."""
    if float(np.percentile(grey, 75)) > WHITE:
        return False  # the whole page is bright and burns out gently, which hides nothing
    burnt = np.asarray(grey >= BURNT, np.uint8)
    _, _, sizes, _ = cv2.connectedComponentsWithStats(burnt)
    return len(sizes) > 1 and int(sizes[1:, cv2.CC_STAT_AREA].max()) > MOST_BURNT_SHARE * grey.size


def inner(flat: Image) -> Image:
    """A straightened page without its outermost fortieth, where the desk may show."""
    edge_y, edge_x = (max(2, side // 40) for side in flat.shape[:2])
    return flat[edge_y:-edge_y, edge_x:-edge_x]


def shadow(flat: Image) -> bool:
    """Whether a hard shadow lies across a straightened page.

    Its paper, with the print closed over, has two levels of brightness of the same hue, one connected part darker than
    the other, and the change between them is abrupt. Light that falls off gently is none, nor is a coloured panel.
    """
    paper = _paper_alone(flat)
    light = np.log(paper + 8.0)
    grey = light.mean(axis=2)
    level = _between(grey)
    dark = _largest(np.asarray(grey < level, np.uint8))
    share = float(dark.mean())
    if not 0.04 <= share <= 0.85 or not _reaches_edge(dark):
        return False
    bright = grey >= level
    drop = light[bright].mean(axis=0) - light[dark].mean(axis=0)
    if drop.mean() < LEAST_SHADE or float(np.ptp(drop)) > _SAME_HUE:
        return False
    told = float(bright.mean()) * share * float(drop.mean()) ** 2 / max(float(grey.var()), 1e-6)
    return told >= 0.72 and _abrupt(grey, dark, float(drop.mean()))


def _paper_alone(flat: Image) -> NDArray[np.float32]:
    """The paper with its print closed over; small."""
    scale = 2 * SHADOW_SIDE / max(flat.shape[:2])
    size = (max(16, round(flat.shape[1] * scale)), max(16, round(flat.shape[0] * scale)))
    small = cv2.resize(flat, size, interpolation=cv2.INTER_AREA)
    closed = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((11, 11), np.uint8))
    half = cv2.resize(closed, (size[0] // 2, size[1] // 2), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.medianBlur(half, 5), np.float32)


def _between(grey: NDArray[np.float32]) -> float:
    """Otsu's threshold."""
    low, high = float(grey.min()), float(grey.max())
    scaled = np.asarray((grey - low) / max(high - low, 1e-6) * 255, np.uint8)
    level, _ = cv2.threshold(scaled, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    return low + (float(level) + 0.5) / 255 * (high - low)


def _largest(mask: NDArray[np.uint8]) -> NDArray[np.bool_]:
    _, patches, sizes, _ = cv2.connectedComponentsWithStats(mask)
    if len(sizes) < 2:
        return np.zeros(mask.shape, np.bool_)
    return np.asarray(patches == 1 + int(sizes[1:, cv2.CC_STAT_AREA].argmax()), np.bool_)


def _reaches_edge(dark: NDArray[np.bool_]) -> bool:
    """What casts a shadow is outside of the page."""
    edge = np.concatenate([dark[0], dark[-1], dark[:, 0], dark[:, -1]])
    return float(edge.mean()) >= 0.06


def _abrupt(grey: NDArray[np.float32], dark: NDArray[np.bool_], drop: float) -> bool:
    """Whether most of the change lies within a few pixels of the boundary, along most of it."""
    mask = np.asarray(dark, np.uint8)
    near = np.ones((9, 9), np.uint8)
    boundary = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)), np.bool_)
    boundary[:3] = boundary[-3:] = False
    boundary[:, :3] = boundary[:, -3:] = False
    if float(boundary.sum()) / 2 < _LEAST_SPAN * min(grey.shape):
        return False
    rise = np.asarray(cv2.dilate(grey, near), np.float32) - np.asarray(cv2.erode(grey, near), np.float32)
    return float(np.median(rise[boundary])) >= 0.6 * drop


def lies_on_it(flat: Image) -> bool:
    """Whether a card lies on a straightened page: a patch of another colour with four straight sides, askew.

    What is printed on a page lies parallel to its sides. A card that does so too is not told from a printed box.
    """
    scale = min(1.0, CARD_SIDE / max(flat.shape[:2]))
    size = (max(16, round(flat.shape[1] * scale)), max(16, round(flat.shape[0] * scale)))
    small = np.asarray(cv2.resize(flat, size, interpolation=cv2.INTER_AREA), np.uint8)
    closed = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    lab = np.asarray(cv2.cvtColor(cv2.medianBlur(closed, 3), cv2.COLOR_BGR2LAB), np.int16)
    away = np.abs(lab - np.median(lab.reshape(-1, 3), axis=0)).sum(axis=2)
    for level in _AWAY:
        mask = cv2.morphologyEx(np.asarray(away > level, np.uint8) * 255, cv2.MORPH_OPEN, np.ones((9, 9), np.uint8))
        contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        if any(_card(contour, mask.size) for contour in contours):
            return True
    return False


def _card(contour: "cv2.typing.MatLike", pixels: int) -> bool:
    """Whether an outline is a rectangle, large enough and askew."""
    covers = cv2.contourArea(contour)
    if covers < _LEAST_CARD * pixels:
        return False
    (across, down), degrees = cv2.minAreaRect(contour)[1:]
    askew = min(degrees % 90, 90 - degrees % 90)
    return bool(covers >= _RECTANGULAR * across * down and askew >= _ASKEW)
