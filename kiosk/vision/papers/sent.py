"""The page in a picture that somebody took elsewhere: as sure as can be, else the picture as it is."""

from collections.abc import Callable
from typing import Final

import cv2
import numpy as np

from kiosk.vision.faces import Image
from kiosk.vision.observation import PaperProblem
from kiosk.vision.papers.crop import straightened
from kiosk.vision.papers.finding import LEAST_CONFIDENCE, Found, find

MOST_SIDE: Final = 8000
LEAST_SHARE: Final = 0.12
"""A page that takes less of the picture is something printed on the real one."""
_CROPPED: Final = frozenset(
    {PaperProblem.NONE, PaperProblem.BLURRED, PaperProblem.GLARE, PaperProblem.SHADOW, PaperProblem.HAND}
)


def picture_of(content: bytes) -> Image | None:
    """The pixels of a JPEG, BGR; None where there are none, or too many."""
    found = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR) if content else None
    if found is None or max(found.shape[:2]) > MOST_SIDE:
        return None
    return np.asarray(found, np.uint8)


def page_in(picture: Image, look: Callable[[Image, Image | None], Found | None] = find) -> tuple[Image, PaperProblem]:
    """The page, straightened, and what is to be doubted about it; the whole picture where no page is sure."""
    found = look(picture, None)
    if found is None:
        return picture, PaperProblem.NONE
    area = cv2.contourArea(np.asarray(found.corners, np.float32)) / (picture.shape[0] * picture.shape[1])
    if found.problem in _CROPPED and found.confidence >= LEAST_CONFIDENCE and area >= LEAST_SHARE:
        return straightened(picture, found.corners), found.problem
    doubt = found.problem if found.problem is PaperProblem.BLURRED else PaperProblem.NONE
    return picture, doubt
