"""What terminals reported last, orders to them, alarms about them, and who leads the timers."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0010"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the tables; a release from before does not look at them."""
    op.create_table(
        "terminal_seen",
        sa.Column("hall", sa.String(64), nullable=False),
        sa.Column("terminal", sa.String(64), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("clock_offset_ms", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["hall", "terminal"], ["terminal.hall", "terminal.terminal"], name="fk_terminal_seen_hall_terminal"
        ),
        sa.PrimaryKeyConstraint("hall", "terminal", name="pk_terminal_seen"),
    )
    op.create_index("ix_terminal_seen_at", "terminal_seen", ["at"])
    op.create_table(
        "fleet_order",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hall", sa.String(64), nullable=False),
        sa.Column("terminal", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("text", sa.String(500), nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("made", _MOMENT, nullable=False),
        sa.Column("expires", _MOMENT, nullable=False),
        sa.Column("fate", sa.String(16), nullable=False),
        sa.Column("fetched", _MOMENT, nullable=True),
        sa.Column("settled", _MOMENT, nullable=True),
        sa.Column("detail", sa.String(400), nullable=False),
        sa.ForeignKeyConstraint(
            ["hall", "terminal"], ["terminal.hall", "terminal.terminal"], name="fk_fleet_order_hall_terminal"
        ),
        sa.PrimaryKeyConstraint("number", name="pk_fleet_order"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_fleet_order_hall_terminal_fate", "fleet_order", ["hall", "terminal", "fate"])
    op.create_table(
        "fleet_alarm",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hall", sa.String(64), nullable=False),
        sa.Column("terminal", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("about", sa.String(64), nullable=False),
        sa.Column("detail", sa.String(200), nullable=False),
        sa.Column("raised", _MOMENT, nullable=False),
        sa.Column("cleared", _MOMENT, nullable=True),
        sa.Column("acknowledged", _MOMENT, nullable=True),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("silent_until", _MOMENT, nullable=True),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_fleet_alarm"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_fleet_alarm_hall_terminal_cleared", "fleet_alarm", ["hall", "terminal", "cleared"])
    op.create_table(
        "lease",
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("holder", sa.String(64), nullable=False),
        sa.Column("until", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_lease"),
    )


def downgrade() -> None:
    """Take them away again; what terminals reported and were ordered is lost."""
    for table in ("lease", "fleet_alarm", "fleet_order", "terminal_seen"):
        op.drop_table(table)
