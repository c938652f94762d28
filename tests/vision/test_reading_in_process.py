"""Pages read, and ID photos made, in the vision process: beside the preview, with deadlines, and stopped."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import anyio
import cv2
import numpy as np
import pytest

from drivers.simulate import scenes
from kiosk.vision import messages
from kiosk.vision.client import Limits, VisionProcess
from kiosk.vision.faces import FaceEngine, Image
from kiosk.vision.frames import Ring
from kiosk.vision.id_photo_layout import ID_CARD
from kiosk.vision.id_photo_result import PhotoProblem
from kiosk.vision.observation import SightLost
from kiosk.vision.reading import Checked, DocumentKind, Key, PageReader, TextProblem
from kiosk.vision.scribe import Scribe, unpacked
from kiosk.vision.text.compare import Match, compare
from kiosk.vision.wlt import SimulatedPhoto
from kiosk.vision.worker import Eye
from tests.vision.sheets import packed, sheet

pytestmark = pytest.mark.anyio
TODAY = date(2026, 3, 1)
NUMBER = "110101199003070011"
FRONT = [(40, 40, "姓 名   欧阳若溪", 28), (40, 120, "公民身份号码 " + NUMBER, 30)]
FORM = [(60, 60, "联系电话：01012345678", 26), (60, 130, "经办人：欧阳若溪", 26)]
PATIENCE = 50.0
"""Longest that a test waits for something that must come, on a machine that does other things too."""


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def card() -> bytes:
    return packed(sheet((800, 220), FRONT))


@pytest.fixture(scope="module")
def many_lines() -> bytes:
    """A page that takes some seconds."""
    return packed(sheet((1600, 2200), [(60, 40 + 50 * line, "办理事项" * 14, 24) for line in range(42)]))


@pytest.fixture(scope="module")
async def sight() -> AsyncIterator[tuple[VisionProcess, Ring]]:
    ring = Ring.create(slots=4, height=960, width=1280)
    async with VisionProcess(ring, limits=Limits(answer=15.0)) as process:
        with anyio.fail_after(PATIENCE):
            await process.until_ready()
        yield process, ring
    ring.close()


async def test_fields_of_a_page_are_compared_with_what_was_typed(
    sight: tuple[VisionProcess, Ring], card: bytes
) -> None:
    reader: PageReader = sight[0]
    with anyio.fail_after(PATIENCE):
        reading = await reader.read_page(
            card, DocumentKind.ID_FRONT, TODAY, wanted={Key.NUMBER, Key.NAME}, within=PATIENCE
        )
    assert reading.problem is TextProblem.NONE
    assert reading.values[Key.NUMBER].checked is Checked.PASSED
    assert compare("１１０１０１ 19900307 0011", reading.values[Key.NUMBER].value).match is Match.SAME_BUT_FORM
    assert compare("欧阳若曦", reading.values[Key.NAME].value).match is Match.DIFFERENT


async def test_a_form_by_the_captions_that_the_item_names(sight: tuple[VisionProcess, Ring]) -> None:
    with anyio.fail_after(PATIENCE):
        reading = await sight[0].read_page(
            packed(sheet((800, 220), FORM)),
            DocumentKind.FORM,
            TODAY,
            wanted={"phone"},
            captions={"phone": ("联系电话", "电话")},
            within=PATIENCE,
        )
    assert {key: field.value for key, field in reading.values.items()} == {"phone": "01012345678"}


async def test_what_is_no_page_is_an_answer(sight: tuple[VisionProcess, Ring], card: bytes) -> None:
    before = sight[0].health.restarts
    bad = [b"", b"\xff\xd8\xff\xe0 no picture", card[: len(card) // 20], bytes(messages.MOST_PAGE_BYTES + 1)]
    with anyio.fail_after(PATIENCE):
        for page in bad:
            reading = await sight[0].read_page(page, DocumentKind.FORM, TODAY)
            assert (reading.values, reading.problem) == ({}, TextProblem.NO_PICTURE)
        blank = packed(np.full((400, 600, 3), 255, np.uint8))
        assert (await sight[0].read_page(blank, DocumentKind.FORM, TODAY)).problem is TextProblem.NO_TEXT
    assert sight[0].health.restarts == before


def test_a_picture_whose_header_names_too_many_pixels_is_not_unpacked() -> None:
    done, bomb = cv2.imencode(".png", np.zeros((9000, 9000), np.uint8))
    assert done
    assert len(bomb) < 1_000_000
    assert unpacked(bomb.tobytes()) is None


async def test_the_preview_goes_on_while_a_page_is_read(
    sight: tuple[VisionProcess, Ring], desk: Image, many_lines: bytes
) -> None:
    process, ring = sight
    read: list[TextProblem] = []

    async def reading() -> None:
        read.append((await process.read_page(many_lines, DocumentKind.FORM, TODAY, within=PATIENCE)).problem)

    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as group:
            group.start_soon(reading)
            for number in (1, 2, 3):
                ring.put(desk, number, time.monotonic())
                await process.look_for_paper(number - 1)
            assert not read
            group.cancel_scope.cancel()


async def test_the_deadline_is_kept_and_a_stopped_page_does_not_hold_up_the_next(
    sight: tuple[VisionProcess, Ring], card: bytes, many_lines: bytes
) -> None:
    process, _ = sight
    before = process.health.restarts
    with anyio.fail_after(PATIENCE):
        late = await process.read_page(many_lines, DocumentKind.FORM, TODAY, within=0.05)
        again = await process.read_page(card, DocumentKind.ID_FRONT, TODAY, within=PATIENCE)
    assert (late.problem, late.values) == (TextProblem.TOO_LATE, {})
    assert again.values[Key.NUMBER].value == NUMBER
    assert process.health.restarts == before


async def test_who_leaves_is_let_go_at_once_and_forgetting_ends_a_reading(
    sight: tuple[VisionProcess, Ring], many_lines: bytes
) -> None:
    process, _ = sight
    before = process.health.restarts
    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as group:
            group.start_soon(process.read_page, many_lines, DocumentKind.FORM, TODAY)
            await anyio.sleep(0.1)
            began = time.monotonic()
            group.cancel_scope.cancel()
        assert process._process._long is not None or time.monotonic() - began < 1.0, "it was not waited for"
        while process._process._long is not None:
            await anyio.sleep(0.01)
        lost: list[str] = []

        async def read() -> None:
            try:
                await process.read_page(many_lines, DocumentKind.FORM, TODAY)
            except SightLost as error:
                lost.append(error.code)

        async with anyio.create_task_group() as group:
            group.start_soon(read)
            await anyio.sleep(0.05)
            await process.forget()
    assert lost == ["vision"]
    assert process.health.restarts == before


async def test_killed_while_it_reads_it_answers_and_reads_again(
    sight: tuple[VisionProcess, Ring], card: bytes, many_lines: bytes
) -> None:
    process, _ = sight
    await process.until_ready()  # the test before may have ended it
    before = process.health.restarts
    codes: list[str] = []

    async def read() -> None:
        try:
            await process.read_page(many_lines, DocumentKind.FORM, TODAY)
        except SightLost as lost:
            codes.append(lost.code)

    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as group:
            assert process.pid is not None
            os.kill(process.pid, signal.SIGSTOP)  # on a busy machine it would be done before it is killed
            group.start_soon(read)
            await anyio.sleep(0.2)
            os.kill(process.pid, signal.SIGCONT)  # it begins to read
            os.kill(process.pid, signal.SIGKILL)
        assert codes == ["vision"]
        while process.health.restarts == before:  # until then it is taken for the one that was killed
            await anyio.sleep(0.01)
        await process.until_ready()
        reading = await process.read_page(card, DocumentKind.ID_FRONT, TODAY, within=PATIENCE)
    assert reading.values[Key.NUMBER].value == NUMBER
    assert process.health.restarts == before + 1


async def test_a_reading_that_cannot_be_stopped_ends_the_process(many_lines: bytes) -> None:
    ring = Ring.create(slots=2, height=48, width=64)
    with anyio.fail_after(PATIENCE):
        async with VisionProcess(ring, limits=Limits(answer=0.5)) as process:
            await process.until_ready()
            pid = process.pid
            assert pid is not None
            async with anyio.create_task_group() as group:
                group.start_soon(process.read_page, many_lines, DocumentKind.FORM, TODAY)
                await anyio.sleep(0.1)
                os.kill(pid, signal.SIGSTOP)
                group.cancel_scope.cancel()
            while process.pid == pid:
                await anyio.sleep(0.02)
            await process.until_ready()
            assert process.health.restarts == 1
    ring.close()


def test_the_networks_are_given_back_and_loaded_anew(card: bytes) -> None:
    replies: list[messages.Reply] = []
    came = threading.Semaphore(0)

    def send(reply: messages.Reply) -> None:
        replies.append(reply)
        came.release()

    scribe = Scribe(send, kept=0.05)
    for number in (1, 2):
        scribe.read(messages.ReadPage(number, card, DocumentKind.ID_FRONT, TODAY, (Key.NUMBER,), {}))
        assert came.acquire(timeout=PATIENCE)
        time.sleep(0.3)
    for number, reply in enumerate(replies, 1):
        assert isinstance(reply, messages.PageRead)
        assert reply.number == number
        assert reply.reading.values[Key.NUMBER].value == NUMBER


def test_a_process_that_reads_nothing_has_no_networks_for_it() -> None:
    names = ("rapidocr", "onnxruntime", "opencc", "dlib")
    words = f"import sys, kiosk.vision.worker; print([name for name in {names} if name in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True, timeout=PATIENCE)
    assert shown.stdout.strip() == "[]"


# ID photos --------------------------------------------------------------------------------------------------------


def studio(people: dict[str, list[Path]], wall: tuple[int, int, int]) -> Image:
    portrait = cv2.imread(str(people["person-1"][0]))
    assert portrait is not None
    scene = np.full((960, 1280, 3), wall, np.uint8)
    scenes._place(scene, scenes._cut_out(np.asarray(portrait, np.uint8)), (640.0, 430.0), distance=96.0, turn=0.0)
    return np.clip(scene + np.random.default_rng(1).normal(0, 2, scene.shape), 0, 255).astype(np.uint8)


async def test_an_id_photo_or_why_there_is_none(
    sight: tuple[VisionProcess, Ring], people: dict[str, list[Path]]
) -> None:
    process, ring = sight
    with anyio.fail_after(PATIENCE):
        ring.put(studio(people, (242, 244, 243)), 1001, time.monotonic())
        good = await process.take_id_photo(1000)
        ring.put(studio(people, (60, 60, 200)), 1002, time.monotonic())
        red = await process.take_id_photo(1001, "passport")
        ring.put(np.full((960, 1280, 3), 200, np.uint8), 1003, time.monotonic())
        nobody = await process.take_id_photo(1002)
    assert (good.frame, good.problems) == (1001, ())
    assert good.jpeg is not None
    photo = unpacked(good.jpeg)
    assert photo is not None
    assert photo.shape == (ID_CARD.height, ID_CARD.width, 3)
    assert PhotoProblem.BACKGROUND_NOT_WHITE in red.problems
    assert (nobody.problems, nobody.jpeg) == ((PhotoProblem.NO_FACE,), None)


def test_without_the_second_engine_there_is_no_id_photo(
    sface: FaceEngine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ring = Ring.create(slots=2, height=480, width=640)
    ring.put(np.full((480, 640, 3), 127, np.uint8), 1, time.monotonic())
    monkeypatch.setattr("kiosk.vision.id_photo_eyes.SHA256", "0" * 64)
    reply = Eye(ring, sface, SimulatedPhoto()).answer(messages.TakePhoto(5, "id_card"))
    ring.close()
    assert isinstance(reply, messages.PhotoTaken)
    assert (reply.photo.problems, reply.photo.jpeg) == ((PhotoProblem.NOT_AVAILABLE,), None)
