"""The two calls that make up nearly all traffic, events and health, without the framework in between.

They are routes like the others (`hub.api.terminals`), with the same answers. `FastLane` only sees to it that they get
there at once: FastAPI's solving of dependencies and its layers cost as much as storing twenty events.
"""

from collections.abc import Awaitable, Callable
from typing import Final

import msgspec
import structlog
from anyio.to_thread import run_sync
from fastapi import Request
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send

from hub.api.on_behalf import sender_of
from hub.api.problems import Problem, hub_fault, store_problem, where_of
from hub.app import Hub
from hub.fleet.live import TerminalKey
from hub.store.faults import STORE_AWAY
from hub.store.writer import Stopped
from hub.submissions.check import NotABatch, check_batch
from hub.submissions.intake import Parcel, papers_of
from hub.submissions.plain import is_beyond_clocks
from kiosk.wire import VERSION, routes
from kiosk.wire.appointments import HallNow
from kiosk.wire.events import MAX_BATCH, MAX_EVENT_BYTES, StaffAction
from kiosk.wire.fleet import Health

MAX_BATCH_BYTES = MAX_BATCH * (MAX_EVENT_BYTES + 1) + 2
MAX_SMALL_BYTES = 64 * 1024
_AT_ONCE_BYTES = 48 * 1024
"""A body up to this is checked where it is; a larger one in another process, so that nobody waits for it."""
_JSON_TYPE = (b"content-type", b"application/json")
_OURS = str(VERSION)
_WIRE_HEADER = routes.WIRE_HEADER.lower().encode()
_ENCODER = msgspec.json.Encoder()
_log = structlog.get_logger()
_HEALTH = msgspec.json.Decoder(Health)


def check_version(given: str) -> None:
    """Refuse another version of the protocol.

    Args:
        given: Its header.

    Raises:
        Problem: 409.
    """
    if given != _OURS:
        raise Problem(
            409,
            "wire-version",
            f"This hub speaks version {VERSION} of the protocol, the terminal {given[:20] or 'does not say'}",
            "Update whichever is older.",
            {routes.WIRE_HEADER: _OURS},
        )


def _too_large(limit: int) -> Problem:
    return Problem(413, "too-large", f"At most {limit} bytes are taken here", "Send less at once.")


async def limited_body(request: Request, limit: int) -> bytes:
    """The body of a request, as long as it keeps within a limit."""
    return await read_body(request.scope, request.receive, limit)


async def read_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """The body of a request, as long as it keeps within a limit; what it says of itself is not believed.

    Raises:
        Problem: 413.
        ClientDisconnect: Nobody is there any more.
    """
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit() and int(value) > limit:
            raise _too_large(limit)
    found: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        more = message.get("more_body", False)
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            raise _too_large(limit)
        found.append(part)
    return found[0] if len(found) == 1 else b"".join(found)


async def take_events(body: bytes, hub: Hub, sender: TerminalKey) -> bytes:
    """Take events, each answered by itself, after they are durable; the answers as JSON."""
    try:
        if len(body) <= _AT_ONCE_BYTES:
            items = check_batch(body, hub.unsealing)
        else:
            items = await hub.elsewhere.check(body, hub.unsealing)
    except NotABatch as error:
        raise Problem(400, "not-a-batch", str(error), "Send a JSON array of events.") from error
    others = [item for item in items if item.plain is None]
    if others and papers_of(others):
        await run_sync(hub.intake.look_up, others)
    intake = hub.intake
    answers = await hub.writer.do_together(intake.store_all, Parcel(sender, items, hub.now()), intake.store_at_once)
    if any(item.envelope is not None and isinstance(item.envelope.event, StaffAction) for item in others):
        hub.heads.forget(sender.hall)
    return _ENCODER.encode(answers)


async def take_health(body: bytes, hub: Hub, sender: TerminalKey) -> bytes:
    """Take a terminal's health; only the newest is kept, and what its beams counted. Tell how many are inside."""
    try:
        health = _HEALTH.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem(422, "invalid", str(error)[:400], "Send a Health.") from error
    if is_beyond_clocks(_ENCODER.encode(health)):
        raise Problem(422, "invalid", "A time in it is one that no clock shows", "Set the terminal's clock.")
    if b"\\u0000" in body:  # PostgreSQL cannot store it, and one terminal's must not stop the alarms of all
        raise Problem(422, "invalid", "A zero character in a text", "Send text without control characters.")
    if health.terminal != sender.terminal:
        raise Problem(422, "other-terminal", "This health is another terminal's", "Send your own name.")
    now = hub.now()
    inside = await hub.heads.heard(sender, health, now)
    hub.fleet.hear(sender, health, now)
    return _ENCODER.encode(HallNow(inside=inside, made=now))


_Lane = Callable[[bytes, Hub, TerminalKey], Awaitable[bytes]]
_LANES: Final[dict[str, tuple[_Lane, int]]] = {
    routes.EVENTS: (take_events, MAX_BATCH_BYTES),
    routes.HEALTH: (take_health, MAX_SMALL_BYTES),
}


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
        take, limit = lane
        headers: dict[bytes, bytes] = dict(scope["headers"])
        try:
            sender = await sender_of(self._hub, scope)
            check_version(headers.get(_WIRE_HEADER, b"").decode("latin-1"))
            answer = await take(await read_body(scope, receive, limit), self._hub, sender)
        except Problem as problem:
            await problem.response()(scope, receive, send)
        except ClientDisconnect:
            return  # nobody is there to be answered
        except (*STORE_AWAY, Stopped) as error:
            await store_problem(error).response()(scope, receive, send)
        except Exception as error:  # noqa: BLE001  a fault of ours is answered as everywhere else
            _log.error("a fault", path=scope.get("path"), why=type(error).__name__, at=where_of(error))
            await hub_fault().response()(scope, receive, send)
        else:
            length = (b"content-length", str(len(answer)).encode())
            await send({"type": "http.response.start", "status": 200, "headers": [_JSON_TYPE, length]})
            await send({"type": "http.response.body", "body": answer})
