"""A cropped page made ready to be kept: upright, level, without curl, in even light. Pure functions on arrays.

Every step says what it did, and leaves the page alone when it is unsure. Turn, tilt and curl are measured on reduced
copies and carried out in one resampling of the full picture.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from kiosk.vision.faces import Face, Image
from kiosk.vision.pages import curl, light
from kiosk.vision.pages.curl import Did
from kiosk.vision.pages.direction import DirectionReader, direction_of, turned, upright_by_face
from kiosk.vision.pages.picture import PageProblem, as_picture, grey_of, reduced, sharpness

FACE_SIDE = 640
LEAST_FACE, LEAST_FACE_LEAD = 0.8, 0.05
"""Of the detector's score. A face on its head gets 0.07 to 0.3 less."""

FindFaces = Callable[[Image], Sequence[Face]]


class Tone(StrEnum):
    """The kinds of picture a page is kept as."""

    COLOUR = "colour"
    GREY = "grey"
    BILEVEL = "bilevel"


class Step(StrEnum):
    """What is done to a page, in this order."""

    TURN = "turn"
    LEVEL = "level"
    UNCURL = "uncurl"
    LIGHT = "light"


@dataclass(frozen=True, slots=True)
class Done:
    """What a step did.

    Attributes:
        before: TURN: degrees clockwise; LEVEL: tilt in degrees; UNCURL: bend in shares of the width; LIGHT:
            the brightest by the darkest paper.
        after: the same afterwards, as far as it was measured.
    """

    step: Step
    did: Did
    before: float = 0.0
    after: float = 0.0


@dataclass(frozen=True, slots=True)
class Options:
    """What to do with a page. A card with a printed photo may be turned by its face."""

    turn: bool = True
    level: bool = True
    uncurl: bool = True
    even: bool = True
    tone: Tone = Tone.COLOUR


@dataclass(frozen=True, slots=True, eq=False)
class Finished:
    """A finished page.

    Attributes:
        image: (height, width, 3) in colour, (height, width) otherwise; (0, 0, 3) when there is a problem.
        problem: why there is no page, or NONE.
        steps: what was done.
        sharpness: of the page before anything was done to it (`picture.sharpness`).
    """

    image: NDArray[np.uint8]
    problem: PageProblem
    steps: tuple[Done, ...] = ()
    sharpness: float = 0.0
    tone: Tone = field(default=Tone.COLOUR)

    def did(self, step: Step) -> Did:
        """What a step did; OFF when it was not asked for."""
        return next((done.did for done in self.steps if done.step is step), Did.OFF)


def finish(
    page: NDArray[np.generic],
    options: Options | None = None,
    *,
    reader: DirectionReader | None = None,
    faces: FindFaces | None = None,
) -> Finished:
    """Make a cropped page ready to be kept.

    Args:
        page: (height, width, 3) BGR; other arrays are converted or refused by `PageProblem`.
        options: what to do; everything by default.
        reader: tells upright text; without it only a face can turn a page.
        faces: finds faces in a picture, the largest first (`FaceEngine.detect`), for cards with a photo.
    """
    options = options or Options()
    picture, problem = as_picture(page)
    if problem is not PageProblem.NONE:
        return Finished(picture, problem)
    sharp = sharpness(picture)
    steps: list[Done] = []
    turn = 0
    if options.turn:
        done, turn = _turn(picture, reader, faces)
        steps.append(done)
    picture = _straight(picture, turn, options, steps)
    if options.even:
        seen = light.light_of(picture)
        did = Did.DONE if seen.sure else Did.UNSURE
        steps.append(Done(Step.LIGHT, did, round(seen.variation, 3), 1.0 if seen.sure else round(seen.variation, 3)))
        picture = light.flattened(picture, seen)
    return Finished(toned(picture, options.tone), PageProblem.NONE, tuple(steps), round(sharp, 1), options.tone)


def toned(page: Image, tone: Tone) -> NDArray[np.uint8]:
    """A page in colour, (h, w, 3), grey, (h, w), or bilevel, (h, w) of 0 and 255."""
    match tone:
        case Tone.COLOUR:
            return page
        case Tone.GREY:
            return grey_of(page)
        case Tone.BILEVEL:
            return light.bilevel(page)


def _turn(picture: Image, reader: DirectionReader | None, faces: FindFaces | None) -> tuple[Done, int]:
    """Text decides; a face decides where the text does not, and takes the text's answer back when they differ."""
    by_text = direction_of(picture, reader).turn if reader is not None else None
    by_face = _turn_by_face(picture, faces) if faces is not None else None
    if by_text is not None and by_face is not None and by_text != by_face:
        return Done(Step.TURN, Did.UNSURE), 0
    turn = by_text if by_text is not None else by_face
    if turn is None:
        return Done(Step.TURN, Did.UNSURE), 0
    return Done(Step.TURN, Did.DONE if turn else Did.NOT_NEEDED, float(turn), 0.0), turn


def _turn_by_face(picture: Image, faces: FindFaces) -> int | None:
    """The turn at which the detector is surest of a face; None without one, or when two turns are nearly alike.

    YuNet sees faces on their heads too, and takes the mouth for eyes, but is less sure of them.
    """
    small, _ = reduced(picture, FACE_SIDE)
    scores = {turn: upright_by_face(faces(turned(small, turn))) for turn in (0, 90, 180, 270)}
    best, second = sorted(scores, key=lambda turn: -scores[turn])[:2]
    sure = scores[best] >= LEAST_FACE and scores[best] - scores[second] >= LEAST_FACE_LEAD
    return best if sure else None


def _straight(picture: Image, turn: int, options: Options, steps: list[Done]) -> Image:
    if not (options.level or options.uncurl):
        return turned(picture, turn)
    shape = curl.shape_of(turned(reduced(picture, curl.SIDE)[0], turn))
    if options.level:
        after = 0.0 if shape.tilt_did is Did.DONE else shape.tilt
        steps.append(Done(Step.LEVEL, shape.tilt_did, round(shape.tilt, 2), after))
    if options.uncurl:
        left = shape.left if shape.bend_did is Did.DONE else shape.bend
        steps.append(Done(Step.UNCURL, shape.bend_did, round(shape.bend, 5), round(left, 5)))
    return curl.straight(picture, shape.only(tilt=options.level, bend=options.uncurl), turn)
