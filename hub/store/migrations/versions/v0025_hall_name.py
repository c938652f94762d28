"""What a hall is called."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Add a column; a release from before does not look at it."""
    op.add_column("hall", sa.Column("name", sa.String(60), server_default="", nullable=False))


def downgrade() -> None:
    """Take it away again: halls are shown by their keys."""
    op.drop_column("hall", "name")
