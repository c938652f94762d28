"""What the other services say as data: titles, questions, and the words on their slips."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from kiosk.view.afterwards import Service
from kiosk.view.common import Language, Words
from kiosk.view.desk import Option

TITLES: Final[Mapping[Service, Words]] = MappingProxyType(
    {
        Service.PROGRESS: Words("查办理进度", "查辦理進度", "Check progress"),
        Service.RECEIPT: Words("凭回执查进度", "憑回執查進度", "Check progress with a receipt"),
        Service.FORM: Words("打印填好的表", "列印填好的表", "Print a filled form"),
        Service.APPOINTMENT: Words("预约", "預約", "Appointments"),
        Service.NUMBER: Words("取号", "取號", "Take a number"),
        Service.RATING: Words("评价服务", "評價服務", "Rate the service"),
        Service.SUGGESTION: Words("提建议", "提建議", "Make a suggestion"),
        Service.COMPLAINT: Words("办事找茬", "辦事找碴", "Report a problem"),
        Service.REPLIES: Words("看答复", "看答覆", "Read replies"),
        Service.PHOTO: Words("拍证件照", "拍證件照", "Take an ID photo"),
        Service.COPY: Words("复印材料", "複印材料", "Copy papers"),
    }
)
WHOLE_HALL: Final = Words("综合窗口", "綜合窗口", "General windows")
FORMS: Final = Words("打印哪一张表？", "列印哪一張表？", "Which form?")

RECEIPT_NUMBER: Final = Words("回执号是多少？", "回執號是多少？", "What is the receipt's number?")
RECEIPT_HELP: Final = Words(
    "在回执上，“回执号”下面的一串数字。",
    "在回執上，「回執號」下面的一串數字。",
    "The digits under Number on the receipt.",
)

PHOTO_FOR: Final = Words("照片用在哪里？", "照片用在哪裡？", "What is the photo for?")
PHOTO_HELP: Final = Words(
    "尺寸和要求会自动按证件来。", "尺寸和要求會自動按證件來。", "Size and rules follow the document by themselves."
)
PHOTOS: Final = (
    Option("id_card", Words("居民身份证", "居民身份證", "Resident identity card"),
           Words("26 × 32 毫米，白底", "26 × 32 毫米，白底", "26 × 32 mm, white background")),
    Option("social_card", Words("社会保障卡", "社會保障卡", "Social-security card"),
           Words("26 × 32 毫米，白底", "26 × 32 毫米，白底", "26 × 32 mm, white background")),
    Option("passport", Words("普通护照", "普通護照", "Passport"),
           Words("33 × 48 毫米，白底", "33 × 48 毫米，白底", "33 × 48 mm, white background")),
    Option("visa", Words("签证申请", "簽證申請", "Visa application"),
           Words("33 × 48 毫米，白底", "33 × 48 毫米，白底", "33 × 48 mm, white background")),
)  # fmt: skip

RATING_WHY: Final = Words("哪里不满意？", "哪裡不滿意？", "What was not good?")
COMPLAINT_WHY: Final = Words("是哪方面的问题？", "是哪方面的問題？", "What is it about?")
SEVERAL: Final = Words("可以选几项，也可以不选。", "可以選幾項，也可以不選。", "Choose as many as apply, or none.")
REASONS: Final = (
    Option("waiting", Words("等得太久", "等得太久", "Waiting too long")),
    Option("papers", Words("要的材料太多或说不清", "要的材料太多或說不清", "Too many or unclear papers")),
    Option("runs", Words("跑了几趟还没办成", "跑了幾趟還沒辦成", "Came several times in vain")),
    Option("manner", Words("服务态度", "服務態度", "How I was treated")),
    Option("machine", Words("机器不好用", "機器不好用", "The machine is hard to use")),
    Option("place", Words("环境或无障碍", "環境或無障礙", "The place, or access to it")),
    Option("fee", Words("收费不清楚", "收費不清楚", "Unclear fees")),
)
"""Each key is a word of the opinion's `reasons`."""
ABOUT: Final = Words("说的是哪件事？", "說的是哪件事？", "Which matter is it about?")
ABOUT_HELP: Final = Words(
    "选了，办事部门能查到当时的情况。",
    "選了，辦事部門能查到當時的情況。",
    "With it the department can look into what happened.",
)
IN_GENERAL: Final = Option("general", Words("不是某一件事", "不是某一件事", "None in particular"))
SAY_PROBLEM: Final = Words("请说说遇到的问题", "請說說遇到的問題", "What went wrong?")
SAY_SUGGESTION: Final = Words("您有什么建议？", "您有什麼建議？", "What do you suggest?")
SAY_MORE: Final = Words("还想说什么？", "還想說什麼？", "Anything else?")
SAY_HELP: Final = Words(
    "最多 200 个字。只有处理的人能看到。",
    "最多 200 個字。只有處理的人能看到。",
    "At most 200 characters. Only those who handle it see it.",
)
WHO: Final = Words("要不要留下姓名？", "要不要留下姓名？", "Do you want to give your name?")
NAMED: Final = Option(
    "named",
    Words("实名", "實名", "With my name"),
    Words(
        "刷身份证，以后在这里凭证件看答复",
        "刷身份證，以後在這裡憑證件看答覆",
        "By ID card; read the reply here with it",
    ),
)
UNNAMED: Final = Option(
    "unnamed",
    Words("匿名", "匿名", "Without"),
    Words("不留姓名，凭意见编号问答复", "不留姓名，憑意見編號問答覆", "Ask for the reply with its code"),
)
PHONE: Final = Words("怎样联系您？", "怎樣聯絡您？", "How can you be reached?")
PHONE_HELP: Final = Words("只用来答复这条意见。", "只用來答覆這條意見。", "Used for the reply only.")

SLIPS: Final[Mapping[Language, Mapping[str, str]]] = MappingProxyType(
    {
        Language.ZH_HANS: {
            "number": "排队号", "ahead": "前面还有", "people": "人", "taken": "取号时间", "window": "窗口",
            "today": "仅当天有效，过号请重新取号。", "appointment": "预约单", "day": "日期", "time": "时间",
            "door": "入口处扫此码进门，请带身份证。", "opinion": "意见回执", "code": "意见编号", "made": "提交时间",
            "reply": "问答复请报意见编号。", "hotline": "咨询电话", "correction": "补正回执", "receipt": "回执号",
            "handed": "补交内容",
        },
        Language.ZH_HANT: {
            "number": "排隊號", "ahead": "前面還有", "people": "人", "taken": "取號時間", "window": "窗口",
            "today": "僅當天有效，過號請重新取號。", "appointment": "預約單", "day": "日期", "time": "時間",
            "door": "入口處掃此碼進門，請帶身份證。", "opinion": "意見回執", "code": "意見編號", "made": "提交時間",
            "reply": "問答覆請報意見編號。", "hotline": "諮詢電話", "correction": "補正回執", "receipt": "回執號",
            "handed": "補交內容",
        },
        Language.EN: {
            "number": "Queue number", "ahead": "Before you", "people": "", "taken": "Taken", "window": "Window",
            "today": "Valid today only.", "appointment": "Appointment", "day": "Day", "time": "Time",
            "door": "Scan this at the entrance, and bring your ID card.", "opinion": "Your opinion", "code": "Code",
            "made": "Handed in", "reply": "Ask for the reply with this code.", "hotline": "Hotline",
            "correction": "Correction", "receipt": "Receipt number", "handed": "Handed in again",
        },
    }
)  # fmt: skip
