"""Network cameras at the far end of real connections; OpenCV's FFmpeg is the second reader of both simulators."""

import contextlib
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import httpx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.camera import rtsp_wire
from drivers.camera.mjpeg_http import MjpegHttpCamera, MjpegHttpOptions
from drivers.camera.rtsp import RtspCamera, RtspOptions
from drivers.errors import BadFrame, DeviceFault, DriverError, LinkError, NoAnswer, Remedy, WrongDevice
from drivers.kinds import Frame
from drivers.simulate.contract import Garble
from drivers.simulate.mjpeg_http import MjpegHttpSimulator
from drivers.simulate.rtsp import RtspSimulator

Simulated = MjpegHttpSimulator | RtspSimulator
NetworkCamera = MjpegHttpCamera | RtspCamera


def made(simulator: Simulated, **other: object) -> NetworkCamera:
    given = {**simulator.options, **other}
    if isinstance(simulator, MjpegHttpSimulator):
        return MjpegHttpCamera(MjpegHttpOptions.model_validate(given))
    return RtspCamera(RtspOptions.model_validate(given))


def grey(value: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.full((480, 640, 3), value, np.uint8)


def read_until(camera: NetworkCamera, wanted: Callable[[Frame], bool]) -> Frame:
    deadline = time.monotonic() + 20
    while not wanted(frame := camera.read()):
        assert time.monotonic() < deadline, "never seen"
    return frame


@pytest.fixture(params=[MjpegHttpSimulator, RtspSimulator], ids=["mjpeg", "rtsp"])
def simulator(request: pytest.FixtureRequest, tmp_path: Path, plugged_in: contextlib.ExitStack) -> Simulated:
    found: Simulated = request.param(tmp_path, fps=25)
    plugged_in.callback(found.close)
    return found


@pytest.fixture
def camera(simulator: Simulated, plugged_in: contextlib.ExitStack) -> NetworkCamera:
    made_for = made(simulator)
    plugged_in.callback(made_for.close)
    assert made_for.open().model == "simulated camera"
    return made_for


def test_it_delivers_what_the_scene_shows(simulator: Simulated, camera: NetworkCamera) -> None:
    first = camera.read()
    assert (first.image.shape, first.image.dtype, first.number) == ((480, 640, 3), np.uint8, 0)
    for value in (200, 60):
        simulator.scene = (grey(value),)
        read_until(camera, lambda frame, value=value: abs(float(frame.image.mean()) - value) < 6)  # type: ignore[misc]


def test_a_slow_reader_sees_what_is_now(simulator: Simulated, camera: NetworkCamera) -> None:
    for _ in range(5):
        camera.read()
    time.sleep(1.0)  # 25 pictures pile up
    simulator.scene = (grey(220),)
    time.sleep(0.3)
    seen = [float(camera.read().image.mean()) for _ in range(3)]
    assert abs(seen[-1] - 220) < 6


def test_closing_ends_a_read(camera: NetworkCamera) -> None:
    camera.close()
    camera.close()
    with pytest.raises(DriverError):
        camera.read()


def test_a_camera_that_hangs_and_one_that_has_gone(simulator: Simulated, camera: NetworkCamera) -> None:
    simulator.hang(60)
    with pytest.raises(NoAnswer):
        [camera.read() for _ in range(100)]
    camera.close()
    simulator.hang(0)
    camera.open()
    simulator.unplug()
    with pytest.raises(LinkError):
        [camera.read() for _ in range(100)]


def test_a_black_picture_is_a_fault(simulator: Simulated, camera: NetworkCamera) -> None:
    simulator.scene = (grey(0),)
    with pytest.raises(DeviceFault, match="black"):
        [camera.read() for _ in range(500)]


def test_a_frozen_picture_is_a_fault(simulator: Simulated, plugged_in: contextlib.ExitStack) -> None:
    camera = made(simulator, frozen_seconds=0.5)
    plugged_in.callback(camera.close)
    camera.open()
    picture = np.random.default_rng(1).integers(0, 255, (480, 640, 3), np.uint8)
    simulator.scene = lambda: picture
    with pytest.raises(DeviceFault) as caught:
        [camera.read() for _ in range(500)]
    assert (caught.value.fault, caught.value.remedy) == ("frozen", Remedy.TECHNICIAN)


def test_motion_jpeg_in_chunks(tmp_path: Path) -> None:
    simulator = MjpegHttpSimulator(tmp_path, fps=25)
    simulator.chunked = True
    with contextlib.closing(simulator), contextlib.closing(made(simulator)) as camera:
        camera.open()
        assert [camera.read().number for _ in range(5)] == list(range(5))


def test_motion_jpeg_after_garbage(tmp_path: Path) -> None:
    simulator = MjpegHttpSimulator(tmp_path, fps=25)
    with contextlib.closing(simulator), contextlib.closing(made(simulator)) as camera:
        camera.open()
        for how in (Garble.GARBAGE, Garble.SPLIT):
            simulator.garble(how)
            assert len([camera.read() for _ in range(4)]) == 4


def test_a_broken_picture_is_reported(tmp_path: Path) -> None:
    simulator = MjpegHttpSimulator(tmp_path, fps=10)
    with contextlib.closing(simulator), contextlib.closing(made(simulator)) as camera:
        camera.open()
        simulator._reel._pictures = iter([b"\xff\xd8 no picture \xff\xd9"] * 3)
        with pytest.raises((BadFrame, LinkError)):
            [camera.read() for _ in range(10)]


def test_other_readers_understand_the_simulators(simulator: Simulated) -> None:
    options = simulator.options
    if isinstance(simulator, MjpegHttpSimulator):
        who = httpx.DigestAuth(str(options["user"]), str(options["password"]))
        with httpx.stream("GET", f"http://127.0.0.1:{options['port']}{options['path']}", auth=who) as answer:
            assert answer.headers["content-type"].startswith("multipart/x-mixed-replace")
            assert b"\xff\xd8" in next(answer.iter_bytes(20_000))
        return
    capture = cv2.VideoCapture(str(options["url"]), cv2.CAP_FFMPEG)
    good, image = capture.read()
    capture.release()
    assert good
    assert image.shape == (480, 640, 3)


def test_what_is_no_camera(simulator: Simulated, tmp_path: Path) -> None:
    other = (RtspSimulator if isinstance(simulator, MjpegHttpSimulator) else MjpegHttpSimulator)(tmp_path)
    with contextlib.closing(other):
        port = str(other.options.get("port") or str(other.options["url"]).split(":")[2].split("/")[0])
        where = (
            {"port": int(port)} if isinstance(simulator, MjpegHttpSimulator) else {"url": f"rtsp://127.0.0.1:{port}/"}
        )
        with contextlib.closing(made(simulator, **where)) as camera, pytest.raises((WrongDevice, NoAnswer)):
            camera.open()


def test_a_wrong_path_and_a_wrong_password(tmp_path: Path) -> None:
    simulator = MjpegHttpSimulator(tmp_path)
    with contextlib.closing(simulator):
        with contextlib.closing(made(simulator, path="/other")) as camera, pytest.raises(WrongDevice):
            camera.open()
        with contextlib.closing(made(simulator, password="wrong")) as camera, pytest.raises(DeviceFault) as caught:
            camera.open()
        assert caught.value.fault == "not_authorised"


def test_passwords_are_not_shown() -> None:
    assert "secret" not in repr(RtspOptions(url="rtsp://camera/1", user="me", password="secret"))
    assert "secret" not in repr(MjpegHttpOptions(host="camera", user="me", password="secret"))


# RFC 2326, section 10.1, with the line ends that it leaves out
RFC_2326 = (
    b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nServer: PhonyServer 1.0\r\nPublic: DESCRIBE, SETUP, TEARDOWN, PLAY, PAUSE\r\n\r\n"
)


def test_rtsp_as_in_the_standard() -> None:
    assert rtsp_wire.find_answer(b"noise" + RFC_2326) == (200, "PhonyServer 1.0")
    assert [rtsp_wire.find_answer(RFC_2326[:cut]) for cut in range(len(RFC_2326))] == [None] * len(RFC_2326)
    assert rtsp_wire.options("rtsp://a/b") == b"OPTIONS rtsp://a/b RTSP/1.0\r\nCSeq: 1\r\n\r\n"


@given(st.binary(max_size=300), st.sampled_from([b"", b"RTSP/1.0 200 OK\r\n"]))
def test_rtsp_any_bytes(received: bytes, head: bytes) -> None:
    try:
        found = rtsp_wire.find_answer(head + received)
    except BadFrame:  # e.g. HTTP: another server
        return
    assert found is None or b"RTSP/1.0" in head + received
