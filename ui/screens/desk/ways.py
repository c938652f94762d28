"""Three ways to an item that is not in front of one: search, by life event, by department. In calm one of them."""

from typing import Final

from kivy.uix.widget import Widget

from kiosk.view.desk import Browse, By
from ui import theme
from ui.surface import Box, Surface
from ui.widgets.button import WordButton
from ui.widgets.target import OUTLINED

HEIGHT: Final = 112


class Ways(Widget):
    """A row of three buttons.

    Args:
        surface: where it is drawn.
        top: its upper edge.
    """

    def __init__(self, surface: Surface, top: float) -> None:
        box = Box(theme.MARGIN, top, theme.INNER, HEIGHT)
        super().__init__(size_hint=(None, None), pos=surface.pos(box), size=surface.size(box))
        say = surface.words
        ways = [(say("搜索"), By.SEARCH), (say("按一件事找"), By.EVENT), (say("按部门找"), By.DEPARTMENT)]
        if surface.modes.calm:
            del ways[2], ways[0]
        wide = (box.w - (len(ways) - 1) * theme.GAP) / len(ways)
        for place, (words, by) in enumerate(ways):
            where = Box(box.x + place * (wide + theme.GAP), box.y, wide, box.h)
            self.add_widget(WordButton(surface, where, words, Browse(by), look=OUTLINED))
