"""The gate's reasons in the person's words: what it is, and what to do.

Keyed by the reason's text, because the screens do not know the rules; a test compares the table with the rules.
"""

from typing import Final, NamedTuple

from ui.language import N_


class Advice(NamedTuple):
    """What is the matter, and the next step."""

    what: str
    next: str


_STAFF: Final = N_("工作人员会帮您办理。")

REASONS: Final[dict[str, Advice]] = {
    "all_in_order": Advice(N_("检查全部通过。"), N_("请向前走。")),
    "no_identity": Advice(N_("没有读到身份证。"), N_("请出示身份证，或由工作人员登记。")),
    "number_invalid": Advice(N_("证件号码没有通过核对。"), N_("请工作人员查看您的证件。")),
    "document_expired": Advice(N_("身份证已过有效期。"), N_("请到咨询台用其他证件登记。")),
    "document_not_yet_valid": Advice(N_("身份证还没有到生效日期。"), N_("请到咨询台用其他证件登记。")),
    "no_face": Advice(N_("摄像头没有拍到您的脸。"), N_("工作人员会当面核对。")),
    "face_unsure": Advice(N_("暂时不能确认是本人。"), N_("工作人员会当面核对。")),
    "face_differs": Advice(N_("与证件照片不一致。"), N_("工作人员会当面核对。")),
    "several_faces": Advice(N_("镜头前不止一个人。"), N_("请一个一个通过。")),
    "asked_for_staff": Advice(N_("您选择了找工作人员。"), _STAFF),
    "no_temperature": Advice(N_("没有量到体温。"), N_("工作人员会为您再量一次。")),
    "temperature_unsure": Advice(N_("体温需要再量一次。"), N_("请在旁边休息片刻，工作人员会为您复测。")),
    "temperature_high": Advice(N_("体温偏高，需要复测。"), N_("请戴好口罩，跟随工作人员到复测点。")),
    "no_code": Advice(N_("没有出示预约码。"), N_("请到咨询台查询或现场预约。")),
    "code_unreadable": Advice(N_("预约码读不出来。"), N_("请调亮手机屏幕，或由工作人员查询。")),
    "code_not_known": Advice(N_("没有查到这个预约。"), N_("请到咨询台查询。")),
    "code_forged": Advice(N_("预约码没有通过核验。"), N_("请到咨询台查询。")),
    "code_expired": Advice(N_("预约时间已经过了。"), N_("请到咨询台重新预约。")),
    "code_not_yet": Advice(N_("还没有到预约时间。"), N_("请按预约时间再来。")),
    "code_wrong_hall": Advice(N_("这是另一个大厅的预约。"), N_("请到预约的大厅，或到咨询台询问。")),
    "code_other_person": Advice(N_("预约码与身份证不是同一个人。"), N_("请用本人的预约码。")),
    "code_revoked": Advice(N_("这个预约已经取消。"), N_("请到咨询台重新预约。")),
    "code_cancelled": Advice(N_("这个预约已经取消了。"), N_("请到咨询台重新预约。")),
    "code_used": Advice(N_("这个预约已经用过。"), N_("请到咨询台查询。")),
    "party_too_large": Advice(N_("同行人数超过规定。"), N_("请到咨询台分开预约。")),
    "no_liveness": Advice(N_("没有完成动作核验。"), N_("工作人员会当面核对。")),
    "not_alive": Advice(N_("没有通过真人核验。"), N_("工作人员会当面核对。")),
    "no_mask_seen": Advice(N_("看不清是否戴好口罩。"), N_("工作人员会帮您看一下。")),
    "mask_missing": Advice(N_("请戴好口罩。"), N_("戴好口罩后重新刷证；没有口罩请找工作人员。")),
    "no_health": Advice(N_("没有出示健康码。"), N_("请出示健康码，或由工作人员查询。")),
    "health_red": Advice(N_("健康码需要工作人员核对。"), N_("请戴好口罩，跟随工作人员到复测点。")),
    "health_yellow": Advice(N_("健康码需要工作人员核对。"), _STAFF),
    "health_unknown": Advice(N_("没有查到这个健康码。"), _STAFF),
    "health_unreachable": Advice(N_("健康码系统暂时没有回应。"), N_("不是您的问题，工作人员会帮您办理。")),
    "health_old": Advice(N_("健康码不是最新的。"), N_("请刷新健康码后重新出示。")),
    "health_other_person": Advice(N_("健康码与证件不是同一个人。"), _STAFF),
    "certificate_expired": Advice(N_("健康证明不在有效期内。"), N_("请到咨询台询问。")),
    "certificate_refused": Advice(N_("健康证明没有通过核验。"), _STAFF),
    "certificate_unsure": Advice(N_("健康证明需要工作人员核对。"), _STAFF),
    "already_inside": Advice(N_("记录显示您已经在大厅里。"), N_("工作人员会帮您核对。")),
    "on_watch_list": Advice(N_("请稍候。"), _STAFF),
    "hall_full": Advice(N_("大厅里的人数已满。"), N_("请稍等，有人离开后再进入。")),
    "device_fault": Advice(N_("设备暂时不能工作。"), N_("不是您的问题，工作人员会帮您办理。")),
}
UNKNOWN: Final = Advice(N_("需要工作人员核对。"), _STAFF)
"""For a reason of newer rules than these screens."""


def advice(reason: str) -> Advice:
    """The words for a reason."""
    return REASONS.get(reason, UNKNOWN)
