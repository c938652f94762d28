"""Writing files so that a power cut leaves either the old or the new, never half."""

import os
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Make a folder's entries durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


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
