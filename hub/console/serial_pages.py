"""The page of machines that enrol by their serial number: the list, who waits, and admitting after comparing keys."""

from datetime import UTC, datetime, time, timedelta
from typing import Final

import msgspec
from fastapi import APIRouter, FastAPI, Request
from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from hub.audit.chain import Actor as Role
from hub.audit.chain import append
from hub.console.access import Person, ThisPerson
from hub.console.answers import Chosen, ThisHub, page
from hub.console.gate_forms import Form, form_of
from hub.console.terminal_acts import terminal_port
from hub.console.words import Language, word
from hub.fleet import serials
from hub.fleet.serial_lists import BadList, Machine, read_list
from kiosk.clock import CHINA
from kiosk.wire.fleet import EnrolmentTicket

router = APIRouter()
DONE: Final = frozenset({"machines_added", "machines_admitted", "machines_turned_away", "machines_struck"})
_DONE_BY: Final = {
    "admit": "machines_admitted",
    "turn-away": "machines_turned_away",
    "strike": "machines_struck",
}


async def _show(
    request: Request,
    hub: ThisHub,
    person: Person,
    language: Language,
    *,
    status: int = 200,
    problem: str = "",
    lines: tuple[str, ...] = (),
    done: str = "",
    number: int = 0,
    typed: Form | None = None,
) -> Response:
    found = await hub.read(lambda connection: serials.listed(connection, person.halls))
    ticket = EnrolmentTicket(url=terminal_port(request), ca_sha256=hub.authority.fingerprint)
    return page(
        request,
        "terminals/machines.html",
        language,
        status=status,
        path="/terminals/machines",
        waiting=[each for each in found if each.state is serials.SerialState.WAITING],
        found=[each for each in found if each.state is not serials.SerialState.WAITING],
        ticket=msgspec.json.encode(ticket).decode(),
        may_admit=Role.ADMINISTRATOR in person.roles,
        now=hub.now(),
        today=hub.now().astimezone(CHINA).date(),
        problem=problem,
        lines=lines,
        done=word(done, language).format(number=number) if done else "",
        typed=typed or Form({}),
    )


@router.get("/terminals/machines")
async def get_machines(
    request: Request, hub: ThisHub, person: ThisPerson, language: Chosen, done: str = "", number: int = 0
) -> Response:
    """The list, those that wait first."""
    return await _show(request, hub, person, language, done=done if done in DONE else "", number=number)


@router.post("/terminals/machines")
async def post_list(request: Request, hub: ThisHub, person: ThisPerson, language: Chosen) -> Response:
    """Add machines to the list: all of them, or none and each bad line named."""
    form, now = await form_of(request), hub.now()
    day = form.day("until")
    if day is None or day < now.astimezone(CHINA).date():
        return await _show(request, hub, person, language, status=422, problem="machines_bad_day", typed=form)
    until = datetime.combine(day + timedelta(days=1), time(), CHINA).astimezone(UTC)
    at_once = form.text("at_once") == "1"

    def work(connection: Connection, machines: list[Machine]) -> int:
        for hall in sorted({machine.key.hall for machine in machines}):
            who = person.who(hall, Role.ADMINISTRATOR)
            number = sum(machine.key.hall == hall for machine in machines)
            append(connection, who, "serials_listed", hall, now, detail={"number": number, "at_once": at_once})
        by = person.named_in("")
        return serials.expect(connection, machines, until=until, at_once=at_once, by=by, now=now)

    try:
        machines = read_list(form.fields.get("list", "").encode())
        if person.halls is not None:
            strange = [machine.line for machine in machines if machine.key.hall not in person.halls]
            if strange:
                lines = tuple(word("machines_bad_hall", language).format(number=line) for line in strange)
                return await _show(
                    request, hub, person, language, status=422, problem="machines_bad", lines=lines, typed=form
                )
        number = await hub.writer.do(lambda connection: work(connection, machines))
    except BadList as error:
        mark = word("machines_bad_line", language)
        lines = tuple(f"{mark.format(number=place)} {what}" if place else what for place, what in error.lines)
        return await _show(request, hub, person, language, status=422, problem="machines_bad", lines=lines, typed=form)
    return RedirectResponse(f"/terminals/machines?done=machines_added&number={number}", status_code=303)


@router.post("/terminals/machines/{act}")
async def post_act(request: Request, hub: ThisHub, person: ThisPerson, language: Chosen, act: str) -> Response:
    """Admit the key that waits, turn it away, or take a machine off the list."""
    form, now = await form_of(request), hub.now()
    if act not in _DONE_BY:
        raise HTTPException(404)
    serial, fingerprint = form.text("serial")[:64], form.text("fingerprint")[:64]

    def work(connection: Connection) -> bool:
        found = serials.expected(connection, serial)
        if found is None or (person.halls is not None and found.machine.key.hall not in person.halls):
            raise HTTPException(404)
        hall = found.machine.key.hall
        who = person.who(hall, Role.ADMINISTRATOR)
        if act == "admit":
            done = serials.admit(connection, serial, fingerprint, who.name, now)
        elif act == "turn-away":
            done = serials.turn_away(connection, serial, who.name, now)
        else:
            done = serials.strike(connection, serial)
        if done:
            told = {"fingerprint": found.fingerprint, "terminal": found.machine.key.terminal}
            append(connection, who, f"serial_{act}", serial, now, detail=told)
        return done

    if not await hub.writer.do(work):
        return await _show(request, hub, person, language, status=409, problem="machines_gone")
    return RedirectResponse(f"/terminals/machines?done={_DONE_BY[act]}", status_code=303)


def add_serial_pages(app: FastAPI) -> None:
    """Add the page to the console."""
    app.include_router(router)
