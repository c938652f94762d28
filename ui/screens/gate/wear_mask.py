"""Put your mask on."""

from kiosk.view.gate import WearMask
from ui import theme
from ui.screens.sheet import FLOOR, GateSheet
from ui.surface import Box
from ui.widgets.note import Note
from ui.widgets.progress import Bar
from ui.widgets.top_bar import HEIGHT as TOP_HEIGHT


class WearMaskScreen(GateSheet[WearMask]):
    """One picture, one sentence; who has none is told where to get one."""

    def draw(self, state: WearMask) -> None:
        """Draw it."""
        self.frame()
        y = self.emblem("mask", TOP_HEIGHT + 104, 464)
        self.moving = Bar(self.surface, Box(270, y + 32, 540, 16), state.progress)
        self.put(self.moving)
        title = self.say("请戴好口罩") if state.must else self.say("建议您戴好口罩")
        y = self.write(title, y + 88, 240, size=theme.TITLE, bold=True, align="center")
        line = self.addressed(self.say("{name}，口罩要遮住鼻子和下巴。"), state.name_masked)
        y = self.write(line, y + 16, 200, colour=theme.INK_SOFT, align="center")
        words = self.say("没有口罩？请按下面的按钮领取。") if state.must else self.say("没有口罩也可以进入，请稍等。")
        box = Box(theme.MARGIN, y + 40, theme.INNER, FLOOR - y - 40)
        self.put(Note(self.surface, words, box, warning=False, sign="info"))

    def take(self, state: WearMask) -> bool:
        """Only the bar moves."""
        if (state.must, state.name_masked) != (self.state.must, self.state.name_masked):
            return False
        if self.moving is not None:
            self.moving.set(state.progress)
        self.state = state
        return True
