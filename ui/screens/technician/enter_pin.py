"""The technician's PIN: who it is, it says itself, so nobody's name is shown here."""

from kiosk.view.technician import EnterPin, Pin, PinProblem
from ui.screens.pin_sheet import PinSheet
from ui.screens.technician.sheet import TechnicianSheet


class EnterPinScreen(PinSheet[EnterPin]):
    """One dot a digit, ten keys."""

    leave_words = TechnicianSheet.leave_words

    def draw(self, state: EnterPin) -> None:
        """Draw it."""
        say, words = self.say, ""
        match state.problem:
            case PinProblem.WRONG:
                words = say("密码不对，还可以试 {count} 次。").format(count=state.left)
            case PinProblem.WAIT:
                words = say("密码错误次数过多，请 {count} 秒后再试。").format(count=state.seconds)
            case PinProblem.NOBODY:
                words = say("本机还没有登记技术人员。请在命令行用 kiosk-provision technician add 登记。")
            case PinProblem.NONE:
                pass
        line = say("请输入技术人员密码，6 至 12 位数字。正在办理的内容已清除。")
        self.head_and_problem(say("技术维护"), line, words)
        if not self.closed:
            self.dots()
            self.keys()

    @property
    def closed(self) -> bool:
        """Wrong too often, or there is nobody who could come in."""
        return self.state.problem in {PinProblem.WAIT, PinProblem.NOBODY}

    def answer(self, digits: str) -> Pin:
        """The PIN."""
        return Pin(digits)
