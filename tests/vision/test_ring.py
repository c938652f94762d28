import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from drivers.kinds import Frame
from kiosk.view.screen import Picture
from kiosk.vision.frames import Ring


def picture(shade: int, height: int = 4, width: int = 6) -> np.ndarray:
    return np.full((height, width, 3), shade, np.uint8)


def test_an_empty_ring_has_no_picture() -> None:
    ring = Ring.create(slots=4, height=8, width=8)
    assert (ring.look(), ring.copy(), ring.newest(), ring.number) == (None, None, None, -1)


def test_the_newest_picture_wins_and_keeps_its_own_size() -> None:
    ring = Ring.create(slots=4, height=8, width=8)
    for number in range(1, 11):
        ring.put_frame(Frame(picture(number, 1 + number % 8, 1 + number % 5), number, number / 10))
    view = ring.look()
    assert view is not None
    assert (view.number, view.taken, view.image.shape) == (10, 1.0, (3, 1, 3))
    assert (view.image == 10).all()
    assert view.whole()
    assert ring.number == 10


def test_a_slow_reader_notices_that_its_picture_was_overwritten() -> None:
    ring = Ring.create(slots=4, height=8, width=8)
    ring.put(picture(1), 1, 0.0)
    view = ring.look()
    assert view is not None
    for number in (2, 3, 4):
        ring.put(picture(number), number, 0.0)
    assert view.whole()
    ring.put(picture(5), 5, 0.0)
    assert not view.whole()
    assert (view.image == 5).all()


def test_a_view_cannot_be_written() -> None:
    ring = Ring.create(slots=4, height=8, width=8)
    ring.put(picture(1), 1, 0.0)
    view = ring.look()
    assert view is not None
    with pytest.raises(ValueError, match="read-only"):
        view.image[0, 0] = 3


def test_a_fast_writer_never_gives_a_reader_half_a_picture() -> None:
    ring = Ring.create(slots=2, height=200, width=200)
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            ring.put(picture(number % 251, 200, 200), number, 0.0)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        whole = 0
        end = time.monotonic() + 20
        while whole < 50 and time.monotonic() < end:
            frame = ring.copy()
            if frame is not None:
                whole += 1
                assert (frame.image == frame.number % 251).all()
    finally:
        stop.set()
        writer.join()
    assert whole == 50


def test_a_larger_picture_than_the_ring_is_made_for_is_thinned_out() -> None:
    ring = Ring.create(slots=2, height=100, width=100)
    ring.put(picture(9, 250, 90), 1, 0.0)
    view = ring.look()
    assert view is not None
    assert view.image.shape == (84, 30, 3)


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((0, 5, 3), np.uint8),
        np.zeros((5, 5), np.uint8),
        np.zeros((5, 5, 4), np.uint8),
        np.zeros((5, 5, 3), np.float32),
    ],
)
def test_what_is_no_picture_is_refused_and_the_ring_goes_on(image: np.ndarray) -> None:
    ring = Ring.create(slots=2, height=8, width=8)
    ring.put(picture(1), 1, 0.0)
    with pytest.raises(ValueError, match="a picture is"):
        ring.put(image, 2, 0.0)
    assert ring.number == 1


def test_the_live_view_gets_rgb_no_wider_than_it_asked_for() -> None:
    ring: Ring = Ring.create(slots=2, height=960, width=1280)
    image = np.zeros((960, 1280, 3), np.uint8)
    image[:, :, 0] = 200  # blue
    ring.put(image, 1, 0.0)
    shown: Picture = ring
    got = shown.newest()
    assert got is not None
    assert got[:2] == (640, 480)
    assert got[2][:3] == bytes((0, 0, 200))
    assert len(got[2]) == 640 * 480 * 3
    narrow = ring.newest_preview(300)
    assert narrow is not None
    assert narrow[0] <= 300


def test_another_process_reads_what_is_put_and_its_death_takes_nothing_away() -> None:
    ring = Ring.create(slots=4, height=48, width=64)
    ring.put(picture(77, 48, 64), 5, 1.25)
    reader = (
        "import sys, os, signal; from kiosk.vision.frames import Ring\n"
        "view = Ring.attach(int(sys.argv[1])).look()\n"
        "print(view.number, view.taken, view.image.shape, int(view.image.min()), int(view.image.max()), flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", reader, str(ring.fd)],
            pass_fds=(ring.fd,),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout.strip() == "5 1.25 (48, 64, 3) 77 77", done.stderr
        assert done.returncode == -9
    ring.put(picture(78, 48, 64), 6, 1.5)
    assert ring.number == 6


def test_what_is_put_after_closing_is_dropped_and_views_stay_readable() -> None:
    ring = Ring.create(slots=2, height=8, width=8)
    ring.put(picture(1), 1, 0.0)
    view = ring.look()
    ring.close()
    ring.close()
    ring.put(picture(2), 2, 0.0)
    assert view is not None
    assert (view.image == 1).all()


def test_a_descriptor_that_is_no_ring_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "zeros").open("w+b") as file:
        file.truncate(8192)
        with pytest.raises(ValueError, match="no ring"):
            Ring.attach(file.fileno())
    with pytest.raises(ValueError, match="no ring"):
        Ring.create(slots=1)
