"""A short explanation."""

from kiosk.view.afterwards import GuidePage
from ui import text, theme
from ui.screens.afterwards.words import GUIDES, SERVICES
from ui.screens.sheet import FLOOR, DeskSheet
from ui.surface import Box
from ui.widgets.pictogram import Pictogram
from ui.widgets.shape import Disc, Panel
from ui.widgets.text import Text
from ui.widgets.top_bar import HEIGHT as TOP_HEIGHT

_SIZE = 44.0
_GAP = 24.0


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
        told = [say(words) for words in GUIDES[state.topic]]
        y = mark.bottom + 48
        high = min(264.0, (FLOOR - y + _GAP) / len(told) - _GAP)
        room = theme.INNER - 176, high - 32
        # All of one size: the longest sentence says which.
        sizes = (text.fitted(words, room, self.surface.letters(_SIZE), self.surface.smallest).size for words in told)
        size = min(sizes) / (theme.LARGE if self.surface.large else 1.0)
        for place, words in enumerate(told, 1):
            box = Box(theme.MARGIN, y, theme.INNER, high)
            self.put(Panel(self.surface, box))
            number = Box(box.x + 32, box.y + (high - 80) / 2, 80, 80)
            self.put(Disc(self.surface, number, theme.BLUE_TINT))
            figure = Text(
                self.surface,
                str(place),
                number,
                size=_SIZE,
                bold=True,
                colour=theme.BLUE,
                align="center",
                rise="middle",
            )
            self.put(figure)
            line = Box(number.right + 32, box.y + 16, *room)
            self.put(Text(self.surface, words, line, size=size, rise="middle"))
            y = box.bottom + _GAP
