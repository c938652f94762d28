"""Proposes, scores, fits and chooses: the candidates for a page in a picture, the best first."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.faces import Image
from kiosk.vision.papers import network, proposals
from kiosk.vision.papers.fit import fitted
from kiosk.vision.papers.geometry import Corners, area, overlap
from kiosk.vision.papers.strips import settled
from kiosk.vision.papers.support import Edges, along_sides, covers, distinct, plausible

SEARCH_SIDE = 480
"""Longest side of the copy that is searched, in pixels."""
_WEIGHED = 160
"""So many of a source are weighed at most, the largest: in noise there are thousands."""
_FITTED = 8
"""So many of the best are fitted in the full picture."""
_SAME, _NEAR = 0.985, 0.8
"""Candidates that overlap that much are one; are the same page with other sides."""
_APART = 2.0
"""Proposals all of whose corners are nearer, in pixels of the searched copy, are fitted to the same place."""
_REACH = 2.5
"""How far a fit may move a side, in pixels of the searched copy."""
_PLAIN = 0.88
"""Edges, sides and page all at or above it: the live picture mostly is that plain, and the rest costs half the time."""
_FINE = 2.5
"""The same once its sides are settled, in pixels of the full picture."""
_MOST_LOST = 0.1
"""Of the score: printed frames are often steeper than the paper's own edge, but not by more."""
_LEAST_EDGES = 0.6
"""A candidate with less is not asked for its sides."""
_HALF_STEP = 8.0
"""A change across a side, in levels, that counts half."""
WEIGHTS = {"edges": 0.3, "steps": 0.2, "sides": 0.25, "page": 0.3, "new": 0.3}


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A quadrilateral that may be the page, and what speaks for it; each 0 to 1, or None where it was not asked.

    Attributes:
        corners: in the full picture's pixels.
        score: all of it together.
        edges: how far its sides lie on edges.
        steps: how much the picture changes across the weaker sides.
        sides: how far they lie on what the network takes for sides.
        page: overlap with what the network takes for paper.
        new: overlap with what is new on the desk.
    """

    corners: Corners
    score: float
    edges: float
    steps: float
    sides: float | None
    page: float | None
    new: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Searched:
    """What was seen in a picture.

    Attributes:
        candidates: the best first.
        said: the network's maps, where there are weights.
        new: what is new on the desk, where the empty desk is known: (192, 256).
        scale: pixels of the searched copy a pixel of the picture.
        sources: the best quadrilateral of each source on its own, in the full picture's pixels.
    """

    candidates: list[Candidate]
    said: network.Maps | None
    new: network.Plane | None
    scale: float
    sources: list[Corners]


def search(image: Image, desk: Image | None = None) -> Searched:
    """Look for a page.

    Args:
        image: (h, w, 3), both at least 64.
        desk: the empty desk, of the same proportions.
    """
    scale = min(1.0, SEARCH_SIDE / max(image.shape[:2]))
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    small = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    empty = None if desk is None else np.asarray(cv2.resize(desk, size, interpolation=cv2.INTER_AREA), np.uint8)
    tiny, change = network.reduced(small, empty)
    said = network.maps(network.fed(tiny, change))
    new = None if change is None else proposals.novelty(change)
    planes = proposals.channels(small)
    judge = _Judge(Edges(planes), said, new, size)
    by_source = []
    if said is not None:
        by_source.append(judge.sift(list(proposals.by_network(said, size))))
    if new is not None:
        by_source.append(judge.sift(list(proposals.by_novelty(new, size))))
    if not any(judge.plain(source) for source in by_source):
        by_source.append(judge.sift(list(proposals.by_edges(planes))))
    quads = distinct([quad for source in by_source for quad in source], 1.5)
    scores = judge.scores(quads)
    sources = [source[int(judge.scores(source).argmax())] / scale for source in by_source if len(source)]
    chosen = _chosen(quads, scores)
    found = judge.settled(image, _differing(judge.fitted(image, chosen, scale)), scale)
    return Searched(found, said, new, scale, sources)


def candidates(image: Image, desk: Image | None = None) -> list[Candidate]:
    """The candidates alone."""
    return search(image, desk).candidates


class _Judge:
    """Weighs what speaks for each proposal."""

    def __init__(
        self, edges: Edges, said: network.Maps | None, new: network.Plane | None, size: tuple[int, int]
    ) -> None:
        self._edges, self._said, self._size = edges, said, size
        self._new = [] if new is None else proposals.new_at_levels(new, network.OUTPUT)

    def sift(self, quads: list[Corners]) -> NDArray[np.float64]:
        """The plausible ones, each once; the largest where there are too many."""
        kept = distinct(quads, 1.5)
        kept = kept[plausible(kept, max(self._size))]
        if len(kept) > _WEIGHED:
            kept = kept[np.argsort([-area(quad) for quad in kept])[:_WEIGHED]]
        return kept

    def plain(self, quads: NDArray[np.float64]) -> bool:
        """Whether one of them is supported by all there is, so that no others need be looked for."""
        if not len(quads):
            return False
        parts = self.parts(quads)
        least = np.min([parts[name] for name in ("edges", "sides", "page") if name in parts], axis=0)
        return bool(least.max() >= _PLAIN)

    def parts(self, quads: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """What speaks for each, by name."""
        parts = {"edges": self._edges.support(quads)}
        if self._said is not None:
            parts["sides"] = along_sides(self._said.sides, quads, self._size)
            parts["page"] = covers(self._said.page, quads, self._size)
        if self._new:
            parts["new"] = np.max([covers(each, quads, self._size) for each in self._new], axis=0)
        return parts

    def scores(self, quads: NDArray[np.float64]) -> NDArray[np.float64]:
        """All of it together."""
        return weighed(self.parts(quads)) if len(quads) else np.zeros(0)

    def fitted(
        self, image: Image, quads: NDArray[np.float64], scale: float, reach: float | None = None
    ) -> list[Candidate]:
        """Fit them in the full picture and score them again, the best first.

        Args:
            image: the full picture.
            quads: (n, 4, 2), in the searched copy.
            scale: of the searched copy.
            reach: how far a side may move, in pixels of the full picture.
        """
        if not len(quads):
            return []
        far = max(3.0, _REACH / scale) if reach is None else reach
        fits = [fitted(image, quad / scale, far) for quad in quads]
        fine = np.array([fit.corners for fit in fits])
        parts = self.parts(fine * scale)
        weakest = np.array([np.sort(fit.steps)[:2].mean() for fit in fits])
        parts["steps"] = weakest / (weakest + _HALF_STEP)
        totals = weighed(parts)

        def of(name: str, place: int) -> float | None:
            return float(parts[name][place]) if name in parts else None

        return [
            Candidate(
                fine[i], float(totals[i]), float(parts["edges"][i]), float(parts["steps"][i]),
                of("sides", i), of("page", i), of("new", i),
            )
            for i in np.argsort(-totals)
        ]  # fmt: skip

    def settled(self, image: Image, found: list[Candidate], scale: float) -> list[Candidate]:
        """Let the best take each side from those near to it where theirs is the page's edge."""
        if not found:
            return found
        best = found[0]
        corners = best.corners
        for other in found[1:]:
            if overlap(corners, other.corners) >= _NEAR and other.edges >= _LEAST_EDGES:
                corners = settled(image, corners, other.corners)
        if not plausible((corners * scale)[None], max(self._size))[0]:
            return found
        # Once more from near by: where a fit ends depends a little on where it began; the live outline would tremble.
        made = self.fitted(image, (corners * scale)[None], scale, reach=_FINE)[0]
        serves = made.score >= best.score - _MOST_LOST and overlap(made.corners, best.corners) >= _NEAR
        return [made, *found] if serves else found


def weighed(parts: dict[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    """The weighted mean of what was asked. (n,)."""
    total = sum(WEIGHTS[name] for name in parts)
    return np.asarray(sum(WEIGHTS[name] * part for name, part in parts.items()) / total, np.float64)


def _chosen(quads: NDArray[np.float64], scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """The best, of which no two are nearly the same."""
    kept: list[Corners] = []
    for place in np.argsort(-scores)[:80]:
        if scores[place] <= 0 or len(kept) == _FITTED:
            break
        if all(np.hypot(*(quads[place] - other).T).max() >= _APART for other in kept):
            kept.append(quads[place])
    return np.array(kept).reshape(-1, 4, 2)


def _differing(found: list[Candidate]) -> list[Candidate]:
    """Leave out those that were fitted to where a better one is."""
    kept: list[Candidate] = []
    for each in found:
        if all(overlap(each.corners, other.corners) < _SAME for other in kept):
            kept.append(each)
    return kept
