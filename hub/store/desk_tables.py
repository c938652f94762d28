"""The desk's tables: tickets for papers from telephones, and drafts that go on at a window. Part of `hub.store.schema`.

Nothing readable stands here: pages are sealed to the desk's key, drafts to the key in the person's hand.
"""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, false

from hub.store.columns import UtcMoment, metadata, uuid

phone_ticket = Table(
    "phone_ticket",
    metadata,
    uuid("id", primary_key=True),
    Column("token", String(64), nullable=False, unique=True),  # SHA-256 of what stands in the address
    Column("hall", String(64), nullable=False),
    Column("terminal", String(64), nullable=False),
    Column("wanted", String(1000), nullable=False),  # `PhoneWanted` as JSON
    Column("made", UtcMoment, nullable=False),
    Column("expires", UtcMoment, nullable=False),
    Column("phone", String(64), nullable=False, server_default=""),  # SHA-256 of the cookie of the one that sends
    Column("opened", UtcMoment, nullable=True),
    Column("done", UtcMoment, nullable=True),
    Column("closed", UtcMoment, nullable=True),
    Index(None, "expires"),
)

phone_page = Table(
    "phone_page",
    metadata,
    Column("ticket", String(36), ForeignKey("phone_ticket.id"), primary_key=True),
    Column("place", Integer, primary_key=True),  # from 1
    Column("sha256", String(64), nullable=False),  # of the sealed bytes, which are a file of that name
    Column("bytes", Integer, nullable=False),
    Column("photo", Boolean, nullable=False, server_default=false()),
    Column("came", UtcMoment, nullable=False),
)

window_draft = Table(  # what somebody began at a desk and goes on with at a window
    "window_draft",
    metadata,
    uuid("id", primary_key=True),
    Column("position", Integer, ForeignKey("event.position"), nullable=False, unique=True),
    Column("hall", String(64), nullable=False),
    Column("terminal", String(64), nullable=False),
    Column("item", String(64), nullable=False),
    Column("made", UtcMoment, nullable=False),
    Column("expires", UtcMoment, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("opened", UtcMoment, nullable=True),  # the last time
    Column("opened_by", String(32), nullable=False, server_default=""),
    Column("openings", Integer, nullable=False, server_default="0"),
    Column("number", String(20), nullable=True),  # of the submission it became
    Column("gone", UtcMoment, nullable=True),  # its file was deleted
    Index(None, "expires"),
)

__all__ = ("phone_page", "phone_ticket", "window_draft")
