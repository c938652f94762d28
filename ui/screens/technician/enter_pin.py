"""The technician's PIN: who it is, it says itself, so nobody's name is shown here."""

from typing import Final

from kiosk.view.common import Stay
from kiosk.view.technician import EnterPin, Pin, PinProblem
from ui import theme
from ui.screens.sheet import FLOOR
from ui.screens.technician.sheet import TechnicianSheet
from ui.surface import Box, Surface
from ui.widgets.button import WordButton
from ui.widgets.key_pad import DIGITS, KeyPad
from ui.widgets.shape import Disc, Panel

_LEAST: Final = 6
_MOST: Final = 12
_PAD: Final = Box(theme.MARGIN, 832, theme.INNER, FLOOR - 832)
_FIELD: Final = Box(theme.MARGIN, 648, theme.INNER, 144)
_CLOSED: Final = frozenset({PinProblem.WAIT, PinProblem.NOBODY})


class EnterPinScreen(TechnicianSheet[EnterPin]):
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
        y = self.frame(say("技术维护"), say("请输入技术人员密码，6 至 12 位数字。正在办理的内容已清除。")) + 32
        words = ""
        match state.problem:
            case PinProblem.WRONG:
                words = say("密码不对，还可以试 {count} 次。").format(count=state.left)
            case PinProblem.WAIT:
                words = say("密码错误次数过多，请 {count} 秒后再试。").format(count=state.seconds)
            case PinProblem.NOBODY:
                words = say("本机还没有登记技术人员。请在命令行用 kiosk-provision technician add 登记。")
            case PinProblem.NONE:
                pass
        self.note(words, y, _FIELD.y - 24 - y)
        if state.problem in _CLOSED:
            return
        self.put(Panel(self.surface, _FIELD, edge=theme.BLUE, weight=4))
        # in the picture for the hub even the length is left out
        count = 0 if self.surface.discreet else len(self.value)
        left = theme.WIDTH / 2 - (count * 64 - 32) / 2
        for place in range(count):
            self.put(Disc(self.surface, Box(left + place * 64, _FIELD.y + 56, 32, 32), theme.INK))
        self.put(KeyPad(self.surface, _PAD, DIGITS, 3, self._press))

    def forward(self, box: Box) -> WordButton | None:
        """Take the PIN."""
        able = len(self.value) >= _LEAST and self.state.problem not in _CLOSED
        return self.confirm(box, self._answer, enabled=able)

    def _press(self, key: str) -> None:
        if key == "clear":
            self.value = ""
        elif key == "back":
            self.value = self.value[:-1]
        elif len(self.value) < _MOST:
            self.value += key
        self.redraw()
        self.surface.send(Stay())

    def _answer(self) -> None:
        typed, self.value = self.value, ""
        self.redraw()
        self.surface.send(Pin(typed))
