"""Remote help: calls, and what staff noted."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0007"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the tables; a release from before does not look at them."""
    op.create_table(
        "help_call",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("hall", sa.String(64), nullable=False),
        sa.Column("terminal", sa.String(64), nullable=False),
        sa.Column("role", sa.String(64), nullable=False),
        sa.Column("language", sa.String(64), nullable=False),
        sa.Column("view", sa.String(64), nullable=False),
        sa.Column("item", sa.String(64), server_default="", nullable=False),
        sa.Column("first", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("means", sa.String(16), nullable=False),
        sa.Column("standing", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made", _MOMENT, nullable=False),
        sa.Column("since", _MOMENT, nullable=False),
        sa.Column("answered", _MOMENT, nullable=True),
        sa.Column("connected", _MOMENT, nullable=True),
        sa.Column("ended", _MOMENT, nullable=True),
        sa.Column("outcome", sa.String(16), server_default="", nullable=False),
        sa.Column("staff_hall", sa.String(64), server_default="", nullable=False),
        sa.Column("staff", sa.String(32), server_default="", nullable=False),
        sa.Column("most_staff", sa.Integer(), server_default="0", nullable=False),
        sa.Column("transfers", sa.Integer(), server_default="0", nullable=False),
        sa.Column("number_position", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["number_position"], ["event.position"], name="fk_help_call_number_position"),
        sa.PrimaryKeyConstraint("id", name="pk_help_call"),
    )
    op.create_index("ix_help_call_standing_hall", "help_call", ["standing", "hall"])
    op.create_index("ix_help_call_hall_made", "help_call", ["hall", "made"])
    op.create_table(
        "help_note",
        sa.Column("call", sa.String(36), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("hall", sa.String(64), nullable=False),
        sa.Column("staff", sa.String(32), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("words", sa.String(500), nullable=False),
        sa.ForeignKeyConstraint(["call"], ["help_call.id"], name="fk_help_note_call"),
        sa.PrimaryKeyConstraint("call", "place", name="pk_help_note"),
    )


def downgrade() -> None:
    """Take them away again."""
    op.drop_table("help_note")
    op.drop_table("help_call")
