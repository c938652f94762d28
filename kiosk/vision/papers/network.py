"""The page network: what of a picture is paper, where papers end, where their corners are, what covers them.

Our own, of 346,576 parameters; trained by `benchmarks/train/corners.py` on drawn scenes only
(docs/decisions/0012). It also looks at what has changed since the desk was empty, where that picture is known.
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.faces import Image

INPUT = (256, 192)
"""Width and height of what the network sees; pictures of other proportions are squeezed."""
OUTPUT = (128, 96)
"""Width and height of its maps."""
CHANNELS = 7
WEIGHTS = "corners.onnx"
SHA256 = "04451deb29a437a013eea692b12a19216e81d42c8ba63a9ff9b3f08aafdf30a5"
_DARK = 12.0
"""Added before a ratio is taken, so that the noise of dark mats does not count."""
_STRIDE, _RIM, _AGREES, _ROUNDS = 4, 0.88, 0.04, 5
_TOLERANCE = np.ones((3, 3), np.uint8)

Plane = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Maps:
    """What the network says; (96, 128) each, 0 to 1.

    Attributes:
        page: paper that is not part of the desk.
        sides: the papers' sides.
        corners: their corners.
        hand: a hand or an arm.
    """

    page: Plane
    sides: Plane
    corners: Plane
    hand: Plane


def prepared(image: Image, desk: Image | None) -> NDArray[np.float32]:
    """What the network is fed with: (7, 192, 256); see `fed`."""
    return fed(*reduced(image, desk))


def reduced(image: Image, desk: Image | None) -> tuple[Plane, Plane | None]:
    """The picture, and what has changed since the desk was empty (`changed`), at the network's size."""
    small = np.asarray(cv2.resize(image, INPUT, interpolation=cv2.INTER_AREA), np.float32)
    if desk is None:
        return small, None
    return small, changed(small, np.asarray(cv2.resize(desk, INPUT, interpolation=cv2.INTER_AREA), np.float32))


def fed(small: Plane, change: Plane | None) -> NDArray[np.float32]:
    """What the network is fed with: (7, 192, 256).

    Three channels of the picture, three of what has changed since the desk was empty (0 where it is not known), one
    that says whether that is known.
    """
    planes = np.zeros((CHANNELS, INPUT[1], INPUT[0]), np.float32)
    planes[:3] = small.transpose(2, 0, 1) / 127.5 - 1.0
    if change is not None:
        planes[3:6] = (np.sign(change) * np.sqrt(np.minimum(np.abs(change), 1.5))).transpose(2, 0, 1)
        planes[6] = 1.0
    return planes


def changed(picture: Plane, empty: Plane) -> Plane:
    """How much brighter each pixel is than the empty desk there: the logarithm of the ratio, 0 where nothing is new.

    The light may differ, smoothly over the whole, and the camera may have moved by a pixel: a pixel counts only as far
    as it lies outside of what the empty desk shows in its 3 x 3 neighbourhood.

    Args:
        picture: (h, w, 3), 0 to 255.
        empty: the same size.
    """
    now = np.log(picture + _DARK)
    then = np.log(empty + _DARK)
    now = now - _light(now - then)
    low, high = cv2.erode(then, _TOLERANCE), cv2.dilate(then, _TOLERANCE)
    return np.asarray(now - np.clip(now, low, high), np.float32)


def maps(planes: NDArray[np.float32]) -> Maps | None:
    """What the network says of what it is fed with (`fed`); None where the weights are missing."""
    net = _network()
    if net is None:
        return None
    net.setInput(planes[None])
    said = np.asarray(net.forward(), np.float32)
    page, sides, corners, hand = said[0]
    return Maps(page, sides, corners, hand)


def _light(ratio: Plane) -> Plane:
    """How the light changed, as a quadratic of the place.

    It is fitted along the rim first, where there is desk more often than paper, then to all that agrees with it.
    """
    height, width = ratio.shape[:2]
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    terms = np.stack([np.ones_like(x), x, y, x * y, x * x, y * y], axis=-1).astype(np.float32)
    few, values = terms[::_STRIDE, ::_STRIDE].reshape(-1, 6), ratio[::_STRIDE, ::_STRIDE].reshape(-1, 3)
    rim = np.abs(few[:, 1:3]).max(axis=1) > _RIM
    level = np.median(values[rim], axis=0)
    weights = np.where(rim, 1.0, 0.02) / (1 + (np.abs(values - level).mean(axis=1) / (4 * _AGREES)) ** 2)
    solved = np.zeros((6, 3))
    for _ in range(_ROUNDS):
        weighted = few * weights[:, None]
        solved = np.linalg.solve(few.T @ weighted + 1e-3 * np.eye(6), weighted.T @ values)
        weights = 1 / (1 + (np.abs(values - few @ solved).mean(axis=1) / _AGREES) ** 2) ** 2
    return np.asarray(terms @ solved.astype(np.float32), np.float32)


@lru_cache(maxsize=1)
def _network() -> "cv2.dnn.Net | None":
    file = resources.files("kiosk.vision") / "weights" / WEIGHTS
    if not file.is_file():
        return None
    packed = file.read_bytes()
    if hashlib.sha256(packed).hexdigest() != SHA256:
        return None
    net = cv2.dnn.readNetFromONNX(np.frombuffer(packed, np.uint8))
    net.setPreferableBackend(cv2.dnn.DNN_BACKEND_OPENCV)
    return net
