"""The mark that somebody helps or is on the way: a frame round every screen, a bar on top, and where they point."""

from kivy.graphics import Color, SmoothEllipse, SmoothLine
from kivy.uix.widget import Widget

from kiosk.view.help import Help, Mark, Talk, Wish
from ui import theme
from ui.surface import Box, Surface
from ui.widgets.button import WordButton
from ui.widgets.shape import Panel
from ui.widgets.staff_picture import StaffPicture
from ui.widgets.target import FILLED, WARM
from ui.widgets.text import Text

BAR = 112
"""Height of the bar; it lies over the hall's name and the time."""
STOP = 120
"""Height of the button that takes consent back, under the bar."""
_PICTURE = (136, 102)


class HelpMark(Widget):
    """The frame and the bar.

    Args:
        surface: where it is drawn.
        mark: what it says.

    Attributes:
        picture: of whoever helps; None when there is none.
    """

    def __init__(self, surface: Surface, mark: Mark) -> None:
        whole = Box(0, 0, theme.WIDTH, theme.HEIGHT)
        super().__init__(size_hint=(None, None), pos=surface.pos(whole), size=surface.size(whole))
        self.picture: StaffPicture | None = None
        say = surface.words
        self.add_widget(Panel(surface, Box(0, 0, theme.WIDTH, BAR), fill=theme.HELP_TINT, radius=0))
        if mark.staff:
            with self.canvas.after:
                Color(*theme.HELP)
                edge = surface.px(12)
                x, y = self.pos
                left, low, right, high = (
                    x + edge / 2,
                    y + edge / 2,
                    x + self.width - edge / 2,
                    y + self.height - edge / 2,
                )
                SmoothLine(points=[left, low, right, low, right, high, left, high], width=edge / 2, close=True)
        left = 24.0
        if mark.staff and mark.talk is Talk.VIDEO:
            self.picture = StaffPicture(surface, Box(left, 5, *_PICTURE))
            self.add_widget(self.picture)
            left += _PICTURE[0] + 16
        right = theme.WIDTH - 24.0
        for words, wish in self._buttons(mark, surface):
            wide = 200.0
            right -= wide
            self.add_widget(WordButton(surface, Box(right, 8, wide, 96), words, Help(wish), look=WARM, size=theme.BODY))
            right -= 16
        room = Box(left, 4, right - left, BAR - 8)
        self.add_widget(
            Text(
                surface,
                self._words(mark, surface),
                room,
                size=theme.CAPTION,
                colour=theme.HELP,
                bold=True,
                rise="middle",
            )
        )
        if mark.control:
            box = Box(theme.MARGIN, BAR + 8, theme.INNER, STOP)
            words = say("停止代我点按")
            self.add_widget(WordButton(surface, box, words, Help(Wish.REVOKE), look=FILLED, size=48, bold=True))

    @staticmethod
    def _buttons(mark: Mark, surface: Surface) -> list[tuple[str, Wish]]:
        say = surface.words
        if not mark.staff:
            return [(say("取消求助"), Wish.CANCEL), (say("看进度"), Wish.LARGE)]
        return [(say("结束通话"), Wish.END), (say("有新消息") if mark.unread else say("通话"), Wish.LARGE)]

    @staticmethod
    def _words(mark: Mark, surface: Surface) -> str:
        say = surface.words
        if not mark.staff:
            return (
                say("已呼叫工作人员，前面还有 {count} 位").format(count=mark.ahead)
                if mark.ahead
                else say("已呼叫工作人员，您是下一位")
            )
        names = "、".join(mark.staff)
        if mark.broken:
            return say("{name}：连接中断，正在重新连接").format(name=names)
        if mark.showing:
            return say("{name} 正在帮您，看得到私人内容").format(name=names)
        return say("{name} 正在帮您，看得到这个屏幕").format(name=names)


class Pointer(Widget):
    """Where whoever helps points, and a frame round what they mean."""

    def __init__(self, surface: Surface) -> None:
        whole = Box(0, 0, theme.WIDTH, theme.HEIGHT)
        super().__init__(size_hint=(None, None), pos=surface.pos(whole), size=surface.size(whole))
        self._surface = surface
        self._side = surface.px(56)
        with self.canvas:
            self._ink = Color(*theme.HELP[:3], 0)
            self._dot = SmoothEllipse(pos=self.pos, size=(self._side, self._side))
            self._mark_ink = Color(*theme.HELP[:3], 0)
            self._mark = SmoothLine(points=[], width=surface.px(6), close=True)

    def point(self, place: tuple[float, float] | None) -> None:
        """Show the pointer; None hides it. Shares of the screen from its upper left."""
        self._ink.rgba = theme.CLEAR if place is None else (*theme.HELP[:3], 0.85)
        if place is not None:
            x, y = self._surface.point(place[0] * theme.WIDTH, place[1] * theme.HEIGHT)
            self._dot.pos = (x - self._side / 2, y - self._side / 2)

    def mark(self, widget: Widget | None) -> None:
        """Put a frame round a widget; None takes it away."""
        self._mark_ink.rgba = theme.CLEAR if widget is None else theme.HELP
        if widget is not None:
            room = self._surface.px(10)
            left, low, right, high = widget.x - room, widget.y - room, widget.right + room, widget.top + room
            self._mark.points = [left, low, right, low, right, high, left, high]
