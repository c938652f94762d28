"""`python -m hub trust`: signs a trust list for certificates as a hall's next edition of its scheme."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection

from hub.data import DataFolder
from hub.fleet.enrolment import ensure_hall
from hub.options import DATA, Data, Database, Hall, checked_name, fail, writing
from hub.rules.publish import NotPublishable, newest, publish
from kiosk.clock import WallClock
from kiosk.wire.fleet import Signed
from kiosk.wire.trust import Scheme, TrustListBody, list_kind

MAX_BODY_BYTES = 4 * 1024 * 1024
"""It grows by a third on its way, and terminals take six megabytes."""


def publish_trust(connection: Connection, key: Ed25519PrivateKey, hall: str, body: bytes, now: datetime) -> Signed:
    """Sign and store a trust list; terminals fetch it within half a minute.

    Args:
        body: a `TrustListBody` as JSON.

    Raises:
        NotPublishable: It is none, contradicts itself, has ended, or is older than the one in force.
    """
    if len(body) > MAX_BODY_BYTES:
        raise NotPublishable(f"a trust list has at most {MAX_BODY_BYTES} bytes, this one {len(body)}")
    try:
        made = msgspec.json.decode(body, type=TrustListBody)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise NotPublishable(f"this is no trust list: {error}") from error
    if made.scheme is Scheme.OWN_CODE:
        raise NotPublishable("our own codes are signed with the hub's key and need no list")
    if not made.not_before <= made.next_update <= made.expires:
        raise NotPublishable("its dates contradict each other: not_before, next_update, expires")
    if made.expires <= now:
        raise NotPublishable(f"it has ended ({made.expires.isoformat()}) and would vouch for nothing")
    kind = list_kind(made.scheme)
    before = newest(connection, kind, hall)
    if before is not None and msgspec.json.decode(before.body, type=TrustListBody).issued > made.issued:
        raise NotPublishable("a younger one is published: this one would bring back what was revoked since")
    version = 1 if before is None else before.version + 1
    return publish(connection, key, kind, hall, msgspec.json.encode(made), version, now)


def trust(
    *,
    hall: Hall,
    file: Annotated[Path, typer.Option(help="The list as JSON, see kiosk/wire/trust.py.", dir_okay=False)],
    data: Data = DATA,
    database: Database = None,
) -> None:
    """Sign a trust list (whose signatures on health certificates count) as the hall's next edition."""
    checked_name("hall", hall)
    clock = WallClock()
    try:
        body = file.read_bytes()
        with writing(data, clock, database) as connection:
            ensure_hall(connection, hall, clock.now())
            signed = publish_trust(connection, DataFolder(data).signing_key(), hall, body, clock.now())
    except (NotPublishable, OSError) as error:
        fail(error)
    typer.echo(f"{signed.kind} version {signed.version}")
