"""Kill -9 of the hub under load: what it acknowledged is there, once."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pysqlite3.dbapi2 as sqlite
import pytest
from sqlalchemy import text

from hub.data import DataFolder
from hub.store.engine import UnsafeDatabase, check_sqlite, migrate, open_engine
from hub.store.schema import metadata
from kiosk.wire.events import Answer, Fate

DEADLINE = 120
"""Generous: a hub that starts beside other tests takes its time."""
pytestmark = pytest.mark.timeout(300)


def start(
    data: Path, console: int, terminals: int, *more: str, before: tuple[str, ...] = (), log: Path | None = None
) -> tuple[subprocess.Popen[str], dict[str, str]]:
    command = [*before, sys.executable, "-m", "hub", "serve", "--data", str(data)]
    command += ["--console-port", str(console), "--terminal-port", str(terminals), *more]
    with Path(os.devnull if log is None else log).open("w") as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
    assert process.stdout is not None
    with process.stdout:
        line = process.stdout.readline()
    if not line:
        process.kill()
        process.wait()
        pytest.fail("the hub did not start")
    return process, json.loads(line)


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_kill_9_loses_and_duplicates_nothing(tmp_path: Path, running: Any) -> None:
    # The data folder, keys and enrolment of a hub that ran before, so that only the process under fire is new.
    data = tmp_path / "data"
    process, at = start(data, 0, 0)
    fresh = type(running)(_Remote(data), msgspec.convert(at, type(running.at)), DataFolder(data), tmp_path)
    terminal = fresh.terminal()
    acknowledged: set[str] = set()
    sent: list[tuple[str, bytes]] = []
    stop = threading.Event()

    def load() -> None:
        unsure: list[tuple[str, bytes]] = []
        while not stop.is_set():
            batch = unsure or [
                (str(passage.id), terminal.encode(passage)) for passage in (terminal.passage() for _ in range(5))
            ]
            if not unsure:
                sent.extend(batch)
            try:
                response = terminal.post(*(body for _, body in batch))
                answers = msgspec.json.decode(response.content, type=list[Answer])
            except (httpx.HTTPError, msgspec.DecodeError):
                unsure = batch
                stop.wait(0.02)
                continue
            unsure = []
            assert {answer.fate for answer in answers} <= {Fate.STORED, Fate.KNOWN}
            acknowledged.update(event_id for event_id, _ in batch)

    worker = threading.Thread(target=load)
    worker.start()
    try:
        for kill in range(3):
            wanted, deadline = len(acknowledged) + 40, time.monotonic() + DEADLINE
            while len(acknowledged) < wanted:
                assert time.monotonic() < deadline, f"no progress before kill {kill}"
                time.sleep(0.01)
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            process, _ = start(data, port_of(at["console"]), port_of(at["terminals"]))
    finally:
        stop.set()
        worker.join()
        process.terminate()
        assert process.wait(timeout=DEADLINE) == 0
        terminal.http.close()
        fresh.hub.engine.dispose()
    database = sqlite.connect(str(data / "hub.db"))
    stored = [row[0] for row in database.execute("SELECT id FROM event")]
    assert len(stored) == len(set(stored))
    assert acknowledged <= set(stored)
    assert set(stored) <= {event_id for event_id, _ in sent}
    assert database.execute("SELECT count(*) FROM passage").fetchone() == (len(stored),)
    assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()


class _Remote:
    """As much of a `Hub` as making tickets needs, beside a hub in another process."""

    def __init__(self, data: Path, database: str | None = None) -> None:
        from hub.app import prepare
        from kiosk.clock import WallClock

        folder = DataFolder(data)
        self.engine, self.authority = prepare(folder, database, WallClock())
        self.signing = folder.signing_key()
        self.now = WallClock().now


@pytest.mark.parametrize("with_signal", [signal.SIGINT, signal.SIGTERM])
def test_a_clean_stop_with_streams_open(tmp_path: Path, running: Any, with_signal: signal.Signals) -> None:
    data = tmp_path / "data"
    process, at = start(data, 0, 0)
    try:
        fresh = type(running)(_Remote(data), msgspec.convert(at, type(running.at)), DataFolder(data), tmp_path)
        with httpx.Client(trust_env=False, timeout=DEADLINE) as client:
            fresh.sign_in(client, "supervisor")
            fresh.hub.engine.dispose()
            with client.stream("GET", at["console"] + "/stream/passages") as stream:
                assert next(stream.iter_lines()) == "event: ping"
                process.send_signal(with_signal)
                assert process.wait(timeout=DEADLINE) == 0
    finally:
        process.kill()
        process.wait()


def test_two_hubs_do_not_share_a_folder_nor_a_port(tmp_path: Path) -> None:
    process, at = start(tmp_path / "data", 0, 0)
    try:
        command = [sys.executable, "-m", "hub", "serve", "--data"]
        again = subprocess.run([*command, str(tmp_path / "data")], check=False, capture_output=True, text=True)
        assert (again.returncode, "another hub serves" in again.stderr) == (2, True)
        port = str(port_of(at["console"]))
        taken = subprocess.run(
            [*command, str(tmp_path / "other"), "--console-port", port], check=False, capture_output=True, text=True
        )
        assert (taken.returncode, f"cannot listen on 127.0.0.1:{port}" in taken.stderr) == (2, True)
        exposed = subprocess.run(
            [*command, str(tmp_path / "third"), "--console-host", "0.0.0.0"],
            check=False,
            capture_output=True,
            text=True,
        )
        assert (exposed.returncode, "passwords would be read" in exposed.stderr) == (2, True)
    finally:
        process.terminate()
        process.wait()


def test_secrets_are_the_owners_only(running: Any) -> None:
    running.terminal()
    for file in (*running.data.keys.iterdir(), running.data.ca / "ca.key", running.data.ca / "server.pem"):
        assert file.stat().st_mode & 0o077 == 0, file


def test_an_sqlite_that_loses_rows_is_refused() -> None:
    with pytest.raises(UnsafeDatabase, match=r"3\.51\.2"):
        check_sqlite((3, 51, 2))
    check_sqlite((3, 51, 3))


def test_durability_settings_and_migrations_match_the_schema(tmp_path: Path) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    engine = open_engine(f"sqlite:///{tmp_path / 'new.db'}")
    migrate(engine)
    migrate(engine)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert connection.scalar(text("PRAGMA synchronous")) == 2
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
    engine.dispose()


def test_a_failing_job_takes_no_other_with_it(running: Any) -> None:
    import anyio

    from hub.store.writer import Writer

    async def main() -> None:
        commits = []
        writer = Writer(running.hub.engine, lambda: commits.append(1))
        results: list[object] = []

        async def job(number: int) -> None:
            def work(connection: Any) -> int:
                connection.exec_driver_sql(
                    "INSERT INTO hall (hall, made) VALUES (?, '2026-01-01 00:00:00')", (f"job-{number}",)
                )
                if number == 2:
                    raise ZeroDivisionError
                return number

            try:
                results.append(await writer.do(work))
            except ZeroDivisionError:
                results.append("failed")

        async with anyio.create_task_group() as group:
            for number in range(5):
                group.start_soon(job, number)
            await anyio.wait_all_tasks_blocked()
            group.start_soon(writer.run)
            while len(results) < 5:
                await anyio.sleep(0.01)
            writer.close()
        assert sorted(map(str, results)) == ["0", "1", "3", "4", "failed"]
        assert len(commits) == 1  # one transaction for all that waited

    anyio.run(main)
    stored = {row[0] for row in running.rows("SELECT hall FROM hall WHERE hall LIKE 'job-%'")}
    assert stored == {"job-0", "job-1", "job-3", "job-4"}
