"""Words of the staff screens for the values that the view states name. Tests compare them with the enumerations."""

from typing import Final

from kiosk.view.attendant import Done
from ui.language import N_

DONE: Final[dict[Done, str]] = {
    Done.ADMITTED: N_("已放行，闸门已记录通过。"),
    Done.NOT_OPENED: N_("已登记，但闸门没有打开。请检查闸机，或走应急通道。"),
    Done.NOBODY_PASSED: N_("闸门打开了，没有人通过。"),
    Done.TURNED_AWAY: N_("已登记：不放行。"),
    Done.MEASURED: N_("复测体温已登记。"),
    Done.OPENED: N_("闸门已手动打开，已登记。"),
    Done.PAUSED: N_("本通道已暂停，屏幕请群众走旁边的通道。"),
    Done.RESUMED: N_("本通道已恢复。"),
    Done.COUNTED: N_("厅内人数已更正。"),
    Done.DISINFECTED: N_("消毒已登记。"),
    Done.PAPER_CHANGED: N_("换纸已登记。"),
    Done.ENROLLED: N_("已登记。下次请走到镜头前，不用刷证。"),
    Done.REMOVED: N_("已删除，面部数据已清除。"),
    Done.NO_ROOM: N_("人数已满。请先删除不再需要的人员，再登记。"),
    Done.CARD_NOT_GOOD: N_("证件号码不对或不在有效期内，没有登记。请核对证件。"),
    Done.FACE_NOT_SEEN: N_("摄像头没有认出证件本人，没有登记。请本人站到镜头前再试。"),
}
WARNINGS: Final = frozenset(
    {
        Done.NOT_OPENED,
        Done.NOBODY_PASSED,
        Done.PAUSED,
        Done.NO_ROOM,
        Done.CARD_NOT_GOOD,
        Done.FACE_NOT_SEEN,
    }
)

DEVICES: Final[dict[str, str]] = {
    "id_reader": N_("身份证读卡器"),
    "camera": N_("摄像头"),
    "thermometer": N_("体温计"),
    "code_scanner": N_("扫码器"),
    "barrier": N_("闸机"),
    "exit_barrier": N_("出口闸机"),
    "printer": N_("打印机"),
    "lamp": N_("指示灯"),
    "vision": N_("识别程序"),
}
STATES: Final[dict[str, str]] = {
    "ready": N_("正常"),
    "opening": N_("连接中，请稍等"),
    "absent": N_("未连接：检查插头和电源"),
    "fault": N_("故障：请联系技术人员"),
    "stuck": N_("没有应答：重新插拔"),
    "notice": N_("需要处理：查看设备上的提示"),
}
"""How a device is, and what staff do about it."""
VERDICTS: Final[dict[str, str]] = {
    "admit": N_("通过"),
    "refuse": N_("未通过"),
    "refer": N_("等待核验"),
}
ANSWERS: Final[dict[str, str]] = {"admitted": N_("已放行"), "turned_away": N_("不放行")}
CROSSED: Final[dict[str, str]] = {
    "passed": N_("已通过"),
    "turned_back": N_("折返"),
    "tailgated": N_("尾随"),
    "nobody": N_("没有人通过"),
    "held_open": N_("闸门未关"),
    "not_released": "",
    "unknown": N_("结果不明"),
}
PARTS: Final[dict[str, str]] = {
    "identity": N_("证件"),
    "face": N_("人脸"),
    "liveness": N_("动作核验"),
    "mask": N_("口罩"),
    "temperature": N_("体温"),
    "code": N_("预约"),
    "health": N_("健康证明"),
    "occupancy": N_("厅内人数"),
}
MISSING: Final[dict[str, str]] = {
    "device_fault": N_("设备故障，没有结果"),
    "not_shown": N_("没有出示"),
    "conditions": N_("环境不合适，没有量"),
    "unstable": N_("读数不稳定"),
    "several_faces": N_("镜头前有几个人"),
    "unreadable": N_("读不出来"),
    "declined": N_("本人要求找工作人员"),
}
FINDINGS: Final[dict[str, dict[str, str]]] = {
    "identity": {
        "resident": N_("居民身份证"),
        "foreigner": N_("外国人永久居留身份证"),
        "hk_mo_tw": N_("港澳台居民居住证"),
        "passport": N_("护照"),
        "code": N_("本人预约码"),
        "typed": N_("工作人员登记"),
        "recognised": N_("免刷证，面部识别"),
    },
    "face": {"accept": N_("与证件照片一致"), "staff": N_("不能确定，请当面核对"), "reject": N_("与证件照片不一致")},
    "liveness": {"passed": N_("通过"), "failed": N_("没有通过")},
    "mask": {"worn": N_("已戴好"), "bare": N_("没有戴"), "unsure": N_("看不清")},
    "temperature": {"taken": "{value} ℃"},
    "code": {
        "valid": N_("有效"),
        "not_a_code": N_("不是本大厅的码"),
        "forged": N_("没有通过核验"),
        "expired": N_("已过时间"),
        "not_yet": N_("还没有到时间"),
        "wrong_hall": N_("另一个大厅的预约"),
        "other_person": N_("不是本人的预约"),
        "revoked": N_("已被撤销"),
        "cancelled": N_("已取消"),
        "used": N_("已用过"),
    },
    "health": {
        "green": N_("绿码"),
        "yellow": N_("黄码"),
        "red": N_("红码"),
        "unknown": N_("没有查到"),
        "certificate": N_("健康证明，已核验"),
    },
    "occupancy": {"inside": N_("{value} 人")},
}
STAFF_REASONS: Final[dict[str, str]] = {"on_watch_list": N_("名单提示，请当面核对本人。")}
"""Reasons that staff read in other words than the person in front."""
WATCH_CLASSES: Final[dict[str, str]] = {
    "": N_("名单提示已到期或已撤销"),
    "wanted": N_("公安协查"),
    "needs_help": N_("走失，需要帮助"),
    "court_ban": N_("法院禁止入内"),
    "document_lost": N_("证件已挂失"),
    "disorder": N_("曾扰乱秩序"),
}
WATCH_DUTIES: Final[dict[str, str]] = {
    "": N_("当面核对后，照常办理。"),
    "wanted": N_("不要惊动，也不要阻拦。请对方稍等，走开后报警。"),
    "needs_help": N_("请坐下休息，陪着，联系家人或社区。"),
    "court_ban": N_("请到一旁说明，请值班领导处理。"),
    "document_lost": N_("核对本人和照片。不是本人，请报警。"),
    "disorder": N_("照常办理，请保安留意。"),
}
"""What staff do, by class of the watch list."""
REASONS: Final[dict[str, dict[str, str]]] = {
    "admit": {
        "watch_dealt_with": N_("名单提示已处理，今天不再提示"),
        "watch_not_them": N_("名单提示：不是本人"),
        "identity_checked": N_("已当面核对本人和证件"),
        "temperature_normal": N_("复测体温正常"),
        "appointment_checked": N_("已查到预约"),
        "health_checked": N_("已核对健康证明"),
        "mask_given": N_("已戴好口罩"),
        "accompanied": N_("陪同或照顾他人"),
        "device_fault": N_("设备故障，已人工检查"),
        "other": N_("其他原因"),
    },
    "turn_away": {
        "watch_handed_over": N_("名单提示：已交公安或保安"),
        "temperature_high": N_("复测体温仍高，已引导到隔离室"),
        "not_the_holder": N_("不是证件本人"),
        "no_appointment": N_("没有预约，已引导到咨询台"),
        "health_refused": N_("健康证明不符合要求"),
        "mask_refused": N_("不愿意戴口罩"),
        "own_wish": N_("本人放弃"),
        "other": N_("其他原因"),
    },
    "open": {
        "wheelchair": N_("轮椅、婴儿车或大件物品"),
        "staff_entry": N_("工作人员进出或送货"),
        "somebody_stuck": N_("有人被卡在闸门里"),
        "leaving": N_("有人要出去"),
        "emergency": N_("紧急情况"),
        "test": N_("检修测试"),
        "other": N_("其他原因"),
    },
}
"""What may be chosen as a reason, by what it is for; stored under its key."""
