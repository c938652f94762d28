"""The paper from one's own telephone, by a code on the screen."""

from typing import Final

from kiosk.view.desk import NewCode, PhonePaper, PhoneStage, TakeThem
from ui import theme
from ui.screens.sheet import FLOOR, DeskSheet
from ui.surface import Box
from ui.voice.papers import LINES, TITLES
from ui.widgets.button import WordButton
from ui.widgets.code_square import CodeSquare
from ui.widgets.note import Note
from ui.widgets.pictogram import Name
from ui.widgets.target import FILLED
from ui.widgets.text import Text

_SIGNS: Final[dict[PhoneStage, Name]] = {
    PhoneStage.ASKING: "dots",
    PhoneStage.FETCHING: "dots",
    PhoneStage.EXPIRED: "clock",
    PhoneStage.LINE_DOWN: "bars",
    PhoneStage.NOT_POSSIBLE: "phone",
    PhoneStage.UNREADABLE: "paper",
}
_QUIET: Final = frozenset(
    {PhoneStage.ASKING, PhoneStage.WAITING, PhoneStage.OPENED, PhoneStage.ARRIVING, PhoneStage.FETCHING}
)
_AGAIN: Final = frozenset({PhoneStage.EXPIRED, PhoneStage.LINE_DOWN, PhoneStage.UNREADABLE})
_CODE, _CODE_SMALL, _HIGH = 560, 440, 128


class PhonePaperScreen(DeskSheet[PhonePaper]):
    """The code, how far the telephone is, and what to do where it does not work."""

    def draw(self, state: PhonePaper) -> None:
        """Draw it."""
        say = self.say
        self.frame(forward=None)
        y = self.steps(state.step, state.steps)
        title = say(TITLES[state.stage]).format(count=state.count)
        y = self.write(title, y + 32, 176, size=theme.QUESTION, bold=True, align="center")
        y = self.write(say.of(state.title), y + 8, 72, colour=theme.INK_SOFT, align="center")
        sign = _SIGNS.get(state.stage, "phone")
        y = self._code(state, y + 24) if state.qr else self.emblem(sign, y + 64, 280) + 48
        floor = self._choices(state)
        room = floor - theme.GAP - y
        line = say(LINES[state.stage])
        if state.sides and state.stage in (PhoneStage.WAITING, PhoneStage.OPENED):
            line = say("要两张照片：先正面，再反面。")
        if state.stage in _QUIET:
            self.write(line, y, min(160, room), colour=theme.INK_SOFT, align="center")
        else:
            self.put(Note(self.surface, line, Box(theme.MARGIN, y, theme.INNER, min(room, 260)), size=40))

    def _code(self, state: PhonePaper, y: float) -> float:
        side = _CODE if state.stage is PhoneStage.WAITING else _CODE_SMALL
        box = Box((theme.WIDTH - side) / 2, y, side, side)
        self.put(CodeSquare(self.surface, box, state.qr))
        self._room = Box(theme.MARGIN, box.bottom + 16, theme.INNER, 56)
        self._left = self._seconds(state)
        self.put(self._left)
        return box.bottom + 88

    def _seconds(self, state: PhonePaper) -> Text:
        minutes, seconds = divmod(max(0, state.seconds), 60)
        words = self.say("{minutes} 分 {seconds} 秒内有效").format(minutes=minutes, seconds=f"{seconds:02}")
        soft = theme.INK_SOFT
        return Text(self.surface, words, self._room, size=theme.CAPTION, colour=soft, align="center")

    def _choices(self, state: PhonePaper) -> float:
        """What can be done; returns where the buttons begin."""
        box = Box(theme.MARGIN, FLOOR - _HIGH, theme.INNER, _HIGH)
        if state.stage is PhoneStage.ARRIVING:
            self.put(WordButton(self.surface, box, self.say("传完了"), TakeThem(), look=FILLED, bold=True))
        elif state.stage in _AGAIN:
            self.put(WordButton(self.surface, box, self.say("换一个新的码"), NewCode(), look=FILLED, bold=True))
        else:
            return FLOOR
        return box.y

    def take(self, state: PhonePaper) -> bool:
        """Only the seconds move while nothing else does."""
        before = self.state
        if not state.qr or (state.stage, state.qr, state.count, state.title) != (
            before.stage,
            before.qr,
            before.count,
            before.title,
        ):
            return False
        self.state = state
        self.remove_widget(self._left)
        self._left = self._seconds(state)
        self.put(self._left)
        return True
