"""What is done about a terminal beside orders: alarms are seen to, groups set, certificates revoked, codes made."""

from datetime import timedelta
from urllib.parse import urlsplit

import msgspec
import segno
from fastapi import APIRouter, FastAPI, Request
from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from hub.app import NAME
from hub.audit.chain import append
from hub.console.access import ThisPerson
from hub.console.answers import Chosen, ThisHub
from hub.console.gate_forms import form_of
from hub.console.terminal_pages import show
from hub.console.terminal_view import MACHINES
from hub.fleet import alarms
from hub.fleet.enrolment import make_code, revoke
from hub.fleet.live import TerminalKey
from hub.fleet.site_settings import follow_groups
from hub.fleet.terminal_record import enrolled
from hub.rules.stages import set_group
from kiosk.wire.fleet import EnrolmentTicket

router = APIRouter()
_SILENT: timedelta = timedelta(hours=8)


@router.post("/terminals/{hall}/alarms/{number}/{act}")
async def post_alarm(request: Request, hub: ThisHub, person: ThisPerson, hall: str, number: int, act: str) -> Response:
    """See to an alarm, silence it for eight hours, or have it loud again."""
    form, now = await form_of(request), hub.now()
    if act not in {"acknowledge", "silence", "loud"}:
        raise HTTPException(404)
    who = person.who(hall, *MACHINES)

    def work(connection: Connection) -> TerminalKey:
        key = alarms.terminal_of(connection, number)
        if key is None or key.hall != hall:
            raise HTTPException(404)
        if act == "acknowledge":
            alarms.acknowledge(connection, number, who.name, now)
        else:
            alarms.silence(connection, number, now + _SILENT if act == "silence" else now)
        append(connection, who, f"alarm_{act}", f"{key.hall}/{key.terminal}"[:64], now, detail={"alarm": number})
        return key

    key = await hub.writer.do(work)
    hub.fleet.changed.fire()
    to = "/terminals" if form.text("back") == "list" else f"/terminals/{hall}/{key.terminal}"
    return RedirectResponse(to, status_code=303)


@router.post("/terminals/{hall}/{terminal}/group")
async def post_group(
    request: Request, hub: ThisHub, person: ThisPerson, language: Chosen, hall: str, terminal: str
) -> Response:
    """Put it into a group."""
    form, key, now = await form_of(request), TerminalKey(hall, terminal), hub.now()
    group = form.text("group")
    if group and not NAME.fullmatch(group):
        return await show(request, person, language, key, status=422, problem="group_bad", typed=form)
    who = person.who(hall, *MACHINES)

    def work(connection: Connection) -> bool:
        done = set_group(connection, hall, terminal, group)
        if done:
            follow_groups(connection, hub.signing, hall, now)
            append(connection, who, "group", f"{hall}/{terminal}"[:64], now, detail={"group": group})
        return done

    if not await hub.writer.do(work):
        raise HTTPException(404)
    hub.fleet.changed.fire()
    return RedirectResponse(f"/terminals/{hall}/{terminal}?done=group_saved", status_code=303)


@router.post("/terminals/{hall}/{terminal}/revoke")
async def post_revoke(
    request: Request, hub: ThisHub, person: ThisPerson, language: Chosen, hall: str, terminal: str
) -> Response:
    """Take its certificates out of force."""
    await form_of(request)
    key, now = TerminalKey(hall, terminal), hub.now()
    who = person.who(hall, *MACHINES)

    def work(connection: Connection) -> int:
        if enrolled(connection, key) is None:
            raise HTTPException(404)
        gone = revoke(connection, key)
        if gone:
            append(connection, who, "revoke", f"{hall}/{terminal}"[:64], now, detail={"certificates": gone})
        return gone

    if not await hub.writer.do(work):
        return await show(request, person, language, key, status=409, problem="certificate_none")
    await hub.read(hub.certificates.load_if_changed)
    hub.fleet.changed.fire()
    return RedirectResponse(f"/terminals/{hall}/{terminal}?done=certificate_revoked", status_code=303)


@router.post("/terminals/{hall}/{terminal}/code")
async def post_code(
    request: Request, hub: ThisHub, person: ThisPerson, language: Chosen, hall: str, terminal: str
) -> Response:
    """Make a code to enrol it again; shown once."""
    await form_of(request)
    key, now = TerminalKey(hall, terminal), hub.now()
    who = person.who(hall, *MACHINES)

    def work(connection: Connection) -> str:
        found = enrolled(connection, key)
        if found is None:
            raise HTTPException(404)
        append(connection, who, "enrolment_code", f"{hall}/{terminal}"[:64], now)
        return make_code(connection, hall, terminal, found.role, now)

    code = await hub.writer.do(work)
    ticket = EnrolmentTicket(url=terminal_port(request), code=code, ca_sha256=hub.authority.fingerprint)
    text = msgspec.json.encode(ticket).decode()
    drawn = segno.make(text, error="m", micro=False).svg_inline(scale=4, border=3, dark="#1b2430", light="#fff")
    return await show(request, person, language, key, ticket=(text, drawn))


def terminal_port(request: Request) -> str:
    """Its address as terminals reach it: where it listens everywhere, by the name that the browser calls us by."""
    announced = request.app.state.hub.data.announced()
    listens = urlsplit("https://localhost:8443" if announced is None else announced.terminals)
    if listens.hostname != "localhost":
        return listens.geturl()
    return f"https://{request.url.hostname}:{listens.port}"


def add_terminal_acts(app: FastAPI) -> None:
    """Add them to the console."""
    app.include_router(router)
