"""The photo as it was cut."""

from kiosk.view.afterwards import Act, CheckPhoto, Do
from kiosk.view.common import Next
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


class CheckPhotoScreen(DeskSheet[CheckPhoto]):
    """The photo, take it again, or print it."""

    def draw(self, state: CheckPhoto) -> None:
        """Draw it."""
        say = self.say
        if state.printable:
            self.frame(forward=Do(Act.PRINT), words=say("打印 8 张"))
        else:
            self.frame(forward=Next(), words=say("完成"))
        y = self.write(say("这张可以吗？"), TOP_HEIGHT + 40, 112, size=theme.TITLE, bold=True)
        title = say.of(state.title)
        facts = say("{title} · {wide} × {high} 毫米").format(title=title, wide=state.wide, high=state.high)
        y = self.write(facts, y + 8, 80, colour=theme.INK_SOFT)
        again = Box(theme.MARGIN, FLOOR - _HIGH, theme.INNER, _HIGH)
        floor = again.y - 24
        if not state.printable:
            words = say("A4 打印机现在用不了。尺寸和光线符合要求；要照片请到窗口。")
            note = Box(theme.MARGIN, floor - 176, theme.INNER, 176)
            self.put(Note(self.surface, words, note, sign="printer"))
            floor = note.y - 24
        self.put(Photograph(self.surface, Box(theme.MARGIN, y + 24, theme.INNER, floor - y - 24), state.photo))
        self.put(WordButton(self.surface, again, say("重新拍"), Retake(), look=OUTLINED, pictogram="camera"))
