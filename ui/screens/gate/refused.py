"""Not today, why, and where to go."""

from kiosk.view.gate import Refused
from ui import theme
from ui.screens.gate.verdict import VerdictSheet


class RefusedScreen(VerdictSheet[Refused]):
    """今天不能进入 · 请到咨询台."""

    def draw(self, state: Refused) -> None:
        """Draw it."""
        word = self.say("今天不能进入")
        y = self.verdict("stop", theme.RED, theme.WHITE, word, self.say("请到咨询台"))
        self.because(state.reasons, y, theme.WHITE)
