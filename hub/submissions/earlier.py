"""Papers that were handed in before: whose they are, and whether they may be used again."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec
from sqlalchemy import Connection, select

from hub.office.items import published
from hub.store import schema
from hub.submissions.sealed import Refused
from kiosk.wire.catalogue import Catalogue, PaperWanted, Source
from kiosk.wire.earlier import MOST_OFFERED, EarlierOffer
from kiosk.wire.events import Envelope, Paper, Submission
from kiosk.wire.progress import Part, Standing

_BAD: Final = frozenset({Standing.REFUSED, Standing.WITHDRAWN, Standing.LAPSED, Standing.CORRECTING})
"""What an office did not take is not offered again."""
_LOOKED_AT: Final = 200


def person_of(connection: Connection, number: str) -> str:
    """The person of a submission, as the hall that it was handed in at knows them; empty where there is none."""
    table = schema.submission
    return connection.scalar(select(table.c.person).where(table.c.number == number)) or ""


def _files(connection: Connection, hall: str, person: str, number: str) -> dict[str, Paper]:
    """The papers of one submission of a person, by their names; none where it is not theirs."""
    submission, event = schema.submission, schema.event
    body = connection.scalar(
        select(event.c.body)
        .join(submission, submission.c.position == event.c.position)
        .where(submission.c.number == number, submission.c.hall == hall, submission.c.person == person)
    )
    if body is None or not person:
        return {}
    made = msgspec.json.decode(body, type=Envelope).event
    return {paper.sha256: paper for paper in made.papers} if isinstance(made, Submission) else {}


def check_earlier(connection: Connection, hall: str, person: str, papers: Sequence[Paper]) -> None:
    """See that papers that are used again are this person's, and unchanged in their provenance.

    Raises:
        Refused: They are not.
    """
    for paper in papers:
        if not paper.earlier:
            continue
        known = _files(connection, hall, person, paper.earlier).get(paper.sha256)
        if known is None:
            raise Refused(f"paper {paper.sha256[:12]}… is none that this person handed in before")
        if (known.bytes, known.grade, known.device, known.captured, known.pages) != (
            paper.bytes,
            paper.grade,
            paper.device,
            paper.captured,
            paper.pages,
        ):
            raise Refused(f"paper {paper.sha256[:12]}… has another provenance than when it was handed in")


def offers(
    connection: Connection, hall: str, person: str, item: str, paper: str, now: datetime
) -> tuple[EarlierOffer, ...]:
    """The files that this person handed in as the same paper, of this item or of another, the newest first.

    Args:
        connection: For reading.
        hall: Where they are; what they handed in at other halls is not offered.
        person: Their digest there.
        item: For which item.
        paper: Key of the paper.
        now: The time.
    """
    catalogue = published(connection, hall)
    wanted = _wanted(catalogue, item, paper)
    if catalogue is None or wanted is None or Source.EARLIER not in wanted.sources:
        return ()
    submission, event, handling = schema.submission, schema.event, schema.handling
    rows = connection.execute(
        select(event.c.body, handling.c.standing)
        .join(submission, submission.c.position == event.c.position)
        .join(handling, handling.c.number == submission.c.number)
        .where(
            submission.c.hall == hall,
            submission.c.person == person,
            submission.c.submitted >= now - timedelta(days=wanted.reuse_days),
        )
        .order_by(submission.c.submitted.desc())
        .limit(_LOOKED_AT)
    ).all()
    found: dict[str, EarlierOffer] = {}
    for row in rows:
        made = msgspec.json.decode(row.body, type=Envelope).event
        if not isinstance(made, Submission) or Standing(row.standing) in _BAD:
            continue
        then = catalogue.item(made.item)
        for each in made.papers:
            same = _wanted(catalogue, made.item, each.kind)
            if then is None or same is None or (same.key, same.title) != (wanted.key, wanted.title):
                continue
            if _was_wrong(connection, made.number, each.kind) or sum(one.kind == each.kind for one in made.papers) > 1:
                continue  # of a paper in several files one alone says nothing
            found.setdefault(
                each.sha256,
                EarlierOffer(
                    number=made.number,
                    sha256=each.sha256,
                    bytes=each.bytes,
                    item_title=then.title,
                    captured=each.captured,
                    device=each.device,
                    grade=each.grade,
                    pages=each.pages,
                    handed_in=made.submitted,
                ),
            )
    # What was used again has come in twice; the first time is when it was handed in.
    return tuple(found.values())[:MOST_OFFERED]


def _wanted(catalogue: Catalogue | None, item: str, paper: str) -> PaperWanted | None:
    known = None if catalogue is None else catalogue.item(item)
    return None if known is None else next((each for each in known.papers if each.key == paper), None)


def _was_wrong(connection: Connection, number: str, paper: str) -> bool:
    table = schema.asked
    found = connection.execute(
        select(table.c.place).where(
            table.c.number == number,
            table.c.part == Part.PAPER.value,
            table.c.key == paper,
            table.c.promised.is_(False),
        )
    ).first()
    return found is not None


def is_theirs(connection: Connection, hall: str, person: str, number: str, sha256: str) -> bool:
    """Whether a file belongs to a submission of this person."""
    return sha256 in _files(connection, hall, person, number)
