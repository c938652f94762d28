"""Only what the office asks for, and nothing else."""

from kiosk.view.afterwards import Correction, WantedRow
from kiosk.view.desk import Choose
from ui import theme
from ui.screens.afterwards.rows import Entry, RowsSheet
from ui.screens.sheet import FLOOR
from ui.surface import Box
from ui.widgets.note import Note
from ui.widgets.top_bar import HEIGHT as TOP_HEIGHT


class CorrectionScreen(RowsSheet[Correction]):
    """One row a thing that is wanted, in the office's words; handed in once, all together."""

    def draw(self, state: Correction) -> None:
        """Draw it."""
        say = self.say
        mendable = any(row.key for row in state.rows)
        self.frame(words=say("提交") if state.ready else say("开始补正"), enabled=mendable)
        y = self.write(say.of(state.title), TOP_HEIGHT + 40, 112, colour=theme.INK_SOFT)
        title = say("都齐了，请核对后提交") if state.ready else say("请补这几样")
        y = self.write(title, y + 8, 144, size=theme.TITLE, bold=True)
        if state.due is not None:
            words = say("请在 {day} 前交。其他内容不用再填。").format(day=say.day(state.due))
            y = self.write(words, y + 8, 120, colour=theme.INK_SOFT)
        floor = FLOOR
        if state.window:
            words = say("带斜线的一项在这里补不了，请到窗口补。")
            note = Note(self.surface, words, Box(theme.MARGIN, FLOOR - 168, theme.INNER, 168), sign="staff")
            self.put(note)
            floor -= 184
        self.rows([self._entry(row) for row in state.rows], y + 32, 184, floor)

    def _entry(self, row: WantedRow) -> Entry:
        say = self.say
        title = say.of(row.title)
        given = say.of(row.value)
        if given:
            line = "••••" if self.surface.discreet else given
            return Entry(title, say("已补：{value}").format(value=line), Choose(row.key), "tick")
        if not row.key:
            return Entry(f"／ {title}", row.words)
        return Entry(title, row.words, Choose(row.key), "exclamation", warm=True)
