"""Sets of face pictures: who is on which, which are compared, and how a photograph becomes a card's photo."""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path

import cv2
import numpy as np
import typer
from numpy.typing import NDArray

from benchmarks.face_names import is_east_asian
from kiosk.vision.faces import Face, Image
from kiosk.vision.wlt import card_portrait

CHIP_BYTES = 1700
"""Of the JPEG that stands for the card's 1,024 bytes of WLT, whose codec is closed: a working guess."""
SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp"})
_NAME = re.compile(r"(?P<name>.+)_\d+")

Indices = NDArray[np.int64]


@dataclass(frozen=True)
class FaceSet:
    """Pictures and whom they show.

    Attributes:
        names: (n,) of each picture, who is on it.
    """

    pictures: tuple[Path, ...]
    names: tuple[str, ...]

    def east_asian(self) -> NDArray[np.bool_]:
        """(n,): whose name is East Asian."""
        known = {name: is_east_asian(name) for name in set(self.names)}
        return np.array([known[name] for name in self.names], np.bool_)


@dataclass(frozen=True)
class Pairs:
    """Which pictures are compared: live ones with reference ones, by their places in a set.

    Attributes:
        same: (m,): whether both show one person.
    """

    live: Indices
    reference: Indices
    same: NDArray[np.bool_]


def person_of(picture: Path) -> str:
    """`Name` of `Name_0001.jpg`; the whole stem where it is built otherwise."""
    match = _NAME.fullmatch(picture.stem)
    return match["name"] if match else picture.stem


def every_picture(folder: Path) -> tuple[Path, ...]:
    """The pictures in a folder and below it, by path."""
    return tuple(sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file()))


def read_pairs(file: Path, folder: Path) -> tuple[FaceSet, Pairs]:
    """The pairs of a file: picture, picture, 1 for one person or 0, divided by tabs.

    Raises:
        typer.BadParameter: the file is missing or a line is built otherwise.
    """
    try:
        rows = [line.split("\t") for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"the pairs cannot be read: {error}") from error
    if not rows or any(len(row) != 3 or row[2].strip() not in {"0", "1"} for row in rows):
        raise typer.BadParameter(f"{file.name} is not made of: picture, tab, picture, tab, 1 or 0")
    paths = sorted({name for row in rows for name in row[:2]})
    place = {name: number for number, name in enumerate(paths)}
    pictures = tuple(folder / name for name in paths)
    live, reference = (np.array([place[row[side]] for row in rows], np.int64) for side in (0, 1))
    same = np.array([row[2].strip() == "1" for row in rows], np.bool_)
    return FaceSet(pictures, tuple(person_of(path) for path in pictures)), Pairs(live, reference, same)


def sample(folder: Path, most: int, seed: int) -> tuple[FaceSet, NDArray[np.bool_]]:
    """About `most` pictures of people drawn at random, and besides them those of every East Asian name.

    Returns:
        The set, and (n,) which of its pictures were drawn: only these speak for all people.
    """
    people: dict[str, list[Path]] = {}
    for picture in every_picture(folder):
        people.setdefault(person_of(picture), []).append(picture)
    order = sorted(people)
    random.Random(seed).shuffle(order)
    drawn: set[str] = set()
    count = 0
    for name in order:
        if count >= most:
            break
        drawn.add(name)
        count += len(people[name])
    wanted = sorted(name for name in people if name in drawn or is_east_asian(name))
    pictures = tuple(path for name in wanted for path in people[name])
    names = tuple(name for name in wanted for _ in people[name])
    return FaceSet(pictures, names), np.array([name in drawn for name in names], np.bool_)


def all_pairs(names: Sequence[str], usable: NDArray[np.bool_], *, most: int, seed: int) -> Pairs:
    """All pairs of one person, both ways, and pairs of two people: all of them, or `most` drawn at random.

    Args:
        names: (n,) who is on each picture.
        usable: (n,) which pictures take part.
        most: pairs of two people.
        seed: of the draw.
    """
    _, who = np.unique(np.array(names), return_inverse=True)
    places = np.flatnonzero(usable)
    groups: dict[int, list[int]] = {}
    for place in places.tolist():
        groups.setdefault(int(who[place]), []).append(place)
    one = [pair for group in groups.values() for pair in permutations(group, 2)]
    genuine = np.array(one, np.int64).reshape(-1, 2)
    every = np.vstack([genuine, _strangers(places, who, most, seed)])
    return Pairs(every[:, 0], every[:, 1], np.arange(len(every)) < len(genuine))


def _strangers(places: Indices, who: Indices, most: int, seed: int) -> Indices:
    count = len(places)
    if count < 2:
        return np.empty((0, 2), np.int64)
    rng = np.random.default_rng(seed)
    if count * count <= 2 * most:
        numbers = np.arange(count * count)
    else:
        numbers = np.unique(rng.integers(0, count * count, most + most // 8))
    pairs = np.stack([places[numbers // count], places[numbers % count]], axis=1)
    pairs = pairs[who[pairs[:, 0]] != who[pairs[:, 1]]]
    if len(pairs) > most:
        pairs = pairs[np.sort(rng.choice(len(pairs), most, replace=False))]
    return np.asarray(pairs, np.int64)


def card_photo(image: Image, face: Face) -> Image:
    """A card's photo of a face: 102x126, the pupils 25 px apart, through a JPEG of at most 1,700 bytes.

    Raises:
        ValueError: not even the lowest quality is that small.
    """
    small = card_portrait(image, face)
    best: NDArray[np.uint8] | None = None
    low, high = 1, 100
    while low <= high:
        quality = (low + high) // 2
        packed = np.asarray(cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], np.uint8)
        if packed.size <= CHIP_BYTES:
            best, low = packed, quality + 1
        else:
            high = quality - 1
    if best is None:
        raise ValueError("the portrait does not fit")
    return np.asarray(cv2.imdecode(best, cv2.IMREAD_COLOR), np.uint8)
