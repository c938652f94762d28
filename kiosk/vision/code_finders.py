"""The three corner marks of QR codes, found by their nested outlines. Pure functions on arrays.

A dark square in a light ring in something dark: whatever the rest of the code looks like, bent or joined to its
surroundings, these outlines stay. ISO/IEC 18004:2015, 6.3.3.
"""

from dataclasses import dataclass
from itertools import combinations
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from drivers.code_scanner.reading import Grey

Points = NDArray[np.float64]
"""(n, 2): x and y in pixels."""

MOST_MARKS: Final = 14
MOST_TRIPLES: Final = 6
LEAST_RING_PX: Final = 6.0
RING_MODULES, CORE_MODULES = 5.0, 3.0


@dataclass(frozen=True, slots=True, eq=False)
class Mark:
    """One corner mark.

    Attributes:
        centre: (2,) in pixels.
        ring: (4, 2): corners of the light ring's outer border, 5 modules apart, in no order.
        module: pixels a module, about.
    """

    centre: NDArray[np.float64]
    ring: Points
    module: float


@dataclass(frozen=True, slots=True, eq=False)
class Triple:
    """Three marks that may belong to one code: at its top left, top right and bottom left."""

    top_left: Mark
    top_right: Mark
    bottom_left: Mark

    def modules_across(self) -> float:
        """How many modules the code has along a side, about."""
        along = [np.linalg.norm(mark.centre - self.top_left.centre) for mark in (self.top_right, self.bottom_left)]
        module = np.mean([mark.module for mark in (self.top_left, self.top_right, self.bottom_left)])
        return float(np.mean(along) / module) + 7.0

    def known_points(self, size: int) -> tuple[Points, Points]:
        """The rings' corners, in modules and in pixels; each (12, 2).

        Args:
            size: the code's modules along a side.
        """
        across = self.top_right.centre - self.top_left.centre
        down = self.bottom_left.centre - self.top_left.centre
        basis = np.linalg.inv(np.column_stack([across, down]))
        middles = ((3.5, 3.5), (size - 3.5, 3.5), (3.5, size - 3.5))
        modules, pixels = [], []
        for mark, middle in zip((self.top_left, self.top_right, self.bottom_left), middles, strict=True):
            local = (mark.ring - mark.centre) @ basis.T
            for sx, sy in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
                corner = int(np.argmax(local @ np.array([sx, sy])))
                modules.append((middle[0] + sx * RING_MODULES / 2, middle[1] + sy * RING_MODULES / 2))
                pixels.append(mark.ring[corner])
        return np.array(modules), np.array(pixels)


def marks(dark: NDArray[np.uint8]) -> list[Mark]:
    """Corner marks in a picture in black and white.

    Args:
        dark: (height, width): 255 where it is dark, else 0.
    """
    contours, tree = cv2.findContours(dark, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    if not contours:
        return []
    links = np.asarray(tree).reshape(-1, 4)
    holes = [n for n in range(len(contours)) if links[n, 3] >= 0 and len(contours[n]) >= 4]
    blobs = [n for n in range(len(contours)) if links[n, 3] < 0 and len(contours[n]) >= 4]
    if len(holes) > 4000 or len(blobs) > 6000:
        return []  # noise
    solid = [(n, *_middle_and_area(contours[n])) for n in blobs]
    if not solid:
        return []
    middles = np.array([middle for _, middle, _ in solid])
    areas = np.array([area for _, _, area in solid])
    found: list[Mark] = []
    for hole in holes:
        middle, area = _middle_and_area(contours[hole])
        if area < LEAST_RING_PX**2:
            continue
        side = float(np.sqrt(area))
        fits = (np.abs(middles - middle).max(axis=1) < 0.16 * side) & (areas > area / 7.5) & (areas < area / 1.5)
        if fits.any() and (ring := _corners(contours[hole], area)) is not None:
            # Light that spreads makes the ring larger and the core smaller: their sum stays.
            core = float(np.sqrt(areas[fits].max()))
            found.append(Mark(ring.mean(axis=0), ring, (side + core) / (RING_MODULES + CORE_MODULES)))
    return sorted(found, key=lambda mark: -mark.module)[:MOST_MARKS]


def triples(candidates: list[Mark]) -> list[Triple]:
    """Marks that lie to each other as those of one code, the most regular first."""
    scored: list[tuple[float, Triple]] = []
    for three in combinations(candidates, 3):
        sizes = [mark.module for mark in three]
        if max(sizes) > 2.0 * min(sizes):
            continue
        sides = [float(np.linalg.norm(three[(n + 1) % 3].centre - three[(n + 2) % 3].centre)) for n in range(3)]
        corner = int(np.argmax(sides))
        one, other = three[(corner + 1) % 3], three[(corner + 2) % 3]
        u, v = one.centre - three[corner].centre, other.centre - three[corner].centre
        legs = sorted((float(np.linalg.norm(u)), float(np.linalg.norm(v))))
        if legs[0] < 10 * min(sizes) or legs[1] > 2.2 * legs[0]:
            continue
        cosine = float(u @ v) / (legs[0] * legs[1])
        if abs(cosine) > 0.7:
            continue
        if u[0] * v[1] - u[1] * v[0] < 0:
            one, other = other, one
        score = abs(cosine) + np.log(legs[1] / legs[0]) + np.log(max(sizes) / min(sizes))
        scored.append((float(score), Triple(three[corner], one, other)))
    return [triple for _, triple in sorted(scored, key=lambda entry: entry[0])[:MOST_TRIPLES]]


def thresholded(picture: Grey) -> list[NDArray[np.uint8]]:
    """A picture in black and white (255 is dark), in several ways."""
    smooth = cv2.GaussianBlur(picture, (3, 3), 0)
    shorter = min(picture.shape)
    found: list[NDArray[np.uint8]] = []
    for share in (0.5, 0.12):
        block = max(11, int(shorter * share) | 1)
        local = cv2.adaptiveThreshold(smooth, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, block, 4)
        found.append(np.asarray(local, np.uint8))
    _, otsu = cv2.threshold(smooth, 0, 255, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    found.append(np.asarray(otsu, np.uint8))
    return found


def _middle_and_area(contour: "cv2.typing.MatLike") -> tuple[tuple[float, float], float]:
    moments = cv2.moments(contour)
    area = moments["m00"]
    if area <= 0:
        return (-1e6, -1e6), 0.0
    return (moments["m10"] / area, moments["m01"] / area), area


def _corners(contour: "cv2.typing.MatLike", area: float) -> Points | None:
    hull = cv2.convexHull(contour)
    if area < 0.8 * cv2.contourArea(hull):
        return None
    around = cv2.arcLength(hull, closed=True)
    for share in (0.04, 0.06, 0.08, 0.11):
        shape = cv2.approxPolyDP(hull, share * around, closed=True)
        if len(shape) == 4:
            return shape.reshape(4, 2).astype(np.float64)
    box = cv2.minAreaRect(hull)
    if area < 0.7 * box[1][0] * box[1][1]:
        return None
    return cv2.boxPoints(box).astype(np.float64)
