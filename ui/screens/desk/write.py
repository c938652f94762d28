"""A question that is answered by writing: what stands there, what the letters may mean, and the keys."""

from typing import Final

from kivy.uix.widget import Widget

from kiosk.view.common import Next
from kiosk.view.typing import Alike, Delete, Ink, Key, Layout, Pick, Turn, Use, Write
from ui import text, theme
from ui.language import N_
from ui.screens.desk.question import problem_words
from ui.screens.sheet import FLOOR, DeskSheet
from ui.surface import Box, Surface, Toward
from ui.widgets.button import WordButton
from ui.widgets.keyboard import BACK, CLEAR, GAP, Keyboard, Layouts
from ui.widgets.note import Note
from ui.widgets.rare_keys import RARE, RareKeys
from ui.widgets.shape import Panel
from ui.widgets.stroke_field import Guide, StrokeField, Strokes
from ui.widgets.target import CHOSEN, OUTLINED, PLAIN
from ui.widgets.text import Text

_EDGE: Final = 15.0
"""Of the keys to the side of the screen: ten keys need nearly all of it."""
_WIDE: Final = theme.WIDTH - 2 * _EDGE
_KEYS: Final = Box(_EDGE, FLOOR - 462, _WIDE, 462)
_LAYOUTS: Final = Box(_EDGE, _KEYS.y - GAP - 100, _WIDE, 100)
_ROW: Final = 100.0
_ROWS: Final = 3
_HIGH: Final = _ROWS * _ROW + (_ROWS - 1) * GAP
_LIST: Final = Box(_EDGE, _LAYOUTS.y - 16 - _HIGH, _WIDE - 120 - GAP, _HIGH)
_FIELD: Final = Box(theme.MARGIN, _LIST.y - 16 - 136, theme.INNER, 136)
_HIDDEN: Final = "••••"
_WORDS: Final[dict[Layout, str]] = {
    Layout.PINYIN: N_("拼音"),
    Layout.HAND: N_("手写"),
    Layout.STROKES: N_("生僻字"),
    Layout.LATIN: N_("字母"),
    Layout.DIGITS: N_("数字"),
}
_HINTS: Final[dict[Layout, str]] = {
    Layout.PINYIN: N_("用拼音输入，再点要用的字词。"),
    Layout.HAND: N_("在下面的格子里一次写一个字。"),
    Layout.STROKES: N_("从第一笔起，按横、竖、撇、点、折点选。"),
    Layout.PARTS: N_("点这个字里有的部件，例如三点水和木。"),
    Layout.CODE: N_("输入字的编码，工作人员可以帮您查。"),
    Layout.LATIN: "",
    Layout.DIGITS: "",
    Layout.IDENTITY: "",
}


class WriteScreen(DeskSheet[Write]):
    """The question, the text so far, the candidates, the keys."""

    def __init__(self, surface: Surface, state: Write) -> None:
        self._live: list[Widget] = []
        self._ink: StrokeField | None = None
        self._keys: Widget | None = None
        self._parts = 0
        """Which page of the parts is shown."""
        self._first = 0
        """The first candidate of the page that is shown: long ones take more than one look."""
        # For somebody who sits the candidates begin within reach; the keys become as much lower.
        self._down = max(0.0, surface.reach - _LIST.y)
        super().__init__(surface, state)

    def _lowered(self, box: Box) -> Box:
        return Box(box.x, box.y + self._down, box.w, box.h)

    @property
    def _key_room(self) -> Box:
        return Box(_KEYS.x, _KEYS.y + self._down, _KEYS.w, _KEYS.h - self._down)

    def take(self, state: Write) -> bool:
        """Another key of the same question: only the text and the candidates change."""
        before = self.state
        if (state.question, state.layout, state.alike) != (before.question, before.layout, before.alike):
            return False
        if bool(state.text or state.composing) != bool(before.text or before.composing):
            return False  # the button to go on changes with it
        if (state.page, state.candidates) != (before.page, before.candidates):
            self._first = 0
        if self._ink is not None and (state.text != before.text or not state.candidates):
            self._ink.wipe()
        self.state = state
        for widget in self._live:
            self.remove_widget(widget)
        self._live = []
        self._changing(state)
        return True

    def draw(self, state: Write) -> None:
        """Draw it."""
        self._live, self._ink = [], None
        question = state.question
        field, keys = self._lowered(_FIELD), self._key_room
        self.frame(forward=Next(), enabled=bool(state.text or state.composing or question.optional))
        y = self.steps(question.step, question.steps)
        room = field.y - 16 - y - 16
        problem = problem_words(question, self.say)
        high = room * (0.45 if problem else 1.0)
        title = self.write(self.say.of(question.title), y + 16, high, size=theme.QUESTION, bold=True)
        rest = Box(theme.MARGIN, title + 8, theme.INNER, field.y - 16 - title - 8)
        if problem:
            self.put(Note(self.surface, problem, rest))
        else:
            told = state.before if state.before and not self.surface.discreet else self.say.of(question.explanation)
            if told and text.fitted(told, (rest.w, rest.h), self.surface.smallest, self.surface.smallest).cut is False:
                self.put(Text(self.surface, told, rest, size=theme.CAPTION, colour=theme.INK_SOFT))
        self._choose(state)
        if state.layout is Layout.HAND:
            wide = 200.0
            self._ink = StrokeField(
                self.surface, Box(keys.x, keys.y, keys.w - wide - GAP, keys.h), Guide.CROSS, self._written
            )
            self.put(self._ink)
            side = Box(keys.right - wide, keys.y, wide, (keys.h - GAP) / 2)
            self.put(WordButton(self.surface, side, self.say("清空"), Delete(everything=True)))
            lower = Box(side.x, side.bottom + GAP, wide, side.h)
            self.put(
                WordButton(
                    self.surface,
                    lower,
                    "",
                    Delete(),
                    pictogram="backspace",
                    size=theme.QUESTION,
                    told=self.surface.words("删去一个"),
                )
            )
        else:
            self._keys = self._made_keys(state.layout)
            self.put(self._keys)
        self._changing(state)

    def _choose(self, state: Write) -> None:
        alike = state.layout is Layout.PINYIN
        wide = 200.0 if alike else 0.0
        row = self._lowered(_LAYOUTS)
        box = Box(row.x, row.y, row.w - (wide + GAP if alike else 0), row.h)
        words = {layout: self.say(told) for layout, told in _WORDS.items()}
        shown = Layout.STROKES if state.layout in RARE else state.layout
        self.put(Layouts(self.surface, box, words, shown, self._use))
        if alike:
            # 模糊音: those who say n for l and z for zh find their words, too.
            where = Box(box.right + GAP, box.y, wide, box.h)
            look = CHOSEN if state.alike else PLAIN
            said = self.say("模糊音")
            self.put(
                WordButton(
                    self.surface,
                    where,
                    said,
                    Alike(not state.alike),
                    look=look,
                    pictogram="tick" if state.alike else None,
                    bold=state.alike,
                    size=theme.CAPTION,
                )
            )

    def _made_keys(self, layout: Layout) -> Widget:
        if layout in RARE:
            return RareKeys(self.surface, self._key_room, layout, self._parts, self._press, self._use, self._turn_parts)
        return Keyboard(self.surface, self._key_room, layout, self._press)

    def _turn_parts(self, page: int) -> None:
        """Other parts; what is being composed stays."""
        self._parts = page
        if self._keys is not None:
            self.remove_widget(self._keys)
        self._keys = self._made_keys(self.state.layout)
        self.put(self._keys)

    # What changes with every key --------------------------------------------------------------------------------

    def _changing(self, state: Write) -> None:
        field = self._lowered(_FIELD)
        self._show(Panel(self.surface, field, edge=theme.BLUE, weight=4))
        inner = field.inset(32, 12)
        written = state.text
        if self.surface.discreet:
            written = _HIDDEN if written else ""
        line = max(48.0, self.surface.smallest * text.LINE_HEIGHT)
        upper = Box(inner.x, inner.y, inner.w, inner.h - (line if state.composing else 0))
        lower = Box(inner.x, inner.bottom - line, inner.w, line)
        if written:
            self._show(Text(self.surface, written, upper, size=theme.QUESTION, rise="middle"))
        composing = _HIDDEN if state.composing and self.surface.discreet else state.composing
        if composing:
            self._show(Text(self.surface, composing, lower, size=theme.BODY, colour=theme.BLUE, rise="bottom"))
        elif _HINTS[state.layout] and not state.candidates:
            hint = self.say(_HINTS[state.layout])
            self._show(Text(self.surface, hint, self._lowered(_LIST).inset(49, 24), colour=theme.INK_SOFT))
        if state.candidates and not self.surface.discreet:
            self._candidates(state)

    def _show(self, widget: Widget) -> None:
        self._live.append(widget)
        self.put(widget)

    def _candidates(self, state: Write) -> None:
        room = self._lowered(_LIST)
        x, y = room.x, room.y
        shown = 0
        letters = self.surface.letters(theme.QUESTION)
        for number, candidate in enumerate(state.candidates[self._first :], start=self._first):
            wide = min(room.w, max(110.0, text.width(candidate, bold=False) * letters + 56))
            if x > room.x and x + wide > room.right:
                x, y = room.x, y + _ROW + GAP
            if y + _ROW > room.bottom + 1:
                break
            look = OUTLINED if number == 0 else PLAIN
            box = Box(x, y, wide, _ROW)
            self._show(WordButton(self.surface, box, candidate, Pick(number), look=look, size=theme.QUESTION))
            x += wide + GAP
            shown += 1
        last = self._first + shown
        forward = last < len(state.candidates) or state.more
        if self._first == 0 and state.page == 0 and not forward:
            return
        high = (room.h - GAP) / 2
        upper = Box(room.right + GAP, room.y, 120, high)
        lower = Box(upper.x, upper.bottom + GAP, 120, high)

        def before() -> None:
            if self._first:
                self._look(0)
            else:
                self.surface.send(Turn(state.page - 1))

        def after() -> None:
            if last < len(state.candidates):
                self._look(last)
            else:
                self.surface.send(Turn(state.page + 1))

        back = bool(self._first or state.page)
        self._show(
            WordButton(
                self.surface,
                upper,
                "",
                before,
                pictogram="chevron",
                toward=Toward.DOWN,
                enabled=back,
                told=self.say("前面的字词"),
            )
        )
        self._show(
            WordButton(
                self.surface, lower, "", after, pictogram="chevron", enabled=forward, told=self.say("后面的字词")
            )
        )

    def _look(self, first: int) -> None:
        self._first = first
        for widget in self._live:
            self.remove_widget(widget)
        self._live = []
        self._changing(self.state)

    # Touches ----------------------------------------------------------------------------------------------------

    def _press(self, key: str) -> None:
        if key == BACK:
            self.surface.send(Delete())
        elif key == CLEAR:
            self.surface.send(Delete(everything=True))
        else:
            self.surface.send(Key(key))

    def _use(self, layout: Layout) -> None:
        self.surface.send(Use(layout))

    def _written(self, strokes: Strokes) -> None:
        self.surface.send(Ink(strokes))
