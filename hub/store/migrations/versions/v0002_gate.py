"""The gate: appointments with changes, slots, staff, heads, cases, notices, editions in steps, health data expires."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_NO_CHANGE = "a step of a case is never changed"


def _keep_steps() -> None:
    """Refuse changes of a case's history in the database itself."""
    if op.get_bind().dialect.name == "sqlite":
        for what in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER case_step_no_{what.lower()} BEFORE {what} ON case_step "
                f"BEGIN SELECT RAISE(ABORT, '{_NO_CHANGE}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION case_step_kept() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_NO_CHANGE}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER case_step_kept BEFORE UPDATE OR DELETE ON case_step "
        "FOR EACH ROW EXECUTE FUNCTION case_step_kept()"
    )


def _change_appointments() -> None:
    """What was issued before counts as changes, in its order."""
    op.execute("ALTER TABLE appointment RENAME COLUMN not_before TO begins")
    op.execute("ALTER TABLE appointment RENAME COLUMN expires TO ends")
    for column in (
        sa.Column("name_masked", sa.String(length=64), server_default="", nullable=False),
        sa.Column("department", sa.String(length=64), server_default="", nullable=False),
        sa.Column("visitor", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("status", sa.String(length=16), server_default="booked", nullable=False),
        sa.Column("in_slot", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("change", sa.Integer(), server_default="0", nullable=False),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_terminal", sa.String(length=64), nullable=True),
        sa.Column("used_passage", sa.String(length=36), nullable=True),
    ):
        op.add_column("appointment", column)
    op.execute(
        "UPDATE appointment SET change = (SELECT count(*) FROM appointment AS a WHERE a.hall = appointment.hall"
        " AND (a.issued < appointment.issued OR (a.issued = appointment.issued AND a.code_id <= appointment.code_id)))"
    )
    op.execute(
        "UPDATE hall SET appointment_changes = (SELECT count(*) FROM appointment WHERE appointment.hall = hall.hall)"
    )
    op.create_index(op.f("ix_appointment_hall_begins"), "appointment", ["hall", "begins"])
    op.create_index(op.f("ix_appointment_hall_change"), "appointment", ["hall", "change"], unique=True)
    op.create_index(op.f("ix_appointment_hall_person"), "appointment", ["hall", "person"])


def _change_passages() -> None:
    """The temperature in evidence that is here already expires too."""
    op.add_column("passage", sa.Column("code_id", sa.String(length=64), server_default="", nullable=False))
    op.add_column("passage", sa.Column("health_expires", sa.DateTime(timezone=True), nullable=True))
    op.add_column("passage", sa.Column("health_removed", sa.DateTime(timezone=True), nullable=True))
    if op.get_bind().dialect.name == "sqlite":
        op.execute("UPDATE passage SET health_expires = strftime('%Y-%m-%d %H:%M:%f', decided, '+30 days') || '000'")
    else:
        op.execute("UPDATE passage SET health_expires = decided + interval '30 days'")
    op.create_index(op.f("ix_passage_hall_code_id"), "passage", ["hall", "code_id"])
    op.create_index(op.f("ix_passage_hall_decided"), "passage", ["hall", "decided"])
    op.create_index(op.f("ix_passage_hall_person"), "passage", ["hall", "person"])
    op.create_index(op.f("ix_passage_health_expires"), "passage", ["health_expires"])


def upgrade() -> None:
    """Make and extend the tables."""
    op.add_column("hall", sa.Column("seats", sa.Integer(), nullable=True))
    op.add_column("hall", sa.Column("appointment_changes", sa.Integer(), server_default="0", nullable=False))
    op.add_column("terminal", sa.Column("group_name", sa.String(length=64), server_default="", nullable=False))
    op.add_column("published", sa.Column("share", sa.Integer(), server_default="100", nullable=False))
    op.add_column("published", sa.Column("origin", sa.Integer(), nullable=True))
    _change_appointments()
    _change_passages()
    _make_case_tables()
    _make_other_tables()
    _keep_steps()


def _make_case_tables() -> None:
    op.create_table(
        "gate_case",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("hall", sa.String(length=64), nullable=False),
        sa.Column("terminal", sa.String(length=64), nullable=False),
        sa.Column("passage", sa.String(length=36), nullable=False),
        sa.Column("lane", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.String(length=1000), nullable=False),
        sa.Column("name_masked", sa.String(length=64), nullable=False),
        sa.Column("opened", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_by", sa.String(length=64), nullable=True),
        sa.Column("closed", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String(length=64), nullable=True),
        sa.Column("acknowledged", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_gate_case")),
        sa.UniqueConstraint("hall", "terminal", "passage", name=op.f("uq_gate_case_hall_terminal_passage")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_gate_case_hall_state"), "gate_case", ["hall", "state"], unique=False)
    op.create_table(
        "case_step",
        sa.Column("position", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("case_number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.Column("place", sa.String(length=64), nullable=False),
        sa.Column("what", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("question", sa.String(length=200), nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["case_number"], ["gate_case.number"], name=op.f("fk_case_step_case_number")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_case_step")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_case_step_case_number"), "case_step", ["case_number"], unique=False)
    op.create_table(
        "case_reading",
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("object_centi", sa.Integer(), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["step"], ["case_step.position"], name=op.f("fk_case_reading_step")),
        sa.PrimaryKeyConstraint("step", name=op.f("pk_case_reading")),
    )
    op.create_index(op.f("ix_case_reading_expires"), "case_reading", ["expires"], unique=False)
    op.create_table(
        "notice",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("hall", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("case_number", sa.Integer(), nullable=True),
        sa.Column("terminal", sa.String(length=64), nullable=False),
        sa.Column("lane", sa.String(length=64), nullable=False),
        sa.Column("detail", sa.String(length=1000), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False),
        sa.Column("spread", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_notice")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_notice_spread"), "notice", ["spread"], unique=False)
    op.create_table(
        "delivery",
        sa.Column("notice", sa.Integer(), nullable=False),
        sa.Column("receiver", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["notice"], ["notice.number"], name=op.f("fk_delivery_notice")),
        sa.PrimaryKeyConstraint("notice", "receiver", "address", name=op.f("pk_delivery")),
    )
    op.create_index(op.f("ix_delivery_next_try"), "delivery", ["next_try"], unique=False)
    op.create_table(
        "lane_alarm",
        sa.Column("hall", sa.String(length=64), nullable=False),
        sa.Column("terminal", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("lane", sa.String(length=64), nullable=False),
        sa.Column("trouble", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledged", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["position"], ["event.position"], name=op.f("fk_lane_alarm_position")),
        sa.PrimaryKeyConstraint("hall", "terminal", "id", name=op.f("pk_lane_alarm")),
        sa.UniqueConstraint("position", name=op.f("uq_lane_alarm_position")),
    )


def _make_other_tables() -> None:
    op.create_table(
        "heads",
        sa.Column("hall", sa.String(length=64), nullable=False),
        sa.Column("terminal", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered", sa.Integer(), nullable=False),
        sa.Column("left", sa.Integer(), nullable=False),
        sa.Column("told_entered", sa.Integer(), nullable=False),
        sa.Column("told_left", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("hall", "terminal", "day", "at", name=op.f("pk_heads")),
    )
    op.create_table(
        "published_to",
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("hall", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("kind", "hall", "version", "name", name=op.f("pk_published_to")),
    )
    op.create_table(
        "slot",
        sa.Column("hall", sa.String(length=64), nullable=False),
        sa.Column("department", sa.String(length=64), nullable=False),
        sa.Column("begins", sa.DateTime(timezone=True), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.CheckConstraint("taken >= 0", name=op.f("ck_slot_taken_is_no_debt")),
        sa.ForeignKeyConstraint(["hall"], ["hall.hall"], name=op.f("fk_slot_hall")),
        sa.PrimaryKeyConstraint("hall", "department", "begins", name=op.f("pk_slot")),
    )
    op.create_table(
        "staff",
        sa.Column("hall", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("pin", sa.String(length=64), nullable=False),
        sa.Column("card", sa.String(length=64), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["hall"], ["hall.hall"], name=op.f("fk_staff_hall")),
        sa.PrimaryKeyConstraint("hall", "id", name=op.f("pk_staff")),
    )
    op.create_table(
        "staff_action",
        sa.Column("hall", sa.String(length=64), nullable=False),
        sa.Column("terminal", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("lane", sa.String(length=64), nullable=False),
        sa.Column("act", sa.String(length=32), nullable=False),
        sa.Column("staff", sa.String(length=64), nullable=False),
        sa.Column("passage", sa.String(length=36), nullable=True),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("temperature_centi", sa.Integer(), nullable=True),
        sa.Column("count", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("health_expires", sa.DateTime(timezone=True), nullable=True),
        sa.Column("health_removed", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["position"], ["event.position"], name=op.f("fk_staff_action_position")),
        sa.PrimaryKeyConstraint("hall", "terminal", "id", name=op.f("pk_staff_action")),
        sa.UniqueConstraint("position", name=op.f("uq_staff_action_position")),
    )
    op.create_index(op.f("ix_staff_action_hall_act_at"), "staff_action", ["hall", "act", "at"], unique=False)
    op.create_index(op.f("ix_staff_action_hall_at"), "staff_action", ["hall", "at"], unique=False)
    op.create_index(op.f("ix_staff_action_health_expires"), "staff_action", ["health_expires"], unique=False)


def downgrade() -> None:
    """Drop what was made."""
    for table in (
        "delivery",
        "notice",
        "case_reading",
        "case_step",
        "gate_case",
        "lane_alarm",
        "staff_action",
        "staff",
        "slot",
        "heads",
        "published_to",
    ):
        op.drop_table(table)
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION case_step_kept")
    for table, index in (
        ("passage", "hall_code_id"),
        ("passage", "hall_decided"),
        ("passage", "hall_person"),
        ("passage", "health_expires"),
        ("appointment", "hall_begins"),
        ("appointment", "hall_change"),
        ("appointment", "hall_person"),
    ):
        op.drop_index(op.f(f"ix_{table}_{index}"), table)
    for table, columns in (
        ("passage", ("code_id", "health_expires", "health_removed")),
        ("appointment", ("name_masked", "department", "visitor", "status", "in_slot", "change", "changed")),
        ("appointment", ("used_at", "used_terminal", "used_passage")),
        ("published", ("share", "origin")),
        ("terminal", ("group_name",)),
        ("hall", ("seats", "appointment_changes")),
    ):
        for column in columns:
            op.drop_column(table, column)
    op.execute("ALTER TABLE appointment RENAME COLUMN begins TO not_before")
    op.execute("ALTER TABLE appointment RENAME COLUMN ends TO expires")
