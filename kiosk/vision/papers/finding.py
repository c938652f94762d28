"""Says where the page is, how sure that is, and why it does not serve."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.faces import Image
from kiosk.vision.observation import PaperProblem
from kiosk.vision.papers import checks, surroundings
from kiosk.vision.papers.crop import straightened
from kiosk.vision.papers.geometry import Corners, contains, overlap, sides
from kiosk.vision.papers.search import Candidate, Searched, search

LEAST_SIDE = 64
"""Pictures with a shorter side are not searched."""
LEAST_SCORE = 0.35
"""Below it nothing of a page is there."""
LEAST_CONFIDENCE = 0.55
"""Below it the person is asked to move the page: UNSURE."""
LEAST_SHORT_SIDE_PX = 120.0
"""A page with a shorter side cannot be read: TOO_SMALL."""
EDGE_MARGIN = 0.004
"""A corner nearer to the picture's edge than this share of its longer side counts as cut off."""
MOST_PROPORTIONS = 0.02
"""How far an empty desk's picture may differ in proportions and still be of the same camera."""
_RIVAL = 0.8
"""Candidates that overlap less with the best one are rivals."""
_ALL_NEW = 0.85
"""Overlap of a page with what is new on the desk."""


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A page in a picture.

    Attributes:
        corners: in the picture's pixels.
        confidence: 0 to 1: how likely they are right to nine tenths of the page's area or more.
        problem: why it does not serve, or NONE.
    """

    corners: Corners
    confidence: float
    problem: PaperProblem

    def outline(self, image: Image) -> tuple[tuple[float, float], ...]:
        """The corners as shares of the picture's width and height."""
        height, width = image.shape[:2]
        return tuple((round(float(x) / width, 4), round(float(y) / height, 4)) for x, y in self.corners)


def find(image: NDArray[np.generic], desk: NDArray[np.generic] | None = None) -> Found | None:
    """The page in a picture of any size, or None.

    A picture that is not (h, w, 3) uint8, or too small, shows no page. An empty desk that does not fit to the picture
    is not used.

    Args:
        image: (h, w, 3) uint8, BGR.
        desk: the same desk without papers, from the same camera, at any size.
    """
    if not _serves(image):
        return None
    picture = np.asarray(image, np.uint8)
    empty = np.asarray(desk, np.uint8) if desk is not None and _serves(desk) and _alike(image, desk) else None
    searched = search(picture, empty)
    size = (picture.shape[1], picture.shape[0])
    some = bool(searched.candidates) and searched.candidates[0].score >= LEAST_SCORE
    confidence = confidence_of(searched) if some else 0.0
    if (
        confidence < LEAST_CONFIDENCE
        and searched.said is not None
        and surroundings.fills(searched.said, picture, empty)
    ):
        return Found(_whole(size), 0.0, PaperProblem.TOO_LARGE)
    if not some:
        return None
    corners = searched.candidates[0].corners
    return Found(corners, round(confidence, 4), _problem(picture, searched, confidence))


def signs(searched: Searched) -> list[float]:
    """What the confidence is made of, of the best candidate; longer where the empty desk is known."""
    best = searched.candidates[0]
    agree = [overlap(best.corners, source) for source in searched.sources]
    rivals = [each.score for each in searched.candidates[1:] if _rivals(each, best)]
    parts = [best.edges, best.steps, best.sides, best.page, best.new]
    return [best.score - max(rivals, default=0.0), float(np.mean(agree)), min(agree)] + [
        part for part in parts if part is not None
    ]


def _rivals(each: Candidate, best: Candidate) -> bool:
    """Whether it is another page than the best one: not a block of print on it, where all of the best is new."""
    if overlap(each.corners, best.corners) >= _RIVAL:
        return False
    return not (best.new is not None and best.new >= _ALL_NEW and contains(best.corners, each.corners))


def confidence_of(searched: Searched) -> float:
    """How likely the best candidate is right to nine tenths, 0 to 1."""
    values = signs(searched)
    known = CONFIDENCE.get(len(values))
    if known is None:  # no network: nothing that this was fitted for
        return min(values[2], searched.candidates[0].score)
    weights, constant = known
    total = float(np.dot(values, weights)) + constant
    return float(1 / (1 + np.exp(-np.clip(total, -30, 30))))


CONFIDENCE: dict[int, tuple[tuple[float, ...], float]] = {
    8: ((1.635, 0.196, 0.441, -0.545, 0.031, 0.284, 2.109, 1.046), -2.776),
    7: ((0.851, 0.134, 1.204, 0.135, 0.445, 1.375, 1.562), -3.479),
}
"""By how many signs there are (8 where the empty desk is known): weights and constant, fitted on drawn scenes by
`benchmarks/train/paper_confidence.py`."""


def _problem(image: Image, searched: Searched, confidence: float) -> PaperProblem:
    corners = searched.candidates[0].corners
    if _at_edge(corners, (image.shape[1], image.shape[0])):
        return PaperProblem.CUT_OFF
    around = _around(image, searched, sure=confidence >= LEAST_CONFIDENCE)
    if around is not PaperProblem.NONE:
        return around
    if confidence < LEAST_CONFIDENCE:
        return PaperProblem.UNSURE
    return PaperProblem.TOO_SMALL if sides(corners).min() < LEAST_SHORT_SIDE_PX else _reads(image, corners)


def _around(image: Image, searched: Searched, *, sure: bool) -> PaperProblem:
    """What else lies there, as far as there is a network to see it."""
    corners, said = searched.candidates[0].corners, searched.said
    if said is None:
        return PaperProblem.NONE
    known, size = searched.new is not None, (image.shape[1], image.shape[0])
    # Where the empty desk is not known, sheets that lie there for good go on beyond the picture.
    if (known or not sure) and surroundings.beyond(said, corners, size):
        return PaperProblem.CUT_OFF
    if surroundings.covered(said, corners, size, known=known):
        return PaperProblem.HAND
    return PaperProblem.SEVERAL if surroundings.another(said, corners, size, known=known) else PaperProblem.NONE


def _reads(image: Image, corners: Corners) -> PaperProblem:
    inner = checks.inner(straightened(image, corners))
    grey = np.asarray(cv2.cvtColor(inner, cv2.COLOR_BGR2GRAY), np.uint8)
    if checks.sharpness(grey) < checks.LEAST_GRADIENT:
        return PaperProblem.BLURRED
    if checks.lies_on_it(inner):
        return PaperProblem.SEVERAL
    if checks.shadow(inner):
        return PaperProblem.SHADOW
    return PaperProblem.GLARE if checks.glare(grey) else PaperProblem.NONE


def _at_edge(corners: Corners, size: tuple[int, int]) -> bool:
    margin = EDGE_MARGIN * max(size)
    return bool((corners < margin).any() or (corners > np.array(size) - 1 - margin).any())


def _serves(image: NDArray[np.generic]) -> bool:
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
        return False
    return min(int(side) for side in image.shape[:2]) >= LEAST_SIDE


def _alike(image: NDArray[np.generic], desk: NDArray[np.generic]) -> bool:
    ratio = (image.shape[1] / image.shape[0]) / (desk.shape[1] / desk.shape[0])
    return abs(float(ratio) - 1.0) <= MOST_PROPORTIONS


def _whole(size: tuple[int, int]) -> Corners:
    width, height = size[0] - 1.0, size[1] - 1.0
    return np.array([[0.0, 0.0], [width, 0.0], [width, height], [0.0, height]])
