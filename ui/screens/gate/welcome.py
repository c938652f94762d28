"""Nobody is here yet."""

from kiosk.view.gate import Welcome
from ui import theme
from ui.screens.common.card_notes import CARD_NOTES
from ui.screens.sheet import GateSheet


class WelcomeScreen(GateSheet[Welcome]):
    """Lay your card on the reader."""

    def draw(self, state: Welcome) -> None:
        """Draw it."""
        self.frame(staff_entry=True, green_channel=True)
        note = self.say(CARD_NOTES[state.problem]) if CARD_NOTES[state.problem] else ""
        self.device(
            "card_on_reader",
            self.surface.places.reader,
            self.say("请把身份证平放在感应区"),
            self.say("没带身份证，请出示写有本人的预约码。") if state.code else self.say("然后看摄像头，核对是本人。"),
            note=note,
        )
        words = []
        if state.lane:
            words.append(self.say("通道 {lane}").format(lane=state.lane))
        if state.inside is not None and state.capacity is not None:
            words.append(
                self.say("厅内 {inside} 人，最多 {capacity} 人").format(inside=state.inside, capacity=state.capacity)
            )
        elif state.inside is not None:
            words.append(self.say("厅内 {inside} 人").format(inside=state.inside))
        if state.offline:
            words.append(self.say("网络暂时不通，不影响进入"))
        self.write(" · ".join(words), 128, 64, size=theme.CAPTION, colour=theme.INK_SOFT, align="center")
