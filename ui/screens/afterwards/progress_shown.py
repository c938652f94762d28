"""Where one submission stands."""

from collections.abc import Sequence

from kiosk.view.afterwards import Act, Do, ProgressShown
from ui import theme
from ui.screens.afterwards.submissions import sign_of
from ui.screens.afterwards.words import ENDED, GOOD, STANDINGS, STEPS
from ui.screens.desk.pages import HEIGHT as TURNER
from ui.screens.desk.pages import PageTurner
from ui.screens.sheet import FLOOR, DeskSheet
from ui.surface import Box
from ui.text import grouped
from ui.widgets.button import WordButton
from ui.widgets.note import Note
from ui.widgets.pictogram import Pictogram
from ui.widgets.shape import Disc, Rule
from ui.widgets.target import FILLED, OUTLINED, Look
from ui.widgets.text import Text
from ui.widgets.top_bar import HEIGHT as TOP_HEIGHT

_HIGH = 120
_STEP = 80


class ProgressShownScreen(DeskSheet[ProgressShown]):
    """The standing large, the days, what is asked, the steps, and what can be done.

    Attributes:
        page: of the steps, the newest first.
    """

    page = 0

    def draw(self, state: ProgressShown) -> None:
        """Draw it."""
        say = self.say
        self.frame(forward=None)
        y = self.write(say.of(state.title), TOP_HEIGHT + 32, 112, colour=theme.INK_SOFT)
        mark = Box(theme.MARGIN, y + 16, 88, 88)
        tint = theme.BLUE_TINT
        ink = theme.GREEN if state.standing in GOOD else theme.RED if state.standing in ENDED else theme.BLUE
        if state.asked:
            tint, ink = theme.HELP_TINT, theme.HELP
        self.put(Disc(self.surface, mark, tint))
        sign = "exclamation" if state.asked else sign_of(state.standing)
        self.put(Pictogram(self.surface, sign, mark.square(52), colour=ink, weight=5.0))
        words = say(STANDINGS.get(state.standing, state.standing))
        title = Box(mark.right + 24, mark.y, theme.INNER - 112, 88)
        self.put(Text(self.surface, words, title, size=theme.TITLE, bold=True, rise="middle"))
        y = self.write(self._facts(), mark.bottom + 16, 112, size=theme.CAPTION, colour=theme.INK_SOFT)
        floor = self._acts(state)
        y = self._notes(y + 16, floor)
        self._steps(y + 16, floor - 16)

    def _facts(self) -> str:
        state, say = self.state, self.say
        facts = [say("回执号 {number}").format(number=grouped(state.number))]
        if state.due is not None and state.standing not in GOOD | ENDED:
            words = say("预计 {day} 前办结") if state.provisional else say("{day} 前办结")
            facts.append(words.format(day=say.day(state.due)))
        if state.parcel:
            facts.append(say("快递 {parcel}").format(parcel=state.parcel))
        return "\n".join(facts[:2]) if len(facts) < 3 else f"{facts[0]}\n{facts[2]}"

    def _notes(self, y: float, floor: float) -> float:
        """What is asked for, or why it was refused, in the office's words."""
        state, say = self.state, self.say
        notes: list[tuple[str, bool]] = []
        if state.asked:
            what = "；".join(state.asked[:2]) if say.language.value != "en" else "; ".join(state.asked[:2])
            if len(state.asked) > 2:
                what = say("{what}等 {count} 项").format(what=what, count=len(state.asked))
            words = say("要补：{what}").format(what=what)
            if state.asked_due is not None:
                words = say("{words}（{day} 前）").format(words=words, day=say.day(state.asked_due))
            notes.append((words, True))
        elif state.reason:
            notes.append((say("原因：{reason}").format(reason=state.reason), True))
        if state.deferred and state.deferred_due is not None:
            papers = say("、").join(say.of(paper) for paper in state.deferred)
            words = say("还可以补交：{papers}（{day} 前）").format(papers=papers, day=say.day(state.deferred_due))
            notes.append((words, False))
        for words, warning in notes:
            room = min(220.0, floor - y - 16)
            note = Note(
                self.surface, words, Box(theme.MARGIN, y, theme.INNER, room), warning=warning, size=36,
                sign=None if warning else "info",
            )  # fmt: skip
            self.put(note)
            y = note.bottom + 16
        return y

    def _steps(self, y: float, floor: float) -> None:
        """What was done, the newest first; a line joins them."""
        state, say = self.state, self.say
        steps = tuple(reversed(state.steps))
        fit = int((floor - y) // _STEP)
        pages = 1
        if len(steps) > fit:
            fit = max(1, int((floor - y - TURNER - 8) // _STEP))
            pages = -(-len(steps) // fit)
        if fit < 1 or floor - y < _STEP:
            return
        self.page = min(self.page, pages - 1)
        shown = steps[self.page * fit : (self.page + 1) * fit]
        for place, step in enumerate(shown):
            top = y + place * _STEP
            dot = Box(theme.MARGIN + 12, top + _STEP / 2 - 12, 24, 24)
            if place + 1 < len(shown):
                self.put(Rule(self.surface, Box(dot.x + 10, dot.y + 12, 4, _STEP), theme.EDGE))
            self.put(Disc(self.surface, dot, theme.BLUE if place == 0 and self.page == 0 else theme.EDGE))
            row = Box(dot.right + 28, top, theme.INNER - 64, _STEP)
            what = say(STEPS.get(step.what, step.what))
            self.put(Text(self.surface, what, Box(row.x, row.y, 520, row.h), rise="middle", size=36))
            when = step.at.astimezone(self.surface.now().tzinfo) if step.at.tzinfo else step.at
            where = Box(row.x + 528, row.y, row.w - 528, row.h)
            words, soft = f"{when:%Y-%m-%d %H:%M}", theme.INK_SOFT
            self.put(Text(self.surface, words, where, size=theme.CAPTION, colour=soft, align="right", rise="middle"))
        if pages > 1:
            self.put(PageTurner(self.surface, floor - TURNER, self.page, pages, self._turn))

    def _acts(self, state: ProgressShown) -> float:
        """Buttons above the bar, the most wanted first and filled; returns where they begin."""
        say = self.say
        acts: list[tuple[str, Act]] = []
        if state.asked:
            acts.append((say("现在补正"), Act.CORRECT))
        if state.deferred:
            acts.append((say("补交材料"), Act.BRING))
        if state.results and state.printable:
            acts.append((say("打印结果"), Act.FETCH))
        if state.may_have_more_time:
            acts.append((say("申请延长"), Act.MORE_TIME))
        if state.may_withdraw:
            acts.append((say("撤回申请"), Act.WITHDRAW))
        rows: list[Sequence[tuple[str, Act]]] = [acts[place : place + 2] for place in range(0, len(acts), 2)]
        top = FLOOR - len(rows) * (_HIGH + 16) + 16
        first = True
        for line, row in enumerate(rows):
            wide = (theme.INNER - (len(row) - 1) * theme.GAP) / len(row)
            for place, (words, act) in enumerate(row):
                box = Box(theme.MARGIN + place * (wide + theme.GAP), top + line * (_HIGH + 16), wide, _HIGH)
                look: Look = FILLED if first and act in {Act.CORRECT, Act.BRING, Act.FETCH} else OUTLINED
                self.put(WordButton(self.surface, box, words, Do(act), look=look, bold=look is FILLED))
                first = False
        return top - 16 if rows else FLOOR

    def _turn(self, page: int) -> None:
        self.page = page
        self.redraw()
