"""A disk that is really full, and two processes that both have a clock: real processes, disk and PostgreSQL."""

import contextlib
import hashlib
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import httpx
import msgspec
import pytest
from sqlalchemy import select, text, update

from benchmarks.postgres import NoPostgres, postgres
from hub.data import DataFolder
from hub.store import schema
from hub.store.engine import open_engine
from hub.store.leader import _LOCK
from kiosk.clock import WallClock, local_date
from kiosk.wire import routes
from kiosk.wire.events import Answer, Fate
from tests.hub.office_world import Citizen
from tests.hub.test_durability import DEADLINE, _Remote, port_of, start

Found = TypeVar("Found")
MIB = 1024 * 1024
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def wait_for(look: Callable[[], Found | None], what: str) -> Found:
    until = time.monotonic() + DEADLINE
    while not (found := look()):
        assert time.monotonic() < until, f"waited in vain for {what}"
        time.sleep(0.05)
    return found


def fill(file: Path) -> None:
    """Take all the room there is."""
    with file.open("ab", buffering=0) as out:
        for size in (MIB, 4096, 1):
            with contextlib.suppress(OSError):
                while out.write(bytes(size)):
                    pass


def test_a_disk_that_is_full_loses_nothing_and_is_told(running: Any, tmp_path: Path) -> None:
    data, disk = tmp_path / "data", tmp_path / "disk"
    disk.mkdir()
    own_disk = f'mount -t tmpfs -o size=16m none "{disk}" && cp -a "{data}/." "{disk}" && exec "$@"'
    mounted = ("unshare", "-rm", "sh", "-c", own_disk, "sh")
    process, at = start(data, 0, 0)  # once on the common disk, to enrol
    remote = _Remote(data)
    hall = type(running)(remote, msgspec.convert(at, type(running.at)), DataFolder(data), tmp_path)
    terminal = hall.terminal()
    remote.engine.dispose()
    process.terminate()
    assert process.wait(timeout=DEADLINE) == 0
    tried = subprocess.run([*mounted, "true"], check=False, capture_output=True, text=True)
    if tried.returncode:
        terminal.http.close()
        pytest.skip(f"no disk of one's own may be mounted here: {tried.stderr.strip()}")
    process, _ = start(disk, port_of(at["console"]), port_of(at["terminals"]), before=mounted)
    try:
        inside = Path(f"/proc/{process.pid}/root{disk}")  # the disk is only in the hub's sight
        stored: set[str] = set()

        def sent(events: list[Any]) -> httpx.Response:
            answer: httpx.Response = terminal.post(*(terminal.encode(each) for each in events))
            if answer.status_code == 200:
                fates = {each.fate for each in msgspec.json.decode(answer.content, type=list[Answer])}
                assert fates <= {Fate.STORED, Fate.KNOWN}
                stored.update(str(each.id) for each in events)
            return answer

        assert sent([terminal.passage()]).status_code == 200
        ballast = inside / "ballast"
        fill(ballast)

        def refused() -> tuple[list[Any], httpx.Response] | None:
            events = [terminal.passage() for _ in range(20)]
            answer = sent(events)
            return None if answer.status_code == 200 else (events, answer)

        waiting, answer = wait_for(refused, "the disk to be full")
        assert (answer.status_code, answer.json()["type"]) == (503, "urn:kiosk:problem:store-away")
        assert answer.headers["retry-after"] == "2"
        assert terminal.http.get(routes.TIME).status_code == 200  # who asks is answered all the same
        paper = terminal.seal("paper")
        no_room = terminal.put(hashlib.sha256(paper).hexdigest(), 0, len(paper), paper)
        assert (no_room.status_code, no_room.json()["type"]) == (507, "urn:kiosk:problem:disk-full")
        assert process.poll() is None
        ballast.unlink()
        wait_for(lambda: sent(waiting).status_code == 200, "the events that were refused to be taken")
        assert sent([terminal.passage()]).status_code == 200
        process.send_signal(signal.SIGSTOP)
        shutil.copytree(inside, tmp_path / "kept")  # it goes with the process
        process.send_signal(signal.SIGCONT)
        engine = open_engine(f"sqlite:///{tmp_path / 'kept' / 'hub.db'}")
        with engine.connect() as connection:
            ids = [str(each) for each in connection.scalars(select(schema.event.c.id))]
            assert len(ids) == len(set(ids))
            assert stored == set(ids)
            assert connection.scalar(text("PRAGMA integrity_check")) == "ok"
        engine.dispose()
        process.terminate()
        assert process.wait(timeout=DEADLINE) == 0
    finally:
        terminal.http.close()
        process.kill()
        process.wait()


@pytest.fixture
def server() -> Iterator[Any]:
    try:
        with postgres() as running:
            yield running
    except NoPostgres as error:
        pytest.skip(str(error))


def test_two_processes_and_one_timer(running: Any, server: Any, tmp_path: Path) -> None:
    data, logs = tmp_path / "data", [tmp_path / "one.log", tmp_path / "two.log"]
    more = ("--database", server.url)
    first, at = start(data, 0, 0, *more)
    engine = open_engine(server.url)
    processes = [first]
    try:
        remote = _Remote(data, server.url)
        hall = type(running)(remote, msgspec.convert(at, type(running.at)), DataFolder(data), tmp_path)
        desk = hall.terminal("desk")
        numbers = [Citizen(desk).hand_in().number for _ in range(2)]
        desk.http.close()
        remote.engine.dispose()
        first.terminate()
        assert first.wait(timeout=DEADLINE) == 0

        def overdue(number: str) -> None:
            """Nobody has looked at it for its five working days, and the last of them was yesterday."""
            with engine.execution_options(writes=True).begin() as connection:
                day = local_date(WallClock().now() - timedelta(days=1))
                row = (schema.handling.c.number == number,)
                connection.execute(update(schema.handling).where(*row).values(acceptance_due=day, provisional=False))

        def deemed(number: str) -> int:
            with engine.connect() as connection:
                rows = connection.scalars(select(schema.audit.c.what).where(schema.audit.c.subject == number)).all()
            return rows.count("deem_accepted")

        def leaders() -> list[int]:
            return [place for place, log in enumerate(logs) if '"leads": true' in log.read_text()]

        def holders() -> int:
            named = {"high": _LOCK >> 32, "low": _LOCK & 0xFFFFFFFF}
            with engine.connect() as connection:
                locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
                mine = text(f"{locks} AND classid = :high AND objid = :low")
                return int(connection.scalar(mine, named) or 0)

        overdue(numbers[0])
        processes += [start(data, 0, 0, *more, log=log)[0] for log in logs]
        wait_for(lambda: deemed(numbers[0]), "the day that came")
        assert holders() == 1
        (leader,) = wait_for(leaders, "somebody who leads")
        overdue(numbers[1])
        processes[1 + leader].send_signal(signal.SIGKILL)
        processes[1 + leader].wait()
        wait_for(lambda: deemed(numbers[1]), "the other process to take over")
        wait_for(lambda: leaders() == [0, 1], "the other to say so")
        assert holders() == 1
        time.sleep(1.0)  # whoever would do it twice has had the time
        assert [deemed(number) for number in numbers] == [1, 1]
    finally:
        engine.dispose()
        for process in processes:
            process.kill()
            process.wait()
