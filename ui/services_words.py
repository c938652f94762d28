"""What the other services say for each value that may come. Without Kivy: the voice says it, too."""

from typing import TYPE_CHECKING, Final

from kiosk.view.afterwards import Closed, Service
from ui.language import N_

if TYPE_CHECKING:
    from ui.widgets.pictogram import Name

SERVICES: Final[dict[Service, "tuple[Name, str, str]"]] = {
    Service.MINE: ("receipt", N_("已办业务"), N_("查进度、补正、撤回、打印结果")),
    Service.WINDOW: ("staff", N_("到窗口办"), N_("预约时间，或者现在取号")),
    Service.TOOLS: ("camera", N_("拍照、复印、打印"), N_("证件照、材料复印件、填好的表")),
    Service.SAY: ("two_people", N_("评价、建议、找茬"), N_("哪里不好，请告诉我们")),
    Service.GUIDE: ("question", N_("使用说明"), N_("第一次来，先看这里")),
    Service.PROGRESS: ("card", N_("刷身份证，查全部"), N_("您交过的申请都在这里")),
    Service.RECEIPT: ("receipt", N_("凭回执，查一件"), N_("扫回执上的二维码，或输入回执号")),
    Service.FORM: ("paper", N_("打印填好的表"), N_("在这里填过并保存的表，打印出来手写签名")),
    Service.APPOINTMENT: ("clock", N_("预约"), N_("约时间、改时间、取消")),
    Service.NUMBER: ("hall", N_("取号"), N_("现在排队，不用身份证")),
    Service.RATING: ("tick", N_("评价服务"), N_("五个等级，点一下就好")),
    Service.SUGGESTION: ("info", N_("提建议"), N_("怎样会更好，可以匿名")),
    Service.COMPLAINT: ("exclamation", N_("办事找茬"), N_("没办成、不方便、态度不好，可以匿名")),
    Service.REPLIES: ("paper", N_("看答复"), N_("实名提的意见，凭身份证看")),
    Service.PHOTO: ("face", N_("拍证件照"), N_("身份证、社保卡、护照、签证")),
    Service.COPY: ("paper", N_("复印材料"), N_("放在镜头下拍，打印成 A4")),
    Service.FIRST_TIME: ("hall", N_("第一次来"), N_("四步办完一件事")),
    Service.WHAT_BRING: ("card", N_("要带什么"), ""),
    Service.WHAT_RECEIPT: ("receipt", N_("回执有什么用"), ""),
    Service.WHAT_CORRECTION: ("paper", N_("补正是什么"), ""),
    Service.WHO_HELPS: ("staff", N_("谁能帮我"), ""),
    Service.PRIVACY: ("health", N_("我的信息安全吗"), ""),
}
"""Sign, title and one line of each."""
CLOSED: Final[dict[Closed, str]] = {
    Closed.NO: "",
    Closed.OFFLINE: N_("网络不通，现在用不了"),
    Closed.NO_PAGE_PRINTER: N_("A4 打印机现在用不了，请到窗口"),
    Closed.CAMERA_AWAY: N_("摄像头现在用不了，请到窗口"),
    Closed.NO_PHOTOS: N_("这台机器拍不了证件照，请到窗口"),
}
GUIDES: Final[dict[Service, tuple[str, ...]]] = {
    Service.FIRST_TIME: (
        N_("放身份证，选要办的事。不带身份证，也可以先看。"),
        N_("一次答一题。填错了点“上一步”，随时可以改。"),
        N_("把材料放在镜头下，自动拍照。"),
        N_("核对、提交，取回执。别忘了身份证。"),
    ),
    Service.WHAT_BRING: (
        N_("办自己的事：居民身份证。"),
        N_("办企业的事：再带营业执照；替企业办，带授权书。"),
        N_("要拍的材料，开始前会一件一件列出来。"),
        N_("缺一两样也可以先办，写明的材料可以晚几天补。"),
    ),
    Service.WHAT_RECEIPT: (
        N_("回执证明您交过申请，上面有回执号和承诺办结的日期。"),
        N_("用它查进度：扫二维码，或输入回执号，再刷身份证。"),
        N_("丢了也不要紧，刷身份证一样能查。"),
    ),
    Service.WHAT_CORRECTION: (
        N_("材料不齐或填得不对，部门会一次说清要补什么。"),
        N_("在“已办业务”里只补这几样，不用重新申请。"),
        N_("来不及，可以申请延长一次。"),
        N_("补齐以后，办理时间重新算。"),
    ),
    Service.WHO_HELPS: (
        N_("点“求助”，工作人员会过来。"),
        N_("看不清字，点“大字”。"),
        N_("不会打字，可以手写，也可以请工作人员代填。"),
        N_("不方便来大厅，家人可以问窗口要上门办理。"),
    ),
    Service.PRIVACY: (
        N_("填的内容和拍的材料加密保存，只有办理部门能打开。"),
        N_("部门收到以后，这台机器上的就删掉。"),
        N_("人走开，屏幕会自动清空。"),
        N_("没填完的，只有同一张身份证能打开。"),
    ),
}
STANDINGS: Final[dict[str, str]] = {
    "received": N_("已收到"),
    "correcting": N_("请您补正"),
    "corrected": N_("补正已收到"),
    "accepted": N_("已受理，办理中"),
    "routed": N_("已转到办理的大厅"),
    "granted": N_("已批准，正在制作结果"),
    "refused": N_("没有通过"),
    "result": N_("已办好，请领取"),
    "sent": N_("结果已寄出"),
    "delivered": N_("结果已送到"),
    "collected": N_("结果已领取"),
    "withdrawn": N_("您已撤回"),
    "lapsed": N_("已过期终止"),
}
"""Values of `kiosk.wire.progress.Standing`."""
ENDED: Final = frozenset({"refused", "withdrawn", "lapsed"})
"""Standings in which it has ended without a result."""
GOOD: Final = frozenset({"granted", "result", "sent", "delivered", "collected"})
STEPS: Final[dict[str, str]] = {
    "receive": N_("提交，已收到"),
    "accept": N_("受理"),
    "deem_accepted": N_("到期未答复，视为受理"),
    "return": N_("部门请您补正"),
    "correct": N_("补正交齐"),
    "supply": N_("交来补充材料"),
    "more_time": N_("补交时间延长"),
    "reject": N_("不予受理"),
    "route": N_("转到办理的大厅"),
    "extend": N_("办理时间延长"),
    "grant": N_("批准"),
    "refuse": N_("不予批准"),
    "upload": N_("结果做好"),
    "send": N_("结果寄出"),
    "arrive": N_("结果送到"),
    "come_back": N_("邮件退回，请联系大厅"),
    "hand_out": N_("结果在窗口领取"),
    "fetch": N_("结果在机器上领取"),
    "delivery": N_("改了领取方式"),
    "withdraw": N_("您撤回了申请"),
    "lapse": N_("到期没有交齐，终止办理"),
    "note": N_("部门有了新记录"),
}
"""Steps of the hub's office that are shown."""
OPINIONS: Final[dict[str, str]] = {
    "complaint": N_("办事找茬"),
    "suggestion": N_("建议"),
    "rating": N_("评价"),
}
"""Values of `kiosk.wire.events.OpinionKind`."""
LEVELS: Final[tuple[tuple[int, str], ...]] = (
    (5, N_("非常满意")),
    (4, N_("满意")),
    (3, N_("基本满意")),
    (2, N_("不满意")),
    (1, N_("非常不满意")),
)
"""The five levels of 好差评 (GB/T 39735)."""
