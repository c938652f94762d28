"""请取走您的证件."""

from kiosk.view.desk import TakeYourThings
from ui import theme
from ui.screens.sheet import Sheet
from ui.surface import Box
from ui.widgets.pictogram import Name, Pictogram
from ui.widgets.shape import Disc


class TakeYourThingsScreen(Sheet[TakeYourThings]):
    """Card, paper and receipt."""

    def draw(self, state: TakeYourThings) -> None:
        """Draw it."""
        self.head()
        if state.card_left:
            self._card_left()
            return
        y = self.write(self.say("请取走您的证件"), 480, 240, size=theme.TITLE, bold=True, align="center")
        line = self.say("身份证、材料原件和回执，一样都不要落下。")
        y = self.write(line, y + 24, 240, colour=theme.INK_SOFT, align="center")
        things: tuple[tuple[Name, str], ...] = (
            ("card", self.say("身份证")),
            ("paper", self.say("材料原件")),
            ("receipt", self.say("回执")),
        )
        third = theme.INNER / 3
        for place, (name, words) in enumerate(things):
            box = Box(theme.MARGIN + place * third, y + 120, third, 264)
            disc = Box(box.x + (third - 264) / 2, box.y, 264, 264)
            self.put(Disc(self.surface, disc, theme.BLUE_TINT))
            self.put(Pictogram(self.surface, name, disc.square(144)))
            self.write(words, box.bottom + 24, 128, x=box.x + 8, w=third - 16, align="center")

    def _card_left(self) -> None:
        """The card still lies there: one thing, large."""
        y = self.emblem("card_on_reader", 360, 464, tint=theme.AMBER_TINT)
        y = self.write(self.say("您的身份证还在机器上"), y + 72, 240, size=theme.TITLE, bold=True, align="center")
        line = self.say("请取走。如果这不是您的，请交给工作人员。")
        self.write(line, y + 24, 240, size=theme.QUESTION, align="center")
