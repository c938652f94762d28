"""The hall's name and the time, small at the top."""

from kivy.uix.widget import Widget

from ui import theme
from ui.surface import Box, Surface
from ui.widgets.shape import Rule
from ui.widgets.text import Text

HEIGHT = 104


class TopBar(Widget):
    """The bar; `tick` renews the time, which is shown in minutes."""

    def __init__(
        self, surface: Surface, ink: theme.Colour = theme.INK_SOFT, rule: theme.Colour = theme.HAIRLINE
    ) -> None:
        box = Box(0, 0, theme.WIDTH, HEIGHT)
        super().__init__(size_hint=(None, None), pos=surface.pos(box), size=surface.size(box))
        self._surface = surface
        self._ink = ink
        inner = box.inset(theme.MARGIN, 8)
        if surface.hall:
            hall = Box(inner.x, inner.y, inner.w - 184, inner.h)
            self.add_widget(Text(surface, surface.hall, hall, size=theme.CAPTION, colour=ink, rise="middle"))
        self._time = self._clock()
        self.add_widget(self._time)
        self.add_widget(Rule(surface, Box(theme.MARGIN, HEIGHT - 2, theme.INNER, 2), rule))

    def _clock(self) -> Text:
        box = Box(theme.WIDTH - theme.MARGIN - 160, 8, 160, HEIGHT - 16)
        words = f"{self._surface.now():%H:%M}"
        return Text(self._surface, words, box, size=theme.CAPTION, colour=self._ink, align="right", rise="middle")

    def tick(self) -> None:
        """Renew the time when the minute has changed."""
        clock = self._clock()
        if clock.content != self._time.content:
            self.remove_widget(self._time)
            self._time = clock
            self.add_widget(clock)
