"""Who is recognised at this lane without a card, one of them, and the card of somebody who is added."""

from typing import Final

from kiosk.view.attendant import Choose, Do, Done, Duty, OneRegular, RegularCard, RegularLine, Regulars
from ui import theme
from ui.screens.attendant.sheet import StaffSheet
from ui.screens.common.card_notes import CARD_NOTES
from ui.screens.desk.pages import HEIGHT as TURNER
from ui.screens.desk.pages import PageTurner
from ui.screens.sheet import FLOOR
from ui.staff_words import DONE, WARNINGS
from ui.surface import Box, Surface
from ui.widgets.button import WordButton
from ui.widgets.pictogram import Pictogram
from ui.widgets.target import FILLED, OUTLINED, PLAIN, Target
from ui.widgets.text import Text

_HIGH: Final = 136.0
_GAP: Final = 16.0
_UNTIL: Final = 400.0


class RegularRow(Target):
    """Masked name, and until when the consent holds."""

    def __init__(self, surface: Surface, box: Box, line: RegularLine) -> None:
        super().__init__(surface, box, Choose(line.id), look=PLAIN)
        name = Box(box.x + 32, box.y + 8, box.w - 64 - _UNTIL, box.h - 16)
        self.add_widget(Text(surface, line.name_masked, name, bold=True, colour=self.look.ink, rise="middle"))
        until = Box(name.right, name.y, _UNTIL, name.h)
        words = surface.words("有效至 {day}").format(day=line.until)
        self.add_widget(
            Text(surface, words, until, size=theme.CAPTION, colour=theme.INK_SOFT, align="right", rise="middle")
        )


class RegularsScreen(StaffSheet[Regulars]):
    """A list, turned like pages, and the button that adds somebody."""

    page = 0

    def draw(self, state: Regulars) -> None:
        """Draw it."""
        say = self.say
        about = say("已登记 {count} 人，最多 {room} 人；陌生人被认错的可能低于 {percent}%。").format(
            count=len(state.lines), room=state.room, percent=f"{state.rate * 100:g}"
        )
        y = self.frame(say("免刷证人员"), about) + 24
        if state.done is not Done.NOTHING:
            y = self.note(say(DONE[state.done]), y, 200, warning=state.done in WARNINGS)
        elif not state.lines:
            y = self.note(
                say("只登记签过书面同意书的工作人员和常来人员。同意书一年有效，随时可以删除。"), y, 240, warning=False
            )
        y = self.from_reach(y)
        fit = max(1, int((FLOOR - TURNER - y) // (_HIGH + _GAP)))
        pages = max(1, -(-len(state.lines) // fit))
        page = min(self.page, pages - 1)
        for place, line in enumerate(state.lines[page * fit : (page + 1) * fit]):
            box = Box(theme.MARGIN, y + place * (_HIGH + _GAP), theme.INNER, _HIGH)
            self.put(RegularRow(self.surface, box, line))
        if pages > 1:
            self.put(PageTurner(self.surface, FLOOR - TURNER, page, pages, self._turn))

    def forward(self, box: Box) -> WordButton | None:
        """Add somebody."""
        return WordButton(self.surface, box, self.say("登记一个人"), Do(Duty.ENROL), look=FILLED, size=48, bold=True)

    def _turn(self, page: int) -> None:
        self.page = page
        self.redraw()


class OneRegularScreen(StaffSheet[OneRegular]):
    """Remove, or go back."""

    def draw(self, state: OneRegular) -> None:
        """Draw it."""
        say = self.say
        told = say("有效至 {day}").format(day=state.line.until)
        y = self.frame(state.line.name_masked, told) + 32
        y = self.note(say("删除后，本通道不再认出这个人，面部数据立即清除。"), y, 240, warning=False)
        box = Box(theme.MARGIN, self.from_reach(y + 8), theme.INNER, 144)
        self.put(WordButton(self.surface, box, say("删除"), Do(Duty.REMOVE), look=OUTLINED))


class RegularCardScreen(StaffSheet[RegularCard]):
    """The person's own card, then their face."""

    def draw(self, state: RegularCard) -> None:
        """Draw it."""
        say = self.say
        y = self.frame(say("请本人刷身份证"), say("刷证后请本人看摄像头，面部要与证件照片一致。")) + 32
        if CARD_NOTES[state.problem]:
            y = self.note(say(CARD_NOTES[state.problem]), y, 200)
        side = 360.0
        mark = Box((theme.WIDTH - side) / 2, y + 40, side, side)
        self.put(Pictogram(self.surface, "card", mark, colour=theme.BLUE, weight=3.2))
