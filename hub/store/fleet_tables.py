"""Tables of the fleet: what terminals reported last, orders to them, alarms about them, and who leads the timers."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from hub.store.columns import UtcMoment, metadata

terminal_seen = Table(  # reported; what is desired is `published` and `fleet_order`
    "terminal_seen",
    metadata,
    Column("hall", String(64), primary_key=True),
    Column("terminal", String(64), primary_key=True),
    Column("at", UtcMoment, nullable=False, index=True),  # when the hub heard it last
    Column("clock_offset_ms", Integer, nullable=False),  # the terminal's clock less the hub's
    Column("body", Text, nullable=False),  # `kiosk.wire.fleet.Health`
    ForeignKeyConstraint(["hall", "terminal"], ["terminal.hall", "terminal.terminal"]),
)

fleet_order = Table(
    "fleet_order",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("hall", String(64), nullable=False),
    Column("terminal", String(64), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("text", String(500), nullable=False),  # of a message
    Column("by", String(64), nullable=False),
    Column("made", UtcMoment, nullable=False),
    Column("expires", UtcMoment, nullable=False),
    Column("fate", String(16), nullable=False),
    Column("fetched", UtcMoment, nullable=True),  # first handed to the terminal
    Column("settled", UtcMoment, nullable=True),
    Column("detail", String(400), nullable=False),
    ForeignKeyConstraint(["hall", "terminal"], ["terminal.hall", "terminal.terminal"]),
    Index(None, "hall", "terminal", "fate"),
    sqlite_autoincrement=True,
)

fleet_alarm = Table(
    "fleet_alarm",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("hall", String(64), nullable=False),
    Column("terminal", String(64), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("about", String(64), nullable=False),  # a device, or nothing
    Column("detail", String(200), nullable=False),
    Column("raised", UtcMoment, nullable=False),
    Column("cleared", UtcMoment, nullable=True),
    Column("acknowledged", UtcMoment, nullable=True),
    Column("by", String(64), nullable=False),
    Column("silent_until", UtcMoment, nullable=True),
    Column("told", Boolean, nullable=False),
    Index(None, "hall", "terminal", "cleared"),
    sqlite_autoincrement=True,
)

lease = Table(  # SQLite has no advisory locks
    "lease",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("holder", String(64), nullable=False),
    Column("until", UtcMoment, nullable=False),
)

fleet_behind = Table(  # written by whoever leads: what a terminal reports is not what is desired of it
    "fleet_behind",
    metadata,
    Column("hall", String(64), primary_key=True),
    Column("terminal", String(64), primary_key=True),
    Column("kind", String(64), primary_key=True),  # of a signed edition, or `release`
    Column("since", UtcMoment, nullable=False),
    ForeignKeyConstraint(["hall", "terminal"], ["terminal.hall", "terminal.terminal"]),
)

expected_serial = Table(  # machines that may enrol without a code, once
    "expected_serial",
    metadata,
    Column("serial", String(64), primary_key=True),
    Column("hall", String(64), nullable=False),
    Column("terminal", String(64), nullable=False),
    Column("role", String(16), nullable=False),
    Column("group_name", String(64), nullable=False),
    Column("until", UtcMoment, nullable=False),
    Column("at_once", Boolean, nullable=False),  # without somebody who compares the key
    Column("made", UtcMoment, nullable=False),
    Column("by", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("key_sha256", String(64), nullable=False),  # of the key that asked first; empty before
    Column("address", String(64), nullable=False),  # where it asked from
    Column("asked", UtcMoment, nullable=True),
    Column("decided", UtcMoment, nullable=True),
    Column("decided_by", String(64), nullable=False),
    Column("other_keys", Integer, nullable=False),  # how often another key asked with it
    UniqueConstraint("hall", "terminal"),
)
