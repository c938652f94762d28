"""What the mask network is shown: photographs and drawings, each time turned, cut, lit and spoilt anew."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.train.mask_drawing import Frame, disturbed, glasses, masked, transplanted
from benchmarks.train.mask_pictures import Photograph
from kiosk.vision.faces import Image
from kiosk.vision.masks import CLASSES, SIDE, scaled

BARE, WORN, NOSE_OUT = range(len(CLASSES))
BATCH = 96
Batch = tuple[NDArray[np.float32], NDArray[np.int64]]
"""(n, 3, 64, 64) and (n,)."""
Random = np.random.Generator


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """Pictures of one kind.

    Attributes:
        images: (112, 112, 3) each.
        answer: the class of all of them.
        share: of a batch.
    """

    name: str
    images: list[Image]
    answer: int
    share: float


def lessons(taken: Sequence[Photograph], random: Random, *, drawn: int) -> list[Lesson]:
    """Draw what is to be drawn, once.

    Args:
        taken: the photographs to learn from.
        random: for the drawings.
        drawn: how many masks to draw; of the rest there are proportionate numbers.
    """
    bare = [each for each in taken if not each.mask]
    mask = [each for each in taken if each.mask]
    faces = [(each.image, each.points) for each in bare if each.points is not None]
    frontal = [(image, points) for image, points in faces if abs(Frame.of(points).yaw) < 0.25]
    wearing = [(each.image, each.points) for each in mask if each.points is not None]
    wearing = [(image, points) for image, points in wearing if abs(Frame.of(points).yaw) < 0.25]

    def one(of: list[tuple[Image, NDArray[np.float32]]]) -> tuple[Image, NDArray[np.float32]]:
        return of[int(random.integers(len(of)))]

    def wearer() -> tuple[Image, NDArray[np.float32]]:
        image, points = one(faces)
        return (glasses(image, points, random), points) if random.random() < 0.15 else (image, points)

    worn = [masked(*wearer(), random) for _ in range(drawn)]
    moved = [transplanted(*one(frontal), *one(wearing), random) for _ in range(drawn)]
    nose_out = [masked(*one(faces), random, nose_out=True) for _ in range(drawn // 2)]
    chin = [masked(*one(faces), random, chin=True) for _ in range(drawn // 4)]
    freed = [transplanted(*one(wearing), *one(frontal), random, whole=True) for _ in range(drawn // 4)]
    hidden = [disturbed(*one(faces), random) for _ in range(drawn)]
    return [
        Lesson("mask", [each.image for each in mask], WORN, 0.27),
        Lesson("bare", [each.image for each in bare], BARE, 0.33),
        Lesson("mask, drawn", worn, WORN, 0.08),
        Lesson("mask, transplanted", moved, WORN, 0.09),
        Lesson("nose out, drawn", nose_out, NOSE_OUT, 0.06),
        Lesson("mask on the chin, drawn", chin, BARE, 0.03),
        Lesson("bare, transplanted", freed, BARE, 0.03),
        Lesson("bare and disturbed", hidden, BARE, 0.11),
    ]


def batches(kinds: Sequence[Lesson], steps: int, random: Random, *, rough: float = 1.0) -> Iterator[Batch]:
    """Batches of 96, each picture spoilt anew.

    Args:
        kinds: what to show.
        steps: how many batches.
        random: for the draw and for the spoiling.
        rough: how much is spoilt; 0: nothing.
    """
    shares = np.array([kind.share for kind in kinds])
    for _ in range(steps):
        images: list[Image] = []
        answers: list[int] = []
        for place in random.choice(len(kinds), BATCH, p=shares / shares.sum()):
            kind = kinds[int(place)]
            images.append(spoilt(kind.images[int(random.integers(len(kind.images)))], random, rough))
            answers.append(kind.answer)
        yield scaled(np.stack(images)), np.array(answers, np.int64)


def spoilt(image: Image, random: Random, rough: float = 1.0) -> Image:
    """The picture as another camera, detector and light would have given it, (64, 64, 3)."""
    return _transmitted(_lit(_framed(_cut(image, random, rough), random, rough), random, rough), random, rough)


def _cut(image: Image, random: Random, rough: float) -> Image:
    side = image.shape[0]
    scale = float(SIDE / side * np.exp(random.normal(0, 0.1 * rough)))
    turn = float(random.normal(0, 9) if random.random() < 0.75 else random.uniform(-35, 35)) * rough
    move = np.asarray(cv2.getRotationMatrix2D((side / 2, side / 2), turn, scale), np.float64)
    move[:, 2] += SIDE / 2 - side / 2 + random.normal(0, 0.04 * SIDE * rough, 2)
    move[:, 0] *= np.exp(random.normal(0, 0.04 * rough))
    if random.random() < 0.5:
        image = np.ascontiguousarray(image[:, ::-1])
    border = cv2.BORDER_CONSTANT if random.random() < 0.5 else cv2.BORDER_REPLICATE
    return np.asarray(cv2.warpAffine(image, move, (SIDE, SIDE), flags=cv2.INTER_AREA, borderMode=border), np.uint8)


def _framed(image: Image, random: Random, rough: float) -> Image:
    """The picture may end within the square: black beyond, or its last row goes on."""
    if random.random() > 0.25 * rough:
        return image
    left, top, right, bottom = (int(random.integers(0, 11)) if random.random() < 0.5 else 0 for _ in range(4))
    inside = image[top : SIDE - bottom, left : SIDE - right]
    border = cv2.BORDER_CONSTANT if random.random() < 0.5 else cv2.BORDER_REPLICATE
    return np.asarray(cv2.copyMakeBorder(inside, top, bottom, left, right, border), np.uint8)


def _lit(image: Image, random: Random, rough: float) -> Image:
    values = image.astype(np.float32) / 255
    values = values ** np.float32(np.exp(random.normal(0, 0.3 * rough)))
    gain = np.exp(random.normal(0, 0.18 * rough)) * np.exp(random.normal(0, 0.07 * rough, 3))
    values = values * gain.astype(np.float32) + np.float32(random.normal(0, 0.04 * rough))
    if random.random() < 0.12 * rough:
        values = values.mean(axis=2, keepdims=True).repeat(3, axis=2)
    elif random.random() < 0.1 * rough:  # other colours for cloth and wall
        values = values[:, :, random.permutation(3)]
    if random.random() < 0.15 * rough:  # light from a side, or a dark hall
        slope = np.linspace(random.uniform(0.3, 1), random.uniform(0.5, 1.4), SIDE, dtype=np.float32)
        values = values * (slope[None, :, None] if random.random() < 0.6 else slope[:, None, None])
    if random.random() < 0.08 * rough:  # glare
        x, y = random.uniform(0, SIDE, 2)
        rows, columns = np.mgrid[0:SIDE, 0:SIDE]
        far = ((columns - x) ** 2 + (rows - y) ** 2) / random.uniform(4, 16) ** 2
        values = values + (random.uniform(0.3, 1.0) * np.exp(-far)).astype(np.float32)[..., None]
    if random.random() < 0.12 * rough:  # something before a part of the picture
        x, y = random.integers(0, SIDE - 8, 2)
        wide, high = random.integers(6, 22, 2)
        # Not over the middle of the lower face, where it would decide.
        if y + high < SIDE * 0.42 or x + wide < SIDE * 0.3 or x > SIDE * 0.7:
            values[y : y + high, x : x + wide] = random.random(3)
    return np.asarray(np.clip(values * 255, 0, 255), np.uint8)


def _transmitted(image: Image, random: Random, rough: float) -> Image:
    if random.random() < 0.3 * rough:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), float(random.uniform(0.3, 1.7))), np.uint8)
    if random.random() < 0.2 * rough:  # far away
        small = int(random.integers(22, 56))
        image = np.asarray(cv2.resize(image, (small, small), interpolation=cv2.INTER_AREA), np.uint8)
        image = np.asarray(cv2.resize(image, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR), np.uint8)
    if random.random() < 0.3 * rough:
        noise = random.normal(0, random.uniform(1, 14), image.shape).astype(np.float32)
        image = np.clip(image + noise, 0, 255).astype(np.uint8)
    if random.random() < 0.25 * rough:
        _, coded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(25, 92))])
        image = np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)
    return image
