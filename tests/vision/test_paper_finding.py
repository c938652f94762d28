"""Where the page is: to a part of a pixel, from frame to frame, with and without the desk, on hostile pictures."""

import hashlib
import json
from importlib import resources
from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.papers import measure
from drivers.simulate import papers as invented
from drivers.simulate.frames import Reel
from kiosk.demo.street import Papers
from kiosk.vision import papers
from kiosk.vision.faces import Image
from kiosk.vision.observation import PaperProblem
from kiosk.vision.papers import network
from kiosk.vision.papers.empty import QUIET_LOOKS
from kiosk.vision.papers.fit import fitted
from kiosk.vision.papers.geometry import around, ordered, overlap

LIMIT = 0.004
"""Of the picture: how far a corner may wander while the sheet lies still and the camera trembles by 1.2 px."""


def wander(scene: tuple[Image, ...], frames: int) -> float:
    """How far any corner moves over some frames, as a share of width or height."""
    reel = Reel(0)
    reel.scene = scene
    seen = []
    for _ in range(frames):
        picture = cv2.imdecode(np.frombuffer(reel.next_picture(), np.uint8), cv2.IMREAD_COLOR)
        found = papers.find(np.asarray(picture, np.uint8))
        assert found is not None
        assert found.problem is PaperProblem.NONE
        seen.append(found.corners / np.array([1280, 960]))
    return float(np.ptp(np.array(seen), axis=0).max())


@pytest.mark.parametrize("seed", [1, 14])
def test_the_corners_of_a_still_sheet_stay_where_they_are(seed: int) -> None:
    scene = Papers(seed).whole[seed % 3]
    assert wander(scene, 3) <= LIMIT


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 21))
def test_the_corners_of_every_still_sheet_stay_where_they_are(seed: int) -> None:
    assert max(wander(scene, 8) for scene in Papers(seed).whole) <= LIMIT


def test_sides_are_fitted_to_a_part_of_a_pixel_and_not_to_a_printed_line() -> None:
    truth = np.array([[300.3, 120.7], [880.6, 150.2], [850.4, 890.8], [280.9, 860.1]])
    y, x = np.mgrid[0:1000, 0:1280].astype(np.float64)
    deep = np.full(x.shape, 1e9)  # pixels inside of the nearest side
    for start, end in zip(truth, np.roll(truth, -1, axis=0), strict=True):
        across, down = (end - start) / np.hypot(*(end - start))
        deep = np.minimum(deep, (y - start[1]) * across - (x - start[0]) * down)
    sheet = 60 + 176 * np.clip(deep + 0.5, 0, 1)
    line = np.clip(1.5 - np.abs(deep - 6), 0, 1)
    rng = np.random.default_rng(5)
    picture = (sheet * (1 - line) + 20 * line)[..., None] + rng.normal(0, 3, (1000, 1280, 3))
    noisy = np.asarray(picture.clip(0, 255), np.uint8)
    fit = fitted(noisy, truth + rng.uniform(-4, 4, (4, 2)), 7.0)
    assert np.abs(fit.corners - truth).max() < 0.5
    assert fit.steps.min() > 50


def test_an_outline_whose_corners_are_missing_is_made_a_quadrilateral_again() -> None:
    page = np.array([[100.0, 100], [500, 110], [480, 700], [90, 680]])
    short = []
    for i in range(4):
        before, after = page[i - 1], page[(i + 1) % 4]
        short += [page[i] + 0.1 * (before - page[i]), page[i] + 0.1 * (after - page[i])]
    found = around(np.array(short))
    assert found is not None
    assert np.abs(found - page).max() < 1e-6
    assert around(np.array([[0.0, 0], [1, 0], [0, 1]])) is None


def test_the_order_of_corners_is_clockwise_from_the_top_left() -> None:
    page = np.array([[100.0, 100], [500, 110], [480, 700], [90, 680]])
    for turn in range(4):
        assert np.array_equal(ordered(np.roll(page, turn, axis=0)[::-1]), page)


def white_on_white(seed: int) -> tuple[Image, Image, np.ndarray]:
    """A faint sheet on a white desk: the picture, the empty desk under a little other light, the truth."""
    rng = np.random.default_rng(seed)
    truth = np.array([[420, 180], [860, 210], [820, 800], [400, 770]], np.float64)
    x = np.linspace(0, 1, 1280)[None, :, None]
    desk = (214 + 18 * x) * np.ones((960, 1280, 3)) + rng.normal(0, 1.0, (960, 1280, 1))
    lit = desk.copy()
    sheet = np.zeros((960, 1280), np.uint8)
    cv2.fillPoly(sheet, [np.rint(truth).astype(np.int32)], 255)
    lit[sheet > 0] *= 1.05
    ink = np.zeros((960, 1280), np.uint8)
    for y in range(300, 700, 40):
        cv2.putText(ink, "WHAT IS WRITTEN HERE", (460, y), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 255, 2)
    lit[ink > 0] = 60
    pictures = [np.asarray((each + rng.normal(0, 2, desk.shape)).clip(0, 255), np.uint8) for each in (lit, desk * 0.96)]
    return pictures[0], pictures[1], truth


def test_the_empty_desk_shows_white_paper_on_a_white_desk() -> None:
    for seed in (1, 2):
        picture, desk, truth = white_on_white(seed)
        found = papers.find(picture, desk)
        assert found is not None
        assert found.problem is PaperProblem.NONE
        assert overlap(found.corners, truth) > 0.97
        moved = np.asarray(np.roll(desk, (2, -3), axis=(0, 1)), np.uint8)
        found = papers.find(picture, moved)
        assert found is not None
        assert overlap(found.corners, truth) > 0.95


def test_a_white_sheet_on_a_white_desk_is_found_once_the_desk_is_known() -> None:
    picture, empty, truth = white_on_white(4)
    desk = papers.EmptyDesk()
    for _ in range(QUIET_LOOKS):
        assert desk.find(empty) is None
    found = desk.find(picture)
    assert found is not None
    assert np.abs(found.corners - truth).max() < 6
    assert found.problem in {PaperProblem.NONE, PaperProblem.UNSURE}


def test_an_empty_desk_known_or_not_shows_no_page() -> None:
    for seed in range(2):
        empty = invented.empty_desk(np.random.default_rng(seed))
        assert papers.find(empty) is None
        assert papers.find(empty, invented.empty_desk(np.random.default_rng(seed + 50))) is None


def test_hostile_pictures_get_an_answer() -> None:
    rng = np.random.default_rng(3)
    good = np.full((240, 320, 3), 90, np.uint8)
    for shape in ((0, 0, 3), (1, 1, 3), (480, 640), (480, 640, 1), (480, 640, 4), (0, 640, 3), (2, 480, 640, 3)):
        picture = np.zeros(shape, np.uint8)
        assert papers.find(picture) is None
        papers.find(good, picture)
    for kind in (np.uint16, np.float32, np.float64, np.bool_):
        picture = np.full((480, 640, 3), np.nan if kind in {np.float32, np.float64} else 1).astype(kind)
        assert papers.find(picture) is None
        papers.find(good, picture)
    for size in ((64, 64), (64, 2000), (2000, 64), (240, 320)):
        noise = np.asarray(rng.integers(0, 255, (*size, 3)), np.uint8)
        found = papers.find(noise)
        assert found is None or found.problem is not PaperProblem.NONE
    huge = np.full((6000, 8000, 3), 40, np.uint8)
    huge[1500:4500, 2000:4200] = 230
    found = papers.find(huge)
    assert found is not None
    assert overlap(found.corners, np.array([[2000, 1500], [4200, 1500], [4200, 4500], [2000, 4500]], float)) > 0.99


def test_the_weights_are_the_ones_that_were_trained() -> None:
    packed = (resources.files("kiosk.vision") / "weights" / network.WEIGHTS).read_bytes()
    assert hashlib.sha256(packed).hexdigest() == network.SHA256
    assert len(packed) <= 2_000_000


def test_without_weights_edges_alone_find_the_page(desk: Image, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "_network", lambda: None)
    found = papers.find(desk)
    assert found is not None
    assert found.problem is PaperProblem.NONE
    assert overlap(found.corners, np.array([[330, 120], [880, 150], [850, 890], [300, 860]], float)) > 0.98


def test_what_is_sure_is_right_on_frames_that_nobody_here_made(shared_data: Path) -> None:
    sure, shown = [], []
    for entry in json.loads((shared_data / "papers" / "truth.json").read_text(encoding="utf-8"))[::12]:
        image, desk = (
            np.asarray(cv2.imread(str(shared_data / "papers" / entry[key])), np.uint8) for key in ("file", "desk")
        )
        found = papers.find(image, desk)
        good = overlap(found.corners, ordered(np.array(entry["corners"]))) if found else 0.0
        shown.append(good)
        if found is not None and found.problem not in {PaperProblem.UNSURE, PaperProblem.CUT_OFF}:
            sure.append(good)
    assert np.mean(shown) >= 0.93
    assert len(sure) >= 8
    assert min(sure) >= 0.9


def test_the_benchmark_counts_what_it_sees(tmp_path: Path) -> None:
    rng = np.random.default_rng(6)
    entries = []
    for place in range(3):
        picture, corners = invented.on_desk(invented.business_licence(rng), rng)
        cv2.imwrite(str(tmp_path / f"{place}.jpg"), picture)
        entries.append({"file": f"{place}.jpg", "corners": corners.tolist(), "cut": False, "surface": "mat"})
    picture, corners = invented.half_outside(invented.business_licence(rng), rng)
    cv2.imwrite(str(tmp_path / "cut.jpg"), picture)
    entries.append({"file": "cut.jpg", "corners": corners.tolist(), "cut": True, "surface": "mat"})
    entries[0]["corners"] = (np.array(entries[0]["corners"]) * 0.5).tolist()  # a wrong truth must show
    (tmp_path / "truth.json").write_text(json.dumps(entries), encoding="utf-8")
    figures = measure(tmp_path, 1)
    counted = figures["without_empty_desk"]
    assert isinstance(counted, dict)
    assert counted["sure_but_wrong"] == ["0.jpg"]
    assert counted["cut_refused"] == "1 of 1"
    assert counted["all"]["frames"] == 3
    assert counted["all"]["at_least_0.98"] == pytest.approx(2 / 3, abs=1e-3)
    assert "with_empty_desk" not in figures
