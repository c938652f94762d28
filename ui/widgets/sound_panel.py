"""How the voice is set: louder, softer, once more, pause. Lies over the screen until it is closed."""

from collections.abc import Callable

from kivy.graphics import Color, Rectangle
from kivy.uix.widget import Widget

from kiosk.view.spoken import LOUDEST, PauseVoice, Route, SayAgain, SetVolume
from ui import theme
from ui.surface import Box, Surface
from ui.widgets.button import WordButton
from ui.widgets.pictogram import Name
from ui.widgets.shape import Panel
from ui.widgets.target import FILLED, OUTLINED
from ui.widgets.text import Text

_BOX = Box(theme.MARGIN, 792, theme.INNER, 1064)
_HIGH = 136
_GAP = 24


class SoundPanel(Widget):
    """The panel.

    Args:
        surface: where it is drawn.
        close: called when it is done with.
    """

    def __init__(self, surface: Surface, close: Callable[[], None]) -> None:
        whole = Box(0, 0, theme.WIDTH, theme.HEIGHT)
        super().__init__(size_hint=(None, None), pos=surface.pos(whole), size=surface.size(whole))
        with self.canvas:
            Color(*theme.VEIL)
            Rectangle(pos=self.pos, size=self.size)
        say, sound = surface.words, surface.sound
        self.add_widget(Panel(surface, _BOX, edge=theme.EDGE, radius=24))
        inner = _BOX.inset(48, 40)
        title = Box(inner.x, inner.y, inner.w, 96)
        self.add_widget(Text(surface, say("声音"), title, size=theme.QUESTION, bold=True, rise="middle"))
        where = {
            Route.SPEAKER: say("从喇叭播放。姓名和号码不读出来。"),
            Route.HEADPHONES: say("从耳机播放，别人听不到。"),
            Route.NOWHERE: say("这台机器现在没有声音。内容都在屏幕上。"),
        }[sound.route]
        line = Box(inner.x, title.bottom, inner.w, 144)
        self.add_widget(Text(surface, where, line, colour=theme.INK_SOFT, rise="middle"))
        y = line.bottom + _GAP
        side = 232.0
        softer = Box(inner.x, y, side, _HIGH)
        louder = Box(inner.right - side, y, side, _HIGH)
        self.add_widget(
            WordButton(
                surface,
                softer,
                "",
                SetVolume(sound.volume - 1),
                look=OUTLINED,
                pictogram="minus",
                size=64,
                enabled=sound.volume > 0,
                told=say("小声一点"),
            )
        )
        self.add_widget(
            WordButton(
                surface,
                louder,
                "",
                SetVolume(sound.volume + 1),
                look=OUTLINED,
                pictogram="plus",
                size=64,
                enabled=sound.volume < LOUDEST,
                told=say("大声一点"),
            )
        )
        self._level(surface, Box(softer.right + _GAP, y, louder.x - softer.right - 2 * _GAP, _HIGH))
        again = Box(inner.x, y + _HIGH + _GAP, inner.w, _HIGH)
        self.add_widget(WordButton(surface, again, say("再说一遍"), SayAgain(), look=OUTLINED, pictogram="repeat"))
        pause = Box(inner.x, again.bottom + _GAP, inner.w, _HIGH)
        words = say("接着说") if sound.paused else say("先别说")
        sign: Name = "speaker" if sound.paused else "pause"
        self.add_widget(WordButton(surface, pause, words, PauseVoice(not sound.paused), look=OUTLINED, pictogram=sign))
        done = Box(inner.x, pause.bottom + _GAP + 16, inner.w, _HIGH)
        self.add_widget(WordButton(surface, done, say("好了"), close, look=FILLED, size=48, bold=True))

    def _level(self, surface: Surface, box: Box) -> None:
        """How loud, as steps: full ones are taller as well as darker."""
        volume = surface.sound.volume
        step = box.w / LOUDEST
        for place in range(LOUDEST):
            full = place < volume
            high = 24.0 + (place * 24.0 if full else 0.0)
            bar = Box(box.x + place * step + 12, box.bottom - 12 - high, step - 24, high)
            self.add_widget(Panel(surface, bar, fill=theme.BLUE if full else theme.EDGE, radius=8))
