"""The face in the oval; it shoots by itself."""

from typing import Final

from kiosk.view.afterwards import Act, Do, PhotoHint, TakePhoto
from ui import theme
from ui.language import N_
from ui.screens.sheet import FLOOR, DeskSheet
from ui.surface import Box
from ui.widgets.button import WordButton
from ui.widgets.camera_view import CameraView, Oval
from ui.widgets.note import Note
from ui.widgets.pictogram import Name
from ui.widgets.progress import Bar
from ui.widgets.target import OUTLINED
from ui.widgets.top_bar import HEIGHT as TOP_HEIGHT

_HINTS: Final[dict[PhotoHint, str]] = {
    PhotoHint.LOOK: N_("请看镜头，头发不要遮住眉毛和耳朵"),
    PhotoHint.GOOD: N_("很好，保持不动，马上拍"),
    PhotoHint.NO_FACE: N_("没有看到脸。请站到镜头前"),
    PhotoHint.SEVERAL_FACES: N_("请一个人站在镜头前"),
    PhotoHint.CLOSER: N_("太远了，请靠近一点"),
    PhotoHint.MOVE_INSIDE: N_("头和肩要都在画面里，请退后一点"),
    PhotoHint.LOOK_STRAIGHT: N_("请正对镜头，眼睛平视"),
    PhotoHint.HEAD_UPRIGHT: N_("头歪了，请摆正"),
    PhotoHint.UNCOVER: N_("请摘下口罩和帽子"),
    PhotoHint.HOLD_STILL: N_("有点模糊，请不要动"),
    PhotoHint.TOO_DARK: N_("太暗了，请不要挡住灯"),
    PhotoHint.TOO_BRIGHT: N_("太亮了，请离灯远一点"),
    PhotoHint.UNEVEN_LIGHT: N_("脸上一边亮一边暗，请正对着灯"),
    PhotoHint.GLASSES: N_("眼镜反光，请摘下，或低一点头"),
    PhotoHint.COLOURLESS: N_("画面没有颜色，请点求助"),
    PhotoHint.BACKGROUND: N_("背后要是白色。请站到白色背景前，或点求助"),
    PhotoHint.CAMERA_AWAY: N_("摄像头没有画面。请稍候，或点求助"),
}
_VIEW: Final = Box(theme.MARGIN + 96, 384, theme.INNER - 192, 912)
_OVAL: Final = Box(_VIEW.x + 172, _VIEW.y + 144, _VIEW.w - 344, 560)
_INSTEAD: Final = 112
_FINE: Final = frozenset({PhotoHint.LOOK, PhotoHint.GOOD})


class TakePhotoScreen(DeskSheet[TakePhoto]):
    """The live picture, one sentence, and how near it is."""

    def draw(self, state: TakePhoto) -> None:
        """Draw it."""
        say = self.say
        self.frame(forward=None)
        y = self.write(say("拍证件照"), TOP_HEIGHT + 32, 96, size=theme.TITLE, bold=True)
        self.write(say.of(state.title), y + 4, 72, colour=theme.INK_SOFT)
        # Beside the way without this camera there is less room for its picture.
        less = _INSTEAD + 16 if state.instead else 0
        shown = Box(_VIEW.x, _VIEW.y, _VIEW.w, _VIEW.h - less)
        self.camera = CameraView(self.surface, shown, mirrored=True)
        self.put(self.camera)
        fine = state.hint in _FINE
        oval = Box(_OVAL.x, _OVAL.y - less // 2, _OVAL.w, _OVAL.h)
        self.put(Oval(self.surface, shown, oval, theme.BLUE if fine else theme.AMBER))
        self.moving = Bar(self.surface, Box(shown.x, shown.bottom + 16, shown.w, 16), state.progress)
        self.put(self.moving)
        if state.instead:
            where = Box(theme.MARGIN, FLOOR - _INSTEAD, theme.INNER, _INSTEAD)
            words = say("我带了照片，或以后再交")
            self.put(WordButton(self.surface, where, words, Do(Act.LAY), look=OUTLINED))
        box = Box(theme.MARGIN, shown.bottom + 48, theme.INNER, FLOOR - less - shown.bottom - 48)
        sign: Name | None = "face" if fine else None
        self.put(Note(self.surface, say(_HINTS[state.hint]), box, warning=not fine, size=44, sign=sign))

    def take(self, state: TakePhoto) -> bool:
        """Only the bar moves while the hint stays."""
        if (state.hint, state.title) != (self.state.hint, self.state.title):
            return False
        if self.moving is not None:
            self.moving.set(state.progress)
        self.state = state
        return True
