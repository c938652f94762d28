"""Why a person is admitted or turned away, or the barrier opened: chosen, not typed."""

from typing import Final

from kiosk.view.attendant import Choice, Choose, ChooseReason
from ui import theme
from ui.language import N_
from ui.screens.attendant.sheet import StaffSheet
from ui.screens.sheet import FLOOR
from ui.staff_words import REASONS
from ui.surface import Box
from ui.widgets.choice_row import ChoiceRow

_TITLES: Final[dict[Choice, str]] = {
    Choice.ADMIT: N_("为什么放行？"),
    Choice.TURN_AWAY: N_("为什么不放行？"),
    Choice.OPEN: N_("为什么手动开闸？"),
}
_LINES: Final[dict[Choice, str]] = {
    Choice.ADMIT: N_("选好后闸门马上打开。"),
    Choice.TURN_AWAY: N_("选好后登记，闸门不动。"),
    Choice.OPEN: N_("选好后闸门马上打开，不登记是谁。"),
}
_GAP: Final = 16.0


class ChooseReasonScreen(StaffSheet[ChooseReason]):
    """One row a reason."""

    def draw(self, state: ChooseReason) -> None:
        """Draw it."""
        say = self.say
        parts = [state.name_masked, say(_LINES[state.choice])]
        y = self.frame(say(_TITLES[state.choice]), " · ".join(part for part in parts if part)) + 24
        y = self.from_reach(y)
        words = REASONS[state.choice.value]
        # whom the watch list had sent is not for everybody who looks at the terminal's picture
        reasons = [each for each in state.reasons if not (self.surface.discreet and each.startswith("watch_"))]
        count = max(1, len(reasons))
        high = min(136.0, (FLOOR - y + _GAP) / count - _GAP)
        for place, reason in enumerate(reasons):
            box = Box(theme.MARGIN, y + place * (high + _GAP), theme.INNER, high)
            self.put(ChoiceRow(self.surface, box, say(words.get(reason, reason)), "", Choose(reason)))
