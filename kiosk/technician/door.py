"""The PIN of the technician's mode: compared slowly, counted before it is compared, closed for longer each time."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import anyio
import anyio.to_thread
import msgspec

from kiosk.clock import Clock, local_date
from kiosk.log import logger
from kiosk.wire.staff import PIN_DIGITS, StaffMember, pin_is
from provisioning.site_text import write_whole
from provisioning.talk import CannotDo

_log = logger("technician")

FREE_TRIES: Final = 3
FIRST_WAIT_S: Final = 30.0
LONGEST_WAIT_S: Final = 3600.0


class _Tries(msgspec.Struct):
    wrong: int = 0


def wait_after(wrong: int) -> float:
    """Seconds that the pad stays closed after so many wrong PINs in a row: 30, 60, 120 … an hour."""
    if wrong < FREE_TRIES:
        return 0.0
    return min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(20, wrong - FREE_TRIES))


async def compare(member: StaffMember, pin: str) -> bool:
    """Whether it is their PIN; takes a while, off the event loop."""
    return await anyio.to_thread.run_sync(pin_is, member, pin)


class Door:
    """One for the life of the program. Wrong PINs in a row outlive it: switching off and on opens nothing.

    Args:
        file: where they are counted.
        members: those who have a PIN here.
        clock: tells whose time is over.
        check: compares a PIN.
    """

    def __init__(
        self,
        file: Path,
        members: Callable[[], tuple[StaffMember, ...]],
        clock: Clock,
        check: Callable[[StaffMember, str], Awaitable[bool]] = compare,
    ) -> None:
        self._file, self._members, self._clock, self._check = file, members, clock, check
        self._wrong = self._counted()
        # the wall clock may be set back by whoever stands here: the wait begins again with the program
        self._closed_until: float | None = None
        self._wait_from_start = wait_after(self._wrong)

    def _counted(self) -> int:
        try:
            return max(0, msgspec.json.decode(self._file.read_bytes(), type=_Tries).wrong)
        except FileNotFoundError:
            return 0
        except (OSError, msgspec.DecodeError):
            return FREE_TRIES  # somebody has been at it: as after too many

    def _count(self, wrong: int) -> None:
        self._wrong = wrong
        try:
            write_whole(self._file, msgspec.json.encode(_Tries(wrong)), 0o600)
        except CannotDo as error:
            _log.error("tries cannot be counted on the disk, only in memory", why=str(error))

    def members(self) -> tuple[StaffMember, ...]:
        """Those who may sign in today; nobody where the list cannot be read."""
        try:
            listed = self._members()
        except CannotDo as error:
            _log.error("the list of technicians cannot be read", why=str(error))
            return ()
        today = local_date(self._clock.now())
        return tuple(one for one in listed if one.valid_to is None or today <= one.valid_to)

    def closed_for(self) -> float:
        """Seconds until a PIN is taken again; 0 where one is."""
        if self._closed_until is None:
            self._closed_until = anyio.current_time() + self._wait_from_start
        return max(0.0, self._closed_until - anyio.current_time())

    @property
    def left(self) -> int:
        """Tries before the pad is closed."""
        return max(1, FREE_TRIES - self._wrong)

    @property
    def wrong(self) -> int:
        """Wrong PINs in a row."""
        return self._wrong

    async def who(self, pin: str) -> StaffMember | None:
        """Whose PIN it is; None for nobody's, and while the pad is closed.

        Args:
            pin: as typed.
        """
        if self.closed_for():
            return None
        # counted first: pulling the plug while it is compared wins nothing
        self._count(self._wrong + 1)
        self._closed_until = anyio.current_time() + wait_after(self._wrong)
        least, most = PIN_DIGITS
        found: StaffMember | None = None
        if pin.isascii() and pin.isdecimal() and least <= len(pin) <= most:
            for one in self.members():  # all of them, so that the time tells nothing
                if await self._check(one, pin):
                    found = one
        if found is None:
            _log.warning("a technician's PIN was wrong", in_a_row=self._wrong)
            return None
        self._count(0)
        self._closed_until = anyio.current_time()
        return found
