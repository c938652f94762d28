"""What became of an ID photo. Plain data; imports no OpenCV, so that journeys may know it."""

from dataclasses import dataclass
from enum import StrEnum


class PhotoProblem(StrEnum):
    """Why a picture makes no ID photo."""

    NO_PICTURE = "no_picture"
    """What came is no picture."""
    NO_FACE = "no_face"
    SEVERAL_FACES = "several_faces"
    TOO_SMALL = "too_small"
    """The face is too far away."""
    CUT_OFF = "cut_off"
    """Head or shoulders reach over the picture's edge."""
    TURNED = "turned"
    """The face looks to a side, up or down."""
    TILTED = "tilted"
    COVERED = "covered"
    """A mask, or what may be one."""
    BLURRED = "blurred"
    TOO_DARK = "too_dark"
    TOO_BRIGHT = "too_bright"
    UNEVEN_LIGHT = "uneven_light"
    """One side of the face or of the background is darker."""
    GLASSES_GLARE = "glasses_glare"
    COLOURLESS = "colourless"
    BACKGROUND_NOT_PLAIN = "background_not_plain"
    BACKGROUND_NOT_WHITE = "background_not_white"
    NOT_AVAILABLE = "not_available"
    """The second engine's package, whose points the cut needs, is missing or altered."""


@dataclass(frozen=True, slots=True)
class IdPhoto:
    """An ID photo, tried on one picture.

    Attributes:
        problems: everything measurable that is wrong, the most important first; empty: nothing was found.
        jpeg: cut to the document's rules; None where it cannot be cut. Also there where there are problems.
    """

    frame: int
    problems: tuple[PhotoProblem, ...]
    jpeg: bytes | None
