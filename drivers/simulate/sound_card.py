"""A sound card: a program in place of ALSA's `aplay`, which writes what it plays to a file, and one for its jack."""

import io
import shlex
import sys
import time
import wave
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import numpy as np

from drivers.simulate import amixer, aplay
from drivers.simulate.contract import Garble


def tone(seconds: float, hertz: float = 440.0, *, rate: int = 16000, channels: int = 1) -> bytes:
    """A WAV of a sine at half of the full amplitude."""
    wave_form = 16383 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(channels)
        writer.setsampwidth(2)
        writer.setframerate(rate)
        writer.writeframes(np.repeat(wave_form.astype("<i2"), channels).tobytes())
    return file.getvalue()


class SoundCardSimulator:
    """A sound card that keeps what it has played.

    Args:
        folder: where the player, and what it has played, appear.
        name: of their folder.
        seed: unused; nothing here is random.
    """

    driver: ClassVar[str] = "speaker/alsa"

    def __init__(self, folder: Path, name: str = "speaker", *, seed: int = 0) -> None:
        del seed
        self._folder = folder / name
        self._folder.mkdir(parents=True, exist_ok=True)
        self._program = self._folder / "aplay"
        self._mixer = self._folder / "amixer"
        for program, module in ((self._program, aplay), (self._mixer, amixer)):
            command = shlex.join([sys.executable, "-I", "-S", str(Path(str(module.__file__))), str(self._folder)])
            program.write_text(f'#!/bin/sh\nexec {command} "$@"\n', encoding="utf-8")
            program.chmod(0o755)
        self.replug()

    @property
    def options(self) -> Mapping[str, str | int | float | bool]:
        """The keys of the driver's options."""
        return {
            "program": str(self._program),
            "mixer": str(self._mixer),
            "jack": "Headphone Jack",
            "speaker_switch": "Speaker Playback Switch",
        }

    def plug_headphones(self, *, plugged: bool) -> None:
        """Put headphones in, or pull them out."""
        if plugged:
            (self._folder / "headphones").touch()
        else:
            (self._folder / "headphones").unlink(missing_ok=True)

    @property
    def speaker_on(self) -> bool:
        """Whether the loudspeaker's switch is on."""
        switch = self._folder / "switch"
        return not switch.exists() or switch.read_text(encoding="ascii") == "on"

    @property
    def played(self) -> bytes:
        """The samples that were played since it was plugged in, 16 bit little-endian."""
        played = self._folder / "played.raw"
        return played.read_bytes() if played.exists() else b""

    def unplug(self) -> None:
        """Take the card away: what is playing breaks off."""
        (self._folder / "card").unlink(missing_ok=True)

    def replug(self) -> None:
        """Put it back; what was played is forgotten."""
        for name in ("played.raw", "garble", "silent-until"):
            (self._folder / name).unlink(missing_ok=True)
        (self._folder / "card").touch()

    def garble(self, how: Garble) -> None:
        """Spoil the next sound: complain and play, or break off."""
        (self._folder / "garble").write_text(how.value, encoding="ascii")

    def hang(self, seconds: float) -> None:
        """Take no samples for a while."""
        fresh = self._folder / ".silent-until"
        fresh.write_text(str(time.monotonic() + seconds), encoding="ascii")
        fresh.replace(self._folder / "silent-until")

    def close(self) -> None:
        """Stop for good."""
        self.unplug()
