"""Lay the receipt's code under the camera."""

from typing import Final

from kiosk.view.afterwards import Act, Do, ScanHint, ScanReceipt
from ui import theme
from ui.language import N_
from ui.screens.sheet import FLOOR, DeskSheet
from ui.surface import Box
from ui.widgets.button import WordButton
from ui.widgets.camera_view import CameraView
from ui.widgets.note import Note
from ui.widgets.target import OUTLINED
from ui.widgets.top_bar import HEIGHT as TOP_HEIGHT

_HINTS: Final[dict[ScanHint, str]] = {
    ScanHint.HOLD: N_("二维码朝上，放平，不要动"),
    ScanHint.NOT_A_RECEIPT: N_("这不是回执的二维码。请换回执，或者输入回执号。"),
    ScanHint.CAMERA_AWAY: N_("摄像头没有画面。可以改为输入回执号。"),
}
_VIEW: Final = Box(theme.MARGIN, 416, theme.INNER, 720)
_HIGH: Final = 128


class ScanReceiptScreen(DeskSheet[ScanReceipt]):
    """The live picture, what to do, and the other way."""

    def draw(self, state: ScanReceipt) -> None:
        """Draw it."""
        say = self.say
        self.frame(forward=None)
        self.write(say("请把回执的二维码放在镜头下"), TOP_HEIGHT + 48, 192, size=theme.TITLE, bold=True)
        self.camera = CameraView(self.surface, _VIEW, mirrored=False)
        self.put(self.camera)
        other = Box(theme.MARGIN, FLOOR - _HIGH, theme.INNER, _HIGH)
        room = Box(theme.MARGIN, _VIEW.bottom + 24, theme.INNER, other.y - _VIEW.bottom - 48)
        warning = state.hint is not ScanHint.HOLD
        self.put(Note(self.surface, say(_HINTS[state.hint]), room, warning=warning, sign=None if warning else "code"))
        self.put(WordButton(self.surface, other, say("输入回执号"), Do(Act.TYPE), look=OUTLINED, pictogram="receipt"))
