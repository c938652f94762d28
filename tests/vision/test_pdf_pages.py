import io
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pikepdf
import pytest
from fontTools.ttLib import TTFont
from PIL import Image as Pictures
from PIL import ImageCms

from kiosk.vision.faces import Image
from kiosk.vision.pages.colour_profile import srgb
from kiosk.vision.pages.finish import Tone
from kiosk.vision.pages.sheet import CARD_MM, SheetProblem, card_sheet, mark_font
from kiosk.vision.pages.text_layer import Codes, empty_font
from kiosk.vision.pdf import MOST_BYTES, MOST_PAGES, PdfProblem, bind, pdf_page

WORDS = ("关于办理居住证业务的申请", "公民身份号码：110101199003070011", "Name: 𠮷野 𬌗 (rare)", "第二行，共 3 行。")


@dataclass
class Line:
    text: str
    quad: np.ndarray


def lines(words: tuple[str, ...], width: int, height: int) -> list[Line]:
    made = []
    for number, text in enumerate(words):
        top, bottom, right = height * (0.1 + 0.06 * number), height * (0.13 + 0.06 * number), width * 0.8
        made.append(Line(text, np.array([[90, top], [right, top], [right, bottom], [90, bottom]])))
    return made


@pytest.fixture(scope="module")
def page() -> Image:
    cv2.setNumThreads(1)
    rng = np.random.default_rng(4)
    page = np.full((3508, 2480, 3), 253, np.uint8)
    for row in range(24):
        cv2.putText(page, "".join(map(chr, rng.integers(65, 90, 30))), (200, 300 + row * 70), 0, 1.8, (30, 30, 30), 4)
    cv2.circle(page, (1800, 3000), 200, (30, 30, 210), 14)
    return page


def text_of(data: bytes, folder: Path, *words: str) -> str:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler-utils) is not installed: it judges the text layer")
    path = folder / "pages.pdf"
    path.write_bytes(data)
    return subprocess.run(["pdftotext", *words, str(path), "-"], check=True, capture_output=True, text=True).stdout


def test_the_text_comes_back_character_by_character(page: Image, tmp_path: Path) -> None:
    small = np.asarray(cv2.resize(page, (1240, 1754)), np.uint8)
    pages = [pdf_page(small, Tone.GREY, lines(WORDS, 1240, 1754)), pdf_page(small, lines=lines(WORDS[:1], 1240, 1754))]
    first, second, _ = text_of(bind(pages).data, tmp_path).split("\f")
    for text in WORDS:
        assert "".join(text.split()) in "".join(first.split())
    assert "".join(second.split()) == WORDS[0]


def test_the_text_lies_where_it_was_seen(page: Image, tmp_path: Path) -> None:
    small = np.asarray(cv2.resize(page, (1240, 1754)), np.uint8)
    upright = Line("身份", np.array([[124.0, 175.4], [248, 175.4], [248, 228], [124, 228]]))
    down = Line("出生", np.array([[1116.0, 877], [1116, 1052], [1064, 1052], [1064, 877]]))
    listing = text_of(bind([pdf_page(small, lines=[upright, down])]).data, tmp_path, "-bbox")
    boxes = {}
    for row in listing.splitlines():
        if "<word" in row:
            values = [float(part.split('"')[0]) for part in row.split('="')[1:]]
            boxes[row.split(">")[1].split("<")[0]] = values
    scale = 595.28 / 1240
    assert boxes["身份"] == pytest.approx([124 * scale, 175.4 * scale, 248 * scale, 228 * scale], abs=6)
    assert boxes["出生"] == pytest.approx([1064 * scale, 877 * scale, 1116 * scale, 1052 * scale], abs=8)


def test_the_document_is_true_to_size_and_claims_pdf_a(page: Image) -> None:
    photo = np.asarray(cv2.resize(page, (800, 600)), np.uint8)
    bound = bind([pdf_page(page, tone) for tone in Tone] + [pdf_page(photo, size_mm=CARD_MM), pdf_page(photo)])
    assert (bound.problem, bound.pages) == (PdfProblem.NONE, 5)
    with pikepdf.open(io.BytesIO(bound.data)) as document, document.open_metadata() as metadata:
        assert metadata.pdfa_status == "2B"
        intent = document.Root.OutputIntents[0]
        assert intent.DestOutputProfile.read_bytes() == srgb()
        assert {str(key) for key in document.docinfo} == {"/Producer"}
        sizes = [[round(float(side), 1) for side in sheet.MediaBox[2:]] for sheet in document.pages]
        assert sizes == [[595.3, 841.9]] * 3 + [[242.7, 153.1], [793.7, 595.3]]
        filters = [str(next(iter(sheet.get_images().values())).Filter) for sheet in document.pages]
        assert ["DCT" in each or "CCITT" in each for each in filters] == [True] * 5
        assert not document.check_pdf_syntax()


def test_nothing_of_the_picture_is_lost_on_the_way_into_the_document(page: Image) -> None:
    made = pdf_page(page, Tone.BILEVEL)
    with pikepdf.open(io.BytesIO(bind([made]).data)) as document:
        image = pikepdf.PdfImage(next(iter(document.pages[0].get_images().values()))).as_pil_image().convert("L")
    assert np.array_equal(np.asarray(image), np.asarray(Pictures.open(io.BytesIO(made.data)).convert("L")))


def test_pages_are_small_enough(page: Image) -> None:
    rng = np.random.default_rng(9)
    for tone in Tone:
        made = pdf_page(page, tone)
        assert made.small_enough
        assert len(made.data) <= MOST_BYTES[tone]
        assert made.dpi == 300
    noise = rng.integers(0, 256, page.shape).astype(np.uint8)
    hard = pdf_page(noise)
    assert hard.problem is PdfProblem.NONE
    assert not hard.small_enough  # and says so
    assert hard.dpi == 200


def test_pixels_are_never_invented(page: Image) -> None:
    small = np.asarray(cv2.resize(page, (1000, 1414)), np.uint8)
    made = pdf_page(small)
    assert (made.width, made.height, made.dpi) == (1000, 1414, 121)
    large = np.asarray(cv2.resize(page, (3500, 4950)), np.uint8)
    assert pdf_page(large).dpi == 300


def test_the_same_pages_give_the_same_bytes(page: Image) -> None:
    small = np.asarray(cv2.resize(page, (620, 877)), np.uint8)

    def made() -> bytes:
        return bind([pdf_page(small, tone, lines(WORDS, 620, 877)) for tone in Tone]).data

    assert made() == made()
    assert b"CreationDate" not in made()


def test_what_cannot_be_a_document_is_refused(page: Image) -> None:
    small = pdf_page(np.asarray(cv2.resize(page, (124, 175)), np.uint8))
    huge = np.broadcast_to(np.uint8(0), (9000, 9000, 3))
    assert bind([]).problem is PdfProblem.NO_PAGES
    assert bind([small] * (MOST_PAGES + 1)).problem is PdfProblem.TOO_MANY_PAGES
    assert pdf_page(huge).problem is PdfProblem.PAGE_TOO_LARGE
    assert bind([small, pdf_page(huge)]).problem is PdfProblem.PAGE_TOO_LARGE
    for array in (np.zeros((0, 0, 3), np.uint8), np.zeros((1, 1), np.uint8), np.zeros((60, 60, 3), np.int64)):
        assert pdf_page(array).problem is PdfProblem.NOT_A_PAGE
    for size in ((0.0, 10.0), (-5.0, 5.0), (float("nan"), 20.0), (20.0, 1e9)):
        assert pdf_page(page[:600, :600], size_mm=size).problem is PdfProblem.BAD_SIZE
    assert bind([small] * MOST_PAGES).pages == MOST_PAGES


def test_impossible_lines_are_left_out(page: Image, tmp_path: Path) -> None:
    small = np.asarray(cv2.resize(page, (620, 877)), np.uint8)
    box = np.array([[60.0, 60], [300, 60], [300, 90], [60, 90]])
    bad = [
        Line("", box),
        Line("\x00\x07\ud800", box),
        Line("夢", np.full((4, 2), np.nan)),
        Line("远", box + 90_000),
        Line("点", np.zeros((4, 2))),
        Line("三", box[:3]),
        Line("留下) Tj (", box),
    ]
    made = pdf_page(small, lines=bad)
    assert "".join(text_of(bind([made]).data, tmp_path).split()) == "留下)Tj("


def test_the_font_and_the_profile_are_what_they_say() -> None:
    with TTFont(io.BytesIO(empty_font()), checkChecksums=2) as font:
        assert font["maxp"].numGlyphs == 3
        assert [advance for advance, _ in font["hmtx"].metrics.values()] == [1000, 1000, 500]
    ours, theirs = ImageCms.ImageCmsProfile(io.BytesIO(srgb())), ImageCms.createProfile("sRGB")
    colours = np.random.default_rng(0).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    same = ImageCms.profileToProfile(Pictures.fromarray(colours), ours, theirs)
    assert np.abs(np.asarray(same).astype(int) - colours).max() <= 1
    assert len(Codes(["甲乙", "乙A"])) == 3


# Sheets of cards ----------------------------------------------------------------------------------------------------


def card(width: int, colour: tuple[int, int, int]) -> Image:
    return np.full((round(width / CARD_MM[0] * CARD_MM[1]), width, 3), colour, np.uint8)


def test_both_sides_of_a_card_lie_on_a4_at_true_size() -> None:
    sheet = card_sheet(card(1011, (200, 80, 80)), card(1011, (80, 80, 200)))
    assert (sheet.problem, sheet.dpi, sheet.image.shape) == (SheetProblem.NONE, 300, (3508, 2480, 3))
    for colour in ((200, 80, 80), (80, 80, 200)):
        rows, columns = np.nonzero((sheet.image == colour).all(axis=2))
        assert (int(np.ptp(columns)) + 1) / 300 * 25.4 == pytest.approx(85.6, abs=0.1)
        assert (int(np.ptp(rows)) + 1) / 300 * 25.4 == pytest.approx(54.0, abs=0.1)


def test_a_coarse_card_gives_a_coarse_sheet() -> None:
    sheet = card_sheet(card(500, (200, 80, 80)), card(1011, (80, 80, 200)))
    assert sheet.dpi == int(1.2 * 500 / CARD_MM[0] * 25.4)
    assert card_sheet(card(200, (0, 0, 0)), card(1011, (0, 0, 0))).problem is SheetProblem.TOO_SMALL


def test_the_mark_is_drawn_and_what_is_below_stays_readable(tmp_path: Path) -> None:
    if mark_font() is None:
        pytest.skip("the screens' fonts are not there: run make")
    front = card(1011, (230, 225, 220))
    plain, marked = card_sheet(front, front), card_sheet(front, front, "仅用于办理居住登记")
    assert marked.problem is SheetProblem.NONE
    darker = plain.image.astype(int) - marked.image
    assert 0.03 < float((darker.max(axis=2) > 15).mean()) < 0.3
    assert darker.max() <= 60
    no_font = tmp_path / "none.ttf"
    assert card_sheet(front, front, "用途", no_font).problem is SheetProblem.NO_FONT
    no_font.write_bytes(b"no font")
    assert card_sheet(front, front, "用途", no_font).problem is SheetProblem.NO_FONT
    assert card_sheet(front, front, "用途" * 40).problem is SheetProblem.BAD_MARK
    assert card_sheet(front, front, "用\n途").problem is SheetProblem.BAD_MARK
    assert card_sheet(front, front, "\U0010ffff").problem is not SheetProblem.NONE


def test_what_is_no_card_is_refused() -> None:
    good = card(1011, (9, 9, 9))
    assert card_sheet(np.zeros((0, 0, 3), np.uint8), good).problem is SheetProblem.NOT_A_PICTURE
    assert card_sheet(good, np.zeros((900, 900, 3), np.uint8)).problem is SheetProblem.NOT_A_CARD
    assert card_sheet(good, np.zeros((20, 32, 3), np.uint8)).problem is SheetProblem.TOO_SMALL
