"""Whether single characters stand upright, lie on a side or on their heads: a small network of our own.

The classifier of whole lines (`direction`) knows only upright and upside down, and is as sure of characters that lie on
their side. This one looks at windows of about one character: gradients in six directions in 6 x 6 cells (Dalal and
Triggs 2005), one hidden layer of 64. Trained by `benchmarks/train/upright.py` on drawn Chinese and Latin text. A single
window says little; a page has hundreds.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.faces import EngineError, Image
from kiosk.vision.pages.lines import Box, Ink

WEIGHTS = Path(__file__).parent.parent / "weights" / "upright.npz"
SHA256 = "7ec7aa5cbd2d328f71b2573f6b11378ae5b9522c00edad67cafed2c5a38acda5"
WINDOW = 32
TURNS = (0, 90, 180, 270)
"""The classes: degrees counter-clockwise that a window's characters were turned by."""
DIRECTIONS, CELLS = 6, 6
FEATURES = DIRECTIONS * CELLS * CELLS

Windows = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Lying:
    """How the characters along lines of text stand.

    Attributes:
        windows: how many were looked at.
        standing: by how much upright or upside down is likelier than lying on a side, in mean log probability.
        turn: 90 or 270, the likelier side: degrees counter-clockwise that they were turned by.
        lead: by how much `turn` is likelier than everything else.
    """

    windows: int
    standing: float
    turn: int
    lead: float


def windows_of(image: Image, ink: Ink, boxes: Sequence[Box], most: int = 8) -> Windows:
    """Squares of about one character along lines of text, at most `most` a line: (n, 32, 32) grey.

    Each is set on the ink of its own place, for lines may lean or bend.
    """
    side = max(4, round(_SIDE * ink.height))
    found = []
    for left, top, width, height in boxes:
        for x in (
            np.linspace(left, max(left, left + width - side), min(most, max(1, width // side))).astype(int).tolist()
        ):
            rows = ink.mask[top : top + height, x : x + side].sum(axis=1, dtype=np.float64)
            if rows.sum() < side:
                continue
            middle = top + float((np.arange(len(rows)) * rows).sum() / rows.sum())
            start = max(0, round(middle - side / 2))
            part = image[start : start + side, x : x + side]
            if min(part.shape[:2]) >= 0.8 * side:
                grey = cv2.cvtColor(np.ascontiguousarray(part), cv2.COLOR_BGR2GRAY)
                found.append(cv2.resize(grey, (WINDOW, WINDOW), interpolation=cv2.INTER_AREA))
    return np.stack(found).astype(np.uint8) if found else np.zeros((0, WINDOW, WINDOW), np.uint8)


def features(windows: Windows) -> NDArray[np.float32]:
    """(n, 216): how much edge of each direction lies in each cell, as square roots of shares of the window's edges."""
    raw = windows.astype(np.float32)
    pixels = (raw[:, :-1, :-1] + raw[:, 1:, :-1] + raw[:, :-1, 1:] + raw[:, 1:, 1:]) / np.float32(4)
    across = pixels[:, 1:-1, 2:] - pixels[:, 1:-1, :-2]
    down = pixels[:, 2:, 1:-1] - pixels[:, :-2, 1:-1]
    size = np.hypot(across, down)
    angle = np.mod(np.arctan2(down, across), np.pi) * (DIRECTIONS / np.pi)
    # Each edge counts for the two directions it lies between, so that a small tilt changes little.
    lower = np.floor(angle)
    part = angle - lower
    first = lower.astype(np.int64) % DIRECTIONS
    edges = np.zeros((len(windows), DIRECTIONS, *size.shape[1:]), np.float32)
    np.put_along_axis(edges, first[:, None], (size * (1 - part))[:, None], axis=1)
    second = np.zeros_like(edges)
    np.put_along_axis(second, ((first + 1) % DIRECTIONS)[:, None], (size * part)[:, None], axis=1)
    edges += second
    borders = np.linspace(0, size.shape[1], CELLS + 1).round().astype(int)[:-1]
    cells = np.add.reduceat(np.add.reduceat(edges, borders, axis=2), borders, axis=3)
    flat = cells.reshape(len(windows), FEATURES)
    return np.asarray(np.sqrt(flat / np.maximum(flat.sum(axis=1, keepdims=True), 1e-6)) * 10.0, np.float32)


def odds(windows: Windows) -> NDArray[np.float64]:
    """Log probabilities, (n, 4), of each window's being turned counter-clockwise by 0, 90, 180 and 270 degrees.

    Raises:
        EngineError: the weights are missing or altered.
    """
    if not len(windows):
        return np.zeros((0, len(TURNS)))
    into, hidden, out, last = _weights()
    logits = np.maximum(features(windows) @ into + hidden, 0.0) @ out + last
    logits = logits - logits.max(axis=1, keepdims=True)
    return np.asarray(logits - np.log(np.exp(logits).sum(axis=1, keepdims=True)), np.float64)


def lying(image: Image, ink: Ink, boxes: Sequence[Box]) -> Lying:
    """Whether the characters of a picture's lines of text lie on their side."""
    votes = odds(windows_of(image, ink, boxes))
    if not len(votes):
        return Lying(0, 0.0, 0, 0.0)
    mean = np.maximum(votes, _LEAST_LOG).mean(axis=0)
    upright, side = mean[[0, 2]].max(), mean[[1, 3]]
    turn = 90 if side[0] >= side[1] else 270
    others = [float(value) for place, value in enumerate(mean) if TURNS[place] != turn]
    return Lying(len(votes), float(upright - side.max()), turn, float(side.max()) - max(others))


_SIDE = 1.4
_LEAST_LOG = -4.0
"""One window that is very sure and wrong must not outweigh many."""


@cache
def _weights() -> tuple[NDArray[np.float32], ...]:
    try:
        data = WEIGHTS.read_bytes()
    except OSError as error:
        raise EngineError(f"{WEIGHTS.name} is missing") from error
    if hashlib.sha256(data).hexdigest() != SHA256:
        raise EngineError(f"{WEIGHTS.name} is not the one expected")
    with np.load(WEIGHTS, allow_pickle=False) as arrays:
        return tuple(np.asarray(arrays[name], np.float32) for name in ("into", "hidden", "out", "last"))
