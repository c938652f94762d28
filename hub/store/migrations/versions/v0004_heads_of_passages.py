"""How many heads came in with a passage, by the beams: somebody is in although the barrier failed on the next."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the column; of passages from before nobody knows more than how they ended."""
    op.add_column("passage", sa.Column("people", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    """Take it away again."""
    op.drop_column("passage", "people")
