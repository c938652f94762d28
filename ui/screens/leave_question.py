"""Leaving is asked once: everything that was entered would be forgotten."""

from collections.abc import Callable

from kivy.graphics import Color, Rectangle
from kivy.uix.widget import Widget

from kiosk.view.common import Cancel
from kiosk.view.desk import SaveForLater
from kiosk.view.screen import Intent
from ui import theme
from ui.surface import Box, Surface
from ui.widgets.button import WordButton
from ui.widgets.shape import Panel
from ui.widgets.target import FILLED, OUTLINED, Look
from ui.widgets.text import Text


class LeaveQuestion(Widget):
    """Leave, and forget what was entered, or keep it for later? Lies over the screen."""

    def __init__(self, surface: Surface, stay: Callable[[], None], *, can_save: bool = False) -> None:
        whole = Box(0, 0, theme.WIDTH, theme.HEIGHT)
        super().__init__(size_hint=(None, None), pos=surface.pos(whole), size=surface.size(whole))
        with self.canvas:
            Color(*theme.VEIL)
            Rectangle(pos=self.pos, size=self.size)
        say = surface.words
        box = Box(theme.MARGIN, 800 if can_save else 960, theme.INNER, 800 if can_save else 640)
        inner = box.inset(48)
        self.add_widget(Panel(surface, box, radius=24))
        title = Text(surface, say("要退出吗？"), Box(inner.x, inner.y, inner.w, 160), size=theme.QUESTION, bold=True)
        self.add_widget(title)
        leave: Intent = Cancel()
        save: Intent = SaveForLater()
        buttons: list[tuple[str, Intent | Callable[[], None], Look]] = [(say("继续办理"), stay, FILLED)]
        if can_save:
            buttons.append((say("保存，下次继续"), save, OUTLINED))
        buttons.append((say("退出并清除"), leave, OUTLINED))
        top = inner.bottom - len(buttons) * 136 - (len(buttons) - 1) * 24
        words = say("保存后带身份证来，在这台机器上继续。") if can_save else say("已经填写的内容会全部清除。")
        line = Box(inner.x, title.bottom + 16, inner.w, top - title.bottom - 32)
        self.add_widget(Text(surface, words, line, colour=theme.INK_SOFT))
        for place, (says, act, look) in enumerate(buttons):
            where = Box(inner.x, top + place * 160, inner.w, 136)
            self.add_widget(WordButton(surface, where, says, act, look=look, bold=look is FILLED))
