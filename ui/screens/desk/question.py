"""One question a screen; the question is the title."""

from typing import Final

from kiosk.view.common import CallStaff
from kiosk.view.desk import Answer, AnswerProblem, Field, Question
from kiosk.view.screen import State
from ui import theme
from ui.language import N_
from ui.screens.desk.pages import HEIGHT as TURNER
from ui.screens.desk.pages import PageTurner
from ui.screens.sheet import FLOOR, DeskSheet, Sheet
from ui.surface import Box, Surface
from ui.widgets.bottom_row import HEIGHT as BOTTOM_HEIGHT
from ui.widgets.button import WordButton
from ui.widgets.choice_row import ChoiceRow
from ui.widgets.digit_pad import DigitPad
from ui.widgets.note import Note
from ui.widgets.shape import Panel
from ui.widgets.target import FILLED, OUTLINED
from ui.widgets.text import Text

_PROBLEMS: Final[dict[AnswerProblem, str]] = {
    AnswerProblem.NONE: "",
    AnswerProblem.EMPTY: N_("还没有填。请填好再点下一步。"),
    AnswerProblem.NOT_A_PHONE: N_("手机号码不对。请填 11 位手机号码。"),
    AnswerProblem.NOT_A_DATE: N_("没有这个日期。请按年、月、日填写，例如 2026-01-31。"),
    AnswerProblem.IN_THE_PAST: N_("这个日期已经过了。请填今天或以后的日期。"),
    AnswerProblem.IN_THE_FUTURE: N_("这个日期还没有到。请填今天或以前的日期。"),
    AnswerProblem.TOO_SHORT: N_("填得太短了。请检查是否填全。"),
    AnswerProblem.TOO_LONG: N_("填得太长了。请检查是否多填。"),
    AnswerProblem.OUT_OF_RANGE: N_("这个数不在范围内。请检查后重新填。"),
}
_DIGITS: Final = frozenset("0123456789")
_PAD: Final = Box(theme.MARGIN, 944, theme.INNER, FLOOR - 944)
_HIDDEN: Final = "••••"


def shown(field: Field, digits: str) -> str:
    """Typed digits as they are shown: a phone in 3-4-4, a date with its separators."""
    match field:
        case Field.PHONE:
            return " ".join(part for part in (digits[:3], digits[3:7], digits[7:]) if part)
        case Field.DATE:
            return "-".join(part for part in (digits[:4], digits[4:6], digits[6:]) if part)
        case _:
            return digits


def canonical(field: Field, digits: str) -> str:
    """Typed digits as the answer's canonical form."""
    return shown(field, digits) if field is Field.DATE else digits


def most(state: Question) -> int:
    """How many digits may be typed."""
    match state.field:
        case Field.PHONE:
            return 11
        case Field.DATE:
            return 8
        case _:
            return state.max_length


class QuestionScreen(DeskSheet[Question]):
    """The question, what explains it, and the way to answer it.

    Attributes:
        value: what is typed or chosen here: digits, or an option's key.
        page: of the options.
    """

    def __init__(self, surface: Surface, state: Question) -> None:
        self.value = self._given(state)
        self.page = 0
        super().__init__(surface, state)

    @staticmethod
    def _given(state: Question) -> str:
        if state.field in (Field.CHOICE, Field.CONFIRM):
            return state.value
        return "".join(character for character in state.value if character in _DIGITS)[: most(state)]

    def keep(self, before: Sheet[State]) -> None:
        """The same question again, with a problem or in another language: what was typed stays."""
        if isinstance(before, QuestionScreen) and (before.state.key, before.state.field) == (
            self.state.key,
            self.state.field,
        ):
            self.page = before.page
            if before.value and self.state.value in ("", before.state.value):
                self.value = before.value
            self.redraw()

    def draw(self, state: Question) -> None:
        """Draw it."""
        match state.field:
            case Field.CONFIRM:
                self.frame(forward=None)
            case _:
                self.frame(forward=self._answer, enabled=bool(self.value))
        say = self.say
        y = self.steps(state.step, state.steps)
        y = self.write(say.of(state.title), y + 40, 240, size=theme.QUESTION, bold=True)
        y = self.write(say.of(state.explanation), y + 12, 200, colour=theme.INK_SOFT)
        problem = _PROBLEMS[state.problem]
        match state.field:
            case Field.CHOICE:
                self._choices(state, self._note(problem, y + 32, 200))
            case Field.CONFIRM:
                self._confirm(state, self._note(problem, y + 32, 200))
            case _:
                self._digits(state, y + 40, problem)

    def _note(self, problem: str, top: float, room: float) -> float:
        if not problem:
            return top
        note = Note(self.surface, self.say(problem), Box(theme.MARGIN, top, theme.INNER, room))
        self.put(note)
        return note.bottom + 32

    # Choices ----------------------------------------------------------------------------------------------------

    def _choices(self, state: Question, top: float) -> None:
        top = max(top, 560.0)
        count = len(state.options)
        high, gap = 136.0, 24.0
        fit = int((FLOOR - top + gap) // (high + gap))
        if count > fit:
            fit = max(1, int((FLOOR - TURNER - top) // (high + gap)))
        pages = -(-count // fit) if count else 1
        for place, option in enumerate(state.options[self.page * fit : (self.page + 1) * fit]):
            box = Box(theme.MARGIN, top + place * (high + gap), theme.INNER, high)
            self.put(self._row(box, option.key, self.say.of(option.title)))
        if pages > 1:
            self.put(PageTurner(self.surface, FLOOR - TURNER, self.page, pages, self._turn))

    def _row(self, box: Box, key: str, title: str) -> ChoiceRow:
        def choose() -> None:
            self.value = key
            self.redraw()

        hidden = self.surface.discreet
        return ChoiceRow(self.surface, box, title, "", choose, chosen=key == self.value and not hidden)

    def _turn(self, page: int) -> None:
        self.page = page
        self.redraw()

    # A prefilled text -------------------------------------------------------------------------------------------

    def _confirm(self, state: Question, top: float) -> None:
        box = Box(theme.MARGIN, top + 24, theme.INNER, max(240.0, 1040 - top))
        self.put(Panel(self.surface, box, edge=theme.HAIRLINE))
        words = _HIDDEN if self.surface.discreet else state.value
        self.put(Text(self.surface, words, box.inset(48, 32), size=theme.TITLE, align="center", rise="middle"))
        yes = Box(theme.MARGIN, FLOOR - 2 * BOTTOM_HEIGHT - 24, theme.INNER, BOTTOM_HEIGHT)
        no = Box(theme.MARGIN, FLOOR - BOTTOM_HEIGHT, theme.INNER, BOTTOM_HEIGHT)
        self.put(
            WordButton(
                self.surface,
                yes,
                self.say("是，没有错"),
                Answer(state.key, state.value),
                look=FILLED,
                size=48,
                bold=True,
            )
        )
        self.put(WordButton(self.surface, no, self.say("不对，找工作人员"), CallStaff(), look=OUTLINED))

    # Digits -----------------------------------------------------------------------------------------------------

    def _digits(self, state: Question, top: float, problem: str) -> None:
        high = 144.0
        unit = self.say.of(state.unit)
        box = Box(theme.MARGIN, top, theme.INNER, high)
        edge = theme.AMBER_INK if problem else theme.BLUE
        self.put(Panel(self.surface, box, edge=edge, weight=4))
        inner = box.inset(40, 0)
        words = shown(state.field, self.value)
        if self.surface.discreet:
            words = _HIDDEN
        if words:
            self.put(
                Text(
                    self.surface,
                    words,
                    Box(inner.x, inner.y, inner.w - (160 if unit else 0), high),
                    size=theme.TITLE,
                    rise="middle",
                )
            )
        else:
            hint = {Field.PHONE: self.say("11 位手机号码"), Field.DATE: self.say("年年年年-月月-日日")}.get(
                state.field, ""
            )
            if hint:
                self.put(Text(self.surface, hint, inner, colour=theme.INK_SOFT, rise="middle"))
        if unit:
            self.put(
                Text(
                    self.surface,
                    unit,
                    Box(inner.right - 160, inner.y, 160, high),
                    colour=theme.INK_SOFT,
                    align="right",
                    rise="middle",
                )
            )
        if problem:
            note = Note(self.surface, self.say(problem), Box(theme.MARGIN, box.bottom + 16, theme.INNER, 184))
            self.put(note)
        self.put(DigitPad(self.surface, _PAD, self._press))

    def _press(self, key: str) -> None:
        if key == "clear":
            self.value = ""
        elif key == "back":
            self.value = self.value[:-1]
        elif len(self.value) < most(self.state):
            self.value += key
        self.redraw()

    def _answer(self) -> None:
        self.surface.send(Answer(self.state.key, canonical(self.state.field, self.value)))
