"""What two people decide: one proposes, another confirms; both stand in the audit, with the digest of what it is."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Row, insert, or_, select, update

from hub.audit.chain import Who, append, content_digest
from hub.store import schema

_PIECE: Final = 1000
MOST_TEXT: Final = 80_000
MOST_WHY: Final = 200


class Kind(StrEnum):
    """What needs two people."""

    RULES = "rules"
    RULES_SHARE = "rules_share"
    RULES_BACK = "rules_back"
    RETENTION = "retention"
    WATCH = "watch"
    SITE = "site"
    SITE_SHARE = "site_share"


class State(StrEnum):
    """How far a proposal is."""

    OPEN = "open"
    DONE = "done"
    REFUSED = "refused"


class ProposalRefused(Exception):
    """What was asked cannot be done.

    Attributes:
        kind: Stable: `no_such`, `closed`, `same_person`, `too_long`.
    """

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal with its content."""

    number: int
    hall: str
    kind: Kind
    summary: str
    text: str
    by_hall: str
    by: str
    at: datetime
    state: State
    closed_hall: str
    closed_by: str
    closed: datetime | None
    why: str


def _proposal(row: Row[Any], text: str) -> Proposal:
    return Proposal(
        row.number,
        row.hall,
        Kind(row.kind),
        row.summary,
        text,
        row.by_hall,
        row.by,
        row.at,
        State(row.state),
        row.closed_hall,
        row.closed_by,
        row.closed,
        row.why,
    )


def propose(
    connection: Connection,
    *,
    hall: str,
    kind: Kind,
    summary: str,
    text: str,
    person: tuple[str, str],
    who: Who,
    now: datetime,
) -> int:
    """Propose something.

    Args:
        connection: Inside a writing transaction.
        hall: What it is for; empty for the whole hub.
        kind: What it is.
        summary: In a line, for the list.
        text: All of it, as it is carried out later.
        person: Hall and id of the account.
        who: The same person, as the audit names them.
        now: The time.

    Returns:
        Its number.

    Raises:
        ProposalRefused: `too_long`.
    """
    if len(text) > MOST_TEXT:
        raise ProposalRefused("too_long", f"at most {MOST_TEXT} characters")
    table, part = schema.proposal, schema.proposal_part
    digest = content_digest(text)
    made = connection.execute(
        insert(table).values(
            hall=hall,
            kind=kind.value,
            summary=summary[:500],
            digest=digest,
            by_hall=person[0],
            by=person[1],
            at=now,
            state=State.OPEN.value,
        )
    )
    number = int(made.inserted_primary_key[0]) if made.inserted_primary_key else 0
    for place, start in enumerate(range(0, len(text), _PIECE)):
        connection.execute(insert(part).values(number=number, place=place, text=text[start : start + _PIECE]))
    append(connection, who, "proposed", f"proposal-{number}", now, detail={"kind": kind.value, "content": digest})
    return number


def find_proposal(connection: Connection, number: int) -> Proposal | None:
    """A proposal; None where there is none."""
    table, part = schema.proposal, schema.proposal_part
    row = connection.execute(select(table).where(table.c.number == number)).one_or_none()
    if row is None:
        return None
    text = connection.scalars(select(part.c.text).where(part.c.number == number).order_by(part.c.place))
    return _proposal(row, "".join(text))


def proposals(
    connection: Connection,
    halls: frozenset[str] | None,
    *,
    own: tuple[str, str] | None = None,
    kinds: frozenset[Kind] | None = None,
    most: int = 100,
) -> list[Proposal]:
    """Proposals, those that wait first, the newest before; without their content.

    Args:
        connection: For reading.
        halls: Of these; None for all.
        own: Hall and id of an account whose own proposals are shown too, whatever they are for.
        kinds: Of these; None for all.
        most: At most so many.
    """
    table = schema.proposal
    query = select(table)
    if halls is not None:
        theirs = table.c.hall.in_(sorted(halls))
        query = query.where(
            theirs if own is None else or_(theirs, (table.c.by_hall == own[0]) & (table.c.by == own[1]))
        )
    if kinds is not None:
        query = query.where(table.c.kind.in_(sorted(kinds)))
    order = (table.c.state != State.OPEN.value, table.c.number.desc())
    return [_proposal(row, "") for row in connection.execute(query.order_by(*order).limit(most))]


class Open(NamedTuple):
    """What waits for a yes or no."""

    kind: Kind
    hall: str
    by_hall: str
    by: str


def open_proposals(connection: Connection) -> list[Open]:
    """All that wait for somebody; they are few."""
    table = schema.proposal
    query = select(table.c.kind, table.c.hall, table.c.by_hall, table.c.by).where(table.c.state == State.OPEN.value)
    return [Open(Kind(row.kind), row.hall, row.by_hall, row.by) for row in connection.execute(query)]


def _close(
    connection: Connection, found: Proposal, state: State, person: tuple[str, str], now: datetime, why: str = ""
) -> None:
    table = schema.proposal
    done = connection.execute(
        update(table)
        .where(table.c.number == found.number, table.c.state == State.OPEN.value)
        .values(state=state.value, closed=now, closed_hall=person[0], closed_by=person[1], why=why[:MOST_WHY])
    )
    if done.rowcount != 1:
        raise ProposalRefused("closed", "somebody else was first")


def _open_one(connection: Connection, number: int) -> Proposal:
    found = find_proposal(connection, number)
    if found is None:
        raise ProposalRefused("no_such", "there is no such proposal")
    if found.state is not State.OPEN:
        raise ProposalRefused("closed", "it was decided already")
    return found


def confirm(
    connection: Connection,
    number: int,
    *,
    person: tuple[str, str],
    who: Who,
    now: datetime,
    carry_out: Callable[[Connection, Proposal], None],
) -> Proposal:
    """Confirm what somebody else proposed, and carry it out, in one transaction.

    Args:
        connection: Inside a writing transaction.
        number: Which.
        person: Hall and id of the account that confirms.
        who: The same person, as the audit names them.
        now: The time.
        carry_out: Does it; what it raises undoes all.

    Raises:
        ProposalRefused: `no_such`, `closed`, or `same_person`: two people means two.
    """
    found = _open_one(connection, number)
    if (found.by_hall, found.by) == person:
        raise ProposalRefused("same_person", "another person has to confirm it")
    _close(connection, found, State.DONE, person, now)
    told = {"kind": found.kind.value, "content": content_digest(found.text), "proposed_by": found.by}
    append(connection, who, "confirmed", f"proposal-{number}", now, detail=told)
    carry_out(connection, found)
    return found


def refuse(connection: Connection, number: int, *, person: tuple[str, str], who: Who, now: datetime, why: str) -> None:
    """Refuse a proposal, or take one's own back.

    Raises:
        ProposalRefused: `no_such`, `closed`.
    """
    found = _open_one(connection, number)
    _close(connection, found, State.REFUSED, person, now, why)
    append(connection, who, "refused", f"proposal-{number}", now, detail={"kind": found.kind.value})
