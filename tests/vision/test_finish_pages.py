import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk.vision.faces import FaceEngine, Image
from kiosk.vision.pages import curl, light
from kiosk.vision.pages.curl import Did
from kiosk.vision.pages.direction import DirectionReader, direction_of, turned
from kiosk.vision.pages.finish import Options, Step, Tone, finish
from kiosk.vision.pages.picture import PageProblem, as_picture, sharpness
from kiosk.vision.papers import straightened

SIZE = (1240, 1754)


@pytest.fixture(scope="module")
def reader() -> DirectionReader:
    cv2.setNumThreads(1)
    return DirectionReader()


@pytest.fixture(scope="module")
def letter(shared_data: Path) -> Image:
    page = cv2.imread(str(shared_data / "documents" / "a4_1.png"))
    assert page is not None
    return np.asarray(cv2.resize(page, SIZE, interpolation=cv2.INTER_AREA), np.uint8)


@pytest.fixture(scope="module")
def lined() -> Image:
    """Twenty rows of marks about as large as characters: no text, but its shape."""
    rng = np.random.default_rng(2)
    page = np.full((1754, 1240, 3), 250, np.uint8)
    for row in range(24):
        for x in range(130, 1080, 34):
            if rng.random() < 0.9:
                cv2.rectangle(page, (x, 200 + row * 50), (x + 24, 224 + row * 50), (30, 30, 30), 3)
    return page


def lifted(page: Image, pixels: float) -> tuple[Image, np.ndarray]:
    """A page curled up in its middle, and for each pixel the row of the flat page that it shows."""
    height, width = page.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    rows = (y + pixels * np.sin(np.pi * x / width)).astype(np.float32)
    return np.asarray(cv2.remap(page, x, rows, cv2.INTER_LINEAR, borderValue=(60, 60, 60)), np.uint8), rows


def bend(rows: np.ndarray) -> float:
    part = rows[200:1100:50, 150:1050].astype(np.float64)
    x = np.arange(part.shape[1])
    return float(np.median([np.ptp(row - np.polyval(np.polyfit(x, row, 1), x)) for row in part]))


# Direction ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a4_3", "id_1", "lic_2"])
def test_documents_are_turned_upright_from_all_four_sides(
    name: str, shared_data: Path, reader: DirectionReader
) -> None:
    page = cv2.imread(str(shared_data / "documents" / f"{name}.png"), cv2.IMREAD_REDUCED_COLOR_2)
    assert page is not None
    for lying in (0, 90, 180, 270):
        seen = direction_of(turned(np.asarray(page, np.uint8), lying), reader)
        assert seen.turn == (360 - lying) % 360, lying


def test_crops_of_camera_frames_are_never_turned_the_wrong_way(shared_data: Path, reader: DirectionReader) -> None:
    truth = json.loads((shared_data / "papers" / "truth.json").read_text(encoding="utf-8"))
    answers = []
    for number, entry in enumerate(truth[1::6]):
        image = np.asarray(cv2.imread(str(shared_data / "papers" / entry["file"])), np.uint8)
        page = straightened(image, np.array(entry["corners"], np.float64))
        lying = number % 4 * 90
        turn = direction_of(turned(page, lying), reader).turn
        answers.append(None if turn is None else turn == (360 - lying) % 360)
    assert answers.count(False) == 0
    assert answers.count(True) >= 0.75 * len(answers)


def test_marks_without_text_and_empty_pages_are_left_as_they_lie(reader: DirectionReader, lined: Image) -> None:
    rng = np.random.default_rng(1)
    noise = rng.integers(0, 256, (600, 400, 3)).astype(np.uint8)
    for page in (np.full((600, 400, 3), 255, np.uint8), noise, lined):
        assert direction_of(page, reader).turn is None
        done = finish(page, Options(level=False, uncurl=False, even=False), reader=reader)
        assert done.did(Step.TURN) is Did.UNSURE
        assert np.array_equal(done.image, page)


def test_columns_of_upright_characters_are_not_laid_on_their_side(reader: DirectionReader) -> None:
    from PIL import Image as Pictures
    from PIL import ImageDraw, ImageFont

    from kiosk.vision.pages.sheet import mark_font

    file = mark_font()
    if file is None:
        pytest.skip("the screens' fonts are not there: run make")
    font = ImageFont.truetype(str(file), 32)
    words = "自助终端应当提供身份核验材料采集信息填报结果打印等功能并设置无障碍操作界面"
    picture = Pictures.new("RGB", (900, 1200), "white")
    draw = ImageDraw.Draw(picture)
    for column in range(12):
        for row in range(25):
            char = words[(column * 7 + row) % len(words)]
            draw.text((800 - column * 62, 60 + row * 42), char, font=font, fill="black")
    page = np.ascontiguousarray(np.asarray(picture)[:, :, ::-1])
    for lying in (0, 90, 180, 270):
        assert direction_of(turned(page, lying), reader).turn in {None, (360 - lying) % 360}


def test_a_face_turns_a_card_without_text(sface: FaceEngine, people: dict[str, list[Path]]) -> None:
    photo = cv2.imread(str(people["person-1"][0]))
    assert photo is not None
    lying = turned(np.asarray(photo, np.uint8), 180)
    only = Options(level=False, uncurl=False, even=False)
    done = finish(lying, only, faces=sface.detect)
    assert (done.did(Step.TURN), done.steps[0].before) == (Did.DONE, 180.0)
    assert np.array_equal(done.image, photo)
    assert finish(np.full_like(lying, 200), only, faces=sface.detect).did(Step.TURN) is Did.UNSURE


# Tilt and curl ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("degrees", [0.0, -1.2, 3.0])
def test_a_tilt_is_measured_to_a_tenth_of_a_degree(degrees: float, lined: Image) -> None:
    turn = cv2.getRotationMatrix2D((620, 877), -degrees, 1.0)
    page = np.asarray(cv2.warpAffine(lined, turn, SIZE, borderMode=cv2.BORDER_REPLICATE), np.uint8)
    shape = curl.shape_of(page)
    assert shape.tilt == pytest.approx(degrees, abs=0.1)
    assert shape.tilt_did is (Did.DONE if degrees else Did.NOT_NEEDED)
    assert abs(curl.shape_of(curl.straight(page, shape)).tilt) <= 0.1


@pytest.mark.parametrize("pixels", [15, 30, 50])
def test_a_curl_is_taken_out(pixels: int, letter: Image) -> None:
    page, rows = lifted(letter, pixels)
    shape = curl.shape_of(page)
    assert shape.bend_did is Did.DONE
    map_x, map_y = curl.maps(shape, *SIZE)
    after = bend(cv2.remap(rows, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))
    assert bend(rows) > 0.4 * pixels
    assert after <= 4.0


def test_a_flat_page_is_not_harmed(letter: Image, lined: Image) -> None:
    for page in (letter, lined):
        done = finish(page, Options(turn=False, even=False))
        assert done.did(Step.LEVEL) is Did.NOT_NEEDED
        assert done.did(Step.UNCURL) is Did.NOT_NEEDED
        assert np.array_equal(done.image, page)


def test_lines_that_disagree_are_left_alone() -> None:
    rng = np.random.default_rng(6)
    page = np.full((1000, 800, 3), 250, np.uint8)
    for _ in range(120):
        x, y, angle = rng.uniform(60, 740), rng.uniform(60, 940), rng.uniform(0, np.pi)
        end = (round(x + 40 * np.cos(angle)), round(y + 40 * np.sin(angle)))
        cv2.line(page, (round(x), round(y)), end, (20, 20, 20), 3)
    done = finish(page, Options(turn=False, even=False))
    assert done.did(Step.UNCURL) is Did.UNSURE
    assert done.did(Step.LEVEL) in {Did.UNSURE, Did.NOT_NEEDED}
    assert np.array_equal(done.image, page)


# Light --------------------------------------------------------------------------------------------------------------


def shaded(page: Image) -> Image:
    height, width = page.shape[:2]
    lamp = (
        np.linspace(0.95, 0.55, width, dtype=np.float32)[None, :, None] * np.linspace(1.0, 0.85, height)[:, None, None]
    )
    return np.asarray((page * lamp).clip(0, 255), np.uint8)


def test_light_is_evened_and_seals_and_photos_keep_their_colours() -> None:
    page = np.full((1400, 1000, 3), 252, np.uint8)
    cv2.circle(page, (300, 1000), 90, (40, 30, 200), 12)
    page[200:600, 600:900] = (150, 120, 110)
    for row in range(12):
        cv2.putText(page, "kiosk 110101199003070011", (60, 120 + row * 50), 0, 0.9, (30, 30, 30), 2)
    page[200:600, 600:900] = (150, 120, 110)
    dark = shaded(page)
    seen = light.light_of(dark)
    assert seen.sure
    assert seen.variation > 1.4
    even = light.flattened(dark, seen)
    paper = np.concatenate([even[1100:1380, 500:980].reshape(-1, 3), even[700:900, 20:50].reshape(-1, 3)])
    assert paper.min() >= 250
    assert even[400, 750].astype(int) == pytest.approx([150, 120, 110], abs=14)
    ring = even[1000, 300 + 90].astype(int)
    assert ring == pytest.approx([40, 30, 200], abs=20)


def test_coloured_paper_keeps_its_colour_and_a_picture_is_left_alone() -> None:
    rng = np.random.default_rng(3)
    blue = np.full((638, 1011, 3), (240, 228, 205), np.uint8)
    even = light.flattened(shaded(blue), light.light_of(shaded(blue)))
    middle = even[100:500, 100:900].reshape(-1, 3).mean(axis=0)
    assert middle / middle[0] == pytest.approx(np.array([240, 228, 205]) / 240, abs=0.03)
    photo = cv2.resize(rng.integers(0, 256, (20, 14, 3)).astype(np.uint8), (700, 1000), interpolation=cv2.INTER_CUBIC)
    done = finish(photo, Options(turn=False, level=False, uncurl=False))
    assert done.did(Step.LIGHT) is Did.UNSURE
    assert np.array_equal(done.image, photo)


def test_black_on_white_keeps_pale_print_red_seals_and_blue_captions() -> None:
    page = np.full((900, 700, 3), 240, np.uint8)
    for y, colour in ((200, (20, 20, 20)), (400, (60, 50, 210)), (600, (190, 120, 60)), (750, (200, 200, 200))):
        cv2.putText(page, "0123456789", (60, y), 0, 2.0, colour, 6)
    black = light.bilevel(page)
    assert set(np.unique(black).tolist()) == {0, 255}
    for top in (140, 340, 540, 690):
        assert 0.02 < float((black[top : top + 80, 50:500] == 0).mean()) < 0.5
    assert not (black[:100] == 0).any()


# Everything ---------------------------------------------------------------------------------------------------------


def test_a_page_goes_through_every_step(letter: Image, reader: DirectionReader) -> None:
    page = turned(shaded(lifted(letter, 30)[0]), 180)
    done = finish(page, Options(tone=Tone.GREY), reader=reader)
    assert [step.did for step in done.steps if step.step is not Step.LEVEL] == [Did.DONE] * 3
    assert done.image.shape == page.shape[:2]
    assert done.image[300:420, 30:80].min() >= 250  # the margin is white


def test_blur_lowers_the_sharpness_steadily(letter: Image) -> None:
    figures = [sharpness(np.asarray(cv2.GaussianBlur(letter, (0, 0), sigma), np.uint8)) for sigma in (0.5, 1, 2, 3, 4)]
    assert figures == sorted(figures, reverse=True)
    assert figures[0] > 3 * figures[-1]


@pytest.mark.parametrize(
    ("array", "problem"),
    [
        (np.zeros((0, 0, 3), np.uint8), PageProblem.NOT_A_PICTURE),
        (np.zeros((0, 40), np.uint8), PageProblem.NOT_A_PICTURE),
        (np.zeros((1, 1, 3), np.uint8), PageProblem.TOO_SMALL),
        (np.zeros((5,), np.uint8), PageProblem.NOT_A_PICTURE),
        (np.zeros((60, 60, 2), np.uint8), PageProblem.NOT_A_PICTURE),
        (np.zeros((2, 60, 60, 3), np.uint8), PageProblem.NOT_A_PICTURE),
        (np.zeros((60, 60, 3), np.int64), PageProblem.NOT_A_PICTURE),
        (np.full((60, 60, 3), "x"), PageProblem.NOT_A_PICTURE),
        (np.broadcast_to(np.uint8(0), (9000, 9000, 3)), PageProblem.TOO_LARGE),
        (np.broadcast_to(np.uint8(0), (40, 40_000, 3)), PageProblem.TOO_LARGE),
        (np.zeros((60, 60), np.uint8), PageProblem.NONE),
        (np.zeros((60, 60, 1), np.uint8), PageProblem.NONE),
        (np.zeros((60, 60, 4), np.uint8), PageProblem.NONE),
        (np.full((60, 60, 3), 65535, np.uint16), PageProblem.NONE),
        (np.full((60, 60, 3), np.nan), PageProblem.NONE),
        (np.full((60, 60, 3), np.inf, np.float32), PageProblem.NONE),
        (np.ones((60, 60), np.bool_), PageProblem.NONE),
        (np.zeros((40, 1200, 3), np.uint8)[:, ::2], PageProblem.NONE),
    ],
)
def test_hostile_arrays_get_an_answer(array: np.ndarray, problem: PageProblem, reader: DirectionReader) -> None:
    for tone in Tone:
        done = finish(array, Options(tone=tone), reader=reader)
        assert done.problem is problem
        assert done.image.dtype == np.uint8
        assert bool(done.image.size) is (problem is PageProblem.NONE)


def test_sixteen_bits_and_floats_mean_the_same_picture(lined: Image) -> None:
    deep, problem = as_picture(lined.astype(np.uint16) * 257)
    assert problem is PageProblem.NONE
    assert np.array_equal(deep, lined)
    assert np.abs(as_picture(lined / 255.0)[0].astype(int) - lined).max() <= 1
