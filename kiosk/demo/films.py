"""What a camera sees of people who do something: a head that turns, a photograph held up instead, a mask put on.

A film is a scene whose pictures are shown in turn and begin anew: somebody looks ahead, turns, looks ahead again. Heads
and photographs are drawn as `drivers.simulate.reliefs` draws them; masks are drawn over what the detector finds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from drivers.simulate.heads import Bend, Camera, Pose
from drivers.simulate.reliefs import Relief, developed, head_relief, picture_of, sheet_relief
from drivers.simulate.scenes import empty_hall
from kiosk.view.gate import Movement
from kiosk.vision.engines.yunet import YuNet

Picture = NDArray[np.uint8]
Film = tuple[Picture, ...]

_OUT, _HOLD, _STILL = 16, 14, 4  # pictures of each part of a movement
_TURN_DEGREES: Final = 38.0
_NEAR: Final = 0.72
"""Of the distance, when somebody comes closer."""
_REST: Final = Pose(yaw=0.0, pitch=2.0, roll=0.0, x=0.0, y=-25.0, z=430.0)
_LEAST_SIDE: Final = 480
"""A portrait that is smaller is enlarged before its points are looked for."""
_CLOTH: Final = np.array([212.0, 190.0, 140.0], np.float32)  # BGR, a surgical mask's blue
_COVER: Final = ((-0.86, 0.42), (-0.3, 0.3), (0.0, 0.24), (0.3, 0.3), (0.86, 0.42), (0.78, 1.3), (0.42, 1.82),
                 (0.0, 1.95), (-0.42, 1.82), (-0.78, 1.3))  # fmt: skip
"""Outline of a mask: (0, 0) between the eyes, (±0.5, 0) the pupils, (0, 1) the mouth."""


class NoFaceInPortraitError(ValueError):
    """The detector finds no face in a picture that has to show one."""


@dataclass(frozen=True, slots=True)
class Films:
    """Somebody's films, by what is asked of them.

    Attributes:
        ahead: looking ahead, swaying a little.
        moves: what they do when asked.
    """

    ahead: Film
    moves: dict[Movement, Film]

    def of(self, movement: Movement) -> Film:
        """What is to be seen while this is asked for."""
        return self.moves.get(movement, self.ahead)


def points_of(picture: Picture, detector: YuNet) -> NDArray[np.float64]:
    """The five points of the largest face, (5, 2).

    Raises:
        NoFaceInPortraitError: there is none.
    """
    found = detector.detect(picture)
    if not found:
        raise NoFaceInPortraitError("there is no face in the portrait")
    return np.asarray(found[0].points, np.float64)


def living(portrait: Picture, seed: int) -> Films:
    """Somebody who does what they are asked."""
    image = _large(portrait)
    return _films(head_relief(image, points_of(image, YuNet())), seed)


def photograph(portrait: Picture, seed: int) -> Films:
    """A flat photograph of somebody, turned and moved as asked by whoever holds it."""
    image = _large(portrait)
    return _films(sheet_relief(image, points_of(image, YuNet()), Bend()), seed)


def screen(portrait: Picture, seed: int) -> Films:
    """The same on a telephone's screen: its lines show, and it shines."""
    image = _large(portrait).astype(np.float32)
    image[::3] *= 0.86
    image[:, ::3] *= 0.92
    bright = np.asarray(np.clip(1.12 * image + 8, 0, 255), np.uint8)
    return _films(sheet_relief(bright, points_of(bright, YuNet()), Bend()), seed)


def _large(portrait: Picture) -> Picture:
    short = min(portrait.shape[:2])
    if short >= _LEAST_SIDE:
        return portrait
    scale = _LEAST_SIDE / short
    return np.asarray(cv2.resize(portrait, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC), np.uint8)


def _films(relief: Relief, seed: int) -> Films:
    rng = np.random.default_rng(seed)
    background = empty_hall(rng)
    sway = rng.uniform(-1.0, 1.0, (64, 3)).cumsum(axis=0)
    sway = 0.6 * (sway - sway.mean(axis=0)) / max(float(np.abs(sway).max()), 1.0)

    def drawn(number: int, share: float, yaw: float, near: float) -> Picture:
        unrest = sway[number % len(sway)]
        pose = Pose(
            yaw=_REST.yaw + yaw * share + float(unrest[0]),
            pitch=_REST.pitch + float(unrest[1]),
            roll=_REST.roll,
            x=_REST.x + 0.4 * yaw * share + 3 * float(unrest[2]),
            y=_REST.y,
            z=_REST.z * (1 + (near - 1) * share),
        )
        return developed(picture_of(relief, pose, Camera(), background), rng)

    still = tuple(drawn(number, 0.0, 0.0, 1.0) for number in range(_STILL))

    def film(yaw: float = 0.0, near: float = 1.0) -> Film:
        """Out, a while there, and back by the same pictures: each is drawn once."""
        shares = [float(share * share * (3 - 2 * share)) for share in np.linspace(0, 1, _OUT + 1)[1:]]
        out = [drawn(number, share, yaw, near) for number, share in enumerate(shares)]
        there = [drawn(number, 1.0, yaw, near) for number in range(_STILL)]
        hold = [there[number % len(there)] for number in range(_HOLD)]
        return (*still, *out, *hold, *out[::-2], *still)

    return Films(
        ahead=still * 3,
        moves={
            Movement.TURN_LEFT: film(yaw=_TURN_DEGREES),
            Movement.TURN_RIGHT: film(yaw=-_TURN_DEGREES),
            Movement.COME_CLOSER: film(near=_NEAR),
        },
    )


def masked(scene: Sequence[Picture], detector: YuNet) -> Film:
    """The same people with masks over nose and mouth.

    Raises:
        NoFaceInPortraitError: a picture shows nobody.
    """
    return tuple(_with_mask(picture, points_of(picture, detector)) for picture in scene)


def _with_mask(picture: Picture, points: NDArray[np.float64]) -> Picture:
    eyes, mouth = points[:2].mean(axis=0), points[3:].mean(axis=0)
    axes = np.stack([points[1] - points[0], mouth - eyes], axis=1)
    outline = np.asarray(_COVER) @ axes.T + eyes
    cover = np.zeros(picture.shape[:2], np.float32)
    cv2.fillPoly(cover, [np.rint(outline).astype(np.int32)], 1.0, cv2.LINE_AA)
    cover = np.asarray(cv2.GaussianBlur(cover, (0, 0), 1.0), np.float32)
    rows, columns = np.indices(picture.shape[:2], np.float32)
    places = np.linalg.inv(axes) @ np.stack([columns.ravel() - eyes[0], rows.ravel() - eyes[1]])
    across, down = (place.reshape(picture.shape[:2]).astype(np.float32) for place in places)
    folds = 1 - 0.06 * (np.cos(2 * np.pi * (down - 0.3) / 0.32) > 0.9)
    cloth = _CLOTH * ((1.08 - 0.32 * np.abs(across) - 0.08 * down) * folds)[..., None]
    drawn = picture * (1 - cover[..., None]) + cloth * cover[..., None]
    return np.asarray(np.clip(drawn, 0, 255), np.uint8)
