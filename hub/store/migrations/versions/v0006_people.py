"""People at the hub: accounts, sessions, proposals, times of keeping, the board, figures of use, windows' calls."""

import sqlalchemy as sa
from alembic import op

from hub.store.columns import UtcMoment

revision = "0006"
down_revision = "0005"

_TABLES = (
    "account",
    "recovery_code",
    "session",
    "sign_in_try",
    "proposal_part",
    "proposal",
    "kept_for",
    "hall_setting",
    "board_notice",
    "board_item",
    "service_hour",
    "screen_use",
)
_MOMENT = sa.DateTime(timezone=True)
_CALL_COLUMNS = ("standing", "calls", "served", "clerk", "came_from")


def _accounts() -> None:
    op.create_table(
        "account",
        sa.Column("hall", sa.String(64), nullable=False),
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("salt", sa.String(32), nullable=False),
        sa.Column("password", sa.String(64), nullable=False),
        sa.Column("totp_sealed", sa.String(400), server_default="", nullable=False),
        sa.Column("totp_step", sa.Integer(), server_default="0", nullable=False),
        sa.Column("certificate", sa.String(64), nullable=True),
        sa.Column("made", _MOMENT, nullable=False),
        sa.Column("changed", _MOMENT, nullable=False),
        sa.Column("disabled", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("hall", "id", name="pk_account"),
        sa.UniqueConstraint("certificate", name="uq_account_certificate"),
    )
    op.create_table(
        "recovery_code",
        sa.Column("hall", sa.String(64), nullable=False),
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("used", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("hall", "id", "sha256", name="pk_recovery_code"),
    )
    op.create_table(
        "session",
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("hall", sa.String(64), nullable=False),
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("how", sa.String(16), nullable=False),
        sa.Column("made", _MOMENT, nullable=False),
        sa.Column("seen", _MOMENT, nullable=False),
        sa.Column("until", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_session"),
    )
    op.create_index("ix_session_until", "session", ["until"])
    op.create_index("ix_session_hall_id", "session", ["hall", "id"])
    op.create_table(
        "sign_in_try",
        sa.Column("bucket", sa.String(64), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("until", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("bucket", name="pk_sign_in_try"),
    )
    op.create_index("ix_sign_in_try_until", "sign_in_try", ["until"])


def _together() -> None:
    op.create_table(
        "proposal",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("hall", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("summary", sa.String(500), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("by_hall", sa.String(64), nullable=False),
        sa.Column("by", sa.String(32), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("closed_hall", sa.String(64), server_default="", nullable=False),
        sa.Column("closed_by", sa.String(32), server_default="", nullable=False),
        sa.Column("closed", _MOMENT, nullable=True),
        sa.Column("why", sa.String(200), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_proposal"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_proposal_hall_state", "proposal", ["hall", "state"])
    op.create_table(
        "proposal_part",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(1000), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["proposal.number"], name="fk_proposal_part_number"),
        sa.PrimaryKeyConstraint("number", "place", name="pk_proposal_part"),
    )
    op.create_table(
        "kept_for",
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("set_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("kind", name="pk_kept_for"),
    )


def _board() -> None:
    op.create_table(
        "hall_setting",
        sa.Column("hall", sa.String(64), nullable=False),
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("value", sa.String(500), nullable=False),
        sa.ForeignKeyConstraint(["hall"], ["hall.hall"], name="fk_hall_setting_hall"),
        sa.PrimaryKeyConstraint("hall", "key", name="pk_hall_setting"),
    )
    op.create_table(
        "board_notice",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("hall", sa.String(64), nullable=False),
        sa.Column("words", sa.String(200), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("to_day", sa.Date(), nullable=False),
        sa.Column("made", _MOMENT, nullable=False),
        sa.Column("made_by", sa.String(32), nullable=False),
        sa.Column("ended", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["hall"], ["hall.hall"], name="fk_board_notice_hall"),
        sa.PrimaryKeyConstraint("number", name="pk_board_notice"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_board_notice_hall", "board_notice", ["hall"])
    op.create_table(
        "board_item",
        sa.Column("hall", sa.String(64), nullable=False),
        sa.Column("item", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["hall"], ["hall.hall"], name="fk_board_item_hall"),
        sa.PrimaryKeyConstraint("hall", "item", name="pk_board_item"),
    )


def _figures() -> None:
    op.create_table(
        "service_hour",
        sa.Column("hall", sa.String(64), nullable=False),
        sa.Column("terminal", sa.String(64), nullable=False),
        sa.Column("begins", _MOMENT, nullable=False),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("silent", sa.Integer(), nullable=False),
        sa.Column("in_service", sa.Integer(), nullable=False),
        sa.Column("devices", sa.Integer(), nullable=False),
        sa.Column("devices_ready", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("hall", "terminal", "begins", name="pk_service_hour"),
    )
    op.create_index("ix_service_hour_hall_begins", "service_hour", ["hall", "begins"])
    op.create_table(
        "screen_use",
        sa.Column("hall", sa.String(64), nullable=False),
        sa.Column("terminal", sa.String(64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("view", sa.String(64), nullable=False),
        sa.Column("shown", sa.Integer(), nullable=False),
        sa.Column("left", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("hall", "terminal", "day", "view", name="pk_screen_use"),
    )


def _calls() -> None:
    """What windows do with a number: a release from before neither writes nor reads it."""
    for column in (
        sa.Column("standing", sa.String(16), server_default="waiting", nullable=False),
        sa.Column("calls", sa.Integer(), server_default="0", nullable=False),
        sa.Column("served", _MOMENT, nullable=True),
        sa.Column("clerk", sa.String(64), server_default="", nullable=False),
        sa.Column("came_from", sa.String(64), server_default="", nullable=False),
    ):
        op.add_column("queue_number", column)
    number = sa.table(
        "queue_number", sa.column("standing", sa.String), sa.column("called", UtcMoment), sa.column("ended", UtcMoment)
    )
    op.execute(sa.update(number).where(number.c.called.is_not(None)).values(standing="called"))
    op.execute(sa.update(number).where(number.c.ended.is_not(None)).values(standing="done"))


def upgrade() -> None:
    """Add the tables; a release from before does not look at them."""
    _accounts()
    _together()
    _board()
    _figures()
    _calls()


def downgrade() -> None:
    """Take them away again."""
    for column in _CALL_COLUMNS:
        op.drop_column("queue_number", column)
    for table in _TABLES:
        op.drop_table(table)
