"""Straightens what a page's text lines show: a small tilt, and the bend of a page that curls.

The middles of the lines are traced and one smooth surface is fitted to all of them: how much lower than its line's own
height a point lies, as Legendre polynomials of x (to the fourth) times powers of the height (to the second), by least
squares with Huber's weights. It is fitted to every other line and must explain the lines left out, or nothing is done.
What a curl does to widths (below 1 % for 50 px of 1,240) is left as it is.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.faces import Image
from kiosk.vision.pages.lines import Ink, Points, ink_of, traced
from kiosk.vision.pages.picture import PageProblem, as_picture, grey_of, reduced

SIDE = 1754
"""Longer side of the copy that is measured: A4 at 150 dpi."""
LEAST_TILT = 0.12
"""Degrees; less than that is not seen: 4 px over the width of A4 at 300 dpi."""
MOST_TILT = 6.0
"""More than that was printed so, or is no text; turning it would push corners out of the page."""
LEAST_BEND = 0.0016
"""In widths of the page; 2 px of 1,240."""
MOST_BEND = 0.08
LEAST_LINES = 6
LEAST_WIDTH_SHARE = 0.35
"""Of the page's width: shorter lines say little of its curl."""
MOST_LEFT = 0.62
"""Of the bend, on lines that were left out of the fit; characters alone make 1.5 px of 1,240."""
_ACROSS, _DOWN = 4, 2
_HUBER_PX = 1.5
_ROUNDS = 6
_RIDGE = 1e-3
_INK_POINTS, _LEAST_FULLNESS, _MOST_APART = 20_000, 1.08, 0.8
_CELL = 8
_BEYOND = 1.35
"""In half widths of the text: as far as a page's edge lies from it."""

Map = NDArray[np.float32]


class Did(StrEnum):
    """What a step did."""

    DONE = "done"
    NOT_NEEDED = "not_needed"
    UNSURE = "unsure"
    """It could not tell, and left the page alone."""
    OFF = "off"
    """It was not asked to."""


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """How the lines of a page run.

    Attributes:
        tilt_did: whether the tilt is known.
        tilt: degrees clockwise that the lines lean by; 0 when unsure.
        bend_did: whether the bend is known.
        bend: the lines' bend as a share of the page's width, before.
        left: the same after, on lines that were left out of the fit.
        lines: how many were traced.
        surface: coefficients (_ACROSS, _DOWN + 1), in widths; zero when nothing is to be done.
        span: left, right, top, bottom of the traced text in widths, from the page's middle.
    """

    tilt_did: Did
    tilt: float
    bend_did: Did
    bend: float
    left: float
    lines: int
    surface: NDArray[np.float64]
    span: tuple[float, float, float, float]

    def only(self, *, tilt: bool, bend: bool) -> "Shape":
        """The same, with only the tilt or the bend to be taken out."""
        return replace(self, tilt=self.tilt if tilt else 0.0, surface=self.surface if bend else 0.0 * self.surface)


def shape_of(page: Image) -> Shape:
    """Measure a page that stands upright; what is unsure is said to be so."""
    flat = np.zeros((_ACROSS, _DOWN + 1))
    unsure = Shape(Did.UNSURE, 0.0, Did.UNSURE, 0.0, 0.0, 0, flat, (-0.5, 0.5, -0.5, 0.5))
    picture, problem = as_picture(page)
    if problem is not PageProblem.NONE:
        return unsure
    small, _ = reduced(picture, SIDE)
    height, width = small.shape[:2]
    ink = ink_of(grey_of(small))
    lines = [(line - (width / 2, height / 2)) / width for line in traced(ink)]
    tilt = _tilt(ink, lines)
    if tilt is None:
        return unsure
    level = [line @ _turn(-tilt).T for line in lines]
    tilt_did = Did.DONE if abs(tilt) >= LEAST_TILT else Did.NOT_NEEDED
    if tilt_did is Did.NOT_NEEDED:
        tilt, level = 0.0, lines
    wide = [line for line in level if float(np.ptp(line[:, 0])) >= LEAST_WIDTH_SHARE]
    if len(wide) < LEAST_LINES:
        return Shape(tilt_did, tilt, Did.UNSURE, 0.0, 0.0, len(lines), flat, unsure.span)
    points = np.concatenate(wide)
    left, right = np.percentile(points[:, 0], [1, 99])
    span = (float(left), float(right), float(points[:, 1].min()), float(points[:, 1].max()))
    before, after = bend_of(wide), _bend_left_out(wide, span, 1.0 / width)
    if before < LEAST_BEND:
        did = Did.NOT_NEEDED
    elif before > MOST_BEND or after > MOST_LEFT * before:
        did = Did.UNSURE
    else:
        did = Did.DONE
    surface = _fit(wide, span, 1.0 / width) if did is Did.DONE else flat
    return Shape(tilt_did, tilt, did, before, after, len(lines), surface, span)


def straight(page: Image, shape: Shape, turn: int = 0) -> Image:
    """The page without tilt and bend, in one resampling, the same size.

    Args:
        page: the page as it was measured, before any change.
        shape: from `shape_of` of the page turned by `turn`.
        turn: degrees clockwise that the page was turned by before it was measured.
    """
    source = np.ascontiguousarray(np.rot90(page, k=(-turn // 90) % 4))
    if not shape.surface.any() and shape.tilt == 0.0:
        return source
    height, width = source.shape[:2]
    map_x, map_y = maps(shape, width, height)
    # Beyond the page's edge its last pixels are repeated: the desk is not known, and white would look like paper.
    moved = cv2.remap(source, map_x, map_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, np.uint8)


def maps(shape: Shape, width: int, height: int) -> tuple[Map, Map]:
    """Where each pixel of the straight page, (height, width), is taken from in the page as it was: x and y."""
    # They are smooth: made at every eighth pixel, with a node beyond each edge, and enlarged. Not by remap(), which
    # rounds places to 1/32 of a cell and would leave steps.
    columns, rows = -(-width // _CELL) + 2, -(-height // _CELL) + 2
    x = ((np.arange(columns) - 1) * _CELL + (_CELL - 1) / 2 - width / 2) / width
    y = ((np.arange(rows) - 1) * _CELL + (_CELL - 1) / 2 - height / 2) / width
    across, down = np.meshgrid(x, y)
    level = np.stack([across.ravel(), down.ravel()], axis=1)
    bent = level + np.stack([np.zeros(len(level)), _lower(level[:, 0], level[:, 1], shape.surface, shape.span)], axis=1)
    lying = bent @ _turn(shape.tilt).T
    from_x = (lying[:, 0] * width + width / 2).reshape(rows, columns).astype(np.float32)
    from_y = (lying[:, 1] * width + height / 2).reshape(rows, columns).astype(np.float32)
    return _enlarged(from_x, width, height), _enlarged(from_y, width, height)


def bend_of(lines: list[Points]) -> float:
    """The median over lines of their greatest distance from a straight line, in the unit of the points."""
    deviations = [_deviation(line) for line in lines]
    return float(np.median(deviations)) if deviations else 0.0


def _deviation(line: Points) -> float:
    slope, offset = np.polyfit(line[:, 0], line[:, 1], 1)
    off = np.abs(line[:, 1] - slope * line[:, 0] - offset)
    # A comma or a tall letter moves one point, not a line: the second and third highest do not share its accident.
    return float(np.sort(off)[-min(3, len(off))])


def _tilt(ink: Ink, lines: list[Points]) -> float | None:
    """Degrees clockwise that the text leans by; None when there is too little of it, or when it disagrees.

    Enough long lines tell by their own slopes, even when they bend. Otherwise the rows of pixels tell: at the right
    angle the ink falls into few, full ones (Postl 1986), that of a table's short words too.
    """
    if len(lines) < 3:
        return None
    lean = np.array([np.degrees(np.arctan(np.polyfit(line[:, 0], line[:, 1], 1)[0])) for line in lines])
    lengths = np.array([float(np.ptp(line[:, 0])) for line in lines])
    middle = _weighted_median(lean, lengths)
    long = lengths >= LEAST_WIDTH_SHARE
    if int(long.sum()) >= LEAST_LINES:
        middle = _weighted_median(lean[long], lengths[long])
        spread = float(np.median(np.abs(lean[long] - middle)))
        sure = spread <= max(_MOST_APART / 2, 0.5 * abs(middle))
        return middle if sure and abs(middle) <= MOST_TILT else None
    tilt = _tilt_by_rows(ink)
    return tilt if tilt is not None and abs(middle - tilt) <= _MOST_APART else None


def _tilt_by_rows(ink: Ink) -> float | None:
    y, x = np.nonzero(ink.mask)
    every = max(1, len(x) // _INK_POINTS)
    across, down = x[::every] - ink.mask.shape[1] / 2, y[::every].astype(np.float64)
    coarse = np.arange(-MOST_TILT - 0.5, MOST_TILT + 0.51, 0.5)
    rough = [_fullness(across, down, angle) for angle in coarse]
    best = float(coarse[int(np.argmax(rough))])
    fine = np.arange(best - 0.5, best + 0.51, 0.04)
    scores = [_fullness(across, down, angle) for angle in fine]
    tilt = float(fine[int(np.argmax(scores))])
    clear = max(scores) >= _LEAST_FULLNESS * float(np.median(rough))
    return tilt if clear and abs(tilt) <= MOST_TILT else None


def _fullness(x: NDArray[np.float64], y: NDArray[np.float64], degrees: float) -> float:
    rows = np.round(y - x * np.tan(np.radians(degrees))).astype(np.int64)
    counts = np.bincount(rows - int(rows.min())).astype(np.float64)
    return float((counts**2).sum())


def _weighted_median(values: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    order = np.argsort(values)
    share = np.cumsum(weights[order]) / weights.sum()
    return float(values[order][int(np.searchsorted(share, 0.5))])


def _turn(degrees: float) -> NDArray[np.float64]:
    angle = np.radians(degrees)
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def _terms(
    x: NDArray[np.float64], y: NDArray[np.float64], span: tuple[float, float, float, float]
) -> NDArray[np.float64]:
    """(n, _ACROSS * (_DOWN + 1)). Beyond the text's sides the surface goes on straight: polynomials run away there."""
    left, right, top, bottom = span
    u = np.clip((2 * x - left - right) / max(right - left, 1e-6), -_BEYOND, _BEYOND)
    v = np.clip((2 * y - top - bottom) / max(bottom - top, 1e-6), -1.0, 1.0)
    inside = np.clip(u, -1.0, 1.0)
    legendre = np.polynomial.legendre.legvander(inside, _ACROSS)[:, 1:]
    order = np.arange(1, _ACROSS + 1)
    slopes = np.where(u[:, None] > 0, 1.0, (-1.0) ** (order + 1)) * order * (order + 1) / 2
    legendre = legendre + slopes * (u - inside)[:, None]
    powers = np.vander(v, _DOWN + 1, increasing=True)
    return np.asarray((legendre[:, :, None] * powers[:, None, :]).reshape(len(u), -1), np.float64)


def _lower(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    surface: NDArray[np.float64],
    span: tuple[float, float, float, float],
) -> NDArray[np.float64]:
    return np.asarray(_terms(x, y, span) @ surface.ravel(), np.float64)


def _fit(lines: list[Points], span: tuple[float, float, float, float], pixel: float) -> NDArray[np.float64]:
    """The surface, (_ACROSS, _DOWN + 1): least squares with a height of its own for each line, Huber's weights."""
    which = np.concatenate([np.full(len(line), number) for number, line in enumerate(lines)])
    points = np.concatenate(lines)
    heights = np.array([float(np.median(line[:, 1])) for line in lines])
    weights = np.ones(len(points))
    surface = np.zeros((_ACROSS, _DOWN + 1))
    for _ in range(_ROUNDS):
        terms = _terms(points[:, 0], heights[which], span)
        columns = np.concatenate([terms, np.eye(len(lines))[which]], axis=1)
        scaled = columns * weights[:, None]
        square = scaled.T @ columns
        ridge = np.full(len(square), 1e-9)
        ridge[: terms.shape[1]] = _RIDGE * len(points) / terms.shape[1]
        solved = np.linalg.solve(square + np.diag(ridge), scaled.T @ points[:, 1])
        surface = solved[: terms.shape[1]].reshape(_ACROSS, _DOWN + 1)
        heights = solved[terms.shape[1] :]
        off = np.abs(columns @ solved - points[:, 1])
        weights = 1.0 / np.maximum(off / (_HUBER_PX * pixel), 1.0)
    return surface


def _bend_left_out(lines: list[Points], span: tuple[float, float, float, float], pixel: float) -> float:
    """The bend that remains on each half of the lines after fitting the other half."""
    remaining: list[Points] = []
    for start in (0, 1):
        surface = _fit(lines[start::2], span, pixel)
        for line in lines[1 - start :: 2]:
            height = np.full(len(line), float(np.median(line[:, 1])))
            lower = _lower(line[:, 0], height, surface, span)
            remaining.append(np.stack([line[:, 0], line[:, 1] - lower], axis=1))
    return bend_of(remaining)


def _enlarged(grid: Map, width: int, height: int) -> Map:
    rows, columns = grid.shape
    large = cv2.resize(grid, (columns * _CELL, rows * _CELL), interpolation=cv2.INTER_LINEAR)
    return np.ascontiguousarray(large[_CELL : _CELL + height, _CELL : _CELL + width], np.float32)
