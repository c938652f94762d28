"""Tickets for papers from telephones, drafts that go on at a window, and why an order was paid back."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the tables; a release from before does not look at them."""
    op.create_table(
        "phone_ticket",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("hall", sa.String(64), nullable=False),
        sa.Column("terminal", sa.String(64), nullable=False),
        sa.Column("wanted", sa.String(1000), nullable=False),
        sa.Column("made", _MOMENT, nullable=False),
        sa.Column("expires", _MOMENT, nullable=False),
        sa.Column("phone", sa.String(64), server_default="", nullable=False),
        sa.Column("opened", _MOMENT, nullable=True),
        sa.Column("done", _MOMENT, nullable=True),
        sa.Column("closed", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_phone_ticket"),
        sa.UniqueConstraint("token", name="uq_phone_ticket_token"),
    )
    op.create_index("ix_phone_ticket_expires", "phone_ticket", ["expires"])
    op.create_table(
        "phone_page",
        sa.Column("ticket", sa.String(36), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("photo", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("came", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["ticket"], ["phone_ticket.id"], name="fk_phone_page_ticket"),
        sa.PrimaryKeyConstraint("ticket", "place", name="pk_phone_page"),
    )
    op.create_table(
        "window_draft",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("hall", sa.String(64), nullable=False),
        sa.Column("terminal", sa.String(64), nullable=False),
        sa.Column("item", sa.String(64), nullable=False),
        sa.Column("made", _MOMENT, nullable=False),
        sa.Column("expires", _MOMENT, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("opened", _MOMENT, nullable=True),
        sa.Column("opened_by", sa.String(32), server_default="", nullable=False),
        sa.Column("openings", sa.Integer(), server_default="0", nullable=False),
        sa.Column("number", sa.String(20), nullable=True),
        sa.Column("gone", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["position"], ["event.position"], name="fk_window_draft_position"),
        sa.PrimaryKeyConstraint("id", name="pk_window_draft"),
        sa.UniqueConstraint("position", name="uq_window_draft_position"),
    )
    op.create_index("ix_window_draft_expires", "window_draft", ["expires"])
    op.add_column("payment", sa.Column("given_up", sa.String(32), server_default="", nullable=False))


def downgrade() -> None:
    """Take it away again."""
    op.drop_column("payment", "given_up")
    op.drop_table("window_draft")
    op.drop_table("phone_page")
    op.drop_table("phone_ticket")
