"""Nobody is here yet."""

from kiosk.view.gate import Welcome
from ui import theme
from ui.language import N_
from ui.screens.common.card_notes import CARD_NOTES
from ui.screens.sheet import GateSheet

_OTHER_WAYS = {
    (False, False): N_("然后看摄像头，核对是本人。"),
    (True, False): N_("没带身份证，请出示写有本人的预约码。"),
    (False, True): N_("持护照的，请扫描印有“<<<”的一页。"),
    (True, True): N_("没带身份证，请出示本人的预约码，或扫描护照印有“<<<”的一页。"),
}
"""What else there is: a code that stands for the card, a passport."""


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
            self.say(_OTHER_WAYS[state.code, state.passport]),
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
