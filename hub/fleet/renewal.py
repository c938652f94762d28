"""Certificates renewed over the terminal's own line. The old one is good until the new one is used for the first time.

So an answer that gets lost costs nothing: the terminal asks again with the one it has. At most two are in force: the
one that was used last, and the newest.
"""

from datetime import datetime, timedelta
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import Connection, select, update

from hub.ca import Authority, Issued
from hub.fleet.live import TerminalKey
from hub.store import schema

EARLIEST: Final = timedelta(days=45)
"""Before the end of the old one: half its life."""


class TooEarly(Exception):
    """The certificate is good for long yet; says from when on it may be renewed.

    Attributes:
        from_then: That moment.
    """

    def __init__(self, from_then: datetime) -> None:
        super().__init__(f"this certificate may be renewed from {from_then.isoformat(timespec='minutes')} on")
        self.from_then = from_then


def renew(
    connection: Connection,
    authority: Authority,
    sender: TerminalKey,
    shown: str,
    key: ec.EllipticCurvePublicKey,
    now: datetime,
) -> Issued:
    """Issue a terminal's next certificate beside the one it came with.

    Args:
        connection: Inside a writing transaction.
        authority: The hub's CA.
        sender: Which terminal.
        shown: Fingerprint of the certificate it came with, in force.
        key: The new one, its own.
        now: The time.

    Raises:
        TooEarly: The old one is good for long yet.
    """
    table = schema.certificate
    ends = connection.scalar(select(table.c.expires).where(table.c.fingerprint == shown))
    if isinstance(ends, datetime) and ends - now > EARLIEST:
        raise TooEarly(ends - EARLIEST)
    issued = authority.certify(key, sender.hall, sender.terminal, now)
    # What an earlier answer carried, and nobody ever used, is replaced by this one.
    _retire_but(connection, sender, {shown})
    connection.execute(
        table.insert().values(
            fingerprint=issued.fingerprint,
            hall=sender.hall,
            terminal=sender.terminal,
            issued=now,
            expires=issued.expires,
            replaced=False,
        )
    )
    return issued


def _retire_but(connection: Connection, sender: TerminalKey, stay: set[str]) -> int:
    table = schema.certificate
    mine = (table.c.hall == sender.hall, table.c.terminal == sender.terminal, table.c.replaced.is_(False))
    done = connection.execute(update(table).where(*mine, table.c.fingerprint.not_in(stay)).values(replaced=True))
    return done.rowcount


def note_used(connection: Connection, fingerprints: set[str]) -> int:
    """New certificates were used: those they were to follow are out of force; how many.

    Args:
        connection: Inside a writing transaction.
        fingerprints: Of the new ones.
    """
    table, gone = schema.certificate, 0
    rows = connection.execute(
        select(table).where(table.c.fingerprint.in_(sorted(fingerprints)), table.c.replaced.is_(False))
    ).all()
    for row in rows:
        gone += _retire_but(connection, TerminalKey(row.hall, row.terminal), {row.fingerprint})
    return gone
