"""What the staff screens share: title, what was registered, and back and leave at their fixed places."""

from typing import Final

from kiosk.view.common import Back, Cancel
from ui import theme
from ui.language import N_
from ui.reasons import advice
from ui.screens.sheet import Sheet, Shown
from ui.staff_words import STAFF_REASONS
from ui.surface import Box, Surface, Toward
from ui.widgets.bottom_row import HEIGHT as BOTTOM_HEIGHT
from ui.widgets.bottom_row import TOP as BOTTOM_TOP
from ui.widgets.button import WordButton
from ui.widgets.note import Note
from ui.widgets.target import FILLED, OUTLINED, PLAIN
from ui.widgets.top_bar import HEIGHT as TOP_HEIGHT

_BACK: Final = 312
HIDDEN: Final = "••••"
"""Instead of what was typed, in the picture that goes to the hub."""


def reason_for_staff(reason: str, surface: Surface) -> str:
    """A reason as staff read it, as source text; in the picture that goes to the hub, as the person in front does."""
    return ("" if surface.discreet else STAFF_REASONS.get(reason, "")) or advice(reason).what


class StaffSheet(Sheet[Shown]):
    """A screen of the staff. Quieter than a citizen's: more to read, from an arm's length.

    Attributes:
        leave_words: of the button that leaves, its source text.
    """

    leave_words = N_("退出工作人员界面")

    def frame(self, title: str, line: str = "", *, back: bool = True, size: float = theme.QUESTION) -> float:
        """Bars, title and one line; returns where they end."""
        self.head()
        self.bars(help_here=False, remote=False)
        self._bottom(back=back)
        y = self.write(title, TOP_HEIGHT + 24, 152, size=size, bold=True)
        return self.write(line, y + 4, 120, size=theme.CAPTION, colour=theme.INK_SOFT)

    def _bottom(self, *, back: bool) -> None:
        say = self.say
        right = Box(theme.MARGIN, BOTTOM_TOP, theme.INNER, BOTTOM_HEIGHT)
        if back:
            place = Box(right.x, right.y, _BACK, right.h)
            self.put(
                WordButton(
                    self.surface, place, say("上一步"), Back(), look=OUTLINED, pictogram="chevron", toward=Toward.DOWN
                )
            )
            right = Box(place.right + theme.GAP, right.y, right.right - place.right - theme.GAP, right.h)
        forward = self.forward(right)
        self.put(forward or WordButton(self.surface, right, say(self.leave_words), Cancel(), look=PLAIN))

    def forward(self, box: Box) -> WordButton | None:
        """The button on the right, where it is not for leaving."""
        del box
        return None

    def confirm(self, box: Box, act: "object", *, enabled: bool) -> WordButton:
        """The one filled button: what was typed is to be taken."""
        assert callable(act)
        return WordButton(self.surface, box, self.say("确定"), act, look=FILLED, size=48, bold=True, enabled=enabled)

    def note(self, words: str, top: float, room: float, *, warning: bool = True) -> float:
        """A note; returns where it ends, with the space after it."""
        if not words:
            return top
        note = Note(self.surface, words, Box(theme.MARGIN, top, theme.INNER, room), warning=warning)
        self.put(note)
        return note.bottom + 24
