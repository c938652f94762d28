"""Recordings of a wire: who said which bytes when, with identity masked before it is written. See docs/recordings.md.

A recorder is attached while a driver is made: every line that is made then is recorded, whatever kind of line it is.
"""

import json
import os
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from pathlib import Path
from typing import Final

from drivers.errors import DeviceFault, Remedy
from drivers.masks import Masks, hidden

FORMAT: Final = 1
MOST_BYTES: Final = 64 << 20
"""A recording that has grown to this size ends; a terminal that was left recording does not fill its disk."""


class Way(StrEnum):
    """Where bytes go. The values are the keys of a recording's lines."""

    SENT = "sent"
    RECEIVED = "received"


class Recorder:
    """Writes one driver's wire into a file of JSON lines, behind what stands there.

    Nothing that happens to the file disturbs the device: where it cannot be written any more, the recording ends.

    Args:
        path: the file; made with the rights of its owner only.
        driver: key of the driver.
        masks: what is kept of each direction.
    """

    def __init__(self, path: Path, driver: str, masks: Masks) -> None:
        self._path = path
        self._driver = driver
        self._masks = {Way.SENT: masks.sent, Way.RECEIVED: masks.received}
        self._lock = threading.Lock()
        self._fd = -1
        self._size = 0
        self._began = 0.0
        self._way = Way.SENT
        self._chunks: deque[tuple[float, int]] = deque()  # when, how many: of what is not written yet
        self._unjudged = b""
        self._judged = b""

    def opened(self) -> None:
        """The line was opened.

        Raises:
            DeviceFault: `cannot_record`; somebody asked for a recording and would not get one.
        """
        with self._lock:
            if self._fd < 0:
                try:
                    self._fd = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
                    self._size = os.fstat(self._fd).st_size
                except OSError as error:
                    raise DeviceFault("cannot_record", f"{self._path}: {error}", remedy=Remedy.TECHNICIAN) from error
                if not self._began:
                    self._began = time.monotonic()
                    self._write({"recording": FORMAT, "driver": self._driver})
            self._write({"t": self._since(time.monotonic()), "line": "opened"})

    def closed(self) -> None:
        """The line was closed."""
        with self._lock:
            if self._fd < 0:
                return
            self._settle()
            self._write({"t": self._since(time.monotonic()), "line": "closed"})
            self._stop()

    def sent(self, data: bytes) -> None:
        """These bytes went to the device."""
        self._take(Way.SENT, data)

    def received(self, data: bytes) -> None:
        """These bytes came from the device."""
        self._take(Way.RECEIVED, data)

    def _take(self, way: Way, data: bytes) -> None:
        now = time.monotonic()
        with self._lock:
            if self._fd < 0 or not data:
                return
            if way is not self._way:
                self._settle()
                self._way = way
            self._chunks.append((now, len(data)))
            self._unjudged += data
            judged = self._masks[way](self._unjudged)
            self._unjudged = self._unjudged[len(judged) :]
            self._judged += judged
            self._write_judged()

    def _settle(self) -> None:
        """Hide what was never judged: the answer to it is on its way, so no more of it will come."""
        self._judged += hidden(self._unjudged)
        self._unjudged = b""
        self._write_judged()

    def _write_judged(self) -> None:
        while self._chunks and len(self._judged) >= self._chunks[0][1]:
            when, size = self._chunks.popleft()
            chunk, self._judged = self._judged[:size], self._judged[size:]
            self._write({"t": self._since(when), self._way.value: chunk.hex()})

    def _since(self, when: float) -> float:
        return round(when - self._began, 6)

    def _write(self, entry: dict[str, object]) -> None:
        if self._fd < 0:
            return
        line = json.dumps(entry).encode() + b"\n"
        self._size += len(line)
        try:
            if self._size <= MOST_BYTES:
                os.write(self._fd, line)  # one write a line, so that lines of two writers stay whole
                return
        except OSError:
            pass  # a full disk ends the recording, not the passage
        self._stop()

    def _stop(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


_attached: ContextVar[Recorder | None] = ContextVar("recorder of the driver that is being made", default=None)


@contextmanager
def recording(recorder: Recorder | None) -> Iterator[None]:
    """Attach a recorder to every line that is made inside."""
    token = _attached.set(recorder)
    try:
        yield
    finally:
        _attached.reset(token)


def attached() -> Recorder | None:
    """The recorder for a line that is being made, if there is one."""
    return _attached.get()
