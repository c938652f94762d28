"""Appointment codes: issued, recorded, shown as a QR code on a telephone or on paper."""

import base64
import secrets
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection

from hub.store import schema
from kiosk.wire.codes import CodeClaims, issue


def new_code_id() -> str:
    """A code's identifier: eight base32 characters, 40 random bits."""
    return base64.b32encode(secrets.token_bytes(5)).decode()


def appoint(
    connection: Connection,
    key: Ed25519PrivateKey,
    *,
    hall: str,
    person: str,
    not_before: datetime,
    expires: datetime,
    companions: int,
    now: datetime,
) -> tuple[CodeClaims, str]:
    """Issue and record an appointment code.

    Args:
        connection: Inside a writing transaction.
        key: The hub's signing key.
        hall: An existing hall.
        person: Digest of the person (`person_digest` under the hall's key), or empty.
        not_before: From when it is good.
        expires: Until when.
        companions: How many may come along, 0 to 20.
        now: The time.

    Returns:
        The claims, and the text for the QR code.
    """
    claims = CodeClaims(
        code_id=new_code_id(),
        hall=hall,
        person=person,
        not_before=not_before,
        expires=expires,
        companions=companions,
    )
    connection.execute(
        schema.appointment.insert().values(
            code_id=claims.code_id,
            hall=hall,
            person=person or None,
            not_before=not_before,
            expires=expires,
            companions=companions,
            issued=now,
        )
    )
    return claims, issue(claims, key)
