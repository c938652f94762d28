"""Open streams of the console end when whoever opened them is let in no longer.

A page asks who somebody is each time; a stream is asked once and may last a day. All that are open are looked at
together every few seconds, in one question to the database, however many they are.
"""

from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

import anyio
import structlog
from sqlalchemy import Connection, select
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.people.sessions import digest_of
from hub.store import schema
from kiosk.clock import Clock

_log = structlog.get_logger()
_LOOK_SECONDS: Final = 3.0
_STREAM: Final = b"text/event-stream"
_COOKIES: Final = ("session", "__Host-session")


class _Open(NamedTuple):
    """Whose stream it is: their account, its roles at the time, and their session; empty by a certificate."""

    hall: str
    id: str
    roles: frozenset[str]
    session: str


class _InForce(NamedTuple):
    sessions: frozenset[str]
    roles: dict[tuple[str, str], frozenset[str]]
    """Of accounts that are switched on."""


def _look(connection: Connection, clock: Clock) -> _InForce:
    session, account, role = schema.session, schema.account, schema.office_role
    sessions = frozenset(connection.scalars(select(session.c.sha256).where(session.c.until > clock.now())))
    roles: dict[tuple[str, str], set[str]] = {
        (row.hall, row.id): set()
        for row in connection.execute(select(account.c.hall, account.c.id).where(account.c.disabled.is_(None)))
    }
    for row in connection.execute(select(role.c.hall, role.c.staff, role.c.role)):
        if (row.hall, row.staff) in roles:
            roles[row.hall, row.staff].add(row.role)
    return _InForce(sessions, {key: frozenset(each) for key, each in roles.items()})


class OpenStreams:
    """The streams that are open.

    Args:
        read: Reads from the database.
        clock: The time.
    """

    def __init__(self, read: Callable[[Callable[[Connection], _InForce]], Awaitable[_InForce]], clock: Clock) -> None:
        self._read, self._clock = read, clock
        self._open: dict[anyio.CancelScope, _Open] = {}

    @property
    def count(self) -> int:
        """How many are open."""
        return len(self._open)

    async def run(self, stopping: anyio.Event) -> None:
        """Look until the hub stops."""
        while not stopping.is_set():
            with anyio.move_on_after(_LOOK_SECONDS):
                await stopping.wait()
            if not self._open:
                continue
            try:
                await self.look()
            except Exception as error:  # noqa: BLE001  a full disk or a bug here must not end the hub
                _log.error("streams are not looked at", why=type(error).__name__)

    async def look(self) -> int:
        """End the streams of those who are let in no longer, or whose roles are others; how many."""
        found = await self._read(lambda connection: _look(connection, self._clock))
        ended = [scope for scope, each in self._open.items() if not self._may_stay(each, found)]
        for scope in ended:
            scope.cancel()
        if ended:
            _log.info("streams ended", count=len(ended))
        return len(ended)

    @staticmethod
    def _may_stay(each: _Open, found: _InForce) -> bool:
        by_session = not each.session or each.session in found.sessions
        return by_session and found.roles.get((each.hall, each.id)) == each.roles

    def watched(self, app: ASGIApp) -> ASGIApp:
        """An application whose streams are looked at."""

        async def ask(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            with anyio.CancelScope() as until:

                async def begin(message: Message) -> None:
                    if message["type"] == "http.response.start" and _is_stream(message):
                        self._add(until, scope)
                    await send(message)

                try:
                    await app(scope, receive, begin)
                finally:
                    self._open.pop(until, None)
            if until.cancelled_caught:  # the browser comes again, and is told to sign in
                await send({"type": "http.response.body", "body": b""})

        return ask

    def _add(self, until: anyio.CancelScope, scope: Scope) -> None:
        person = scope.get("state", {}).get("person")
        if person is None:
            return  # for anybody
        cookies = Request(scope).cookies
        token = next((cookies[name] for name in _COOKIES if name in cookies), "")
        session = digest_of(token) if token and person.how != "certificate" else ""
        roles = frozenset(str(role) for role in person.roles)
        self._open[until] = _Open(person.hall, person.id, roles, session)


def _is_stream(message: Message) -> bool:
    return any(name.lower() == b"content-type" and value.startswith(_STREAM) for name, value in message["headers"])
