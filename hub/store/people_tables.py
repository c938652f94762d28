"""Who works at the hub: accounts, sessions, what two decide together, figures of use. Part of `hub.store.schema`.

Nothing here opens a door by itself: passwords are kept as their scrypt, one-time secrets sealed to the hub's own key,
session tokens and recovery codes as digests.
"""

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, String, Table

from hub.store.columns import UtcMoment, metadata

account = Table(  # hall "" is for people of all halls; their roles stand in `office_role`
    "account",
    metadata,
    Column("hall", String(64), primary_key=True),
    Column("id", String(32), primary_key=True),
    Column("name", String(64), nullable=False),
    Column("salt", String(32), nullable=False),
    Column("password", String(64), nullable=False),  # scrypt
    Column("totp_sealed", String(400), nullable=False, server_default=""),  # empty: not set up yet
    Column("totp_step", Integer, nullable=False, server_default="0"),  # the newest that was used
    Column("certificate", String(64), nullable=True, unique=True),  # SHA-256 of the person's own
    Column("made", UtcMoment, nullable=False),
    Column("changed", UtcMoment, nullable=False),
    Column("disabled", UtcMoment, nullable=True),
)

recovery_code = Table(
    "recovery_code",
    metadata,
    Column("hall", String(64), primary_key=True),
    Column("id", String(32), primary_key=True),
    Column("sha256", String(64), primary_key=True),
    Column("used", UtcMoment, nullable=True),
)

session = Table(
    "session",
    metadata,
    Column("sha256", String(64), primary_key=True),  # of the token in the cookie
    Column("hall", String(64), nullable=False),
    Column("id", String(32), nullable=False),
    Column("how", String(16), nullable=False),  # password, recovery, certificate; set_up: may only set up its account
    Column("made", UtcMoment, nullable=False),
    Column("seen", UtcMoment, nullable=False),
    Column("until", UtcMoment, nullable=False, index=True),
    Index(None, "hall", "id"),
)

sign_in_try = Table(  # wrong tries, by who was tried from where
    "sign_in_try",
    metadata,
    Column("bucket", String(64), primary_key=True),
    Column("tries", Integer, nullable=False),
    Column("until", UtcMoment, nullable=False, index=True),
)

proposal = Table(  # what one person proposes and another confirms
    "proposal",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("hall", String(64), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("summary", String(500), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("by_hall", String(64), nullable=False),
    Column("by", String(32), nullable=False),
    Column("at", UtcMoment, nullable=False),
    Column("state", String(16), nullable=False),  # open, done, refused, lapsed
    Column("closed_hall", String(64), nullable=False, server_default=""),
    Column("closed_by", String(32), nullable=False, server_default=""),
    Column("closed", UtcMoment, nullable=True),
    Column("why", String(200), nullable=False, server_default=""),
    Index(None, "hall", "state"),
    sqlite_autoincrement=True,
)

proposal_part = Table(  # its content, in pieces: no column is wide enough for a picture
    "proposal_part",
    metadata,
    Column("number", Integer, ForeignKey("proposal.number"), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("text", String(1000), nullable=False),
)

kept_for = Table(  # how long a class of personal data is kept, where it is not as shipped
    "kept_for",
    metadata,
    Column("kind", String(32), primary_key=True),
    Column("days", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("set_at", UtcMoment, nullable=False),
)

hall_setting = Table(
    "hall_setting",
    metadata,
    Column("hall", String(64), ForeignKey("hall.hall"), primary_key=True),
    Column("key", String(32), primary_key=True),
    Column("value", String(500), nullable=False),
)

board_notice = Table(
    "board_notice",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("hall", String(64), ForeignKey("hall.hall"), nullable=False, index=True),
    Column("words", String(200), nullable=False),
    Column("from_day", Date, nullable=False),
    Column("to_day", Date, nullable=False),
    Column("made", UtcMoment, nullable=False),
    Column("made_by", String(32), nullable=False),
    Column("ended", UtcMoment, nullable=True),
    sqlite_autoincrement=True,
)

board_item = Table(  # items whose results the law wants shown in public; nobody's others are
    "board_item",
    metadata,
    Column("hall", String(64), ForeignKey("hall.hall"), primary_key=True),
    Column("item", String(64), primary_key=True),
)

service_hour = Table(  # once a minute each terminal is looked at; counted by the hour
    "service_hour",
    metadata,
    Column("hall", String(64), primary_key=True),
    Column("terminal", String(64), primary_key=True),
    Column("begins", UtcMoment, primary_key=True),
    Column("looks", Integer, nullable=False),
    Column("silent", Integer, nullable=False),
    Column("in_service", Integer, nullable=False),
    Column("devices", Integer, nullable=False),
    Column("devices_ready", Integer, nullable=False),
    Index(None, "hall", "begins"),
)

screen_use = Table(  # how a terminal's screens were used on a day, as it counted them
    "screen_use",
    metadata,
    Column("hall", String(64), primary_key=True),
    Column("terminal", String(64), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("view", String(64), primary_key=True),
    Column("shown", Integer, nullable=False),
    Column("left", Integer, nullable=False),  # people who went away from it without finishing
    Column("seconds", Integer, nullable=False),
    Column("place", Integer, nullable=False, server_default="0"),
    Column("people", Integer, nullable=False, server_default="0"),  # who came to it, each once a visit
)

__all__ = (
    "account",
    "board_item",
    "board_notice",
    "hall_setting",
    "kept_for",
    "proposal",
    "proposal_part",
    "recovery_code",
    "screen_use",
    "service_hour",
    "session",
    "sign_in_try",
)
