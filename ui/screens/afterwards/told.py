"""What became of something."""

from typing import Final

from kiosk.view.afterwards import News, Slip, Told
from kiosk.view.common import Back
from ui import theme
from ui.language import N_
from ui.screens.afterwards.slips import SLIPS
from ui.screens.sheet import FLOOR, DeskSheet
from ui.surface import Box
from ui.widgets.note import Note
from ui.widgets.pictogram import Name
from ui.widgets.shape import Panel
from ui.widgets.text import Text
from ui.widgets.top_bar import HEIGHT as TOP_HEIGHT

_WORDS: Final[dict[News, tuple[Name, str, str]]] = {
    News.WITHDRAWN: ("tick", N_("已撤回"), N_("这件申请不再办理。需要时可以重新申请。")),
    News.MORE_TIME: ("tick", N_("已延长"), N_("请在新的日期前补交。")),
    News.HANDED_IN: ("tick", N_("补正已收到"), N_("部门会接着办理，用原来的回执号查进度。")),
    News.CANCELLED: ("tick", N_("预约已取消"), N_("需要时可以再约。")),
    News.THANKS: ("tick", N_("谢谢您，已经收到"), ""),
    News.PRINTED: ("printer", N_("打印好了"), N_("请在出纸口取走，别忘了镜头下的原件。")),
    News.NOT_PRINTED: ("printer", N_("没有打印出来"), N_("什么都没有丢。请点求助，或者到窗口打印。")),
    News.PRINT_UNSURE: ("printer", N_("打印中断了"), N_("请看看出纸口有没有。没有的话，请点求助。")),
    News.LINE_DOWN: ("bars", N_("现在联系不上办事系统"), N_("什么都没有丢。可以再试一次，不会重复办理。")),
    News.NO_SUBMISSIONS: ("info", N_("没有查到申请"), N_("刚交的可能还在路上，请过一会儿再查。")),
    News.NOT_YOURS: ("info", N_("没有查到这件申请"), N_("请核对回执号，并用办理人本人的身份证。")),
    News.NO_FORMS: ("info", N_("没有保存的表"), N_("先选要办的事，填好点“退出”里的“保存”，再来打印。")),
    News.NO_OPINIONS: ("info", N_("没有查到意见"), N_("匿名提的意见，请报意见编号问工作人员。")),
    News.NO_SLOTS: ("clock", N_("这里最近没有可约的时间"), N_("可以换一个部门，或者直接取号。")),
    News.FULL: ("clock", N_("这个时间刚刚约满"), N_("请换一个时间。")),
    News.ALREADY_BOOKED: ("clock", N_("您已经有预约了"), N_("可以在预约里改时间。")),
    News.CHANGED: ("info", N_("情况刚刚变了"), N_("什么都没有改。请再看一遍，重新选。")),
    News.QUEUE_FULL: ("info", N_("今天的号取完了"), N_("请预约别的日子，或者问工作人员。")),
    News.NOT_POSSIBLE: ("info", N_("现在办不了"), N_("什么都没有改。请问工作人员。")),
    News.NO_EARLIER: (
        "paper",
        N_("没有可以再用的材料"),
        N_("以前没有交过，或者已经过期。请拍照，或用手机传。"),
    ),
    News.NO_PHOTO: ("camera", N_("这台机器拍不了证件照"), N_("请问工作人员哪里可以拍。")),
}
_GOOD: Final = frozenset({News.WITHDRAWN, News.MORE_TIME, News.HANDED_IN, News.CANCELLED, News.THANKS, News.PRINTED})


class ToldScreen(DeskSheet[Told]):
    """A sign, a word, what to do next."""

    def draw(self, state: Told) -> None:
        """Draw it."""
        say = self.say
        sign, title, line = _WORDS[state.what]
        words = say("再试一次") if state.again else say("知道了")
        self.frame(back=Back() if state.again else None, words=words, enabled=state.slip is not Slip.PRINTING)
        tint = theme.BLUE_TINT if state.what in _GOOD else theme.AMBER_TINT
        y = self.emblem(sign, TOP_HEIGHT + 120, 320, tint=tint)
        y = self.write(say(title), y + 56, 176, size=theme.TITLE, bold=True, align="center")
        y = self.write(say.of(state.title), y + 16, 128, colour=theme.INK_SOFT, align="center")
        if state.day is not None:
            y = self.write(say.day(state.day), y + 16, 80, size=theme.QUESTION, bold=True, align="center")
        if state.code:
            y = self._code(state.code, y + 40)
        y = self.write(say(line) if line else "", y + 32, 232, align="center")
        if state.detail:
            y = self.write(
                say("原因代码 {code}").format(code=state.detail), y + 16, 64, size=theme.CAPTION,
                colour=theme.INK_SOFT, align="center",
            )  # fmt: skip
        if state.slip is not Slip.NONE:
            where = Box(theme.MARGIN, y + 40, theme.INNER, max(120.0, FLOOR - y - 56))
            warning = state.slip in {Slip.ON_SCREEN, Slip.UNSURE}
            self.put(Note(self.surface, say(SLIPS[state.slip]), where, warning=warning, sign="printer"))

    def _code(self, code: str, y: float) -> float:
        box = Box(theme.MARGIN + 120, y, theme.INNER - 240, 208)
        self.put(Panel(self.surface, box, edge=theme.HAIRLINE))
        caption = Box(box.x + 24, box.y + 16, box.w - 48, 64)
        says, soft = self.say("意见编号，凭它问答复"), theme.INK_SOFT
        self.put(Text(self.surface, says, caption, size=theme.CAPTION, colour=soft, align="center"))
        words = Box(box.x + 24, caption.bottom, box.w - 48, 112)
        shown = "••••" if self.surface.discreet else f"{code[:4]} {code[4:]}"
        self.put(Text(self.surface, shown, words, size=theme.TITLE, bold=True, align="center", rise="middle"))
        return box.bottom
