"""The card is being read."""

from kiosk.view.gate import ReadingCard
from ui.screens.sheet import GateSheet


class ReadingCardScreen(GateSheet[ReadingCard]):
    """Leave it where it is."""

    def draw(self, state: ReadingCard) -> None:
        """Draw it."""
        del state
        self.frame()
        self.device(
            "card",
            self.surface.places.reader,
            self.say("正在读身份证"),
            self.say("请不要移动证件。"),
        )
