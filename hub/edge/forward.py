"""Carries on to the city what waits, in order, for as long as it takes; and tells the city how the edge is."""

from datetime import UTC, datetime
from typing import Final

import anyio
import msgspec
import structlog
from anyio.to_thread import run_sync

from hub.edge.city import City, CityAway, CityRefused
from hub.edge.folder import EdgeFolder
from hub.edge.spool import Spool, Waiting
from hub.store.papers import Papers
from kiosk.clock import Clock
from kiosk.wire.edge import ROLE
from kiosk.wire.events import DraftHandedOver, Envelope, Submission, Supplement
from kiosk.wire.fleet import Health

_log = structlog.get_logger()
_DECODER: Final = msgspec.json.Decoder(Envelope)
_LOOK_SECONDS: Final = 2.0
_LONGEST_SECONDS: Final = 30.0
_TELL_SECONDS: Final = 30.0
_OF_THE_EDGE: Final = frozenset({401, 409})
"""Its own certificate, or another release of the protocol."""
_MOST_BYTES: Final = 4 * 1024 * 1024
"""Of a batch: an hour without a line is caught up in pieces that a thin line can carry."""


def papers_named(body: bytes) -> list[str]:
    """Files that an event names and brings along."""
    event = _DECODER.decode(body).event
    if isinstance(event, DraftHandedOver):
        return [event.sha256]
    if isinstance(event, Submission | Supplement):
        return [paper.sha256 for paper in event.papers if not paper.earlier]
    return []


def _within(items: list[Waiting]) -> list[Waiting]:
    """As many as fit into a batch, at least one; one that was put off before goes alone."""
    if items[0].tries:
        return items[:1]
    taken: list[Waiting] = []
    size = 0
    for item in items:
        size += len(item.body) + 1
        if taken and (item.tries or size > _MOST_BYTES):
            break
        taken.append(item)
    return taken


class Carrier:
    """Empties the spool.

    Args:
        folder: The edge's.
        spool: What waits.
        papers: What its events name.
        city: Where to.
        clock: The time.
    """

    def __init__(self, folder: EdgeFolder, spool: Spool, papers: Papers, city: City, clock: Clock) -> None:
        self._folder, self._spool, self._papers, self._city, self._clock = folder, spool, papers, city, clock
        self.news = anyio.Event()
        """Set when something came."""
        self.reached: bool | None = None
        """Whether the city answered the last time; None before the first."""

    async def run(self) -> None:
        """Carry on until cancelled."""
        pause = 1.0
        while True:
            self.news = anyio.Event()
            try:
                carried = await self.once()
            except CityAway as error:
                self._note(reached=False, why=str(error))
                await anyio.sleep(pause)
                pause = min(_LONGEST_SECONDS, pause * 2)
                continue
            except CityRefused as error:  # of the edge itself: its certificate, or another release
                _log.error("the city refuses this edge", why=str(error))
                self._note(reached=False, why=f"HTTP {error.status}")
                await anyio.sleep(_LONGEST_SECONDS)
                continue
            except Exception as error:  # noqa: BLE001  a full disk must not end the edge: nothing is settled, it waits
                _log.error("not carried on", why=type(error).__name__)
                await anyio.sleep(_LONGEST_SECONDS)
                continue
            pause = 1.0
            if not carried:
                with anyio.move_on_after(_LOOK_SECONDS):
                    await self.news.wait()

    def _note(self, *, reached: bool, why: str = "") -> None:
        """Told once when it changes."""
        if reached is not self.reached:
            self.reached = reached
            _log.info("line to the city", up=reached, why=why)

    async def once(self) -> bool:
        """Carry a batch on; whether there was one.

        Raises:
            CityAway: Nothing is known of the batch; it waits.
            CityRefused: The city does not speak with this edge.
        """
        terminal, waiting = await run_sync(self._spool.due, self._clock.now())
        if not waiting:
            return False
        batch = _within(waiting)
        names = [name for item in batch for name in papers_named(item.body)]
        try:
            for name in names:
                try:
                    content = await run_sync(self._papers.open, name)
                except FileNotFoundError:
                    continue  # carried before; the city says so where it is not
                await self._city.send_paper(terminal, name, content)
            answers = await self._city.events(terminal, [item.body for item in batch])
        except CityRefused as error:
            if error.status in _OF_THE_EDGE:
                raise
            # Of this terminal, or of one of these: the others of the hall must not wait for it.
            _log.error("the city refuses a batch", terminal=terminal, events=len(batch), why=str(error))
            await run_sync(self._spool.put_off, batch, self._clock.now())
            return True
        self._note(reached=True)
        await run_sync(self._spool.settle, batch, answers, self._clock.now())
        for answer in answers:
            if answer.detail:
                _log.warning("the city", terminal=terminal, seq=answer.seq, fate=answer.fate.value, why=answer.detail)
        done = [name for name in dict.fromkeys(names) if not await run_sync(self._spool.names_paper, name)]
        await run_sync(self._papers.forget, done)
        return True

    async def tell(self) -> None:
        """Tell the city how this edge is, until cancelled."""
        while True:
            standing = await run_sync(self._spool.standing)  # reads only
            health = Health(
                terminal=self._folder.name,
                role=ROLE,
                version="0.1.0",
                made=self._clock.now(),
                in_service=True,
                view="Edge",
                rules_version=0,
                outbox_waiting=standing.waiting,
                outbox_dead=standing.dead,
                oldest_waiting=None if standing.oldest is None else datetime.fromtimestamp(standing.oldest, UTC),
            )
            try:
                await self._city.health(msgspec.json.encode(health))
            except (CityAway, CityRefused) as error:
                _log.debug("health not told", why=str(error))
            await anyio.sleep(_TELL_SECONDS)
