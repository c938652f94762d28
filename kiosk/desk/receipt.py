"""The receipt: what stands on the slip, and in its QR code."""

from datetime import date, datetime

from drivers.kinds import Align, Line, PrintJob, QrCode, Row, Rule, Space
from kiosk.clock import CHINA
from kiosk.view.common import Language
from kiosk.wire.catalogue import Item

_WORDS: dict[Language, dict[str, str]] = {
    Language.ZH_HANS: {
        "receipt": "受理回执",
        "number": "回执号",
        "item": "事项",
        "applicant": "申请人",
        "submitted": "提交时间",
        "promised": "承诺办结",
        "at_once": "当日办结",
        "papers": "已交材料",
        "hotline": "咨询电话",
        "keep": "请保管好本回执，凭回执号或二维码查询进度。",
        "original": "拍摄的材料为上传件，原件待窗口核验。",
    },
    Language.ZH_HANT: {
        "receipt": "受理回執",
        "number": "回執號",
        "item": "事項",
        "applicant": "申請人",
        "submitted": "提交時間",
        "promised": "承諾辦結",
        "at_once": "當日辦結",
        "papers": "已交材料",
        "hotline": "諮詢電話",
        "keep": "請保管好本回執，憑回執號或二維碼查詢進度。",
        "original": "拍攝的材料為上傳件，原件待窗口核驗。",
    },
    Language.EN: {
        "receipt": "Receipt",
        "number": "Number",
        "item": "Item",
        "applicant": "Applicant",
        "submitted": "Submitted",
        "promised": "Promised by",
        "at_once": "same day",
        "papers": "Papers",
        "hotline": "Hotline",
        "keep": "Keep this receipt. The number or the code shows how far your application is.",
        "original": "Photographed papers are copies; the originals will be checked at a window.",
    },
}


def grouped(number: str) -> str:
    """A receipt number in groups of four, to be read aloud."""
    return " ".join(number[i : i + 4] for i in range(0, len(number), 4))


def qr_payload(number: str) -> str:
    """What the QR code holds: the number, and nothing about the person."""
    return f"KR1:{number}"


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
) -> PrintJob:
    """The slip as a print job. Readable in five years: no grey, nothing essential small."""
    say = _WORDS[language]
    pick = {Language.ZH_HANS: "zh_hans", Language.ZH_HANT: "zh_hant", Language.EN: "en"}[language]

    def text(of: object) -> str:
        return str(getattr(of, pick))

    papers = tuple(Row(say["papers"], text(paper.title)) for paper in item.papers)
    done = promised.isoformat() if promised else say["at_once"]
    return PrintJob(
        name=f"receipt-{number}",
        blocks=(
            Line(hall_name, size=32, bold=True, align=Align.CENTRE),
            Line(say["receipt"], size=48, bold=True, align=Align.CENTRE),
            Space(8),
            Rule(),
            Line(text(item.title), size=40, bold=True),
            Space(8),
            Line(say["number"], size=24),
            Line(grouped(number), size=40, bold=True),
            Space(8),
            Row(say["applicant"], name_masked, size=28),
            Row(say["submitted"], submitted.astimezone(CHINA).strftime("%Y-%m-%d %H:%M"), size=28),
            Row(say["promised"], done, size=28),
            *papers,
            Rule(),
            QrCode(qr_payload(number)),
            Space(8),
            Line(say["keep"]),
            Line(say["original"]),
            Rule(),
            Row(say["hotline"], hotline, size=28),
        ),
    )
