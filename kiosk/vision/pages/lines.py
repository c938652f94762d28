"""Where the lines of text run. Chinese and Latin: characters of a line stand closer than lines do."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

LEAST_CHARACTERS = 12
"""Fewer marks than this are no text to judge a page by."""
_CONTRAST = 18.0
_MOST_MARK_SHARE = 0.08
_CLOSINGS = (0.4, 0.7, 1.1)
"""In heights of a character; the gap within a line is smaller than the gap between lines."""

Mask = NDArray[np.uint8]
Points = NDArray[np.float64]
Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Ink:
    """The marks of a page that are about as large as characters.

    Attributes:
        mask: (height, width), 1 where there is ink.
        height: of a character in pixels; 0 without any.
        marks: how many.
    """

    mask: Mask
    height: float
    marks: int

    def turned(self) -> "Ink":
        """The same, a quarter turn counter-clockwise."""
        return Ink(np.ascontiguousarray(np.rot90(self.mask)), self.height, self.marks)


def ink_of(grey: NDArray[np.uint8]) -> Ink:
    """What is darker than the paper around it, without pictures, frames and dust."""
    paper = cv2.medianBlur(cv2.dilate(grey, np.ones((7, 7), np.uint8)), 21)
    darker = cv2.subtract(paper, grey)
    level, _ = cv2.threshold(darker, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    mask = (darker > max(0.8 * level, _CONTRAST)).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    sides = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    keep = (sides >= 4) & (sides <= _MOST_MARK_SHARE * max(grey.shape)) & (stats[:, cv2.CC_STAT_AREA] >= 5)
    keep[0] = False
    count = int(keep.sum())
    # Chinese characters fall into strokes; the larger marks are whole ones.
    height = float(np.percentile(sides[keep], 70)) if count else 0.0
    return Ink(keep[labels].astype(np.uint8), height, count)


def line_boxes(ink: Ink, share: float = 1.1) -> list[Box]:
    """Boxes (left, top, width, height) of lines of text that run from left to right, the longest first.

    Args:
        ink: the page's marks.
        share: gaps up to this many heights of a character are closed.
    """
    if ink.marks == 0:
        return []
    reach = max(3, round(ink.height * share))
    closed = cv2.morphologyEx(ink.mask, cv2.MORPH_CLOSE, np.ones((1, reach), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(closed, connectivity=8)
    boxes: list[Box] = []
    for left, top, width, height, _area in stats[1:].tolist():
        if width >= 3.0 * height and width >= 4 * ink.height and 0.5 * ink.height <= height <= 2.6 * ink.height:
            boxes.append((left, top, width, height))
    return sorted(boxes, key=lambda box: -box[2])


def running_length(ink: Ink) -> float:
    """How much text runs from left to right, in heights of a character, over several widths of gap."""
    if ink.marks == 0:
        return 0.0
    return sum(box[2] for share in _CLOSINGS for box in line_boxes(ink, share)) / ink.height


def traced(ink: Ink) -> list[Points]:
    """The middles of lines that run roughly from left to right: for each line (n, 2) points x, y, in pixels.

    Lines may bend and tilt by up to about 8 degrees. The topmost comes first.
    """
    if ink.marks < LEAST_CHARACTERS:
        return []
    reach = max(3, round(ink.height * _CLOSINGS[-1]))
    closed = cv2.morphologyEx(ink.mask, cv2.MORPH_CLOSE, np.ones((1, reach), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(closed, connectivity=8)
    lines: list[Points] = []
    step = max(4, round(1.5 * ink.height))
    for number, (left, top, width, height, area) in enumerate(stats[1:].tolist(), start=1):
        thick = area / max(width, 1)
        if width < 6 * ink.height or not 0.4 * ink.height <= thick <= 1.8 * ink.height:
            continue
        if height > 2.2 * ink.height + 0.15 * width:
            continue  # two lines that touch
        part = labels[top : top + height, left : left + width] == number
        columns = width // step
        cells = part[:, : columns * step].reshape(height, columns, step).sum(axis=2).astype(np.float64)
        weight = cells.sum(axis=0)
        full = weight > 0.25 * step * ink.height
        if int(full.sum()) < 4:
            continue
        y = (np.arange(height)[:, None] * cells).sum(axis=0)[full] / weight[full] + top
        x = (np.arange(columns)[full] + 0.5) * step + left
        lines.append(np.stack([x, y], axis=1))
    return sorted(lines, key=lambda line: float(line[:, 1].mean()))
