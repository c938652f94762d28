"""What is declared and promised, for somebody who does not write: their card once more, or the end of its number."""

from typing import Final

from kiosk.view.desk import Confirm, Confirmed
from kiosk.view.screen import State
from ui import theme
from ui.screens.desk.sign import declared_words
from ui.screens.sheet import FLOOR, DeskSheet, Sheet
from ui.surface import Box, Surface
from ui.widgets.key_pad import CLEAR, IDENTITY, KeyPad
from ui.widgets.note import Note
from ui.widgets.shape import Panel
from ui.widgets.text import Text

LAST: Final = 4
_PAD: Final = Box(theme.MARGIN, FLOOR - 432, theme.INNER, 432)
_FIELD: Final = Box(theme.MARGIN, _PAD.y - 16 - 104, theme.INNER, 104)
_HIDDEN: Final = "•"


class ConfirmScreen(DeskSheet[Confirm]):
    """The words above, four places and the keys below.

    Attributes:
        value: what is typed.
    """

    def __init__(self, surface: Surface, state: Confirm) -> None:
        self.value = ""
        super().__init__(surface, state)

    def keep(self, before: Sheet[State]) -> None:
        """The same screen in another language: what was typed stays, unless it was wrong."""
        if isinstance(before, ConfirmScreen) and before.value and self.state.wrong == before.state.wrong:
            self.value = before.value
            self.redraw()

    def draw(self, state: Confirm) -> None:
        """Draw it."""
        say = self.say
        self.frame(forward=self._confirm, words=say("确认，提交"), enabled=len(self.value) == LAST)
        y = self.steps(state.step, state.steps)
        y = self.write(say("不用手写，这样确认"), y + 24, 80, size=theme.QUESTION, bold=True)
        line = say("把身份证再放一次，或输入号码最后四位。") if state.card else say("请输入身份证号码的最后四位。")
        high = 112.0
        hint = Box(theme.MARGIN, _FIELD.y - 12 - high, theme.INNER, high)
        self.put(declared_words(self.surface, (*state.declared,), (*state.promises,), _between(y + 16, hint.y - 12)))
        if state.wrong and not self.value:
            self.put(Note(self.surface, say("和您的身份证不一致。请再试一次。"), hint))
        else:
            self.put(Text(self.surface, line, hint, size=theme.CAPTION, colour=theme.INK_SOFT, rise="middle"))
        self.put(Panel(self.surface, _FIELD, edge=theme.BLUE, weight=4))
        shown = (_HIDDEN * len(self.value) if self.surface.discreet else self.value).ljust(LAST, "_")
        self.put(Text(self.surface, " ".join(shown), _FIELD, size=theme.TITLE, align="center", rise="middle"))
        self.lasting(KeyPad, _PAD, IDENTITY, 3, self._press)

    def _press(self, key: str) -> None:
        if key == CLEAR:
            self.value = ""
        elif len(key) > 1:
            self.value = self.value[:-1]
        elif len(self.value) < LAST:
            self.value += key
        self.redraw()

    def _confirm(self) -> None:
        self.surface.send(Confirmed(self.value))


def _between(top: float, floor: float) -> Box:
    return Box(theme.MARGIN, top, theme.INNER, floor - top)
