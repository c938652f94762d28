"""Passive liveness: two small networks that tell a face from a print or a screen, and ask nothing of the person.

MiniFASNetV2 and MiniFASNetV1SE of Silent-Face-Anti-Spoofing (minivision-ai, Apache-2.0) look at the face with 2.7 and
4.0 times the surroundings of its box: the paper's edge, the telephone's frame, the raster of a screen. No package
brings their weights, so their files are configured by path and SHA-256. Without them, or with others, the answer is
NOT_AVAILABLE with the reason, which is never PASSED.

Measured elsewhere on two people's clips: live at least 0.99, screens at most 0.23; a photograph of a 3D mask had 0.99
(docs/liveness.md). It says nothing about video that is fed in behind the camera.
"""

import hashlib
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.faces import Face, Image
from kiosk.vision.observation import Liveness, PassiveFiles

THRESHOLD: Final = 0.8
"""A median score at or above it counts as live."""
LEAST_FRAMES: Final = 5
WIDEST_SHARE: Final = 0.25
"""Of the picture's width that the face's box may take: nearer, there is no scene about it and live faces score low."""
_SIDE: Final = 80
_LEAST_BOX: Final = 24.0
_LARGEST_FILE: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class PassiveVerdict:
    """What the networks say of several pictures.

    Attributes:
        score: the median, 0 to 1; None when there is none. It does not leave the terminal.
        frames: how many pictures counted.
        why: for the technician, where it is neither PASSED nor FAILED; no personal data.
        model: SHA-256 of both files, joined by `+`.
    """

    liveness: Liveness
    score: float | None
    frames: int
    why: str
    model: str


class PassiveNets:
    """Both networks, or the reason why they are not there. One thread at a time.

    Args:
        settings: where the files are. Whatever is wrong with them is told by `why_not`, and nothing is raised.
    """

    def __init__(self, settings: PassiveFiles) -> None:
        self._nets: list[tuple[cv2.dnn.Net, float]] = []
        self.model = ""
        self.why_not = ""
        wanted = (
            ("MiniFASNetV2", settings.v2_path, settings.v2_sha256, 2.7),
            ("MiniFASNetV1SE", settings.v1se_path, settings.v1se_sha256, 4.0),
        )
        nets: list[tuple[cv2.dnn.Net, float]] = []
        for name, path, sha256, scale in wanted:
            opened = _opened(name, path, sha256.strip().lower())
            if isinstance(opened, str):
                self.why_not = opened
                return
            nets.append((opened, scale))
        self._nets = nets
        self.model = "+".join(sha256.strip().lower() for _, _, sha256, _ in wanted)

    def score(self, image: Image, face: Face) -> float | None:
        """How sure both are that the face is alive, 0 to 1. 3 ms on one thread.

        Args:
            image: the whole scene, (h, w, 3) uint8, BGR.
            face: one that was found in it.

        Returns:
            None where they are not available, or the picture does not serve: see `serves`.
        """
        return self.raw(image, face) if serves(image, face) else None

    def raw(self, image: Image, face: Face) -> float | None:
        """The same however near the face is: for measuring, not for deciding."""
        if not self._nets or not _sound(image, face):
            return None
        try:
            scores = [_live(net, crop(image, face.box, scale)) for net, scale in self._nets]
        except cv2.error:
            return None
        mean = sum(scores) / len(scores)
        return mean if math.isfinite(mean) else None

    def verdict(self, scores: Sequence[float | None]) -> PassiveVerdict:
        """The median of at least five scores against the threshold; None among them do not count."""
        if not self._nets:
            return PassiveVerdict(Liveness.NOT_AVAILABLE, None, 0, self.why_not, "")
        counted = [score for score in scores if score is not None and math.isfinite(score)]
        median = statistics.median(counted) if counted else None
        if median is None or len(counted) < LEAST_FRAMES:
            why = f"{len(counted)} of {LEAST_FRAMES} pictures serve"
            return PassiveVerdict(Liveness.NOT_MEASURED, median, len(counted), why, self.model)
        liveness = Liveness.PASSED if median >= THRESHOLD else Liveness.FAILED
        return PassiveVerdict(liveness, median, len(counted), "", self.model)


def serves(image: Image, face: Face) -> bool:
    """Whether the networks can say anything of this face: it takes at most a quarter of the width, and is no dot."""
    return _sound(image, face) and bool(face.box[2] <= WIDEST_SHARE * image.shape[1])


def _sound(image: Image, face: Face) -> bool:
    """Whether the arrays are what they should be, and the face is in the picture and at least 24 pixels large."""
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        return False
    height, width = image.shape[:2]
    if not all(math.isfinite(value) for value in face.box):
        return False
    left, top, box_width, box_height = face.box
    if min(box_width, box_height) < _LEAST_BOX or box_width > width or box_height > height:
        return False
    x, y = left + box_width / 2, top + box_height / 2
    return bool(0 <= x < width and 0 <= y < height)


def crop(image: Image, box: tuple[float, float, float, float], scale: float) -> Image:
    """Cut out a face with its surroundings, (80, 80, 3), as Silent-Face's `CropImage` does.

    The box is scaled about its middle, by less where it would be larger than the picture, and moved to lie inside it.

    Args:
        image: (h, w, 3) uint8.
        box: left, top, width, height in pixels; its middle lies in the picture.
        scale: 2.7 or 4.0.
    """
    height, width = image.shape[:2]
    # The networks were trained with boxes of whole pixels.
    x, y, box_width, box_height = (float(math.trunc(value)) for value in box)
    box_width, box_height = max(box_width, 1.0), max(box_height, 1.0)
    scale = min((height - 1) / box_height, (width - 1) / box_width, scale)
    wide, high = box_width * scale, box_height * scale
    left = min(max(x + box_width / 2 - wide / 2, 0.0), width - 1 - wide)
    top = min(max(y + box_height / 2 - high / 2, 0.0), height - 1 - high)
    first_x, first_y = max(int(left), 0), max(int(top), 0)
    piece = image[first_y : int(top + high) + 1, first_x : int(left + wide) + 1]
    return np.asarray(cv2.resize(piece, (_SIDE, _SIDE)), np.uint8)


def _opened(name: str, path: str, sha256: str) -> cv2.dnn.Net | str:
    """The network, or why not."""
    if not path or not sha256:
        return f"{name} is not configured"
    file = Path(path)
    try:
        # Hashed and read once: the file could be changed in between.
        data = file.read_bytes() if file.is_file() and file.stat().st_size <= _LARGEST_FILE else b""
    except (OSError, ValueError):
        data = b""
    if not data:
        return f"the file of {name} is missing, too large or not readable"
    if hashlib.sha256(data).hexdigest() != sha256:
        return f"the file of {name} is not the one expected"
    try:
        net = cv2.dnn.readNetFromONNX(np.frombuffer(data, np.uint8))
        _live(net, np.zeros((_SIDE, _SIDE, 3), np.uint8))
    except (cv2.error, ValueError):
        return f"the file of {name} is no network that works here"
    return net


def _live(net: cv2.dnn.Net, piece: Image) -> float:
    """Softmax of the class `live`, the second of three."""
    net.setInput(cv2.dnn.blobFromImage(piece, 1.0, (_SIDE, _SIDE), (0, 0, 0), swapRB=False, crop=False))
    numbers: NDArray[np.float64] = np.asarray(net.forward(), np.float64).reshape(-1)
    if numbers.shape != (3,):
        raise ValueError("three classes are expected")
    grown = np.exp(numbers - numbers.max())
    return float(grown[1] / grown.sum())
