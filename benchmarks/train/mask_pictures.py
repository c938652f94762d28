"""The photographs that the mask network learns from: read, with the points of their faces, near-duplicates together."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.engines.sface import SFace
from kiosk.vision.faces import Embedding, Image
from kiosk.vision.masks import square

STORED = 112
"""Pixels a side, as kept for training; more than the network's 64, so that it can be turned and cut."""
NEAR = 4
"""Pictures whose hashes differ in at most this many of 64 bits count as one; from 6 on, chains join strangers."""
ALIKE = 0.6
"""The similarity by SFace from which two faces are one person's: 1 pair of strangers in a million reaches 0.5."""
SUFFIXES = {".jpg", ".jpeg", ".png"}


@dataclass(frozen=True, slots=True, eq=False)
class Photograph:
    """One face.

    Attributes:
        name: folder and file.
        image: (112, 112, 3), the square of 1.5 times the face's box.
        points: the face's five points in it; None where the detector finds none.
        mask: whether it wears one.
        group: the same number for near-duplicates and for one person's pictures.
    """

    name: str
    image: Image
    points: NDArray[np.float32] | None
    mask: bool
    group: int


def photographs(crops: Path, faces: Path | None) -> list[Photograph]:
    """Read `mask/` and `bare/` below a folder of crops, and whole pictures of bare faces.

    Args:
        crops: has the two folders, with squares of 1.5 times the face's box.
        faces: a folder of pictures in which the faces are still to be found.
    """
    engine = SFace()
    found: list[tuple[str, Image, bool]] = []
    for kind in ("mask", "bare"):
        for path in pictures(crops / kind):
            crop = read(path)
            if crop is not None:
                found.append((f"{kind}/{path.name}", crop, kind == "mask"))
    for path in [] if faces is None else pictures(faces):
        whole = read(path)
        seen = [] if whole is None else engine.detect(whole)
        if whole is not None and seen:
            found.append((f"faces/{path.name}", square(whole, seen[0]), False))
    points: list[NDArray[np.float32] | None] = []
    people: list[Embedding] = []
    for _, crop, _ in found:
        enough = np.asarray(cv2.resize(crop, (160, 160)), np.uint8)
        seen = engine.detect(enough)
        points.append(seen[0].points * np.float32(STORED / 160) if seen else None)
        people.append(engine.embed(enough, seen[0]) if seen else np.full(128, np.nan, np.float32))
    groups = grouped([crop for _, crop, _ in found], people)
    return [
        Photograph(
            name,
            np.asarray(cv2.resize(crop, (STORED, STORED), interpolation=cv2.INTER_AREA), np.uint8),
            at,
            mask,
            group,
        )
        for (name, crop, mask), at, group in zip(found, points, groups, strict=True)
    ]


def pictures(folder: Path) -> list[Path]:
    """The pictures of a folder, by name."""
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)


def read(path: Path) -> Image | None:
    """A picture, BGR; None where the file is none."""
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    return None if image is None else np.asarray(image, np.uint8)


def grouped(crops: Sequence[Image], people: Sequence[Embedding]) -> list[int]:
    """A number a picture, the same for near-duplicates, mirrored ones included, and for one person's pictures.

    Two pictures are near when their 8x8 difference hashes are, or when SFace takes them for one person; chains of near
    pictures are one group.

    Args:
        crops: the pictures.
        people: their faces as SFace has them, (128,) each; NaN where there is none.
    """
    faces = np.stack(people)
    hashes = np.stack([_bits(crop) for crop in crops])
    mirrored = np.stack([_bits(np.ascontiguousarray(crop[:, ::-1])) for crop in crops])
    group = list(range(len(crops)))

    def root(place: int) -> int:
        while group[place] != place:
            group[place] = group[group[place]]
            place = group[place]
        return place

    for place, bits in enumerate(hashes):
        apart = np.minimum((hashes[:place] != bits).sum(axis=1), (mirrored[:place] != bits).sum(axis=1))
        for other in np.flatnonzero((apart <= NEAR) | (faces[:place] @ faces[place] >= ALIKE)):
            group[root(int(other))] = root(place)
    return [root(place) for place in range(len(crops))]


def split(taken: Sequence[Photograph], parts: int, seed: int) -> list[NDArray[np.bool_]]:
    """Which photographs each of several parts holds out; groups are never divided."""
    groups = sorted({photograph.group for photograph in taken})
    np.random.default_rng(seed).shuffle(groups)
    part_of = {group: place % parts for place, group in enumerate(groups)}
    parts_taken = np.array([part_of[photograph.group] for photograph in taken])
    return [parts_taken == part for part in range(parts)]


def _bits(crop: Image) -> NDArray[np.bool_]:
    grey = np.asarray(
        cv2.resize(cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY), (9, 8), interpolation=cv2.INTER_AREA), np.int16
    )
    return (grey[:, 1:] > grey[:, :-1]).reshape(-1)
