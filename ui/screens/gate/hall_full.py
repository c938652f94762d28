"""The hall is full: wait until somebody leaves."""

from kiosk.view.gate import HallFull
from ui import theme
from ui.screens.sheet import GateSheet
from ui.surface import Box
from ui.widgets.progress import Bar
from ui.widgets.top_bar import HEIGHT as TOP_HEIGHT


class HallFullScreen(GateSheet[HallFull]):
    """Please wait; how many are inside, and how many are before you."""

    def draw(self, state: HallFull) -> None:
        """Draw it."""
        self.frame(staff_entry=True, green_channel=True)
        if state.lane:
            lane = self.say("通道 {lane}").format(lane=state.lane)
            self.write(lane, 128, 64, size=theme.CAPTION, colour=theme.INK_SOFT, align="center")
        y = self.emblem("hall", TOP_HEIGHT + 104, 464, tint=theme.AMBER_TINT)
        y = self.write(self.say("请在这里稍等"), y + 72, 240, size=theme.TITLE, bold=True, align="center")
        line = self.say("人数已满，有人离开后可以进入。")
        y = self.write(line, y + 16, 200, colour=theme.INK_SOFT, align="center")
        share = min(1.0, state.inside / max(1, state.capacity))
        # What is amber to look at is too dark for a thin bar in high contrast.
        ink = theme.AMBER_INK if self.surface.modes.contrast else theme.AMBER
        self.put(Bar(self.surface, Box(270, y + 64, 540, 16), share, ink))
        count = self.say("厅内 {inside} 人，最多 {capacity} 人").format(inside=state.inside, capacity=state.capacity)
        y = self.write(count, y + 104, 120, align="center")
        if state.waiting:
            words = self.say("您前面还有 {count} 人等候。").format(count=state.waiting)
            self.write(words, y + 16, 140, size=theme.QUESTION, bold=True, align="center")
