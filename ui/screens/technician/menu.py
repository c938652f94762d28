"""What a technician can do, two in a row."""

from typing import Final

from kiosk.view.technician import Do, Done, Menu, Task
from ui import theme
from ui.screens.desk.pages import HEIGHT as TURNER
from ui.screens.desk.pages import PageTurner
from ui.screens.sheet import FLOOR
from ui.screens.technician.sheet import TechnicianSheet
from ui.surface import Box, Surface
from ui.technician_words import DONE, TASKS, TaskWords
from ui.widgets.pictogram import Pictogram
from ui.widgets.target import PLAIN, WARM, Look, Target
from ui.widgets.text import Text, shared_room

_HIGH: Final = 176.0
_GAP: Final = 20.0
_LEAST: Final = 128.0
_LEAST_LARGE: Final = 152.0


class TaskTile(Target):
    """One task: a pictogram, what it is, and one line."""

    def __init__(self, surface: Surface, box: Box, words: TaskWords, task: Task, *, look: Look = PLAIN) -> None:
        super().__init__(surface, box, Do(task), look=look)
        ink = self.look.ink
        mark = Box(box.x + 24, box.y + (box.h - 56) / 2, 56, 56)
        self.add_widget(Pictogram(surface, words.sign, mark, colour=theme.BLUE if look is PLAIN else ink, weight=3.6))
        inner = Box(mark.right + 20, box.y + 6, box.right - mark.right - 32, box.h - 12)
        title, line = surface.words(words.title), surface.words(words.line) if words.line else ""
        if not line or surface.large:
            self.add_widget(Text(surface, title, inner, colour=ink, rise="middle"))
            return
        upper, lower = shared_room(surface, inner, title, line)
        soft = theme.INK_SOFT if look is PLAIN else ink
        self.add_widget(Text(surface, title, upper, colour=ink, rise="bottom"))
        self.add_widget(Text(surface, line, lower, size=theme.CAPTION, colour=soft))


class MenuScreen(TechnicianSheet[Menu]):
    """Tiles, by the page where letters are large or only the lower part is within reach."""

    page = 0

    def draw(self, state: Menu) -> None:
        """Draw it."""
        say = self.say
        title = say("校准") if state.inner else say("技术维护 · {terminal}").format(terminal=state.terminal)
        line = say("{name} · 版本 {version}").format(name=state.technician, version=state.version)
        y = self.frame(title, line, back=state.inner) + 24
        if state.done is not Done.NOTHING:
            y = self.note(say(DONE[state.done]), y, 140, warning=state.done is Done.OUT)
        elif state.held and not state.inner:
            y = self.note(say("本机已停用，退出后显示“暂停服务”。"), y, 140)
        y = self.from_reach(y)
        least = _LEAST_LARGE if self.surface.large else _LEAST
        rows = -(-len(state.tasks) // 2)
        floor = float(FLOOR)
        if rows * (least + _GAP) - _GAP > floor - y:
            floor = FLOOR - TURNER - _GAP
            rows = max(1, int((floor - y + _GAP) / (least + _GAP)))
        pages = -(-len(state.tasks) // (2 * rows))
        page = min(self.page, pages - 1)
        wide = (theme.INNER - _GAP) / 2
        high = min(_HIGH, (floor - y + _GAP) / rows - _GAP)
        for place, task in enumerate(state.tasks[page * 2 * rows : (page + 1) * 2 * rows]):
            box = Box(theme.MARGIN + place % 2 * (wide + _GAP), y + place // 2 * (high + _GAP), wide, high)
            look = WARM if task is Task.BACK_IN else PLAIN
            self.put(TaskTile(self.surface, box, TASKS[task], task, look=look))
        if pages > 1:
            self.put(PageTurner(self.surface, FLOOR - TURNER, page, pages, self._turn))

    def _turn(self, page: int) -> None:
        self.page = page
        self.redraw()
