"""Samples of the desk's screens from the first page of a paper to the end."""

from dataclasses import replace
from datetime import UTC, date, datetime
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
_PHONE_QR: Final = "https://kiosk.example.gov.cn/p/0123456789abcdef0123456789abcdef"
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
        "desk.CapturePaper-ways": replace(capture, phone=desk.PhoneWay.YES, earlier=desk.EarlierWay.YES, later=15),
        "desk.CapturePaper-ways-down": replace(
            capture, phone=desk.PhoneWay.LINE_DOWN, earlier=desk.EarlierWay.LINE_DOWN
        ),
        "desk.CapturePaper-phone": replace(capture, phone=desk.PhoneWay.YES),
        "desk.CheckPaper-doubt": replace(check, doubt=desk.PaperHint.BLURRED),
        **_phone_samples(title),
        **_earlier_samples(title, page),
        **_result_samples(title, page),
        "desk.ReadingPaper": desk.ReadingPaper(5, 6, title, page),
        "desk.PaperDiffers": desk.PaperDiffers(5, 6, title, (code, name)),
        "desk.PaperDiffers-card": desk.PaperDiffers(
            5, 6, title, (desk.Differing("", Words("姓名", "姓名", "Name"), "王小明", "王晓明"),)
        ),
    }


def _phone_samples(title: Words) -> dict[str, State]:
    waiting = desk.PhonePaper(5, 6, title, desk.PhoneStage.WAITING, _PHONE_QR, 585, most=20)
    found: dict[str, State] = {}
    for stage in desk.PhoneStage:
        shown = stage in (desk.PhoneStage.WAITING, desk.PhoneStage.OPENED, desk.PhoneStage.ARRIVING)
        count = 3 if stage in (desk.PhoneStage.ARRIVING, desk.PhoneStage.FETCHING) else 0
        found[f"desk.PhonePaper-{stage}"] = replace(
            waiting, stage=stage, qr=_PHONE_QR if shown else "", count=count, seconds=585 if shown else 0
        )
    return {**found, "desk.PhonePaper-sides": replace(waiting, title=_CARD, sides=True, most=2)}


def _earlier_samples(title: Words, page: bytes) -> dict[str, State]:
    item = Words("住房公积金提取", "住房公積金提取", "Housing-fund withdrawal")
    paper = desk.EarlierPaper("a" * 64, item, "3101260000000421", date(2026, 9, 7), 3, "C")
    older = replace(paper, key="b" * 64, handed_in=date(2026, 7, 1), pages=12, grade="B")
    reuse = desk.ReuseEarlier(5, 6, title, paper, page)
    return {
        "desk.EarlierPapers": desk.EarlierPapers(5, 6, title, (paper, older)),
        "desk.EarlierPapers-many": desk.EarlierPapers(5, 6, title, (paper, older) * 6),
        "desk.ReuseEarlier": reuse,
        "desk.ReuseEarlier-unseen": replace(reuse, page=b"", paper=older, chosen=True),
    }


def _result_samples(title: Words, page: bytes) -> dict[str, State]:
    result = desk.ResultHere(title, "31012600000004", page, printable=True)
    until, gone = date(2026, 11, 30), datetime(2026, 11, 23, 9, 41, 7, tzinfo=UTC)
    window = desk.AtWindow(title, "KW1:" + "ABCD2345" * 4, until, gone, desk.Receipt.PRINTED, desk.PrinterProblem.NONE)
    found: dict[str, State] = {f"desk.ResultHere-{how}": replace(result, printed=how) for how in desk.Printed}
    return {
        **found,
        "desk.ResultHere-unseen": replace(result, page=b"", printable=False),
        "desk.AtWindow": window,
        "desk.AtWindow-offline": replace(
            window, offline=True, receipt=desk.Receipt.ON_SCREEN, problem=desk.PrinterProblem.PAPER_OUT
        ),
        "desk.AtWindow-unsure": replace(window, receipt=desk.Receipt.PRINT_UNSURE),
        "desk.DraftKept-window": desk.DraftKept(title, until, window=True),
    }


def ending_samples(title: Words, done: desk.Done) -> dict[str, State]:
    """Signature, fee, result, and what the last screens say of them."""
    found: dict[str, State] = {
        "desk.Sign": desk.Sign(6, 6, _LINES),
        "desk.Sign-promise": desk.Sign(6, 6, _LINES, (_PROMISE,)),
        "desk.Sign-empty": desk.Sign(6, 6, _LINES, (_PROMISE, _PROMISE), empty=True),
        "desk.Confirm": desk.Confirm(6, 6, _LINES),
        "desk.Confirm-promise": desk.Confirm(6, 6, _LINES, (_PROMISE, _PROMISE), wrong=True),
        "desk.Confirm-no_reader": desk.Confirm(6, 6, _LINES, (_PROMISE,), card=False),
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
