"""How was it? Five levels."""

from kiosk.view.afterwards import Rate, RateService
from ui import theme
from ui.screens.afterwards.words import LEVELS
from ui.screens.sheet import FLOOR, DeskSheet
from ui.surface import Box
from ui.widgets.button import WordButton
from ui.widgets.target import OUTLINED
from ui.widgets.top_bar import HEIGHT as TOP_HEIGHT

_GAP = 64
"""20 mm from edge to edge: nobody presses the neighbour."""


class RateServiceScreen(DeskSheet[RateService]):
    """Five rows of one kind: none is suggested by its colour."""

    def draw(self, state: RateService) -> None:
        """Draw it."""
        del state
        say = self.say
        self.frame(forward=None)
        y = self.write(say("您对今天的服务满意吗？"), TOP_HEIGHT + 56, 176, size=theme.TITLE, bold=True)
        y = self.write(say("点一下就好，不记名。"), y + 16, 80, colour=theme.INK_SOFT) + 56
        y = self.from_reach(y)
        high = min(152.0, (FLOOR - y - 4 * _GAP) / 5)
        for place, (stars, words) in enumerate(LEVELS):
            box = Box(theme.MARGIN, y + place * (high + _GAP), theme.INNER, high)
            self.put(WordButton(self.surface, box, say(words), Rate(stars), look=OUTLINED, size=theme.QUESTION))
