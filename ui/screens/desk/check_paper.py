"""Is it readable?"""

from kiosk.view.desk import CheckPaper, Retake
from ui import theme
from ui.screens.sheet import FLOOR, DeskSheet
from ui.surface import Box
from ui.widgets.button import WordButton
from ui.widgets.photograph import Photograph
from ui.widgets.target import OUTLINED

_HIGH = 128


class CheckPaperScreen(DeskSheet[CheckPaper]):
    """The page, take it again, or go on."""

    def draw(self, state: CheckPaper) -> None:
        """Draw it."""
        say = self.say
        self.frame(words=say("清楚，下一步"))
        y = self.steps(state.step, state.steps)
        y = self.write(say("四角齐全，字看得清吗？"), y + 40, 160, size=theme.QUESTION, bold=True)
        y = self.write(say.of(state.title), y + 8, 72, colour=theme.INK_SOFT)
        again = Box(theme.MARGIN, FLOOR - _HIGH, theme.INNER, _HIGH)
        self.put(Photograph(self.surface, Box(theme.MARGIN, y + 24, theme.INNER, again.y - 24 - y - 24), state.page))
        self.put(WordButton(self.surface, again, say("不清楚，重新拍"), Retake(), look=OUTLINED, pictogram="camera"))
