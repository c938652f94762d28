"""What the desk looks like without papers, learned while it is used."""

from collections.abc import Callable

import cv2
import numpy as np

from kiosk.vision.faces import Image
from kiosk.vision.observation import PaperProblem
from kiosk.vision.papers.empty_kept import KeptDesk
from kiosk.vision.papers.finding import Found, find

KEPT_SIDE = 256
"""Longest side of the copy that is kept, in pixels: enough to compare with, too little to read anything in it."""
QUIET_LOOKS = 4
"""So many pictures in a row without a paper, and alike, show the empty desk."""
DOUBTS = 10
"""After so many refused pictures in a row the page is looked for without the empty desk: it may be another by now."""
_ALIKE = 3.0
"""Mean difference of two pictures of the same desk, in levels."""
_OF_THE_PLACE = frozenset(
    {PaperProblem.CUT_OFF, PaperProblem.TOO_LARGE, PaperProblem.SEVERAL, PaperProblem.HAND, PaperProblem.UNSURE}
)


class EmptyDesk:
    """Finds pages, and learns the empty desk from pictures that show none. One thread.

    What was learned is given up when it stands in the way: a paper lay there unseen, the camera was turned, a lamp was
    switched on. So nobody is stuck because of it.

    Args:
        look: finds a page in a picture, where the second is the empty desk or None.
        kept: keeps what is learned over a restart; None where nothing does.
    """

    def __init__(
        self, look: Callable[[Image, Image | None], Found | None] = find, kept: KeptDesk | None = None
    ) -> None:
        self._look, self._files = look, kept
        before = None if kept is None else kept.read()
        self._kept: Image | None = None if before is None else _small(before)
        self._last: Image | None = None
        self._quiet = self._doubts = 0

    @property
    def known(self) -> Image | None:
        """The empty desk, small; None until it was seen."""
        return self._kept

    def find(self, image: Image) -> Found | None:
        """The page in a picture, or None; see `kiosk.vision.papers.find`."""
        found = self._look(image, self._kept)
        if self._kept is None:
            self._learn(image, found)
            return found
        if found is None:
            return self._nothing_new(image)
        if found.problem not in _OF_THE_PLACE:
            self._doubts = 0
            return found
        self._doubts += 1
        if self._doubts < DOUBTS:
            return found
        self.forget()
        return self._look(image, None)

    def forget(self) -> None:
        """Begin anew: it is learned again from the next pictures without a paper."""
        self._kept = self._last = None
        self._quiet = self._doubts = 0
        if self._files is not None:
            self._files.given_up()

    def _nothing_new(self, image: Image) -> Found | None:
        """A paper that lay there when the desk was learned is no news; it is seen on its own, though."""
        self._doubts = 0
        alone = self._look(image, None)
        if alone is not None and alone.problem not in _OF_THE_PLACE:
            self.forget()
            return alone
        self._learn(image, alone)  # the light changes within a day
        return None

    def _learn(self, image: Image, found: Found | None) -> None:
        if found is not None:
            self._quiet = 0
            return
        small = _small(image)
        if small is None:
            return
        self._quiet = self._quiet + 1 if self._last is not None and _alike(small, self._last) else 1
        self._last = small
        if self._quiet >= QUIET_LOOKS:
            self._kept = small
            if self._files is not None:
                self._files.learned(small)


def _small(image: Image) -> Image | None:
    if image.ndim != 3 or image.size == 0:
        return None
    scale = min(1.0, KEPT_SIDE / max(image.shape[:2]))
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def _alike(one: Image, other: Image) -> bool:
    return one.shape == other.shape and float(cv2.absdiff(one, other).mean()) <= _ALIKE
