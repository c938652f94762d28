"""One question a screen; the question is the title."""

from collections.abc import Callable
from typing import Final

from kiosk.view.common import CallStaff
from kiosk.view.desk import Answer, AnswerProblem, Field, Option, Part, Question
from kiosk.view.screen import State
from ui import theme
from ui.language import N_, Speech
from ui.screens.desk.pages import HEIGHT as TURNER
from ui.screens.desk.pages import PageTurner
from ui.screens.desk.typed import LETTER_FIELDS, canonical, left_key, pressed, shown, typed
from ui.screens.sheet import FLOOR, DeskSheet, Sheet
from ui.surface import Box, Surface
from ui.widgets.bottom_row import HEIGHT as BOTTOM_HEIGHT
from ui.widgets.button import WordButton
from ui.widgets.choice_row import ChoiceRow
from ui.widgets.key_pad import KeyPad, digits
from ui.widgets.letter_pad import HEIGHT as LETTERS
from ui.widgets.letter_pad import LetterPad
from ui.widgets.note import Note
from ui.widgets.shape import Panel
from ui.widgets.target import FILLED, OUTLINED
from ui.widgets.text import Text
from ui.widgets.top_bar import HEIGHT as TOP_HEIGHT

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
    AnswerProblem.NOT_AN_ID: N_("身份证号码不对。请照着证件一位一位核对。"),
    AnswerProblem.NOT_A_CREDIT_CODE: N_("信用代码不对。请照着营业执照一位一位核对。"),
    AnswerProblem.NOT_AN_AMOUNT: N_("金额不对。请填数字，最多两位小数。"),
    AnswerProblem.TOO_FEW: N_("还没有选够。请再选。"),
    AnswerProblem.TOO_MANY: N_("选得太多了。请去掉几项。"),
    AnswerProblem.WRONG_FORM: N_("格式不对。请检查后重新填。"),
    AnswerProblem.CONTRADICTS: N_("和前面填的不一致。请检查。"),
}
_PAD: Final = Box(theme.MARGIN, FLOOR - LETTERS, theme.INNER, LETTERS)
_HIDDEN: Final = "••••"
_LONG: Final = frozenset({Field.TEXT, Field.ADDRESS})


def problem_words(state: Question, say: Speech) -> str:
    """What is wrong with an answer, in the item's own words where it has some; empty when nothing is."""
    if state.problem is AnswerProblem.NONE:
        return ""
    return say.of(state.message) or say(_PROBLEMS[state.problem])


class QuestionScreen(DeskSheet[Question]):
    """The question, what explains it, and the way to answer it.

    Attributes:
        value: what is typed or chosen here: characters, or keys of options.
        page: of the options.
    """

    def __init__(self, surface: Surface, state: Question) -> None:
        self.value = typed(state)
        self.page = 0
        super().__init__(surface, state)

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
                self.frame(forward=self._answer, enabled=bool(self.value) or state.optional)
        say = self.say
        y = self._place(state)
        y = self.write(say.of(state.title), y + 40, 240, size=theme.QUESTION, bold=True)
        y = self.write(say.of(state.explanation), y + 12, 160, colour=theme.INK_SOFT)
        if state.prefilled:
            y = self.write(say("已经替您填好，不对可以改。"), y + 12, 64, size=theme.CAPTION, colour=theme.BLUE)
        if state.optional:
            y = self.write(say("可以不填，直接点下一步。"), y + 12, 64, size=theme.CAPTION, colour=theme.BLUE)
        problem = (
            say.of(state.message) or say(_PROBLEMS[state.problem]) if state.problem is not AnswerProblem.NONE else ""
        )
        match state.field:
            case Field.CHOICE | Field.MULTI:
                self._choices(state, self._note(problem, y + 32, 200))
            case Field.CONFIRM:
                self._confirm(state, self._note(problem, y + 32, 200))
            case _:
                self._typed(state, y + 32, problem)

    def _place(self, state: Question) -> float:
        """How far one is; returns where it ends."""
        if state.part is Part.FORM:
            return self.steps(state.step, state.steps)
        words = self.say("先看能不能办：第 {step} 题，共 {steps} 题").format(step=state.step, steps=state.steps)
        return self.write(words, TOP_HEIGHT + 40, 72, size=theme.CAPTION, colour=theme.INK_SOFT)

    def _note(self, problem: str, top: float, room: float) -> float:
        if not problem:
            return top
        note = Note(self.surface, problem, Box(theme.MARGIN, top, theme.INNER, room))
        self.put(note)
        return note.bottom + 32

    # Choices ----------------------------------------------------------------------------------------------------

    def _choices(self, state: Question, top: float) -> None:
        top = self.from_reach(max(top, 560.0))
        count = len(state.options)
        high, gap = (160.0 if any(self.say.of(option.line) for option in state.options) else 136.0), 24.0
        fit = self.at_once((FLOOR - top + gap) // (high + gap))
        if count > fit:
            fit = self.at_once((FLOOR - TURNER - top) // (high + gap))
        pages = -(-count // fit) if count else 1
        for place, option in enumerate(state.options[self.page * fit : (self.page + 1) * fit]):
            box = Box(theme.MARGIN, top + place * (high + gap), theme.INNER, high)
            self.put(self._row(box, option))
        if pages > 1:
            self.put(PageTurner(self.surface, FLOOR - TURNER, self.page, pages, self._turn))

    def _row(self, box: Box, option: Option) -> ChoiceRow:
        def choose() -> None:
            self.value = self._toggled(option.key) if self.state.field is Field.MULTI else option.key
            self.redraw()

        chosen = option.key in self.value.split(",") and not self.surface.discreet
        return ChoiceRow(self.surface, box, self.say.of(option.title), self.say.of(option.line), choose, chosen=chosen)

    def _toggled(self, key: str) -> str:
        """The chosen keys with one more, or one fewer, in the order of the options."""
        chosen = set(filter(None, self.value.split(","))) ^ {key}
        return ",".join(option.key for option in self.state.options if option.key in chosen)

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

    # Typing -----------------------------------------------------------------------------------------------------

    def _typed(self, state: Question, top: float, problem: str) -> None:
        high = 176.0 if state.field in _LONG else 144.0
        unit = self.say.of(state.unit)
        box = Box(theme.MARGIN, top, theme.INNER, high)
        edge = theme.AMBER_INK if problem else theme.BLUE
        self.put(Panel(self.surface, box, edge=edge, weight=4))
        inner = box.inset(40, 0)
        words = _HIDDEN if self.surface.discreet else shown(state.field, self.value)
        if words:
            room = Box(inner.x, inner.y, inner.w - (200 if unit else 0), high)
            size = theme.BODY if state.field in _LONG else theme.TITLE
            self.put(Text(self.surface, words, room, size=size, rise="middle"))
        else:
            self._example(state.field, Box(inner.x, inner.y, inner.w - (200 if unit else 0), high))
        if unit:
            place = Box(inner.right - 200, inner.y, 200, high)
            self.put(Text(self.surface, unit, place, colour=theme.INK_SOFT, align="right", rise="middle"))
        if problem:
            room = Box(theme.MARGIN, box.bottom + 16, theme.INNER, _PAD.y - box.bottom - 32)
            self.put(Note(self.surface, problem, room))
        if state.field in LETTER_FIELDS:
            self.lasting(_letters, self._press, state.field in _LONG)
        else:
            self.lasting(KeyPad, _PAD, digits(left_key(state.field)), 3, self._press)

    def _example(self, field: Field, box: Box) -> None:
        words = {
            Field.PHONE: self.say("11 位手机号码"),
            Field.DATE: self.say("年年年年-月月-日日"),
            Field.ID_NUMBER: self.say("18 位身份证号码"),
            Field.CREDIT_CODE: self.say("18 位信用代码"),
        }.get(field, "")
        if words:
            self.put(Text(self.surface, words, box, colour=theme.INK_SOFT, rise="middle"))

    def _press(self, key: str) -> None:
        self.value = pressed(self.state, self.value, key)
        self.redraw()

    def _answer(self) -> None:
        self.surface.send(Answer(self.state.key, canonical(self.state.field, self.value)))


def _letters(surface: Surface, press: Callable[[str], None], blank: bool) -> LetterPad:  # noqa: FBT001  part of a key
    return LetterPad(surface, _PAD, press, blank=blank)
