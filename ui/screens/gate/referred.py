"""Staff are coming."""

from kiosk.view.gate import Referred
from ui import theme
from ui.screens.gate.verdict import VerdictSheet
from ui.surface import Box
from ui.widgets.service_bar import StaffEntry

_ENTRY = 104


class ReferredScreen(VerdictSheet[Referred]):
    """请稍候 · 工作人员马上来."""

    def draw(self, state: Referred) -> None:
        """Draw it."""
        step = self.say("工作人员马上来") if state.reasons else ""  # without a reason it says nothing else
        y = self.verdict("wait", theme.AMBER, theme.INK, self.say("请稍候"), step)
        low = self.surface.modes.low
        floor = theme.HEIGHT - theme.MARGIN
        self.because(state.reasons, y, theme.INK, floor - (_ENTRY + 16 if low else 0))
        top = floor - _ENTRY if low else 128
        self.put(StaffEntry(self.surface, Box(theme.WIDTH - theme.MARGIN - 256, top, 256, _ENTRY)))
