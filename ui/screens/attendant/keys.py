"""Keys of the staff screens: digits, digits with X, letters with digits, in the order of the alphabet."""

from collections.abc import Callable
from typing import Final

from kivy.uix.widget import Widget

from ui import theme
from ui.surface import Box, Surface
from ui.widgets.button import WordButton

DIGITS: Final = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "clear", "0", "back")
IDENTITY: Final = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "X", "0", "back")
_LETTERS: Final = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
PASSPORT: Final = (*tuple("1234567890"), *_LETTERS, "back")
LETTERS: Final = (*_LETTERS, " ", "back")


class KeyPad(Widget):
    """Keys to touch.

    Args:
        surface: where it is drawn.
        box: its place, filled by rows of equal keys.
        keys: a character each, or `clear` or `back`.
        across: how many in a row.
        press: called with the key.
    """

    def __init__(
        self, surface: Surface, box: Box, keys: tuple[str, ...], across: int, press: Callable[[str], None]
    ) -> None:
        super().__init__(size_hint=(None, None), pos=surface.pos(box), size=surface.size(box))
        rows = -(-len(keys) // across)
        gap = 16.0 if across <= 3 else 8.0
        wide, high = (box.w - (across - 1) * gap) / across, (box.h - (rows - 1) * gap) / rows
        for place, key in enumerate(keys):
            where = Box(box.x + place % across * (wide + gap), box.y + place // across * (high + gap), wide, high)
            self.add_widget(self._key(surface, where, key, press))

    @staticmethod
    def _key(surface: Surface, box: Box, key: str, press: Callable[[str], None]) -> WordButton:
        def act() -> None:
            press(key)

        if key == "back":
            return WordButton(surface, box, "", act, pictogram="backspace", size=theme.QUESTION)
        if key == "clear":
            return WordButton(surface, box, surface.words("清空"), act, size=theme.CAPTION)
        if key == " ":
            return WordButton(surface, box, surface.words("空格"), act, size=theme.CAPTION)
        return WordButton(surface, box, key, act, size=theme.QUESTION)
