"""A hall's own hub in front of the city's, over real HTTP, with the line cut and mended."""

import hashlib
import json
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from anyio.from_thread import start_blocking_portal
from cryptography.hazmat.primitives.asymmetric import ec
from typer.testing import CliRunner

from hub.edge.app import Edge
from hub.edge.commands import group
from hub.edge.folder import BadEdge, EdgeFolder, open_folder
from hub.edge.making import NameTaken, register_edge
from hub.edge.serve import serving_edge
from hub.fleet.enrolment import revoke
from hub.fleet.live import TerminalKey
from kiosk.clock import WallClock
from kiosk.wire import routes
from kiosk.wire.edge import FOR_HEADER
from kiosk.wire.events import Answer, Fate

DEADLINE = 60
"""Generous: other tests run beside this one."""


def until(done: Callable[[], Any], what: str) -> Any:
    """Wait for something."""
    deadline = time.monotonic() + DEADLINE
    while not (found := done()):
        assert time.monotonic() < deadline, what
        time.sleep(0.05)
    return found


@pytest.fixture
def folder(running: Any, tmp_path: Path) -> EdgeFolder:
    """An edge's folder, made by the command."""
    options = ["--hall", "weinan", "--host", "edge.weinan.example", "--city", running.at.terminals]
    done = CliRunner().invoke(
        group, ["make", *options, "--out", str(tmp_path / "edge"), "--data", str(running.data.path)]
    )
    assert done.exit_code == 0, done.output
    with running.hub.engine.connect() as connection:
        running.hub.certificates.load(connection)  # the hub itself does so every few seconds
    return open_folder(tmp_path / "edge")


@contextmanager
def edge_at(folder: EdgeFolder) -> Iterator[tuple[Edge, str]]:
    with (
        start_blocking_portal(backend_options={"use_uvloop": True}) as portal,
        portal.wrap_async_context_manager(serving_edge(folder, "127.0.0.1", 0, WallClock())) as served,
    ):
        yield served


@contextmanager
def through(terminal: Any, address: str) -> Iterator[Any]:
    """The terminal, with the edge as its hub."""
    with httpx.Client(
        base_url=address, verify=terminal.http._transport._pool._ssl_context, headers=terminal.http.headers, timeout=60
    ) as client:
        yield replace(terminal, http=client)


def stored(running: Any, terminal: Any) -> list[tuple[str, int]]:
    rows = running.rows("SELECT terminal, id, seq FROM event ORDER BY position")
    return [tuple(row[1:]) for row in rows if row[0] == terminal.enrolled.terminal]


def cut(folder: EdgeFolder) -> EdgeFolder:
    """The same folder with the city at a port where nobody is."""
    return replace(folder, city="https://localhost:9")


def test_the_line_is_away_and_comes_back(running: Any, terminal: Any, folder: EdgeFolder) -> None:
    with edge_at(folder) as (_, address), through(terminal, address) as sender:
        rules = sender.http.get(f"{routes.SIGNED}/rules")
        assert rules.status_code == 200
        assert sender.http.get(routes.TIME).status_code == 200  # asked of the city
        first = sender.passage()
        assert [each.fate for each in sender.send(first)] == [Fate.STORED]
        until(lambda: (str(first.id), 1) in stored(running, terminal), "the first is at the city")
    # Started again without a line: the hall works on.
    with edge_at(cut(folder)) as (edge, address), through(terminal, address) as sender:
        again = sender.http.get(f"{routes.SIGNED}/rules")
        assert (again.content, again.headers["etag"]) == (rules.content, rules.headers["etag"])
        unchanged = sender.http.get(f"{routes.SIGNED}/rules", headers={"If-None-Match": rules.headers["etag"]})
        assert unchanged.status_code == 304
        away = sender.http.get(routes.TIME)
        assert (away.status_code, away.headers["retry-after"]) == (503, "5")
        paper = sender.seal("a paper")
        submission = sender.submission([paper])
        assert [each.fate for each in sender.send(submission)] == [Fate.LATER]  # its paper is nowhere
        name = sender.upload(paper)
        head = sender.http.head(f"{routes.PAPERS}/{name}")
        assert head.headers[routes.COMPLETE_HEADER] == "?1"
        bodies = [sender.encode(each) for each in (submission, sender.receipt(submission), sender.ended(first))]
        unreadable, poison = b'{"seq": 90, "event": 1}', sender.encode(sender.passage(person_sealed=b"no person"))
        fates = [each.fate for each in sender.post_bodies(*bodies, unreadable, poison)]
        assert fates == [Fate.STORED, Fate.STORED, Fate.STORED, Fate.REFUSED, Fate.STORED]
        again_fates = [each.fate for each in sender.post_bodies(*bodies)]
        assert again_fates == [Fate.KNOWN] * 3
        assert edge.spool.standing()[:2] == (4, 0)
    assert len(stored(running, terminal)) == 1
    told = json.loads(CliRunner().invoke(group, ["status", "--folder", str(folder.path), "--json"]).output)
    assert told["waiting"] == 4
    with edge_at(folder) as (edge, address), through(terminal, address) as sender:
        until(lambda: edge.spool.standing().waiting == 0, "all that waited is at the city")
        # Sent once more, after it was carried on: the city knows it, and nothing is there twice.
        assert [each.fate for each in sender.post_bodies(*bodies)] == [Fate.STORED] * 3
        until(lambda: edge.spool.standing().waiting == 0, "again")
        dead = edge.spool.dead()
    seqs = [seq for _, seq in stored(running, terminal)]
    assert (seqs[0], sorted(seqs)) == (1, [1, 4, 5, 6])
    assert running.hub.papers.open(name) == paper
    assert not (folder.papers / name[:2] / name).exists()  # carried on, and not kept
    assert len(dead) == 1  # one that the city refuses blocks no other, and is told
    assert "sealed" in dead[0][2]
    assert "refused by the city" in CliRunner().invoke(group, ["status", "--folder", str(folder.path)]).output


def test_the_city_hears_of_the_edge_and_of_its_terminals(running: Any, terminal: Any, folder: EdgeFolder) -> None:
    key = TerminalKey("weinan", folder.name)
    with edge_at(folder) as (_, address), through(terminal, address) as sender:
        until(lambda: key in running.hub.fleet.heard, "its own heartbeat")
        assert running.hub.fleet.heard[key].health.role == "edge"
        orders = sender.http.get(f"{routes.ORDERS}?wait=0")
        assert orders.status_code == 200
        large = sender.seal("x" * 400_000)
        name = hashlib.sha256(large).hexdigest()
        half = 200_000
        assert sender.put(name, 0, len(large), large[:half]).status_code == 204
        wrong = sender.put(name, 5, len(large), large[5:half])
        assert (wrong.status_code, wrong.headers[routes.OFFSET_HEADER]) == (409, str(half))
        assert sender.put(name, half, len(large), large[half:]).status_code == 204
        assert [each.fate for each in sender.send(sender.submission([large]))] == [Fate.STORED]
        until(lambda: running.hub.papers.size(name) == len(large), "a paper of several chunks")


def test_who_is_not_of_the_hall_or_not_in_force_is_turned_away(running: Any, terminal: Any, folder: EdgeFolder) -> None:
    elsewhere = running.terminal(hall="xian")
    with edge_at(folder) as (edge, address):
        with through(elsewhere, address) as stranger:
            assert stranger.http.get(routes.TIME).status_code == 401
        with httpx.Client(base_url=address, verify=terminal.http._transport._pool._ssl_context) as client:
            assert client.get(routes.CA).status_code == 200  # to enrol through the edge
        with through(terminal, address) as sender:
            assert sender.http.get(routes.TIME).status_code == 200
            with running.hub.engine.execution_options(writes=True).begin() as connection:
                revoke(connection, TerminalKey("weinan", sender.enrolled.terminal))
            until(lambda: sender.http.get(routes.TIME).status_code == 401, "a revoked terminal is not heard")
        assert edge.spool.standing().waiting == 0


def test_only_an_edge_speaks_for_others_and_only_in_its_hall(running: Any, terminal: Any, folder: EdgeFolder) -> None:
    elsewhere = running.terminal(hall="xian")
    name = terminal.enrolled.terminal
    assert elsewhere.http.get(routes.TIME, headers={FOR_HEADER: name}).status_code == 403
    assert terminal.http.get(routes.TIME, headers={FOR_HEADER: name}).status_code == 403
    assert terminal.http.get(routes.PREFIX + "/edge/terminals").status_code == 403
    with httpx.Client(base_url=running.at.terminals, headers=terminal.http.headers, **identity(folder)) as edge:
        assert edge.get(routes.TIME, headers={FOR_HEADER: name}).status_code == 200
        body = b"[" + terminal.encode(terminal.passage()) + b"]"
        taken = edge.post(routes.EVENTS, content=body, headers={FOR_HEADER: name})
        assert [each.fate for each in msgspec.json.decode(taken.content, type=list[Answer])] == [Fate.STORED]
        for other in ("nobody", folder.name, "../gate-1", ""):
            assert edge.post(routes.EVENTS, content=body, headers={FOR_HEADER: other}).status_code == 403
    assert len(stored(running, terminal)) == 1


def identity(folder: EdgeFolder) -> dict[str, Any]:
    context = ssl.create_default_context(cafile=folder.ca)
    context.load_cert_chain(folder.client)
    return {"verify": context, "timeout": 60, "trust_env": False}


def test_a_folder_that_is_none_says_what_to_do(running: Any, terminal: Any, tmp_path: Path) -> None:
    with pytest.raises(BadEdge, match="edge make"):
        open_folder(tmp_path)
    (tmp_path / "edge.toml").write_text('city = "http://plain.example"\nhall = "weinan"\nname = "edge-1"\n')
    with pytest.raises(BadEdge, match="city"):
        open_folder(tmp_path)
    done = CliRunner().invoke(group, ["serve", "--folder", str(tmp_path)])
    assert done.exit_code == 2
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    with running.hub.engine.connect() as connection, pytest.raises(NameTaken, match="another name"):
        register_edge(connection, running.hub.authority, "weinan", terminal.enrolled.terminal, key, WallClock().now())
