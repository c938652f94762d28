"""A telephone number to be called back at."""

from kiosk.view.help import DIGITS_MOST, Help, LeaveNumber, Wish
from kiosk.view.screen import State
from ui import theme
from ui.screens.help.sheet import HelpSheet
from ui.screens.sheet import FLOOR, Sheet
from ui.surface import Box
from ui.widgets.bottom_row import BottomRow
from ui.widgets.key_pad import DIGITS, KeyPad
from ui.widgets.note import Note
from ui.widgets.shape import Panel
from ui.widgets.text import Text
from ui.widgets.top_bar import HEIGHT as TOP_HEIGHT


class LeaveNumberScreen(HelpSheet[LeaveNumber]):
    """The number is typed on the pad, and stays on this terminal sealed until the office has it."""

    def draw(self, state: LeaveNumber) -> None:
        """Draw it."""
        self.digits = getattr(self, "digits", "")
        say = self.say
        self.head()
        self.bars(help_here=False, remote=False)
        y = self.write(say("请留下电话"), TOP_HEIGHT + 40, 160, size=theme.QUESTION, bold=True)
        line = say("现在没有人接听，{opens} 上班后打给您。") if state.opens else say("工作人员会打这个电话找您。")
        y = self.write(line.format(opens=state.opens), y + 16, 160, colour=theme.INK_SOFT)
        field = Box(theme.MARGIN, y + 24, theme.INNER, 136)
        self.put(Panel(self.surface, field, edge=theme.EDGE))
        shown = "•" * len(self.digits) if self.surface.discreet else self.digits
        self.put(Text(self.surface, shown, field.inset(32, 0), size=theme.TITLE, rise="middle"))
        y = field.bottom + 24
        if state.wrong:
            note = Note(
                self.surface, say("电话号码不对，请再看一下。"), Box(theme.MARGIN, y, theme.INNER, 152), warning=True
            )
            self.put(note)
            y = note.bottom + 16
        top = max(y, FLOOR - 640)
        self.put(KeyPad(self.surface, Box(theme.MARGIN, top, theme.INNER, FLOOR - top), DIGITS, 3, self._press))
        forward = Help(Wish.NUMBER, self.digits or "-")
        self.put(
            BottomRow(
                self.surface,
                back=Help(Wish.GO_ON),
                forward=forward,
                words=say("请打给我"),
                enabled=len(self.digits) >= 7,
            )
        )

    def keep(self, before: Sheet[State]) -> None:
        """What was typed stays when the screen is drawn anew."""
        if isinstance(before, LeaveNumberScreen):
            self.digits = before.digits
            self.redraw()

    def _press(self, key: str) -> None:
        if key == "clear":
            self.digits = ""
        elif key == "back":
            self.digits = self.digits[:-1]
        elif len(self.digits) < DIGITS_MOST:
            self.digits += key
        self.redraw()
