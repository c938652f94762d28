"""Somebody asked for help or the green channel."""

from kiosk.view.common import Back
from kiosk.view.gate import HelpComing
from ui import theme
from ui.screens.sheet import Sheet
from ui.surface import Box
from ui.widgets.bottom_row import HEIGHT as BOTTOM_HEIGHT
from ui.widgets.bottom_row import TOP as BOTTOM_TOP
from ui.widgets.button import WordButton
from ui.widgets.note import Note
from ui.widgets.target import OUTLINED
from ui.widgets.top_bar import HEIGHT as TOP_HEIGHT


class HelpComingScreen(Sheet[HelpComing]):
    """Staff are called; there is no hurry."""

    def draw(self, state: HelpComing) -> None:
        """Draw it."""
        del state
        self.head()
        y = self.emblem("staff", TOP_HEIGHT + 104, 464, tint=theme.HELP_TINT)
        y = self.write(self.say("工作人员马上来"), y + 72, 240, size=theme.TITLE, bold=True, align="center")
        line = self.say("请在这里等候，可以先坐下休息。")
        y = self.write(line, y + 16, 200, colour=theme.INK_SOFT, align="center")
        words = self.say("老人、残疾人、孕妇、带小孩，或没有证件和手机，都由工作人员带您进入。")
        self.put(Note(self.surface, words, Box(theme.MARGIN, y + 48, theme.INNER, 300), warning=False, sign="info"))
        self.bars(help_here=False, staff_entry=True)
        box = Box(theme.MARGIN, BOTTOM_TOP, theme.INNER, BOTTOM_HEIGHT)
        self.put(WordButton(self.surface, box, self.say("不用了，我自己来"), Back(), look=OUTLINED, size=48))
