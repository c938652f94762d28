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
from hub.console.pages import Pages, cards
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


async def _stream(hub: Hub, signal: Signal, news: Callable[[], Awaitable[News]]) -> AsyncIterator[bytes]:
    """Send what is new, and a ping when nothing is; ends with the hub."""
    yield _PING
    while not hub.stopping.is_set():
        pulse = signal.pulse  # taken before looking, so that nothing falls between
        messages, whole = await news()
        for each in messages:
            yield each
        with anyio.move_on_after(PING_SECONDS):
            if whole:
                await pulse.wait()
            await hub.streams.pace.rest(hub.stopping)
            continue
        yield _PING


def _response(body: AsyncIterator[bytes]) -> StreamingResponse:
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(body, media_type="text/event-stream", headers=headers)


class _Look(Generic[T]):
    """One look for all who have seen the same: three thousand browsers at one list ask the database once."""

    def __init__(self) -> None:
        self.done = anyio.Event()
        self.found: T | None = None
        """None: it failed, and whoever waits looks alone."""


class _Tick:
    """What lists look at between two rests: all of them up to the same position, so that then they have seen the same.

    Args:
        number: Of the pace.
        pulse: Taken before anybody looks: what comes after it may be missing.
    """

    def __init__(self, number: tuple[float, float], pulse: anyio.Event) -> None:
        self.number = number
        self.pulse = pulse
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


def _tick(hub: Hub) -> _Tick:
    number, tick = hub.streams.pace.tick, _TICKS.get(hub)
    if tick is None or tick.number != number:
        tick = _TICKS[hub] = _Tick(number, hub.stored.pulse)
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
        pulse, tick = hub.stored.pulse, _tick(hub)
        whole = tick.pulse is pulse
        upto = await tick.once(("upto",), partial(hub.read, queries.newest_position))
        if upto <= last:
            return [], whole
        overflow, text = await tick.once((what, last, upto, halls, language), partial(look, upto))
        last, afresh = upto, anyio.current_time() // _AFRESH_SECONDS if overflow else -1.0
        return [text] if text else [], whole

    return _response(_stream(hub, hub.stored, news))


def overview_stream(hub: Hub, pages: Pages, language: Language, halls: frozenset[str] | None) -> StreamingResponse:
    """Terminals and the figures of the day as they change."""
    shown: dict[str, object] = {}
    figures: queries.Counts | None = None

    def read(connection: Connection) -> tuple[list[queries.Enrolled], queries.Counts]:
        return queries.terminals(connection, halls), queries.counts(connection, hub.now(), halls)

    async def news() -> News:
        with hub.streams.pace.looking():
            return await look(), True

    async def look() -> list[bytes]:
        nonlocal figures
        known, counts = await hub.read(read)
        all_cards = cards(hub.fleet, known, hub.now())
        marks: dict[str, object] = {card.dom_id: card.mark for card in all_cards}
        parts = []
        if marks.keys() != shown.keys():
            parts.append(pages.render("_terminals.html", language, cards=all_cards))
        else:
            parts += [
                pages.render("_terminal.html", language, card=card, swap=True)
                for card in all_cards
                if shown[card.dom_id] != card.mark
            ]
        shown.clear()
        shown.update(marks)
        if counts != figures:
            figures = counts
            parts.append(pages.render("_counts.html", language, counts=counts, swap=True))
        return [message("\n".join(parts))] if parts else []

    return _response(_stream(hub, hub.fleet.changed, news))
