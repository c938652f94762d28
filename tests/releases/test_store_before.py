"""Expand and contract: after a release was taken back, the one before runs on the store as the newer one left it."""

from pathlib import Path

import anyio
import pysqlite3.dbapi2 as sqlite
import pytest

from kiosk.store import database
from kiosk.store.database import Database, StoreError, step_of
from provisioning import store_file
from provisioning.talk import CannotDo


def scripts() -> list[str]:
    return store_file.scripts()


class Fewer:
    """The steps of a release before: the folder without its last files."""

    def __init__(self, count: int, added: tuple[str, ...] = ()) -> None:
        self._texts = scripts()[:count] + list(added)

    def joinpath(self, *_: str) -> "Fewer":
        return self

    def iterdir(self) -> list["Text"]:
        return [Text(f"{number:04}_step.sql", text) for number, text in enumerate(self._texts, start=1)]


class Text:
    def __init__(self, name: str, text: str) -> None:
        self.name, self._text = name, text

    def read_text(self, encoding: str) -> str:
        return self._text


def opened_by(release: Fewer, path: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """Open the store as a release with these steps; returns the schema it has then."""

    async def run() -> int:
        store = await Database.open(path)
        try:
            await store.write(lambda c: c.execute("INSERT INTO meta (key, value) VALUES ('probe', '1')"))
            return int(await store.read(lambda c: c.execute("PRAGMA user_version").fetchone()[0]))
        finally:
            await store.write(lambda c: c.execute("DELETE FROM meta WHERE key = 'probe'"))
            await store.close()

    with monkeypatch.context() as patched:
        patched.setattr(database, "files", lambda _package: release)
        return anyio.run(run)


EXPANDS = "CREATE TABLE newer (a TEXT);\nALTER TABLE meta ADD COLUMN more TEXT;"


def test_the_release_before_runs_on_an_expanded_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, count = tmp_path / "terminal.db", len(scripts())
    assert opened_by(Fewer(count), path, monkeypatch) == count
    assert opened_by(Fewer(count, (EXPANDS,)), path, monkeypatch) == count + 1
    assert opened_by(Fewer(count), path, monkeypatch) == count + 1  # taken back: it runs, and undoes nothing
    assert opened_by(Fewer(count, (EXPANDS,)), path, monkeypatch) == count + 1
    assert store_file.migrate(path).after == count + 1


def test_a_contracted_store_is_not_run_on_by_a_release_that_needs_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, count = tmp_path / "terminal.db", len(scripts())
    contracts = f"-- needs: {count + 1}\nALTER TABLE meta DROP COLUMN more;"
    opened_by(Fewer(count, (EXPANDS, contracts)), path, monkeypatch)
    with pytest.raises(StoreError, match="newer release"):
        opened_by(Fewer(count), path, monkeypatch)
    with pytest.raises(CannotDo, match="newer release"):
        store_file.migrate(path)
    assert opened_by(Fewer(count, (EXPANDS,)), path, monkeypatch) == count + 2  # the one before the contraction does


def test_what_a_step_needs_is_a_number_of_steps() -> None:
    for wrong in ("-- needs: 9\nSELECT 1;", "-- needs: x\nSELECT 1;"):
        with pytest.raises(StoreError, match="needs"):
            step_of(3, wrong)


def test_the_steps_that_ship_only_add_or_say_what_they_need() -> None:
    for number, text in enumerate(scripts(), start=1):
        takes_away = any(word in text.upper() for word in ("DROP TABLE", "DROP COLUMN", "RENAME COLUMN", "RENAME TO"))
        assert not takes_away or text.startswith("-- needs: "), number
        assert step_of(number, text) == store_file._step(number, text)


def test_every_statement_of_the_release_before_still_works(tmp_path: Path) -> None:
    """Each table and column of the step before is there after the newest, and nothing new is demanded of a row."""
    texts = scripts()
    shapes = []
    for count in (len(texts) - 1, len(texts)):
        connection = sqlite.connect(str(tmp_path / f"{count}.db"), isolation_level=None)
        for number, text in enumerate(texts[:count], start=1):
            connection.executescript(step_of(number, text))
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        shapes.append({table: connection.execute(f'PRAGMA table_info("{table}")').fetchall() for table in tables})
        connection.close()
    before, after = shapes
    for table, columns in before.items():
        names = {column[1] for column in columns}
        assert names <= {column[1] for column in after[table]}, table
        for column in after[table]:
            demanded = column[3] and column[4] is None and not column[5]
            assert column[1] in names or not demanded, (table, column[1])
