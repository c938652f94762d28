"""What makes a screen easier, one touch each: large type, contrast, low controls, calm; and how loud the voice is."""

from collections.abc import Callable
from typing import Final, NamedTuple

from kivy.uix.widget import Widget

from kiosk.view.common import Mode, SwitchMode
from kiosk.view.screen import Intent
from ui import theme
from ui.language import N_
from ui.surface import Box, Surface
from ui.widgets.pictogram import Name, Pictogram
from ui.widgets.target import CHOSEN, PLAIN, Target
from ui.widgets.text import Text

TOP: Final = 1508
HEIGHT: Final = 104
_GAP: Final = 16
_SIGN: Final = 40


class _Way(NamedTuple):
    sign: Name
    words: str


_WAYS: Final[dict[Mode, _Way]] = {
    Mode.LARGE: _Way("letters", N_("大字")),
    Mode.CONTRAST: _Way("contrast", N_("高对比")),
    Mode.LOW: _Way("wheelchair", N_("坐着用")),
    Mode.CALM: _Way("cup", N_("慢慢办")),
}


class SignedButton(Target):
    """A pictogram over a short word; a tick in the pictogram's place while it is on.

    Args:
        surface: where it is drawn.
        box: its place.
        sign: the pictogram.
        words: what it is called.
        act: what it does.
        on: whether it is switched on.
    """

    def __init__(
        self,
        surface: Surface,
        box: Box,
        sign: Name,
        words: str,
        act: Intent | Callable[[], None],
        *,
        on: bool = False,
    ) -> None:
        super().__init__(surface, box, act, look=CHOSEN if on else PLAIN, weight=4.0 if on else 2.0)
        place = Box(box.x + (box.w - _SIGN) / 2, box.y + 10, _SIGN, _SIGN)
        self.add_widget(Pictogram(surface, "tick" if on else sign, place, colour=self.look.ink, weight=4.5))
        inner = Box(box.x + 4, box.y + 48, box.w - 8, box.h - 50)
        self.add_widget(
            Text(
                surface,
                words,
                inner,
                size=theme.CAPTION,
                bold=on,
                colour=self.look.ink,
                align="center",
                rise="middle",
                fixed=True,
            )
        )


class AccessBar(Widget):
    """The bar.

    Args:
        surface: where it is drawn.
        top: its upper edge.
        sound: called to set the voice; None where there is no voice.
    """

    def __init__(self, surface: Surface, *, top: float = TOP, sound: Callable[[], None] | None = None) -> None:
        box = Box(theme.MARGIN, top, theme.INNER, HEIGHT)
        super().__init__(size_hint=(None, None), pos=surface.pos(box), size=surface.size(box))
        count = len(_WAYS) + (1 if sound else 0)
        wide = (box.w - (count - 1) * _GAP) / count
        place = Box(box.x, box.y, wide, box.h)
        for mode, way in _WAYS.items():
            on = surface.modes.has(mode)
            act = SwitchMode(mode, not on)
            self.add_widget(SignedButton(surface, place, way.sign, surface.words(way.words), act, on=on))
            place = Box(place.right + _GAP, box.y, wide, box.h)
        if sound is not None:
            self.add_widget(SignedButton(surface, place, "speaker", surface.words("声音"), sound))
