"""The back office: what becomes of submissions, the chained audit, opinions, numbers, parcels, payments, roles."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_NO_CHANGE = "a row of the audit is never changed"
_TABLES = (
    "audit",
    "audit_head",
    "office_role",
    "payment",
    "queue_number",
    "request_done",
    "home_hall",
    "opinion",
    "supplement",
    "handling",
    "asked",
    "parcel",
    "result",
    "parcel_news",
)


def _keep_audit() -> None:
    """Refuse changes of the audit in the database itself."""
    if op.get_bind().dialect.name == "sqlite":
        for what in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_no_{what.lower()} BEFORE {what} ON audit "
                f"BEGIN SELECT RAISE(ABORT, '{_NO_CHANGE}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION audit_kept() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_NO_CHANGE}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_kept()"
    )


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "audit",
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=16), nullable=False),
        sa.Column("hall", sa.String(length=64), nullable=False),
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.Column("what", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("standing", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("detail", sa.String(length=1000), nullable=False),
        sa.Column("before", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_subject_position"), "audit", ["subject", "position"], unique=False)
    op.create_table(
        "audit_head",
        sa.Column("one", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("one", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "office_role",
        sa.Column("hall", sa.String(length=64), nullable=False),
        sa.Column("staff", sa.String(length=32), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hall", "staff", "role", name=op.f("pk_office_role")),
    )
    op.create_table(
        "payment",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("hall", sa.String(length=64), nullable=False),
        sa.Column("terminal", sa.String(length=64), nullable=False),
        sa.Column("item", sa.String(length=64), nullable=False),
        sa.Column("fen", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("qr", sa.String(length=500), server_default="", nullable=False),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gateway_number", sa.String(length=64), server_default="", nullable=False),
        sa.Column("refunded", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_look", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(length=200), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
    )
    op.create_index(op.f("ix_payment_hall_made"), "payment", ["hall", "made"], unique=False)
    op.create_index(op.f("ix_payment_next_look"), "payment", ["next_look"], unique=False)
    op.create_table(
        "queue_number",
        sa.Column("hall", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("letter", sa.String(length=2), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("department", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=True),
        sa.Column("taken", sa.DateTime(timezone=True), nullable=False),
        sa.Column("called", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counter", sa.String(length=32), server_default="", nullable=False),
        sa.Column("ended", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("hall", "day", "letter", "place", name=op.f("pk_queue_number")),
    )
    op.create_index(
        op.f("ix_queue_number_hall_day_department"), "queue_number", ["hall", "day", "department"], unique=False
    )
    op.create_table(
        "request_done",
        sa.Column("hall", sa.String(length=64), nullable=False),
        sa.Column("terminal", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.String(length=1000), nullable=False),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hall", "terminal", "id", name=op.f("pk_request_done")),
    )
    op.create_index(op.f("ix_request_done_made"), "request_done", ["made"], unique=False)
    op.create_table(
        "home_hall",
        sa.Column("hall", sa.String(length=64), nullable=False),
        sa.Column("item", sa.String(length=64), nullable=False),
        sa.Column("home", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["hall"], ["hall.hall"], name=op.f("fk_home_hall_hall")),
        sa.ForeignKeyConstraint(["home"], ["hall.hall"], name=op.f("fk_home_hall_home")),
        sa.PrimaryKeyConstraint("hall", "item", name=op.f("pk_home_hall")),
    )
    op.create_table(
        "opinion",
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("hall", sa.String(length=64), nullable=False),
        sa.Column("terminal", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=True),
        sa.Column("name_masked", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("item", sa.String(length=64), nullable=False),
        sa.Column("department", sa.String(length=64), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=True),
        sa.Column("reasons", sa.String(length=700), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("reply", sa.String(length=1000), nullable=False),
        sa.Column("replied", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replied_by", sa.String(length=64), nullable=False),
        sa.Column("escalated", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["position"], ["event.position"], name=op.f("fk_opinion_position")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_opinion")),
    )
    op.create_index(op.f("ix_opinion_due"), "opinion", ["due"], unique=False)
    op.create_index(op.f("ix_opinion_hall_at"), "opinion", ["hall", "at"], unique=False)
    op.create_index(op.f("ix_opinion_hall_code"), "opinion", ["hall", "code"], unique=False)
    op.create_index(op.f("ix_opinion_hall_person"), "opinion", ["hall", "person"], unique=False)
    op.create_table(
        "supplement",
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("hall", sa.String(length=64), nullable=False),
        sa.Column("terminal", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("papers", sa.Integer(), nullable=False),
        sa.Column("answers", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["position"], ["event.position"], name=op.f("fk_supplement_position")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_supplement")),
    )
    op.create_index(op.f("ix_supplement_number"), "supplement", ["number"], unique=False)
    op.create_table(
        "handling",
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("hall", sa.String(length=64), nullable=False),
        sa.Column("accepts", sa.String(length=64), nullable=False),
        sa.Column("decides", sa.String(length=64), nullable=False),
        sa.Column("at_hall", sa.String(length=64), nullable=False),
        sa.Column("handling", sa.String(length=16), nullable=False),
        sa.Column("item", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("standing", sa.String(length=16), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("counted_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acceptance_due", sa.Date(), nullable=True),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("provisional", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("working_days", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.DateTime(timezone=True), nullable=True),
        sa.Column("corrections", sa.Integer(), server_default="0", nullable=False),
        sa.Column("asked_due", sa.Date(), nullable=True),
        sa.Column("deferred_due", sa.Date(), nullable=True),
        sa.Column("more_time", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("extended", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("reason", sa.String(length=500), server_default="", nullable=False),
        sa.Column("way", sa.String(length=16), server_default="collect", nullable=False),
        sa.Column("address_event", sa.String(length=36), nullable=True),
        sa.Column("payment", sa.String(length=36), nullable=True),
        sa.Column("closed", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["number"], ["submission.number"], name=op.f("fk_handling_number")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_handling")),
    )
    op.create_index(op.f("ix_handling_acceptance_due"), "handling", ["acceptance_due"], unique=False)
    op.create_index(op.f("ix_handling_asked_due"), "handling", ["asked_due"], unique=False)
    op.create_index(op.f("ix_handling_at_hall_standing"), "handling", ["at_hall", "standing"], unique=False)
    op.create_index(op.f("ix_handling_deferred_due"), "handling", ["deferred_due"], unique=False)
    op.create_index(op.f("ix_handling_hall_person"), "handling", ["hall", "person"], unique=False)
    op.create_table(
        "asked",
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("promised", sa.Boolean(), nullable=False),
        sa.Column("part", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("words", sa.String(length=500), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("done", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["number"], ["handling.number"], name=op.f("fk_asked_number")),
        sa.PrimaryKeyConstraint("number", "place", name=op.f("pk_asked")),
    )
    op.create_table(
        "parcel",
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("carrier", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_look", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error", sa.String(length=200), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["number"], ["handling.number"], name=op.f("fk_parcel_number")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_parcel")),
    )
    op.create_index(op.f("ix_parcel_next_look"), "parcel", ["next_look"], unique=False)
    op.create_table(
        "result",
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("uploaded", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["handling.number"], name=op.f("fk_result_number")),
        sa.PrimaryKeyConstraint("number", "place", name=op.f("pk_result")),
    )
    op.create_table(
        "parcel_news",
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("words", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["parcel.number"], name=op.f("fk_parcel_news_number")),
        sa.PrimaryKeyConstraint("number", "place", name=op.f("pk_parcel_news")),
    )
    _keep_audit()


def downgrade() -> None:
    """Drop what was made."""
    for table in reversed(_TABLES):
        op.drop_table(table)
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION audit_kept")
