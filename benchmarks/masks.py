"""How often the mask network is right on folders of faces, how sure it is, and how long it takes.

* `recall`: of the faces with a mask, those said to wear one. `false_masks`: of the bare ones, those said to wear one.
  An unsure answer, and a face that was not measured, counts as an error on either side, and is given apart.
* The compared one is the textbook's: the share of the lower face that has the colour of the skin round the eyes.
* `ms`: a face, and the bare network on the same input in the same run. Read the ratio.
"""

import math
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import cv2
import numpy as np

from kiosk.vision.engines.yunet import YuNet
from kiosk.vision.faces import Image
from kiosk.vision.masks import BARE_UP_TO, NOSE_OUT_FROM, WEIGHTS, WORN_FROM, MaskClassifier, MaskSeen, fed, square
from kiosk.vision.observation import Mask

SUFFIXES = {".jpg", ".jpeg", ".png", ".bmp", ".webp"}
THRESHOLDS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
TIMED = 200
LISTED = 40
"""Wrong answers that are named."""


@dataclass(frozen=True, slots=True)
class _Row:
    folder: str
    name: str
    truth: bool
    seen: MaskSeen
    skin: bool


def measure(mask: Sequence[Path], bare: Sequence[Path], *, whole: bool) -> dict[str, object]:
    """Judge every picture of the folders.

    Args:
        mask: folders of faces that wear a mask.
        bare: folders of faces that wear none.
        whole: they are whole pictures, the faces are to be found; else squares of 1.5 times the face's box.
    """
    cv2.setNumThreads(1)
    classifier = MaskClassifier()
    detector = YuNet() if whole else None
    rows: list[_Row] = []
    unread: list[str] = []
    shown: list[Image] = []
    for folder, truth in [(each, True) for each in mask] + [(each, False) for each in bare]:
        for path in sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES):
            read = _read(path)
            if read is None:
                unread.append(path.name)
                continue
            crop = read if detector is None else _crop(detector, read)
            if crop is None:
                rows.append(_Row(folder.name, path.name, truth, MaskSeen(Mask.NOT_MEASURED), skin=False))
                continue
            rows.append(_Row(folder.name, path.name, truth, classifier.judge(crop), _covered_by_skin_colour(crop)))
            if len(shown) < TIMED:
                shown.append(crop)
    worn, unworn = [row for row in rows if row.truth], [row for row in rows if not row.truth]
    return {
        "network": classifier.model,
        "thresholds": {"worn_from": WORN_FROM, "nose_out_from": NOSE_OUT_FROM, "bare_up_to": BARE_UP_TO},
        "unreadable": unread,
        **_figures(worn, unworn),
        "skin_colour": {
            "recall": _share([row.skin for row in worn]),
            "false_masks": _share([row.skin for row in unworn]),
        },
        "by_folder": _by_folder(rows),
        "at_one_threshold": [_at(threshold, worn, unworn) for threshold in THRESHOLDS],
        "wrong": [f"{row.folder}/{row.name} {row.seen}" for row in rows if _is_wrong(row)][:LISTED],
        "ms": _timed(classifier, shown),
    }


def _figures(worn: Sequence[_Row], unworn: Sequence[_Row]) -> dict[str, object]:
    right = [row.seen.answer is Mask.WORN for row in worn]
    false = [row.seen.answer is Mask.WORN for row in unworn]
    doubt = {Mask.UNSURE, Mask.NOT_MEASURED}
    return {
        "masks": len(worn),
        "bare": len(unworn),
        "recall": _share(right),
        "recall_95": _interval(right),
        "missed_as_bare": _share([row.seen.answer is Mask.BARE for row in worn]),
        "unsure_of_masks": _share([row.seen.answer in doubt for row in worn]),
        "false_masks": _share(false),
        "false_masks_95": _interval(false),
        "unsure_of_bare": _share([row.seen.answer in doubt for row in unworn]),
        "errors_of_bare_with_unsure": _share([row.seen.answer is not Mask.BARE for row in unworn]),
    }


def _is_wrong(row: _Row) -> bool:
    return row.seen.answer is not (Mask.WORN if row.truth else Mask.BARE)


def _by_folder(rows: Sequence[_Row]) -> dict[str, dict[str, int]]:
    counts: dict[str, Counter[str]] = {}
    for row in rows:
        counts.setdefault(row.folder, Counter({answer.value: 0 for answer in Mask})).update([row.seen.answer.value])
    return {folder: dict(answers) for folder, answers in counts.items()}


def _at(threshold: float, worn: Sequence[_Row], unworn: Sequence[_Row]) -> dict[str, float | None]:
    return {
        "threshold": threshold,
        "recall": _share([_either(row.seen) >= threshold for row in worn]),
        "false_masks": _share([_either(row.seen) >= threshold for row in unworn]),
    }


def _either(seen: MaskSeen) -> float:
    """The probability of a mask of either kind that is not plainly below the nose."""
    nose_out = seen.nose_out or 0.0
    return (seen.probability or 0.0) + nose_out if nose_out < NOSE_OUT_FROM else 0.0


def _share(hits: Sequence[bool]) -> float | None:
    return round(sum(hits) / len(hits), 5) if hits else None


def _interval(hits: Sequence[bool]) -> tuple[float, float] | None:
    """Wilson's interval of 95 %."""
    count = len(hits)
    if not count:
        return None
    share, z = sum(hits) / count, 1.96
    middle = share + z * z / (2 * count)
    half = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return round((middle - half) / (1 + z * z / count), 5), round((middle + half) / (1 + z * z / count), 5)


def _read(path: Path) -> Image | None:
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    return None if picture is None else np.asarray(picture, np.uint8)


def _crop(detector: YuNet, image: Image) -> Image | None:
    faces = detector.detect(image)
    return square(image, faces[0]) if faces else None


def _covered_by_skin_colour(crop: Image) -> bool:
    """The textbook's way: little of the lower face has the chroma of the skin between and under the eyes."""
    small = cv2.cvtColor(cv2.resize(crop, (96, 96), interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2YCrCb)
    chroma = np.asarray(small, np.float32)[:, :, 1:]
    skin = np.median(chroma[30:46, 32:64].reshape(-1, 2), axis=0)
    near = np.linalg.norm(chroma[56:78, 34:62] - skin, axis=2) < 12
    return bool(near.mean() < 0.5)


def _timed(classifier: MaskClassifier, crops: Sequence[Image]) -> dict[str, float | None]:
    """Medians of a face as the product sees it, and of the bare network."""
    network = cv2.dnn.readNetFromONNX(str(WEIGHTS))
    whole: list[float] = []
    bare: list[float] = []
    for crop in crops:
        ready = fed(crop)
        start = time.perf_counter()
        classifier.judge(crop)
        middle = time.perf_counter()
        network.setInput(ready)
        network.forward()
        whole.append((middle - start) * 1e3)
        bare.append((time.perf_counter() - middle) * 1e3)
    if not whole:
        return {"face": None, "bare_network": None, "ratio": None}
    ratio = median(one / other for one, other in zip(whole, bare, strict=True))
    return {"face": round(median(whole), 3), "bare_network": round(median(bare), 3), "ratio": round(ratio, 3)}
