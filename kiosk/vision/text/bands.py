"""Where a machine readable zone may be in a picture: long lines close above each other."""

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.faces import Image
from kiosk.vision.text.lines import Quad, cut, lengths

SEARCH_SIDE = 700
"""The longer side of the copy on which texture is looked for, in pixels."""
LEAST_LENGTH = 0.35
"""A zone is at least that long, as a share of the picture's longer side."""
_MOST_BANDS = 3
_LEAST_ASPECT = 3.5
END_MARGIN = 1 / 3
"""What a strip has before its first and behind its last character, in heights of the strip."""
_LINE_HEIGHT = 64
"""Strips are brought to at least that height, so that small print is read enlarged."""


def strips_by_texture(image: Image) -> Iterator[list[Image]]:
    """Bands of dense fine texture, cut into lines, from the longest to the shortest.

    Closes the gaps between the characters of a black-hat picture (Rosebrock, 2015), with elements in proportion to what
    a zone's characters can be in such a copy.
    """
    scale = SEARCH_SIDE / max(image.shape[:2])
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    size = (max(8, round(image.shape[1] * scale)), max(8, round(image.shape[0] * scale)))
    grey = cv2.cvtColor(np.asarray(cv2.resize(image, size, interpolation=way), np.uint8), cv2.COLOR_BGR2GRAY)
    for turns in (0, 1):
        turned = np.ascontiguousarray(np.rot90(grey, turns))
        source = np.ascontiguousarray(np.rot90(image, turns))
        for quad in _bands(np.asarray(turned, np.uint8)):
            strips = lines_of(cut(source, quad / scale))
            if len(strips) >= 2:
                yield strips


def _bands(grey: NDArray[np.uint8]) -> list[Quad]:
    smooth = cv2.GaussianBlur(grey, (3, 3), 0)
    dark = cv2.morphologyEx(smooth, cv2.MORPH_BLACKHAT, cv2.getStructuringElement(cv2.MORPH_RECT, (19, 9)))
    across = np.abs(np.asarray(cv2.Sobel(dark, cv2.CV_32F, 1, 0), np.float32))
    level = max(float(np.percentile(across, 99.5)), 1.0)
    edges = np.clip(across / level * 255, 0, 255).astype(np.uint8)
    joined = cv2.morphologyEx(edges, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_RECT, (19, 5)))
    _, mask = cv2.threshold(joined, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_RECT, (9, 2)))
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_RECT, (25, 15)))
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    found = []
    for contour in contours:
        quad = _upright(np.asarray(cv2.boxPoints(cv2.minAreaRect(contour)), np.float64))
        along, down = lengths(quad)
        slope = abs(float(np.arctan2(*(quad[1] - quad[0])[::-1])))
        if along >= LEAST_LENGTH * max(grey.shape) and along >= _LEAST_ASPECT * down and down > 8 and slope < 0.4:
            found.append((along, _grown(quad, 0.04 * along, 0.2 * down)))
    return [quad for _, quad in sorted(found, key=lambda one: -one[0])[:_MOST_BANDS]]


def _upright(quad: Quad) -> Quad:
    """Corners clockwise, such that the first side is the upper one of the two longer."""
    if np.hypot(*(quad[1] - quad[0])) < np.hypot(*(quad[2] - quad[1])):
        quad = np.roll(quad, -1, axis=0)
    return quad if quad[0, 0] < quad[1, 0] else np.roll(quad, -2, axis=0)


def _grown(quad: Quad, along: float, down: float) -> Quad:
    x = (quad[1] - quad[0]) / max(float(np.hypot(*(quad[1] - quad[0]))), 1e-6) * along
    y = (quad[3] - quad[0]) / max(float(np.hypot(*(quad[3] - quad[0]))), 1e-6) * down
    return np.asarray(quad + np.array([-x - y, x - y, x + y, y - x]), np.float64)


def lines_of(band: Image) -> list[Image]:
    """Cut a band into its lines, at the rows where there is least ink; the band is straightened before.

    Args:
        band: (height, width, 3), text from left to right.
    """
    if band.shape[0] < 8 or band.shape[1] < 40:
        return []
    scale = max(1.0, 3 * _LINE_HEIGHT / band.shape[0])
    band = np.asarray(cv2.resize(band, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC), np.uint8)
    grey = cv2.cvtColor(band, cv2.COLOR_BGR2GRAY)
    span = max(9, band.shape[0] // 5) | 1
    dark = np.asarray(
        cv2.morphologyEx(grey, cv2.MORPH_BLACKHAT, cv2.getStructuringElement(cv2.MORPH_RECT, (span, span))), np.float32
    )
    slope = _slope(dark)
    if slope:
        matrix = np.array([[1.0, 0.0, 0.0], [-slope, 1.0, slope * band.shape[1] / 2]])
        size = (band.shape[1], band.shape[0])
        band = np.asarray(cv2.warpAffine(band, matrix, size, borderMode=cv2.BORDER_REPLICATE), np.uint8)
        dark = np.asarray(cv2.warpAffine(dark, matrix, size), np.float32)
    profile = cv2.GaussianBlur(dark.mean(axis=1).reshape(-1, 1), (1, 5), 0).ravel()
    rows = _runs(np.asarray(profile, np.float64))
    ends = [0.0, *((rows[place][1] + rows[place + 1][0]) / 2 for place in range(len(rows) - 1)), float(band.shape[0])]
    strips = []
    for place, (start, end) in enumerate(rows):
        margin = 0.3 * (end - start)
        upper, lower = max(ends[place], start - margin), min(ends[place + 1], end + margin)
        strip = band[round(upper) : round(lower)]
        if strip.shape[0] >= 8:
            strips.append(_trimmed(strip, dark[round(upper) : round(lower)]))
    return strips


def _slope(dark: NDArray[np.float32]) -> float:
    """The shear under which the rows differ most from each other, as a part of the width."""
    small = cv2.resize(dark, (200, min(200, dark.shape[0])), interpolation=cv2.INTER_AREA)
    ratio = dark.shape[0] / dark.shape[1] * small.shape[1] / small.shape[0]
    best, chosen = -1.0, 0.0
    for step in range(-12, 13):
        slope = step * 0.005
        matrix = np.array([[1.0, 0.0, 0.0], [-slope / ratio, 1.0, slope / ratio * small.shape[1] / 2]])
        sheared = cv2.warpAffine(small, matrix, (small.shape[1], small.shape[0]))
        spread = float(np.var(np.asarray(sheared, np.float32).mean(axis=1)))
        if spread > best * 1.005:
            best, chosen = spread, slope
    return chosen


def _runs(profile: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Where rows of characters are: above the middle between ink and none, of about the same height."""
    low, high = float(np.percentile(profile, 5)), float(np.percentile(profile, 92))
    inked = profile > low + 0.35 * (high - low)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], inked, [False]]).astype(np.int8)))
    runs = [(int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True)]
    tallest = max((end - start for start, end in runs), default=0)
    return [(start, end) for start, end in runs if end - start >= 0.5 * tallest]


def _trimmed(strip: Image, dark: NDArray[np.float32]) -> Image:
    """Without the empty ends, so that the line's length is the zone's."""
    inked = dark.max(axis=0) > 0.35 * float(np.percentile(dark.max(axis=0), 90))
    places = np.flatnonzero(inked)
    if len(places) < 10:
        return strip
    margin = round(END_MARGIN * strip.shape[0])
    return np.ascontiguousarray(strip[:, max(0, places[0] - margin) : places[-1] + margin])


def strips_of_lines(image: Image, quads: Sequence[Quad]) -> Iterator[list[Image]]:
    """Groups of long lines close above each other, pieces of one line joined, from the page's foot upwards."""
    joined = _joined(quads)
    if not joined:
        return
    longest = max(lengths(quad)[0] for quad in joined)
    long = [quad for quad in joined if lengths(quad)[0] > 0.7 * longest and lengths(quad)[0] > 8 * lengths(quad)[1]]
    long.sort(key=lambda quad: float(quad[:, 1].mean()))
    groups: list[list[Quad]] = []
    for quad in long:
        last = groups[-1][-1] if groups else None
        if last is not None and _close(last, quad):
            groups[-1].append(quad)
        else:
            groups.append([quad])
    for group in reversed(groups):
        if len(group) >= 2:
            yield [cut(image, _grown(quad, END_MARGIN * lengths(quad)[1], 0.0)) for quad in group[-4:]]


def _close(upper: Quad, lower: Quad) -> bool:
    apart = float(lower[:, 1].mean() - upper[:, 1].mean())
    height = max(lengths(upper)[1], lengths(lower)[1])
    return apart < 2.6 * height and abs(float(lower[0, 0] - upper[0, 0])) < 0.15 * lengths(upper)[0]


def _joined(quads: Sequence[Quad]) -> list[Quad]:
    """Pieces of one line as one, where nothing but a gap of a few characters is between them."""
    result: list[Quad] = []
    for quad in sorted(quads, key=lambda quad: float(quad[0, 0])):
        for place, other in enumerate(result):
            height = min(lengths(quad)[1], lengths(other)[1])
            level = (quad[0] + quad[3]) / 2 - (other[1] + other[2]) / 2
            if abs(level[1]) < 0.4 * height and -1.5 * height < level[0] < 6 * height:
                result[place] = np.array([other[0], quad[1], quad[2], other[3]])
                break
        else:
            result.append(quad)
    return result
