"""Appointments of this person."""

from kiosk.view.afterwards import Act, AppointmentLine, Appointments, Do
from kiosk.view.desk import Choose
from ui import theme
from ui.screens.afterwards.rows import Entry, RowsSheet
from ui.widgets.top_bar import HEIGHT as TOP_HEIGHT


class AppointmentsScreen(RowsSheet[Appointments]):
    """One row an appointment; next books another one."""

    def draw(self, state: Appointments) -> None:
        """Draw it."""
        say = self.say
        self.frame(forward=Do(Act.BOOK), words=say("新预约"))
        hello = say("{name}，您好").format(name=state.name_masked)
        y = self.write(hello, TOP_HEIGHT + 40, 72, colour=theme.INK_SOFT)
        y = self.write(say("您的预约"), y + 8, 120, size=theme.TITLE, bold=True) + 32
        if not state.lines:
            y = self.emblem("clock", y + 120, 280)
            y = self.write(say("现在没有预约"), y + 56, 96, size=theme.QUESTION, align="center")
            self.write(say("约好时间来，不用排队。"), y + 8, 120, colour=theme.INK_SOFT, align="center")
        self.rows([self._entry(line) for line in state.lines], y, 176)

    def _entry(self, line: AppointmentLine) -> Entry:
        when = line.begins.astimezone(self.surface.now().tzinfo) if line.begins.tzinfo else line.begins
        return Entry(self.say.moment(when), self.say.of(line.department), Choose(line.key), "clock")
