"""ID photos of the portraits' people, cut out and put before a white wall, and of what goes wrong with that."""

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as Pictures

from drivers.simulate import scenes
from kiosk.vision.faces import Face, FaceEngine, Image
from kiosk.vision.id_photo import PhotoProblem, attempt, check, crop, encode
from kiosk.vision.id_photo_eyes import Eyes
from kiosk.vision.id_photo_layout import FORMATS, ID_CARD, PASSPORT, Head, PhotoFormat, head_of
from kiosk.vision.observation import Mask

Studio = Callable[..., Image]
EYES = Eyes()


@pytest.fixture(scope="module")
def studio(people: dict[str, list[Path]]) -> Studio:
    """A person before a wall, 1280x960, lit evenly; the pupils 96 pixels apart."""

    def make(
        person: str = "person-1",
        index: int = 0,
        *,
        wall: tuple[int, int, int] = (242, 244, 243),
        distance: float = 96.0,
        turn: float = 0.0,
        eyes: tuple[float, float] = (640.0, 430.0),
    ) -> Image:
        portrait = cv2.imread(str(people[person][index]))
        assert portrait is not None
        scene = np.full((960, 1280, 3), wall, np.uint8)
        cutout = scenes._cut_out(np.asarray(portrait, np.uint8))
        scenes._place(scene, cutout, eyes, distance=distance, turn=turn)
        noise = np.random.default_rng(1).normal(0, 2, scene.shape)
        return np.clip(scene + noise, 0, 255).astype(np.uint8)

    return make


def problems(engine: FaceEngine, image: Image, mask: Mask = Mask.BARE) -> tuple[PhotoProblem, ...]:
    return attempt(image, engine.detect, EYES.settle, lambda _image, _face: mask).problems


def photo_of(engine: FaceEngine, image: Image, wanted: PhotoFormat = ID_CARD) -> Image:
    photo = attempt(image, engine.detect, EYES.settle, None, wanted).photo
    assert photo is not None
    assert photo.shape == (wanted.height, wanted.width, 3)
    return photo


def head_in(engine: FaceEngine, photo: Image) -> Head:
    head = head_of(photo, EYES.settle(photo, engine.detect(photo)[0]))
    assert head is not None
    return head


@pytest.mark.parametrize("person", ["person-1", "person-3"])
@pytest.mark.parametrize("turn", [0.0, 7.0])
def test_a_studio_picture_passes_and_is_cut_to_the_rules(
    person: str, turn: float, studio: Studio, sface: FaceEngine
) -> None:
    image = studio(person, turn=turn)
    assert problems(sface, image) == ()
    photo = photo_of(sface, image)
    head = head_in(sface, photo)
    assert abs(head.roll) < 1
    assert abs(head.eyes[0] - ID_CARD.width / 2) < 4
    assert 193 <= head.face_width <= 221
    assert ID_CARD.height - head.eyes[1] >= 207
    assert head.crown_measured
    assert 7 <= head.eyes[1] - head.crown <= 21


@pytest.mark.parametrize("wanted", FORMATS.values(), ids=str)
def test_every_document_gets_its_size_and_proportions(wanted: PhotoFormat, studio: Studio, sface: FaceEngine) -> None:
    photo = photo_of(sface, studio(), wanted)
    head = head_in(sface, photo)
    if wanted.head_height is not None:
        assert wanted.head_height[0] <= head.crown + head.chin <= wanted.head_height[1]
        assert wanted.height - head.eyes[1] - head.chin >= wanted.chin_above_edge
        assert 15 / 25.4 * wanted.dpi <= head.face_width <= 22 / 25.4 * wanted.dpi
    assert wanted.above_head[0] - 2 <= head.eyes[1] - head.crown <= wanted.above_head[1] + 2


def test_the_prints_are_33_by_48_millimetres() -> None:
    assert (PASSPORT.width, PASSPORT.height, PASSPORT.head_height) == (455, 661, (386, 455))
    assert (FORMATS["visa"].width, FORMATS["visa"].height) == (390, 567)


def test_tall_hair_is_cut_off_before_the_face_comes_too_low(studio: Studio, sface: FaceEngine) -> None:
    image = studio()
    (face,) = sface.detect(image)
    x, y = face.points[:2].mean(axis=0)
    cv2.ellipse(image, (round(float(x)), round(float(y)) - 150), (110, 120), 0, 0, 360, (30, 28, 26), -1)
    photo = crop(image, face)
    assert photo is not None
    after = sface.detect(photo)[0].points[:2].mean(axis=0)
    assert ID_CARD.height - float(after[1]) == pytest.approx(207, abs=4)


def test_what_is_wrong_is_named(studio: Studio, sface: FaceEngine) -> None:
    good = studio()
    shaded = good * np.linspace(1.0, 0.3, 1280, dtype=np.float32)[None, :, None]
    stripes = studio(wall=(240, 240, 240))
    mask = np.abs(stripes.astype(np.int16) - 240).max(axis=2) < 12
    mask[:, (np.arange(1280) // 40) % 2 == 0] = False
    stripes[mask] = (120, 130, 60)
    glare = good.copy()
    face = sface.detect(good)[0]
    for x, y in face.points[:2]:
        cv2.ellipse(glare, (round(float(x)) + 8, round(float(y)) - 4), (17, 11), 20, 0, 360, (255, 255, 255), -1)
    beside = studio(eyes=(640, 430))
    scenes._place(beside, scenes._cut_out(studio("person-2", 0)), (860.0, 300.0), distance=40, turn=0)
    cases: dict[PhotoProblem, Image] = {
        PhotoProblem.NO_FACE: np.full((480, 640, 3), 200, np.uint8),
        PhotoProblem.TOO_SMALL: studio(distance=55),
        PhotoProblem.CUT_OFF: studio(eyes=(640.0, 110.0)),
        PhotoProblem.TILTED: studio(turn=20.0),
        PhotoProblem.SEVERAL_FACES: beside,
        PhotoProblem.BLURRED: np.asarray(cv2.GaussianBlur(good, (0, 0), 7), np.uint8),
        PhotoProblem.TOO_DARK: (good * 0.2).astype(np.uint8),
        PhotoProblem.TOO_BRIGHT: np.clip(good * 1.5 + 60.0, 0, 255).astype(np.uint8),
        PhotoProblem.UNEVEN_LIGHT: shaded.astype(np.uint8),
        PhotoProblem.GLASSES_GLARE: glare,
        PhotoProblem.COLOURLESS: np.repeat(cv2.cvtColor(good, cv2.COLOR_BGR2GRAY)[..., None], 3, axis=2).astype(
            np.uint8
        ),
        PhotoProblem.BACKGROUND_NOT_PLAIN: stripes,
        PhotoProblem.BACKGROUND_NOT_WHITE: studio(wall=(200, 120, 60)),
    }
    found = {name: problems(sface, image) for name, image in cases.items()}
    assert {name: name in said for name, said in found.items()} == dict.fromkeys(cases, True), found
    # Nothing else is said where only one thing is wrong.
    single = {PhotoProblem.TOO_SMALL, PhotoProblem.TILTED, PhotoProblem.GLASSES_GLARE, PhotoProblem.COLOURLESS}
    single |= {PhotoProblem.BACKGROUND_NOT_PLAIN, PhotoProblem.BACKGROUND_NOT_WHITE}
    assert {name: found[name] for name in single} == {name: (name,) for name in single}


def test_a_turned_face_and_a_hall_behind_are_refused(
    people: dict[str, list[Path]], studio: Studio, sface: FaceEngine
) -> None:
    assert problems(sface, studio("person-2", 0)) == (PhotoProblem.TURNED,)
    portrait = cv2.imread(str(people["person-1"][1]))
    assert portrait is not None
    said = problems(sface, np.asarray(portrait, np.uint8))
    assert PhotoProblem.TURNED in said
    assert PhotoProblem.BACKGROUND_NOT_PLAIN in said


@pytest.mark.parametrize("turn", [-9.0, 0.0, 6.0])
def test_the_eyes_are_found_to_a_degree_whatever_the_turn(turn: float, studio: Studio, sface: FaceEngine) -> None:
    straight, turned = studio("person-3"), studio("person-3", turn=turn)
    heads = [head_of(image, EYES.settle(image, sface.detect(image)[0])) for image in (straight, turned)]
    assert heads[0] is not None
    assert heads[1] is not None
    assert heads[1].roll == pytest.approx(heads[0].roll - turn, abs=1)
    assert heads[1].pupils == pytest.approx(heads[0].pupils, rel=0.02)


def test_a_mask_and_what_may_be_one_cover_the_face(studio: Studio, sface: FaceEngine) -> None:
    image = studio()
    assert problems(sface, image, Mask.WORN) == (PhotoProblem.COVERED,)
    assert problems(sface, image, Mask.UNSURE) == (PhotoProblem.COVERED,)
    assert problems(sface, image, Mask.NOT_MEASURED) == ()


def test_nothing_is_invented_at_the_edge(studio: Studio, sface: FaceEngine) -> None:
    image = studio(eyes=(640.0, 110.0))
    assert crop(image, sface.detect(image)[0]) is None


def test_the_file_says_its_resolution_and_keeps_within_its_limit(studio: Studio, sface: FaceEngine) -> None:
    photo = photo_of(sface, studio())
    data = encode(photo)
    assert len(data) <= ID_CARD.most_bytes
    with Pictures.open(io.BytesIO(data)) as file:
        assert (file.format, file.size, file.mode) == ("JPEG", (358, 441), "RGB")
        assert file.info["dpi"] == (350, 350)
    tight = replace(ID_CARD, quality=90, most_bytes=len(encode(photo, replace(ID_CARD, quality=90))) - 1)
    assert len(encode(photo, tight)) <= tight.most_bytes
    with pytest.raises(ValueError, match="358x441"):
        encode(np.zeros((10, 10, 3), np.uint8))


def test_hostile_input_is_answered() -> None:
    points = np.array([[30, 30], [70, 30], [50, 50], [35, 70], [65, 70]], np.float32)
    face = Face((10, 0, 80, 100), points, 0.9)
    nowhere = [
        replace(face, points=np.full((5, 2), np.nan, np.float32)),
        replace(face, points=np.zeros((5, 2), np.float32)),
        replace(face, points=points * np.float32(1e9)),
        replace(face, points=np.zeros((0, 2), np.float32)),
    ]
    pictures: list[NDArray[np.generic]] = [
        np.zeros((0, 0, 3), np.uint8),
        np.zeros((1, 1, 3), np.uint8),
        np.zeros((40, 40), np.uint8),
        np.zeros((40, 40), np.uint16),
        np.zeros((40, 40, 4), np.uint8),
        np.full((40, 40, 3), np.nan),
        np.zeros((3, 20000, 3), np.uint8),
        np.zeros(7, np.uint8),
        np.full((100, 100, 3), 128, np.uint8),
    ]
    for picture in pictures:
        for each in [face, *nowhere]:
            said = check(picture, [each, each])
            assert said
            assert all(isinstance(problem, PhotoProblem) for problem in said)
            photo = crop(picture, each)
            assert photo is None or photo.shape == (441, 358, 3)
    assert check(pictures[-1], []) == (PhotoProblem.NO_FACE,)
    assert check(pictures[0], [face]) == (PhotoProblem.NO_PICTURE,)
