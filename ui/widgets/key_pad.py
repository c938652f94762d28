"""Keys to touch in rows of equal ones: digits, an identity number's, letters in the order of the alphabet."""

from collections.abc import Callable
from typing import Final

from kivy.uix.widget import Widget

from ui import theme
from ui.surface import Box, Surface
from ui.widgets.button import WordButton

BACK: Final = "back"
CLEAR: Final = "clear"
_ALPHABET: Final = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ")


def digits(left: str = CLEAR) -> tuple[str, ...]:
    """Ten digits, one back, and beside the nought one more: clear, the point of an amount, the X of a number."""
    return (*"123456789", left, "0", BACK)


DIGITS: Final = digits()
IDENTITY: Final = digits("X")
PASSPORT: Final = (*"1234567890", *_ALPHABET, BACK)
CONSENT: Final = (*"1234567890", *_ALPHABET, "-", BACK)
LETTERS: Final = (*_ALPHABET, " ", BACK)


class KeyPad(Widget):
    """The keys.

    Args:
        surface: where it is drawn.
        box: its place, filled by the rows.
        keys: a character each, or `clear` or `back`.
        across: how many in a row.
        press: called with the key.
    """

    def __init__(
        self, surface: Surface, box: Box, keys: tuple[str, ...], across: int, press: Callable[[str], None]
    ) -> None:
        super().__init__(size_hint=(None, None), pos=surface.pos(box), size=surface.size(box))
        self._surface, self._press = surface, press
        self._size = theme.TITLE if across <= 3 else theme.QUESTION
        rows = -(-len(keys) // across)
        gap = 16.0 if across <= 3 else 10.0
        wide, high = (box.w - (across - 1) * gap) / across, (box.h - (rows - 1) * gap) / rows
        for place, key in enumerate(keys):
            where = Box(box.x + place % across * (wide + gap), box.y + place // across * (high + gap), wide, high)
            self.add_widget(self._key(where, key))

    def _key(self, box: Box, key: str) -> WordButton:
        surface, say = self._surface, self._surface.words

        def act() -> None:
            self._press(key)

        if key == BACK:
            told = say("删去一个")
            return WordButton(surface, box, "", act, pictogram="backspace", size=theme.QUESTION, told=told)
        if key == CLEAR:
            return WordButton(surface, box, say("清空"), act, size=theme.CAPTION)
        if key == " ":
            return WordButton(surface, box, say("空格"), act, size=theme.CAPTION)
        return WordButton(surface, box, key, act, size=self._size)
