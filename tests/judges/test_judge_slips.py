"""Every slip of the desk, as emupos, a printer model of others, draws its bytes: whole, readable, its code scanned.

emupos needs Python 3.13, hence an environment of its own; its program is named in EMUPOS. With SLIPS set to a folder
the pictures are kept there, to be looked at.
"""

import os
import shutil
import subprocess
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from drivers.kinds import Line, PrintJob, QrCode, Row
from drivers.printer.escpos import EscPosTcpOptions
from drivers.printer.escpos_job import encode
from drivers.printer.raster import Fonts
from drivers.simulate.escpos_printer import slip_text_qr
from hub.catalogue.folder import SHIPPED, compiled
from kiosk.desk.afterwards_slips import appointment_slip, correction_slip, opinion_slip, queue_slip
from kiosk.desk.desk import Desk
from kiosk.desk.form import words
from kiosk.desk.receipt import HandedIn, qr_payload, slip
from kiosk.view.common import Language, Words
from kiosk.view.desk import Fee, Outcome, OwedPaper
from kiosk.vision.text.engine import RapidText
from kiosk.wire.appointments import Appointment
from kiosk.wire.catalogue import Item
from kiosk.wire.requests import Numbered
from tests.journeys.test_desk_journey import Hall

pytestmark = pytest.mark.slow
WIDTH = 576
NOW = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
NUMBER = "00004200000017"
WAIT = Words("综合窗口", "綜合窗口", "General windows")
CATALOGUE = compiled(SHIPPED)
OPTIONS = EscPosTcpOptions(host="127.0.0.1")
FONTS = Fonts(Path(OPTIONS.font), Path(OPTIONS.font_bold), tuple(Path(path) for path in OPTIONS.fonts_rare))

DRAW = """
import sys
from emupos.config import demo_config
from emupos.printer.printer import Printer

config = demo_config()
profile = config.printer_profile("front")
printer = Printer("front", profile, sensor_open_level="high", job_idle_timeout_ms=1000)
printer.open_connection("test", 0.0)
made = printer.receive("test", sys.stdin.buffer.read(), 0.0).receipts + printer.tick(10.0).receipts
assert len(made) == 1, f"{len(made)} slips"
sys.stdout.buffer.write(made[0].png)
"""
"""emupos by itself: bytes in, the picture of the one slip that was cut out."""


@pytest.fixture(scope="module")
def judge() -> Path:
    """The Python that has emupos."""
    program = os.environ.get("EMUPOS") or shutil.which("emupos")
    if program is None:
        pytest.skip("emupos 0.4.0 is not installed: it needs Python 3.13; name its program in EMUPOS")
    return Path(program).with_name("python")


def drawn_by(judge: Path, job: PrintJob) -> Image.Image:
    """The slip as emupos draws what our driver sends; mode "1", 0 is black."""
    sent = encode(job, WIDTH, FONTS, as_text=False)
    done = subprocess.run(
        [judge, "-c", DRAW], input=sent.content + sent.rest, capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    return Image.open(BytesIO(done.stdout)).convert("1")


def desk(language: Language) -> Desk:
    made = Hall().desk
    made.stage._first_language = language
    made.stage.reset()
    return made


def item(key: str) -> Item:
    found = CATALOGUE.item(key)
    assert found is not None
    return found


def receipt(key: str, language: Language, *, promised: bool = True, **more: Any) -> PrintJob:
    return slip(
        NUMBER,
        item(key),
        hall_name="示例市政务服务中心",
        hotline="0913-1234567",
        name_masked="欧**",
        submitted=NOW,
        promised=date(2026, 12, 7) if promised else None,
        language=language,
        **more,
    )


def papers(key: str) -> dict[str, Any]:
    wanted = item(key).papers
    return {
        "papers": tuple(HandedIn(words(paper.title), 1 + place) for place, paper in enumerate(wanted[:-1])),
        "owed": (OwedPaper(words(wanted[-1].title), date(2026, 12, 2)),),
    }


def slips(language: Language) -> dict[str, PrintJob]:
    """One of each kind."""
    here = desk(language)
    begins = NOW + timedelta(days=1)
    booked = Appointment(code_id="ABCDEFGH", begins=begins, ends=begins + timedelta(hours=1))
    long_item = max(CATALOGUE.items, key=lambda one: len(one.title.zh_hans))
    return {
        "promised": receipt("business-licence-change", language, **papers("business-licence-change"), courier=True),
        "decided elsewhere": receipt(
            "work-permit-extension", language, provisional=True, **papers("medical-device-filing")
        ),
        "paid": receipt("temporary-id-card", language, fee=Fee.PAID, fen=1000, courier=True),
        "fee at a window": receipt("temporary-id-card", language, fee=Fee.AT_WINDOW, fen=1000),
        "payment unsure": receipt("temporary-id-card", language, fee=Fee.UNSURE, fen=123456),
        "granted": receipt("tax-record", language, promised=False, outcome=Outcome.GRANTED, result="准予办理。"),
        "refused": receipt("tax-record", language, promised=False, outcome=Outcome.REFUSED, result="材料不齐。" * 30),
        "returned": receipt(long_item.key, language, outcome=Outcome.RETURNED),
        "queue": queue_slip(here, Numbered(text="A012", department="housing", ahead=4, made=NOW), WAIT),
        "appointment": appointment_slip(here, booked, "K1.ABCDEFGHIJKLMNOPQRSTUVWXYZ234567.abcdef", WAIT),
        "opinion": opinion_slip(here, "K7QM2VTR", NOW),
        "correction": correction_slip(
            here, NUMBER, words(long_item.title), tuple(words(each.title) for each in long_item.papers), NOW
        ),
    }


KINDS = tuple(slips(Language.ZH_HANS))


def _texts(job: PrintJob) -> list[str]:
    """What is written on it, piece by piece."""
    found: list[str] = []
    for block in job.blocks:
        match block:
            case Line(text=text):
                found.append(text)
            case Row(caption=left, value=right):
                found += [left, right]
    return found


def _read(picture: Image.Image, engine: RapidText) -> str:
    """What a reader of others (rapidocr) finds on a slip, from top to bottom."""
    ink = np.where(np.asarray(picture), 255, 0).astype(np.uint8)
    found: list[str] = []
    for top in range(0, ink.shape[0], 900):
        part = ink[max(0, top - 60) : top + 900]
        large = cv2.copyMakeBorder(part, 40, 40, 40, 40, cv2.BORDER_CONSTANT, value=255)
        found += [line.text for line in engine.read(np.asarray(cv2.cvtColor(large, cv2.COLOR_GRAY2BGR), np.uint8))]
    return "".join(found)


@pytest.fixture(scope="module")
def reader() -> RapidText:
    return RapidText(threads=2)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_cut_off_and_the_code_is_read(judge: Path, reader: RapidText, kind: str) -> None:
    for language in Language:
        job = slips(language)[kind]
        shown = drawn_by(judge, job)
        if folder := os.environ.get("SLIPS"):
            shown.save(Path(folder) / f"{kind.replace(' ', '-')}-{language}.png")
        codes = [block.payload for block in job.blocks if isinstance(block, QrCode)]
        assert slip_text_qr(shown) == (codes[0] if codes else "")
        if kind not in {"queue", "appointment", "opinion", "correction"}:
            assert codes == [qr_payload(NUMBER)]
        ink = ~np.asarray(shown)
        columns = np.flatnonzero(ink.any(axis=0))
        assert shown.width == WIDTH
        assert columns[0] >= 8
        assert columns[-1] < WIDTH - 8
        rows = np.flatnonzero(ink.any(axis=1))
        assert shown.height - rows[-1] > 60  # below the last line it can be torn off
        if language is Language.ZH_HANS:
            read = _read(shown, reader)
            for text in _texts(job):
                letters = [letter for letter in text if "\u4e00" <= letter <= "\u9fff"]
                there = sum(letter in read for letter in letters)
                assert there >= 0.85 * len(letters), (text, read)
