"""Text messages to citizens, and what the office is reminded of. Part of `hub.store.schema`.

A number stands here only locked away (`hub.people.locked_away`) and masked; both go with its record.
"""

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, String, Table

from hub.store.columns import UtcMoment, metadata, uuid

text_contact = Table(  # where messages about one matter go
    "text_contact",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("hall", String(64), nullable=False),
    Column("about", String(16), nullable=False),  # submission, queue, appointment
    Column("subject", String(64), nullable=False),  # a receipt's number, DAY/NUMBER, a code's id
    Column("locked", String(200), nullable=False),  # empty once withdrawn, or past its time
    Column("masked", String(24), nullable=False),
    Column("language", String(16), nullable=False),
    Column("consent", Integer, nullable=False),  # version of what was agreed to
    Column("agreed", UtcMoment, nullable=False),
    Column("withdrawn", UtcMoment, nullable=True),
    Column("bad", String(32), nullable=False, server_default=""),  # why nothing arrives there
    Index(None, "about", "subject"),
    sqlite_autoincrement=True,
)

text_message = Table(
    "text_message",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    uuid("key"),  # the same each time it is sent: the gateway sends it once
    Column("contact", Integer, ForeignKey("text_contact.number"), nullable=False),
    Column("hall", String(64), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("what", String(32), nullable=False),
    Column("template", Integer, nullable=False),  # its version
    Column("text", String(300), nullable=False),  # nothing personal
    Column("parts", Integer, nullable=False),
    Column("made", UtcMoment, nullable=False),
    Column("state", String(16), nullable=False),
    Column("next_try", UtcMoment, nullable=True),  # None: it is settled
    Column("first_try", UtcMoment, nullable=True),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("sent", UtcMoment, nullable=True),
    Column("day", Date, nullable=True),  # in China, on which it was paid for
    Column("reported", UtcMoment, nullable=True),
    Column("error", String(100), nullable=False, server_default=""),
    Index(None, "key", unique=True),
    Index(None, "next_try"),
    Index(None, "hall", "made"),
    Index(None, "subject"),
    Index(None, "day"),
    sqlite_autoincrement=True,
)

office_alarm = Table(  # what is overdue, and messages that do not go out: each told once
    "office_alarm",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("hall", String(64), nullable=False),  # empty: the hub itself
    Column("kind", String(16), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("level", Integer, nullable=False),  # 1 the hall's supervisor, 2 the next above
    Column("due", Date, nullable=True),
    Column("detail", String(200), nullable=False),
    Column("raised", UtcMoment, nullable=False),
    Column("cleared", UtcMoment, nullable=True),
    Column("acknowledged", UtcMoment, nullable=True),
    Column("by", String(64), nullable=False, server_default=""),
    Column("mark", String(200), nullable=False),  # what was told once is not told again
    Index(None, "mark", unique=True),
    Index(None, "hall", "cleared"),
    sqlite_autoincrement=True,
)

__all__ = ("office_alarm", "text_contact", "text_message")
