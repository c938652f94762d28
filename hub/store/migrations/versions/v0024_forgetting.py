"""Notes of the office outside of the audit, which forgets nothing; people who came to a screen, each visit once."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add a table and a column; a release from before does not look at them."""
    op.create_table(
        "office_note",
        sa.Column("number", sa.String(20), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("who", sa.String(64), nullable=False),
        sa.Column("words", sa.String(500), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["handling.number"], name="fk_office_note_number_handling"),
        sa.PrimaryKeyConstraint("number", "place", name="pk_office_note"),
    )
    op.add_column("screen_use", sa.Column("people", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    """Take them away again: the notes' words are gone, that there were notes stays in the audit."""
    op.drop_column("screen_use", "people")
    op.drop_table("office_note")
