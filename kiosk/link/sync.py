"""The uplink: empties the outbox, sends health and the screen, fetches what the hub signed.

Nothing here loses an event: it leaves the outbox only by the hub's own answer to it. One bad event never blocks the
next, and a hub that is away is asked again after a growing, randomised pause.
"""

import hashlib
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Protocol

import anyio
import msgspec
import structlog
from anyio.to_thread import run_sync

from kiosk.link.client import HubAway, HubRefused, PaperProgress
from kiosk.store.outbox import Outbox, Waiting
from kiosk.wire.appointments import HallNow
from kiosk.wire.events import CHUNK_BYTES, MAX_BATCH, MAX_EVENT_BYTES, Answer, Fate
from kiosk.wire.fleet import Health, Signed
from kiosk.wire.routes import MAX_SCREEN_BYTES
from kiosk.wire.signed import BadSignature, verify

_log = structlog.get_logger()

KINDS = ("rules", "catalogue")
_MAX_BATCH_BYTES = 2 * 1024 * 1024


class Hub(Protocol):
    """What the uplink needs of `kiosk.link.client.HubClient`."""

    async def post_events(self, bodies: Sequence[bytes]) -> list[Answer]:
        """Send events."""
        ...

    async def paper_progress(self, sha256: str) -> PaperProgress:
        """How much of a paper the hub holds."""
        ...

    async def put_paper(self, sha256: str, offset: int, total: int, chunk: bytes) -> PaperProgress:
        """Send a chunk."""
        ...

    async def post_health(self, health: Health) -> HallNow | None:
        """Report health; how many are inside the hall."""
        ...

    async def put_screen(self, png: bytes) -> None:
        """Show the screen."""
        ...

    async def signed(self, kind: str, known: str = "") -> tuple[Signed, str] | None:
        """Fetch what is signed."""
        ...


class LinkState(StrEnum):
    """How the link is."""

    UNKNOWN = "unknown"
    """Nothing was tried yet."""
    UP = "up"
    AWAY = "away"
    """The hub does not answer; everything waits here."""
    REFUSED = "refused"
    """The hub answers and refuses this terminal: certificate or version. A technician is needed."""


@dataclass(frozen=True, kw_only=True)
class Pace:
    """Seconds between things."""

    health: float = 5.0
    screen: float = 2.0
    settle: float = 0.2
    """Between a change and the report of it."""
    signed: float = 15.0
    look: float = 5.0
    """How often the outbox is looked into without being woken: postponed events become due."""
    first_pause: float = 0.25
    longest_pause: float = 15.0


class _PaperLost(Exception):
    """A paper cannot be sent, ever; says why."""


@dataclass
class Backoff:
    """Growing, randomised pauses: half certain, half chance, so that terminals do not come back all at once."""

    first: float
    longest: float
    chance: random.Random = field(default_factory=random.SystemRandom)
    _failures: int = 0

    def next(self) -> float:
        """Seconds to pause after one more failure."""
        whole = min(self.longest, self.first * 2.0 ** min(self._failures, 30))
        self._failures += 1
        return whole * (0.5 + 0.5 * self.chance.random())

    def reset(self) -> None:
        """It worked."""
        self._failures = 0


class Uplink:
    """Keeps terminal and hub in step for as long as it runs.

    Args:
        hub: The hub.
        outbox: The durable queue.
        rules_key: The hub's signing key, 32 raw bytes.
        health: Makes the terminal's health.
        screen: Makes a PNG of the current screen, masked; None when there is none or it has not changed.
        apply: Takes a signed edition whose signature is good; called again with the newest after each start.
        pace: Seconds between things.
        kinds: What is fetched of the signed editions.
    """

    def __init__(
        self,
        hub: Hub,
        outbox: Outbox,
        *,
        rules_key: bytes,
        health: Callable[[], Awaitable[Health]],
        screen: Callable[[], Awaitable[bytes | None]],
        apply: Callable[[Signed], Awaitable[None]],
        pace: Pace | None = None,
        kinds: Sequence[str] = KINDS,
    ) -> None:
        self._hub = hub
        self._kinds = tuple(kinds)
        self._outbox = outbox
        self._rules_key = rules_key
        self._health = health
        self._screen = screen
        self._apply = apply
        self._pace = pace or Pace()
        self._wake = anyio.Event()
        self._back = anyio.Event()
        self._health_changed = anyio.Event()
        self._reload = anyio.Event()
        self.state = LinkState.UNKNOWN
        """How the link is, for health and the technician's screen."""
        self.hall: HallNow | None = None
        """The hub's newest head count of the hall."""
        self.hall_heard = 0.0
        """When it came, on the event loop's clock."""
        self.hall_told = 0
        """Heads in less heads out that this lane had told with its health."""

    def wake(self) -> None:
        """New work is stored: look at once. Call on the event loop."""
        self._wake.set()

    def fetch_signed_again(self) -> None:
        """Fetch all signed editions anew, at once. Call on the event loop."""
        self._reload.set()

    def tell_health(self) -> None:
        """Something has changed that staff should see: report now. Call on the event loop."""
        self._health_changed.set()

    async def run(self) -> None:
        """Work until cancelled."""
        async with anyio.create_task_group() as group:
            group.start_soon(self._send_events)
            group.start_soon(self._report_health)
            group.start_soon(self._each, self._pace.screen, self._send_screen)
            group.start_soon(self._fetch_signed)

    def _note(self, state: LinkState, why: str = "") -> None:
        """Remember how the link is; log a change once."""
        if state is LinkState.UP:
            self._back.set()
        if state is not self.state:
            log = _log.info if state is LinkState.UP else _log.warning
            log("link", state=state.value, why=why)
            self.state = state

    async def _try(self, work: Callable[[], Awaitable[None]]) -> bool:
        """Do work with the hub; whether it worked."""
        try:
            await work()
        except HubAway as error:
            self._note(LinkState.AWAY, str(error))
            return False
        except HubRefused as error:
            self._note(LinkState.REFUSED, str(error))
            return False
        self._note(LinkState.UP)
        return True

    async def _each(
        self, seconds: float, work: Callable[[], Awaitable[None]], sooner: Callable[[], anyio.Event] = anyio.Event
    ) -> None:
        """Do work with the hub every so many seconds, or as soon as an event is set."""
        backoff = Backoff(seconds, max(self._pace.longest_pause, seconds))
        while True:
            if await self._try(work):
                backoff.reset()
                with anyio.move_on_after(seconds):
                    await sooner().wait()
            else:
                await anyio.sleep(backoff.next())

    async def _report_health(self) -> None:
        """Every few seconds, and at once when something has changed."""
        backoff = Backoff(self._pace.health, max(self._pace.longest_pause, self._pace.health))
        while True:
            self._health_changed = anyio.Event()
            if await self._try(self._send_health):
                backoff.reset()
                with anyio.move_on_after(self._pace.health):
                    await self._health_changed.wait()
                    await anyio.sleep(self._pace.settle)  # several changes are one report
            else:
                await anyio.sleep(backoff.next())

    async def _send_health(self) -> None:
        health = await self._health()
        hall = await self._hub.post_health(health)
        if hall is not None:
            self.hall, self.hall_heard, self.hall_told = hall, anyio.current_time(), health.entered - health.left

    async def _send_screen(self) -> None:
        png = await self._screen()
        if png is not None and len(png) <= MAX_SCREEN_BYTES:
            await self._hub.put_screen(png)

    async def _fetch_signed(self) -> None:
        known = dict.fromkeys(self._kinds, "")

        async def fetch() -> None:
            if self._reload.is_set():
                self._reload = anyio.Event()
                known.update(dict.fromkeys(self._kinds, ""))
            for kind in self._kinds:
                found = await self._hub.signed(kind, known[kind])
                if found is None:
                    continue
                signed, tag = found
                try:
                    verify(signed, self._rules_key)
                    if signed.kind != kind:
                        raise BadSignature(f"{kind} was asked for, {signed.kind} came")  # noqa: TRY301  one way out
                except BadSignature as error:
                    _log.error("signed data dropped", kind=kind, why=str(error))
                    continue
                await self._apply(signed)
                known[kind] = tag

        await self._each(self._pace.signed, fetch, lambda: self._reload)

    async def _send_events(self) -> None:
        backoff = Backoff(self._pace.first_pause, self._pace.longest_pause)
        while True:
            self._wake = anyio.Event()  # before looking, so that what is stored meanwhile wakes us
            items = await self._outbox.due(MAX_BATCH)
            if not items:
                with anyio.move_on_after(self._pace.look):
                    await self._wake.wait()
                continue
            if await self._try(partial(self._deliver, items)):
                backoff.reset()
                continue
            self._back = anyio.Event()
            with anyio.move_on_after(backoff.next()):
                await self._back.wait()  # health got through: the hub is back sooner than thought

    async def _deliver(self, items: Sequence[Waiting]) -> None:
        """Send events in order, each after its papers."""
        batch: list[Waiting] = []
        size = 0
        for item in items:
            dead = self._unsendable(item)
            if dead:
                await self._bury(item, dead)
                continue
            if item.papers or size + len(item.body) > _MAX_BATCH_BYTES:
                # What comes before goes first: a passage does not wait for somebody's papers.
                await self._post(batch)
                batch, size = [], 0
            try:
                for sha256 in item.papers:
                    await self._send_paper(sha256)
            except _PaperLost as error:
                await self._bury(item, str(error))
                continue
            batch.append(item)
            size += len(item.body)
        await self._post(batch)

    @staticmethod
    def _unsendable(item: Waiting) -> str:
        """Why an event would spoil the batch it is in; empty if it would not."""
        if len(item.body) > MAX_EVENT_BYTES:
            return f"an event has at most {MAX_EVENT_BYTES} bytes, this one {len(item.body)}"
        try:
            msgspec.json.decode(item.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return "the stored event is damaged: no JSON"
        return ""

    async def _bury(self, item: Waiting, why: str) -> None:
        _log.error("event cannot be sent", seq=item.seq, why=why)
        await self._outbox.settle([Answer(seq=item.seq, fate=Fate.REFUSED, detail=why[:400])])

    async def _post(self, batch: Sequence[Waiting]) -> None:
        if not batch:
            return
        try:
            answers = await self._hub.post_events([item.body for item in batch])
        except HubRefused as error:
            if error.status not in {400, 413, 422}:
                raise  # it is about the terminal, not about these events
            if len(batch) == 1:
                await self._bury(batch[0], error.detail)
                return
            for item in batch:  # find the one it is about
                await self._post([item])
            return
        # By place, not by number: an event the hub could not read has none there.
        settled = [
            Answer(seq=item.seq, fate=answer.fate, detail=answer.detail)
            for item, answer in zip(batch, answers, strict=True)
        ]
        for answer in settled:
            if answer.fate is Fate.REFUSED:
                _log.error("event refused by the hub", seq=answer.seq, why=answer.detail)
        await self._outbox.settle(settled)

    async def _send_paper(self, sha256: str) -> None:
        """Send a paper from where the hub has it to its end.

        Raises:
            _PaperLost: It is not here, or not what its name says.
        """
        path = self._outbox.paper_path(sha256)
        began_again = False
        progress = await self._hub.paper_progress(sha256)
        while not progress.complete:
            try:
                chunk, total = await run_sync(_chunk, path, progress.received)
            except OSError as error:
                raise _PaperLost(f"paper {sha256[:12]}… cannot be read here ({error.strerror})") from error
            at = progress.received
            if not chunk and total:  # it has all and does not say it is whole: it was killed just then, and looks now
                at = total - 1
                chunk, total = await run_sync(_chunk, path, at)
            try:
                if not chunk:
                    raise HubRefused(422, "wrong-digest", "the paper is empty")  # noqa: TRY301  one way out
                progress = await self._hub.put_paper(sha256, at, total, chunk)
                if progress.received >= total and not progress.complete:
                    raise HubRefused(422, "wrong-digest", "the paper ends too early")  # noqa: TRY301  one way out
            except HubRefused as error:
                if error.status not in {413, 422}:
                    raise
                if error.status == 413 or began_again or not await run_sync(_is_whole, path, sha256):
                    raise _PaperLost(f"paper {sha256[:12]}…: {error.detail}") from error
                began_again = True  # the hub's part was damaged and is deleted
                progress = await self._hub.paper_progress(sha256)
        await self._outbox.paper_done(sha256)


def _chunk(path: Path, offset: int) -> tuple[bytes, int]:
    with path.open("rb") as stream:
        total = stream.seek(0, 2)
        stream.seek(offset)
        return stream.read(CHUNK_BYTES), total


def _is_whole(path: Path, sha256: str) -> bool:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest() == sha256
    except OSError:
        return False
