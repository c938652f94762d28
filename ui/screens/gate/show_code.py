"""Hold the appointment code before the scanner."""

from kiosk.view.gate import CodeHint, ShowCode
from ui.screens.sheet import GateSheet


class ShowCodeScreen(GateSheet[ShowCode]):
    """The appointment code, please."""

    def draw(self, state: ShowCode) -> None:
        """Draw it."""
        self.frame()
        note = ""
        match state.hint:
            case CodeHint.NOT_A_CODE | CodeHint.NOT_HEALTH:
                note = self.say("这不是本大厅的预约码。请打开预约短信里的二维码。")
            case CodeHint.ANOTHER_PART:
                note = self.say("这一张读到了，请出示下一张。")
            case CodeHint.NONE:
                pass
        self.device(
            "phone",
            self.surface.places.scanner,
            self.say("请出示预约码"),
            self.addressed(self.say("{name}，请把二维码对准扫码口，离开一掌远。"), state.name_masked),
            note=note,
            warning=state.hint is not CodeHint.ANOTHER_PART,
        )
