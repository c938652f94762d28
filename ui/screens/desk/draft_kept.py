"""Saved: come back with the same card."""

from kiosk.view.desk import DraftKept, ToWindow
from ui import theme
from ui.screens.sheet import FLOOR, DeskSheet
from ui.surface import Box
from ui.widgets.button import WordButton
from ui.widgets.target import OUTLINED
from ui.widgets.top_bar import HEIGHT as TOP_HEIGHT

_HIGH = 128


class DraftKeptScreen(DeskSheet[DraftKept]):
    """Until when, and what to bring."""

    def draw(self, state: DraftKept) -> None:
        """Draw it."""
        say = self.say
        self.frame(back=None, words=say("完成"), leave=False)
        # The way to the window takes the lowest part of the room.
        y = self.emblem("tick", TOP_HEIGHT + (64 if state.window else 160), 280 if state.window else 360)
        gap = 40 if state.window else 64
        y = self.write(say("已经保存"), y + gap, 176, size=theme.TITLE, bold=True, align="center")
        y = self.write(say.of(state.title), y + 8, 128, colour=theme.INK_SOFT, align="center")
        words = say("请在 {day} 前带同一张身份证来，在这台机器上继续。").format(day=say.day(state.until))
        y = self.write(words, y + gap, 260, size=theme.QUESTION, align="center")
        self.write(say("别人打不开。到期自动删除。"), y + 32, 160, colour=theme.INK_SOFT, align="center")
        if state.window:
            box = Box(theme.MARGIN, FLOOR - _HIGH, theme.INNER, _HIGH)
            self.put(WordButton(self.surface, box, say("到窗口接着办"), ToWindow(), look=OUTLINED))
