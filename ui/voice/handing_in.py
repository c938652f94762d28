"""What the desk says of the check, the signature, the fee and the receipt."""

from typing import Final

from kiosk.view import desk
from kiosk.view.desk import Fee, Outcome, PayState, PrinterProblem, Receipt
from ui.language import N_
from ui.text_digits import apart
from ui.voice.script import Script, tells

_PAY: Final[dict[PayState, tuple[str, str]]] = {
    PayState.ASKING: (N_("正在取付款码"), N_("请稍候几秒钟。")),
    PayState.WAITING: (N_("请用手机扫码付款"), N_("付好后自动到下一步。")),
    PayState.UNSURE: (
        N_("网络断了，付款没有确认"),
        N_("如果已经付了，请不要再付，不会多收。可以再查一次，也可以先提交，到窗口核对。"),
    ),
    PayState.LINE_DOWN: (
        N_("现在连不上付款服务"),
        N_("没有扣款。可以再试一次，也可以先提交，凭回执到窗口付。"),
    ),
    PayState.NOT_POSSIBLE: (N_("这里暂时不能付款"), N_("没有扣款。可以先提交，凭回执到窗口付。")),
    PayState.EXPIRED: (N_("付款码过期了"), N_("没有扣款。可以换一个新的码。")),
    PayState.PAID: (N_("付款成功"), N_("正在提交。")),
}
_OUTCOMES: Final[dict[Outcome, str]] = {
    Outcome.NONE: N_("提交成功"),
    Outcome.GRANTED: N_("办好了"),
    Outcome.REFUSED: N_("没有批准"),
    Outcome.RETURNED: N_("还要补正"),
}
_PRINTER: Final[dict[PrinterProblem, str]] = {
    PrinterProblem.NONE: "",
    PrinterProblem.PAPER_OUT: N_("打印机没有纸了。"),
    PrinterProblem.COVER_OPEN: N_("打印机的盖子开着。"),
    PrinterProblem.AWAY: N_("打印机没有应答。"),
}


@tells(desk.Review)
def _review(script: Script, state: desk.Review) -> None:
    script.tell(N_("请核对，没有错再提交"))
    for row in state.rows:
        script.fill(
            N_("{caption}：{value}"), caption=script.say.of(row.caption), value=script.say.of(row.value), private=True
        )
    script.tell(N_("要改哪一行，请点那一行的“修改”。"))


@tells(desk.Sign)
def _sign(script: Script, state: desk.Sign) -> None:
    if state.empty:
        script.tell(N_("还没有签名。请写您的名字。"))
        return
    script.tell(N_("请确认并签名"))
    for line in (*state.declared, *state.promises):
        script.data(line)
    script.tell(N_("用手指在框里写您的名字"))


@tells(desk.Confirm)
def _confirm(script: Script, state: desk.Confirm) -> None:
    if state.wrong:
        script.tell(N_("和您的身份证不一致。请再试一次。"))
        return
    script.tell(N_("不用手写，这样确认"))
    for line in (*state.declared, *state.promises):
        script.data(line)
    if state.card:
        script.tell(N_("把身份证再放一次，或输入号码最后四位。"))
    else:
        script.tell(N_("请输入身份证号码的最后四位。"))


@tells(desk.PayFee)
def _pay(script: Script, state: desk.PayFee) -> None:
    title, line = _PAY[state.state]
    script.tell(title)
    if state.state in (PayState.WAITING, PayState.UNSURE):
        script.fill(N_("{yuan} 元"), yuan=f"{state.fen / 100:.2f}")
    script.tell(line)


@tells(desk.Submitting)
def _submitting(script: Script, state: desk.Submitting) -> None:
    del state
    script.tell(N_("正在提交"), N_("请稍候，不要拿走证件。"))


@tells(desk.Deciding)
def _deciding(script: Script, state: desk.Deciding) -> None:
    del state
    script.tell(N_("已经提交，马上出结果"), N_("请稍候几秒钟。"))


@tells(desk.Done)
def _done(script: Script, state: desk.Done) -> None:
    script.tell(N_("您已经提交过了") if state.earlier else _OUTCOMES[state.outcome])
    script.data(state.title)
    script.fill(N_("回执号 {number}"), number=apart(state.number), private=True)
    if state.promised is not None:
        script.fill(N_("{day} 前办结"), day=script.say.day(state.promised))
    for paper in state.owed[:2]:
        script.fill(N_("{day} 前补交：{paper}"), day=script.say.day(paper.due), paper=script.say.of(paper.title))
    if state.fee is Fee.AT_WINDOW:
        script.tell(N_("凭回执到窗口付费"))
    elif state.fee is Fee.UNSURE:
        script.tell(N_("付款没有确认：扫过码的请不要再付，到窗口核对"))
    match state.receipt:
        case Receipt.PRINTING:
            script.tell(N_("回执正在打印，请稍候。"))
        case Receipt.PRINTED:
            script.tell(N_("回执已打印，请在下方取走。"))
        case Receipt.PRINT_UNSURE:
            script.tell(N_("打印中断了。请看看回执有没有出来；没有就再打印一次。"))
        case Receipt.ON_SCREEN:
            script.tell(_PRINTER[state.problem], N_("您的申请已经收到。请用手机拍下这个页面。"))
