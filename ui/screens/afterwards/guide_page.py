"""A short explanation."""

from kiosk.view.afterwards import GuidePage
from ui import theme
from ui.screens.afterwards.words import GUIDES, SERVICES
from ui.screens.sheet import DeskSheet
from ui.surface import Box
from ui.widgets.pictogram import Pictogram
from ui.widgets.shape import Disc, Panel
from ui.widgets.text import Text
from ui.widgets.top_bar import HEIGHT as TOP_HEIGHT


class GuidePageScreen(DeskSheet[GuidePage]):
    """A few sentences, numbered: each fits on one look."""

    def draw(self, state: GuidePage) -> None:
        """Draw it."""
        say = self.say
        self.frame(words=say("知道了"))
        sign, title, _ = SERVICES[state.topic]
        mark = Box(theme.MARGIN, TOP_HEIGHT + 48, 120, 120)
        self.put(Disc(self.surface, mark, theme.BLUE_TINT))
        self.put(Pictogram(self.surface, sign, mark.square(68), weight=4.0))
        where = Box(mark.right + 32, mark.y, theme.INNER - 152, 120)
        self.put(Text(self.surface, say(title), where, size=theme.TITLE, bold=True, rise="middle"))
        y = mark.bottom + 56
        for place, words in enumerate(GUIDES[state.topic], 1):
            box = Box(theme.MARGIN, y, theme.INNER, 232)
            self.put(Panel(self.surface, box))
            number = Box(box.x + 32, box.y + 76, 80, 80)
            self.put(Disc(self.surface, number, theme.BLUE_TINT))
            figure = Text(
                self.surface, str(place), number, size=44, bold=True, colour=theme.BLUE, align="center", rise="middle"
            )
            self.put(figure)
            line = Box(number.right + 32, box.y + 16, box.w - 176, box.h - 32)
            self.put(Text(self.surface, say(words), line, size=44, rise="middle"))
            y = box.bottom + 32
