"""Keeps the terminal's list of appointments in step with the hub's: page by page, from where it stopped."""

from typing import Protocol

import anyio

from kiosk.link.client import HubAway, HubRefused
from kiosk.link.sync import Backoff
from kiosk.log import logger
from kiosk.wire.appointments import AppointmentChanges

_log = logger("appointments")

EVERY_SECONDS = 10.0
LONGEST_PAUSE = 60.0
MOST_PAGES = 500
"""In one go: half a million appointments. A hub that never says that the list is complete is left alone for a while."""


class ListSource(Protocol):
    """What the sync needs of `kiosk.link.client.HubClient`."""

    async def appointments(self, since: int) -> AppointmentChanges | None:
        """The page of changes after `since`."""
        ...


class ListStore(Protocol):
    """What the sync needs of `kiosk.store.gate_book.GateBook`."""

    async def upto(self) -> int:
        """How far the copy goes."""
        ...

    async def apply(self, changes: AppointmentChanges) -> bool:
        """Take a page; whether it followed what is here."""
        ...


class AppointmentSync:
    """Pulls changes for as long as it runs.

    Args:
        hub: where they come from.
        store: where they go.
        every: seconds between two looks.
    """

    def __init__(self, hub: ListSource, store: ListStore, every: float = EVERY_SECONDS) -> None:
        self._hub, self._store, self._every = hub, store, every

    async def run(self) -> None:
        """Work until cancelled. The hub being away is no fault: the list is older then, and says so."""
        backoff = Backoff(self._every, LONGEST_PAUSE)
        while True:
            try:
                await self.catch_up()
            except (HubAway, HubRefused):
                await anyio.sleep(backoff.next())
            else:
                backoff.reset()
                await anyio.sleep(self._every)

    async def catch_up(self) -> int:
        """Pull pages until the list is complete.

        Returns:
            How many changes came.

        Raises:
            HubAway: the hub does not answer.
            HubRefused: it answers, and refuses this terminal.
        """
        taken = 0
        for _ in range(MOST_PAGES):
            since = await self._store.upto()
            page = await self._hub.appointments(since)
            if page is None:
                return taken  # a hub that knows of no appointments
            if not await self._store.apply(page):
                _log.error("a page of appointments does not follow what is here", since=since, page=page.since)
                return taken
            taken += len(page.changes)
            if page.complete:
                if taken:
                    _log.info("appointments", changes=taken, upto=page.upto)
                return taken
            if page.upto <= since:
                break
        _log.error("the list of appointments has no end", since=await self._store.upto())
        return taken
