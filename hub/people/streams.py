"""Open streams of the console end when whoever opened them is let in no longer.

A page asks who somebody is each time; a stream is asked once and may last a day. All that are open are looked at
together every few seconds, in one question to the database, however many they are.
"""

import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
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
_REST_SECONDS: Final = 0.2
_MOST_REST_SECONDS: Final = 8.0
"""Shorter than a ping."""
_WEIGHED_SECONDS: Final = 1.0
_PART: Final = 0.2
"""So much of one core's time looking may take."""
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


class Pace:
    """How long live pages rest between two looks, so that all of them together leave most of the time to the gates.

    In a hall they look at once. Where looking takes more than its part, for there are many browsers, or a city's worth
    to look at, they rest longer, until it fits again.
    """

    def __init__(self) -> None:
        self.seconds = _REST_SECONDS
        """To rest now."""
        self._spent, self._since = 0.0, time.perf_counter()

    @contextmanager
    def looking(self) -> Iterator[None]:
        """While something is read and rendered for a page."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.looked(time.perf_counter() - began, time.perf_counter())

    @property
    def tick(self) -> tuple[float, float]:
        """Which tick it is: between two, live pages rest."""
        return self.seconds, time.perf_counter() // self.seconds

    async def rest(self, stopping: anyio.Event) -> None:
        """Rest, or until the hub stops.

        All who rest wake together, so that those who have seen the same look once.
        """
        with anyio.move_on_after(self.seconds - time.perf_counter() % self.seconds):
            await stopping.wait()

    def looked(self, seconds: float, now: float) -> None:
        """Looking took so long; the rest follows about once a second.

        Args:
            seconds: How long.
            now: The time by a clock that only goes forward, in seconds.
        """
        self._spent += seconds
        passed = now - self._since
        if passed < _WEIGHED_SECONDS:
            return
        change = min(2.0, max(0.5, self._spent / passed / _PART))
        self.seconds = min(_MOST_REST_SECONDS, max(_REST_SECONDS, self.seconds * change))
        self._spent, self._since = 0.0, now


class OpenStreams:
    """The streams that are open.

    Args:
        read: Reads from the database.
        clock: The time.
    """

    def __init__(self, read: Callable[[Callable[[Connection], _InForce]], Awaitable[_InForce]], clock: Clock) -> None:
        self._read, self._clock = read, clock
        self._open: dict[anyio.CancelScope, _Open] = {}
        self.pace = Pace()

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
