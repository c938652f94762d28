"""How well the page is found: overlap with the true corners, by surface, against the textbook's way in the same run.

A folder holds frames and a `truth.json`: a list of entries with `file`, `corners` (pixels), and where known `desk` (the
empty desk's picture), `surface`, and `cut` (a corner lies outside of the frame). Overlap is intersection over union of
the quadrilaterals. Frames that are cut do not count towards it: they are to be refused.

Three ways of counting: `all` counts each frame by the outline that is shown, 0 where there is none; `sure` only those
that are not refused for where the page is (not cut off, too large, several, covered, unsure); `served` those that are
taken as they are: sharp, large enough and without glare or shadow as well. Nothing in the finder was fitted to frames
with a truth; `halves` are every other frame, for whoever changes a threshold: choose on one, report the other.
"""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision import papers
from kiosk.vision.observation import PaperProblem
from kiosk.vision.papers.geometry import Corners, ordered, overlap

Picture = NDArray[np.uint8]
PREVIEW_SIDE, STILL_SIDE = 1280, 2592
"""Longer sides that times are taken at, in pixels."""
WHERE = frozenset(
    {PaperProblem.CUT_OFF, PaperProblem.TOO_LARGE, PaperProblem.SEVERAL, PaperProblem.HAND, PaperProblem.UNSURE}
)
"""Refused for where the page is, not for how it looks."""


@dataclass(frozen=True, slots=True)
class _Frame:
    file: str
    surface: str
    cut: bool
    corners: Corners
    desk: str | None


@dataclass(frozen=True, slots=True)
class _Result:
    frame: _Frame
    overlap: float
    problem: PaperProblem
    confidence: float
    cpu_ms: float


def measure(folder: Path, times: int = 20) -> dict[str, object]:
    """Look at all frames of a folder.

    Args:
        folder: with a `truth.json`.
        times: how many frames are timed at the sizes of preview and still.

    Raises:
        FileNotFoundError: there is no `truth.json`, or a picture that it names is missing.
        ValueError: it is not as described.
    """
    cv2.setNumThreads(1)
    frames = _frames(folder)
    figures: dict[str, object] = {"frames": len(frames), "cut": sum(frame.cut for frame in frames)}
    with_desk = any(frame.desk for frame in frames)
    if with_desk:
        figures["with_empty_desk"] = _figures(_run(folder, frames, papers.find))
    figures["without_empty_desk"] = _figures(_run(folder, frames, lambda image, _: papers.find(image)))
    figures["textbook"] = _figures(_run(folder, frames, lambda image, _: textbook(image)))
    figures["cpu_ms"] = _times(folder, frames[:: max(1, len(frames) // max(1, times))])
    return figures


def textbook(image: Picture) -> papers.Found | None:
    """The usual recipe: reduce, blur, Canny, the largest outline that approximates to four corners."""
    scale = 500 / image.shape[0]
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    grey = cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), (5, 5), 0)
    contours, _ = cv2.findContours(cv2.Canny(grey, 75, 200), cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    for contour in sorted(contours, key=cv2.contourArea, reverse=True)[:5]:
        shape = cv2.approxPolyDP(contour, 0.02 * cv2.arcLength(contour, closed=True), closed=True)
        if len(shape) == 4:
            corners = ordered(shape.reshape(4, 2).astype(np.float64)) / scale
            return papers.Found(corners, 1.0, PaperProblem.NONE)
    return None


def _frames(folder: Path) -> list[_Frame]:
    entries = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    if not isinstance(entries, list) or not entries:
        raise ValueError("truth.json is a list of frames")
    frames = []
    for entry in cast("list[dict[str, object]]", entries):
        corners = np.array(entry.get("corners"), np.float64)
        if corners.shape != (4, 2):
            raise ValueError(f"{entry.get('file')}: four corners are needed")
        desk = str(entry["desk"]) if entry.get("desk") else None
        surface = str(entry.get("surface", "unknown"))
        frames.append(_Frame(str(entry["file"]), surface, bool(entry.get("cut")), ordered(corners), desk))
    return frames


def _run(
    folder: Path, frames: Iterable[_Frame], find: Callable[[Picture, Picture | None], papers.Found | None]
) -> list[_Result]:
    results = []
    for frame in frames:
        image = _read(folder / frame.file)
        desk = _read(folder / frame.desk) if frame.desk else None
        begun = time.process_time()
        found = find(image, desk)
        took = (time.process_time() - begun) * 1000
        if found is None:
            results.append(_Result(frame, 0.0, PaperProblem.NO_PAPER, 0.0, took))
            continue
        good = overlap(ordered(found.corners), frame.corners)
        results.append(_Result(frame, good, found.problem, found.confidence, took))
    return results


def _figures(results: list[_Result]) -> dict[str, object]:
    whole = [result for result in results if not result.frame.cut]
    cut = [result for result in results if result.frame.cut]
    sure = _sure(whole)
    served = [result for result in sure if result.problem is PaperProblem.NONE]
    surfaces = sorted({result.frame.surface for result in whole})
    refused = [result for result in whole if result not in sure]
    return {
        "all": _shares(whole),
        "sure": {**_shares(sure), "share_of_all": _rounded(len(sure) / max(1, len(whole)))},
        "served": {**_shares(served), "share_of_all": _rounded(len(served) / max(1, len(whole)))},
        "halves": [{"all": _shares(whole[at::2]), "sure": _shares(_sure(whole[at::2]))} for at in (0, 1)],
        "by_surface": {name: _surface([each for each in whole if each.frame.surface == name]) for name in surfaces},
        "problems": dict(Counter(result.problem.value for result in whole)),
        "refused_although_right": sum(result.overlap >= 0.9 for result in refused),
        "sure_but_wrong": [result.frame.file for result in sure if result.overlap < 0.9],
        "cut_refused": f"{sum(result.problem is not PaperProblem.NONE for result in cut)} of {len(cut)}",
        "cut_problems": dict(Counter(result.problem.value for result in cut)),
        "cpu_ms_median": round(median(result.cpu_ms for result in results), 1),
    }


def _shares(results: list[_Result]) -> dict[str, object]:
    overlaps = np.array([result.overlap for result in results])
    if not len(overlaps):
        return {"frames": 0}
    shares = {f"at_least_{level:.2f}": _rounded(float((overlaps >= level).mean())) for level in (0.9, 0.95, 0.98)}
    return {"frames": len(overlaps), "mean": _rounded(float(overlaps.mean())), **shares}


def _sure(results: list[_Result]) -> list[_Result]:
    return [result for result in results if result.problem not in WHERE | {PaperProblem.NO_PAPER}]


def _surface(results: list[_Result]) -> dict[str, object]:
    sure = _sure(results)
    return {**_shares(results), "refused": len(results) - len(sure), "mean_sure": _shares(sure).get("mean")}


def _times(folder: Path, frames: list[_Frame]) -> dict[str, object]:
    """CPU time a frame, one thread, at the sizes of preview and still; after one look to warm up."""
    taken: dict[str, list[float]] = {"preview": [], "still": [], "textbook_on_preview": []}
    for frame in frames:
        image = _read(folder / frame.file)
        desk = _read(folder / frame.desk) if frame.desk else None
        for name, side in (("preview", PREVIEW_SIDE), ("still", STILL_SIDE)):
            scale = side / max(image.shape[:2])
            sized = np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
            taken[name].append(_took(partial(papers.find, sized, desk)))
            if name == "preview":
                taken["textbook_on_preview"].append(_took(partial(textbook, sized)))
    sizes = {"preview": PREVIEW_SIDE, "still": STILL_SIDE, "textbook_on_preview": PREVIEW_SIDE}
    return {
        name: {
            "longer_side": sizes[name],
            "median": round(median(each), 1),
            "p95": round(float(np.percentile(each, 95)), 1),
        }
        for name, each in taken.items()
    }


def _took(look: Callable[[], object]) -> float:
    begun = time.process_time()
    look()
    return (time.process_time() - begun) * 1000


def _read(path: Path) -> Picture:
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        raise FileNotFoundError(f"{path.name} is no picture, or is not there")
    return np.asarray(picture, np.uint8)


def _rounded(share: float) -> float:
    return round(share, 4)
