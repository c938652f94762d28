"""Clips: every fixed sentence, made at build time into one file a tongue. A hall may put a recorded voice in its place.

A file is a ZIP with `index.tsv` (key, sentence, how it is read) and a sound a sentence: `<key>.ulaw` (ITU-T G.711, 16
kHz, half as large) as set-up makes it, or `<key>.wav` as somebody recorded it. The key comes from what is spoken, so
that a sentence that changes has no clip until it is made anew.
"""

import hashlib
import math
import zipfile
from collections.abc import Iterable
from pathlib import Path
from threading import Lock
from typing import Final

import numpy as np

from kiosk.voice.reading import Tongue, key_of, reading
from kiosk.voice.synthesis import RECIPE, Samples, speak, wav

PLACE: Final = Path(__file__).parent / "clips"
"""Where set-up puts them."""
_INDEX: Final = "index.tsv"
_RECIPE: Final = "recipe.txt"
_MADE: Final = ".ulaw"
_RECORDED: Final = ".wav"
_MU: Final = 255.0


def compressed(samples: Samples) -> bytes:
    """Samples in eight bits each, finer where they are small (the μ-law of ITU-T G.711, over the whole range)."""
    share = samples.astype(np.float64) / 32768
    bent = np.sign(share) * np.log1p(_MU * np.abs(share)) / math.log1p(_MU)
    return np.rint(bent * 127).astype(np.int8).tobytes()


def expanded(sound: bytes) -> Samples:
    """What `compressed` was given, but for its rounding."""
    return _EXPANDED[np.frombuffer(sound, np.uint8)]


def _expansion() -> Samples:
    """Of each byte what it stands for."""
    bent = np.arange(256, dtype=np.uint8).view(np.int8).astype(np.float64) / 127
    share = np.sign(bent) * np.expm1(np.abs(bent) * math.log1p(_MU)) / _MU
    return np.clip(np.rint(share * 32768), -32768, 32767).astype(np.int16)


_EXPANDED: Final = _expansion()


def name_of(words: str, tongue: Tongue) -> str:
    """The name of a sentence's clip, without `.wav`."""
    return hashlib.sha256(key_of(reading(words, tongue)).encode()).hexdigest()[:20]


class Clips:
    """The clips of one tongue.

    Args:
        tongue: which.
        folder: where the files are.
    """

    def __init__(self, tongue: Tongue, folder: Path = PLACE) -> None:
        self.tongue = tongue
        self._path = folder / f"{tongue}.zip"
        self._lock = Lock()
        self._file: zipfile.ZipFile | None = None
        try:
            self._file = zipfile.ZipFile(self._path)
            self._names = frozenset(self._file.namelist())
        except (OSError, zipfile.BadZipFile):
            self._names = frozenset()

    @property
    def there(self) -> bool:
        """Whether there are any."""
        return bool(self._names)

    def get(self, words: str) -> bytes | None:
        """The clip of a sentence as a WAV; None where there is none."""
        key = name_of(words, self.tongue)
        name = next((key + ending for ending in (_RECORDED, _MADE) if key + ending in self._names), None)
        if self._file is None or name is None:
            return None
        try:
            with self._lock:
                sound = self._file.read(name)
            return sound if name.endswith(_RECORDED) else wav(expanded(sound))
        except (OSError, zipfile.BadZipFile, EOFError):
            return None  # spoken at run time instead

    def kept(self, key: str) -> tuple[str, bytes]:
        """The ending and the bytes of a clip as they stand in the file; no bytes where there is none."""
        for ending in (_RECORDED, _MADE):
            if self._file is not None and key + ending in self._names:
                with self._lock:
                    return ending, self._file.read(key + ending)
        return _MADE, b""

    def recipe(self) -> str:
        """What they were made by; empty where there are none."""
        if self._file is None or _RECIPE not in self._names:
            return ""
        with self._lock:
            return self._file.read(_RECIPE).decode()

    def close(self) -> None:
        """No more is read."""
        if self._file is not None:
            self._file.close()
            self._file, self._names = None, frozenset()


def make_clips(tongue: Tongue, sentences: Iterable[str], folder: Path = PLACE) -> tuple[int, int]:
    """Make the clips of one tongue; those that are there already are kept. The file is replaced at once.

    Args:
        tongue: which.
        sentences: what is said.
        folder: where the files are.

    Returns:
        How many there are now, and how many of them were made.

    Raises:
        SpeechError: nothing can be said here.
    """
    wanted = {name_of(words, tongue): words for words in sentences}
    before = Clips(tongue, folder)
    usable = before.recipe() == RECIPE
    made = 0
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f".{tongue}.zip.new"
    lines = []
    with zipfile.ZipFile(fresh, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        for name, words in sorted(wanted.items()):
            parts = reading(words, tongue)
            ending, sound = before.kept(name) if usable else (_MADE, b"")
            if not sound:
                sound = compressed(speak(parts))
                made += 1
            file.writestr(_entry(name + ending), sound)
            lines.append(f"{name}\t{words}\t{key_of(parts)}\n")
        file.writestr(_entry(_INDEX), "".join(lines))
        file.writestr(_entry(_RECIPE), RECIPE)
    before.close()
    fresh.replace(folder / f"{tongue}.zip")
    return len(wanted), made


def _entry(name: str) -> zipfile.ZipInfo:
    """The same bytes for the same clips, whenever they are packed."""
    entry = zipfile.ZipInfo(name)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry
