"""dlib's ResNet (CC0) through the `face-recognition` package: the second engine, which never decides alone.

At its own limit of 0.6 it took 37.8 % of East Asian strangers for the person (docs/decisions/0003), so its table has no
ACCEPT: chosen in a site file it sends everybody that it does not reject to staff.
"""

import face_recognition
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.engines import CARDS, weights
from kiosk.vision.engines.yunet import YuNet
from kiosk.vision.faces import Embedding, EngineCard, Face, in_portrait, picture

MODEL = "dlib_face_recognition_resnet_model_v1.dat"
NUMBERS = 128


class Dlib:
    """YuNet finds, dlib places its own five points in the box and compares by distance."""

    def __init__(self) -> None:
        """Check the weights, which the package has loaded.

        Raises:
            EngineError: the weights are missing or altered.
        """
        weights("face_recognition_models", MODEL, self.card.model)
        # dlib's HOG detector takes 99 ms and does not see a face of a card's size.
        self._detector = YuNet()

    @property
    def card(self) -> EngineCard:
        """Its name, its weights and its table."""
        return CARDS["dlib"]

    def detect(self, image: NDArray[np.generic]) -> list[Face]:
        """The faces in a picture, the largest first."""
        return self._detector.detect(image)

    def embed(self, image: NDArray[np.generic], face: Face) -> Embedding:
        """128 numbers; all NaN where picture or box do not serve."""
        whole = picture(image)
        if whole is None or not np.isfinite(face.points).all() or not np.isfinite(face.box).all():
            return np.full(NUMBERS, np.nan, np.float32)
        rgb = np.ascontiguousarray(whole[:, :, ::-1])
        left, top, right, bottom = _square(face)
        found = face_recognition.face_encodings(rgb, [(top, right, bottom, left)], num_jitters=1, model="small")
        return np.asarray(found[0], np.float32)

    def template(self, portrait: NDArray[np.generic]) -> Embedding | None:
        """128 numbers for whom a portrait shows (`faces.in_portrait`); None where it shows nobody."""
        whole = picture(portrait)
        face = None if whole is None else in_portrait(whole, self.detect(whole))
        return None if whole is None or face is None else self.embed(whole, face)

    def similarity(self, one: Embedding, other: Embedding) -> float:
        """1 less the distance; the library's own limit lies at 0.4."""
        return 1.0 - float(np.linalg.norm(one - other))


def _square(face: Face) -> tuple[int, int, int, int]:
    """The square that dlib's detector would draw: from the brows to the chin, about the middle of the five points."""
    x, y = (float(value) for value in face.points.mean(axis=0))
    half = max(face.box[2], face.box[3]) * 0.45
    return round(x - half), round(y - half), round(x + half), round(y + half)
