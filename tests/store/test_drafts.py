"""Drafts on the terminal's disk: one a person and item, gone when they expire."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.store.database import Database
from kiosk.store.drafts import Drafts
from kiosk.store.shelf import StoredDraft

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Hands:
    """A clock that is set by hand."""

    at = NOW

    def now(self) -> datetime:
        return self.at


def draft(
    person: str = "a", item: str = "fine", *, kept: bool = False, days: int = 7, body: bytes = b"x"
) -> StoredDraft:
    return StoredDraft(person, item, 1, NOW, NOW + timedelta(days=days), kept, body)


async def test_drafts_are_kept_replaced_and_dropped(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "t.db")
    drafts = Drafts(database, Hands())
    await drafts.keep(draft(kept=True))
    await drafts.keep(draft(body=b"y"))
    await drafts.keep(draft(item="card"))
    await drafts.keep(draft("b"))
    found = {one.item: (one.kept, one.body) for one in await drafts.of("a")}
    assert found == {"fine": (True, b"y"), "card": (False, b"x")}
    await drafts.drop("a", "fine", unless_kept=True)
    await drafts.drop("a", "card", unless_kept=True)
    assert [one.item for one in await drafts.of("a")] == ["fine"]
    await drafts.drop("a", "fine")
    assert await drafts.of("a") == []
    assert len(await drafts.of("b")) == 1
    await database.close()
    again = await Database.open(tmp_path / "t.db")
    assert [one.body for one in await Drafts(again, Hands()).of("b")] == [b"x"]
    await again.close()


async def test_what_has_expired_is_deleted_whoever_asks(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "t.db")
    clock = Hands()
    drafts = Drafts(database, clock)
    await drafts.keep(draft("a", days=1, kept=True))
    await drafts.keep(draft("b", days=3))
    clock.at = NOW + timedelta(days=1)
    assert len(await drafts.of("b")) == 1
    rows = await database.read(lambda c: c.execute("SELECT person FROM draft").fetchall())
    assert rows == [("b",)]
    await database.close()
