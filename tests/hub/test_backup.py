"""A backup taken while the hub serves, checked, and restored to a hub that goes on."""

import json
import shutil
import subprocess
from pathlib import Path
from threading import Event, Thread
from typing import Any

import msgspec
import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from benchmarks.postgres import NoPostgres, postgres
from hub.__main__ import app
from hub.app import prepare
from hub.backup import MANIFEST, BackupFailed, _copy_sqlite, _digest, check, restore, take
from hub.data import DataFolder
from hub.fleet.enrolment import make_code
from hub.store import schema
from hub.store.engine import open_engine
from hub.store.papers import Papers
from kiosk.clock import WallClock
from kiosk.wire.events import Fate

NOW = WallClock().now()


def test_taken_while_serving_and_restored(running: Any, tmp_path: Path) -> None:
    terminal = running.terminal()
    paper = terminal.seal("paper")
    terminal.upload(paper)
    submission = terminal.submission([paper])
    assert [answer.fate for answer in terminal.send(submission)] == [Fate.STORED]
    manifest = take(running.data, tmp_path / "backup", None, NOW)
    assert [answer.fate for answer in terminal.send(terminal.passage())] == [Fate.STORED]  # the hub goes on
    assert (manifest.database, manifest.papers_elsewhere) == ("sqlite", "")
    assert {"hub.db", "keys/papers.age", "ca/ca.key"} <= manifest.files.keys()
    assert not any("lock" in name for name in manifest.files)
    data = DataFolder(tmp_path / "restored")
    restore(tmp_path / "backup", data, None)
    engine, authority = prepare(data, None, WallClock())
    with engine.connect() as connection:
        numbers = connection.execute(select(schema.submission.c.number)).scalars().all()
    engine.dispose()
    assert submission.number in numbers
    assert authority.fingerprint == running.hub.authority.fingerprint
    assert data.unsealing_identity() == running.data.unsealing_identity()
    assert Papers(data.papers).open(submission.papers[0].sha256) == paper
    with pytest.raises(BackupFailed, match="already"):
        restore(tmp_path / "backup", data, None)
    with pytest.raises(BackupFailed, match="not empty"):
        take(running.data, tmp_path / "backup", None, NOW)


def test_a_backup_that_is_not_whole_is_refused(running: Any, tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    take(running.data, whole, None, NOW)
    fresh = DataFolder(tmp_path / "fresh")
    for number, harm in enumerate(("gone", "changed", "unfinished", "escaping")):
        harmed = tmp_path / f"harmed-{number}"
        shutil.copytree(whole, harmed)
        match harm:
            case "gone":
                (harmed / "keys" / "papers.age").unlink()
            case "changed":
                (harmed / "hub.db").write_bytes((harmed / "hub.db").read_bytes()[:-1] + b"x")
            case "unfinished":
                (harmed / MANIFEST).unlink()
            case _:
                text = (harmed / MANIFEST).read_text().replace('"keys/papers.age"', '"../papers.age"')
                (harmed / MANIFEST).write_text(text)
        with pytest.raises(BackupFailed):
            restore(harmed, fresh, None)
        assert not fresh.database.exists()
    assert check(whole).files
    with pytest.raises(BackupFailed, match="--database"):
        restore(whole, fresh, "postgresql+psycopg://nobody@127.0.0.1:9/none")
    with pytest.raises(BackupFailed, match="no hub"):
        take(DataFolder(tmp_path / "nothing"), tmp_path / "b", None, NOW)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_postgresql_there_and_back(tmp_path: Path) -> None:
    if shutil.which("pg_dump") is None:
        pytest.skip("no pg_dump here")
    try:
        with postgres() as server:
            data = DataFolder(tmp_path / "hub")
            engine, _ = prepare(data, server.url, WallClock())
            with engine.execution_options(writes=True).begin() as connection:
                make_code(connection, "weinan", "gate-1", "gate", NOW)
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("CREATE DATABASE other")
            engine.dispose()
            take(data, tmp_path / "backup", server.url, NOW)
            other = server.url.replace("/postgres", "/other")
            restored = DataFolder(tmp_path / "restored")
            restore(tmp_path / "backup", restored, other)
            again = open_engine(other)
            with again.connect() as connection:
                assert connection.execute(select(schema.terminal.c.terminal)).scalars().all() == ["gate-1"]
            again.dispose()
            assert restored.unsealing_identity() == data.unsealing_identity()
    except (NoPostgres, subprocess.SubprocessError) as error:
        pytest.skip(str(error))


@pytest.mark.timeout(240)
def test_a_hub_that_writes_all_the_time_is_copied_all_the_same(tmp_path: Path) -> None:
    """A copy in pieces begins anew after each commit of somebody else, and never ends in a city."""
    database = tmp_path / "hub.db"
    engine = open_engine(f"sqlite:///{database}")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE filler (n INTEGER PRIMARY KEY, text TEXT)")
        count = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 6000)"
        connection.exec_driver_sql(f"{count} INSERT INTO filler SELECT n, hex(randomblob(2000)) FROM c")
    engine.dispose()
    stop = Event()

    def write() -> None:
        writer = open_engine(f"sqlite:///{database}")
        while not stop.is_set():
            with writer.begin() as connection:
                connection.exec_driver_sql("INSERT INTO filler (text) VALUES ('x')")
        writer.dispose()

    writing = Thread(target=write)
    writing.start()
    copying = Thread(target=_copy_sqlite, args=(database, tmp_path / "copy.db"), daemon=True)
    try:
        copying.start()
        copying.join(150)
        assert not copying.is_alive(), "the copy never ends while somebody writes"
    finally:
        stop.set()
        writing.join()
    copied = open_engine(f"sqlite:///{tmp_path / 'copy.db'}")
    with copied.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM filler").scalar_one() >= 6000
    copied.dispose()


def test_what_must_not_be_backed_up_is_said(running: Any, tmp_path: Path) -> None:
    with pytest.raises(BackupFailed, match="own folder"):
        take(running.data, running.data.path / "backups", None, NOW)
    moved = DataFolder(tmp_path / "moved")
    prepare(moved, None, WallClock())[0].dispose()
    moved.note_database("postgresql")  # and an old hub.db is there still
    done = CliRunner().invoke(app, ["backup", "take", str(tmp_path / "old"), "--data", str(moved.path)])
    assert done.exit_code == 2
    assert "postgresql" in done.output
    assert not (tmp_path / "old").exists()
    (tmp_path / "file").write_text("")
    blocked = ["backup", "take", str(tmp_path / "file"), "--data", str(running.data.path)]
    done = CliRunner().invoke(app, blocked)
    assert done.exit_code == 2
    assert "there is no backup" in done.output


def test_a_restore_that_breaks_off_leaves_nothing_to_be_served(running: Any, tmp_path: Path) -> None:
    take(running.data, tmp_path / "whole", None, NOW)
    broken = tmp_path / "whole" / "hub.db"
    broken.write_bytes(b"no database" * 1000)
    manifest = json.loads((tmp_path / "whole" / MANIFEST).read_bytes())
    manifest["files"]["hub.db"] = msgspec.to_builtins(_digest(broken))
    (tmp_path / "whole" / MANIFEST).write_text(json.dumps(manifest))
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    (fresh / "somebodys.txt").write_text("mine")
    done = CliRunner().invoke(app, ["backup", "restore", str(tmp_path / "whole"), "--data", str(fresh)])
    assert done.exit_code == 2, done.output
    assert "not a database" in done.output
    left = [file.name for file in fresh.rglob("*") if file.is_file() and file.suffix != ".lock"]
    assert left == ["somebodys.txt"]
    shutil.rmtree(tmp_path / "whole")
    take(running.data, tmp_path / "whole", None, NOW)
    restore(tmp_path / "whole", DataFolder(fresh), None)  # the folder can be used
