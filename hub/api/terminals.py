"""The terminal port: `/api/v1`, over TLS with the terminal's certificate."""

import re
from datetime import datetime
from typing import Annotated

import msgspec
from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, FastAPI, Path, Request
from sqlalchemy import Connection, select
from starlette.responses import Response

from hub.api.fast_lane import (
    MAX_BATCH_BYTES,
    MAX_SMALL_BYTES,
    check_version,
    limited_body,
    take_events,
    take_health,
)
from hub.api.on_behalf import sender_of
from hub.api.problems import Problem, answer_with_problems
from hub.api.tags import has_tag
from hub.app import Hub
from hub.ca import BadRequest, public_key_of
from hub.data import disk_free
from hub.fleet.enrolment import CodeRefusal, Granted, enrol
from hub.fleet.live import TerminalKey
from hub.people.changes import AheadOfHub, FarAhead, catch_up, changes_since
from hub.rules.stages import in_force
from hub.store import schema
from hub.store.papers import Arrived, TooLarge, WrongDigest, WrongOffset
from kiosk.wire import routes
from kiosk.wire.appointments import AppointmentChanges
from kiosk.wire.events import CHUNK_BYTES
from kiosk.wire.fleet import Enrolled, EnrolRequest, Signed
from kiosk.wire.watch import KIND as WATCH

KEEP_FREE = 256 * 1024 * 1024
"""Bytes that papers leave free on a disk: events and the database must go on."""
_RANGE = re.compile(r"bytes (\d{1,10})-(\d{1,10})/(\d{1,10})")
_NUMBER = re.compile(r"[0-9]{1,9}")
_PNG = b"\x89PNG\r\n\x1a\n"
_JSON = "application/json"
_REFUSALS = {
    CodeRefusal.WRONG: ("This code is not known", "Compare it with the ticket; after five wrong tries it is locked."),
    CodeRefusal.USED: ("This code was used already", "Make a new one at the hub: python -m hub code."),
    CodeRefusal.EXPIRED: ("This code has expired", "Make a new one at the hub: python -m hub code."),
    CodeRefusal.LOCKED: ("This code is locked after five wrong tries", "Make a new one: python -m hub code."),
}

Sha256 = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]


async def hub_of(request: Request) -> Hub:
    """The hub a request came to."""
    hub: Hub = request.app.state.hub
    return hub


async def known_terminal(request: Request) -> TerminalKey:
    """The terminal a request came from."""
    hub: Hub = request.app.state.hub
    return await sender_of(hub, request.scope)


async def check_wire(request: Request) -> None:
    """Refuse another version of the protocol."""
    check_version(request.headers.get(routes.WIRE_HEADER, ""))


ThisHub = Annotated[Hub, Depends(hub_of)]
Sender = Annotated[TerminalKey, Depends(known_terminal)]

_open = APIRouter()
_enrolling = APIRouter(dependencies=[Depends(check_wire)])
_terminals = APIRouter(dependencies=[Depends(known_terminal), Depends(check_wire)])


@_open.get(routes.CA)
async def get_ca(hub: ThisHub) -> Response:
    """The CA certificate. Whoever fetches it compares it with the fingerprint of the ticket."""
    return Response(hub.authority.pem, media_type="application/x-pem-file")


@_enrolling.post(routes.ENROL)
async def post_enrol(request: Request, hub: ThisHub) -> Response:
    """Exchange a one-time code for a certificate."""
    body = await limited_body(request, MAX_SMALL_BYTES)
    try:
        asked = msgspec.json.decode(body, type=EnrolRequest)
        key = public_key_of(asked.csr)
    except (msgspec.DecodeError, UnicodeDecodeError, BadRequest) as error:
        raise Problem(422, "invalid", str(error), "Send code and csr.") from error
    now = hub.now()
    outcome = await hub.writer.do(lambda connection: enrol(connection, hub.authority, asked.code, key, now))
    if not isinstance(outcome, Granted):
        raise Problem(403, outcome.value, *_REFUSALS[outcome])
    return await enrolled_answer(hub, outcome)


async def enrolled_answer(hub: Hub, granted: Granted) -> Response:
    """What a terminal that was just enrolled needs to work; its certificate is in force from now on."""
    terminal = TerminalKey(granted.hall, granted.terminal)
    hub.certificates.add(granted.issued.fingerprint, terminal, granted.issued.expires)
    hall_key = await run_sync(hub.data.hall_key, granted.hall)
    answer = Enrolled(
        terminal=granted.terminal,
        hall=granted.hall,
        certificate=granted.issued.pem,
        ca=hub.authority.pem,
        hub_recipient=hub.data.sealing_recipient(),
        hall_key=hall_key.hex(),
        rules_key=hub.data.signing_public().hex(),
        receipt_range=granted.receipt_range,
        receipts_from=granted.receipts_from,
    )
    return Response(msgspec.json.encode(answer), media_type=_JSON)


@_terminals.post(routes.EVENTS)
async def post_events(request: Request, hub: ThisHub, sender: Sender) -> Response:
    """Take events, each answered by itself, after they are durable."""
    body = await limited_body(request, MAX_BATCH_BYTES)
    return Response(await take_events(body, hub, sender), media_type=_JSON)


def _progress(arrived: Arrived) -> dict[str, str]:
    return {
        routes.OFFSET_HEADER: str(arrived.received),
        routes.COMPLETE_HEADER: "?1" if arrived.complete else "?0",
    }


def _owner(sender: TerminalKey) -> str:
    return f"{sender.hall}/{sender.terminal}"


@_terminals.head(routes.PAPERS + "/{sha256}")
async def head_paper(sha256: Sha256, hub: ThisHub, sender: Sender) -> Response:
    """How much of a paper is here."""
    arrived = await run_sync(hub.papers.arrived, _owner(sender), sha256)
    return Response(status_code=204, headers=_progress(arrived))


def placed(content_range: str, chunk: bytes) -> tuple[int, int, bytes]:
    """Where a chunk begins, how much the whole has, and the chunk.

    Raises:
        Problem: 400, they do not agree.
    """
    match = _RANGE.fullmatch(content_range)
    first, last, total = (int(part) for part in match.groups()) if match else (0, -1, 0)
    if not match or not chunk or last - first + 1 != len(chunk):
        raise Problem(
            400,
            "content-range",
            "The chunk and its Content-Range do not agree",
            "Send at least one byte, and `Content-Range: bytes FIRST-LAST/TOTAL` of it.",
        )
    return first, total, chunk


@_terminals.put(routes.PAPERS + "/{sha256}")
async def put_paper(request: Request, sha256: Sha256, hub: ThisHub, sender: Sender) -> Response:
    """Take the next chunk of a paper, placed by `Content-Range: bytes FIRST-LAST/TOTAL`."""
    given = await limited_body(request, CHUNK_BYTES)
    first, total, chunk = placed(request.headers.get("content-range", ""), given)
    if disk_free(hub.data.papers) < KEEP_FREE:
        raise Problem(507, "disk-full", "The hub's disk is full", "Try later; the hub's operator has to make room.")
    try:
        arrived = await run_sync(hub.papers.add, _owner(sender), sha256, first, total, chunk)
    except WrongOffset as error:
        raise Problem(
            409,
            "wrong-offset",
            str(error),
            "Go on from there.",
            _progress(Arrived(error.received, complete=False)),
        ) from error
    except WrongDigest as error:
        raise Problem(422, "wrong-digest", str(error), "Begin again at byte 0.") from error
    except TooLarge as error:
        raise Problem(413, "too-large", str(error), "Make the paper smaller.") from error
    return Response(status_code=204, headers=_progress(arrived))


@_terminals.post(routes.HEALTH)
async def post_health(request: Request, hub: ThisHub, sender: Sender) -> Response:
    """Take a terminal's health; only the newest is kept, and what its beams counted. Tell how many are inside."""
    body = await limited_body(request, MAX_SMALL_BYTES)
    return Response(await take_health(body, hub, sender), media_type=_JSON)


@_terminals.get(routes.APPOINTMENTS)
async def get_appointments(request: Request, hub: ThisHub, sender: Sender) -> Response:
    """What changed in the appointments of the terminal's hall after `since`, at most 1000 at once."""
    asked = request.query_params.get("since", "0")
    if not _NUMBER.fullmatch(asked):
        raise Problem(422, "invalid", "since is the number of a change, 0 or more", "Ask from the last answer's upto.")
    since, now = int(asked), hub.now()

    def read(connection: Connection) -> AppointmentChanges:
        return changes_since(connection, sender.hall, since, now)

    try:
        changes = await hub.read(read)
    except AheadOfHub:
        try:
            await hub.writer.do(lambda connection: catch_up(connection, sender.hall, since))
        except FarAhead as error:
            raise Problem(
                422, "far-ahead", f"There never was a change {since}", "Load the appointments anew, from 0."
            ) from error
        changes = await hub.read(read)
    return Response(msgspec.json.encode(changes), media_type=_JSON)


def _edition_for(connection: Connection, kind: str, sender: TerminalKey) -> Signed | None:
    """The edition that a terminal gets; watch lists go to gates, and to nobody else."""
    table = schema.terminal
    if kind == WATCH:
        mine = (table.c.hall == sender.hall, table.c.terminal == sender.terminal)
        if connection.scalar(select(table.c.role).where(*mine)) != "gate":
            return None
    return in_force(connection, kind, sender)


@_terminals.get(routes.SIGNED + "/{kind}")
async def get_signed(kind: str, request: Request, hub: ThisHub, sender: Sender) -> Response:
    """The signed edition of a kind that this terminal gets: the newest whose roll-out has reached it."""
    signed = await hub.read(lambda connection: _edition_for(connection, kind, sender))
    if signed is None:
        raise Problem(404, "not-published", f"No {kind[:64]} is published for this hall", "Nothing; it may come later.")
    tag = f'"{signed.kind}-{signed.version}"'
    if has_tag(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers={"ETag": tag})
    return Response(msgspec.json.encode(signed), media_type=_JSON, headers={"ETag": tag})


@_terminals.put(routes.SCREEN)
async def put_screen(request: Request, hub: ThisHub, sender: Sender) -> Response:
    """Take a picture of the terminal's screen, which it has masked; kept in memory, the newest only."""
    png = await limited_body(request, routes.MAX_SCREEN_BYTES)
    if not png.startswith(_PNG):
        raise Problem(415, "not-png", "This is no PNG", "Send the screen as PNG.")
    hub.fleet.show(sender, png, hub.now())
    return Response(status_code=204)


class Now(msgspec.Struct):
    """The hub's time."""

    now: datetime


@_terminals.get(routes.TIME)
async def get_time(hub: ThisHub) -> Response:
    """The hub's time, for terminals whose clock is off."""
    return Response(msgspec.json.encode(Now(hub.now())), media_type=_JSON)


def terminal_app(hub: Hub) -> FastAPI:
    """The application of the terminal port."""
    app = FastAPI(title="Kiosk hub, terminal port", openapi_url=None)
    app.state.hub = hub
    answer_with_problems(app)
    app.include_router(_open)
    app.include_router(_enrolling)
    app.include_router(_terminals)
    return app
