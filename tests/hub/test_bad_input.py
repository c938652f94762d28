"""What the terminal port must withstand: strangers, wrong orders, hostile text, slow clients, full disks."""

import socket
import ssl
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
import httpx
import msgspec
import pysqlite3.dbapi2 as sqlite
import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError

from hub.store.faults import is_about_the_item
from hub.store.s3 import ObjectsAway
from hub.store.writer import Writer
from hub.submissions.intake import Intake
from kiosk.clock import WallClock
from kiosk.wire import VERSION, routes
from kiosk.wire.events import Crossed, Envelope, Fate

HOSTILE = (
    "'; DROP TABLE event; --",
    '" OR 1=1 --',
    "<script>alert(1)</script>",
    '=HYPERLINK("http://x")',
    "@SUM(A1)",
    "\u202egnp.exe",
    "${jndi:ldap://x}",
    "{{7*7}}",
    "../../etc/passwd",
    "%00",
)


def test_strangers(running: Any) -> None:
    stranger = running.client()
    for method, path in (
        ("GET", routes.TIME),
        ("POST", routes.EVENTS),
        ("POST", routes.HEALTH),
        ("GET", routes.ORDERS),
    ):
        answer = stranger.request(method, path, content=b"[]" if method == "POST" else None)
        assert (answer.status_code, answer.json()["type"]) == (401, "urn:kiosk:problem:no-certificate")
        assert answer.headers["content-type"] == "application/problem+json"


def test_another_version_on_the_quick_lane(terminal: Any) -> None:
    for path in (routes.EVENTS, routes.HEALTH):
        answer = terminal.http.post(path, content=b"[]", headers={routes.WIRE_HEADER: "999"})
        assert (answer.status_code, answer.headers[routes.WIRE_HEADER]) == (409, str(VERSION))


def test_hostile_words_are_words(running: Any, terminal: Any) -> None:
    events = [terminal.passage(lane=text[:60], name_masked=text[:60]) for text in HOSTILE]
    assert {answer.fate for answer in terminal.send(*events)} == {Fate.STORED}
    for event in events:
        rows = running.rows("SELECT lane, name_masked FROM passage WHERE id = ?", str(event.id))
        assert rows == [(event.lane, event.name_masked)]


def test_truncated_and_oversized_bodies(terminal: Any) -> None:
    body = b"[" + terminal.encode(terminal.passage()) + b"]"
    for cut in (1, len(body) // 2, len(body) - 1):
        assert terminal.http.post(routes.EVENTS, content=body[:cut]).status_code == 400
    assert terminal.http.post(routes.HEALTH, content=b"{" + b" " * 70_000).status_code == 413
    assert terminal.http.post(routes.HEALTH, content=b"[" * 60_000).status_code == 422


def test_replayed_reordered_and_future_dated(running: Any, terminal: Any) -> None:
    now = WallClock().now()
    passages = [terminal.passage() for _ in range(3)]
    ahead = [now + timedelta(days=365 * n) for n in (2, 0, 1)]  # the terminal's clock jumps about
    bodies = [
        msgspec.json.encode(Envelope(seq=seq, made=made, event=event))
        for seq, made, event in zip((103, 101, 102), ahead, passages, strict=True)
    ]
    assert [answer.fate for answer in terminal.post_bodies(*bodies)] == [Fate.STORED] * 3
    assert [answer.fate for answer in terminal.post_bodies(*reversed(bodies))] == [Fate.KNOWN] * 3
    rows = running.rows(
        "SELECT seq, made, received FROM event WHERE terminal = ? ORDER BY seq", terminal.enrolled.terminal
    )
    assert [row[0] for row in rows] == [101, 102, 103]  # the order is the sequence's
    assert [str(row[1])[:4] for row in rows] == [str(made.year) for made in sorted(ahead)]
    assert all(str(row[2])[:10] == now.date().isoformat() for row in rows)  # and both times are kept


def test_a_slow_client_holds_up_nobody(running: Any, terminal: Any) -> None:
    context = ssl.create_default_context(cadata=running.hub.authority.pem)
    context.load_cert_chain(terminal.folder / "certificate.pem", terminal.folder / "key.pem")
    port = int(running.at.terminals.rpartition(":")[2])
    with (
        socket.create_connection(("127.0.0.1", port)) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as slow,
    ):
        head = f"POST {routes.EVENTS} HTTP/1.1\r\nhost: x\r\nx-kiosk-wire: {VERSION}\r\ncontent-length: 9999"
        slow.sendall(f"{head}\r\n\r\n[".encode())
        began = time.monotonic()
        for _ in range(5):
            assert [answer.fate for answer in terminal.send(terminal.passage())] == [Fate.STORED]
            slow.sendall(b" ")
        assert time.monotonic() - began < 20


def test_a_full_disk_refuses_nothing_for_good(running: Any, terminal: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    passage, ended = (first := terminal.passage()), terminal.ended(first, Crossed.PASSED)
    bodies = [terminal.encode(passage), terminal.encode(ended)]
    real = Writer._open

    def full(_writer: Writer, _connection: Any) -> None:
        raise OperationalError("INSERT", None, Exception("database or disk is full"))

    def full_at_once(*_given: object) -> bool:
        raise sqlite.OperationalError("database or disk is full")

    monkeypatch.setattr(Writer, "_open", full)
    at_once = Intake.store_at_once
    monkeypatch.setattr(Intake, "store_at_once", full_at_once)
    answer = terminal.post(*bodies)
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:kiosk:problem:store-away")
    assert answer.headers["retry-after"] == "2"
    monkeypatch.setattr(Writer, "_open", real)
    monkeypatch.setattr(Intake, "store_at_once", staticmethod(at_once))
    assert [each.fate for each in terminal.post_bodies(*bodies)] == [Fate.STORED, Fate.STORED]
    monkeypatch.setattr("hub.api.terminals.disk_free", lambda _path: 1)
    paper = terminal.seal("x")
    import hashlib

    refused = terminal.put(hashlib.sha256(paper).hexdigest(), 0, len(paper), paper)
    assert (refused.status_code, refused.json()["type"]) == (507, "urn:kiosk:problem:disk-full")


@pytest.mark.parametrize(
    ("error", "own"),
    [
        (OperationalError("x", None, Exception("server closed the connection")), False),
        (InterfaceError("x", None, Exception("connection already closed")), False),
        (DBAPIError("x", None, Exception("?"), connection_invalidated=True), False),
        (IntegrityError("x", None, Exception("CHECK")), True),
        (IntegrityError("x", None, Exception("CHECK"), connection_invalidated=True), False),
        (OverflowError(), True),
        (ObjectsAway("no answer"), False),
        (KeyError("a bug"), False),
    ],
)
def test_whose_fault_an_error_is(error: Exception, own: bool) -> None:
    assert is_about_the_item(error) is own


def test_items_with_a_common_work_fail_alone(running: Any) -> None:
    async def main() -> None:
        writer = Writer(running.hub.engine, lambda: None)
        results: dict[int, object] = {}
        calls: list[int] = []

        def work(connection: Any, items: Any) -> list[int]:
            calls.append(len(items))
            for item in items:
                connection.exec_driver_sql("INSERT INTO hall (hall, made) VALUES (?, '2026-01-01')", (f"both-{item}",))
                if item == 2:
                    raise ZeroDivisionError
            return [item * 10 for item in items]

        async def ask(item: int) -> None:
            try:
                results[item] = await writer.do_together(work, item)
            except ZeroDivisionError:
                results[item] = "failed"

        async with anyio.create_task_group() as group:
            for item in range(4):
                group.start_soon(ask, item)
            await anyio.wait_all_tasks_blocked()
            assert writer.waiting == 4
            group.start_soon(writer.run)
            while len(results) < 4:
                await anyio.sleep(0.01)
            writer.close()
        assert results == {0: 0, 1: 10, 2: "failed", 3: 30}
        assert calls[0] == 4

    anyio.run(main)
    stored = {row[0] for row in running.rows("SELECT hall FROM hall WHERE hall LIKE 'both-%'")}
    assert stored == {"both-0", "both-1", "both-3"}


def test_whole_papers_that_a_killed_hub_had_not_kept(running: Any, terminal: Any) -> None:
    import hashlib

    for good in (True, False):
        paper = terminal.seal(f"paper {good}")
        name = hashlib.sha256(paper).hexdigest()
        owner = f"{terminal.enrolled.hall}/{terminal.enrolled.terminal}"
        part: Path = running.hub.papers._part(owner, name)
        part.write_bytes(paper if good else bytes(len(paper)))  # killed, or cut off, after the last byte
        assert terminal.http.head(f"{routes.PAPERS}/{name}").headers[routes.COMPLETE_HEADER] == "?0"
        answer: httpx.Response = terminal.put(name, len(paper) - 1, len(paper), paper[-1:])
        if good:
            assert (answer.status_code, answer.headers[routes.COMPLETE_HEADER]) == (204, "?1")
        else:
            assert answer.status_code == 422  # deleted; the terminal begins again
            assert terminal.put(name, 0, len(paper), paper).status_code == 204
        assert running.hub.papers.open(name) == paper
