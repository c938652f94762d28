"""The acceptance reports of terminals: what a technician left behind, one row a report; the PDF is a file."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the table; a release from before does not look at it."""
    op.create_table(
        "acceptance",
        sa.Column("hall", sa.String(64), nullable=False),
        sa.Column("terminal", sa.String(64), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received", sa.DateTime(timezone=True), nullable=False),
        sa.Column("technician", sa.String(200), nullable=False),
        sa.Column("open_items", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("hall", "terminal", "sha256", name="pk_acceptance"),
    )
    op.create_index("ix_acceptance_hall_terminal_made", "acceptance", ["hall", "terminal", "made"])


def downgrade() -> None:
    """Take it away again."""
    op.drop_table("acceptance")
