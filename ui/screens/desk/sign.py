"""What is declared and promised, and a field to sign in."""

from kiosk.view.desk import Sign, Signed
from kiosk.view.screen import State
from ui import theme
from ui.screens.sheet import FLOOR, DeskSheet, Sheet
from ui.surface import Box, Surface
from ui.widgets.button import WordButton
from ui.widgets.note import Note
from ui.widgets.pictogram import Name, Pictogram
from ui.widgets.shape import Disc, Panel
from ui.widgets.stroke_field import Guide, StrokeField, Strokes
from ui.widgets.target import OUTLINED
from ui.widgets.text import Text

_FIELD = Box(theme.MARGIN, 1024, theme.INNER, 384)
_WIPE = 96


class SignScreen(DeskSheet[Sign]):
    """The words above, the field below.

    Attributes:
        strokes: what was written; it stays when the language changes.
    """

    def __init__(self, surface: Surface, state: Sign) -> None:
        self.strokes: Strokes = ()
        super().__init__(surface, state)

    def keep(self, before: Sheet[State]) -> None:
        """The same screen again: what was written stays, unless it was none."""
        if isinstance(before, SignScreen) and not self.state.empty:
            self.strokes = before.strokes
            if self.strokes:
                self.redraw()

    def draw(self, state: Sign) -> None:
        """Draw it."""
        say = self.say
        self.frame(forward=self._hand_in, words=say("签好了，提交"), enabled=bool(self.strokes))
        y = self.steps(state.step, state.steps)
        y = self.write(say("请确认并签名"), y + 40, 96, size=theme.QUESTION, bold=True) + 24
        self._words(state, Box(theme.MARGIN, y, theme.INNER, _FIELD.y - 80 - y))
        hint = say("用手指在框里写您的名字")
        label = Box(theme.MARGIN, _FIELD.y - 64, theme.INNER, 56)
        self.put(Text(self.surface, hint, label, size=theme.CAPTION, colour=theme.INK_SOFT, rise="middle"))
        self.put(StrokeField(self.surface, _FIELD, Guide.LINE, self._written, self.strokes))
        wipe = Box(theme.MARGIN, FLOOR - _WIPE, theme.INNER, _WIPE)
        if state.empty and not self.strokes:
            self.put(Note(self.surface, say("还没有签名。请写您的名字。"), wipe))
        else:
            words = say("擦掉重写")
            self.put(WordButton(self.surface, wipe, words, self._wipe, look=OUTLINED, enabled=bool(self.strokes)))

    def _words(self, state: Sign, box: Box) -> None:
        lines = [(False, words) for words in state.declared] + [(True, words) for words in state.promises]
        self.put(Panel(self.surface, box, edge=theme.HAIRLINE))
        inner = box.inset(24, 16)
        high = inner.h / max(1, len(lines))
        for place, (promised, words) in enumerate(lines):
            row = Box(inner.x, inner.y + place * high, inner.w, high)
            mark = Box(row.x, row.y + (row.h - 44) / 2, 44, 44)
            self.put(Disc(self.surface, mark, theme.AMBER_TINT if promised else theme.BLUE_TINT))
            sign: Name = "clock" if promised else "tick"
            self.put(Pictogram(self.surface, sign, mark.inset(9), weight=5.0))
            where = Box(mark.right + 20, row.y, row.right - mark.right - 20, row.h)
            self.put(Text(self.surface, self.say.of(words), where, size=36, rise="middle"))

    def _written(self, strokes: Strokes) -> None:
        first = not self.strokes
        self.strokes = strokes
        if first:
            self.redraw()

    def _wipe(self) -> None:
        self.strokes = ()
        self.redraw()

    def _hand_in(self) -> None:
        side = min(_FIELD.w, _FIELD.h)
        self.surface.send(Signed(self.strokes, _FIELD.w / side, _FIELD.h / side))
