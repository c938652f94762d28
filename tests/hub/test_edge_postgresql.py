"""An edge whose city is on PostgreSQL: made by the command, and speaking for its hall."""

import contextlib
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from benchmarks.postgres import NoPostgres, postgres
from hub.edge.commands import group
from hub.edge.folder import open_folder
from kiosk.wire import routes
from kiosk.wire.events import Fate
from tests.hub.conftest import running_in
from tests.hub.test_edge import edge_at, through, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def test_an_edge_of_a_city_on_postgresql(tmp_path: Path) -> None:
    with contextlib.ExitStack() as stack:
        try:
            url = stack.enter_context(postgres()).url
        except NoPostgres as error:
            pytest.skip(str(error))
        running: Any = stack.enter_context(running_in(tmp_path / "city", url))
        terminal = running.terminal()
        options = ["--hall", "weinan", "--host", "localhost", "--city", running.at.terminals, "--database", url]
        made = ["--out", str(tmp_path / "edge"), "--data", str(running.data.path)]
        done = CliRunner().invoke(group, ["make", *options, *made])
        assert done.exit_code == 0, done.output
        assert not running.data.database.exists()  # no second database was begun beside it
        folder = open_folder(tmp_path / "edge")
        _, address = stack.enter_context(edge_at(folder))
        sender = stack.enter_context(through(terminal, address))
        until(lambda: sender.http.get(routes.TIME).status_code == 200, "the city knows the edge")
        assert [each.fate for each in sender.send(sender.passage())] == [Fate.STORED]
        until(lambda: running.rows("SELECT id FROM passage"), "it is at the city")
