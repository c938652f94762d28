"""Decided at once: the result."""

from typing import Final

from kiosk.view.desk import Printed, PrintResult, ResultHere
from ui import text, theme
from ui.screens.sheet import FLOOR, DeskSheet
from ui.surface import Box
from ui.voice.papers import PRINTED
from ui.widgets.button import WordButton
from ui.widgets.note import Note
from ui.widgets.photograph import Photograph
from ui.widgets.target import FILLED
from ui.widgets.top_bar import HEIGHT as TOP_HEIGHT

_HIGH: Final = 128
_BAD: Final = frozenset({Printed.FAILED, Printed.UNSURE})


class ResultHereScreen(DeskSheet[ResultHere]):
    """Its first page, and the way to have it on paper."""

    def draw(self, state: ResultHere) -> None:
        """Draw it."""
        say = self.say
        busy = state.printed is Printed.PRINTING
        self.frame(back=None, words=say("打印回执"), enabled=not busy, leave=False)
        y = self.write(say("办好了，这是结果"), TOP_HEIGHT + 40, 120, size=theme.TITLE, bold=True)
        y = self.write(say.of(state.title), y + 8, 72, colour=theme.INK_SOFT)
        number = say("回执号 {number}").format(number=text.grouped(state.number))
        y = self.write(number, y + 4, 64, size=theme.CAPTION, colour=theme.INK_SOFT)
        floor: float = FLOOR
        if state.printable and state.printed is not Printed.PRINTING:
            box = Box(theme.MARGIN, FLOOR - _HIGH, theme.INNER, _HIGH)
            words = say("打印结果") if state.printed is Printed.NOT_YET else say("再打印一份")
            self.put(WordButton(self.surface, box, words, PrintResult(), look=FILLED, pictogram="printer", bold=True))
            floor = box.y - theme.GAP
        line = say(PRINTED[state.printed])
        if state.printed is Printed.NOT_YET and not state.printable:
            line = say("这台机器打印不了结果。凭身份证可以随时查，也可以到窗口打印。")
        note = Box(theme.MARGIN, floor - 184, theme.INNER, 184)
        y += theme.GAP
        if state.page:
            room = Box(theme.MARGIN, y, theme.INNER, note.y - theme.GAP - y)
            self.put(Photograph(self.surface, room, state.page))
        else:
            words = say("现在看不到它的样子，结果在办事系统里，凭身份证随时可取。")
            unseen = Note(self.surface, words, Box(theme.MARGIN, y, theme.INNER, (floor - y - theme.GAP) * 0.6))
            self.put(unseen)
            y = unseen.bottom + theme.GAP
            note = Box(theme.MARGIN, y, theme.INNER, floor - y)
        self.put(Note(self.surface, line, note, warning=state.printed in _BAD, size=36))
