"""PostgreSQL is killed in the middle of requests and started again: nothing acknowledged is lost, nothing refused."""

import threading
import time
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from anyio.from_thread import start_blocking_portal

from benchmarks.postgres import NoPostgres, postgres
from hub.data import DataFolder
from hub.serve import Listening, serving
from kiosk.clock import WallClock
from kiosk.wire.events import Answer, Fate

DEADLINE = 60
"""Generous: other tests run beside this one."""
HERE = Listening(console_port=0, terminal_port=0)


class Sender(threading.Thread):
    """A gate that sends pairs, again until they are acknowledged."""

    def __init__(self, terminal: Any) -> None:
        super().__init__()
        self.terminal = terminal
        self.acknowledged: set[str] = set()
        self.statuses: dict[int, int] = {}
        self.fates: set[Fate] = set()
        self.done = threading.Event()

    def run(self) -> None:
        while not self.done.is_set():
            passage = self.terminal.passage()
            events = [passage, self.terminal.ended(passage)]
            bodies = [self.terminal.encode(each) for each in events]
            while not self._sent(bodies):
                if self.done.wait(0.02):
                    return
            self.acknowledged.update(str(each.id) for each in events)

    def _sent(self, bodies: list[bytes]) -> bool:
        try:
            answer = self.terminal.post(*bodies)
        except httpx.HTTPError:
            return False
        self.statuses[answer.status_code] = self.statuses.get(answer.status_code, 0) + 1
        if answer.status_code != 200:
            return False
        fates = {each.fate for each in msgspec.json.decode(answer.content, type=list[Answer])}
        self.fates |= fates
        return fates <= {Fate.STORED, Fate.KNOWN}


def wait(sender: Sender, more: int) -> None:
    wanted, until = len(sender.acknowledged) + more, time.monotonic() + DEADLINE
    while len(sender.acknowledged) < wanted:
        assert sender.is_alive()
        assert time.monotonic() < until, "no progress"
        time.sleep(0.01)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_postgresql_is_restarted_under_load(running: Any, tmp_path: Path) -> None:
    data = DataFolder(tmp_path / "city")
    try:
        with (
            postgres() as server,
            start_blocking_portal(backend_options={"use_uvloop": True}) as portal,
            portal.wrap_async_context_manager(serving(data, HERE, WallClock(), server.url)) as (hub, at),
        ):
            city = type(running)(hub, at, data, tmp_path)
            sender = Sender(city.terminal())
            sender.start()
            try:
                for _ in range(3):
                    wait(sender, 20)
                    server.stop()  # as a crash: in the middle of whatever it does
                    time.sleep(0.3)
                    server.start()
                wait(sender, 20)
            finally:
                sender.done.set()
                sender.join(DEADLINE)
            stored = [row[0] for row in city.rows("SELECT id FROM event")]
            assert len(stored) == len(set(stored))
            assert sender.acknowledged <= set(stored)
            assert set(sender.statuses) <= {200, 503}, (
                sender.statuses
            )  # and never a 500, which would be a fault of ours
            assert Fate.REFUSED not in sender.fates
            assert city.rows("SELECT count(*) FROM refused") == [(0,)]
            for client in city.clients:
                client.close()
    except NoPostgres as error:
        pytest.skip(str(error))
