"""Pictures of a turning head, and of a moved photograph, out of one portrait.

A relief is a picture with a height for every point. It is drawn by following each pixel's ray until it meets the
surface (Policarpo, Oliveira, Comba 2005, "Real-time relief mapping"), so that a nose hides the cheek behind it. A
head's heights are an ellipsoid with a nose on it; a photograph's are none, or a cylinder's. See `heads` for axes and
poses.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from drivers.simulate.heads import PUPILS_MM, Bend, Camera, Pose

Picture = NDArray[np.uint8]

_CELL = 1 / 90  # of the distance between the pupils: the grid of a relief
_LEFT, _TOP, _WIDE, _HIGH = -1.9, -1.9, 3.8, 4.6  # what of the portrait is kept, in distances between the pupils


@dataclass(frozen=True, slots=True, eq=False)
class Relief:
    """A picture with heights.

    Attributes:
        image: (h, w, 3) uint8, BGR, eyes level.
        height: (h, w) float32, in distances between the pupils, 0 in the plane of the eyes, away from the camera.
        cover: (h, w) float32, 1 where there is something, 0 where the background shows.
        size: distance between the pupils, millimetres.
    """

    image: Picture
    height: NDArray[np.float32]
    cover: NDArray[np.float32]
    size: float


def _grid() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    across = np.arange(_LEFT, _LEFT + _WIDE, _CELL, dtype=np.float32)
    down = np.arange(_TOP, _TOP + _HIGH, _CELL, dtype=np.float32)
    x, y = np.meshgrid(across, down)
    return np.asarray(x, np.float32), np.asarray(y, np.float32)


def _texture(
    portrait: Picture, eyes: NDArray[np.float64], x: NDArray[np.float32], y: NDArray[np.float32]
) -> tuple[Picture, NDArray[np.float32]]:
    """The portrait's colours at places given in distances between its pupils, and where it has any."""
    first, second = eyes[0], eyes[1]
    middle, across = (first + second) / 2, second - first
    scale = float(np.hypot(*across)) * _CELL
    source, known = portrait, np.full(portrait.shape[:2], 255, np.uint8)
    if scale > 1.5:  # sampling does not average: soften first
        source = np.asarray(cv2.GaussianBlur(portrait, (0, 0), 0.4 * scale), np.uint8)
    map_x = (middle[0] + x * across[0] - y * across[1]).astype(np.float32)
    map_y = (middle[1] + x * across[1] + y * across[0]).astype(np.float32)
    image = cv2.remap(source, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    cover = cv2.remap(known, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    return np.asarray(image, np.uint8), np.asarray(cover, np.float32) / np.float32(255)


def head_relief(portrait: Picture, points: NDArray[np.float64], nose: float = 0.40) -> Relief:
    """A head out of a portrait that looks about ahead; one that is turned a little is turned back.

    Args:
        points: (5, 2), the portrait's five points in pixels.
        nose: how far it stands out of the plane of eyes and mouth, in distances between the pupils.
    """
    x, y = _grid()
    middle, across = points[:2].mean(axis=0), points[1] - points[0]
    level = np.array([[across[0], across[1]], [-across[1], across[0]]]) / float(across @ across)
    aside, tip_y = (float(value) for value in level @ (points[2] - middle))
    below, mouth = (float(value) for value in level @ (points[3:].mean(axis=0) - middle))
    # Where the line from eyes to mouth is at the nose's height, the nose would be if it looked ahead.
    yaw = math.atan(min(max((aside - 0.56 * below) / nose, -0.6), 0.6))
    unit = math.cos(yaw)  # pupils of a turned head are nearer to each other
    tip_y, mouth = tip_y * unit, mouth * unit

    round_ = 1 - (x / 1.22) ** 2 - ((y - 0.45 * mouth) / 1.75) ** 2
    height = 1.05 - 1.2 * np.sqrt(np.maximum(round_, 0.0))
    base = 1.05 - 1.2 * math.sqrt(max(1 - ((tip_y - 0.45 * mouth) / 1.75) ** 2, 0.0))
    ridge = np.clip((y + 0.05) / max(tip_y + 0.05, 0.1), 0, 1) ** 1.3  # from between the eyes to the tip
    under = np.exp(-((np.maximum(y - tip_y, 0) / 0.11) ** 2))
    wide = 0.09 + 0.10 * np.clip(y / max(tip_y, 0.1), 0, 1)
    bump = ridge * under * np.exp(-((x / wide) ** 2))
    height = height - max(nose + base, 0.0) * bump
    edge = np.clip(round_ / 0.06, 0, 1)
    seen_x = (x * math.cos(yaw) - height * math.sin(yaw)) / unit
    image, cover = _texture(portrait, points[:2], np.asarray(seen_x, np.float32), np.asarray(y / unit, np.float32))
    return Relief(image, np.asarray(height, np.float32), np.asarray(cover * edge, np.float32), PUPILS_MM)


def sheet_relief(portrait: Picture, points: NDArray[np.float64], bend: Bend, size: float = PUPILS_MM) -> Relief:
    """A sheet of paper with the portrait on it, flat or bent.

    Args:
        points: (5, 2), the portrait's five points in pixels.
        size: distance between the printed pupils, millimetres.
    """
    x, y = _grid()
    if math.isinf(bend.radius):
        image, cover = _texture(portrait, points[:2], x, y)
        return Relief(image, np.zeros(x.shape, np.float32), cover, size)
    angle = math.radians(bend.axis)
    u = x * math.cos(angle) + (y - 0.5) * math.sin(angle)
    v = -x * math.sin(angle) + (y - 0.5) * math.cos(angle)
    sine = np.clip(u / bend.radius, -1, 1)
    arc = np.arcsin(sine) * bend.radius
    on_x = arc * math.cos(angle) - v * math.sin(angle)
    on_y = arc * math.sin(angle) + v * math.cos(angle) + 0.5
    image, cover = _texture(portrait, points[:2], on_x.astype(np.float32), on_y.astype(np.float32))
    height = bend.radius * (1 - np.sqrt(1 - sine**2)) * (-1 if bend.hollow else 1)
    inside = (np.abs(u) < bend.radius * 0.97) & (np.abs(on_x) < _WIDE / 2) & (np.abs(on_y - 0.4) < _HIGH / 2)
    return Relief(image, np.asarray(height, np.float32), np.asarray(cover * inside, np.float32), size)


def picture_of(relief: Relief, pose: Pose, camera: Camera, background: Picture) -> Picture:
    """Draw a relief before a background of the camera's size."""
    picture = background.copy()
    rotation, place = pose.rotation, pose.place / relief.size
    low, high = float(relief.height.min()), float(relief.height.max())
    left, top, right, bottom = _reach(rotation, place, (low, high), camera)
    if right - left < 2 or bottom - top < 2:
        return picture
    columns, rows = np.meshgrid(
        (np.arange(left, right, dtype=np.float32) - camera.width / 2) / camera.focal,
        (np.arange(top, bottom, dtype=np.float32) - camera.height / 2) / camera.focal,
    )
    eye = (-rotation.T @ place).astype(np.float32)
    turn = rotation.T.astype(np.float32)
    x, y, z = (turn[i, 0] * columns + turn[i, 1] * rows + turn[i, 2] for i in range(3))
    facing = z > 0.05
    z = np.where(facing, z, np.float32(1))
    # In cells of the grid: where a ray meets the plane of the eyes, how far it goes sideways for each unit of depth.
    slope_x, slope_y = x / z / _CELL, y / z / _CELL
    start_x = (eye[0] - _LEFT) / _CELL - eye[2] * slope_x
    start_y = (eye[1] - _TOP) / _CELL - eye[2] * slope_y
    steps = 2 if high - low < 1e-6 else 18
    depths = np.linspace(low - 1e-3, high + 1e-3, steps, dtype=np.float32)
    hit = np.full(columns.shape, depths[-1])
    before = np.full(columns.shape, -1.0, np.float32)
    found = np.zeros(columns.shape, bool)
    previous = depths[0]
    for depth in depths:
        surface = _sampled(relief.height, start_x + depth * slope_x, start_y + depth * slope_y)
        below = depth - surface
        fresh = ~found & (below >= 0)
        part = np.clip(-before[fresh] / np.maximum(below[fresh] - before[fresh], 1e-6), 0, 1)
        hit[fresh] = previous + (depth - previous) * part
        found |= fresh
        before, previous = below, depth
    map_x, map_y = start_x + hit * slope_x, start_y + hit * slope_y
    map_x, map_y = np.asarray(map_x, np.float32), np.asarray(map_y, np.float32)
    colour = cv2.remap(relief.image, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    cover = cv2.remap(relief.cover, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    share = (np.asarray(cover, np.float32) * found * facing)[..., None]
    region = picture[top:bottom, left:right]
    region[:] = np.clip(colour * share + region * (1 - share), 0, 255).astype(np.uint8)
    return picture


def _sampled(
    heights: NDArray[np.float32], map_x: NDArray[np.float32], map_y: NDArray[np.float32]
) -> NDArray[np.float32]:
    found = cv2.remap(
        heights,
        np.asarray(map_x, np.float32),
        np.asarray(map_y, np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(found, np.float32)


def _reach(
    rotation: NDArray[np.float64], place: NDArray[np.float64], heights: tuple[float, float], camera: Camera
) -> tuple[int, int, int, int]:
    """The part of the picture that a relief can cover: left, top, right, bottom."""
    corners = np.array([(x, y, z) for x in (_LEFT, _LEFT + _WIDE) for y in (_TOP, _TOP + _HIGH) for z in heights])
    there = corners @ rotation.T + place
    flat = there[:, :2] / np.maximum(there[:, 2:], 0.3) * camera.focal + (camera.width / 2, camera.height / 2)
    left, top = np.floor(flat.min(axis=0)).astype(int)
    right, bottom = np.ceil(flat.max(axis=0)).astype(int)
    return max(left, 0), max(top, 0), min(right, camera.width), min(bottom, camera.height)


def developed(picture: Picture, rng: np.random.Generator) -> Picture:
    """The picture with a webcam's softness and noise."""
    soft = np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.6), np.float32)
    # The sum of two dice is near enough to a bell, and ten times as quick; its standard deviation is 2.5.
    one, other = rng.integers(0, 256, (2, *picture.shape), np.uint8)
    noise = (one.astype(np.float32) + other - np.float32(255)) * np.float32(2.5 / 104.5)
    return np.asarray(np.clip(soft + noise, 0, 255), np.uint8)
