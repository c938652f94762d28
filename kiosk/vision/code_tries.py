"""Other looks at a still that a code was not read in at first: scale, contrast, colour, sharpness, straightened crops.

Each is a copy of the picture with the way back to its pixels. Pure functions on arrays.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from pyzbar import pyzbar, pyzbar_error

from drivers.code_scanner.reading import Code, Grey, Point

SMALL_SIDE: Final = 700
"""Pictures with a longer side below this are also enlarged."""
LARGE_SIDE: Final = 900
"""Pictures with a longer side above this are also reduced."""
CROP_SIDE: Final = 480
ALMOST_WHITE: Final = (235, 200)
MOST_ASPECT: Final = 4
_CROP_MARGIN: Final = 0.12


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """A copy of a picture.

    Attributes:
        name: what was done.
        back: (3, 3): from its pixels to the picture's.
    """

    name: str
    picture: Grey
    back: NDArray[np.float64]

    def placed(self, code: Code) -> Code:
        """A code that was found in the copy, with its corners in the picture."""
        moved = cv2.perspectiveTransform(np.array([code.corners], np.float64), self.back)[0]
        a, b, c, d = ((float(x), float(y)) for x, y in moved)
        return replace(code, corners=(a, b, c, d))


def looks(picture: Grey, colour: NDArray[np.uint8] | None) -> Iterator[Look]:
    """Copies of a picture, those first that help most often for their time.

    Args:
        picture: (height, width).
        colour: (height, width, 3), the same in colour if there is colour.
    """
    whole = np.eye(3)
    longer = max(picture.shape)
    if longer < SMALL_SIDE:
        yield scaled(picture, 2.0)
    if longer > LARGE_SIDE:
        yield scaled(picture, 640.0 / longer)
    yield Look("contrast", _as_grey(cv2.createCLAHE(4.0, (8, 8)).apply(picture)), whole)
    soft = cv2.GaussianBlur(picture, (0, 0), 1.2)
    yield Look("blur", _as_grey(soft), whole)
    yield Look("sharpen", _as_grey(cv2.addWeighted(picture, 2.2, soft, -1.2, 0)), whole)
    if longer >= 200:
        yield scaled(picture, 0.5)
    softer = cv2.GaussianBlur(picture, (0, 0), 2.4)
    yield Look("blur more", _as_grey(softer), whole)
    # A photograph within the dark modules: whatever is not almost white is dark.
    darkest = picture if colour is None else _as_grey(colour.min(axis=2))
    for level in ALMOST_WHITE:
        yield Look(f"below {level}", _as_grey(np.where(darkest > level, 255, 0)), whole)
    if colour is not None:
        for channel, name in enumerate(("blue", "green", "red")):
            yield Look(name, np.ascontiguousarray(colour[:, :, channel]), whole)
    for kernel in (3, 5):
        closed = cv2.morphologyEx(picture, cv2.MORPH_CLOSE, np.ones((kernel, kernel), np.uint8))
        yield Look(f"close {kernel}", _as_grey(closed), whole)


def scaled(picture: Grey, factor: float) -> Look:
    """A larger or smaller copy; the picture itself for 1."""
    if factor == 1:
        return Look("x1", picture, np.eye(3))
    way = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    size = (max(round(picture.shape[1] * factor), 1), max(round(picture.shape[0] * factor), 1))
    back = np.diag([picture.shape[1] / size[0], picture.shape[0] / size[1], 1.0])
    return Look(f"x{factor:.2f}", _as_grey(cv2.resize(picture, size, interpolation=way)), back)


def crops(picture: Grey) -> Iterator[Look]:
    """The surroundings of codes that other finders see, straightened."""
    for finder in (_zbar_quads, _opencv_quads):
        for quad in finder(picture):
            if (look := _straightened(picture, quad)) is not None:
                yield look


def zbar_ascii(picture: Grey) -> tuple[tuple[bytes, tuple[Point, Point, Point, Point]], ...]:
    """What zbar reads in QR codes, where that is plain ASCII.

    zbar guesses a charset and hands over UTF-8: of other characters the bytes that were in the code are lost, and some
    come out as others. ASCII is the same in every charset that it guesses.
    """
    found = []
    for one in _zbar(picture):
        quad = [(float(point.x), float(point.y)) for point in one.polygon]
        if len(quad) == 4 and one.data and all(0x20 <= byte < 0x7F for byte in one.data):
            found.append((bytes(one.data), (quad[0], quad[3], quad[2], quad[1])))
    return tuple(found)


def _zbar(picture: Grey) -> list[pyzbar.Decoded]:
    try:
        return pyzbar.decode(picture, symbols=[pyzbar.ZBarSymbol.QRCODE])
    except (ValueError, pyzbar_error.PyZbarError):
        return []  # pyzbar stumbles over linked codes, whose orientation zbar does not give


def _zbar_quads(picture: Grey) -> Iterator[NDArray[np.float32]]:
    for one in _zbar(picture):
        if len(one.polygon) == 4:
            yield np.array([(point.x, point.y) for point in one.polygon], np.float32)


def _opencv_quads(picture: Grey) -> Iterator[NDArray[np.float32]]:
    if max(picture.shape) > MOST_ASPECT * min(picture.shape):
        return  # OpenCV enlarges the shorter side to 512 pixels, and the longer with it
    finders: tuple[Callable[[], cv2.QRCodeDetector | cv2.QRCodeDetectorAruco], ...] = (
        cv2.QRCodeDetector,
        cv2.QRCodeDetectorAruco,
    )
    for make in finders:
        try:
            seen, quads = make().detectMulti(picture)
        except cv2.error:  # it raises on some pictures in which it finds less than it expects
            continue
        if seen and quads is not None:
            yield from np.asarray(quads, np.float32).reshape(-1, 4, 2)[:4]


def _straightened(picture: Grey, quad: NDArray[np.float32]) -> Look | None:
    if not np.isfinite(quad).all() or cv2.contourArea(cv2.convexHull(quad)) < 400:
        return None
    near, far = _CROP_MARGIN * CROP_SIDE, (1 - _CROP_MARGIN) * CROP_SIDE
    target = np.array([[near, near], [far, near], [far, far], [near, far]], np.float32)
    matrix = cv2.getPerspectiveTransform(quad, target)
    if abs(float(np.linalg.det(matrix))) < 1e-9:
        return None
    flat = cv2.warpPerspective(
        picture, matrix, (CROP_SIDE, CROP_SIDE), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return Look("crop", _as_grey(flat), np.asarray(np.linalg.inv(matrix), np.float64))


def _as_grey(picture: "cv2.typing.MatLike") -> Grey:
    return np.asarray(picture, np.uint8)
