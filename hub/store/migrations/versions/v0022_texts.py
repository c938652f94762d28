"""Text messages to citizens, and what the office is reminded of."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the tables; a release from before does not look at them."""
    op.create_table(
        "text_contact",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hall", sa.String(64), nullable=False),
        sa.Column("about", sa.String(16), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("locked", sa.String(200), nullable=False),
        sa.Column("masked", sa.String(24), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("consent", sa.Integer(), nullable=False),
        sa.Column("agreed", _MOMENT, nullable=False),
        sa.Column("withdrawn", _MOMENT, nullable=True),
        sa.Column("bad", sa.String(32), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("number", name="pk_text_contact"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_text_contact_about_subject", "text_contact", ["about", "subject"])
    op.create_table(
        "text_message",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(36), nullable=False),
        sa.Column("contact", sa.Integer(), nullable=False),
        sa.Column("hall", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("what", sa.String(32), nullable=False),
        sa.Column("template", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(300), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("made", _MOMENT, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("next_try", _MOMENT, nullable=True),
        sa.Column("first_try", _MOMENT, nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("sent", _MOMENT, nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("reported", _MOMENT, nullable=True),
        sa.Column("error", sa.String(100), nullable=False, server_default=""),
        sa.ForeignKeyConstraint(["contact"], ["text_contact.number"], name="fk_text_message_contact"),
        sa.PrimaryKeyConstraint("number", name="pk_text_message"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_text_message_key", "text_message", ["key"], unique=True)
    op.create_index("ix_text_message_next_try", "text_message", ["next_try"])
    op.create_index("ix_text_message_hall_made", "text_message", ["hall", "made"])
    op.create_index("ix_text_message_subject", "text_message", ["subject"])
    op.create_index("ix_text_message_day", "text_message", ["day"])
    op.create_table(
        "office_alarm",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hall", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("detail", sa.String(200), nullable=False),
        sa.Column("raised", _MOMENT, nullable=False),
        sa.Column("cleared", _MOMENT, nullable=True),
        sa.Column("acknowledged", _MOMENT, nullable=True),
        sa.Column("by", sa.String(64), nullable=False, server_default=""),
        sa.Column("mark", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_office_alarm"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_office_alarm_mark", "office_alarm", ["mark"], unique=True)
    op.create_index("ix_office_alarm_hall_cleared", "office_alarm", ["hall", "cleared"])


def downgrade() -> None:
    """Take them away again; who wanted messages, and what was told, is lost."""
    for table in ("office_alarm", "text_message", "text_contact"):
        op.drop_table(table)
