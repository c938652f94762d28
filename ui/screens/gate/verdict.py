"""What the screens of an outcome share: the colour fills the screen, shape, word, next step."""

from ui import theme
from ui.reasons import advice
from ui.screens.sheet import Sheet, Shown
from ui.surface import Box
from ui.widgets.outcome import Outcome, OutcomeShape
from ui.widgets.pictogram import Name
from ui.widgets.shape import Rule

_SHAPE = 480


class VerdictSheet(Sheet[Shown]):
    """A screen of an outcome."""

    def verdict(
        self,
        outcome: Outcome,
        fill: theme.Tone,
        ink: theme.Tone,
        word: str,
        step: str,
        sign: Name | None = None,
    ) -> float:
        """Shape, word and next step; returns where they end."""
        self.ground(fill)
        self.head(ink, ink.faded(0.35))
        box = Box((theme.WIDTH - _SHAPE) / 2, 216, _SHAPE, _SHAPE)
        self.put(OutcomeShape(self.surface, outcome, box, fill=ink, ink=fill, sign=sign))
        y = self.write(word, box.bottom + 56, 400, size=theme.HERO, bold=True, colour=ink, align="center")
        return self.write(step, y + 8, 232, size=theme.TITLE, colour=ink, align="center")

    def because(
        self, reasons: tuple[str, ...], top: float, ink: theme.Tone, floor: float = theme.HEIGHT - theme.MARGIN
    ) -> None:
        """At most three reasons, each with what to do."""
        shown = reasons[:3]
        if not shown:
            return
        y = top + 48
        self.put(Rule(self.surface, Box(theme.MARGIN, y, theme.INNER, 2), ink.faded(0.35)))
        y += 32
        room = (floor - y) / len(shown)
        for reason in shown:
            words = advice(reason)
            end = self.write(self.say(words.what), y, room / 2 - 8, size=48, bold=True, colour=ink)
            end = self.write(self.say(words.next), end + 4, y + room - 16 - end, colour=ink)
            y = end + 32

    def small(self, words: str, colour: theme.Colour) -> None:
        """The person's own, small at the lower edge, near them."""
        self.write(words, 1760, 96, colour=colour, align="center")
