"""The folder that releases live in, changed in steps of which each leaves something that can be started.

HOME/releases/0.2.0/     a release, unpacked and never changed
HOME/current, previous   links into it
HOME/boot                link to the copy of this program, in HOME/boots/
HOME/state/              trial.json, part-*.json, refused/*.json
HOME/downloads, metadata what the updater keeps
"""

import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

VERSION = re.compile(r"(0|[1-9][0-9]{0,5})\.(0|[1-9][0-9]{0,5})\.(0|[1-9][0-9]{0,5})")
"""Names of releases: three numbers, compared as numbers."""


def number_of(version: str) -> tuple[int, int, int]:
    """A version as numbers; (0, 0, 0) for what is none."""
    found = VERSION.fullmatch(version)
    return (int(found[1]), int(found[2]), int(found[3])) if found else (0, 0, 0)


def sync_folder(folder: Path) -> None:
    """Make a folder's entries durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_tree(folder: Path) -> None:
    """Make every file and folder below durable."""
    for place, _, names in os.walk(folder):
        for name in names:
            file = Path(place, name)
            if not file.is_symlink():
                handle = os.open(file, os.O_RDONLY)
                try:
                    os.fsync(handle)
                finally:
                    os.close(handle)
        sync_folder(Path(place))


class Home:
    """The folder that releases live in.

    Args:
        path: the folder; made when it is missing.
        after: told the name of each step when it is durable. Tests cut the power there.
    """

    def __init__(self, path: Path, after: Callable[[str], None] = lambda _step: None) -> None:
        self.path = path
        self._after = after
        self.releases = path / "releases"
        self.state = path / "state"
        self.refused_folder = self.state / "refused"
        self.downloads = path / "downloads"
        self.metadata = path / "metadata"
        self.current = path / "current"
        self.previous = path / "previous"
        for folder in (self.releases, self.refused_folder, self.downloads, self.metadata):
            folder.mkdir(mode=0o755, parents=True, exist_ok=True)

    def step(self, name: str) -> None:
        """Say that a step is durable."""
        self._after(name)

    # ------------------------------------------------------------------------------------------------ what is there

    def version_at(self, link: Path) -> str:
        """The release a link points to; empty where it points to none that is there."""
        try:
            version = link.readlink().name
        except OSError:
            return ""
        return version if VERSION.fullmatch(version) and (self.releases / version).is_dir() else ""

    def running(self) -> str:
        """The release that `current` points to."""
        return self.version_at(self.current)

    def installed(self) -> list[str]:
        """Every release that is unpacked whole, the newest first."""
        found = [one.name for one in self.releases.iterdir() if VERSION.fullmatch(one.name) and one.is_dir()]
        return sorted(found, key=number_of, reverse=True)

    def read(self, file: Path) -> "dict[str, object]":
        """A small JSON file of ours; empty where there is none, or where it is none of ours."""
        try:
            read = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return read if isinstance(read, dict) else {}

    def refused(self) -> "dict[str, dict[str, object]]":
        """Why releases were taken back or not installed, by version."""
        return {file.stem: self.read(file) for file in sorted(self.refused_folder.glob("*.json"))}

    # ------------------------------------------------------------------------------------------------------- changes

    def write(self, file: Path, content: "dict[str, object]") -> None:
        """Write a small JSON file: whole, or not at all."""
        temporary = file.with_name(f".{file.name}.{os.getpid()}.new")
        with temporary.open("w", encoding="utf-8") as stream:
            json.dump(content, stream, ensure_ascii=False)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(file)
        sync_folder(file.parent)
        self.step(f"wrote {file.name}")

    def remove(self, file: Path) -> None:
        """Remove a file."""
        file.unlink(missing_ok=True)
        sync_folder(file.parent)
        self.step(f"removed {file.name}")

    def link(self, link: Path, target: str) -> None:
        """Point a link elsewhere: at no moment is there none."""
        temporary = link.with_name(f".{link.name}.{os.getpid()}.new")
        temporary.unlink(missing_ok=True)
        temporary.symlink_to(target)
        temporary.replace(link)
        sync_folder(link.parent)
        self.step(f"linked {link.name} to {target}")

    def place(self, unpacked: Path, version: str) -> None:
        """Give a release that was unpacked its name, after all of it is durable."""
        sync_tree(unpacked)
        self.step("unpacked")
        unpacked.replace(self.releases / version)
        sync_folder(self.releases)
        self.step(f"placed {version}")

    def forget(self, keep: "set[str]") -> None:
        """Remove releases that are not needed any more, and what was unpacked in part."""
        for folder in self.releases.iterdir():
            if folder.name not in keep:
                doomed = folder.with_name(f".{folder.name.lstrip('.')}.old")
                if folder != doomed:
                    shutil.rmtree(doomed, ignore_errors=True)
                    folder.replace(doomed)
                shutil.rmtree(doomed, ignore_errors=True)
        sync_folder(self.releases)
        self.step("forgot old releases")
