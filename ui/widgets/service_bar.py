"""Help, language and leaving, and above them what makes a screen easier: always at the same places."""

from collections.abc import Callable

from kivy.uix.widget import Widget

from kiosk.view.attendant import OpenStaff
from kiosk.view.common import CallStaff, ChangeLanguage, Language
from kiosk.view.help import Help, Wish
from ui import theme
from ui.surface import Box, Surface
from ui.widgets.access_bar import AccessBar
from ui.widgets.button import WordButton
from ui.widgets.target import CHOSEN, PLAIN, WARM

TOP = 1632
HEIGHT = 96
_TONGUES = ((Language.ZH_HANS, "简"), (Language.ZH_HANT, "繁"), (Language.EN, "EN"))
_GAP = 16
_LEAVE = 144
_ENTRY = 256


class StaffEntry(WordButton):
    """工作人员入口: small and quiet, for those who know what it is."""

    def __init__(self, surface: Surface, box: Box) -> None:
        super().__init__(surface, box, surface.words("工作人员入口"), OpenStaff(), size=theme.CAPTION)


class ServiceBar(Widget):
    """The two bars.

    Args:
        surface: where it is drawn.
        help_here: whether calling staff is among it (the gate has a wider button for that).
        leave: called by the leaving button; None leaves it out.
        staff_entry: whether the screens of the staff are opened here.
        sound: called to set the voice; None where there is none.
        remote: where calling staff is not among it, help from afar is.
    """

    def __init__(
        self,
        surface: Surface,
        *,
        help_here: bool = True,
        leave: Callable[[], None] | None = None,
        staff_entry: bool = False,
        sound: Callable[[], None] | None = None,
        remote: bool = True,
    ) -> None:
        box = Box(theme.MARGIN, TOP, theme.INNER, HEIGHT)
        super().__init__(size_hint=(None, None), pos=surface.pos(box), size=surface.size(box))
        say = surface.words
        self.add_widget(AccessBar(surface, sound=sound))
        left, right = box.x, box.right
        if leave is not None:
            right -= _LEAVE + _GAP
            self.add_widget(WordButton(surface, Box(box.right - _LEAVE, box.y, _LEAVE, box.h), say("退出"), leave))
        if staff_entry:
            self.add_widget(StaffEntry(surface, Box(right - _ENTRY, box.y, _ENTRY, box.h)))
            right -= _ENTRY + _GAP
        if help_here:
            place = Box(left, box.y, (right - left) * 0.42, box.h)
            self.add_widget(
                WordButton(surface, place, say("求助"), CallStaff(), look=WARM, pictogram="staff", size=theme.BODY)
            )
            left = place.right + _GAP
        elif remote:  # the gate's own way to staff is wider and lower
            place = Box(left, box.y, (right - left) * 0.36, box.h)
            self.add_widget(WordButton(surface, place, say("视频求助"), Help(Wish.OPEN), look=WARM, pictogram="staff"))
            left = place.right + _GAP
        wide = (right - left - 2 * _GAP) / 3
        for language, name in _TONGUES:
            place = Box(left, box.y, wide, box.h)
            chosen = language is surface.language
            look = CHOSEN if chosen else PLAIN
            self.add_widget(WordButton(surface, place, name, ChangeLanguage(language), look=look, bold=chosen))
            left = place.right + _GAP
