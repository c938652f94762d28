"""What a WAV holds, and how loud it is played. Pure functions."""

import io
import wave
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """PCM, 16 bit, little-endian, channels interleaved.

    Attributes:
        rate: samples a second, of each channel.
        channels: 1 or 2.
        samples: the bytes.
    """

    rate: int
    channels: int
    samples: bytes

    @property
    def seconds(self) -> float:
        """How long it takes."""
        return len(self.samples) / (2 * self.channels * self.rate)


def read_wav(wav: bytes) -> Sound:
    """Read a WAV.

    Raises:
        ValueError: it is no WAV, or not PCM of 16 bit with one or two channels.
    """
    try:
        with wave.open(io.BytesIO(wav)) as file:
            rate, channels, width = file.getframerate(), file.getnchannels(), file.getsampwidth()
            samples = file.readframes(file.getnframes())
    except (wave.Error, EOFError, RuntimeError) as error:
        raise ValueError(f"no WAV: {error}") from error
    if width != 2 or channels not in {1, 2} or not 4000 <= rate <= 192000:
        raise ValueError(f"{width * 8} bit, {channels} channels at {rate} Hz: 16 bit, 1 or 2, 4 to 192 kHz are played")
    return Sound(rate, channels, samples[: len(samples) // (2 * channels) * 2 * channels])


def at_volume(samples: bytes, volume: float) -> bytes:
    """Scale the amplitude.

    Args:
        samples: 16 bit, little-endian.
        volume: 0 to 1; anything else is taken for the nearer of the two.
    """
    factor = min(1.0, max(0.0, volume))
    return np.rint(np.frombuffer(samples, dtype="<i2") * factor).astype("<i2").tobytes()


def silence(seconds: float, rate: int = 48000, channels: int = 2) -> Sound:
    """A sound that is not heard."""
    return Sound(rate, channels, bytes(round(seconds * rate) * channels * 2))
