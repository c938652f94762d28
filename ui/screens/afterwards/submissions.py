"""What this person handed in."""

from kiosk.view.afterwards import SubmissionLine, Submissions
from kiosk.view.desk import Choose
from ui import theme
from ui.screens.afterwards.rows import Entry, RowsSheet
from ui.screens.afterwards.words import ENDED, GOOD, STANDINGS
from ui.widgets.pictogram import Name
from ui.widgets.top_bar import HEIGHT as TOP_HEIGHT


class SubmissionsScreen(RowsSheet[Submissions]):
    """One row a submission, what waits for the person first."""

    def draw(self, state: Submissions) -> None:
        """Draw it."""
        say = self.say
        self.frame(forward=None)
        y = self.write(say("{name}，您好").format(name=state.name_masked), TOP_HEIGHT + 40, 72, colour=theme.INK_SOFT)
        y = self.write(say("您交过的申请"), y + 8, 120, size=theme.TITLE, bold=True) + 32
        self.rows([self._entry(line) for line in state.lines], y, 176)

    def _entry(self, line: SubmissionLine) -> Entry:
        say = self.say
        standing = say(STANDINGS.get(line.standing, line.standing))
        since = line.since.astimezone(self.surface.now().tzinfo) if line.since.tzinfo else line.since
        words = say("{standing} · {day}").format(standing=standing, day=say.day(since.date()))
        sign: Name = "exclamation" if line.wants else sign_of(line.standing)
        return Entry(say.of(line.title), words, Choose(line.number), sign, warm=line.wants)


def sign_of(standing: str) -> Name:
    """The sign of a standing: each outcome has its own shape."""
    if standing in GOOD:
        return "tick"
    return "minus" if standing in ENDED else "clock"
