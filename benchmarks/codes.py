"""How many codes are read in photographs, how many wrongly, and how fast; against the bare libraries in the same run.

The folder holds folders of pictures, each picture `N.png` or `N.jpg` with `N.txt` (its text) or `N.bin` (its bytes).
A reading counts as read when it is exactly that text; when its charset stays undecided, when its bytes are that text in
one of its readings or in a known charset. Anything else that was read is wrong. zxing-cpp alone and pyzbar alone are
given the same grey picture and judged by their own text, without regard to characters beyond ASCII.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray
from pyzbar import pyzbar

from drivers.code_scanner.reading import grey
from kiosk.vision import codes

Image = NDArray[np.uint8]
_SUFFIXES = {".png", ".jpg", ".jpeg"}
_EMPTY = ("falsepositives", "unsupported")
_CHARSETS = ("utf-8", "gb18030", "shift_jis", "iso8859-1")
_TURNS = (None, cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_180, cv2.ROTATE_90_COUNTERCLOCKWISE)
_ROUNDS = 3


@dataclass(slots=True)
class _Score:
    pictures: int = 0
    read: int = 0
    wrong: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    times: list[float] = field(default_factory=list)

    def count(self, name: str, right: bool | None, seconds: float) -> None:  # noqa: FBT001  three values, one result
        self.pictures += 1
        self.times.append(seconds * 1e3)
        if right is None:
            self.missed.append(name)
        elif right:
            self.read += 1
        else:
            self.wrong.append(name)

    def figures(self) -> dict[str, object]:
        return {
            "pictures": self.pictures,
            "read": self.read,
            "share": round(self.read / max(self.pictures, 1), 4),
            "wrong": self.wrong,
            "missed": self.missed,
            "ms": _spread(self.times),
        }


@dataclass(frozen=True, slots=True)
class Truth:
    """What a picture's code holds."""

    text: str | None
    payload: bytes | None

    def agrees(self, reading: codes.Reading) -> bool:
        """Whether a reading is exactly this."""
        if self.payload is not None:
            return reading.code.payload == self.payload
        if self.text is None:
            return False
        if reading.text.text is not None:
            return reading.text.text == self.text
        return self.text in reading.text.readings or reading.code.payload in _encoded(self.text)

    def agrees_loosely(self, text: str) -> bool:
        """Whether a text is this in its ASCII characters."""
        own = self.text if self.text is not None else (self.payload or b"").decode("latin-1")
        return _ascii(own) == _ascii(text)


def _ascii(text: str) -> str:
    return "".join(one for one in text if one.isascii() and one.isprintable())


def _encoded(text: str) -> set[bytes]:
    found: set[bytes] = set()
    for charset in _CHARSETS:
        try:
            found.add(text.encode(charset))
        except UnicodeEncodeError:
            continue
    return found


def measure(folder: Path, none: Path | None, *, turned: bool, budget_s: float) -> dict[str, object]:
    """Read every picture in every way.

    Args:
        folder: of folders of pictures with their truth; or of pictures.
        none: pictures without a code; without it, folders `falsepositives*` and `unsupported*` of `folder`.
        turned: also by 90, 180 and 270 degrees.
        budget_s: seconds for a still.

    Raises:
        FileNotFoundError: there are no pictures with their truth.
    """
    cv2.setNumThreads(1)
    ours: dict[str, _Score] = {}
    peers = {"zxing": _Score(), "pyzbar": _Score()}
    total, ways, charsets = _Score(), Counter[str](), Counter[str]()
    extra: list[str] = []
    for group, path, truth in _with_truth(folder):
        for name, image in _turned(path, turned=turned):
            began = time.perf_counter()
            seen = codes.still(image, budget_s=budget_s)
            took = time.perf_counter() - began
            agreeing = [truth.agrees(reading) for reading in seen.readings]
            right = any(agreeing) if agreeing else None
            if right and not all(agreeing):
                extra.append(f"{group}/{name}")
            for score in (ours.setdefault(group, _Score()), total):
                score.count(f"{group}/{name}", right, took)
            ways.update(reading.way for reading in seen.readings)
            charsets.update(reading.text.charset.value for reading in seen.readings)
            _ask_peers(peers, f"{group}/{name}", image, truth)
    if not total.pictures:
        raise FileNotFoundError(f"no pictures with N.txt or N.bin beside them in {folder}")
    return {
        "all": total.figures(),
        "folders": {name: score.figures() for name, score in sorted(ours.items())},
        "beside_another_code": extra,
        "ways": dict(ways),
        "charsets": dict(charsets),
        "peers": {name: score.figures() for name, score in peers.items()},
        "none": _without_code(folder, none, budget_s),
        "live": _live(folder),
    }


def _ask_peers(peers: dict[str, _Score], name: str, image: Image, truth: Truth) -> None:
    asked: dict[str, Callable[[Image], str | None]] = {"zxing": _zxing, "pyzbar": _pyzbar}
    for peer, ask in asked.items():
        began = time.perf_counter()
        text = ask(np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8))
        took = time.perf_counter() - began
        peers[peer].count(name, None if text is None else truth.agrees_loosely(text), took)


def _zxing(picture: Image) -> str | None:
    found = zxingcpp.read_barcodes(picture, text_mode=zxingcpp.TextMode.Plain)
    return found[0].text if found else None


def _pyzbar(picture: Image) -> str | None:
    found = pyzbar.decode(picture)
    return found[0].data.decode("utf-8", "replace") if found else None


def _without_code(folder: Path, none: Path | None, budget_s: float) -> dict[str, object]:
    folders = [none] if none is not None else [one for one in sorted(folder.iterdir()) if one.name.startswith(_EMPTY)]
    times: list[float] = []
    false: list[str] = []
    for path in (path for one in folders for path in _pictures(one)):
        image = _read(path)
        began = time.perf_counter()
        seen = codes.still(image, budget_s=budget_s)
        times.append((time.perf_counter() - began) * 1e3)
        false += [f"{path.name}: {one.code.symbology} {one.code.payload!r}" for one in (*seen.readings, *seen.parts)]
    return {"pictures": len(times), "false": false, "ms": _spread(times)}


def _live(folder: Path) -> dict[str, object]:
    """A 720p frame, QR codes only: the first picture of each folder, and the bare library on the same."""
    ours: list[float] = []
    bare: list[float] = []
    formats = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    for path in {group: path for group, path, _ in _with_truth(folder)}.values():
        frame = np.asarray(cv2.resize(_read(path), (1280, 720)), np.uint8)
        for _ in range(_ROUNDS):
            began = time.perf_counter()
            codes.live(frame)
            ours.append((time.perf_counter() - began) * 1e3)
            began = time.perf_counter()
            zxingcpp.read_barcodes(frame, formats=formats)
            bare.append((time.perf_counter() - began) * 1e3)
    return {"frame": "1280x720", "ms": _spread(ours), "zxing_default_ms": _spread(bare)}


def _spread(times: list[float]) -> dict[str, float]:
    if not times:
        return {}
    worst, p95 = max(times), float(np.percentile(times, 95))
    return {"mean": round(float(np.mean(times)), 2), "p95": round(p95, 2), "worst": round(worst, 2)}


def _turned(path: Path, *, turned: bool) -> Iterator[tuple[str, Image]]:
    image = _read(path)
    for degrees, turn in zip((0, 90, 180, 270), _TURNS if turned else _TURNS[:1], strict=False):
        name = path.name if not degrees else f"{path.name}@{degrees}"
        yield name, image if turn is None else np.asarray(cv2.rotate(image, turn), np.uint8)


def _with_truth(folder: Path) -> Iterator[tuple[str, Path, Truth]]:
    inner = [one for one in sorted(folder.iterdir()) if one.is_dir() and not one.name.startswith(_EMPTY)]
    for group in inner or [folder]:
        for path in _pictures(group):
            text, raw = path.with_suffix(".txt"), path.with_suffix(".bin")
            if raw.exists():
                yield group.name, path, Truth(None, raw.read_bytes())
            elif text.exists():
                yield group.name, path, Truth(text.read_bytes().decode("utf-8"), None)


def _pictures(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in _SUFFIXES)


def _read(path: Path) -> Image:
    image = cv2.imread(str(path))
    if image is None or grey(image) is None:
        raise FileNotFoundError(f"{path} is no picture")
    return np.asarray(image, np.uint8)
