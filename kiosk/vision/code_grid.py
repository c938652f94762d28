"""Reads QR codes on cloth, on a rolled or creased sheet: follows the grid of modules as it bends. Pure functions.

Decoders lay a plane grid over a code. Here the picture is straightened roughly by the three corner marks; then a smooth
displacement is fitted that brings every border between dark and light onto a whole number of modules, first near the
marks and from there outward, so that no module is skipped. Each module is then sampled where it really is. The error
correction decides whether it is a code.
"""

import time
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from drivers.code_scanner.qr_bits import Contents, Modules, Unreadable, contents
from drivers.code_scanner.reading import Code, Grey, Point, Symbology
from kiosk.vision.code_finders import Points, Triple, marks, thresholded, triples

Field = NDArray[np.float64]
"""(2, n, n): by how many modules the straightened picture is out, across and down, at the knots."""

SIZES: Final = range(21, 102, 4)
"""Modules along a side (versions 1 to 21): larger ones are rarely so bent, and take long."""
PER_MODULE: Final = 8
"""Pixels a module in the straightened picture."""
MARGIN: Final = 3
"""Modules around it."""
KNOT_MODULES: Final = 3.0
MOST_KNOTS: Final = 18
"""Along a side: the time that a fit takes grows with their sixth power."""
STIFFNESS: Final = (2.0, 0.5)
"""Of the field, against the pull of one border. Measured: the first reads all photographs of cloth that were there, the
second more of what is bent within a few modules."""
LEAST_TIMING: Final = 0.72
"""Share of the timing patterns' modules that must be as they ought to."""
MOST_ERRORS: Final = 0.9
"""Codewords corrected, as a share of those that can be: at the very limit chance corrects too."""
_TRUST: Final = 0.3
_FIRST_REACH, _REACH_STEP = 5.0, 1.0
_ANCHOR = 6.0


def bent_codes(picture: Grey, deadline: float) -> tuple[Code, ...]:
    """Read the QR codes in a picture that lie on no plane.

    Args:
        picture: (height, width).
        deadline: of `time.monotonic()`: no further attempt begins after it.
    """
    found: dict[bytes, Code] = {}
    for triple in _plausible(picture, deadline):
        middle = triple.top_left.centre
        if any(_covers(code, middle) for code in found.values()):
            continue
        code = _read(picture, triple, deadline)
        if code is not None:
            found[code.payload] = code
        if time.monotonic() > deadline:
            break
    return tuple(found.values())


def _plausible(picture: Grey, deadline: float) -> Iterator[Triple]:
    tried: list[NDArray[np.float64]] = []
    for dark in thresholded(picture):
        for triple in triples(marks(dark)):
            key = np.concatenate([triple.top_left.centre, triple.top_right.centre, triple.bottom_left.centre])
            near = triple.top_left.module * 0.3
            if any(np.abs(key - other).max() < near for other in tried):
                continue
            tried.append(key)
            yield triple
        if time.monotonic() > deadline:
            return


def _covers(code: Code, point: NDArray[np.float64]) -> bool:
    outline = np.array(code.corners, np.float32)
    return cv2.pointPolygonTest(outline, (float(point[0]), float(point[1])), measureDist=False) >= 0


def _read(picture: Grey, triple: Triple, deadline: float) -> Code | None:
    for stiffness, size, to_picture in _guesses(triple):
        sheet = _Sheet(picture, to_picture, size, triple)
        field = sheet.fitted(stiffness, deadline)
        for modules in sheet.sampled(field):
            inside = _decoded(modules)
            if inside is not None and inside.payload:
                return Code(Symbology.QR, inside.payload, sheet.outline(field), inside.segments, inside.part)
        if time.monotonic() > deadline:
            break
    return None


def _guesses(triple: Triple) -> Iterator[tuple[float, int, NDArray[np.float64]]]:
    """Stiffness, modules along a side and rough place of a code, the likeliest first."""
    about = triple.modules_across()
    sizes = sorted((size for size in SIZES if abs(size - about) < 0.25 * about), key=lambda size: abs(size - about))
    for stiffness in STIFFNESS:
        for size in sizes[:4]:
            for to_picture in _planes(triple, size):
                yield stiffness, size, to_picture


def _decoded(modules: Modules) -> Contents | None:
    size = len(modules)
    between = np.arange(8, size - 8)
    right = np.concatenate([modules[6, between] == (between % 2 == 0), modules[between, 6] == (between % 2 == 0)])
    if right.mean() < LEAST_TIMING:
        return None
    try:
        inside = contents(modules)
    except Unreadable:
        return None
    return inside if inside.errors <= MOST_ERRORS else None


def _planes(triple: Triple, size: int) -> Iterator[NDArray[np.float64]]:
    """Modules to pixels, (3, 3): with the perspective of the marks where that is believable, and without."""
    modules, pixels = triple.known_points(size)
    flat, *_ = np.linalg.lstsq(np.column_stack([modules, np.ones(len(modules))]), pixels, rcond=None)
    affine = np.vstack([flat.T, [0.0, 0.0, 1.0]])
    perspective, _ = cv2.findHomography(modules, pixels, 0)
    if perspective is not None:
        end = _through(np.asarray(perspective), np.array([[size, size]], np.float64))[0]
        plain = _through(affine, np.array([[size, size]], np.float64))[0]
        if np.linalg.norm(end - plain) < 0.25 * size * triple.top_left.module:
            yield np.asarray(perspective, np.float64)
    yield affine


def _through(matrix: NDArray[np.float64], points: Points) -> Points:
    moved = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    return np.asarray(moved[:, :2] / moved[:, 2:], np.float64)


class _Sheet:
    """A code, straightened roughly.

    Args:
        to_picture: (3, 3), modules to pixels.
        size: modules along a side.
        triple: its corner marks, whose places are known.
    """

    def __init__(self, picture: Grey, to_picture: NDArray[np.float64], size: int, triple: Triple) -> None:
        self._size, self._to_picture = size, to_picture
        side = (size + 2 * MARGIN) * PER_MODULE
        # The middle of a pixel of the sheet lies at (x + 0.5) / PER_MODULE - MARGIN modules.
        shift = 0.5 / PER_MODULE - MARGIN
        to_modules = np.array([[1 / PER_MODULE, 0, shift], [0, 1 / PER_MODULE, shift], [0, 0, 1]])
        matrix = to_picture @ to_modules
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        flat = cv2.warpPerspective(picture, matrix, (side, side), flags=flags, borderMode=cv2.BORDER_REPLICATE)
        self._flat = np.asarray(flat, np.float32)
        self._knots = min(round(size / KNOT_MODULES) + 2, MOST_KNOTS)
        known, seen = triple.known_points(size)
        rough = _through(np.asarray(np.linalg.inv(to_picture), np.float64), seen)
        self._anchors = (rough, known - rough)

    def fitted(self, stiffness: float, deadline: float) -> Field:
        """The displacement that brings borders onto whole modules; unfinished when time is up."""
        smooth = np.asarray(cv2.GaussianBlur(self._flat, (0, 0), 0.15 * PER_MODULE), np.float32)
        borders = (self._borders(smooth), self._borders(smooth.T)[:, ::-1])
        weights = [self._weights(points) for points in borders]
        near = [self._distance(points) for points in borders]
        marks_at, marks_off = self._anchors
        index, share = self._weights(marks_at)
        stiff = stiffness * _bending(self._knots) + 1e-3 * np.eye(self._knots**2)
        field = np.zeros((2, self._knots**2))
        for axis in range(2):
            field[axis] = _solved(stiff, index, share, marks_off[:, axis], np.full(len(index), _ANCHOR))
        reach = _FIRST_REACH
        while reach < self._size + 2 * _REACH_STEP and time.monotonic() < deadline:
            for axis, points in enumerate(borders):
                close = near[axis] < reach
                here, shares = weights[axis][0][close], weights[axis][1][close]
                moved = (field[axis][here] * shares).sum(axis=1)
                at = points[close, axis] + moved
                off = np.round(at) - at
                field[axis] = _solved(
                    stiff,
                    np.concatenate([here, index]),
                    np.concatenate([shares, share]),
                    np.concatenate([moved + off, marks_off[:, axis]]),
                    np.concatenate([np.exp(-((off / _TRUST) ** 2)), np.full(len(index), _ANCHOR)]),
                )
            reach += _REACH_STEP
        return field.reshape(2, self._knots, self._knots)

    def sampled(self, field: Field) -> Iterator[Modules]:
        """The modules in black and white, by one threshold after the other."""
        middles = np.arange(self._size) + 0.5
        spots = (-0.22, 0.0, 0.22)
        values = []
        for dy in spots:
            for dx in spots:
                x, y = self._inverted(field, *np.meshgrid(middles + dx, middles + dy))
                values.append(self._at(x, y))
        stacked = np.stack(values)
        mean = np.asarray(stacked.mean(axis=0), np.float32)
        for window in (9, 5, 15):
            kernel = np.ones((window, window), np.uint8)
            low = cv2.blur(cv2.erode(mean, kernel), (window, window))
            high = cv2.blur(cv2.dilate(mean, kernel), (window, window))
            yield mean < (np.asarray(low) + np.asarray(high)) / 2
        yield mean < np.asarray(cv2.blur(mean, (7, 7)))
        middle = stacked[4].astype(np.float32)
        yield middle < np.asarray(cv2.blur(middle, (9, 9)))

    def outline(self, field: Field) -> tuple[Point, Point, Point, Point]:
        """The code's corners in the picture, clockwise from its own top left."""
        ends = np.array([0.0, self._size])
        x, y = self._inverted(field, ends[[0, 1, 1, 0]], ends[[0, 0, 1, 1]])
        corners = _through(self._to_picture, np.column_stack([x, y])).tolist()
        a, b, c, d = ((float(px), float(py)) for px, py in corners)
        return a, b, c, d

    def _borders(self, smooth: NDArray[np.float32]) -> Points:
        """Where dark and light meet along the rows; in modules, (n, 2)."""
        slope = np.abs(np.asarray(cv2.Sobel(smooth, cv2.CV_32F, 1, 0)))
        around = np.ones((PER_MODULE * 5, PER_MODULE * 5), np.uint8)
        steep = slope > np.maximum(0.25 * np.asarray(cv2.dilate(slope, around)), 12.0)
        peak = np.zeros_like(steep)
        peak[::2, 1:-1] = steep[::2, 1:-1] & (slope[::2, 1:-1] >= slope[::2, :-2]) & (slope[::2, 1:-1] > slope[::2, 2:])
        y, x = np.nonzero(peak)
        before, here, after = slope[y, x - 1], slope[y, x], slope[y, x + 1]
        bend = before - 2 * here + after
        shift = np.where(bend < 0, 0.5 * (before - after) / np.where(bend < 0, bend, 1), 0.0)
        points = (np.column_stack([x + shift, y]) + 0.5) / PER_MODULE - MARGIN
        inside = ((points > -0.4) & (points < self._size + 0.4)).all(axis=1)
        return np.asarray(points[inside], np.float64)

    def _distance(self, points: Points) -> NDArray[np.float64]:
        """To the nearest corner mark's middle, in modules."""
        far = self._size - 3.5
        marks_at = np.array([(3.5, 3.5), (far, 3.5), (3.5, far)])
        return np.asarray(np.abs(points[:, None, :] - marks_at).max(axis=2).min(axis=1), np.float64)

    def _weights(self, points: Points) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Of which four knots a point is a mean, and in which shares; each (n, 4)."""
        scaled = np.clip(points / self._size, 0, 1) * (self._knots - 1)
        low = np.minimum(scaled.astype(np.int64), self._knots - 2)
        (fx, fy), (x, y) = (scaled - low).T, low.T
        index = np.column_stack([y * self._knots + x, y * self._knots + x + 1])
        index = np.column_stack([index, index + self._knots])
        share = np.column_stack([(1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy])
        return index, share

    def _inverted(
        self, field: Field, u: NDArray[np.float64], v: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Where in the straightened picture a place of the code lies, in modules."""
        flat = field.reshape(2, -1)
        x, y = u.astype(np.float64), v.astype(np.float64)
        for _ in range(5):
            index, share = self._weights(np.column_stack([x.ravel(), y.ravel()]))
            off = [(flat[axis][index] * share).sum(axis=1).reshape(u.shape) for axis in range(2)]
            x, y = u - off[0], v - off[1]
        return x, y

    def _at(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float32]:
        columns, rows = (((axis + MARGIN) * PER_MODULE - 0.5).astype(np.float32) for axis in (x, y))
        return np.asarray(cv2.remap(self._flat, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))


def _solved(
    stiff: NDArray[np.float64],
    index: NDArray[np.int64],
    share: NDArray[np.float64],
    aim: NDArray[np.float64],
    trust: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The field that bends least and does what the points want, by least squares."""
    count = len(stiff)
    pairs = (index[:, :, None] * count + index[:, None, :]).ravel()
    products = (trust[:, None, None] * share[:, :, None] * share[:, None, :]).ravel()
    normal = np.bincount(pairs, products, count * count).reshape(count, count)
    right = np.bincount(index.ravel(), (share * (trust * aim)[:, None]).ravel(), count)
    # Not NumPy's solver: its threads wait for each other when the machine is busy, here some thirty times as long.
    _, field = cv2.solve(normal + stiff, right[:, None], flags=cv2.DECOMP_CHOLESKY)
    return np.asarray(field, np.float64)[:, 0]


@lru_cache(maxsize=8)
def _bending(knots: int) -> NDArray[np.float64]:
    """What bending costs: squared second differences along, across and aslant; (knots², knots²)."""
    second = np.diff(np.eye(knots), 2, axis=0)
    first = np.diff(np.eye(knots), 1, axis=0)
    whole = np.eye(knots)
    terms = (np.kron(whole, second), np.kron(second, whole), 1.4 * np.kron(first, first))
    # einsum, for a product by @ waits for threads as the solver does
    return np.asarray(sum(np.einsum("ki,kj->ij", term, term) for term in terms), np.float64)
