"""Back on the left, next on the right: always at the same place, and next is the only filled button."""

from collections.abc import Callable

from kivy.uix.widget import Widget

from kiosk.view.common import Back, Next
from kiosk.view.screen import Intent
from ui import theme
from ui.surface import Box, Surface, Toward
from ui.widgets.button import WordButton
from ui.widgets.target import FILLED, OUTLINED

TOP = 1752
HEIGHT = 128
_BACK = 312


class BottomRow(Widget):
    """The row.

    Args:
        surface: where it is drawn.
        back: what the left button does; None leaves it out.
        forward: what the right one does; None leaves it out.
        words: of the right one, "next" when empty.
        enabled: whether the right one answers.
    """

    def __init__(
        self,
        surface: Surface,
        *,
        back: Intent | Callable[[], None] | None = Back(),  # noqa: B008  frozen, without state
        forward: Intent | Callable[[], None] | None = Next(),  # noqa: B008  the same
        words: str = "",
        enabled: bool = True,
    ) -> None:
        box = Box(theme.MARGIN, TOP, theme.INNER, HEIGHT)
        super().__init__(size_hint=(None, None), pos=surface.pos(box), size=surface.size(box))
        say = surface.words
        if back is not None:
            place = Box(box.x, box.y, _BACK, box.h)
            button = WordButton(
                surface,
                place,
                say("上一步"),
                back,
                look=OUTLINED,
                pictogram="chevron",
                toward=Toward.DOWN,
                size=theme.BODY,
            )
            self.add_widget(button)
        if forward is not None:
            left = box.x + (_BACK + theme.GAP if back is not None else 0)
            place = Box(left, box.y, box.right - left, box.h)
            self.add_widget(
                WordButton(
                    surface, place, words or say("下一步"), forward, look=FILLED, size=48, bold=True, enabled=enabled
                )
            )
