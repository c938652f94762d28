"""The back office's tables: what becomes of submissions, the audit, opinions, numbers, parcels, payments.

Part of `hub.store.schema`. Nothing personal stands here but what is masked: words of citizens stay sealed in their
events.
"""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    false,
)

from hub.store.columns import UtcMoment, metadata, uuid

handling = Table(
    "handling",
    metadata,
    Column("number", String(20), ForeignKey("submission.number"), primary_key=True),
    Column("hall", String(64), nullable=False),  # where it was handed in
    Column("accepts", String(64), nullable=False),
    Column("decides", String(64), nullable=False),
    Column("at_hall", String(64), nullable=False),  # whose turn it is
    Column("handling", String(16), nullable=False),
    Column("item", String(64), nullable=False),
    Column("person", String(64), nullable=False),
    Column("standing", String(16), nullable=False),
    Column("since", UtcMoment, nullable=False),
    Column("version", Integer, nullable=False),  # grows with each step
    Column("counted_from", UtcMoment, nullable=False),  # what the office's days for accepting are counted from
    Column("acceptance_due", Date, nullable=True),
    Column("due", Date, nullable=True),  # decided by
    Column("provisional", Boolean, nullable=False, server_default=false()),
    Column("working_days", Integer, nullable=False),  # the item's, as it was then
    Column("accepted", UtcMoment, nullable=True),
    Column("corrections", Integer, nullable=False, server_default="0"),
    Column("asked_due", Date, nullable=True),
    Column("deferred_due", Date, nullable=True),  # the first of the papers that may follow
    Column("more_time", Boolean, nullable=False, server_default=false()),  # the person had a day moved
    Column("extended", Boolean, nullable=False, server_default=false()),  # the office had its day moved
    Column("reason", String(500), nullable=False, server_default=""),
    Column("way", String(16), nullable=False, server_default="collect"),
    uuid("address_event", nullable=True),  # the event that holds the sealed address
    uuid("payment", nullable=True),
    Column("closed", UtcMoment, nullable=True),
    Index(None, "at_hall", "standing"),
    Index(None, "hall", "person"),
    Index(None, "acceptance_due"),
    Index(None, "asked_due"),
    Index(None, "deferred_due"),
)

asked = Table(  # what the office asked for, everything at once, and papers that may follow
    "asked",
    metadata,
    Column("number", String(20), ForeignKey("handling.number"), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("promised", Boolean, nullable=False),  # True: a paper that may follow; False: a correction
    Column("part", String(16), nullable=False),
    Column("key", String(64), nullable=False),
    Column("words", String(500), nullable=False),
    Column("due", Date, nullable=False),
    Column("done", UtcMoment, nullable=True),
)

supplement = Table(
    "supplement",
    metadata,
    Column("position", Integer, ForeignKey("event.position"), primary_key=True),
    Column("number", String(20), nullable=False, index=True),
    Column("hall", String(64), nullable=False),
    Column("terminal", String(64), nullable=False),
    uuid("id"),
    Column("at", UtcMoment, nullable=False),
    Column("papers", Integer, nullable=False),
    Column("answers", Boolean, nullable=False),
)

result = Table(
    "result",
    metadata,
    Column("number", String(20), ForeignKey("handling.number"), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("sha256", String(64), nullable=False),  # of the sealed bytes, among the papers
    Column("bytes", Integer, nullable=False),  # of the PDF
    Column("title", String(200), nullable=False),
    Column("uploaded", UtcMoment, nullable=False),
    Column("who", String(64), nullable=False),
)

office_note = Table(  # for colleagues; the audit binds each by its digest, and forgets nothing
    "office_note",
    metadata,
    Column("number", String(20), ForeignKey("handling.number"), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("at", UtcMoment, nullable=False),
    Column("who", String(64), nullable=False),
    Column("words", String(500), nullable=False),
)

audit = Table(  # append-only and chained: triggers of the migration refuse anything else
    "audit",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=False),  # from 1, without a gap
    Column("at", UtcMoment, nullable=False),
    Column("actor", String(16), nullable=False),
    Column("hall", String(64), nullable=False),
    Column("who", String(64), nullable=False),
    Column("what", String(32), nullable=False),
    Column("subject", String(64), nullable=False),  # a receipt's number, an opinion's code
    Column("standing", String(16), nullable=False),  # after it
    Column("version", Integer, nullable=False),  # after it
    Column("detail", String(1000), nullable=False),  # JSON; nothing personal
    Column("before", String(64), nullable=False),  # hash of the row before
    Column("hash", String(64), nullable=False),
    Index(None, "subject", "position"),
)

audit_head = Table(  # one row: its lock puts writers in order
    "audit_head",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("position", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
)

request_done = Table(  # what a terminal asked, and the answer: the same again when it asks again
    "request_done",
    metadata,
    Column("hall", String(64), primary_key=True),
    Column("terminal", String(64), primary_key=True),
    uuid("id", primary_key=True),
    Column("digest", String(64), nullable=False),  # of the request
    Column("answer", String(1000), nullable=False),
    Column("made", UtcMoment, nullable=False, index=True),
)

opinion = Table(
    "opinion",
    metadata,
    Column("position", Integer, ForeignKey("event.position"), primary_key=True),
    Column("hall", String(64), nullable=False),
    Column("terminal", String(64), nullable=False),
    uuid("id"),
    Column("code", String(8), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("at", UtcMoment, nullable=False),
    Column("person", String(64), nullable=True),
    Column("name_masked", String(64), nullable=False),
    Column("number", String(20), nullable=False),
    Column("item", String(64), nullable=False),
    Column("department", String(64), nullable=False),
    Column("stars", Integer, nullable=True),
    Column("reasons", String(700), nullable=False),  # separated by spaces
    Column("version", Integer, nullable=False),
    Column("due", Date, nullable=True),
    Column("reply", String(1000), nullable=False),
    Column("replied", UtcMoment, nullable=True),
    Column("replied_by", String(64), nullable=False),
    Column("escalated", UtcMoment, nullable=True),
    Index(None, "hall", "code"),
    Index(None, "hall", "person"),
    Index(None, "hall", "at"),
    Index(None, "due"),
)

queue_number = Table(
    "queue_number",
    metadata,
    Column("hall", String(64), primary_key=True),
    Column("day", Date, primary_key=True),  # China's
    Column("letter", String(2), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("department", String(64), nullable=False),
    Column("person", String(64), nullable=True),
    Column("taken", UtcMoment, nullable=False),
    Column("called", UtcMoment, nullable=True),
    Column("counter", String(32), nullable=False, server_default=""),
    Column("ended", UtcMoment, nullable=True),
    Column("standing", String(16), nullable=False, server_default="waiting"),
    Column("calls", Integer, nullable=False, server_default="0"),
    Column("served", UtcMoment, nullable=True),  # since when the person sits at the window
    Column("clerk", String(64), nullable=False, server_default=""),
    Column("came_from", String(64), nullable=False, server_default=""),  # the department it was passed on from
    Index(None, "hall", "day", "department"),
)

parcel = Table(
    "parcel",
    metadata,
    Column("number", String(20), ForeignKey("handling.number"), primary_key=True),
    Column("carrier", String(64), nullable=False),
    Column("label", String(64), nullable=False),  # empty until the courier has given one
    Column("state", String(16), nullable=False),
    Column("made", UtcMoment, nullable=False),
    Column("next_look", UtcMoment, nullable=True),  # None: it has arrived, or come back
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("error", String(200), nullable=False, server_default=""),
    Index(None, "next_look"),
)

parcel_news = Table(
    "parcel_news",
    metadata,
    Column("number", String(20), ForeignKey("parcel.number"), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("at", UtcMoment, nullable=False),
    Column("state", String(16), nullable=False),
    Column("words", String(500), nullable=False),
)

payment = Table(
    "payment",
    metadata,
    uuid("id", primary_key=True),
    Column("hall", String(64), nullable=False),
    Column("terminal", String(64), nullable=False),
    Column("item", String(64), nullable=False),
    Column("fen", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("qr", String(500), nullable=False, server_default=""),
    Column("made", UtcMoment, nullable=False),
    Column("expires", UtcMoment, nullable=False),
    Column("paid", UtcMoment, nullable=True),
    Column("gateway_number", String(64), nullable=False, server_default=""),  # the gateway's
    Column("refunded", UtcMoment, nullable=True),
    Column("next_look", UtcMoment, nullable=True),  # when the gateway is asked again; None: it is settled
    Column("error", String(200), nullable=False, server_default=""),
    Column("given_up", String(32), nullable=False, server_default=""),  # why it is paid back, where nobody asked for it
    Index(None, "next_look"),
    Index(None, "hall", "made"),
)

home_hall = Table(  # which hall decides on an item that is handed in at another; item "" is all others
    "home_hall",
    metadata,
    Column("hall", String(64), ForeignKey("hall.hall"), primary_key=True),
    Column("item", String(64), primary_key=True),
    Column("home", String(64), ForeignKey("hall.hall"), nullable=False),
)

office_role = Table(  # what a member of staff may do in the office; the lanes' list knows nothing of it
    "office_role",
    metadata,
    Column("hall", String(64), primary_key=True),
    Column("staff", String(32), primary_key=True),
    Column("role", String(16), primary_key=True),
    Column("made", UtcMoment, nullable=False),
)

__all__ = (
    "asked",
    "audit",
    "audit_head",
    "handling",
    "home_hall",
    "office_note",
    "office_role",
    "opinion",
    "parcel",
    "parcel_news",
    "payment",
    "queue_number",
    "request_done",
    "result",
    "supplement",
)
