"""Keys to write with: letters, digits, an identity number's, the five strokes."""

from collections.abc import Callable
from typing import Final

from kivy.uix.widget import Widget

from kiosk.view.typing import Layout
from ui import theme
from ui.surface import Box, Surface
from ui.widgets.button import WordButton
from ui.widgets.target import CHOSEN, PLAIN

GAP: Final = 10.0
"""Between keys: 3.1 mm on the 27 inch panel."""
BACK: Final = "back"
CLEAR: Final = "clear"
_LETTERS: Final = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_PADS: Final[dict[Layout, tuple[tuple[str, ...], ...]]] = {
    Layout.DIGITS: (("1", "2", "3"), ("4", "5", "6"), ("7", "8", "9"), (CLEAR, "0", BACK)),
    Layout.IDENTITY: (("1", "2", "3"), ("4", "5", "6"), ("7", "8", "9"), ("X", "0", BACK)),
}


class Keyboard(Widget):
    """The keys of one layout.

    Args:
        surface: where it is drawn.
        box: its place; four rows fill it.
        layout: which keys.
        press: called with a sign, `back` or `clear`.
    """

    def __init__(self, surface: Surface, box: Box, layout: Layout, press: Callable[[str], None]) -> None:
        super().__init__(size_hint=(None, None), pos=surface.pos(box), size=surface.size(box))
        self._surface, self._press = surface, press
        pad = _PADS.get(layout)
        if pad is not None:
            self._rows(box, pad)
        else:
            self._letters(box, latin=layout is Layout.LATIN)

    def _rows(self, box: Box, rows: tuple[tuple[str, ...], ...]) -> None:
        high = (box.h - (len(rows) - 1) * GAP) / len(rows)
        for down, row in enumerate(rows):
            wide = (box.w - (len(row) - 1) * GAP) / len(row)
            for right, key in enumerate(row):
                self._key(Box(box.x + right * (wide + GAP), box.y + down * (high + GAP), wide, high), key)

    def _letters(self, box: Box, *, latin: bool) -> None:
        high = (box.h - 3 * GAP) / 4
        wide = (box.w - 9 * GAP) / 10
        for down, row in enumerate(("1234567890", *_LETTERS)):
            left = box.x + (10 - len(row)) * (wide + GAP) / 2 if down < 3 else box.x
            y = box.y + down * (high + GAP)
            for right, key in enumerate(row):
                self._key(Box(left + right * (wide + GAP), y, wide, high), key.upper() if latin else key)
            if down == 3:
                x = box.x + len(row) * (wide + GAP)
                self._key(Box(x, y, wide, high), " " if latin else "'")
                self._key(Box(x + wide + GAP, y, box.right - x - wide - GAP, high), BACK)

    def _key(self, box: Box, key: str) -> None:
        def act() -> None:
            self._press(key)

        if key == BACK:
            self.add_widget(
                WordButton(
                    self._surface,
                    box,
                    "",
                    act,
                    pictogram="backspace",
                    size=theme.QUESTION,
                    told=self._surface.words("删去一个"),
                )
            )
        elif key == CLEAR:
            self.add_widget(WordButton(self._surface, box, self._surface.words("清空"), act))
        elif key == " ":
            self.add_widget(
                WordButton(self._surface, box, "␣", act, size=theme.QUESTION, told=self._surface.words("空格"))
            )
        else:
            self.add_widget(WordButton(self._surface, box, key, act, size=theme.QUESTION))


class Layouts(Widget):
    """Which keys are shown: one button a layout, the chosen one filled.

    Args:
        surface: where it is drawn.
        box: its place.
        layouts: those to choose from, with their words in the screen's language.
        chosen: the one that is shown.
        use: called with another one.
    """

    def __init__(
        self,
        surface: Surface,
        box: Box,
        layouts: dict[Layout, str],
        chosen: Layout,
        use: Callable[[Layout], None],
    ) -> None:
        super().__init__(size_hint=(None, None), pos=surface.pos(box), size=surface.size(box))
        wide = (box.w - (len(layouts) - 1) * GAP) / len(layouts)
        for place, (layout, words) in enumerate(layouts.items()):
            where = Box(box.x + place * (wide + GAP), box.y, wide, box.h)
            self.add_widget(self._one(surface, where, layout, words, use, chosen=layout is chosen))

    @staticmethod
    def _one(
        surface: Surface, box: Box, layout: Layout, words: str, use: Callable[[Layout], None], *, chosen: bool
    ) -> WordButton:
        def act() -> None:
            use(layout)

        # The chosen one is bold on a tint as well: colour is not the only sign.
        look = CHOSEN if chosen else PLAIN
        return WordButton(surface, box, words, act, look=look, bold=chosen, size=theme.CAPTION)
