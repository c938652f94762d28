"""A number for a window."""

from kiosk.view.afterwards import Act, Do, QueueNumber, Slip
from ui import theme
from ui.screens.afterwards.slips import SLIPS
from ui.screens.sheet import FLOOR, DeskSheet
from ui.surface import Box
from ui.widgets.button import WordButton
from ui.widgets.note import Note
from ui.widgets.shape import Panel
from ui.widgets.target import OUTLINED
from ui.widgets.text import Text
from ui.widgets.top_bar import HEIGHT as TOP_HEIGHT

_HIGH = 120


class QueueNumberScreen(DeskSheet[QueueNumber]):
    """The number as large as it goes, how many are before it, and where the slip is."""

    def draw(self, state: QueueNumber) -> None:
        """Draw it."""
        say = self.say
        idle = state.slip is not Slip.PRINTING
        self.frame(back=None, words=say("完成"), enabled=idle)
        y = self.write(say("您的排队号"), TOP_HEIGHT + 64, 112, size=theme.QUESTION, align="center")
        box = Box(theme.MARGIN + 96, y + 24, theme.INNER - 192, 320)
        self.put(Panel(self.surface, box, edge=theme.BLUE, weight=4.0))
        self.put(
            Text(self.surface, state.text, box.inset(24), size=theme.HERO, bold=True, align="center", rise="middle")
        )
        y = self.write(say.of(state.department), box.bottom + 32, 112, size=theme.QUESTION, align="center")
        ahead = say("前面还有 {count} 人").format(count=state.ahead) if state.ahead else say("马上就到您")
        y = self.write(ahead, y + 16, 88, size=theme.QUESTION, bold=True, align="center")
        words = say("请在等候区等叫号。仅当天有效，过号请重新取。")
        y = self.write(words, y + 16, 144, colour=theme.INK_SOFT, align="center")
        again = state.slip in {Slip.ON_SCREEN, Slip.UNSURE}
        floor = FLOOR - (_HIGH + 16 if again else 0)
        if state.slip is not Slip.NONE:
            room = Box(theme.MARGIN, y + 24, theme.INNER, floor - y - 32)
            self.put(Note(self.surface, say(SLIPS[state.slip]), room, warning=again, sign="printer"))
        if again:
            place = Box(theme.MARGIN, FLOOR - _HIGH, theme.INNER, _HIGH)
            self.put(
                WordButton(self.surface, place, say("再打印一次"), Do(Act.PRINT), look=OUTLINED, pictogram="printer")
            )
