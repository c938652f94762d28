"""Hold the health code or certificate before the scanner."""

from typing import Final

from kiosk.view.gate import CodeHint, ShowHealth
from ui.language import N_
from ui.screens.sheet import GateSheet

_NOTES: Final[dict[CodeHint, str]] = {
    CodeHint.NOT_HEALTH: N_("这不是健康码，请打开健康码。"),
    CodeHint.NOT_A_CODE: N_("这不是健康码，请打开健康码。"),
    CodeHint.ANOTHER_PART: N_("这一张读到了，请出示下一张。"),
}


class ShowHealthScreen(GateSheet[ShowHealth]):
    """The health code, please: one's own telephone's, a family member's, or on paper."""

    def draw(self, state: ShowHealth) -> None:
        """Draw it."""
        self.frame()
        note = self.say(_NOTES[state.hint]) if state.hint in _NOTES else ""
        self.device(
            "health",
            self.surface.places.scanner,
            self.say("请出示健康码"),
            self.addressed(self.say("{name}，用家人的手机或纸质证明也可以。"), state.name_masked),
            note=note,
            warning=state.hint is not CodeHint.ANOTHER_PART,
        )
