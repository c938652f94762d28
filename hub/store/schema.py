"""The hub's tables (SQLAlchemy Core), portable between SQLite and PostgreSQL.

No column is wide or free enough to hold a picture of a face: there is no binary column, every text column is bounded
(by PostgreSQL; on SQLite by the closed structs everything is decoded into first), and the two JSON documents that are
stored (`event.body`, `published.body`) are such a struct, or signed by the hub itself. `tests/hub/test_no_face.py`
enumerates every column.
"""

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
    Text,
    UniqueConstraint,
    false,
)

from hub.store.columns import UtcMoment, metadata
from hub.store.columns import uuid as _uuid
from hub.store.desk_tables import phone_page, phone_ticket, window_draft
from hub.store.fleet_tables import expected_serial, fleet_alarm, fleet_behind, fleet_order, lease, terminal_seen
from hub.store.gate_tables import (
    appointment,
    case,
    case_reading,
    case_step,
    delivery,
    heads,
    lane_alarm,
    notice,
    slot,
    staff,
    staff_action,
)
from hub.store.help_tables import help_call, help_note
from hub.store.office_tables import (
    asked,
    audit,
    audit_head,
    handling,
    home_hall,
    office_note,
    office_role,
    opinion,
    parcel,
    parcel_news,
    payment,
    queue_number,
    request_done,
    result,
    supplement,
)
from hub.store.people_tables import (
    account,
    board_item,
    board_notice,
    hall_setting,
    kept_for,
    proposal,
    proposal_part,
    recovery_code,
    screen_use,
    service_hour,
    session,
    sign_in_try,
)
from hub.store.text_tables import office_alarm, text_contact, text_message
from hub.store.watch_tables import watch_entry, watch_person
from kiosk.wire.events import MAX_EVENT_BYTES

__all__ = (
    "UtcMoment",
    "acceptance",
    "account",
    "appointment",
    "asked",
    "audit",
    "audit_head",
    "board_item",
    "board_notice",
    "case",
    "case_reading",
    "case_step",
    "certificate",
    "delivery",
    "enrolment_code",
    "event",
    "expected_serial",
    "fleet_alarm",
    "fleet_behind",
    "fleet_order",
    "hall",
    "hall_setting",
    "handling",
    "heads",
    "help_call",
    "help_note",
    "home_hall",
    "kept_for",
    "lane_alarm",
    "lease",
    "metadata",
    "notice",
    "office_alarm",
    "office_note",
    "office_role",
    "opinion",
    "paper",
    "parcel",
    "parcel_news",
    "passage",
    "payment",
    "phone_page",
    "phone_ticket",
    "proposal",
    "proposal_part",
    "published",
    "published_to",
    "queue_number",
    "recovery_code",
    "refused",
    "request_done",
    "result",
    "screen_use",
    "service_hour",
    "session",
    "sign_in_try",
    "slot",
    "staff",
    "staff_action",
    "submission",
    "supplement",
    "terminal",
    "terminal_seen",
    "text_contact",
    "text_message",
    "watch_entry",
    "watch_person",
    "window_draft",
)

hall = Table(
    "hall",
    metadata,
    Column("hall", String(64), primary_key=True),
    Column("made", UtcMoment, nullable=False),
    Column("seats", Integer, nullable=True),
    Column("appointment_changes", Integer, nullable=False, server_default="0"),  # the newest change's number
    Column("name", String(60), nullable=False, server_default=""),  # as people call it; empty: by its key
)

terminal = Table(
    "terminal",
    metadata,
    Column("hall", String(64), ForeignKey("hall.hall"), primary_key=True),
    Column("terminal", String(64), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("receipt_range", Integer, nullable=False, unique=True),
    Column("made", UtcMoment, nullable=False),
    Column("group_name", String(64), nullable=False, server_default=""),  # for rolling out in steps
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

acceptance = Table(  # the PDF is a file: `acceptance/HALL/TERMINAL/SHA256.pdf` in the data folder
    "acceptance",
    metadata,
    Column("hall", String(64), primary_key=True),
    Column("terminal", String(64), primary_key=True),
    Column("sha256", String(64), primary_key=True),
    Column("made", UtcMoment, nullable=False),
    Column("received", UtcMoment, nullable=False),
    Column("technician", String(200), nullable=False),
    Column("open_items", Integer, nullable=False),  # 0: accepted
    Column("bytes", Integer, nullable=False),
    Index(None, "hall", "terminal", "made"),
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
    Column("people", Integer, nullable=False, server_default="0"),  # heads that came in, by the beams
    Column("ended", UtcMoment, nullable=True),
    Column("fault", String(64), nullable=True),
    Column("code_id", String(64), nullable=False, server_default=""),  # of the appointment that was shown or found
    Column("health_expires", UtcMoment, nullable=True),  # None: there is no health data in its evidence
    Column("health_removed", UtcMoment, nullable=True),
    Index(None, "hall", "decided"),
    Index(None, "hall", "person"),
    Index(None, "hall", "code_id"),
    Index(None, "health_expires"),
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
    Column("share", Integer, nullable=False, server_default="100"),  # of the hall's terminals, in percent
    Column("origin", Integer, nullable=True),  # of a roll-back: the version whose content it repeats
    Column("halted", Boolean, nullable=False, server_default=false()),  # nobody begins with it
    Column("halted_why", String(200), nullable=False, server_default=""),
)

published_to = Table(  # terminals and groups that get an edition before its share is everybody
    "published_to",
    metadata,
    Column("kind", String(64), primary_key=True),
    Column("hall", String(64), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("name", String(64), primary_key=True),
)
