"""A disk that forgets what was not synced, under the product's own SQLite.

SQLite reaches files through a table of functions, its VFS. pysqlite3's library exports `sqlite3_vfs_register`, so this
process gives it a VFS that passes everything on to the real one and writes down each write, truncation, sync and
deletion. From that record `Disk.images` makes what a power cut at any moment could have left: synced bytes stay, of
the rest any subset of 512-byte sectors, in any order, torn at any sector.

What it does not know: disks that lie about syncing, and rotting bytes. ADR 0020 compares the ways to do this.
"""

import ctypes
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pysqlite3._sqlite3 as library

SECTOR: Final = 512
_MAIN_DB, _WAL, _SUPER, _MAIN_JOURNAL = 0x100, 0x80000, 0x4000, 0x800
_KEPT: Final = _MAIN_DB | _WAL | _SUPER | _MAIN_JOURNAL
"""Kinds of files that matter after a cut; `-shm` is made anew, temporary files are gone."""
_int, _ptr, _i64, _str = ctypes.c_int, ctypes.c_void_p, ctypes.c_int64, ctypes.c_char_p
_WRITE = ctypes.CFUNCTYPE(_int, _ptr, _ptr, _int, _i64)
_TRUNCATE = ctypes.CFUNCTYPE(_int, _ptr, _i64)
_SYNC = ctypes.CFUNCTYPE(_int, _ptr, _int)
_OPEN = ctypes.CFUNCTYPE(_int, _ptr, _ptr, _ptr, _int, _ptr)
_DELETE = ctypes.CFUNCTYPE(_int, _ptr, _str, _int)


class _Methods(ctypes.Structure):
    """`sqlite3_io_methods`, version 3."""

    _fields_ = (
        ("version", _int),
        ("close", _ptr),
        ("read", _ptr),
        ("write", _ptr),
        ("truncate", _ptr),
        ("sync", _ptr),
        ("rest", _ptr * 13),
    )


class _Vfs(ctypes.Structure):
    """`sqlite3_vfs`, version 3."""

    _fields_ = (
        ("version", _int),
        ("file_size", _int),
        ("path_most", _int),
        ("next", _ptr),
        ("name", _str),
        ("data", _ptr),
        ("open", _ptr),
        ("delete", _ptr),
        ("rest", _ptr * 16),
    )


@dataclass(frozen=True, slots=True)
class Write:
    """Bytes were written, not synced."""

    file: str
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Truncate:
    """A file was cut to a size, not synced."""

    file: str
    size: int


@dataclass(frozen=True, slots=True)
class Sync:
    """What was written to a file before a step is on the disk."""

    file: str
    before: int


@dataclass(frozen=True, slots=True)
class Delete:
    """A file was deleted; `durable` when its folder was synced, too."""

    file: str
    durable: bool


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody was told that something is safe."""

    what: str


Step = Write | Truncate | Sync | Delete | Told


@dataclass
class _Kept:
    """One file on the disk, and what was done to it since its last sync."""

    there: bool = False
    """Whether its name is on the disk."""
    durable: bytearray = field(default_factory=bytearray)
    pending: list[tuple[int, Write | Truncate]] = field(default_factory=list)
    """With the number of the step."""
    deleted: bool = False
    """Deleted, but the folder was not synced since."""
    made_anew: bool = True
    """Not synced since it was made: SQLite syncs the folder with the first sync of a journal."""


def _apply(content: bytearray, step: Write | Truncate) -> None:
    if isinstance(step, Truncate):
        del content[step.size :]
        content.extend(bytes(step.size - len(content)))
        return
    end = step.offset + len(step.data)
    if len(content) < end:
        content.extend(bytes(end - len(content)))
    content[step.offset : end] = step.data


def _sectors(step: Write) -> Iterator[Write]:
    start = 0
    while start < len(step.data):
        stop = min(len(step.data), start + SECTOR - (step.offset + start) % SECTOR)
        yield Write(step.file, step.offset + start, step.data[start:stop])
        start = stop


def _after_cut(file: _Kept, chance: random.Random) -> bytes | None:
    """A file as a cut leaves it; None where its name is not there."""
    if file.deleted and chance.random() < 0.5:
        return None
    if not file.there and chance.random() < 0.5:
        return None
    content = bytearray(file.durable)
    kept = chance.choice((0.0, 0.1, 0.5, 0.9, 1.0))  # cuts that lose nearly nothing and nearly all are the telling ones
    parts: list[Write | Truncate] = []
    for _, step in file.pending:
        parts += [step] if isinstance(step, Truncate) else _sectors(step)
    parts = [part for part in parts if chance.random() < kept]
    if chance.random() < 0.5:
        chance.shuffle(parts)
    for part in parts:
        _apply(content, part)
    return bytes(content)


@dataclass(frozen=True)
class Image:
    """What one cut left: the files of the folder, and what had been told before it."""

    cut: int
    """After so many steps."""
    files: dict[str, bytes]
    told: frozenset[str]

    def lay(self, folder: Path) -> None:
        """Write the files to a folder."""
        for name, content in self.files.items():
            (folder / Path(name).name).write_bytes(content)


def images(steps: Sequence[Step], cuts: int, seed: int, first: int = 0) -> Iterator[Image]:
    """What power cuts leave.

    Args:
        steps: What was recorded.
        cuts: How many.
        seed: Of moments and of what survives.
        first: No cut comes before this step.
    """
    chance = random.Random(seed)
    moments = sorted(chance.randint(first, len(steps)) for _ in range(cuts))
    disk: dict[str, _Kept] = {}
    told: set[str] = set()
    done = 0
    for moment in moments:
        for number in range(done, moment):
            _follow(disk, told, number, steps[number])
        done = moment
        left = {name: _after_cut(file, chance) for name, file in disk.items()}
        yield Image(moment, {name: each for name, each in left.items() if each is not None}, frozenset(told))


def _follow(disk: dict[str, _Kept], told: set[str], number: int, step: Step) -> None:
    if isinstance(step, Told):
        told.add(step.what)
        return
    file = disk.setdefault(step.file, _Kept())
    match step:
        case Write() | Truncate():
            if file.deleted:  # made anew under the old name, which may still be there with the old bytes
                file.pending.append((number, Truncate(step.file, 0)))
                file.deleted, file.made_anew = False, True
            file.pending.append((number, step))
        case Sync():
            _synced(disk, file, step)
        case Delete(durable=True):
            disk.pop(step.file, None)
        case Delete():
            file.deleted = True


def _synced(disk: dict[str, _Kept], file: _Kept, step: Sync) -> None:
    for when, write in file.pending:
        if when < step.before:
            _apply(file.durable, write)
    file.pending = [late for late in file.pending if late[0] >= step.before]
    file.there = True  # ext4 and XFS keep a new file's name with its first sync
    if file.made_anew and not step.file.endswith(".db"):
        for name in [name for name, each in disk.items() if each.deleted]:
            del disk[name]
        for each in disk.values():
            each.there = True
    file.made_anew = False


class Recorder:
    """Writes down what SQLite does to the files of a folder, from `install()` to `remove()`.

    Args:
        folder: Only files in it are recorded.
    """

    def __init__(self, folder: Path) -> None:
        self.steps: list[Step] = []
        self._folder = str(folder.resolve())
        self._library = ctypes.CDLL(library.__file__)  # the product's own
        self._library.sqlite3_vfs_find.restype = ctypes.POINTER(_Vfs)
        self._real = self._library.sqlite3_vfs_find(None)
        self._names: dict[int, str] = {}
        self._tables: dict[int, tuple[_Methods, _Methods]] = {}
        self._keep: list[Any] = []  # what C points to
        self._mine = _Vfs.from_buffer_copy(self._real.contents)
        self._mine.name = b"recorder"
        real_open, real_delete = _OPEN(self._real.contents.open), _DELETE(self._real.contents.delete)

        def on_open(_vfs: int, name: int, file: int, flags: int, out: int) -> int:
            answer = int(real_open(ctypes.addressof(self._real.contents), name, file, flags, out))
            if answer == 0 and name and flags & _KEPT:
                text = ctypes.string_at(name).decode()
                if text.startswith(self._folder):
                    self._names[file] = text
                    self._watch(file)
            return answer

        def on_delete(_vfs: int, name: bytes, synced: int) -> int:
            answer = int(real_delete(ctypes.addressof(self._real.contents), name, synced))
            text = name.decode()
            if answer == 0 and text.startswith(self._folder) and not text.endswith("-shm"):
                self.steps.append(Delete(text, durable=bool(synced)))
            return answer

        self._mine.open = self._pointer(_OPEN(on_open))
        self._mine.delete = self._pointer(_DELETE(on_delete))

    def _pointer(self, function: Any) -> int | None:
        self._keep.append(function)
        return ctypes.cast(function, _ptr).value

    def _watch(self, file: int) -> None:
        """Put our methods in the place of the file's own."""
        slot = ctypes.cast(file, ctypes.POINTER(_ptr))
        table = slot.contents.value
        assert table
        if table not in self._tables:
            real = ctypes.cast(table, ctypes.POINTER(_Methods)).contents
            self._tables[table] = (real, self._recording(real))
        slot[0] = _ptr(ctypes.addressof(self._tables[table][1]))

    def _recording(self, real: _Methods) -> _Methods:
        mine = _Methods.from_buffer_copy(real)
        write, truncate, sync = _WRITE(real.write), _TRUNCATE(real.truncate), _SYNC(real.sync)

        def on_write(file: int, data: int, size: int, offset: int) -> int:
            self.steps.append(Write(self._names[file], offset, ctypes.string_at(data, size)))
            return int(write(file, data, size, offset))

        def on_truncate(file: int, size: int) -> int:
            self.steps.append(Truncate(self._names[file], size))
            return int(truncate(file, size))

        def on_sync(file: int, flags: int) -> int:
            before = len(self.steps)
            answer = int(sync(file, flags))
            if answer == 0:
                self.steps.append(Sync(self._names[file], before))
            return answer

        mine.write = self._pointer(_WRITE(on_write))
        mine.truncate = self._pointer(_TRUNCATE(on_truncate))
        mine.sync = self._pointer(_SYNC(on_sync))
        return mine

    def install(self) -> None:
        """Every database opened from now on in this process is recorded."""
        assert self._library.sqlite3_vfs_register(ctypes.byref(self._mine), 1) == 0

    def remove(self) -> None:
        """Databases opened from now on are not. All that were opened since `install()` must be closed."""
        assert self._library.sqlite3_vfs_unregister(ctypes.byref(self._mine)) == 0

    def tell(self, what: str) -> None:
        """Note that somebody was told that something is safe."""
        self.steps.append(Told(what))
