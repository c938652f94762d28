"""Out of service until a technician says otherwise: outlives the program and the power."""

from pathlib import Path
from typing import Final

from provisioning.site_text import write_whole
from provisioning.talk import CannotDo, Exit

FILE: Final = "out-of-service"


def is_held(folder: Path) -> bool:
    """Whether the role whose folder this is has been taken out of service."""
    return (folder / FILE).exists()


def hold(folder: Path, by: str) -> None:
    """Take it out of service.

    Raises:
        CannotDo: it cannot be written down.
    """
    write_whole(folder / FILE, by.encode(), 0o600)


def release(folder: Path) -> None:
    """Let it serve again.

    Raises:
        CannotDo: it cannot be written down.
    """
    try:
        (folder / FILE).unlink(missing_ok=True)
    except OSError as error:
        raise CannotDo(Exit.NOT_NOW, f"{folder / FILE} cannot be removed: {error.strerror}") from error
