"""Making a release: our packages and every package they need, in one file that runs wherever it is unpacked.

The same sources and packages make the same bytes: files in order, dates of the sources, no owner, byte code compiled
with a fixed hash seed and without paths of this machine.
"""

import gzip
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tomllib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Final

import msgspec
from packaging.requirements import Requirement

from kiosk.wire.release import target_of
from provisioning.releases.boot.disk import VERSION
from provisioning.releases.repository import Manifest
from provisioning.releases.sbom import canonical, sbom
from provisioning.releases.update import link_python
from provisioning.talk import CannotDo, Exit, Say

PACKAGES: Final = ("kiosk", "drivers", "ui", "provisioning", "hub")
_LEFT_OUT: Final = frozenset({"RECORD", "INSTALLER", "REQUESTED", "direct_url.json"})
"""Files of an installed package that say how it came here."""
_COMPILE: Final = """\
import compileall, py_compile, sys
compileall.compile_dir(sys.argv[1], quiet=2, force=True, stripdir=sys.argv[1], workers=1,
    invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
"""


class Built(msgspec.Struct, frozen=True, kw_only=True):
    """A release that was made."""

    file: str
    sbom: str
    manifest: Manifest
    packages: int
    bytes: int


def source_date(checkout: Path) -> datetime:
    """The date of the sources: `SOURCE_DATE_EPOCH`, or of the newest commit.

    Raises:
        CannotDo: neither is there.
    """
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not given:
        git = shutil.which("git")
        command = [git or "git", "-C", str(checkout), "log", "-1", "--format=%ct"]
        said = subprocess.run(command, capture_output=True, text=True, check=False) if git else None  # noqa: S603  fixed
        given = said.stdout.strip() if said is not None else ""
    if not given.isdecimal():
        raise CannotDo(Exit.NOT_NOW, "the date of the sources is not known: set SOURCE_DATE_EPOCH")
    return datetime.fromtimestamp(int(given), UTC)


def needed(requirements: Iterable[str]) -> list[Distribution]:
    """The installed packages that requirements ask for, and all that those ask for, by name.

    Raises:
        CannotDo: one is not installed.
    """
    found: dict[str, Distribution] = {}
    extras: dict[str, set[str]] = {}
    todo = [Requirement(one) for one in requirements]
    while todo:
        wanted = todo.pop()
        name = canonical(wanted.name)
        if name in found and wanted.extras <= extras[name]:
            continue
        try:
            here = distribution(wanted.name)
        except PackageNotFoundError as error:
            if name in _NEVER:
                continue
            raise CannotDo(Exit.NOT_NOW, f"{wanted.name} is not installed: make setup") from error
        found[name] = here
        extras[name] = extras.get(name, set()) | wanted.extras
        for line in here.requires or ():
            asked = Requirement(line)
            environments = [{"extra": extra} for extra in ("", *extras[name])]
            if asked.marker is None or any(asked.marker.evaluate(one) for one in environments):
                todo.append(asked)
    return [found[name] for name in sorted(found)]


_NEVER: Final = frozenset({"dlib", "face-recognition-models", "opencv-python", "setuptools", "wheel"})
"""Asked for by packages that the lock gives another package in the place of (see overrides.txt)."""


def _files(package: Distribution) -> Iterator[tuple[Path, Path]]:
    """Files of an installed package: where it is, and where it belongs below `site-packages`."""
    for one in package.files or ():
        if ".." in one.parts or one.suffix == ".pyc" or one.name in _LEFT_OUT:
            continue
        place = Path(str(package.locate_file(one)))
        if place.is_file():
            yield place, Path(*one.parts)


def _sources(checkout: Path) -> Iterator[tuple[Path, Path]]:
    for package in PACKAGES:
        for file in sorted((checkout / package).rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts and file.suffix != ".pyc":
                yield file, file.relative_to(checkout)


def pack(tree: Path, out: Path, made: datetime) -> int:
    """Pack a folder so that the same files make the same bytes; returns how many bytes they are unpacked."""
    size = 0
    stamp = int(made.timestamp())
    part = out.with_name(f".{out.name}.part")
    with (
        part.open("wb") as raw,
        gzip.GzipFile("", "wb", 6, raw, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for file in sorted(tree.rglob("*"), key=lambda one: one.relative_to(tree).as_posix()):
            entry = archive.gettarinfo(file, file.relative_to(tree).as_posix())
            entry.uid = entry.gid = 0
            entry.uname = entry.gname = ""
            entry.mtime = stamp
            entry.mode = 0o755 if entry.isdir() or entry.mode & 0o100 else 0o644
            if entry.isfile():
                size += entry.size
                with file.open("rb") as stream:
                    archive.addfile(entry, stream)
            else:
                archive.addfile(entry)
    part.replace(out)
    return size


def finish(tree: Path, out: Path, manifest: Manifest) -> Manifest:
    """Compile a tree, put its manifest in, and pack it.

    Args:
        tree: has `lib/python…/site-packages`.
        out: the file.
        manifest: without its size.

    Returns:
        The manifest, with the size.
    """
    site = next((tree / "lib").glob("python3*/site-packages"))
    environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": ""}
    subprocess.run([sys.executable, "-s", "-c", _COMPILE, str(site)], check=True, env=environment)  # noqa: S603  ours
    (tree / "release.json").write_bytes(msgspec.json.encode(manifest))
    size = pack(tree, out, manifest.made)
    return msgspec.structs.replace(manifest, unpacked=size)


def build(checkout: Path, out: Path, version: str, say: Say) -> Built:
    """Make a release from a checkout and the packages that are installed beside it.

    Args:
        checkout: has `pyproject.toml`.
        out: folder for the release and its list of parts.
        version: three numbers; as `pyproject.toml` says where it is empty.
        say: told each step.

    Raises:
        CannotDo: a package is missing, or the version is none.
    """
    try:
        project = tomllib.loads((checkout / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    except (OSError, KeyError, tomllib.TOMLDecodeError) as error:
        raise CannotDo(Exit.BAD_INPUT, f"{checkout} is no checkout: {error}") from error
    version = version or str(project["version"])
    if not VERSION.fullmatch(version):
        raise CannotDo(Exit.BAD_INPUT, f"{version!r} is no version: three numbers, e.g. 0.2.0")
    made = source_date(checkout)
    packages = needed(project["dependencies"])
    out.mkdir(parents=True, exist_ok=True)
    tree = out / f".{version}.tree"
    shutil.rmtree(tree, ignore_errors=True)
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    site = tree / f"lib/python{python}/site-packages"
    say(f"gathering {len(packages)} packages")
    for package in packages:
        _copy(_files(package), site)
    _copy(_sources(checkout), site)
    listed = sbom(version, made, packages, checkout / "package-lock.json")
    (tree / "sbom.cdx.json").write_bytes(listed)
    schema = len(list((checkout / "kiosk/store/schema").glob("*.sql")))
    manifest = Manifest(version=version, made=made, python=python, machine=platform.machine(), schema=schema)
    try_imports(tree, ("kiosk.run", "kiosk.proof", "provisioning.__main__", "hub.serve"))
    say("compiling and packing: a minute or two")
    file = out / target_of(version)
    manifest = finish(tree, file, manifest)
    shutil.rmtree(tree)
    (out / f"kiosk-{version}.sbom.json").write_bytes(listed)
    (out / f"kiosk-{version}.json").write_bytes(msgspec.json.encode(manifest))
    return Built(
        file=str(file),
        sbom=str(out / f"kiosk-{version}.sbom.json"),
        manifest=manifest,
        packages=len(packages),
        bytes=file.stat().st_size,
    )


def try_imports(tree: Path, modules: tuple[str, ...]) -> None:
    """Import modules with nothing but what is in a tree: a package that was forgotten is found here, not in a hall.

    Raises:
        CannotDo: one cannot be imported; says which package is missing.
    """
    link_python(tree)
    command = [str(tree / "bin/python"), "-P", "-B", "-c", f"import {', '.join(modules)}"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    tried = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)  # noqa: S603  ours
    shutil.rmtree(tree / "bin")
    (tree / "pyvenv.cfg").unlink()
    if tried.returncode:
        last = (tried.stderr.strip().splitlines() or ["it does not say why"])[-1]
        raise CannotDo(Exit.NOT_NOW, f"the release would not start: {last}; add it to pyproject.toml's dependencies")


def _copy(files: Iterable[tuple[Path, Path]], site: Path) -> None:
    for source, place in files:
        target = site / place
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        if source.stat().st_mode & 0o100:
            target.chmod(0o755)
