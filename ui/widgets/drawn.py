"""What every widget of ours is: it stands where it is told, and no rule of Kivy's language is asked for it."""

from typing import Final

from kivy.uix.widget import Widget

_NO_RULES: Final = {"__no_builder": True}
"""Kivy's own word (`Widget.__init__`): looking for rules that do not exist is most of what a widget costs."""


class Drawn(Widget):
    """A widget at a place in the window.

    Args:
        pos: its lower left corner, in pixels.
        size: its width and height, in pixels.
    """

    def __init__(self, pos: tuple[float, float] = (0.0, 0.0), size: tuple[float, float] = (0.0, 0.0)) -> None:
        super().__init__(size_hint=(None, None), pos=pos, size=size, **_NO_RULES)
