"""Which way up a page is, from its text: 0, 90, 180 or 270 degrees.

Whether lines run across or down is seen from how marks join when gaps are closed (`lines`). Whether they stand on their
heads is voted by a small network (PP-OCR's text direction classifier, Apache-2.0, from the `rapidocr` package, checked
by hash, run by OpenCV) over the longest lines. It is as sure of characters that lie on their side: a network of our own
(`upright`) sees that, so that a page written in columns from top to bottom is not laid down.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.engines import weights
from kiosk.vision.faces import Face, Image
from kiosk.vision.pages import upright
from kiosk.vision.pages.lines import LEAST_CHARACTERS, Ink, ink_of, line_boxes, running_length
from kiosk.vision.pages.picture import PageProblem, as_picture, grey_of, reduced

MODEL = "ch_ppocr_mobile_v2.0_cls_mobile.onnx"
SHA256 = "e47acedf663230f8863ff1ab0e64dd2d82b838fceb5957146dab185a89d6215c"
SIDE = 1400
"""Longer side of the copy that is looked at."""
MOST_LINES = 16
LEAST_LINES = 3
LEAST_VOTE = 12.0
"""Sum of the lines' log odds. A sure line has 9. Measured: cards of 240 pixels 17, posters without lines at most 8."""
LEAST_LEAD = 1.2
"""Text must run so much longer one way than the other."""
LEAST_AGREEMENT = 0.7
"""Share of the lines' votes, by weight, for the winner."""
LEAST_STANDING = 0.5
"""Mean log odds that characters do not lie on their side. Measured: in lines 0.7 to 3.8, in columns below -0.3."""
LEAST_LEAD_OF_COLUMNS, LEAST_WINDOWS = 0.8, 60
_SMALL_CHARACTER = 12.0
_HEIGHT, _WIDTH = 48, 192
_MOST_ODDS = 1e-4


@dataclass(frozen=True, slots=True)
class Direction:
    """Which way a page must be turned.

    Attributes:
        turn: degrees clockwise that bring it upright: 0, 90, 180 or 270; None when unsure.
        lines: how many lines voted.
        vote: sum of their log odds for `turn`.
    """

    turn: int | None
    lines: int
    vote: float


class DirectionReader:
    """The network that tells upright lines from those on their heads. One thread."""

    def __init__(self) -> None:
        """Load it.

        Raises:
            EngineError: the weights are missing or altered.
        """
        self._net = cv2.dnn.readNetFromONNX(weights("rapidocr", MODEL, SHA256))

    def odds(self, strips: Sequence[Image]) -> NDArray[np.float64]:
        """For each line of text, (h, w, 3): the log odds that it stands upright, -9.2 to 9.2."""
        answers = []
        for strip in strips:
            part = strip[:, : strip.shape[0] * _WIDTH // _HEIGHT]
            width = min(_WIDTH, max(1, int(np.ceil(_HEIGHT * part.shape[1] / part.shape[0]))))
            scaled = cv2.resize(part, (width, _HEIGHT), interpolation=cv2.INTER_AREA)
            blob = np.zeros((1, 3, _HEIGHT, _WIDTH), np.float32)
            blob[0, :, :, :width] = scaled.astype(np.float32).transpose(2, 0, 1) / 127.5 - 1.0
            self._net.setInput(blob)
            upright, turned = np.asarray(self._net.forward(), np.float64).reshape(-1)[:2]
            answers.append(float(np.log((upright + _MOST_ODDS) / (turned + _MOST_ODDS))))
        return np.array(answers, np.float64)


def direction_of(page: Image, reader: DirectionReader) -> Direction:
    """Which way up the text of a page is; unsure (None) without enough of it, or when it disagrees."""
    picture, problem = as_picture(page)
    if problem is not PageProblem.NONE:
        return Direction(None, 0, 0.0)
    small, _ = reduced(picture, SIDE)
    ink = ink_of(grey_of(small))
    if ink.marks >= LEAST_CHARACTERS and ink.height < _SMALL_CHARACTER and max(small.shape[:2]) <= SIDE // 2:
        # Strokes of small characters run together: a cards' picture of 300 pixels is judged enlarged.
        small = np.asarray(cv2.resize(small, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), np.uint8)
        ink = ink_of(grey_of(small))
    if ink.marks < LEAST_CHARACTERS:
        return Direction(None, 0, 0.0)
    on_side = ink.turned()
    across, down = running_length(ink), running_length(on_side)
    if max(across, down) < LEAST_LEAD * min(across, down) or max(across, down) == 0.0:
        return Direction(None, 0, 0.0)
    if across > down:
        return _vote(small, ink, reader, (0, 180))
    # np.rot90 turns counter-clockwise: text that is upright then must be turned by 270 degrees clockwise.
    return _vote(np.ascontiguousarray(np.rot90(small)), on_side, reader, (270, 90))


def _vote(image: Image, ink: Ink, reader: DirectionReader, turns: tuple[int, int]) -> Direction:
    strips = []
    boxes = line_boxes(ink)[:MOST_LINES]
    for left, top, width, height in boxes:
        around = max(1, round(0.15 * height))
        strips.append(
            image[max(0, top - around) : top + height + around, max(0, left - around) : left + width + around]
        )
    lying = upright.lying(image, ink, boxes)
    if lying.standing < LEAST_STANDING:
        if lying.lead >= LEAST_LEAD_OF_COLUMNS and lying.windows >= LEAST_WINDOWS:
            return Direction((turns[0] + lying.turn) % 360, len(strips), round(lying.lead * lying.windows, 1))
        return Direction(None, len(strips), 0.0)
    # What is no text gets the same answer either way up: only what changes with the strip's turn counts.
    over = [np.ascontiguousarray(strip[::-1, ::-1]) for strip in strips]
    votes = (reader.odds(strips) - reader.odds(over)) / 2.0
    total, weight = float(votes.sum()), float(np.abs(votes).sum())
    agreement = 0.5 + 0.5 * abs(total) / max(weight, 1e-9)
    if len(strips) < LEAST_LINES or abs(total) < LEAST_VOTE or agreement < LEAST_AGREEMENT:
        return Direction(None, len(strips), round(abs(total), 1))
    return Direction(turns[0] if total > 0 else turns[1], len(strips), round(abs(total), 1))


def upright_by_face(faces: Sequence[Face]) -> float:
    """How sure the detector is of the largest face, 0 to 1, if its eyes stand above its mouth; otherwise 0."""
    if not faces:
        return 0.0
    points = faces[0].points
    down = points[3:].mean(axis=0) - points[:2].mean(axis=0)
    stands = down[1] > 2.0 * abs(float(down[0])) and points[1][0] > points[0][0]
    return float(faces[0].score) if stands else 0.0


def turned(image: Image, degrees: int) -> Image:
    """The picture turned clockwise by 0, 90, 180 or 270 degrees."""
    return np.ascontiguousarray(np.rot90(image, k=(-degrees // 90) % 4))
