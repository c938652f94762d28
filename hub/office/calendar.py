"""Working days: the hall's signed holiday file, or the one that is shipped."""

from datetime import date, datetime
from functools import lru_cache

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection

from hub.rules.publish import SHIPPED_HOLIDAYS, NotPublishable, newest, publish
from kiosk.clock import local_date
from kiosk.wire.fleet import Signed
from kiosk.wire.holidays import KIND, Calendar, Holidays, problem_of

__all__ = ("KIND", "calendar_of", "holidays_from", "missing_year", "publish_holidays")


def holidays_from(body: bytes, version: int) -> Holidays:
    """Read a holiday file: the fields of `Holidays` as JSON, without the version.

    Args:
        body: The file.
        version: As this version.

    Raises:
        NotPublishable: No JSON, an unknown key, a day that cannot be; says where.
    """
    try:
        given = msgspec.json.decode(body, type=dict[str, object])
        given["version"] = version
        holidays = msgspec.convert(given, Holidays, strict=False)
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NotPublishable(f"the holidays cannot be published: {error}") from error
    if problem := problem_of(holidays):
        raise NotPublishable(f"the holidays cannot be published: {problem}")
    return holidays


def publish_holidays(
    connection: Connection, key: Ed25519PrivateKey, hall: str, body: bytes, now: datetime
) -> Signed | None:
    """Publish a holiday file for a hall as the next version; None when it is what is published already.

    Args:
        connection: Inside a writing transaction.
        key: The hub's signing key.
        hall: Which exists.
        body: See `holidays_from`.
        now: The time.

    Raises:
        NotPublishable: See `holidays_from`.
    """
    before = newest(connection, KIND, hall)
    version = 1 if before is None else before.version + 1
    holidays = holidays_from(body, version)
    if before is not None:
        known = msgspec.json.decode(before.body, type=Holidays)
        if msgspec.structs.replace(known, version=version) == holidays:
            return None
    return publish(connection, key, KIND, hall, msgspec.json.encode(holidays), version, now)


@lru_cache(maxsize=64)
def _calendar(body: bytes) -> Calendar:
    return Calendar(msgspec.json.decode(body, type=Holidays).years)


@lru_cache(maxsize=1)
def _shipped() -> Calendar:
    return Calendar(holidays_from(SHIPPED_HOLIDAYS.read_bytes(), 1).years)


def calendar_of(connection: Connection, hall: str) -> Calendar:
    """A hall's working days."""
    signed = newest(connection, KIND, hall)
    return _shipped() if signed is None else _calendar(signed.body)


def missing_year(connection: Connection, hall: str, now: datetime) -> date | None:
    """The first day within half a year whose notice is not here; None where all are."""
    calendar, today = calendar_of(connection, hall), local_date(now)
    for months in range(7):
        ahead = today.month - 1 + months
        first = date(today.year + ahead // 12, ahead % 12 + 1, 1)
        if not calendar.is_certain(first):
            return first
    return None
