"""Real faces and pages for the tests of vision."""

import os
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk.vision.engines import open_engine
from kiosk.vision.faces import FaceEngine, Image
from kiosk.vision.text.engine import RapidText
from kiosk.vision.wlt import card_portrait, encode_synthetic
from provisioning.assets import AssetError, portraits


@pytest.fixture(scope="session")
def people() -> dict[str, list[Path]]:
    try:
        return portraits()
    except AssetError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def sface() -> FaceEngine:
    cv2.setNumThreads(1)
    return open_engine("sface")


@pytest.fixture(scope="session")
def reader() -> RapidText:
    """The networks that read text, loaded once."""
    cv2.setNumThreads(1)
    return RapidText()


@pytest.fixture(scope="session")
def block(people: dict[str, list[Path]], sface: FaceEngine) -> bytes:
    """The card of person-1, made from the first photograph."""
    image = read(people["person-1"][0])
    return encode_synthetic(card_portrait(image, sface.detect(image)[0]))


@pytest.fixture(scope="session")
def scene(people: dict[str, list[Path]], sface: FaceEngine) -> Callable[[str, int], Image]:
    """A person before a 640x480 camera, the pupils 85 pixels apart."""

    def make(person: str, index: int) -> Image:
        image = read(people[person][index])
        face = sface.detect(image)[0]
        scale = 85 / face.pupils_px
        x, y = face.points[:2].mean(axis=0)
        if scale < 1:
            image = np.asarray(cv2.GaussianBlur(image, (0, 0), 0.4 / scale), np.uint8)
        warp = np.array([[scale, 0, 320 - scale * x], [0, scale, 200 - scale * y]])
        return np.asarray(cv2.warpAffine(image, warp, (640, 480), borderMode=cv2.BORDER_REPLICATE), np.uint8)

    return make


@pytest.fixture(scope="session")
def desk() -> Image:
    """A printed A4 page, a little turned, on a dark mat."""
    page = np.full((1400, 990, 3), 245, np.uint8)
    rng = np.random.default_rng(3)
    for line in range(40):
        top = 100 + line * 30
        for x in range(90, 900, 14):
            if rng.random() < 0.8:
                cv2.rectangle(page, (x, top), (x + 9, top + int(rng.integers(8, 16))), (40, 40, 40), -1)
    corners = np.array([[330, 120], [880, 150], [850, 890], [300, 860]], np.float32)
    source = np.array([[0, 0], [990, 0], [990, 1400], [0, 1400]], np.float32)
    matrix = cv2.getPerspectiveTransform(source, corners)
    picture = rng.normal(38, 4, (960, 1280, 3)).clip(0, 255).astype(np.uint8)
    # Half a pixel's blur before reducing stands for the lens.
    flat = cv2.warpPerspective(cv2.GaussianBlur(page, (0, 0), 0.7), matrix, (1280, 960))
    inside = cv2.warpPerspective(np.full((1400, 990), 255, np.uint8), matrix, (1280, 960)) > 127
    picture[inside] = flat[inside]
    return picture


def read(path: Path) -> Image:
    image = cv2.imread(str(path))
    assert image is not None, path
    return np.asarray(image, np.uint8)
