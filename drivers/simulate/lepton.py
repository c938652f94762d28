"""A FLIR Lepton 3.5 that does not exist: a folder into which its raw frames are written."""

import random
import shutil
import struct
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Final

import numpy as np

from drivers.simulate.contract import Garble
from drivers.simulate.forehead import Forehead

_FPS: Final = 9
"""What cameras for export deliver."""
_KEPT: Final = 20
_STUMBLE_S: Final = 0.4
_IN_PROGRESS, _COMPLETE = 2, 3


class LeptonSimulator(Forehead):
    """A thermal camera with a face in the middle of its picture and one broken pixel. What it sees: see `Forehead`.

    Attributes:
        sensor_c: temperature of its sensor array, degrees Celsius; at the last flat field it was 30.
        flat_field_age_s: seconds since the last flat field.
        radiometric: whether it is set to send centikelvin.
    """

    driver: ClassVar[str] = "thermometer/lepton-y16"

    def __init__(self, folder: Path, name: str = "thermometer", *, seed: int = 0) -> None:
        super().__init__(seed)
        self.sensor_c = 30.0
        self.flat_field_age_s = 60.0
        self.radiometric = True
        self._path = folder / name
        self._random = random.Random(seed)
        self._grain = np.random.default_rng(seed)
        self._lock = threading.Lock()  # guards what follows
        self._spoil: Garble | None = None
        self._silent_until = self._shut_until = self._still_until = 0.0
        self._number = 0
        self._file = 0
        self._unplugged = threading.Event()
        self._thread: threading.Thread | None = None
        self._plug = threading.RLock()
        self.replug()

    @property
    def options(self) -> Mapping[str, str | int | float | bool]:
        """The keys a site file needs to reach it."""
        return {"folder": str(self._path)}

    def shut(self, seconds: float) -> None:
        """Close the shutter: the picture stands still and the telemetry says so."""
        with self._lock:
            self._shut_until = time.monotonic() + seconds

    def freeze(self, seconds: float) -> None:
        """Deliver the same picture again and again."""
        with self._lock:
            self._still_until = time.monotonic() + seconds

    def unplug(self) -> None:
        """Stop, and take the folder away."""
        with self._plug:
            self._unplugged.set()
            if self._thread is not None:
                self._thread.join()
                self._thread = None
            shutil.rmtree(self._path, ignore_errors=True)

    def replug(self) -> None:
        """Make the folder again, and go on."""
        with self._plug:
            if self._thread is not None:
                return
            self._path.mkdir(parents=True, exist_ok=True)
            with self._lock:
                self._spoil = None
                self._silent_until = self._shut_until = self._still_until = 0.0
            self._unplugged = threading.Event()
            self._thread = threading.Thread(target=self._run, name=f"simulated {self.driver}", daemon=True)
            self._thread.start()

    def garble(self, how: Garble) -> None:
        """Spoil the next frame. SPLIT only writes it slowly, which a reader does not notice."""
        with self._lock:
            self._spoil = how

    def hang(self, seconds: float) -> None:
        """Write nothing for a while."""
        with self._lock:
            self._silent_until = time.monotonic() + seconds

    def close(self) -> None:
        """Stop for good."""
        self.unplug()

    def frame(self, *, shut: bool = False) -> bytes:
        """Take a picture and put its telemetry below it."""
        object_c, ambient_c = self.look()
        picture = np.full((120, 160), ambient_c)
        picture[40:80, 60:100] = object_c
        picture += self._grain.normal(0, 0.03, picture.shape)
        picture[10, 10] = 300.0
        row_a, row_c = bytearray(320), bytearray(320)
        uptime = 600_000
        struct.pack_into("<II", row_a, 2, uptime, (_IN_PROGRESS if shut else _COMPLETE) << 4)
        struct.pack_into("<I", row_a, 40, self._number)
        struct.pack_into("<H", row_a, 48, _centikelvin(self.sensor_c))
        struct.pack_into("<H", row_a, 52, _centikelvin(ambient_c))
        struct.pack_into("<HI", row_a, 58, _centikelvin(30.0), round(uptime - self.flat_field_age_s * 1000))
        struct.pack_into("<HH", row_c, 96, self.radiometric, 1)
        words = np.round((picture + 273.15) * 100).astype("<u2")
        return words.tobytes() + bytes(row_a) + bytes(row_c)

    def _run(self) -> None:
        gone = self._unplugged
        last = b""
        while not gone.is_set():
            with self._lock:  # also while writing: whoever spoils the next frame means one that nobody has begun
                now = time.monotonic()
                spoil = None
                if now >= self._silent_until:
                    spoil, self._spoil = self._spoil, None
                    if now >= self._still_until or not last:
                        self._number += 3  # of 27 a second, one in three is delivered
                        last = self.frame(shut=now < self._shut_until)
                    self._write(self._spoilt(last, spoil), slowly=spoil is Garble.SPLIT)
            # or the next frame would hide the spoilt one from a slow reader
            gone.wait(1 / _FPS if spoil in {None, Garble.SPLIT} else _STUMBLE_S)

    def _write(self, data: bytes, *, slowly: bool) -> None:
        fresh = self._path / ".new"
        with fresh.open("wb") as file:
            file.write(data[: len(data) // 2])
            if slowly:
                file.flush()
                self._unplugged.wait(0.05)
            file.write(data[len(data) // 2 :])
        fresh.rename(self._path / f"{self._file:06}.y16")
        self._file += 1
        (self._path / f"{self._file - 1 - _KEPT:06}.y16").unlink(missing_ok=True)

    def _spoilt(self, data: bytes, how: Garble | None) -> bytes:
        match how:
            case Garble.GARBAGE:
                return self._random.randbytes(41) + data
            case Garble.TRUNCATED:
                return data[: len(data) // 2]
            case Garble.CHECKSUM:
                at = self._random.randrange(len(data))
                return data[:at] + bytes([data[at] ^ 0x10]) + data[at + 1 :]
            case _:
                return data


def _centikelvin(celsius: float) -> int:
    return round((celsius + 273.15) * 100)
