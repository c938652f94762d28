"""News from one process of the hub to the others: each hears of what another wrote, soon, and not of its own."""

import time

import anyio
import psycopg
import pytest
from sqlalchemy import Connection

from benchmarks.postgres import NoPostgres, postgres
from hub.store.engine import open_engine
from hub.store.fanout import listen
from hub.store.writer import Writer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


def _nothing(_connection: Connection) -> None:
    """A transaction is told of, whatever is in it."""


async def _until(what: dict[str, int], who: str, more_than: int) -> None:
    deadline = time.monotonic() + 60
    while what[who] <= more_than:
        assert time.monotonic() < deadline, f"{who} heard nothing"
        await anyio.sleep(0.01)


def test_others_hear_of_a_commit_and_nobody_of_his_own() -> None:
    try:
        with postgres() as server:
            anyio.run(_tell_and_hear, server.url)
    except NoPostgres as error:
        pytest.skip(str(error))


async def _write_and_hear(writer: Writer, heard: dict[str, int]) -> None:
    before = heard["two"]
    await writer.do(_nothing)
    await _until(heard, "two", before)


async def _tell_and_hear(url: str) -> None:
    engine, stopping = open_engine(url), anyio.Event()
    heard = {"one": 0, "two": 0}

    def hears(who: str) -> None:
        heard[who] += 1

    writer = Writer(engine, lambda: None, "one")
    async with anyio.create_task_group() as group:
        group.start_soon(writer.run)
        for who in heard:
            group.start_soon(listen, engine, who, lambda who=who: hears(who), stopping)
            await _until(heard, who, 0)  # what was said before it listened
        own = heard["one"]
        for _ in range(3):
            await _write_and_hear(writer, heard)
        assert heard["one"] == own
        # Many at once, and the connection cut: it listens again, and looks for what it missed.
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as other:
            for _ in range(200):
                other.execute("SELECT pg_notify('kiosk_hub', 'one')")
            await anyio.sleep(0.2)
            assert heard["one"] == own
            before = dict(heard)
            other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
        for who in heard:
            await _until(heard, who, before[who])
        await _write_and_hear(writer, heard)
        stopping.set()
        writer.close()
    engine.dispose()
