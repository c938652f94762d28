"""Samples of the desk's screens from the first page of a paper to the end."""

from dataclasses import replace
from datetime import date
from typing import Final

from kiosk.view import desk
from kiosk.view.common import Words
from kiosk.view.screen import State

_LINES: Final = (
    Words(
        "填写的内容和提交的材料真实、有效。",
        "填寫的內容和提交的材料真實、有效。",
        "What I have filled in and handed in is true and valid.",
    ),
    Words(
        "材料复印件与原件一致，需要时我出示原件。",
        "材料影本與原件一致，需要時我出示原件。",
        "The copies are as the originals; I show these when asked.",
    ),
    Words(
        "我知道弄虚作假要承担法律责任。",
        "我知道弄虛作假要承擔法律責任。",
        "I know that I answer before the law for anything false.",
    ),
)
_PROMISE: Final = Words(
    "我在 2026 年 12 月 7 日前补交：户口簿首页和本人页",
    "我在 2026 年 12 月 7 日前補交：戶口簿首頁和本人頁",
    "I hand in by 2026-12-07: household register, first page and own page",
)
_CARD: Final = Words("社会保障卡", "社會保障卡", "Social-security card")
_REGISTER: Final = Words("户口簿首页和本人页", "戶口簿首頁和本人頁", "Household register")
_COMPANY: Final = Words("企业名称", "企業名稱", "Company name")
_CODE: Final = Words("统一社会信用代码", "統一社會信用代碼", "Credit code")
_BUREAU: Final = Words("缴存地住房公积金管理中心", "繳存地住房公積金管理中心", "The housing fund centre")
_QR: Final = "https://pay.example/o/01940000000070008000000000000001"


def paper_samples(title: Words, page: bytes) -> dict[str, State]:
    """A paper of several pages, a card, and what is read of a paper."""
    check = desk.CheckPaper(5, 6, title, page, most=20)
    pages = desk.PaperPages(5, 6, title, 1, (page,) * 4, 4, 20)
    capture = desk.CapturePaper(5, 6, title, desk.PaperHint.LAY_DOWN, most=20)
    code = desk.Differing("company_code", _CODE, "91110000600037341L", "91110000600037342L")
    name = desk.Differing("company_name", _COMPANY, "清江示例商贸有限公司", "清江示范商贸有限公司")
    return {
        "desk.CapturePaper-page": replace(capture, page=3),
        "desk.CapturePaper-front": replace(capture, title=_CARD, most=1, side=desk.Side.FRONT),
        "desk.CapturePaper-back": replace(capture, title=_CARD, most=1, side=desk.Side.BACK),
        "desk.CheckPaper-first": check,
        "desk.CheckPaper-third": replace(check, number=3, count=4),
        "desk.CheckPaper-last": replace(check, number=20, count=20),
        "desk.CheckPaper-card": desk.CheckPaper(5, 6, _CARD, page, back=page),
        "desk.PaperPages": pages,
        "desk.PaperPages-many": replace(pages, first=7, pages=(page,) * 6, count=20),
        "desk.ReadingPaper": desk.ReadingPaper(5, 6, title, page),
        "desk.PaperDiffers": desk.PaperDiffers(5, 6, title, (code, name)),
        "desk.PaperDiffers-card": desk.PaperDiffers(
            5, 6, title, (desk.Differing("", Words("姓名", "姓名", "Name"), "王小明", "王晓明"),)
        ),
    }


def ending_samples(title: Words, done: desk.Done) -> dict[str, State]:
    """Signature, fee, result, and what the last screens say of them."""
    found: dict[str, State] = {
        "desk.Sign": desk.Sign(6, 6, _LINES),
        "desk.Sign-promise": desk.Sign(6, 6, _LINES, (_PROMISE,)),
        "desk.Sign-empty": desk.Sign(6, 6, _LINES, (_PROMISE, _PROMISE), empty=True),
        "desk.Deciding": desk.Deciding(title, "3101260000000421", 18),
        "desk.Done-owed": replace(done, owed=(desk.OwedPaper(_REGISTER, date(2026, 12, 7)),), decided_by=_BUREAU),
        "desk.Done-owed-many": replace(
            done,
            owed=(desk.OwedPaper(_REGISTER, date(2026, 12, 7)),) * 2,
            fee=desk.Fee.AT_WINDOW,
            receipt=desk.Receipt.ON_SCREEN,
            problem=desk.PrinterProblem.PAPER_OUT,
            provisional=True,
        ),
        "desk.Done-unsure": replace(done, fee=desk.Fee.UNSURE),
        "desk.TakeYourThings-card": desk.TakeYourThings(card_left=True),
    }
    for how in desk.PayState:
        qr = _QR if how in (desk.PayState.WAITING, desk.PayState.UNSURE) else ""
        found[f"desk.PayFee-{how}"] = desk.PayFee(title, 1000, how, qr, 585 if qr else 0)
    for outcome in desk.Outcome:
        if outcome is not desk.Outcome.NONE:
            found[f"desk.Done-{outcome}"] = replace(done, promised=None, outcome=outcome)
    return found
