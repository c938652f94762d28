"""A screen as pixels, drawn beside the window."""

from typing import NamedTuple

from kivy.graphics import ClearBuffers, ClearColor
from kivy.graphics.fbo import Fbo
from kivy.uix.widget import Widget

from kiosk.view.screen import State
from ui import theme
from ui.png import png
from ui.screens import sheet_for
from ui.surface import Surface

WIDTH = 360
"""Of the picture that staff see, in pixels."""


class Pixels(NamedTuple):
    """A drawn picture: RGB bytes, first row on top."""

    width: int
    height: int
    rgb: bytes


def drawn(widget: Widget, width: int, height: int) -> Pixels:
    """Draw a widget that stands at the origin, on Kivy's thread.

    Args:
        widget: what to draw; it must not be on the window.
        width: of the picture in pixels.
        height: of the picture in pixels.
    """
    fbo = Fbo(size=(width, height))
    with fbo:
        ClearColor(*theme.PAPER)
        ClearBuffers()
    fbo.add(widget.canvas)
    fbo.draw()
    rgba = bytes(fbo.pixels)
    fbo.remove(widget.canvas)
    rgb = bytearray(width * height * 3)
    for part in range(3):
        rgb[part::3] = rgba[part::4]
    # The buffer begins with the lowest row.
    step = width * 3
    rows = [rgb[start : start + step] for start in range(0, len(rgb), step)]
    return Pixels(width, height, b"".join(reversed(rows)))


def for_staff(surface: Surface, state: State) -> bytes:
    """What staff see of a screen: drawn anew, without camera picture and personal fields.

    The live sheet is not read at all, so nothing of it can be in the picture.

    Returns:
        A PNG, 360 pixels wide.
    """
    scale = WIDTH / theme.WIDTH
    sheet = sheet_for(surface.seen_by_staff(scale), state)
    return png(*drawn(sheet, WIDTH, round(theme.HEIGHT * scale)))
