"""The help desk: calls in the database and their rooms in memory, kept in step."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

import anyio
import structlog

from hub.audit.chain import Actor, Who
from hub.fleet.live import TerminalKey
from hub.help import calls
from hub.help.calls import Call, HelpRefused
from hub.help.parts import Helper, HubParts, Writes, as_seen, citizen, either, party_of, tag_of
from hub.help.rooms import Room, RoomFull, Rooms
from hub.help.settings import Settings
from hub.help.states import OPEN, TALKS, WAITS, Happening
from kiosk.wire.help import TERMINAL, CallAsked, CallNow, Message, MessageKind, News, Outcome, Party, Standing

_log = structlog.get_logger()

TERMINAL_SILENT: Final = timedelta(seconds=120)
"""A line that is gone for a minute ends no call."""
STAFF_GONE: Final = timedelta(seconds=20)
"""A page that is loaded anew, or a short hole in the line, ends no help."""
HAILED_FOR: Final = timedelta(minutes=5)
LOOK_SECONDS: Final = 2.0


class HelpDesk:
    """All remote help of this hub.

    Args:
        hub: For reading and the time.
        writer: For writing.
        settings: From `help.toml`.
    """

    def __init__(self, hub: HubParts, writer: Writes, settings: Settings) -> None:
        self._hub, self._writer = hub, writer
        self.settings = settings
        self.rooms = Rooms()
        self._stopping = False

    # The terminal's side ----------------------------------------------------------------------------------------

    async def ask(self, key: TerminalKey, asked: CallAsked) -> CallNow:
        """A terminal calls.

        Raises:
            HelpRefused: see `calls.begin`.
        """
        now = self._hub.now()
        call = await self._writer.do(lambda connection: calls.begin(connection, key, asked, now))
        if call.standing in OPEN:
            self._room(call)
        self.rooms.changed.fire()
        return await self.now_for(call, TERMINAL)

    async def news(self, key: TerminalKey, call_id: str, seen: int, tag: str, within: float) -> News:
        """What a terminal does not know yet; waits for it.

        Args:
            key: Which terminal.
            call_id: Its call.
            seen: Number of the newest message it has.
            tag: Of what it was told last; empty: answer at once.
            within: Seconds to wait at most.

        Raises:
            HelpRefused: `no_such_call`.
        """
        call = await self._own(key, call_id)
        if call.standing not in OPEN:
            return News(call=await self.now_for(call, TERMINAL))
        room = self._room(call)
        until = anyio.current_time() + within
        while True:
            pulses = (room.changed.pulse, self.rooms.changed.pulse)
            room.heard = self._hub.now()
            call = await self._own(key, call_id)
            told = await self.now_for(call, TERMINAL)
            messages, missed = room.seats[TERMINAL].since(seen)
            current = tag_of(told)
            left = until - anyio.current_time()
            if messages or missed or current != tag or call.standing not in OPEN or left <= 0 or self._stopping:
                last = room.seats[TERMINAL].last
                return News(call=told, messages=messages, last=last, tag=current, missed=missed)
            with anyio.move_on_after(left):
                await either(*pulses)

    async def say_for_terminal(self, key: TerminalKey, call_id: str, message: Message) -> None:
        """A terminal says something to the staff.

        Raises:
            HelpRefused: `no_such_call`, `over`.
            TooMany: Too often.
        """
        call = await self._own(key, call_id)
        room = self.rooms.get(call_id)
        if room is None or call.standing not in TALKS:
            raise HelpRefused("over", "nobody takes part in this call")
        now = self._hub.now()
        room.heard = now
        room.say(TERMINAL, message, now)
        if message.kind is MessageKind.STATE and call.standing is Standing.RINGING:
            await self._change(call_id, Happening.CONNECT, citizen(key), quietly=True)

    async def hang_up(self, key: TerminalKey, call_id: str, outcome: Outcome) -> CallNow:
        """The citizen ends it, or cancels.

        Raises:
            HelpRefused: `no_such_call`.
        """
        call = await self._own(key, call_id)
        if call.standing not in OPEN:
            return await self.now_for(call, TERMINAL)
        happening = Happening.CANCEL if call.standing in WAITS else Happening.HANG_UP
        told = Outcome.CANCELLED if happening is Happening.CANCEL else outcome
        call = await self._end(call_id, happening, citizen(key), told)
        return await self.now_for(call, TERMINAL)

    async def _own(self, key: TerminalKey, call_id: str) -> Call:
        call = await self._hub.read(lambda connection: calls.find(connection, call_id))
        if call is None or call.key != key:
            raise HelpRefused("no_such_call", "this call is not known here")
        return call

    # The staff's side -------------------------------------------------------------------------------------------

    def halls_of(self, halls: frozenset[str] | None) -> frozenset[str] | None:
        """Whose calls somebody may see, who may see the records of these halls; None is all."""
        if halls is None:
            return None
        return frozenset().union(*(self.settings.halls_helped(hall) for hall in halls)) if halls else frozenset()

    async def answer(self, call_id: str, helper: Helper) -> Call:
        """Somebody answers; of two the first wins.

        Raises:
            HelpRefused: `taken`, with who was first; `over`; `no_such_call`.
        """
        room = self.rooms.get(call_id)
        if room is not None and helper.party in room.seats:
            return await self.find(call_id)
        call = await self._change(call_id, Happening.ANSWER, helper.who, staff=1)
        room = self._room(call)
        room.clear()
        room.sit(party_of(helper), self._hub.now())
        self.rooms.changed.fire()
        return call

    async def join(self, call_id: str, helper: Helper) -> Call:
        """Another one comes to those who are there, having been asked to.

        Raises:
            HelpRefused: `not_possible`: nobody asked them; `full`; `over`.
        """
        room = self.rooms.get(call_id)
        if room is not None and helper.party in room.seats:
            return await self.find(call_id)
        if room is None or helper.party not in room.hailed:
            raise HelpRefused("not_possible", "nobody asked you to join this call")
        try:
            room.sit(party_of(helper), self._hub.now())
        except RoomFull as error:
            raise HelpRefused("full", "as many as can take part do") from error
        call = await self._change(call_id, Happening.JOIN, helper.who, staff=len(room.staff))
        self.rooms.changed.fire()
        return call

    async def hail(self, call_id: str, helper: Helper, other: str) -> None:
        """Ask somebody else to join.

        Args:
            call_id: Which call.
            helper: Who asks; takes part.
            other: `hall/id` of whom, who has the help page open.

        Raises:
            HelpRefused: `not_possible`: they are not there; `over`.
        """
        room = self._taking_part(call_id, helper)
        if other not in self.rooms.present or other in room.seats:
            raise HelpRefused("not_possible", "they are not at the help desk now")
        room.hailed[other] = self._hub.now()
        room.changed.fire()
        self.rooms.changed.fire()

    async def transfer(self, call_id: str, helper: Helper) -> Call:
        """Pass a call on: it waits again, before all others, and whoever is free takes it.

        Raises:
            HelpRefused: `over`; `not_possible`.
        """
        room = self._taking_part(call_id, helper)
        call = await self._change(call_id, Happening.TRANSFER, helper.who)
        room.clear()
        self.rooms.changed.fire()
        return call

    async def leave(self, call_id: str, helper: Helper) -> Call:
        """One of several leaves; the last one cannot.

        Raises:
            HelpRefused: `not_possible`: nobody else is there: pass it on, or end it.
        """
        room = self._taking_part(call_id, helper)
        if len(room.staff) < 2:
            raise HelpRefused("not_possible", "nobody else is there: pass the call on, or end it")
        room.stand_up(helper.party)
        call = await self._change(call_id, Happening.LEAVE, helper.who)
        self.rooms.changed.fire()
        return call

    async def end(self, call_id: str, helper: Helper, outcome: Outcome) -> Call:
        """Staff end a call, and say what came of it.

        Raises:
            HelpRefused: `over`, `not_possible`.
        """
        self._taking_part(call_id, helper)
        return await self._end(call_id, Happening.END, helper.who, outcome)

    async def called_back(self, call_id: str, helper: Helper, *, reached: bool) -> Call:
        """A number that was left was called.

        Raises:
            HelpRefused: `over`: somebody else did; `no_such_call`.
        """
        outcome = Outcome.REACHED if reached else Outcome.NOT_REACHED
        call = await self._change(call_id, Happening.CALL_BACK, helper.who, outcome=outcome)
        self.rooms.changed.fire()
        return call

    async def say(self, call_id: str, helper: Helper, message: Message) -> None:
        """Staff say something to the others.

        Raises:
            HelpRefused: `over`, `not_possible`.
            TooMany: Too often.
        """
        self._taking_part(call_id, helper).say(helper.party, message, self._hub.now())

    async def find(self, call_id: str) -> Call:
        """A call.

        Raises:
            HelpRefused: `no_such_call`.
        """
        call = await self._hub.read(lambda connection: calls.find(connection, call_id))
        if call is None:
            raise HelpRefused("no_such_call", "this call is not known here")
        return call

    def takes_part(self, call_id: str, helper: Helper) -> bool:
        """Whether somebody is one of a call's parties."""
        room = self.rooms.get(call_id)
        return room is not None and helper.party in room.seats

    def _taking_part(self, call_id: str, helper: Helper) -> Room:
        room = self.rooms.get(call_id)
        if room is None:
            raise HelpRefused("over", "this call is over")
        if helper.party not in room.seats:
            raise HelpRefused("not_possible", "you do not take part in this call")
        return room

    @asynccontextmanager
    async def listening(self, call_id: str, helper: Helper, page_key: str) -> AsyncIterator[Room]:
        """A page of somebody who takes part listens, as long as the context lasts.

        Raises:
            HelpRefused: `over`, `not_possible`.
        """
        room = self._taking_part(call_id, helper)
        seat = room.seats[helper.party]
        room.open_page(seat, page_key)
        try:
            yield room
        finally:
            room.close_page(seat, self._hub.now())

    async def now_for(self, call: Call, party: str) -> CallNow:
        """A call as a party sees it."""
        return await as_seen(self._hub, self.rooms, self.settings, call, party)

    # Both -------------------------------------------------------------------------------------------------------

    def _room(self, call: Call) -> Room:
        return self.rooms.open(call.id, Party(id=TERMINAL, name=call.terminal, hall=call.hall), self._hub.now())

    async def _change(
        self,
        call_id: str,
        happening: Happening,
        who: Who,
        *,
        outcome: Outcome = Outcome.NONE,
        staff: int = 0,
        quietly: bool = False,
    ) -> Call:
        now = self._hub.now()
        try:
            call = await self._writer.do(
                lambda connection: calls.change(connection, call_id, happening, who, now, outcome=outcome, staff=staff)
            )
        except HelpRefused:
            if not quietly:
                raise
            return await self.find(call_id)
        room = self.rooms.get(call_id)
        if room is not None:
            room.changed.fire()
        return call

    async def _end(self, call_id: str, happening: Happening, who: Who, outcome: Outcome) -> Call:
        call = await self._change(call_id, happening, who, outcome=outcome)
        self.rooms.close(call_id)
        _log.info("help ended", status=happening.value, reason=call.outcome.value)
        return call

    # Beside -----------------------------------------------------------------------------------------------------

    async def tidy(self) -> None:
        """Close what was left alone: a terminal that is silent, staff whose browser is gone."""
        now = self._hub.now()
        for call_id, room in list(self.rooms.rooms.items()):
            if now - room.heard > TERMINAL_SILENT:
                await self._lose(call_id)
                continue
            for seat in room.staff:
                if seat.gone_since is not None and now - seat.gone_since > STAFF_GONE:
                    await self._staff_gone(call_id, room, seat.party)
            room.hailed = {key: since for key, since in room.hailed.items() if now - since < HAILED_FOR}
        # Open in the database, and without a room: the hub was started again, and the terminal does not ask.
        for call in await self._hub.read(calls.open_calls):
            if call.id not in self.rooms.rooms and now - call.since > TERMINAL_SILENT:
                await self._lose(call.id)

    async def _lose(self, call_id: str) -> None:
        try:
            await self._end(call_id, Happening.LOSE, Who(Actor.TIMER), Outcome.LOST)
        except HelpRefused:
            self.rooms.close(call_id)

    async def _staff_gone(self, call_id: str, room: Room, party: Party) -> None:
        room.stand_up(party.id)
        happening = Happening.LEAVE if room.staff else Happening.ABANDON
        await self._change(call_id, happening, Who(Actor.TIMER, party.hall, party.id), quietly=True)
        self.rooms.changed.fire()
        _log.info("help staff gone", status=happening.value)

    async def run(self, stopping: anyio.Event) -> None:
        """Tidy up until the hub stops."""
        while not stopping.is_set():
            try:
                await self.tidy()
            except Exception as error:  # noqa: BLE001  a full disk must not end the hub
                _log.error("help is not tidied", why=type(error).__name__)
            with anyio.move_on_after(LOOK_SECONDS):
                await stopping.wait()
        self._stopping = True
        self.rooms.changed.fire()  # whoever waits for news gets what there is
        for room in self.rooms.rooms.values():
            room.changed.fire()
