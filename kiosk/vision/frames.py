"""The ring of pictures that camera thread, vision process and screen share.

The memory has no name: it is an anonymous file (`memfd_create`) whose descriptor the vision process inherits. So
nothing is left behind in `/dev/shm` when the terminal is killed, the death of a reader cannot take it away, and no
other user of the machine can open it. CPython's `SharedMemory` gives none of the three.

A 1280x720 picture costs 0.1 ms to put. The newest picture wins; each slot carries a sequence number, so that a reader
that was too slow notices that its picture was overwritten under it.
"""

import fcntl
import mmap
import os
import threading
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from drivers.kinds import Frame

_MAGIC = 0x52494E47
_HEAD = np.dtype([("magic", "<i8"), ("slots", "<i8"), ("height", "<i8"), ("width", "<i8"), ("newest", "<i8")])
_SLOT = np.dtype(
    [("sequence", "<i8"), ("number", "<i8"), ("taken", "<f8"), ("height", "<i8"), ("width", "<i8"), ("pad", "<i8", 3)]
)
_PAGE = 4096
PREVIEW_WIDTH = 640
"""Widest picture that the screen's live view is given, in pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A picture in the ring, not copied.

    Attributes:
        image: (height, width, 3) uint8, BGR; changes when the slot is written again.
        number: the picture's number.
        taken: `time.monotonic()` at capture, in seconds.
    """

    image: NDArray[np.uint8]
    number: int
    taken: float
    _ring: "Ring"
    _slot: int
    _sequence: int

    def whole(self) -> bool:
        """Whether the slot still holds this picture. Ask after reading; what was read before a False is worthless."""
        return self._ring.sequence(self._slot) == self._sequence


class Ring:
    """One writer, any number of readers. Made by `create` or `attach`.

    `newest` makes it a `kiosk.view.screen.Picture`.
    """

    def __init__(self, fd: int, slots: int, height: int, width: int) -> None:
        """Map the memory behind a descriptor, which the ring then owns."""
        self._fd = fd
        self.slots, self.height, self.width = slots, height, width
        self._stride = height * width * 3
        memory = mmap.mmap(fd, _size(slots, height, width))
        # The arrays keep the mapping alive; it goes with the last picture that somebody still looks at.
        self._head = np.frombuffer(memory, _HEAD, 1)
        self._meta = np.frombuffer(memory, _SLOT, slots, _HEAD.itemsize)
        self._pixels = np.frombuffer(memory, np.uint8, slots * self._stride, _PAGE).reshape(slots, self._stride)
        self._lock = threading.Lock()  # a camera thread that was abandoned as stuck may come back
        self._closed = False

    @classmethod
    def create(cls, *, slots: int = 6, height: int = 960, width: int = 1280) -> Self:
        """Make a ring for pictures of at most this size.

        Raises:
            ValueError: the numbers make no ring.
        """
        if not 2 <= slots <= 32 or height < 1 or width < 1 or _HEAD.itemsize + slots * _SLOT.itemsize > _PAGE:
            raise ValueError(f"no ring has {slots} slots of {width}x{height}")
        fd = os.memfd_create("kiosk-ring", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.ftruncate(fd, _size(slots, height, width))
        # Nobody can shrink it under a reader, which would be a bus error.
        fcntl.fcntl(fd, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL)
        ring = cls(fd, slots, height, width)
        ring._head[0] = (_MAGIC, slots, height, width, -1)
        return ring

    @classmethod
    def attach(cls, fd: int) -> Self:
        """Open the ring behind an inherited descriptor, which stays the caller's.

        Raises:
            ValueError: it is no ring.
        """
        length = os.fstat(fd).st_size
        if length < _PAGE:
            raise ValueError("the descriptor is no ring")
        with mmap.mmap(fd, _PAGE, prot=mmap.PROT_READ) as start:
            magic, slots, height, width, _ = np.frombuffer(start[: _HEAD.itemsize], _HEAD, 1)[0]
        if magic != _MAGIC or length != _size(int(slots), int(height), int(width)):
            raise ValueError("the descriptor is no ring")
        return cls(os.dup(fd), int(slots), int(height), int(width))

    @property
    def fd(self) -> int:
        """The descriptor that a child process inherits (`pass_fds`)."""
        return self._fd

    @property
    def number(self) -> int:
        """The newest picture's number; -1 while there is none."""
        newest = int(self._head["newest"][0])
        return -1 if newest < 0 else int(self._meta["number"][newest])

    def close(self) -> None:
        """Give the descriptor back. Twice is safe; what is put afterwards is dropped."""
        with self._lock:
            if not self._closed:
                self._closed = True
                os.close(self._fd)

    # Writing --------------------------------------------------------------------------------------------------------

    def put_frame(self, frame: Frame) -> None:
        """Put what a camera delivered."""
        self.put(frame.image, frame.number, frame.taken)

    def put(self, image: NDArray[np.uint8], number: int, taken: float) -> None:
        """Make a picture the newest. One larger than the ring was made for is thinned out by a whole factor.

        Raises:
            ValueError: it is not (height, width, 3) of uint8 with at least one pixel.
        """
        if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or image.size == 0:
            raise ValueError(f"a picture is (height, width, 3) of uint8, not {image.shape} of {image.dtype}")
        step = max(-(-image.shape[0] // self.height), -(-image.shape[1] // self.width))
        image = image[::step, ::step]
        height, width = image.shape[:2]
        with self._lock:
            if self._closed:
                return
            slot = (int(self._head["newest"][0]) + 1) % self.slots
            meta = self._meta
            meta["sequence"][slot] += 1  # odd: being written
            meta["number"][slot], meta["taken"][slot] = number, taken
            meta["height"][slot], meta["width"][slot] = height, width
            self._pixels[slot, : height * width * 3].reshape(height, width, 3)[:] = image
            meta["sequence"][slot] += 1
            self._head["newest"][0] = slot

    # Reading --------------------------------------------------------------------------------------------------------

    def sequence(self, slot: int) -> int:
        """How often a slot was written, times two; odd while it is being written."""
        return int(self._meta["sequence"][slot])

    def look(self) -> View | None:
        """The newest picture, not copied; None while there is none."""
        for _ in range(self.slots):
            slot = int(self._head["newest"][0])
            if slot < 0:
                return None
            before = self.sequence(slot)
            number, taken = int(self._meta["number"][slot]), float(self._meta["taken"][slot])
            height, width = int(self._meta["height"][slot]), int(self._meta["width"][slot])
            if before % 2 == 0 and before == self.sequence(slot):
                image = self._pixels[slot, : height * width * 3].reshape(height, width, 3)
                image.flags.writeable = False
                return View(image, number, taken, self, slot, before)
        return None

    def copy(self) -> Frame | None:
        """The newest picture, copied and surely whole; None while there is none."""
        for _ in range(self.slots):
            view = self.look()
            if view is None:
                return None
            image = view.image.copy()
            if view.whole():
                return Frame(image, view.number, view.taken)
        return None

    def newest(self) -> tuple[int, int, bytes] | None:
        """Width, height and RGB bytes of the newest picture, thinned out for the live view; None when there is none."""
        return self.newest_preview(PREVIEW_WIDTH)

    def newest_preview(self, max_width: int) -> tuple[int, int, bytes] | None:
        """The same, at most `max_width` pixels wide."""
        for _ in range(self.slots):
            view = self.look()
            if view is None:
                return None
            step = -(-view.image.shape[1] // max_width)
            thin = view.image[::step, ::step, ::-1]
            rgb = thin.tobytes()
            if view.whole():
                return thin.shape[1], thin.shape[0], rgb
        return None


def _size(slots: int, height: int, width: int) -> int:
    return _PAGE + slots * height * width * 3
