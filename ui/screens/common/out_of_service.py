"""暂停服务."""

from typing import Final

from kiosk.view.common import Cause, OutOfService
from ui import theme
from ui.language import N_
from ui.screens.sheet import Sheet
from ui.widgets.service_bar import ServiceBar

_STAFF_LINE: Final[dict[Cause, str]] = {
    Cause.STARTING: N_("正在启动"),
    Cause.DEVICE: N_("设备没有应答：{device}"),
    Cause.NO_RULES: N_("没有收到有效的入厅规则"),
    Cause.DISK: N_("存储空间不足或写入失败"),
    Cause.FAULT: N_("程序出错，正在恢复"),
}

_DEVICES: Final[dict[str, str]] = {
    "id_reader": N_("身份证读卡器"),
    "camera": N_("摄像头"),
    "thermometer": N_("体温计"),
    "code_scanner": N_("扫码器"),
    "barrier": N_("闸机"),
    "printer": N_("打印机"),
}


class OutOfServiceScreen(Sheet[OutOfService]):
    """What to do instead, and small for staff what is wrong."""

    def draw(self, state: OutOfService) -> None:
        """Draw it."""
        starting = state.cause is Cause.STARTING
        self.head()
        y = self.emblem("dots" if starting else "pause", 360, 400, tint=theme.SAND)
        title = self.say("正在准备") if starting else self.say("暂停服务")
        y = self.write(title, y + 80, 240, size=theme.TITLE, bold=True, align="center")
        line = self.say("请稍候，马上就好。") if starting else self.say("请到人工窗口办理，或询问工作人员。")
        self.write(line, y + 24, 240, colour=theme.INK_SOFT, align="center")
        device = self.say(_DEVICES[state.device]) if state.device in _DEVICES else state.device
        words = self.say(_STAFF_LINE[state.cause]).format(device=device or self.say("未知设备"))
        self.write(self.say("工作人员：") + words, 1720, 136, size=theme.CAPTION, colour=theme.INK_SOFT, align="center")
        self.put(ServiceBar(self.surface, help_here=False))
