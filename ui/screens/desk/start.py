"""Nobody is here yet."""

from kiosk.view.afterwards import OpenServices
from kiosk.view.desk import Choose, Start
from ui import theme
from ui.screens.common.card_notes import CARD_NOTES
from ui.screens.desk.ways import HEIGHT as WAYS
from ui.screens.desk.ways import Ways
from ui.screens.sheet import FLOOR, Sheet
from ui.surface import Box
from ui.widgets.button import WordButton
from ui.widgets.choice_row import ChoiceRow
from ui.widgets.note import Note
from ui.widgets.pictogram import Pictogram
from ui.widgets.target import OUTLINED
from ui.widgets.top_bar import HEIGHT as TOP_HEIGHT

_ROWS = 3
_HIGH = 152


class StartScreen(Sheet[Start]):
    """What one can do here, and the one thing to begin with: the card."""

    def draw(self, state: Start) -> None:
        """Draw it."""
        self.head()
        self.bars()
        side = 232
        emblem = Box((theme.WIDTH - side) / 2, TOP_HEIGHT + 32, side, side)
        y = self.emblem("card_on_reader", emblem.y, side)
        y = self.write(self.say("请把身份证平放在感应区"), y + 24, 208, size=theme.TITLE, bold=True, align="center")
        line = self.say("办企业的事，请再带上营业执照。先看看也可以。")
        y = self.write(line, y + 8, 144, colour=theme.INK_SOFT, align="center")
        notes = [self.say(CARD_NOTES[state.problem])] if CARD_NOTES[state.problem] else []
        if not state.printing:
            notes.append(self.say("回执现在打不出来，办完会显示在屏幕上，请用手机拍下。"))
        if state.offline:
            notes.append(self.say("网络暂时不通。照常可以办，接通后自动上传。"))
        for place, words in enumerate(notes[:2]):
            box = Box(theme.MARGIN, y + 24, theme.INNER, 200)
            warning = place == 0 and bool(CARD_NOTES[state.problem])
            note = Note(
                self.surface,
                words,
                box,
                warning=warning,
                size=theme.BODY if warning else theme.CAPTION,
                sign=None if warning else "info",
            )
            self.put(note)
            y = note.bottom
        self._items(state, y + 40)
        top = 1752
        self.put(
            Pictogram(self.surface, "arrow", Box(476, top, 128, 128), toward=self.surface.places.reader, weight=4.0)
        )

    def _items(self, state: Start, top: float) -> None:
        """What is asked for most, as far as there is room, and above all the ways to everything else."""
        ways = FLOOR - WAYS
        if state.services:
            box = Box(theme.MARGIN, ways, theme.INNER, WAYS)
            words = self.say("已办业务 · 其他服务")
            self.put(WordButton(self.surface, box, words, OpenServices(), look=OUTLINED, pictogram="receipt"))
            ways -= WAYS + theme.GAP
        self.put(Ways(self.surface, ways))
        y = self.write(self.say("这里可以办"), top, 64, size=theme.CAPTION, colour=theme.INK_SOFT) + 16
        y = self.from_reach(y)
        fit = int((ways - theme.GAP - y + theme.GAP) // (_HIGH + theme.GAP))
        for place, item in enumerate(state.items[: min(_ROWS, max(0, fit))]):
            box = Box(theme.MARGIN, y + place * (_HIGH + theme.GAP), theme.INNER, _HIGH)
            title, line = self.say.of(item.title), self.say.of(item.line)
            if item.closed:
                line = self.say("摄像头坏了，要拍材料，请到窗口办")
            self.put(ChoiceRow(self.surface, box, title, line, Choose(item.key), enabled=not item.closed))
