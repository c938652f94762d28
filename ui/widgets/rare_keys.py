"""Keys for characters that nobody knows how to say: by strokes, by what they are made of, by their code."""

from collections.abc import Callable
from typing import Final

from kivy.uix.widget import Widget

from kiosk.view.typing import Layout
from ui import theme
from ui.language import N_
from ui.parts import PARTS
from ui.surface import Box, Surface, Toward
from ui.widgets.button import WordButton
from ui.widgets.keyboard import BACK, CLEAR, GAP
from ui.widgets.target import CHOSEN, PLAIN

RARE: Final = (Layout.STROKES, Layout.PARTS, Layout.CODE)
_WORDS: Final[dict[Layout, str]] = {
    Layout.STROKES: N_("笔画"),
    Layout.PARTS: N_("部件"),
    Layout.CODE: N_("编码"),
}
_STROKES: Final = (
    ("一", N_("横")),
    ("丨", N_("竖")),
    ("丿", N_("撇")),
    ("丶", N_("点")),
    ("乛", N_("折")),
)
_HEX: Final = ("0123456789", "ABCDEF")
_HEAD: Final = 100.0
_ACROSS: Final = 10


class RareKeys(Widget):
    """One row that chooses among the three, and their keys below.

    Args:
        surface: where it is drawn.
        box: its place.
        layout: one of `RARE`.
        page: of the parts, from 0.
        press: called with a sign, `back` or `clear`.
        use: called with another layout.
        turn: called with another page of the parts.
    """

    def __init__(
        self,
        surface: Surface,
        box: Box,
        layout: Layout,
        page: int,
        press: Callable[[str], None],
        use: Callable[[Layout], None],
        turn: Callable[[int], None],
    ) -> None:
        super().__init__(size_hint=(None, None), pos=surface.pos(box), size=surface.size(box))
        self._surface, self._press = surface, press
        self._head(Box(box.x, box.y, box.w, _HEAD), layout, use)
        keys = Box(box.x, box.y + _HEAD + GAP, box.w, box.h - _HEAD - GAP)
        match layout:
            case Layout.PARTS:
                self._parts(keys, page, turn)
            case Layout.CODE:
                self._rows(keys, _HEX)
            case _:
                self._strokes(keys)

    def _head(self, box: Box, layout: Layout, use: Callable[[Layout], None]) -> None:
        wide = (box.w - 4 * GAP) / 5
        for place, kind in enumerate(RARE):
            self._tab(Box(box.x + place * (wide + GAP), box.y, wide, box.h), kind, use, chosen=kind is layout)
        say = self._surface.words
        clear = Box(box.x + 3 * (wide + GAP), box.y, wide, box.h)
        self.add_widget(WordButton(self._surface, clear, say("清空"), self._act(CLEAR), size=theme.CAPTION))
        back = Box(box.x + 4 * (wide + GAP), box.y, wide, box.h)
        told = say("删去一个")
        self.add_widget(
            WordButton(self._surface, back, "", self._act(BACK), pictogram="backspace", size=theme.QUESTION, told=told)
        )

    def _tab(self, box: Box, kind: Layout, use: Callable[[Layout], None], *, chosen: bool) -> None:
        def act() -> None:
            use(kind)

        words = self._surface.words(_WORDS[kind])
        look = CHOSEN if chosen else PLAIN
        self.add_widget(WordButton(self._surface, box, words, act, look=look, bold=chosen, size=theme.CAPTION))

    def _strokes(self, box: Box) -> None:
        wide = (box.w - 4 * GAP) / 5
        for place, (stroke, name) in enumerate(_STROKES):
            key = Box(box.x + place * (wide + GAP), box.y, wide, min(box.h, 240.0))
            told = self._surface.words(name)
            self.add_widget(WordButton(self._surface, key, stroke, self._act(stroke), size=theme.TITLE, told=told))

    def _rows(self, box: Box, rows: tuple[str, ...]) -> None:
        high = min(128.0, (box.h - (len(rows) - 1) * GAP) / len(rows))
        wide = (box.w - (_ACROSS - 1) * GAP) / _ACROSS
        for down, row in enumerate(rows):
            for right, key in enumerate(row):
                place = Box(box.x + right * (wide + GAP), box.y + down * (high + GAP), wide, high)
                self.add_widget(WordButton(self._surface, place, key, self._act(key), size=theme.QUESTION))

    def _parts(self, box: Box, page: int, turn: Callable[[int], None]) -> None:
        """Three rows; the last two places turn the page."""
        parts = PARTS[page]
        rows = (parts[:10], parts[10:20], parts[20:])
        self._rows(box, rows)
        high = min(128.0, (box.h - 2 * GAP) / 3)
        wide = (box.w - (_ACROSS - 1) * GAP) / _ACROSS
        y = box.y + 2 * (high + GAP)
        for place, (by, toward) in enumerate(((-1, Toward.DOWN), (1, Toward.UP))):
            key = Box(box.x + (8 + place) * (wide + GAP), y, wide, high)
            self._turner(key, page + by, toward, turn)

    def _turner(self, box: Box, page: int, toward: Toward, turn: Callable[[int], None]) -> None:
        def act() -> None:
            turn(page)

        say = self._surface.words
        told = say("上一页") if toward is Toward.DOWN else say("下一页")
        enabled = 0 <= page < len(PARTS)
        self.add_widget(
            WordButton(self._surface, box, "", act, pictogram="chevron", toward=toward, enabled=enabled, told=told)
        )

    def _act(self, key: str) -> Callable[[], None]:
        def act() -> None:
            self._press(key)

        return act
