"""What the two PIN screens share, the staff's and the technician's: one dot a digit, ten keys, one answer."""

from typing import Final

from kiosk.view.common import Stay
from kiosk.view.screen import Intent
from ui import theme
from ui.screens.attendant.sheet import StaffSheet
from ui.screens.sheet import FLOOR, Shown
from ui.surface import Box, Surface
from ui.widgets.button import WordButton
from ui.widgets.key_pad import DIGITS, KeyPad
from ui.widgets.shape import Disc, Panel

LEAST: Final = 6
MOST: Final = 12
_FIELD: Final = Box(theme.MARGIN, 648, theme.INNER, 144)
_PAD: Final = Box(theme.MARGIN, _FIELD.bottom + 40, theme.INNER, FLOOR - _FIELD.bottom - 40)
_DOT: Final = 32


class PinSheet(StaffSheet[Shown]):
    """A PIN is typed here and never shown.

    Attributes:
        value: what is typed.
    """

    def __init__(self, surface: Surface, state: Shown) -> None:
        self.value = ""
        super().__init__(surface, state)

    @property
    def closed(self) -> bool:
        """Whether no PIN is taken now."""
        raise NotImplementedError  # as in `Sheet.draw`: Kivy's metaclass leaves no room for an abstract class

    def answer(self, digits: str) -> Intent:
        """What is sent when a PIN was typed."""
        raise NotImplementedError  # each of the two has its own

    def head_and_problem(self, title: str, line: str, problem: str) -> None:
        """Draw the title, and what was wrong with the last PIN; empty for nothing."""
        y = self.frame(title, line) + 32
        self.note(problem, y, _FIELD.y - 24 - y)

    def dots(self) -> None:
        """Draw the field with one dot a digit."""
        self.put(Panel(self.surface, _FIELD, edge=theme.BLUE, weight=4))
        # in the picture for the hub even the length is left out
        count = 0 if self.surface.discreet else len(self.value)
        left = theme.WIDTH / 2 - (2 * count - 1) * _DOT / 2
        for place in range(count):
            self.put(Disc(self.surface, Box(left + place * 2 * _DOT, _FIELD.y + 56, _DOT, _DOT), theme.INK))

    def keys(self) -> None:
        """Draw the ten keys."""
        self.lasting(KeyPad, _PAD, DIGITS, 3, self._press)

    def forward(self, box: Box) -> WordButton | None:
        """Take the PIN."""
        return self.confirm(box, self._answer, enabled=len(self.value) >= LEAST and not self.closed)

    def _press(self, key: str) -> None:
        if key == "clear":
            self.value = ""
        elif key == "back":
            self.value = self.value[:-1]
        elif len(self.value) < MOST:
            self.value += key
        self.redraw()
        self.surface.send(Stay())  # somebody is here: typing a long PIN takes its time

    def _answer(self) -> None:
        typed, self.value = self.value, ""
        self.redraw()
        self.surface.send(self.answer(typed))
