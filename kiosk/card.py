"""Waiting for an identity card, the same at the gate and at the desk."""

from collections.abc import Callable

import anyio

from drivers.errors import DeviceFault
from drivers.kinds import IdCard, IdReader
from kiosk.devices.reach import Reach
from kiosk.session import first
from kiosk.view.common import CardProblem

POLL_SECONDS = 0.3
"""Least time between two looks for a card (the reader's own limit)."""
NOTICEABLE_SECONDS = 0.25
"""An empty reader answers sooner: when it takes longer, a card lies on it and is being read."""

_PROBLEMS = {
    "card_moved": CardProblem.MOVED,
    "wrong_card": CardProblem.WRONG_CARD,
    "card_rejected": CardProblem.UNREADABLE,
}


def problem_of(fault: DeviceFault) -> CardProblem:
    """What the person in front can do about a reader's fault."""
    return _PROBLEMS.get(fault.fault, CardProblem.UNREADABLE)


async def next_card(reader: Reach[IdReader], *, waiting: Callable[[], None], reading: Callable[[], None]) -> IdCard:
    """Look for a card until one was read.

    Args:
        waiting: shows that a card is waited for.
        reading: shows that one is being read.

    Raises:
        DriverError: as the reader raised it.
    """

    async def look() -> IdCard | None:
        return await reader.call(lambda driver: driver.read(), within=6.0)

    async def say_reading() -> IdCard | None:
        await anyio.sleep(NOTICEABLE_SECONDS)
        reading()
        await anyio.sleep_forever()
        return None

    while True:
        waiting()
        card = await first(look, say_reading)
        if card is not None:
            return card
        await anyio.sleep(POLL_SECONDS)
