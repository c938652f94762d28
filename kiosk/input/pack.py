"""The one data file of Chinese input: named arrays in a container that is mapped into memory, not read.

Layout: 8 bytes magic, 8 bytes length of the directory, the directory (JSON: name to type, shape and offset), then the
arrays, each on a 64-byte boundary. All numbers little-endian. Opening costs well under a millisecond, and only the
pages that are used take memory.
"""

import json
import mmap
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from kiosk.log import logger

_log = logger("input")

PLACE: Final = Path(__file__).parent / "data" / "hanzi.pack"
"""Where set-up puts it."""
VERSION: Final = 2
"""Counts up when the arrays change their meaning."""
_MAGIC: Final = b"HANZIPK" + bytes([VERSION])
_ALIGN: Final = 64
_DIRECTORY_MOST: Final = 1 << 16
_KINDS: Final = ("uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "float32")

Array: TypeAlias = npt.NDArray[np.generic]
"""Numbers of any of the kinds above."""


class PackError(Exception):
    """The data file is missing or is not one. The message says what to do."""


class Pack:
    """The data file, mapped.

    Args:
        path: the file.

    Raises:
        PackError: it is missing, cut short, or of another version.
    """

    def __init__(self, path: Path = PLACE) -> None:
        try:
            with path.open("rb") as file:
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise PackError(f"the data of Chinese input is missing at {path}: run `make setup`") from error
        head = self._map[:16]
        if head[:8] != _MAGIC:
            raise PackError(f"{path} is not the data of this version of Chinese input: run `make setup`")
        length = int.from_bytes(head[8:16], "little")
        if length > min(_DIRECTORY_MOST, len(self._map) - 16):
            raise PackError(f"{path} is cut short: run `make setup`")
        try:
            directory = json.loads(self._map[16 : 16 + length])
            self._arrays = {name: self._array(*entry) for name, entry in directory.items()}
        except (ValueError, TypeError, KeyError) as error:
            raise PackError(f"{path} is damaged: run `make setup`") from error

    def _array(self, kind: str, shape: list[int], offset: int) -> Array:
        if kind not in _KINDS or sys.byteorder != "little":
            raise ValueError(kind)
        count = int(np.prod(shape))
        return np.frombuffer(self._map, dtype=kind, count=count, offset=offset).reshape(shape)

    def array(self, name: str) -> Array:
        """One array, read only.

        Raises:
            PackError: there is none of that name.
        """
        if name not in self._arrays:
            raise PackError(f"the data of Chinese input lacks {name!r}: run `make setup`")
        return self._arrays[name]

    def view(self, name: str) -> memoryview:
        """One flat array as a memory view: single numbers are read about five times quicker than from numpy."""
        return np.ascontiguousarray(self.array(name)).data.toreadonly()

    def text(self, name: str) -> str:
        """An array of bytes as UTF-8 text."""
        return self.array(name).tobytes().decode("utf-8")

    def names(self) -> tuple[str, ...]:
        """What is in it."""
        return tuple(self._arrays)

    def __len__(self) -> int:
        return len(self._map)


def write_pack(path: Path, arrays: Mapping[str, Array | str]) -> None:
    """Write a data file; a file that is there already is replaced at once, or not at all.

    Args:
        path: where to.
        arrays: what to put in; texts are kept as UTF-8 bytes.
    """
    plain = {
        name: np.frombuffer(value.encode(), dtype=np.uint8) if isinstance(value, str) else np.ascontiguousarray(value)
        for name, value in arrays.items()
    }
    # Offsets depend on the directory's length, which depends on them: room for it is kept aside first.
    room = _up(16 + len(json.dumps({name: ("float32", list(v.shape), 1 << 40) for name, v in plain.items()})))
    directory: dict[str, tuple[str, list[int], int]] = {}
    at = room
    for name, value in plain.items():
        directory[name] = (value.dtype.name, list(value.shape), at)
        at = _up(at + value.nbytes)
    told = json.dumps(directory).encode().ljust(room - 16)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    with fresh.open("wb") as file:
        file.write(_MAGIC + len(told).to_bytes(8, "little") + told)
        for name, value in plain.items():
            file.write(b"\0" * (directory[name][2] - file.tell()))
            file.write(value.tobytes())
        file.write(b"\0" * (at - file.tell()))
    fresh.replace(path)
    _log.info("input data written", bytes=at)


def _up(number: int) -> int:
    return -(-number // _ALIGN) * _ALIGN
