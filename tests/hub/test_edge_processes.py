"""City, edge and terminal as processes of their own: each is killed or cut off in turn; nothing lost, nothing twice."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pysqlite3.dbapi2 as sqlite3
import pytest

from kiosk.clock import WallClock
from kiosk.wire.fleet import EnrolmentTicket
from provisioning.enrol import enrol

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def until(done: Callable[[], Any], what: str, seconds: float = 180) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := done()):
        assert time.monotonic() < deadline, what
        time.sleep(0.1)
    return found


@contextmanager
def process(log: Path, *command: str, ready: bool = True) -> Iterator[subprocess.Popen[bytes]]:
    """One that is killed at the end, if it has not ended by itself."""
    with log.open("ab") as errors:
        started = subprocess.Popen([sys.executable, "-m", *command], stdout=subprocess.PIPE, stderr=errors)
    assert started.stdout is not None
    try:
        if ready:
            assert started.stdout.readline(), log.read_text()[-2000:]
        yield started
    finally:
        if started.poll() is None:
            started.kill()
        started.wait()
        started.stdout.close()


def command(*words: str) -> str:
    done = subprocess.run([sys.executable, "-m", *words], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def test_city_away_and_back_edge_killed_and_back(tmp_path: Path) -> None:
    data, folder, terminal = tmp_path / "city", tmp_path / "edge", tmp_path / "terminal"
    terminal.mkdir()
    city_port, edge_port = free_port(), free_port()
    city = ("hub", "serve", "--data", str(data), "--console-port", "0", "--terminal-port", str(city_port))
    edge = ("hub", "edge", "serve", "--folder", str(folder), "--host", "127.0.0.1", "--port", str(edge_port))
    at = ["--hall", "weinan", "--data", str(data)]
    log = tmp_path / "log"
    with process(log, *city):
        made = ["--host", "localhost", "--city", f"https://localhost:{city_port}", "--out", str(folder)]
        command("hub", "edge", "make", *at, *made)
        code = command("hub", "code", *at, "--terminal", "gate-1", "--role", "gate", "--json")
        ticket = msgspec.structs.replace(
            msgspec.json.decode(code, type=EnrolmentTicket), url=f"https://localhost:{edge_port}"
        )
        with process(log, *edge):
            enrol(ticket, terminal / "identity", WallClock(), lambda _line: None, with_tpm=False)
    work = ("benchmarks.kill_terminal", str(terminal), "7")
    with process(log, *work, ready=False) as working:
        with process(log, *edge):
            with process(log, *city):
                until(lambda: count(data, "passage") > 3, "the first passages are at the city")
            before = told(terminal)
            until(lambda: len(told(terminal)) > len(before) + 10, "the hall works on without the city")
            until(lambda: waiting(folder) > 0, "what it reports waits at the edge")
        time.sleep(1)  # neither is there
        with process(log, *edge):
            after = told(terminal)
            until(lambda: len(told(terminal)) > len(after) + 5, "the edge is back, the city is not")
            with process(log, *city):
                (terminal / "stop").touch()
                until(lambda: working.poll() is not None, "the terminal's outbox is empty")
                until(lambda: waiting(folder) == 0, "what waited is at the city")
                refused = json.loads(command("hub", "edge", "status", "--folder", str(folder), "--json"))["refused"]
    assert working.returncode == 0, log.read_text()[-2000:]
    lines = told(terminal)
    assert lines[-1] == "empty 0"
    assert refused == []
    for kind in ("passage", "submission"):
        promised = [line.split()[1] for line in lines if line.startswith(kind)]
        with sqlite3.connect(data / "hub.db") as database:
            there = [row[0] for row in database.execute(f"SELECT id FROM {kind}")]
            events = database.execute("SELECT count(*), count(DISTINCT id) FROM event").fetchone()
            papers = [row[0] for row in database.execute("SELECT sha256 FROM paper")]
        assert sorted(there) == sorted(set(promised)), kind  # nothing lost
        assert len(there) == len(set(there))  # nothing twice
        assert events[0] == events[1]
        missing = [name for name in papers if not list((data / "papers").rglob(name))]
        assert missing == []
    assert len(promised) > 0
    assert (folder / "client.pem").stat().st_mode & 0o077 == 0


def told(terminal: Path) -> list[str]:
    file = terminal / "told.log"
    return file.read_text().splitlines() if file.exists() else []


def count(data: Path, table: str) -> int:
    with sqlite3.connect(f"file:{data / 'hub.db'}?mode=ro", uri=True) as database:
        return int(database.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def waiting(folder: Path) -> int:
    with sqlite3.connect(f"file:{folder / 'spool.db'}?mode=ro", uri=True) as database:
        return int(database.execute("SELECT count(*) FROM item").fetchone()[0])
