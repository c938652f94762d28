"""Couriers: a label ordered once, the parcel followed until it has arrived or come back.

The protocol (JSON over POST, signed as in `hub.office.outside`):

    parcels         {reference, to: {name, phone, region, street}, from}  -> {label}
    parcels/track   {label}                                              -> {events: [{at, state, words}]}

`state` is `collected`, `moving`, `out`, `delivered`, `returned` or `lost`; a newer word is shown, and waited through.
The reference is ours (receipt number and the parcel's moment), so ordering twice makes one parcel.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeVar

import httpx
import msgspec
from sqlalchemy import Connection, delete, insert, select, update

from hub.audit.chain import Actor, Who
from hub.office.advance import OfficeRefused, advance
from hub.office.outside import OutsideAway, OutsideRefused, ask
from hub.office.records import find
from hub.office.settings import CourierSettings
from hub.office.states import Step
from hub.store import schema
from hub.texts.outbox import tell_sent
from kiosk.wire.events import Address, DeliveryWanted, Envelope, Submission
from kiosk.wire.sealing import CannotUnseal, unseal

T = TypeVar("T")
Write = Callable[[Callable[[Connection], object]], Awaitable[object]]
ENDS: Final = {"delivered": Step.ARRIVE, "returned": Step.COME_BACK, "lost": Step.COME_BACK}
_STATES: Final = frozenset({"ordered", "collected", "moving", "out", *ENDS})
_FIRST_PAUSE: Final = timedelta(seconds=30)
_LONGEST_PAUSE: Final = timedelta(hours=1)
_MOST_NEWS: Final = 100


class _Label(msgspec.Struct):
    label: str


class TrackedEvent(msgspec.Struct, frozen=True):
    """One event of a parcel's way, as the courier tells it."""

    at: datetime
    state: str
    words: str = ""


class _Track(msgspec.Struct):
    events: list[TrackedEvent]


@dataclass(frozen=True, slots=True)
class ParcelRow:
    """A parcel that is to be ordered, or looked at."""

    number: str
    carrier: str
    label: str
    made: datetime
    tries: int
    hall: str
    address_event: str | None

    @property
    def reference(self) -> str:
        """Its name at the courier."""
        return f"{self.number}-{int(self.made.timestamp())}"


def due_parcels(connection: Connection, now: datetime, most: int = 20) -> list[ParcelRow]:
    """Parcels that are to be ordered or looked at now."""
    parcel, handling = schema.parcel, schema.handling
    return [
        ParcelRow(row.number, row.carrier, row.label, row.made, row.tries, row.at_hall, row.address_event)
        for row in connection.execute(
            select(parcel, handling.c.at_hall, handling.c.address_event)
            .join(handling, handling.c.number == parcel.c.number)
            .where(parcel.c.next_look <= now)
            .order_by(parcel.c.next_look)
            .limit(most)
        )
    ]


def address_of(connection: Connection, event: str | None, identity: str) -> Address | None:
    """The address that a person gave, opened; None where there is none.

    Args:
        connection: For reading.
        event: The event's id.
        identity: The hub's age identity.
    """
    table = schema.event
    body = connection.scalar(select(table.c.body).where(table.c.id == event)) if event else None
    if body is None:
        return None
    found = msgspec.json.decode(body, type=Envelope).event
    if not isinstance(found, Submission | DeliveryWanted) or not found.address_sealed:
        return None
    try:
        return msgspec.json.decode(unseal(found.address_sealed, identity), type=Address)
    except (CannotUnseal, msgspec.DecodeError):
        return None


class Courier:
    """One courier, as the hub asks it.

    Args:
        settings: Where it is, and who we are there.
        secret: Shared with it.
        client: For the connections.
    """

    def __init__(self, settings: CourierSettings, secret: bytes, client: httpx.AsyncClient) -> None:
        self._settings, self._secret, self._client = settings, secret, client

    async def look(self, parcel: ParcelRow, address: Address | None, now: datetime, write: Write) -> None:
        """Order a parcel that has no label yet, else see how far it is.

        Args:
            parcel: One that is due.
            address: Where it goes.
            now: The time.
            write: Does work in a writing transaction.
        """
        try:
            if parcel.label:
                events = (await self._ask("parcels/track", {"label": parcel.label}, _Track, now)).events
                await write(lambda connection: self._follow(connection, parcel, events, now))
                return
            if address is None:
                raise OutsideRefused("no_address")  # noqa: TRY301  told in the same way
            body = {"reference": parcel.reference, "to": address, "from": parcel.hall}
            label = (await self._ask("parcels", body, _Label, now)).label
            if not 0 < len(label) <= 64:
                raise OutsideAway("the courier gave no label")  # noqa: TRY301  told in the same way
            await write(lambda connection: _labelled(connection, parcel, label, now))
        except (OutsideAway, OutsideRefused) as error:
            why = str(error)
            await write(lambda connection: trouble(connection, parcel, why, now))

    async def _ask(self, path: str, body: object, answer: type[T], now: datetime) -> T:
        return await ask(
            self._client,
            f"{self._settings.url}/{path}",
            body,
            answer,
            name=self._settings.client,
            secret=self._secret,
            now=now,
            seconds=self._settings.timeout_seconds,
        )

    def _follow(self, connection: Connection, parcel: ParcelRow, events: list[TrackedEvent], now: datetime) -> None:
        """Keep what the courier tells, all of it as it tells it now, and end when it has arrived or come back."""
        events = sorted((each for each in events if each.at.tzinfo is not None), key=lambda each: each.at)[-_MOST_NEWS:]
        news, table = schema.parcel_news, schema.parcel
        connection.execute(delete(news).where(news.c.number == parcel.number))
        if events:
            connection.execute(
                insert(news),
                [
                    {
                        "number": parcel.number,
                        "place": place,
                        "at": each.at,
                        "state": each.state if each.state in _STATES else "moving",
                        "words": each.words[:500],
                    }
                    for place, each in enumerate(events)
                ],
            )
        state = events[-1].state if events and events[-1].state in _STATES else ("moving" if events else "ordered")
        ended = ENDS.get(state)
        again = None if ended else now + timedelta(minutes=self._settings.look_minutes)
        connection.execute(
            update(table).where(table.c.number == parcel.number).values(state=state, next_look=again, tries=0, error="")
        )
        record = find(connection, parcel.number)
        if ended is None or record is None:
            return
        try:
            advance(connection, record, ended, Who(Actor.COURIER, parcel.hall, parcel.carrier), now)
        except OfficeRefused:
            return  # staff had it in hand in the meantime


def _labelled(connection: Connection, parcel: ParcelRow, label: str, now: datetime) -> None:
    table = schema.parcel
    noted = connection.execute(
        update(table)
        .where(table.c.number == parcel.number, table.c.made == parcel.made)
        .values(label=label, next_look=now, tries=0, error="")
    )
    if noted.rowcount:
        tell_sent(connection, parcel.number, parcel.carrier, label, parcel.made, now)


def trouble(connection: Connection, parcel: ParcelRow, why: str, now: datetime) -> None:
    """Note that the courier could not be asked; it is asked again after a growing pause, and staff see why."""
    table = schema.parcel
    pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** min(parcel.tries, 10))
    connection.execute(
        update(table)
        .where(table.c.number == parcel.number)
        .values(tries=parcel.tries + 1, next_look=now + pause, error=why[:200])
    )
