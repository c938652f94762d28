import hashlib
import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk.vision.engines.yunet import YuNet
from kiosk.vision.faces import Face, Image
from kiosk.vision.liveness import PassiveNets, crop, serves
from kiosk.vision.observation import Liveness, PassiveFiles

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
V2, V1SE = DATA / "models" / "minifas_v2_2.7.onnx", DATA / "models" / "minifas_v1se_4.0.onnx"
POINTS = np.array([[290, 210], [350, 210], [320, 245], [297, 275], [343, 275]], np.float32)


def face(box: tuple[float, float, float, float]) -> Face:
    return Face(box, POINTS, 0.9)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def settings() -> PassiveFiles:
    if not V2.is_file() or not V1SE.is_file():
        if os.environ.get("CI") == "true":
            pytest.fail("../shared/data/models is missing")
        pytest.skip("the networks' files are not in ../shared/data/models")
    return PassiveFiles(str(V2), sha256(V2), str(V1SE), sha256(V1SE))


@pytest.fixture(scope="module")
def nets(settings: PassiveFiles) -> PassiveNets:
    cv2.setNumThreads(1)
    return PassiveNets(settings)


def padded(name: str) -> tuple[Image, Face]:
    """The scene with the picture's edge carried on, so that the face takes less than a quarter of the width."""
    image = cv2.imread(str(DATA / "liveness" / name))
    if image is None:
        pytest.skip(f"{name} is not in ../shared/data/liveness")
    wide = np.asarray(cv2.copyMakeBorder(image, 0, 0, 240, 240, cv2.BORDER_REFLECT_101), np.uint8)
    found = YuNet().detect(np.asarray(image, np.uint8))[0]
    left, top, width, height = found.box
    return wide, Face((left + 240, top, width, height), found.points, found.score)


@pytest.mark.parametrize(
    ("name", "low", "high"), [("image_T1.jpg", 0.9, 1.0), ("image_F1.jpg", 0.0, 0.5), ("image_F2.jpg", 0.0, 0.1)]
)
def test_the_vendor_s_samples_score_as_published(nets: PassiveNets, name: str, low: float, high: float) -> None:
    image = cv2.imread(str(DATA / "liveness" / name))
    assert image is not None
    picture = np.asarray(image, np.uint8)
    found = YuNet().detect(picture)[0]
    score = nets.raw(picture, found)
    assert score is not None
    assert low <= score <= high
    # The face takes a third of these pictures' width: the product does not measure that near.
    assert nets.score(picture, found) is None


def test_a_live_scene_passes_and_a_screen_fails(nets: PassiveNets) -> None:
    live, screen = padded("image_T1.jpg"), padded("image_F2.jpg")
    assert serves(*live)
    assert nets.verdict([nets.score(*live)] * 5).liveness is Liveness.PASSED
    score = nets.raw(*screen)
    assert nets.verdict([score] * 5).liveness is Liveness.FAILED
    assert len(nets.verdict([score] * 5).model) == 129


def test_the_median_of_five_decides(nets: PassiveNets) -> None:
    assert nets.verdict([0.9, 0.9, 0.9, 0.0, 0.0]).liveness is Liveness.PASSED
    assert nets.verdict([0.9, 0.9, 0.1, 0.0, 0.0]).liveness is Liveness.FAILED
    assert nets.verdict([0.8] * 5).liveness is Liveness.PASSED
    few = nets.verdict([0.99, 0.99, 0.99, 0.99, None, float("nan")])
    assert (few.liveness, few.frames) == (Liveness.NOT_MEASURED, 4)
    assert nets.verdict([]).liveness is Liveness.NOT_MEASURED


def test_what_is_not_configured_is_not_available_and_never_passed(tmp_path: Path) -> None:
    other = tmp_path / "other.onnx"
    other.write_bytes(b"not a network")
    cases = {
        "not configured": PassiveFiles(),
        "missing": PassiveFiles(str(tmp_path / "none"), "0" * 64, str(other), sha256(other)),
        "not the one expected": PassiveFiles(str(other), "0" * 64, str(other), "0" * 64),
        "no network": PassiveFiles(str(other), sha256(other), str(other), sha256(other)),
        "not readable": PassiveFiles("a\0b", "0" * 64, str(other), "0" * 64),
        "too large or not readable": PassiveFiles(str(tmp_path), "0" * 64, str(other), "0" * 64),
    }
    for why, wrong in cases.items():
        nets = PassiveNets(wrong)
        verdict = nets.verdict([1.0] * 9)
        assert verdict.liveness is Liveness.NOT_AVAILABLE
        assert verdict.score is None
        assert why in verdict.why
        assert nets.score(np.zeros((480, 640, 3), np.uint8), face((260, 150, 120, 160))) is None


def test_one_altered_byte_is_not_the_network(settings: PassiveFiles, tmp_path: Path) -> None:
    data = bytearray(V1SE.read_bytes())
    data[-1] ^= 1
    altered = tmp_path / "v1se.onnx"
    altered.write_bytes(data)
    nets = PassiveNets(PassiveFiles(settings.v2_path, settings.v2_sha256, str(altered), settings.v1se_sha256))
    assert "MiniFASNetV1SE is not the one expected" in nets.why_not


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((0, 0, 3), np.uint8),
        np.zeros((1, 1, 3), np.uint8),
        np.zeros((480, 640), np.uint8),
        np.zeros((480, 640, 4), np.uint8),
        np.zeros((480, 640, 3), np.uint16),
        np.full((480, 640, 3), np.nan, np.float32),
    ],
)
def test_a_picture_that_is_none_has_no_score(nets: PassiveNets, picture: Image) -> None:
    assert nets.score(picture, face((260, 150, 120, 160))) is None


@pytest.mark.parametrize(
    "box",
    [
        (260, 150, 161, 200),
        (260, 150, 10, 14),
        (-900, 150, 120, 160),
        (260, 150, float("nan"), 160),
        (260, 150, 120, float("inf")),
        (0, 0, -50, -50),
    ],
)
def test_a_face_that_does_not_serve_has_no_score(nets: PassiveNets, box: tuple[float, float, float, float]) -> None:
    assert nets.score(np.full((480, 640, 3), 120, np.uint8), face(box)) is None


def test_the_crop_is_the_reference_s() -> None:
    # A picture whose pixels say where they are. Expected corners are CropImage's, computed by hand.
    across, down = np.meshgrid(np.arange(640), np.arange(480))
    image = np.dstack([across // 4, down // 2, np.zeros_like(across)]).astype(np.uint8)
    for box, scale, corners in [
        ((270, 170, 100, 120), 2.7, (185, 68, 455, 392)),  # inside
        ((10, 10, 100, 120), 2.7, (0, 0, 270, 324)),  # moved in from the left and the top
        ((530, 350, 100, 120), 2.7, (369, 155, 639, 479)),  # and from the right and the bottom
        ((200, 100, 150, 300), 4.0, (155, 0, 394, 479)),  # scaled by less than asked
    ]:
        left, top, right, bottom = corners
        expected = cv2.resize(image[top : bottom + 1, left : right + 1], (80, 80))
        assert np.abs(crop(image, box, scale).astype(int) - expected.astype(int)).max() <= 1
