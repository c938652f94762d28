"""Staff have closed this lane for a while."""

from kiosk.view.gate import LanePaused
from ui import theme
from ui.screens.sheet import Sheet
from ui.widgets.top_bar import HEIGHT as TOP_HEIGHT


class LanePausedScreen(Sheet[LanePaused]):
    """Take the next lane, please."""

    def draw(self, state: LanePaused) -> None:
        """Draw it."""
        self.head()
        if state.lane:
            lane = self.say("通道 {lane}").format(lane=state.lane)
            self.write(lane, 128, 64, size=theme.CAPTION, colour=theme.INK_SOFT, align="center")
        y = self.emblem("pause", TOP_HEIGHT + 160, 464, tint=theme.AMBER_TINT)
        y = self.write(self.say("本通道暂停使用"), y + 72, 240, size=theme.TITLE, bold=True, align="center")
        line = self.say("请走旁边的通道，那里一样可以进入。")
        self.write(line, y + 16, 200, colour=theme.INK_SOFT, align="center")
        self.bars(help_here=False, staff_entry=True)
