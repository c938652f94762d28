"""What the gate says, and both roles when they are out of service."""

from typing import Final

from kiosk.view import common, gate
from kiosk.view.common import CardProblem, Cause
from kiosk.view.gate import CodeHint, Ending, FaceHint, Movement, TemperatureHint
from ui.language import N_
from ui.reasons import advice
from ui.voice.script import Script, tells

CARD: Final[dict[CardProblem, str]] = {
    CardProblem.MOVED: N_("身份证拿得太早了。请重新平放，听到提示再拿起。"),
    CardProblem.WRONG_CARD: N_("这不是居民身份证。请换成身份证，平放在感应区。"),
    CardProblem.UNREADABLE: N_("读卡器没有读到证件，请把身份证平放在感应区。"),
    CardProblem.PASSPORT: N_("护照没有读对。请把印有尖括号的一页平放，再扫一次。"),
}
_FACE: Final[dict[FaceHint, str]] = {
    FaceHint.LOOK: N_("请看摄像头"),
    FaceHint.COME_CLOSER: N_("请靠近一点"),
    FaceHint.STEP_BACK: N_("请后退一点"),
    FaceHint.ONE_AT_A_TIME: N_("请一个人站在镜头前"),
    FaceHint.HOLD_STILL: N_("请保持不动"),
    FaceHint.LOWER_MASK: N_("请把口罩拉到下巴"),
}
_MOVEMENTS: Final[dict[Movement, tuple[str, str]]] = {
    Movement.LOOK_AHEAD: (N_("请正对镜头"), N_("{name}，接下来请跟着箭头做。")),
    Movement.TURN_LEFT: (N_("请慢慢向左转头"), N_("{name}，身体不用动，只转头。")),
    Movement.TURN_RIGHT: (N_("请慢慢向右转头"), N_("{name}，身体不用动，只转头。")),
    Movement.COME_CLOSER: (N_("请慢慢靠近镜头"), N_("{name}，请让脸填满圆圈。")),
}
_IN_THE_WAY: Final[dict[FaceHint, str]] = {
    FaceHint.ONE_AT_A_TIME: N_("请其他人后退，一个一个来。"),
    FaceHint.HOLD_STILL: N_("太快了，请慢一点。"),
    FaceHint.COME_CLOSER: N_("太远了，请靠近一点。"),
    FaceHint.STEP_BACK: N_("太近了，请后退一点。"),
    FaceHint.LOWER_MASK: N_("请把口罩拉到下巴。"),
}
_WARMTH: Final[dict[TemperatureHint, tuple[str, str]]] = {
    TemperatureHint.ONE_AT_A_TIME: (N_("请一个人量体温"), N_("请其他人后退一步。")),
    TemperatureHint.COME_BACK: (N_("请站回感应器前"), N_("请刷证的本人站到这里。")),
}
_HEALTH: Final[dict[CodeHint, str]] = {
    CodeHint.NOT_HEALTH: N_("这不是健康码，请打开健康码。"),
    CodeHint.NOT_A_CODE: N_("这不是健康码，请打开健康码。"),
    CodeHint.ANOTHER_PART: N_("这一张读到了，请出示下一张。"),
}
_ENDINGS: Final[dict[Ending, tuple[str, str]]] = {
    Ending.NOBODY_PASSED: (N_("通道已关闭"), N_("要进入，请重新放身份证")),
    Ending.TURNED_BACK: (N_("您没有进入"), N_("要进入，请重新放身份证")),
    Ending.TAILGATED: (N_("请一人一过"), N_("请停下，工作人员马上来")),
    Ending.HELD_OPEN: (N_("请走过通道"), N_("不要停在闸门中间")),
    Ending.FAULT: (N_("闸门打不开"), N_("请不要推，工作人员马上来")),
}
_SOON: Final = frozenset({"mask_missing", "hall_full", "health_old", "code_not_yet"})
_OWN: Final = frozenset({"temperature_high", "temperature_unsure", "health_red", "health_yellow"})
"""Reasons that nobody around has to hear: what to do is said, and the reason stands on the screen."""


def because(script: Script, reasons: tuple[str, ...]) -> None:
    """At most two reasons, each with what to do."""
    for reason in reasons[:2]:
        words = advice(reason)
        if reason not in _OWN:
            script.tell(words.what)
        script.tell(words.next)


@tells(common.OutOfService)
def _out_of_service(script: Script, state: common.OutOfService) -> None:
    script.quiet = state.cause is not Cause.FIRE
    match state.cause:
        case Cause.STARTING:
            script.tell(N_("正在准备"), N_("请稍候，马上就好。"))
        case Cause.FIRE:
            script.tell(N_("消防报警，请立即离开"), N_("闸门已打开。请从最近的出口离开，不要进入大厅。"))
        case _:
            script.tell(N_("暂停服务"), N_("请到人工窗口办理，或询问工作人员。"))


@tells(gate.Welcome)
def _welcome(script: Script, state: gate.Welcome) -> None:
    note = CARD.get(state.problem, "")
    script.quiet = not note
    if note:
        script.tell(note)
        return
    script.tell(N_("请把身份证平放在感应区"))
    if state.code:
        script.tell(N_("没带身份证，请出示写有本人的预约码。"))
    script.tell(N_("要帮助，或者不想刷脸，请按下面的按钮，工作人员会来。"))


@tells(gate.ReadingCard)
def _reading(script: Script, state: gate.ReadingCard) -> None:
    del state
    script.tell(N_("正在读身份证"), N_("请不要移动证件。"))


@tells(gate.LookAtCamera)
def _look(script: Script, state: gate.LookAtCamera) -> None:
    script.tell(_FACE[state.hint])
    if state.hint is FaceHint.LOOK:
        script.tell(N_("{name}，请摘下帽子和墨镜。"))


@tells(gate.FollowMovement)
def _movement(script: Script, state: gate.FollowMovement) -> None:
    words, line = _MOVEMENTS[state.movement]
    if state.hint in _IN_THE_WAY:
        script.tell(_IN_THE_WAY[state.hint])
    else:
        script.tell(words, line)


@tells(gate.WearMask)
def _mask(script: Script, state: gate.WearMask) -> None:
    script.tell(N_("请戴好口罩") if state.must else N_("建议您戴好口罩"), N_("{name}，口罩要遮住鼻子和下巴。"))
    script.tell(N_("没有口罩？请按下面的按钮领取。") if state.must else N_("没有口罩也可以进入，请稍等。"))


@tells(gate.TakingTemperature)
def _warmth(script: Script, state: gate.TakingTemperature) -> None:
    if state.hint in _WARMTH:
        script.tell(*_WARMTH[state.hint])
        return
    script.tell(N_("请再量一次体温") if state.again else N_("正在量体温"), N_("{name}，请把额头对准感应器。"))
    if state.again:
        script.tell(N_("刚才没有量准。请露出额头，站着不动。"))


@tells(gate.ShowCode)
def _code(script: Script, state: gate.ShowCode) -> None:
    if state.hint is not CodeHint.NONE:
        script.tell(N_("这不是本大厅的预约码。请打开预约短信里的二维码。"))
        return
    script.tell(N_("请出示预约码"), N_("{name}，请把二维码对准扫码口，离开一掌远。"))


@tells(gate.ShowHealth)
def _health(script: Script, state: gate.ShowHealth) -> None:
    if state.hint in _HEALTH:
        script.tell(_HEALTH[state.hint])
        return
    script.tell(N_("请出示健康码"), N_("{name}，用家人的手机或纸质证明也可以。"))


@tells(gate.HallFull)
def _full(script: Script, state: gate.HallFull) -> None:
    script.tell(N_("请在这里稍等"), N_("人数已满，有人离开后可以进入。"))
    if state.waiting:
        script.fill(N_("您前面还有 {count} 人等候。"), count=state.waiting)


@tells(gate.LanePaused)
def _paused(script: Script, state: gate.LanePaused) -> None:
    del state
    script.quiet = True
    script.tell(N_("本通道暂停使用"), N_("请走旁边的通道，那里一样可以进入。"))


@tells(gate.HelpComing)
def _help(script: Script, state: gate.HelpComing) -> None:
    del state
    script.tell(N_("工作人员马上来"), N_("请在这里等候，可以先坐下休息。"))


@tells(gate.Deciding)
def _deciding(script: Script, state: gate.Deciding) -> None:
    del state
    script.tell(N_("请稍候"), N_("正在核对，请站在原地。"))


@tells(gate.Admitted)
def _admitted(script: Script, state: gate.Admitted) -> None:
    script.tell(N_("请进"), N_("向前走"))
    if state.companions:
        script.fill(N_("一次一个人，后面还有 {count} 位。"), count=state.companions)


@tells(gate.Refused)
def _refused(script: Script, state: gate.Refused) -> None:
    if state.reasons and _SOON.issuperset(state.reasons):
        script.tell(N_("现在还不能进入"))
    else:
        script.tell(N_("今天不能进入"), N_("请到咨询台"))
    because(script, state.reasons)


@tells(gate.Referred)
def _referred(script: Script, state: gate.Referred) -> None:
    if not state.reasons:  # why is nobody's business, and nobody around hears of it
        script.tell(N_("请稍候"))
        return
    script.tell(N_("请稍候"), N_("工作人员马上来"))
    because(script, state.reasons[:1])


@tells(gate.PassageNotice)
def _notice(script: Script, state: gate.PassageNotice) -> None:
    script.tell(*_ENDINGS[state.ending])
