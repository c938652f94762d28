"""Sealed pages on disk, for minutes: named by the SHA-256 of what is in them, which only the desk can open."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from hub.files import sync_folder, write_durably


class PhoneFiles:
    """The folder of pages.

    Args:
        folder: Is made when it is missing.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def keep(self, sealed: bytes) -> str:
        """Store a sealed page durably; returns its name."""
        name = hashlib.sha256(sealed).hexdigest()
        write_durably(self._folder / name, sealed)
        return name

    def open(self, name: str) -> bytes:
        """A sealed page.

        Raises:
            FileNotFoundError: It is gone.
        """
        return (self._folder / name).read_bytes()

    def delete(self, names: Iterable[str]) -> None:
        """Delete pages; what is gone already is no error."""
        for name in names:
            (self._folder / name).unlink(missing_ok=True)
        sync_folder(self._folder)

    def keep_only(self, known: set[str]) -> int:
        """Delete what no ticket names: it came when the hub was interrupted. Returns how many."""
        strangers = [file for file in self._folder.iterdir() if file.name not in known]
        for file in strangers:
            file.unlink(missing_ok=True)
        return len(strangers)
