"""What the vision process says of a picture. Plain data; imports no OpenCV, so that journeys may know it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class FaceProblem(StrEnum):
    """Why a picture does not serve for comparing faces; the first that applies."""

    NONE = "none"
    NO_FACE = "no_face"
    SEVERAL_FACES = "several_faces"
    TOO_FAR = "too_far"
    TOO_NEAR = "too_near"
    TURNED_AWAY = "turned_away"
    BLURRED = "blurred"
    TOO_DARK = "too_dark"
    TOO_BRIGHT = "too_bright"
    MASKED = "masked"
    """A mask hides half of what is compared. Only where the picture is taken for the comparison."""


class Mask(StrEnum):
    """Whether the nearest face wears a mask."""

    WORN = "worn"
    BARE = "bare"
    UNSURE = "unsure"
    NOT_MEASURED = "not_measured"
    """No face, or one too small to tell."""


class Liveness(StrEnum):
    """Whether a living person is before the camera. Only PASSED is PASSED."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_MEASURED = "not_measured"
    """Too few pictures that serve."""
    NOT_AVAILABLE = "not_available"
    """The networks are not configured, or their files are not the ones expected."""


class FaceBand(StrEnum):
    """Where a similarity lies in the engine's table."""

    ACCEPT = "accept"
    STAFF = "staff"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class PassiveFiles:
    """Where the two liveness networks are, from the site file; all four or none.

    Attributes:
        v2_path: MiniFASNetV2 (crop 2.7) as ONNX.
        v2_sha256: of that file, hexadecimal.
        v1se_path: MiniFASNetV1SE (crop 4.0) as ONNX.
        v1se_sha256: of that file, hexadecimal.
    """

    v2_path: str = ""
    v2_sha256: str = ""
    v1se_path: str = ""
    v1se_sha256: str = ""


class Step(StrEnum):
    """What the person is asked to do in the active challenge. Left and right are the person's own."""

    LOOK_AHEAD = "look_ahead"
    TURN_LEFT = "turn_left"
    TURN_RIGHT = "turn_right"
    COME_CLOSER = "come_closer"
    DONE = "done"


class Answer(StrEnum):
    """How the challenge stands. Only PASSED is PASSED."""

    PENDING = "pending"
    PASSED = "passed"
    FAILED = "failed"


class Trouble(StrEnum):
    """Why the challenge failed; while it is pending, what is in the way just now."""

    NONE = "none"
    NO_FACE = "no_face"
    """None in this picture, or not one that looks ahead when that is asked."""
    LOST_FACE = "lost_face"
    SECOND_FACE = "second_face"
    JUMPED = "jumped"
    """The face was at once somewhere else or of another size: it may be another."""
    TOO_FAST = "too_fast"
    """Turned with nothing seen in between, or too fast to follow: to the front once more, and slowly."""
    WRONG_WAY = "wrong_way"
    FLAT = "flat"
    """It turned like a plane."""
    OUT_OF_TIME = "out_of_time"
    BAD_CLOCK = "bad_clock"
    """Pictures' times do not increase: they do not come from a camera that is working."""


@dataclass(frozen=True, slots=True)
class ChallengeState:
    """How a challenge stands after a picture.

    Attributes:
        nonce: of the challenge, hexadecimal; goes into the evidence.
        step: what the person is to do now.
        done: steps that are done, of `steps`.
        progress: of this step, 0 to 1.
        depth: the least depth of nose seen in a turn that counted, in distances between the pupils; None before one.
    """

    nonce: str
    step: Step
    done: int
    steps: int
    progress: float
    answer: Answer
    trouble: Trouble
    depth: float | None = None

    @property
    def liveness(self) -> Liveness:
        """What it says of a living person: nothing where the person did not or could not do what was asked."""
        if self.answer is Answer.PASSED:
            return Liveness.PASSED
        suspect = {Trouble.FLAT, Trouble.JUMPED, Trouble.TOO_FAST, Trouble.BAD_CLOCK}
        failed = self.answer is Answer.FAILED and self.trouble in suspect
        return Liveness.FAILED if failed else Liveness.NOT_MEASURED


@dataclass(frozen=True, slots=True)
class FaceSeen:
    """One face in a picture.

    Attributes:
        box: left, top, width, height in pixels.
        pupils_px: distance between the eyes in pixels.
        score: the detector's own, 0 to 1.
    """

    box: tuple[int, int, int, int]
    pupils_px: float
    score: float


@dataclass(frozen=True, slots=True)
class Observation:
    """One picture, looked at.

    Attributes:
        frame: the picture's number.
        taken: `time.monotonic()` at capture.
        problem: why it does not serve, or NONE.
        similarity: to the reference face, where one is set and the picture serves; the engine's own scale.
        mask: of the nearest face, in this picture.
        liveness: what the networks say by now, over the pictures since `remember`.
        challenge: how the active challenge stands, while there is one.
    """

    frame: int
    taken: float
    faces: tuple[FaceSeen, ...]
    problem: FaceProblem
    similarity: float | None = None
    mask: Mask = Mask.NOT_MEASURED
    liveness: Liveness = Liveness.NOT_AVAILABLE
    challenge: ChallengeState | None = None


class Reference(StrEnum):
    """What became of the card's photo."""

    READY = "ready"
    NO_DECODER = "no_decoder"
    """The photo block cannot be decoded here: no vendor library is configured."""
    NO_FACE = "no_face"
    """Decoded, but no face is found in it."""


@dataclass(frozen=True, slots=True)
class KnownFace:
    """Somebody who agreed to be recognised.

    Attributes:
        key: what a recognition says.
        template: 128 numbers, little-endian 32-bit floats, of unit length.
        consent: reference of the signed consent.
        expires: when it runs out, with its zone.
    """

    key: str
    template: bytes
    consent: str
    expires: datetime


@dataclass(frozen=True, slots=True)
class Recognition:
    """A picture, searched for somebody who is known.

    Attributes:
        frame: the picture's number.
        problem: why it does not serve, or NONE.
        key: who it is; empty where it is nobody, or not certain who.
        rate: at most so often a stranger is taken for somebody who is known; 0 without a key.
    """

    frame: int
    problem: FaceProblem
    key: str = ""
    rate: float = 0.0


@dataclass(frozen=True, slots=True)
class FaceVerdict:
    """The comparison as a whole: mean of the best three similarities.

    Attributes:
        engine: its name, e.g. `sface`.
        model: SHA-256 of its weights, hexadecimal.
        frames: how many pictures were compared.
    """

    band: FaceBand
    engine: str
    model: str
    frames: int


class PaperProblem(StrEnum):
    """Why a picture of a paper does not serve; the first that applies."""

    NONE = "none"
    NO_PAPER = "no_paper"
    CUT_OFF = "cut_off"
    """A corner lies outside the picture."""
    TOO_SMALL = "too_small"
    BLURRED = "blurred"
    GLARE = "glare"
    TOO_LARGE = "too_large"
    """The page fills the picture and more: it does not lie on the desk as a whole."""
    SEVERAL = "several"
    """Two papers, or one that lies on another."""
    HAND = "hand"
    """Something covers a part of it."""
    SHADOW = "shadow"
    """A hard shadow lies across it."""
    UNSURE = "unsure"
    """Something is there, but where its corners are is not sure enough to crop it."""


@dataclass(frozen=True, slots=True)
class PaperSeen:
    """A picture of the desk, looked at.

    Attributes:
        outline: the page's corners as shares of width and height, clockwise from top left; None when none is found.
        confidence: 0 to 1.
    """

    frame: int
    taken: float
    outline: tuple[tuple[float, float], ...] | None
    problem: PaperProblem
    confidence: float = 0.0


@dataclass(frozen=True, slots=True)
class CodeSeen:
    """A code before the camera, after two pictures agreed on it.

    Attributes:
        payload: its bytes, as they were put in; empty while none counts.
        text: what they say, where that is certain.
        outline: corners as shares of width and height, for the screen; None when no code is seen.
        missing: which parts of a code in several are still to be shown, counted from 1.
    """

    frame: int
    payload: bytes = b""
    text: str | None = None
    outline: tuple[tuple[float, float], ...] | None = None
    missing: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class PaperPage:
    """A captured page, cropped and straightened.

    Attributes:
        jpeg: the page, colour, at most 2,000 pixels high.
        preview: the same, at most 800 pixels high, for the screen.
    """

    frame: int
    jpeg: bytes
    preview: bytes


class SightLost(Exception):
    """Nothing can be seen now: the camera is away or the vision process is restarting.

    Attributes:
        code: `camera` or `vision`.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Sight(Protocol):
    """The camera and the vision process together, as journeys see them. One caller at a time.

    Every call answers within its deadline or raises `SightLost`; none hangs.
    """

    async def remember(self, photo: bytes) -> Reference:
        """Decode a card's photo block and keep its face as the reference, in the vision process's memory only."""
        ...

    async def observe(self, after: int) -> Observation:
        """Look for faces in the first picture with a number greater than `after`; wait at most 2 s for one."""
        ...

    async def challenge(self) -> None:
        """Begin a new active challenge; observations carry its state from now on, until `forget`.

        Raises:
            SightLost: the process died or is restarting.
        """
        ...

    def judge(self, similarities: tuple[float, ...]) -> FaceVerdict:
        """Turn similarities (at least one) into a verdict by the engine's table; fewer than five are for staff."""
        ...

    def rejects(self, similarity: float) -> bool:
        """Whether one comparison by itself says that it is somebody else."""
        ...

    async def forget(self) -> None:
        """Drop the reference face. Never raises."""
        ...

    async def look_for_paper(self, after: int) -> PaperSeen:
        """Look for a page in the first picture with a number greater than `after`; wait at most 2 s for one."""
        ...

    async def look_for_code(self, after: int) -> CodeSeen:
        """Look for a code in the first picture with a number greater than `after`; wait at most 2 s for one.

        Raises:
            SightLost: no picture came, or the process died.
        """
        ...

    async def take_page(self) -> PaperPage:
        """Crop the page last seen by `look_for_paper` from that very picture.

        Raises:
            SightLost: there is none any more.
        """
        ...
