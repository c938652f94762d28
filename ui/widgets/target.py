"""Whatever can be touched: it shows the press within a frame and acts when the finger leaves inside it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from kivy.input.motionevent import MotionEvent

from kiosk.view.screen import Intent
from ui import theme
from ui.surface import Box, Surface
from ui.widgets.drawn import Drawn
from ui.widgets.shape import Panel
from ui.widgets.text import Text


@dataclass(frozen=True, slots=True)
class Look:
    """Colours of a target."""

    fill: theme.Colour
    pressed: theme.Colour
    ink: theme.Colour
    edge: theme.Colour | None = None


FILLED: Final = Look(theme.BLUE, theme.BLUE_PRESSED, theme.WHITE)
"""The one thing to press next."""
PLAIN: Final = Look(theme.SURFACE, theme.SAND, theme.INK, theme.EDGE)
OUTLINED: Final = Look(theme.SURFACE, theme.BLUE_TINT_PRESSED, theme.BLUE, theme.BLUE)
CHOSEN: Final = Look(theme.BLUE_TINT, theme.BLUE_TINT_PRESSED, theme.BLUE, theme.BLUE)
WARM: Final = Look(theme.HELP_TINT, theme.HELP_TINT_PRESSED, theme.HELP, theme.HELP)
"""Help from a person."""
OFF: Final = Look(theme.SAND, theme.SAND, theme.INK_SOFT)
"""Cannot be pressed now."""


class Target(Drawn):
    """A touchable panel.

    Args:
        surface: where it is drawn.
        box: its place.
        act: an intent that is sent, or what is called.
        look: its colours.
        enabled: whether it answers.
        told: what it is called aloud, where it has no words; the words otherwise.
        sign: name of its pictogram.

    Attributes:
        act: as given.
        box: as given.
        chosen: whether it is the one of several that holds, or is switched on.
    """

    def __init__(
        self,
        surface: Surface,
        box: Box,
        act: Intent | Callable[[], None],
        *,
        look: Look = PLAIN,
        enabled: bool = True,
        radius: float = theme.RADIUS,
        weight: float = 2.0,
        told: str = "",
        sign: str = "",
    ) -> None:
        super().__init__(surface.pos(box), surface.size(box))
        self._told = told
        self.sign = sign
        self.surface = surface
        self.box = box
        self.act = act
        self.look = look if enabled else OFF
        self.enabled = enabled
        self.chosen = enabled and look is CHOSEN
        self._panel = Panel(surface, box, fill=self.look.fill, edge=self.look.edge, radius=radius, weight=weight)
        self.add_widget(self._panel)

    @property
    def words(self) -> str:
        """All that is written on it."""
        return " ".join(child.content for child in reversed(self.children) if isinstance(child, Text))

    @property
    def told(self) -> str:
        """What it is called aloud."""
        return self._told or self.words

    def on_touch_down(self, touch: MotionEvent) -> bool:
        """Take the touch when it is inside."""
        if not self.enabled or not self.collide_point(*touch.pos):
            return False
        touch.grab(self)
        self.show_pressed()
        return True

    def show_pressed(self) -> None:
        """As while a finger is on it."""
        self._panel.paint(self.look.pressed)

    def on_touch_move(self, touch: MotionEvent) -> bool:
        """Show whether leaving the screen here would count."""
        if touch.grab_current is not self:
            return False
        self._panel.paint(self.look.pressed if self.collide_point(*touch.pos) else self.look.fill)
        return True

    def on_touch_up(self, touch: MotionEvent) -> bool:
        """Act when the finger is still inside."""
        if touch.grab_current is not self:
            return False
        touch.ungrab(self)
        self._panel.paint(self.look.fill)
        if self.collide_point(*touch.pos):
            self.do()
        return True

    def do(self) -> None:
        """Act, as if touched."""
        if callable(self.act):
            self.act()
        else:
            self.surface.send(self.act)
