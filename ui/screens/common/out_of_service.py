"""暂停服务."""

from dataclasses import dataclass
from typing import Final

from kiosk.view.common import Cause, OutOfService
from ui import theme
from ui.language import N_
from ui.screens.sheet import Sheet
from ui.widgets.pictogram import Name

_STAFF_LINE: Final[dict[Cause, str]] = {
    Cause.STARTING: N_("正在启动"),
    Cause.DEVICE: N_("设备没有应答：{device}"),
    Cause.NO_RULES: N_("没有收到有效的入厅规则"),
    Cause.DISK: N_("存储空间不足或写入失败"),
    Cause.FAULT: N_("程序出错，正在恢复"),
    Cause.LOCKED: N_("由管理中心暂停，管理中心解除后自动恢复"),
    Cause.FIRE: N_("消防报警，闸门已打开。解除报警后自动恢复"),
    Cause.MAINTENANCE: N_("技术人员已停用，需在维护界面恢复"),
}

_DEVICES: Final[dict[str, str]] = {
    "id_reader": N_("身份证读卡器"),
    "camera": N_("摄像头"),
    "thermometer": N_("体温计"),
    "code_scanner": N_("扫码器"),
    "barrier": N_("闸机"),
    "printer": N_("打印机"),
}


@dataclass(frozen=True, slots=True)
class _Look:
    """How a cause is told to the person in front."""

    emblem: Name
    tint: theme.Colour
    title: str
    line: str


_AWAY: Final = _Look("pause", theme.SAND, N_("暂停服务"), N_("请到人工窗口办理，或询问工作人员。"))
_LOOKS: Final[dict[Cause, _Look]] = {
    Cause.STARTING: _Look("dots", theme.SAND, N_("正在准备"), N_("请稍候，马上就好。")),
    Cause.FIRE: _Look(
        "exclamation", theme.AMBER, N_("消防报警，请立即离开"), N_("闸门已打开。请从最近的出口离开，不要进入大厅。")
    ),
}


class OutOfServiceScreen(Sheet[OutOfService]):
    """What to do instead, and small for staff what is wrong."""

    def draw(self, state: OutOfService) -> None:
        """Draw it."""
        look = _LOOKS.get(state.cause, _AWAY)
        self.head()
        y = self.emblem(look.emblem, 360, 400, tint=look.tint)
        y = self.write(self.say(look.title), y + 80, 240, size=theme.TITLE, bold=True, align="center")
        self.write(state.words or self.say(look.line), y + 24, 240, colour=theme.INK_SOFT, align="center")
        device = self.say(_DEVICES[state.device]) if state.device in _DEVICES else state.device
        words = self.say(_STAFF_LINE[state.cause]).format(device=device or self.say("未知设备"))
        self.write(self.say("工作人员：") + words, 1340, 136, size=theme.CAPTION, colour=theme.INK_SOFT, align="center")
        self.bars(help_here=False, staff_entry=state.staff_entry)
