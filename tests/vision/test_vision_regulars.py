"""1:N in the vision process: who agreed is recognised, nobody else, and a new process knows nobody."""

import os
import signal
from datetime import UTC, datetime, timedelta

import anyio
import numpy as np
import pytest

from kiosk.vision.client import VisionProcess
from kiosk.vision.observation import FaceProblem, KnownFace, Reference, SightLost
from kiosk.vision.recogniser import Recogniser
from tests.vision.test_vision_process import Camera, Scene, once, seeing

__all__ = ["seeing"]
pytestmark = [pytest.mark.anyio, once]
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


async def template_of(sight: VisionProcess, camera: Camera, block: bytes, scene: Scene) -> bytes:
    assert await sight.remember(block) is Reference.READY
    recogniser = Recogniser(sight)
    for place in range(5):
        _, template = await recogniser.take_template(camera.put(scene("person-1", place % 2)))
        if template:
            await sight.forget()
            return template
    raise AssertionError("nothing served")


def agreed(template: bytes, key: str = "one", expires: datetime = NOW + timedelta(days=1)) -> KnownFace:
    return KnownFace(key, template, "TYS-2026-001", expires)


async def test_who_agreed_is_recognised_and_a_stranger_is_not(
    seeing: tuple[VisionProcess, Camera], block: bytes, scene: Scene
) -> None:
    sight, camera = seeing
    recogniser = Recogniser(sight)
    template = await template_of(sight, camera, block, scene)
    assert not recogniser.knows
    assert await recogniser.know([agreed(template)], 70, 0.01, NOW) == (1, 70)
    assert recogniser.knows
    found = await recogniser.recognise(camera.put(scene("person-1", 1)), NOW)
    assert (found.key, found.problem) == ("one", FaceProblem.NONE)
    assert 0 < found.rate <= 0.01
    stranger = await recogniser.recognise(camera.put(scene("person-2", 0)), NOW)
    assert (stranger.key, stranger.problem) == ("", FaceProblem.NONE)
    nobody = await recogniser.recognise(camera.put(np.full((960, 1280, 3), 90, np.uint8)), NOW)
    assert (nobody.key, nobody.problem) == ("", FaceProblem.NO_FACE)


async def test_the_reference_of_somebody_known_compares_like_a_cards(
    seeing: tuple[VisionProcess, Camera], block: bytes, scene: Scene
) -> None:
    sight, camera = seeing
    recogniser = Recogniser(sight)
    await recogniser.know([agreed(await template_of(sight, camera, block, scene))], 70, 0.01, NOW)
    assert await recogniser.remember("nobody") is Reference.NO_FACE
    assert await recogniser.remember("one") is Reference.READY
    same = await sight.observe(camera.put(scene("person-1", 1)))
    other = await sight.observe(camera.put(scene("person-2", 0)))
    assert same.similarity is not None
    assert other.similarity is not None
    assert not sight.rejects(same.similarity)
    assert sight.rejects(other.similarity)
    await sight.forget()


async def test_a_consent_that_has_run_out_recognises_nobody(
    seeing: tuple[VisionProcess, Camera], block: bytes, scene: Scene
) -> None:
    sight, camera = seeing
    recogniser = Recogniser(sight)
    template = await template_of(sight, camera, block, scene)
    assert (await recogniser.know([agreed(template)], 70, 0.01, NOW + timedelta(days=2)))[0] == 0
    assert (await recogniser.know([agreed(template)], 70, 0.01, NOW))[0] == 1
    late = await recogniser.recognise(camera.put(scene("person-1", 1)), NOW + timedelta(days=2))
    assert late.key == ""


async def test_no_template_of_somebody_else_than_the_card_leaves_the_process(
    seeing: tuple[VisionProcess, Camera], block: bytes, scene: Scene
) -> None:
    sight, camera = seeing
    recogniser = Recogniser(sight)
    await sight.remember(block)
    assert (await recogniser.take_template(camera.put(scene("person-2", 0))))[1] == b""
    await sight.forget()
    assert (await recogniser.take_template(camera.put(scene("person-1", 1))))[1] == b""


async def test_what_is_no_template_is_not_known(seeing: tuple[VisionProcess, Camera]) -> None:
    recogniser = Recogniser(seeing[0])
    rubbish = [agreed(b"short"), agreed(np.zeros(128, "<f4").tobytes(), "zeros")]
    assert (await recogniser.know(rubbish, 70, 0.01, NOW))[0] == 0


async def test_a_new_process_knows_nobody_and_says_so(
    seeing: tuple[VisionProcess, Camera], block: bytes, scene: Scene
) -> None:
    sight, camera = seeing
    recogniser = Recogniser(sight)
    await recogniser.know([agreed(await template_of(sight, camera, block, scene))], 70, 0.01, NOW)
    await sight.remember(block)
    session = sight.session
    assert sight.pid is not None
    os.kill(sight.pid, signal.SIGKILL)
    with anyio.fail_after(30):
        while sight.session == session:
            await anyio.sleep(0.05)
        await sight.until_ready()
    assert not recogniser.knows
    with pytest.raises(SightLost):
        await recogniser.take_template(camera.put(scene("person-1", 1)))
