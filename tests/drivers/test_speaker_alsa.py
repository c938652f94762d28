"""The speaker: what a WAV holds, how loud it is, and a player that is silent when it is told to be."""

import contextlib
import io
import shutil
import threading
import time
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.errors import DeviceFault, DriverError, LinkError, NotPresent, Remedy
from drivers.simulate.contract import Garble
from drivers.simulate.sound_card import SoundCardSimulator, tone
from drivers.speaker.alsa import Alsa, AlsaOptions
from drivers.speaker.pcm import at_volume, read_wav, silence


@pytest.fixture
def both(tmp_path: Path, plugged_in: contextlib.ExitStack) -> tuple[Alsa, SoundCardSimulator]:
    simulator = SoundCardSimulator(tmp_path)
    plugged_in.callback(simulator.close)
    driver = Alsa(AlsaOptions(**simulator.options))
    plugged_in.callback(driver.close)
    driver.open()
    return driver, simulator


def samples_of(wav: bytes) -> np.ndarray:
    return np.frombuffer(read_wav(wav).samples, "<i2")


def heard(simulator: SoundCardSimulator) -> np.ndarray:
    """What was played after the silence of `open`."""
    return np.frombuffer(simulator.played[len(silence(0.05).samples) :], "<i2")


def playing(driver: Alsa, seconds: float) -> tuple[threading.Thread, list[BaseException | None]]:
    ended: list[BaseException | None] = []

    def play() -> None:
        try:
            driver.play(tone(seconds), 1.0)
        except DriverError as error:
            ended.append(error)
        else:
            ended.append(None)

    thread = threading.Thread(target=play)
    thread.start()
    return thread, ended


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.mark.parametrize(("rate", "channels"), [(16000, 1), (48000, 2), (22050, 1)])
def test_a_sound_is_played_to_its_end(both: tuple[Alsa, SoundCardSimulator], rate: int, channels: int) -> None:
    driver, simulator = both
    wav = tone(0.1, rate=rate, channels=channels)
    driver.play(wav, 1.0)
    assert np.array_equal(heard(simulator), samples_of(wav))


def test_volume(both: tuple[Alsa, SoundCardSimulator]) -> None:
    driver, simulator = both
    wav = tone(0.05)
    driver.play(wav, 0.25)
    assert np.abs(heard(simulator) - samples_of(wav) / 4).max() <= 0.5


def test_hush_is_heard_at_once_and_the_next_sound_plays(both: tuple[Alsa, SoundCardSimulator]) -> None:
    driver, simulator = both
    driver.hush()  # nothing to hush
    thread, ended = playing(driver, 60)
    wait_for(lambda: len(heard(simulator)))
    driver.hush()
    thread.join(20)
    assert ended == [None]
    assert len(heard(simulator)) < 30 * 16000
    silent = len(simulator.played)
    driver.play(tone(0.01), 1.0)
    assert len(simulator.played) - silent == len(read_wav(tone(0.01)).samples)


def test_close_from_another_thread(both: tuple[Alsa, SoundCardSimulator]) -> None:
    driver, simulator = both
    thread, ended = playing(driver, 60)
    wait_for(lambda: len(heard(simulator)))
    driver.close()
    thread.join(20)
    assert [type(error) for error in ended] == [LinkError]
    with pytest.raises(LinkError):
        driver.play(tone(0.01), 1.0)


def test_the_card_is_pulled_out_while_it_plays(both: tuple[Alsa, SoundCardSimulator]) -> None:
    driver, simulator = both
    thread, ended = playing(driver, 60)
    wait_for(lambda: len(heard(simulator)))
    simulator.unplug()
    thread.join(20)
    assert [type(error) for error in ended] == [LinkError]
    assert "No such device" in str(ended[0])
    with pytest.raises(NotPresent, match="open error"):
        driver.play(tone(0.01), 1.0)


def test_complaints_alone_are_no_failure(both: tuple[Alsa, SoundCardSimulator]) -> None:
    driver, simulator = both
    simulator.garble(Garble.GARBAGE)
    driver.play(tone(0.01), 1.0)


def test_no_player(tmp_path: Path) -> None:
    with pytest.raises(NotPresent, match="No such file"):
        Alsa(AlsaOptions(program=str(tmp_path / "aplay"))).open()


def wav_of(width: int, channels: int, rate: int) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setsampwidth(width)
        writer.setnchannels(channels)
        writer.setframerate(rate)
        writer.writeframes(bytes(width * channels * 10))
    return file.getvalue()


@pytest.mark.parametrize(
    "wav", [b"", b"RIFF", b"no wav at all", wav_of(1, 1, 8000), wav_of(2, 6, 48000), wav_of(2, 1, 100)]
)
def test_what_cannot_be_played(both: tuple[Alsa, SoundCardSimulator], wav: bytes) -> None:
    driver, simulator = both
    with pytest.raises(DeviceFault) as raised:
        driver.play(wav, 1.0)
    assert (raised.value.fault, raised.value.remedy) == ("unsupported_sound", Remedy.TECHNICIAN)
    assert len(heard(simulator)) == 0


@given(st.binary(max_size=80) | st.binary(max_size=40).map(lambda rest: tone(0.001)[:30] + rest))
def test_any_bytes_are_a_sound_or_a_value_error(wav: bytes) -> None:
    with contextlib.suppress(ValueError):
        sound = read_wav(wav)
        assert len(sound.samples) % (2 * sound.channels) == 0


@given(st.lists(st.integers(-32768, 32767)), st.floats(-1, 2))
def test_volume_never_overflows(samples: list[int], volume: float) -> None:
    given_samples = np.array(samples, "<i2")
    louder = np.frombuffer(at_volume(given_samples.tobytes(), volume), "<i2")
    factor = min(1.0, max(0.0, volume))
    assert np.abs(louder - given_samples.astype(float) * factor).max(initial=0) <= 0.5


@pytest.mark.skipif(
    shutil.which("aplay") is None, reason="ALSA's aplay is not installed: the independent judge is left out"
)
def test_the_real_aplay_takes_it(tmp_path: Path) -> None:
    target = tmp_path / "out.raw"
    driver = Alsa(AlsaOptions(device=f"file:FILE={target},FORMAT=raw"))
    driver.open()
    wav = tone(0.2, rate=48000, channels=2)
    driver.play(wav, 0.5)
    driver.close()
    expected = at_volume(read_wav(wav).samples, 0.5)
    assert target.read_bytes()[: len(expected)] == expected
    with pytest.raises(NotPresent):
        Alsa(AlsaOptions(device="hw:CARD=none")).open()
