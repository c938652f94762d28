"""Where a screen is drawn: its scale and place in the window, its language, and what may be seen on it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from kiosk.view.common import Language
from kiosk.view.screen import Intent
from ui import theme
from ui.language import Speech, speech


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in design units; `y` counts down from the top of the screen."""

    x: float
    y: float
    w: float
    h: float

    @property
    def right(self) -> float:
        """The right edge."""
        return self.x + self.w

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.y + self.h

    def inset(self, across: float, down: float | None = None) -> "Box":
        """The rectangle made smaller on every side."""
        rise = across if down is None else down
        return Box(self.x + across, self.y + rise, self.w - 2 * across, self.h - 2 * rise)

    def square(self, side: float) -> "Box":
        """A square in the middle."""
        return Box(self.x + (self.w - side) / 2, self.y + (self.h - side) / 2, side, side)


class Toward(StrEnum):
    """Where a device is, seen from the screen."""

    UP = "up"
    DOWN = "down"
    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Places:
    """Where the devices are; the arrows point there."""

    reader: Toward = Toward.DOWN
    camera: Toward = Toward.UP
    thermometer: Toward = Toward.UP
    scanner: Toward = Toward.DOWN
    printer: Toward = Toward.DOWN


def _nobody(_: Intent) -> None:
    """A picture of a screen is not touched."""


@dataclass(frozen=True, slots=True)
class Surface:
    """How and where to draw.

    Attributes:
        scale: window pixels a design unit.
        now: tells the local time, for the clock at the top.
        origin: lower left corner of the design area in the window, in pixels.
        discreet: personal fields are left out and the camera is replaced by a pattern: the picture goes to staff.
        send: takes an intent.
        hall: the hall's name for the top bar.
    """

    scale: float
    now: Callable[[], datetime]
    language: Language = Language.ZH_HANS
    large: bool = False
    origin: tuple[float, float] = (0.0, 0.0)
    discreet: bool = False
    send: Callable[[Intent], None] = _nobody
    hall: str = ""
    places: Places = Places()

    @property
    def words(self) -> Speech:
        """The words of this surface's language."""
        return speech(self.language)

    def letters(self, size: float) -> float:
        """A text size token, larger in large type."""
        return size * theme.LARGE if self.large and size < theme.HERO else size

    def px(self, units: float) -> float:
        """Design units in pixels."""
        return units * self.scale

    def pos(self, box: Box) -> tuple[float, float]:
        """Lower left corner of a box in the window, in pixels."""
        return self.origin[0] + box.x * self.scale, self.origin[1] + (theme.HEIGHT - box.bottom) * self.scale

    def size(self, box: Box) -> tuple[float, float]:
        """Width and height of a box in pixels."""
        return box.w * self.scale, box.h * self.scale

    def point(self, x: float, y: float) -> tuple[float, float]:
        """A point in the window, in pixels."""
        return self.origin[0] + x * self.scale, self.origin[1] + (theme.HEIGHT - y) * self.scale

    def seen_by_staff(self, scale: float) -> "Surface":
        """The same at another scale, without what is private."""
        return replace(self, scale=scale, origin=(0.0, 0.0), discreet=True, send=_nobody)
