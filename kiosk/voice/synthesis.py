"""Speech made at run time by espeak-ng, a program of its own: what it is licensed as stays there."""

import io
import shutil
import subprocess
import wave
from typing import Final

import numpy as np
import numpy.typing as npt

from kiosk.voice.reading import Part, Tongue

PROGRAM: Final = "espeak-ng"
RATE: Final = 16_000
"""Samples a second of everything that is said."""
_MADE: Final = 22_050
"""As espeak-ng makes them."""
_VOICES: Final = {
    Tongue.MANDARIN: ("cmn-latn-pinyin", "150"),
    Tongue.CANTONESE: ("sit/yue-Latn-jyutping", "145"),
    Tongue.ENGLISH: ("en-gb", "150"),
}
"""Voice, and words a minute: slower than it would speak by itself, for older ears."""
RECIPE: Final = "espeak-ng/1 " + " ".join(f"{voice}@{speed}" for voice, speed in _VOICES.values())
"""Clips of another recipe are made anew."""
_WITHIN: Final = 10.0
_LOUD: Final = 0.82
_QUIET: Final = 60
"""Samples below this are silence."""
_PAUSE: Final = 0.12


class SpeechError(Exception):
    """Nothing can be said: the program is missing or fails. The message says what to do."""


Samples = npt.NDArray[np.int16]


def speak(parts: tuple[Part, ...]) -> Samples:
    """Say something. Blocking, some ten milliseconds.

    Args:
        parts: how it is read.

    Returns:
        Samples at `RATE`, one channel, as loud as every other sentence, without silence at the ends.

    Raises:
        SpeechError: it cannot be said.
    """
    said = [_trimmed(_run(part)) for part in parts if part.sounds.strip(" ,.?")]
    if not said:
        return np.zeros(0, np.int16)
    gap = np.zeros(round(_PAUSE * RATE), np.int16)
    whole = [piece for one in said for piece in (one, gap)][:-1]
    return np.concatenate(whole)


def _run(part: Part) -> Samples:
    voice, speed = _VOICES[part.tongue]
    program = shutil.which(PROGRAM)
    if program is None:
        raise SpeechError("espeak-ng is missing: run `make setup`")
    try:
        done = subprocess.run(  # noqa: S603  the program of the system, words on its standard input
            [program, "-v", voice, "-s", speed, "-b", "1", "--stdin", "--stdout"],
            input=part.sounds.encode(),
            capture_output=True,
            timeout=_WITHIN,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise SpeechError(f"espeak-ng failed: {type(error).__name__}") from error
    # Its header does not know the length yet: samples are what follows `data` and four bytes.
    head, mark, rest = done.stdout.partition(b"data")
    if not mark or not head.startswith(b"RIFF"):
        raise SpeechError("espeak-ng gave no sound: run `make setup`")
    samples = rest[4:]
    return np.frombuffer(samples[: len(samples) // 2 * 2], dtype="<i2")


def _trimmed(made: Samples) -> Samples:
    loud = np.flatnonzero(np.abs(made.astype(np.int32)) > _QUIET)
    if loud.size == 0:
        return np.zeros(0, np.int16)
    kept = made[max(0, loud[0] - 200) : loud[-1] + 400]
    return _levelled(_resampled(kept))


def _resampled(made: Samples) -> Samples:
    """From `_MADE` to `RATE`, by leaving the upper part of the spectrum out."""
    # Padded to a length that the transform likes: whole seconds' fractions, of which 441 and 320 are the same time.
    blocks = 1 << (len(made) // 441).bit_length()
    count = blocks * 320
    spectrum = np.fft.rfft(made.astype(np.float64), blocks * 441)
    fewer = np.fft.irfft(spectrum[: count // 2 + 1], count) * (count / (blocks * 441))
    fewer = fewer[: round(len(made) * RATE / _MADE)]
    return np.clip(np.rint(fewer), -32768, 32767).astype(np.int16)


def _levelled(samples: Samples) -> Samples:
    peak = int(np.max(np.abs(samples.astype(np.int32)))) if samples.size else 0
    if peak == 0:
        return samples
    louder: Samples = np.rint(samples * (_LOUD * 32767 / peak)).astype(np.int16)
    return louder


def wav(samples: Samples) -> bytes:
    """Samples as a WAV: PCM, 16 bit, one channel, at `RATE`."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.astype("<i2").tobytes())
    return out.getvalue()


def seconds_of(sound: bytes) -> float:
    """How long a WAV takes.

    Raises:
        wave.Error: it is none.
    """
    with wave.open(io.BytesIO(sound)) as file:
        return float(file.getnframes() / file.getframerate())
