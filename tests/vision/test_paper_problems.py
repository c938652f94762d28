"""Each message about a paper is proven on a drawn scene, and none is raised on the same scene without its fault."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from drivers.simulate import papers as invented
from kiosk.vision import papers
from kiosk.vision.faces import Image
from kiosk.vision.observation import PaperProblem

MAT = (58, 60, 56)


def desk(seed: int) -> Image:
    return np.asarray(invented.empty_desk(np.random.default_rng(seed)), np.uint8)


def lay(under: Image, sheet: Image, corners: list[tuple[float, float]], seed: int = 0) -> Image:
    """A sheet on a desk, with the sensor's blur and noise."""
    rows, columns = sheet.shape[:2]
    source = np.array([(0, 0), (columns, 0), (columns, rows), (0, rows)], np.float32) - 0.5
    move = cv2.getPerspectiveTransform(source, np.array(corners, np.float32))
    size = (under.shape[1], under.shape[0])
    over = cv2.warpPerspective(sheet, move, size, flags=cv2.INTER_AREA).astype(np.float32)
    share = cv2.warpPerspective(np.full((rows, columns), 255, np.uint8), move, size)[..., None] / np.float32(255)
    soft = cv2.GaussianBlur(share, (0, 0), 5)[..., None]
    lit = under * (1 - 0.35 * np.roll(soft, 5, axis=(0, 1))) * (1 - share) + over * 0.95 * share
    lit = cv2.GaussianBlur(np.asarray(lit, np.float32), (0, 0), 0.6)
    return np.asarray((lit + np.random.default_rng(seed).normal(0, 2, lit.shape)).clip(0, 255), np.uint8)


def a4(seed: int) -> Image:
    makers = list(invented.PAPERS.values())
    return np.asarray(makers[seed % len(makers)](np.random.default_rng(seed)), np.uint8)


def card(seed: int) -> Image:
    """Something like an identity card, invented."""
    rng = np.random.default_rng(seed)
    sheet = np.full((540, 856, 3), (232, 222, 205), np.uint8)
    for y in range(80, 460, 70):
        cv2.putText(sheet, "".join(rng.choice(list("ABCDEFGHKLM"), 14)), (50, y), 0, 1.3, (40, 36, 30), 3)
    cv2.rectangle(sheet, (600, 90), (800, 370), (150, 140, 120), -1)
    return sheet


def quad(middle: tuple[float, float], height: float, aspect: float, degrees: float) -> list[tuple[float, float]]:
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    flat = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * (height * aspect / 2, height / 2) @ turn
    return [(float(x) + middle[0], float(y) + middle[1]) for x, y in flat]


def good(seed: int) -> Image:
    rng = np.random.default_rng(seed)
    at = (620 + float(rng.uniform(-60, 60)), 480 + float(rng.uniform(-20, 20)))
    return lay(desk(seed), a4(seed), quad(at, 790, 0.707, float(rng.uniform(-8, 8))), seed)


def with_hand(seed: int) -> Image:
    """Fingers of a hand that holds the page at its right side."""
    picture = good(seed).astype(np.float32)
    rng = np.random.default_rng(seed)
    y = int(rng.uniform(350, 650))
    mask = np.zeros(picture.shape[:2], np.uint8)
    cv2.ellipse(mask, (1180, y), (210, 130), 0, 0, 360, 255, -1)
    cv2.rectangle(mask, (1150, y - 110), (1279, y + 120), 255, -1)
    for finger, reach in ((-90, 790), (-35, 750), (20, 765), (75, 810)):
        cv2.line(mask, (1080, y + finger), (reach, y + finger - 10), 255, 50)
        cv2.circle(mask, (reach, y + finger - 10), 25, 255, -1)
    soft = cv2.GaussianBlur(mask, (0, 0), 2)[..., None] / np.float32(255)
    shade = cv2.GaussianBlur(mask, (0, 0), 45)[..., None] / np.float32(255)
    skin = np.array([120, 150, 200], np.float32) * (0.6 + 0.35 * shade)
    return np.asarray((picture * (1 - soft) + skin * soft).clip(0, 255), np.uint8)


def two_apart(seed: int) -> Image:
    first = lay(desk(seed), a4(seed), quad((400, 480), 700, 0.707, 4), seed)
    return lay(first, a4(seed + 1), quad((960, 500), 640, 0.707, -6), seed)


def card_on_a_page(seed: int) -> Image:
    return lay(good(seed), card(seed), quad((640 + 20 * (seed % 5), 520), 210, 1.585, 12), seed)


def too_large(seed: int) -> Image:
    return lay(desk(seed), a4(seed), quad((640, 480), 1900, 0.8, 3), seed)


def corner_cut(seed: int) -> Image:
    rng = np.random.default_rng(seed)
    return lay(desk(seed), a4(seed), quad((640, float(rng.choice([400, 560]))), 800, 0.707, 14), seed)


def far(seed: int) -> Image:
    return lay(desk(seed), a4(seed), quad((700, 400), 150, 0.707, 9), seed)


def shadowed(seed: int) -> Image:
    rng = np.random.default_rng(seed)
    mask = np.zeros((960, 1280), np.uint8)
    x = int(rng.uniform(520, 720))
    cv2.fillPoly(mask, [np.array([(x, 0), (1280, 0), (1280, 960), (x - 120, 960)])], 255)
    soft = cv2.GaussianBlur(mask, (0, 0), 4)[..., None] / np.float32(255)
    return np.asarray(good(seed) * (1 - 0.45 * soft), np.uint8)


def smeared(seed: int) -> Image:
    return np.asarray(cv2.GaussianBlur(good(seed), (0, 0), 6), np.uint8)


def lamp(seed: int) -> Image:
    y, x = np.mgrid[0:960, 0:1280].astype(np.float32)
    spot = np.exp(-(((x - 640) / 75) ** 2 + ((y - 420) / 60) ** 2) / 2)[..., None]
    return np.asarray((good(seed) * np.float32(0.85) + 260 * spot).clip(0, 255), np.uint8)


FAULTS: list[tuple[Callable[[int], Image], PaperProblem]] = [
    (with_hand, PaperProblem.HAND),
    (two_apart, PaperProblem.SEVERAL),
    (card_on_a_page, PaperProblem.SEVERAL),
    (too_large, PaperProblem.TOO_LARGE),
    (corner_cut, PaperProblem.CUT_OFF),
    (far, PaperProblem.TOO_SMALL),
    (shadowed, PaperProblem.SHADOW),
    (smeared, PaperProblem.BLURRED),
    (lamp, PaperProblem.GLARE),
]


@pytest.mark.parametrize(("scene", "problem"), FAULTS, ids=lambda each: getattr(each, "__name__", None))
def test_a_fault_is_named(scene: Callable[[int], Image], problem: PaperProblem) -> None:
    picture = scene(3)
    for known in (None, desk(99)):
        found = papers.find(picture, known)
        assert found is not None
        assert found.problem is problem


def test_nothing_is_said_against_a_page_that_lies_well() -> None:
    for seed in range(2):
        picture = good(seed)
        for known in (None, desk(99)):
            found = papers.find(picture, known)
            assert found is not None
            assert found.problem is PaperProblem.NONE
