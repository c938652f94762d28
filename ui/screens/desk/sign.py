"""What is declared and promised, and a field to sign in."""

from kivy.uix.widget import Widget

from kiosk.view.common import Words
from kiosk.view.desk import ConfirmInstead, Sign, Signed
from kiosk.view.screen import State
from ui import text, theme
from ui.screens.sheet import FLOOR, DeskSheet, Sheet
from ui.surface import Box, Surface
from ui.widgets.button import WordButton
from ui.widgets.drawn import Drawn
from ui.widgets.note import Note
from ui.widgets.pictogram import Name, Pictogram
from ui.widgets.shape import Disc, Panel
from ui.widgets.stroke_field import Guide, StrokeField, Strokes
from ui.widgets.target import OUTLINED
from ui.widgets.text import Text

_FIELD = Box(theme.MARGIN, 968, theme.INNER, 384)
_LOW = 112
_SIZE = 36.0


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
        unsigned = state.empty and not self.strokes
        label = Box(theme.MARGIN, _FIELD.y - (120 if unsigned else 64), theme.INNER, 104 if unsigned else 56)
        room = Box(theme.MARGIN, y, theme.INNER, label.y - 16 - y)
        self.put(declared_words(self.surface, state.declared, state.promises, room))
        if unsigned:
            self.put(Note(self.surface, say("还没有签名。请写您的名字。"), label))
        else:
            hint = say("用手指在框里写您的名字")
            self.put(Text(self.surface, hint, label, size=theme.CAPTION, colour=theme.INK_SOFT, rise="middle"))
        self.put(StrokeField(self.surface, _FIELD, Guide.LINE, self._written, self.strokes))
        half = (theme.INNER - theme.GAP) / 2
        wipe = Box(theme.MARGIN, FLOOR - _LOW, half, _LOW)
        other = Box(wipe.right + theme.GAP, wipe.y, half, _LOW)
        words = say("擦掉重写")
        self.put(WordButton(self.surface, wipe, words, self._wipe, look=OUTLINED, enabled=bool(self.strokes)))
        # Not everybody writes with a finger: there is another way, and keys alone reach it.
        self.put(WordButton(self.surface, other, say("不方便手写"), ConfirmInstead(), look=OUTLINED))

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


def declared_words(surface: Surface, declared: tuple[Words, ...], promises: tuple[Words, ...], box: Box) -> Widget:
    """What is signed for, line by line, each with its sign.

    Args:
        surface: where it is drawn.
        declared: what holds now.
        promises: what is promised.
        box: the room.
    """
    whole = Drawn(surface.pos(box), surface.size(box))
    lines = [(False, words) for words in declared] + [(True, words) for words in promises]
    whole.add_widget(Panel(surface, box, edge=theme.HAIRLINE))
    inner = box.inset(24, 12)
    wide = inner.w - 64
    said = [surface.words.of(words) for _, words in lines]
    size, heights = _set(surface, said, wide, inner.h)
    spare = max(0.0, inner.h - sum(heights)) / max(1, len(lines))
    y = inner.y
    for (promised, _), words, high in zip(lines, said, heights, strict=True):
        row = Box(inner.x, y, inner.w, high + spare)
        y = row.bottom
        mark = Box(row.x, row.y + (row.h - 44) / 2, 44, 44)
        whole.add_widget(Disc(surface, mark, theme.AMBER_TINT if promised else theme.BLUE_TINT))
        sign: Name = "clock" if promised else "tick"
        whole.add_widget(Pictogram(surface, sign, mark.inset(9), weight=5.0))
        where = Box(mark.right + 20, row.y, wide, row.h)
        whole.add_widget(Text(surface, words, where, size=size, rise="middle"))
    return whole


def _set(surface: Surface, said: list[str], wide: float, room: float) -> tuple[float, list[float]]:
    """One size for all lines, the largest that fits; as a token, and the height of each line."""
    letters = surface.letters(_SIZE)
    while True:
        heights = [len(text.broken(words, (wide - 1) / letters)) * (letters * text.LINE_HEIGHT + 1) for words in said]
        if sum(heights) <= room or letters <= surface.smallest:
            return letters / (theme.LARGE if surface.large else 1.0), heights
        letters = max(surface.smallest, letters - 2)
