"""Taking events in: each is answered by itself.

What comes was decoded into the closed structs of `kiosk.wire.events` (`hub.submissions.check`); sealed fields were
opened, checked to be exactly a `Person` or a `Content`, and are stored sealed. So nothing that is not named there, no
picture above all, gets in.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import Connection, Table, insert, select

from hub.fleet.live import TerminalKey
from hub.gate.ingest import add_lane_alarm, add_passage, add_staff_action, end_passage, impossible
from hub.gate.retention import without_health
from hub.help.notes import number_left
from hub.store import schema
from hub.store.faults import is_about_the_item
from hub.store.papers import Papers
from hub.store.writer import Opening
from hub.submissions.check import Checked
from hub.submissions.earlier import check_earlier, person_of
from hub.submissions.plain import Plain, is_beyond_clocks
from hub.submissions.quick import Given, Place, Placed, store_at_once, store_quickly
from hub.submissions.records import follow_desk
from hub.submissions.sealed import Inside, Refused
from hub.texts.contacts import without_number
from kiosk.wire.events import (
    Answer,
    CallbackWanted,
    DeliveryWanted,
    DraftHandedOver,
    Envelope,
    Event,
    Fate,
    LaneAlarm,
    Opinion,
    Paper,
    Passage,
    PassageEnded,
    ReceiptGiven,
    StaffAction,
    Submission,
    Supplement,
)

_MAX_DETAIL = 400


class _Later(Exception):
    """Something this item needs has not arrived; says what."""


class _Known(Exception):
    """This item was stored before."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A batch of one terminal, checked."""

    key: TerminalKey
    items: Sequence[Checked]
    now: datetime
    """When it came."""


def _given(parcel: Parcel, plains: Sequence[Plain]) -> Given:
    return Given(parcel.key.hall, parcel.key.terminal, parcel.now, plains)


def papers_of(items: Sequence[Checked]) -> list[Paper]:
    """The papers that these events name."""
    events = (item.envelope.event for item in items if item.envelope is not None)
    return [paper for event in events if isinstance(event, Submission | Supplement) for paper in event.papers]


class Intake:
    """Stores what terminals report.

    Args:
        papers: Where uploaded papers are.
        hall_key: The key of a hall's person digests.
    """

    def __init__(self, papers: Papers, hall_key: Callable[[str], bytes]) -> None:
        self._papers = papers
        self._hall_key = hall_key

    def store(self, connection: Connection, key: TerminalKey, items: Sequence[Checked], now: datetime) -> list[Answer]:
        """Store a batch, each item by itself.

        Args:
            connection: Inside a writing transaction.
            key: Who sends it, by the certificate.
            items: From `check_batch`.
            now: The time.

        Returns:
            One answer an item, in their order; true once the transaction is committed.
        """
        return self.store_all(connection, [Parcel(key, items, now)])[0]

    def look_up(self, items: Sequence[Checked]) -> None:
        """See which papers are here, before the writer is asked; blocking."""
        drafts = (item.envelope.event for item in items if item.envelope is not None)
        names = [paper.sha256 for paper in papers_of(items)]
        self._papers.look_up([*names, *(each.sha256 for each in drafts if isinstance(each, DraftHandedOver))])

    def store_all(self, connection: Connection, parcels: Sequence[Parcel]) -> list[list[Answer]]:
        """Store the batches of several terminals; the answers to each."""
        done = self._quickly(connection, parcels)
        return [
            [
                Answer(seq=item.seq, fate=Fate.STORED)
                if (number, place) in done
                else self._answer(connection, parcel.key, item, parcel.now)
                for place, item in enumerate(parcel.items)
            ]
            for number, parcel in enumerate(parcels)
        ]

    @staticmethod
    def _quickly(connection: Connection, parcels: Sequence[Parcel]) -> set[Place]:
        """Store what can go the quick way; places of those that did."""
        run: list[Placed] = []
        for number, parcel in enumerate(parcels):
            given = _given(parcel, ())
            run += [
                Placed((number, place), given, item.plain)
                for place, item in enumerate(parcel.items)
                if item.plain is not None
            ]
        return store_quickly(connection, run) if run else set()

    @staticmethod
    def store_at_once(
        dialect: str, raw: object, opening: Opening | None, parcels: Sequence[Parcel]
    ) -> list[list[Answer]] | None:
        """As `store_all`, where all is plain, new and in order; None where it is not: then nothing was stored.

        Args:
            dialect: The database's name.
            raw: The driver's connection, in no transaction.
            opening: What comes first in the transaction.
            parcels: Batches.

        Raises:
            Exception: The driver's own.
        """
        run = []
        for parcel in parcels:
            plains = [item.plain for item in parcel.items if item.plain is not None]
            if len(plains) < len(parcel.items):
                return None
            run.append(_given(parcel, plains))
        if not (any(parcel.items for parcel in parcels) and store_at_once(dialect, raw, opening, run)):
            return None
        return [[Answer(seq=item.seq, fate=Fate.STORED) for item in parcel.items] for parcel in parcels]

    def _answer(self, connection: Connection, key: TerminalKey, item: Checked, now: datetime) -> Answer:
        try:
            envelope = item.whole()
            if envelope is None:
                raise Refused(item.refusal)  # noqa: TRY301  one way out
            with connection.begin_nested():  # an item the database itself refuses must not take others with it
                self._store_one(connection, key, envelope, item.inside, now)
        except _Later as error:
            return Answer(seq=item.seq, fate=Fate.LATER, detail=str(error)[:_MAX_DETAIL])
        except _Known:
            return Answer(seq=item.seq, fate=Fate.KNOWN)
        except Exception as error:
            if not isinstance(error, Refused):
                if not is_about_the_item(error):
                    raise  # the disk, the lock or the server, not the item: the terminal tries again
                error = Refused(f"the database refuses it ({type(error).__name__})")  # its message repeats the values
            detail = str(error)[:_MAX_DETAIL]
            self._note_refusal(connection, key, item, detail, now)
            return Answer(seq=item.seq, fate=Fate.REFUSED, detail=detail)
        return Answer(seq=item.seq, fate=Fate.STORED)

    @staticmethod
    def _note_refusal(connection: Connection, key: TerminalKey, item: Checked, detail: str, now: datetime) -> None:
        """Keep that and why, so that the console can show it and what depends on it need not wait for ever."""
        table = schema.refused
        if item.id is not None:
            # Sent again after a lost answer, or a different event under a stored one's id: told once.
            same = select(table.c.position).where(
                table.c.hall == key.hall, table.c.terminal == key.terminal, table.c.id == str(item.id)
            )
            if connection.execute(same).first() is not None:
                return
        connection.execute(
            insert(table).values(
                hall=key.hall,
                terminal=key.terminal,
                seq=max(-(2**31), min(item.seq, 2**31 - 1)),
                id=None if item.id is None else str(item.id),
                received=now,
                detail=detail,
            )
        )

    def _store_one(
        self, connection: Connection, key: TerminalKey, envelope: Envelope, inside: Inside, now: datetime
    ) -> None:
        event = envelope.event
        self._check_new(connection, key, event)
        if envelope.seq >= 2**31:
            raise Refused("the sequence number is too large")
        body = msgspec.json.encode(envelope)
        if is_beyond_clocks(body):
            raise Refused("a time in it is one that no clock shows: set the terminal's clock")
        self._check_needs(connection, key, event)
        position = connection.execute(
            insert(schema.event)
            .values(
                hall=key.hall,
                terminal=key.terminal,
                id=str(event.id),
                seq=envelope.seq,
                kind=event.__struct_config__.tag,
                made=envelope.made,
                received=now,
                body=body.decode(),
            )
            .returning(schema.event.c.position)
        ).scalar_one()
        self._follow(connection, key, event, position, inside, now)

    def _check_needs(self, connection: Connection, key: TerminalKey, event: Event) -> None:
        """Whether what an event is about is here, and whether it can be true."""
        match event:
            case PassageEnded():
                self._must_be_here(connection, key, schema.passage, event.passage, "passage")
            case ReceiptGiven():
                self._must_be_here(connection, key, schema.submission, event.submission, "submission")
            case Submission():
                self._check_number(connection, key, event)
                self._check_papers(event.papers)
                check_earlier(connection, key.hall, event.person, event.papers)
            case Supplement():
                self._check_papers(event.papers)
                check_earlier(connection, key.hall, person_of(connection, event.number), event.papers)
            case StaffAction():
                if problem := impossible(event):
                    raise Refused(problem)
                if event.passage is not None:
                    self._must_be_here(connection, key, schema.passage, event.passage, "passage")
            case DraftHandedOver():
                self._check_file(event.sha256, event.bytes)
            case Passage() | LaneAlarm() | DeliveryWanted() | Opinion() | CallbackWanted():
                pass

    def _follow(
        self, connection: Connection, key: TerminalKey, event: Event, position: int, inside: Inside, now: datetime
    ) -> None:
        """What follows from an event, in its transaction."""
        match event:
            case Passage():
                add_passage(connection, key, event, position, now)
            case PassageEnded():
                end_passage(connection, key, event, now)
            case StaffAction():
                add_staff_action(connection, key, event, position, now)
            case LaneAlarm():
                add_lane_alarm(connection, key, event, position, now)
            case CallbackWanted():
                number_left(connection, key, event, position, now)
            case _:
                follow_desk(connection, key, event, position, inside, self._hall_key, now)

    @staticmethod
    def _check_new(connection: Connection, key: TerminalKey, event: Event) -> None:
        table = schema.event
        stored = connection.scalar(
            select(table.c.body).where(
                table.c.hall == key.hall, table.c.terminal == key.terminal, table.c.id == str(event.id)
            )
        )
        if stored is None:
            return
        known = msgspec.json.decode(stored, type=Envelope).event
        # Sent again after its health data, or a number, was removed here: the same, as far as it is still known.
        if known in (event, without_health(event), without_number(event)):
            raise _Known
        raise Refused("another event was stored under this id")

    @staticmethod
    def _must_be_here(connection: Connection, key: TerminalKey, table: Table, needed: UUID, what: str) -> None:
        def there(within: Table) -> bool:
            return (
                connection.execute(
                    select(within.c.id).where(
                        within.c.hall == key.hall, within.c.terminal == key.terminal, within.c.id == str(needed)
                    )
                ).first()
                is not None
            )

        if there(table):
            return
        if there(schema.refused):
            raise Refused(f"its {what} was refused")
        raise _Later(f"its {what} has not arrived")

    @staticmethod
    def _check_number(connection: Connection, key: TerminalKey, event: Submission) -> None:
        given = connection.execute(
            select(schema.terminal.c.receipt_range).where(
                schema.terminal.c.hall == key.hall, schema.terminal.c.terminal == key.terminal
            )
        ).scalar_one()
        if not event.number.startswith(f"{given:06d}"):
            raise Refused(f"receipt numbers of this terminal begin with {given:06d}")
        if connection.scalar(select(schema.submission.c.id).where(schema.submission.c.number == event.number)):
            raise Refused("another submission has this receipt number")

    def _check_papers(self, papers: Sequence[Paper]) -> None:
        for paper in papers:
            self._check_file(paper.sha256, paper.bytes)

    def _check_file(self, sha256: str, told: int) -> None:
        size = self._papers.known_size(sha256)
        if size is None:
            raise _Later(f"paper {sha256[:12]}… has not arrived")
        if size != told:
            raise Refused(f"paper {sha256[:12]}… has {size} bytes, not {told}")
