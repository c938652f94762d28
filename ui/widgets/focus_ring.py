"""The ring around what the keys mean now."""

from typing import Final

from kivy.graphics import Color, SmoothLine
from kivy.uix.widget import Widget

from ui import theme
from ui.surface import Surface
from ui.widgets.target import Target

_OFF: Final = 5.0
_WEIGHT: Final = 6.0
"""In design units: around its target, narrower than the least gap between two."""


class FocusRing(Widget):
    """The ring.

    Args:
        surface: where it is drawn.
        target: what it is around.
    """

    def __init__(self, surface: Surface, target: Target) -> None:
        box = target.box.inset(-_OFF)
        super().__init__(size_hint=(None, None), pos=surface.pos(box), size=surface.size(box))
        with self.canvas:
            Color(*surface.tone(theme.BLUE))
            SmoothLine(
                rounded_rectangle=(*self.pos, *self.size, surface.px(theme.RADIUS + _OFF)),
                width=max(1.0, surface.px(_WEIGHT) / 2),
            )
