"""Train what tells upright characters: `python -m benchmarks.train.upright --data FONTS --seed 1 --out upright.npz`.

FONTS is a folder of fonts with Chinese characters (`ui/assets/fonts` after `make`; more make it better). Text is drawn:
the 3,755 common characters of GB 2312, Latin words, numbers; in lines and in columns, small and large, blurred, noisy.
Needs nothing but NumPy, OpenCV and Pillow, and a few minutes.
"""

import argparse
import hashlib
import json
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from kiosk.vision.pages.upright import FEATURES, TURNS, WINDOW, features

HIDDEN = 64
CHINESE = "".join(
    bytes((row, cell)).decode("gb2312", "ignore") for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF)
)
LATIN = "etaoinshrdlucmfwypvbgkjqxz" * 2 + "ETAOINSHRDLUCMFWYPVBGKJQXZ"
DIGITS = "0123456789"
MARKS = "，。、：；（）"
_LETTERS, _LENGTH = 8, 14


@lru_cache(maxsize=256)
def _font(path: Path, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(path), size)


def _text(rng: np.random.Generator) -> str:
    """Two in three lines are Chinese, with some numbers and marks; the others Latin words or numbers."""
    kind = rng.random()
    if kind < 0.67:
        letters = list(rng.choice(list(CHINESE), _LENGTH))
        for place in np.flatnonzero(rng.random(_LENGTH) < 0.12):
            letters[place] = str(rng.choice(list(DIGITS + MARKS)))
        return "".join(letters)
    if kind < 0.92:
        words = ["".join(rng.choice(list(LATIN), rng.integers(2, _LETTERS))) for _ in range(6)]
        words = [word.capitalize() if rng.random() < 0.4 else word.lower() for word in words]
        return " ".join(word.upper() if rng.random() < 0.15 else word for word in words)
    return "".join(rng.choice(list(DIGITS + "-. X"), 20))


def _line(fonts: list[Path], rng: np.random.Generator) -> tuple[NDArray[np.uint8], bool]:
    """Dark text on light paper as a camera sees it, running across, its margins a little off.

    The second is true for a column of upright characters, which was laid on its side by a quarter turn.
    """
    size = int(rng.integers(10, 44))
    font = _font(fonts[int(rng.integers(len(fonts)))], size)
    text = _text(rng)
    paper, ink = int(rng.integers(170, 256)), int(rng.integers(0, 110))
    column = text[0] in CHINESE and rng.random() < 0.2
    if column:
        picture = Image.new("L", (2 * size, round(1.15 * size * len(text)) + size), paper)
        draw = ImageDraw.Draw(picture)
        for place, char in enumerate(text):
            draw.text((size // 2, round(1.15 * size * place) + size // 2), char, font=font, fill=ink)
        drawn = np.rot90(np.asarray(picture)[:, round(0.35 * size) : round(1.65 * size)])
    else:
        left, top, right, bottom = (round(side) for side in font.getbbox(text))
        picture = Image.new("L", (right - left + size, bottom - top + size), paper)
        ImageDraw.Draw(picture).text((size // 2 - left, size // 2 - top), text, font=font, fill=ink)
        around = rng.uniform(0.05, 0.3, 2) * (bottom - top)
        drawn = np.asarray(picture)[round(size / 2 - around[0]) : round(size / 2 + bottom - top + around[1])]
    blurred = cv2.GaussianBlur(drawn, (0, 0), float(rng.uniform(0.2, 0.07 * size + 0.3)))
    noisy = blurred + rng.normal(0, rng.uniform(0, 8), drawn.shape)
    return np.asarray(noisy.clip(0, 255), np.uint8), column


def drawn_windows(
    fonts: list[Path], many: int, rng: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """`many` windows, (many, 32, 32), and their classes."""
    windows: list[NDArray[np.uint8]] = []
    classes: list[int] = []
    while len(windows) < many:
        line, column = _line(fonts, rng)
        side = line.shape[0]
        for place in rng.integers(0, max(1, line.shape[1] - side), 6).tolist():
            part = line[:, place : place + side]
            if part.shape[1] < 0.9 * side or float(np.ptp(part)) < 40:
                continue
            window = cv2.resize(part, (WINDOW, WINDOW), interpolation=cv2.INTER_AREA)
            turn = int(rng.integers(len(TURNS)))
            windows.append(np.rot90(window, turn))
            classes.append((turn + int(column)) % len(TURNS))
    return np.stack(windows[:many]).astype(np.uint8), np.array(classes[:many])


def train(
    windows: NDArray[np.uint8], classes: NDArray[np.int64], rng: np.random.Generator, rounds: int
) -> list[NDArray[np.float32]]:
    """One hidden layer, cross entropy, Adam (Kingma and Ba 2015) with a falling rate."""
    fed = features(windows)
    weights = [
        rng.normal(0, (2 / FEATURES) ** 0.5, (FEATURES, HIDDEN)),
        np.zeros(HIDDEN),
        rng.normal(0, (2 / HIDDEN) ** 0.5, (HIDDEN, len(TURNS))),
        np.zeros(len(TURNS)),
    ]
    now = [weight.astype(np.float32) for weight in weights]
    first, second = ([np.zeros_like(weight) for weight in now] for _ in range(2))
    batch, step = 256, 0
    steps = rounds * (len(fed) // batch)
    for _ in range(rounds):
        order = rng.permutation(len(fed))
        for start in range(0, len(order) - batch + 1, batch):
            some = order[start : start + batch]
            step += 1
            slopes = _slopes(now, fed[some], classes[some])
            rate = 3e-3 * (1 - step / (steps + 1))
            for place, slope in enumerate(slopes):
                first[place] = 0.9 * first[place] + 0.1 * slope
                second[place] = 0.999 * second[place] + 0.001 * slope * slope
                ahead = first[place] / (1 - 0.9**step)
                spread = np.sqrt(second[place] / (1 - 0.999**step)) + 1e-8
                now[place] = np.asarray(now[place] - rate * ahead / spread, np.float32)
    return [weight.astype(np.float32) for weight in now]


def _slopes(
    weights: list[NDArray[np.float32]], fed: NDArray[np.float32], classes: NDArray[np.int64]
) -> list[NDArray[np.float32]]:
    into, hidden, out, last = weights
    active = np.maximum(fed @ into + hidden, 0.0)
    logits = active @ out + last
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    shares[np.arange(len(classes)), classes] -= 1.0
    shares /= len(classes)
    back = (shares @ out.T) * (active > 0)
    return [fed.T @ back + 1e-5 * into, back.sum(axis=0), active.T @ shares + 1e-5 * out, shares.sum(axis=0)]


def right_share(weights: list[NDArray[np.float32]], windows: NDArray[np.uint8], classes: NDArray[np.int64]) -> float:
    """Of single windows."""
    into, hidden, out, last = weights
    logits = np.maximum(features(windows) @ into + hidden, 0.0) @ out + last
    return float((logits.argmax(axis=1) == classes).mean())


def main() -> None:
    """Draw, train, write, measure on text drawn anew."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="a folder of fonts with Chinese characters")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--windows", type=int, default=120_000)
    parser.add_argument("--rounds", type=int, default=14)
    parser.add_argument("--out", type=Path, required=True)
    words = parser.parse_args()
    cv2.setNumThreads(1)
    rng = np.random.default_rng(words.seed)
    fonts = sorted(path for path in words.data.iterdir() if path.suffix.lower() in {".ttf", ".otf", ".ttc"})
    windows, classes = drawn_windows(fonts, words.windows, rng)
    weights = train(windows, classes, rng, words.rounds)
    into, hidden, out, last = (weight.astype(np.float16) for weight in weights)
    with words.out.open("wb") as file:
        np.savez(file, into=into, hidden=hidden, out=out, last=last)
    fresh = drawn_windows(fonts, 8000, rng)
    figures = {
        "fonts": [font.name for font in fonts],
        "parameters": sum(weight.size for weight in weights),
        "right_share_of_single_windows": round(right_share(weights, *fresh), 4),
        "bytes": words.out.stat().st_size,
        "sha256": hashlib.sha256(words.out.read_bytes()).hexdigest(),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
