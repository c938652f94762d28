"""One thing to type: a temperature, a count, a document's number, a name."""

from typing import Final, NamedTuple

from kiosk.view.attendant import Asked, Typed, TypedProblem, TypeIn
from kiosk.view.common import Stay
from kiosk.view.screen import State
from ui import theme
from ui.language import N_
from ui.screens.attendant.sheet import HIDDEN, StaffSheet
from ui.screens.sheet import FLOOR, Sheet
from ui.surface import Box, Surface
from ui.widgets import key_pad as keys
from ui.widgets.button import WordButton
from ui.widgets.shape import Panel
from ui.widgets.text import Text


class _Way(NamedTuple):
    title: str
    line: str
    keys: tuple[str, ...]
    across: int
    most: int


_WAYS: Final[dict[Asked, _Way]] = {
    Asked.TEMPERATURE: _Way(N_("复测体温是多少？"), N_("输入三位数字，365 就是 36.5 ℃。"), keys.DIGITS, 3, 3),
    Asked.COUNT: _Way(N_("现在厅内有多少人？"), N_("屏幕上的人数是 {told}，以实际点数为准。"), keys.DIGITS, 3, 6),
    Asked.NUMBER: _Way(N_("请输入 18 位证件号码"), N_("照着证件输入，末位可以是 X。"), keys.IDENTITY, 3, 18),
    Asked.PASSPORT: _Way(N_("请输入证件号码"), N_("照着证件输入，字母和数字。"), keys.PASSPORT, 7, 18),
    Asked.CONSENT: _Way(N_("书面同意书的编号"), N_("照着签好的同意书输入，字母、数字和短横线。"), keys.CONSENT, 7, 32),
    Asked.NAME: _Way(N_("姓名（可以不填）"), N_("用拼音或证件上的字母，只登记号码也可以。"), keys.LETTERS, 7, 40),
}
_PROBLEMS: Final[dict[TypedProblem, str]] = {
    TypedProblem.EMPTY: N_("还没有输入。"),
    TypedProblem.TEMPERATURE: N_("体温要在 34.0 至 42.0 ℃ 之间。请看清读数，再输入三位数字。"),
    TypedProblem.CHECK_CHARACTER: N_("号码没有通过校验。请对照证件逐位检查；还是不对，请按可疑证件处理。"),
    TypedProblem.PASSPORT: N_("证件号码是 5 至 18 位字母和数字。"),
    TypedProblem.CONSENT: N_("编号是 3 至 32 位字母、数字或短横线。请对照同意书再输入。"),
    TypedProblem.COUNT: N_("请输入 0 至 100000 的人数。"),
}


def shown(asked: Asked, typed: str) -> str:
    """What was typed as it is shown: a temperature with its point, an identity number in 6-8-4."""
    match asked:
        case Asked.TEMPERATURE:
            return f"{typed[:2]}.{typed[2:]}" if len(typed) > 2 else typed
        case Asked.NUMBER:
            return " ".join(part for part in (typed[:6], typed[6:14], typed[14:]) if part)
        case _:
            return typed


class TypeInScreen(StaffSheet[TypeIn]):
    """The question, what is typed, the keys.

    Attributes:
        value: what is typed.
    """

    def __init__(self, surface: Surface, state: TypeIn) -> None:
        self.value = state.before[: _WAYS[state.asked].most]
        super().__init__(surface, state)

    def keep(self, before: Sheet[State]) -> None:
        """The same question in another language or size: what was typed stays."""
        if isinstance(before, TypeInScreen) and before.state == self.state:
            self.value = before.value
            self.redraw()

    def draw(self, state: TypeIn) -> None:
        """Draw it."""
        say, way = self.say, _WAYS[state.asked]
        told = "" if state.asked is Asked.COUNT or not state.told else f"{state.told} · "
        y = self.frame(say(way.title), told + say(way.line).format(told=state.told)) + 24
        letters = way.across > 3
        field = Box(theme.MARGIN, 592 if letters else 648, theme.INNER, 136)
        if state.problem in _PROBLEMS:
            self.note(say(_PROBLEMS[state.problem]), y, field.y - 16 - y)
        self.put(
            Panel(self.surface, field, edge=theme.AMBER_INK if state.problem in _PROBLEMS else theme.BLUE, weight=4)
        )
        words = HIDDEN if self.surface.discreet else shown(state.asked, self.value)
        if state.asked is Asked.TEMPERATURE and self.value and not self.surface.discreet:
            words = f"{words} ℃"
        if words:
            inner = field.inset(40, 0)
            self.put(Text(self.surface, words, inner, size=theme.QUESTION, rise="middle", align="center"))
        pad = Box(theme.MARGIN, field.bottom + 32, theme.INNER, FLOOR - field.bottom - 32)
        self.lasting(keys.KeyPad, pad, way.keys, way.across, self._press)

    def forward(self, box: Box) -> WordButton | None:
        """Take what was typed."""
        return self.confirm(box, self._answer, enabled=bool(self.value) or self.state.asked is Asked.NAME)

    def _press(self, key: str) -> None:
        if key == "clear":
            self.value = ""
        elif key == "back":
            self.value = self.value[:-1]
        elif len(self.value) < _WAYS[self.state.asked].most:
            self.value += key
        self.redraw()
        self.surface.send(Stay())  # somebody is here: typing a long number takes its time

    def _answer(self) -> None:
        self.surface.send(Typed(self.value))
