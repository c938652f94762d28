"""A question with yes and no."""

from kiosk.view.technician import Answer, Ask
from ui import theme
from ui.screens.technician.sheet import TechnicianSheet
from ui.surface import Box
from ui.technician_words import TASKS
from ui.widgets.button import WordButton
from ui.widgets.target import FILLED, OUTLINED


class AskScreen(TechnicianSheet[Ask]):
    """The question, and its answers."""

    def draw(self, state: Ask) -> None:
        """Draw it."""
        say = self.say
        words = TASKS[state.task]
        y = self.frame(say(words.title)) + 24
        y = self.emblem(words.sign, y, 280)
        y = self.write(self.told(state.question), y + 48, 300, size=theme.QUESTION, bold=True)
        y = self.from_reach(max(y + 40, 1000))
        self.put(
            WordButton(
                self.surface,
                Box(theme.MARGIN, y, theme.INNER, 144),
                say("是") if state.choice else say("知道了"),
                Answer(yes=True),
                look=FILLED,
                size=48,
                bold=True,
            )
        )
        if state.choice:
            box = Box(theme.MARGIN, y + 176, theme.INNER, 144)
            self.put(WordButton(self.surface, box, say("否"), Answer(yes=False), look=OUTLINED, size=48))
