"""Who takes part in each call right now, and what they have to say to each other. In memory only: it is live.

A party that comes back (a page loaded anew) counts its page up, so that the others connect to it anew. Messages wait in
a box for each party; a box that nobody empties forgets the oldest, and the party is told that something is missing.
"""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from hub.fleet.live import Signal
from kiosk.wire.help import MOST_PARTIES, TERMINAL, Delivered, Message, Party

MOST_WAITING: Final = 200
MOST_A_MINUTE: Final = 600
"""Messages of one party. What is sent through the data channel does not come here."""


class RoomFull(Exception):
    """As many as can take part do."""


class TooMany(Exception):
    """A party sends more than anybody could read."""


@dataclass
class Seat:
    """One party of a call."""

    party: Party
    box: deque[Delivered] = field(default_factory=lambda: deque(maxlen=MOST_WAITING))
    last: int = 0
    """Number of the newest message."""
    page_key: str = ""
    """Of the browser's page; another one is another page."""
    streams: int = 0
    """How many are listening."""
    gone_since: datetime | None = None
    said: deque[datetime] = field(default_factory=lambda: deque(maxlen=MOST_A_MINUTE))

    def put(self, sender: str, message: Message) -> None:
        """Put a message into the box."""
        self.last += 1
        self.box.append(Delivered(seq=self.last, sender=sender, message=message))

    def since(self, seen: int) -> tuple[tuple[Delivered, ...], bool]:
        """What came after a message, and whether something in between is missing."""
        if seen > self.last:  # counted by a hub that was started again since
            return tuple(self.box), True
        found = tuple(each for each in self.box if each.seq > seen)
        return found, len(found) < self.last - seen


class Room:
    """One call's parties, the terminal first."""

    def __init__(self, terminal: Party, now: datetime) -> None:
        self.seats: dict[str, Seat] = {TERMINAL: Seat(terminal)}
        self.changed = Signal()
        self.heard = now
        """When the terminal was last heard of."""
        self.hailed: dict[str, datetime] = {}
        """Staff that are asked to join, by id, and since when."""

    @property
    def staff(self) -> list[Seat]:
        """The seats of the staff."""
        return [seat for key, seat in self.seats.items() if key != TERMINAL]

    @property
    def parties(self) -> tuple[Party, ...]:
        """All parties, in the order in which they came."""
        return tuple(seat.party for seat in self.seats.values())

    def sit(self, party: Party, now: datetime) -> Seat:
        """Give a member of staff a seat; the one they have, if they have one.

        Raises:
            RoomFull: There is none.
        """
        seat = self.seats.get(party.id)
        if seat is None:
            if len(self.seats) >= MOST_PARTIES:
                raise RoomFull
            seat = self.seats[party.id] = Seat(party, gone_since=now)
            self.changed.fire()
        self.hailed.pop(party.id, None)
        return seat

    def stand_up(self, party_id: str) -> bool:
        """Somebody leaves; whether they were there."""
        gone = self.seats.pop(party_id, None) if party_id != TERMINAL else None
        if gone is not None:
            self.changed.fire()
        return gone is not None

    def clear(self) -> None:
        """All of the staff leave."""
        for key in [key for key in self.seats if key != TERMINAL]:
            del self.seats[key]
        self.changed.fire()

    def open_page(self, seat: Seat, page_key: str) -> None:
        """A browser's page listens; one that is new takes the place of the one before."""
        if seat.page_key != page_key:
            seat.page_key = page_key
            seat.box.clear()
            party = seat.party
            seat.party = Party(id=party.id, name=party.name, hall=party.hall, page=party.page + 1)
        seat.streams += 1
        seat.gone_since = None
        self.changed.fire()

    def close_page(self, seat: Seat, now: datetime) -> None:
        """It listens no more."""
        seat.streams -= 1
        if seat.streams <= 0:
            seat.streams = 0
            seat.gone_since = now

    def say(self, sender: str, message: Message, now: datetime) -> int:
        """Pass a message on.

        Returns:
            How many it went to; who has gone gets nothing.

        Raises:
            TooMany: The sender says too much.
        """
        seat = self.seats[sender]
        if len(seat.said) == MOST_A_MINUTE and (now - seat.said[0]).total_seconds() < 60:
            raise TooMany
        seat.said.append(now)
        reached = 0
        for key, other in self.seats.items():
            if key != sender and message.to in {"", key}:
                other.put(sender, message)
                reached += 1
        if reached:
            self.changed.fire()
        return reached


class Rooms:
    """All calls that are open."""

    def __init__(self) -> None:
        self.rooms: dict[str, Room] = {}
        self.changed = Signal()
        """Fires when the queue may look different."""
        self.present: dict[str, int] = {}
        """Staff who have the help page open, `hall/id`, and how many of their pages."""

    def get(self, call_id: str) -> Room | None:
        """The room of an open call."""
        return self.rooms.get(call_id)

    def open(self, call_id: str, terminal: Party, now: datetime) -> Room:
        """The room of a call; a new one if there is none."""
        room = self.rooms.get(call_id)
        if room is None:
            room = self.rooms[call_id] = Room(terminal, now)
        return room

    def close(self, call_id: str) -> None:
        """Nobody is there any more; whoever still listens is told."""
        room = self.rooms.pop(call_id, None)
        if room is not None:
            room.changed.fire()
        self.changed.fire()

    def come(self, who: str) -> None:
        """Somebody has opened the help page."""
        self.present[who] = self.present.get(who, 0) + 1
        self.changed.fire()

    def go(self, who: str) -> None:
        """They have closed one."""
        left = self.present.get(who, 0) - 1
        if left > 0:
            self.present[who] = left
        else:
            self.present.pop(who, None)
        self.changed.fire()
