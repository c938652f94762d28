"""Plausible data for every view state, for the gallery and the tests: at least one a state, and one a variant."""

from dataclasses import replace
from datetime import date, datetime
from functools import cache
from io import BytesIO
from typing import Final

from PIL import Image, ImageDraw

from kiosk.view import common, desk, gate, typing
from kiosk.view.common import Words
from kiosk.view.screen import State
from ui.reasons import REASONS
from ui.samples_address import address_samples
from ui.samples_afterwards import afterwards_samples
from ui.samples_attendant import attendant_samples
from ui.samples_help import help_samples
from ui.samples_papers import ending_samples, paper_samples
from ui.samples_technician import technician_samples

NOW: Final = datetime(2026, 11, 22, 9, 41)  # noqa: DTZ001  a local time for pictures
HALL: Final = "清江市政务服务中心"
_NAME: Final = "王*明"

_ITEMS: Final = (
    desk.ItemSummary(
        "residence",
        Words("居住证申领", "居住證申領", "Residence permit"),
        Words("在本市居住满半年的外地户口居民", "在本市居住滿半年的外地戶口居民", "For residents registered elsewhere"),
    ),
    desk.ItemSummary(
        "elder_card",
        Words("老年人优待证", "老年人優待證", "Senior citizen card"),
        Words("满 60 周岁，当场受理", "滿 60 周歲，當場受理", "From the age of 60"),
    ),
    desk.ItemSummary(
        "housing",
        Words("公共租赁住房补贴", "公共租賃住房補貼", "Public rental housing subsidy"),
        Words("家庭收入符合条件的住房困难家庭", "家庭收入符合條件的住房困難家庭", "For households on low incomes"),
    ),
)
_MANY: Final = tuple(
    desk.ItemSummary(f"{item.key}{turn}", item.title, item.line) for turn in range(3) for item in _ITEMS
)
_NEEDS: Final = (
    Words("居民身份证", "居民身份證", "Your ID card"),
    Words("租房合同或房产证", "租房合同或房產證", "Lease or title deed"),
    Words("能收短信的手机号码", "能收短信的手機號碼", "A phone number that gets text messages"),
)
_FREE: Final = Words("免费", "免費", "Free")
_TITLE: Final = _ITEMS[0].title
_NO: Final = desk.NO_WORDS
_KIND: Final = Words("您现在怎样居住？", "您現在怎樣居住？", "How do you live at present?")
_OPTIONS: Final = (
    desk.Option("rent", Words("租房居住", "租房居住", "In rented housing")),
    desk.Option("own", Words("自己的房子", "自己的房子", "In my own home")),
    desk.Option("work", Words("单位宿舍", "單位宿舍", "In a company dormitory")),
    desk.Option("family", Words("住在亲属家", "住在親屬家", "With relatives")),
)
_LINED: Final = tuple(
    replace(option, line=Words("免费，寄出后约 2 天", "免費，寄出後約 2 天", "Free, about 2 days"))
    for option in _OPTIONS
)
_LONG_OPTIONS: Final = tuple(
    desk.Option(f"{option.key}{turn}", option.title) for turn in range(3) for option in _OPTIONS
)
_PAPER: Final = Words("租房合同", "租房合同", "Lease")


_EVENTS: Final = (
    desk.Group(
        "home",
        Words("我要买房租房", "我要買房租房", "Home"),
        Words("公积金提取、信用报告", "公積金提取、信用報告", "Housing fund, credit report"),
        3,
    ),
    desk.Group(
        "work",
        Words("我要就业参保", "我要就業參保", "Work and insurance"),
        Words("社保、养老、公积金、工作许可", "社保、養老、公積金、工作許可", "Social security, pension, permits"),
        5,
    ),
    desk.Group(
        "care",
        Words("老人和行动不便", "老人和行動不便", "Older and less mobile people"),
        Words("上门办理", "上門辦理", "We come to your home"),
        1,
    ),
)
_REASON: Final = Words(
    "连续缴存不满 3 个月，现在不能提取。",
    "連續繳存不滿 3 個月，現在不能提取。",
    "Withdrawal needs three months of full payments in a row.",
)
_INSTEAD: Final = Words(
    "满 3 个月后再来；余额可以在本机打印查询。",
    "滿 3 個月後再來；餘額可以在本機列印查詢。",
    "Come back after three months; see your balance here.",
)
_DRAFTS: Final = tuple(
    desk.SavedDraft(item.key, item.title, NOW, date(2026, 11, 29), kept=kept)
    for item, kept in zip(_ITEMS[:2], (True, False), strict=True)
)
_LONG_START: Final = desk.BeforeYouStart(
    _TITLE,
    _NEEDS * 2,
    12,
    15,
    _FREE,
    statutory_days=60,
    papers=(
        desk.PaperLine(Words("租房合同", "租房合同", "Lease"), _NO),
        desk.PaperLine(Words("房屋权属证明", "房屋權屬證明", "Proof of ownership"), _NO, maybe=True),
        desk.PaperLine(Words("单位证明", "單位證明", "Letter from the employer"), _NO, later=15),
    ),
    handled=desk.Handled.COLLECT_HERE,
    decided_by=Words("项目所在地生态环境局", "項目所在地生態環境局", "The ecology office where it is built"),
    result_from=Words("批复由该局寄出", "批覆由該局寄出", "The decision is posted from there"),
    courier=True,
    notices=(
        Words(
            "2026 年 1 月至 6 月到期的证，有效期顺延至 2026 年 12 月 31 日。",
            "2026 年 1 月至 6 月到期的證，有效期順延至 2026 年 12 月 31 日。",
            "Licences that ran out from January to June 2026 are good until 31 December 2026.",
        ),
    ),
)
_SPOUSE: Final = Words("配偶的身份证号码是多少？", "配偶的身分證號碼是多少？", "What is your spouse's identity number?")
_CODE: Final = Words("企业的统一社会信用代码？", "企業的統一社會信用代碼？", "What is the company's credit code?")
_AFTER: Final = Words(
    "租期结束要晚于开始。请检查两个日期。",
    "租期結束要晚於開始。請檢查兩個日期。",
    "The lease ends after it begins. Check both dates.",
)


_CHOICE: Final = desk.Question(
    1,
    6,
    "living",
    _KIND,
    Words("按现在的实际情况选。", "按現在的實際情況選。", "As it is today."),
    desk.Field.CHOICE,
    options=_OPTIONS,
)
_LIVES: Final = Words("您现在住在哪里？", "您現在住在哪裏？", "Where do you live now?")
_PHONE: Final = desk.Question(
    2,
    6,
    "phone",
    Words("您的手机号码是多少？", "您的手機號碼是多少？", "What is your phone number?"),
    Words("办好后用短信通知您。", "辦好後用短信通知您。", "We send a text message when it is ready."),
    desk.Field.PHONE,
)
_DATE: Final = desk.Question(
    3,
    6,
    "since",
    Words("您从哪天起住在现在的地址？", "您從哪天起住在現在的地址？", "Since when have you lived here?"),
    Words("以租房合同上的日期为准。", "以租房合同上的日期為準。", "The date in your lease counts."),
    desk.Field.DATE,
)
_DIGITS: Final = desk.Question(
    4,
    6,
    "rent",
    Words("每月房租是多少？", "每月房租是多少？", "What is your monthly rent?"),
    _NO,
    desk.Field.DIGITS,
    unit=Words("元", "元", "yuan"),
    max_length=6,
)
_CONFIRM: Final = desk.Question(
    1,
    6,
    "address",
    Words("户口所在地对吗？", "戶口所在地對嗎？", "Is this where you are registered?"),
    Words("从您的身份证读到的。", "從您的身份證讀到的。", "Read from your ID card."),
    desk.Field.CONFIRM,
    value="江北省清江市东城区槐树街 18 号院 3 号楼 2 单元 501 室",
)
_REVIEW_ROWS: Final = (
    desk.ReviewRow("", Words("姓名", "姓名", "Name"), Words("王小明", "王小明", "王小明")),
    desk.ReviewRow("", Words("证件号码", "證件號碼", "ID number"), Words(*("110101 19900307 0011",) * 3)),
    desk.ReviewRow("living", Words("居住方式", "居住方式", "Housing"), _OPTIONS[0].title),
    desk.ReviewRow("phone", Words("手机号码", "手機號碼", "Phone"), Words(*("138 0013 8000",) * 3)),
    desk.ReviewRow("since", Words("居住开始日期", "居住開始日期", "Living here since"), Words(*("2024-03-01",) * 3)),
    desk.ReviewRow("rent", Words("每月房租", "每月房租", "Monthly rent"), Words("1850 元", "1850 元", "1850 yuan")),
)
_OUTLINE: Final = ((0.18, 0.14), (0.80, 0.17), (0.83, 0.86), (0.15, 0.83))


def _done(receipt: desk.Receipt, problem: desk.PrinterProblem = desk.PrinterProblem.NONE) -> desk.Done:
    return desk.Done(
        "3101260000000421",
        _TITLE,
        NOW,
        date(2026, 12, 3),
        "12345",
        "KR1:3101260000000421",
        receipt,
        problem,
    )


@cache
def page() -> bytes:
    """A JPEG of an invented page; drawn here, so that no picture has to be kept."""
    paper = Image.new("RGB", (840, 1188), "#fbfaf6")
    draw = ImageDraw.Draw(paper)
    draw.rectangle((250, 90, 590, 120), fill="#333333")
    for line in range(24):
        draw.rectangle((90, 190 + 36 * line, 750 - (line % 4) * 60, 200 + 36 * line), fill="#8a8a8a")
    draw.ellipse((560, 940, 720, 1100), outline="#b03030", width=7)
    buffer = BytesIO()
    paper.save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


class SamplePicture:
    """A camera's picture for the gallery: a head-and-shoulders shape, or a page on a mat."""

    def __init__(self, *, paper: bool) -> None:
        picture = Image.new("RGB", (640, 480), "#6f7f78" if paper else "#b9c3c9")
        draw = ImageDraw.Draw(picture)
        if paper:
            with Image.open(BytesIO(page())) as sheet:
                corners = tuple((int(x * 640), int(y * 480)) for x, y in _OUTLINE)
                draw.polygon(corners, fill="#fbfaf6")
                left, top = corners[0]
                picture.paste(sheet.resize((330, 300)), (left + 20, top + 20))
        else:
            draw.ellipse((170, 330, 470, 640), fill="#42556b")
            draw.ellipse((240, 110, 400, 340), fill="#d9b79c")
            draw.pieslice((234, 96, 406, 300), 180, 360, fill="#2b2623")
        self._newest = (640, 480, picture.tobytes())

    def newest(self) -> tuple[int, int, bytes] | None:
        """The one picture."""
        return self._newest


def samples() -> dict[str, State]:
    """Every sample by its name: the state's name, and after a hyphen the variant."""
    found: dict[str, State] = {}
    for cause in common.Cause:
        found[f"common.OutOfService-{cause}"] = common.OutOfService(cause, "id_reader" if cause == "device" else "")
    found["common.OutOfService-staff"] = common.OutOfService(common.Cause.DEVICE, "barrier", staff_entry=True)
    found |= _gate()
    found |= _desk()
    found |= attendant_samples()
    found |= afterwards_samples(page())
    found |= help_samples()
    found |= technician_samples()
    return found


def _gate() -> dict[str, State]:
    found: dict[str, State] = {
        "gate.Welcome": gate.Welcome(HALL, "2", inside=37, capacity=200),
        "gate.Welcome-code": gate.Welcome(HALL, "2", inside=37, capacity=200, code=True),
        "gate.Welcome-passport": gate.Welcome(HALL, "2", inside=37, capacity=200, passport=True),
        "gate.Welcome-code-passport": gate.Welcome(HALL, "2", inside=37, capacity=200, code=True, passport=True),
        "gate.Welcome-offline": gate.Welcome(HALL, "2", inside=37, offline=True),
        "gate.ReadingCard": gate.ReadingCard(),
        "gate.TakingTemperature": gate.TakingTemperature(_NAME, progress=0.6),
        "gate.TakingTemperature-again": gate.TakingTemperature(_NAME, again=True),
        "gate.ShowCode": gate.ShowCode(_NAME),
        "gate.WearMask-must": gate.WearMask(_NAME, must=True, progress=0.33),
        "gate.WearMask-remind": gate.WearMask("欧阳*", must=False),
        "gate.ShowHealth": gate.ShowHealth(_NAME),
        "gate.HallFull": gate.HallFull(HALL, "2", 200, 200),
        "gate.HallFull-waiting": gate.HallFull(HALL, "2", 203, 200, waiting=4),
        "gate.LanePaused": gate.LanePaused(HALL, "2"),
        "gate.HelpComing": gate.HelpComing(),
        "gate.Deciding": gate.Deciding(),
        "gate.Admitted": gate.Admitted(_NAME, 36.5),
        "gate.Admitted-companions": gate.Admitted("欧阳*", 36.5, companions=2),
        "gate.Admitted-bare": gate.Admitted(_NAME),
        "gate.Admitted-nameless": gate.Admitted("", 36.5),
        "gate.TakingTemperature-nameless": gate.TakingTemperature(""),
        "gate.Referred-three": gate.Referred(("face_unsure", "temperature_unsure", "code_other_person"), _NAME),
        "gate.Refused-two": gate.Refused(("code_wrong_hall", "temperature_high"), _NAME),
        "gate.Referred-silent": gate.Referred((), _NAME),
        "gate.Referred-unknown": gate.Referred(("a_reason_of_newer_rules",)),
    }
    for problem in common.CardProblem:
        if problem is not common.CardProblem.NONE:
            found[f"gate.Welcome-{problem}"] = gate.Welcome(HALL, "2", problem, inside=37, capacity=200)
    found |= _gate_hints()
    for reason in REASONS:
        found[f"gate.Refused-{reason}"] = gate.Refused((reason,), _NAME)
    for ending in gate.Ending:
        found[f"gate.PassageNotice-{ending}"] = gate.PassageNotice(ending)
    return found


def _gate_hints() -> dict[str, State]:
    found: dict[str, State] = {}
    for hint in gate.FaceHint:
        found[f"gate.LookAtCamera-{hint}"] = gate.LookAtCamera(_NAME, hint, 0.4)
        found[f"gate.FollowMovement-hint-{hint}"] = gate.FollowMovement(_NAME, gate.Movement.TURN_LEFT, 1, 2, 0.3, hint)
    for movement in gate.Movement:
        found[f"gate.FollowMovement-{movement}"] = gate.FollowMovement(_NAME, movement, 1, 2, 0.6)
    for stand in gate.TemperatureHint:
        if stand is not gate.TemperatureHint.STAND:
            found[f"gate.TakingTemperature-{stand}"] = gate.TakingTemperature(_NAME, hint=stand)
    for code in gate.CodeHint:
        if code is not gate.CodeHint.NONE:
            found[f"gate.ShowCode-{code}"] = gate.ShowCode(_NAME, code)
            found[f"gate.ShowHealth-{code}"] = gate.ShowHealth(_NAME, code)
    return found


def _desk() -> dict[str, State]:
    found: dict[str, State] = {
        "desk.Start": desk.Start(HALL, _ITEMS),
        "desk.Start-services": desk.Start(HALL, _ITEMS, services=True),
        "desk.Start-offline": desk.Start(HALL, _ITEMS, printing=False, offline=True),
        "desk.ReadingCard": desk.ReadingCard(),
        "desk.ChooseItem": desk.ChooseItem(_NAME, _ITEMS),
        "desk.ChooseItem-services": desk.ChooseItem(_NAME, _MANY, services=True),
        "desk.ChooseItem-many": desk.ChooseItem(_NAME, _MANY),
        "desk.ChooseItem-group": desk.ChooseItem("", _ITEMS, _EVENTS[0].title),
        "desk.ChooseGroup-event": desk.ChooseGroup(desk.By.EVENT, _EVENTS),
        "desk.ChooseGroup-department": desk.ChooseGroup(desk.By.DEPARTMENT, _EVENTS * 3),
        "desk.FindItem": desk.FindItem("", _MANY),
        "desk.FindItem-typed": desk.FindItem("jzz", _ITEMS[:1]),
        "desk.FindItem-nothing": desk.FindItem("qwx", ()),
        "desk.LayCard": desk.LayCard(_TITLE),
        "desk.LayCard-moved": desk.LayCard(_TITLE, common.CardProblem.MOVED),
        "desk.NotEligible": desk.NotEligible(_TITLE, _REASON, _INSTEAD),
        "desk.NotEligible-final": desk.NotEligible(_TITLE, _REASON, _INSTEAD, final=True),
        "desk.SavedDrafts": desk.SavedDrafts(_NAME, _DRAFTS),
        "desk.SavedDrafts-many": desk.SavedDrafts(_NAME, _DRAFTS * 4),
        "desk.DraftKept": desk.DraftKept(_TITLE, date(2026, 11, 29)),
        "desk.ItemChanged": desk.ItemChanged(_TITLE),
        "desk.ItemChanged-gone": desk.ItemChanged(_TITLE, gone=True),
        "desk.BeforeYouStart-long": _LONG_START,
        "desk.BeforeYouStart": desk.BeforeYouStart(_TITLE, _NEEDS, 5, 7, _FREE),
        "desk.Question-choice": _CHOICE,
        "desk.Question-choice-many": replace(_CHOICE, options=_LONG_OPTIONS, value="own1"),
        "desk.Question-choice-chosen": replace(_CHOICE, value="rent"),
        "desk.Question-phone": _PHONE,
        "desk.Question-phone-filled": replace(_PHONE, value="13800138000"),
        "desk.Question-date": _DATE,
        "desk.Question-date-filled": replace(_DATE, value="2024-03-01"),
        "desk.Question-digits": replace(_DIGITS, value="1850"),
        "desk.Question-confirm": _CONFIRM,
        **_writing(),
        **address_samples(replace(_PHONE, title=_LIVES, explanation=_NO, field=desk.Field.ADDRESS, max_length=120)),
        "desk.Question-eligibility": replace(_CHOICE, part=desk.Part.ELIGIBILITY, steps=2),
        "desk.Question-choice-lines": replace(_CHOICE, options=_LINED, can_save=True),
        "desk.Question-multi": replace(_CHOICE, field=desk.Field.MULTI, value="rent,work", max_length=3),
        "desk.Question-amount": replace(_DIGITS, field=desk.Field.AMOUNT, value="1850.50", max_length=12),
        "desk.Question-id": replace(_DIGITS, key="spouse", title=_SPOUSE, field=desk.Field.ID_NUMBER, unit=_NO),
        "desk.Question-id-wrong": replace(
            _DIGITS,
            key="spouse",
            title=_SPOUSE,
            field=desk.Field.ID_NUMBER,
            unit=_NO,
            value="110101199003070012",
            problem=desk.AnswerProblem.NOT_AN_ID,
        ),
        "desk.Question-credit": replace(_DIGITS, title=_CODE, field=desk.Field.CREDIT_CODE, unit=_NO),
        "desk.Question-credit-filled": replace(
            _DIGITS, title=_CODE, field=desk.Field.CREDIT_CODE, unit=_NO, value="91110000600037341L", prefilled=True
        ),
        "desk.Question-text": replace(
            _DIGITS, title=_CODE, field=desk.Field.TEXT, unit=_NO, value=HALL, max_length=60, optional=True
        ),
        "desk.Question-address": replace(_CONFIRM, field=desk.Field.ADDRESS, prefilled=True, max_length=120),
        "desk.Question-rule": replace(
            _DATE, value="2024-03-01", problem=desk.AnswerProblem.CONTRADICTS, message=_AFTER
        ),
        "desk.CapturePaper-later": desk.CapturePaper(5, 6, _PAPER, desk.PaperHint.LAY_DOWN, later=15, can_save=True),
        "desk.CheckPaper": desk.CheckPaper(5, 6, _PAPER, page()),
        **paper_samples(_PAPER, page()),
        **ending_samples(_TITLE, _done(desk.Receipt.PRINTED)),
        "desk.ChooseItem-closed": desk.ChooseItem(_NAME, (*_ITEMS[:2], replace(_ITEMS[2], closed=True))),
        "desk.Start-closed": desk.Start(HALL, (_ITEMS[0], replace(_ITEMS[1], closed=True))),
        "desk.Review": desk.Review(6, 6, _TITLE, _REVIEW_ROWS, page()),
        "desk.Review-many": desk.Review(6, 6, _TITLE, _REVIEW_ROWS * 2, page()),
        "desk.Submitting": desk.Submitting(),
        "desk.Done-printing": _done(desk.Receipt.PRINTING),
        "desk.Done-printed": _done(desk.Receipt.PRINTED),
        "desk.Done-print_unsure": _done(desk.Receipt.PRINT_UNSURE),
        "desk.Done-earlier": replace(_done(desk.Receipt.ON_SCREEN), earlier=True, promised=None),
        "desk.TakeYourThings": desk.TakeYourThings(),
        "desk.StillThere": desk.StillThere(20),
        "desk.StillThere-calm": desk.StillThere(0, calm=True),
        "desk.StillThere-card": desk.StillThere(0, calm=True, card=True),
        "desk.StaffCalled": desk.StaffCalled(),
    }
    for problem in common.CardProblem:
        if problem is not common.CardProblem.NONE:
            found[f"desk.Start-{problem}"] = desk.Start(HALL, _ITEMS, problem)
    for wrong in desk.AnswerProblem:
        if wrong is not desk.AnswerProblem.NONE:
            found[f"desk.Question-{wrong}"] = replace(_PHONE, value="1380013", problem=wrong)
    found["desk.Question-choice-empty"] = replace(_CHOICE, problem=desk.AnswerProblem.EMPTY)
    for hint in desk.PaperHint:
        seen = hint not in (desk.PaperHint.LAY_DOWN, desk.PaperHint.CAMERA_AWAY)
        good = hint is desk.PaperHint.GOOD
        found[f"desk.CapturePaper-{hint}"] = desk.CapturePaper(
            5, 6, _PAPER, hint, _OUTLINE if seen else None, 0.6 if good else 0.0
        )
    for trouble in desk.PrinterProblem:
        found[f"desk.Done-on_screen-{trouble}"] = _done(desk.Receipt.ON_SCREEN, trouble)
    return found


def _writing() -> dict[str, State]:
    """A question answered by writing, with each kind of keys."""
    asked = replace(_CHOICE, key="address", title=_LIVES, field=desk.Field.ADDRESS, options=(), max_length=60)
    found = ("北京市海淀区", "背景是海淀区", "北京市", "北京", "背景", "北", "被", "背", "杯")
    characters = ("未", "末", "本", "术", "来", "木", "夫", "朱", "牛")
    composing = typing.Write(asked, composing="beijingshihaidianqu", candidates=found, more=True)
    return {
        "typing.Write": typing.Write(asked),
        "typing.Write-pinyin": composing,
        "typing.Write-long": replace(
            composing,
            text="浙江省",
            candidates=("台州市黄岩区东城街道天长路", "台州市黄岩区东城街道天长录", *found[:7]),
        ),
        "typing.Write-alike": replace(composing, alike=True, page=1),
        "typing.Write-hand": typing.Write(asked, "李", candidates=characters, more=True, layout=typing.Layout.HAND),
        "typing.Write-strokes": typing.Write(
            asked, composing="一丨丿", candidates=characters, layout=typing.Layout.STROKES
        ),
        "typing.Write-parts": typing.Write(asked, composing="氵木", candidates=characters, layout=typing.Layout.PARTS),
        "typing.Write-code": typing.Write(asked, composing="4DAE", candidates=("䶮",), layout=typing.Layout.CODE),
        "typing.Write-latin": typing.Write(asked, "A1", layout=typing.Layout.LATIN),
        "typing.Write-digits": typing.Write(asked, "88", layout=typing.Layout.DIGITS),
        "typing.Write-house": typing.Write(asked, "1 号", before="北京市东城区东华门街道", layout=typing.Layout.DIGITS),
        "typing.Write-identity": typing.Write(asked, "1101", layout=typing.Layout.IDENTITY),
        "typing.Write-wrong": typing.Write(replace(asked, problem=desk.AnswerProblem.TOO_SHORT), "北京"),
    }
