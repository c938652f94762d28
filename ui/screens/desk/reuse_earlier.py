"""Is it this one, and may it be used again?"""

from typing import Final

from kiosk.view.desk import Retake, ReuseEarlier
from ui import theme
from ui.screens.sheet import FLOOR, DeskSheet
from ui.surface import Box
from ui.voice.papers import GRADES
from ui.widgets.button import WordButton
from ui.widgets.note import Note
from ui.widgets.photograph import Photograph
from ui.widgets.target import OUTLINED

_HIGH: Final = 128


class ReuseEarlierScreen(DeskSheet[ReuseEarlier]):
    """Its first page, where it is from, and what one agrees to."""

    def draw(self, state: ReuseEarlier) -> None:
        """Draw it."""
        say, paper = self.say, state.paper
        self.frame(words=say("同意，用这一份"))
        y = self.steps(state.step, state.steps)
        y = self.write(say("这次也用这一份吗？"), y + 40, 120, size=theme.QUESTION, bold=True)
        told = say("{day} 交过：{paper}").format(day=say.day(paper.handed_in), paper=say.of(state.title))
        y = self.write(told, y + 8, 112, colour=theme.INK_SOFT)
        grade = say(GRADES.get(paper.grade, GRADES["D"]))
        y = self.write(grade, y + 4, 64, size=theme.CAPTION, colour=theme.INK_SOFT)
        other = Box(theme.MARGIN, FLOOR - _HIGH, theme.INNER, _HIGH)
        words = say("不用，重新拍")
        self.put(WordButton(self.surface, other, words, Retake(), look=OUTLINED, pictogram="camera"))
        high = 152
        note = Box(theme.MARGIN, other.y - theme.GAP - high, theme.INNER, high)
        agreed = say("点“同意”，就是同意这次办事也用它。材料要是变了，请重新拍。")
        self.put(Note(self.surface, agreed, note, warning=False, size=36))
        room = Box(theme.MARGIN, y + 16, theme.INNER, note.y - theme.GAP - y - 16)
        if state.page:
            self.put(Photograph(self.surface, room, state.page))
        else:
            self.put(Note(self.surface, say("现在看不到它的样子，材料本身在办事系统里。"), room, size=40))
