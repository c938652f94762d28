"""The hub's tables (SQLAlchemy Core), portable between SQLite and PostgreSQL.

No column is wide or free enough to hold a picture of a face: there is no binary column, every text column is bounded
(by PostgreSQL; on SQLite by the closed structs everything is decoded into first), and the two JSON documents that are
stored (`event.body`, `published.body`) are such a struct, or signed by the hub itself. `tests/hub/test_no_face.py`
enumerates every column.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

from kiosk.wire.events import MAX_EVENT_BYTES


class UtcMoment(TypeDecorator[datetime]):
    """A point in time. Kept in UTC; SQLite has no time zones, so it is put back when reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  given
        """To UTC; without a time zone it is an error."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  given
        """With its time zone."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _uuid(key: str, *, primary_key: bool = False, nullable: bool = False) -> Column[str]:
    """A UUID in its 36 characters, so that a person reading the database finds it."""
    return Column(key, String(36), primary_key=primary_key, nullable=nullable)


hall = Table(
    "hall",
    metadata,
    Column("hall", String(64), primary_key=True),
    Column("made", UtcMoment, nullable=False),
)

terminal = Table(
    "terminal",
    metadata,
    Column("hall", String(64), ForeignKey("hall.hall"), primary_key=True),
    Column("terminal", String(64), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("receipt_range", Integer, nullable=False, unique=True),
    Column("made", UtcMoment, nullable=False),
)

enrolment_code = Table(
    "enrolment_code",
    metadata,
    Column("selector", String(8), primary_key=True),
    Column("secret_sha256", String(64), nullable=False),
    Column("hall", String(64), nullable=False),
    Column("terminal", String(64), nullable=False),
    Column("made", UtcMoment, nullable=False),
    Column("expires", UtcMoment, nullable=False),
    Column("wrong_tries", Integer, nullable=False),
    Column("used_by_sha256", String(64), nullable=True),  # digest of the key it was used for
)

certificate = Table(
    "certificate",
    metadata,
    Column("fingerprint", String(64), primary_key=True),
    Column("hall", String(64), nullable=False),
    Column("terminal", String(64), nullable=False),
    Column("issued", UtcMoment, nullable=False),
    Column("expires", UtcMoment, nullable=False),
    Column("replaced", Boolean, nullable=False),
    Index(None, "hall", "terminal"),
)

event = Table(
    "event",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=True),
    Column("hall", String(64), nullable=False),
    Column("terminal", String(64), nullable=False),
    _uuid("id"),
    Column("seq", Integer, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("made", UtcMoment, nullable=False),
    Column("received", UtcMoment, nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("hall", "terminal", "id"),
    CheckConstraint(f"length(body) <= {2 * MAX_EVENT_BYTES}", name="body_is_bounded"),
    sqlite_autoincrement=True,
)

refused = Table(
    "refused",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=True),
    Column("hall", String(64), nullable=False),
    Column("terminal", String(64), nullable=False),
    Column("seq", Integer, nullable=False),
    _uuid("id", nullable=True),
    Column("received", UtcMoment, nullable=False),
    Column("detail", String(400), nullable=False),
    Index(None, "hall", "terminal", "id"),
    sqlite_autoincrement=True,
)

passage = Table(
    "passage",
    metadata,
    Column("hall", String(64), primary_key=True),
    Column("terminal", String(64), primary_key=True),
    _uuid("id", primary_key=True),
    Column("position", Integer, ForeignKey("event.position"), nullable=False, unique=True),
    Column("lane", String(64), nullable=False),
    Column("began", UtcMoment, nullable=False),
    Column("decided", UtcMoment, nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("reasons", String(1000), nullable=False),  # separated by spaces
    Column("rules_version", Integer, nullable=False),
    Column("person", String(64), nullable=True),
    Column("name_masked", String(64), nullable=False),
    Column("number_masked", String(64), nullable=False),
    Column("crossed", String(16), nullable=True),
    Column("ended", UtcMoment, nullable=True),
    Column("fault", String(64), nullable=True),
)

submission = Table(
    "submission",
    metadata,
    Column("hall", String(64), primary_key=True),
    Column("terminal", String(64), primary_key=True),
    _uuid("id", primary_key=True),
    Column("position", Integer, ForeignKey("event.position"), nullable=False, unique=True),
    Column("number", String(20), nullable=False, unique=True),
    Column("item", String(64), nullable=False),
    Column("item_version", Integer, nullable=False),
    Column("began", UtcMoment, nullable=False),
    Column("submitted", UtcMoment, nullable=False),
    Column("promised", Date, nullable=True),
    Column("person", String(64), nullable=False),
    Column("name_masked", String(64), nullable=False),
    Column("number_masked", String(64), nullable=False),
    Column("papers", Integer, nullable=False),
    Column("receipt_printed", Boolean, nullable=True),
    Column("receipt_given", UtcMoment, nullable=True),
    Column("receipt_fault", String(64), nullable=True),
)

paper = Table(
    "paper",
    metadata,
    Column("hall", String(64), primary_key=True),
    Column("terminal", String(64), primary_key=True),
    _uuid("submission", primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("sha256", String(64), nullable=False, index=True),
    Column("bytes", Integer, nullable=False),
    Column("kind", String(64), nullable=False),
    Column("captured", UtcMoment, nullable=False),
    Column("device", String(64), nullable=False),
    Column("grade", String(1), nullable=False),
)

published = Table(
    "published",
    metadata,
    Column("kind", String(64), primary_key=True),
    Column("hall", String(64), ForeignKey("hall.hall"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("body", Text, nullable=False),
    Column("signature", String(128), nullable=False),
    Column("made", UtcMoment, nullable=False),
)

appointment = Table(
    "appointment",
    metadata,
    Column("code_id", String(32), primary_key=True),
    Column("hall", String(64), ForeignKey("hall.hall"), nullable=False),
    Column("person", String(64), nullable=True),
    Column("not_before", UtcMoment, nullable=False),
    Column("expires", UtcMoment, nullable=False),
    Column("companions", Integer, nullable=False),
    Column("issued", UtcMoment, nullable=False),
)
