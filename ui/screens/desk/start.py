"""Nobody is here yet."""

from kiosk.view.desk import Start
from ui import theme
from ui.screens.common.card_notes import CARD_NOTES
from ui.screens.sheet import FLOOR, Sheet
from ui.surface import Box
from ui.widgets.note import Note
from ui.widgets.pictogram import Pictogram
from ui.widgets.service_bar import ServiceBar
from ui.widgets.shape import Panel, Rule
from ui.widgets.text import Text
from ui.widgets.top_bar import HEIGHT as TOP_HEIGHT

_ROWS = 4


class StartScreen(Sheet[Start]):
    """What one can do here, and the one thing to begin with: the card."""

    def draw(self, state: Start) -> None:
        """Draw it."""
        self.head()
        self.put(ServiceBar(self.surface))
        side = 320
        emblem = Box((theme.WIDTH - side) / 2, TOP_HEIGHT + 32, side, side)
        y = self.emblem("card_on_reader", emblem.y, side)
        y = self.write(self.say("请把身份证平放在感应区"), y + 32, 232, size=theme.TITLE, bold=True, align="center")
        line = self.say("读到身份证就可以开始办理。")
        y = self.write(line, y + 8, 144, colour=theme.INK_SOFT, align="center")
        notes = [self.say(CARD_NOTES[state.problem])] if CARD_NOTES[state.problem] else []
        if not state.printing:
            notes.append(self.say("回执现在打不出来，办完会显示在屏幕上，请用手机拍下。"))
        if state.offline:
            notes.append(self.say("网络暂时不通。照常可以办，接通后自动上传。"))
        for place, words in enumerate(notes[:2]):
            box = Box(theme.MARGIN, y + 32, theme.INNER, 240)
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
        self._items(state, y + 48, TOP_HEIGHT + 1700)
        top = 1704
        self.put(
            Pictogram(self.surface, "arrow", Box(468, top, 144, 144), toward=self.surface.places.reader, weight=4.0)
        )

    def _items(self, state: Start, top: float, floor: float) -> None:
        floor = min(floor, FLOOR)
        shown = state.items[:_ROWS]
        if not shown or floor - top < 240:
            return
        y = self.write(self.say("这里可以办"), top, 64, size=theme.CAPTION, colour=theme.INK_SOFT) + 16
        high = min(160.0, (floor - y) / len(shown))
        while shown and high < 104:
            shown = shown[:-1]
            high = min(160.0, (floor - y) / max(1, len(shown)))
        box = Box(theme.MARGIN, y, theme.INNER, high * len(shown))
        self.put(Panel(self.surface, box))
        for place, item in enumerate(shown):
            row = Box(box.x + 32, box.y + place * high, box.w - 64, high)
            if place:
                self.put(Rule(self.surface, Box(row.x, row.y, row.w, 2)))
            line = self.say.of(item.line) if high >= 144 else ""
            upper = Box(row.x, row.y + 8, row.w, (high - 16) * (0.54 if line else 1))
            lower = Box(row.x, upper.bottom, row.w, row.bottom - 8 - upper.bottom)
            rise = "bottom" if line else "middle"
            self.put(
                Text(self.surface, self.say.of(item.title), upper, rise="bottom" if rise == "bottom" else "middle")
            )
            if line:
                self.put(Text(self.surface, line, lower, size=theme.CAPTION, colour=theme.INK_SOFT))
