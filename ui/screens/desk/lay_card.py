"""Lay your card on the reader to begin."""

from kiosk.view.desk import LayCard
from ui import theme
from ui.screens.common.card_notes import CARD_NOTES
from ui.screens.sheet import FLOOR, DeskSheet
from ui.surface import Box
from ui.widgets.note import Note
from ui.widgets.top_bar import HEIGHT as TOP_HEIGHT


class LayCardScreen(DeskSheet[LayCard]):
    """The one thing to do now, and the way back."""

    def draw(self, state: LayCard) -> None:
        """Draw it."""
        self.frame(forward=None)
        say = self.say
        y = self.write(say.of(state.title), TOP_HEIGHT + 40, 128, colour=theme.INK_SOFT, align="center")
        y = self.emblem("card_on_reader", y + 40, 360)
        y = self.write(say("请把身份证平放在感应区"), y + 40, 232, size=theme.TITLE, bold=True, align="center")
        y = self.write(say("读到身份证就开始填写。"), y + 16, 144, colour=theme.INK_SOFT, align="center")
        words = CARD_NOTES[state.problem]
        if words:
            note = Note(self.surface, say(words), Box(theme.MARGIN, y + 40, theme.INNER, 240))
            self.put(note)
            y = note.bottom
        self.arrow(self.surface.places.reader, y + 24, FLOOR)
