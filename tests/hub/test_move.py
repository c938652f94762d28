"""Moving a hub to another database: all of it, compared, or nothing; there and back."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select
from typer.testing import CliRunner

from benchmarks.postgres import NoPostgres, postgres
from hub.__main__ import app
from hub.app import prepare
from hub.audit.chain import Actor, Who, append
from hub.backup import take
from hub.data import AlreadyServed, DataFolder
from hub.fleet.enrolment import make_code
from hub.move import LAID_ASIDE, CannotMove, Moved, move
from hub.store import schema
from hub.store.engine import open_engine
from kiosk.clock import WallClock
from kiosk.wire.events import Fate
from tests.hub.conftest import running_in

pytestmark = pytest.mark.timeout(240)
NOW = WallClock().now()


def write(engine: Any, number: int) -> None:
    """A terminal, a row of the audit, and orders of which the last was deleted."""
    with engine.execution_options(writes=True).begin() as connection:
        make_code(connection, "weinan", f"gate-{number}", "gate", NOW)
        append(connection, Who(Actor.OPERATOR), "test", f"渭南 {number}", NOW)
        order = schema.fleet_order
        for text in ("留", "去"):
            values = {"hall": "weinan", "terminal": f"gate-{number}", "kind": "message", "text": text, "by": "王芳"}
            row = {**values, "made": NOW, "expires": NOW + timedelta(days=1), "fate": "waiting", "detail": ""}
            connection.execute(insert(order).values(**row))
        connection.execute(order.delete().where(order.c.text == "去"))


def hub_in(path: Path) -> DataFolder:
    data = DataFolder(path)
    engine, _ = prepare(data, None, WallClock())
    write(engine, 1)
    engine.dispose()
    return data


def next_order(url: str) -> int:
    """Number that the next order gets."""
    engine = open_engine(url)
    try:
        write(engine, 9)
        with engine.connect() as connection:
            order = schema.fleet_order.c
            return int(connection.scalar(select(func.min(order.number)).where(order.terminal == "gate-9")) or 0)
    finally:
        engine.dispose()


def test_to_another_file_and_what_is_refused(tmp_path: Path) -> None:
    data, other = hub_in(tmp_path / "hub"), f"sqlite:///{tmp_path / 'other.db'}"
    with data.serving(), pytest.raises(AlreadyServed):
        move(data, None, other, WallClock())
    with pytest.raises(CannotMove, match="there already"):
        move(data, None, None, WallClock())
    with pytest.raises(CannotMove, match="no hub"):
        move(DataFolder(tmp_path / "nothing"), None, other, WallClock())
    for name, word in (("nonsense", "URL"), ("postgresql+psycopg://nobody@127.0.0.1:1/none", "--to names it")):
        done = CliRunner().invoke(app, ["move", "--to", name, "--data", str(data.path)], env={"COLUMNS": "400"})
        assert done.exit_code == 2, done.output
        assert word in done.output
    done = CliRunner().invoke(app, ["move", "--to", other, "--data", str(data.path), "--json"])
    assert done.exit_code == 0, done.output
    assert '"before":false' in done.output
    assert not data.database.exists()
    (aside,) = data.path.glob(f"{LAID_ASIDE}*")
    assert next_order(other) == 3  # 2 was given, and deleted
    aside.replace(data.database)
    with pytest.raises(CannotMove, match="something else"):
        move(data, None, other, WallClock())
    assert data.database.exists()


def test_broken_off_at_the_end_nothing_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data, other = hub_in(tmp_path / "hub"), f"sqlite:///{tmp_path / 'other.db'}"

    def full(*_given: object) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as broken:
        broken.setattr("hub.move._count_on", full)
        done = CliRunner().invoke(app, ["move", "--to", other, "--data", str(data.path)])
    assert done.exit_code == 2
    assert data.database.exists()
    assert not move(data, None, other, WallClock()).before  # nothing had stayed


@pytest.mark.slow
def test_a_hall_that_grows_and_one_that_goes_back(tmp_path: Path) -> None:
    """A whole served hub with a submission goes to PostgreSQL, serves there, and comes back with what came there."""
    try:
        with postgres() as server:
            with running_in(tmp_path) as hub:
                terminal = hub.terminal()
                paper = terminal.seal("paper")
                terminal.upload(paper)
                first = terminal.submission([paper])
                assert [each.fate for each in terminal.send(first, terminal.receipt(first), terminal.passage())] == [
                    Fate.STORED
                ] * 3
                with pytest.raises(AlreadyServed):
                    move(hub.data, None, server.url, WallClock())
                data = hub.data
            done = move(data, None, server.url, WallClock())
            assert not done.before
            assert done.rows > 10
            assert data.elsewhere() == "postgresql"
            again = CliRunner().invoke(app, ["terminal", "list", "--data", str(data.path)])
            assert again.exit_code == 2  # no command works on an empty hub.db by mistake
            # The folder's note was lost before it was written: the same once more finds all there.
            (aside,) = data.path.glob(f"{LAID_ASIDE}*")
            aside.replace(data.database)
            same = Moved(done.tables, done.rows, done.audit_rows, before=True)
            assert move(data, None, server.url, WallClock()) == same
            with running_in(tmp_path, server.url) as hub:
                terminal.http = hub.client(terminal.folder / "certificate.pem", terminal.folder / "key.pem")
                second = terminal.submission()
                assert [each.fate for each in terminal.send(first)] == [Fate.KNOWN]
                assert [each.fate for each in terminal.send(second)] == [Fate.STORED]
            manifest = take(data, tmp_path / "backup", server.url, NOW)
            assert not any(name.startswith("hub.db") for name in manifest.files)
            back = move(data, server.url, None, WallClock())
            assert back.rows > done.rows
            assert data.elsewhere() == ""
            with running_in(tmp_path) as hub:
                assert {row[0] for row in hub.rows("SELECT number FROM submission")} == {first.number, second.number}
                assert hub.hub.papers.open(first.papers[0].sha256) == paper
    except NoPostgres as error:
        pytest.skip(str(error))
