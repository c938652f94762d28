"""The last passages; those that wait for staff are first and marked."""

from typing import Final

from kiosk.view.attendant import Choose, PassageLine, Passages
from ui import text, theme
from ui.screens.attendant.sheet import StaffSheet, reason_for_staff
from ui.screens.desk.pages import HEIGHT as TURNER
from ui.screens.desk.pages import PageTurner
from ui.screens.sheet import FLOOR
from ui.staff_words import ANSWERS, CROSSED, VERDICTS
from ui.surface import Box, Surface
from ui.widgets.target import PLAIN, WARM, Target
from ui.widgets.text import Text

_HIGH: Final = 160.0
_GAP: Final = 16.0
_STANDS: Final = 256.0


class PassageRow(Target):
    """Time, masked name, the first reason, and how it stands."""

    def __init__(self, surface: Surface, box: Box, line: PassageLine) -> None:
        waits = line.verdict == "refer" and not line.answer
        super().__init__(surface, box, Choose(line.id), look=WARM if waits else PLAIN)
        say, ink = surface.words, self.look.ink
        soft = ink if waits else theme.INK_SOFT
        clock = Box(box.x + 24, box.y + 8, 136, box.h - 16)
        self.add_widget(Text(surface, line.clock, clock, colour=ink, rise="middle"))
        middle = Box(clock.right + 8, box.y + 8, box.w - 24 - 136 - 8 - _STANDS - 16, box.h - 16)
        name = line.name_masked or say("没有证件")
        upper = Box(middle.x, middle.y, middle.w, max(48.0, surface.smallest * text.LINE_HEIGHT))
        self.add_widget(Text(surface, name, upper, size=theme.CAPTION, bold=True, colour=ink, rise="middle"))
        reason = say(reason_for_staff(line.reason, surface))
        lower = Box(middle.x, upper.bottom, middle.w, middle.bottom - upper.bottom)
        self.add_widget(Text(surface, reason, lower, size=theme.CAPTION, colour=soft))
        stands = Box(box.right - _STANDS, box.y + 8, _STANDS - 24, box.h - 16)
        self.add_widget(
            Text(
                surface,
                self._stands(line, surface),
                stands,
                size=theme.CAPTION,
                colour=ink,
                align="right",
                rise="middle",
            )
        )

    @staticmethod
    def _stands(line: PassageLine, surface: Surface) -> str:
        say = surface.words
        crossed = CROSSED.get(line.crossed, "")
        through = line.verdict == "admit" and crossed
        words = "" if through else ANSWERS.get(line.answer) or VERDICTS.get(line.verdict, "")
        return "\n".join(say(part) for part in (words, crossed) if part)


class PassagesScreen(StaffSheet[Passages]):
    """A list, turned like pages."""

    page = 0

    def draw(self, state: Passages) -> None:
        """Draw it."""
        say = self.say
        y = self.frame(say("核验和最近通行"), say("点一行查看证据；橙色的在等工作人员。")) + 24
        if not state.lines:
            self.note(say("今天还没有人通过这里。"), y, 200, warning=False)
            return
        high = 184.0 if self.surface.large else _HIGH
        y = self.from_reach(y)
        fit = int((FLOOR - y + _GAP) // (high + _GAP))
        if len(state.lines) > fit:
            fit = max(1, int((FLOOR - TURNER - y) // (high + _GAP)))
        pages = -(-len(state.lines) // fit)
        page = min(self.page, pages - 1)
        for place, line in enumerate(state.lines[page * fit : (page + 1) * fit]):
            box = Box(theme.MARGIN, y + place * (high + _GAP), theme.INNER, high)
            self.put(PassageRow(self.surface, box, line))
        if pages > 1:
            self.put(PageTurner(self.surface, FLOOR - TURNER, page, pages, self._turn))

    def _turn(self, page: int) -> None:
        self.page = page
        self.redraw()
