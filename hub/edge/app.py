"""The edge's port for terminals: the city's terminal port, as far as the line goes, and further.

Events and papers are taken here, durably, whether or not the city answers. Signed editions are shown from the last
copy while it does not; a terminal checks their signatures itself. Everything else is asked of the city on the
terminal's behalf, and is 503 while there is no line: terminals go on without, as they do without a hub.
"""

from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec
import pysqlite3.dbapi2 as sqlite
import structlog
from anyio.to_thread import run_sync
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from hub.api.fast_lane import MAX_BATCH_BYTES, check_version, read_body
from hub.api.peer import fingerprint_of
from hub.api.problems import Problem
from hub.api.tags import has_tag
from hub.api.terminals import KEEP_FREE, placed
from hub.data import disk_free
from hub.edge.city import City, CityAway, CityRefused
from hub.edge.folder import EdgeFolder
from hub.edge.forward import Carrier, papers_named
from hub.edge.spool import Spool
from hub.files import write_durably
from hub.store.papers import Arrived, Papers, TooLarge, WrongDigest, WrongOffset
from hub.submissions.check import NotABatch, check_form
from kiosk.clock import Clock
from kiosk.wire import routes, serials
from kiosk.wire.edge import SHOWN_HEADER, EdgeTerminal
from kiosk.wire.events import CHUNK_BYTES, Answer, Fate
from kiosk.wire.fleet import Signed

_log = structlog.get_logger()
_OPEN: Final = frozenset({routes.CA, routes.ENROL, serials.ROUTE})
_PASSED_ON: Final = ("content-type", "content-length", "content-range", "range", "if-none-match", "if-range", "accept")
_PASSED_BACK: Final = (
    *("content-type", "content-length", "content-range", "accept-ranges", "etag", "retry-after", "last-modified"),
    *(routes.WIRE_HEADER.lower(), routes.OFFSET_HEADER.lower(), routes.COMPLETE_HEADER.lower()),
)
_KNOWN_FILE: Final = "terminals.json"
_OTHER_RELEASE: Final = 409
_KINDS: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_.")


def _full() -> Problem:
    return Problem(507, "disk-full", "The edge's disk is full", "Try later; the hall's technician has to make room.")


def _away() -> Problem:
    return Problem(
        503, "city-away", "The line to the city's hub is down", "Go on without; try again.", {"Retry-After": "5"}
    )


class Edge:
    """The application.

    Args:
        folder: The edge's.
        city: The line.
        clock: The time.
    """

    def __init__(self, folder: EdgeFolder, city: City, clock: Clock) -> None:
        self._folder, self._city, self._clock = folder, city, clock
        self.spool = Spool(folder.spool)
        self.papers = Papers(folder.papers)
        self.carrier = Carrier(folder, self.spool, self.papers, city, clock)
        self._known: dict[str, EdgeTerminal] = {}
        with suppress(FileNotFoundError, msgspec.DecodeError):  # then the city is asked
            self._take(msgspec.json.decode((folder.path / _KNOWN_FILE).read_bytes(), type=list[EdgeTerminal]))

    def _take(self, found: list[EdgeTerminal]) -> None:
        self._known = {each.sha256: each for each in found}

    async def learn(self) -> None:
        """Ask the city whose certificates are in force; without a line the last answer holds, over a restart too."""
        found = await self._city.terminals()
        if {each.sha256: each for each in found} != self._known:
            self._take(found)
            try:
                await run_sync(write_durably, self._folder.path / _KNOWN_FILE, msgspec.json.encode(found))
            except OSError as error:  # known here all the same, until the next start
                _log.error("terminals are not written down", why=type(error).__name__)

    async def _terminal_of(self, scope: Scope, now: datetime) -> str:
        shown = fingerprint_of(scope)
        if not shown:
            raise Problem(
                401, "no-certificate", "This terminal sent no certificate", "Enrol it: python -m provisioning enrol."
            )
        if shown not in self._known:
            try:
                await self.learn()  # enrolled or renewed just now
            except (CityAway, CityRefused) as error:
                raise _away() from error
        known = self._known.get(shown)
        if known is None or now >= known.expires:
            raise Problem(
                401, "certificate-replaced", "This certificate is no longer in force", "Enrol the terminal again."
            )
        return known.terminal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            return
        path, method = scope["path"], scope["method"]
        try:
            terminal = "" if path in _OPEN else await self._terminal_of(scope, self._clock.now())
            headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
            if path == routes.EVENTS and method == "POST":
                check_version(headers.get(routes.WIRE_HEADER.lower(), ""))
                answer = await self._take_events(await read_body(scope, receive, MAX_BATCH_BYTES), terminal)
                await _reply(send, 200, {"content-type": "application/json"}, answer)
            elif path.startswith(routes.PAPERS + "/") and method in {"HEAD", "PUT"}:
                await self._paper(scope, receive, send, headers, terminal)
            elif path.startswith(routes.SIGNED + "/") and method == "GET":
                await self._signed(scope, send, headers, terminal)
            else:
                await self._pass_on(scope, receive, send, headers, terminal)
        except Problem as problem:
            await problem.response()(scope, receive, send)
        except NotABatch as error:
            none = Problem(400, "not-a-batch", str(error), "Send a JSON array of events.")
            await none.response()(scope, receive, send)
        except (OSError, sqlite.OperationalError) as error:
            _log.error("not kept", why=type(error).__name__)
            await _full().response()(scope, receive, send)
        except ClientDisconnect:
            return  # nobody is there to be answered

    async def _take_events(self, body: bytes, terminal: str) -> bytes:
        """Keep events, each answered by itself, after they are durable."""
        items = check_form(body)
        answers: list[Answer] = []
        good: list[tuple[int, str, bytes]] = []
        for place, item in enumerate(items):
            if item.envelope is None:
                answers.append(Answer(seq=item.seq, fate=Fate.REFUSED, detail=item.refusal))
                continue
            encoded = msgspec.json.encode(item.envelope)
            missing = [name for name in papers_named(encoded) if not await self._has(terminal, name)]
            if missing:
                detail = f"paper {missing[0][:12]}… has not arrived"
                answers.append(Answer(seq=item.seq, fate=Fate.LATER, detail=detail))
                continue
            good.append((place, str(item.id), encoded))
            answers.append(Answer(seq=item.seq, fate=Fate.STORED))
        if good:
            kept = await run_sync(self.spool.add, terminal, [each[1:] for each in good], self._clock.now())
            for (place, *_), fate in zip(good, kept, strict=True):
                answers[place] = msgspec.structs.replace(answers[place], fate=fate)
            self.carrier.news.set()
        return msgspec.json.encode(answers)

    async def _has(self, terminal: str, sha256: str) -> bool:
        """Whether a paper is here, or at the city already."""
        if await run_sync(self.papers.size, sha256) is not None:
            return True
        try:
            return (await self._city.has_paper(terminal, sha256))[1]
        except (CityAway, CityRefused):
            return False

    async def _paper(self, scope: Scope, receive: Receive, send: Send, headers: dict[str, str], terminal: str) -> None:
        name = scope["path"].removeprefix(routes.PAPERS + "/")
        if len(name) != 64 or not set(name) <= set("0123456789abcdef"):
            raise Problem(422, "invalid", "A paper's name is its SHA-256", "Correct the request.")
        owner = f"{self._folder.hall}/{terminal}"
        if scope["method"] == "HEAD":
            arrived = await run_sync(self.papers.arrived, owner, name)
            if not arrived.received and await self._has(terminal, name):
                arrived = Arrived(0, complete=True)
        else:
            first, total, chunk = placed(headers.get("content-range", ""), await read_body(scope, receive, CHUNK_BYTES))
            if disk_free(self._folder.papers) < KEEP_FREE:
                raise _full()
            try:
                arrived = await run_sync(self.papers.add, owner, name, first, total, chunk)
            except WrongOffset as error:
                offset = {routes.OFFSET_HEADER: str(error.received), routes.COMPLETE_HEADER: "?0"}
                raise Problem(409, "wrong-offset", str(error), "Go on from there.", offset) from error
            except WrongDigest as error:
                raise Problem(422, "wrong-digest", str(error), "Begin again at byte 0.") from error
            except TooLarge as error:
                raise Problem(413, "too-large", str(error), "Make the paper smaller.") from error
        complete = "?1" if arrived.complete else "?0"
        told = {routes.OFFSET_HEADER.lower(): str(arrived.received), routes.COMPLETE_HEADER.lower(): complete}
        await _reply(send, 204, told, b"")

    async def _signed(self, scope: Scope, send: Send, headers: dict[str, str], terminal: str) -> None:
        """The city's edition for this terminal; the last one that came this way while there is no line."""
        kind = scope["path"].removeprefix(routes.SIGNED + "/")
        if not kind or len(kind) > 64 or not set(kind) <= _KINDS or kind.startswith("."):
            raise Problem(404, "not-published", "No such kind is published", "Nothing; it may come later.")
        file = self._folder.signed / f"{terminal}.{kind}.json"
        try:
            answer = await self._city.ask("GET", scope["path"], terminal, {SHOWN_HEADER: fingerprint_of(scope)})
        except (CityAway, CityRefused) as error:
            if isinstance(error, CityRefused) and error.status != _OTHER_RELEASE:
                why = f"The city says: {error}"
                raise Problem(error.status, "not-published", why, "Nothing; it may come later.") from error
            try:
                content = await run_sync(file.read_bytes)
            except FileNotFoundError:
                raise _away() from error
        else:
            content = answer.content
            with suppress(OSError):  # then there is no copy, and the terminal gets what came
                await run_sync(_keep, file, content)
        signed = msgspec.json.decode(content, type=Signed)
        tag = f'"{signed.kind}-{signed.version}"'
        if has_tag(headers.get("if-none-match", ""), tag):
            await _reply(send, 304, {"etag": tag}, b"")
        else:
            await _reply(send, 200, {"etag": tag, "content-type": "application/json"}, content)

    async def _pass_on(
        self, scope: Scope, receive: Receive, send: Send, headers: dict[str, str], terminal: str
    ) -> None:
        query = scope.get("query_string", b"").decode("latin-1")
        target = scope["path"] + (f"?{query}" if query else "")
        given: dict[str, str] = {name: headers[name] for name in _PASSED_ON if name in headers}
        if terminal:
            given[SHOWN_HEADER] = fingerprint_of(scope)
        if version := headers.get(routes.WIRE_HEADER.lower()):
            given[routes.WIRE_HEADER] = version
        body: Any = _parts(receive) if scope["method"] in {"POST", "PUT", "PATCH"} else b""
        try:
            answer = await self._city.open(scope["method"], target, terminal, given, body)
        except CityAway as error:
            raise _away() from error
        try:
            back = [(name.encode(), answer.headers[name].encode()) for name in _PASSED_BACK if name in answer.headers]
            await send({"type": "http.response.start", "status": answer.status_code, "headers": back})
            async for part in answer.aiter_raw():
                await send({"type": "http.response.body", "body": part, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        except httpx.HTTPError as error:  # in the middle of an answer: the terminal sees it end
            _log.warning("an answer broke off", why=type(error).__name__)
            raise
        finally:
            await answer.aclose()


async def _parts(receive: Receive) -> AsyncIterator[bytes]:
    more = True
    while more:
        message = await receive()
        more = message.get("more_body", False)
        if body := message.get("body", b""):
            yield body


async def _reply(send: Send, status: int, headers: dict[str, str], body: bytes) -> None:
    told = {**headers, **({"content-length": str(len(body))} if status not in {204, 304} else {})}
    pairs = [(name.encode(), value.encode()) for name, value in told.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})


def _keep(file: Path, content: bytes) -> None:
    """Written only where it changed."""
    if not file.exists() or file.read_bytes() != content:
        write_durably(file, content)
