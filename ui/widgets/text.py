"""A piece of text in a box."""

from typing import Final, Literal, NamedTuple

from kivy.core.text.markup import MarkupLabel
from kivy.graphics import Color, Rectangle
from kivy.graphics.texture import Texture

from ui import text, theme
from ui.surface import Box, Surface
from ui.widgets.drawn import Drawn

Align = Literal["left", "center", "right"]
Rise = Literal["top", "middle", "bottom"]
_TITLE_SHARE = 0.54
_ROUNDING = 2.0


def shared_room(
    surface: Surface, box: Box, title: str, line: str, *, size: float = theme.BODY, bold: bool = False
) -> tuple[Box, Box]:
    """Divide a box between a title and a line of captions below it, so that neither is shortened while there is room.

    Args:
        surface: where they are drawn.
        box: the room of both.
        title: above.
        line: below, in captions.
        size: of the title's letters.
        bold: the title's weight.

    Returns:
        The upper and the lower part.
    """
    low = text.fitted(line, (box.w, box.h), surface.smallest, surface.smallest)
    below = len(low.lines) * low.size * text.LINE_HEIGHT
    high = text.fitted(title, (box.w, box.h - below), surface.letters(size), surface.smallest, bold=bold)
    above = len(high.lines) * high.size * text.LINE_HEIGHT
    # What is drawn is a little higher than what was computed: each line is rounded up to a whole pixel.
    spare = max(0.0, box.h - above - below) / 2
    above += min(spare, _ROUNDING * len(high.lines))
    below += min(spare, _ROUNDING * len(low.lines))
    upper = Box(box.x, box.y, box.w, min(max(box.h * _TITLE_SHARE, above), box.h - below))
    return upper, Box(box.x, upper.bottom, box.w, box.bottom - upper.bottom)


class _Set(NamedTuple):
    """A text as it was set."""

    fit: text.Fitted
    picture: Texture


class Lately:
    """Texts that were drawn on the last two screens: most of a screen is on the next one again."""

    def __init__(self) -> None:
        self._now: dict[tuple[object, ...], _Set] = {}
        self._before: dict[tuple[object, ...], _Set] = {}

    def turn(self) -> None:
        """Another screen begins: what was not on the last one goes."""
        self._before, self._now = self._now, {}

    def forget(self) -> None:
        """Nobody is in front: what the screens before this one said goes."""
        self._before = {}

    def set(self, key: tuple[object, ...]) -> _Set | None:
        """A text that was set before, None when it was not."""
        found = self._now.get(key) or self._before.get(key)
        if found is not None:
            self._now[key] = found
        return found

    def keep(self, key: tuple[object, ...], made: _Set) -> None:
        """Keep one."""
        if len(self._now) >= _MOST:
            self.turn()
        self._now[key] = made


_MOST: Final = 600
LATELY: Final = Lately()
"""Used on Kivy's thread only."""


class Text(Drawn):
    """Text broken by our own rules, in a box it always fits.

    Args:
        surface: where it is drawn.
        content: the text; line feeds are kept.
        box: the room it has, in design units.
        size: token of `ui.theme`; large type is applied here.
        bold: in the bold weight.
        colour: of the letters.
        align: of the lines.
        rise: where the lines stand in the box when there is more room.
        fixed: large type leaves it as it is: its button stays at one place, and has a pictogram.

    Attributes:
        content: the text as it was given.
        lines: as it was broken.
        room: the box.
        bottom: where the last line ends, in design units.
        cut: whether it had to be shortened.
        colour: of the letters, as it is called.
        bold: in the bold weight.
    """

    def __init__(
        self,
        surface: Surface,
        content: str,
        box: Box,
        *,
        size: float = theme.BODY,
        bold: bool = False,
        colour: theme.Colour = theme.INK,
        align: Align = "left",
        rise: Rise = "top",
        fixed: bool = False,
    ) -> None:
        letters = max(size, surface.smallest) if fixed else surface.letters(size)
        key = (content, box.w, box.h, letters, surface.smallest, surface.scale, bold, align)
        made = LATELY.set(key)
        if made is None:
            made = _made(surface, content, (box.w, box.h), letters, bold=bold, align=align)
            LATELY.keep(key, made)
        fit, picture = made
        self.content, self.colour, self.bold = content, colour, bold
        self.lines = fit.lines
        self.room = box
        self.cut = fit.cut
        self.letters = fit.size
        width, height = picture.size
        x, y = surface.pos(box)
        w, h = surface.size(box)
        x = round(x + {"left": 0.0, "center": (w - width) / 2, "right": w - width}[align])
        y = round(y + {"top": h - height, "middle": (h - height) / 2, "bottom": 0.0}[rise])
        super().__init__((x, y), (width, height))
        used = height / surface.scale
        self.bottom = box.y + {"top": used, "middle": (box.h + used) / 2, "bottom": box.h}[rise]
        with self.canvas:
            Color(*surface.tone(colour))
            Rectangle(texture=picture, pos=self.pos, size=self.size)


def _made(
    surface: Surface, content: str, room: tuple[float, float], letters: float, *, bold: bool, align: Align
) -> _Set:
    fit = text.fitted(content, room, letters, surface.smallest, bold=bold, even=align == "center")
    face = text.BOLD if bold else text.REGULAR
    label = MarkupLabel(
        text=text.markup("\n".join(fit.lines), bold=bold),
        font_name=face.name,
        font_size=fit.size * surface.scale,
        halign=align,
    )
    label.refresh()
    picture = label.texture
    # It stands on whole pixels: each is drawn as it is.
    picture.mag_filter = picture.min_filter = "nearest"
    return _Set(fit, picture)
