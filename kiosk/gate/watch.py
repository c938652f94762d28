"""The watch list at the lane: looked into by the digest of a document, never by a face, and silently.

Nothing here stops anybody: it only makes staff look. An entry that staff have dealt with is not called out again until
tomorrow: at this lane at once, at the hall's other lanes when the hub's next list has come. It works with the line
down, by the last list that the hub signed.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final, Protocol

import msgspec

from kiosk.clock import Clock, local_date
from kiosk.log import logger
from kiosk.wire.evidence import Evidence, HealthChecked, IdentityRead, Watched
from kiosk.wire.watch import DEALT_WITH, WatchClass, WatchEntry, WatchList

_log = logger("watch")

_PRESSING: Final = {kind: place for place, kind in enumerate(WatchClass)}


class DealtBook(Protocol):
    """Where it is kept what staff did; `kiosk.store.staff_book.StaffBook`."""

    async def let_in_for(self, reason: str) -> list[tuple[datetime, str]]:
        """Whom staff let in lately for a reason: when, and the watch list's entry that had sent them to staff."""
        ...


class Watch:
    """The list in force, as one lane looks into it.

    Args:
        listed: the newest that the hub signed; None before the first.
        book: what staff did here.
        clock: the wall clock.
    """

    def __init__(self, listed: Callable[[], WatchList | None], book: DealtBook, clock: Clock) -> None:
        self._listed, self._book, self._clock = listed, book, clock
        self._indexed: WatchList | None = None
        self._by_person: dict[str, list[WatchEntry]] = {}

    def _index(self) -> int:
        """Put the newest list in order by person; its version, 0 for none."""
        newest = self._listed()
        if newest is None:
            return 0
        if newest is not self._indexed:
            self._by_person = {}
            for entry in newest.entries:
                self._by_person.setdefault(entry.person, []).append(entry)
            self._indexed = newest
        return newest.version

    def entry(self, identifier: str) -> WatchEntry | None:
        """An entry for staff to read; None for one that has ended or was taken back."""
        self._index()
        now = self._clock.now()
        found = self._indexed.entries if identifier and self._indexed is not None else ()
        return next((each for each in found if each.id == identifier and each.begins <= now < each.ends), None)

    async def seen(self, evidence: Evidence) -> Watched | msgspec.UnsetType:
        """Whether somebody of a party is on the list: the most pressing entry that staff have not dealt with today.

        Args:
            evidence: all that was seen of them.
        """
        version = self._index()
        now = self._clock.now()
        today = local_date(now)
        found = [
            (_PRESSING[entry.kind], companion, entry)
            for person, companion in _persons(evidence)
            for entry in self._by_person.get(person, ())
            if entry.begins <= now < entry.ends and entry.dealt != today
        ]
        if not found:
            return msgspec.UNSET
        over = await self._dealt_with(now)
        left = [each for each in found if each[2].id not in over]
        if not left:
            return msgspec.UNSET
        _, companion, entry = min(left, key=lambda each: each[:2])
        _log.info("staff look", list_version=version)  # neither who nor why
        return Watched(entry=entry.id, list_version=version, companion=companion)

    async def _dealt_with(self, now: datetime) -> set[str]:
        """Entries that staff have dealt with here today."""
        today = local_date(now)
        return {entry for at, entry in await self._book.let_in_for(DEALT_WITH) if local_date(at) == today}


def _persons(evidence: Evidence) -> Iterable[tuple[str, bool]]:
    """Digests of the party, and whether each is of a companion: whoever's telephone or document speaks for them."""
    own = evidence.identity.person if isinstance(evidence.identity, IdentityRead) else ""
    if own:
        yield own, False
    if isinstance(evidence.health, HealthChecked) and evidence.health.shown_by not in {"", own}:
        yield evidence.health.shown_by, True
