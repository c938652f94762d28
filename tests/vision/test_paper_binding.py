"""Photographed pages as a document: marked, card sides on one page, in parts where it is too large."""

import io
import subprocess
from pathlib import Path

import cv2
import numpy as np
import pikepdf
import pytest

from kiosk.vision import binding
from kiosk.vision.binding import bound, on_one_page, stamped
from kiosk.vision.sheets import NotBound, Sheet, Stamp

cv2.setNumThreads(1)
STAMP = Stamp("仅用于办理住房公积金提取 2026-11-23 示例市政务服务中心", "C 级·本人拍摄上传，原件待核验")


def picture(height: int = 1400, width: int = 990, shade: int = 245) -> np.ndarray:
    page = np.full((height, width, 3), shade, np.uint8)
    for line in range(8, height // 40 - 2):
        cv2.putText(
            page, f"line {line} of an invented paper", (60, 40 * line), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (20, 20, 20), 2
        )
    return page


def jpeg(image: np.ndarray) -> bytes:
    return cv2.imencode(".jpg", image)[1].tobytes()


def test_the_mark_darkens_a_little_and_leaves_print_as_it_was() -> None:
    page = picture()
    marked = stamped(page, STAMP)
    height = page.shape[0]
    assert marked.shape[0] > height
    assert marked.shape[1] == page.shape[1]
    before, after = page.astype(int), marked[:height].astype(int)
    assert (after <= before).all()
    changed = (before - after).max(axis=2) > 8
    assert 0.01 < changed.mean() < 0.3
    assert (before - after).max() < 0.2 * 255
    quarters = [changed[y : y + height // 2, x : x + 495] for y in (0, height // 2) for x in (0, 495)]
    assert all(quarter.mean() > 0.005 for quarter in quarters)  # nothing can be cut out without it
    assert marked[height:].min() < 100  # the line below


def test_without_the_font_there_is_a_mark_all_the_same() -> None:
    page = picture(600, 420)
    marked = stamped(page, STAMP, Path("no-such-font.ttc"))
    assert (marked[:600] != page).any()


def test_pages_become_one_pdf_that_poppler_reads(tmp_path: Path) -> None:
    (document,) = bound([Sheet(jpeg(picture())) for _ in range(3)], STAMP)
    assert document.pages == 3
    assert len(document.data) < 3 * 500_000
    with pikepdf.open(io.BytesIO(document.data)) as opened:
        assert len(opened.pages) == 3
    file = tmp_path / "paper.pdf"
    file.write_bytes(document.data)
    told = subprocess.run(["pdfinfo", str(file)], capture_output=True, text=True, check=True).stdout
    assert "Pages:           3" in told
    assert "A4" in told or "595" in told or "841" in told


def test_a_document_too_large_comes_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    one = len(bound([Sheet(jpeg(picture()))], STAMP)[0].data)
    monkeypatch.setattr(binding, "MOST_DOCUMENT_BYTES", int(one * 1.5))
    documents = bound([Sheet(jpeg(picture(shade=200 + 10 * page))) for page in range(5)], STAMP)
    assert sum(document.pages for document in documents) == 5
    assert len(documents) > 1


@pytest.mark.parametrize("shape", [(540, 856), (856, 540)], ids=["lying", "upright"])
def test_both_sides_of_a_card_lie_below_one_another(shape: tuple[int, int]) -> None:
    front = np.full((*shape, 3), (200, 60, 60), np.uint8)
    back = np.full((*shape, 3), (60, 60, 200), np.uint8)
    page = on_one_page(front, back)
    height, width = page.shape[:2]
    assert height / width == pytest.approx(297 / 210, rel=0.01)
    blue = np.argwhere((page[:, :, 0] > 150) & (page[:, :, 2] < 100))
    red = np.argwhere((page[:, :, 2] > 150) & (page[:, :, 0] < 100))
    assert blue[:, 0].max() < red[:, 0].min()
    for side in (blue, red):
        tall, wide = np.ptp(side[:, 0]) + 1, np.ptp(side[:, 1]) + 1
        assert wide / tall == pytest.approx(856 / 540, rel=0.02)


@pytest.mark.parametrize("broken", [b"", b"not a picture", jpeg(picture())[:500]])
def test_what_is_no_picture_is_told_with_its_page(broken: bytes) -> None:
    with pytest.raises(NotBound, match="page 2"):
        bound([Sheet(jpeg(picture())), Sheet(broken)], STAMP)
