"""How many machine readable zones are read, against RapidOCR on the whole picture with the same parser.

With a folder its pictures are read; truth is optional: `truth.json` (file or stem → lines), `truth.tsv` (file,
lines) or a `.txt` beside a picture. Without truth a zone counts when every check digit is right.
Without a folder specimens of invented people are drawn, 300 to 600 pixels wide, skewed, blurred,
noisy, some upside down.
"""

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from statistics import mean
from time import perf_counter, process_time

import cv2
import numpy as np

from benchmarks.specimens import Degradation, draw, font_name, zone
from kiosk.clock import WallClock, local_date
from kiosk.vision.faces import Image
from kiosk.vision.mrz import MrzKind, MrzResult, MrzStatus, parse
from kiosk.vision.text.engine import RapidText
from kiosk.vision.text.travel import read_mrz

PICTURES = {".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp", ".gif"}
_WIDTHS = (300, 350, 400, 450, 500, 600)
_KINDS = (MrzKind.TD3, MrzKind.TD1, MrzKind.TD2, MrzKind.MRV_A, MrzKind.MRV_B)
Sample = tuple[str, Image | None, list[str] | None]


def measure(folder: Path | None, count: int, seed: int, *, bare: bool, font: str | None = None) -> dict[str, object]:
    """Read them all.

    Args:
        folder: pictures, or None for specimens.
        count: how many specimens.
        bare: whether RapidOCR alone reads them as well.
        font: of the specimens: a file; by default the first of `specimens.FONTS`.
    """
    cv2.setNumThreads(1)
    today = local_date(WallClock().now())
    engine = RapidText()
    engine.read(np.full((64, 320, 3), 255, np.uint8))  # loads the networks
    typeface = font or font_name()
    samples = list(_from(folder) if folder else _specimens(count, seed, typeface))
    source = folder.name if folder else f"specimens in {Path(typeface or '').name}"
    figures: dict[str, object] = {"source": source}
    figures["ours"] = _figures(samples, lambda image: read_mrz(engine, image, today))
    if bare:
        figures["bare rapidocr"] = _figures(samples, _bare(today))
    return figures


def _figures(samples: Sequence[Sample], read: Callable[[Image], MrzResult]) -> dict[str, object]:
    outcomes: Counter[str] = Counter()
    wall, cpu = [], []
    wrong, missed = [], []
    same = known = characters = flagged = 0
    for name, image, truth in samples:
        if image is None:
            outcomes["unreadable_file"] += 1
            continue
        start, cpu_start = perf_counter(), process_time()
        result = read(image)
        wall.append(perf_counter() - start)
        cpu.append(process_time() - cpu_start)
        outcomes[result.status.value] += 1
        if result.status is not MrzStatus.VALID:
            missed.append(name)
        if truth is not None:
            known += 1
            right = list(result.lines) == truth
            same += right
            characters += sum(a == b for a, b in zip("".join(result.lines), "".join(truth), strict=False))
            if result.status is MrzStatus.VALID and not right:
                if result.repaired or result.doubtful:
                    flagged += 1
                else:
                    wrong.append(name)
    figures: dict[str, object] = {
        "pictures": len(samples),
        "all_check_digits_right": outcomes[MrzStatus.VALID.value],
        "share": round(outcomes[MrzStatus.VALID.value] / max(len(samples), 1), 4),
        "outcomes": dict(outcomes),
        "s_mean": round(mean(wall), 2) if wall else None,
        "s_worst": round(max(wall), 2) if wall else None,
        "cpu_s_mean": round(mean(cpu), 2) if cpu else None,
        "not_valid": missed[:100],
    }
    if known:
        total = sum(len("".join(truth)) for _, image, truth in samples if truth is not None and image is not None)
        figures["with_truth"] = {
            "zones": known,
            "every_character_right": same,
            "characters_right": round(characters / max(total, 1), 4),
            "valid_but_other_text_and_said_so": flagged,
            "valid_but_other_text_unsaid": wrong,
        }
    return figures


def _bare(today: date) -> Callable[[Image], MrzResult]:
    """RapidOCR as it comes, over the whole picture; its lines go to the same parser, two and three at a time."""
    from rapidocr import RapidOCR  # noqa: PLC0415  only where it is compared with

    ocr = RapidOCR(params={"Global.log_level": "critical"})

    def read(image: Image) -> MrzResult:
        texts = [text for text in (getattr(ocr(image), "txts", None) or ()) if len("".join(text.split())) >= 18]
        best = MrzResult(MrzStatus.NOT_MRZ)
        for size in (3, 2):
            for start in range(len(texts) - size + 1):
                result = parse(texts[start : start + size], today)
                if result.status is MrzStatus.VALID:
                    return result
                best = result if result.kind is not None else best
        return best

    return read


def _specimens(count: int, seed: int, font: str | None) -> Iterator[Sample]:
    if font is None:
        raise FileNotFoundError("none of the fonts for specimens is on this machine")
    for number in range(count):
        rng = random.Random(seed * 100_003 + number)
        lines, width = zone(rng, _KINDS[number % len(_KINDS)]), _WIDTHS[number % len(_WIDTHS)]
        how = Degradation(
            width,
            rng.uniform(-5, 5),
            rng.uniform(0.2, 0.7) * width / 500,
            rng.uniform(2, 7),
            rng.randrange(50, 92),
            2 if number % 7 == 3 else 0,
        )
        yield f"{number:03}_{width}", draw(lines, font, number, how), lines


def _from(folder: Path) -> Iterator[Sample]:
    truth = _truth(folder)
    for path in sorted(one for one in folder.rglob("*") if one.suffix.lower() in PICTURES):
        beside = path.with_suffix(".txt")
        lines = truth.get(path.name) or truth.get(path.stem)
        if lines is None and beside.is_file():
            lines = beside.read_text("utf-8").split()
        image = cv2.imread(str(path), cv2.IMREAD_COLOR)
        yield str(path.relative_to(folder)), None if image is None else np.asarray(image, np.uint8), lines


def _truth(folder: Path) -> dict[str, list[str]]:
    result: dict[str, list[str]] = {}
    if (path := folder / "truth.json").is_file():
        for name, value in json.loads(path.read_text("utf-8")).items():
            lines = value.get("mrz") or value.get("lines") if isinstance(value, dict) else value
            if isinstance(lines, str):
                lines = lines.split()
            if isinstance(lines, list):
                result[str(name)] = [str(line) for line in lines]
    if (path := folder / "truth.tsv").is_file():
        for row in path.read_text("utf-8").splitlines():
            name, *lines = row.split("\t")
            result[name] = [line for line in lines if line]
    return result
