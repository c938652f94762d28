"""The slips of the other services: a queue number, an appointment, an opinion's code, a correction."""

from datetime import datetime

from drivers.kinds import Align, Block, Line, PrintJob, QrCode, Row, Rule, Space
from kiosk.clock import CHINA
from kiosk.desk.afterwards_words import SLIPS
from kiosk.desk.desk import Desk
from kiosk.desk.receipt import grouped
from kiosk.view.common import Words
from kiosk.wire.appointments import Appointment
from kiosk.wire.requests import Numbered


def _slip(desk: Desk, name: str, title: str, *blocks: Block) -> PrintJob:
    say = SLIPS[desk.stage.language]
    head = (
        Line(desk.hall_name, size=32, bold=True, align=Align.CENTRE),
        Line(say[title], size=40, bold=True, align=Align.CENTRE),
        Rule(),
    )
    return PrintJob(name=name, blocks=(*head, *blocks, Rule(), Row(say["hotline"], desk.hotline, size=28)))


def queue_slip(desk: Desk, taken: Numbered, department: Words) -> PrintJob:
    """A number for a window; nothing on it says whose."""
    say, language = SLIPS[desk.stage.language], desk.stage.language
    return _slip(
        desk,
        f"queue-{taken.text}",
        "number",
        Space(8),
        Line(taken.text, size=96, bold=True, align=Align.CENTRE),
        Space(8),
        Row(say["window"], department.of(language), size=28),
        Row(say["ahead"], f"{taken.ahead} {say['people']}".strip(), size=28),
        Row(say["taken"], _moment(taken.made), size=28),
        Line(say["today"]),
    )


def appointment_slip(desk: Desk, booked: Appointment, code: str, department: Words) -> PrintJob:
    """An appointment with the code for the gate."""
    say, language = SLIPS[desk.stage.language], desk.stage.language
    begins, ends = booked.begins.astimezone(CHINA), booked.ends.astimezone(CHINA)
    return _slip(
        desk,
        f"appointment-{booked.code_id}",
        "appointment",
        Row(say["window"], department.of(language), size=28),
        Row(say["day"], begins.date().isoformat(), size=40),
        Row(say["time"], f"{begins:%H:%M}-{ends:%H:%M}", size=40),
        Rule(),
        QrCode(code, side_mm=40.0),
        Space(8),
        Line(say["door"]),
    )


def opinion_slip(desk: Desk, code: str, at: datetime) -> PrintJob:
    """The code with which the reply is asked for; nothing of what was said."""
    say = SLIPS[desk.stage.language]
    return _slip(
        desk,
        "opinion",
        "opinion",
        Line(say["code"], size=24),
        Line(f"{code[:4]} {code[4:]}", size=48, bold=True),
        Row(say["made"], _moment(at), size=28),
        Line(say["reply"]),
    )


def correction_slip(desk: Desk, number: str, title: Words, given: tuple[Words, ...], at: datetime) -> PrintJob:
    """What was handed in again, for a submission."""
    say, language = SLIPS[desk.stage.language], desk.stage.language
    return _slip(
        desk,
        f"correction-{number}",
        "correction",
        Line(title.of(language), size=32, bold=True),
        Line(say["receipt"], size=24),
        Line(grouped(number), size=40, bold=True),
        *(Row(say["handed"], each.of(language), size=28) for each in given),
        Row(say["made"], _moment(at), size=28),
    )


def _moment(moment: datetime) -> str:
    return moment.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")
