"""The receipt: what stands on the slip, and in its QR code."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from drivers.kinds import Align, Line, PrintJob, QrCode, Row, Rule, Space
from kiosk.clock import CHINA
from kiosk.view.common import Language, Words
from kiosk.view.desk import Fee, Outcome, OwedPaper
from kiosk.wire.catalogue import Item, Text

Slip = PrintJob


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A paper that was handed in."""

    title: Words
    pages: int


def _words(zh_hans: str, zh_hant: str, en: str) -> Words:
    return Words(zh_hans, zh_hant, en)


_SAY: Final[dict[str, Words]] = {
    "receipt": _words("受理回执", "受理回執", "Receipt"),
    "result": _words("办理结果", "辦理結果", "Result"),
    "number": _words("回执号", "回執號", "Number"),
    "applicant": _words("申请人", "申請人", "Applicant"),
    "submitted": _words("提交时间", "提交時間", "Submitted"),
    "promised": _words("承诺办结", "承諾辦結", "Promised by"),
    "about": _words("约", "約", "about"),
    "at_once": _words("当日办结", "當日辦結", "same day"),
    "papers": _words("已交材料", "已交材料", "Handed in"),
    "pages": _words("{count} 页", "{count} 頁", "{count} p."),
    "owed": _words("待补材料", "待補材料", "Still owed"),
    "owed_by": _words("{day} 前补交", "{day} 前補交", "by {day}"),
    "owed_how": _words(
        "到期不补，申请按撤回处理。带本回执到自助机或窗口补交。",
        "到期不補，申請按撤回處理。帶本回執到自助機或窗口補交。",
        "Bring them with this receipt to a desk or a window; without them the application lapses.",
    ),
    "fee": _words("费用", "費用", "Fee"),
    "paid": _words("{yuan} 元 已付", "{yuan} 元 已付", "{yuan} yuan, paid"),
    "at_window": _words("{yuan} 元 到窗口付", "{yuan} 元 到窗口付", "{yuan} yuan, at a window"),
    "tariff": _words("按标准，到窗口付", "按標準，到窗口付", "by tariff, at a window"),
    "unsure": _words("{yuan} 元 待核对", "{yuan} 元 待核對", "{yuan} yuan, to be checked"),
    "unsure_how": _words(
        "付款没有确认。扫过码的请不要再付，凭回执到窗口核对。",
        "付款沒有確認。掃過碼的請不要再付，憑回執到窗口核對。",
        "The payment is not confirmed. Do not pay again: have it checked at a window.",
    ),
    "decided": _words("决定机关", "決定機關", "Decided by"),
    "from": _words("结果", "結果", "Result"),
    "way": _words("领取方式", "領取方式", "Delivery"),
    "courier": _words("邮寄", "郵寄", "by courier"),
    "collect": _words("到窗口领取", "到窗口領取", "at a window"),
    "texts": _words("短信通知", "短信通知", "Messages"),
    "texts_no": _words("不发，凭回执查询", "不發，憑回執查詢", "none; ask with this receipt"),
    "texts_stop": _words("要停短信，到窗口说一声。", "要停短信，到窗口說一聲。", "To stop messages tell a window."),
    "hotline": _words("咨询电话", "諮詢電話", "Hotline"),
    "keep": _words(
        "请保管好本回执，凭回执号或二维码查询进度。",
        "請保管好本回執，憑回執號或二維碼查詢進度。",
        "Keep this receipt. The number or the code shows how far your application is.",
    ),
    "original": _words(
        "拍摄的材料为上传件，原件待窗口核验。",
        "拍攝的材料為上傳件，原件待窗口核驗。",
        "Photographed papers are copies; the originals will be checked at a window.",
    ),
    "granted": _words("准予办理", "准予辦理", "Granted"),
    "refused": _words("不予办理", "不予辦理", "Refused"),
    "returned": _words("需要补正", "需要補正", "To be corrected"),
}
_OUTCOMES: Final = {
    Outcome.GRANTED: _SAY["granted"],
    Outcome.REFUSED: _SAY["refused"],
    Outcome.RETURNED: _SAY["returned"],
}


def grouped(number: str) -> str:
    """A receipt number in groups of four, to be read aloud."""
    return " ".join(number[i : i + 4] for i in range(0, len(number), 4))


def qr_payload(number: str) -> str:
    """What the QR code holds: the number, and nothing about the person."""
    return f"KR1:{number}"


def yuan(fen: int) -> str:
    """An amount in yuan: 10, 10.50."""
    return str(fen // 100) if fen % 100 == 0 else f"{fen / 100:.2f}"


class _Writer:
    """The slip's lines in one language."""

    def __init__(self, language: Language) -> None:
        self._language = language

    def say(self, key: str) -> str:
        return _SAY[key].of(self._language)

    def of(self, text: Words | Text) -> str:
        if isinstance(text, Words):
            return text.of(self._language)
        return {Language.ZH_HANS: text.zh_hans, Language.ZH_HANT: text.zh_hant, Language.EN: text.en}[self._language]

    def papers(self, papers: tuple[HandedIn, ...]) -> tuple[Row, ...]:
        pages = self.say("pages")
        return tuple(
            Row(f"{self.say('papers')} {place}", f"{self.of(paper.title)} · {pages.format(count=paper.pages)}")
            for place, paper in enumerate(papers, 1)
        )

    def owed(self, owed: tuple[OwedPaper, ...]) -> tuple[Row | Line, ...]:
        rows = [
            Row(self.of(paper.title), self.say("owed_by").format(day=paper.due.isoformat()), size=28) for paper in owed
        ]
        return (Line(self.say("owed"), size=32, bold=True), *rows, Line(self.say("owed_how"))) if rows else ()

    def fee(self, fee: Fee, fen: int) -> tuple[Row | Line, ...]:
        if fee is Fee.NONE:
            return ()
        at_window = "at_window" if fen else "tariff"
        said = self.say({Fee.PAID: "paid", Fee.AT_WINDOW: at_window, Fee.UNSURE: "unsure"}[fee])
        row = Row(self.say("fee"), said.format(yuan=yuan(fen)), size=28)
        return (row, Line(self.say("unsure_how"))) if fee is Fee.UNSURE else (row,)

    def way(self, item: Item, *, courier: bool, refused: bool) -> tuple[Row, ...]:
        """How the result comes; an item whose result comes of itself says so in its own words."""
        if refused or (item.result_from is not None and not courier):
            return ()
        return (Row(self.say("way"), self.say("courier" if courier else "collect"), size=28),)

    def texts(self, texts: str | None) -> tuple[Row | Line, ...]:
        """Whether messages come, and where to."""
        if texts is None:
            return ()
        row = Row(self.say("texts"), texts or self.say("texts_no"), size=28)
        return (row, Line(self.say("texts_stop"))) if texts else (row,)

    def who(self, item: Item) -> tuple[Row, ...]:
        rows = []
        if item.decided_by is not None:
            rows.append(Row(self.say("decided"), self.of(item.decided_by)))
        if item.result_from is not None:
            rows.append(Row(self.say("from"), self.of(item.result_from)))
        return tuple(rows)


def slip(
    number: str,
    item: Item,
    *,
    hall_name: str,
    hotline: str,
    name_masked: str,
    submitted: datetime,
    promised: date | None,
    language: Language,
    papers: tuple[HandedIn, ...] = (),
    owed: tuple[OwedPaper, ...] = (),
    fee: Fee = Fee.NONE,
    fen: int = 0,
    courier: bool = False,
    outcome: Outcome = Outcome.NONE,
    result: str = "",
    provisional: bool = False,
    texts: str | None = None,
) -> PrintJob:
    """The slip as a print job. Readable in five years: no grey, nothing essential small.

    Args:
        number: of the receipt.
        item: what was applied for.
        hall_name: where.
        hotline: where to ask.
        name_masked: of the applicant.
        submitted: when.
        promised: by which day; None is the same day.
        language: of the slip.
        papers: what was handed in.
        owed: what follows.
        fee: how it stands.
        fen: how much it is; 0 where only a tariff says it.
        courier: the result is sent.
        outcome: of an item that is done at once.
        result: the office's own words to it.
        provisional: the promised day may move.
        texts: where messages go, masked; empty: none are wanted; None: it was not asked.
    """
    write = _Writer(language)
    say = write.say
    done = promised.isoformat() if promised else say("at_once")
    decided = outcome is not Outcome.NONE
    dates: tuple[Row | Line, ...] = (Row(say("promised"), f"{say('about')} {done}" if provisional else done, size=28),)
    if decided:
        dates = (Line(write.of(_OUTCOMES[outcome]), size=40, bold=True), *((Line(result, size=28),) if result else ()))
    return PrintJob(
        name=f"receipt-{number}",
        blocks=(
            Line(hall_name, size=32, bold=True, align=Align.CENTRE),
            Line(say("result" if decided else "receipt"), size=48, bold=True, align=Align.CENTRE),
            Space(8),
            Rule(),
            Line(write.of(item.title), size=40, bold=True),
            Space(8),
            Line(say("number"), size=24),
            Line(grouped(number), size=40, bold=True),
            Space(8),
            Row(say("applicant"), name_masked, size=28),
            Row(say("submitted"), submitted.astimezone(CHINA).strftime("%Y-%m-%d %H:%M"), size=28),
            *dates,
            *write.fee(fee, fen),
            *write.way(item, courier=courier, refused=outcome in (Outcome.REFUSED, Outcome.RETURNED)),
            *write.texts(texts),
            *write.who(item),
            *write.papers(papers),
            *((Rule(), *write.owed(owed)) if owed else ()),
            Rule(),
            QrCode(qr_payload(number)),
            Space(8),
            Line(say("keep")),
            *((Line(say("original")),) if papers else ()),
            Rule(),
            Row(say("hotline"), hotline, size=28),
        ),
    )
