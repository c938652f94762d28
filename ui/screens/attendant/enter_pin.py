"""The PIN; it is typed here and never shown."""

from typing import Final

from kiosk.view.attendant import EnterPin, Pin, PinProblem
from ui import theme
from ui.screens.attendant.sheet import StaffSheet
from ui.screens.sheet import FLOOR
from ui.surface import Box, Surface
from ui.widgets.button import WordButton
from ui.widgets.key_pad import DIGITS, KeyPad
from ui.widgets.shape import Disc, Panel

_LEAST: Final = 6
_MOST: Final = 12
_PAD: Final = Box(theme.MARGIN, 832, theme.INNER, FLOOR - 832)
_FIELD: Final = Box(theme.MARGIN, 648, theme.INNER, 144)


class EnterPinScreen(StaffSheet[EnterPin]):
    """One dot a digit, ten keys.

    Attributes:
        value: what is typed.
    """

    def __init__(self, surface: Surface, state: EnterPin) -> None:
        self.value = ""
        super().__init__(surface, state)

    def draw(self, state: EnterPin) -> None:
        """Draw it."""
        say = self.say
        y = self.frame(say("{name}，请输入密码").format(name=state.name), say("6 至 12 位数字。")) + 32
        match state.problem:
            case PinProblem.WRONG:
                words = say("密码不对，还可以试 {count} 次。").format(count=state.left)
                self.note(words, y, _FIELD.y - 24 - y)
            case PinProblem.LOCKED:
                words = say("密码错误次数过多，请 {count} 分钟后再试，或使用本人证件。").format(count=state.minutes)
                self.note(words, y, _FIELD.y - 24 - y)
            case PinProblem.NONE:
                pass
        self.put(Panel(self.surface, _FIELD, edge=theme.BLUE, weight=4))
        # in the picture for the hub even the length is left out
        count = 0 if self.surface.discreet else len(self.value)
        left = theme.WIDTH / 2 - (count * 64 - 32) / 2
        for place in range(count):
            self.put(Disc(self.surface, Box(left + place * 64, _FIELD.y + 56, 32, 32), theme.INK))
        if state.problem is not PinProblem.LOCKED:
            self.lasting(KeyPad, _PAD, DIGITS, 3, self._press)

    def forward(self, box: Box) -> WordButton | None:
        """Take the PIN."""
        able = len(self.value) >= _LEAST and self.state.problem is not PinProblem.LOCKED
        return self.confirm(box, self._answer, enabled=able)

    def _press(self, key: str) -> None:
        if key == "clear":
            self.value = ""
        elif key == "back":
            self.value = self.value[:-1]
        elif len(self.value) < _MOST:
            self.value += key
        self.redraw()

    def _answer(self) -> None:
        typed, self.value = self.value, ""
        self.redraw()
        self.surface.send(Pin(typed))
