"""Something takes a while."""

from kiosk.view.technician import Working
from ui import theme
from ui.screens.technician.sheet import TechnicianSheet
from ui.technician_words import TASKS


class WorkingScreen(TechnicianSheet[Working]):
    """What is done, and the step it is at."""

    def draw(self, state: Working) -> None:
        """Draw it."""
        words = TASKS[state.task]
        self.head()
        y = self.emblem(words.sign, 400, 360)
        y = self.write(self.say(words.title), y + 64, 160, size=theme.TITLE, bold=True, align="center")
        line = self.told(state.line) if state.line else self.say("请稍候")
        self.write(line, y + 24, 300, colour=theme.INK_SOFT, align="center")
