"""The watch lists' tables. Part of `hub.store.schema`. A number is kept locked away and masked, and nowhere else."""

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, String, Table, false

from hub.store.columns import UtcMoment, metadata

watch_entry = Table(
    "watch_entry",
    metadata,
    Column("id", String(8), primary_key=True),
    Column("hall", String(64), nullable=False),  # empty: all halls
    Column("kind", String(16), nullable=False),
    Column("number_locked", String(200), nullable=False),  # `hub.people.locked_away`
    Column("number_masked", String(24), nullable=False),
    Column("note", String(120), nullable=False),  # for entry staff; goes to the gates
    Column("asked_by", String(100), nullable=False),
    Column("why", String(200), nullable=False),
    Column("begins", UtcMoment, nullable=False),
    Column("ends", UtcMoment, nullable=False, index=True),
    Column("made", UtcMoment, nullable=False),
    Column("proposal", Integer, ForeignKey("proposal.number"), nullable=False, index=True),
    Column("active", Boolean, nullable=False, server_default=false()),  # the second person said yes
    Column("proposed_by", String(100), nullable=False),
    Column("confirmed_by", String(100), nullable=False, server_default=""),
    Index(None, "hall", "active"),
)

watch_person = Table(  # the person's digest in each hall: what the gates compare
    "watch_person",
    metadata,
    Column("entry", String(8), ForeignKey("watch_entry.id"), primary_key=True),
    Column("hall", String(64), ForeignKey("hall.hall"), primary_key=True),
    Column("person", String(64), nullable=False),
    Column("dealt", Date, nullable=True),  # the day on which this hall's staff have dealt with it
    Index(None, "hall", "person"),
)
