"""What the desk's other services say."""

from typing import Final

from kiosk.view import afterwards as view
from kiosk.view.afterwards import Act, News, PhotoHint, ScanHint, Slip
from ui.language import N_
from ui.services_words import GUIDES, LEVELS, SERVICES, STANDINGS
from ui.text_digits import apart
from ui.voice.script import Script, tells

_SCAN: Final[dict[ScanHint, str]] = {
    ScanHint.HOLD: N_("二维码朝上，放平，不要动"),
    ScanHint.NOT_A_RECEIPT: N_("这不是回执的二维码。请换回执，或者输入回执号。"),
    ScanHint.CAMERA_AWAY: N_("摄像头没有画面。可以改为输入回执号。"),
}
_SLIPS: Final[dict[Slip, str]] = {
    Slip.NONE: "",
    Slip.PRINTING: N_("小票正在打印，请稍候。"),
    Slip.PRINTED: N_("小票已打印，请在下方取走。"),
    Slip.ON_SCREEN: N_("小票打不出来。请用手机拍下这个页面。"),
    Slip.UNSURE: N_("打印中断了。请看看小票有没有出来，没有就拍下这个页面。"),
}
_SURE: Final[dict[Act, tuple[str, str]]] = {
    Act.WITHDRAW: (N_("要撤回申请吗？"), N_("撤回后不再办理，要办得重新申请。交过的费用按规定退。")),
    Act.MORE_TIME: (N_("要申请延长吗？"), N_("补交的时间只能延长一次。")),
    Act.CANCEL: (N_("要取消预约吗？"), N_("取消后，这个时间会让给别人。")),
}
NEWS: Final[dict[News, tuple[str, str]]] = {
    News.WITHDRAWN: (N_("已撤回"), N_("这件申请不再办理。需要时可以重新申请。")),
    News.MORE_TIME: (N_("已延长"), N_("请在新的日期前补交。")),
    News.HANDED_IN: (N_("补正已收到"), N_("部门会接着办理，用原来的回执号查进度。")),
    News.CANCELLED: (N_("预约已取消"), N_("需要时可以再约。")),
    News.THANKS: (N_("谢谢您，已经收到"), ""),
    News.PRINTED: (N_("打印好了"), N_("请在出纸口取走，别忘了镜头下的原件。")),
    News.NOT_PRINTED: (N_("没有打印出来"), N_("什么都没有丢。请点求助，或者到窗口打印。")),
    News.PRINT_UNSURE: (N_("打印中断了"), N_("请看看出纸口有没有。没有的话，请点求助。")),
    News.LINE_DOWN: (N_("现在联系不上办事系统"), N_("什么都没有丢。可以再试一次，不会重复办理。")),
    News.NO_SUBMISSIONS: (N_("没有查到申请"), N_("刚交的可能还在路上，请过一会儿再查。")),
    News.NOT_YOURS: (N_("没有查到这件申请"), N_("请核对回执号，并用办理人本人的身份证。")),
    News.NO_FORMS: (N_("没有保存的表"), N_("先选要办的事，填好点“退出”里的“保存”，再来打印。")),
    News.NO_OPINIONS: (N_("没有查到意见"), N_("匿名提的意见，请报意见编号问工作人员。")),
    News.NO_SLOTS: (N_("这里最近没有可约的时间"), N_("可以换一个部门，或者直接取号。")),
    News.FULL: (N_("这个时间刚刚约满"), N_("请换一个时间。")),
    News.ALREADY_BOOKED: (N_("您已经有预约了"), N_("可以在预约里改时间。")),
    News.CHANGED: (N_("情况刚刚变了"), N_("什么都没有改。请再看一遍，重新选。")),
    News.QUEUE_FULL: (N_("今天的号取完了"), N_("请预约别的日子，或者问工作人员。")),
    News.NOT_POSSIBLE: (N_("现在办不了"), N_("什么都没有改。请问工作人员。")),
    News.NO_EARLIER: (N_("没有可以再用的材料"), N_("以前没有交过，或者已经过期。请拍照，或用手机传。")),
    News.NO_PHOTO: (N_("这台机器拍不了证件照"), N_("请问工作人员哪里可以拍。")),
}
_PHOTO: Final[dict[PhotoHint, str]] = {
    PhotoHint.LOOK: N_("请看镜头，头发不要遮住眉毛和耳朵"),
    PhotoHint.GOOD: N_("很好，保持不动，马上拍"),
    PhotoHint.NO_FACE: N_("没有看到脸。请站到镜头前"),
    PhotoHint.SEVERAL_FACES: N_("请一个人站在镜头前"),
    PhotoHint.CLOSER: N_("太远了，请靠近一点"),
    PhotoHint.MOVE_INSIDE: N_("头和肩要都在画面里，请退后一点"),
    PhotoHint.LOOK_STRAIGHT: N_("请正对镜头，眼睛平视"),
    PhotoHint.HEAD_UPRIGHT: N_("头歪了，请摆正"),
    PhotoHint.UNCOVER: N_("请摘下口罩和帽子"),
    PhotoHint.HOLD_STILL: N_("有点模糊，请不要动"),
    PhotoHint.TOO_DARK: N_("太暗了，请不要挡住灯"),
    PhotoHint.TOO_BRIGHT: N_("太亮了，请离灯远一点"),
    PhotoHint.UNEVEN_LIGHT: N_("脸上一边亮一边暗，请正对着灯"),
    PhotoHint.GLASSES: N_("眼镜反光，请摘下，或低一点头"),
    PhotoHint.COLOURLESS: N_("画面没有颜色，请点求助"),
    PhotoHint.BACKGROUND: N_("背后要是白色。请站到白色背景前，或点求助"),
    PhotoHint.CAMERA_AWAY: N_("摄像头没有画面。请稍候，或点求助"),
}


@tells(view.Menu)
def _menu(script: Script, state: view.Menu) -> None:
    script.tell(SERVICES[state.part][1] if state.part is not None else N_("已办业务和其他服务"))
    if state.offline:
        script.tell(N_("网络暂时不通。能用的照常用，接通后自动上传。"))
    script.rows(script.say(SERVICES[row.service][1]) for row in state.rows)


@tells(view.Asking)
def _asking(script: Script, state: view.Asking) -> None:
    del state
    script.tell(N_("正在联系办事系统"), N_("一般几秒钟，请稍候。"))


@tells(view.GuidePage)
def _guide(script: Script, state: view.GuidePage) -> None:
    script.tell(SERVICES[state.topic][1], *GUIDES.get(state.topic, ()))


@tells(view.ScanReceipt)
def _scan(script: Script, state: view.ScanReceipt) -> None:
    if state.hint is ScanHint.HOLD:
        script.tell(N_("请把回执的二维码放在镜头下"))
    script.tell(_SCAN[state.hint])


@tells(view.Submissions)
def _submissions(script: Script, state: view.Submissions) -> None:
    script.tell(N_("您交过的申请"))
    wants = sum(line.wants for line in state.lines)
    if wants:
        script.fill(N_("有 {count} 件请您补正，排在最前面。"), count=wants)
    # What somebody has applied for is nobody's business around.
    script.rows((script.say.of(line.title) for line in state.lines), private=True)


@tells(view.ProgressShown)
def _progress(script: Script, state: view.ProgressShown) -> None:
    script.data(state.title, private=True)
    script.tell(STANDINGS.get(state.standing, ""))
    for asked in state.asked[:3]:
        script.fill(N_("要补：{what}"), what=asked, private=True)
    if state.asked and state.asked_due is not None:
        script.fill(N_("请在 {day} 前交。其他内容不用再填。"), day=script.say.day(state.asked_due))
    elif state.due is not None:
        script.fill(N_("{day} 前办结"), day=script.say.day(state.due))
    if state.reason:
        script.fill(N_("原因：{reason}"), reason=state.reason, private=True)


@tells(view.Sure)
def _sure(script: Script, state: view.Sure) -> None:
    script.tell(*_SURE.get(state.what, ("", "")))


@tells(view.Correction)
def _correction(script: Script, state: view.Correction) -> None:
    if state.ready:
        script.tell(N_("都齐了，请核对后提交"))
        return
    script.tell(N_("请补这几样"))
    if state.due is not None:
        script.fill(N_("请在 {day} 前交。其他内容不用再填。"), day=script.say.day(state.due))
    script.rows(script.say.of(row.title) for row in state.rows if not row.done)
    if state.window:
        script.tell(N_("带斜线的一项在这里补不了，请到窗口补。"))


@tells(view.Told)
def _told(script: Script, state: view.Told) -> None:
    title, line = NEWS[state.what]
    script.tell(title)
    if state.day is not None:
        script.data(script.say.day(state.day))
    if state.code:
        script.tell(N_("意见编号，凭它问答复"))
        script.data(apart(state.code), private=True)
    script.tell(line, _SLIPS[state.slip])


@tells(view.Appointments)
def _appointments(script: Script, state: view.Appointments) -> None:
    if not state.lines:
        script.tell(N_("现在没有预约"), N_("约好时间来，不用排队。"))
        return
    script.tell(N_("您的预约"))
    script.rows(f"{script.say.moment(line.begins)} {script.say.of(line.department)}" for line in state.lines)


@tells(view.PickDay)
def _day(script: Script, state: view.PickDay) -> None:
    script.tell(N_("哪一天来？"))
    script.rows(script.say.day(one.day) for one in state.days)


@tells(view.PickHour)
def _hour(script: Script, state: view.PickHour) -> None:
    script.tell(N_("几点来？"))
    script.rows(f"{one.begins:%H:%M}" for one in state.hours)


@tells(view.OneAppointment)
def _appointment(script: Script, state: view.OneAppointment) -> None:
    script.tell(N_("约好了") if state.fresh else N_("您的预约"))
    script.data(script.say.moment(state.begins))
    script.data(state.department)
    script.tell(N_("入口处扫这个码，带身份证"), _SLIPS[state.slip])


@tells(view.QueueNumber)
def _queue(script: Script, state: view.QueueNumber) -> None:
    script.tell(N_("您的排队号"))
    script.data(apart(state.text))
    if state.ahead:
        script.fill(N_("前面还有 {count} 人"), count=state.ahead)
    else:
        script.tell(N_("马上就到您"))
    script.tell(N_("请在等候区等叫号。仅当天有效，过号请重新取。"), _SLIPS[state.slip])


@tells(view.RateService)
def _rate(script: Script, state: view.RateService) -> None:
    del state
    script.tell(N_("您对今天的服务满意吗？"), N_("点一下就好，不记名。"))
    script.rows(script.say(words) for _, words in LEVELS)


@tells(view.Opinions)
def _opinions(script: Script, state: view.Opinions) -> None:
    script.tell(N_("您的意见和答复"))
    for line in state.lines[:2]:
        script.data(line.reply, private=True)


@tells(view.TakePhoto)
def _take_photo(script: Script, state: view.TakePhoto) -> None:
    script.tell(_PHOTO[state.hint])
    if state.instead:
        script.tell(N_("我带了照片，或以后再交"))


@tells(view.CheckPhoto)
def _check_photo(script: Script, state: view.CheckPhoto) -> None:
    script.tell(N_("这张可以吗？"))
    if not state.printable:
        script.tell(N_("A4 打印机现在用不了。尺寸和光线符合要求；要照片请到窗口。"))


@tells(view.Copies)
def _copies(script: Script, state: view.Copies) -> None:
    script.tell(N_("看得清吗？"))
    script.fill(N_("第 {page} 页，最多 {most} 页"), page=state.pages, most=state.most)
    if not state.printable:
        script.tell(N_("A4 打印机现在用不了，请到窗口复印。"))


@tells(view.Printing)
def _printing(script: Script, state: view.Printing) -> None:
    del state
    script.tell(N_("正在打印"), N_("请不要离开，打好了会告诉您。"))
