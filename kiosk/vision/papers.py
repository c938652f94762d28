"""Finds a page in a picture of the desk and crops it. Pure functions on arrays.

Several channels, several Canny levels and Otsu's threshold each propose quadrilaterals on a reduced copy; the one whose
sides lie on edges all along wins, and its sides are then fitted in the full picture. A dark, matt mat makes it easy;
white paper on a white desk is the hard case.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.faces import Image
from kiosk.vision.observation import PaperPage, PaperProblem

Corners = NDArray[np.float64]
"""(4, 2): x and y in pixels, clockwise from the one nearest to the top left."""

SEARCH_SIDE = 480
"""Longest side of the copy that is searched, in pixels."""
LEAST_SIDE = 64
"""Pictures with a shorter side are not searched."""
LEAST_AREA_SHARE = 0.008
MOST_AREA_SHARE = 0.97
LEAST_CONFIDENCE = 0.35
LEAST_SHORT_SIDE_PX = 120.0
"""A page with a shorter side cannot be read: TOO_SMALL."""
MOST_ASPECT = 4.0
"""The longest side in shortest sides; pens and rulers are longer."""
EDGE_MARGIN = 0.004
"""A corner nearer to the picture's edge than this share of its longer side counts as cut off."""
LEAST_GRADIENT = 14.0
"""Of `sharpness`. Measured: sharp pages 25 to 58, sheets moved while the picture was taken at most 11.4."""
BURNT, MOST_BURNT_SHARE = 250, 0.012
WHITE = 232
"""Paper brighter than that (of 255) burns out without a lamp's reflection."""
PAGE_HEIGHT, PREVIEW_HEIGHT = 2000, 800
A4 = 2.0**0.5
_QUALITY, _PREVIEW_QUALITY = 88, 80
_PER_SIDE = 40
_NEARLY, _AROUND = 0.85, 0.8
_AT_EDGE, _CUT_COUNTS, _CUT_LEAST = 3.0, 0.85, 0.6


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A page in a picture.

    Attributes:
        corners: in the picture's pixels.
        confidence: 0 to 1: how far its sides lie on edges.
        problem: why it does not serve, or NONE.
    """

    corners: Corners
    confidence: float
    problem: PaperProblem

    def outline(self, image: Image) -> tuple[tuple[float, float], ...]:
        """The corners as shares of the picture's width and height."""
        height, width = image.shape[:2]
        return tuple((round(float(x) / width, 4), round(float(y) / height, 4)) for x, y in self.corners)


def find(image: Image) -> Found | None:
    """The page in a picture of any size, or None."""
    if image.ndim != 3 or image.shape[2] != 3 or min(image.shape[:2]) < LEAST_SIDE:
        return None
    scale = min(1.0, SEARCH_SIDE / max(image.shape[:2]))
    size = (round(image.shape[1] * scale), round(image.shape[0] * scale))
    small = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    channels = _channels(small)
    edges = _Edges(channels)
    best = edges.best(_proposals(channels))
    if best is None or best[0] < LEAST_CONFIDENCE:
        return None
    confidence, corners = best
    corners = _refined(image, corners / scale)
    return Found(corners, min(confidence, 1.0), _problem(image, corners))


def page(image: Image, found: Found, number: int) -> PaperPage:
    """Crop and straighten a found page."""
    return paper_page(straightened(image, found.corners), number)


def paper_page(flat: Image, number: int) -> PaperPage:
    """A straightened page as the desk keeps and shows it."""
    return PaperPage(number, _jpeg(flat, PAGE_HEIGHT, _QUALITY), _jpeg(flat, PREVIEW_HEIGHT, _PREVIEW_QUALITY))


def straightened(image: Image, corners: Corners) -> Image:
    """The page as if seen from straight above; one of nearly A4's proportions gets exactly those."""
    across = (_length(corners[0], corners[1]) + _length(corners[3], corners[2])) / 2
    down = (_length(corners[1], corners[2]) + _length(corners[0], corners[3])) / 2
    longer, shorter = max(across, down), min(across, down)
    if abs(longer / max(shorter, 1.0) / A4 - 1.0) < 0.1:
        shorter = longer / A4
    width, height = (longer, shorter) if across > down else (shorter, longer)
    size = (max(round(width), 8), max(round(height), 8))
    target = np.array([[0, 0], [size[0] - 1, 0], [size[0] - 1, size[1] - 1], [0, size[1] - 1]], np.float32)
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), target)
    return np.asarray(cv2.warpPerspective(image, matrix, size, flags=cv2.INTER_CUBIC), np.uint8)


# Proposals ----------------------------------------------------------------------------------------------------------


def _channels(small: Image) -> list[NDArray[np.uint8]]:
    """Lightness, the two colour axes, saturation and blue: paper differs from its desk in one of them at least."""
    lab = cv2.cvtColor(small, cv2.COLOR_BGR2LAB)
    saturation = cv2.cvtColor(small, cv2.COLOR_BGR2HSV)[:, :, 1]
    raw = (lab[:, :, 0], lab[:, :, 1], lab[:, :, 2], saturation, small[:, :, 0])
    return [np.asarray(cv2.GaussianBlur(channel, (5, 5), 0), np.uint8) for channel in raw]


def _proposals(channels: list[NDArray[np.uint8]]) -> Iterator[Corners]:
    area = channels[0].size
    small, large = LEAST_AREA_SHARE * area, MOST_AREA_SHARE * area
    kernel = np.ones((3, 3), np.uint8)
    for channel in channels:
        level, mask = cv2.threshold(channel, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
        if float(channel.std()) < 1.5:
            continue  # nothing in it
        yield from _quads(np.asarray(mask, np.uint8), small, large)
        yield from _quads(cv2.bitwise_not(mask), small, large)
        for share in (0.25, 0.5, 1.0):
            edges = cv2.Canny(channel, 0.4 * share * level, share * level)
            yield from _quads(np.asarray(cv2.morphologyEx(edges, cv2.MORPH_CLOSE, kernel), np.uint8), small, large)


def _quads(mask: "cv2.typing.MatLike", small: float, large: float) -> Iterator[Corners]:
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    for contour in contours:
        if len(contour) < 4:
            continue
        hull = cv2.convexHull(contour)
        covered = cv2.contourArea(hull)
        if not small <= covered <= large:
            continue
        around = cv2.arcLength(hull, closed=True)
        for share in (0.02, 0.05, 0.1):
            shape = cv2.approxPolyDP(hull, share * around, closed=True)
            if len(shape) == 4:
                yield _ordered(shape.reshape(4, 2).astype(np.float64))
                break
        box = cv2.minAreaRect(hull)
        if covered >= 0.8 * box[1][0] * box[1][1]:
            yield _ordered(cv2.boxPoints(box).astype(np.float64))


def _ordered(corners: Corners) -> Corners:
    """Clockwise (y points down) from the corner nearest to the top left."""
    middle = corners.mean(axis=0)
    angles = np.arctan2(corners[:, 1] - middle[1], corners[:, 0] - middle[0])
    corners = corners[np.argsort(angles)]
    return np.roll(corners, -int(np.argmin(corners.sum(axis=1))), axis=0)


# Choice -------------------------------------------------------------------------------------------------------------


class _Edges:
    """How steep each channel is at each pixel, in units of its own noise."""

    def __init__(self, channels: Iterable[NDArray[np.uint8]]) -> None:
        across, down = [], []
        for channel in channels:
            x = cv2.Sobel(channel, cv2.CV_32F, 1, 0)
            y = cv2.Sobel(channel, cv2.CV_32F, 0, 1)
            noise = float(np.median(np.hypot(x, y))) * 3.0 + 12.0
            across.append(np.asarray(x, np.float32) / noise)
            down.append(np.asarray(y, np.float32) / noise)
        self._across, self._down = np.stack(across), np.stack(down)
        self._height, self._width = self._across.shape[1:]

    def best(self, proposals: Iterable[Corners]) -> tuple[float, Corners] | None:
        """The best supported proposal; among nearly equal ones the largest, for tables on a page have edges too."""
        seen: set[tuple[int, ...]] = set()
        scored: list[tuple[float, Corners]] = []
        for corners in proposals:
            key = tuple(int(value) for value in np.round(corners / 3.0).ravel())
            if key not in seen and self._plausible(corners):
                seen.add(key)
                scored.append((self.support(corners), corners))
        if not scored:
            return None
        top = max(score for score, _ in scored)
        near = [entry for entry in scored if entry[0] >= _NEARLY * top]
        best = max(near, key=lambda entry: entry[0] * _area(entry[1]) ** 0.2)
        # A seal or a table on a page has sharper sides than a page that is half outside of the picture.
        around = [entry for entry in scored if entry[0] >= _AROUND * best[0] and _contains(entry[1], best[1])]
        return max(around, key=lambda entry: entry[0], default=best)

    def _plausible(self, corners: Corners) -> bool:
        following = np.roll(corners, -1, axis=0)
        sides = np.hypot(*(following - corners).T)
        if sides.min() < 0.04 * max(self._height, self._width):
            return False
        forward = (following - corners) / sides[:, None]
        back = -np.roll(forward, 1, axis=0)
        cosines = np.abs((forward * back).sum(axis=1))
        if cosines.max() > 0.6 or sides.max() > MOST_ASPECT * sides.min():
            return False
        return bool(max(sides[0] / sides[2], sides[2] / sides[0], sides[1] / sides[3], sides[3] / sides[1]) < 2.0)

    def support(self, corners: Corners) -> float:
        """0 to 1: how much of the sides lies on edges that run along them, the weakest side counting double.

        Sides that lie along the picture's own edge say nothing; at most two do, and such a page counts less.
        """
        sides = [self._side(corners[i], corners[(i + 1) % 4]) for i in range(4)]
        told = [side for side in sides if side is not None]
        if len(told) < 2 or (len(told) < 4 and min(told) < _CUT_LEAST):
            return 0.0
        whole = len(told) == 4 and not self._at_edge(corners).any()
        return (sum(told) + min(told)) / (len(told) + 1) * (1.0 if whole else _CUT_COUNTS)

    def _at_edge(self, points: NDArray[np.float64]) -> NDArray[np.bool_]:
        """(n, 2): whether each point lies at the picture's left or right, upper or lower edge."""
        limits = np.array([self._width, self._height]) - 1 - _AT_EDGE
        return np.asarray((points < _AT_EDGE) | (points > limits))

    def _side(self, start: NDArray[np.float64], end: NDArray[np.float64]) -> float | None:
        if bool(self._at_edge(np.array([start, end, (start + end) / 2])).all(axis=0).any()):
            return None
        along = end - start
        normal = np.array([-along[1], along[0]]) / max(float(np.hypot(*along)), 1e-6)
        places = start + np.linspace(0.05, 0.95, _PER_SIDE)[:, None] * along
        offsets = np.arange(-2, 3)[:, None, None] * normal
        grid = np.rint(places[None] + offsets).astype(np.intp)
        x = np.clip(grid[:, :, 0], 0, self._width - 1)
        y = np.clip(grid[:, :, 1], 0, self._height - 1)
        slopes = self._across[:, y, x] * normal[0] + self._down[:, y, x] * normal[1]
        steep = np.abs(slopes).max(axis=1)  # (channel, place): the best of the offsets
        each = np.minimum(steep, 1.0).max(axis=0)
        return float(each.mean())


# Fit ----------------------------------------------------------------------------------------------------------------


def _refined(image: Image, corners: Corners) -> Corners:
    """Fit each side to the steepest places across it in the full picture."""
    reach = max(3.0, 2.5 * max(image.shape[:2]) / SEARCH_SIDE)
    lines = [_fitted(image, corners[i], corners[(i + 1) % 4], reach) for i in range(4)]
    fitted = np.array([_crossing(lines[i - 1], lines[i]) for i in range(4)])
    moved = np.hypot(*(fitted - corners).T)
    return np.where((np.isfinite(moved) & (moved <= 3.0 * reach))[:, None], fitted, corners)


def _fitted(
    image: Image, start: NDArray[np.float64], end: NDArray[np.float64], reach: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    along = end - start
    length = max(float(np.hypot(*along)), 1e-6)
    normal = np.array([-along[1], along[0]]) / length
    places = start + np.linspace(0.06, 0.94, 64)[:, None] * along
    offsets = np.arange(-reach, reach + 0.01, 0.5)
    grid = (places[:, None] + offsets[None, :, None] * normal).astype(np.float32)
    profile = np.asarray(
        cv2.remap(image, grid[:, :, 0], grid[:, :, 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32
    )
    smooth = cv2.GaussianBlur(profile.reshape(64, -1), (0, 0), 0.01, sigmaY=1.5).reshape(profile.shape)
    steep = np.abs(smooth[:, 2:] - smooth[:, :-2]).sum(axis=2)
    at = offsets[1:-1][steep.argmax(axis=1)]
    weight = steep.max(axis=1) / (np.median(steep, axis=1) + 4.0)
    points = places + at[:, None] * normal
    keep = weight >= np.percentile(weight, 30)
    vx, vy, x, y = np.asarray(
        cv2.fitLine(points[keep].astype(np.float32), cv2.DIST_HUBER, 0, 0.01, 0.01), np.float64
    ).ravel()
    return np.array([x, y]), np.array([vx, vy])


def _crossing(
    one: tuple[NDArray[np.float64], NDArray[np.float64]], other: tuple[NDArray[np.float64], NDArray[np.float64]]
) -> NDArray[np.float64]:
    (start, along), (begin, direction) = one, other
    cross = along[0] * direction[1] - along[1] * direction[0]
    if abs(cross) < 1e-3:
        return np.array([np.inf, np.inf])
    gap = begin - start
    return cast("NDArray[np.float64]", start + along * (gap[0] * direction[1] - gap[1] * direction[0]) / cross)


# Whether it serves --------------------------------------------------------------------------------------------------


def _problem(image: Image, corners: Corners) -> PaperProblem:
    height, width = image.shape[:2]
    margin = EDGE_MARGIN * max(height, width)
    inside = (corners >= margin).all() and (corners <= np.array([width, height]) - 1 - margin).all()
    if not inside:
        return PaperProblem.CUT_OFF
    sides = [_length(corners[i], corners[(i + 1) % 4]) for i in range(4)]
    if min(sides) < LEAST_SHORT_SIDE_PX:
        return PaperProblem.TOO_SMALL
    flat = straightened(image, corners)
    edge_y, edge_x = (max(2, side // 40) for side in flat.shape[:2])
    inner = flat[edge_y:-edge_y, edge_x:-edge_x]
    grey = cv2.cvtColor(inner, cv2.COLOR_BGR2GRAY)
    if sharpness(np.asarray(grey, np.uint8)) < LEAST_GRADIENT:
        return PaperProblem.BLURRED
    return PaperProblem.GLARE if _glare(np.asarray(grey, np.uint8)) else PaperProblem.NONE


def sharpness(grey: NDArray[np.uint8]) -> float:
    """99th percentile of the gradient along x or along y, whichever is smaller: a moved sheet is smeared one way only.

    It falls steadily with blur, unlike the variance of the Laplacian (vision.md, measured).
    """
    along = ((1, 0), (0, 1))
    slopes = (np.abs(np.asarray(cv2.Sobel(grey, cv2.CV_32F, x, y, scale=0.125), np.float32)) for x, y in along)
    return min(float(np.percentile(slope, 99)) for slope in slopes)


def _glare(grey: NDArray[np.uint8]) -> bool:
    """Whether a lamp's reflection hides a spot: one burnt patch on paper that is not white all over."""
    if float(np.percentile(grey, 75)) > WHITE:
        return False  # the whole page is bright and burns out gently, which hides nothing
    burnt = np.asarray(grey >= BURNT, np.uint8)
    _, _, sizes, _ = cv2.connectedComponentsWithStats(burnt)
    return len(sizes) > 1 and int(sizes[1:, cv2.CC_STAT_AREA].max()) > MOST_BURNT_SHARE * grey.size


# Small things -------------------------------------------------------------------------------------------------------


def _jpeg(flat: Image, most_height: int, quality: int) -> bytes:
    scale = min(1.0, most_height / flat.shape[0])
    if scale < 1.0:
        size = (max(1, round(flat.shape[1] * scale)), most_height)
        flat = np.asarray(cv2.resize(flat, size, interpolation=cv2.INTER_AREA), np.uint8)
    _, packed = cv2.imencode(".jpg", flat, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return packed.tobytes()


def _length(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    return float(np.hypot(*(other - one)))


def _area(corners: Corners) -> float:
    return float(cv2.contourArea(corners.astype(np.float32)))


def _contains(outer: Corners, inner: Corners) -> bool:
    shape = outer.astype(np.float32)
    if _area(outer) < 1.5 * _area(inner):
        return False
    return all(cv2.pointPolygonTest(shape, (float(x), float(y)), measureDist=True) >= -2.0 for x, y in inner)
