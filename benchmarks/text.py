"""The key fields of documents: how many are exact, how long a field and a document take, against RapidOCR alone.

The folder has pictures and a `truth.json`: by stem the printed `lines` and the key fields (`ric`, `uscc`, `name`, or
any name of `fields.Key`); `corners` (of the sheet, in pixels) where the picture is a camera frame. Of each document
camera frames are made besides: seen from a slant in a picture of 5 megapixels, shaded, blurred, noisy,
compressed, and cropped by corners that are a few pixels off.

RapidOCR alone reads the whole picture; a key field counts for it when the value stands anywhere in one of its lines.
"""

import json
import random
import resource
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from statistics import mean, median
from time import perf_counter, process_time

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.clock import WallClock, local_date
from kiosk.vision.faces import Image
from kiosk.vision.text.engine import RapidText
from kiosk.vision.text.fields import DocumentKind, Key, read_document
from kiosk.vision.text.licence import FORM_CAPTION

FRAME = (2592, 1944)
NAMES = {"ric": Key.NUMBER, "uscc": Key.CODE, "name": Key.NAME}
_SIDES = {DocumentKind.ID_FRONT: (560, 1000), DocumentKind.LICENCE: (1700, 2200), DocumentKind.FORM: (1250, 1500)}
"""How wide a sheet is in a camera frame, in pixels: what a desk of A4 leaves for each."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A picture with its truth."""

    name: str
    kind: DocumentKind
    image: Image
    lines: tuple[str, ...]
    keys: Mapping[str, str]


@dataclass
class Tally:
    """What one reader did."""

    right: int = 0
    all: int = 0
    wrong: list[str] = field(default_factory=list)
    edits: int = 0
    characters: int = 0
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def figures(self) -> dict[str, object]:
        """As JSON."""
        return {
            "key_fields_exact": f"{self.right}/{self.all}",
            "share": round(self.right / self.all, 4) if self.all else None,
            "cer": round(self.edits / self.characters, 4) if self.characters else None,
            "s_per_document": round(median(self.wall), 2) if self.wall else None,
            "cpu_s_per_document": round(median(self.cpu), 2) if self.cpu else None,
            "s_worst": round(max(self.wall), 2) if self.wall else None,
            "wrong": self.wrong[:50],
        }


def measure(folder: Path, frames: int, most: int, seed: int, *, peers: bool = True) -> dict[str, object]:
    """Read everything.

    Args:
        folder: pictures and `truth.json`.
        frames: how many camera frames are made of each document.
        most: documents of each kind at most.
        seed: of the frames.
        peers: let the others read everything, too.
    """
    cv2.setNumThreads(1)
    today = local_date(WallClock().now())
    flat = list(_samples(folder, most))
    sets = {"as given": flat}
    if frames:
        sets["camera frames"] = [_framed(sample, seed, number) for sample in flat for number in range(frames)]
    engine = RapidText()
    before = _resident()
    engine.read(np.full((64, 320, 3), 255, np.uint8))
    figures: dict[str, object] = {
        "documents": len(flat),
        "mb_before_models": before,
        "mb_models_loaded": _resident(),
        "ours": {name: _ours(engine, samples, today) for name, samples in sets.items()},
    }
    figures["mb_peak_ours"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    engine.close()
    if not peers:
        return figures
    figures["bare rapidocr, whole page"] = {name: _peer(_rapidocr(), samples) for name, samples in sets.items()}
    figures["mb_peak_with_bare"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    if shutil.which("tesseract"):
        figures["tesseract chi_sim, whole page"] = {name: _peer(_tesseract, samples) for name, samples in sets.items()}
    else:
        figures["tesseract chi_sim, whole page"] = "not installed"
    return figures


def _resident() -> int:
    """What this process holds now, in MB."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() >> 20


# Ours ---------------------------------------------------------------------------------------------------------------


def _ours(engine: RapidText, samples: Sequence[Sample], today: date) -> dict[str, object]:
    tallies: dict[str, Tally] = defaultdict(Tally)
    single_wall: list[float] = []
    single_cpu: list[float] = []
    alone_right = alone = 0
    for sample in samples:
        tally = tallies[sample.kind.value]
        start, cpu = perf_counter(), process_time()
        fields = read_document(sample.image, sample.kind, engine, today)
        tally.wall.append(perf_counter() - start)
        tally.cpu.append(process_time() - cpu)
        for key, value in sample.keys.items():
            read = fields[key]
            tally.all += 1
            tally.right += read is not None and read.value == value
            if read is None or read.value != value:
                tally.wrong.append(f"{sample.name} {key}: {value} read as {read.value if read else 'nothing'}")
        _add_characters(tally, sample, [line.text for line in fields.lines])
        for key in sample.keys if len(sample.keys) <= 3 else ():
            start, cpu = perf_counter(), process_time()
            read = read_document(sample.image, sample.kind, engine, today, {key})[key]
            single_wall.append(perf_counter() - start)
            single_cpu.append(process_time() - cpu)
            alone += 1
            alone_right += read is not None and read.value == sample.keys[key]
    figures: dict[str, object] = {name: tally.figures() for name, tally in tallies.items()}
    figures["all key fields"] = (
        f"{sum(one.right for one in tallies.values())}/{sum(one.all for one in tallies.values())}"
    )
    if single_wall:
        figures["one field alone"] = {
            "exact": f"{alone_right}/{alone}",
            "s_median": round(median(single_wall), 2),
            "s_worst": round(max(single_wall), 2),
            "cpu_s_mean": round(mean(single_cpu), 2),
        }
    return figures


# The others ---------------------------------------------------------------------------------------------------------


def _peer(read: Callable[[Image], list[str]], samples: Sequence[Sample]) -> dict[str, object]:
    tallies: dict[str, Tally] = defaultdict(Tally)
    for sample in samples:
        tally = tallies[sample.kind.value]
        start, cpu = perf_counter(), process_time()
        texts = ["".join(text.split()) for text in read(sample.image)]
        tally.wall.append(perf_counter() - start)
        tally.cpu.append(process_time() - cpu)
        for key, value in sample.keys.items():
            tally.all += 1
            right = any(value in text for text in texts)
            tally.right += right
            if not right:
                tally.wrong.append(f"{sample.name} {key}: {value}")
        _add_characters(tally, sample, texts)
    figures: dict[str, object] = {name: tally.figures() for name, tally in tallies.items()}
    figures["all key fields"] = (
        f"{sum(one.right for one in tallies.values())}/{sum(one.all for one in tallies.values())}"
    )
    return figures


def _rapidocr() -> Callable[[Image], list[str]]:
    from rapidocr import RapidOCR  # noqa: PLC0415  only where it is compared with

    ocr = RapidOCR(params={"Global.log_level": "critical"})
    return lambda image: list(getattr(ocr(image), "txts", None) or ())


def _tesseract(image: Image) -> list[str]:
    _, png = cv2.imencode(".png", image)
    command = ["tesseract", "stdin", "stdout", "-l", "chi_sim", "--psm", "3"]  # the one on the path is meant
    done = subprocess.run(command, input=png.tobytes(), capture_output=True, check=False, timeout=120)
    return done.stdout.decode("utf-8", "replace").splitlines()


# Truth --------------------------------------------------------------------------------------------------------------


def _samples(folder: Path, most: int) -> Iterator[Sample]:
    truth = json.loads((folder / "truth.json").read_text("utf-8"))
    entries = truth.items() if isinstance(truth, dict) else ((one.get("file", ""), one) for one in truth)
    taken: dict[DocumentKind, int] = defaultdict(int)
    for name, entry in entries:
        path = next((one for one in sorted(folder.glob(f"{Path(name).stem}.*")) if one.suffix != ".json"), None)
        image = cv2.imread(str(path), cv2.IMREAD_COLOR) if path else None
        if image is None:
            continue
        lines = tuple("".join(str(line).split()) for line in entry.get("lines", ()))
        kind = _kind(entry, lines)
        if taken[kind] >= most:
            continue
        taken[kind] += 1
        keys = {NAMES.get(key, key): str(entry[key]) for key in entry if key in NAMES or key in set(Key)}
        if kind is DocumentKind.FORM:
            keys |= {match[1]: match[2] for line in lines if (match := FORM_CAPTION.match(line))}
        picture = np.asarray(image, np.uint8)
        if "corners" in entry:
            picture = _cropped(picture, np.asarray(entry["corners"], np.float64))
        yield Sample(str(name), kind, picture, tuple(line for line in lines if line), keys)


def _kind(entry: Mapping[str, object], lines: Sequence[str]) -> DocumentKind:
    if "uscc" in entry or Key.CODE in entry:
        return DocumentKind.LICENCE
    if "ric" in entry or Key.NUMBER in entry:
        return DocumentKind.ID_FRONT
    return DocumentKind.ID_BACK if any("签发机关" in line for line in lines) else DocumentKind.FORM


def _add_characters(tally: Tally, sample: Sample, texts: Sequence[str]) -> None:
    text = "".join("".join(one.split()) for one in texts)
    for line in sample.lines:
        tally.edits += edits_within(line, text)
        tally.characters += len(line)


def edits_within(line: str, text: str) -> int:
    """The fewest edits that turn a line into some part of a text (Sellers, 1980)."""
    codes = np.array([ord(one) for one in text], np.int64)
    row = np.zeros(len(codes) + 1, np.int64)
    steps = np.arange(len(codes) + 1)
    for number, character in enumerate(line, 1):
        best = np.minimum(row[1:] + 1, row[:-1] + (codes != ord(character)))
        best = np.concatenate([[number], best])
        row = np.minimum.accumulate(best - steps) + steps
    return int(row.min())


# Camera frames ------------------------------------------------------------------------------------------------------


def _framed(sample: Sample, seed: int, number: int) -> Sample:
    """The sheet as a document camera saw it, cropped by corners that are up to 4 pixels off."""
    rng = random.Random(f"{seed} {sample.name} {number}")
    height, width = sample.image.shape[:2]
    wide = rng.uniform(*_SIDES.get(sample.kind, (560, 1000)))
    high = wide * height / width
    if high > 0.9 * FRAME[1]:
        wide, high = wide * 0.9 * FRAME[1] / high, 0.9 * FRAME[1]
    left, top = rng.uniform(20, FRAME[0] - wide - 20), rng.uniform(20, FRAME[1] - high - 20)
    corners = np.array([[left, top], [left + wide, top], [left + wide, top + high], [left, top + high]])
    slant = 0.03 * min(wide, high)
    corners += np.array([[rng.uniform(-slant, slant) for _ in range(2)] for _ in range(4)])
    angle = np.radians(rng.uniform(-8, 8))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    corners = (corners - corners.mean(axis=0)) @ turn.T + corners.mean(axis=0)
    sheet = _sheet(sample.image, wide)
    source = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32) * np.array(sheet.shape[1::-1], np.float32)
    matrix = cv2.getPerspectiveTransform(source, corners.astype(np.float32))
    frame = np.full((FRAME[1], FRAME[0], 3), (62, 60, 58), np.uint8)
    cv2.warpPerspective(sheet, matrix, FRAME, dst=frame, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_TRANSPARENT)
    light = np.linspace(rng.uniform(0.65, 1.0), rng.uniform(0.8, 1.05), FRAME[0])[None, :, None]
    soft = cv2.GaussianBlur(frame, (0, 0), rng.uniform(0.5, 1.1))
    noise = np.random.default_rng(rng.randrange(1 << 30)).normal(0, rng.uniform(2, 6), soft.shape)
    seen = np.clip(soft * light + noise, 0, 255).astype(np.uint8)
    _, jpeg = cv2.imencode(".jpg", seen, [cv2.IMWRITE_JPEG_QUALITY, rng.randrange(70, 92)])
    decoded = cv2.imdecode(jpeg, cv2.IMREAD_COLOR)
    if decoded is None:
        raise ValueError("OpenCV cannot read its own JPEG")
    off = np.array([[rng.uniform(-4, 4) for _ in range(2)] for _ in range(4)])
    picture = _cropped(np.asarray(decoded, np.uint8), corners + off)
    return Sample(f"{sample.name} frame {number}", sample.kind, picture, sample.lines, sample.keys)


def _sheet(image: Image, wide: float) -> Image:
    """Reduced first, as a lens would, so that warping makes no moiré."""
    scale = min(1.0, 1.5 * wide / image.shape[1])
    return np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def _cropped(image: Image, corners: NDArray[np.float64]) -> Image:
    across = (np.hypot(*(corners[1] - corners[0])) + np.hypot(*(corners[2] - corners[3]))) / 2
    down = (np.hypot(*(corners[3] - corners[0])) + np.hypot(*(corners[2] - corners[1]))) / 2
    size = (max(8, round(float(across))), max(8, round(float(down))))
    target = np.array([[0, 0], [size[0], 0], [size[0], size[1]], [0, size[1]]], np.float32)
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), target)
    return np.asarray(cv2.warpPerspective(image, matrix, size, flags=cv2.INTER_CUBIC), np.uint8)
