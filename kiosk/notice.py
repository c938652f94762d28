"""What the hub has this terminal tell everybody in front of it, until a time."""

from datetime import datetime

import anyio

from kiosk.clock import Clock
from kiosk.session import Stage
from kiosk.store.order_book import OrderBook, Told

_LOOK_SECONDS = 5.0
"""How often the clock is looked at: it may be set meanwhile."""


class Notice:
    """The message that is shown, if there is one.

    Args:
        stage: shows it.
        book: keeps it over a restart.
        clock: the wall clock.
    """

    def __init__(self, stage: Stage, book: OrderBook, clock: Clock) -> None:
        self._stage, self._book, self._clock = stage, book, clock
        self._told: Told | None = None
        self._changed = anyio.Event()

    async def show(self, text: str, until: datetime) -> None:
        """Show a message instead of the one before.

        Args:
            text: in the words of whoever sent it.
            until: when it is over.
        """
        self._told = Told(text=text, until=until)
        await self._book.note_message(self._told)
        self._changed.set()

    async def run(self) -> None:
        """Show what was kept, and take each away when its time is over. Runs until cancelled."""
        self._told = self._told or await self._book.message()
        while True:
            over = self._told is None or self._clock.now() >= self._told.until
            self._stage.notice("" if over or self._told is None else self._told.text)
            self._changed = anyio.Event()
            with anyio.move_on_after(_LOOK_SECONDS):
                await self._changed.wait()
