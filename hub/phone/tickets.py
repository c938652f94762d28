"""Tickets for papers from a telephone, as the hub keeps them: minutes long, for one draft, used up once.

The address on the screen holds a token of which only the digest is stored. The telephone that sends the first page owns
the ticket from then on, by a cookie: whoever photographs the screen later can send nothing.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from hub.fleet.live import TerminalKey
from hub.store import schema
from kiosk.wire.catalogue import Text
from kiosk.wire.phone import PhonePage, PhoneStanding, PhoneState, PhoneWanted

GOOD_FOR: Final = timedelta(minutes=10)
FORGOTTEN_AFTER: Final = timedelta(days=1)
_TOKEN_BYTES: Final = 16
_TITLE: Final = 80


class TicketRefused(Exception):
    """A telephone, or a desk, may not do that.

    Attributes:
        kind: `no_such_ticket`, `other_ticket`, `over`, `other_phone` or `full`.
    """

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Ticket:
    """One ticket as it stands."""

    id: UUID
    owner: TerminalKey
    wanted: PhoneWanted
    expires: datetime
    phone: str
    state: PhoneState
    pages: tuple[PhonePage, ...]

    def seconds(self, now: datetime) -> int:
        """How long it is good yet."""
        return max(0, int((self.expires - now).total_seconds()))

    def standing(self, now: datetime) -> PhoneStanding:
        """As the desk sees it."""
        return PhoneStanding(state=self.state, pages=self.pages, seconds=self.seconds(now))

    @property
    def takes(self) -> bool:
        """Whether pages may still come."""
        return self.state in (PhoneState.WAITING, PhoneState.OPENED, PhoneState.ARRIVING)

    @property
    def room(self) -> int:
        """How many pages may still come."""
        return max(0, self.wanted.most - len(self.pages))


def token_of(ticket: UUID, secret: bytes) -> str:
    """What stands in a ticket's address: the same for the same ticket, and to be guessed by nobody."""
    digest = hmac.new(secret, b"phone ticket" + ticket.bytes, hashlib.sha256).digest()
    return digest[:_TOKEN_BYTES].hex()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _ticket(connection: Connection, row: Row[Any], now: datetime) -> Ticket:
    table = schema.phone_page
    pages = tuple(
        PhonePage(sha256=each.sha256, bytes=each.bytes, photo=each.photo)
        for each in connection.execute(select(table).where(table.c.ticket == row.id).order_by(table.c.place))
    )
    if row.closed is not None:
        state = PhoneState.CLOSED
    elif now >= row.expires:
        state = PhoneState.EXPIRED
    elif row.done is not None:
        state = PhoneState.DONE
    elif pages:
        state = PhoneState.ARRIVING
    else:
        state = PhoneState.WAITING if row.opened is None else PhoneState.OPENED
    wanted = msgspec.json.decode(row.wanted, type=PhoneWanted)
    return Ticket(UUID(row.id), TerminalKey(row.hall, row.terminal), wanted, row.expires, row.phone, state, pages)


def _short(wanted: PhoneWanted) -> PhoneWanted:
    """As it is stored: titles as long as a telephone shows them."""

    def cut(text: Text) -> Text:
        return Text(zh_hans=text.zh_hans[:_TITLE], zh_hant=text.zh_hant[:_TITLE], en=text.en[:_TITLE])

    return msgspec.structs.replace(wanted, item_title=cut(wanted.item_title), title=cut(wanted.title))


def open_ticket(
    connection: Connection, owner: TerminalKey, wanted: PhoneWanted, secret: bytes, now: datetime
) -> Ticket:
    """Open a ticket, once.

    Args:
        connection: Inside a writing transaction.
        owner: The desk.
        wanted: For what.
        secret: Of the hub, for the token.
        now: The time.

    Raises:
        TicketRefused: `other_ticket`: another one has this id; `over`: it was, and is good no more.
    """
    table = schema.phone_ticket
    body = msgspec.json.encode(_short(wanted)).decode()
    row = connection.execute(select(table).where(table.c.id == str(wanted.id))).one_or_none()
    if row is None:
        connection.execute(
            insert(table).values(
                id=str(wanted.id),
                token=_digest(token_of(wanted.id, secret)),
                hall=owner.hall,
                terminal=owner.terminal,
                wanted=body,
                made=now,
                expires=now + GOOD_FOR,
            )
        )
        return ticket_of(connection, owner, wanted.id, now)
    if (row.hall, row.terminal, row.wanted) != (owner.hall, owner.terminal, body):
        raise TicketRefused("other_ticket", "another ticket has this id: make a new one")
    found = _ticket(connection, row, now)
    if not found.takes:
        raise TicketRefused("over", "this ticket is good no more: make a new one")
    return found


def ticket_of(connection: Connection, owner: TerminalKey, ticket: UUID, now: datetime) -> Ticket:
    """A desk's own ticket.

    Raises:
        TicketRefused: `no_such_ticket`.
    """
    table = schema.phone_ticket
    row = connection.execute(select(table).where(table.c.id == str(ticket))).one_or_none()
    if row is None or (row.hall, row.terminal) != (owner.hall, owner.terminal):
        raise TicketRefused("no_such_ticket", "this desk has no such ticket")
    return _ticket(connection, row, now)


def by_token(connection: Connection, token: str, now: datetime) -> Ticket | None:
    """The ticket of an address; None where there is none."""
    table = schema.phone_ticket
    row = connection.execute(select(table).where(table.c.token == _digest(token))).one_or_none()
    return None if row is None else _ticket(connection, row, now)


def note_opened(connection: Connection, ticket: UUID, now: datetime) -> None:
    """The page was looked at."""
    table = schema.phone_ticket
    connection.execute(update(table).where(table.c.id == str(ticket), table.c.opened.is_(None)).values(opened=now))


def is_owner(ticket: Ticket, cookie: str) -> bool:
    """Whether a telephone may send to a ticket: nobody has yet, or it has."""
    return not ticket.phone or (bool(cookie) and hmac.compare_digest(ticket.phone, _digest(cookie)))


def add_pages(
    connection: Connection, token: str, cookie: str, pages: list[tuple[str, int, bool]], now: datetime
) -> Ticket:
    """Note pages whose sealed files are durable.

    Args:
        connection: Inside a writing transaction.
        token: From the address.
        cookie: Of the telephone.
        pages: SHA-256 and size of each sealed file, and whether it is a photo.
        now: The time.

    Raises:
        TicketRefused: `no_such_ticket`, `over`, `other_phone` or `full`; none of the pages is noted.
    """
    found = by_token(connection, token, now)
    if found is None:
        raise TicketRefused("no_such_ticket", "there is no such ticket")
    if not found.takes:
        raise TicketRefused("over", "this ticket is good no more")
    if not is_owner(found, cookie):
        raise TicketRefused("other_phone", "another telephone sends to this ticket")
    if len(pages) > found.room:
        raise TicketRefused("full", f"{found.room} more pages are taken")
    ticket, page = schema.phone_ticket, schema.phone_page
    connection.execute(update(ticket).where(ticket.c.id == str(found.id)).values(phone=_digest(cookie)))
    last = connection.scalar(select(func.max(page.c.place)).where(page.c.ticket == str(found.id))) or 0
    for place, (sha256, size, photo) in enumerate(pages, last + 1):
        connection.execute(
            insert(page).values(ticket=str(found.id), place=place, sha256=sha256, bytes=size, photo=photo, came=now)
        )
    after = by_token(connection, token, now)
    assert after is not None
    return after


def remove_last(connection: Connection, token: str, cookie: str, now: datetime) -> list[str]:
    """The person takes the page back that came last.

    Returns:
        The names of files that are needed no more.

    Raises:
        TicketRefused: `no_such_ticket`, `over` or `other_phone`.
    """
    found = _sending(connection, token, cookie, now)
    page = schema.phone_page
    place = len(found.pages)
    if not place:
        return []
    connection.execute(delete(page).where(page.c.ticket == str(found.id), page.c.place == place))
    return [found.pages[-1].sha256]


def _sending(connection: Connection, token: str, cookie: str, now: datetime) -> Ticket:
    found = by_token(connection, token, now)
    if found is None:
        raise TicketRefused("no_such_ticket", "there is no such ticket")
    if not found.takes:
        raise TicketRefused("over", "this ticket is good no more")
    if not is_owner(found, cookie):
        raise TicketRefused("other_phone", "another telephone sends to this ticket")
    return found


def finish(connection: Connection, token: str, cookie: str, now: datetime) -> Ticket:
    """The person says that this is all.

    Raises:
        TicketRefused: `no_such_ticket`, `over` or `other_phone`.
    """
    found = by_token(connection, token, now)
    if found is not None and found.state is PhoneState.DONE and is_owner(found, cookie):
        return found  # twice is the same
    found = _sending(connection, token, cookie, now)
    if found.pages:
        table = schema.phone_ticket
        connection.execute(update(table).where(table.c.id == str(found.id)).values(done=now))
    after = by_token(connection, token, now)
    assert after is not None
    return after


def close(connection: Connection, owner: TerminalKey, ticket: UUID, now: datetime) -> tuple[Ticket, list[str]]:
    """The desk has what it wanted: used up.

    Returns:
        The ticket, and the names of the files that are to be deleted.

    Raises:
        TicketRefused: `no_such_ticket`.
    """
    found = ticket_of(connection, owner, ticket, now)
    return _forget(connection, found, now), [each.sha256 for each in found.pages]


def _forget(connection: Connection, found: Ticket, now: datetime) -> Ticket:
    table, page = schema.phone_ticket, schema.phone_page
    connection.execute(delete(page).where(page.c.ticket == str(found.id)))
    connection.execute(
        update(table).where(table.c.id == str(found.id), table.c.closed.is_(None)).values(closed=now, phone="")
    )
    return ticket_of(connection, found.owner, found.id, now)


def sweep(connection: Connection, now: datetime) -> list[str]:
    """Close what has run out, and forget what has long been closed.

    Returns:
        The names of the files that are to be deleted.
    """
    table = schema.phone_ticket
    files: list[str] = []
    over = select(table).where(table.c.expires <= now, table.c.closed.is_(None))
    for row in connection.execute(over).all():
        found = _ticket(connection, row, now)
        files += [each.sha256 for each in found.pages]
        _forget(connection, found, now)
    connection.execute(delete(table).where(table.c.closed <= now - FORGOTTEN_AFTER))
    return files


def known_files(connection: Connection) -> set[str]:
    """The names of all files that a ticket names."""
    return set(connection.scalars(select(schema.phone_page.c.sha256)))
