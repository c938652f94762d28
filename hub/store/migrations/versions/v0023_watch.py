"""Watch lists."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the tables; a release from before does not look at them."""
    op.create_table(
        "watch_entry",
        sa.Column("id", sa.String(8), nullable=False),
        sa.Column("hall", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("number_locked", sa.String(200), nullable=False),
        sa.Column("number_masked", sa.String(24), nullable=False),
        sa.Column("note", sa.String(120), nullable=False),
        sa.Column("asked_by", sa.String(100), nullable=False),
        sa.Column("why", sa.String(200), nullable=False),
        sa.Column("begins", _MOMENT, nullable=False),
        sa.Column("ends", _MOMENT, nullable=False),
        sa.Column("made", _MOMENT, nullable=False),
        sa.Column("proposal", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("proposed_by", sa.String(100), nullable=False),
        sa.Column("confirmed_by", sa.String(100), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["proposal"], ["proposal.number"], name="fk_watch_entry_proposal_proposal"),
        sa.PrimaryKeyConstraint("id", name="pk_watch_entry"),
    )
    op.create_index("ix_watch_entry_ends", "watch_entry", ["ends"])
    op.create_index("ix_watch_entry_proposal", "watch_entry", ["proposal"])
    op.create_index("ix_watch_entry_hall_active", "watch_entry", ["hall", "active"])
    op.create_table(
        "watch_person",
        sa.Column("entry", sa.String(8), nullable=False),
        sa.Column("hall", sa.String(64), nullable=False),
        sa.Column("person", sa.String(64), nullable=False),
        sa.Column("dealt", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["entry"], ["watch_entry.id"], name="fk_watch_person_entry_watch_entry"),
        sa.ForeignKeyConstraint(["hall"], ["hall.hall"], name="fk_watch_person_hall_hall"),
        sa.PrimaryKeyConstraint("entry", "hall", name="pk_watch_person"),
    )
    op.create_index("ix_watch_person_hall_person", "watch_person", ["hall", "person"])


def downgrade() -> None:
    """Take them away again; whoever was on a list is on none."""
    op.drop_table("watch_person")
    op.drop_table("watch_entry")
