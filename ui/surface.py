"""Where a screen is drawn: its scale and place in the window, its language, and what may be seen on it."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from kiosk.view.common import NO_MODES, Language, Modes
from kiosk.view.screen import Intent
from kiosk.view.spoken import SILENT, Sound
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


@dataclass(frozen=True, slots=True)
class Mounting:
    """How large the panel is, and how high it hangs.

    Attributes:
        px_per_mm: pixels a millimetre, of a panel that is 1080 pixels wide: 3.2 at 27 inches.
        bottom_mm: of its lower edge above the floor.
    """

    px_per_mm: float = 3.2
    bottom_mm: float = 800.0

    @property
    def smallest(self) -> float:
        """The smallest letters, in design units; captions are never smaller than on the 27 inch panel."""
        return max(theme.SMALLEST, math.ceil(theme.CAPITAL_MM / theme.CAPITAL * self.px_per_mm - 0.05))

    @property
    def reach(self) -> float:
        """How far up the screen somebody who sits can touch, in design units from its top."""
        above = theme.HEIGHT - (theme.REACH_MM - self.bottom_mm) * self.px_per_mm
        return min(_LOWEST_REACH, max(0.0, above))


_USUAL = Mounting()
_LOWEST_REACH = 608.0
"""The screens need what is below for their keys; a panel that hangs higher is out of reach whatever is drawn."""


def _nobody(_: Intent) -> None:
    """A picture of a screen is not touched."""


@dataclass(frozen=True, slots=True)
class Surface:
    """How and where to draw.

    Attributes:
        scale: window pixels a design unit.
        modes: what makes it easier.
        mounting: of the panel.
        now: tells the local time, for the clock at the top.
        origin: lower left corner of the design area in the window, in pixels.
        discreet: personal fields are left out and the camera is replaced by a pattern: the picture goes to staff.
        sound: how the voice is set.
        send: takes an intent.
        hall: the hall's name for the top bar.
    """

    scale: float
    now: Callable[[], datetime]
    language: Language = Language.ZH_HANS
    modes: Modes = NO_MODES
    mounting: Mounting = _USUAL
    origin: tuple[float, float] = (0.0, 0.0)
    sound: Sound = SILENT
    discreet: bool = False
    send: Callable[[Intent], None] = _nobody
    hall: str = ""
    places: Places = Places()

    @property
    def words(self) -> Speech:
        """The words of this surface's language."""
        return speech(self.language)

    @property
    def large(self) -> bool:
        """Whether letters are larger."""
        return self.modes.large

    @property
    def smallest(self) -> float:
        """The smallest size of letters."""
        return self.mounting.smallest

    @property
    def reach(self) -> float:
        """Above this height nothing is touched; 0 unless somebody sits."""
        return self.mounting.reach if self.modes.low else 0.0

    def letters(self, size: float) -> float:
        """A text size token, larger in large type."""
        return max(size * theme.LARGE if self.large and size < theme.HERO else size, self.smallest)

    def tone(self, colour: theme.Colour) -> theme.Colour:
        """A colour as it is drawn."""
        return theme.seen(colour, contrast=self.modes.contrast)

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

    def shown_to_staff(self) -> "Surface":
        """The same with what is private: the person shows it."""
        return replace(self, discreet=False)

    def seen_by_staff(self, scale: float) -> "Surface":
        """The same at another scale, without what is private."""
        return replace(self, scale=scale, origin=(0.0, 0.0), discreet=True, send=_nobody)
