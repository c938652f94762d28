"""Fit how sure the page finder may be: `python -m benchmarks.train.paper_confidence`.

A logistic regression over scenes that `corner_scenes` draws (the network must be trained before): whether the page that
was chosen covers a paper to nine tenths, from `kiosk.vision.papers.finding.signs`. The figures go into that file by
hand. Half of the scenes are held out and reported on. Needs nothing but the product's own packages.
"""

import argparse
import json

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.train.corner_scenes import SIZE, Scene, Studio
from kiosk.vision.papers.finding import LEAST_CONFIDENCE, signs
from kiosk.vision.papers.geometry import ordered, overlap
from kiosk.vision.papers.search import search

ENLARGED = 4
_RIGHT = 0.9
Rows = list[tuple[list[float], bool]]


def enlarged(scene: Scene, rng: np.random.Generator) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """A scene and its empty desk at a camera's size, with fresh noise."""
    size = (SIZE[0] * ENLARGED, SIZE[1] * ENLARGED)
    made = []
    for picture in (scene.picture, scene.desk):
        large = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC), np.float32)
        noisy = large + rng.normal(0, 3.0, large.shape).astype(np.float32)
        made.append(np.asarray(noisy.clip(0, 255), np.uint8))
    return made[0], made[1]


def truths(scene: Scene) -> list[NDArray[np.float64]]:
    """The papers' corners in the enlarged picture."""
    return [ordered((np.asarray(quad, np.float64) + 0.5) * ENLARGED - 0.5) for quad in scene.quads]


def fit(rows: Rows, strength: float = 3e-3) -> tuple[list[float], float]:
    """Logistic regression by Newton's steps: the weights and the constant."""
    values = np.array([[*row, 1.0] for row, _ in rows])
    wanted = np.array([good for _, good in rows], np.float64)
    weights = np.zeros(values.shape[1])
    for _ in range(40):
        said = 1 / (1 + np.exp(-np.clip(values @ weights, -30, 30)))
        slope = values.T @ (said - wanted) / len(wanted) + strength * weights
        bend = (values.T * (said * (1 - said))) @ values / len(wanted) + strength * np.eye(len(weights))
        weights -= np.linalg.solve(bend, slope)
    return [round(float(weight), 3) for weight in weights[:-1]], round(float(weights[-1]), 3)


def looked_at(seed: int, scenes: int, *, known: bool) -> Rows:
    """The signs in drawn pictures, and whether the page that was chosen is right. Cut and covered papers are left out.

    Args:
        seed: of the scenes.
        scenes: how many are drawn.
        known: whether the empty desk is.
    """
    studio, rng = Studio(seed), np.random.default_rng(seed)
    limit = np.array(SIZE) - 1
    rows: Rows = []
    for _ in range(scenes):
        scene = studio.scene()
        if float(scene.hand.max()) > 0 or any((quad < 0).any() or (quad > limit).any() for quad in scene.quads):
            continue
        picture, desk = enlarged(scene, rng)
        searched = search(picture, desk if known else None)
        if not searched.candidates:
            continue
        best = searched.candidates[0].corners
        rows.append((signs(searched), max((overlap(best, paper) for paper in truths(scene)), default=0.0) >= _RIGHT))
    return rows


def main() -> None:
    """Draw, look, fit, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=77, help="another than the network's")
    parser.add_argument("--scenes", type=int, default=500)
    words = parser.parse_args()
    cv2.setNumThreads(1)
    for known in (True, False):
        rows = looked_at(words.seed, words.scenes, known=known)
        weights, constant = fit(rows[::2])
        held = np.array([[*row, good] for row, good in rows[1::2]])
        sure = 1 / (1 + np.exp(-(held[:, :-1] @ np.array(weights) + constant))) >= LEAST_CONFIDENCE
        report = {
            "empty_desk_known": known,
            "pictures": len(rows),
            "right": round(float(np.mean([good for _, good in rows])), 3),
            "held_out_sure": round(float(sure.mean()), 3),
            "held_out_right_of_sure": round(float(held[sure, -1].mean()), 3) if sure.any() else None,
            "fit_of_all": fit(rows),
        }
        print(json.dumps(report), flush=True)


if __name__ == "__main__":
    main()
