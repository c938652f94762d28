"""What stands on the paper is compared with what was filled in."""

from kiosk.view.common import Next
from kiosk.view.desk import ReadingPaper
from ui import theme
from ui.screens.sheet import FLOOR, DeskSheet
from ui.surface import Box
from ui.widgets.photograph import Photograph


class ReadingPaperScreen(DeskSheet[ReadingPaper]):
    """A moment; nobody has to wait for it."""

    def draw(self, state: ReadingPaper) -> None:
        """Draw it."""
        say = self.say
        self.frame(back=None, forward=Next(), words=say("不等了，下一步"))
        y = self.steps(state.step, state.steps)
        y = self.write(say("正在核对材料"), y + 40, 160, size=theme.QUESTION, bold=True)
        y = self.write(say("看看材料上写的和您填的是不是一样，几秒钟。"), y + 8, 144, colour=theme.INK_SOFT)
        self.put(Photograph(self.surface, Box(theme.MARGIN, y + 24, theme.INNER, FLOOR - y - 48), state.page))
