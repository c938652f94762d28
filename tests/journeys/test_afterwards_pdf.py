"""What the A4 printer gets: opened by another reader (poppler), true to size, with the words on it."""

import io
import itertools
import subprocess
from pathlib import Path

import pytest
from PIL import Image, ImageFont

from kiosk.desk import afterwards_pdf as pdf
from kiosk.store.database import Database
from kiosk.store.ledger import Ledger
from kiosk.store.post import CitizenPost
from kiosk.store.stored_outbox import StoredOutbox
from kiosk.wire.events import Opinion, OpinionKind, Paper, Supplement
from tests.journeys.after_cast import START, jpeg


def info(path: Path, document: bytes) -> str:
    path.write_bytes(document)
    return subprocess.run(["pdfinfo", str(path)], capture_output=True, text=True, check=True).stdout


def page(path: Path, number: int = 1, dpi: int = 100) -> Image.Image:
    command = ["pdftoppm", "-r", str(dpi), "-f", str(number), "-l", str(number), "-png", str(path)]
    made = subprocess.run(command, capture_output=True, check=True).stdout
    return Image.open(io.BytesIO(made)).convert("RGB")


def darkest(picture: Image.Image) -> int:
    counted = picture.convert("L").histogram()
    return next(level for level, count in enumerate(counted) if count)


def test_copies_are_a4_pages_in_order(tmp_path: Path) -> None:
    colours = [(200, 30, 30), (30, 200, 30)]
    pages = []
    for colour, size in zip(colours, ((600, 800), (800, 600)), strict=True):
        out = io.BytesIO()
        Image.new("RGB", size, colour).save(out, "JPEG")
        pages.append(out.getvalue())
    path = tmp_path / "copy.pdf"
    told = info(path, pdf.copies(tuple(pages)))
    assert "Pages:           2" in told
    assert "A4" in told
    for number, colour in enumerate(colours, 1):
        middle = page(path, number).getpixel((413, 584))
        assert isinstance(middle, tuple)
        assert all(abs(a - b) < 12 for a, b in zip(middle, colour, strict=True))
    assert darkest(page(path).crop((0, 0, 30, 30))) > 250


def test_photos_have_their_true_size(tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.new("RGB", (358, 441), (20, 20, 120)).save(out, "JPEG")
    path = tmp_path / "photo.pdf"
    info(path, pdf.photo_sheet(out.getvalue(), 26, 32))
    row = page(path, dpi=254).convert("L")  # ten pixels a millimetre
    line = row.tobytes()[400 * row.width : 401 * row.width]
    dark = [x for x, level in enumerate(line) if level < 100]
    runs = sum(b - a > 5 for a, b in itertools.pairwise(dark)) + 1
    assert runs == 4
    assert len(dark) == pytest.approx(4 * 260, abs=12)


def test_a_filled_form_breaks_long_answers_and_goes_on_over_pages(tmp_path: Path) -> None:
    rows = tuple((f"问题 {place}", "北京市东城区示例胡同 1 号 " * 6) for place in range(24))
    filled = pdf.FilledForm("示例市政务服务中心", "住房公积金提取", "公积金中心", rows, "签名：", "日期：", "注")
    try:
        made, pages = pdf.form(filled)
    except pdf.NoFont:
        pytest.skip("the screens' fonts are not installed: run make fonts")
    assert pages > 1
    path = tmp_path / "form.pdf"
    assert f"Pages:           {pages}" in info(path, made)
    first = page(path).convert("L")
    assert darkest(first) < 60
    edge = first.crop((first.width - 60, 0, first.width, first.height))
    assert darkest(edge) > 250  # nothing runs over the edge


def test_lines_keep_latin_words_whole_and_lose_nothing() -> None:
    font = ImageFont.load_default(20)
    assert isinstance(font, ImageFont.FreeTypeFont)
    words = "Room 1204, Example Tower 示例大厦二十层东侧 " + "x" * 80
    lines = pdf.broken(words, font, 160)
    assert "".join("".join(lines).split()) == "".join(words.split())
    assert any(line.startswith("Example") for line in lines)
    assert all(font.getlength(line) <= 160 for line in lines)


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
@pytest.mark.anyio
async def test_what_is_posted_waits_with_its_papers_also_after_a_restart(tmp_path: Path, anyio_backend: str) -> None:
    from uuid6 import uuid7

    from kiosk.clock import WallClock

    woken: list[bool] = []
    database = await Database.open(tmp_path / "terminal.db")
    ledger = Ledger(database, tmp_path / "papers", WallClock())
    name = await ledger.keep_paper(jpeg())
    lost = await ledger.keep_paper(b"never named")
    paper = Paper(sha256=name, bytes=10, kind="contract", captured=START, device="camera")
    post = CitizenPost(database, lambda: woken.append(True))
    await post.supplement(
        Supplement(id=uuid7(), number="31012600000421", person_sealed=b"s", papers=(paper, paper), handed_in=START)
    )
    await post.opinion(Opinion(id=uuid7(), kind=OpinionKind.RATING, code="ABCDEFG2", at=START, stars=5))
    await database.close()
    database = await Database.open(tmp_path / "terminal.db")
    await Ledger(database, tmp_path / "papers", WallClock()).recover()
    waiting = await StoredOutbox(database, tmp_path / "papers").due(10)
    assert [one.papers for one in waiting] == [(name,), ()]
    assert (tmp_path / "papers" / name).exists()
    assert not (tmp_path / "papers" / lost).exists()
    assert woken == [True, True]
    await database.close()
