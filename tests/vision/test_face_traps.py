"""Pictures that are made, or happen, to go wrong: each has an answer, none an exception."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from kiosk.vision.engines import CARDS
from kiosk.vision.engines.sface import SFace
from kiosk.vision.faces import (
    ALIGNED,
    LEAST_FRAMES,
    Face,
    FaceEngine,
    Image,
    alignment,
    in_portrait,
    picture,
    verdict,
)
from kiosk.vision.observation import FaceBand, FaceProblem, Mask
from kiosk.vision.quality import pose, problem_of, sharpness
from kiosk.vision.wlt import card_portrait

Scene = Callable[[str, int], Image]
LEVEL = np.array([[270, 200], [370, 200], [320, 260], [285, 310], [355, 310]], np.float32)
ONE = Face((220, 120, 200, 260), LEVEL, 0.95)


@pytest.fixture(scope="module")
def engine() -> SFace:
    cv2.setNumThreads(1)
    return SFace()


def hostile() -> dict[str, NDArray[np.generic]]:
    rng = np.random.default_rng(4)
    return {
        "empty": np.empty((0, 0, 3), np.uint8),
        "no_height": np.empty((0, 640, 3), np.uint8),
        "no_channel": np.empty((48, 64, 0), np.uint8),
        "one_pixel": np.zeros((1, 1, 3), np.uint8),
        "one_grey_pixel": np.zeros((1, 1), np.uint8),
        "flat": np.zeros(300, np.uint8),
        "four_dimensions": np.zeros((1, 48, 64, 3), np.uint8),
        "two_channels": np.zeros((48, 64, 2), np.uint8),
        "nan": np.full((480, 640, 3), np.nan, np.float32),
        "floating": rng.random((480, 640, 3)),
        "signed": np.full((480, 640, 3), -1, np.int16),
        "boolean": np.ones((480, 640, 3), np.bool_),
        "long": np.zeros((40, 70_000, 3), np.uint8),
        "noise": rng.integers(0, 255, (480, 640, 3), np.uint8),
        "noise_16": rng.integers(0, 65_535, (480, 640, 3), np.uint16),
        "thin": rng.integers(0, 255, (2, 4000, 3), np.uint8),
    }


@pytest.mark.parametrize("name", sorted(hostile()))
def test_a_hostile_picture_has_no_face_and_raises_nothing(name: str, engine: SFace) -> None:
    image = hostile()[name]
    assert engine.detect(image) == []
    assert engine.template(image) is None
    as_image: Image = image  # type: ignore[assignment]  # what a broken caller passes
    assert problem_of(as_image, []) is FaceProblem.NO_FACE
    usable = picture(image) is not None
    assert usable or problem_of(as_image, [ONE]) is FaceProblem.NO_FACE
    assert isinstance(problem_of(as_image, [ONE]), FaceProblem)
    numbers = engine.embed(image, ONE)
    assert numbers.shape == (128,)
    assert np.isfinite(numbers).all() == usable
    assert sharpness(as_image, ONE) >= 0


@pytest.mark.parametrize("where", ["one_place", "nan", "infinite", "far_away"])
def test_points_that_are_none_are_never_accepted(where: str, engine: SFace, scene: Scene) -> None:
    points = {
        "one_place": np.full((5, 2), 7.0, np.float32),
        "nan": np.full((5, 2), np.nan, np.float32),
        "infinite": np.full((5, 2), np.inf, np.float32),
        "far_away": LEVEL + np.float32(1e6),
    }[where]
    image = scene("person-1", 0)
    face = Face((220, 120, 200, 260), points, 0.95)
    assert problem_of(image, [face]) is not FaceProblem.NONE
    reference = engine.template(image)
    assert reference is not None
    similarity = engine.similarity(engine.embed(image, face), reference)
    assert verdict([similarity] * 5, engine.card).band is FaceBand.REJECT
    if where != "far_away":
        assert not pose(face).straight


def test_grey_deep_and_transparent_pictures_are_looked_at_as_they_are(engine: SFace, scene: Scene) -> None:
    image = scene("person-1", 0)
    reference = engine.template(image)
    assert reference is not None
    versions: dict[str, tuple[NDArray[np.generic], float]] = {
        "deep": (image.astype(np.uint16) * 257, 0.999),
        "transparent": (np.dstack([image, np.full(image.shape[:2], 9, np.uint8)]), 0.999),
        "turned_round_in_memory": (image[:, ::-1].copy()[:, ::-1], 0.999),
        "grey": (np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)), 0.7),
        "grey_with_a_channel": (np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY))[:, :, None], 0.7),
    }
    plain = engine.embed(image, engine.detect(image)[0])
    for name, (version, least) in versions.items():
        faces = engine.detect(version)
        assert len(faces) == 1, name
        assert engine.similarity(engine.embed(version, faces[0]), plain) >= least, name


def test_a_huge_picture_is_searched_whole(engine: SFace, scene: Scene) -> None:
    image = scene("person-1", 0)
    huge = np.asarray(cv2.resize(image, (9600, 7200), interpolation=cv2.INTER_LINEAR), np.uint8)
    found = engine.detect(huge)
    assert len(found) == 1
    assert found[0].pupils_px == pytest.approx(85 * 15, rel=0.05)
    assert np.isfinite(engine.embed(huge, found[0])).all()
    assert problem_of(huge, found) in {FaceProblem.NONE, FaceProblem.BLURRED}


def test_a_damaged_file_is_a_picture_or_none(engine: SFace, scene: Scene) -> None:
    packed = np.asarray(cv2.imencode(".jpg", scene("person-1", 0))[1], np.uint8)
    for share in (0.05, 0.3, 0.6, 0.95):
        image = cv2.imdecode(packed[: int(packed.size * share)], cv2.IMREAD_COLOR)
        if image is not None:
            problem = problem_of(np.asarray(image, np.uint8), engine.detect(image))
            assert isinstance(problem, FaceProblem)


def test_ten_faces_are_several(engine: SFace, scene: Scene) -> None:
    small = [cv2.resize(scene(f"person-{1 + k % 3}", 0)[40:400, 140:500], (240, 240)) for k in range(10)]
    crowd = np.vstack([np.hstack(small[:5]), np.hstack(small[5:])])
    faces = engine.detect(crowd)
    assert len(faces) == 10
    assert problem_of(np.asarray(crowd, np.uint8), faces) is FaceProblem.SEVERAL_FACES


def test_a_face_on_the_shirt_is_not_a_second_person_but_beside_it_is(engine: SFace, scene: Scene) -> None:
    person, print_ = scene("person-1", 0), scene("person-2", 0)[70:350, 180:460]
    picture_ = np.full((720, 640, 3), 120, np.uint8)
    picture_[:400] = person[:400]
    small = cv2.resize(print_, (170, 170), interpolation=cv2.INTER_AREA)
    shirt = picture_.copy()
    shirt[480:650, 240:410] = small
    faces = engine.detect(shirt)
    assert len(faces) == 2
    assert faces[1].pupils_px > 0.45 * faces[0].pupils_px  # large enough to be somebody elsewhere
    assert problem_of(shirt, faces) is FaceProblem.NONE
    beside = picture_.copy()
    beside[90:260, 465:635] = small
    assert problem_of(beside, engine.detect(beside)) is FaceProblem.SEVERAL_FACES
    child = picture_.copy()
    child[440:720, 200:480] = print_
    assert problem_of(child, engine.detect(child)) is FaceProblem.SEVERAL_FACES


def test_a_mask_is_the_reason_only_where_it_is_sure(engine: SFace, scene: Scene) -> None:
    image = scene("person-1", 0)
    faces = engine.detect(image)
    got = {mask: problem_of(image, faces, mask) for mask in Mask}
    assert got == {mask: FaceProblem.MASKED if mask is Mask.WORN else FaceProblem.NONE for mask in Mask}
    assert problem_of(image, [], Mask.WORN) is FaceProblem.NO_FACE


@pytest.mark.parametrize(("move", "straight"), [(0, True), (20, True), (45, False), (-45, False)])
def test_yaw_shows_in_the_nose(move: float, straight: bool) -> None:
    points = LEVEL.copy()
    points[2, 0] += move
    held = pose(Face(ONE.box, points, 0.95))
    assert held.straight is straight
    assert held.yaw == pytest.approx(move / 100)


def test_roll_and_pitch_are_told_apart() -> None:
    assert pose(ONE).roll == pytest.approx(0)
    turn = cv2.getRotationMatrix2D((320, 250), -30, 1.0)
    rolled = (LEVEL @ turn[:, :2].T + turn[:, 2]).astype(np.float32)
    held = pose(Face(ONE.box, rolled, 0.95))
    assert held.roll == pytest.approx(30, abs=0.01)
    assert not held.straight
    assert held.pitch == pytest.approx(pose(ONE).pitch, abs=1e-4)
    lifted = LEVEL.copy()
    lifted[2, 1] = 215
    assert not pose(Face(ONE.box, lifted, 0.95)).straight


def test_too_few_pictures_decide_nothing() -> None:
    card = CARDS["sface"]
    for similarity in (0.9, 0.35, -0.2):
        assert verdict([similarity] * (LEAST_FRAMES - 1), card).band is FaceBand.STAFF
    assert verdict([0.9] * LEAST_FRAMES, card).band is FaceBand.ACCEPT
    assert verdict([-0.2] * LEAST_FRAMES, card).band is FaceBand.REJECT


def test_what_is_no_number_counts_against() -> None:
    card = CARDS["sface"]
    assert verdict([float("nan")] * 5, card).band is FaceBand.REJECT
    assert verdict([float("nan"), 0.9, 0.9, 0.9, 0.9], card).band is FaceBand.ACCEPT
    assert verdict([0.9, float("inf"), 0.9, float("nan"), float("nan")], card).band is FaceBand.REJECT


def test_the_template_of_a_card_is_of_whom_it_shows(engine: SFace, people: dict[str, list[Path]], scene: Scene) -> None:
    photograph = scene("person-1", 0)
    face = engine.detect(photograph)[0]
    card = card_portrait(photograph, face)
    careful = engine.template(card)
    assert careful is not None
    assert float(np.linalg.norm(careful)) == pytest.approx(1, abs=1e-5)
    other = scene("person-1", 1)
    live = engine.embed(other, engine.detect(other)[0])
    stranger = scene("person-2", 0)
    plain = engine.embed(card, engine.detect(card)[0])
    assert engine.similarity(live, careful) >= engine.similarity(live, plain) - 0.02
    assert engine.similarity(engine.embed(stranger, engine.detect(stranger)[0]), careful) < 0.33


def test_the_noise_of_a_near_face_is_averaged_and_not_sampled(engine: SFace, scene: Scene) -> None:
    rng = np.random.default_rng(6)
    image = scene("person-1", 0)
    clean = engine.embed(image, engine.detect(image)[0])
    near = np.asarray(cv2.resize(image, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), np.uint8)
    noisy = (near + rng.normal(0, 35, near.shape)).clip(0, 255).astype(np.uint8)
    points = ((engine.detect(image)[0].points + 0.5) * 2 - 0.5).astype(np.float32)
    face = Face((0, 0, 1, 1), points, 0.9)
    sampled = cv2.warpAffine(noisy, alignment(points), (ALIGNED, ALIGNED))
    by_sampling = engine.similarity(engine._numbers(np.asarray(sampled, np.uint8)), clean)
    assert engine.similarity(engine.embed(noisy, face), clean) > by_sampling + 0.02
    assert engine.similarity(engine.embed(near, face), clean) > 0.97


def test_in_a_portrait_the_face_in_the_middle_counts() -> None:
    image = np.zeros((250, 250, 3), np.uint8)
    aside = Face((0, 0, 90, 120), LEVEL, 0.9)
    middle = Face((90, 80, 70, 90), LEVEL, 0.9)
    assert in_portrait(image, [aside, middle]) is middle
    assert in_portrait(image, [aside]) is aside
    assert in_portrait(image, []) is None


def test_the_second_engine_answers_to_hostile_pictures_too(sface: FaceEngine) -> None:
    from kiosk.vision.engines import open_engine

    dlib = open_engine("dlib")
    for name in ("empty", "nan", "one_pixel", "long", "noise_16"):
        image = hostile()[name]
        as_image: Image = image  # type: ignore[assignment]  # what a broken caller passes
        assert dlib.detect(as_image) == []
        assert dlib.template(as_image) is None
        numbers = dlib.embed(as_image, ONE)
        assert np.isfinite(numbers).all() == (picture(image) is not None)
