"""Masks, and what is none, drawn on bare faces: what the mask network learns beside photographs.

Everything is placed by the five points of the face: across between the pupils, down from the eyes to the mouth. So it
turns with the face, and shifts to the side to which the nose points.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.faces import Image

Plane = NDArray[np.float32]
Points = NDArray[np.float32]
Random = np.random.Generator


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A face's own axes: (0, 0) between the eyes, (0, 1) at the mouth, (±0.5, 0) the pupils.

    Attributes:
        points: (5, 2), as the detector gives them.
        origin: (2,), pixels.
        axes: (2, 2), the columns are one step across and one down, pixels.
        yaw: how far the nose is shifted to the side, in distances between the pupils.
    """

    points: Points
    origin: Points
    axes: Points
    yaw: float

    @classmethod
    def of(cls, points: Points) -> "Frame":
        """The axes of a face with these five points."""
        eyes, mouth = points[:2].mean(axis=0), points[3:].mean(axis=0)
        across, down = points[1] - points[0], mouth - eyes
        axes = np.stack([across, down], axis=1).astype(np.float32)
        square = max(float(np.linalg.det(axes)), 1.0)
        nose = points[2] - eyes
        yaw = float(nose[0] * down[1] - nose[1] * down[0]) / square
        return cls(points, eyes.astype(np.float32), axes, float(np.clip(yaw, -0.6, 0.6)))

    def at(self, *places: tuple[float, float]) -> Points:
        """Places of the face in pixels."""
        return (np.array(places, np.float32) @ self.axes.T + self.origin).astype(np.float32)


def masked(image: Image, points: Points, random: Random, *, nose_out: bool = False, chin: bool = False) -> Image:
    """Draw a mask.

    Args:
        image: (h, w, 3), BGR; is not changed.
        points: of the face in it.
        nose_out: it covers the mouth and leaves the nose out.
        chin: it is pulled down and leaves the mouth out as well.
    """
    frame = Frame.of(points)
    outline, bridge, low = _outline(frame, random, nose_out=nose_out, chin=chin)
    cover = _filled(image.shape[:2], outline, blur=float(random.uniform(0.5, 1.3)))
    colour = _cloth_colour(random)
    cloth = np.ones_like(image, np.float32) * colour
    texture = TEXTURES[int(random.integers(len(TEXTURES)))]
    cloth = texture(cloth, frame, bridge, low, random)
    cloth *= _shading(image, frame, random)[..., None]
    drawn = image.astype(np.float32)
    if random.random() < 0.7:
        drawn = _loops(drawn, frame, outline, colour, random)
    shadow = cv2.GaussianBlur(cover, (0, 0), 2.5)[..., None] * np.float32(random.uniform(0, 0.35))
    drawn = drawn * (1 - shadow)
    share = cover[..., None]
    return _picture(drawn * (1 - share) + cloth * share)


def transplanted(
    image: Image, points: Points, donor: Image, donated: Points, random: Random, *, whole: bool = False
) -> Image:
    """Put the lower face of a picture, with the mask it wears or with none, into another's place.

    Args:
        image: (h, w, 3), BGR; is not changed.
        points: of the face in it.
        donor: where the lower face comes from.
        donated: the points of the face in that.
        whole: up to the eyes, so that nothing remains of a mask that `image` shows.
    """
    # From the points that a mask does not hide; the mouth's are guesses there, but the scale needs them.
    # None where it fails, which the stubs do not know.
    move = cast("NDArray[np.float64] | None", cv2.estimateAffinePartial2D(donated, points, method=cv2.LMEDS)[0])
    if move is None or not np.isfinite(move).all():
        return image
    moved = cv2.warpAffine(donor, move, image.shape[1::-1], borderMode=cv2.BORDER_REPLICATE).astype(np.float32)
    frame = Frame.of(points)
    top = float(random.uniform(0.12, 0.2) if whole else random.uniform(0.22, 0.38))
    wide = 1.8 if whole else 1.35
    edge = [(-wide, top), (-0.7, top), (0.0, top - 0.1), (0.7, top), (wide, top), (wide, 1.6), (0.0, 2.7), (-wide, 1.6)]
    cover = _filled(image.shape[:2], frame.at(*edge), blur=float(random.uniform(1.2, 3.0)))[..., None]
    if random.random() < 0.7:  # the same light on both
        inside = cover[..., 0] > 0.5
        mean = image[~inside].mean(axis=0) if (~inside).any() else image.mean(axis=(0, 1))
        there = moved[~inside].mean(axis=0) if (~inside).any() else moved.mean(axis=(0, 1))
        moved *= np.clip(mean / np.maximum(there, 8), 0.6, 1.6).astype(np.float32)
    return _picture(image * (1 - cover) + moved * cover)


def disturbed(image: Image, points: Points, random: Random) -> Image:
    """Draw what hides or darkens a part of the lower face and is no mask."""
    draw = DISTURBANCES[int(random.integers(len(DISTURBANCES)))]
    return draw(image, Frame.of(points), random)


# The mask --------------------------------------------------------------------------------------------------------


def _outline(frame: Frame, random: Random, *, nose_out: bool, chin: bool) -> tuple[Points, float, float]:
    shift = frame.yaw * 0.55
    bridge = float(random.uniform(0.12, 0.42))
    cheek = float(random.uniform(bridge + 0.12, 0.72))
    low = float(random.uniform(1.62, 1.95))
    if nose_out:
        bridge = float(random.uniform(0.68, 0.84))
        cheek = float(random.uniform(bridge - 0.15, bridge + 0.15))
    if chin:
        bridge = float(random.uniform(1.32, 1.5))
        cheek = float(random.uniform(bridge - 0.25, bridge + 0.05))
        low = float(random.uniform(1.9, 2.2))
    wide = float(random.uniform(0.8, 1.1))
    jaw = wide * float(random.uniform(0.78, 0.98))
    under = float(random.uniform(0.3, 0.62))
    near, far = wide * (1 - 0.9 * max(frame.yaw, 0)), wide * (1 + 0.9 * min(frame.yaw, 0))
    places = [
        (shift, bridge),
        (shift + 0.22, bridge + 0.1 * (cheek - bridge)),
        (shift * 0.6 + 0.55 * near, bridge + 0.62 * (cheek - bridge)),
        (near, cheek),
        (near * jaw / wide, max(1.25, cheek + 0.1)),
        (shift + under, low - 0.1),
        (shift, low),
        (shift - under, low - 0.1),
        (-far * jaw / wide, max(1.25, cheek + 0.1)),
        (-far, cheek),
        (shift * 0.6 - 0.55 * far, bridge + 0.62 * (cheek - bridge)),
        (shift - 0.22, bridge + 0.1 * (cheek - bridge)),
    ]
    moved = [(x + float(random.normal(0, 0.025)), y + float(random.normal(0, 0.025))) for x, y in places]
    return _rounded(frame.at(*moved)), bridge, low


def _rounded(corners: Points) -> Points:
    """Chaikin's corner cutting, twice."""
    for _ in range(2):
        after = np.roll(corners, -1, axis=0)
        corners = np.stack([0.8 * corners + 0.2 * after, 0.2 * corners + 0.8 * after], axis=1).reshape(-1, 2)
    return corners.astype(np.float32)


def _cloth_colour(random: Random) -> Plane:
    kind = random.random()
    if kind < 0.25:  # white, KN95
        base = np.full(3, random.uniform(190, 255)) + random.normal(0, 5, 3)
    elif kind < 0.45:  # surgical: light blue and green
        base = np.array([random.uniform(170, 240), random.uniform(160, 220), random.uniform(90, 185)])
    elif kind < 0.65:  # black and grey
        base = np.full(3, random.uniform(12, 110)) + random.normal(0, 5, 3)
    elif kind < 0.75:  # skin-coloured, pink and beige
        base = np.array([random.uniform(110, 200), random.uniform(130, 205), random.uniform(180, 245)])
    else:
        base = random.uniform(10, 245, 3)
    return np.clip(base, 5, 255).astype(np.float32)


def _shading(image: Image, frame: Frame, random: Random) -> Plane:
    """Light on the cloth: that of the face, much smoothed, and its own roundness."""
    grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.float32)
    smooth = np.asarray(cv2.GaussianBlur(grey, (0, 0), image.shape[0] / 12), np.float32)
    x, y = (int(np.clip(value, 0, image.shape[0] - 1)) for value in frame.at((frame.yaw * 0.5, 0.9))[0])
    light = smooth / max(float(smooth[y, x]), 12.0)
    light = 1 + (np.clip(light, 0.4, 1.8) - 1) * np.float32(random.uniform(0.3, 1.0))
    across, _ = _coordinates(image.shape[:2], frame)
    light = light * (1 - np.float32(random.uniform(0, 0.45)) * (across - np.float32(frame.yaw * 0.5)) ** 2)
    exposure = np.float32(np.clip(grey.mean() / 120, 0.35, 1.15) if random.random() < 0.7 else 1.0)
    return np.asarray(np.clip(light * exposure, 0.1, 1.6), np.float32)


def _coordinates(shape: tuple[int, ...], frame: Frame) -> tuple[Plane, Plane]:
    """Each pixel in the face's own axes."""
    inverse = np.linalg.inv(frame.axes.astype(np.float64) + np.eye(2) * 1e-6)
    rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]]
    x, y = columns - float(frame.origin[0]), rows - float(frame.origin[1])
    across, down = inverse[0, 0] * x + inverse[0, 1] * y, inverse[1, 0] * x + inverse[1, 1] * y
    return across.astype(np.float32), down.astype(np.float32)


def _plain(cloth: Plane, frame: Frame, bridge: float, low: float, random: Random) -> Plane:
    del frame, bridge, low
    return cloth + random.normal(0, random.uniform(0, 5), cloth.shape).astype(np.float32)


def _pleated(cloth: Plane, frame: Frame, bridge: float, low: float, random: Random) -> Plane:
    across, down = _coordinates(cloth.shape[:2], frame)
    folds = np.float32(random.uniform(3, 5)) * np.pi / np.float32(low - bridge)
    wave = np.sin((down - np.float32(bridge) + np.float32(0.15) * across**2) * folds * 2) ** 9
    return np.asarray(cloth * (1 - random.uniform(0.08, 0.3) * np.abs(wave))[..., None], np.float32)


def _folded(cloth: Plane, frame: Frame, bridge: float, low: float, random: Random) -> Plane:
    """KN95: a seam down the middle, darker on one side; sometimes a valve."""
    across, down = _coordinates(cloth.shape[:2], frame)
    side = np.tanh((across - np.float32(frame.yaw * 0.6)) * 12)
    cloth = cloth * (1 + np.float32(random.uniform(-0.2, 0.2)) * side)[..., None]
    seam = np.exp(-(((across - np.float32(frame.yaw * 0.6)) / np.float32(0.03)) ** 2))
    cloth = cloth * (1 - np.float32(random.uniform(0, 0.3)) * seam)[..., None]
    if random.random() < 0.35:
        x, y = np.float32(frame.yaw * 0.6 + random.uniform(-0.35, 0.35)), np.float32(random.uniform(0.85, 1.2))
        valve = np.clip((0.2 - np.hypot((across - x) * 1.1, down - y)) * 20, 0, 1)[..., None]
        cloth = cloth * (1 - valve) + _cloth_colour(random) * valve
    del bridge, low
    return cloth.astype(np.float32)


def _printed(cloth: Plane, frame: Frame, bridge: float, low: float, random: Random) -> Plane:
    """Dots, stripes, checks, flowers."""
    across, down = _coordinates(cloth.shape[:2], frame)
    turn = random.uniform(0, np.pi)
    u = across * np.float32(np.cos(turn)) + down * np.float32(np.sin(turn))
    v = down * np.float32(np.cos(turn)) - across * np.float32(np.sin(turn))
    often = np.float32(random.uniform(6, 26))
    kind = int(random.integers(4))
    if kind == 0:
        where = np.asarray(np.sin(u * often) > random.uniform(-0.2, 0.6), np.float32)
    elif kind == 1:
        where = np.asarray(np.sin(u * often) * np.sin(v * often) > random.uniform(0.1, 0.6), np.float32)
    elif kind == 2:
        where = np.asarray(0.5 * (np.sin(u * often) > 0) + 0.5 * (np.sin(v * often) > 0), np.float32)
    else:
        size = int(random.integers(5, 26))
        noise = cv2.resize(
            random.random((size, size)).astype(np.float32), cloth.shape[1::-1], interpolation=cv2.INTER_CUBIC
        )
        where = np.asarray(noise > random.uniform(0.45, 0.65), np.float32)
    where = np.asarray(cv2.GaussianBlur(where, (0, 0), 0.7), np.float32)[..., None]
    del bridge, low
    return cloth * (1 - where) + random.uniform(0, 255, 3).astype(np.float32) * where


def _mouth_print(cloth: Plane, frame: Frame, bridge: float, low: float, random: Random) -> Plane:
    """A mouth, teeth or letters printed where the mouth would be."""
    cloth = _plain(cloth, frame, bridge, low, random).copy()
    colour = tuple(float(value) for value in random.uniform(0, 255, 3))
    x, y, wide, high = frame.yaw * 0.6, random.uniform(0.9, 1.25), random.uniform(0.15, 0.45), random.uniform(0.04, 0.2)
    ends = frame.at(
        (x - wide, y - random.uniform(0, 0.1)), (x, y + high), (x + wide, y - random.uniform(0, 0.1)), (x, y)
    )
    cv2.fillPoly(cloth, [np.rint(_rounded(ends) * 8).astype(np.int32)], colour, cv2.LINE_AA, 3)
    return cloth


TEXTURES: tuple[Callable[[Plane, Frame, float, float, Random], Plane], ...] = (
    _plain,
    _plain,
    _pleated,
    _pleated,
    _folded,
    _printed,
    _printed,
    _mouth_print,
)


def _loops(drawn: Plane, frame: Frame, outline: Points, colour: Plane, random: Random) -> Plane:
    """The bands to the ears."""
    drawn = np.ascontiguousarray(drawn)
    across = (outline - frame.origin) @ np.linalg.inv(frame.axes.astype(np.float64)).T
    band = tuple(float(value) for value in np.clip(colour + random.normal(0, 25, 3), 0, 255))
    for sign in (-1, 1):
        corner = outline[int(np.argmax(sign * across[:, 0]))]
        for ear in ((sign * random.uniform(1.15, 1.4), 0.15), (sign * random.uniform(1.15, 1.4), 0.6)):
            ends = np.rint(np.stack([corner, frame.at(ear)[0]]) * 8).astype(np.int32)
            cv2.polylines(drawn, [ends], isClosed=False, color=band, thickness=int(random.integers(1, 3)), shift=3)
    return drawn


# What is no mask -------------------------------------------------------------------------------------------------


def _skin(image: Image, frame: Frame) -> Plane:
    places = np.clip(np.rint(frame.at((-0.45, 0.5), (0.45, 0.5), (0.0, 0.3))), 2, image.shape[0] - 3).astype(int)
    patches = [image[y - 2 : y + 3, x - 2 : x + 3].reshape(-1, 3) for x, y in places]
    return np.asarray(np.median(np.concatenate(patches), axis=0), np.float32)


def _hand(image: Image, frame: Frame, random: Random) -> Image:
    """Fingers before the mouth or the chin."""
    drawn = image.astype(np.float32)
    skin = _skin(image, frame) * np.float32(random.uniform(0.75, 1.2))
    turn = random.uniform(-1.3, 1.3)
    along = np.array([np.sin(turn), -np.cos(turn)])
    aside = np.array([along[1], -along[0]])
    tip = np.array([random.uniform(-0.5, 0.5), random.uniform(0.65, 1.25)])
    thick = random.uniform(0.09, 0.15)
    size = float(np.linalg.norm(frame.axes[:, 0]))
    for finger in range(int(random.integers(1, 5))):
        start = tip + aside * finger * thick * 2.05 + along * random.uniform(-0.15, 0.1)
        ends = frame.at(tuple(start), tuple(start - along * random.uniform(0.9, 1.8)))
        for wide, light in ((1.0, random.uniform(0.5, 0.75)), (0.84, 1.0)):
            cover = np.zeros(image.shape[:2], np.float32)
            line = np.rint(ends * 8).astype(np.int32)
            cv2.line(
                cover, line[0].tolist(), line[1].tolist(), 1.0, max(1, round(2 * thick * wide * size)), cv2.LINE_8, 3
            )
            cover = np.asarray(cv2.GaussianBlur(cover, (0, 0), 0.9), np.float32)[..., None]
            drawn = drawn * (1 - cover) + skin * np.float32(light) * cover
    return _picture(drawn)


def _beard(image: Image, frame: Frame, random: Random) -> Image:
    """Hair round the mouth, down to the neck."""
    edge = [
        (-0.95, 0.55),
        (-0.6, 0.9),
        (0, random.uniform(0.74, 0.86)),
        (0.6, 0.9),
        (0.95, 0.55),
        (0.8, 1.4),
        (0, random.uniform(1.8, 2.3)),
        (-0.8, 1.4),
    ]
    cover = _filled(image.shape[:2], _rounded(frame.at(*edge)), blur=random.uniform(1.5, 4.0))
    lips = [
        (-random.uniform(0.22, 0.4), 1.0),
        (0, random.uniform(0.9, 0.95)),
        (random.uniform(0.22, 0.4), 1.0),
        (0, random.uniform(1.08, 1.2)),
    ]
    cover = cover * (1 - _filled(image.shape[:2], _rounded(frame.at(*lips)), blur=1.0))
    hair = np.asarray(cv2.GaussianBlur(random.random(image.shape[:2]).astype(np.float32), (0, 0), 0.8), np.float32)
    share = np.clip(cover * (np.float32(random.uniform(0.45, 0.95)) + (hair - 0.5) * 2.0), 0, 1)[..., None]
    colour = np.full(3, random.uniform(10, 70)) if random.random() < 0.8 else np.full(3, random.uniform(100, 200))
    return _picture(image * (1 - share) + (colour + random.normal(0, 6, 3)).astype(np.float32) * share)


def _scarf(image: Image, frame: Frame, random: Random) -> Image:
    """Cloth below the mouth: scarf, collar, mask on the chin's underside."""
    top = random.uniform(1.4, 1.7)
    edge = [
        (-1.6, top - random.uniform(-0.2, 0.3)),
        (0, top),
        (1.6, top - random.uniform(-0.2, 0.3)),
        (1.8, 3.5),
        (-1.8, 3.5),
    ]
    cover = _filled(image.shape[:2], frame.at(*edge), blur=1.0)[..., None]
    cloth = np.ones_like(image, np.float32) * _cloth_colour(random)
    cloth = _printed(cloth, frame, 1, 2, random) if random.random() < 0.5 else cloth
    cloth = cloth * _shading(image, frame, random)[..., None]
    return _picture(image * (1 - cover) + cloth * cover)


def _thing(image: Image, frame: Frame, random: Random) -> Image:
    """A microphone, a cup, a telephone before a part of the mouth."""
    drawn = image.astype(np.float32)
    x, y = random.uniform(-0.55, 0.55), random.uniform(1.0, 1.5)
    high, wide = (random.uniform(0.18, 0.4), random.uniform(0.15, 0.35))
    corners = [(x - wide, y - high), (x + wide, y - high), (x + wide, y + 2.5), (x - wide, y + 2.5)]
    if random.random() < 0.5:
        corners = [(x - wide, y), (x, y - high), (x + wide, y), (x + wide * 0.5, y + 3), (x - wide * 0.5, y + 3)]
    lean = random.uniform(-0.5, 0.5)
    outline = frame.at(*[(a + lean * (b - y), b) for a, b in corners])
    if random.random() < 0.6:
        outline = _rounded(outline)
    cover = _filled(image.shape[:2], outline, blur=0.8)[..., None]
    cloth = np.ones_like(drawn) * _cloth_colour(random) * _shading(image, frame, random)[..., None]
    return _picture(drawn * (1 - cover) + cloth * cover)


def glasses(image: Image, points: Points, random: Random) -> Image:
    """Draw glasses, dark ones more often than not, sometimes low on the nose."""
    frame = Frame.of(points)
    drawn = image.astype(np.float32)
    low, high = random.uniform(-0.05, 0.3), random.uniform(0.18, 0.34)
    wide, dark = random.uniform(0.3, 0.44), random.uniform(0.5, 1.0) if random.random() < 0.7 else 0.1
    colour = np.clip(np.full(3, random.uniform(5, 60)) + random.normal(0, 15, 3), 0, 255).astype(np.float32)
    for x in (-0.5, 0.5):
        corners = [
            (x - wide, low - high),
            (x + wide, low - high),
            (x + wide * 0.8, low + high),
            (x - wide * 0.8, low + high),
        ]
        lens = _filled(image.shape[:2], _rounded(frame.at(*corners)), blur=0.6)
        inner = np.asarray(cv2.erode(lens, np.ones((3, 3), np.uint8)), np.float32)
        share = (lens - inner + inner * np.float32(dark))[..., None]
        drawn = drawn * (1 - share) + colour * share
    bridge = np.rint(frame.at((-0.2, low - high / 3), (0.2, low - high / 3)) * 8).astype(np.int32)
    drawn = np.ascontiguousarray(drawn)
    cv2.line(drawn, bridge[0].tolist(), bridge[1].tolist(), colour.tolist(), 2, cv2.LINE_8, 3)
    return _picture(drawn)


def _glasses(image: Image, frame: Frame, random: Random) -> Image:
    return glasses(image, frame.points, random)


def _shadow(image: Image, frame: Frame, random: Random) -> Image:
    """A hard shadow, or a bright patch, over the lower face."""
    top = random.uniform(0.3, 1.1)
    edge = [(-2, top + random.uniform(-0.4, 0.4)), (2, top + random.uniform(-0.4, 0.4)), (2, 4), (-2, 4)]
    cover = _filled(image.shape[:2], frame.at(*edge), blur=random.uniform(1, 6))[..., None]
    light = random.uniform(0.15, 0.6) if random.random() < 0.65 else random.uniform(1.3, 2.2)
    return _picture(image * (1 - cover) + image * np.float32(light) * cover)


DISTURBANCES: tuple[Callable[[Image, Frame, Random], Image], ...] = (
    *(_hand, _hand, _beard, _beard, _scarf, _thing, _shadow),
    *(_glasses, _glasses),
)


def _filled(shape: tuple[int, ...], outline: Points, blur: float) -> Plane:
    cover = np.zeros(shape[:2], np.float32)
    cv2.fillPoly(cover, [np.rint(np.clip(outline, -4000, 4000) * 8).astype(np.int32)], 1.0, cv2.LINE_8, 3)
    return np.asarray(cv2.GaussianBlur(cover, (0, 0), blur), np.float32)


def _picture(values: NDArray[np.float32]) -> Image:
    return np.clip(values, 0, 255).astype(np.uint8)
