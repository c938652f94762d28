"""What the screens are told at their start."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from kiosk.view.screen import Picture
from ui.surface import Mounting, Places


class WindowMode(StrEnum):
    """Where the screens appear."""

    OFFSCREEN = "offscreen"
    """Nowhere: drawn as always, seen in the staff console."""
    WINDOW = "window"
    """A window that fits the display."""
    FULLSCREEN = "fullscreen"


@dataclass(frozen=True, slots=True)
class Options:
    """Settings of the screens.

    Attributes:
        now: tells the local time.
        home: a writable folder for Kivy's own files.
        window: where the screens appear; without a display they are drawn off-screen whatever it says.
        size: width and height in pixels, None for what suits the mode.
        position: of a window's left top corner on the display in pixels, None for what the window manager likes.
        hall: the hall's name until a screen tells it.
        places: where the devices are, seen from the screen.
        mounting: of the panel.
        snapshot_every: least time between two pictures for staff, in seconds.
        preview_fps: most pictures of the camera a second.
        staff_picture: of whoever helps from afar; None where nobody can.
        touch_map: of the touch panel's calibration, see `ui.touch_map`; None where touches are where the panel says.
    """

    now: Callable[[], datetime]
    home: Path
    window: WindowMode = WindowMode.OFFSCREEN
    size: tuple[int, int] | None = None
    position: tuple[int, int] | None = None
    hall: str = ""
    places: Places = field(default_factory=Places)
    mounting: Mounting = field(default_factory=Mounting)
    snapshot_every: float = 2.0
    preview_fps: float = 15.0
    staff_picture: Picture | None = None
    touch_map: tuple[float, float, float, float, float, float] | None = None
