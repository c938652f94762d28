"""Is it readable?"""

from kiosk.view.desk import AddPage, CheckPaper, PaperHint, Retake, ShowPages
from ui import theme
from ui.screens.sheet import FLOOR, DeskSheet
from ui.surface import Box
from ui.voice.form import PAPER_HINTS
from ui.widgets.button import WordButton
from ui.widgets.note import Note
from ui.widgets.photograph import Photograph
from ui.widgets.target import OUTLINED

_HIGH = 128


class CheckPaperScreen(DeskSheet[CheckPaper]):
    """The page, take it again, one more page, or go on."""

    def draw(self, state: CheckPaper) -> None:
        """Draw it."""
        say = self.say
        several = state.most > 1
        self.frame(words=say("材料齐了，下一步") if several else say("清楚，下一步"))
        y = self.steps(state.step, state.steps)
        y = self.write(say("四角齐全，字看得清吗？"), y + 40, 160, size=theme.QUESTION, bold=True)
        title = say.of(state.title)
        if several:
            title = say("{paper} · 第 {page} 页").format(paper=title, page=state.number)
        y = self.write(title, y + 8, 72, colour=theme.INK_SOFT)
        again = Box(theme.MARGIN, FLOOR - _HIGH, theme.INNER, _HIGH)
        floor = again.y
        if several:
            half = (theme.INNER - theme.GAP) / 2
            more = state.count < state.most
            left = Box(again.x, again.y - _HIGH - theme.GAP, half if state.count > 1 else theme.INNER, _HIGH)
            words = say("再拍一页") if more else say("最多 {count} 页").format(count=state.most)
            self.put(WordButton(self.surface, left, words, AddPage(), look=OUTLINED, pictogram="paper", enabled=more))
            if state.count > 1:
                right = Box(left.right + theme.GAP, left.y, half, _HIGH)
                words = say("看全部 {count} 页").format(count=state.count)
                self.put(WordButton(self.surface, right, words, ShowPages(), look=OUTLINED))
            floor = left.y
        if state.doubt is not PaperHint.GOOD:
            note = Box(theme.MARGIN, floor - theme.GAP - 112, theme.INNER, 112)
            self.put(Note(self.surface, say(PAPER_HINTS[state.doubt]), note, size=40))
            floor = note.y
        room = Box(theme.MARGIN, y + 24, theme.INNER, floor - 24 - y - 24)
        if state.back:
            half = (room.h - theme.GAP) / 2
            self.put(Photograph(self.surface, Box(room.x, room.y, room.w, half), state.page))
            self.put(Photograph(self.surface, Box(room.x, room.y + half + theme.GAP, room.w, half), state.back))
        else:
            self.put(Photograph(self.surface, room, state.page))
        self.put(WordButton(self.surface, again, say("不清楚，重新拍"), Retake(), look=OUTLINED, pictogram="camera"))
