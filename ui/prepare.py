"""Environment and configuration, set before the first import of Kivy, which reads them then."""

import logging
import os
import sys
from pathlib import Path
from typing import Final

from ui.options import Options, WindowMode

OFFSCREEN_SIZE: Final = (540, 960)
_SHARE_OF_DISPLAY: Final = 0.86
_DISPLAYS: Final = Path("/sys/class/drm")
_log = logging.getLogger(__name__)


class NoWindowError(RuntimeError):
    """Kivy found no way to draw: the graphics libraries (libgl1, libegl1) or the display are missing."""


def prepare(options: Options) -> WindowMode:
    """Set environment and Kivy's configuration.

    Args:
        options: the settings.

    Returns:
        The mode that is used: off-screen when there is no display.

    Raises:
        RuntimeError: Kivy was imported before, so that nothing here would count.
    """
    if "kivy" in sys.modules:
        raise RuntimeError("kivy was imported before ui.prepare: its configuration is fixed already")
    mode = options.window
    if mode is not WindowMode.OFFSCREEN and not os.environ.get("DISPLAY"):
        _log.warning("there is no display: the screens are drawn off-screen")
        mode = WindowMode.OFFSCREEN
    options.home.mkdir(parents=True, exist_ok=True)
    os.environ.update(
        {
            "KIVY_HOME": str(options.home),
            "KIVY_LOG_MODE": "PYTHON",
            "KIVY_NO_ARGS": "1",
            "KIVY_NO_CONFIG": "1",
            "KIVY_NO_CONSOLELOG": "1",
            "KIVY_NO_FILELOG": "1",
            "KIVY_WINDOW": "sdl2",
            "KIVY_TEXT": "sdl2",
            # Unset, SDL falls back to off-screen without a word: a kiosk would run unseen.
            "SDL_VIDEODRIVER": "offscreen" if mode is WindowMode.OFFSCREEN else "x11",
        }
    )
    # Kivy sets its own level when it is imported; a filter stays.
    logging.getLogger("kivy").addFilter(lambda record: record.levelno >= logging.WARNING)
    _configure(mode, options.size or _size(mode), options.position)
    return mode


def window_ready() -> None:
    """Create the window, without which nothing can be drawn: a graphics call before it kills the process.

    Raises:
        NoWindowError: there is nothing to draw on.
    """
    from kivy.core.window import Window  # noqa: PLC0415  creates the window when it is imported

    if Window is None:
        raise NoWindowError("Kivy found no window provider: are libgl1 and libegl1 installed?")


def _size(mode: WindowMode) -> tuple[int, int]:
    if mode is WindowMode.OFFSCREEN:
        return OFFSCREEN_SIZE
    heights = []
    for modes in _DISPLAYS.glob("card*-*/modes"):
        first = modes.read_text().partition("\n")[0].partition("x")[2]
        if first.isdecimal():
            heights.append(int(first))
    if not heights:
        return OFFSCREEN_SIZE
    high = int(max(heights) * _SHARE_OF_DISPLAY)
    return round(high * OFFSCREEN_SIZE[0] / OFFSCREEN_SIZE[1]), high


def _configure(mode: WindowMode, size: tuple[int, int], position: tuple[int, int] | None) -> None:
    from kivy.config import Config  # noqa: PLC0415  reads the environment when it is imported

    # One source of touches: with the default probing of /dev/input each touch would arrive twice.
    Config.remove_option("input", "%(name)s")
    Config.set("input", "mouse", "mouse,disable_multitouch")
    for name, value in {
        "width": str(size[0]),
        "height": str(size[1]),
        "multisamples": "0",
        "maxfps": "60",  # touches are looked at once a frame: at 30 that alone would take 33 ms
        "vsync": "0",
        "resizable": "1" if mode is WindowMode.WINDOW else "0",
        "borderless": "1" if mode is WindowMode.FULLSCREEN else "0",
        "fullscreen": "auto" if mode is WindowMode.FULLSCREEN else "0",
        "show_cursor": "0" if mode is WindowMode.FULLSCREEN else "1",
        "allow_screensaver": "0",
    }.items():
        Config.set("graphics", name, value)
    if position is not None and mode is WindowMode.WINDOW:
        Config.set("graphics", "position", "custom")
        Config.set("graphics", "left", str(position[0]))
        Config.set("graphics", "top", str(position[1]))
    Config.set("kivy", "exit_on_escape", "0")
    Config.set("kivy", "log_level", "warning")
    Config.set("kivy", "pause_on_minimize", "0")
