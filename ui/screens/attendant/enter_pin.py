"""The PIN of somebody who chose their name."""

from kiosk.view.attendant import EnterPin, Pin, PinProblem
from ui.screens.pin_sheet import PinSheet


class EnterPinScreen(PinSheet[EnterPin]):
    """One dot a digit, ten keys."""

    def draw(self, state: EnterPin) -> None:
        """Draw it."""
        say, words = self.say, ""
        match state.problem:
            case PinProblem.WRONG:
                words = say("密码不对，还可以试 {count} 次。").format(count=state.left)
            case PinProblem.LOCKED:
                words = say("密码错误次数过多，请 {count} 分钟后再试，或使用本人证件。").format(count=state.minutes)
            case PinProblem.NONE:
                pass
        self.head_and_problem(say("{name}，请输入密码").format(name=state.name), say("6 至 12 位数字。"), words)
        self.dots()
        if not self.closed:
            self.keys()

    @property
    def closed(self) -> bool:
        """Wrong too often."""
        return self.state.problem is PinProblem.LOCKED

    def answer(self, digits: str) -> Pin:
        """The PIN."""
        return Pin(digits)
