"""The terminal port's papers from telephones: a desk opens a ticket, fetches what came in, and closes it."""

from dataclasses import dataclass
from typing import Annotated, Final
from uuid import UUID

import msgspec
from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, FastAPI, Request
from starlette.responses import Response

from hub.api.fast_lane import limited_body
from hub.api.problems import Problem
from hub.api.terminals import Sender, ThisHub, check_wire, known_terminal
from hub.phone import tickets
from hub.phone.files import PhoneFiles
from hub.phone.tickets import TicketRefused
from kiosk.wire import routes
from kiosk.wire.phone import PhoneTicket, PhoneWanted

_MOST: Final = 16 * 1024
_JSON: Final = "application/json"
_STATUS: Final = {"no_such_ticket": 404}


@dataclass(frozen=True, slots=True)
class PhonePort:
    """How telephones reach the page.

    Attributes:
        url: The beginning of its address, as telephones see it; empty where there is no such page.
        files: Sealed pages.
    """

    url: str
    files: PhoneFiles


def port_of(request: Request) -> PhonePort:
    """The telephones' page."""
    port: PhonePort = request.app.state.phone_port
    return port


ThePort = Annotated[PhonePort, Depends(port_of)]
_terminals = APIRouter(prefix=routes.OFFICE_PHONE, dependencies=[Depends(known_terminal), Depends(check_wire)])


def _refused(error: TicketRefused) -> Problem:
    return Problem(_STATUS.get(error.kind, 409), error.kind, str(error), "Make a new ticket.")


def _answer(content: object) -> Response:
    return Response(msgspec.json.encode(content), media_type=_JSON, headers={"Cache-Control": "no-store"})


@_terminals.post("")
async def post_ticket(request: Request, hub: ThisHub, sender: Sender, port: ThePort) -> Response:
    """Open a ticket; the same for the same id."""
    body = await limited_body(request, _MOST)
    try:
        wanted = msgspec.json.decode(body, type=PhoneWanted)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Problem(422, "invalid", str(error)[:400], "Send a PhoneWanted.") from error
    if not port.url:
        raise Problem(409, "no_phone_page", "this hub has no page for telephones", "Serve it: see docs/submissions.md.")
    secret, now = hub.unsealing.encode(), hub.now()
    try:
        made = await hub.writer.do(lambda connection: tickets.open_ticket(connection, sender, wanted, secret, now))
    except TicketRefused as error:
        raise _refused(error) from error
    url = f"{port.url}{routes.PHONE_PAGE}/{tickets.token_of(made.id, secret)}"
    return _answer(PhoneTicket(url=url, expires=made.expires, seconds=made.seconds(now)))


@_terminals.get("/{ticket}")
async def get_standing(ticket: UUID, hub: ThisHub, sender: Sender) -> Response:
    """What has come in."""
    now = hub.now()
    try:
        found = await hub.read(lambda connection: tickets.ticket_of(connection, sender, ticket, now))
    except TicketRefused as error:
        raise _refused(error) from error
    return _answer(found.standing(now))


@_terminals.get("/{ticket}/{place}")
async def get_page(ticket: UUID, place: int, hub: ThisHub, sender: Sender, port: ThePort) -> Response:
    """One page, sealed to the desk's key, as it is kept."""
    try:
        found = await hub.read(lambda connection: tickets.ticket_of(connection, sender, ticket, hub.now()))
    except TicketRefused as error:
        raise _refused(error) from error
    gone = TicketRefused("no_such_ticket", "there is no such page")
    if not 1 <= place <= len(found.pages):
        raise _refused(gone)
    try:
        sealed = await run_sync(port.files.open, found.pages[place - 1].sha256)
    except FileNotFoundError as error:
        raise _refused(gone) from error
    return Response(sealed, media_type="application/octet-stream", headers={"Cache-Control": "no-store"})


@_terminals.post("/{ticket}/close")
async def post_close(ticket: UUID, hub: ThisHub, sender: Sender, port: ThePort) -> Response:
    """The desk has its own copy, or wants nothing: everything of the ticket is deleted here."""
    now = hub.now()
    try:
        found, files = await hub.writer.do(lambda connection: tickets.close(connection, sender, ticket, now))
    except TicketRefused as error:
        raise _refused(error) from error
    await run_sync(port.files.delete, files)
    return _answer(found.standing(now))


def add_phone(app: FastAPI) -> FastAPI:
    """Add these routes to the application of the terminal port; `app.state.phone_port` is set before it serves."""
    app.include_router(_terminals)
    return app
