"""The gate's tables: appointments, staff, heads, cases, and who is told of them. Part of `hub.store.schema`."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    false,
)

from hub.store.columns import UtcMoment, metadata, uuid

appointment = Table(
    "appointment",
    metadata,
    Column("code_id", String(32), primary_key=True),
    Column("hall", String(64), ForeignKey("hall.hall"), nullable=False),
    Column("person", String(64), nullable=True),
    Column("name_masked", String(64), nullable=False, server_default=""),
    Column("begins", UtcMoment, nullable=False),
    Column("ends", UtcMoment, nullable=False),
    Column("companions", Integer, nullable=False),
    Column("department", String(64), nullable=False, server_default=""),
    Column("visitor", Boolean, nullable=False, server_default=false()),
    Column("status", String(16), nullable=False, server_default="booked"),
    Column("in_slot", Boolean, nullable=False, server_default=false()),  # its seats are counted in `slot`
    Column("change", Integer, nullable=False, server_default="0"),
    Column("issued", UtcMoment, nullable=False),
    Column("changed", UtcMoment, nullable=True),
    Column("used_at", UtcMoment, nullable=True),
    Column("used_terminal", String(64), nullable=True),
    uuid("used_passage", nullable=True),
    Index(None, "hall", "change", unique=True),
    Index(None, "hall", "begins"),
    Index(None, "hall", "person"),
)

slot = Table(  # one hour of one department; seats are taken and given back here, under its row's lock
    "slot",
    metadata,
    Column("hall", String(64), ForeignKey("hall.hall"), primary_key=True),
    Column("department", String(64), primary_key=True),
    Column("begins", UtcMoment, primary_key=True),
    Column("capacity", Integer, nullable=False),
    Column("taken", Integer, nullable=False),
    CheckConstraint("taken >= 0", name="taken_is_no_debt"),
)

staff = Table(
    "staff",
    metadata,
    Column("hall", String(64), ForeignKey("hall.hall"), primary_key=True),
    Column("id", String(32), primary_key=True),
    Column("name", String(64), nullable=False),
    Column("salt", String(32), nullable=False),
    Column("pin", String(64), nullable=False),  # scrypt
    Column("card", String(64), nullable=True),
    Column("valid_to", Date, nullable=True),
    Column("made", UtcMoment, nullable=False),
)

staff_action = Table(
    "staff_action",
    metadata,
    Column("hall", String(64), primary_key=True),
    Column("terminal", String(64), primary_key=True),
    uuid("id", primary_key=True),
    Column("position", Integer, ForeignKey("event.position"), nullable=False, unique=True),
    Column("lane", String(64), nullable=False),
    Column("act", String(32), nullable=False),
    Column("staff", String(64), nullable=False),
    uuid("passage", nullable=True),
    Column("reason", String(64), nullable=False),
    Column("temperature_centi", Integer, nullable=True),  # hundredths of a degree Celsius
    Column("count", Integer, nullable=True),
    Column("at", UtcMoment, nullable=False),
    Column("health_expires", UtcMoment, nullable=True),
    Column("health_removed", UtcMoment, nullable=True),
    Index(None, "hall", "at"),
    Index(None, "hall", "act", "at"),
    Index(None, "health_expires"),
)

lane_alarm = Table(
    "lane_alarm",
    metadata,
    Column("hall", String(64), primary_key=True),
    Column("terminal", String(64), primary_key=True),
    uuid("id", primary_key=True),
    Column("position", Integer, ForeignKey("event.position"), nullable=False, unique=True),
    Column("lane", String(64), nullable=False),
    Column("trouble", String(32), nullable=False),
    Column("at", UtcMoment, nullable=False),
    Column("acknowledged", UtcMoment, nullable=True),
    Column("acknowledged_by", String(64), nullable=True),
)

heads = Table(  # what the beams of a lane had counted that day, at each report that said something new
    "heads",
    metadata,
    Column("hall", String(64), primary_key=True),
    Column("terminal", String(64), primary_key=True),
    Column("day", Date, primary_key=True),  # China's
    Column("at", UtcMoment, primary_key=True),
    Column("entered", Integer, nullable=False),
    Column("left", Integer, nullable=False),
    Column("told_entered", Integer, nullable=False),  # as the lane said it: it begins anew when its disk was lost
    Column("told_left", Integer, nullable=False),
)

case = Table(
    "gate_case",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("hall", String(64), nullable=False),
    Column("terminal", String(64), nullable=False),
    uuid("passage"),
    Column("lane", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("version", Integer, nullable=False),  # grows with each step
    Column("reasons", String(1000), nullable=False),
    Column("name_masked", String(64), nullable=False),
    Column("opened", UtcMoment, nullable=False),
    Column("taken_by", String(64), nullable=True),
    Column("closed", UtcMoment, nullable=True),
    Column("closed_by", String(64), nullable=True),
    Column("acknowledged", UtcMoment, nullable=True),
    Column("acknowledged_by", String(64), nullable=True),
    UniqueConstraint("hall", "terminal", "passage"),
    Index(None, "hall", "state"),
    sqlite_autoincrement=True,
)

case_step = Table(  # append-only: triggers of the migration refuse anything else
    "case_step",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=True),
    Column("case_number", Integer, ForeignKey("gate_case.number"), nullable=False, index=True),
    Column("at", UtcMoment, nullable=False),
    Column("recorded", UtcMoment, nullable=False),
    Column("who", String(64), nullable=False),
    Column("place", String(64), nullable=False),  # the terminal; empty is the console
    Column("what", String(32), nullable=False),
    Column("state", String(16), nullable=False),  # after it
    Column("question", String(200), nullable=False),
    Column("text", String(500), nullable=False),
    sqlite_autoincrement=True,
)

case_reading = Table(  # health data: apart from its step, so that it can be removed
    "case_reading",
    metadata,
    Column("step", Integer, ForeignKey("case_step.position"), primary_key=True),
    Column("object_centi", Integer, nullable=False),  # hundredths of a degree Celsius
    Column("expires", UtcMoment, nullable=False, index=True),
)

notice = Table(  # something happened that others want to be told
    "notice",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    uuid("id"),
    Column("hall", String(64), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("case_number", Integer, nullable=True),
    Column("terminal", String(64), nullable=False),
    Column("lane", String(64), nullable=False),
    Column("detail", String(1000), nullable=False),
    Column("at", UtcMoment, nullable=False),
    Column("made", UtcMoment, nullable=False),
    Column("spread", UtcMoment, nullable=True),  # when it was written down for each of its receivers
    Index(None, "spread"),
    sqlite_autoincrement=True,
)

delivery = Table(
    "delivery",
    metadata,
    Column("notice", Integer, ForeignKey("notice.number"), primary_key=True),
    Column("receiver", String(64), primary_key=True),
    Column("address", String(64), primary_key=True),  # a telephone number; empty for a webhook
    Column("tries", Integer, nullable=False),
    Column("next_try", UtcMoment, nullable=True),  # None: delivered, or given up
    Column("delivered", UtcMoment, nullable=True),
    Column("error", String(200), nullable=False),
    Index(None, "next_try"),
)
