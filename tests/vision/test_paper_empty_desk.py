"""The empty desk is learned from pictures without a paper, used, and given up when it stands in the way."""

import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from drivers.simulate import papers as invented
from drivers.simulate.frames import Reel
from kiosk.vision.faces import Image
from kiosk.vision.observation import PaperProblem
from kiosk.vision.papers import EmptyDesk, Found, KeptDesk, find
from kiosk.vision.papers.empty import DOUBTS, KEPT_SIDE, QUIET_LOOKS
from kiosk.vision.papers.empty_kept import CALIBRATED, LEARNED, WRITE_SECONDS

WHERE = np.array([[100.0, 100], [500, 110], [480, 700], [90, 680]])


def test_it_is_learned_while_nothing_lies_there() -> None:
    desk, reel = EmptyDesk(), Reel(0)
    reel.scene = (invented.empty_desk(np.random.default_rng(1)),)
    for _ in range(QUIET_LOOKS):
        assert desk.known is None
        assert desk.find(np.asarray(cv2.imdecode(np.frombuffer(reel.next_picture(), np.uint8), 1), np.uint8)) is None
    assert desk.known is not None
    assert max(desk.known.shape[:2]) == KEPT_SIDE
    rng = np.random.default_rng(3)
    picture, corners = invented.on_desk(invented.business_licence(rng), rng)
    found = desk.find(picture)
    assert found is not None
    assert found.problem is PaperProblem.NONE
    assert np.abs(np.sort(found.corners, axis=0) - np.sort(corners, axis=0)).max() < 4


def test_nothing_is_learned_while_the_picture_changes_or_a_paper_lies_there() -> None:
    desk = EmptyDesk(lambda *_: None)
    for level in range(10):
        desk.find(np.full((96, 128, 3), 20 * level, np.uint8))
    assert desk.known is None
    desk = EmptyDesk(lambda *_: Found(WHERE, 0.1, PaperProblem.UNSURE))
    for _ in range(20):
        desk.find(np.full((96, 128, 3), 80, np.uint8))
    assert desk.known is None


def test_a_paper_that_lay_there_when_it_was_learned_is_seen_again() -> None:
    blind = {"eyes": False}

    def look(image: Image, known: Image | None) -> Found | None:
        new = known is not None and float(np.abs(known.mean() - image.mean())) > 5
        if known is None and blind["eyes"]:
            return Found(WHERE, 0.9, PaperProblem.NONE)
        return Found(WHERE, 0.9, PaperProblem.UNSURE) if new else None

    desk, picture = EmptyDesk(look), np.full((96, 128, 3), 80, np.uint8)
    for _ in range(QUIET_LOOKS):
        desk.find(picture)
    assert desk.known is not None
    blind["eyes"] = True
    found = desk.find(picture)
    assert found is not None
    assert found.problem is PaperProblem.NONE
    assert desk.known is None


def test_an_empty_desk_that_is_another_by_now_is_given_up() -> None:
    rng = np.random.default_rng(8)
    desk = EmptyDesk()
    for _ in range(QUIET_LOOKS):
        desk.find(np.full((480, 640, 3), 235, np.uint8))
    assert desk.known is not None
    picture, _ = invented.on_desk(invented.proof_of_residence(rng), rng)
    assert find(picture) is not None
    said = []
    for _ in range(DOUBTS):
        found = desk.find(picture)
        said.append(None if found is None else found.problem)
    assert said[-1] is PaperProblem.NONE


# Over a restart ------------------------------------------------------------------------------------------------------

MAT = np.full((960, 1280, 3), (60, 70, 80), np.uint8)


def quiet(desk: EmptyDesk) -> None:
    for _ in range(QUIET_LOOKS):
        desk.find(MAT)


def nothing(_image: Image, _known: Image | None) -> None:
    return None


def test_what_was_learned_is_there_again_after_a_restart_and_shows_nothing_that_can_be_read(tmp_path: Path) -> None:
    quiet(EmptyDesk(nothing, KeptDesk(tmp_path)))
    again = EmptyDesk(nothing, KeptDesk(tmp_path))
    assert again.known is not None
    assert max(again.known.shape[:2]) == KEPT_SIDE
    assert np.abs(again.known.astype(int) - MAT[0, 0]).max() <= 1
    kept = cv2.imread(str(tmp_path / LEARNED))
    assert kept is not None
    assert max(kept.shape[:2]) == KEPT_SIDE


def test_what_a_technician_photographed_is_used_at_once_and_the_newer_counts(tmp_path: Path) -> None:
    file = tmp_path / CALIBRATED
    file.parent.mkdir()
    cv2.imwrite(str(file), np.full((1080, 1920, 3), 90, np.uint8))
    first = EmptyDesk(nothing, KeptDesk(tmp_path)).known
    assert first is not None
    assert int(first.mean()) == 90
    quiet(EmptyDesk(nothing, KeptDesk(tmp_path)))
    os.utime(file, (1, 1))
    learned = EmptyDesk(nothing, KeptDesk(tmp_path)).known
    assert learned is not None
    assert int(learned.mean()) == 70
    os.utime(tmp_path / LEARNED, (0, 0))
    newer = EmptyDesk(nothing, KeptDesk(tmp_path)).known
    assert newer is not None
    assert int(newer.mean()) == 90


def test_it_is_not_written_at_every_look(tmp_path: Path) -> None:
    now = [0.0]
    kept = KeptDesk(tmp_path, lambda: now[0])
    kept.learned(MAT[::5, ::5])
    (tmp_path / LEARNED).unlink()
    now[0] = WRITE_SECONDS - 1
    kept.learned(MAT[::5, ::5])
    assert not (tmp_path / LEARNED).exists()
    now[0] = WRITE_SECONDS
    kept.learned(MAT[::5, ::5])
    assert (tmp_path / LEARNED).exists()


def test_what_stands_in_the_way_is_gone_after_a_restart_too(tmp_path: Path) -> None:
    quiet(EmptyDesk(nothing, KeptDesk(tmp_path)))

    def doubts(_image: Image, known: Image | None) -> Found:
        return Found(WHERE, 0.5, PaperProblem.NONE if known is None else PaperProblem.UNSURE)

    desk = EmptyDesk(doubts, KeptDesk(tmp_path))
    assert desk.known is not None
    for _ in range(DOUBTS):
        desk.find(MAT)
    assert desk.known is None
    assert EmptyDesk(doubts, KeptDesk(tmp_path)).known is None


@pytest.mark.parametrize("content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n" + b"\0" * 40])
def test_a_broken_picture_is_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / LEARNED).write_bytes(content)
    assert EmptyDesk(nothing, KeptDesk(tmp_path)).known is None


def test_a_folder_that_takes_nothing_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    desk = EmptyDesk(nothing, KeptDesk(tmp_path / "file"))
    quiet(desk)
    assert desk.known is not None
