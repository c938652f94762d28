"""The live half of the console: server-sent events, resumed from the event table by `Last-Event-ID`."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Final, Generic, TypeVar
from weakref import WeakKeyDictionary

import anyio
from sqlalchemy import Connection, Row
from starlette.responses import StreamingResponse

from hub.app import Hub
from hub.console import queries
from hub.console.pages import Pages
from hub.console.words import Language
from hub.fleet.live import Signal

T = TypeVar("T")
PING_SECONDS = 10.0
_AFRESH_SECONDS: Final = 5.0
"""Where more comes than a list holds it is shown afresh this often: a city's comes faster than anybody reads."""
_PING = b"event: ping\ndata: \n\n"


def message(html: str, position: int | None = None) -> bytes:
    """One event with HTML to swap in.

    Args:
        html: `<hx-partial>` elements.
        position: What a browser that reconnects has seen.
    """
    lines = [] if position is None else [f"id: {position}"]
    lines += [f"data: {line}" for line in html.splitlines() if line.strip()]
    return ("\n".join(lines) + "\n\n").encode()


News = tuple[list[bytes], bool]
"""What to send, and whether that was everything."""


async def stream(hub: Hub, signals: Sequence[Signal], news: Callable[[], Awaitable[News]]) -> AsyncIterator[bytes]:
    """Send what is new, and a ping when nothing is; ends with the hub.

    Args:
        hub: The hub.
        signals: Any of them tells that there may be something new.
        news: Looks.
    """
    yield _PING
    quiet_since = anyio.current_time()
    while not hub.stopping.is_set():
        pulses = [signal.pulse for signal in signals]  # taken before looking, so that nothing falls between
        messages, whole = await news()
        for each in messages:
            yield each
        if messages:
            quiet_since = anyio.current_time()
        with anyio.move_on_after(quiet_since + PING_SECONDS - anyio.current_time()):
            if whole:
                await _any(pulses)
            await hub.streams.pace.rest(hub.stopping)
            continue
        quiet_since = anyio.current_time()
        yield _PING  # also where much comes that is of no interest here


async def _any(pulses: Sequence[anyio.Event]) -> None:
    """Wait for the first of them."""
    async with anyio.create_task_group() as group:

        async def wait(pulse: anyio.Event) -> None:
            await pulse.wait()
            group.cancel_scope.cancel()

        for each in pulses:
            group.start_soon(wait, each)


def response(body: AsyncIterator[bytes]) -> StreamingResponse:
    """An answer of server-sent events."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(body, media_type="text/event-stream", headers=headers)


class _Look(Generic[T]):
    """One look for all who have seen the same: three thousand browsers at one list ask the database once."""

    def __init__(self) -> None:
        self.done = anyio.Event()
        self.found: T | None = None
        """None: it failed, and whoever waits looks alone."""


class _Tick:
    """What live pages look at between two rests: all of them at the same, so that then they have seen the same.

    Args:
        number: Of the pace.
        pulses: What was stored, and of the fleet; taken before anybody looks: what comes after them may be missing.
    """

    def __init__(self, number: tuple[float, float], pulses: tuple[anyio.Event, anyio.Event]) -> None:
        self.number = number
        self.pulses = pulses
        self._looks: dict[tuple[object, ...], _Look[Any]] = {}

    async def once(self, key: tuple[object, ...], look: Callable[[], Awaitable[T]]) -> T:
        """What is new for a key, looked for once.

        Args:
            key: What is asked, and from where on.
            look: Looks.
        """
        held: _Look[T] | None = self._looks.get(key)
        if held is not None:
            await held.done.wait()
            return await look() if held.found is None else held.found
        held = self._looks[key] = _Look()
        try:
            held.found = found = await look()
        finally:
            held.done.set()
        return found


_TICKS: Final[WeakKeyDictionary[Hub, _Tick]] = WeakKeyDictionary()
"""The newest of each hub."""


def tick_of(hub: Hub) -> _Tick:
    """What is looked at once, now."""
    number, tick = hub.streams.pace.tick, _TICKS.get(hub)
    if tick is None or tick.number != number:
        tick = _TICKS[hub] = _Tick(number, (hub.stored.pulse, hub.fleet.changed.pulse))
    return tick


def list_stream(
    hub: Hub, pages: Pages, what: str, seen: int, language: Language, halls: frozenset[str] | None
) -> StreamingResponse:
    """Rows of passages or submissions as they come and change.

    All who look at one tick look up to the same position, so that from then on they have seen the same.

    Args:
        hub: The hub.
        pages: Renders.
        what: `passage` or `submission`.
        seen: Position of the last event the browser has.
        language: Of the words.
        halls: Whose; None for all.
    """
    newest = queries.passages if what == "passage" else queries.submissions
    last, afresh = seen, -1.0

    def read(connection: Connection, upto: int) -> tuple[queries.Changes, Sequence[Row[Any]], dict[str, str]]:
        found = queries.changes(connection, what, last, halls, upto)
        titles = queries.item_titles(connection, language) if what == "submission" and found.changes else {}
        return found, newest(connection, halls) if found.overflow else [], titles

    async def look(upto: int) -> tuple[bool, bytes]:
        with hub.streams.pace.looking():
            found, rows, titles = await hub.read(lambda connection: read(connection, upto))
            html = pages.render(
                f"_{what}_rows.html",
                language,
                changes=found.changes,
                rows=rows,
                overflow=found.overflow,
                titles=titles,
            )
        return found.overflow, message(html, upto) if html.strip() else b""

    async def news() -> News:
        nonlocal last, afresh
        if afresh == anyio.current_time() // _AFRESH_SECONDS:
            return [], False
        pulse, tick = hub.stored.pulse, tick_of(hub)
        whole = tick.pulses[0] is pulse
        upto = await tick.once(("upto",), partial(hub.read, queries.newest_position))
        if upto <= last:
            return [], whole
        overflow, text = await tick.once((what, last, upto, halls, language), partial(look, upto))
        last, afresh = upto, anyio.current_time() // _AFRESH_SECONDS if overflow else -1.0
        return [text] if text else [], whole

    return response(stream(hub, [hub.stored], news))
