"""Whether a face wears a mask: a small network of our own (docs/decisions/0009-mask-network.md).

The face's square, one and a half times its box, is reduced to 64x64 and seen six times: a little closer, a little from
afar, each also mirrored; the mean decides.
The network tells three things apart: a bare face, a mask over mouth and nose, and one that leaves the nose out.
"""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.faces import EngineError, Face, Image, picture
from kiosk.vision.observation import Mask

WEIGHTS = Path(__file__).parent / "weights" / "mask.onnx"
SHA256 = "fa6baa91153a47f73e420be53c74859a0a93c25cc305537fbe0595eb1b679ea0"
"""Of the weights that are shipped, hexadecimal."""

SIDE = 64
"""Pixels of the network's input."""
MARGIN = 1.5
"""The square that is looked at, in the longer sides of the face's box."""
CLASSES = ("bare", "worn", "nose_out")

ZOOMS = (1.0, 1.1, 0.9)
"""What is looked at, in sides of the square."""

WORN_FROM = 0.4
"""The probability of a mask of either kind from which one is there. Bare faces lie far below: of 539 that a network had
not seen, 2 reached this; of 266 with a mask, 97 % reach 0.6 and 98.5 % this (docs/decisions/0009-mask-network.md)."""
NOSE_OUT_FROM = 0.5
"""The probability of a mask that leaves the nose out from which it is not worn as it should be."""
BARE_UP_TO = 0.25
"""The probability of a mask of either kind up to which the face is bare. Between the two: unsure."""
LEAST_PUPILS_PX = 16.0
"""Faces with less between the pupils are not measured."""
LEAST_LOWER_SHARE = 0.75
"""Of the lower half of the face's box must lie inside the picture: a mask that is cut off cannot be told."""
LEAST_SPREAD = 4.0
"""Standard deviation of the grey levels below which the square shows nothing: black, burnt, covered."""


@dataclass(frozen=True, slots=True)
class MaskSeen:
    """What the classifier says of one face.

    Attributes:
        answer: UNSURE also for a mask that leaves the nose out: staff or a second look decide.
        probability: of a mask over mouth and nose, 0 to 1; None where nothing was measured.
        nose_out: the probability of a mask that leaves the nose out, 0 to 1; None where nothing was measured.
    """

    answer: Mask
    probability: float | None = None
    nose_out: float | None = None


NOTHING = MaskSeen(Mask.NOT_MEASURED)


class MaskClassifier:
    """The network, loaded. 2 ms a face on one thread. One thread at a time.

    Args:
        path: the ONNX file.
        sha256: what its hash must be, hexadecimal.

    Raises:
        EngineError: the file is missing or is not the one expected.
    """

    def __init__(self, path: Path = WEIGHTS, sha256: str = SHA256) -> None:
        try:
            weights = path.read_bytes()
        except OSError as error:
            raise EngineError(f"the mask network {path.name} cannot be read: {error.strerror}") from error
        self.model = hashlib.sha256(weights).hexdigest()
        if self.model != sha256:
            raise EngineError(f"the mask network {path.name} is not the one expected")
        try:
            self._net = cv2.dnn.readNetFromONNX(np.frombuffer(weights, np.uint8))
        except cv2.error as error:
            raise EngineError(f"the mask network {path.name} cannot be loaded") from error

    def measure(self, image: NDArray[np.generic], face: Face) -> MaskSeen:
        """Say whether a face of a picture wears a mask.

        Args:
            image: (height, width, 3) uint8, BGR; whatever else `faces.picture` takes. Others are NOT_MEASURED.
            face: as the detector found it in that picture.
        """
        whole = picture(image)
        if whole is None or not _serves(whole, face):
            return NOTHING
        return self.judge(square(whole, face))

    def judge(self, crop: NDArray[np.generic]) -> MaskSeen:
        """Say whether the face in a square of 1.5 times its box wears a mask.

        Args:
            crop: of any size from 24x24 up, square; whatever `faces.picture` takes. Others are NOT_MEASURED.
        """
        seen = picture(crop)
        if seen is None or min(seen.shape[:2]) < 24:
            return NOTHING
        if float(cv2.cvtColor(seen, cv2.COLOR_BGR2GRAY).std()) < LEAST_SPREAD:
            return NOTHING
        self._net.setInput(fed(seen))
        said = np.asarray(self._net.forward(), np.float32).reshape(2 * len(ZOOMS), len(CLASSES))
        bare, worn, nose_out = shares(said).mean(axis=0)
        return decided(float(bare), float(worn), float(nose_out))


def shares(said: NDArray[np.float32]) -> NDArray[np.float64]:
    """What the network says, (n, 3), as probabilities of the three classes (softmax)."""
    rows = said.astype(np.float64)
    powers = np.exp(rows - rows.max(axis=1, keepdims=True))
    return cast("NDArray[np.float64]", powers / powers.sum(axis=1, keepdims=True))


def decided(bare: float, worn: float, nose_out: float) -> MaskSeen:
    """The answer to three probabilities."""
    if not math.isfinite(bare + worn + nose_out):
        return NOTHING
    either = worn + nose_out
    answer = Mask.BARE if either <= BARE_UP_TO else Mask.UNSURE
    if either >= WORN_FROM and nose_out < NOSE_OUT_FROM:
        answer = Mask.WORN
    return MaskSeen(answer, round(worn, 4), round(nose_out, 4))


def together(looks: Sequence[MaskSeen]) -> MaskSeen:
    """One answer for several looks at one person: the mean of those that measured something.

    Unsure where they contradict each other, more than one in four against the rest.
    """
    seen = [(look.probability, look.nose_out) for look in looks if look.probability is not None]
    if not seen:
        return NOTHING
    worn = sum(each[0] for each in seen) / len(seen)
    nose_out = sum(each[1] or 0.0 for each in seen) / len(seen)
    mean = decided(1.0 - worn - nose_out, worn, nose_out)
    against = min(sum(look.answer is answer for look in looks) for answer in (Mask.WORN, Mask.BARE))
    return replace(mean, answer=Mask.UNSURE) if against > len(seen) / 4 else mean


def square(image: Image, face: Face) -> Image:
    """The square round a face, (side, side, 3), at the picture's own size; black outside of the picture."""
    left, top, width, height = face.box
    side = max(2, round(MARGIN * max(width, height)))
    x, y = round(left + width / 2 - side / 2), round(top + height / 2 - side / 2)
    cut = np.zeros((side, side, 3), np.uint8)
    rows, columns = image.shape[:2]
    inside = image[max(y, 0) : min(y + side, rows), max(x, 0) : min(x + side, columns)]
    if inside.size:
        cut[max(-y, 0) : max(-y, 0) + inside.shape[0], max(-x, 0) : max(-x, 0) + inside.shape[1]] = inside
    return cut


def fed(crop: Image) -> NDArray[np.float32]:
    """A square as the network takes it: (6, 3, 64, 64), each of the zooms, then all of them mirrored; BGR, -1 to 1."""
    small = np.stack([_small(_zoomed(crop, zoom)) for zoom in ZOOMS])
    return scaled(np.concatenate([small, small[:, :, ::-1]]))


def scaled(small: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Pictures of 64x64, (n, 64, 64, 3), as the network takes them: (n, 3, 64, 64), -1 to 1."""
    values = small.astype(np.float32) / np.float32(127.5) - np.float32(1)
    return np.ascontiguousarray(values.transpose(0, 3, 1, 2))


def _zoomed(crop: Image, zoom: float) -> Image:
    side = min(crop.shape[:2])
    edge = round(abs(zoom - 1.0) * side / 2)
    if edge == 0:
        return crop
    if zoom < 1.0:
        return crop[edge:-edge, edge:-edge]
    return np.asarray(cv2.copyMakeBorder(crop, edge, edge, edge, edge, cv2.BORDER_REPLICATE), np.uint8)


def _small(crop: Image) -> Image:
    # Averaging where it shrinks: every other filter lets the texture of a mask alias.
    way = cv2.INTER_AREA if min(crop.shape[:2]) >= SIDE else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(crop, (SIDE, SIDE), interpolation=way), np.uint8)


def _serves(image: Image, face: Face) -> bool:
    left, top, width, height = face.box
    if not all(math.isfinite(value) for value in face.box) or not np.isfinite(face.points).all():
        return False
    if width <= 0 or height <= 0 or max(width, height) > 2 * max(image.shape[:2]) or face.pupils_px < LEAST_PUPILS_PX:
        return False
    middle = top + height / 2
    across = min(left + width, image.shape[1]) - max(left, 0.0)
    down = min(top + height, image.shape[0]) - max(middle, 0.0)
    return across > 0 and down > 0 and bool(across * down >= LEAST_LOWER_SHARE * width * height / 2)
