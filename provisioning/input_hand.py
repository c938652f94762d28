"""The book of handwriting: every character's strokes, and the projection that tells characters apart."""

import json
from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from kiosk.input.handwriting import FEATURES, KEY_POINTS, features, normalised, resampled
from kiosk.input.pack import Array
from provisioning import input_sources as source

Floats = npt.NDArray[np.float32]
_KEPT: Final = 128
"""Dimensions of the projection."""
_TAUGHT: Final = 1500
"""Characters whose perturbed writing teaches what to overlook."""
_TIMES: Final = 3
_SEED: Final = 7


def medians() -> Iterator[tuple[str, list[Floats]]]:
    """Characters with their strokes' middle lines in writing order, y downwards."""
    folder = source.NODE_MODULES / "hanzi-writer-data"
    files = sorted(path for path in folder.glob("*.json") if len(path.stem) == 1)
    if not files:
        raise source.SourceError(f"{folder} is missing: run `npm ci` (`make setup` does)")
    for path in files:
        told = json.loads(path.read_text(encoding="utf-8"))
        lines = [np.array(line, np.float32) * np.array([1, -1], np.float32) for line in told["medians"]]
        yield path.stem, lines


def perturbed(strokes: list[Floats], chance: np.random.Generator, strength: float = 1.0) -> list[Floats]:
    """The same character from another hand: slanted, uneven, strokes shifted, bent, joined.

    Args:
        strokes: (n, 2) arrays in units of the square of 1024.
        chance: where the differences come from.
        strength: how different; 1 is everyday writing.
    """
    turn = chance.normal(0, 0.05 * strength)
    skew = chance.normal(0, 0.08 * strength, 2)
    size = np.exp(chance.normal(0, 0.10 * strength, 2))
    change = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    change = change @ np.array([[size[0], skew[0]], [skew[1], size[1]]])
    written: list[Floats] = []
    for stroke in strokes:
        points = resampled(stroke, 16).astype(np.float64) - 512
        middle = points.mean(axis=0)
        points = middle + (points - middle) * np.exp(chance.normal(0, 0.12 * strength))
        points += chance.normal(0, 26 * strength, 2)
        along = np.linspace(-1, 1, len(points))[:, None]
        points += along * chance.normal(0, 20 * strength, 2) + (along**2 - 0.33) * chance.normal(0, 18 * strength, 2)
        points += chance.normal(0, 4 * strength, points.shape)
        made = (points @ change.T + 512).astype(np.float32)
        if written and chance.random() < 0.12 * strength and np.hypot(*(made[0] - written[-1][-1])) < 350:
            written[-1] = np.concatenate((written[-1], made))
        else:
            written.append(made)
    return written


def arrays() -> dict[str, Array | str]:
    """Everything as arrays, as `kiosk.input.handwriting` reads them."""
    chance = np.random.default_rng(_SEED)
    names: list[str] = []
    keys: list[Floats] = []
    first = [0]
    book: list[list[Floats]] = []
    for character, strokes in medians():
        names.append(character)
        book.append(strokes)
        placed = normalised(strokes)
        keys.extend(resampled(stroke, KEY_POINTS) for stroke in placed)
        first.append(first[-1] + len(placed))
    known = np.stack([features(normalised(strokes)) for strokes in book])
    mean = known.mean(axis=0)
    taught = chance.choice(len(book), min(_TAUGHT, len(book)), replace=False)
    spread = np.concatenate(
        [np.stack([features(normalised(perturbed(book[n], chance))) for _ in range(_TIMES)]) - known[n] for n in taught]
    )
    project = _discriminants(known - mean, spread)
    placed_known = (known - mean) @ project
    scale = float(np.abs(placed_known).max() / 127)
    return {
        "hand.characters": "".join(names),
        "hand.mean": mean.astype(np.float32),
        "hand.project": project.astype(np.float32),
        "hand.scale": np.array([scale], np.float32),
        "hand.known": np.round(placed_known / scale).astype(np.int8),
        "hand.first": np.array(first, np.uint32),
        "hand.keys": np.round(np.clip((np.stack(keys) + 0.25) / 1.5, 0, 1) * 255).astype(np.uint8),
    }


def _discriminants(between: Floats, within: Floats) -> Floats:
    """Directions in which characters differ much and hands little (Fisher 1936); (FEATURES, _KEPT)."""
    inner = (within.T @ within / len(within)).astype(np.float64)
    inner += np.eye(FEATURES) * np.trace(inner) / FEATURES * 0.1
    values, vectors = np.linalg.eigh(inner)
    white = vectors / np.sqrt(values)
    outer = white.T @ (between.T @ between / len(between)).astype(np.float64) @ white
    values, vectors = np.linalg.eigh(outer)
    found: Floats = (white @ vectors[:, ::-1][:, :_KEPT]).astype(np.float32)
    return found
