"""What is needed, how long it takes, what it costs."""

from kiosk.view.desk import BeforeYouStart
from ui import theme
from ui.screens.sheet import FLOOR, DeskSheet
from ui.surface import Box
from ui.widgets.pictogram import Name, Pictogram
from ui.widgets.shape import Disc, Panel
from ui.widgets.text import Text
from ui.widgets.top_bar import HEIGHT as TOP_HEIGHT


class BeforeYouStartScreen(DeskSheet[BeforeYouStart]):
    """Ready?"""

    def draw(self, state: BeforeYouStart) -> None:
        """Draw it."""
        say = self.say
        self.frame(words=say("开始办理"))
        y = self.write(say.of(state.title), TOP_HEIGHT + 64, 240, size=theme.TITLE, bold=True)
        facts: tuple[tuple[Name, str, str], ...] = (
            ("clock", say("填写"), say("约 {count} 分钟").format(count=state.minutes)),
            ("paper", say("办结"), say("{count} 个工作日").format(count=state.working_days)),
            ("money", say("费用"), say.of(state.fee)),
        )
        box = Box(theme.MARGIN, y + 56, theme.INNER, 280)
        self.put(Panel(self.surface, box))
        third = box.w / 3
        for place, (pictogram, caption, words) in enumerate(facts):
            part = Box(box.x + place * third, box.y, third, box.h)
            self.put(Pictogram(self.surface, pictogram, Box(part.x + third / 2 - 40, part.y + 32, 80, 80)))
            self.write(
                caption,
                part.y + 120,
                64,
                x=part.x + 8,
                w=third - 16,
                size=theme.CAPTION,
                colour=theme.INK_SOFT,
                align="center",
            )
            value = Box(part.x + 8, part.y + 176, third - 16, 88)
            self.put(Text(self.surface, words, value, align="center"))
        y = self.write(say("请准备好"), box.bottom + 64, 80, size=theme.QUESTION) + 24
        room = (FLOOR - y) / max(1, len(state.needs))
        high = min(152.0, room)
        for place, need in enumerate(state.needs):
            row = Box(theme.MARGIN, y + place * high, theme.INNER, high)
            mark = Box(row.x, row.y + (high - 56) / 2, 56, 56)
            self.put(Disc(self.surface, mark, theme.BLUE_TINT))
            self.put(Pictogram(self.surface, "tick", mark.inset(12), weight=6.0))
            self.put(
                Text(
                    self.surface,
                    say.of(need),
                    Box(mark.right + 24, row.y, row.right - mark.right - 24, high),
                    rise="middle",
                )
            )
