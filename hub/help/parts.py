"""What the help desk is made of: what it needs of the hub, who helps, and how a call looks to those who take part."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar
from uuid import UUID

import anyio
from sqlalchemy import Connection

from hub.audit.chain import Actor, Who
from hub.fleet.live import TerminalKey
from hub.help import calls
from hub.help.calls import Call
from hub.help.rooms import Rooms
from hub.help.settings import Settings
from hub.help.states import WAITS
from kiosk.wire.help import CallNow, Party

T = TypeVar("T")


class HubParts(Protocol):
    """What the desk needs of `hub.app.Hub`."""

    def now(self) -> datetime:
        """The time."""
        ...

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Read from the database."""
        ...


class Writes(Protocol):
    """The hub's one writer."""

    async def do(self, work: Callable[[Connection], T]) -> T:
        """Do work in a transaction."""
        ...


@dataclass(frozen=True, slots=True)
class Helper:
    """A member of staff who answers calls."""

    hall: str
    id: str
    name: str
    who: Who

    @property
    def party(self) -> str:
        """As a party of a call."""
        return f"{self.hall or '*'}/{self.id}"


async def as_seen(hub: HubParts, rooms: Rooms, settings: Settings, call: Call, party: str) -> CallNow:
    """A call as a party sees it.

    Args:
        hub: For reading and the time.
        rooms: All that are open.
        settings: Whose staff helps whom, and when.
        call: Which.
        party: Who looks.
    """
    now = hub.now()
    room = rooms.get(call.id)
    ahead, wait = 0, None
    if call.standing in WAITS:
        helpers = settings.helpers_of(call.hall)

        def read(connection: Connection) -> tuple[list[Call], list[Call], int]:
            # Those who serve this call serve other halls' as well.
            return calls.queue(connection), calls.talking(connection), calls.usual_seconds(connection)

        waiting, talking, usual = await hub.read(read)
        same = [each for each in waiting if helpers & settings.helpers_of(each.hall)]
        ahead = next((place for place, each in enumerate(same) if each.id == call.id), 0)
        there = [who for who in rooms.present if who.partition("/")[0] in {*helpers, "*"}]
        busy = sum(bool(helpers & settings.helpers_of(each.hall)) for each in talking)
        if there:
            free = max(0, len(there) - busy)
            # Each round of all who are there serves so many; a free one comes at once.
            wait = 10 if ahead < free else usual * ((ahead - free) // len(there) + 1)
    staffed = settings.staffed(now) or bool(rooms.present)
    return CallNow(
        id=UUID(call.id),
        standing=call.standing,
        version=call.version,
        ahead=ahead,
        wait_seconds=wait,
        staffed=staffed,
        opens=None if staffed else settings.opens(now),
        parties=() if room is None else room.parties,
        relays=settings.relays(f"{call.hall}-{call.terminal}"[:60], now) if party else (),
        outcome=call.outcome,
    )


def tag_of(told: CallNow) -> str:
    """What a terminal has to know of a call, in short; credentials that are made anew are no news."""
    facts = (told.version, told.ahead, told.wait_seconds, told.staffed, [(each.id, each.page) for each in told.parties])
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:32]


def party_of(helper: Helper) -> Party:
    """A member of staff as a party of a call."""
    return Party(id=helper.party, name=helper.name[:64], hall=helper.hall)


def citizen(key: TerminalKey) -> Who:
    """Who is in front of a terminal, for the audit."""
    return Who(Actor.CITIZEN, key.hall, key.terminal)


async def either(one: anyio.Event, other: anyio.Event) -> None:
    """Wait for one of two."""
    async with anyio.create_task_group() as group:

        async def wait(event: anyio.Event) -> None:
            await event.wait()
            group.cancel_scope.cancel()

        group.start_soon(wait, one)
        group.start_soon(wait, other)
