"""What is needed, how long it takes, what it costs."""

from kiosk.view.desk import BeforeYouStart, Handled, PaperLine
from ui import theme
from ui.language import Speech
from ui.screens.desk.pages import HEIGHT as TURNER
from ui.screens.desk.pages import PageTurner
from ui.screens.sheet import FLOOR, DeskSheet
from ui.surface import Box
from ui.widgets.pictogram import Name, Pictogram
from ui.widgets.shape import Disc, Panel
from ui.widgets.text import Text
from ui.widgets.top_bar import HEIGHT as TOP_HEIGHT

Row = tuple[Name, str]
"""A sign, and what is said."""
_LEAST, _MOST = 96.0, 128.0


def rows(state: BeforeYouStart, say: Speech) -> list[Row]:
    """All that has to be known, line by line: what to have ready, papers, who decides, how it comes."""
    found: list[Row] = [("tick", say.of(need)) for need in state.needs]
    found += [("paper", _paper(paper, say)) for paper in state.papers]
    who = say.of(state.decided_by)
    match state.handled:
        case Handled.COLLECT_HERE:
            found.append(("hall", say("这里代收，由{who}受理和决定").format(who=who)))
        case Handled.ACCEPT_REMOTELY | Handled.DECIDE_REMOTELY:
            found.append(("hall", say("由{who}受理和决定").format(who=who)))
        case Handled.HERE:
            pass
    if say.of(state.result_from):
        found.append(("receipt", say.of(state.result_from)))
    elif state.courier:
        found.append(("receipt", say("结果可以到窗口领取，也可以邮寄")))
    found += [("info", say.of(notice)) for notice in state.notices]
    return found


def _paper(paper: PaperLine, say: Speech) -> str:
    words = say.of(paper.title)
    if paper.later:
        return say("拍照：{paper}（可在 {days} 天内补交）").format(paper=words, days=paper.later)
    if paper.maybe:
        return say("拍照：{paper}（看情况）").format(paper=words)
    return say("拍照：{paper}").format(paper=words)


class BeforeYouStartScreen(DeskSheet[BeforeYouStart]):
    """Ready?"""

    page = 0

    def draw(self, state: BeforeYouStart) -> None:
        """Draw it."""
        say = self.say
        self.frame(words=say("开始办理"))
        y = self.write(say.of(state.title), TOP_HEIGHT + 40, 184, size=theme.TITLE, bold=True)
        y = self._facts(state, y + 32)
        y = self.write(say("请准备好"), y + 40, 80, size=theme.QUESTION) + 16
        lines = rows(state, say)
        room = FLOOR - y
        fit = int(room // _LEAST)
        if len(lines) > fit:
            room -= TURNER + 16
            fit = int(room // _LEAST)
        pages = max(1, -(-len(lines) // fit))
        high = min(_MOST, room / min(fit, max(1, len(lines))))
        for place, line in enumerate(lines[self.page * fit : (self.page + 1) * fit]):
            self._line(line, Box(theme.MARGIN, y + place * high, theme.INNER, high))
        if pages > 1:
            self.put(PageTurner(self.surface, FLOOR - TURNER, self.page, pages, self._turn))

    def _facts(self, state: BeforeYouStart, top: float) -> float:
        say = self.say
        days = say("当场办结") if not state.working_days else say("{count} 个工作日").format(count=state.working_days)
        facts: tuple[tuple[Name, str, str], ...] = (
            ("clock", say("填写"), say("约 {count} 分钟").format(count=state.minutes)),
            ("paper", say("办结"), days),
            ("money", say("费用"), say.of(state.fee)),
        )
        law = state.statutory_days > state.working_days > 0
        box = Box(theme.MARGIN, top, theme.INNER, 304 if law else 264)
        self.put(Panel(self.surface, box))
        third = box.w / 3
        for place, (pictogram, caption, words) in enumerate(facts):
            part = Box(box.x + place * third, box.y, third, box.h)
            self.put(Pictogram(self.surface, pictogram, Box(part.x + third / 2 - 36, part.y + 24, 72, 72)))
            where = Box(part.x + 8, part.y + 100, third - 16, 56)
            soft = theme.INK_SOFT
            self.put(Text(self.surface, caption, where, size=theme.CAPTION, colour=soft, align="center"))
            value = Box(part.x + 8, part.y + 156, third - 16, 96)
            self.put(Text(self.surface, words, value, align="center"))
        if law:
            words = say("法定 {count} 个工作日").format(count=state.statutory_days)
            where = Box(box.x + third - 40, box.bottom - 60, third + 80, 52)
            self.put(Text(self.surface, words, where, size=theme.CAPTION, colour=theme.INK_SOFT, align="center"))
        return box.bottom

    def _line(self, line: Row, row: Box) -> None:
        sign, words = line
        mark = Box(row.x, row.y + (row.h - 56) / 2, 56, 56)
        self.put(Disc(self.surface, mark, theme.BLUE_TINT))
        self.put(Pictogram(self.surface, sign, mark.inset(12), weight=6.0 if sign == "tick" else 4.0))
        where = Box(mark.right + 24, row.y, row.right - mark.right - 24, row.h)
        self.put(Text(self.surface, words, where, rise="middle"))

    def _turn(self, page: int) -> None:
        self.page = page
        self.redraw()
