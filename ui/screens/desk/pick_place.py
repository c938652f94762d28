"""An address is picked: what was picked so far, what can be picked now, and a search."""

from collections.abc import Callable
from typing import Final

from kiosk.view.address import Climb, Find, PickPlace, Place, Take, WriteWhole
from kiosk.view.common import Next
from kiosk.view.desk import AnswerProblem
from kiosk.view.screen import State
from ui import text, theme
from ui.language import N_
from ui.screens.desk.pages import HEIGHT as TURNER
from ui.screens.desk.pages import PageTurner
from ui.screens.desk.question import problem_words
from ui.screens.sheet import FLOOR, DeskSheet, Sheet
from ui.surface import Box, Surface
from ui.widgets.button import WordButton
from ui.widgets.letter_pad import HEIGHT as LETTERS
from ui.widgets.letter_pad import LetterPad
from ui.widgets.note import Note
from ui.widgets.shape import Panel
from ui.widgets.target import OUTLINED, PLAIN, Target
from ui.widgets.text import Text

_PAD: Final = Box(theme.MARGIN, FLOOR - LETTERS, theme.INNER, LETTERS)
_HIGH: Final = 104.0
_GAP: Final = 16.0
_CRUMB: Final = 96.0
LEVELS: Final = (N_("请选省份"), N_("请选城市"), N_("请选区、县"), N_("请选街道、镇"))
"""What is picked next."""


def asked(state: PickPlace) -> str:
    """What is to be picked now, as a source text."""
    return LEVELS[min(max(state.level, 1), len(LEVELS)) - 1]


class PlaceRow(Target):
    """A place; where it lies, when it was found by a search."""

    def __init__(self, surface: Surface, box: Box, place: Place) -> None:
        super().__init__(surface, box, Take(place.number), look=PLAIN, told=place.lies_in + place.name)
        inner = box.inset(24, 2)
        if not place.lies_in:
            self.add_widget(Text(surface, place.name, inner, colour=self.look.ink, rise="middle"))
            return
        half = inner.h / 2
        upper, lower = Box(inner.x, inner.y, inner.w, half), Box(inner.x, inner.y + half, inner.w, half)
        self.add_widget(Text(surface, place.name, upper, size=theme.CAPTION, bold=True, rise="bottom"))
        self.add_widget(Text(surface, place.lies_in, lower, size=theme.CAPTION, colour=theme.INK_SOFT))


class PickPlaceScreen(DeskSheet[PickPlace]):
    """Two columns of places; letters to search with when they are wanted.

    Attributes:
        page: of the places.
        searching: the letters are shown.
    """

    def __init__(self, surface: Surface, state: PickPlace) -> None:
        self.page = 0
        self.searching = bool(state.typed)
        super().__init__(surface, state)

    def keep(self, before: Sheet[State]) -> None:
        """The letters stay while somebody searches."""
        if isinstance(before, PickPlaceScreen) and before.state.question.key == self.state.question.key:
            picked = before.state.chosen != self.state.chosen
            searching = before.searching and not picked
            if (before.state.chosen, before.state.typed) == (self.state.chosen, self.state.typed):
                self.page = before.page
            if searching != self.searching or self.page:
                self.searching = searching or bool(self.state.typed)
                self.redraw()

    def draw(self, state: PickPlace) -> None:
        """Draw it."""
        question = state.question
        self.frame(forward=Next() if state.value else None, words=self.say("用这个地址"))
        y = self.steps(question.step, question.steps)
        y = self.write(self.say.of(question.title), y + 24, 160, size=theme.QUESTION, bold=True) + 8
        if question.problem is not AnswerProblem.NONE:
            note = Note(self.surface, problem_words(question, self.say), Box(theme.MARGIN, y + 8, theme.INNER, 160))
            self.put(note)
            y = note.bottom + 8
        if state.value and not self.searching:
            y = self._given(state.value, y + 8)
        y = self.from_reach(y + 8)
        y = self._crumbs(state, y)
        y = self._search(state, y)
        floor = (_PAD.y - _GAP) if self.searching else FLOOR
        self._rows(state, y + _GAP, floor)
        if self.searching:
            self.lasting(LetterPad, _PAD, self._press)

    def _given(self, value: str, top: float) -> float:
        """The address that is there already; one touch takes it."""
        box = Box(theme.MARGIN, top, theme.INNER, 168)
        self.put(Panel(self.surface, box, edge=theme.HAIRLINE))
        inner = box.inset(32, 12)
        caption = Box(inner.x, inner.y, inner.w, max(48.0, self.surface.smallest * text.LINE_HEIGHT))
        said = self.say("已经替您填好，不对可以在下面重新选。")
        self.put(Text(self.surface, said, caption, size=theme.CAPTION, colour=theme.INK_SOFT))
        words = "••••" if self.surface.discreet else value
        self.put(
            Text(
                self.surface, words, Box(inner.x, caption.bottom, inner.w, inner.bottom - caption.bottom), rise="middle"
            )
        )
        return box.bottom + 8

    def _crumbs(self, state: PickPlace, top: float) -> float:
        """What was picked; each can be picked anew."""
        if not state.chosen or self.surface.discreet:
            return top
        x, letters = float(theme.MARGIN), self.surface.letters(theme.BODY)
        wanted = [text.width(place.name) * letters + 56 for place in state.chosen]
        room = theme.INNER - (len(wanted) - 1) * _GAP
        share = min(1.0, room / sum(wanted))
        for number, (place, wide) in enumerate(zip(state.chosen, wanted, strict=True)):
            box = Box(x, top, max(_CRUMB, wide * share), _CRUMB)
            told = self.say("重新选 {place}").format(place=place.name)
            button = WordButton(self.surface, box, place.name, Climb(number), look=OUTLINED, told=told)
            self.put(button)
            x = box.right + _GAP
        return top + _CRUMB + _GAP

    def _search(self, state: PickPlace, top: float) -> float:
        """What is to be picked, the search, and the way around the list."""
        say = self.say
        half = (theme.INNER - _GAP) / 2
        left = Box(theme.MARGIN, top, half, _CRUMB)
        right = Box(left.right + _GAP, top, half, _CRUMB)
        if self.searching:
            words = state.typed.upper() or say("拼音首字母，例如 HD 是海淀")
            box = Box(left.x, top, theme.INNER - 240 - _GAP, _CRUMB)
            self.put(Panel(self.surface, box, edge=theme.BLUE, weight=4))
            colour = theme.INK if state.typed else theme.INK_SOFT
            self.put(Text(self.surface, words, box.inset(32, 0), colour=colour, rise="middle"))
            close = Box(box.right + _GAP, top, 240, _CRUMB)
            self.put(WordButton(self.surface, close, say("看列表"), self._toggle, look=OUTLINED))
        else:
            self.put(WordButton(self.surface, left, say("搜索"), self._toggle, look=OUTLINED, pictogram="question"))
            self.put(WordButton(self.surface, right, say("找不到，自己写"), WriteWhole(), look=PLAIN))
        return top + _CRUMB

    def _rows(self, state: PickPlace, top: float, floor: float) -> None:
        say = self.say
        words = say("在 {place} 里找到：") if state.typed and state.chosen else say(asked(state))
        where = "" if self.surface.discreet or not state.chosen else state.chosen[-1].name
        if not self.searching:
            top = self.write(words.format(place=where), top, 56, size=theme.CAPTION, colour=theme.INK_SOFT) + 8
        if not state.rows:
            note = say("没有找到。请少输几个字母，或者看列表。")
            self.put(Note(self.surface, note, Box(theme.MARGIN, top, theme.INNER, max(120.0, floor - top))))
            return
        columns = self._columns(state)
        fit = columns * self.at_once((floor - top + _GAP) // (_HIGH + _GAP))
        turned = (floor - TURNER - top) // (_HIGH + _GAP)
        rows = state.rows
        if len(rows) > fit and turned < 1:
            rows = rows[:fit]  # no room to turn pages above the letters: one more letter finds it sooner
        elif len(rows) > fit:
            fit = columns * self.at_once(turned)
        pages = -(-len(rows) // fit)
        self.page = min(self.page, pages - 1)
        wide = (theme.INNER - (columns - 1) * _GAP) / columns
        for place, row in enumerate(rows[self.page * fit : (self.page + 1) * fit]):
            x = theme.MARGIN + place % columns * (wide + _GAP)
            self.put(PlaceRow(self.surface, Box(x, top + place // columns * (_HIGH + _GAP), wide, _HIGH), row))
        if pages > 1:
            self.put(PageTurner(self.surface, floor - TURNER, self.page, pages, self._turn))

    def _columns(self, state: PickPlace) -> int:
        """Two, unless a name would have to be cut for it."""
        room = (theme.INNER - _GAP) / 2 - 48
        least = self.surface.letters(theme.CAPTION)
        lines = 1 if state.typed else 2
        for row in state.rows:
            for words in (row.name, row.lies_in):
                if text.fitted(words, (room, lines * least * text.LINE_HEIGHT), least, least, bold=True).cut:
                    return 1
        return 2

    def _turn(self, page: int) -> None:
        self.page = page
        self.redraw()

    def _toggle(self) -> None:
        self.searching = not self.searching
        self.page = 0
        if self.state.typed:
            self.surface.send(Find(""))
        self.redraw()

    def _press(self, key: str) -> None:
        typed = self.state.typed
        change: dict[str, Callable[[], str]] = {"clear": str, "back": lambda: typed[:-1]}
        self.surface.send(Find(change[key]() if key in change else typed + key.lower()))
