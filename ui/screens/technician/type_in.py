"""A figure of the technician's: a temperature, a number, a width."""

from typing import Final

from kiosk.view.common import Stay
from kiosk.view.technician import Asked, Typed, TypeIn
from ui import theme
from ui.screens.sheet import FLOOR
from ui.screens.technician.sheet import TechnicianSheet
from ui.surface import Box, Surface
from ui.technician_words import ASKED
from ui.widgets.button import WordButton
from ui.widgets.key_pad import CONSENT, DIGITS, KeyPad
from ui.widgets.shape import Panel
from ui.widgets.text import Text

_MOST: Final = {Asked.REFERENCE: 3, Asked.CERTIFICATE: 24, Asked.WIDTH: 3}


class TypeInScreen(TechnicianSheet[TypeIn]):
    """A field and keys.

    Attributes:
        value: what is typed.
    """

    def __init__(self, surface: Surface, state: TypeIn) -> None:
        self.value = ""
        super().__init__(surface, state)

    def draw(self, state: TypeIn) -> None:
        """Draw it."""
        say = self.say
        title, line, wrong = ASKED[state.asked]
        y = self.frame(say(title), say(line)) + 24
        letters = state.asked is Asked.CERTIFICATE
        field = Box(theme.MARGIN, 592 if letters else 648, theme.INNER, 136)
        if state.wrong and not self.value:
            self.note(say(wrong), y, field.y - 24 - y)
        self.put(Panel(self.surface, field, edge=theme.BLUE, weight=4))
        shown = self.value
        if state.asked is Asked.REFERENCE and len(shown) == 3:
            shown = f"{shown[:2]}.{shown[2]} ℃"
        if shown:
            inner = field.inset(32, 8)
            self.put(Text(self.surface, shown, inner, size=theme.QUESTION, bold=True, rise="middle"))
        keys, across = (CONSENT, 7) if letters else (DIGITS, 3)
        pad = Box(theme.MARGIN, field.bottom + 32, theme.INNER, FLOOR - field.bottom - 32)
        self.put(KeyPad(self.surface, pad, keys, across, self._press))

    def forward(self, box: Box) -> WordButton | None:
        """Take it."""
        least = 1 if self.state.asked is Asked.CERTIFICATE else 3
        return self.confirm(box, self._answer, enabled=len(self.value) >= least)

    def _press(self, key: str) -> None:
        if key == "clear":
            self.value = ""
        elif key == "back":
            self.value = self.value[:-1]
        elif len(self.value) < _MOST[self.state.asked]:
            self.value += key
        self.redraw()
        self.surface.send(Stay())

    def _answer(self) -> None:
        self.surface.send(Typed(self.value))
