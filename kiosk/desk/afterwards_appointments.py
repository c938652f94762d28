"""Appointments of one's own: book, move, cancel; and a number for a window, today."""

from datetime import date, datetime
from itertools import groupby

from kiosk.clock import CHINA, local_date
from kiosk.desk.afterwards_slips import appointment_slip, queue_slip
from kiosk.desk.afterwards_texts import texts_for
from kiosk.desk.afterwards_visitor import Visitor
from kiosk.desk.afterwards_words import WHOLE_HALL
from kiosk.desk.form import words
from kiosk.view import afterwards as view
from kiosk.view import desk
from kiosk.view.afterwards import Service
from kiosk.view.common import Back, Next, Words
from kiosk.wire.appointments import Appointment
from kiosk.wire.catalogue import Catalogue
from kiosk.wire.requests import Appointed, Book, Cancel, Move, NotDone, Numbered, SlotFree, TakeNumber

DAYS = 14
"""So many days ahead are shown."""
WHOLE = "-"
"""Key of the hall as a whole in the list; no department is called so."""


def departments(catalogue: Catalogue) -> dict[str, Words]:
    """Where one can go, by key: the general windows, and each department that has items."""
    found = {"": WHOLE_HALL}
    for item in catalogue.items:
        if item.department_key:
            found.setdefault(item.department_key, words(item.department))
    return found


def called(catalogue: Catalogue, department: str) -> Words:
    """What a department is called; its key where no item names it."""
    return departments(catalogue).get(department, Words(department, department, department))


async def _department(visitor: Visitor) -> str | None:
    """Which one; None is back."""
    catalogue = visitor.desk.catalogue()
    found = departments(catalogue)
    groups = tuple(
        desk.Group(key or WHOLE, title, desk.NO_WORDS, sum(item.department_key == key for item in catalogue.items))
        for key, title in found.items()
    )
    while True:
        match await visitor.session.ask(desk.ChooseGroup(desk.By.DEPARTMENT, groups)):
            case desk.Choose(key=key) if key == WHOLE or key in found:
                return "" if key == WHOLE else key
            case Back():
                return None


# Appointments -------------------------------------------------------------------------------------------------------


async def appointments(visitor: Visitor) -> None:
    """What is booked; one of them, or a new one."""
    if await visitor.identified(Service.APPOINTMENT) is None:
        return
    while True:
        mine = await visitor.ask_hub(lambda: visitor.after.office.mine(visitor.who()))
        if mine is None:
            return
        if isinstance(mine, NotDone):
            await visitor.refused(mine)
            return
        catalogue = visitor.desk.catalogue()
        found = {each.appointment.code_id: each for each in mine.appointments}
        lines = tuple(
            view.AppointmentLine(key, each.appointment.begins, called(catalogue, each.appointment.department))
            for key, each in sorted(found.items(), key=lambda pair: pair[1].appointment.begins)
        )
        match await visitor.session.ask(view.Appointments(visitor.name_masked, lines)):
            case desk.Choose(key=key) if key in found:
                await _one(visitor, found[key].appointment, found[key].change, found[key].code)
            case view.Do(act=view.Act.BOOK):
                await _book(visitor)
            case Back():
                return


async def _book(visitor: Visitor) -> None:
    while True:
        department = await _department(visitor)
        if department is None:
            return
        begins = await _slot(visitor, department)
        if begins is None:
            continue
        texts = await texts_for(visitor)
        if texts is None:
            continue
        wish = Book(
            who=visitor.who(),
            department=department,
            begins=begins,
            name_masked=visitor.name_masked,
            texts_sealed=texts,
        )
        match await visitor.request(wish):
            case Appointed() as made:
                await _one(visitor, made.appointment, made.change, made.code, fresh=True)
                return
            case NotDone() as error:
                await visitor.refused(error)
            case None:
                return


async def _one(visitor: Visitor, booked: Appointment, change: int, code: str, *, fresh: bool = False) -> None:
    """One appointment, until they leave it; the slip of a new one is printed by itself."""
    shown = _Shown(visitor, booked, change, code, fresh=fresh)
    if fresh:
        await shown.print_slip()
    while True:
        match await visitor.session.ask(shown.state()):
            case Next() | Back():
                return
            case view.Do(act=view.Act.PRINT):
                await shown.print_slip()
            case view.Do(act=view.Act.MOVE):
                if not await shown.move():
                    return
            case view.Do(act=view.Act.CANCEL):
                if await _cancelled(visitor, shown.booked, shown.change, shown.department):
                    return


class _Shown:
    """The appointment on the screen."""

    def __init__(self, visitor: Visitor, booked: Appointment, change: int, code: str, *, fresh: bool) -> None:
        self._visitor, self._code, self._fresh = visitor, code, fresh
        self.booked, self.change = booked, change
        self.department = called(visitor.desk.catalogue(), booked.department)
        self._slip = view.Slip.NONE

    def state(self) -> view.OneAppointment:
        """As a view state."""
        booked = self.booked
        return view.OneAppointment(booked.begins, booked.ends, self.department, self._code, self._slip, self._fresh)

    async def print_slip(self) -> None:
        """Print its slip."""
        self._slip = view.Slip.PRINTING
        self._visitor.desk.stage.show(self.state())
        job = appointment_slip(self._visitor.desk, self.booked, self._code, self.department)
        self._slip = await self._visitor.slip(job)

    async def move(self) -> bool:
        """Have it moved to another hour; False when what is shown is no longer so."""
        visitor = self._visitor
        begins = await _slot(visitor, self.booked.department)
        if begins is None:
            return True
        wish = Move(who=visitor.who(), code_id=self.booked.code_id, seen=self.change, begins=begins)
        match await visitor.request(wish):
            case Appointed() as made:
                self.booked, self.change, self._code, self._fresh = made.appointment, made.change, made.code, True
                await self.print_slip()
                return True
            case NotDone() as error:
                await visitor.refused(error)
                return error.kind not in {"changed", "no_such_appointment"}
        return False


async def _cancelled(visitor: Visitor, booked: Appointment, change: int, department: Words) -> bool:
    if not await visitor.told(view.Sure(view.Act.CANCEL, department, begins=booked.begins)):
        return False
    match await visitor.request(Cancel(who=visitor.who(), code_id=booked.code_id, seen=change)):
        case Appointed():
            await visitor.told(view.Told(view.News.CANCELLED, department))
        case NotDone() as error:
            await visitor.refused(error)
    return True


async def _slot(visitor: Visitor, department: str) -> datetime | None:
    """An hour that is free; None is back, or there is none."""
    today = local_date(visitor.desk.clock.now())
    found = await visitor.ask_hub(lambda: visitor.after.office.slots(department, today, DAYS))
    if found is None:
        return None
    if isinstance(found, NotDone):
        await visitor.refused(found)
        return None
    free = sorted((slot for slot in found.slots if slot.free), key=lambda slot: slot.begins)
    days = {day: tuple(slots) for day, slots in groupby(free, key=lambda slot: local_date(slot.begins))}
    title = called(visitor.desk.catalogue(), department)
    if not days:
        await visitor.told(view.Told(view.News.NO_SLOTS, title))
        return None
    lines = tuple(view.DayFree(day, sum(slot.free for slot in slots)) for day, slots in days.items())
    by_key = {day.isoformat(): day for day in days}
    while True:
        match await visitor.session.ask(view.PickDay(title, lines)):
            case desk.Choose(key=key) if key in by_key:
                day = by_key[key]
                begins = await _hour(visitor, title, day, days[day])
                if begins is not None:
                    return begins
            case Back():
                return None


async def _hour(visitor: Visitor, title: Words, day: date, slots: tuple[SlotFree, ...]) -> datetime | None:
    hours = {slot.begins.astimezone(CHINA).strftime("%H:%M"): slot for slot in slots}
    lines = tuple(view.HourFree(key, slot.begins, slot.free) for key, slot in hours.items())
    while True:
        match await visitor.session.ask(view.PickHour(title, day, lines)):
            case desk.Choose(key=key) if key in hours:
                return hours[key].begins
            case Back():
                return None


# A number for a window ----------------------------------------------------------------------------------------------


async def take_number(visitor: Visitor) -> None:
    """A number, today; without a card, too."""
    department = await _department(visitor)
    if department is None:
        return
    texts = await texts_for(visitor)
    if texts is None:
        return
    who = None if visitor.card is None else visitor.who()
    taken = await visitor.request(TakeNumber(department=department, who=who, texts_sealed=texts))
    if isinstance(taken, NotDone):
        await visitor.refused(taken)
    if not isinstance(taken, Numbered):
        return
    title = called(visitor.desk.catalogue(), department)

    def state(slip: view.Slip) -> view.QueueNumber:
        return view.QueueNumber(taken.text, title, taken.ahead, taken.made, slip)

    while True:
        visitor.desk.stage.show(state(view.Slip.PRINTING))
        slip = await visitor.slip(queue_slip(visitor.desk, taken, title))
        while True:
            match await visitor.session.ask(state(slip)):
                case Next() | Back():
                    return
                case view.Do(act=view.Act.PRINT):
                    break
