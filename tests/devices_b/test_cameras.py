"""The camera drivers against folders and films that other code writes while they read."""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from drivers.camera.folder import FolderCamera, FolderOptions
from drivers.camera.uvc import UvcCamera, UvcOptions
from drivers.camera.video_file import VideoFileCamera, VideoFileOptions
from drivers.errors import BadFrame, DriverError, LinkError, NoAnswer, NotPresent, WrongDevice
from drivers.kinds import Frame
from drivers.registry import driver_class
from drivers.simulate.contract import Garble
from drivers.simulate.frames import _KEPT, FolderCameraSimulator

Picture = NDArray[np.uint8]
Until = Callable[[Callable[[], bool]], None]


def plain(value: int, size: tuple[int, int] = (48, 64)) -> Picture:
    return np.full((*size, 3), value, dtype=np.uint8)


def brightness(frame: Frame) -> int:
    return int(frame.image.mean())


def until_it_fails(camera: FolderCamera | VideoFileCamera) -> list[Frame]:
    """Read until an error comes, which leaves through here."""
    return [camera.read() for _ in range(100)]


def write(folder: Path, number: int, value: int) -> None:
    _, data = cv2.imencode(".jpg", plain(value))
    (folder / ".new").write_bytes(bytes(data))
    (folder / ".new").rename(folder / f"{number:06}.jpg")


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[FolderCameraSimulator]:
    with closing(FolderCameraSimulator(tmp_path, "camera", fps=25)) as made:
        yield made


@pytest.fixture
def camera(simulator: FolderCameraSimulator) -> Iterator[FolderCamera]:
    with closing(FolderCamera(FolderOptions.model_validate(simulator.options))) as made:
        made.open()
        yield made


def test_it_delivers_what_the_scene_shows(simulator: FolderCameraSimulator, camera: FolderCamera, until: Until) -> None:
    first = camera.read()
    assert first.image.shape == (480, 640, 3)
    assert first.image.dtype == np.uint8
    assert first.number == 0
    simulator.scene = (plain(200),)
    until(lambda: abs(int(camera.read().image.mean()) - 200) <= 4)
    simulator.scene = lambda: plain(40)
    until(lambda: abs(int(camera.read().image.mean()) - 40) <= 3)


def test_frames_are_numbered_in_order_and_taken_later_and_later(camera: FolderCamera) -> None:
    frames = [camera.read() for _ in range(5)]
    assert [frame.number for frame in frames] == [0, 1, 2, 3, 4]
    assert all(a.taken < b.taken for a, b in pairwise(frames))


def test_a_slow_reader_gets_the_newest_and_no_picture_twice(tmp_path: Path) -> None:
    write(tmp_path, 7, 10)
    with closing(FolderCamera(FolderOptions(path=str(tmp_path)))) as camera:
        camera.open()
        write(tmp_path, 8, 80)
        write(tmp_path, 9, 90)
        assert abs(int(camera.read().image.mean()) - 90) <= 2
        with pytest.raises(NoAnswer):
            camera.read()


def test_a_writer_that_begins_anew_is_followed(tmp_path: Path) -> None:
    write(tmp_path, 500, 10)
    with closing(FolderCamera(FolderOptions(path=str(tmp_path)))) as camera:
        camera.open()
        (tmp_path / "000500.jpg").unlink()
        write(tmp_path, 0, 120)
        assert abs(int(camera.read().image.mean()) - 120) <= 2


@pytest.mark.parametrize("how", [Garble.GARBAGE, Garble.TRUNCATED, Garble.CHECKSUM])
def test_a_broken_picture_is_reported_and_the_next_is_good(
    simulator: FolderCameraSimulator, camera: FolderCamera, how: Garble
) -> None:
    before = camera.read().number
    simulator.garble(how)
    with pytest.raises(BadFrame):
        until_it_fails(camera)
    after = camera.read()
    assert after.number > before
    assert after.image.shape == (480, 640, 3)


def test_a_picture_written_slowly_is_whole(simulator: FolderCameraSimulator, camera: FolderCamera) -> None:
    simulator.garble(Garble.SPLIT)
    assert [camera.read().image.shape for _ in range(6)] == [(480, 640, 3)] * 6


def test_a_camera_that_hangs(simulator: FolderCameraSimulator, camera: FolderCamera) -> None:
    simulator.hang(60)
    with pytest.raises(NoAnswer):
        until_it_fails(camera)
    with pytest.raises(NoAnswer):
        camera.probe()
    simulator.hang(0)
    camera.read()


def test_unplug_and_return(simulator: FolderCameraSimulator, camera: FolderCamera) -> None:
    where = dict(simulator.options)
    simulator.unplug()
    with pytest.raises(LinkError):
        camera.read()
    with pytest.raises(LinkError):
        camera.probe()
    camera.close()
    with pytest.raises(NotPresent):
        camera.open()
    simulator.replug()
    assert dict(simulator.options) == where
    camera.open()
    assert camera.read().number == 0


def test_probe_takes_no_picture_away(tmp_path: Path) -> None:
    with closing(FolderCamera(FolderOptions(path=str(tmp_path)))) as camera:
        camera.open()
        writer = threading.Timer(0.1, write, (tmp_path, 3, 99))
        writer.start()
        camera.probe()
        writer.join()
        assert abs(brightness(camera.read()) - 99) <= 2


def test_old_pictures_are_thrown_away(simulator: FolderCameraSimulator, until: Until) -> None:
    folder = Path(str(simulator.options["path"]))
    until((folder / f"{_KEPT + 3:06}.jpg").exists)
    until(lambda: len(list(folder.glob("0*.jpg"))) <= _KEPT + 1)
    assert not (folder / "000000.jpg").exists()


def test_a_folder_of_something_else(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("no picture", encoding="utf-8")
    with pytest.raises(WrongDevice):
        FolderCamera(FolderOptions(path=str(tmp_path))).open()


@pytest.mark.parametrize("how", ["folder", "film"])
def test_closing_ends_a_read_that_waits(tmp_path: Path, how: str) -> None:
    if how == "folder":
        camera: FolderCamera | VideoFileCamera = FolderCamera(FolderOptions(path=str(tmp_path)))
    else:
        camera = VideoFileCamera(VideoFileOptions(path=str(film(tmp_path, [10, 20], fps=1))))
    camera.open()
    if how == "film":
        camera.read()
    failures: list[DriverError] = []

    def wait() -> None:
        try:
            camera.read()
        except DriverError as error:
            failures.append(error)

    waiting = threading.Thread(target=wait)
    waiting.start()
    camera.close()
    camera.close()
    waiting.join(20)
    assert isinstance(failures[0], LinkError)


# ---------------------------------------------------------------------------------------------------------------


def film(folder: Path, values: list[int], fps: float) -> Path:
    path = folder / "film.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), fps, (64, 48))
    for value in values:
        writer.write(plain(value))
    writer.release()
    return path


def test_a_film_is_shown_and_ends(tmp_path: Path) -> None:
    path = film(tmp_path, [20, 60, 100, 140], fps=5)
    with closing(VideoFileCamera(VideoFileOptions(path=str(path), loop=False))) as camera:
        camera.open()
        first = camera.read()
        assert first.number == 0
        second = camera.read()
        assert brightness(first) < brightness(second)
        with pytest.raises(LinkError, match="ended"):
            until_it_fails(camera)


def test_a_film_begins_anew(tmp_path: Path) -> None:
    path = film(tmp_path, [20, 120], fps=50)
    with closing(VideoFileCamera(VideoFileOptions(path=str(path)))) as camera:
        camera.open()
        seen = [camera.read() for _ in range(9)]
    assert [frame.number for frame in seen] == list(range(9))
    assert {round(int(frame.image.mean()), -1) for frame in seen} <= {20, 120}


def test_a_film_that_is_not_there_or_is_none(tmp_path: Path) -> None:
    with pytest.raises(NotPresent):
        VideoFileCamera(VideoFileOptions(path=str(tmp_path / "none.avi"))).open()
    (tmp_path / "letter.avi").write_text("no film", encoding="utf-8")
    with pytest.raises(WrongDevice):
        VideoFileCamera(VideoFileOptions(path=str(tmp_path / "letter.avi"))).open()


def test_a_usb_camera_that_is_not_there_or_is_none(tmp_path: Path) -> None:
    with pytest.raises(NotPresent):
        UvcCamera(UvcOptions(device=str(tmp_path / "video0"))).open()
    (tmp_path / "video0").write_text("no camera", encoding="utf-8")
    camera = UvcCamera(UvcOptions(device=str(tmp_path / "video0")))
    with pytest.raises(WrongDevice):
        camera.open()
    with pytest.raises(LinkError):
        camera.probe()
    with pytest.raises(LinkError):
        camera.read()
    camera.close()


def test_the_registry_knows_them() -> None:
    assert driver_class("camera/folder") is FolderCamera
    assert driver_class("camera/uvc") is UvcCamera
    assert driver_class("camera/video-file") is VideoFileCamera
