"""Evens out the light on a page, and makes grey and bilevel pictures of it.

The paper's own brightness is taken from the bright part of small cells. Light changes slowly from cell to cell; what
jumps is printed: a photo, a seal, a coloured bar. Cells are therefore joined to their neighbours only where they differ
little, the largest joined region is the paper, the others get the light of the paper around them, and so keep their
tone. A hard shadow jumps as well: it stays, and the finder of pages names it (SHADOW).
"""

from collections import deque
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.faces import Image
from kiosk.vision.pages.picture import PageProblem, as_picture, grey_of, reduced

SIDE = 960
CELL = 16
"""Of the reduced copy, in pixels: larger than a character's stroke, smaller than a photo."""
BRIGHT_SHARE = 0.2
"""The brightest part of a cell counts as its paper."""
MOST_JUMP = 0.05
"""Between neighbouring cells of one paper, as a natural logarithm; per colour as well."""
LEAST_PAPER_SHARE = 0.4
DARKEST_PAPER = 70.0
MOST_GAIN = 4.0
NEUTRAL = 1.06
"""Paper whose strongest colour is at most this much above its weakest becomes white; another keeps its colour."""
WHITE, COLOURED = 255.0, 250.0
_LEAST_CLIP, _MOST_CLIP, _NOISES = 0.03, 0.10, 2.5
_DARKER = 0.75
_STRIP = 512
SAUVOLA_K = 0.10
_LEAST_CONTRAST, _BLACK = 12.0, 32.0


@dataclass(frozen=True, slots=True, eq=False)
class Light:
    """The light on a page.

    Attributes:
        sure: whether enough paper was found to tell.
        variation: the 95th by the 5th percentile of the paper's brightness, 1 for even light.
        paper: share of the page that is plain paper.
        field: (rows, columns, 3) the paper's colour at each cell.
        noise: standard deviation in shares of the paper's brightness.
    """

    sure: bool
    variation: float
    paper: float
    field: NDArray[np.float32]
    noise: float


def light_of(page: Image) -> Light:
    """Measure the light on a page."""
    picture, problem = as_picture(page)
    if problem is not PageProblem.NONE:
        return Light(sure=False, variation=1.0, paper=0.0, field=np.ones((1, 1, 3), np.float32), noise=0.0)
    small, _ = reduced(picture, SIDE)
    cells = _cells(small)
    paper = _joined(cells)
    share = float(paper.mean())
    field = _filled(cells, paper)
    bright = field.max(axis=2)
    high, low = np.percentile(bright[paper], [95, 5]) if paper.any() else (1.0, 1.0)
    sure = share >= LEAST_PAPER_SHARE and float(np.median(bright)) >= DARKEST_PAPER
    return Light(sure, float(high / max(low, 1.0)), share, field, _noise(picture, field))


def flattened(page: Image, light: Light) -> Image:
    """The page as in even light: plain white paper becomes white, coloured paper keeps its colour.

    Seals and photos keep theirs, being divided by the light of the paper around them. A page whose light is unsure is
    returned as it is.
    """
    if not light.sure:
        return page
    height, width = page.shape[:2]
    target = _target(light)
    gain = np.minimum(target / np.maximum(light.field, 1.0), MOST_GAIN).astype(np.float32)
    white = bool((target == WHITE).all())
    # Noise around white would cost more bytes than the text: what lies that near to the paper is paper.
    lift = 1.0 / (1.0 - min(max(_NOISES * light.noise, _LEAST_CLIP), _MOST_CLIP)) if white else 1.0
    out = np.empty_like(page)
    # In strips: the whole page in floating point would take 100 MB.
    for top in range(0, height, _STRIP):
        part = page[top : top + _STRIP].astype(np.float32)
        part *= _enlarged(gain, width, height, top, len(part))
        if lift > 1.0:
            part = _lifted(part, lift)
        out[top : top + _STRIP] = cv2.convertScaleAbs(part)
    return out


def bilevel(page: Image) -> NDArray[np.uint8]:
    """Black on white, (height, width) of 0 and 255, by Sauvola's local threshold.

    Sauvola and Pietikainen, Adaptive document image binarization (2000): mean * (1 + k * (deviation / R - 1)), here
    with k = 0.10, windows of 1/24 of the page's width, and for R the page's own greatest deviation (Wolf and Jolion
    2003), so that pale print stays. The darkest of the three colours counts: red seals and blue captions are ink.

    Returns:
        An empty array for what is no picture.
    """
    picture, problem = as_picture(page)
    if problem is not PageProblem.NONE:
        return np.zeros((0, 0), np.uint8)
    darkest = cv2.min(cv2.min(picture[:, :, 0], picture[:, :, 1]), picture[:, :, 2])
    values = cv2.GaussianBlur(darkest, (3, 3), 0).astype(np.float32)
    window = max(15, values.shape[1] // 24) | 1
    mean = cv2.boxFilter(values, cv2.CV_32F, (window, window), borderType=cv2.BORDER_REPLICATE)
    squares = cv2.boxFilter(values * values, cv2.CV_32F, (window, window), borderType=cv2.BORDER_REPLICATE)
    deviation = np.sqrt(np.maximum(squares - mean * mean, 0.0))
    widest = max(float(deviation.max()), 1.0)
    threshold = mean * (1.0 + SAUVOLA_K * (deviation / widest - 1.0))
    # On even paper noise alone crosses the threshold of a low mean: ink must also be darker than its surroundings.
    ink = ((values < threshold) & (mean - values > _LEAST_CONTRAST)) | (values < _BLACK)
    return _without_dust(np.asarray(np.where(ink, 0, 255), np.uint8))


def _without_dust(page: NDArray[np.uint8]) -> NDArray[np.uint8]:
    count, labels, stats, _ = cv2.connectedComponentsWithStats(cv2.bitwise_not(page), connectivity=8)
    small = stats[:, cv2.CC_STAT_AREA] <= 3
    small[0] = False
    if count > 1 and small.any():
        page = np.where(small[labels], np.uint8(255), page)
    return page


def _cells(small: Image) -> NDArray[np.float32]:
    """(rows, columns, 3): the mean colour of each cell's brightest pixels."""
    height, width = small.shape[:2]
    rows, columns = max(1, -(-height // CELL)), max(1, -(-width // CELL))
    padded = cv2.copyMakeBorder(small, 0, rows * CELL - height, 0, columns * CELL - width, cv2.BORDER_REPLICATE)
    blurred = cv2.GaussianBlur(padded, (3, 3), 0)
    pixels = blurred.reshape(rows, CELL, columns, CELL, 3).transpose(0, 2, 1, 3, 4).reshape(rows, columns, -1, 3)
    order = np.argsort(pixels.sum(axis=3, dtype=np.int32), axis=2)
    many = max(1, round(BRIGHT_SHARE * CELL * CELL))
    brightest = np.take_along_axis(pixels, order[:, :, -many:, None], axis=2)
    return np.asarray(brightest.mean(axis=2), np.float32)


def _joined(cells: NDArray[np.float32]) -> NDArray[np.bool_]:
    """The largest region, weighted by brightness, whose neighbours differ little."""
    logs = np.log(np.maximum(cells, 4.0))
    rows, columns = cells.shape[:2]
    down = np.abs(np.diff(logs, axis=0)).max(axis=2) <= MOST_JUMP
    across = np.abs(np.diff(logs, axis=1)).max(axis=2) <= MOST_JUMP
    labels = np.zeros((rows, columns), np.int32)
    best, best_weight, number = 0, 0.0, 0
    for start in np.ndindex(rows, columns):
        if labels[start]:
            continue
        number += 1
        labels[start] = number
        queue, weight = deque([start]), 0.0
        while queue:
            row, column = queue.popleft()
            weight += float(cells[row, column].mean())
            for other, open_ in (
                ((row - 1, column), row > 0 and bool(down[row - 1, column])),
                ((row + 1, column), row + 1 < rows and bool(down[row, column])),
                ((row, column - 1), column > 0 and bool(across[row, column - 1])),
                ((row, column + 1), column + 1 < columns and bool(across[row, column])),
            ):
                if open_ and not labels[other]:
                    labels[other] = number
                    queue.append(other)
        if weight > best_weight:
            best, best_weight = number, weight
    return np.asarray(labels == best, np.bool_)


def _filled(cells: NDArray[np.float32], paper: NDArray[np.bool_]) -> NDArray[np.float32]:
    """The paper's colour everywhere: where there is no paper, that of the paper around, wider and wider."""
    field = cells * paper[:, :, None]
    known = paper.astype(np.float32)
    out, have = field.copy(), known.copy()
    for sigma in (1.0, 2.0, 4.0, 8.0, 16.0, 32.0):
        if bool((have > 0).all()):
            break
        weight = cv2.GaussianBlur(known, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
        values = cv2.GaussianBlur(field, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
        new = (have == 0) & (weight > 0.02)
        out[new] = values[new] / weight[new][:, None]
        have[new] = 1.0
    rest = have == 0
    if bool(rest.any()):
        out[rest] = cells[paper].mean(axis=0) if bool(paper.any()) else cells.mean(axis=(0, 1))
    return np.asarray(cv2.GaussianBlur(out, (0, 0), 0.8, borderType=cv2.BORDER_REPLICATE), np.float32)


def _noise(page: Image, field: NDArray[np.float32]) -> float:
    """Of the full picture, for averaging hides it: the median distance from the median of the neighbours."""
    height, width = page.shape[:2]
    side = min(height, width, 768)
    top, left = (height - side) // 2, (width - side) // 2
    grey = grey_of(np.ascontiguousarray(page[top : top + side, left : left + side]))
    off = cv2.absdiff(grey, cv2.medianBlur(grey, 5))
    paper = grey > 0.8 * float(np.percentile(grey, 90))
    spread = 1.48 * float(off[paper].mean() * 0.85) if bool(paper.any()) else 0.0
    return spread / max(float(np.median(field)), 1.0)


def _target(light: Light) -> NDArray[np.float32]:
    """The colour, (3,), that the paper gets."""
    bright = light.field.reshape(-1, 3)
    colour = np.median(bright[bright.sum(axis=1) >= np.percentile(bright.sum(axis=1), 50)], axis=0)
    if float(colour.max()) <= NEUTRAL * max(float(colour.min()), 1.0):
        return np.full(3, WHITE, np.float32)
    return np.asarray(colour * (COLOURED / colour.max()), np.float32)


def _lifted(part: NDArray[np.float32], lift: float) -> NDArray[np.float32]:
    """Brightens only what is near to white already: photos and ink keep their tones."""
    level = cv2.min(cv2.min(part[:, :, 0], part[:, :, 1]), part[:, :, 2]) / WHITE
    share = np.clip((level - _DARKER) / (1.0 / lift - _DARKER), 0.0, 1.0)
    return np.asarray(part * (1.0 + (lift - 1.0) * share)[:, :, None], np.float32)


def _enlarged(gain: NDArray[np.float32], width: int, height: int, top: int, many: int) -> NDArray[np.float32]:
    """Rows `top` to `top + many` of the gain at every pixel; a cell's value holds at its middle."""
    rows, columns = gain.shape[:2]
    scale = max(height, width) / SIDE if max(height, width) > SIDE else 1.0
    x = ((np.arange(width, dtype=np.float32) + 0.5) / scale / CELL - 0.5).clip(0, columns - 1)
    y = ((np.arange(top, top + many, dtype=np.float32) + 0.5) / scale / CELL - 0.5).clip(0, rows - 1)
    at_x, at_y = np.meshgrid(x, y)
    return np.asarray(cv2.remap(gain, at_x, at_y, cv2.INTER_LINEAR), np.float32)
