"""Liveness: the passive networks on pictures, and the challenge on simulated heads and photographs moved by hand.

The challenge is tried twice: on five points with a detector's noise, many and quick, and on drawn pictures through the
real detector. Both are simulations, and no rate of attacks in the field.
"""

import hashlib
import math
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from drivers.simulate.heads import (
    PUPILS_MM,
    Actor,
    Bend,
    Camera,
    LivingPerson,
    MovedPhotograph,
    Points,
    Pose,
    Tremor,
    Trick,
    bent,
    box_of,
    head,
    photograph,
    project,
)
from drivers.simulate.reliefs import developed, head_relief, picture_of, sheet_relief
from drivers.simulate.scenes import empty_hall
from kiosk.vision.challenge import Challenge
from kiosk.vision.challenge_state import Answer, ChallengeState, Patience, Step, Trouble, draw
from kiosk.vision.engines.yunet import YuNet
from kiosk.vision.faces import Face, Image
from kiosk.vision.liveness import THRESHOLD, PassiveNets, crop, serves
from kiosk.vision.observation import PassiveFiles
from kiosk.vision.parallax import sideways, usable

OF: Final = 50
"""Live turns, and moved photographs, for each seed."""
FPS: Final = 10.0
TEXTBOOK_SHIFT: Final = 0.20
"""The textbook's turn: the nose beside the middle of the eyes, in distances between the pupils, in one picture."""
TIGHT: Final = 0.5
"""Radius, in distances between the pupils: tighter than the target asks for; what lies beyond it."""
MOST_PORTRAITS: Final = 25
V2_NAME: Final = "minifas_v2_2.7.onnx"
V1SE_NAME: Final = "minifas_v1se_4.0.onnx"

Portrait = tuple[Image, Points]


def measure(
    folder: Path, *, v2: Path | None, v1se: Path | None, portraits: Path | None, seeds: int, rendered: int
) -> dict[str, object]:
    """Measure everything.

    Args:
        folder: pictures `image_T1`, `image_F1`, `image_F2`: live, print, screen.
        v2: MiniFASNetV2; looked for in `folder` and in `models` beside it when None.
        v1se: MiniFASNetV1SE; the same.
        portraits: a folder of faces to draw heads from; the live pictures of `folder` when None.
        seeds: of the challenge on points, 50 live turns and 50 photographs each.
        rendered: live turns, and photographs, that are drawn.
    """
    cv2.setNumThreads(1)
    detector = YuNet()
    pictures = _pictures(folder)
    faces = [image for name, image in pictures if _kind(name) == "live"]
    if portraits is not None:
        faces = [image for _, image in _pictures(portraits)]
    return {
        "passive": _passive(pictures, detector, v2 or _near(folder, V2_NAME), v1se or _near(folder, V1SE_NAME)),
        "challenge": {"points": _on_points(seeds), "frames": _on_frames(faces, detector, rendered)},
    }


# The networks -------------------------------------------------------------------------------------------------------


def _passive(
    pictures: Sequence[tuple[str, Image]], detector: YuNet, v2: Path | None, v1se: Path | None
) -> dict[str, object]:
    nets = PassiveNets(PassiveFiles(str(v2 or ""), _sha256(v2), str(v1se or ""), _sha256(v1se)))
    if nets.why_not:
        return {"liveness": "not_available", "why": nets.why_not, "passed": False, "pictures": []}
    rows = [_row(name, image, detector, nets) for name, image in pictures]
    return {"model": nets.model, "threshold": THRESHOLD, "pictures": rows, **_speed(pictures, detector, nets, v2, v1se)}


def _row(name: str, image: Image, detector: YuNet, nets: PassiveNets) -> dict[str, object]:
    """One picture. The product wants five, and none with a face that takes more than a quarter of the width."""
    found = detector.detect(image)
    row: dict[str, object] = {"name": name, "kind": _kind(name)}
    score = nets.raw(image, found[0]) if found else None
    if score is None:
        return row | {"score": None, "says": "not_measured"}
    says = "live" if score >= THRESHOLD else "not_live"
    return row | {"score": round(score, 4), "says": says, "too_near_for_the_product": not serves(image, found[0])}


def _speed(
    pictures: Sequence[tuple[str, Image]], detector: YuNet, nets: PassiveNets, v2: Path | None, v1se: Path | None
) -> dict[str, object]:
    """Both networks with their crops, against the bare networks on crops that are ready."""
    seen = [(image, found[0]) for _, image in pictures if (found := detector.detect(image))]
    if not seen or v2 is None or v1se is None:
        return {}
    image, face = seen[0]
    bare = [(cv2.dnn.readNetFromONNX(str(path)), crop(image, face.box, s)) for path, s in ((v2, 2.7), (v1se, 4.0))]

    def alone() -> None:
        for net, piece in bare:
            net.setInput(cv2.dnn.blobFromImage(piece))
            net.forward()

    ours, theirs = [], []
    for _ in range(30):  # in turn, because machines are noisy
        ours.append(_timed(lambda: nets.raw(image, face)))
        theirs.append(_timed(alone))
    mine, other = float(np.median(ours)), float(np.median(theirs))
    return {"cpu_ms": round(mine, 2), "bare_cpu_ms": round(other, 2), "ratio": round(mine / other, 3)}


def _timed(work: Callable[[], object]) -> float:
    begin = time.thread_time()
    work()
    return (time.thread_time() - begin) * 1000


# The challenge ------------------------------------------------------------------------------------------------------


class _Textbook:
    """What a challenge from the nose and the eyes alone would say: for comparison."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def see(self, points: Points, step: Step) -> None:
        """Look at a picture."""
        across = points[1] - points[0]
        shift = float((points[2] - points[:2].mean(axis=0)) @ across) / max(float(across @ across), 1e-9)
        if abs(shift) >= TEXTBOOK_SHIFT and step is (Step.TURN_LEFT if shift > 0 else Step.TURN_RIGHT):
            self._seen.add(step)

    def passed(self, steps: Sequence[Step]) -> bool:
        """Whether every turn that was asked was seen."""
        return {step for step in steps if step is not Step.COME_CLOSER} <= self._seen


def run_points(
    actor: Actor, shape: Points, steps: tuple[Step, ...], noise: float, rng: np.random.Generator
) -> tuple[ChallengeState, float, bool]:
    """One challenge on five points: how it ended, after how many seconds, and what the textbook says."""
    challenge, textbook = Challenge(steps, nonce="0", texture=False), _Textbook()
    tremor, camera = Tremor(noise, rng), Camera()
    state, at = challenge.state, 0.0
    while state.answer is Answer.PENDING:
        pose, bend = actor.act(at, state.step.value)
        points = tremor.shaken(project(bent(shape, bend), pose, camera))
        textbook.see(points, state.step)
        state = challenge.see(at, [Face(box_of(points), points.astype(np.float32), 0.9)])
        at += 1 / FPS
    return state, at, textbook.passed(steps)


def hand_held(trick: Trick, rng: np.random.Generator, *, tightest: float = 1.0) -> tuple[MovedPhotograph, Points]:
    """A photograph and the one who holds it."""
    shape = photograph(head(rng), rng)
    actor = MovedPhotograph(trick, rng, tightest=tightest)
    actor.resized(math.hypot(*(shape[1] - shape[0])[:2]) / PUPILS_MM)
    return actor, shape


def _on_points(seeds: int) -> dict[str, object]:
    tricks = list(Trick)
    live: list[int] = []
    photos: list[int] = []
    beyond = textbook_live = textbook_photos = 0
    seconds: list[float] = []
    depths: list[float] = []
    reasons: Counter[str] = Counter()
    for seed in range(seeds):
        rng, chance = np.random.default_rng([seed, 20260101]), random.Random(seed)
        passed = fooled = 0
        for number in range(OF):
            noise = float(rng.uniform(0.015, 0.03))
            state, lasted, easy = run_points(LivingPerson(rng), head(rng), draw(chance), noise, rng)
            passed += state.answer is Answer.PASSED
            textbook_live += easy
            seconds.append(lasted)
            depths.append(state.depth or 0.0)
            reasons["live: " + _ending(state)] += 1
            trick = tricks[number % len(tricks)]
            state, _, easy = run_points(*hand_held(trick, rng), draw(chance), noise, rng)
            fooled += state.answer is Answer.PASSED
            textbook_photos += easy
            reasons[f"{trick.value}: " + _ending(state)] += 1
            trick = Trick.BEND if number % 2 else Trick.FLEX
            state, _, _ = run_points(*hand_held(trick, rng, tightest=TIGHT), draw(chance), noise, rng)
            beyond += state.answer is Answer.PASSED
        live.append(passed)
        photos.append(fooled)
    return {
        "of": OF,
        "seeds": seeds,
        "live_passed": live,
        "photos_passed": photos,
        "least_live_passed": min(live, default=None),
        "most_photos_passed": max(photos, default=None),
        "seconds_median": round(float(np.median(seconds)), 1) if seconds else None,
        "depth_median": round(float(np.median(depths)), 2) if depths else None,
        "tightly_bent_passed": beyond,
        "tightly_bent_of": OF * seeds,
        "endings": dict(sorted(reasons.items())),
        "textbook": {"live_passed": textbook_live, "photos_passed": textbook_photos, "of": OF * seeds},
    }


def run_frames(
    actor: Actor,
    portrait: Portrait,
    steps: tuple[Step, ...],
    detector: YuNet,
    rng: np.random.Generator,
    *,
    live: bool,
    patience: Patience | None = None,
) -> tuple[ChallengeState, int]:
    """One challenge on drawn pictures: how it ended, after how many of them."""
    image, points = portrait
    camera, background = Camera(), empty_hall(rng)
    challenge = Challenge(steps, nonce="0", patience=patience)
    nose = float(np.clip(rng.normal(0.40, 0.05), 0.29, 0.52))
    relief = head_relief(image, points, nose) if live else sheet_relief(image, points, Bend())
    held = Bend()
    state, number = challenge.state, 0
    while state.answer is Answer.PENDING:
        # Who is told that it was too fast goes back to the front, and is asked once more.
        order = Step.LOOK_AHEAD if state.trouble is Trouble.TOO_FAST else state.step
        pose, bend = actor.act(number / FPS, order.value)
        if not live and bend != held:
            relief, held = sheet_relief(image, points, bend), bend
        frame = developed(picture_of(relief, pose, camera, background), rng)
        state = challenge.see(number / FPS, detector.detect(frame), frame)
        number += 1
    return state, number


def _on_frames(images: Sequence[Image], detector: YuNet, rendered: int) -> dict[str, object]:
    rng, chance, tricks = np.random.default_rng(20260102), random.Random(20260102), list(Trick)
    portraits = ahead(images, detector, rng)
    if not portraits or rendered == 0:
        why = "not asked for" if rendered == 0 else "no portrait that looks about ahead"
        return {"measured": False, "why": why}
    reasons: Counter[str] = Counter()
    passed = fooled = frames = 0
    begin = time.thread_time()
    for number in range(rendered):
        portrait = portraits[number % len(portraits)]
        state, lasted = run_frames(LivingPerson(rng), portrait, draw(chance), detector, rng, live=True)
        passed += state.answer is Answer.PASSED
        reasons["live: " + _ending(state)] += 1
        frames += lasted
        trick = tricks[number % len(tricks)]
        state, lasted = run_frames(MovedPhotograph(trick, rng), portrait, draw(chance), detector, rng, live=False)
        fooled += state.answer is Answer.PASSED
        reasons[f"{trick.value}: " + _ending(state)] += 1
        frames += lasted
    return {
        "measured": True,
        "of": rendered,
        "portraits": len(portraits),
        "live_passed": passed,
        "photos_passed": fooled,
        "endings": dict(sorted(reasons.items())),
        "frames": frames,
        "cpu_ms_a_frame": round((time.thread_time() - begin) * 1000 / frames, 1),
    }


def ahead(images: Sequence[Image], detector: YuNet, rng: np.random.Generator) -> list[Portrait]:
    """The portraits, at most 25 drawn at random, with their five points; those that look aside are turned to the front.

    Otherwise a photograph of somebody who looks aside would fail before it is moved, and prove nothing.
    """
    found: list[Portrait] = []
    for index in rng.permutation(len(images)):
        image = images[int(index)]
        if max(image.shape[:2]) < 300:
            image = np.asarray(cv2.resize(image, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), np.uint8)
        portrait, aside = _looking(image, detector)
        if portrait is not None and 0.05 < aside <= 0.2:
            camera = Camera(720, 720)
            front = picture_of(head_relief(*portrait), Pose(y=0, z=330), camera, np.full((720, 720, 3), 150, np.uint8))
            portrait, aside = _looking(front, detector)
        if portrait is not None and aside <= 0.08:
            found.append(portrait)
        if len(found) == MOST_PORTRAITS:
            break
    return found


def _looking(image: Image, detector: YuNet) -> tuple[Portrait | None, float]:
    """A portrait's five points, and how far it looks aside."""
    faces = detector.detect(image)
    points = usable(faces[0].points) if faces and faces[0].score >= 0.85 else None
    aside = None if points is None else sideways(points)
    return (None, 0.0) if points is None or aside is None else ((image, points), abs(aside))


# Files --------------------------------------------------------------------------------------------------------------


def _ending(state: ChallengeState) -> str:
    return "passed" if state.answer is Answer.PASSED else state.trouble.value


def _pictures(folder: Path) -> list[tuple[str, Image]]:
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in {".jpg", ".jpeg", ".png"})
    read = [(path.stem, cv2.imread(str(path))) for path in paths]
    return [(name, np.asarray(image, np.uint8)) for name, image in read if image is not None]


def _kind(name: str) -> str:
    """By the name: `image_T1` live, `image_F1` print, `image_F2` screen."""
    match = re.search(r"([TF])(\d+)$", name)
    if match is None:
        return "unknown"
    if match[1] == "T":
        return "live"
    return {"1": "print", "2": "screen"}.get(match[2], "attack")


def _near(folder: Path, name: str) -> Path | None:
    return next((path for path in (folder / name, folder.parent / "models" / name) if path.is_file()), None)


def _sha256(path: Path | None) -> str:
    if path is None:
        return ""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "there is no such file"
