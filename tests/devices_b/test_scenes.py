"""What the simulated cameras see, judged by a face detector, a paper's corners and the standards' check characters."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import cast

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from drivers.simulate import papers, scenes

Picture = NDArray[np.uint8]
ROOT = Path(__file__).parents[2]
FACES = ROOT.parent / "shared" / "data" / "faces"
FETCHED = ROOT / "var" / "portraits"


def _pictures() -> list[Path]:
    fetched = sorted(path for path in FETCHED.glob("*/*") if path.suffix in {".jpg", ".png"})
    return fetched or sorted(FACES.glob("**/*.jpg"))[:4]


@pytest.fixture(scope="module")
def portraits() -> list[Picture]:
    found = _pictures()
    if len(found) < 2:
        pytest.skip("no portraits: neither var/portraits (make setup) nor ../shared/data/faces is there")
    return [np.asarray(cv2.imread(str(path)), dtype=np.uint8) for path in found]


def faces(picture: Picture) -> list[NDArray[np.float32]]:
    detector = cv2.FaceDetectorYN.create(str(scenes._model()), "", picture.shape[1::-1], 0.6)
    _, found = detector.detect(picture)
    rows = cast("NDArray[np.float32] | None", found)  # OpenCV's stubs leave None out
    return [] if rows is None else list(rows)


def pupils(face: NDArray[np.float32]) -> float:
    return float(np.hypot(face[4] - face[6], face[5] - face[7]))


def test_who_stands_there_has_one_face_that_is_near(portraits: list[Picture]) -> None:
    for number, portrait in enumerate(portraits):
        for seed in range(3):
            scene = scenes.standing(portrait, np.random.default_rng((number, seed)))
            assert scene.shape == (480, 640, 3)
            [face] = faces(scene)
            assert pupils(face) >= 60


def test_two_people_have_two_faces(portraits: list[Picture]) -> None:
    for seed in range(4):
        a, b = portraits[seed % len(portraits)], portraits[(seed + 1) % len(portraits)]
        assert len(faces(scenes.two_people(a, b, np.random.default_rng(seed)))) == 2


def test_who_is_far_away_is_small(portraits: list[Picture]) -> None:
    for seed in range(3):
        assert all(pupils(face) < 32 for face in faces(scenes.far_away(portraits[0], np.random.default_rng(seed))))


def test_nobody_in_an_empty_hall() -> None:
    assert [faces(scenes.empty_hall(np.random.default_rng(seed))) for seed in range(6)] == [[]] * 6


def test_the_chip_photo_has_its_size_and_its_face(portraits: list[Picture]) -> None:
    for portrait in portraits:
        photo = scenes.chip_photo(portrait)
        assert photo.shape == (126, 102, 3)
        [face] = faces(photo)
        assert 20 <= pupils(face) <= 30
        assert photo[:4].mean() > 200


def test_scenes_vary_with_the_seed_and_with_nothing_else(portraits: list[Picture]) -> None:
    first = scenes.standing(portraits[0], np.random.default_rng(5))
    assert np.array_equal(first, scenes.standing(portraits[0], np.random.default_rng(5)))
    assert not np.array_equal(first, scenes.standing(portraits[0], np.random.default_rng(6)))


def test_a_portrait_without_a_face_is_refused() -> None:
    with pytest.raises(ValueError, match="no face"):
        scenes.chip_photo(np.full((300, 300, 3), 127, dtype=np.uint8))


# ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", papers.PAPERS)
def test_a_paper_lies_where_it_is_said_to(name: str) -> None:
    for seed in range(3):
        rng = np.random.default_rng(seed)
        frame, corners = papers.on_desk(papers.PAPERS[name](rng), rng)
        assert frame.shape == (960, 1280, 3)
        assert ((corners > 4) & (corners < [1276, 956])).all()
        inside = np.zeros(frame.shape[:2], dtype=np.uint8)
        cv2.fillConvexPoly(inside, np.rint(corners).astype(np.int32), 255)
        core, ring = cv2.erode(inside, np.ones((9, 9), np.uint8)), cv2.dilate(inside, np.ones((21, 21), np.uint8))
        grey = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)
        assert np.median(grey[core > 0]) > 170
        assert np.median(grey[(ring == 0)]) < 90
        # each edge is where the corners say: bright just inside, dark just outside
        band_in = (inside > 0) & (cv2.erode(inside, np.ones((5, 5), np.uint8)) == 0)
        near, nearer = (cv2.dilate(inside, np.ones((size, size), np.uint8)) for size in (9, 5))
        band_out = (near > 0) & (nearer == 0)
        assert np.median(grey[band_in]) > 150
        assert np.median(grey[band_out]) < 90


def test_half_of_it_is_out_of_sight() -> None:
    for seed in range(4):
        rng = np.random.default_rng(seed)
        _, corners = papers.half_outside(papers.proof_of_residence(rng), rng)
        outside = (corners[:, 0] < 0) | (corners[:, 0] > 1280)
        assert 2 <= outside.sum() < 4


def sharpness(frame: Picture) -> float:
    return float(
        cv2.Laplacian(cv2.GaussianBlur(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), (0, 0), 1.5), cv2.CV_64F).var()
    )


def test_a_moved_one_is_blurred() -> None:
    for seed in range(3):
        sheet = papers.business_licence(np.random.default_rng(seed))
        sharp, _ = papers.on_desk(sheet, np.random.default_rng(seed))
        moved, _ = papers.blurred(sheet, np.random.default_rng(seed))
        assert sharpness(moved) < sharpness(sharp) / 3


def test_the_empty_desk_is_dark_and_even() -> None:
    desk = papers.empty_desk(np.random.default_rng(1))
    assert desk.mean() < 90
    assert desk.std() < 15


def test_unified_social_credit_codes_have_their_check_characters() -> None:
    parts = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    rng = np.random.default_rng(2)
    for _ in range(200):
        code = papers.social_credit_code(rng)
        assert re.fullmatch(r"91110101[0-9]{8}[0-9X][0-9A-HJ-NPQRTUWXY]", code)
        weights = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)  # as printed in GB 32100-2015
        total = sum(parts.index(character) * weight for character, weight in zip(code[:17], weights, strict=True))
        assert (31 - total % 31) % 31 == parts.index(code[17])
        organisation = sum(
            int(digit) * weight for digit, weight in zip(code[8:16], (3, 7, 9, 10, 5, 8, 4, 2), strict=True)
        )
        check = 10 if code[16] == "X" else int(code[16])
        assert (organisation + check) % 11 == 0


def test_identity_numbers_have_their_check_character() -> None:
    rng = np.random.default_rng(3)
    for _ in range(200):
        number = papers._identity_number(rng)
        weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2, 1)  # as printed in GB 11643-1999
        values = [10 if character == "X" else int(character) for character in number]
        assert sum(value * weight for value, weight in zip(values, weights, strict=True)) % 11 == 1


@pytest.mark.parametrize("draw", papers.PAPERS.values(), ids=papers.PAPERS)
def test_a_sheet_is_written_within_its_margins(draw: Callable[[np.random.Generator], Picture]) -> None:
    for seed in range(5):
        sheet = draw(np.random.default_rng(seed))
        assert sheet.shape == (1754, 1240, 3)
        assert (sheet[:, 1150:].max(axis=2) > 120).all()
        assert (sheet[1650:].max(axis=2) > 120).all()
        assert (sheet < 80).mean() > 0.01
