"""Handwriting: characters written by a drawn hand that is uneven, joins strokes and forgets their order.

The hand is not the one that the projection was taught with: it wobbles along waves, drifts, and overshoots the ends of
strokes. Beside our recogniser the bare features without projection (nearest by cosine) are asked the same.
"""

import time
from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

from kiosk.input.handwriting import Handwriting, features, normalised, resampled
from kiosk.input.pack import Pack
from provisioning.input_hand import medians

Floats = npt.NDArray[np.float32]
_SIDE: Final = 1024.0


def _hand(strokes: list[Floats], chance: np.random.Generator, strength: float) -> list[Floats]:
    """The character as somebody else writes it."""
    lean = chance.normal(0, 0.10 * strength)
    slope = chance.normal(0, 0.06 * strength)
    narrow = np.exp(chance.normal(0, 0.12 * strength))
    drift = np.zeros(2)
    written: list[Floats] = []
    for stroke in strokes:
        points = resampled(stroke, 20).astype(np.float64)
        way = points[-1] - points[0]
        points[0] -= way * abs(chance.normal(0, 0.05 * strength))
        points[-1] += way * abs(chance.normal(0, 0.05 * strength))
        drift = 0.6 * drift + chance.normal(0, 18 * strength, 2)
        wave = np.sin(np.linspace(0, np.pi * chance.uniform(1, 3), len(points)) + chance.uniform(0, 6))
        points = points + drift + wave[:, None] * chance.normal(0, 9 * strength, 2)
        x, y = points[:, 0] - _SIDE / 2, points[:, 1] - _SIDE / 2
        written.append(np.stack((x * narrow + y * lean, y + x * slope), axis=1).astype(np.float32))
    return written


def _joined(strokes: list[Floats], chance: np.random.Generator) -> list[Floats]:
    """Two strokes that follow each other become one."""
    if len(strokes) < 2:
        return strokes
    at = int(chance.integers(len(strokes) - 1))
    return [*strokes[:at], np.concatenate(strokes[at : at + 2]), *strokes[at + 2 :]]


def _shuffled(strokes: list[Floats], chance: np.random.Generator) -> list[Floats]:
    return [strokes[place] for place in chance.permutation(len(strokes))]


def _split(strokes: list[Floats], chance: np.random.Generator) -> list[Floats]:
    """One stroke is lifted in the middle."""
    at = int(chance.integers(len(strokes)))
    middle = len(strokes[at]) // 2
    return [*strokes[:at], strokes[at][: middle + 1], strokes[at][middle:], *strokes[at + 1 :]]


def measure(count: int, seed: int) -> dict[str, object]:
    """Write characters and see where they stand.

    Args:
        count: how many characters, drawn from the 3,000 most used.
        seed: of the draw and of the hand.

    Returns:
        Top-1 and top-10 as shares and milliseconds a character, by kind of writing, ours and bare.
    """
    chance = np.random.default_rng(seed)
    book = dict(medians())
    pack = Pack()
    began = time.perf_counter()
    machine = Handwriting(pack)
    loaded = (time.perf_counter() - began) * 1000
    common = [row[0] for row in pack.text("shape.table").split("\n")[:3000] if row[0] in book]
    drawn = [str(character) for character in chance.choice(common, min(count, len(common)), replace=False)]
    bare_names, bare = list(book), np.stack([features(normalised(strokes)) for strokes in book.values()])
    kinds: dict[str, tuple[float, Callable[[list[Floats], np.random.Generator], list[Floats]] | None]] = {
        "neat": (0.5, None),
        "everyday": (1.0, None),
        "hasty": (1.6, None),
        "joined": (1.0, _joined),
        "split": (1.0, _split),
        "wrong_order": (1.0, _shuffled),
    }
    figures: dict[str, object] = {"characters": len(drawn), "known": len(machine), "load_ms": round(loaded, 1)}
    for kind, (strength, change) in kinds.items():
        ours: list[list[str]] = []
        others: list[list[str]] = []
        took: list[float] = []
        for character in drawn:
            strokes = _hand(book[character], chance, strength)
            strokes = change(strokes, chance) if change else strokes
            start = time.perf_counter()
            ours.append([guess.character for guess in machine.recognise(strokes, 10)])
            took.append((time.perf_counter() - start) * 1000)
            far = bare @ features(normalised(strokes))
            others.append([bare_names[place] for place in np.argsort(-far)[:10]])
        figures[kind] = {
            **_shares(drawn, ours),
            "ms": round(float(np.median(took)), 1),
            "ms_p95": round(float(np.percentile(took, 95)), 1),
            "bare": _shares(drawn, others),
        }
    return figures


def _shares(meant: list[str], guessed: list[list[str]]) -> dict[str, float]:
    pairs = list(zip(meant, guessed, strict=True))
    return {
        "top1": round(sum(bool(found) and found[0] == one for one, found in pairs) / len(pairs), 4),
        "top10": round(sum(one in found for one, found in pairs) / len(pairs), 4),
    }
