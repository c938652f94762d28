"""Digits to touch: ten keys, one more, and one back."""

from collections.abc import Callable

from kivy.uix.widget import Widget

from ui import theme
from ui.surface import Box, Surface
from ui.widgets.button import WordButton

_DIGITS = ("1", "2", "3", "4", "5", "6", "7", "8", "9")


class DigitPad(Widget):
    """The pad.

    Args:
        surface: where it is drawn.
        box: its place, divided into four rows of three.
        press: called with a digit, `left` or `back`.
        left: the key beside the nought: `clear`, or a character (`.` of an amount, `X` of an identity number).
    """

    def __init__(self, surface: Surface, box: Box, press: Callable[[str], None], *, left: str = "clear") -> None:
        super().__init__(size_hint=(None, None), pos=surface.pos(box), size=surface.size(box))
        gap = 16
        wide, high = (box.w - 2 * gap) / 3, (box.h - 3 * gap) / 4
        for place, key in enumerate((*_DIGITS, left, "0", "back")):
            where = Box(box.x + place % 3 * (wide + gap), box.y + place // 3 * (high + gap), wide, high)
            self.add_widget(self._key(surface, where, key, press))

    @staticmethod
    def _key(surface: Surface, box: Box, key: str, press: Callable[[str], None]) -> WordButton:
        def act() -> None:
            press(key)

        if key == "back":
            return WordButton(surface, box, "", act, pictogram="backspace", size=theme.QUESTION)
        if key == "clear":
            return WordButton(surface, box, surface.words("清空"), act)
        return WordButton(surface, box, key, act, size=theme.TITLE)
