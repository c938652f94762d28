"""What was answered and noted in a case may be emptied; nothing else of a step is ever changed."""

from typing import Final

from alembic import op

revision = "0026"
down_revision = "0025"

_NO_CHANGE: Final = "a step of a case is never changed"
_KEPT: Final = ("position", "case_number", "at", "recorded", "who", "place", "what", "state", "question")


def _same(compare: str) -> str:
    return " AND ".join(f"NEW.{column} {compare} OLD.{column}" for column in _KEPT)


def upgrade() -> None:
    """Let an update through that empties the words, and no other."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER case_step_no_update")
        op.execute(
            f"CREATE TRIGGER case_step_no_update BEFORE UPDATE ON case_step WHEN NOT (NEW.text = '' AND {_same('IS')}) "
            f"BEGIN SELECT RAISE(ABORT, '{_NO_CHANGE}'); END"
        )
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION case_step_kept() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN IF TG_OP = 'UPDATE' THEN IF NEW.text = '' AND {_same('IS NOT DISTINCT FROM')} "
        f"THEN RETURN NEW; END IF; END IF; RAISE EXCEPTION '{_NO_CHANGE}'; END $$"
    )


def downgrade() -> None:
    """Refuse every change again."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER case_step_no_update")
        op.execute(
            "CREATE TRIGGER case_step_no_update BEFORE UPDATE ON case_step "
            f"BEGIN SELECT RAISE(ABORT, '{_NO_CHANGE}'); END"
        )
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION case_step_kept() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_NO_CHANGE}'; END $$"
    )
