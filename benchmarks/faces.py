"""How well the face engines tell people apart, through the code that the gate runs.

The first picture of a pair is the live one and goes through `detect` and `embed`; the second is the reference and goes
through `template`, as a card's photo does. With `--chip` it is made into one first: 102x126, 1.7 kB. Where a live
picture shows several people the one in the middle counts (`faces.in_portrait`), for these sets are portraits; the gate
would refuse it. A picture without a face is a comparison that fails, not one that is left out.
"""

from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import perf_counter

import cv2
import numpy as np
import typer
from numpy.typing import NDArray

from benchmarks.face_figures import Scores, equal_error_rate, errors_at, pair_accuracy, true_accept_rate
from benchmarks.face_sets import FaceSet, Pairs, all_pairs, card_photo, every_picture, read_pairs, sample
from kiosk.vision.engines import open_engine
from kiosk.vision.faces import Embedding, FaceEngine, Image, in_portrait

MOST_STRANGERS = 2_000_000
NO_FACE = -1.0
"""The similarity of a picture without a face to anything."""
LIBRARY_LIMITS = {"sface": 0.363, "dlib": 0.4}
"""What OpenCV and face_recognition themselves take for the same person; dlib's distance of 0.6 is 0.4 here."""


@dataclass
class _Seen:
    """A set, embedded by an engine once. A row of NaN is a picture without a face."""

    live: NDArray[np.float32]
    reference: NDArray[np.float32]
    unreadable: list[str] = field(default_factory=list)
    not_found: list[str] = field(default_factory=list)
    not_found_in_reference: list[str] = field(default_factory=list)
    several: int = 0
    ms: dict[str, list[float]] = field(default_factory=dict)


def measure(
    folder: Path, pairs: Path | None, *, every: bool, chip: bool, engines: tuple[str, ...], most: int, seed: int
) -> dict[str, object]:
    """Compare what a folder holds, with each engine on the same pictures.

    Args:
        folder: pictures called `Name_0001.jpg`, also in folders below.
        pairs: which to compare; `pairs.tsv` of the folder where nothing else is asked for.
        every: compare all with all.
        chip: make the reference a card's photo.
        engines: by name.
        most: about so many pictures are drawn for `every`.
        seed: of every draw.

    Raises:
        typer.BadParameter: there are no pictures, or the pairs cannot be read.
    """
    cv2.setNumThreads(1)
    if not folder.is_dir() or not every_picture(folder):
        raise typer.BadParameter(f"there are no pictures in {folder}")
    if pairs is None and not every:
        pairs = folder / "pairs.tsv" if (folder / "pairs.tsv").is_file() else None
        every = pairs is None
    results: dict[str, object] = {"dir": folder.name, "chip": chip, "seed": seed}
    if pairs is not None:
        faces, compared = read_pairs(pairs, folder)
        results["pairs"] = {name: _of_pairs(name, faces, compared, chip=chip, seed=seed) for name in engines}
    if every:
        faces, drawn = sample(folder, most, seed)
        results["all"] = {name: _of_all(name, faces, drawn, chip=chip, seed=seed) for name in engines}
    return results


def _of_pairs(name: str, faces: FaceSet, pairs: Pairs, *, chip: bool, seed: int) -> dict[str, object]:
    engine = open_engine(name)
    # Only the sides that are compared are looked at.
    seen = _look(engine, faces, pairs.live, pairs.reference, chip=chip)
    scores = _similarities(engine, seen, pairs)
    east_asian = faces.east_asian()
    both = east_asian[pairs.live] & east_asian[pairs.reference]
    return _set_out(faces, seen) | {
        "pair_accuracy": pair_accuracy(scores, pairs.same, seed),
        **_figures(engine, scores, pairs.same),
        "east_asian": _east_asian(engine, faces, scores[both], pairs.same[both], both, pairs),
        "ms": _times(seen),
    }


def _of_all(name: str, faces: FaceSet, drawn: NDArray[np.bool_], *, chip: bool, seed: int) -> dict[str, object]:
    engine = open_engine(name)
    places = np.arange(len(faces.pictures))
    seen = _look(engine, faces, places, places, chip=chip)
    pairs = all_pairs(faces.names, drawn, most=MOST_STRANGERS, seed=seed)
    scores = _similarities(engine, seen, pairs)
    among = all_pairs(faces.names, faces.east_asian(), most=MOST_STRANGERS, seed=seed)
    among_scores = _similarities(engine, seen, among)
    balanced = _balanced(pairs.same, seed)
    return _set_out(faces, seen) | {
        "pair_accuracy": pair_accuracy(scores[balanced], pairs.same[balanced], seed),
        **_figures(engine, scores, pairs.same),
        "east_asian": _east_asian(engine, faces, among_scores, among.same, np.ones(len(among_scores), np.bool_), among),
        "ms": _times(seen),
    }


def _look(
    engine: FaceEngine, faces: FaceSet, live: NDArray[np.int64], reference: NDArray[np.int64], *, chip: bool
) -> _Seen:
    nothing = np.full((len(faces.pictures), 128), np.nan, np.float32)
    seen = _Seen(nothing.copy(), nothing.copy())
    sides = {"live": set(live.tolist()), "reference": set(reference.tolist())}
    for place, path in enumerate(faces.pictures):
        image = cv2.imread(str(path), cv2.IMREAD_COLOR) if path.is_file() else None
        if image is None:
            seen.unreadable.append(path.name)
            continue
        picture = np.asarray(image, np.uint8)
        if place in sides["live"]:
            numbers = _as_live(engine, picture, seen, path.name)
            seen.live[place] = seen.live[place] if numbers is None else numbers
        if place in sides["reference"]:
            numbers = _as_reference(engine, picture, seen, path.name, chip=chip)
            seen.reference[place] = seen.reference[place] if numbers is None else numbers
    return seen


def _as_live(engine: FaceEngine, image: Image, seen: _Seen, name: str) -> Embedding | None:
    began = perf_counter()
    found = engine.detect(image)
    _note(seen, "detect", began)
    seen.several += len(found) > 1
    face = in_portrait(image, found)
    if face is None:
        seen.not_found.append(name)
        return None
    began = perf_counter()
    numbers = engine.embed(image, face)
    _note(seen, "embed", began)
    return numbers


def _as_reference(engine: FaceEngine, image: Image, seen: _Seen, name: str, *, chip: bool) -> Embedding | None:
    if chip:
        face = in_portrait(image, engine.detect(image))
        if face is None:
            seen.not_found_in_reference.append(name)
            return None
        image = card_photo(image, face)
    began = perf_counter()
    numbers = engine.template(image)
    _note(seen, "template", began)
    if numbers is None:
        seen.not_found_in_reference.append(name)
    return numbers


def _note(seen: _Seen, what: str, began: float) -> None:
    seen.ms.setdefault(what, []).append((perf_counter() - began) * 1000)


def _times(seen: _Seen) -> dict[str, float]:
    """Median milliseconds of one thread."""
    return {what: round(median(times), 2) for what, times in seen.ms.items()}


def _similarities(engine: FaceEngine, seen: _Seen, pairs: Pairs) -> Scores:
    """Of every pair, by the engine itself."""
    scores = np.full(len(pairs.same), NO_FACE, np.float64)
    live, reference = list(seen.live), list(seen.reference)
    there = ~np.isnan(seen.live[:, 0]), ~np.isnan(seen.reference[:, 0])
    usable = np.flatnonzero(there[0][pairs.live] & there[1][pairs.reference])
    ones, others = pairs.live[usable].tolist(), pairs.reference[usable].tolist()
    scores[usable] = [engine.similarity(live[one], reference[other]) for one, other in zip(ones, others, strict=True)]
    return scores


def _balanced(same: NDArray[np.bool_], seed: int) -> NDArray[np.int64]:
    """As many pairs of two people as of one."""
    one, two = np.flatnonzero(same), np.flatnonzero(~same)
    count = min(len(one), len(two))
    rng = np.random.default_rng(seed)
    return np.sort(np.concatenate([rng.choice(one, count, replace=False), rng.choice(two, count, replace=False)]))


def _figures(engine: FaceEngine, scores: Scores, same: NDArray[np.bool_]) -> dict[str, object]:
    genuine, strangers = scores[same], scores[~same]
    bands = engine.card.bands
    return {
        "eer": equal_error_rate(genuine, strangers),
        "tar_at_far_1e-3": true_accept_rate(genuine, strangers, 1e-3),
        "accept": errors_at(bands.accept, genuine, strangers),
        "staff": errors_at(bands.staff, genuine, strangers),
        "library_default": errors_at(LIBRARY_LIMITS[engine.card.name], genuine, strangers),
    }


def _east_asian(
    engine: FaceEngine,
    faces: FaceSet,
    scores: Scores,
    same: NDArray[np.bool_],
    of_them: NDArray[np.bool_],
    pairs: Pairs,
) -> dict[str, object]:
    places = np.union1d(pairs.live[of_them], pairs.reference[of_them])
    names = sorted({faces.names[place] for place in places.tolist()})
    return {"by": "names as written in Latin letters", "identities": len(names), **_figures(engine, scores, same)}


def _set_out(faces: FaceSet, seen: _Seen) -> dict[str, object]:
    return {
        "pictures": len(faces.pictures),
        "identities": len(set(faces.names)),
        "unreadable": _some(seen.unreadable),
        "not_found": _some(seen.not_found),
        "not_found_in_reference": _some(seen.not_found_in_reference),
        "pictures_with_several_faces": seen.several,
    }


def _some(names: list[str]) -> dict[str, object]:
    return {"count": len(names), "first": names[:10]}
