"""The live half of the console: server-sent events, resumed from the event table by `Last-Event-ID`."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, Final

import anyio
from sqlalchemy import Connection, Row
from starlette.responses import StreamingResponse

from hub.app import Hub
from hub.console import queries
from hub.console.pages import Pages, cards
from hub.console.words import Language
from hub.fleet.live import Signal

PING_SECONDS = 10.0
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


async def _stream(hub: Hub, signal: Signal, news: Callable[[], Awaitable[list[bytes]]]) -> AsyncIterator[bytes]:
    """Send what is new, and a ping when nothing is; ends with the hub."""
    yield _PING
    while not hub.stopping.is_set():
        pulse = signal.pulse  # taken before looking, so that nothing falls between
        for each in await news():
            yield each
        with anyio.move_on_after(PING_SECONDS):
            await pulse.wait()
            await hub.streams.pace.rest(hub.stopping)
            continue
        yield _PING


def _response(body: AsyncIterator[bytes]) -> StreamingResponse:
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(body, media_type="text/event-stream", headers=headers)


class _Look:
    """One look for all who have seen the same: three thousand browsers at one list ask the database once."""

    def __init__(self, pulse: anyio.Event) -> None:
        self.pulse = pulse
        self.done = anyio.Event()
        self.found: list[tuple[int, bytes]] | None = None
        """Position and message; None: it failed, and whoever waits looks alone."""


_LOOKS: Final[dict[tuple[object, ...], _Look]] = {}
"""Those under way, and those of the newest pulse."""


async def _once(
    key: tuple[object, ...], pulse: anyio.Event, look: Callable[[], Awaitable[list[tuple[int, bytes]]]]
) -> list[tuple[int, bytes]]:
    """What is new for a key at a pulse, looked for once.

    Args:
        key: What is asked, and from where on.
        pulse: Taken before: nothing that came before it is missed.
        look: Looks.
    """
    held = _LOOKS.get(key)
    if held is not None and held.pulse is pulse:
        await held.done.wait()
        return await look() if held.found is None else held.found
    for old in [each for each, one in _LOOKS.items() if one.pulse is not pulse and one.done.is_set()]:
        del _LOOKS[old]
    held = _LOOKS[key] = _Look(pulse)
    try:
        held.found = await look()
    finally:
        held.done.set()
    return held.found


def list_stream(
    hub: Hub, pages: Pages, what: str, seen: int, language: Language, halls: frozenset[str] | None
) -> StreamingResponse:
    """Rows of passages or submissions as they come and change.

    Args:
        hub: The hub.
        pages: Renders.
        what: `passage` or `submission`.
        seen: Position of the last event the browser has.
        language: Of the words.
        halls: Whose; None for all.
    """
    newest = queries.passages if what == "passage" else queries.submissions
    last = seen

    def read(connection: Connection) -> tuple[queries.Changes, Sequence[Row[Any]], dict[str, str]]:
        found = queries.changes(connection, what, last, halls)
        titles = queries.item_titles(connection, language) if what == "submission" and found.changes else {}
        return found, newest(connection, halls) if found.overflow else [], titles

    async def look() -> list[tuple[int, bytes]]:
        with hub.streams.pace.looking():
            found, rows, titles = await hub.read(read)
            if found.position == last:
                return []
            html = pages.render(
                f"_{what}_rows.html",
                language,
                changes=found.changes,
                rows=rows,
                overflow=found.overflow,
                titles=titles,
            )
        return [(found.position, message(html, found.position) if html.strip() else b"")]

    async def news() -> list[bytes]:
        nonlocal last
        pulse = hub.stored.pulse
        found = await _once((what, last, halls, language), pulse, look)
        if not found:
            return []
        last = found[0][0]
        return [text for _, text in found if text]

    return _response(_stream(hub, hub.stored, news))


def overview_stream(hub: Hub, pages: Pages, language: Language, halls: frozenset[str] | None) -> StreamingResponse:
    """Terminals and the figures of the day as they change."""
    shown: dict[str, object] = {}
    figures: queries.Counts | None = None

    def read(connection: Connection) -> tuple[list[queries.Enrolled], queries.Counts]:
        return queries.terminals(connection, halls), queries.counts(connection, hub.now(), halls)

    async def news() -> list[bytes]:
        with hub.streams.pace.looking():
            return await look()

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
