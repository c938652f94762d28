"""The gate's first screen in Uyghur and Tibetan: what the seam is proven with. Not offered to anybody yet (ADR 19)."""

from typing import Final, NamedTuple

from kivy.graphics import Color, Rectangle
from kivy.uix.widget import Widget

from kiosk.view.common import CallStaff
from ui import theme
from ui.other_scripts.shaped_text import ShapedText
from ui.other_scripts.shaping import Writing
from ui.other_scripts.surface import MirroredSurface
from ui.surface import Box, Surface, Toward
from ui.widgets.pictogram import Pictogram
from ui.widgets.shape import Disc, Rule
from ui.widgets.target import WARM, Target
from ui.widgets.text import Align, Text
from ui.widgets.top_bar import HEIGHT as TOP_HEIGHT


class Words(NamedTuple):
    """The texts of one language; nobody who speaks it has checked them yet."""

    writing: Writing
    lane: str
    title: str
    line: str
    staff: str


UYGHUR: Final = Words(
    Writing.ARABIC,
    "ئۆتۈش يولى 2 · زالدا 37 ئادەم بار",
    "كىملىكىڭىزنى سېزىش رايونىغا تەكشى قويۇڭ",
    "ئاندىن كامېراغا قاراڭ، ئۆزىڭىز ئىكەنلىكىڭىز سېلىشتۇرۇلىدۇ.",
    "ياردەم كېرەك · خىزمەتچى چاقىرىش",
)
TIBETAN: Final = Words(
    Writing.TIBETAN,
    "འགྲོ་ལམ་ 2 · ཁང་ནང་མི་ 37 ཡོད།",
    "ཐོབ་ཐང་ལག་ཁྱེར་ཚོར་ལེན་ས་ཁོངས་སུ་ལེབ་མོར་བཞག་རོགས།",
    "དེ་ནས་པར་ཆས་ལ་བལྟས་ཏེ་ཁྱེད་རང་ཡིན་མིན་ཞིབ་བཤེར་བྱེད།",
    "རོགས་རམ་དགོས། ལས་བྱེད་པ་འབོད།",
)


def on_paper(words: Words, surface: Surface) -> Surface:
    """The surface as this script wants it: mirrored for one from right to left."""
    if words.writing.rightwards:
        return surface
    names = Surface.__dataclass_fields__
    return MirroredSurface(**{name: getattr(surface, name) for name in names})


class OtherWelcome(Widget):
    """Lay your card on the reader.

    Args:
        surface: where it is drawn.
        words: in which language.

    Attributes:
        texts: what is written.
    """

    def __init__(self, surface: Surface, words: Words) -> None:
        surface = on_paper(words, surface)
        whole = Box(0, 0, theme.WIDTH, theme.HEIGHT)
        super().__init__(size_hint=(None, None), pos=surface.pos(whole), size=surface.size(whole))
        self.texts: list[ShapedText] = []
        with self.canvas.before:
            Color(*surface.tone(theme.PAPER))
            Rectangle(pos=self.pos, size=self.size)
        self._head(surface, words)
        self._write(surface, words, words.lane, Box(theme.MARGIN, 128, theme.INNER, 72), theme.CAPTION, theme.INK_SOFT)
        disc = Box((theme.WIDTH - 464) / 2, TOP_HEIGHT + 136, 464, 464)
        self.add_widget(Disc(surface, disc, theme.BLUE_TINT))
        self.add_widget(Pictogram(surface, "card_on_reader", disc.square(260), weight=2.4))
        title = Box(theme.MARGIN, disc.bottom + 48, theme.INNER, 256)
        self._write(surface, words, words.title, title, theme.TITLE, theme.INK)
        line = Box(theme.MARGIN, title.bottom + 8, theme.INNER, 200)
        self._write(surface, words, words.line, line, theme.BODY, theme.INK_SOFT)
        arrow = Box((theme.WIDTH - 200) / 2, line.bottom + 24, 200, 200)
        self.add_widget(Pictogram(surface, "arrow", arrow, toward=Toward.DOWN, weight=4.0))
        box = Box(theme.MARGIN, 1752, theme.INNER, 128)
        self.add_widget(Target(surface, box, CallStaff(), look=WARM, told=words.staff))
        self.add_widget(Pictogram(surface, "staff", Box(box.x + 40, box.y + 32, 64, 64), colour=theme.HELP))
        self._write(surface, words, words.staff, Box(box.x + 128, box.y + 20, box.w - 160, 96), theme.BODY, theme.HELP)

    def _head(self, surface: Surface, words: Words) -> None:
        """Hall and time, each on its side; both in letters that need no shaping."""
        start: Align = "left" if words.writing.rightwards else "right"
        end: Align = "right" if words.writing.rightwards else "left"
        left = Box(theme.MARGIN, 16, theme.INNER - 240, TOP_HEIGHT - 32)
        right = Box(left.right + 16, left.y, 224, left.h)
        soft, size = theme.INK_SOFT, theme.CAPTION
        hall = Text(surface, surface.hall, left, size=size, colour=soft, align=start, rise="middle")
        clock = Text(surface, f"{surface.now():%H:%M}", right, size=size, colour=soft, align=end, rise="middle")
        for widget in (hall, clock, Rule(surface, Box(theme.MARGIN, TOP_HEIGHT, theme.INNER, 2), theme.HAIRLINE)):
            self.add_widget(widget)

    def _write(self, surface: Surface, words: Words, said: str, box: Box, size: float, colour: theme.Colour) -> None:
        made = ShapedText(surface, said, words.writing, box, size=size, colour=colour, align="center")
        self.texts.append(made)
        self.add_widget(made)
