"""One cross of the touch panel's calibration: the whole screen takes the touch, wherever the panel says it was."""

from typing import Final

from kivy.input.motionevent import MotionEvent

from kiosk.view.technician import ShowTarget, Touched
from ui import theme
from ui.screens.technician.sheet import TechnicianSheet
from ui.surface import Box
from ui.widgets.shape import Disc, Panel

_ARM: Final = 72.0
_WEIGHT: Final = 6.0


class ShowTargetScreen(TechnicianSheet[ShowTarget]):
    """A cross, and in the middle of the screen which one it is."""

    def draw(self, state: ShowTarget) -> None:
        """Draw it."""
        say = self.say
        x, y = state.x * theme.WIDTH, state.y * theme.HEIGHT
        self.put(Panel(self.surface, Box(x - _ARM, y - _WEIGHT / 2, 2 * _ARM, _WEIGHT), fill=theme.BLUE, radius=0))
        self.put(Panel(self.surface, Box(x - _WEIGHT / 2, y - _ARM, _WEIGHT, 2 * _ARM), fill=theme.BLUE, radius=0))
        self.put(Disc(self.surface, Box(x - 14, y - 14, 28, 28), theme.BLUE))
        title = say("请点十字的中心（{number} / {count}）").format(number=state.number, count=state.count)
        end = self.write(title, 560, 160, size=theme.QUESTION, bold=True, align="center")
        if state.again:
            self.note(say("离十字太远，请再点一次。"), end + 16, 160)
        words = say("三分钟不点会自动退出。")
        self.write(words, 1120, 120, size=theme.CAPTION, colour=theme.INK_SOFT, align="center")

    def on_touch_down(self, touch: MotionEvent) -> bool:
        """Where the panel says that it was touched, whatever lies there."""
        width, height = self.size
        x, y = touch.pos
        self.surface.send(Touched((x - self.x) / width, 1.0 - (y - self.y) / height))
        return True
