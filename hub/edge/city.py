"""The city's hub as an edge sees it: calls over its own certificate, on behalf of the hall's terminals."""

import ssl
from collections.abc import AsyncIterable, Sequence
from typing import Final

import httpx
import msgspec

from hub.edge.folder import EdgeFolder
from kiosk.wire import VERSION, routes
from kiosk.wire.edge import FOR_HEADER, TERMINALS, EdgeTerminal
from kiosk.wire.events import CHUNK_BYTES, Answer

_CONNECT_SECONDS: Final = 5.0
_WRONG_OFFSET: Final = frozenset({409})
_SECONDS: Final = 40.0
"""Longer than a long poll."""


class CityAway(Exception):
    """The city's hub does not answer, or not now: nothing is known of what it did."""


class CityRefused(Exception):
    """The city's hub said no; says what.

    Attributes:
        status: Of HTTP.
    """

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"HTTP {status}: {text[:300]}")
        self.status = status


class City:
    """The line to the city.

    Args:
        folder: Who we are, and where it is.
    """

    def __init__(self, folder: EdgeFolder) -> None:
        self._folder = folder
        self._http = self._connecting()
        self._before: list[httpx.AsyncClient] = []

    def _connecting(self) -> httpx.AsyncClient:
        context = ssl.create_default_context(cafile=self._folder.ca)
        context.load_cert_chain(self._folder.client)
        return httpx.AsyncClient(
            base_url=self._folder.city,
            verify=context,
            timeout=httpx.Timeout(_SECONDS, connect=_CONNECT_SECONDS),
            limits=httpx.Limits(max_connections=200, max_keepalive_connections=50, keepalive_expiry=60),
            trust_env=False,
        )

    def use_again(self) -> None:
        """Connect anew from now on, with the certificate as it is; what is under way ends on the old connections.

        Raises:
            OSError: certificate and key cannot be used; nothing has changed.
        """
        before, self._http = self._http, self._connecting()
        self._before.append(before)

    async def forget_before(self) -> None:
        """Close the connections from before `use_again`."""
        while self._before:
            await self._before.pop().aclose()

    async def close(self) -> None:
        """Hang up."""
        await self.forget_before()
        await self._http.aclose()

    async def open(
        self, method: str, target: str, terminal: str, headers: dict[str, str], body: bytes | AsyncIterable[bytes]
    ) -> httpx.Response:
        """Ask as a terminal would; the answer's body is still to be read, and closed.

        Raises:
            CityAway: It does not answer.
        """
        ours = {routes.WIRE_HEADER: str(VERSION), **headers}
        if terminal:
            ours[FOR_HEADER] = terminal
        try:
            return await self._http.send(
                self._http.build_request(method, target, headers=ours, content=body), stream=True
            )
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise CityAway(type(error).__name__) from error

    async def ask(
        self,
        method: str,
        target: str,
        terminal: str = "",
        headers: dict[str, str] | None = None,
        body: bytes = b"",
        good: frozenset[int] = frozenset(),
    ) -> httpx.Response:
        """Ask, and read the answer; it is a success, or has one of the statuses named `good`.

        Raises:
            CityAway: It does not answer, or is out of order.
            CityRefused: It says no.
        """
        answer = await self.open(method, target, terminal, headers or {}, body)
        try:
            await answer.aread()
        except (httpx.HTTPError, OSError) as error:
            raise CityAway(type(error).__name__) from error
        finally:
            await answer.aclose()
        if answer.status_code >= 500 or answer.status_code in {408, 425, 429}:
            raise CityAway(f"HTTP {answer.status_code}")
        if answer.is_success or answer.status_code in good:
            return answer
        raise CityRefused(answer.status_code, answer.text)

    async def terminals(self) -> list[EdgeTerminal]:
        """The certificates that are in force in the hall."""
        answer = await self.ask("GET", TERMINALS)
        return msgspec.json.decode(answer.content, type=list[EdgeTerminal])

    async def events(self, terminal: str, bodies: Sequence[bytes]) -> list[Answer]:
        """Hand over events of a terminal."""
        answer = await self.ask("POST", routes.EVENTS, terminal, body=b"[" + b",".join(bodies) + b"]")
        return msgspec.json.decode(answer.content, type=list[Answer])

    async def has_paper(self, terminal: str, sha256: str) -> tuple[int, bool]:
        """How many bytes of a paper are there, and whether it is whole."""
        answer = await self.ask("HEAD", f"{routes.PAPERS}/{sha256}", terminal)
        return int(answer.headers.get(routes.OFFSET_HEADER, "0")), answer.headers.get(routes.COMPLETE_HEADER) == "?1"

    async def send_paper(self, terminal: str, sha256: str, content: bytes) -> None:
        """Upload a paper from where the city has it."""
        offset, complete = await self.has_paper(terminal, sha256)
        while not complete:
            chunk = content[offset : offset + CHUNK_BYTES] or content[-1:]
            offset = min(offset, len(content) - 1)
            place = {"content-range": f"bytes {offset}-{offset + len(chunk) - 1}/{len(content)}"}
            answer = await self.ask("PUT", f"{routes.PAPERS}/{sha256}", terminal, place, chunk, _WRONG_OFFSET)
            if routes.OFFSET_HEADER not in answer.headers:  # another reason than where it goes on
                raise CityRefused(answer.status_code, answer.text)
            offset = int(answer.headers[routes.OFFSET_HEADER])
            complete = answer.headers.get(routes.COMPLETE_HEADER) == "?1"

    async def health(self, body: bytes) -> None:
        """Say how the edge itself is."""
        await self.ask("POST", routes.HEALTH, body=body)
