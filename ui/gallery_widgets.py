"""Every widget in every state, on four sheets: buttons; rows, notes and progress; keys and fields; pictograms."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from kivy.graphics import Color, Rectangle
from kivy.uix.widget import Widget

from kiosk.view.common import Next
from kiosk.view.typing import Layout
from ui import theme
from ui.samples import SamplePicture
from ui.screens.desk.pages import PageTurner
from ui.screens.desk.ways import Ways
from ui.surface import Box, Surface
from ui.widgets.bottom_row import BottomRow
from ui.widgets.button import WordButton
from ui.widgets.camera_view import CameraView, Feed, Oval
from ui.widgets.choice_row import ChoiceRow
from ui.widgets.code_square import CodeSquare
from ui.widgets.focus_ring import FocusRing
from ui.widgets.key_pad import IDENTITY, KeyPad
from ui.widgets.keyboard import Keyboard, Layouts
from ui.widgets.letter_pad import LetterPad
from ui.widgets.note import Note
from ui.widgets.outcome import Outcome, OutcomeShape
from ui.widgets.oval_arc import OvalArc, Side
from ui.widgets.photograph import Photograph
from ui.widgets.pictogram import PICTOGRAMS, Name, Pictogram
from ui.widgets.progress import Bar, Ring, Steps
from ui.widgets.service_bar import ServiceBar
from ui.widgets.shape import Disc, Panel
from ui.widgets.stroke_field import Guide, StrokeField, Strokes
from ui.widgets.target import CHOSEN, FILLED, OUTLINED, PLAIN, WARM, Look, Target
from ui.widgets.text import Text
from ui.widgets.top_bar import TopBar

_STATES: Final = ("normal", "pressed", "disabled", "focused")
_LOOKS: Final[dict[str, Look]] = {
    "FILLED": FILLED, "OUTLINED": OUTLINED, "PLAIN": PLAIN, "CHOSEN": CHOSEN, "WARM": WARM,
}  # fmt: skip
_NAME: Final[Strokes] = (
    ((0.4, 0.3), (0.9, 0.3)),
    ((0.65, 0.12), (0.65, 0.85)),
    ((0.4, 0.55), (0.9, 0.55)),
    ((0.3, 0.85), (1.0, 0.85)),
)


def _nothing() -> None:
    """A gallery does nothing."""


def _ignored(_: object) -> None:
    """The same."""


class _Page(Widget):
    """A sheet of the gallery, on which things are put from top to bottom."""

    def __init__(self, surface: Surface, title: str) -> None:
        whole = Box(0, 0, theme.WIDTH, theme.HEIGHT)
        super().__init__(size_hint=(None, None), pos=surface.pos(whole), size=surface.size(whole))
        self.surface = surface
        with self.canvas.before:
            Color(*surface.tone(theme.PAPER))
            Rectangle(pos=self.pos, size=self.size)
        self.add_widget(TopBar(surface))
        self.y_now = 112.0
        self.caption(title, size=theme.QUESTION)

    def caption(self, words: str, *, size: float = theme.CAPTION) -> None:
        """A line of text."""
        text = Text(
            self.surface, words, Box(theme.MARGIN, self.y_now, theme.INNER, 96), size=size, colour=theme.INK_SOFT
        )
        self.add_widget(text)
        self.y_now = text.bottom + 6

    def states(self, make: Callable[[Box, str], Target], high: float, across: int = 4) -> None:
        """One thing in its four states."""
        wide = (theme.INNER - (across - 1) * 20) / across
        for place, state in enumerate(_STATES):
            row, column = divmod(place, across)
            box = Box(theme.MARGIN + column * (wide + 20), self.y_now + row * (high + 16), wide, high)
            target = make(box, state)
            self.add_widget(target)
            if state == "pressed":
                target.show_pressed()
            if state == "focused":
                self.add_widget(FocusRing(self.surface, target))
        self.y_now += -(-len(_STATES) // across) * (high + 16) + 8

    def put(self, widget: Widget, high: float) -> None:
        """A thing that was placed at `y_now`."""
        self.add_widget(widget)
        self.y_now += high + 16

    def box(self, high: float) -> Box:
        """The next place, full width."""
        return Box(theme.MARGIN, self.y_now, theme.INNER, high)


def _buttons(surface: Surface) -> Widget:
    page = _Page(surface, "Buttons: normal, pressed, disabled, focused")
    for name, look in _LOOKS.items():
        page.caption(name)

        def make(box: Box, state: str, look: Look = look) -> Target:
            enabled = state != "disabled"
            return WordButton(surface, box, "下一步", _nothing, look=look, enabled=enabled, bold=look is FILLED)

        page.states(make, 100)
    page.caption("With a pictogram, alone or before words")

    def signed(box: Box, state: str) -> Target:
        sign: Name = "printer" if state in ("normal", "disabled") else "backspace"
        words = "再打印" if sign == "printer" else ""
        enabled = state != "disabled"
        return WordButton(surface, box, words, _nothing, look=OUTLINED, pictogram=sign, enabled=enabled, told="x")

    page.states(signed, 100)
    page.put(Ways(surface, page.y_now), 112)
    page.put(PageTurner(surface, page.y_now, 0, 3, _ignored), 112)
    page.add_widget(ServiceBar(surface, leave=_nothing, sound=_nothing))
    page.add_widget(BottomRow(surface, forward=Next()))
    return page


def _rows(surface: Surface) -> Widget:
    page = _Page(surface, "Rows, notes, progress, outcomes")

    def row(box: Box, state: str) -> Target:
        return ChoiceRow(surface, box, "租房居住", "一行说明", _nothing, enabled=state != "disabled")

    page.states(row, 120, across=2)
    box = page.box(120)
    half = Box(box.x, box.y, (box.w - 20) / 2, box.h)
    page.add_widget(ChoiceRow(surface, half, "没有选", "", _nothing, chosen=False))
    page.put(
        ChoiceRow(surface, replace(half, x=half.right + 20), "选中了", "", _nothing, chosen=True),
        120,
    )
    for words, warning in (("还没有填。请填好再点下一步。", True), ("回执已打印，请在下方取走。", False)):
        note = Note(surface, words, page.box(160), warning=warning)
        page.put(note, note.bottom - page.y_now)
    for edge, words in ((theme.BLUE, "138 0013 8000"), (theme.AMBER_INK, "138 0013 800"), (theme.BLUE, "")):
        place = page.box(100)
        page.add_widget(Panel(surface, place, edge=edge, weight=4))
        shown = Text(surface, words or "11 位手机号码", place.inset(32, 0), size=theme.QUESTION, rise="middle",
                     colour=theme.INK if words else theme.INK_SOFT)  # fmt: skip
        page.put(shown, 100)
    page.put(Steps(surface, page.box(88), 2, 5), 88)
    page.put(Bar(surface, page.box(16), 0.4), 16)
    kinds: tuple[tuple[Outcome, theme.Tone, theme.Tone], ...] = (
        ("go", theme.GREEN, theme.WHITE), ("stop", theme.RED, theme.WHITE), ("wait", theme.AMBER, theme.INK),
    )  # fmt: skip
    y = page.y_now + 8
    for number, (kind, fill, ink) in enumerate(kinds):
        where = Box(theme.MARGIN + number * 190, y, 160, 160)
        page.add_widget(OutcomeShape(surface, kind, where, fill=fill, ink=ink))
    page.add_widget(Ring(surface, Box(640, y, 160, 160), 0.6))
    busy = Box(840, y, 160, 160)
    page.add_widget(Disc(surface, busy, theme.BLUE_TINT))
    page.add_widget(Pictogram(surface, "dots", busy.square(100), weight=2.4))
    y += 176
    view = CameraView(surface, Box(theme.MARGIN, y, 460, 360), mirrored=True)
    page.add_widget(view)
    feed = Feed(SamplePicture(paper=False))
    feed.poll()
    view.refresh(feed.texture)
    oval = Box(theme.MARGIN + 120, y + 40, 220, 290)
    page.add_widget(Oval(surface, Box(theme.MARGIN, y, 460, 360), oval, theme.BLUE))
    page.add_widget(OvalArc(surface, oval, Side.LEFT, 0.5))
    page.add_widget(CodeSquare(surface, Box(560, y, 200, 200), "hall:1234"))
    page.add_widget(Photograph(surface, Box(784, y, 232, 200), b""))
    page.add_widget(CameraView(replace(surface, discreet=True), Box(560, y + 216, 456, 144), mirrored=False))
    return page


def _keys(surface: Surface) -> Widget:
    page = _Page(surface, "Keys and fields")
    page.put(KeyPad(surface, page.box(440), IDENTITY, 3, _ignored), 440)
    box = Box(15, page.y_now, 1050, 420)
    page.put(Keyboard(surface, box, Layout.PINYIN, _ignored), 420)
    words = {
        Layout.PINYIN: "拼音",
        Layout.HAND: "手写",
        Layout.STROKES: "笔画",
        Layout.LATIN: "字母",
        Layout.DIGITS: "数字",
    }
    page.put(Layouts(surface, page.box(100), words, Layout.PINYIN, _ignored), 100)
    page.put(LetterPad(surface, page.box(520), _ignored, blank=True), 520)
    field = page.box(1890 - page.y_now)
    half = (field.w - 24) / 2
    page.add_widget(StrokeField(surface, Box(field.x, field.y, half, field.h), Guide.CROSS, _ignored, _NAME))
    page.add_widget(StrokeField(surface, Box(field.x + half + 24, field.y, half, field.h), Guide.LINE, _ignored))
    return page


def _signs(surface: Surface) -> Widget:
    page = _Page(surface, "Pictograms, drawn for this product")
    across, side = 6, 128.0
    for place, name in enumerate(PICTOGRAMS):
        row, column = divmod(place, across)
        x, y = theme.MARGIN + column * 160, page.y_now + 8 + row * 224
        disc = Box(x + 12, y, side, side)
        page.add_widget(Disc(surface, disc, theme.BLUE_TINT))
        page.add_widget(Pictogram(surface, name, disc.square(80)))
        where = Box(x - 4, y + side + 4, 160, 92)
        page.add_widget(Text(surface, name.replace("_", " "), where, size=theme.CAPTION, align="center", fixed=True))
    return page


PAGES: Final[dict[str, Callable[[Surface], Widget]]] = {
    "buttons": _buttons, "rows": _rows, "keys": _keys, "pictograms": _signs,
}  # fmt: skip
"""What draws each sheet."""
