"""Plausible data for the screens of the desk's other services."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Final

from PIL import Image, ImageDraw

from kiosk.view import afterwards as view
from kiosk.view.afterwards import Closed, Service
from kiosk.view.common import Words
from kiosk.view.screen import State

_NOW: Final = datetime(2026, 11, 22, 9, 41)  # noqa: DTZ001  a local time for pictures
_NAME: Final = "王*明"
_RESIDENCE: Final = Words("居住证申领", "居住證申領", "Residence permit")
_LONG: Final = Words(
    "特种设备作业人员资格证复审（有效期顺延）",
    "特種設備作業人員資格證複審（有效期順延）",
    "Special-equipment operator licence renewal",
)
_FUND: Final = Words("住房公积金管理中心", "住房公積金管理中心", "Housing Fund Centre")
_GENERAL: Final = Words("综合窗口", "綜合窗口", "General windows")
_LEASE: Final = Words("租房合同", "租房合同", "Lease")
_PHONE: Final = Words("手机号码", "手機號碼", "Phone number")
_NUMBER: Final = "31012600000421"
_CODE: Final = "K1.eyJjb2RlIjoiQUJDREVGR0gifQ.c2lnbmF0dXJlLW9mLXRoZS1jb2Rl.kx7Qm2vT9bLr4wYc8nHs"
_PARTS: Final[dict[Service | None, tuple[Service, ...]]] = {
    None: (Service.MINE, Service.WINDOW, Service.TOOLS, Service.SAY, Service.GUIDE),
    Service.MINE: (Service.PROGRESS, Service.RECEIPT),
    Service.WINDOW: (Service.APPOINTMENT, Service.NUMBER),
    Service.TOOLS: (Service.PHOTO, Service.COPY, Service.FORM),
    Service.SAY: (Service.RATING, Service.SUGGESTION, Service.COMPLAINT, Service.REPLIES),
    Service.GUIDE: (
        Service.FIRST_TIME, Service.WHAT_BRING, Service.WHAT_RECEIPT, Service.WHAT_CORRECTION, Service.WHO_HELPS,
        Service.PRIVACY,
    ),
}  # fmt: skip


def _at(days: float) -> datetime:
    return _NOW - timedelta(days=days)


_STEPS: Final = (
    view.StepLine("receive", _at(6)),
    view.StepLine("return", _at(4.2)),
    view.StepLine("correct", _at(3.5)),
    view.StepLine("accept", _at(3.1)),
)
_PROGRESS: Final = view.ProgressShown(
    _NUMBER, _RESIDENCE, "accepted", _at(3.1), _STEPS, due=date(2026, 12, 4), may_withdraw=True
)
_CORRECTING: Final = replace(
    _PROGRESS,
    standing="correcting",
    steps=_STEPS[:2],
    asked=("租房合同第 2 页看不清，请重新拍", "手机号码少一位"),
    asked_due=date(2026, 11, 27),
    may_have_more_time=True,
)
_ROWS: Final = (
    view.WantedRow("1-lease", _LEASE, "第 2 页看不清，请重新拍"),
    view.WantedRow("2-phone", _PHONE, "少一位"),
)


def _menus() -> dict[str, State]:
    found: dict[str, State] = {}
    for part, services in _PARTS.items():
        rows = tuple(view.MenuRow(service) for service in services)
        name = "afterwards.Menu" + ("" if part is None else f"-{part}")
        found[name] = view.Menu(rows, part, _NAME if part is not Service.GUIDE else "")
    first = tuple(
        view.MenuRow(service, Closed.OFFLINE if service in {Service.MINE, Service.WINDOW} else Closed.NO)
        for service in _PARTS[None]
    )
    found["afterwards.Menu-offline"] = view.Menu(first, None, _NAME, offline=True)
    found["afterwards.Menu-no_printer"] = view.Menu(
        (
            view.MenuRow(Service.PHOTO, Closed.CAMERA_AWAY),
            view.MenuRow(Service.COPY, Closed.NO_PAGE_PRINTER),
            view.MenuRow(Service.FORM, Closed.NO_PAGE_PRINTER),
        ),
        Service.TOOLS,
    )
    return found


def _submissions() -> dict[str, State]:
    lines = tuple(
        view.SubmissionLine(f"3101260000{place:04d}", _LONG if place % 3 == 2 else _RESIDENCE, standing, _at(place))
        for place, standing in enumerate(
            ("accepted", "result", "refused", "received", "withdrawn", "sent", "corrected", "lapsed"), 1
        )
    )
    wants = view.SubmissionLine(_NUMBER, _RESIDENCE, "correcting", _at(0.5), wants=True)
    return {
        "afterwards.Submissions": view.Submissions(_NAME, (wants, *lines[:3])),
        "afterwards.Submissions-many": view.Submissions(_NAME, (wants, *lines, *lines)),
        "afterwards.ProgressShown": _PROGRESS,
        "afterwards.ProgressShown-correcting": _CORRECTING,
        "afterwards.ProgressShown-all": replace(
            _CORRECTING, title=_LONG, steps=_STEPS * 4, asked=("请补充单位盖章的证明原件，并写清楚办理的理由",) * 5,
            deferred=(_LEASE, _RESIDENCE), deferred_due=date(2026, 12, 1), provisional=True,
        ),
        "afterwards.ProgressShown-refused": replace(
            _PROGRESS, standing="refused", may_withdraw=False, reason="居住未满半年，请满半年后再申请。",
            steps=(*_STEPS, view.StepLine("refuse", _at(1))),
        ),
        "afterwards.ProgressShown-result": replace(
            _PROGRESS, standing="result", may_withdraw=False, results=2, printable=True,
            steps=(*_STEPS, view.StepLine("grant", _at(1)), view.StepLine("upload", _at(0.5))),
        ),
        "afterwards.ProgressShown-sent": replace(
            _PROGRESS, standing="sent", may_withdraw=False, parcel="ems 1234567890123",
            steps=(*_STEPS, view.StepLine("grant", _at(1)), view.StepLine("send", _at(0.5))),
        ),
        "afterwards.Correction": view.Correction(_NUMBER, _RESIDENCE, _ROWS, date(2026, 11, 27)),
        "afterwards.Correction-window": view.Correction(
            _NUMBER, _LONG, (*_ROWS, view.WantedRow("", Words("单位", "單位", "Employer"), "填写的单位与证明不一致")),
            date(2026, 11, 27), window=True,
        ),
        "afterwards.Correction-ready": view.Correction(
            _NUMBER, _RESIDENCE,
            (
                replace(_ROWS[0], done=True, value=Words("已拍摄", "已拍攝", "Photographed")),
                replace(_ROWS[1], done=True, value=Words("138 0013 8000", "138 0013 8000", "138 0013 8000")),
            ),
            date(2026, 11, 27), ready=True,
        ),
    }  # fmt: skip


def _appointments() -> dict[str, State]:
    begins = datetime(2026, 11, 24, 10, 0)  # noqa: DTZ001  local
    days = tuple(view.DayFree(date(2026, 11, 23) + timedelta(days=place), 12 + place) for place in range(9))
    hours = tuple(
        view.HourFree(f"{hour:02d}:00", begins.replace(hour=hour), hour - 5) for hour in (9, 10, 11, 14, 15, 16)
    )
    one = view.OneAppointment(begins, begins + timedelta(hours=1), _FUND, _CODE)
    number = view.QueueNumber("A012", _FUND, 5, _NOW, view.Slip.PRINTED)
    found: dict[str, State] = {
        "afterwards.Appointments": view.Appointments(
            _NAME, (view.AppointmentLine("A", begins, _FUND), view.AppointmentLine("B", begins, _GENERAL))
        ),
        "afterwards.Appointments-none": view.Appointments(_NAME, ()),
        "afterwards.PickDay": view.PickDay(_FUND, days),
        "afterwards.PickHour": view.PickHour(_FUND, date(2026, 11, 24), hours),
        "afterwards.OneAppointment": one,
        "afterwards.QueueNumber": number,
        "afterwards.QueueNumber-next": replace(number, ahead=0, department=_GENERAL),
    }
    for slip in view.Slip:
        found[f"afterwards.OneAppointment-{slip}"] = replace(one, slip=slip, fresh=True)
        found[f"afterwards.QueueNumber-{slip}"] = replace(number, slip=slip)
    return found


def _told() -> dict[str, State]:
    found: dict[str, State] = {
        f"afterwards.Told-{what}": view.Told(what, again=what is view.News.LINE_DOWN) for what in view.News
    }
    found["afterwards.Told"] = view.Told(view.News.WITHDRAWN, _RESIDENCE)
    found["afterwards.Told-more_time"] = view.Told(view.News.MORE_TIME, _LONG, day=date(2026, 12, 4))
    found["afterwards.Told-handed_in"] = view.Told(view.News.HANDED_IN, _LONG, slip=view.Slip.PRINTED)
    found["afterwards.Told-no_slots"] = view.Told(view.News.NO_SLOTS, _FUND)
    found["afterwards.Told-not_printed"] = view.Told(view.News.NOT_PRINTED, detail="media-empty-error")
    for slip in view.Slip:
        found[f"afterwards.Told-thanks-{slip}"] = view.Told(view.News.THANKS, code="K7QM2VTR", slip=slip)
    found["afterwards.Sure"] = view.Sure(view.Act.WITHDRAW, _LONG, _NUMBER)
    found["afterwards.Sure-more_time"] = view.Sure(view.Act.MORE_TIME, _RESIDENCE, _NUMBER)
    found["afterwards.Sure-cancel"] = view.Sure(view.Act.CANCEL, _FUND, begins=datetime(2026, 11, 24, 10))  # noqa: DTZ001
    return found


def portrait() -> bytes:
    """A drawn face on white, as a JPEG: nobody's."""
    picture = Image.new("RGB", (358, 441), "#ffffff")
    draw = ImageDraw.Draw(picture)
    draw.pieslice((20, 330, 338, 640), 180, 360, fill="#41506b")
    draw.rectangle((150, 290, 208, 370), fill="#dcb59a")
    draw.ellipse((92, 60, 266, 210), fill="#2b2522")
    draw.ellipse((100, 80, 258, 320), fill="#e8c4a8")
    for x in (146, 212):
        draw.ellipse((x - 8, 186, x + 8, 198), fill="#2b2522")
    draw.arc((150, 230, 208, 270), 20, 160, fill="#8d4a3e", width=5)
    out = BytesIO()
    picture.save(out, "JPEG", quality=85)
    return out.getvalue()


def afterwards_samples(page: bytes) -> dict[str, State]:
    """Every sample of these screens by its name.

    Args:
        page: JPEG of a captured page.
    """
    card = Words("居民身份证", "居民身份證", "Resident identity card")
    photo = view.CheckPhoto(card, portrait(), 26, 32, printable=True)
    opinions = (
        view.OpinionLine("K7QM2VTR", "complaint", _at(9), date(2026, 11, 27)),
        view.OpinionLine("B3XW6LNA", "suggestion", _at(30), None, "谢谢您的建议，已经在门口加了两把轮椅。"),
    )
    found = {
        **_menus(),
        **_submissions(),
        **_appointments(),
        **_told(),
        **{f"afterwards.ScanReceipt-{hint}": view.ScanReceipt(hint) for hint in view.ScanHint},
        "afterwards.ScanReceipt": view.ScanReceipt(),
        "afterwards.Asking": view.Asking(),
        "afterwards.RateService": view.RateService(),
        "afterwards.Opinions": view.Opinions(_NAME, opinions),
        "afterwards.Opinions-many": view.Opinions(_NAME, opinions * 3),
        "afterwards.TakePhoto": view.TakePhoto(card),
        "afterwards.TakePhoto-instead": view.TakePhoto(card, view.PhotoHint.GLASSES, instead=True),
        **{f"afterwards.TakePhoto-{hint}": view.TakePhoto(card, hint, 0.4) for hint in view.PhotoHint},
        "afterwards.CheckPhoto": photo,
        "afterwards.CheckPhoto-no_printer": replace(photo, printable=False),
        "afterwards.Copies": view.Copies(3, 10, page),
        "afterwards.Copies-full": view.Copies(10, 10, page, printable=False),
        "afterwards.Printing": view.Printing(3),
        "afterwards.Printing-unknown": view.Printing(0),
        "afterwards.GuidePage": view.GuidePage(Service.FIRST_TIME),
        **{f"afterwards.GuidePage-{topic}": view.GuidePage(topic) for topic in _PARTS[Service.GUIDE][1:]},
    }
    return dict(sorted(found.items()))
