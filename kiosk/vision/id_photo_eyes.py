"""Where the eyes are, to a hundredth of the face: dlib's five-point predictor (CC0), from the second engine's package.

The first detector's points are some 5 % of the pupils' distance wrong and tell only half of a turn of the head, because
it has learned from upright faces. That serves for comparing faces; a photo that is cut by them hangs askew. Measured on
one face turned by known angles: within 0.4 degrees and 1 % (docs/decisions/0010-id-photo.md).
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.engines import weights
from kiosk.vision.faces import EngineError, Face, picture

MODEL = "shape_predictor_5_face_landmarks.dat"
SHA256 = "c4b1e9804792707d3a405c2c16a80a20269e6675021f64a41d30fffafbc41888"
VIEW = 400
"""Pixels of the view that the predictor is given; the face's longer side is half of it."""
BOXES = tuple((side, down) for side in (150, 165, 180) for down in (-8, 4))
"""The squares in which it is told to look, and how far below the middle; the median counts."""
ROUNDS = 2
"""The second looks at the face turned upright by the first."""
FARTHEST = 0.35
"""An eye farther from the detector's, in distances between the pupils, is not believed."""


class Eyes:
    """The predictor, loaded. 30 ms a face. One thread at a time.

    Raises:
        EngineError: the package or its weights are missing or altered.
    """

    def __init__(self) -> None:
        path = weights("face_recognition_models", MODEL, SHA256)
        try:
            import dlib  # noqa: PLC0415  a big library, loaded where it is wanted
        except ImportError as error:
            raise EngineError("the package dlib-bin is not installed") from error
        self._rectangle, self._predict = dlib.rectangle, dlib.shape_predictor(path)

    def settle(self, image: NDArray[np.generic], face: Face) -> Face:
        """The same face with better pupils: the middles between the corners of each eye.

        Args:
            image: (height, width, 3) uint8, BGR; whatever else `faces.picture` takes.
            face: as the detector found it in that picture.

        Returns:
            The face itself where the picture or the points do not serve, or where both disagree by more than a third
            of the distance between the pupils.
        """
        whole = picture(image)
        if whole is None or not np.isfinite(face.box).all() or face.points.shape != (5, 2):
            return face
        if not np.isfinite(face.points).all() or not 8 <= max(face.box[2:]) <= 2 * max(whole.shape[:2]):
            return face
        eyes = face.points[:2].astype(np.float64)
        for _ in range(ROUNDS):
            across = eyes[1] - eyes[0]
            eyes = self._looked_at(whole, face, float(np.degrees(np.arctan2(across[1], across[0]))))
        apart = np.linalg.norm(eyes - face.points[:2], axis=1).max()
        if apart > FARTHEST * face.pupils_px:
            return face
        return Face(face.box, np.vstack([eyes, face.points[2:]]).astype(np.float32), face.score)

    def _looked_at(self, image: NDArray[np.uint8], face: Face, turn: float) -> NDArray[np.float64]:
        x, y = (float(value) for value in face.points.mean(axis=0))
        scale = VIEW / 2 / max(face.box[2:])
        matrix = np.asarray(cv2.getRotationMatrix2D((x, y), turn, scale), np.float64)
        matrix[:, 2] += VIEW / 2 - np.array([x, y])
        way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        view = cv2.warpAffine(image, matrix, (VIEW, VIEW), flags=way, borderMode=cv2.BORDER_REPLICATE)
        grey = np.asarray(cv2.cvtColor(view, cv2.COLOR_BGR2GRAY), np.uint8)
        found: list[NDArray[np.float64]] = []
        for side, down in BOXES:
            start, end = (VIEW - side) // 2, (VIEW + side) // 2
            shape = self._predict(grey, self._rectangle(start, start + down, end, end + down))
            corners = np.array([(shape.part(place).x, shape.part(place).y) for place in range(4)], np.float64)
            # Corners 0 and 1 are of the eye at the right in the picture.
            found.append(np.stack([corners[2:4].mean(axis=0), corners[0:2].mean(axis=0)]))
        eyes = np.median(np.stack(found), axis=0)
        return np.asarray((eyes - matrix[:, 2]) @ np.linalg.inv(matrix[:, :2]).T, np.float64)
