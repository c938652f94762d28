"""ID photos, copies, and the page printer."""

from dataclasses import dataclass
from enum import StrEnum

from kiosk.view.common import Words


class PhotoHint(StrEnum):
    """What to do before the camera, for an ID photo; the values of `PhotoProblem` in words one can act on."""

    LOOK = "look"
    GOOD = "good"
    """Good as it is: hold still, it takes several and keeps the best."""
    NO_FACE = "no_face"
    SEVERAL_FACES = "several_faces"
    CLOSER = "closer"
    MOVE_INSIDE = "move_inside"
    LOOK_STRAIGHT = "look_straight"
    HEAD_UPRIGHT = "head_upright"
    UNCOVER = "uncover"
    HOLD_STILL = "hold_still"
    TOO_DARK = "too_dark"
    TOO_BRIGHT = "too_bright"
    UNEVEN_LIGHT = "uneven_light"
    GLASSES = "glasses"
    COLOURLESS = "colourless"
    BACKGROUND = "background"
    CAMERA_AWAY = "camera_away"


@dataclass(frozen=True, slots=True)
class TakePhoto:
    """The face in the oval; it shoots by itself. The live picture is drawn by the screen. `Back`.

    Attributes:
        title: of the document.
        progress: 0 to 1 until it shoots.
        instead: a photograph that was brought along serves, too: `Do(LAY)`.
    """

    title: Words
    hint: PhotoHint = PhotoHint.LOOK
    progress: float = 0.0
    instead: bool = False


@dataclass(frozen=True, slots=True)
class CheckPhoto:
    """The photo as it was cut. `Do(PRINT)`, `Retake` or `Back`. `photo` is a JPEG.

    Attributes:
        wide, high: of the print in millimetres.
        printable: there is a page printer that answers.
    """

    title: Words
    photo: bytes
    wide: int
    high: int
    printable: bool = False


@dataclass(frozen=True, slots=True)
class Copies:
    """The pages so far. `Do(ADD)`, `Do(PRINT)`, `Retake` takes the last away, or `Back`. `page` is the last, a JPEG."""

    pages: int
    most: int
    page: bytes
    printable: bool = True


@dataclass(frozen=True, slots=True)
class Printing:
    """The page printer works: stay here."""

    pages: int
