"""Where a slip is, in words."""

from typing import Final

from kiosk.view.afterwards import Slip
from ui.language import N_

SLIPS: Final[dict[Slip, str]] = {
    Slip.NONE: "",
    Slip.PRINTING: N_("小票正在打印，请稍候。"),
    Slip.PRINTED: N_("小票已打印，请在下方取走。"),
    Slip.ON_SCREEN: N_("小票打不出来。请用手机拍下这个页面。"),
    Slip.UNSURE: N_("打印中断了。请看看小票有没有出来，没有就拍下这个页面。"),
}
