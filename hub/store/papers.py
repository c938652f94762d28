"""Papers on disk: sealed, named by their SHA-256, durable before anybody is told so.

A paper grows in `arriving/<terminal>.<sha256>` chunk by chunk, is checked against its name, synced and moved to
`<aa>/<sha256>`. A crash leaves a part that the terminal goes on with, or that fails the check and is begun again.
"""

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from hub.files import sync_folder
from kiosk.wire.events import MAX_PAPER_BYTES


class WrongOffset(Exception):
    """The chunk does not continue what is there.

    Attributes:
        received: How many bytes are.
    """

    def __init__(self, received: int) -> None:
        super().__init__(f"the next byte to send is number {received}")
        self.received = received


class WrongDigest(Exception):
    """The whole is not what its name says. It was deleted."""


class TooLarge(Exception):
    """More than a paper may have."""


@dataclass(frozen=True)
class Arrived:
    """How much of a paper is here."""

    received: int
    complete: bool


class Papers:
    """The folder of papers.

    Args:
        folder: Is made when it is missing.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._arriving = folder / "arriving"
        self._arriving.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = Lock()
        self._busy: dict[str, Lock] = {}

    def _whole(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256

    def _part(self, owner: str, sha256: str) -> Path:
        return self._arriving / f"{hashlib.sha256(owner.encode()).hexdigest()[:16]}.{sha256}"

    def size(self, sha256: str) -> int | None:
        """How many bytes a complete paper has; None when it is not all here."""
        try:
            return self._whole(sha256).stat().st_size
        except FileNotFoundError:
            return None

    def look_up(self, names: Iterable[str]) -> None:
        """Make ready what `known_size` will be asked; where that takes other machines it happens here."""

    def known_size(self, sha256: str) -> int | None:
        """As `size`, without waiting for another machine: asked while everybody waits for the writer."""
        return self.size(sha256)

    def open(self, sha256: str) -> bytes:
        """The sealed bytes of a complete paper.

        Raises:
            FileNotFoundError: It is not all here.
        """
        return self._whole(sha256).read_bytes()

    def forget(self, names: Iterable[str]) -> None:
        """Delete complete files that nobody names any more; what is gone already is no error."""
        for name in names:
            whole = self._whole(name)
            whole.unlink(missing_ok=True)
            if whole.parent.exists():
                sync_folder(whole.parent)

    def arrived(self, owner: str, sha256: str) -> Arrived:
        """How much of a paper one terminal has sent."""
        size = self.size(sha256)
        if size is not None:
            return Arrived(size, complete=True)
        try:
            return Arrived(self._part(owner, sha256).stat().st_size, complete=False)
        except FileNotFoundError:
            return Arrived(0, complete=False)

    def add(self, owner: str, sha256: str, offset: int, total: int, chunk: bytes) -> Arrived:
        """Add a chunk; at the last one, check and keep the whole.

        Args:
            owner: The terminal that sends it.
            sha256: The paper's name: digest of all its (sealed) bytes.
            offset: Where the chunk begins.
            total: Bytes of the whole.
            chunk: At least one byte.

        Returns:
            How much is here now; durable if complete.

        Raises:
            WrongOffset: Something else is expected next.
            WrongDigest: All is here and it is not what its name says; begin again.
            TooLarge: The whole, or this chunk, exceeds the total or the limit.
        """
        if total > MAX_PAPER_BYTES or offset + len(chunk) > total:
            raise TooLarge(f"a paper has at most {MAX_PAPER_BYTES} bytes, and no chunk goes beyond its end")
        part = self._part(owner, sha256)
        with self._lock:
            busy = self._busy.setdefault(part.name, Lock())
        with busy:
            arrived = self.arrived(owner, sha256)
            if arrived.complete:
                return arrived
            if arrived.received >= total:
                # All of it came, and then the hub was killed: what is here is whole, or has to come again.
                self._keep(part, sha256)
                return Arrived(total, complete=True)
            if offset != arrived.received:
                raise WrongOffset(arrived.received)
            with part.open("ab") as stream:
                stream.write(chunk)
                stream.flush()
            if offset + len(chunk) < total:
                return Arrived(offset + len(chunk), complete=False)
            self._keep(part, sha256)
            with self._lock:
                self._busy.pop(part.name, None)
            return Arrived(total, complete=True)

    def _keep(self, part: Path, sha256: str) -> None:
        with part.open("r+b") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
            os.fsync(stream.fileno())  # also what came before a restart
        if digest != sha256:
            part.unlink()
            raise WrongDigest("what arrived is not what its name says; it was deleted, send it again")
        whole = self._whole(sha256)
        if not whole.parent.exists():
            whole.parent.mkdir(mode=0o700, exist_ok=True)
            sync_folder(self._folder)
        part.replace(whole)
        sync_folder(whole.parent)
        sync_folder(self._arriving)
