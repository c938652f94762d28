"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "certificate",
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("hall", sa.String(length=64), nullable=False),
        sa.Column("terminal", sa.String(length=64), nullable=False),
        sa.Column("issued", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_certificate")),
    )
    op.create_index(op.f("ix_certificate_hall_terminal"), "certificate", ["hall", "terminal"], unique=False)
    op.create_table(
        "enrolment_code",
        sa.Column("selector", sa.String(length=8), nullable=False),
        sa.Column("secret_sha256", sa.String(length=64), nullable=False),
        sa.Column("hall", sa.String(length=64), nullable=False),
        sa.Column("terminal", sa.String(length=64), nullable=False),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wrong_tries", sa.Integer(), nullable=False),
        sa.Column("used_by_sha256", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("selector", name=op.f("pk_enrolment_code")),
    )
    op.create_table(
        "event",
        sa.Column("position", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("hall", sa.String(length=64), nullable=False),
        sa.Column("terminal", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.CheckConstraint("length(body) <= 131072", name=op.f("ck_event_body_is_bounded")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_event")),
        sa.UniqueConstraint("hall", "terminal", "id", name=op.f("uq_event_hall_terminal_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "hall",
        sa.Column("hall", sa.String(length=64), nullable=False),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hall", name=op.f("pk_hall")),
    )
    op.create_table(
        "paper",
        sa.Column("hall", sa.String(length=64), nullable=False),
        sa.Column("terminal", sa.String(length=64), nullable=False),
        sa.Column("submission", sa.String(length=36), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("captured", sa.DateTime(timezone=True), nullable=False),
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.Column("grade", sa.String(length=1), nullable=False),
        sa.PrimaryKeyConstraint("hall", "terminal", "submission", "place", name=op.f("pk_paper")),
    )
    op.create_index(op.f("ix_paper_sha256"), "paper", ["sha256"], unique=False)
    op.create_table(
        "refused",
        sa.Column("position", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("hall", sa.String(length=64), nullable=False),
        sa.Column("terminal", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=True),
        sa.Column("received", sa.DateTime(timezone=True), nullable=False),
        sa.Column("detail", sa.String(length=400), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_refused")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_refused_hall_terminal_id"), "refused", ["hall", "terminal", "id"], unique=False)
    op.create_table(
        "appointment",
        sa.Column("code_id", sa.String(length=32), nullable=False),
        sa.Column("hall", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=True),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.Column("companions", sa.Integer(), nullable=False),
        sa.Column("issued", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["hall"], ["hall.hall"], name=op.f("fk_appointment_hall")),
        sa.PrimaryKeyConstraint("code_id", name=op.f("pk_appointment")),
    )
    op.create_table(
        "passage",
        sa.Column("hall", sa.String(length=64), nullable=False),
        sa.Column("terminal", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("lane", sa.String(length=64), nullable=False),
        sa.Column("began", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("reasons", sa.String(length=1000), nullable=False),
        sa.Column("rules_version", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=True),
        sa.Column("name_masked", sa.String(length=64), nullable=False),
        sa.Column("number_masked", sa.String(length=64), nullable=False),
        sa.Column("crossed", sa.String(length=16), nullable=True),
        sa.Column("ended", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fault", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["position"], ["event.position"], name=op.f("fk_passage_position")),
        sa.PrimaryKeyConstraint("hall", "terminal", "id", name=op.f("pk_passage")),
        sa.UniqueConstraint("position", name=op.f("uq_passage_position")),
    )
    op.create_table(
        "published",
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("hall", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("signature", sa.String(length=128), nullable=False),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["hall"], ["hall.hall"], name=op.f("fk_published_hall")),
        sa.PrimaryKeyConstraint("kind", "hall", "version", name=op.f("pk_published")),
    )
    op.create_table(
        "submission",
        sa.Column("hall", sa.String(length=64), nullable=False),
        sa.Column("terminal", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("item", sa.String(length=64), nullable=False),
        sa.Column("item_version", sa.Integer(), nullable=False),
        sa.Column("began", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted", sa.DateTime(timezone=True), nullable=False),
        sa.Column("promised", sa.Date(), nullable=True),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("name_masked", sa.String(length=64), nullable=False),
        sa.Column("number_masked", sa.String(length=64), nullable=False),
        sa.Column("papers", sa.Integer(), nullable=False),
        sa.Column("receipt_printed", sa.Boolean(), nullable=True),
        sa.Column("receipt_given", sa.DateTime(timezone=True), nullable=True),
        sa.Column("receipt_fault", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["position"], ["event.position"], name=op.f("fk_submission_position")),
        sa.PrimaryKeyConstraint("hall", "terminal", "id", name=op.f("pk_submission")),
        sa.UniqueConstraint("number", name=op.f("uq_submission_number")),
        sa.UniqueConstraint("position", name=op.f("uq_submission_position")),
    )
    op.create_table(
        "terminal",
        sa.Column("hall", sa.String(length=64), nullable=False),
        sa.Column("terminal", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("receipt_range", sa.Integer(), nullable=False),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["hall"], ["hall.hall"], name=op.f("fk_terminal_hall")),
        sa.PrimaryKeyConstraint("hall", "terminal", name=op.f("pk_terminal")),
        sa.UniqueConstraint("receipt_range", name=op.f("uq_terminal_receipt_range")),
    )


def downgrade() -> None:
    """Drop them."""
    for table in (
        "terminal",
        "submission",
        "published",
        "passage",
        "appointment",
        "refused",
        "paper",
        "hall",
        "event",
        "enrolment_code",
        "certificate",
    ):
        op.drop_table(table)
