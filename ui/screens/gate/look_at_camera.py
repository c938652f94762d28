"""The face is compared with the card's photo."""

from typing import Final

from kiosk.view.gate import FaceHint, LookAtCamera
from ui import theme
from ui.language import N_
from ui.screens.sheet import FLOOR, GateSheet
from ui.surface import Box
from ui.widgets.camera_view import CameraView, Oval
from ui.widgets.pictogram import Pictogram
from ui.widgets.progress import Bar
from ui.widgets.shape import Disc
from ui.widgets.top_bar import HEIGHT as TOP_HEIGHT

_HINTS: Final[dict[FaceHint, str]] = {
    FaceHint.LOOK: N_("请看摄像头"),
    FaceHint.COME_CLOSER: N_("请靠近一点"),
    FaceHint.STEP_BACK: N_("请后退一点"),
    FaceHint.ONE_AT_A_TIME: N_("请一个人站在镜头前"),
    FaceHint.HOLD_STILL: N_("请保持不动"),
    FaceHint.LOWER_MASK: N_("请把口罩拉到下巴"),
}
_VIEW: Final = Box(0, TOP_HEIGHT, theme.WIDTH, 968)
_OVAL: Final = Box(270, TOP_HEIGHT + 168, 540, 720)


class LookAtCameraScreen(GateSheet[LookAtCamera]):
    """The live picture with an oval, one sentence, and how far it is."""

    def draw(self, state: LookAtCamera) -> None:
        """Draw it."""
        self.frame()
        self.camera = CameraView(self.surface, _VIEW, mirrored=True)
        self.put(self.camera)
        good = state.hint in (FaceHint.LOOK, FaceHint.HOLD_STILL)
        self.put(Oval(self.surface, _VIEW, _OVAL, theme.BLUE if good else theme.AMBER))
        mark = Box(theme.WIDTH / 2 - 56, TOP_HEIGHT + 32, 112, 112)
        self.put(Disc(self.surface, mark, theme.BLUE))
        toward = self.surface.places.camera
        self.put(Pictogram(self.surface, "arrow", mark.inset(24), colour=theme.WHITE, toward=toward, weight=5.0))
        y = _VIEW.bottom + 40
        self.moving = Bar(self.surface, Box(_OVAL.x, y, _OVAL.w, 16), state.progress)
        self.put(self.moving)
        self._sentence(state)

    def _sentence(self, state: LookAtCamera) -> None:
        top = _VIEW.bottom + 88
        words = self.say(_HINTS[state.hint])
        end = self.write(words, top, 240, size=theme.TITLE, bold=True, align="center")
        name = self.addressed(self.say("{name}，请摘下帽子和墨镜。"), state.name_masked)
        self.write(name, end + 8, FLOOR - end - 8, colour=theme.INK_SOFT, align="center")

    def take(self, state: LookAtCamera) -> bool:
        """Only the bar moves while the hint stays."""
        if (state.hint, state.name_masked) != (self.state.hint, self.state.name_masked):
            return False
        if self.moving is not None:
            self.moving.set(state.progress)
        self.state = state
        return True
