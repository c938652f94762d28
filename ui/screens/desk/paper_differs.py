"""The paper seems to say something else than was filled in."""

from kiosk.view.common import Next
from kiosk.view.desk import Differing, Edit, PaperDiffers, Retake
from ui import theme
from ui.screens.sheet import FLOOR, DeskSheet
from ui.surface import Box
from ui.widgets.button import WordButton
from ui.widgets.shape import Panel
from ui.widgets.target import OUTLINED
from ui.widgets.text import Text

_AGAIN = 112
_HIGH = 320
_EDIT = 176
_HIDDEN = "••••"


class PaperDiffersScreen(DeskSheet[PaperDiffers]):
    """Both, one above the other; nobody is stopped by it: the machine may have misread."""

    def draw(self, state: PaperDiffers) -> None:
        """Draw it."""
        say = self.say
        self.frame(forward=Next(), words=say("我填的没有错，下一步"))
        y = self.steps(state.step, state.steps)
        y = self.write(say("材料上好像不一样，请看一看"), y + 40, 160, size=theme.QUESTION, bold=True)
        y = self.write(say("机器也会看错。以您手里的材料为准。"), y + 8, 112, colour=theme.INK_SOFT) + 24
        again = Box(theme.MARGIN, FLOOR - _AGAIN, theme.INNER, _AGAIN)
        y = max(y, self.surface.reach - 12)
        count = max(1, len(state.differing))
        high = min(_HIGH, (again.y - 24 - y) / count - theme.GAP)
        for place, one in enumerate(state.differing):
            self._one(one, Box(theme.MARGIN, y + place * (high + theme.GAP), theme.INNER, high))
        self.put(WordButton(self.surface, again, say("重新拍这份材料"), Retake(), look=OUTLINED, pictogram="camera"))

    def _one(self, one: Differing, box: Box) -> None:
        say = self.say
        self.put(Panel(self.surface, box, edge=theme.EDGE))
        inner = box.inset(24, 12)
        right = inner.right - (_EDIT + 16 if one.key else 0)
        part = inner.h / 3
        caption = Box(inner.x, inner.y, right - inner.x, part)
        soft = theme.INK_SOFT
        self.put(Text(self.surface, say.of(one.caption), caption, size=theme.CAPTION, colour=soft, rise="middle"))
        typed, read = (_HIDDEN, _HIDDEN) if self.surface.discreet else (one.typed, one.read)
        lines = (say("您填的：{value}").format(value=typed), say("材料上：{value}").format(value=read))
        for line, words in enumerate(lines, 1):
            where = Box(inner.x, inner.y + line * part, (right if line == 1 else inner.right) - inner.x, part)
            self.put(Text(self.surface, words, where, rise="middle"))
        if one.key:
            edit = Box(inner.right - _EDIT, inner.y, _EDIT, max(theme.TARGET, part))
            self.put(WordButton(self.surface, edit, say("修改"), Edit(one.key), look=OUTLINED))
