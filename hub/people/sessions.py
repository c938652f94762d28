"""Sessions of the console, in the database: any process of the hub knows them, and a restart signs nobody out."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, insert, select, update

from hub.people.accounts import Account, find_account
from hub.store import schema

LASTS: Final = timedelta(hours=12)
"""A shift. Not shorter when nobody clicks: the page with the alarms stands open all day."""
SET_UP_LASTS: Final = timedelta(hours=24)
SEEN_EVERY: Final = timedelta(minutes=1)
SET_UP: Final = "set_up"
MOST_EACH: Final = 20
"""Sessions of one person; the oldest ends."""


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody is signed in."""

    sha256: str
    account: Account
    how: str
    until: datetime
    stale: bool
    """`seen` should be written down again."""


def digest_of(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def open_session(connection: Connection, account: Account, how: str, now: datetime) -> str:
    """Begin a session.

    Args:
        connection: Inside a writing transaction.
        account: Whose.
        how: How they proved who they are; `SET_UP` for a link that may only set up the account.
        now: The time.

    Returns:
        The token, which only the person's browser has.
    """
    table = schema.session
    connection.execute(delete(table).where(table.c.until <= now))
    mine = (table.c.hall == account.hall, table.c.id == account.id)
    if how == SET_UP:
        connection.execute(delete(table).where(*mine, table.c.how == SET_UP))
    old = connection.scalars(select(table.c.sha256).where(*mine).order_by(table.c.made.desc()).offset(MOST_EACH - 1))
    if ended := list(old):
        connection.execute(delete(table).where(table.c.sha256.in_(ended)))
    token = secrets.token_urlsafe(32)
    until = now + (SET_UP_LASTS if how == SET_UP else LASTS)
    connection.execute(
        insert(table).values(
            sha256=digest_of(token), hall=account.hall, id=account.id, how=how, made=now, seen=now, until=until
        )
    )
    return token


def session_of(connection: Connection, token: str, now: datetime) -> Session | None:
    """Whose session a token is; None for nobody's, and for somebody who is let in no longer."""
    if not token or len(token) > 200:
        return None
    table = schema.session
    row = connection.execute(select(table).where(table.c.sha256 == digest_of(token), table.c.until > now)).one_or_none()
    account = None if row is None else find_account(connection, row.hall, row.id)
    if row is None or account is None or account.disabled is not None:
        return None
    return Session(row.sha256, account, row.how, row.until, stale=now - row.seen >= SEEN_EVERY)


def touch(connection: Connection, session: Session, now: datetime) -> None:
    """Write down that a session is used."""
    table = schema.session
    connection.execute(update(table).where(table.c.sha256 == session.sha256).values(seen=now))


def close_session(connection: Connection, token: str) -> None:
    """End a session."""
    connection.execute(delete(schema.session).where(schema.session.c.sha256 == digest_of(token)))


def close_all(connection: Connection, account: Account) -> int:
    """End all sessions of somebody; how many there were."""
    table = schema.session
    return connection.execute(delete(table).where(table.c.hall == account.hall, table.c.id == account.id)).rowcount
