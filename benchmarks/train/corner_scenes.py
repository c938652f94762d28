"""Desks with papers on them, drawn from nothing, to train the page network with.

No photograph, font or file is used: whatever is printed on a page or lies on a desk is noise, lines and shapes. All
pictures are BGR uint8; everything depends on the generator alone.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.train.corner_prints import Picture, desk_print, page_print

SIZE = (256, 192)
"""Width and height of a scene: what the network sees."""
_PRINTS, _DESKS = 420, 260
_KEPT = 4
"""Page prints are kept at this many sizes, each half of the one before, for warping does not average."""

Plane = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A picture and what is where in it.

    Attributes:
        picture: (192, 256, 3) uint8.
        desk: the same desk without papers, under another light and shifted a little.
        page: (192, 256) float32, 0 to 1: where paper is seen.
        hand: the same for what covers it.
        quads: the papers' corners, (4, 2) pixels; some may lie outside.
    """

    picture: Picture
    desk: Picture
    page: Plane
    hand: Plane
    quads: tuple[NDArray[np.float32], ...]


class Studio:
    """Draws scenes.

    Args:
        seed: of everything.
    """

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        self._pages = [_halved(page_print(self._rng)) for _ in range(_PRINTS)]
        self._desks = [desk_print(self._rng) for _ in range(_DESKS)]

    def scene(self) -> Scene:
        """One more scene."""
        rng = self._rng
        desk = self._desk()
        width, height = SIZE
        light = _light(rng)
        lit = desk * light
        page = np.zeros((height, width), np.float32)
        quads: list[NDArray[np.float32]] = []
        count = int(rng.choice([0, 1, 2], p=[0.07, 0.8, 0.13]))
        for _ in range(count):
            quad = _lie(rng)
            if quads and rng.random() < 0.5 and _share(page, quad) > 0.25:
                continue
            lit, seen = self._lay(lit, quad, light)
            page = page * (1 - seen) + seen
            quads.append(quad)
        if rng.random() < 0.25:
            lit = lit * _cast_shadow(rng)
        hand = np.zeros_like(page)
        if rng.random() < 0.15:
            lit, hand = _hand(lit, quads, rng)
        lit = _lamp(lit, rng) if rng.random() < 0.3 else lit
        empty = _develop(self._shifted(desk) * (light * rng.uniform(0.85, 1.15) + rng.uniform(-0.05, 0.05)), rng)
        return Scene(_develop(lit, rng), empty, page * (1 - hand), hand, tuple(quads))

    def _desk(self) -> NDArray[np.float32]:
        rng = self._rng
        source = self._desks[int(rng.integers(len(self._desks)))]
        turn = float(rng.choice([0, 90, 180, 270]) + rng.normal(0, 8))
        move = cv2.getRotationMatrix2D((source.shape[1] / 2, source.shape[0] / 2), turn, float(rng.uniform(0.65, 1.2)))
        aside = np.array([SIZE[0] - source.shape[1], SIZE[1] - source.shape[0]]) / 2 + rng.normal(0, 12, 2)
        move = np.asarray(move, np.float64) + np.outer(aside, (0, 0, 1))
        laid = cv2.warpAffine(source, move, SIZE, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REFLECT_101)
        return np.asarray(np.asarray(laid, np.float32) * rng.uniform(0.8, 1.15), np.float32)

    def _shifted(self, desk: NDArray[np.float32]) -> NDArray[np.float32]:
        x, y = self._rng.normal(0, 0.35, 2)
        move = np.array([[1, 0, x], [0, 1, y]], np.float64)
        return np.asarray(cv2.warpAffine(desk, move, SIZE, borderMode=cv2.BORDER_REPLICATE), np.float32)

    def _lay(
        self, under: NDArray[np.float32], quad: NDArray[np.float32], light: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], Plane]:
        rng = self._rng
        tall = float(np.hypot(*(quad[3] - quad[0])) + np.hypot(*(quad[2] - quad[1]))) / 2
        wide = float(np.hypot(*(quad[1] - quad[0])) + np.hypot(*(quad[2] - quad[3]))) / 2
        upright = [sizes for sizes in self._pages if (sizes[0].shape[0] > sizes[0].shape[1]) == (tall > wide)]
        sizes = upright[int(rng.integers(len(upright)))]
        sheet = next((s for s in sizes if s.shape[0] < 1.7 * tall), sizes[-1])
        rows, columns = sheet.shape[:2]
        at = np.array([(0, 0), (columns, 0), (columns, rows), (0, rows)], np.float32) - 0.5
        move = cv2.getPerspectiveTransform(at, quad)
        warped = np.asarray(
            cv2.warpPerspective(sheet, move, SIZE, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32
        )
        seen = np.zeros(under.shape[:2], np.uint8)
        outline = quad
        if rng.random() < 0.2:
            outline = _curled(quad, rng)
        cv2.fillPoly(seen, [np.rint(outline * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
        share = np.asarray(seen, np.float32) / 255
        if rng.random() < 0.75:
            soft = cv2.GaussianBlur(share, (0, 0), float(rng.uniform(0.6, 5)))
            x, y = rng.normal(0, 1.8, 2)
            move2 = np.array([[1, 0, x], [0, 1, y]], np.float64)
            soft = np.asarray(cv2.warpAffine(soft, move2, SIZE, borderMode=cv2.BORDER_REPLICATE), np.float32)
            under = under * (1 - float(rng.uniform(0.08, 0.6)) * soft)[..., None]
        paper = warped * light * rng.uniform(0.85, 1.1)
        over = np.asarray(under * (1 - share[..., None]) + paper * share[..., None], np.float32)
        return over, np.asarray(share, np.float32)


def _halved(sheet: Picture) -> list[Picture]:
    sizes = [sheet]
    for _ in range(_KEPT - 1):
        rows, columns = sizes[-1].shape[:2]
        size = (max(8, columns // 2), max(8, rows // 2))
        sizes.append(np.asarray(cv2.resize(sizes[-1], size, interpolation=cv2.INTER_AREA), np.uint8))
    return sizes


def _lie(rng: np.random.Generator) -> NDArray[np.float32]:
    """How a paper lies: from a card seen from afar to a sheet that nearly fills the picture; some reach outside."""
    width, height = SIZE
    aspect = float(rng.choice([2**0.5, 1.585, rng.uniform(1.0, 2.9)], p=[0.5, 0.22, 0.28]))
    longer = float(np.exp(rng.uniform(np.log(0.12), np.log(0.98)))) * height * 1.15
    sides = np.array([longer / aspect, longer])
    if rng.random() < 0.5:
        sides = sides[::-1]
    flat = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * sides / 2
    angle = float(rng.normal(0, 0.25)) if rng.random() < 0.6 else float(rng.uniform(-np.pi, np.pi) / 2)
    turned = flat @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    turned += rng.normal(0, 0.018, (4, 2)) * longer
    reach = np.abs(turned).max(axis=0)
    room = np.maximum(np.array([width, height]) / 2 - reach - 2, 0)
    spread = 1.0 if rng.random() < 0.88 else 0.0
    outside = (1 - spread) * reach * 0.8
    middle = np.array([width, height]) / 2 + rng.uniform(-1, 1, 2) * (room + outside)
    return np.asarray(turned + middle, np.float32)


def _curled(quad: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """The outline of a paper whose sides bend a little; the corners stay."""
    steps = np.linspace(0, 1, 13)[:-1]
    parts = []
    for i in range(4):
        start, along = quad[i], quad[(i + 1) % 4] - quad[i]
        normal = np.array([-along[1], along[0]])
        bend = float(rng.normal(0, 0.012)) * np.sin(np.pi * steps)
        parts.append(start + steps[:, None] * along + bend[:, None] * normal)
    return np.concatenate(parts).astype(np.float32)


def _share(page: Plane, quad: NDArray[np.float32]) -> float:
    inside = np.zeros(page.shape, np.uint8)
    cv2.fillConvexPoly(inside, np.rint(quad).astype(np.int32), 1)
    return float((page * inside).sum() / max(1, inside.sum()))


def _light(rng: np.random.Generator) -> NDArray[np.float32]:
    width, height = SIZE
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :, None] * np.float32(rng.normal(0, 0.14))
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None, None] * np.float32(rng.normal(0, 0.14))
    colour = 1 + rng.normal(0, 0.04, 3).astype(np.float32)
    return np.asarray((np.float32(rng.uniform(0.55, 1.12)) + x + y) * colour, np.float32)


def _cast_shadow(rng: np.random.Generator) -> NDArray[np.float32]:
    """A soft or hard shadow of something outside of the picture."""
    width, height = SIZE
    shape = np.zeros((height, width), np.uint8)
    angle = float(rng.uniform(0, 2 * np.pi))
    middle = np.array([width, height]) * rng.uniform(0.1, 0.9, 2)
    along, away = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    broad = float(rng.choice([400, rng.uniform(20, 90)]))
    points = np.array([middle - 400 * along, middle + 400 * along, middle + 400 * along + broad * away])
    points = np.concatenate([points, [middle - 400 * along + broad * away]])
    cv2.fillPoly(shape, [np.rint(points).astype(np.int32)], 255)
    soft = np.asarray(cv2.GaussianBlur(shape, (0, 0), float(rng.uniform(0.8, 12))), np.float32) / 255
    return np.asarray(1 - float(rng.uniform(0.15, 0.6)) * soft[..., None], np.float32)


def _hand(
    lit: NDArray[np.float32], quads: list[NDArray[np.float32]], rng: np.random.Generator
) -> tuple[NDArray[np.float32], Plane]:
    """An arm that comes in from an edge, with fingers that reach onto a paper."""
    width, height = SIZE
    corner = quads[0][int(rng.integers(4))] if quads else np.array([width, height]) * rng.uniform(0.3, 0.7, 2)
    middle = quads[0].mean(axis=0) if quads else np.array([width / 2, height / 2])
    tip = np.clip(corner + (middle - corner) * rng.uniform(0.05, 0.6), 0, [width, height])
    edges = [(tip[0], -30.0), (tip[0], height + 30.0), (-30.0, tip[1]), (width + 30.0, tip[1])]
    start = np.array(min(edges, key=lambda edge: float(np.hypot(*(np.array(edge) - tip))))) + rng.normal(0, 25, 2)
    away = (tip - start) / max(float(np.hypot(*(tip - start))), 1.0)
    side = np.array([-away[1], away[0]])
    size = float(rng.uniform(5, 12))
    shape = np.zeros((height, width), np.uint8)
    palm = tip - away * size * 4
    cv2.line(shape, *_points(start, palm), 255, int(size * 4), cv2.LINE_AA)
    cv2.circle(shape, _points(palm, palm)[0], int(size * 2.4), 255, -1, cv2.LINE_AA)
    for place in range(int(rng.integers(1, 5))):
        spread = (place - 1.5) * size * 1.15
        end = tip + side * spread * 1.2 - away * size * abs(place - 1.5) * 0.7
        cv2.line(shape, *_points(palm + side * spread, end), 255, int(size * rng.uniform(0.9, 1.2)), cv2.LINE_AA)
    share = np.asarray(cv2.GaussianBlur(shape, (0, 0), 0.6), np.float32)[..., None] / 255
    shade = cv2.resize(rng.normal(1, 0.1, (6, 8, 1)).astype(np.float32), SIZE, interpolation=cv2.INTER_CUBIC)
    skin = np.array([125, 158, 208]) * rng.uniform(0.45, 1.1) + rng.normal(0, 10, 3)
    drop = np.asarray(cv2.GaussianBlur(share, (0, 0), 4), np.float32)
    dark = lit * (1 - 0.4 * np.roll(drop, 3, axis=(0, 1))[..., None])
    arm = (skin * np.asarray(shade, np.float32)[..., None]).astype(np.float32)
    return np.asarray(dark * (1 - share) + arm * share, np.float32), np.asarray(share[..., 0], np.float32)


def _points(one: NDArray[np.floating], other: NDArray[np.floating]) -> tuple[tuple[int, int], tuple[int, int]]:
    return (round(float(one[0])), round(float(one[1]))), (round(float(other[0])), round(float(other[1])))


def _lamp(lit: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    width, height = SIZE
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    at = rng.uniform(0.1, 0.9, 2) * (width, height)
    broad = rng.uniform(4, 18, 2)
    spot = np.exp(-(((x - at[0]) / broad[0]) ** 2 + ((y - at[1]) / broad[1]) ** 2) / 2)
    return np.asarray(lit + (spot * rng.uniform(60, 260))[..., None], np.float32)


def _develop(lit: NDArray[np.float32], rng: np.random.Generator) -> Picture:
    blur = float(rng.uniform(0.0, 0.9))
    if blur > 0.3:
        lit = np.asarray(cv2.GaussianBlur(lit, (0, 0), blur), np.float32)
    noise = rng.standard_normal(lit.shape, dtype=np.float32) * np.float32(rng.uniform(0.3, 4))
    return np.asarray(np.clip(lit + noise, 0, 255), np.uint8)
