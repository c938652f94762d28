"""Which day?"""

from datetime import date
from typing import Final

from kiosk.view.afterwards import DayFree, PickDay
from kiosk.view.desk import Choose
from ui import theme
from ui.language import N_, Speech
from ui.screens.afterwards.rows import Entry, RowsSheet
from ui.widgets.top_bar import HEIGHT as TOP_HEIGHT

_WEEK: Final = (N_("星期一"), N_("星期二"), N_("星期三"), N_("星期四"), N_("星期五"), N_("星期六"), N_("星期日"))


def day_words(day: date, say: Speech) -> str:
    """A day with its name, e.g. 2026 年 11 月 23 日 星期一."""
    return f"{say.day(day)} {say(_WEEK[day.weekday()])}"


class PickDayScreen(RowsSheet[PickDay]):
    """One row a day that has room."""

    def draw(self, state: PickDay) -> None:
        """Draw it."""
        self.frame(forward=None)
        y = self.write(self.say.of(state.department), TOP_HEIGHT + 40, 112, colour=theme.INK_SOFT)
        y = self.write(self.say("哪一天来？"), y + 8, 120, size=theme.TITLE, bold=True) + 32
        self.rows([self._entry(day) for day in state.days], y, 144)

    def _entry(self, free: DayFree) -> Entry:
        line = self.say("还可约 {count} 人").format(count=free.free)
        return Entry(day_words(free.day, self.say), line, Choose(free.day.isoformat()))
