"""Check everything, as it will be handed in."""

from kiosk.view.desk import Edit, Review, ReviewRow
from ui import theme
from ui.screens.desk.pages import HEIGHT as TURNER
from ui.screens.desk.pages import PageTurner
from ui.screens.sheet import FLOOR, DeskSheet
from ui.surface import Box
from ui.widgets.button import WordButton
from ui.widgets.photograph import Photograph
from ui.widgets.shape import Panel, Rule
from ui.widgets.target import Look
from ui.widgets.text import Text

_CAPTION = 240
_EDIT = 176
_EDIT_LOOK = Look(theme.BLUE_TINT, theme.BLUE_TINT_PRESSED, theme.BLUE)
_HIDDEN = "••••"


class ReviewScreen(DeskSheet[Review]):
    """The paper form: a table with captions, values and 修改, and the captured page."""

    page = 0

    def draw(self, state: Review) -> None:
        """Draw it."""
        say = self.say
        self.frame(words=say("没有错，去签名") if state.signs else say("提交"))
        y = self.steps(state.step, state.steps)
        y = self.write(say("请核对，没有错再提交"), y + 40, 160, size=theme.QUESTION, bold=True) + 32
        high = 136.0 if self.surface.large else 120.0
        head = 112.0
        y = max(y, self.surface.reach - head)
        photo = 208.0 if state.page else 0.0
        room = FLOOR - y - head - photo
        fit = int(room // high)
        if len(state.rows) > fit:
            room -= TURNER + 16
            fit = max(1, int(room // high))
        pages = max(1, -(-len(state.rows) // fit))
        rows = state.rows[self.page * fit : (self.page + 1) * fit]
        sheet = Box(theme.MARGIN, y, theme.INNER, head + len(rows) * high + photo)
        self.put(Panel(self.surface, sheet, edge=theme.EDGE, radius=4))
        self.put(
            Text(
                self.surface,
                say.of(state.title),
                Box(sheet.x + 24, y, sheet.w - 48, head),
                align="center",
                rise="middle",
            )
        )
        line = y + head
        for row in rows:
            self._row(Box(sheet.x, line, sheet.w, high), row)
            line += high
        if state.page:
            self.put(Rule(self.surface, Box(sheet.x, line, sheet.w, 2), theme.EDGE))
            self.put(self._caption(say("材料"), Box(sheet.x, line, _CAPTION, photo)))
            self.put(Rule(self.surface, Box(sheet.x + _CAPTION, line, 2, photo), theme.EDGE))
            place = Box(sheet.x + _CAPTION + 24, line + 16, sheet.w - _CAPTION - 48, photo - 32)
            self.put(Photograph(self.surface, place, state.page))
        if pages > 1:
            self.put(PageTurner(self.surface, FLOOR - TURNER, self.page, pages, self._turn))

    def _caption(self, words: str, box: Box) -> Text:
        return Text(self.surface, words, box.inset(20, 8), size=theme.CAPTION, colour=theme.INK_SOFT, rise="middle")

    def _row(self, box: Box, row: ReviewRow) -> None:
        say = self.say
        self.put(Rule(self.surface, Box(box.x, box.y, box.w, 2), theme.EDGE))
        self.put(Rule(self.surface, Box(box.x + _CAPTION, box.y, 2, box.h), theme.EDGE))
        self.put(self._caption(say.of(row.caption), Box(box.x, box.y, _CAPTION, box.h)))
        edit = Box(box.right - _EDIT - 12, box.y + 10, _EDIT, box.h - 18)
        right = edit.x if row.key else box.right
        value = Box(box.x + _CAPTION + 24, box.y + 4, right - box.x - _CAPTION - 40, box.h - 8)
        words = _HIDDEN if self.surface.discreet else say.of(row.value)
        self.put(Text(self.surface, words, value, rise="middle"))
        if row.key:
            self.put(WordButton(self.surface, edit, say("修改"), Edit(row.key), look=_EDIT_LOOK))

    def _turn(self, page: int) -> None:
        self.page = page
        self.redraw()
