"""Whether a turning face has depth, from the motion of its texture. Holds two grey pictures; no clock, no chance.

A detector's five points are what a network expects of a face: before a sheet of paper that is bent a little it places
them as if a head had turned. Texture does not know what a face is. Small patches about the eyes, the corners of the
mouth and the tip of the nose are followed from picture to picture (Lucas, Kanade 1981; pyramids: Bouguet 2000; tracks
that do not lead back to where they came from are dropped: Kalal 2010). The plane of eyes and mouth gives a homography,
and the nose's patches give the shift against it, as in `parallax`.
"""

from collections import deque
from typing import Final, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.faces import Image
from kiosk.vision.parallax import Glance, Points, levelled, turn_of

PLANE_RADIUS: Final = 0.24
"""About eyes and corners of the mouth, in distances between the pupils."""
NOSE_RADIUS: Final = 0.17
LEAST_PLANE: Final = 10
LEAST_NOSE: Final = 3
LEAST_SHIFT: Final = 0.08
"""Of the nose's texture, in distances between the pupils: 15 degrees for a depth of 0.3."""
LEAST_DEPTH: Final = 0.15
"""Drawn heads with flat noses (0.29) have 0.16 and more, sheets bent to a radius of 1 at most 0.14, flat ones 0.03."""
MOST_DEPTH: Final = 0.9
COSINES: Final = (0.70, 0.97)
"""Of the turns in which texture is believed: further round, the far side is hidden and tracks slip."""
FLAT_DEPTH: Final = 0.05
FLAT_COSINE: Final = 0.87
FLAT_VIEWS: Final = 5
_EACH: Final = 24
_WORKING_PUPILS: Final = 64.0
"""Pictures are reduced so that pupils are at most so many pixels apart: quicker, and less noise."""

_TOGETHER: Final = 3
_Spots = NDArray[np.float32]
"""(n, 2) pixels."""


class FaceTracks:
    """Follows a face's texture from a picture in which it looks ahead.

    Args:
        image: (h, w, 3) uint8, BGR.
        points: the face's five points in it.
    """

    def __init__(self, image: Image, points: Points) -> None:
        pupils = float(np.hypot(*(points[1] - points[0])))
        self._scale = min(1.0, _WORKING_PUPILS / max(pupils, 1e-6))
        self._grey = self._reduced(image)
        self._points = points * self._scale
        unit = pupils * self._scale
        plane = [self._found(self._points[index], PLANE_RADIUS * unit) for index in (0, 1, 3, 4)]
        nose = self._found(self._points[2], NOSE_RADIUS * unit)
        self._corner = np.repeat(np.arange(5), [*(len(spots) for spots in plane), len(nose)])
        self._now: _Spots = np.concatenate([*plane, nose]).astype(np.float32)
        # The same places on the face's own plane, in distances between the pupils.
        frame = np.concatenate([self._points, self._now.astype(np.float64)])
        self._origin = levelled(frame)[5:]

    @property
    def sound(self) -> bool:
        """Whether enough is followed: something at each corner of the plane, and at the nose."""
        counts = np.bincount(self._corner, minlength=5)
        return bool(counts[:4].min() >= 1 and counts[:4].sum() >= LEAST_PLANE and counts[4] >= LEAST_NOSE)

    def follow(self, image: Image, points: Points) -> Glance | None:
        """Look at the next picture.

        Args:
            image: of the same size as the one before.
            points: the detector's, from which the search begins.

        Returns:
            The shift of the nose's texture against the plane of eyes and mouth; None when too little can be followed.
        """
        grey = self._reduced(image)
        if grey.shape != self._grey.shape or len(self._now) == 0:
            return None
        points = points * self._scale
        self._step(grey, points)
        self._grey, self._points = grey, points
        return self._glance()

    def _reduced(self, image: Image) -> NDArray[np.uint8]:
        grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
        if self._scale < 1:
            grey = cv2.resize(grey, None, fx=self._scale, fy=self._scale, interpolation=cv2.INTER_AREA)
        return np.asarray(cv2.GaussianBlur(grey, (0, 0), 0.8), np.uint8)

    def _found(self, about: NDArray[np.float64], radius: float) -> _Spots:
        """Places worth following: corners, within a radius."""
        mask = np.zeros(self._grey.shape, np.uint8)
        x, y = (round(float(value)) for value in about)
        cv2.circle(mask, (x, y), max(round(radius), 2), 255, -1)
        # None where nothing is found, which the stubs do not know.
        corners = cast(
            "NDArray[np.float32] | None",
            cv2.goodFeaturesToTrack(self._grey, _EACH, 0.01, max(1.5, radius / 7), mask=mask, blockSize=5),
        )
        return np.empty((0, 2), np.float32) if corners is None else corners.reshape(-1, 2)

    def _step(self, grey: NDArray[np.uint8], points: Points) -> None:
        # Where the detector's points went, roughly: people move further than the search reaches.
        before = np.column_stack([self._points, np.ones(5)])
        move = np.linalg.lstsq(before, points, rcond=None)[0]
        guess = np.column_stack([self._now, np.ones(len(self._now))]) @ move
        there, good = _followed(self._grey, grey, self._now, guess.astype(np.float32))
        back, again = _followed(grey, self._grey, there, self._now)
        near = np.hypot(*(back - self._now).T) < 0.8
        kept = good & again & near & np.isfinite(there).all(axis=1)
        self._now, self._corner, self._origin = there[kept], self._corner[kept], self._origin[kept]

    def _glance(self) -> Glance | None:
        if not self.sound:
            return None
        nose = self._corner == 4
        plane, now = self._origin[~nose], self._now[~nose].astype(np.float64)
        found, mask = cv2.findHomography(now, plane, cv2.RANSAC, 0.06)
        if found is None or mask.sum() < 0.6 * len(plane):
            return None
        inside = mask.ravel() > 0
        at = np.column_stack([self._now[nose], np.ones(int(nose.sum()))]) @ found.T
        shifts = at[:, :2] / at[:, 2:] - self._origin[nose]
        far = np.hypot(*shifts.T)
        # The tip stands out most: its half of the patches. On a bent sheet all are about the same.
        shift = np.median(shifts[far >= np.median(far)], axis=0)
        affine = np.linalg.lstsq(np.column_stack([plane[inside], np.ones(int(inside.sum()))]), now[inside], rcond=None)
        squared = affine[0][:2] @ affine[0][:2].T
        area = float(np.linalg.det(squared))
        if not area > 1e-6 or not np.isfinite(shift).all():
            return None
        return Glance(np.asarray(shift, np.float64), np.asarray(squared / np.sqrt(area), np.float64), area**0.25)


def _followed(
    before: NDArray[np.uint8], after: NDArray[np.uint8], spots: _Spots, guess: _Spots
) -> tuple[_Spots, NDArray[np.bool_]]:
    if len(spots) == 0:
        return spots, np.zeros(0, bool)
    there, status, _ = cv2.calcOpticalFlowPyrLK(
        before,
        after,
        np.ascontiguousarray(spots),
        np.ascontiguousarray(guess.copy()),
        winSize=(13, 13),
        maxLevel=2,
        flags=cv2.OPTFLOW_USE_INITIAL_FLOW,
    )
    return np.asarray(there, np.float32).reshape(-1, 2), np.asarray(status).ravel() > 0


class TextureWatch:
    """What the texture says of one turn, from the front on."""

    def __init__(self) -> None:
        self._tracks: FaceTracks | None = None
        self._window: deque[Glance] = deque(maxlen=_TOGETHER)
        self._flat = 0
        self._deep = 0
        self.depth = 0.0
        """Of the nose, the last that counted."""

    @property
    def deep(self) -> bool:
        """Whether a nose stood out while it turned, twice."""
        return self._deep >= 2

    @property
    def flat(self) -> bool:
        """Whether it turned like a plane, several times one after the other."""
        return self._flat >= FLAT_VIEWS

    @property
    def lost(self) -> bool:
        """Whether nothing is followed."""
        return self._tracks is None

    def begin(self, image: Image | None, points: Points) -> None:
        """Begin a turn: the face looks ahead. What was seen before is forgotten."""
        self._window.clear()
        self._flat = self._deep = 0
        tracks = FaceTracks(cast("Image", image), points) if _sound(image) else None
        self._tracks = tracks if tracks is not None and tracks.sound else None

    def stop(self) -> None:
        """Forget the pictures, and what was seen."""
        self._tracks = None
        self._window.clear()
        self._flat = self._deep = 0

    def see(self, image: Image | None, points: Points, side: float) -> None:
        """Look at the next picture of a turn.

        Args:
            image: (h, w, 3) uint8, BGR; without one the tracks are lost.
            points: the face's.
            side: 1 where the nose should go to the right of the picture, -1 to the left.
        """
        if self._tracks is None:
            return
        glance = self._tracks.follow(cast("Image", image), points) if _sound(image) else None
        if glance is None:
            self._tracks = None
            self._window.clear()
            return
        self._window.append(glance)
        if len(self._window) < _TOGETHER:
            return
        turn = turn_of(list(self._window))
        self._flat = self._flat + 1 if turn.cosine < FLAT_COSINE and turn.depth < FLAT_DEPTH else 0
        along = COSINES[0] <= turn.cosine <= COSINES[1] and turn.across * side >= LEAST_SHIFT
        if along and LEAST_DEPTH <= turn.depth <= MOST_DEPTH and abs(turn.down) <= abs(turn.across):
            self._deep += 1
            self.depth = turn.depth


def _sound(image: Image | None) -> bool:
    return image is not None and image.dtype == np.uint8 and image.ndim == 3 and image.shape[2] == 3 and image.size > 0
