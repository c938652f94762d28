"""Pages after finding: the right way up, flat, small, searchable; judged by the truth and by other readers.

Every page is spoilt in a known way first (turned, tilted, unevenly lit, blurred, noisy, curled; seeded), so that what
the program makes of it can be held against the truth.
"""

import io
import json
import shutil
import subprocess
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import cv2
import img2pdf
import numpy as np
import pikepdf
from numpy.typing import NDArray

from kiosk.vision.faces import Image
from kiosk.vision.pages import curl
from kiosk.vision.pages.direction import DirectionReader, direction_of, turned
from kiosk.vision.pages.finish import Finished, Step, Tone, finish
from kiosk.vision.pages.lines import ink_of, line_boxes, running_length
from kiosk.vision.pages.picture import grey_of, reduced
from kiosk.vision.papers import straightened
from kiosk.vision.pdf import Bound, PdfPage, bind, pdf_page

CURLS = (0, 15, 30, 50)
"""Pixels by which the middle of a page of 1240 x 1754 is lifted."""
CURLED = (1240, 1754)
TURNS = (0, 90, 180, 270)


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    text: str
    quad: NDArray[np.float64]


def measure(folder: Path, papers: Path | None, most: int) -> dict[str, object]:
    """Measure on `truth.json` and its pictures.

    Args:
        folder: rendered documents: `truth.json` maps names to `lines`, beside `NAME.png`.
        papers: frames with corners, as for `benchmarks papers`, or None.
        most: how many documents of each kind at most.
    """
    cv2.setNumThreads(1)
    truth: dict[str, dict[str, object]] = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    reader = DirectionReader()
    names = _chosen([name for name in truth if (folder / f"{name}.png").is_file()], most)
    rng = np.random.default_rng(20)
    direction = {"documents": _directions([(name, _read(folder / f"{name}.png")) for name in names], reader, rng)}
    if papers is not None:
        direction["papers"] = _directions(_crops(papers, most), reader, None)
    pages, figures, texts = [], [], []
    for name in names:
        lines = [str(line) for line in _list(truth[name]["lines"]) if str(line).strip()]
        made, row = _one(_read(folder / f"{name}.png"), lines, reader, rng)
        pages += made
        figures.append({"name": name, **row})
        texts.append(lines)
    start = time.perf_counter()
    bound = bind(pages)
    took = time.perf_counter() - start
    letters = [name for name in names if _read(folder / f"{name}.png").shape[0] > CURLED[1]]
    return {
        "direction": direction,
        "pages": {"each": figures, **_summary(figures)},
        "curl": _curls([_read(folder / f"{name}.png") for name in letters[: max(2, most)]]),
        "pdf": {"pages": bound.pages, "bind_ms": round(took * 1e3), **_judged(bound, pages, texts)},
    }


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else []


def _chosen(names: list[str], most: int) -> list[str]:
    """Up to `most` of each kind, the kind being what stands before the underscore."""
    seen: Counter[str] = Counter()
    chosen = []
    for name in sorted(names):
        kind = name.split("_")[0]
        seen[kind] += 1
        if seen[kind] <= most:
            chosen.append(name)
    return chosen


def _read(path: Path) -> Image:
    image = cv2.imread(str(path))
    if image is None:
        raise ValueError(f"{path.name} is no picture")
    return np.asarray(image, np.uint8)


def _spoilt(page: Image, rng: np.random.Generator) -> Image:
    """As a document camera gives it: a pixel of blur, a lamp to one side, a small tilt, noise."""
    height, width = page.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    middle = rng.uniform(0.2, 0.8, 2) * (width, height)
    lamp = 0.62 + 0.33 * np.exp(-((x - middle[0]) ** 2 + (y - middle[1]) ** 2) / (0.8 * width) ** 2)
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), float(rng.uniform(-1.5, 1.5)), 1.0)
    tilted = cv2.warpAffine(page, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)
    lit = cv2.GaussianBlur(tilted, (0, 0), max(0.6, width / 2480)).astype(np.float32) * lamp[:, :, None]
    lit += rng.normal(0.0, 2.5, lit.shape).astype(np.float32)
    return np.asarray(lit.clip(0, 255), np.uint8)


# Direction ----------------------------------------------------------------------------------------------------------


def _crops(papers: Path, most: int) -> list[tuple[str, Image]]:
    truth = json.loads((papers / "truth.json").read_text(encoding="utf-8"))
    whole = [entry for entry in truth if not entry["cut"]][:: max(1, len(truth) // (most * 12))]
    return [
        (entry["file"], straightened(_read(papers / entry["file"]), np.array(entry["corners"], np.float64)))
        for entry in whole
    ]


def _directions(
    pages: list[tuple[str, Image]], reader: DirectionReader, rng: np.random.Generator | None
) -> dict[str, object]:
    """Each page at four turns: right, wrong, unsure; and the network alone, which never says that it is unsure."""
    ours: Counter[str] = Counter()
    bare: Counter[str] = Counter()
    unsure: Counter[str] = Counter()
    took = 0.0
    for name, page in pages:
        seen = reduced(page if rng is None else _spoilt(page, rng), 1754)[0]
        for turn in TURNS:
            lying, wanted = turned(seen, turn), (360 - turn) % 360
            start = time.perf_counter()
            answer = direction_of(lying, reader).turn
            took += time.perf_counter() - start
            ours["unsure" if answer is None else "right" if answer == wanted else "wrong"] += 1
            unsure.update([name] if answer is None else [])
            bare["right" if _bare(lying, reader) == wanted else "wrong"] += 1
    many = max(1, sum(ours.values()))
    return {
        "tried": many,
        "right_share": round(ours["right"] / many, 4),
        "wrong": ours["wrong"],
        "unsure": ours["unsure"],
        "unsure_pages": sorted(unsure),
        "ms": round(took / many * 1e3, 1),
        "network_alone_right_share": round(bare["right"] / many, 4),
    }


def _bare(page: Image, reader: DirectionReader) -> int:
    small, _ = reduced(page, 1400)
    ink = ink_of(grey_of(small))
    across = running_length(ink) >= running_length(ink.turned())
    image, ink, turns = (small, ink, (0, 180)) if across else (np.rot90(small), ink.turned(), (270, 90))
    strips = [image[top : top + height, left : left + width] for left, top, width, height in line_boxes(ink)[:16]]
    return turns[0] if not strips or float(reader.odds([*strips]).sum()) > 0 else turns[1]


# One page -----------------------------------------------------------------------------------------------------------


def _one(
    page: Image, lines: list[str], reader: DirectionReader, rng: np.random.Generator
) -> tuple[list[PdfPage], dict[str, object]]:
    spoilt = _spoilt(page, rng)
    start = time.perf_counter()
    finished = finish(turned(spoilt, 180), reader=reader)
    row: dict[str, object] = {"finish_ms": round((time.perf_counter() - start) * 1e3), "did": _did(finished)}
    row["sharpness"] = finished.sharpness
    height, width = finished.image.shape[:2]
    pages = []
    for tone in Tone:
        start = time.perf_counter()
        made = pdf_page(finished.image, tone, _spread(lines, width, height) if tone is Tone.COLOUR else ())
        kilobytes = round(len(made.data) / 1000, 1)
        row[tone.value] = {
            "kb": kilobytes,
            "dpi": made.dpi,
            "quality": made.quality,
            "small_enough": made.small_enough,
            "ms": round((time.perf_counter() - start) * 1e3),
        }
        pages.append(made)
    _, plain = cv2.imencode(".jpg", spoilt, [cv2.IMWRITE_JPEG_QUALITY, 85])
    row["bare_img2pdf_jpeg85_kb"] = round(len(img2pdf.convert(plain.tobytes(), nodate=True)) / 1000, 1)
    return pages, row


def _did(finished: Finished) -> dict[str, str]:
    return {step.value: finished.did(step).value for step in Step}


def _spread(lines: list[str], width: int, height: int) -> list[_Line]:
    """The lines one below the other: where they stand does not matter for whether they come back."""
    step = height / (len(lines) + 2)
    placed = []
    for number, text in enumerate(lines, start=1):
        top, bottom, right = number * step, (number + 0.6) * step, width * min(0.9, 0.1 + 0.025 * len(text))
        corners = np.array([[0.08 * width, top], [right, top], [right, bottom], [0.08 * width, bottom]])
        placed.append(_Line(text, corners))
    return placed


def _summary(figures: list[dict[str, object]]) -> dict[str, object]:
    summary: dict[str, object] = {}
    for tone in Tone:
        rows = [row[tone.value] for row in figures]
        sizes = [float(row["kb"]) for row in rows if isinstance(row, dict)]
        kept = [bool(row["small_enough"]) for row in rows if isinstance(row, dict)]
        if sizes:
            summary[tone.value] = {
                "kb_mean": round(float(np.mean(sizes)), 1),
                "kb_most": max(sizes),
                "small_enough_share": round(float(np.mean(kept)), 3),
            }
    times = [float(str(row["finish_ms"])) for row in figures]
    summary["finish_ms"] = round(float(np.median(times))) if times else None
    return summary


# Curl ---------------------------------------------------------------------------------------------------------------


def _curls(letters: list[Image]) -> dict[str, object]:
    """The true bend, peak to peak along rows of the text in pixels of 1240 x 1754, before and after."""
    result: dict[str, object] = {}
    for lifted in CURLS:
        before, after, did = [], [], Counter[str]()
        for page in letters:
            flat = np.asarray(cv2.resize(page, CURLED, interpolation=cv2.INTER_AREA), np.uint8)
            for slanted in (False, True):
                was, left, step = _curl(flat, lifted, slanted=slanted)
                before.append(was)
                after.append(left)
                did[step] += 1
        if before:
            result[str(lifted)] = {
                "bend_before_px": round(float(np.mean(before)), 1),
                "bend_after_px": round(float(np.mean(after)), 1),
                "bend_after_most_px": round(max(after), 1),
                "did": dict(did),
            }
    return result


def _curl(page: Image, lifted: int, *, slanted: bool) -> tuple[float, float, str]:
    width, height = CURLED
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    moved = lifted * np.sin(np.pi * x / width) * (1.0 - 0.6 * y / height if slanted else 1.0)
    bent = cv2.remap(page, x, (y + moved).astype(np.float32), cv2.INTER_LINEAR, borderValue=(60, 60, 60))
    shape = curl.shape_of(np.asarray(bent, np.uint8))
    map_x, map_y = curl.maps(shape, width, height)
    came = cv2.remap((y + moved).astype(np.float32), map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return _bend((y + moved).astype(np.float32)), _bend(np.asarray(came, np.float32)), shape.bend_did.value


def _bend(rows: NDArray[np.float32]) -> float:
    """Median over rows where the text is of the peak-to-peak distance from a straight line."""
    height, width = rows.shape
    part = rows[round(0.08 * height) : round(0.62 * height) : 20, round(0.12 * width) : round(0.85 * width)]
    x = np.arange(part.shape[1], dtype=np.float64)
    bends = []
    for row in part.astype(np.float64):
        slope, offset = np.polyfit(x, row, 1)
        bends.append(float(np.ptp(row - slope * x - offset)))
    return float(np.median(bends))


# The document -------------------------------------------------------------------------------------------------------


def _judged(bound: Bound, pages: list[PdfPage], texts: list[list[str]]) -> dict[str, object]:
    """What other readers say of the document; a reader that is not installed is `None`."""
    judged: dict[str, object] = {"kb": round(len(bound.data) / 1000, 1), "same_bytes_again": bind(pages) == bound}
    with pikepdf.open(io.BytesIO(bound.data)) as document, document.open_metadata() as metadata:
        judged["pdfa"] = metadata.pdfa_status
        judged["info"] = {str(key): str(value) for key, value in document.docinfo.items()}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pages.pdf"
        path.write_bytes(bound.data)
        text = _run("pdftotext", str(path), "-")
        judged["lines_back_share"] = None if text is None else _back(text, texts)
        images = _run("pdfimages", "-list", str(path))
        judged["images"] = None if images is None else dict(Counter(_encodings(images)))
        judged["qpdf_check"] = None if shutil.which("qpdf") is None else _run("qpdf", "--check", str(path)) is not None
        judged["ghostscript_reads"] = (
            None
            if shutil.which("gs") is None
            else _run("gs", "-q", "-dNOPAUSE", "-dBATCH", "-sDEVICE=nullpage", "-r20", str(path)) == ""
        )
    return judged


def _run(*words: str) -> str | None:
    if shutil.which(words[0]) is None:
        return None
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)
    return done.stdout if done.returncode == 0 else None


def _encodings(listing: str) -> list[str]:
    return [" ".join((row.split()[5], row.split()[8])) for row in listing.splitlines()[2:] if len(row.split()) > 8]


def _back(text: str, texts: list[list[str]]) -> float:
    """Share of the lines that come back, character by character but for spaces, from the page they stand on."""
    sheets = ["".join(sheet.split()) for sheet in text.split("\f")]
    found = many = 0
    for number, lines in enumerate(texts):
        for line in lines:
            many += 1
            found += "".join(line.split()) in sheets[number * len(Tone)]
    return round(found / max(many, 1), 4)
