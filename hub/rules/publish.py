"""Publishing signed data for a hall: the rules and the catalogue."""

import tomllib
from datetime import datetime
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, select

from hub.store import schema
from kiosk.wire.fleet import Signed
from kiosk.wire.rules import Rules
from kiosk.wire.signed import sign

SHIPPED_RULES = Path(__file__).parent / "level-3.toml"
SHIPPED_CATALOGUE = Path(__file__).parent / "catalogue.json"
RULES = "rules"
CATALOGUE = "catalogue"


class NotPublishable(Exception):
    """The file cannot be published; says why."""


def newest(connection: Connection, kind: str, hall: str) -> Signed | None:
    """The newest edition for a hall; None before the first."""
    table = schema.published
    row = connection.execute(
        select(table.c.version, table.c.body, table.c.signature)
        .where(table.c.kind == kind, table.c.hall == hall)
        .order_by(table.c.version.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    return Signed(kind=kind, version=row.version, body=row.body.encode(), signature=bytes.fromhex(row.signature))


def publish(
    connection: Connection, key: Ed25519PrivateKey, kind: str, hall: str, body: bytes, version: int, now: datetime
) -> Signed:
    """Sign and store an edition."""
    signed = sign(kind, version, body, key)
    connection.execute(
        schema.published.insert().values(
            kind=kind, hall=hall, version=version, body=body.decode(), signature=signed.signature.hex(), made=now
        )
    )
    return signed


def rules_from(text: str, hall: str, version: int, now: datetime) -> Rules:
    """Rules of a hall from a TOML file, which names neither hall nor version.

    Raises:
        NotPublishable: An unknown key, a wrong type, or no TOML; says which.
    """
    try:
        given = tomllib.loads(text)
        return msgspec.convert({"valid_from": now, **given, "hall": hall, "version": version}, Rules)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise NotPublishable(f"the rules cannot be published: {error}") from error


def _next_version(connection: Connection, kind: str, hall: str) -> int:
    signed = newest(connection, kind, hall)
    return 1 if signed is None else signed.version + 1


def publish_rules(connection: Connection, key: Ed25519PrivateKey, hall: str, text: str, now: datetime) -> Signed:
    """Publish rules as the next version.

    Args:
        connection: Inside a writing transaction.
        key: The hub's signing key.
        hall: For this hall, which exists.
        text: TOML with the fields of `Rules`, without hall and version.
        now: The time; the rules are valid from it unless they say otherwise.

    Raises:
        NotPublishable: See `rules_from`.
    """
    version = _next_version(connection, RULES, hall)
    body = msgspec.json.encode(rules_from(text, hall, version, now))
    return publish(connection, key, RULES, hall, body, version, now)


def publish_catalogue(
    connection: Connection, key: Ed25519PrivateKey, hall: str, body: bytes, now: datetime
) -> Signed | None:
    """Publish a catalogue as the next version, unless it is what is published already.

    Args:
        connection: Inside a writing transaction.
        key: The hub's signing key.
        hall: For this hall, which exists.
        body: JSON, opaque to the hub.
        now: The time.

    Raises:
        NotPublishable: It is no JSON object.
    """
    try:
        msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NotPublishable(f"the catalogue is no JSON object: {error}") from error
    before = newest(connection, CATALOGUE, hall)
    if before is not None and before.body == body:
        return None
    return publish(connection, key, CATALOGUE, hall, body, _next_version(connection, CATALOGUE, hall), now)


def publish_shipped(connection: Connection, key: Ed25519PrivateKey, hall: str, now: datetime) -> None:
    """Publish what is shipped: the rules if the hall has none, the catalogue if it is another than published."""
    if newest(connection, RULES, hall) is None:
        publish_rules(connection, key, hall, SHIPPED_RULES.read_text(), now)
    if SHIPPED_CATALOGUE.exists():
        publish_catalogue(connection, key, hall, SHIPPED_CATALOGUE.read_bytes(), now)
