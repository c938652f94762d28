"""The pages so far."""

from kiosk.view.afterwards import Act, Copies, Do
from kiosk.view.desk import Retake
from ui import theme
from ui.screens.sheet import FLOOR, DeskSheet
from ui.surface import Box
from ui.widgets.button import WordButton
from ui.widgets.note import Note
from ui.widgets.photograph import Photograph
from ui.widgets.target import OUTLINED
from ui.widgets.top_bar import HEIGHT as TOP_HEIGHT

_HIGH = 128


class CopiesScreen(DeskSheet[Copies]):
    """The last page, one more, take it again, or print all."""

    def draw(self, state: Copies) -> None:
        """Draw it."""
        say = self.say
        words = say("打印 {count} 页").format(count=state.pages)
        self.frame(forward=Do(Act.PRINT), words=words, enabled=state.printable)
        y = self.write(say("看得清吗？"), TOP_HEIGHT + 40, 112, size=theme.TITLE, bold=True)
        place = say("第 {page} 页，最多 {most} 页").format(page=state.pages, most=state.most)
        y = self.write(place, y + 8, 72, colour=theme.INK_SOFT)
        top = FLOOR - _HIGH
        wide = (theme.INNER - theme.GAP) / 2
        again = Box(theme.MARGIN, top, wide, _HIGH)
        more = Box(again.right + theme.GAP, top, wide, _HIGH)
        self.put(WordButton(self.surface, again, say("重新拍"), Retake(), look=OUTLINED, pictogram="camera"))
        room = state.pages < state.most
        self.put(WordButton(self.surface, more, say("再拍一页"), Do(Act.ADD), look=OUTLINED, enabled=room))
        floor: float = top - 24
        if not state.printable:
            note = Box(theme.MARGIN, floor - 136, theme.INNER, 136)
            self.put(Note(self.surface, say("A4 打印机现在用不了，请到窗口复印。"), note, sign="printer"))
            floor = note.y - 24
        self.put(Photograph(self.surface, Box(theme.MARGIN, y + 24, theme.INNER, floor - y - 24), state.page))
