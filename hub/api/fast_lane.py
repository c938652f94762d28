"""The two calls that make up nearly all traffic, events and health, without the framework in between.

They are routes like the others (`hub.api.terminals`), with the same answers. `FastLane` only sees to it that they get
there at once: FastAPI's solving of dependencies and its layers cost as much as storing twenty events.
"""

import msgspec
import structlog
from anyio.to_thread import run_sync
from fastapi import Request
from sqlalchemy import Connection
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from hub.api.problems import Problem, store_away
from hub.app import Hub
from hub.fleet.live import TerminalKey
from hub.gate import occupancy
from hub.store.faults import STORE_AWAY
from hub.store.writer import Stopped
from hub.submissions.intake import NotABatch, Parcel, check_batch, papers_of
from kiosk.wire import VERSION, routes
from kiosk.wire.appointments import HallNow
from kiosk.wire.events import MAX_BATCH, MAX_EVENT_BYTES
from kiosk.wire.fleet import Health

MAX_BATCH_BYTES = MAX_BATCH * (MAX_EVENT_BYTES + 1) + 2
MAX_SMALL_BYTES = 64 * 1024
_AT_ONCE_BYTES = 16 * 1024
"""A body up to this is decoded where it is: handing it to a thread costs more."""
_JSON = "application/json"
_log = structlog.get_logger()
_HEALTH = msgspec.json.Decoder(Health)


def check_version(request: Request) -> None:
    """Refuse another version of the protocol.

    Raises:
        Problem: 409.
    """
    given = request.headers.get(routes.WIRE_HEADER, "")
    if given != str(VERSION):
        raise Problem(
            409,
            "wire-version",
            f"This hub speaks version {VERSION} of the protocol, the terminal {given[:20] or 'does not say'}",
            "Update whichever is older.",
            {routes.WIRE_HEADER: str(VERSION)},
        )


async def limited_body(request: Request, limit: int) -> bytes:
    """The body of a request, as long as it keeps within a limit."""
    too_large = Problem(413, "too-large", f"At most {limit} bytes are taken here", "Send less at once.")
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > limit:
        raise too_large
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise too_large
        parts.append(part)
    return b"".join(parts)


async def take_events(request: Request, hub: Hub, sender: TerminalKey) -> Response:
    """Take events, each answered by itself, after they are durable."""
    body = await limited_body(request, MAX_BATCH_BYTES)
    try:
        if len(body) <= _AT_ONCE_BYTES:
            items = check_batch(body, hub.unsealing)
        else:
            items = await run_sync(check_batch, body, hub.unsealing)
    except NotABatch as error:
        raise Problem(400, "not-a-batch", str(error), "Send a JSON array of events.") from error
    if papers_of(items):
        await run_sync(hub.intake.look_up, items)
    answers = await hub.writer.do_together(hub.intake.store_all, Parcel(sender, items, hub.now()))
    return Response(msgspec.json.encode(answers), media_type=_JSON)


async def take_health(request: Request, hub: Hub, sender: TerminalKey) -> Response:
    """Take a terminal's health; only the newest is kept, and what its beams counted. Tell how many are inside."""
    body = await limited_body(request, MAX_SMALL_BYTES)
    try:
        health = _HEALTH.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem(422, "invalid", str(error)[:400], "Send a Health.") from error
    if health.terminal != sender.terminal:
        raise Problem(422, "other-terminal", "This health is another terminal's", "Send your own name.")
    now = hub.now()

    def look(connection: Connection) -> tuple[bool, int]:
        new = occupancy.says_something_new(connection, sender, health, now)
        return new, 0 if new else occupancy.inside(connection, sender.hall, now)

    def note(connection: Connection) -> int:
        occupancy.report(connection, sender, health, now)
        return occupancy.inside(connection, sender.hall, hub.now())

    new, inside = await hub.read(look)
    if new:
        inside = await hub.writer.do(note)
    hub.fleet.hear(sender, health, now)
    return Response(msgspec.json.encode(HallNow(inside=inside, made=now)), media_type=_JSON)


_LANES = {routes.EVENTS: take_events, routes.HEALTH: take_health}


class FastLane:
    """Answers events and health itself; everything else goes to the application.

    Args:
        app: The whole application of the terminal port.
        hub: The hub.
    """

    def __init__(self, app: ASGIApp, hub: Hub) -> None:
        self._app = app
        self._hub = hub

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection's request."""
        lane = _LANES.get(scope.get("path", "")) if scope.get("method") == "POST" else None
        if lane is None:
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            sender = self._hub.certificates.terminal_of(request, self._hub.now())
            check_version(request)
            response = await lane(request, self._hub, sender)
        except Problem as problem:
            response = problem.response()
        except (*STORE_AWAY, Stopped) as error:
            _log.error("store away", why=type(error).__name__)
            response = store_away().response()
        await response(scope, receive, send)
