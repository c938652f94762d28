"""Staff suggest what to fill in."""

from kiosk.view.help import Suggested, Wish
from ui import theme
from ui.screens.help.sheet import HelpSheet
from ui.surface import Box
from ui.widgets.shape import Panel
from ui.widgets.target import FILLED, OUTLINED
from ui.widgets.text import Text


class SuggestedScreen(HelpSheet[Suggested]):
    """It is filled in only when the person wants it."""

    def draw(self, state: Suggested) -> None:
        """Draw it."""
        say = self.say
        y = self.intro("paper", say("{name} 建议这样填").format(name=state.staff), say("请看一下对不对。"))
        box = Box(theme.MARGIN, y + 32, theme.INNER, 280)
        self.put(Panel(self.surface, box, edge=theme.BLUE))
        self.put(Text(self.surface, state.words, box.inset(32, 16), size=theme.QUESTION, align="center", rise="middle"))
        self.choices(((say("对，就这样填"), Wish.ACCEPT, FILLED), (say("不用，我自己填"), Wish.DECLINE, OUTLINED)))
