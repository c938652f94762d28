"""Calls to the hub, over TLS with the terminal's certificate. The only module that knows httpx."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Self

import httpx
import msgspec

from kiosk.link.identity import TerminalIdentity
from kiosk.wire import VERSION, routes
from kiosk.wire.appointments import AppointmentChanges, HallNow
from kiosk.wire.events import Answer
from kiosk.wire.fleet import Health, Signed

_CONNECT_SECONDS = 5.0
_DEADLINE_SECONDS = 20.0


class HubAway(Exception):
    """The hub did not answer, or could not: nothing is known of what it did. Try again."""


class HubRefused(Exception):
    """The hub answered, and said no.

    Attributes:
        status: HTTP status.
        kind: The problem's stable name, e.g. `wrong-offset`; empty when there is none.
        detail: What happened and what to do.
    """

    def __init__(self, status: int, kind: str, detail: str) -> None:
        super().__init__(f"{status} {kind}: {detail}")
        self.status = status
        self.kind = kind
        self.detail = detail


class _Problem(msgspec.Struct):
    type: str = ""
    title: str = ""
    detail: str = ""


class _Now(msgspec.Struct):
    now: datetime


@dataclass(frozen=True)
class PaperProgress:
    """How much of a paper the hub holds."""

    received: int
    complete: bool


def problem_of(response: httpx.Response) -> HubRefused:
    """What an error answer says."""
    try:
        problem = msgspec.json.decode(response.content, type=_Problem)
    except (msgspec.DecodeError, UnicodeDecodeError):
        problem = _Problem(title=response.reason_phrase)
    kind = problem.type.rpartition(":")[2]
    return HubRefused(response.status_code, kind, f"{problem.title}. {problem.detail}".strip(". "))


def _progress(response: httpx.Response) -> PaperProgress:
    try:
        received = int(response.headers[routes.OFFSET_HEADER])
    except (KeyError, ValueError) as error:
        raise HubAway("the answer does not say how much arrived") from error
    return PaperProgress(received, response.headers.get(routes.COMPLETE_HEADER) == "?1")


class HubClient:
    """The hub, as the terminal sees it. One pool of connections; every call has a deadline.

    Args:
        identity: Who we are and where the hub is.
        deadline: Seconds a call may take.

    Every method raises `HubAway` or `HubRefused`.
    """

    def __init__(self, identity: TerminalIdentity, deadline: float = _DEADLINE_SECONDS) -> None:
        self._deadline = deadline
        self._http = self._connecting(identity)
        self._before: list[httpx.AsyncClient] = []

    def _connecting(self, identity: TerminalIdentity) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url=identity.url,
            verify=identity.tls(),
            headers={routes.WIRE_HEADER: str(VERSION)},
            timeout=httpx.Timeout(self._deadline, connect=_CONNECT_SECONDS),
            limits=httpx.Limits(max_connections=4, max_keepalive_connections=4, keepalive_expiry=30),
            trust_env=False,
        )

    def use(self, identity: TerminalIdentity) -> None:
        """Connect anew from now on, with the identity as it is; what is under way ends on the old connections.

        Raises:
            NotEnrolled: key and certificate cannot be used; nothing has changed.
        """
        before, self._http = self._http, self._connecting(identity)
        self._before.append(before)

    async def forget_before(self) -> None:
        """Close the connections from before `use`."""
        while self._before:
            await self._before.pop().aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections; twice is safe."""
        await self.forget_before()
        await self._http.aclose()

    async def _call(
        self,
        method: str,
        path: str,
        *,
        content: bytes | None = None,
        headers: dict[str, str] | None = None,
        also_good: frozenset[int] = frozenset(),
    ) -> httpx.Response:
        try:
            response = await self._http.request(method, path, content=content, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise HubAway(f"{type(error).__name__}: {error}") from error
        if response.is_success or response.status_code in also_good:
            return response
        # What a proxy or a failing hub says is no verdict on what we sent.
        if response.status_code >= 500 or response.status_code in {408, 425, 429}:
            raise HubAway(str(problem_of(response)))
        raise problem_of(response)

    async def post_events(self, bodies: Sequence[bytes]) -> list[Answer]:
        """Send events.

        Args:
            bodies: `Envelope`s as JSON, at most `MAX_BATCH`.

        Returns:
            One answer a body, in the same order.
        """
        response = await self._call(
            "POST",
            routes.EVENTS,
            content=b"[" + b",".join(bodies) + b"]",
            headers={"Content-Type": "application/json"},
        )
        try:
            answers = msgspec.json.decode(response.content, type=list[Answer])
        except msgspec.DecodeError as error:
            raise HubAway(f"the answer cannot be read: {error}") from error
        if len(answers) != len(bodies):
            raise HubAway(f"{len(answers)} answers to {len(bodies)} events")
        return answers

    async def paper_progress(self, sha256: str) -> PaperProgress:
        """How much of a paper the hub holds."""
        return _progress(await self._call("HEAD", f"{routes.PAPERS}/{sha256}"))

    async def put_paper(self, sha256: str, offset: int, total: int, chunk: bytes) -> PaperProgress:
        """Send the next chunk of a paper.

        Args:
            sha256: The paper's name.
            offset: Where the chunk begins.
            total: Bytes of the whole paper.
            chunk: 1 to `CHUNK_BYTES` bytes.

        Returns:
            How much the hub holds now; at another offset than it expected, where to go on.
        """
        response = await self._call(
            "PUT",
            f"{routes.PAPERS}/{sha256}",
            content=chunk,
            headers={"Content-Range": f"bytes {offset}-{offset + len(chunk) - 1}/{total}"},
            also_good=frozenset({409}),
        )
        if response.status_code == 409 and routes.OFFSET_HEADER not in response.headers:
            raise problem_of(response)
        return _progress(response)

    async def post_health(self, health: Health) -> HallNow | None:
        """Report how the terminal is.

        Returns:
            How many are inside the hall; None from a hub that does not count.
        """
        response = await self._call("POST", routes.HEALTH, content=msgspec.json.encode(health))
        try:
            return msgspec.json.decode(response.content, type=HallNow) if response.content else None
        except msgspec.DecodeError:
            return None  # an older hub's answer

    async def put_screen(self, png: bytes) -> None:
        """Show the terminal's current screen, masked; at most `MAX_SCREEN_BYTES`."""
        await self._call("PUT", routes.SCREEN, content=png, headers={"Content-Type": "image/png"})

    async def signed(self, kind: str, known: str = "") -> tuple[Signed, str] | None:
        """The newest signed edition of a kind; its signature is not checked here.

        Args:
            kind: `rules` or `catalogue`.
            known: The tag that came with the last one.

        Returns:
            The edition and its tag, or None when it is the known one or none is published.
        """
        response = await self._call(
            "GET",
            f"{routes.SIGNED}/{kind}",
            headers={"If-None-Match": known} if known else None,
            also_good=frozenset({304, 404}),
        )
        if response.status_code in {304, 404}:
            return None
        try:
            return msgspec.json.decode(response.content, type=Signed), response.headers.get("ETag", "")
        except msgspec.DecodeError as error:
            raise HubAway(f"the answer cannot be read: {error}") from error

    async def appointments(self, since: int) -> AppointmentChanges | None:
        """The page of changes to the hall's appointments after `since`; None from a hub that keeps none."""
        response = await self._call("GET", f"{routes.APPOINTMENTS}?since={since}", also_good=frozenset({404}))
        if response.status_code == 404:
            return None
        try:
            return msgspec.json.decode(response.content, type=AppointmentChanges)
        except msgspec.DecodeError as error:
            raise HubAway(f"the answer cannot be read: {error}") from error

    async def exchange(self, method: str, path: str, content: bytes | None = None) -> bytes:
        """Ask anything of the hub; the answer's body.

        Args:
            method: `GET` or `POST`.
            path: Of `kiosk.wire.routes`.
            content: JSON.
        """
        headers = None if content is None else {"Content-Type": "application/json"}
        return (await self._call(method, path, content=content, headers=headers)).content

    async def time(self) -> datetime:
        """The hub's time, UTC."""
        response = await self._call("GET", routes.TIME)
        try:
            return msgspec.json.decode(response.content, type=_Now).now
        except msgspec.DecodeError as error:
            raise HubAway(f"the answer cannot be read: {error}") from error
