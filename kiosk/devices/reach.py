"""A device as a journey reaches it."""

from collections.abc import Callable
from typing import Protocol, TypeVar

import anyio

from drivers.errors import BadFrame, DriverError
from kiosk.devices.supervisor import link_lost

D_co = TypeVar("D_co", covariant=True)
T = TypeVar("T")


class Reach(Protocol[D_co]):
    """One device, whoever looks after it."""

    @property
    def ready(self) -> bool:
        """Whether a call would reach it."""
        ...

    async def until_ready(self) -> None:
        """Wait until a call would reach it."""
        ...

    async def until_away(self) -> None:
        """Wait until no call would reach it."""
        ...

    async def call(self, work: Callable[[D_co], T], within: float) -> T:
        """Do `work` with the driver.

        Raises:
            DriverError: as the driver raised it.
        """
        ...


async def patiently(device: Reach[D_co], work: Callable[[D_co], T], within: float, patience: float = 1.5) -> T:
    """Do something that is safe to do twice, and sit out a disturbance on the wire.

    A spoilt answer is asked for again; a device that has gone is waited for, because a loose plug or a lost byte
    should not cost a person the way in. Never for a command that moves or prints anything.

    Args:
        device: whose driver does it.
        work: called with the driver, possibly several times.
        within: deadline of each call, in seconds.
        patience: seconds in which the device has to come back and answer, counted from the first failure.

    Raises:
        DriverError: the last one, when patience is over; at once when the device itself says no.
    """
    deadline: float | None = None
    while True:
        try:
            return await device.call(work, within)
        except DriverError as error:
            if not (link_lost(error) or isinstance(error, BadFrame)):
                raise
            now = anyio.current_time()
            deadline = now + patience if deadline is None else deadline
            if now >= deadline:
                raise
            with anyio.move_on_after(deadline - now):
                await device.until_ready()
            await anyio.sleep(0.05)
