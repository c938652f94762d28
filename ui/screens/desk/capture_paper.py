"""Lay the paper under the camera."""

from dataclasses import replace
from typing import Final

from kiosk.view.desk import BringLater, CapturePaper, EarlierWay, FromEarlier, FromPhone, PaperHint, PhoneWay, Side
from kiosk.view.screen import Intent
from ui import theme
from ui.language import N_
from ui.screens.sheet import FLOOR, DeskSheet
from ui.surface import Box
from ui.widgets.button import WordButton
from ui.widgets.camera_view import CameraView, PageOutline
from ui.widgets.note import Note
from ui.widgets.pictogram import Name
from ui.widgets.progress import Ring
from ui.widgets.target import OUTLINED

_HINTS: Final[dict[PaperHint, str]] = {
    PaperHint.LAY_DOWN: N_("请把材料平放在垫子上"),
    PaperHint.MOVE_INSIDE: N_("有一角在画面外，请移到中间"),
    PaperHint.COME_CLOSER: N_("材料太小，请展开放平"),
    PaperHint.HOLD_STILL: N_("请松手，不要移动材料"),
    PaperHint.BLURRED: N_("看不清楚，请压平材料"),
    PaperHint.GLARE: N_("有反光，请转动一下材料"),
    PaperHint.SHADOW: N_("有阴影，请不要挡住灯光"),
    PaperHint.ONE_PAPER: N_("请一次只放一张"),
    PaperHint.HAND_AWAY: N_("请把手拿开"),
    PaperHint.TOO_LARGE: N_("材料太大，请折一下，分两次拍"),
    PaperHint.SMOOTH_OUT: N_("看不清边缘，请压平，放在垫子中间"),
    PaperHint.GOOD: N_("很好，马上自动拍照"),
    PaperHint.NEXT_PAGE: N_("请取走这一页，换上要拍的材料"),
    PaperHint.TURN_OVER: N_("请把卡片翻过来"),
    PaperHint.CAMERA_AWAY: N_("摄像头没有画面，请稍候，或点求助"),
}
_VIEW: Final = Box(theme.MARGIN, 480, theme.INNER, 760)
_LATER: Final = 112
_NOTE: Final = 112
"""The least height of the hint."""


class CapturePaperScreen(DeskSheet[CapturePaper]):
    """The live picture with the page's outline, the hint, and a ring that fills before it shoots."""

    def draw(self, state: CapturePaper) -> None:
        """Draw it."""
        self.frame(forward=None)
        y = self.steps(state.step, state.steps)
        title = self._title(state)
        self.write(title, y + 40, _VIEW.y - y - 56, size=theme.QUESTION, bold=True)
        rows = bool(state.later) + (state.phone is not PhoneWay.NO or state.earlier is not EarlierWay.NO)
        room = FLOOR - rows * (_LATER + 16) - _NOTE - 24 - _VIEW.y  # the more ways there are, the smaller the picture
        shown = Box(_VIEW.x, _VIEW.y, _VIEW.w, min(_VIEW.h, room))
        self.camera = CameraView(self.surface, shown, mirrored=False)
        self.put(self.camera)
        self._outline = PageOutline(self.surface, self.camera)
        self.put(self._outline)
        side = 144
        middle = Box(shown.right - side - 32, shown.bottom - side - 32, side, side)
        self._ring = Ring(self.surface, middle, state.progress)
        good = state.hint is PaperHint.GOOD
        if good:
            self.put(self._ring)
        if state.later:
            words = self.say("现在没有，{days} 天内补交").format(days=state.later)
            where = Box(theme.MARGIN, FLOOR - _LATER, theme.INNER, _LATER)
            self.put(WordButton(self.surface, where, words, BringLater(), look=OUTLINED))
        floor = self._other_ways(state, FLOOR - (_LATER + 16 if state.later else 0))
        box = Box(theme.MARGIN, shown.bottom + 24, theme.INNER, floor - shown.bottom - 24)
        self.put(Note(self.surface, self.say(_HINTS[state.hint]), box, warning=not good, size=48))
        self._follow(state)

    def _other_ways(self, state: CapturePaper, floor: float) -> float:
        """From the telephone, or handed in before; what cannot be done now says why. Where the room above ends."""
        say = self.say
        ways: list[tuple[str, Intent, bool, Name]] = []
        if state.phone is not PhoneWay.NO:
            on = state.phone is PhoneWay.YES
            ways.append((say("用手机传") if on else say("断网，手机传不了"), FromPhone(), on, "phone"))
        if state.earlier is not EarlierWay.NO:
            on = state.earlier is EarlierWay.YES
            ways.append((say("用交过的") if on else say("断网，查不到交过的"), FromEarlier(), on, "paper"))
        if not ways:
            return floor
        wide = (theme.INNER - theme.GAP * (len(ways) - 1)) / len(ways)
        for place, (words, act, on, sign) in enumerate(ways):
            box = Box(theme.MARGIN + place * (wide + theme.GAP), floor - _LATER, wide, _LATER)
            self.put(WordButton(self.surface, box, words, act, look=OUTLINED, pictogram=sign, enabled=on))
        return floor - _LATER - 16

    def _title(self, state: CapturePaper) -> str:
        say = self.say
        paper = say.of(state.title)
        match state.side:
            case Side.FRONT:
                return say("拍正面：{paper}").format(paper=paper)
            case Side.BACK:
                return say("翻过来，拍背面：{paper}").format(paper=paper)
            case Side.ONLY:
                if state.page > 1:
                    return say("拍第 {page} 页：{paper}").format(page=state.page, paper=paper)
                return say("拍照：{paper}").format(paper=paper)

    def _follow(self, state: CapturePaper) -> None:
        self._outline.set(state.outline, theme.BLUE if state.hint is PaperHint.GOOD else theme.AMBER)
        self._ring.set(state.progress)

    def take(self, state: CapturePaper) -> bool:
        """Outline and ring move in place while the hint stays."""
        before = self.state
        if replace(state, outline=before.outline, progress=before.progress) != before:
            return False
        self.state = state
        self._follow(state)
        return True
