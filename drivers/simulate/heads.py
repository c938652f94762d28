"""Heads that turn and photographs of them that are moved by hand: shapes, poses, and people who follow orders.

Everything is geometry. A head is five points in space; a photograph is the same five on a sheet, flat or bent to a
cylinder. Both are moved rigidly and projected by a pinhole camera with a field of view of 60 degrees.

Axes: x to the right of the picture, y down, z away from the camera; millimetres. The origin of a shape is the middle
between its pupils. `yaw` is positive when the person turns to their own left, so that the nose moves to the right of a
picture that is not mirrored.

How the shapes are spread was measured on 807 photographs of Labelled Faces in the Wild through YuNet
(docs/decisions/0011): the mouth 1.04 (0.87 to 1.21) pupil distances below the eyes, the nose 0.56 of the way down. How
far the nose stands out of the plane of eyes and mouth comes from pairs of such photographs of one person: 0.31 (all,
factorised, which is low because shapes differ between people) to 0.48 (those that are turned most); taken is 0.40,
spread 0.05.
"""

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""(5, 3) or (5, 2): pupils, tip of the nose, corners of the mouth; of each pair the one at the picture's left first."""

PUPILS_MM = 63.0


@dataclass(frozen=True, slots=True)
class Camera:
    """A pinhole camera without distortion.

    Attributes:
        field_of_view: across the width, degrees.
    """

    width: int = 640
    height: int = 480
    field_of_view: float = 60.0

    @property
    def focal(self) -> float:
        """Focal length, pixels."""
        return self.width / 2 / math.tan(math.radians(self.field_of_view) / 2)


@dataclass(frozen=True, slots=True)
class Pose:
    """Where a shape is: turned (degrees), then moved (millimetres)."""

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    x: float = 0.0
    y: float = -30.0
    z: float = 550.0

    @property
    def rotation(self) -> NDArray[np.float64]:
        """(3, 3): roll after pitch after yaw."""
        yaw, pitch, roll = (math.radians(angle) for angle in (self.yaw, self.pitch, self.roll))
        turn = np.array([[math.cos(yaw), 0, -math.sin(yaw)], [0, 1, 0], [math.sin(yaw), 0, math.cos(yaw)]])
        nod = np.array([[1, 0, 0], [0, math.cos(pitch), -math.sin(pitch)], [0, math.sin(pitch), math.cos(pitch)]])
        lean = np.array([[math.cos(roll), -math.sin(roll), 0], [math.sin(roll), math.cos(roll), 0], [0, 0, 1]])
        return np.asarray(lean @ nod @ turn, np.float64)

    @property
    def place(self) -> NDArray[np.float64]:
        """(3,): where the shape's origin is."""
        return np.array([self.x, self.y, self.z])


@dataclass(frozen=True, slots=True)
class Bend:
    """How a sheet is bent.

    Attributes:
        radius: of the cylinder, in distances between the pupils of the picture; infinite when flat.
        axis: of the cylinder, degrees from the vertical.
        hollow: bent away at the middle instead of at the edges.
    """

    radius: float = math.inf
    axis: float = 0.0
    hollow: bool = False


FLAT = Bend()


def head(rng: np.random.Generator) -> Points:
    """Somebody's five points, (5, 3)."""
    down = float(np.clip(rng.normal(1.04, 0.08), 0.87, 1.21))
    mouth = float(np.clip(rng.normal(0.43, 0.03), 0.36, 0.5))
    nose = float(np.clip(rng.normal(0.40, 0.05), 0.29, 0.52))
    back = float(rng.normal(0.0, 0.04))
    tip = down * float(np.clip(rng.normal(0.56, 0.04), 0.46, 0.66))
    points = np.array(
        [
            [-0.5, 0, 0],
            [0.5, 0, 0],
            [rng.normal(0, 0.015), tip, -nose],
            [-mouth, down, back],
            [mouth, down, back],
        ]
    )
    return np.asarray(points * PUPILS_MM * float(rng.normal(1.0, 0.05)), np.float64)


def photograph(of: Points, rng: np.random.Generator) -> Points:
    """The same five points on a photograph, (5, 3), flat; of any size between a passport's and an A4 page's."""
    size = float(rng.uniform(0.45, 1.9))
    turned = Pose(yaw=float(rng.normal(0, 4)), pitch=float(rng.normal(0, 6)), y=0, z=float(rng.uniform(600, 3000)))
    seen = project(of, turned, Camera()) - np.array([320, 240])
    seen = seen - seen[:2].mean(axis=0)
    flat = np.zeros((5, 3))
    flat[:, :2] = seen / np.hypot(*(seen[1] - seen[0])) * PUPILS_MM * size
    return flat


def bent(flat: Points, bend: Bend) -> Points:
    """Bend a sheet, (5, 3), about the middle of its face; lengths on the paper are kept."""
    if math.isinf(bend.radius):
        return flat
    radius = bend.radius * float(np.hypot(*(flat[1] - flat[0])[:2]))
    angle = math.radians(bend.axis)
    across, along = np.array([math.cos(angle), math.sin(angle)]), np.array([-math.sin(angle), math.cos(angle)])
    middle = flat[:, :2].mean(axis=0)
    u, v = (flat[:, :2] - middle) @ across, (flat[:, :2] - middle) @ along
    arc = np.clip(u / radius, -math.pi / 2, math.pi / 2)
    depth = radius * (1 - np.cos(arc)) * (-1 if bend.hollow else 1)
    plane = np.outer(radius * np.sin(arc), across) + np.outer(v, along) + middle
    return np.column_stack([plane, depth])


def project(points: Points, pose: Pose, camera: Camera) -> Points:
    """Where a shape's points, (n, 3), come to in the picture, (n, 2) pixels."""
    there = points @ pose.rotation.T + pose.place
    flat = there[:, :2] / np.maximum(there[:, 2:], 1.0) * camera.focal
    return np.asarray(flat + np.array([camera.width / 2, camera.height / 2]), np.float64)


def box_of(points: Points) -> tuple[float, float, float, float]:
    """The box that a detector would draw about five points: left, top, width, height in pixels."""
    eyes, mouth = points[:2].mean(axis=0), points[3:].mean(axis=0)
    size = max(float(np.hypot(*(points[1] - points[0]))), float(np.hypot(*(mouth - eyes))))
    x, y = (eyes + mouth) / 2
    return float(x - 0.95 * size), float(y - 1.3 * size), 1.9 * size, 2.6 * size


class Tremor:
    """Noise of a detector's points: fresh in every picture, and a part that drifts.

    Args:
        share: standard deviation of each coordinate, as a share of the distance between the pupils.
    """

    def __init__(self, share: float, rng: np.random.Generator) -> None:
        self._share, self._rng = share, rng
        self._drift = rng.normal(0, 1, (5, 2))

    def shaken(self, points: Points) -> Points:
        """The points as they would be found."""
        self._drift = 0.9 * self._drift + math.sqrt(1 - 0.81) * self._rng.normal(0, 1, (5, 2))
        size = float(np.hypot(*(points[1] - points[0])))
        noise = 0.85 * self._rng.normal(0, 1, (5, 2)) + 0.53 * self._drift
        return np.asarray(points + noise * self._share * size, np.float64)


class Actor(Protocol):
    """Somebody before the camera who is given orders: `look_ahead`, `turn_left`, `turn_right`, `come_closer`."""

    def act(self, time: float, order: str) -> tuple[Pose, Bend]:
        """Where what the camera sees is at a time, in seconds; times increase."""
        ...


class _Follower:
    """Goes from pose to pose some time after an order, as smoothly as people move."""

    def __init__(self, rest: Pose, rng: np.random.Generator) -> None:
        self._rng = rng
        self._from = self._to = self.rest = rest
        self._order = ""
        self._begin, self._lasts = 0.0, 1.0
        self._phase = rng.uniform(0, 2 * math.pi, 6)
        self._pace = rng.uniform(0.8, 2.4, 6)

    def at(self, time: float) -> Pose:
        share = min(max((time - self._begin) / self._lasts, 0.0), 1.0)
        share = share * share * (3 - 2 * share)
        one, other = _numbers(self._from), _numbers(self._to)
        return Pose(*(a + (b - a) * share for a, b in zip(one, other, strict=True)))

    def told(self, order: str) -> bool:
        """Whether the order is a new one."""
        new = order != self._order
        self._order = order
        return new

    def go(self, time: float, to: Pose) -> None:
        """Set out for another pose."""
        self._from, self._to = self.at(time), to
        self._begin = time + float(self._rng.uniform(0.3, 0.9))
        self._lasts = float(self._rng.uniform(0.6, 1.5))

    def sway(self, pose: Pose, time: float, degrees: float, millimetres: float) -> Pose:
        """The same pose of somebody who does not keep quite still."""
        a, b, c, x, y, z = (math.sin(time * pace + phase) for pace, phase in zip(self._pace, self._phase, strict=True))
        return Pose(
            pose.yaw + a * degrees,
            pose.pitch + b * degrees,
            pose.roll + c * degrees,
            pose.x + x * millimetres,
            pose.y + y * millimetres,
            pose.z + z * millimetres,
        )


def _numbers(pose: Pose) -> tuple[float, ...]:
    return pose.yaw, pose.pitch, pose.roll, pose.x, pose.y, pose.z


def _rest(rng: np.random.Generator) -> Pose:
    return Pose(
        yaw=float(rng.normal(0, 2.5)),
        pitch=float(rng.normal(0, 6)),
        roll=float(rng.normal(0, 3)),
        x=float(rng.uniform(-50, 50)),
        y=float(rng.uniform(-60, 0)),
        z=float(rng.uniform(480, 640)),
    )


class LivingPerson:
    """Does what they are told: comes closer, or turns 25 to 40 degrees; to 48 when the screen still asks for it."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._body = _Follower(_rest(rng), rng)
        self._again = math.inf

    def act(self, time: float, order: str) -> tuple[Pose, Bend]:
        """Where the head is at a time, in seconds."""
        rest, rng = self._body.rest, self._rng
        new = self._body.told(order)
        if not new and time > self._again:
            now = self._body.at(time)
            self._again = math.inf
            self._body.go(time, replace(now, yaw=rest.yaw + (48 if order == "turn_left" else -48)))
        if new:
            self._again = time + 2.8 if order in {"turn_left", "turn_right"} else math.inf
            to = rest
            if order in {"turn_left", "turn_right"}:
                angle = float(rng.uniform(25, 40)) * (1 if order == "turn_left" else -1)
                to = replace(
                    rest,
                    yaw=rest.yaw + angle,
                    pitch=rest.pitch + float(rng.normal(0, 4)),
                    roll=rest.roll + float(rng.normal(0, 4)),
                    x=rest.x + angle * float(rng.uniform(0, 0.8)),  # a head turns about the neck
                )
            elif order == "come_closer":
                to = replace(rest, z=rest.z * float(rng.uniform(0.6, 0.72)))
            self._body.go(time, to)
        return self._body.sway(self._body.at(time), time, 1.2, 5), FLAT


class Trick(StrEnum):
    """What is done with a photograph."""

    SLIDE = "slide"
    """Moved sideways and rolled in its plane."""
    TILT = "tilt"
    """Turned about the vertical, as ordered, up to 60 degrees."""
    TILT_BOTH = "tilt_both"
    """Turned about both axes."""
    BEND = "bend"
    """Bent to a cylinder and turned as ordered."""
    FLEX = "flex"
    """Turned as ordered while it is being bent and straightened."""
    SHAKE = "shake"
    """Waved about."""


class MovedPhotograph:
    """Somebody who holds a photograph before the camera and follows the orders with it.

    Args:
        tightest: the smallest radius to which it is bent, in distances between the pupils.
    """

    def __init__(self, trick: Trick, rng: np.random.Generator, *, tightest: float = 1.0) -> None:
        self._trick, self._rng, self._tightest = trick, rng, tightest
        self._hand = _Follower(_rest(rng), rng)
        self._bend = FLAT
        if trick in {Trick.BEND, Trick.FLEX}:
            radius, axis = float(rng.uniform(tightest, 2 * tightest)), float(rng.choice([0, 0, 0, 90, 30, -30]))
            self._bend = Bend(radius, axis, hollow=bool(rng.random() < 0.25))

    def resized(self, factor: float) -> None:
        """Hold a photograph of another size at the distance where the face looks as large."""
        rest = self._hand.rest
        near = replace(rest, x=rest.x * factor, y=rest.y * factor, z=rest.z * factor)
        self._hand = _Follower(near, self._rng)

    def act(self, time: float, order: str) -> tuple[Pose, Bend]:
        """Where the photograph is at a time, in seconds, and how bent."""
        if self._hand.told(order):
            self._hand.go(time, self._answer(order))
        calm = (2.0, 6.0) if self._trick is not Trick.SHAKE else (18.0, 30.0)
        bend = self._bend
        if self._trick is Trick.FLEX:
            bend = replace(bend, radius=bend.radius / max(0.05, abs(math.sin(time * 1.9))))
        return self._hand.sway(self._hand.at(time), time, *calm), bend

    def _answer(self, order: str) -> Pose:
        rest, rng = self._hand.rest, self._rng
        if order == "come_closer":
            return replace(rest, x=rest.x * 0.66, y=rest.y * 0.66, z=rest.z * float(rng.uniform(0.55, 0.72)))
        if order not in {"turn_left", "turn_right"}:
            return rest
        side = 1 if order == "turn_left" else -1
        if rng.random() < 0.15:
            side = -side
        match self._trick:
            case Trick.SLIDE:
                move, lean = float(rng.uniform(20, 110)), float(rng.uniform(-40, 40))
                return replace(rest, x=rest.x + side * move, roll=lean, yaw=side * float(rng.uniform(0, 12)))
            case Trick.TILT_BOTH:
                nod = float(rng.uniform(15, 60)) * float(rng.choice([-1, 1]))
                return replace(rest, yaw=side * float(rng.uniform(15, 60)), pitch=nod)
            case _:
                return replace(rest, yaw=side * float(rng.uniform(20, 60)), roll=float(rng.normal(0, 6)))
