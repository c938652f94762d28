import gc
import os
import signal
import subprocess
import sys
import time
import weakref
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import numpy as np
import pytest
import segno

from kiosk.vision import messages
from kiosk.vision.client import Limits, VisionProcess, VisionState
from kiosk.vision.faces import Embedding, Face, FaceEngine, Image
from kiosk.vision.frames import Ring
from kiosk.vision.observation import (
    Answer,
    FaceBand,
    FaceProblem,
    Liveness,
    Mask,
    PaperProblem,
    Reference,
    Sight,
    SightLost,
)
from kiosk.vision.wlt import SimulatedPhoto
from kiosk.vision.worker import Eye

pytestmark = pytest.mark.anyio
Scene = Callable[[str, int], Image]
once = pytest.mark.parametrize("anyio_backend", ["asyncio"], scope="module")
"""What a second event loop would show nothing new about."""
PATIENCE = 30.0
"""Longest that a test waits for something that must come, on a machine that does other things too."""


@pytest.fixture(scope="module", params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


class Camera:
    """Puts pictures as a camera thread does."""

    def __init__(self) -> None:
        self.ring = Ring.create(slots=4, height=960, width=1280)
        self.number = 0

    def put(self, image: Image) -> int:
        """Put a picture; the number before it, to look after."""
        self.number += 1
        self.ring.put(image, self.number, time.monotonic())
        return self.number - 1


@pytest.fixture(scope="module")
async def seeing() -> AsyncIterator[tuple[VisionProcess, Camera]]:
    camera = Camera()
    async with VisionProcess(camera.ring, decoder="simulated", limits=Limits(picture=1.0, answer=20.0)) as sight:
        with anyio.fail_after(PATIENCE):
            await sight.until_ready()
        yield sight, camera
    camera.ring.close()


@asynccontextmanager
async def fresh(
    limits: Limits, decoder: str = "simulated", engine: str = "sface"
) -> AsyncIterator[tuple[VisionProcess, Camera]]:
    camera = Camera()
    async with VisionProcess(camera.ring, engine=engine, decoder=decoder, limits=limits) as sight:
        with anyio.fail_after(PATIENCE):
            await sight.until_ready()
        yield sight, camera
    camera.ring.close()


def ended(pid: int) -> bool:
    """Whether a process has gone, or is only waiting to be collected."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


async def test_the_person_on_the_card_is_accepted_and_a_stranger_is_not(
    seeing: tuple[VisionProcess, Camera], block: bytes, scene: Scene
) -> None:
    sight, camera = seeing
    as_journeys_know_it: Sight = sight
    for person, index, band in (("person-1", 1, FaceBand.ACCEPT), ("person-2", 0, FaceBand.REJECT)):
        assert await as_journeys_know_it.remember(block) is Reference.READY
        found = []
        for _ in range(5):
            seen = await as_journeys_know_it.observe(camera.put(scene(person, index)))
            assert seen.frame == camera.number
            assert seen.problem is FaceProblem.NONE
            assert seen.similarity is not None
            found.append(seen.similarity)
        verdict = as_journeys_know_it.judge(tuple(found))
        assert verdict.band is band
        assert (verdict.engine, verdict.frames) == ("sface", 5)


async def test_nothing_is_compared_after_forget(
    seeing: tuple[VisionProcess, Camera], block: bytes, scene: Scene
) -> None:
    sight, camera = seeing
    await sight.remember(block)
    await sight.forget()
    seen = await sight.observe(camera.put(scene("person-1", 1)))
    assert (seen.problem, seen.similarity) == (FaceProblem.NONE, None)


async def test_a_picture_from_before_the_card_was_read_is_not_compared_with_it(
    seeing: tuple[VisionProcess, Camera], block: bytes, scene: Scene
) -> None:
    sight, camera = seeing
    before = camera.put(scene("person-2", 0))
    await sight.remember(block)
    with pytest.raises(SightLost) as lost:
        await sight.observe(before)
    assert lost.value.code == "camera"
    await sight.forget()


async def test_without_new_pictures_the_camera_is_lost(seeing: tuple[VisionProcess, Camera], scene: Scene) -> None:
    sight, camera = seeing
    camera.put(scene("person-1", 0))
    for look in (sight.observe, sight.look_for_paper):
        with pytest.raises(SightLost) as lost:
            await look(camera.number)
        assert lost.value.code == "camera"


async def test_photos_that_do_not_serve(seeing: tuple[VisionProcess, Camera], block: bytes) -> None:
    sight, _ = seeing
    assert await sight.remember(b"WLf\x00~\x00" + bytes(1018)) is Reference.NO_DECODER  # a real card
    assert await sight.remember(block[:300]) is Reference.NO_FACE
    assert await sight.remember(b"") is Reference.NO_FACE


async def test_hostile_pictures_are_answered_by_the_same_process(seeing: tuple[VisionProcess, Camera]) -> None:
    sight, camera = seeing
    pid = sight.pid
    rng = np.random.default_rng(6)
    for shape in ((1, 1, 3), (960, 1, 3), (1, 1280, 3), (40, 1280, 3), (960, 1280, 3), (3000, 4000, 3)):
        for image in (np.full(shape, 127, np.uint8), rng.integers(0, 255, shape, np.uint8)):
            assert (await sight.observe(camera.put(image))).problem is FaceProblem.NO_FACE
            paper = await sight.look_for_paper(camera.put(image))
            assert paper.outline is None or len(paper.outline) == 4
    assert sight.pid == pid
    assert sight.health.restarts == 0


async def test_a_page_is_taken_from_the_picture_in_which_it_was_seen(
    seeing: tuple[VisionProcess, Camera], desk: Image
) -> None:
    sight, camera = seeing
    seen = await sight.look_for_paper(camera.put(desk))
    assert seen.problem is PaperProblem.NONE
    assert seen.outline is not None
    for _ in range(8):
        camera.put(np.zeros_like(desk))
    page = await sight.take_page()
    assert page.frame == seen.frame
    assert page.jpeg[:2] == b"\xff\xd8"
    with pytest.raises(SightLost):
        await sight.take_page()


async def test_a_cancelled_request_does_not_garble_the_next(
    seeing: tuple[VisionProcess, Camera], block: bytes, scene: Scene
) -> None:
    sight, camera = seeing
    for _ in range(5):
        before = camera.put(scene("person-1", 0))
        async with anyio.create_task_group() as group:
            group.start_soon(sight.observe, before)
            await anyio.sleep(0.004)
            group.cancel_scope.cancel()
        assert await sight.remember(block) is Reference.READY
    await sight.forget()


async def test_killed_in_the_middle_it_answers_and_comes_back(block: bytes, scene: Scene) -> None:
    async with fresh(Limits(answer=20.0)) as (sight, camera):
        await sight.remember(block)
        pid = sight.pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)  # so that the request is surely in flight
        codes: list[str] = []

        async def observe() -> None:
            try:
                await sight.observe(camera.put(scene("person-1", 1)))
            except SightLost as lost:
                codes.append(lost.code)

        with anyio.fail_after(PATIENCE):
            async with anyio.create_task_group() as group:
                group.start_soon(observe)
                await anyio.sleep(0.1)
                os.kill(pid, signal.SIGKILL)
            assert codes == ["vision"]
            await sight.until_ready()
            assert ended(pid)
            assert sight.pid != pid
            # What the card's photo was went with the process; that is said, not passed over.
            with pytest.raises(SightLost):
                await sight.observe(camera.put(scene("person-1", 1)))
            assert await sight.remember(block) is Reference.READY
            seen = await sight.observe(camera.put(scene("person-1", 1)))
        assert seen.similarity is not None
        assert sight.health.restarts == 1
        assert sight.health.last_error == "it died"


async def test_a_silent_process_is_replaced(scene: Scene) -> None:
    async with fresh(Limits(answer=0.5)) as (sight, camera):
        pid = sight.pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        with anyio.fail_after(PATIENCE):
            with pytest.raises(SightLost) as lost:
                await sight.observe(camera.put(scene("person-1", 0)))
            assert lost.value.code == "vision"
            await sight.forget()  # never raises
            await sight.until_ready()
        assert sight.health.last_error.startswith("silent")
        assert ended(pid)


@once
async def test_an_idle_process_that_falls_silent_is_noticed() -> None:
    async with fresh(Limits(answer=0.5, idle=0.05)) as (sight, _):
        pid = sight.pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        with anyio.fail_after(PATIENCE):
            while sight.pid == pid:
                await anyio.sleep(0.02)
            await sight.until_ready()
        assert sight.health.restarts == 1


@once
async def test_one_that_dies_too_often_is_left_alone_for_a_while() -> None:
    async with fresh(Limits(restarts=1, window=600.0, pause=1.0)) as (sight, camera):
        with anyio.fail_after(PATIENCE):
            for _ in range(2):
                await sight.until_ready()
                assert sight.pid is not None
                os.kill(sight.pid, signal.SIGKILL)
                before = sight.health.restarts
                while sight.health.restarts == before:
                    await anyio.sleep(0.01)
            assert sight.health.state is VisionState.BACKING_OFF
            before_it = camera.put(np.zeros((480, 640, 3), np.uint8))
            with pytest.raises(SightLost) as lost:
                await sight.observe(before_it)
            assert lost.value.code == "vision"
            await sight.until_ready()
        assert sight.health.restarts == 2


@once
async def test_a_missing_vendor_library_is_said_and_faces_are_not_compared(tmp_path: Path, block: bytes) -> None:
    async with fresh(Limits(), decoder=f"vendor-library:{tmp_path}/gone.so") as (sight, _):
        assert "gone.so' is missing" in sight.health.last_error
        assert await sight.remember(block) is Reference.NO_DECODER


@once
async def test_the_second_engine_sends_to_staff_at_best(block: bytes, scene: Scene) -> None:
    async with fresh(Limits(answer=20.0), engine="dlib") as (sight, camera):
        assert await sight.remember(block) is Reference.READY
        seen = await sight.observe(camera.put(scene("person-1", 1)))
        assert seen.similarity is not None
        assert sight.judge((seen.similarity,) * 5).band is FaceBand.STAFF
        stranger = await sight.observe(camera.put(scene("person-3", 0)))
        assert stranger.similarity is not None
        assert sight.judge((stranger.similarity,) * 5).band is FaceBand.REJECT


@once
async def test_an_error_of_the_caller_comes_out_as_it_is() -> None:
    with pytest.raises(KeyError):
        async with fresh(Limits()):
            raise KeyError


PARENT = """
import sys, anyio
from kiosk.vision.client import VisionProcess
from kiosk.vision.frames import Ring
async def main():
    async with VisionProcess(Ring.create(slots=2, height=48, width=64)) as sight:
        await sight.until_ready()
        print(sight.pid, flush=True)
        await anyio.sleep_forever()
anyio.run(main)
"""


@once
@pytest.mark.parametrize("busy", [False, True])
async def test_a_killed_parent_leaves_no_orphan(busy: bool) -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert not ended(pid)
        if busy:
            os.kill(pid, signal.SIGSTOP)  # one that does not come to read its line
        parent.kill()
        with anyio.fail_after(PATIENCE):
            while not ended(pid):
                await anyio.sleep(0.02)


def test_forgetting_leaves_nothing_of_the_photo_or_the_page(
    sface: FaceEngine, block: bytes, scene: Scene, desk: Image
) -> None:
    camera = Camera()
    eye = Eye(camera.ring, sface, SimulatedPhoto())
    eye.answer(messages.Remember(1, block))
    camera.put(desk)
    eye.answer(messages.LookForPaper(2))
    assert eye._reference is not None
    assert eye._page is not None
    reference, picture = weakref.ref(eye._reference), weakref.ref(eye._page[0].image)
    eye.answer(messages.Forget(3))
    gc.collect()
    assert (reference(), picture()) == (None, None)
    camera.put(scene("person-1", 0))
    reply = eye.answer(messages.Observe(4))
    assert isinstance(reply, messages.Observed)
    assert reply.observation.similarity is None


def test_a_new_photo_that_does_not_serve_drops_the_old_one(sface: FaceEngine, block: bytes) -> None:
    eye = Eye(Camera().ring, sface, SimulatedPhoto())
    eye.answer(messages.Remember(1, block))
    eye.answer(messages.Remember(2, b"rubbish"))
    assert eye._reference is None


def test_whatever_an_engine_raises_is_an_answer(sface: FaceEngine) -> None:
    class Breaking:
        card = sface.card

        def detect(self, image: Image) -> list[Face]:
            raise RuntimeError(f"a native library's own words {image.shape}")

        def embed(self, image: Image, face: Face) -> Embedding:
            return sface.embed(image, face)

        def template(self, portrait: Image) -> Embedding | None:
            return sface.template(portrait)

        def similarity(self, one: Embedding, other: Embedding) -> float:
            return sface.similarity(one, other)

    camera = Camera()
    camera.put(np.zeros((480, 640, 3), np.uint8))
    eye = Eye(camera.ring, Breaking(), SimulatedPhoto())
    assert eye.answer(messages.Observe(7)) == messages.Failed(7, "RuntimeError in Observe")
    assert eye.answer(messages.Ping(8)) == messages.Done(8)


def qr_picture(text: str) -> Image:
    modules = np.array([list(row) for row in segno.make_qr(text, encoding="utf-8").matrix_iter(border=4)], np.uint8)
    code = np.kron(255 - 255 * modules, np.ones((8, 8), np.uint8)).astype(np.uint8)
    picture = np.full((720, 1280, 3), 90, np.uint8)
    picture[100 : 100 + code.shape[0], 300 : 300 + code.shape[1]] = code[:, :, None]
    return picture


@once
async def test_a_code_counts_when_two_pictures_show_it_and_is_forgotten_with_the_person(
    seeing: tuple[VisionProcess, Camera],
) -> None:
    sight, camera = seeing
    as_journeys_know_it: Sight = sight
    picture = qr_picture("预约 A-17")
    first = await as_journeys_know_it.look_for_code(camera.put(picture))
    assert (first.payload, first.text) == (b"", None)
    assert first.outline is not None
    second = await as_journeys_know_it.look_for_code(camera.put(picture))
    assert (second.payload, second.text) == ("预约 A-17".encode(), "预约 A-17")
    await sight.forget()
    assert (await sight.look_for_code(camera.put(picture))).payload == b""


@once
async def test_mask_liveness_and_challenge_are_told_with_each_picture(
    seeing: tuple[VisionProcess, Camera], scene: Scene
) -> None:
    sight, camera = seeing
    plain = await sight.observe(camera.put(scene("person-1", 1)))
    assert plain.mask is Mask.BARE
    assert plain.liveness is Liveness.NOT_AVAILABLE  # no networks are configured here, which is never a pass
    assert plain.challenge is None
    await sight.challenge()
    begun = await sight.observe(camera.put(scene("person-1", 1)))
    assert begun.challenge is not None
    assert begun.challenge.answer is Answer.PENDING
    await sight.challenge()
    again = await sight.observe(camera.put(scene("person-1", 1)))
    assert again.challenge is not None
    assert again.challenge.nonce != begun.challenge.nonce
    await sight.forget()
    assert (await sight.observe(camera.put(scene("person-1", 1)))).challenge is None
