"""Help, language, large type and leaving: one bar, always at the same place."""

from collections.abc import Callable

from kivy.uix.widget import Widget

from kiosk.view.attendant import OpenStaff
from kiosk.view.common import CallStaff, ChangeLanguage, Language, LargeType
from ui import theme
from ui.surface import Box, Surface
from ui.widgets.button import WordButton
from ui.widgets.target import CHOSEN, WARM

TOP = 1560
HEIGHT = 104
_TONGUES = ((Language.ZH_HANS, "简"), (Language.ZH_HANT, "繁"), (Language.EN, "EN"))
_GAP = 16
_LEAVE = 144
_ENTRY = 256


class StaffEntry(WordButton):
    """工作人员入口: small and quiet, for those who know what it is."""

    def __init__(self, surface: Surface, box: Box) -> None:
        super().__init__(surface, box, surface.words("工作人员入口"), OpenStaff(), size=theme.CAPTION)


class ServiceBar(Widget):
    """The bar.

    Args:
        surface: where it is drawn.
        help_here: whether calling staff is among it (the gate has a wider button for that).
        leave: called by the leaving button; None leaves it out.
        staff_entry: whether the screens of the staff are opened here.
    """

    def __init__(
        self,
        surface: Surface,
        *,
        help_here: bool = True,
        leave: Callable[[], None] | None = None,
        staff_entry: bool = False,
    ) -> None:
        box = Box(theme.MARGIN, TOP, theme.INNER, HEIGHT)
        super().__init__(size_hint=(None, None), pos=surface.pos(box), size=surface.size(box))
        say = surface.words
        left = box.x
        tongue = 104 if help_here else 152
        letters = 176
        if help_here:
            room = theme.INNER - 3 * tongue - letters - 4 * _GAP - (_LEAVE + _GAP if leave else 0)
            place = Box(left, box.y, room, box.h)
            self.add_widget(
                WordButton(surface, place, say("求助"), CallStaff(), look=WARM, pictogram="staff", size=theme.BODY)
            )
            left = place.right + _GAP
        for language, name in _TONGUES:
            place = Box(left, box.y, tongue, box.h)
            if language is surface.language:
                self.add_widget(WordButton(surface, place, name, ChangeLanguage(language), look=CHOSEN))
            else:
                self.add_widget(WordButton(surface, place, name, ChangeLanguage(language)))
            left = place.right + _GAP
        right = box.right - (_LEAVE + _GAP if leave else 0)
        if staff_entry:
            self.add_widget(StaffEntry(surface, Box(right - _ENTRY, box.y, _ENTRY, box.h)))
            right -= _ENTRY + _GAP
        place = Box(left, box.y, right - left, box.h)
        words = say("标准字") if surface.large else say("大字")
        self.add_widget(WordButton(surface, place, words, LargeType(not surface.large)))
        if leave is not None:
            self.add_widget(WordButton(surface, Box(box.right - _LEAVE, box.y, _LEAVE, box.h), say("退出"), leave))
