"""An edge at the city: its record, and its certificate in force."""

from datetime import datetime

from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import Connection, insert, select, update

from hub.ca import Authority, Issued
from hub.fleet.enrolment import make_code
from hub.store import schema
from kiosk.wire.edge import ROLE

_DAYS = 365


class NameTaken(Exception):
    """A terminal has this name."""


def register_edge(
    connection: Connection,
    authority: Authority,
    hall: str,
    name: str,
    key: ec.EllipticCurvePublicKey,
    now: datetime,
) -> Issued:
    """Record an edge, and issue its certificate; those it had before end.

    Args:
        connection: Inside a writing transaction.
        authority: The city's CA.
        hall: Whose terminals it speaks for.
        name: Its own.
        key: Its own.
        now: The time.

    Raises:
        NameTaken: By a terminal, which an edge must never become.
    """
    terminal, certificate = schema.terminal, schema.certificate
    role = connection.scalar(select(terminal.c.role).where(terminal.c.hall == hall, terminal.c.terminal == name))
    if role not in {None, ROLE}:
        raise NameTaken(f"{hall} has a {role} called {name}: give the edge another name")
    make_code(connection, hall, name, ROLE, now)  # nobody is told the code; it ends by itself
    mine = (certificate.c.hall == hall, certificate.c.terminal == name)
    connection.execute(update(certificate).where(*mine).values(replaced=True))
    issued = authority.certify(key, hall, name, now, _DAYS)
    connection.execute(
        insert(certificate).values(
            fingerprint=issued.fingerprint, hall=hall, terminal=name, issued=now, expires=issued.expires, replaced=False
        )
    )
    return issued
