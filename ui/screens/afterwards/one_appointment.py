"""One appointment, with its code for the gate."""

from typing import Final

from kiosk.view.afterwards import Act, Do, OneAppointment, Slip
from kiosk.view.common import Back
from ui import theme
from ui.screens.afterwards.pick_day import day_words
from ui.screens.afterwards.slips import SLIPS
from ui.screens.sheet import FLOOR, DeskSheet
from ui.surface import Box
from ui.widgets.button import WordButton
from ui.widgets.code_square import CodeSquare
from ui.widgets.note import Note
from ui.widgets.target import OUTLINED
from ui.widgets.top_bar import HEIGHT as TOP_HEIGHT

_HIGH: Final = 120
_CODE: Final = 440


class OneAppointmentScreen(DeskSheet[OneAppointment]):
    """When and where, the code, and what can be done with it."""

    def draw(self, state: OneAppointment) -> None:
        """Draw it."""
        say = self.say
        idle = state.slip is not Slip.PRINTING
        self.frame(back=None if state.fresh else Back(), words=say("完成"), enabled=idle)
        title = say("约好了") if state.fresh else say("您的预约")
        y = self.write(title, TOP_HEIGHT + 40, 112, size=theme.TITLE, bold=True)
        zone = self.surface.now().tzinfo
        begins = state.begins.astimezone(zone) if state.begins.tzinfo else state.begins
        ends = state.ends.astimezone(zone) if state.ends.tzinfo else state.ends
        y = self.write(day_words(begins.date(), say), y + 16, 88, size=theme.QUESTION)
        y = self.write(f"{begins:%H:%M}–{ends:%H:%M}", y, 88, size=theme.QUESTION)
        y = self.write(say.of(state.department), y + 8, 104, colour=theme.INK_SOFT)
        code = Box((theme.WIDTH - _CODE) / 2, y + 16, _CODE, _CODE)
        self.put(CodeSquare(self.surface, code, state.qr))
        y = self.write(say("入口处扫这个码，带身份证"), code.bottom + 8, 88, colour=theme.INK_SOFT, align="center")
        if not idle:
            box = Box(theme.MARGIN, y + 16, theme.INNER, FLOOR - y - 16)
            self.put(Note(self.surface, say(SLIPS[state.slip]), box, warning=False, sign="printer"))
            return
        top = FLOOR - _HIGH
        wide = (theme.INNER - 2 * theme.GAP) / 3
        buttons = ((say("改时间"), Act.MOVE), (say("取消预约"), Act.CANCEL), (say("打印"), Act.PRINT))
        for place, (words, act) in enumerate(buttons):
            box = Box(theme.MARGIN + place * (wide + theme.GAP), top, wide, _HIGH)
            self.put(WordButton(self.surface, box, words, Do(act), look=OUTLINED))
        if state.slip is not Slip.NONE:
            room = Box(theme.MARGIN, y + 8, theme.INNER, top - y - 24)
            warning = state.slip is not Slip.PRINTED
            self.put(
                Note(self.surface, say(SLIPS[state.slip]), room, warning=warning, sign="printer", size=theme.CAPTION)
            )
