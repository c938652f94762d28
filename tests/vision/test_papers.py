import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk.vision import papers
from kiosk.vision.faces import Image
from kiosk.vision.observation import PaperProblem

TRUTH = np.array([[330, 120], [880, 150], [850, 890], [300, 860]], np.float64)


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    first, second = (cv2.convexHull(np.asarray(corners, np.float32)) for corners in (one, other))
    shared, _ = cv2.intersectConvexConvex(first, second)
    return float(shared / (cv2.contourArea(first) + cv2.contourArea(second) - shared))


def test_a_page_on_a_dark_mat_is_found_to_the_pixel(desk: Image) -> None:
    found = papers.find(desk)
    assert found is not None
    assert np.abs(found.corners - TRUTH).max() < 3
    assert found.problem is PaperProblem.NONE
    assert found.confidence > 0.8
    outline = found.outline(desk)
    assert outline[0] == pytest.approx((330 / 1280, 120 / 960), abs=0.003)


def test_real_and_rendered_pages_on_real_desks(shared_data: Path) -> None:
    truth = json.loads((shared_data / "papers" / "truth.json").read_text(encoding="utf-8"))[::9]
    overlaps = []
    for entry in truth:
        image = np.asarray(cv2.imread(str(shared_data / "papers" / entry["file"])), np.uint8)
        found = papers.find(image)
        overlaps.append(overlap(found.corners, np.array(entry["corners"])) if found else 0.0)
    assert len(overlaps) == 12
    assert np.mean(overlaps) >= 0.85
    assert np.median(overlaps) >= 0.97


def test_the_page_is_cropped_straight_in_a4_s_proportions(desk: Image) -> None:
    found = papers.find(desk)
    assert found is not None
    page = papers.page(desk, found, 12)
    assert page.frame == 12
    flat = cv2.imdecode(np.frombuffer(page.jpeg, np.uint8), cv2.IMREAD_COLOR)
    preview = cv2.imdecode(np.frombuffer(page.preview, np.uint8), cv2.IMREAD_COLOR)
    assert flat is not None
    assert preview is not None
    assert flat.shape[0] / flat.shape[1] == pytest.approx(2**0.5, abs=0.01)
    assert preview.shape[0] <= 800
    border = np.concatenate([flat[3:8].reshape(-1, 3), flat[-8:-3].reshape(-1, 3), flat[:, 3:8].reshape(-1, 3)])
    assert border.mean() > 220  # paper, not mat


def test_problems_are_named(desk: Image) -> None:
    def problem(image: np.ndarray) -> PaperProblem | None:
        found = papers.find(np.asarray(image, np.uint8))
        return found.problem if found else None

    mat = np.full_like(desk, 38)
    away = cv2.warpAffine(desk, np.array([[1.0, 0, 0], [0, 1.0, 140]]), (1280, 960), borderValue=(38, 38, 38))
    small = mat.copy()
    small[400:560, 500:620] = cv2.resize(desk[120:890, 300:880], (120, 160), interpolation=cv2.INTER_AREA)
    lamp = desk.copy()
    cv2.circle(lamp, (600, 450), 110, (255, 255, 255), -1)
    lamp = np.where(lamp == 245, 205, lamp)
    assert problem(away) is PaperProblem.CUT_OFF
    assert problem(small) is PaperProblem.TOO_SMALL
    assert problem(cv2.GaussianBlur(desk, (0, 0), 7)) is PaperProblem.BLURRED
    assert problem(lamp) is PaperProblem.GLARE


def test_an_empty_desk_and_hostile_pictures_show_no_page() -> None:
    rng = np.random.default_rng(8)
    assert papers.find(rng.normal(60, 5, (960, 1280, 3)).clip(0, 255).astype(np.uint8)) is None
    for shape in ((1, 1, 3), (64, 1, 3), (63, 640, 3), (64, 4000, 3), (960, 1280, 3)):
        assert papers.find(np.full(shape, 128, np.uint8)) is None
    assert papers.find(np.zeros((100, 100), np.uint8)) is None


def test_the_crowd_s_papers_are_told_apart() -> None:
    from drivers.simulate import papers as invented

    rng = np.random.default_rng(20)
    for make in (invented.business_licence, invented.certificate_of_deposit, invented.proof_of_residence):
        paper = make(rng)
        picture, corners = invented.on_desk(paper, rng)
        found = papers.find(picture)
        assert found is not None
        assert found.problem is PaperProblem.NONE
        assert overlap(found.corners, np.array(corners)) > 0.95
        for spoil, problem in ((invented.half_outside, PaperProblem.CUT_OFF), (invented.blurred, PaperProblem.BLURRED)):
            picture, _ = spoil(paper, rng)
            found = papers.find(picture)
            assert found is not None
            assert found.problem is problem
    assert papers.find(invented.empty_desk(rng)) is None
