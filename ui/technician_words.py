"""Words of the technician's screens. What the tools measured comes in English; what is known of it is translated."""

from typing import TYPE_CHECKING, Final, NamedTuple

from kiosk.view.technician import Asked, Done, Task
from ui.language import N_
from ui.staff_words import DEVICES

if TYPE_CHECKING:  # the voice reads these words, too, and loads no Kivy
    from ui.widgets.pictogram import Name


class TaskWords(NamedTuple):
    """How a task is told."""

    sign: "Name"
    title: str
    line: str = ""


TASKS: Final[dict[Task, TaskWords]] = {
    Task.DEVICES: TaskWords("dots", N_("设备实时状态"), N_("插拔马上可见")),
    Task.QUICK: TaskWords("tick", N_("快速检测"), N_("只询问，不动作")),
    Task.FULL: TaskWords("printer", N_("完整检测"), N_("会打印、发声、亮灯")),
    Task.CALIBRATE: TaskWords("contrast", N_("校准"), N_("触摸屏等")),
    Task.TOUCH: TaskWords("plus", N_("校准触摸屏"), N_("依次点五个十字")),
    Task.THERMOMETER: TaskWords("thermometer", N_("校准体温计"), N_("需要黑体辐射源")),
    Task.DESK: TaskWords("camera", N_("校准拍摄台"), N_("拍下空台面")),
    Task.PRINTER: TaskWords("printer", N_("校准打印宽度"), N_("会打印一张标尺")),
    Task.BEAMS: TaskWords("barrier", N_("校准光电方向"), N_("看先挡住哪一束")),
    Task.ENROL: TaskWords("code", N_("重新注册"), N_("扫描注册码")),
    Task.PAPER: TaskWords("receipt", N_("已换纸"), N_("登记一次")),
    Task.STATS: TaskWords("bars", N_("运行统计")),
    Task.DOCTOR: TaskWords("health", N_("问题诊断"), N_("哪里不对，谁来处理")),
    Task.BUNDLE: TaskWords("paper", N_("打包诊断资料"), N_("不含个人信息")),
    Task.RELEASE: TaskWords("info", N_("软件版本")),
    Task.RESTART: TaskWords("repeat", N_("重新启动程序")),
    Task.OUT: TaskWords("pause", N_("停用本机"), N_("恢复以前一直停用")),
    Task.BACK_IN: TaskWords("hall", N_("恢复服务"), N_("现在是停用状态")),
    Task.EXIT: TaskWords("cross", N_("退出程序"), N_("把机器交给技术人员")),
}
DONE: Final[dict[Done, str]] = {
    Done.PAPER: N_("换纸已登记。"),
    Done.OUT: N_("本机已停用，退出后显示“暂停服务”。"),
    Done.BACK_IN: N_("本机已恢复，退出后开始服务。"),
}
ASKED: Final[dict[Asked, tuple[str, str, str]]] = {
    Asked.REFERENCE: (
        N_("黑体辐射源的实际温度"),
        N_("把黑体辐射源放在额头的位置，输入它的温度。"),
        N_("请输入 30.0 至 42.0 之间的温度。"),
    ),
    Asked.CERTIFICATE: (
        N_("黑体辐射源的证书编号"),
        N_("编号会印在验收报告上。"),
        N_("请输入编号。"),
    ),
    Asked.WIDTH: (
        N_("标尺上最长的完整一行"),
        N_("输入那一行开头的数字。"),
        N_("请输入标尺上的数字，例如 576。"),
    ),
}
"""Title, what to do, and what is said where it cannot be."""

PARTS: Final[dict[str, str]] = {
    **DEVICES,
    "machine": N_("主机"),
    "gate": N_("闸机程序"),
    "desk": N_("办事程序"),
    "page_printer": N_("页式打印机"),
    "calibration": N_("校准"),
    "answers": N_("应答"),
    "card": N_("读卡"),
    "status": N_("状态"),
    "slip": N_("试打小票"),
    "colours": N_("颜色"),
    "tone": N_("声音"),
    "sense": N_("感应"),
    "echo": N_("扫码"),
    "release": N_("放行一次"),
    "reading": N_("读数"),
    "picture": N_("画面"),
    "door": N_("闸门"),
    "disk": N_("磁盘空间"),
    "memory": N_("内存"),
    "clock": N_("时钟"),
    "sqlite": N_("数据库"),
    "hub": N_("中心"),
    "clock_offset": N_("与中心的时差"),
    "certificate": N_("证书"),
    "store": N_("本机数据"),
    "bundle": N_("资料包"),
    "version": N_("程序版本"),
    "launcher": N_("启动程序"),
    "running": N_("正在运行"),
    "wanted": N_("将要安装"),
    "refused": N_("没有采用"),
    "terminal": N_("终端"),
    "until": N_("有效期至"),
    "touch": N_("触摸屏"),
    "residual_mm": N_("校准后误差（毫米）"),
    "before_mm": N_("校准前误差（毫米）"),
    "targets": N_("十字个数"),
    "width_dots": N_("打印宽度（点）"),
    "offset_c": N_("修正值（℃）"),
    "reference_c": N_("标准温度（℃）"),
    "measured_c": N_("测得温度（℃）"),
    "spread_c": N_("读数波动（℃）"),
    "ambient_c": N_("环境温度（℃）"),
    "readings": N_("读数次数"),
    "brightness": N_("亮度"),
    "change": N_("变化"),
    "cut": N_("切纸"),
}
"""Parts of the names of checks, devices and values."""

VALUES: Final[dict[str, str]] = {
    "ready": N_("正常"),
    "opening": N_("正在连接"),
    "absent": N_("没有连接"),
    "fault": N_("故障"),
    "stuck": N_("没有应答"),
    "not reached": N_("连不上"),
    "no": N_("否"),
    "yes": N_("是"),
    "not enrolled": N_("没有注册"),
    "the empty desk was never shown to the camera": N_("还没有拍过空台面"),
}

SENTENCES: Final[dict[str, str]] = {
    "wait": N_("稍候会自动恢复"),
    "attendant": N_("请值班人员处理"),
    "technician": N_("请技术人员处理"),
    "May the barrier move now? Nobody may stand in the lane.": N_("闸门现在可以动作吗？通道里不能有人。"),
    "Restart the program now?": N_("现在重新启动程序吗？"),
    "End the program, and leave the machine to you?": N_("退出程序，把机器交给您吗？"),
    "Replace this terminal's identity by a new one? Have a new ticket ready, as a QR code.": N_(
        "要给本机换新的身份吗？请先准备好新的注册二维码。"
    ),
    "Take everything off the desk, with the lamps as in service. Is it empty?": N_(
        "请清空台面，灯光与平时一样。台面空了吗？"
    ),
    "Was the ruler cut off clean?": N_("标尺切得干净吗？"),
    "Is the slip whole, its text sharp, and cut off?": N_("小票完整、清晰、已切断吗？"),
    "Did you hear the tone?": N_("听到声音了吗？"),
    "printing the ruler": N_("正在打印标尺"),
    "checking the machine": N_("正在检测主机"),
    "hold the ticket's code before the scanner, 10 to 20 cm away": N_("请把注册码放在扫码器前 10 至 20 厘米处"),
    "put a new roll in": N_("请换上新纸卷"),
    "close the cover": N_("请合上盖子"),
    "it is not ready: switch it off and on, clear the cutter": N_("没有就绪：请关机再开机，清理切刀"),
    "moves or uses something: check --full": N_("需要动作，请用完整检测"),
    "have the hub make a new code, and enrol again (--again)": N_("请在中心生成新的注册码，重新注册"),
    "set the clock, and let it follow a time server (chrony)": N_("请校对时钟，并开启自动对时"),
    "the hub does not answer": N_("中心没有应答"),
    "the terminal has not run yet": N_("本机还没有运行过"),
    "the picture shows nothing: take the cap off, clean the lens": N_("画面是空的：请取下镜头盖，擦净镜头"),
    "too dark or too bright: look at the light of the hall and the exposure": N_("太暗或太亮：请检查灯光和曝光"),
    "always the same picture: unplug the camera and plug it in again": N_("画面不动：请重新插拔摄像头"),
    "the door reads as open: close it, or invert_door in the site file": N_("闸门显示为打开：请关好，或检查接线"),
    "calibrate desk --empty": N_("请在“校准”里拍下空台面"),
    "not started by the launcher: there is no roll-back": N_("不是由启动程序启动的，不能自动回退"),
    "switch it off and on, then look at the port's speed in the site file": N_("请关机再开机，再检查端口速率"),
    "nothing answers there: look at plug, port and power. If the terminal's program runs, it holds the device: stop "
    "it first (systemctl stop kiosk-gate, or kiosk-desk)": N_("没有设备应答：请检查插头、端口和电源"),
    "the connection broke: look at plug and cable": N_("连接断开：请检查插头和电缆"),
    "it is silent: switch it off and on, then look at the port's speed in the site file": N_(
        "设备不应答：请关机再开机，再检查端口速率"
    ),
    "what came was spoilt: look at the cable, its length, and the port's speed": N_(
        "数据有误：请检查电缆长度和端口速率"
    ),
    "another device answers at this socket: run discover, then bind": N_("插座上是别的设备：请重新绑定"),
    "the device itself says no: see its fault, then its manual": N_("设备自己报告故障：请看故障代码和说明书"),
    "make room: old logs, old releases; papers that wait go when the hub is back": N_("请清理磁盘：旧日志、旧版本"),
    "the hub refused events for good: outbox list, then outbox retry": N_("中心拒收了一些记录，请联系中心"),
}
"""What the tools say and ask."""


def named(name: str) -> tuple[str, ...]:
    """The source texts of a check's or value's name, part by part; what is not known stays as it is.

    Args:
        name: e.g. `desk.printer.status`.
    """
    parts = name.split(".")
    if len(parts) > 1 and parts[0] in {"gate", "desk", "machine"} and parts[1] in PARTS:
        parts = parts[1:]
    return tuple(PARTS.get(part, part) for part in parts)
