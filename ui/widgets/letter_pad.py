"""Digits and letters to touch: for codes, and for the search by pinyin initials."""

from collections.abc import Callable

from kivy.uix.widget import Widget

from ui import theme
from ui.surface import Box, Surface
from ui.widgets.button import WordButton

HEIGHT = 5 * 104 + 4 * 16
_KEYS = "1234567890ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ACROSS = 9


class LetterPad(Widget):
    """The pad: 36 keys in four rows, and clear, space and one back.

    Args:
        surface: where it is drawn.
        box: its place.
        press: called with a capital letter, a digit, a blank, `clear` or `back`.
        blank: whether there is a space key.
    """

    def __init__(self, surface: Surface, box: Box, press: Callable[[str], None], *, blank: bool = False) -> None:
        super().__init__(size_hint=(None, None), pos=surface.pos(box), size=surface.size(box))
        across, down = 10, 16
        wide = (box.w - (_ACROSS - 1) * across) / _ACROSS
        high = (box.h - 4 * down) / 5
        for place, key in enumerate(_KEYS):
            x = box.x + place % _ACROSS * (wide + across)
            y = box.y + place // _ACROSS * (high + down)
            self._put(surface, Box(x, y, wide, high), key, key, press)
        y = box.y + 4 * (high + down)
        third = (box.w - 2 * down) / 3
        self._put(surface, Box(box.x, y, third, high), surface.words("清空"), "clear", press)
        if blank:
            self._put(surface, Box(box.x + third + down, y, third, high), surface.words("空格"), " ", press)
        back = Box(box.right - third, y, third, high)
        self.add_widget(
            WordButton(
                surface,
                back,
                "",
                self._act(press, "back"),
                pictogram="backspace",
                size=theme.QUESTION,
                told=surface.words("删去一个"),
            )
        )

    @staticmethod
    def _act(press: Callable[[str], None], key: str) -> Callable[[], None]:
        def act() -> None:
            press(key)

        return act

    def _put(self, surface: Surface, box: Box, words: str, key: str, press: Callable[[str], None]) -> None:
        self.add_widget(WordButton(surface, box, words, self._act(press, key)))
