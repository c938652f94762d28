"""What was read of a paper's pages lies under them: a handed-in document can be searched."""

import re
import shutil
import subprocess
from pathlib import Path

import anyio
import cv2
import numpy as np
import pytest

from kiosk.vision import messages
from kiosk.vision.binding import bound
from kiosk.vision.client import Limits, VisionProcess
from kiosk.vision.faces import Image
from kiosk.vision.frames import Ring
from kiosk.vision.reading import PageLines, PrintedLine, TextProblem
from kiosk.vision.scribe import lines_of
from kiosk.vision.sheets import Sheet, Stamp
from kiosk.vision.text.engine import DETECTOR, RapidText
from kiosk.vision.text.whole import back
from tests.vision.sheets import packed, sheet

cv2.setNumThreads(1)
STAMP = Stamp("仅用于办理住房公积金提取 2026-11-23 示例市政务服务中心", "C 级·本人拍摄上传，原件待核验")
PATIENCE = 50.0
MOST_BYTES_A_PAGE = 500_000
CONTRACT = ("房屋租赁合同", "承租人：欧阳若溪", "公民身份号码：110101199003070011")
TERMS = ("第二条 租金", "月租金：2600 元", "租赁期限至 2027-02-28")
RECEIPT = ("收款收据", "金额合计：12000 元", "联系电话：01012345678")
KEYS = ("欧阳若溪", "110101199003070011", "2600", "2027-02-28", "12000", "01012345678")


def page(words: tuple[str, ...]) -> Image:
    return sheet((990, 1400), [(90, 120 + 150 * row, text, 40) for row, text in enumerate(words)])


@pytest.fixture(scope="module")
def engine() -> RapidText:
    return RapidText(threads=2)


def text_of(pdf: bytes, folder: Path, *options: str) -> str:
    if shutil.which("pdftotext") is None:
        pytest.skip("poppler-utils is not on this machine: pdftotext is missing")
    file = folder / "paper.pdf"
    file.write_bytes(pdf)
    return subprocess.run(
        ["pdftotext", *options, str(file), "-"], capture_output=True, check=True, timeout=30
    ).stdout.decode()


def test_three_pages_can_be_searched_are_marked_and_small(engine: RapidText, tmp_path: Path) -> None:
    pictures = [packed(page(words)) for words in (CONTRACT, TERMS, RECEIPT)]
    sheets = [Sheet(picture, lines=lines_of(picture, engine).lines) for picture in pictures]
    (document,) = bound(sheets, STAMP)
    assert document.pages == 3
    assert len(document.data) <= 3 * MOST_BYTES_A_PAGE
    pages = ["".join(text.split()) for text in text_of(document.data, tmp_path).split("\f")]
    for number, key in enumerate(KEYS):
        assert key in pages[number // 2], key
    told, claim = (
        subprocess.run(["pdfinfo", *how, "paper.pdf"], capture_output=True, text=True, check=True, cwd=tmp_path).stdout
        for how in ((), ("-meta",))
    )
    assert re.search(r"Pages:\s+3", told)
    assert "<pdfaid:part>2</pdfaid:part>" in claim
    assert "<pdfaid:conformance>B</pdfaid:conformance>" in claim
    unread = bound([Sheet(picture) for picture in pictures], STAMP)[0]
    assert not text_of(unread.data, tmp_path).strip()


def test_a_turned_page_is_read_and_its_lines_lie_where_they_are_printed(engine: RapidText) -> None:
    small = sheet((600, 260), [(40, 30 + 110 * row, text, 30) for row, text in enumerate(CONTRACT[1:])])
    found = lines_of(packed(np.ascontiguousarray(np.rot90(small, -1))), engine)
    assert "欧阳若溪" in found.lines[0].text
    for row, line in enumerate(found.lines):
        (left, _), (right, top), (_, bottom), _ = ((y, 260 - x) for x, y in line.corners)
        assert left == pytest.approx(40, abs=15)
        assert top == pytest.approx(36 + 110 * row, abs=15)
        assert bottom == pytest.approx(72 + 110 * row, abs=15)
        assert right > 200


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_corners_are_turned_back(quarters: int) -> None:
    picture = np.zeros((40, 90), np.uint8)
    picture[10:13, 70:80] = 255
    turned = np.argwhere(np.rot90(picture, quarters))
    (top, left), (bottom, right) = turned.min(axis=0), turned.max(axis=0) + 1
    quad = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float64)
    before = back(quad, quarters, 90, 40)
    assert (before.min(axis=0).tolist(), before.max(axis=0).tolist()) == ([70, 10], [80, 13])


@pytest.mark.parametrize("upright", [False, True], ids=["lying", "upright"])
def test_both_sides_of_a_card_are_searched_where_they_lie(tmp_path: Path, *, upright: bool) -> None:
    front, rear = (sheet((856, 540), [(60, 200, text, 40)]) for text in ("正面", "反面"))
    corners = ((60.0, 205.0), (140.0, 205.0), (140.0, 250.0), (60.0, 250.0))
    if upright:
        front = np.ascontiguousarray(np.rot90(front))
        corners = tuple((y, 856 - x) for x, y in corners)  # type: ignore[assignment]  # four of them
    one = Sheet(packed(front), packed(rear), (PrintedLine("正面", corners),), (PrintedLine("反面", corners),))
    if upright:
        one = Sheet(one.picture, one.back, one.lines, ())
    (document,) = bound([one], STAMP)
    listing = text_of(document.data, tmp_path, "-bbox")
    found = {
        word: float(top) / height
        for top, word in re.findall(r'yMin="([\d.]+)"[^>]*>([^<]+)</word>', listing)
        for height in [float(re.findall(r'<page width="[\d.]+" height="([\d.]+)"', listing)[0])]
    }
    assert 0.07 < found["正面"] < 0.45
    if not upright:
        assert 0.5 < found["反面"] < 0.95
        assert found["反面"] - found["正面"] == pytest.approx(0.46, abs=0.02)


def test_what_cannot_be_read_says_why(engine: RapidText, monkeypatch: pytest.MonkeyPatch) -> None:
    blank = packed(np.full((400, 600, 3), 255, np.uint8))
    assert lines_of(blank, engine) == PageLines(problem=TextProblem.NO_TEXT)
    for bad in (b"", b"\xff\xd8\xff\xe0 no picture", blank[:40]):
        assert lines_of(bad, engine) == PageLines(problem=TextProblem.NO_PICTURE)
    monkeypatch.setattr("kiosk.vision.text.engine.DETECTOR", (DETECTOR[0], "0" * 64))
    assert lines_of(blank, RapidText()) == PageLines(problem=TextProblem.NOT_AVAILABLE)


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_the_process_reads_lines_keeps_deadlines_and_is_left_at_once() -> None:
    many = packed(sheet((1600, 2200), [(60, 40 + 50 * line, "办理事项" * 14, 24) for line in range(42)]))
    ring = Ring.create(slots=2, height=48, width=64)
    with anyio.fail_after(PATIENCE):
        async with VisionProcess(ring, limits=Limits(answer=15.0)) as process:
            await process.until_ready()
            assert (await process.read_lines(many, within=0.05)).problem is TextProblem.TOO_LATE
            async with anyio.create_task_group() as group:
                group.start_soon(process.read_lines, many)
                await anyio.sleep(0.1)
                began = anyio.current_time()
                group.cancel_scope.cancel()
            assert process._process._long is not None or anyio.current_time() - began < 1.0, "it was not waited for"
            too_large = await process.read_lines(bytes(messages.MOST_PAGE_BYTES + 1))
            assert too_large.problem is TextProblem.NO_PICTURE
            found = await process.read_lines(packed(page(CONTRACT)), within=PATIENCE)
            assert "110101199003070011" in found.lines[2].text
            assert "110101199003070011" not in repr(found)
            assert process.health.restarts == 0
    ring.close()
