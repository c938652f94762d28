"""A camera as a code scanner: codes that segno made, in pictures of a folder."""

import contextlib
import re
import threading
from pathlib import Path

import numpy as np
import pytest
import segno
from pydantic import ValidationError

from drivers.code_scanner.camera_scanner import CameraScanner, CameraScannerOptions, middle_code
from drivers.code_scanner.reading import Symbology
from drivers.simulate.camera_scanner import CameraScannerSimulator, picture_of_code
from drivers.simulate.frames import FolderCameraSimulator

GB = "健康码 2021".encode("gb18030")


@pytest.fixture
def both(tmp_path: Path, plugged_in: contextlib.ExitStack) -> tuple[CameraScanner, CameraScannerSimulator]:
    simulator = CameraScannerSimulator(tmp_path)
    plugged_in.callback(simulator.close)
    driver = CameraScanner(CameraScannerOptions(**simulator.options))
    plugged_in.callback(driver.close)
    driver.open()
    return driver, simulator


def payload_in(picture: np.ndarray, symbologies: tuple[Symbology, ...]) -> bytes | None:
    code = middle_code(picture, symbologies)
    return None if code is None else code.payload


def side_by_side(left: bytes, right: bytes, shift: int) -> np.ndarray:
    """Two codes, the left one `shift` pixels nearer to the middle."""
    pictures = [picture_of_code(left), picture_of_code(right)]
    pictures[0] = np.pad(pictures[0], ((0, 0), (shift, 0)), constant_values=255)
    height = max(picture.shape[0] for picture in pictures)
    return np.hstack([np.pad(p, ((0, height - p.shape[0]), (0, 0)), constant_values=255) for p in pictures])


@pytest.mark.parametrize("payload", [b"A012", GB, bytes(range(256)), b"x" * 700], ids=["ascii", "gb", "bytes", "large"])
def test_a_code_comes_as_bytes(both: tuple[CameraScanner, CameraScannerSimulator], payload: bytes) -> None:
    driver, simulator = both
    simulator.show(payload)
    scan = driver.scan(10)
    assert scan is not None
    assert scan.payload == payload
    simulator.hide()


def test_a_code_that_is_shown_later(both: tuple[CameraScanner, CameraScannerSimulator]) -> None:
    driver, simulator = both
    timer = threading.Timer(0.3, simulator.show, [b"late"])
    timer.start()
    scan = driver.scan(10)
    timer.join()
    assert scan is not None
    assert scan.payload == b"late"


def test_nothing_is_shown(both: tuple[CameraScanner, CameraScannerSimulator]) -> None:
    driver, _ = both
    assert driver.scan(0.3) is None


def test_one_picture_is_not_enough(tmp_path: Path, plugged_in: contextlib.ExitStack) -> None:
    camera = FolderCameraSimulator(tmp_path, "camera", fps=30)
    plugged_in.callback(camera.close)
    # each picture shows another code: what was seen once only may have been misread
    camera.scene = [np.dstack([picture_of_code(b"%d" % n)] * 3) for n in range(8)]
    driver = CameraScanner(CameraScannerOptions(camera={"driver": camera.driver, **camera.options, "fps": 60}))
    plugged_in.callback(driver.close)
    driver.open()
    assert driver.scan(0.4) is None


def test_of_two_codes_the_one_in_the_middle_is_meant() -> None:
    both_ways = side_by_side(b"left", b"right", 80)
    assert payload_in(both_ways, (Symbology.QR,)) == b"left"
    assert payload_in(np.fliplr(both_ways).copy(), (Symbology.QR,)) == b"left"
    assert middle_code(np.full((100, 100, 3), 128, np.uint8), tuple(Symbology)) is None


def test_only_what_is_looked_for() -> None:
    picture = picture_of_code(b"qr")
    assert middle_code(picture, (Symbology.DATA_MATRIX, Symbology.AZTEC)) is None
    assert payload_in(picture, tuple(Symbology)) == b"qr"


def test_parts_of_one_message_come_as_the_message(
    both: tuple[CameraScanner, CameraScannerSimulator], tmp_path: Path, plugged_in: contextlib.ExitStack
) -> None:
    message = "办事大厅排号单 " * 11
    parts = segno.make_sequence(message, symbol_count=3, encoding="utf-8")
    pictures = [np.dstack([drawn(part)] * 3) for part in parts]
    camera = FolderCameraSimulator(tmp_path, "parts", fps=30)
    plugged_in.callback(camera.close)
    camera.scene = [picture for picture in pictures for _ in range(12)]
    driver = CameraScanner(CameraScannerOptions(camera={"driver": camera.driver, **camera.options, "fps": 60}))
    plugged_in.callback(driver.close)
    driver.open()
    scan = driver.scan(20)
    assert scan is not None
    assert len(parts) > 1
    assert scan.payload.decode() == message


def drawn(code: segno.QRCode) -> np.ndarray:
    modules = np.array([list(row) for row in code.matrix_iter(scale=5, border=4)], np.uint8)
    return np.ascontiguousarray((1 - modules) * 255)


@pytest.mark.parametrize(
    ("camera", "said"),
    [
        ({}, 'driver = "camera/…"'),
        ({"driver": "camera/none"}, "camera/folder"),
        ({"driver": "thermometer/gy-614"}, "not camera"),
        ({"driver": "camera/folder", "path": "x", "colour": 1}, "camera/folder: colour"),
        ({"driver": "camera/folder", "path": 5}, "camera/folder: path"),
    ],
)
def test_a_wrong_camera_in_the_site_file(camera: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(said)):
        CameraScannerOptions(camera=camera)


def test_the_options_come_from_json_as_from_the_site_file() -> None:
    given = '{"camera": {"driver": "camera/folder", "path": "x", "fps": 5}, "symbologies": ["qr", "aztec"]}'
    options = CameraScannerOptions.model_validate_json(given, strict=True)
    assert options.symbologies == (Symbology.QR, Symbology.AZTEC)
    assert options.make_camera().key == "camera/folder"
