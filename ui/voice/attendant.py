"""What the staff screens say. They are read, and heard only by whoever asks for it."""

from typing import Final

from kiosk.view import attendant
from kiosk.view.attendant import Asked, Choice, PinProblem, TypedProblem
from ui.language import N_
from ui.voice.gate import CARD
from ui.voice.script import Script, tells

_REASONS: Final[dict[Choice, tuple[str, str]]] = {
    Choice.ADMIT: (N_("为什么放行？"), N_("选好后闸门马上打开。")),
    Choice.TURN_AWAY: (N_("为什么不放行？"), N_("选好后登记，闸门不动。")),
    Choice.OPEN: (N_("为什么手动开闸？"), N_("选好后闸门马上打开，不登记是谁。")),
}
_TYPED: Final[dict[Asked, str]] = {
    Asked.TEMPERATURE: N_("复测体温是多少？"),
    Asked.COUNT: N_("现在厅内有多少人？"),
    Asked.NUMBER: N_("请输入 18 位证件号码"),
    Asked.PASSPORT: N_("请输入证件号码"),
    Asked.NAME: N_("姓名（可以不填）"),
    Asked.CONSENT: N_("书面同意书的编号"),
}
_WRONG: Final[dict[TypedProblem, str]] = {
    TypedProblem.NONE: "",
    TypedProblem.EMPTY: N_("还没有输入。"),
    TypedProblem.TEMPERATURE: N_("体温要在 34.0 至 42.0 ℃ 之间。请看清读数，再输入三位数字。"),
    TypedProblem.CHECK_CHARACTER: N_("号码没有通过校验。请对照证件逐位检查；还是不对，请按可疑证件处理。"),
    TypedProblem.PASSPORT: N_("证件号码是 5 至 18 位字母和数字。"),
    TypedProblem.COUNT: N_("请输入 0 至 100000 的人数。"),
    TypedProblem.CONSENT: N_("编号是 3 至 32 位字母、数字或短横线。请对照同意书再输入。"),
}


@tells(attendant.ChooseName)
def _name(script: Script, state: attendant.ChooseName) -> None:
    script.quiet = True
    if state.refused:
        script.tell(N_("名单里没有这张证件。请选择姓名，输入密码。"))
    elif not state.names:
        script.tell(N_("还没有收到工作人员名单。请在控制台登记本大厅的工作人员，名单会自动下发。"))
    else:
        script.tell(N_("请选择姓名，或把本人证件放在感应区。") if state.card else N_("请选择姓名。"))


@tells(attendant.EnterPin)
def _pin(script: Script, state: attendant.EnterPin) -> None:
    script.quiet = True
    if state.problem is PinProblem.WRONG:
        script.fill(N_("密码不对，还可以试 {count} 次。"), count=state.left)
    elif state.problem is PinProblem.LOCKED:
        script.fill(N_("密码错误次数过多，请 {count} 分钟后再试，或使用本人证件。"), count=state.minutes)
    else:
        script.tell(N_("{name}，请输入密码"))


@tells(attendant.Overview)
def _overview(script: Script, state: attendant.Overview) -> None:
    script.quiet = True
    if state.waiting:
        script.fill(N_("{count} 人在等候"), count=state.waiting)
    else:
        script.tell(N_("没有人在等候"))
    if state.trouble:
        script.fill(N_("{count} 项需要处理"), count=state.trouble)
    else:
        script.tell(N_("全部正常"))


@tells(attendant.LaneFacts)
def _facts(script: Script, state: attendant.LaneFacts) -> None:
    script.quiet = True
    script.fill(N_("进 {entered} 人，出 {left} 人"), entered=state.entered, left=state.left)


@tells(attendant.Passages)
def _passages(script: Script, state: attendant.Passages) -> None:
    script.quiet = True
    script.tell(
        N_("点一行查看证据；橙色的在等工作人员。") if state.lines else N_("今天还没有人通过这里。"),
    )


@tells(attendant.OnePassage)
def _passage(script: Script, state: attendant.OnePassage) -> None:
    script.quiet = True
    script.tell(N_("等待核验") if state.open else N_("通过"))


@tells(attendant.ChooseReason)
def _reason(script: Script, state: attendant.ChooseReason) -> None:
    script.quiet = True
    script.tell(*_REASONS[state.choice])


@tells(attendant.TypeIn)
def _type(script: Script, state: attendant.TypeIn) -> None:
    script.quiet = True
    script.tell(_WRONG[state.problem], _TYPED[state.asked])


@tells(attendant.ChooseDocument)
def _document(script: Script, state: attendant.ChooseDocument) -> None:
    del state
    script.quiet = True
    script.tell(N_("登记哪种证件？"), N_("请拿着本人证件核对，再输入号码。"))


@tells(attendant.Regulars)
def _regulars(script: Script, state: attendant.Regulars) -> None:
    script.quiet = True
    script.fill(N_("{value} 人"), value=len(state.lines))


@tells(attendant.OneRegular)
def _regular(script: Script, state: attendant.OneRegular) -> None:
    script.quiet = True
    script.data(state.line.name_masked, private=True)


@tells(attendant.RegularCard)
def _regular_card(script: Script, state: attendant.RegularCard) -> None:
    script.quiet = True
    script.tell(CARD.get(state.problem, "") or N_("请把身份证平放在感应区"))
