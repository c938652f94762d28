"""Streams of the console: many at once, and their end when somebody is let in no longer."""

import asyncio
import resource
import time
from typing import Any

import anyio
import httpx
import pytest
from sqlalchemy import update

from hub.console import queries
from hub.people import streams
from hub.store import schema

DEADLINE = 60
"""Generous: other tests run beside this one."""
WANTED = 3000


def switch_off(running: Any, account: str) -> None:
    with running.hub.engine.execution_options(writes=True).begin() as connection:
        connection.execute(
            update(schema.account).where(schema.account.c.id == account).values(disabled=running.hub.now())
        )


def roles_gone(running: Any, account: str) -> None:
    with running.hub.engine.execution_options(writes=True).begin() as connection:
        connection.execute(schema.office_role.delete().where(schema.office_role.c.staff == account))


def signed_out(running: Any, account: str) -> None:
    with running.hub.engine.execution_options(writes=True).begin() as connection:
        connection.execute(schema.session.delete().where(schema.session.c.id == account))


@pytest.mark.parametrize("end", [switch_off, roles_gone, signed_out])
def test_a_stream_ends_when_its_reader_is_let_in_no_longer(
    running: Any, end: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "_LOOK_SECONDS", 0.1)
    with httpx.Client(base_url=running.at.console, trust_env=False, timeout=DEADLINE) as client:
        running.sign_in(client, "supervisor", staff_id=(account := f"one-{end.__name__.replace('_', '-')}"))
        with (
            httpx.Client(base_url=running.at.console, trust_env=False, timeout=DEADLINE) as beside,
            client.stream("GET", "/stream/passages") as stream,
        ):
            running.sign_in(beside, "auditor")
            lines = stream.iter_lines()
            assert next(lines) == "event: ping"
            with beside.stream("GET", "/stream/passages") as other:
                others = other.iter_lines()
                assert next(others) == "event: ping"
                end(running, account)
                for _ in lines:  # it ends: no error, no further word
                    pass
                assert client.get("/stream/passages").status_code in {401, 403}
                until = time.monotonic() + DEADLINE
                while running.hub.streams.count != 1:
                    assert time.monotonic() < until
                    time.sleep(0.02)
                running.terminal().send()  # nothing is broken for the one who stays


async def _open(port: int, cookie: str, after: str = "") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    seen = f"last-event-id: {after}\r\n" if after else ""
    writer.write(f"GET /stream/passages HTTP/1.1\r\nhost: localhost\r\ncookie: {cookie}\r\n{seen}\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    assert b" 200 " in head.split(b"\r\n")[0], head
    await reader.readuntil(b"event: ping")
    return reader, writer


def test_who_began_at_different_positions_soon_look_together(
    running: Any, terminal: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[int] = []
    changes = queries.changes
    monkeypatch.setattr(queries, "changes", lambda *args: (looks.append(args[2]), changes(*args))[1])
    with httpx.Client(base_url=running.at.console, trust_env=False, timeout=DEADLINE) as client:
        running.sign_in(client, "supervisor", staff_id="apart")
        cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    port = int(running.at.console.rpartition(":")[2])
    passages = [terminal.passage() for _ in range(12)]
    terminal.send(*passages)
    (newest,) = running.rows("SELECT max(position) FROM event")[0]

    async def main() -> None:
        lines = [await _open(port, cookie, str(newest - back)) for back in range(1, 11)]
        with anyio.fail_after(DEADLINE):
            await asyncio.gather(*(reader.readuntil(str(passages[-1].id).encode()) for reader, _ in lines))
            assert len(set(looks)) == len(lines)
            for passage in (terminal.passage() for _ in range(3)):
                looks.clear()
                await anyio.to_thread.run_sync(terminal.send, passage)
                await asyncio.gather(*(reader.readuntil(str(passage.id).encode()) for reader, _ in lines))
        assert len(looks) < len(lines) / 2  # each would have looked alone
        for _, writer in lines:
            writer.close()

    anyio.run(main)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_three_thousand_browsers_at_one_list(running: Any, terminal: Any) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 3 * WANTED:
        pytest.skip(f"only {hard} descriptors are allowed here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 3 * WANTED), hard))
    with httpx.Client(base_url=running.at.console, trust_env=False, timeout=DEADLINE) as client:
        running.sign_in(client, "supervisor", staff_id=(account := "many"))
        cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    port = int(running.at.console.rpartition(":")[2])
    passage = terminal.passage()

    async def main() -> None:
        lines = []
        for _ in range(WANTED // 100):
            lines += await asyncio.gather(*(_open(port, cookie) for _ in range(100)))
        assert running.hub.streams.count == WANTED
        began = time.monotonic()
        await anyio.to_thread.run_sync(terminal.send, passage)
        taken = time.monotonic() - began
        with anyio.fail_after(2 * DEADLINE):
            await asyncio.gather(*(reader.readuntil(str(passage.id).encode()) for reader, _ in lines))
        assert taken < DEADLINE / 2  # nobody at a gate waits for them
        await anyio.to_thread.run_sync(switch_off, running, account)
        with anyio.fail_after(2 * DEADLINE):
            await asyncio.gather(*(reader.read() for reader, _ in lines))  # every one of them ends
        for _, writer in lines:
            writer.close()

    anyio.run(main)
    assert running.hub.streams.count == 0
