"""Enrolling terminals: one-time codes, and the certificates they are exchanged for.

A code is 16 base32 characters: four name it, twelve (60 bits) are secret and kept only as a digest. It is good for 15
minutes, five wrong tries and one key. The same key may ask again within its time, because an answer can get lost.
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import Connection, func, select, update

from hub.ca import Authority, Issued
from hub.fleet import orders
from hub.fleet.live import TerminalKey
from hub.store import schema
from kiosk.wire.orders import OrderKind

CODE_LIFE = timedelta(minutes=15)
MAX_WRONG_TRIES = 5
FIRST_RECEIPT_RANGE = 1
LAST_RECEIPT_RANGE = 999_999
RECEIPTS_LEFT_OUT = 10_000
_SELECTOR = 4
_SECRET = 12
_MISREAD = str.maketrans({"0": "O", "1": "I", "8": "B", " ": None, "-": None})


class CodeRefusal(StrEnum):
    """Why a code is not taken."""

    WRONG = "code-wrong"
    USED = "code-used"
    EXPIRED = "code-expired"
    LOCKED = "code-locked"


class NoReceiptRange(Exception):
    """All ranges of receipt numbers are given out."""


class OtherRole(Exception):
    """A terminal of this name is something else."""


@dataclass(frozen=True)
class Granted:
    """A terminal was enrolled."""

    hall: str
    terminal: str
    receipt_range: int
    receipts_from: int
    issued: Issued


def _random(characters: int) -> str:
    return base64.b32encode(secrets.token_bytes(characters)).decode()[:characters]


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def key_digest(key: ec.EllipticCurvePublicKey) -> str:
    """SHA-256 of a public key (SubjectPublicKeyInfo in DER), hexadecimal."""
    return hashlib.sha256(
        key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    ).hexdigest()


def ensure_hall(connection: Connection, hall: str, now: datetime) -> None:
    """Record a hall if it is new."""
    if connection.scalar(select(schema.hall.c.hall).where(schema.hall.c.hall == hall)) is None:
        connection.execute(schema.hall.insert().values(hall=hall, made=now))


def ensure_terminal(connection: Connection, hall: str, terminal: str, role: str, now: datetime) -> None:
    """Record a terminal, and its hall, if it is new.

    Raises:
        NoReceiptRange: 999,999 terminals have one.
        OtherRole: There is one of this name with another role: it would get what is meant for that one at once.
    """
    ensure_hall(connection, hall, now)
    table = schema.terminal
    known = connection.scalar(select(table.c.role).where(table.c.hall == hall, table.c.terminal == terminal))
    if known is not None and known != role:
        raise OtherRole(f"{hall} has a {known} called {terminal}: give this {role} another name")
    if known is not None:
        return
    highest = connection.scalar(select(func.max(table.c.receipt_range)))
    following = FIRST_RECEIPT_RANGE if highest is None else highest + 1
    if following > LAST_RECEIPT_RANGE:
        raise NoReceiptRange("every range of receipt numbers is taken")
    connection.execute(
        table.insert().values(hall=hall, terminal=terminal, role=role, receipt_range=following, made=now)
    )


def make_code(connection: Connection, hall: str, terminal: str, role: str, now: datetime) -> str:
    """Make a one-time code for a terminal, and its record if it is new.

    Args:
        connection: Inside a writing transaction.
        hall: The hall, known or new.
        terminal: The terminal's name in that hall.
        role: `gate` or `desk`.
        now: The time.

    Returns:
        The code in four groups of four.

    Raises:
        NoReceiptRange: 999,999 terminals have one.
        OtherRole: There is one of this name with another role.
    """
    ensure_terminal(connection, hall, terminal, role, now)
    codes = schema.enrolment_code
    # Old codes are of no use to anybody, and an older code of this terminal is replaced by the new one.
    connection.execute(
        codes.delete().where(
            (codes.c.expires < now - CODE_LIFE) | ((codes.c.hall == hall) & (codes.c.terminal == terminal))
        )
    )
    selector = _random(_SELECTOR)
    while connection.scalar(select(codes.c.selector).where(codes.c.selector == selector)) is not None:
        selector = _random(_SELECTOR)
    secret = _random(_SECRET)
    connection.execute(
        codes.insert().values(
            selector=selector,
            secret_sha256=_digest(secret),
            hall=hall,
            terminal=terminal,
            made=now,
            expires=now + CODE_LIFE,
            wrong_tries=0,
            used_by_sha256=None,
        )
    )
    whole = selector + secret
    return "-".join(whole[start : start + 4] for start in range(0, len(whole), 4))


def _take_code(connection: Connection, code: str, key_digest: str, now: datetime) -> tuple[str, str] | CodeRefusal:
    """Use a code for a key: the hall and terminal it was made for, or why not. Counts wrong tries."""
    typed = code.upper().translate(_MISREAD)
    codes = schema.enrolment_code
    row = connection.execute(select(codes).where(codes.c.selector == typed[:_SELECTOR])).one_or_none()
    if row is None:
        return CodeRefusal.WRONG
    this = codes.c.selector == row.selector
    if row.wrong_tries >= MAX_WRONG_TRIES:
        return CodeRefusal.LOCKED
    if not hmac.compare_digest(_digest(typed[_SELECTOR:]), row.secret_sha256):
        connection.execute(update(codes).where(this).values(wrong_tries=codes.c.wrong_tries + 1))
        return CodeRefusal.WRONG
    if now >= row.expires or now < row.made - CODE_LIFE:
        return CodeRefusal.EXPIRED
    if row.used_by_sha256 is not None and (
        row.used_by_sha256 != key_digest
        # It was revoked since: who stole it has the key and the code, too.
        or not has_certificate(connection, row.hall, row.terminal)
    ):
        return CodeRefusal.USED
    connection.execute(update(codes).where(this).values(used_by_sha256=key_digest))
    return row.hall, row.terminal


def enrol(
    connection: Connection, authority: Authority, code: str, key: ec.EllipticCurvePublicKey, now: datetime
) -> Granted | CodeRefusal:
    """Exchange a code for a certificate. Certificates the terminal had before stop working.

    Args:
        connection: Inside a writing transaction; what was counted is to be committed also when the code is refused.
        authority: The hub's CA.
        code: As typed; case, spaces, dashes and 0/O, 1/I, 8/B make no difference.
        key: The terminal's own.
        now: The time.
    """
    taken = _take_code(connection, code, key_digest(key), now)
    if isinstance(taken, CodeRefusal):
        return taken
    return grant(connection, authority, TerminalKey(*taken), key, now)


def grant(
    connection: Connection, authority: Authority, which: TerminalKey, key: ec.EllipticCurvePublicKey, now: datetime
) -> Granted:
    """Certify a terminal that is recorded. Certificates it had before stop working.

    Args:
        connection: Inside a writing transaction.
        authority: The hub's CA.
        which: The terminal.
        key: Its own.
        now: The time.
    """
    hall, terminal = which.hall, which.terminal
    certificates = schema.certificate
    connection.execute(
        update(certificates)
        .where(certificates.c.hall == hall, certificates.c.terminal == terminal)
        .values(replaced=True)
    )
    issued = authority.certify(key, hall, terminal, now)
    connection.execute(
        certificates.insert().values(
            fingerprint=issued.fingerprint,
            hall=hall,
            terminal=terminal,
            issued=now,
            expires=issued.expires,
            replaced=False,
        )
    )
    if orders.wanted_locked(connection, which):  # it may be another machine, which knows nothing of it
        orders.give(connection, [which], OrderKind.LOCK, by="hub", now=now, life=orders.LONGEST)
    table = schema.terminal
    given = connection.execute(
        select(table.c.receipt_range).where(table.c.hall == hall, table.c.terminal == terminal)
    ).scalar_one()
    return Granted(
        hall=hall,
        terminal=terminal,
        receipt_range=given,
        receipts_from=_receipts_from(connection, hall, terminal),
        issued=issued,
    )


def revoke(connection: Connection, key: TerminalKey) -> int:
    """Take a terminal's certificates out of force; how many. It has to be enrolled again."""
    table = schema.certificate
    mine = (table.c.hall == key.hall, table.c.terminal == key.terminal, table.c.replaced.is_(False))
    return connection.execute(update(table).where(*mine).values(replaced=True)).rowcount


def has_certificate(connection: Connection, hall: str, terminal: str) -> bool:
    """Whether one of a terminal's certificates is in force."""
    table = schema.certificate
    mine = (table.c.hall == hall, table.c.terminal == terminal, table.c.replaced.is_(False))
    return connection.execute(select(table.c.fingerprint).where(*mine)).first() is not None


def _receipts_from(connection: Connection, hall: str, terminal: str) -> int:
    """The first receipt number for a terminal that may have lost its own count, with its disk.

    What it had not delivered is unknown here, so a good piece is left out.
    """
    table = schema.submission
    newest = connection.scalar(
        select(func.max(table.c.number)).where(table.c.hall == hall, table.c.terminal == terminal)
    )
    return 1 if newest is None else int(newest[6:13]) + RECEIPTS_LEFT_OUT
