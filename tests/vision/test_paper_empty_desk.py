"""The empty desk is learned from pictures without a paper, used, and given up when it stands in the way."""

import cv2
import numpy as np

from drivers.simulate import papers as invented
from drivers.simulate.frames import Reel
from kiosk.vision.faces import Image
from kiosk.vision.observation import PaperProblem
from kiosk.vision.papers import EmptyDesk, Found, find
from kiosk.vision.papers.empty import DOUBTS, KEPT_SIDE, QUIET_LOOKS

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
