"""Not now or not today, why, and where to go."""

from typing import Final

from kiosk.view.gate import Refused
from ui import theme
from ui.screens.gate.verdict import VerdictSheet

_MENDED_HERE: Final = frozenset({"mask_missing", "hall_full", "health_old", "code_not_yet"})
"""What the person mends within minutes, or what only takes time: they are not sent away for the day."""


class RefusedScreen(VerdictSheet[Refused]):
    """今天不能进入 · 请到咨询台, or 现在还不能进入 where it is easily mended."""

    def draw(self, state: Refused) -> None:
        """Draw it."""
        if state.reasons and _MENDED_HERE.issuperset(state.reasons):
            word, step = self.say("现在还不能进入"), self.say("请看下面的提示")
        else:
            word, step = self.say("今天不能进入"), self.say("请到咨询台")
        y = self.verdict("stop", theme.RED, theme.WHITE, word, step)
        self.because(state.reasons, y, theme.WHITE)
