"""Roll-outs that are halted, since when terminals are behind, and serials of machines that may enrol without a code."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add them; a release from before does not look at them, and halts nothing."""
    op.add_column("published", sa.Column("halted", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("published", sa.Column("halted_why", sa.String(200), server_default="", nullable=False))
    op.create_table(
        "fleet_behind",
        sa.Column("hall", sa.String(64), nullable=False),
        sa.Column("terminal", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("since", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["hall", "terminal"], ["terminal.hall", "terminal.terminal"], name="fk_fleet_behind_hall_terminal"
        ),
        sa.PrimaryKeyConstraint("hall", "terminal", "kind", name="pk_fleet_behind"),
    )
    op.create_table(
        "expected_serial",
        sa.Column("serial", sa.String(64), nullable=False),
        sa.Column("hall", sa.String(64), nullable=False),
        sa.Column("terminal", sa.String(64), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("group_name", sa.String(64), nullable=False),
        sa.Column("until", _MOMENT, nullable=False),
        sa.Column("at_once", sa.Boolean(), nullable=False),
        sa.Column("made", _MOMENT, nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("key_sha256", sa.String(64), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("asked", _MOMENT, nullable=True),
        sa.Column("decided", _MOMENT, nullable=True),
        sa.Column("decided_by", sa.String(64), nullable=False),
        sa.Column("other_keys", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("serial", name="pk_expected_serial"),
        sa.UniqueConstraint("hall", "terminal", name="uq_expected_serial_hall_terminal"),
    )


def downgrade() -> None:
    """Take them away again."""
    op.drop_table("expected_serial")
    op.drop_table("fleet_behind")
    op.drop_column("published", "halted_why")
    op.drop_column("published", "halted")
