"""The movement check: one movement at a time, shown on the person's own mirrored picture."""

from typing import Final, NamedTuple

from kiosk.view.gate import FaceHint, FollowMovement, Movement
from ui import theme
from ui.language import N_
from ui.screens.sheet import FLOOR, GateSheet
from ui.surface import Box, Toward
from ui.widgets.camera_view import CameraView, Oval
from ui.widgets.note import Note
from ui.widgets.oval_arc import OvalArc, Side
from ui.widgets.pictogram import Pictogram
from ui.widgets.progress import Steps
from ui.widgets.shape import Disc
from ui.widgets.top_bar import HEIGHT as TOP_HEIGHT

_VIEW: Final = Box(0, TOP_HEIGHT, theme.WIDTH, 904)
_OVAL: Final = Box(288, TOP_HEIGHT + 168, 504, 672)
_NEAR: Final = Box(240, TOP_HEIGHT + 152, 600, 736)
_MARK: Final = 176
_MIDDLE: Final = _OVAL.y + _OVAL.h / 2 - _MARK / 2


class _Asked(NamedTuple):
    words: str
    line: str
    side: Side


# The picture is a mirror: what is to the person's own left is on the left of the screen.
_MOVEMENTS: Final[dict[Movement, _Asked]] = {
    Movement.LOOK_AHEAD: _Asked(N_("请正对镜头"), N_("{name}，接下来请跟着箭头做。"), Side.BOTH),
    Movement.TURN_LEFT: _Asked(N_("请慢慢向左转头"), N_("{name}，身体不用动，只转头。"), Side.LEFT),
    Movement.TURN_RIGHT: _Asked(N_("请慢慢向右转头"), N_("{name}，身体不用动，只转头。"), Side.RIGHT),
    Movement.COME_CLOSER: _Asked(N_("请慢慢靠近镜头"), N_("{name}，请让脸填满圆圈。"), Side.BOTH),
}
_IN_THE_WAY: Final[dict[FaceHint, str]] = {
    FaceHint.ONE_AT_A_TIME: N_("请其他人后退，一个一个来。"),
    FaceHint.HOLD_STILL: N_("太快了，请慢一点。"),
    FaceHint.COME_CLOSER: N_("太远了，请靠近一点。"),
    FaceHint.STEP_BACK: N_("太近了，请后退一点。"),
    FaceHint.LOWER_MASK: N_("请把口罩拉到下巴。"),
}


class FollowMovementScreen(GateSheet[FollowMovement]):
    """The live picture, an oval that fills on the side of the movement, one large arrow, one sentence."""

    def draw(self, state: FollowMovement) -> None:
        """Draw it."""
        self.frame()
        self.camera = CameraView(self.surface, _VIEW, mirrored=True)
        self.put(self.camera)
        asked = _MOVEMENTS[state.movement]
        oval = _NEAR if state.movement is Movement.COME_CLOSER else _OVAL
        blocked = state.hint in _IN_THE_WAY
        self.put(Oval(self.surface, _VIEW, oval, theme.AMBER if blocked else theme.EDGE))
        self._arc = OvalArc(self.surface, oval, asked.side, state.progress)
        self.put(self._arc)
        self._arrow(asked.side)
        end = self._steps(state)
        end = self.write(self.say(asked.words), end + 32, 240, size=theme.TITLE, bold=True, align="center")
        if blocked:
            note = self.say(_IN_THE_WAY[state.hint])
            self.put(Note(self.surface, note, Box(theme.MARGIN, end + 24, theme.INNER, FLOOR - end - 24)))
        else:
            line = self.addressed(self.say(asked.line), state.name_masked)
            self.write(line, end + 8, FLOOR - end - 8, colour=theme.INK_SOFT, align="center")

    def _arrow(self, side: Side) -> None:
        """To the side that is asked for, outside the oval; straight ahead it points to the camera."""
        if side is Side.BOTH:
            mark = Box(theme.WIDTH / 2 - 56, TOP_HEIGHT + 24, 112, 112)
            toward = self.surface.places.camera
        else:
            left = side is Side.LEFT
            mark = Box(48 if left else theme.WIDTH - 48 - _MARK, _MIDDLE, _MARK, _MARK)
            toward = Toward.LEFT if left else Toward.RIGHT
        self.put(Disc(self.surface, mark, theme.BLUE))
        self.put(
            Pictogram(self.surface, "arrow", mark.square(mark.w * 0.58), colour=theme.WHITE, toward=toward, weight=5.0)
        )

    def _steps(self, state: FollowMovement) -> float:
        box = Box(theme.MARGIN, _VIEW.bottom + 16, theme.INNER, 72)
        self.put(Steps(self.surface, box, state.step, state.steps))
        return box.bottom

    def take(self, state: FollowMovement) -> bool:
        """Only the oval fills while the same movement is asked."""

        def same(one: FollowMovement) -> tuple[object, ...]:
            return one.name_masked, one.movement, one.step, one.steps, one.hint

        if same(state) != same(self.state):
            return False
        self._arc.set(state.progress)
        self.state = state
        return True
