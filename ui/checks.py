"""What every screen has to be, checked on its widgets; `ui.walk` goes through all of them with it.

Sizes and distances on the glass: EN 301 549 (5.1.4, 8.3), ADA 707.7, the elder mode of the ministry's rule for apps
(60 dp); contrast: WCAG 1.4.3, 1.4.6 and 1.4.11.
"""

import itertools
from collections.abc import Iterable, Iterator
from typing import Final, Generic, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
from kivy.uix.widget import Widget

from ui import text, theme
from ui.focus import in_order, reading_order, targets
from ui.screens import AnySheet
from ui.surface import Surface
from ui.widgets.camera_view import CameraView
from ui.widgets.outcome import OutcomeShape
from ui.widgets.photograph import Photograph
from ui.widgets.pictogram import Pictogram
from ui.widgets.shape import Disc, Panel
from ui.widgets.target import Target
from ui.widgets.text import Text

W = TypeVar("W", bound=Widget)
_DP_MM: Final = 25.4 / 160
_LEAST_DP: Final = 60
_HAN: Final = 0x2E80
"""From here on a line may end beside any character."""
_SLACK: Final = 0.6
"""Pixels that rounding may cost."""
_OUTCOMES: Final = frozenset({theme.GREEN, theme.AMBER, theme.AMBER_TINT, theme.AMBER_INK, theme.RED})
"""Colours that mean something: never without a sign."""
_LEVELS: Final = np.arange(256) / 255
_LIGHT: Final = np.where(_LEVELS <= 0.04045, _LEVELS / 12.92, ((_LEVELS + 0.055) / 1.055) ** 2.4)
"""How much light a pixel's 0 to 255 is (sRGB)."""
_SEEN: Final = np.array((0.2126, 0.7152, 0.0722))
"""How bright red, green and blue look."""


class Ink(NamedTuple):
    """A coloured thing, and what it lies on."""

    what: Widget
    colour: theme.Colour
    ground: theme.Colour


def _covers(shape: Widget, point: tuple[float, float]) -> bool:
    return bool(shape.collide_point(*point))


def _over(upper: theme.Colour, lower: theme.Colour) -> theme.Colour:
    share = upper[3]
    red, green, blue = (one * share + other * (1 - share) for one, other in zip(upper[:3], lower[:3], strict=True))
    return red, green, blue, 1.0


def inks(sheet: Widget, surface: Surface, ground: theme.Colour) -> Iterator[Ink]:
    """Every text and pictogram with its colour and the colour under its middle.

    What lies on a live picture or on a photograph is left out: pixels, not tokens, are under it.
    """
    shapes: list[tuple[Widget, theme.Colour | None]] = []
    for widget in in_order(sheet):
        match widget:
            case Panel() | Disc() | OutcomeShape():
                shapes.append((widget, widget.fill))
            case CameraView() | Photograph():
                shapes.append((widget, None))
            case Text() | Pictogram():
                under: theme.Colour | None = ground
                middle = widget.center
                for shape, fill in shapes:
                    if _covers(shape, middle):
                        under = None if fill is None else _over(fill, under or ground)
                if under is not None:
                    yield Ink(widget, surface.tone(widget.colour), under)
            case _:
                pass


def faint_pixels(sheet: AnySheet, pixels: npt.NDArray[np.uint8]) -> Iterator[str]:
    """The same of what was really drawn, also over pictures: the letters' own pixels against those around them.

    Args:
        sheet: drawn at the origin.
        pixels: of it; height x width x 3, first row on top.

    Yields:
        A sentence each.
    """
    height = pixels.shape[0]
    # Thin strokes are mixed with their ground at this size: nearly all of the contrast has to be there.
    least = 0.9 * (7.0 if sheet.surface.modes.contrast else 4.5)
    for widget in in_order(sheet):
        if isinstance(widget, Text) and widget.content.strip():
            rows = slice(height - int(widget.top), height - int(widget.y))
            part = _LIGHT[pixels[rows, int(widget.x) : int(widget.right)]] @ _SEEN
            if part.size and (float(part.max()) + 0.05) / (float(part.min()) + 0.05) < least:
                yield f"{widget.content!r} does not stand out in the picture"


def _too_faint(sheet: Widget, surface: Surface, ground: theme.Colour) -> Iterator[str]:
    for ink in inks(sheet, surface, ground):
        least = (7.0 if surface.modes.contrast else 4.5) if isinstance(ink.what, Text) else 3.0
        found = theme.contrast(ink.colour, ink.ground)
        if found < least:
            name = ink.what.content if isinstance(ink.what, Text) else "a pictogram"
            yield f"{name!r} stands out {found:.1f}:1 only"


def _badly_set(sheet: Widget, surface: Surface) -> Iterator[str]:
    mounting = surface.mounting
    for widget in in_order(sheet):
        if not isinstance(widget, Text):
            continue
        w, h = surface.px(widget.room.w), surface.px(widget.room.h)
        if widget.width > w + 1 or widget.height > h + 1:
            yield f"{widget.content!r} is larger than its room"
        if widget.cut:
            yield f"{widget.content!r} had to be shortened"
        capital = widget.letters * theme.CAPITAL / mounting.px_per_mm
        if capital < theme.CAPITAL_MM - 0.01:
            yield f"{widget.content!r} has capitals of {capital:.1f} mm"
        words = {word for word in widget.content.split() if all(ord(one) < _HAN for one in word)}
        if not words <= set(" ".join(widget.lines).split()):
            yield f"a word of {widget.content!r} is broken"
        if text.missing(widget.content):
            yield f"no glyph for {text.missing(widget.content)} in {widget.content!r}"


class _Place(NamedTuple, Generic[W]):
    """Where a widget is, read once: a property of Kivy costs more than the comparison."""

    what: W
    x: float
    right: float
    y: float
    top: float


def _places(widgets: Iterable[W]) -> list[_Place[W]]:
    return [_Place(one, one.x, one.right, one.y, one.top) for one in widgets]


def _badly_placed(sheet: Widget, surface: Surface) -> Iterator[str]:
    texts = _places(one for one in in_order(sheet) if isinstance(one, Text))
    for one, other in itertools.combinations(texts, 2):
        if one.right > other.x + 1 and other.right > one.x + 1 and one.top > other.y + 3 and other.top > one.y + 3:
            yield f"{one.what.content!r} and {other.what.content!r} overlap"
    for target in _places(targets(sheet)):
        inside = {id(widget) for widget in in_order(target.what)}
        for words in texts:
            across = min(target.right, words.right) - max(target.x, words.x)
            down = min(target.top, words.top) - max(target.y, words.y)
            if across > 1 and down > 3 and id(words.what) not in inside:
                yield f"{words.what.content!r} runs into a button"
    width, height = surface.px(theme.WIDTH), surface.px(theme.HEIGHT)
    for place in _places(in_order(sheet)):
        if place.x < -_SLACK or place.y < -_SLACK or place.right > width + 1 or place.top > height + 1:
            yield f"{type(place.what).__name__} is outside the screen"


def _called(target: Target) -> str:
    return repr(target.told or str(target.act)[:60])


def _hard_to_touch(sheet: Widget, surface: Surface) -> Iterator[str]:
    scale = surface.mounting.px_per_mm
    least = max(theme.TARGET_MM, _LEAST_DP * _DP_MM) * scale
    found = targets(sheet)
    for one in found:
        if min(one.box.w, one.box.h) < least or one.box.h < theme.TARGET or one.box.w < theme.TARGET:
            yield f"{_called(one)} is {one.box.w:.0f} x {one.box.h:.0f}"
        if one.box.y < surface.reach - 0.01:
            yield f"{_called(one)} at {one.box.y:.0f} is out of reach (above {surface.reach:.0f})"
    for one, other in itertools.combinations(found, 2):
        across = max(one.box.x - other.box.right, other.box.x - one.box.right)
        down = max(one.box.y - other.box.bottom, other.box.y - one.box.bottom)
        apart = max(across, down)
        if apart < theme.GAP_MM * scale - 0.01:
            yield f"{_called(one)} and {_called(other)} are {apart / scale:.1f} mm apart"


def _lost_to_keys(sheet: Widget) -> Iterator[str]:
    order = reading_order(sheet)
    answering = [one for one in targets(sheet) if one.enabled]
    if len(order) != len(answering) or {id(one) for one in order} != {id(one) for one in answering}:
        yield "the keys do not reach everything"
    for one, other in itertools.pairwise(order):
        above = other.box.bottom <= one.box.y
        before = other.box.right <= one.box.x and other.box.y < one.box.bottom and one.box.y >= other.box.bottom - 1
        if above or before:
            yield f"{_called(other)} comes after {_called(one)}, and is read before it"


def _told_by_colour(sheet: Widget) -> Iterator[str]:
    """Whatever has a colour with a meaning has a sign as well, a chosen thing a tick or bold letters."""
    signs = [widget for widget in in_order(sheet) if isinstance(widget, Pictogram | OutcomeShape)]
    for widget in in_order(sheet):
        match widget:
            case Panel() if widget.token in _OUTCOMES and not any(_covers(widget, sign.center) for sign in signs):
                yield "a coloured panel has no sign"
            case Text() if widget.colour in _OUTCOMES and not any(
                abs(sign.center_y - widget.center_y) < max(widget.height, sign.height) for sign in signs
            ):
                yield f"{widget.content!r} says something by its colour, and has no sign"
            case Target() if widget.chosen:
                inner = list(in_order(widget))
                ticked = any(isinstance(one, Pictogram) and one.sign == "tick" for one in inner)
                bold = any(isinstance(one, Text) and one.bold for one in inner)
                if not ticked and not bold:
                    yield f"{_called(widget)} is chosen, and only its colour tells it"
            case _:
                pass


def _untold(sheet: Widget) -> Iterator[str]:
    for one in targets(sheet):
        if not one.told:
            yield f"a button with {one.sign or 'nothing'} has no name to be read out"


def problems(sheet: AnySheet) -> list[str]:
    """What is wrong with a screen, or with what lies over it.

    Args:
        sheet: drawn at the origin.

    Returns:
        A sentence each; none when everything is right.
    """
    surface, top = sheet.surface, sheet.topmost
    return [
        *_badly_set(top, surface),
        *_badly_placed(top, surface),
        *_hard_to_touch(top, surface),
        *_lost_to_keys(top),
        *_untold(top),
        *_too_faint(top, surface, sheet.colour),
        *_told_by_colour(top),
    ]
