"""Files: written so that a power cut leaves either the old or the new, never half, and read again when they change."""

import os
from pathlib import Path

from anyio.to_thread import run_sync

from kiosk.wire.identity import sync_folder

__all__ = ("WatchedFile", "sync_folder", "write_durably")


class WatchedFile:
    """A file that somebody may edit while the hub serves.

    Args:
        path: Which; it need not be there.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read_as: tuple[int, int] | None = None

    async def changed(self) -> bool:
        """Whether it is another than when this was asked last; true the first time, also where there is none."""
        try:
            stat = await run_sync(self.path.stat)
            read_as = (stat.st_mtime_ns, stat.st_size)
        except OSError:
            read_as = (0, 0)
        if read_as == self._read_as:
            return False
        self._read_as = read_as
        return True


def write_durably(file: Path, content: bytes, mode: int = 0o600) -> None:
    """Write a file: temporary, fsync, rename, fsync of the folder.

    Args:
        file: Where to. What was there is replaced at once.
        content: All of it.
        mode: Permissions, from the first moment.
    """
    temporary = file.with_name(f".{file.name}.{os.getpid()}.new")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(file)
    sync_folder(file.parent)
