"""What the desk says of papers that do not lie under the camera, of results, and of going on at a window."""

from typing import Final

from kiosk.view import desk
from kiosk.view.desk import PhoneStage, Printed
from ui.language import N_
from ui.voice.script import Script, tells

TITLES: Final[dict[PhoneStage, str]] = {
    PhoneStage.ASKING: N_("正在取二维码"),
    PhoneStage.WAITING: N_("请用手机扫这个码"),
    PhoneStage.OPENED: N_("手机已打开，请在手机上拍照或选文件"),
    PhoneStage.ARRIVING: N_("已收到 {count} 页"),
    PhoneStage.FETCHING: N_("正在查看收到的材料"),
    PhoneStage.EXPIRED: N_("二维码过期了"),
    PhoneStage.LINE_DOWN: N_("网络断了，手机传不过来"),
    PhoneStage.NOT_POSSIBLE: N_("这里暂时不能用手机传"),
    PhoneStage.UNREADABLE: N_("收到的材料打不开"),
}
LINES: Final[dict[PhoneStage, str]] = {
    PhoneStage.ASKING: N_("请稍候几秒钟。"),
    PhoneStage.WAITING: N_("不用装软件，不用登录。可以拍照，也可以选图片或 PDF。"),
    PhoneStage.OPENED: N_("传完后，在手机上点“传完了”。"),
    PhoneStage.ARRIVING: N_("还可以再传。传完后，在手机上或者在这里点“传完了”。"),
    PhoneStage.FETCHING: N_("请稍候几秒钟。"),
    PhoneStage.EXPIRED: N_("没有收下任何材料。请换一个新的码，再扫一次。"),
    PhoneStage.LINE_DOWN: N_("没有收下任何材料。可以再试一次，也可以返回，用这台机器的摄像头拍。"),
    PhoneStage.NOT_POSSIBLE: N_("请返回，用这台机器的摄像头拍。"),
    PhoneStage.UNREADABLE: N_("请重新拍照，再传一次；也可以返回，用这台机器的摄像头拍。"),
}
GRADES: Final[dict[str, str]] = {
    "A": N_("A 级：发证机关提供"),
    "B": N_("B 级：原件核对过"),
    "C": N_("C 级：本人拍摄，原件没有核对过"),
    "D": N_("D 级：其他来源"),
}


PRINTED: Final[dict[Printed, str]] = {
    Printed.NOT_YET: N_("可以打印下来。以后凭身份证，在任何一台自助机也能再打印。"),
    Printed.PRINTING: N_("正在打印结果，请稍候。"),
    Printed.PRINTED: N_("打印好了，请在出纸口取走。"),
    Printed.FAILED: N_("没有打印出来。结果没有丢，可以再打印一份，也可以到窗口打印。"),
    Printed.UNSURE: N_("打印中断了。请看看出纸口有没有，没有的话再打印一份。"),
}


@tells(desk.ResultHere)
def _result(script: Script, state: desk.ResultHere) -> None:
    script.tell(N_("办好了，这是结果"))
    script.data(state.title)
    script.tell(PRINTED[state.printed])


@tells(desk.AtWindow)
def _at_window(script: Script, state: desk.AtWindow) -> None:
    script.tell(N_("请拿这个码到窗口接着办"))
    script.fill(N_("{day} 前有效。只有这个码能打开，请收好。"), day=script.say.day(state.until))
    if state.offline:
        script.tell(N_("现在断网，网络恢复后窗口才能打开。"))


@tells(desk.PhonePaper)
def _phone(script: Script, state: desk.PhonePaper) -> None:
    script.fill(TITLES[state.stage], count=state.count)
    script.tell(LINES[state.stage])


@tells(desk.EarlierPapers)
def _earlier(script: Script, state: desk.EarlierPapers) -> None:
    script.tell(N_("用哪一份交过的材料？"))
    script.rows(script.say.day(paper.handed_in) for paper in state.papers)


@tells(desk.ReuseEarlier)
def _reuse(script: Script, state: desk.ReuseEarlier) -> None:
    script.tell(N_("这次也用这一份吗？"))
    script.fill(N_("{day} 交过：{paper}"), day=script.say.day(state.paper.handed_in), paper=script.say.of(state.title))
    script.tell(GRADES.get(state.paper.grade, GRADES["D"]))
    script.tell(N_("点“同意”，就是同意这次办事也用它。材料要是变了，请重新拍。"))
