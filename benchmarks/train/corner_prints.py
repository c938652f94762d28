"""What is printed on the training pages, and what desks look like. Noise, lines and shapes; no font, no photograph."""

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
"""(height, width, 3), BGR."""
_LONG = 320
_DESK = (384, 288)


def page_print(rng: np.random.Generator) -> Picture:
    """One sheet, card, ticket, licence, form or cover; its longer side is 320 pixels."""
    kind = rng.choice(["text", "licence", "card", "ticket", "cover", "form"], p=[0.27, 0.17, 0.18, 0.14, 0.14, 0.1])
    aspect = {"card": 1.585, "ticket": float(rng.uniform(1.2, 2.8))}.get(str(kind), 2**0.5)
    size = (int(_LONG / aspect), _LONG)
    if rng.random() < (0.75 if kind in {"card", "ticket"} else 0.35):
        size = size[::-1]
    sheet = _stock(size, str(kind), rng)
    match str(kind):
        case "text":
            _text(sheet, rng, (0.1, 0.1, 0.9, float(rng.uniform(0.4, 0.93))))
            _seal(sheet, rng, 0.5)
        case "licence":
            _frame(sheet, rng)
            _text(sheet, rng, (0.14, 0.14, 0.86, float(rng.uniform(0.5, 0.8))))
            _seal(sheet, rng, 0.9)
        case "card":
            _text(sheet, rng, (0.06, 0.08, 0.6, 0.9))
            _portrait(sheet, rng)
        case "ticket":
            _mottle(sheet, rng, 14)
            _text(sheet, rng, (0.05, 0.1, 0.95, 0.9))
            _seal(sheet, rng, 0.7)
            _perforation(sheet, rng)
        case "cover":
            _cover(sheet, rng)
        case _:
            _grid(sheet, rng)
            _text(sheet, rng, (0.08, 0.03, 0.92, 0.12))
    if rng.random() < 0.3:
        turned = np.rot90(sheet, 2)
        sheet = np.ascontiguousarray(turned)
    return sheet


def desk_print(rng: np.random.Generator) -> Picture:
    """An empty desk, (288, 384, 3): mats, wood, cloth, stone, sand, printed matter, things lying about."""
    width, height = _DESK
    colour = _desk_colour(rng)
    desk = np.empty((height, width, 3), np.float32)
    desk[:] = colour
    kinds = ["plain", "weave", "wood", "sand", "print", "strips", "blobs"]
    kind = rng.choice(kinds, p=[0.3, 0.12, 0.13, 0.1, 0.13, 0.12, 0.1])
    match str(kind):
        case "weave":
            desk += _weave(rng)[..., None] * rng.uniform(4, 26)
        case "wood":
            grain = cv2.resize(rng.normal(0, 1, (int(rng.integers(20, 120)), 3)).astype(np.float32), _DESK[::1])
            desk += np.asarray(grain, np.float32)[..., None] * rng.uniform(3, 16)
        case "sand":
            desk += _noise(rng, float(rng.uniform(0.4, 1.2)))[..., None] * rng.uniform(8, 30)
            desk += _noise(rng, float(rng.uniform(6, 14)))[..., None] * rng.uniform(3, 14)
        case "print":
            desk = _printed(desk, rng)
        case "strips":
            desk = _strips(desk, rng)
        case "blobs":
            desk += _noise(rng, float(rng.uniform(3, 30)))[..., None] * rng.uniform(5, 40)
        case _:
            pass
    desk += _noise(rng, float(rng.uniform(20, 60)))[..., None] * rng.uniform(0, 9)
    desk += rng.normal(0, 1, desk.shape) * rng.uniform(0.2, 6)
    laid = np.asarray(desk.clip(0, 255), np.uint8)
    for _ in range(int(rng.choice([0, 1, 3, 6], p=[0.55, 0.2, 0.15, 0.1]))):
        _thing(laid, rng)
    return laid


def _desk_colour(rng: np.random.Generator) -> NDArray[np.float64]:
    kind = int(rng.integers(6))
    if kind == 0:  # black mats
        return rng.uniform(12, 55) + rng.normal(0, 4, 3)
    if kind == 1:  # white desks: the hard ones
        return rng.uniform(200, 250) + rng.normal(0, 5, 3)
    if kind == 2:  # wood
        return np.array([105, 150, 190]) * rng.uniform(0.4, 1.25) + rng.normal(0, 10, 3)
    if kind == 3:  # any colour
        return rng.uniform(10, 245, 3)
    return rng.uniform(60, 225) + rng.normal(0, 9, 3)


def _stock(size: tuple[int, int], kind: str, rng: np.random.Generator) -> Picture:
    base = rng.uniform(222, 255) + rng.normal(0, 3, 3)
    tint = rng.random()
    if kind in {"card", "ticket"} or tint < 0.2:
        base = rng.uniform(185, 240) + rng.normal(0, 14, 3)
    elif tint < 0.3:
        base = np.array([205, 232, 245]) + rng.normal(0, 8, 3)  # cream
    sheet = np.empty((size[1], size[0], 3), np.uint8)
    sheet[:] = base.clip(0, 255)
    if kind == "card":
        _mottle(sheet, rng, 6)
    return sheet


def _ink(rng: np.random.Generator) -> NDArray[np.float64]:
    return rng.uniform(15, 95) + rng.normal(0, 6, 3)


def _row(rng: np.random.Generator, width: int, height: int) -> NDArray[np.uint8]:
    """A line of what looks like writing from afar: 0 to 255, how much ink."""
    glyphs = max(1, width // max(2, height))
    cells = (rng.random((4, glyphs * 4)) < 0.5).astype(np.uint8) * 255
    cells[:, 3::4] = 0
    return np.asarray(cv2.resize(cells, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _stamp(sheet: Picture, ink: NDArray[np.uint8], x: int, y: int, colour: NDArray[np.float64]) -> None:
    rows, columns = sheet[y : y + ink.shape[0], x : x + ink.shape[1]].shape[:2]
    if rows <= 0 or columns <= 0:
        return
    part = sheet[y : y + rows, x : x + columns]
    share = ink[:rows, :columns, None].astype(np.float32) / 255
    part[:] = (part * (1 - share) + colour * share).clip(0, 255).astype(np.uint8)


def _text(sheet: Picture, rng: np.random.Generator, box: tuple[float, float, float, float]) -> None:
    height, width = sheet.shape[:2]
    left, top, right, bottom = (int(v * s) for v, s in zip(box, (width, height, width, height), strict=True))
    colour = _ink(rng)
    size = int(rng.integers(4, 9))
    y = top
    if rng.random() < 0.75:
        large = int(size * rng.uniform(1.6, 3.2))
        long = int((right - left) * rng.uniform(0.3, 0.7))
        _stamp(sheet, _row(rng, max(8, long), large), (left + right - long) // 2, y, colour)
        y += large * 2
    while y + size < bottom:
        if rng.random() < 0.9:
            long = int((right - left) * rng.choice([1.0, rng.uniform(0.2, 1.0)], p=[0.6, 0.4]))
            _stamp(sheet, _row(rng, max(8, long), size), left, y, colour)
        y += int(size * rng.uniform(1.5, 2.2))


def _frame(sheet: Picture, rng: np.random.Generator) -> None:
    height, width = sheet.shape[:2]
    colour = tuple(float(v) for v in rng.uniform(40, 190, 3))
    for _ in range(int(rng.integers(1, 4))):
        inset = int(rng.uniform(0.015, 0.07) * min(height, width))
        corner = (width - 1 - inset, height - 1 - inset)
        cv2.rectangle(sheet, (inset, inset), corner, colour, int(rng.integers(1, 6)))


def _seal(sheet: Picture, rng: np.random.Generator, chance: float) -> None:
    if rng.random() > chance:
        return
    height, width = sheet.shape[:2]
    at = (int(rng.uniform(0.2, 0.8) * width), int(rng.uniform(0.2, 0.85) * height))
    size = int(rng.uniform(0.06, 0.15) * max(height, width))
    red = (float(rng.uniform(30, 120)), float(rng.uniform(30, 120)), float(rng.uniform(170, 230)))
    cv2.circle(sheet, at, size, red, max(1, size // 9), cv2.LINE_AA)
    cv2.circle(sheet, at, max(1, size // 3), red, -1, cv2.LINE_AA)


def _portrait(sheet: Picture, rng: np.random.Generator) -> None:
    height, width = sheet.shape[:2]
    left, top = int(0.66 * width), int(rng.uniform(0.1, 0.25) * height)
    right, bottom = int(0.93 * width), int(rng.uniform(0.65, 0.85) * height)
    cv2.rectangle(sheet, (left, top), (right, bottom), tuple(float(v) for v in rng.uniform(90, 240, 3)), -1)
    middle = ((left + right) // 2, (top * 2 + bottom) // 3)
    cv2.circle(sheet, middle, max(1, (right - left) // 4), tuple(float(v) for v in rng.uniform(30, 200, 3)), -1)


def _perforation(sheet: Picture, rng: np.random.Generator) -> None:
    if rng.random() < 0.6:
        return
    height, width = sheet.shape[:2]
    step = max(6, int(0.1 * min(height, width)))
    for x in range(step // 2, width, step):
        for y in (step // 3, height - step // 3):
            cv2.circle(sheet, (x, y), max(1, step // 5), (20, 20, 20), -1)


def _mottle(sheet: Picture, rng: np.random.Generator, strength: float) -> None:
    coarse = rng.normal(0, strength, (6, 9, 3)).astype(np.float32)
    spread = cv2.resize(coarse, (sheet.shape[1], sheet.shape[0]), interpolation=cv2.INTER_CUBIC)
    fine = rng.normal(0, strength / 3, sheet.shape)
    sheet[:] = (sheet + np.asarray(spread, np.float32) + fine).clip(0, 255).astype(np.uint8)


def _cover(sheet: Picture, rng: np.random.Generator) -> None:
    height, width = sheet.shape[:2]
    base = rng.uniform(10, 240, 3)
    rough = base + rng.normal(0, rng.uniform(10, 70), (int(rng.integers(3, 24)), int(rng.integers(3, 24)), 3))
    spread = np.asarray(cv2.resize(rough.astype(np.float32), (width, height)), np.float32)
    sheet[:] = spread.clip(0, 255).astype(np.uint8)
    for _ in range(int(rng.integers(0, 5))):
        _thing(sheet, rng)
    for _ in range(int(rng.integers(1, 4))):
        row = _row(rng, int(width * rng.uniform(0.3, 0.8)), int(rng.integers(8, 30)))
        at = (int(width * rng.uniform(0.05, 0.3)), int(height * rng.uniform(0.05, 0.9)))
        _stamp(sheet, row, *at, rng.uniform(0, 255, 3))


def _grid(sheet: Picture, rng: np.random.Generator) -> None:
    height, width = sheet.shape[:2]
    colour = tuple(float(v) for v in _ink(rng))
    left, top, right, bottom = int(0.08 * width), int(0.14 * height), int(0.92 * width), int(0.93 * height)
    for y in np.linspace(top, bottom, int(rng.integers(5, 26))).astype(int):
        cv2.line(sheet, (left, int(y)), (right, int(y)), colour, 1)
    for x in np.linspace(left, right, int(rng.integers(3, 8))).astype(int):
        cv2.line(sheet, (int(x), top), (int(x), bottom), colour, 1)


def _noise(rng: np.random.Generator, sigma: float) -> NDArray[np.float32]:
    """Smooth noise over a desk, with a standard deviation of about 1."""
    width, height = _DESK
    step = max(1.0, sigma)
    small = rng.normal(0, 1, (max(2, int(height / step)), max(2, int(width / step)))).astype(np.float32)
    return np.asarray(cv2.resize(small, _DESK, interpolation=cv2.INTER_CUBIC), np.float32)


def _weave(rng: np.random.Generator) -> NDArray[np.float32]:
    width, height = _DESK
    step = float(rng.uniform(1.3, 5))
    warp = np.sin(np.arange(width) * 2 * np.pi / step)[None, :] * (1 + _noise(rng, 5))
    weft = np.sin(np.arange(height) * 2 * np.pi / step)[:, None] * (1 + _noise(rng, 5))
    return np.asarray((warp + weft + rng.normal(0, 0.5, (height, width))) / 2, np.float32)


def _printed(desk: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Printed matter that lies under the page: lines of text over all of it, sheets that reach outside."""
    width, height = _DESK
    laid = np.asarray(desk.clip(0, 255), np.uint8)
    for _ in range(int(rng.integers(1, 4))):
        sheet = np.empty((height, width, 3), np.uint8)
        sheet[:] = (rng.uniform(150, 250) + rng.normal(0, 8, 3)).clip(0, 255)
        _text(sheet, rng, (0.03, 0.03, 0.97, 0.97))
        scale = float(rng.uniform(1.0, 2.6))
        move = cv2.getRotationMatrix2D((width / 2, height / 2), float(rng.uniform(-180, 180)), scale)
        move = np.asarray(move, np.float64) + np.outer(rng.normal(0, 130, 2), (0, 0, 1))
        over = cv2.warpAffine(sheet, move, _DESK)
        where = cv2.warpAffine(np.full((height, width), 255, np.uint8), move, _DESK)
        laid = np.where(np.asarray(where)[..., None] > 127, np.asarray(over, np.uint8), laid)
    return laid.astype(np.float32)


def _strips(desk: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Boards, drawers, parts of machines: long straight edges between plain areas."""
    laid = np.asarray(desk.clip(0, 255), np.uint8)
    grey = float(rng.uniform(40, 230))
    for _ in range(int(rng.integers(1, 8))):
        angle, at = float(rng.uniform(0, 2 * np.pi)), rng.uniform(0, 1, 2) * _DESK
        along, away = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
        broad = float(rng.uniform(6, 160))
        spread = float(rng.normal(0, 60))
        corners = [at - 500 * along, at + 500 * along, at + 500 * along + (broad + spread) * away]
        points = np.array([*corners, at - 500 * along + broad * away])
        colour = (grey + rng.normal(0, 35) + rng.normal(0, 8, 3)).clip(0, 255)
        cv2.fillPoly(laid, [np.rint(points).astype(np.int32)], tuple(float(v) for v in colour), cv2.LINE_AA)
    return laid.astype(np.float32)


def _thing(laid: Picture, rng: np.random.Generator) -> None:
    """A pen, a cable, a leaf, a cup or a shadowed recess; none is a plain quadrilateral."""
    height, width = laid.shape[:2]
    colour = tuple(float(v) for v in rng.uniform(5, 250, 3))
    at = (int(rng.uniform(0, width)), int(rng.uniform(0, height)))
    size = float(rng.uniform(5, 0.22 * width))
    kind = int(rng.integers(4))
    if kind == 0:
        end = (int(at[0] + rng.normal(0, 0.4 * width)), int(at[1] + rng.normal(0, 0.4 * height)))
        cv2.line(laid, at, end, colour, int(rng.integers(1, 14)), cv2.LINE_AA)
    elif kind == 1:
        axes = (int(size), int(size * rng.uniform(0.2, 1)))
        cv2.ellipse(laid, at, axes, float(rng.uniform(0, 180)), 0, 360, colour, int(rng.choice([-1, 2])), cv2.LINE_AA)
    elif kind == 2:
        turns = np.sort(rng.uniform(0, 2 * np.pi, int(rng.integers(5, 10))))
        radii = size * rng.uniform(0.3, 1, len(turns))
        points = np.stack([at[0] + radii * np.cos(turns), at[1] + radii * np.sin(turns)], axis=1)
        cv2.fillPoly(laid, [np.rint(points).astype(np.int32)], colour, cv2.LINE_AA)
    else:
        points = np.rint(np.cumsum(rng.normal(0, 0.08 * width, (9, 2)), axis=0) + at).astype(np.int32)
        cv2.polylines(laid, [points], isClosed=False, color=colour, thickness=int(rng.integers(1, 6)))
