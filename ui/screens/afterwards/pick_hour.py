"""What time?"""

from kiosk.view.afterwards import HourFree, PickHour
from kiosk.view.desk import Choose
from ui import theme
from ui.screens.afterwards.pick_day import day_words
from ui.screens.afterwards.rows import Entry, RowsSheet
from ui.widgets.top_bar import HEIGHT as TOP_HEIGHT


class PickHourScreen(RowsSheet[PickHour]):
    """One row an hour that has room."""

    def draw(self, state: PickHour) -> None:
        """Draw it."""
        self.frame(forward=None)
        say = self.say
        y = self.write(say.of(state.department), TOP_HEIGHT + 40, 112, colour=theme.INK_SOFT)
        y = self.write(day_words(state.day, say), y + 8, 80)
        y = self.write(say("几点来？"), y + 8, 120, size=theme.TITLE, bold=True) + 32
        self.rows([self._entry(hour) for hour in state.hours], y, 144)

    def _entry(self, hour: HourFree) -> Entry:
        say = self.say
        line = say("还可约 {count} 人").format(count=hour.free)
        return Entry(say("{hour} 到达").format(hour=hour.key), line, Choose(hour.key))
