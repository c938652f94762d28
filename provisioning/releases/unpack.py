"""Unpacking a release's tarball, judged here: Debian 12's Python 3.11.2 has no filters for tarballs yet."""

import tarfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

HAS_FILTERS: Final = hasattr(tarfile, "data_filter")
"""Since Python 3.11.4."""
_MODES: Final = 0o755
"""No file of a release is anybody's to change, and none runs as somebody else."""


def _steps(name: str) -> tuple[str, ...]:
    """The parts of a path within the folder.

    Raises:
        tarfile.TarError: it leads out of it.
    """
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\0" in name:
        raise tarfile.TarError(f"{name!r} leads out of its folder")
    return path.parts


def _linked(member: tarfile.TarInfo) -> None:
    """See that a link stays within the folder.

    Raises:
        tarfile.TarError: it leads out of it.
    """
    target = PurePosixPath(member.linkname)
    depth = len(_steps(member.name)) - 1
    if target.is_absolute():
        raise tarfile.TarError(f"{member.name!r} is a link to {member.linkname!r}")
    for part in target.parts:
        depth += -1 if part == ".." else 1
        if depth < 0:
            raise tarfile.TarError(f"{member.name!r} is a link out of its folder")


def _judged(archive: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    links: set[tuple[str, ...]] = set()
    for member in archive:
        parts = _steps(member.name)
        if any(parts[:end] in links for end in range(1, len(parts) + 1)):
            raise tarfile.TarError(f"{member.name!r} goes through a link")
        if member.issym():
            _linked(member)
            links.add(parts)
        elif not (member.isfile() or member.isdir()):
            raise tarfile.TarError(f"{member.name!r} is neither file, folder nor link")
        member.uid = member.gid = 0
        member.uname = member.gname = ""
        member.mode = member.mode & _MODES | (0o700 if member.isdir() else 0o600)
        yield member


def unpack(archive: tarfile.TarFile, folder: Path) -> None:
    """Unpack into a folder.

    Args:
        archive: opened for reading.
        folder: that is there, and empty.

    Raises:
        tarfile.TarError: something in it leads out of the folder, or is no file, folder or link.
    """
    if HAS_FILTERS:  # later ones warn where none is given; it judges once more
        archive.extractall(folder, _judged(archive), filter=tarfile.data_filter)  # noqa: S202  the same as below
    else:
        archive.extractall(folder, _judged(archive))  # noqa: S202  each was judged
