"""The live half of the gate's pages: alarms for every page of the console, the lanes, and a case that others work on.

The alarm stream sends what alarms now, whole, when it begins and at each change: a browser that was away is shown
everything that nobody has answered. By `Last-Event-ID` it learns too what came and was answered meanwhile.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final
from weakref import WeakKeyDictionary

import anyio
import msgspec
from sqlalchemy import Connection
from starlette.responses import StreamingResponse

from hub.app import Hub
from hub.console import gate_queries
from hub.console.alarm_marks import AlarmMarks
from hub.console.gate_queries import Alarms
from hub.console.live import PING_SECONDS, message
from hub.console.pages import Pages
from hub.console.words import Language
from kiosk.wire.events import LaneTrouble

_LOOK_SECONDS: Final = 2.0
"""Lanes report to memory, and commands beside the hub write to its database: neither wakes us."""
_PING: Final = b"event: ping\ndata: \n\n"
_RELATIVE = re.compile(r">[^<]*</time>")
_SEEN_ONLY: Final = frozenset({LaneTrouble.HELD_OPEN})
"""Somebody stands in the gate: shown, and not rung for."""

News = Callable[[], Awaitable[list[bytes]]]
_MARKS: Final[WeakKeyDictionary[Hub, AlarmMarks]] = WeakKeyDictionary()


class AlarmNews(msgspec.Struct, frozen=True):
    """What the alarm stream tells."""

    html: str
    """The bar; empty when nothing alarms."""
    spoken: str
    """The same in words, for `aria-live`."""
    rings: int
    """How many alarms are to be heard."""
    count: int
    missed: str
    """What came and was answered while the browser was away; told once."""


async def stream(hub: Hub, news: News, rest: float = 0) -> AsyncIterator[bytes]:
    """What is new as it comes, a ping when nothing is; ends with the hub.

    Args:
        hub: The hub.
        news: Looks.
        rest: Seconds between two looks, whatever comes, where looking is dear; 0: at once.
    """
    yield _PING
    quiet_since = anyio.current_time()
    while not hub.stopping.is_set():
        pulse = hub.stored.pulse  # taken before looking, so that nothing falls between
        with hub.streams.pace.looking():
            parts = await news()
        for each in parts:
            yield each
        if parts:
            quiet_since = anyio.current_time()
        elif anyio.current_time() - quiet_since >= PING_SECONDS:
            quiet_since = anyio.current_time()
            yield _PING
        if rest:
            with anyio.move_on_after(rest):
                await hub.stopping.wait()
            continue
        with anyio.move_on_after(_LOOK_SECONDS):
            await pulse.wait()
        await hub.streams.pace.rest(hub.stopping)


def response(body: AsyncIterator[bytes]) -> StreamingResponse:
    """An answer of server-sent events."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(body, media_type="text/event-stream", headers=headers)


def stays(html: str) -> str:
    """What of a piece of HTML does not change by time alone: the script keeps relative times current."""
    return _RELATIVE.sub("></time>", html)


def rings(alarms: Alarms) -> int:
    """How many alarms are to be heard."""
    return len(alarms.isolation) + sum(each.trouble not in _SEEN_ONLY for each in alarms.troubles)


def alarm_stream(hub: Hub, pages: Pages, hall: str | None, seen: int | None, language: Language) -> StreamingResponse:
    """Alarms, whole, at each change.

    Args:
        hub: The hub.
        pages: Renders.
        hall: Only of this hall.
        seen: Number of the newest isolation case the browser has seen; None when it begins.
        language: Of the words.
    """
    shown: str | None = None
    last = seen
    mark: object = None
    marks = _MARKS.setdefault(hub, AlarmMarks())

    async def news() -> list[bytes]:
        nonlocal shown, last, mark
        now = await marks.now(hub.read)
        newest: object = now if hall is None else now.get(hall, ())
        if shown is not None and newest == mark:
            return []
        mark = newest
        found = await hub.read(lambda connection: gate_queries.alarms(connection, hall, last))
        last = max(found.newest, last or 0)
        html = pages.render("gate/_alarms.html", language, alarms=found)
        spoken = pages.render("gate/_spoken.html", language, alarms=found)
        missed = pages.render("gate/_missed.html", language, answered=found.answered) if found.answered else ""
        if stays(html) == shown and not missed:
            return []
        shown = stays(html)
        told = AlarmNews(html.strip(), " ".join(spoken.split()), rings(found), _count(found), missed.strip())
        return [f"id: {last}\nevent: alarms\ndata: {msgspec.json.encode(told).decode()}\n\n".encode()]

    return response(stream(hub, news))


def _count(found: Alarms) -> int:
    return len(found.isolation) + len(found.troubles)


def parts_stream(hub: Hub, read: Callable[[Connection], dict[str, str]], rest: float = 0) -> StreamingResponse:
    """Parts of a page, by the id of the element they fill: all at the beginning, then each when it changes.

    Args:
        hub: The hub.
        read: Renders all parts.
        rest: Seconds between two looks, see `stream`.
    """
    shown: dict[str, str] = {}

    async def news() -> list[bytes]:
        parts = await hub.read(read)
        changed = [key for key, html in parts.items() if shown.get(key) != stays(html)]
        shown.update({key: stays(html) for key, html in parts.items()})
        return [message("\n".join(_swap(key, parts[key]) for key in changed))] if changed else []

    return response(stream(hub, news, rest))


def _swap(key: str, html: str) -> str:
    """Morphed, so that whoever is on a link with the keyboard stays there."""
    return f'<hx-partial hx-target="#{key}" hx-swap="innerMorph">{html}</hx-partial>'
