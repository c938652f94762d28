"""Appointments for the help desk: the hours of a day and how full they are; book, change, cancel, take back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any, Final

import segno
from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Request
from markupsafe import Markup
from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from hub.audit.chain import Actor, Detail
from hub.console.gate_audit import SLOTS_SUBJECT, Change, Noted, note, noted
from hub.console.gate_forms import Form, check_origin, form_of
from hub.console.gate_view import ActingView, ThisView, View, actor
from hub.console.queries import department_names
from hub.console.text_pages import given_number
from hub.people.appointments import MOST_COMPANIONS, book, move, withdraw
from hub.people.entries import Entry, code_text, find, listed
from hub.people.slots import AppointmentRefused, Slot, open_slots, slots
from hub.texts.contacts import About, give, left
from hub.texts.outbox import tell_appointment
from hub.texts.templates import What
from kiosk.clock import CHINA, local_date
from kiosk.wire.appointments import AppointmentStatus
from kiosk.wire.digest import person_digest
from kiosk.wire.masking import mask_name

LONGEST: Final = 92
"""Days that are opened at once."""
AHEAD: Final = timedelta(days=14)
"""So far ahead a change of hour offers slots."""
NUMBER_MOST, NAME_MOST = 32, 64

router = APIRouter(prefix="/gate/{hall}", dependencies=[Depends(check_origin)])


@dataclass(frozen=True, slots=True)
class Day:
    """A day's hours and who has booked them."""

    day: date
    slots: list[Slot]
    entries: list[Entry]

    @property
    def taken(self) -> int:
        """Heads."""
        return sum(slot.taken for slot in self.slots)

    @property
    def capacity(self) -> int:
        """Heads."""
        return sum(slot.capacity for slot in self.slots)


def read_day(connection: Connection, hall: str, day: date) -> Day:
    """A day in China."""
    begins = datetime.combine(day, time(), CHINA)
    return Day(day, slots(connection, hall, day), listed(connection, hall, begins, begins + timedelta(days=1)))


def _day(text: str, now: datetime) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return local_date(now)


async def _day_page(
    view: View,
    day: date,
    *,
    status: int = 200,
    problem: str = "",
    kept: Mapping[str, str] | None = None,
    form: str = "",
    done: str = "",
) -> Response:
    found, departments = await view.hub.read(
        lambda connection: (
            read_day(connection, view.hall, day),
            department_names(connection, view.hall, view.language),
        )
    )
    now = view.hub.now()
    return view.page(
        "appointments.html",
        "appointments",
        status=status,
        found=found,
        departments=departments,
        bookable=[slot for slot in found.slots if slot.begins + timedelta(hours=1) > now],
        before=day - timedelta(days=1),
        after=day + timedelta(days=1),
        today=local_date(now),
        day_begins=datetime.combine(day, time(), CHINA),
        problem=problem,
        kept=kept or {},
        form=form,
        done=done,
        most_companions=MOST_COMPANIONS,
        longest=LONGEST,
        path=f"{view.root}/appointments",
    )


@router.get("/appointments")
async def get_day(view: ThisView, day: str = "", opened: int = 0) -> Response:
    """The hours of a day and its appointments."""
    done = view.w("slots_opened").format(number=opened) if opened else ""
    return await _day_page(view, _day(day, view.hub.now()), done=done)


def _slot_of(form: Form) -> tuple[datetime, str] | None:
    """The slot that was chosen: `MOMENT|DEPARTMENT`."""
    when, _, department = form.text("slot").partition("|")
    begins = Form({"begins": when}).moment("begins")
    return None if begins is None else (begins, department)


@router.post("/appointments")
async def post_book(view: ActingView, request: Request) -> Response:
    """Book for somebody at the help desk."""
    form = await form_of(request)
    now = view.hub.now()
    day = form.day("day") or local_date(now)
    chosen, companions = _slot_of(form), form.number("companions")
    number, name = form.text("number"), form.text("name")
    kept = {key: value for key, value in form.fields.items() if key not in {"number", "phone"}}
    problem = ""
    if chosen is None:
        problem = "appointment_no_such_slot"
    elif companions is None or companions > MOST_COMPANIONS or len(number) > NUMBER_MOST or len(name) > NAME_MOST:
        problem = "appointment_invalid"
    wanted = given_number(form, now) if form.text("phone") else None
    if isinstance(wanted, str):
        problem = wanted
    if problem or chosen is None or companions is None or isinstance(wanted, str):
        return await _day_page(view, day, status=422, problem=problem, kept=kept, form="book")
    texts = None if wanted is None else left(wanted, view.hub.unsealing)
    hall_key = await run_sync(view.hub.data.hall_key, view.hall)
    begins, department = chosen

    who = actor(view)

    def work(connection: Connection) -> Entry:
        entry = book(
            connection,
            hall=view.hall,
            department=department,
            begins=begins,
            now=now,
            person=person_digest(number, hall_key) if number else "",
            name_masked=mask_name(name),
            companions=companions,
        )
        told: Detail = {"begins": begins.isoformat(), "companions": companions}
        code_id = entry.appointment.code_id
        note(connection, view.hall, who, Change.BOOKED, code_id, now, detail=told)
        if texts is not None:
            by = view.person.who(view.hall, Actor.WINDOW, Actor.ENTRY, Actor.SUPERVISOR)
            give(connection, view.hall, About.APPOINTMENT, code_id, texts, by, now)
            tell_appointment(connection, code_id, What.BOOKED, entry.change, begins, now)
        return entry

    try:
        entry = await view.hub.writer.do(work)
    except AppointmentRefused as refused:
        problem = f"appointment_{refused.kind}"
        return await _day_page(view, day, status=409, problem=problem, kept=kept, form="book")
    return view.to(f"/appointments/{entry.appointment.code_id}")


@router.post("/slots")
async def post_slots(view: ActingView, request: Request) -> Response:
    """Open hours, or change how many may come in them."""
    form = await form_of(request)
    now = view.hub.now()
    first, days, capacity = form.day("first"), form.number("days"), form.number("capacity")
    low, high = form.number("from"), form.number("to")
    good = first is not None and days is not None and 1 <= days <= LONGEST and capacity is not None
    hours = low is not None and high is not None and 0 <= low <= high <= 23
    if not good or not hours or first is None or days is None or capacity is None or low is None or high is None:
        day = first or local_date(now)
        return await _day_page(view, day, status=422, problem="slots_invalid", kept=form.fields, form="slots")
    every, who = bool(form.text("weekends")), actor(view)
    wanted = [day for day in (first + timedelta(days=n) for n in range(days)) if every or day.weekday() < 5]

    def work(connection: Connection) -> int:
        number = open_slots(connection, view.hall, form.text("department"), wanted, range(low, high + 1), capacity)
        told: Detail = {"first": first.isoformat(), "days": days, "from": low, "to": high, "capacity": capacity}
        note(connection, view.hall, who, Change.SLOTS_OPENED, SLOTS_SUBJECT, now, detail=told)
        return number

    try:
        number = await view.hub.writer.do(work)
    except AppointmentRefused:
        return await _day_page(view, first, status=422, problem="slots_invalid", kept=form.fields, form="slots")
    return view.to(f"/appointments?day={first}&opened={number}")


def _picture(text: str) -> Markup:
    """A QR code as SVG that stands in the page."""
    out = BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="svg", scale=4, border=4, xmldecl=False, svgns=True)
    return Markup(out.getvalue().decode())  # noqa: S704  drawn by us from Base45 characters


async def _entry_page(
    view: View, code_id: str, *, status: int = 200, problem: str = "", kept: Mapping[str, str] | None = None
) -> Response:
    now = view.hub.now()

    def read(connection: Connection) -> tuple[Entry | None, list[Slot], Sequence[Noted], dict[str, str]]:
        entry = find(connection, view.hall, code_id)
        if entry is None:
            return None, [], (), {}
        today = local_date(now)
        days = {today + timedelta(days=n) for n in range(AHEAD.days)} | {local_date(entry.appointment.begins)}
        found = [slot for day in sorted(days) for slot in slots(connection, view.hall, day)]
        own = (entry.appointment.begins, entry.appointment.department)
        free = [
            slot
            for slot in found
            if slot.begins + timedelta(hours=1) > now and (slot.free or (slot.begins, slot.department) == own)
        ]
        departments = department_names(connection, view.hall, view.language)
        return entry, free, noted(connection, view.hall, code_id), departments

    entry, free, changes, departments = await view.hub.read(read)
    if entry is None:
        raise HTTPException(404)
    booked = entry.appointment.status is AppointmentStatus.BOOKED
    values: dict[str, Any] = {"picture": None, "code": ""}
    if booked:
        code = await run_sync(code_text, entry, view.hub.signing)
        values = {"picture": _picture(code), "code": code}
    return view.page(
        "appointment.html",
        "appointments",
        status=status,
        entry=entry,
        booked=booked,
        free=free,
        changes=changes,
        departments=departments,
        problem=problem,
        kept=kept or {},
        most_companions=MOST_COMPANIONS,
        path=f"{view.root}/appointments/{code_id}",
        **values,
    )


@router.get("/appointments/{code_id}")
async def get_entry(view: ThisView, code_id: str) -> Response:
    """One appointment with its code."""
    return await _entry_page(view, code_id)


@router.post("/appointments/{code_id}/move")
async def post_move(view: ActingView, request: Request, code_id: str) -> Response:
    """Another hour, or another party."""
    form = await form_of(request)
    chosen, companions, seen = _slot_of(form), form.number("companions"), form.number("seen")
    if chosen is None or companions is None or seen is None:
        problem = "appointment_no_such_slot" if chosen is None else "appointment_invalid"
        return await _entry_page(view, code_id, status=422, problem=problem, kept=form.fields)
    begins, department = chosen
    now, who = view.hub.now(), actor(view)

    def work(connection: Connection) -> Entry:
        entry = move(
            connection,
            hall=view.hall,
            code_id=code_id,
            seen=seen,
            begins=begins,
            now=now,
            companions=companions,
            department=department,
        )
        told: Detail = {"begins": begins.isoformat(), "companions": companions}
        note(connection, view.hall, who, Change.MOVED, code_id, now, detail=told)
        tell_appointment(connection, code_id, What.MOVED, entry.change, begins, now)
        return entry

    try:
        await view.hub.writer.do(work)
    except AppointmentRefused as refused:
        return await _refused(view, code_id, refused, form)
    return view.to(f"/appointments/{code_id}")


@router.post("/appointments/{code_id}/withdraw")
async def post_withdraw(view: ActingView, request: Request, code_id: str) -> Response:
    """The person does not come, or the hall takes it back."""
    form = await form_of(request)
    revoke, seen, now = form.text("how") == "revoke", form.number("seen"), view.hub.now()
    who = actor(view)

    def work(connection: Connection) -> Entry:
        entry = withdraw(connection, hall=view.hall, code_id=code_id, now=now, revoke=revoke, seen=seen)
        note(connection, view.hall, who, Change.REVOKED if revoke else Change.CANCELLED, code_id, now)
        if revoke:  # who cancels knows it
            tell_appointment(connection, code_id, What.CANCELLED, entry.change, entry.appointment.begins, now)
        return entry

    try:
        await view.hub.writer.do(work)
    except AppointmentRefused as refused:
        return await _refused(view, code_id, refused, form)
    return view.to(f"/appointments/{code_id}")


async def _refused(view: View, code_id: str, refused: AppointmentRefused, form: Form) -> Response:
    if refused.kind == "no_such_appointment":
        raise HTTPException(404)
    return await _entry_page(view, code_id, status=409, problem=f"appointment_{refused.kind}", kept=form.fields)
