"""This cannot be applied for, and why, and what to do instead."""

from kiosk.view.common import Back
from kiosk.view.desk import NotEligible
from ui import theme
from ui.screens.sheet import FLOOR, DeskSheet
from ui.surface import Box
from ui.widgets.note import Note
from ui.widgets.top_bar import HEIGHT as TOP_HEIGHT


class NotEligibleScreen(DeskSheet[NotEligible]):
    """The reason large, then the way that is open."""

    def draw(self, state: NotEligible) -> None:
        """Draw it."""
        say = self.say
        self.frame(back=None if state.final else Back(), words=say("办别的事"))
        y = self.emblem("exclamation", TOP_HEIGHT + 64, 280, tint=theme.AMBER_TINT)
        y = self.write(say("这项现在办不了"), y + 48, 176, size=theme.TITLE, bold=True, align="center")
        y = self.write(say.of(state.title), y + 8, 120, colour=theme.INK_SOFT, align="center")
        y = self.write(say.of(state.reason), y + 56, 260, size=theme.QUESTION, align="center")
        box = Box(theme.MARGIN, y + 56, theme.INNER, FLOOR - y - 56)
        words = say("可以这样办：{instead}").format(instead=say.of(state.instead))
        self.put(Note(self.surface, words, box, warning=False, sign="arrow"))
