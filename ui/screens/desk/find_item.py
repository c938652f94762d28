"""Search by words or pinyin initials."""

from typing import Final

from kiosk.view.desk import Choose, FindItem, SearchFor
from ui import theme
from ui.screens.sheet import FLOOR, DeskSheet
from ui.surface import Box
from ui.widgets.choice_row import ChoiceRow
from ui.widgets.letter_pad import HEIGHT as LETTERS
from ui.widgets.letter_pad import LetterPad
from ui.widgets.note import Note
from ui.widgets.shape import Panel
from ui.widgets.text import Text
from ui.widgets.top_bar import HEIGHT as TOP_HEIGHT

_PAD: Final = Box(theme.MARGIN, FLOOR - LETTERS, theme.INNER, LETTERS)
_HIGH: Final = 120


class FindItemScreen(DeskSheet[FindItem]):
    """What was typed, the best that it finds, and the letters."""

    def draw(self, state: FindItem) -> None:
        """Draw it."""
        self.frame(forward=None)
        say = self.say
        y = self.write(say("您要找什么？"), TOP_HEIGHT + 32, 96, size=theme.QUESTION, bold=True)
        box = Box(theme.MARGIN, y + 16, theme.INNER, 112)
        self.put(Panel(self.surface, box, edge=theme.BLUE, weight=4))
        inner = box.inset(40, 0)
        if state.typed:
            self.put(Text(self.surface, state.typed.upper(), inner, size=theme.QUESTION, rise="middle"))
        else:
            hint = say("拼音首字母，例如 SBK 是社保卡")
            self.put(Text(self.surface, hint, inner, colour=theme.INK_SOFT, rise="middle"))
        top = self.from_reach(box.bottom + 24)
        step = _HIGH + 16
        fit = self.at_once((_PAD.y - 24 - top + 16) // step)
        for place, item in enumerate(state.found[:fit]):
            row = Box(theme.MARGIN, top + place * step, theme.INNER, _HIGH)
            self.put(ChoiceRow(self.surface, row, say.of(item.title), "", Choose(item.key), enabled=not item.closed))
        if not state.found:
            words = say("没有找到。请少输几个字母，或返回按一件事、按部门找。")
            self.put(Note(self.surface, words, Box(theme.MARGIN, top, theme.INNER, _PAD.y - 24 - top)))
        self.put(LetterPad(self.surface, _PAD, self._press, blank=True))

    def _press(self, key: str) -> None:
        typed = self.state.typed
        match key:
            case "clear":
                typed = ""
            case "back":
                typed = typed[:-1]
            case _:
                typed += key.lower()
        self.surface.send(SearchFor(typed))
