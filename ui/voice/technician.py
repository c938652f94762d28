"""What is said of the technician's screens: little, and no figure."""

from kiosk.view import technician
from kiosk.view.technician import PinProblem
from ui.technician_words import ASKED, TASKS
from ui.voice.script import Script, tells

# Marked for translation by the screens, not here: no clips are made for one technician a month.
_TITLE = "技术维护"
_WAIT = "请稍候"
_CLOSED = "密码错误次数过多，请 {count} 秒后再试。"
_WRONG = "密码不对，还可以试 {count} 次。"
_CROSS = "请点十字的中心（{number} / {count}）"


@tells(technician.EnterPin)
def _pin(script: Script, state: technician.EnterPin) -> None:
    script.quiet = True
    script.fill(_TITLE)
    if state.problem is PinProblem.WAIT:
        script.fill(_CLOSED, count=state.seconds)
    elif state.problem is PinProblem.WRONG:
        script.fill(_WRONG, count=state.left)


@tells(technician.Menu)
def _menu(script: Script, _state: technician.Menu) -> None:
    script.quiet = True
    script.fill(_TITLE)


@tells(technician.Working)
def _working(script: Script, _state: technician.Working) -> None:
    script.quiet = True
    script.fill(_WAIT)


@tells(technician.Report)
def _report(script: Script, state: technician.Report) -> None:
    script.quiet = True
    script.fill(TASKS[state.task].title)


@tells(technician.Ask)
def _ask(script: Script, state: technician.Ask) -> None:
    script.quiet = True
    script.fill(TASKS[state.task].title)


@tells(technician.TypeIn)
def _type(script: Script, state: technician.TypeIn) -> None:
    script.quiet = True
    script.fill(ASKED[state.asked][0])


@tells(technician.ShowTarget)
def _target(script: Script, state: technician.ShowTarget) -> None:
    script.quiet = True
    script.fill(_CROSS, number=state.number, count=state.count)
