"""What a desk's events leave in the database, and what follows from them in the office; in the event's transaction."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, insert, update

from hub.audit.chain import Actor, Who
from hub.fleet.live import TerminalKey
from hub.office.advance import OfficeRefused
from hub.office.drafts import keep_draft
from hub.office.received import change_delivery, note_opinion, receive, supply
from hub.store import schema
from hub.submissions.sealed import Inside, Refused
from hub.texts.contacts import About, give
from kiosk.wire.digest import person_digest
from kiosk.wire.events import DeliveryWanted, DraftHandedOver, Opinion, Paper, ReceiptGiven, Submission, Supplement

DeskEvent = Submission | ReceiptGiven | Supplement | DeliveryWanted | Opinion | DraftHandedOver


def follow_desk(
    connection: Connection,
    key: TerminalKey,
    event: DeskEvent,
    position: int,
    inside: Inside,
    hall_key: Callable[[str], bytes],
    now: datetime,
) -> None:
    """What follows from a desk's event.

    Args:
        connection: Inside the event's transaction.
        key: Where it happened.
        event: It is stored, and its papers are there.
        position: Its place.
        inside: What was sealed in it.
        hall_key: The key of a hall's person digests.
        now: The time.

    Raises:
        Refused: The office cannot take it; says why.
    """

    def digests(hall: str) -> str:
        return person_digest(inside.number, hall_key(hall))

    try:
        match event:
            case Submission():
                _add_submission(connection, key, event, position)
                receive(connection, key, event, now)
                if inside.texts is not None:
                    who = Who(Actor.CITIZEN, key.hall, key.terminal)
                    give(connection, key.hall, About.SUBMISSION, event.number, inside.texts, who, now)
            case ReceiptGiven():
                _note_receipt(connection, key, event)
            case Supplement():
                _add_papers(connection, key, event.id, event.papers)
                supply(connection, key, event, inside.answers, position, digests, now)
            case DeliveryWanted():
                change_delivery(connection, key, event, digests, now)
            case DraftHandedOver():
                keep_draft(connection, key, event, position)
            case Opinion():
                note_opinion(connection, key, event, position, now)
    except OfficeRefused as error:
        raise Refused(str(error)) from error


def _add_submission(connection: Connection, key: TerminalKey, event: Submission, position: int) -> None:
    connection.execute(
        insert(schema.submission).values(
            hall=key.hall,
            terminal=key.terminal,
            id=str(event.id),
            position=position,
            number=event.number,
            item=event.item,
            item_version=event.item_version,
            began=event.began,
            submitted=event.submitted,
            promised=event.promised,
            person=event.person,
            name_masked=event.name_masked,
            number_masked=event.number_masked,
            papers=len(event.papers),
        )
    )
    _add_papers(connection, key, event.id, event.papers)


def _add_papers(connection: Connection, key: TerminalKey, owner: UUID, papers: Sequence[Paper]) -> None:
    """Papers of a submission, or of what was handed in later: then `submission` is that event's id."""
    if not papers:
        return
    connection.execute(
        insert(schema.paper),
        [
            {
                "hall": key.hall,
                "terminal": key.terminal,
                "submission": str(owner),
                "place": place,
                "sha256": paper.sha256,
                "bytes": paper.bytes,
                "kind": paper.kind,
                "captured": paper.captured,
                "device": paper.device,
                "grade": paper.grade,
            }
            for place, paper in enumerate(papers)
        ],
    )


def _note_receipt(connection: Connection, key: TerminalKey, event: ReceiptGiven) -> None:
    table = schema.submission
    connection.execute(
        update(table)
        .where(table.c.hall == key.hall, table.c.terminal == key.terminal, table.c.id == str(event.submission))
        .values(receipt_printed=event.printed, receipt_given=event.given, receipt_fault=event.fault)
    )
