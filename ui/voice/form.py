"""What the desk says while the form is filled in and the papers are photographed."""

from typing import Final

from kiosk.view import address, desk, typing
from kiosk.view.desk import AnswerProblem, Field, PaperHint, Part, Side
from kiosk.view.typing import Layout
from ui.language import N_
from ui.voice.script import Script, tells

PROBLEMS: Final[dict[AnswerProblem, str]] = {
    AnswerProblem.NONE: "",
    AnswerProblem.EMPTY: N_("还没有填。请填好再点下一步。"),
    AnswerProblem.NOT_A_PHONE: N_("手机号码不对。请填 11 位手机号码。"),
    AnswerProblem.NOT_A_DATE: N_("没有这个日期。请按年、月、日填写，例如 2026-01-31。"),
    AnswerProblem.IN_THE_PAST: N_("这个日期已经过了。请填今天或以后的日期。"),
    AnswerProblem.IN_THE_FUTURE: N_("这个日期还没有到。请填今天或以前的日期。"),
    AnswerProblem.TOO_SHORT: N_("填得太短了。请检查是否填全。"),
    AnswerProblem.TOO_LONG: N_("填得太长了。请检查是否多填。"),
    AnswerProblem.OUT_OF_RANGE: N_("这个数不在范围内。请检查后重新填。"),
    AnswerProblem.NOT_AN_ID: N_("身份证号码不对。请照着证件一位一位核对。"),
    AnswerProblem.NOT_A_CREDIT_CODE: N_("信用代码不对。请照着营业执照一位一位核对。"),
    AnswerProblem.NOT_AN_AMOUNT: N_("金额不对。请填数字，最多两位小数。"),
    AnswerProblem.TOO_FEW: N_("还没有选够。请再选。"),
    AnswerProblem.TOO_MANY: N_("选得太多了。请去掉几项。"),
    AnswerProblem.WRONG_FORM: N_("格式不对。请检查后重新填。"),
    AnswerProblem.CONTRADICTS: N_("和前面填的不一致。请检查。"),
}
_KEYS: Final[dict[Layout, str]] = {
    Layout.PINYIN: N_("用拼音输入，再点要用的字词。"),
    Layout.HAND: N_("在下面的格子里一次写一个字。"),
    Layout.STROKES: N_("从第一笔起，按横、竖、撇、点、折点选。"),
    Layout.PARTS: N_("点这个字里有的部件，例如三点水和木。"),
    Layout.CODE: N_("输入字的编码，工作人员可以帮您查。"),
}
PAPER_HINTS: Final[dict[PaperHint, str]] = {
    PaperHint.LAY_DOWN: N_("请把材料平放在垫子上"),
    PaperHint.MOVE_INSIDE: N_("有一角在画面外，请移到中间"),
    PaperHint.COME_CLOSER: N_("材料太小，请展开放平"),
    PaperHint.HOLD_STILL: N_("请松手，不要移动材料"),
    PaperHint.BLURRED: N_("看不清楚，请压平材料"),
    PaperHint.GLARE: N_("有反光，请转动一下材料"),
    PaperHint.SHADOW: N_("有阴影，请不要挡住灯光"),
    PaperHint.ONE_PAPER: N_("请一次只放一张"),
    PaperHint.HAND_AWAY: N_("请把手拿开"),
    PaperHint.TOO_LARGE: N_("材料太大，请折一下，分两次拍"),
    PaperHint.SMOOTH_OUT: N_("看不清边缘，请压平，放在垫子中间"),
    PaperHint.GOOD: N_("很好，马上自动拍照"),
    PaperHint.NEXT_PAGE: N_("请取走这一页，换上要拍的材料"),
    PaperHint.TURN_OVER: N_("请把卡片翻过来"),
    PaperHint.CAMERA_AWAY: N_("摄像头没有画面，请稍候，或点求助"),
}
_LEVELS: Final = (N_("请选省份"), N_("请选城市"), N_("请选区、县"), N_("请选街道、镇"))


def _asked(script: Script, state: desk.Question) -> None:
    """What is wrong first, then the question."""
    if state.problem is not AnswerProblem.NONE:
        if script.say.of(state.message):
            script.data(state.message)
        else:
            script.tell(PROBLEMS[state.problem])
    if state.part is Part.ELIGIBILITY:
        script.fill(N_("先看能不能办：第 {step} 题，共 {steps} 题"), step=state.step, steps=state.steps)
    elif state.steps:
        script.fill(N_("第 {step} 步 共 {steps} 步"), step=state.step, steps=state.steps)
    script.data(state.title)
    script.data(state.explanation)


@tells(desk.Question)
def _question(script: Script, state: desk.Question) -> None:
    _asked(script, state)
    match state.field:
        case Field.CHOICE | Field.MULTI:
            script.rows(script.say.of(option.title) for option in state.options)
        case Field.CONFIRM:
            script.data(state.value, private=True)
            script.tell(N_("请看屏幕核对。对，请点“是，没有错”。"))
        case _:
            if state.prefilled:
                script.data(state.value, private=True)
                script.tell(N_("已经替您填好，不对可以改。"))
    if state.optional:
        script.tell(N_("可以不填，直接点下一步。"))


@tells(typing.Write)
def _write(script: Script, state: typing.Write) -> None:
    # Not the text as it grows: each key would begin anew.
    _asked(script, state.question)
    script.tell(_KEYS.get(state.layout, ""))


@tells(desk.CapturePaper)
def _capture(script: Script, state: desk.CapturePaper) -> None:
    if state.hint is not PaperHint.LAY_DOWN:
        script.tell(PAPER_HINTS[state.hint])
        return
    paper = script.say.of(state.title)
    match state.side:
        case Side.FRONT:
            script.fill(N_("拍正面：{paper}"), paper=paper)
        case Side.BACK:
            script.fill(N_("翻过来，拍背面：{paper}"), paper=paper)
        case Side.ONLY if state.page > 1:
            script.fill(N_("拍第 {page} 页：{paper}"), page=state.page, paper=paper)
        case Side.ONLY:
            script.fill(N_("拍照：{paper}"), paper=paper)
    script.tell(PAPER_HINTS[state.hint])
    if state.later:
        script.fill(N_("现在没有，{days} 天内补交"), days=state.later)


@tells(desk.CheckPaper)
def _check(script: Script, state: desk.CheckPaper) -> None:
    del state
    script.tell(N_("四角齐全，字看得清吗？"), N_("清楚，请点下一步。不清楚，请重新拍。"))


@tells(desk.PaperPages)
def _pages(script: Script, state: desk.PaperPages) -> None:
    script.tell(N_("页数和顺序对吗？"))
    script.fill(N_("{paper} · 共 {count} 页"), paper=script.say.of(state.title), count=state.count)


@tells(desk.ReadingPaper)
def _reading(script: Script, state: desk.ReadingPaper) -> None:
    del state
    script.tell(N_("正在核对材料"), N_("看看材料上写的和您填的是不是一样，几秒钟。"))


@tells(desk.PaperDiffers)
def _differs(script: Script, state: desk.PaperDiffers) -> None:
    script.tell(N_("材料上好像不一样，请看一看"), N_("机器也会看错。以您手里的材料为准。"))
    for one in state.differing:
        script.data(one.caption)
        script.fill(N_("您填的：{value}"), value=one.typed, private=True)
        script.fill(N_("材料上：{value}"), value=one.read, private=True)


@tells(address.PickPlace)
def _place(script: Script, state: address.PickPlace) -> None:
    _asked(script, state.question)
    if state.typed:
        if not state.rows:
            script.tell(N_("没有找到。请少输几个字母，或者看列表。"))
        return
    if state.value and not state.chosen[3:]:
        script.data(state.value, private=True)
        script.tell(N_("已经替您填好，不对可以在下面重新选。"))
    script.tell(_LEVELS[min(max(state.level, 1), len(_LEVELS)) - 1])
