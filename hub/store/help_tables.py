"""Remote help: calls from terminals, and what staff noted. Part of `hub.store.schema`.

What was said and shown is nowhere; a number that was left stands sealed in its event.
"""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, false

from hub.store.columns import UtcMoment, metadata, uuid

help_call = Table(
    "help_call",
    metadata,
    uuid("id", primary_key=True),
    Column("hall", String(64), nullable=False),
    Column("terminal", String(64), nullable=False),
    Column("role", String(64), nullable=False),
    Column("language", String(64), nullable=False),
    Column("view", String(64), nullable=False),
    Column("item", String(64), nullable=False, server_default=""),
    Column("first", Boolean, nullable=False, server_default=false()),  # comes before others
    Column("means", String(16), nullable=False),
    Column("standing", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("made", UtcMoment, nullable=False),
    Column("since", UtcMoment, nullable=False),  # in its standing
    Column("answered", UtcMoment, nullable=True),  # the first time
    Column("connected", UtcMoment, nullable=True),
    Column("ended", UtcMoment, nullable=True),
    Column("outcome", String(16), nullable=False, server_default=""),
    Column("staff_hall", String(64), nullable=False, server_default=""),  # who answered last, or called back
    Column("staff", String(32), nullable=False, server_default=""),
    Column("most_staff", Integer, nullable=False, server_default="0"),  # at one time
    Column("transfers", Integer, nullable=False, server_default="0"),
    Column("number_position", Integer, ForeignKey("event.position"), nullable=True),  # of the event with the number
    Index(None, "standing", "hall"),
    Index(None, "hall", "made"),
)

help_note = Table(
    "help_note",
    metadata,
    Column("call", String(36), ForeignKey("help_call.id"), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("hall", String(64), nullable=False),
    Column("staff", String(32), nullable=False),
    Column("at", UtcMoment, nullable=False),
    Column("words", String(500), nullable=False),
)

__all__ = ("help_call", "help_note")
