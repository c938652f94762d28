"""All pages of a paper, in their order."""

from functools import partial

from kiosk.view.desk import PAGES_SHOWN, AddPage, MovePage, PaperPages, RemovePage, ShowPage, ShowPages
from ui import theme
from ui.screens.desk.pages import HEIGHT as TURNER
from ui.screens.desk.pages import PageTurner
from ui.screens.sheet import FLOOR, DeskSheet
from ui.surface import Box, Toward
from ui.widgets.button import WordButton
from ui.widgets.photograph import Photograph
from ui.widgets.shape import Panel
from ui.widgets.target import CHOSEN, OUTLINED, PLAIN, Target
from ui.widgets.text import Text

_ACROSS = 3
_ROWS = PAGES_SHOWN // _ACROSS
_HIGH = 112
_NUMBER = 56


class PaperPagesScreen(DeskSheet[PaperPages]):
    """Small pictures with their numbers. A touch chooses one; below is what can be done with it.

    Attributes:
        chosen: number of the chosen page; 0 while none is.
    """

    chosen = 0

    def draw(self, state: PaperPages) -> None:
        """Draw it."""
        say = self.say
        self.frame(words=say("材料齐了，下一步"))
        y = self.steps(state.step, state.steps)
        y = self.write(say("页数和顺序对吗？"), y + 40, 120, size=theme.QUESTION, bold=True)
        title = say("{paper} · 共 {count} 页").format(paper=say.of(state.title), count=state.count)
        y = self.write(title, y + 8, 72, colour=theme.INK_SOFT) + 16
        pages = -(-state.count // PAGES_SHOWN)
        floor = FLOOR - _HIGH
        self._acts(state, Box(theme.MARGIN, floor, theme.INNER, _HIGH))
        if pages > 1:
            floor -= TURNER + 16
            at = (state.first - 1) // PAGES_SHOWN
            self.put(PageTurner(self.surface, floor, at, pages, self._turn))
        y = self.from_reach(y)
        wide = (theme.INNER - (_ACROSS - 1) * theme.GAP) / _ACROSS
        high = (floor - 16 - y - (_ROWS - 1) * theme.GAP) / _ROWS
        for place, page in enumerate(state.pages):
            row, column = divmod(place, _ACROSS)
            box = Box(theme.MARGIN + column * (wide + theme.GAP), y + row * (high + theme.GAP), wide, high)
            self._page(state.first + place, page, box)

    def _page(self, number: int, page: bytes, box: Box) -> None:
        chosen = number == self.chosen
        look = CHOSEN if chosen else PLAIN
        target = Target(self.surface, box, partial(self._choose, number), look=look, weight=6.0 if chosen else 2.0)
        self.put(target)
        picture = Box(box.x + 16, box.y + 16, box.w - 32, box.h - 32 - _NUMBER)
        target.add_widget(Photograph(self.surface, picture, page))
        where = Box(box.x, box.bottom - _NUMBER - 8, box.w, _NUMBER)
        target.add_widget(Panel(self.surface, where.inset(16, 0), fill=look.fill))
        target.add_widget(
            Text(self.surface, str(number), where, size=theme.BODY, bold=chosen, align="center", rise="middle")
        )

    def _acts(self, state: PaperPages, box: Box) -> None:
        say = self.say
        if not self.chosen:
            more = state.count < state.most
            words = say("再拍一页") if more else say("最多 {count} 页").format(count=state.most)
            self.put(WordButton(self.surface, box, words, AddPage(), look=OUTLINED, pictogram="camera", enabled=more))
            return
        number, side = self.chosen, 152
        before = Box(box.x, box.y, side, box.h)
        after = Box(before.right + theme.GAP, box.y, side, box.h)
        rest = (box.right - after.right - 2 * theme.GAP) / 2
        large = Box(after.right + theme.GAP, box.y, rest, box.h)
        away = Box(large.right + theme.GAP, box.y, rest, box.h)
        self.put(
            WordButton(
                self.surface,
                before,
                "",
                MovePage(number, number - 1),
                look=OUTLINED,
                pictogram="chevron",
                toward=Toward.DOWN,
                enabled=number > 1,
                told=say("往前移"),
            )
        )
        self.put(
            WordButton(
                self.surface,
                after,
                "",
                MovePage(number, number + 1),
                look=OUTLINED,
                pictogram="chevron",
                enabled=number < state.count,
                told=say("往后移"),
            )
        )
        self.put(WordButton(self.surface, large, say("看大图"), ShowPage(number), look=OUTLINED))
        self.put(WordButton(self.surface, away, say("删掉这页"), RemovePage(number), look=OUTLINED))

    def _choose(self, number: int) -> None:
        self.chosen = 0 if number == self.chosen else number
        self.redraw()

    def _turn(self, page: int) -> None:
        self.surface.send(ShowPages(page * PAGES_SHOWN + 1))
