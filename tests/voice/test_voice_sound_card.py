"""The driver with headphones, and the whole way from a screen to the samples that a sound card played."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import anyio
import numpy as np
import pytest

from drivers.errors import DeviceFault
from drivers.simulate.sound_card import SoundCardSimulator, tone
from drivers.speaker.alsa import Alsa, AlsaOptions
from drivers.speaker.jack import plugged_in
from kiosk.devices.supervisor import Device
from kiosk.session import Stage
from kiosk.view import desk
from kiosk.view.common import Language
from kiosk.view.spoken import Route
from kiosk.voice.voice import LOOK_S, Library, Voice
from ui.voice import spoken

PUBLISHED = b"""numid=16,iface=CARD,name='Headphone Jack'
  ; type=BOOLEAN,access=r-------,values=1
  : values=on
"""


@pytest.fixture
def card(tmp_path: Path) -> Iterator[SoundCardSimulator]:
    simulator = SoundCardSimulator(tmp_path)
    yield simulator
    simulator.close()


@pytest.fixture
def driver(card: SoundCardSimulator) -> Iterator[Alsa]:
    made = Alsa(AlsaOptions(**card.options))  # type: ignore[arg-type]
    with contextlib.closing(made):
        made.open()
        yield made


def test_what_amixer_says_of_a_jack() -> None:
    assert plugged_in(PUBLISHED.decode())
    assert not plugged_in(PUBLISHED.decode().replace("=on", "=off"))
    with pytest.raises(ValueError, match="on or off"):
        plugged_in("numid=1\n  : values=37\n")


def test_headphones_turn_the_loudspeaker_off(driver: Alsa, card: SoundCardSimulator) -> None:
    assert not driver.headphones()
    assert card.speaker_on
    card.plug_headphones(plugged=True)
    assert driver.headphones()
    assert not card.speaker_on
    card.plug_headphones(plugged=False)
    assert not driver.headphones()
    assert card.speaker_on


def test_private_sound_is_not_played_without_headphones(driver: Alsa, card: SoundCardSimulator) -> None:
    before = len(card.played)
    driver.play(tone(0.2), 1.0, private=True)
    assert len(card.played) == before
    card.plug_headphones(plugged=True)
    driver.play(tone(0.2), 1.0, private=True)
    assert len(card.played) > before


def test_private_sound_ends_when_headphones_are_pulled_out(driver: Alsa, card: SoundCardSimulator) -> None:
    import threading

    card.plug_headphones(plugged=True)
    thread = threading.Thread(target=driver.play, args=(tone(60.0), 1.0), kwargs={"private": True})
    began = time.monotonic()
    thread.start()
    time.sleep(0.5)
    card.plug_headphones(plugged=False)
    thread.join(50)
    assert not thread.is_alive()
    assert time.monotonic() - began < 50


def test_a_control_that_is_not_there_is_a_fault_for_the_technician(card: SoundCardSimulator) -> None:
    driver = Alsa(AlsaOptions(**{**card.options, "jack": "Front Headphone Jack"}))  # type: ignore[arg-type]
    with pytest.raises(DeviceFault) as raised:
        driver.headphones()
    assert raised.value.fault == "no_jack_control"


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_from_the_screen_to_the_sound_card(card: SoundCardSimulator, anyio_backend: str) -> None:
    device: Device[Alsa] = Device("speaker", lambda: Alsa(AlsaOptions(**card.options)))  # type: ignore[arg-type]
    drawn: list[Route] = []

    def draw(screen: object) -> None:
        drawn.append(stage.screen.sound.route)  # type: ignore[union-attr]
        voice.show(stage.screen)  # type: ignore[arg-type]

    stage = Stage("desk", draw, Language.ZH_HANS)
    voice = Voice(device, lambda s: spoken(s.state, s.language), Library({}), stage.set_sound)  # type: ignore[arg-type]
    async with anyio.create_task_group() as group:
        group.start_soon(device.run)
        group.start_soon(voice.run)
        stage.show(desk.ReadingCard())
        with anyio.fail_after(20):
            while np.max(np.abs(np.frombuffer(card.played, "<i2")), initial=0) < 1000:
                await anyio.sleep(0.1)
            assert drawn[-1] is Route.SPEAKER
            card.plug_headphones(plugged=True)
            with anyio.fail_after(LOOK_S + 8):
                while stage.screen.sound.route is not Route.HEADPHONES:  # type: ignore[union-attr]
                    await anyio.sleep(0.1)
        group.cancel_scope.cancel()
