"""An edge on odd paths: hostile bodies, a full disk, a terminal that the city does not know, a wrong clock, a retry."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pysqlite3.dbapi2 as sqlite
import pytest
from typer.testing import CliRunner

from hub.edge.commands import group
from hub.edge.folder import EdgeFolder
from hub.edge.spool import Spool
from kiosk.clock import WallClock
from kiosk.wire import routes
from kiosk.wire.events import Answer, Fate
from tests.hub.test_edge import edge_at, folder, stored, through, until

__all__ = ("folder",)
pytestmark = pytest.mark.timeout(240)
NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)


@contextmanager
def spool_in(path: Path) -> Iterator[Spool]:
    spool = Spool(path / "spool.db")
    try:
        yield spool
    finally:
        spool.close()


def kind_of(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["type"].rpartition(":")[2]


def test_what_cannot_be_taken_is_said_as_a_problem(
    terminal: Any, folder: EdgeFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    with edge_at(folder) as (_, address), through(terminal, address) as sender:
        for body in (b"", b"{}", b"[" * 5000, b"\xff\xfe[]"):
            assert kind_of(sender.http.post(routes.EVENTS, content=body)) == (400, "not-a-batch")

        def full(*_given: object) -> list[Fate]:
            raise sqlite.OperationalError("database or disk is full")

        with monkeypatch.context() as broken:
            broken.setattr(Spool, "add", full)
            broken.setattr("hub.edge.app.disk_free", lambda _path: 1)
            passage = sender.encode(sender.passage())
            assert kind_of(sender.post(passage)) == (507, "disk-full")
            paper = sender.seal("x")
            name = hashlib.sha256(paper).hexdigest()
            assert kind_of(sender.put(name, 0, len(paper), paper)) == (507, "disk-full")
        assert [each.fate for each in sender.post_bodies(passage)] == [Fate.STORED]


def test_a_terminal_that_the_city_does_not_know_holds_up_nobody(
    running: Any, terminal: Any, folder: EdgeFolder
) -> None:
    """As after the city was restored from a backup that is older than the terminal."""
    with edge_at(folder) as (edge, address), through(terminal, address) as sender:
        ghost = [sender.encode(sender.passage()) for _ in range(2)]
        edge.spool.add("gate-of-yesterday", [(f"ghost-{n}", body) for n, body in enumerate(ghost)], WallClock().now())
        passage = sender.passage()
        assert [each.fate for each in sender.send(passage)] == [Fate.STORED]
        until(lambda: str(passage.id) in [row[0] for row in stored(running, terminal)], "the one behind is there")
        until(lambda: edge.spool.standing()[:2] == (2, 0), "those of the other wait on, and are not given up")


def test_the_last_edition_stays_where_the_city_speaks_another_version(
    terminal: Any, folder: EdgeFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    with edge_at(folder) as (_, address), through(terminal, address) as sender:
        rules = sender.http.get(f"{routes.SIGNED}/rules")
        assert rules.status_code == 200
        monkeypatch.setattr("hub.edge.city.VERSION", 999)
        again = sender.http.get(f"{routes.SIGNED}/rules")
        assert (again.status_code, again.content) == (200, rules.content)
        weak = sender.http.get(f"{routes.SIGNED}/rules", headers={"If-None-Match": f'"a", W/{rules.headers["etag"]}'})
        assert weak.status_code == 304


def test_a_clock_that_was_years_ahead_keeps_nothing_back(tmp_path: Path) -> None:
    with spool_in(tmp_path) as spool:
        ahead = NOW + timedelta(days=1500)
        spool.add("gate-1", [("a", b"{}")], ahead)
        terminal, waiting = spool.due(ahead)
        assert (terminal, len(waiting)) == ("gate-1", 1)
        spool.settle(waiting, [Answer(seq=1, fate=Fate.LATER)], ahead)
        assert spool.due(ahead) == ("", [])  # its pause
        assert spool.due(NOW)[0] == "gate-1"  # the clock was put right


def test_what_the_city_refused_is_carried_on_again_when_somebody_says_so(folder: EdgeFolder) -> None:
    with spool_in(folder.path) as spool:
        spool.add("gate-1", [(name, msgspec.json.encode({"n": name})) for name in "abc"], NOW)
        waiting = spool.due(NOW)[1]
        spool.settle(waiting, [Answer(seq=n, fate=Fate.REFUSED, detail="no such item") for n in range(3)], NOW)
        assert spool.standing()[:2] == (0, 3)
        command = ["retry", "--folder", str(folder.path)]
        unknown = CliRunner().invoke(group, [*command, "z"])
        assert unknown.exit_code == 2
        assert "nothing called z" in unknown.output
        assert "1 will be" in CliRunner().invoke(group, [*command, "b"]).output
        assert (spool.standing()[:2], [each.body for each in spool.due(NOW)[1]]) == ((1, 2), [b'{"n":"b"}'])
        assert "2 will be" in CliRunner().invoke(group, command).output
        assert spool.standing()[:2] == (3, 0)
