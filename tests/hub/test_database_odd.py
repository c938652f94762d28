"""Databases that cannot be served from, each said in a sentence; two first starts at once; moments no clock shows."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from sqlalchemy import inspect

from benchmarks.postgres import NoPostgres, postgres
from hub.app import CannotOpen, prepare
from hub.data import DataFolder
from hub.store.engine import open_engine
from hub.submissions.plain import is_beyond_clocks
from kiosk.clock import WallClock
from kiosk.wire import routes
from kiosk.wire.events import Envelope, Fate
from kiosk.wire.fleet import Health
from kiosk.wire.rules import Decision, Reason, Verdict
from tests.hub.conftest import running_in

pytestmark = pytest.mark.timeout(400)
_PREPARE = "import sys; from pathlib import Path; from hub.app import prepare; from hub.data import DataFolder\n"
_PREPARE += "from kiosk.clock import WallClock; prepare(DataFolder(Path(sys.argv[1])), sys.argv[2], WallClock())"


def test_what_is_no_database_of_this_release_is_said(tmp_path: Path) -> None:
    data = DataFolder(tmp_path / "strange")
    data.database.write_bytes(b"somebody's picture" * 1000)
    with pytest.raises(CannotOpen, match="not a database"):
        prepare(data, None, WallClock())
    newer = DataFolder(tmp_path / "newer")
    engine, _ = prepare(newer, None, WallClock())
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()
    with pytest.raises(CannotOpen, match="newer release"):
        prepare(newer, None, WallClock())
    command = [sys.executable, "-m", "hub", "serve", "--data", str(newer.path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=200)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False), done.stderr


ENDS = (
    datetime(9999, 12, 31, 23, 30, tzinfo=UTC),
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
    datetime(9500, 1, 1, tzinfo=UTC),
)


@pytest.mark.parametrize("moment", ENDS)
def test_a_moment_that_no_clock_shows_takes_no_page_away(running: Any, moment: datetime) -> None:
    """One of them once made every page of its hall that lists passages an error, for everybody."""
    terminal, desk = running.terminal(), running.terminal("desk")
    good = terminal.passage()
    refer = Decision(verdict=Verdict.REFER, reasons=(Reason.ALL_IN_ORDER,), rules_version=1)
    fates = [
        *terminal.send(good),
        *terminal.send(terminal.passage(decided=moment), terminal.passage(began=moment, decision=refer)),
        *terminal.send(msgspec.structs.replace(terminal.ended(good), ended=moment)),
        *desk.send(desk.submission(submitted=moment)),
        *terminal.post_bodies(msgspec.json.encode(Envelope(seq=99, made=moment, event=terminal.passage()))),
    ]
    assert [each.fate for each in fates] == [Fate.STORED] + [Fate.REFUSED] * 5
    assert "clock" in fates[1].detail
    answer = terminal.http.post(routes.HEALTH, content=_health(terminal, made=moment))
    assert (answer.status_code, "clock" in answer.json()["detail"]) == (422, True)
    with httpx.Client(base_url=running.at.console, trust_env=False, timeout=60) as browser:
        running.sign_in(browser, "administrator", "supervisor")
        for page in ("/passages", "/submissions", "/terminals", f"/terminals/weinan/{terminal.enrolled.terminal}"):
            assert browser.get(page, follow_redirects=True).status_code < 500, page


def test_days_and_other_texts_are_no_such_moments() -> None:
    for good in ("9999-12-31", "9a-b", "2026-11-23T01:00:00Z", "0001", "999999-1"):
        assert not is_beyond_clocks(msgspec.json.encode({"valid_to": good, "n": 9})), good
    assert is_beyond_clocks(msgspec.json.encode({"at": datetime(9999, 1, 1, tzinfo=UTC)}))


def test_entity_tags_as_proxies_send_them(terminal: Any) -> None:
    where = f"{routes.SIGNED}/rules"
    tag = terminal.http.get(where).headers["etag"]
    for sent, status in ((tag, 304), (f"W/{tag}", 304), (f'"a", {tag}', 304), ("*", 304), ('"a"', 200), ("", 200)):
        assert terminal.http.get(where, headers={"If-None-Match": sent}).status_code == status, sent


@pytest.mark.slow
def test_on_postgresql(tmp_path: Path) -> None:
    """Processes with folders of their own that start at once, a zero character, and a database in another encoding."""
    try:
        with postgres() as server:
            first = [
                subprocess.Popen([sys.executable, "-c", _PREPARE, str(tmp_path / f"hub-{n}"), server.url])
                for n in range(3)
            ]
            assert [each.wait(200) for each in first] == [0, 0, 0]
            engine = open_engine(server.url)
            assert "fleet_alarm" in inspect(engine).get_table_names()
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                options = "ENCODING 'SQL_ASCII' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'"
                connection.exec_driver_sql(f"CREATE DATABASE plain {options}")
            engine.dispose()
            with pytest.raises(CannotOpen, match="UTF8"):
                prepare(DataFolder(tmp_path / "plain"), server.url.replace("/postgres", "/plain"), WallClock())
            with running_in(tmp_path, server.url) as hub:
                terminal = hub.terminal()
                for answer in (
                    terminal.http.get(f"{routes.SIGNED}/%00"),
                    terminal.http.get(routes.OFFICE_SLOTS, params={"department": "x\x00", "from": "2026-11-23"}),
                    terminal.http.post(routes.HEALTH, content=_health(terminal, entered=2**40)),
                ):
                    assert answer.status_code == 422, answer.text
                    assert answer.headers["content-type"] == "application/problem+json"
    except NoPostgres as error:
        pytest.skip(str(error))


def _health(terminal: Any, **changes: Any) -> bytes:
    given: dict[str, Any] = {
        "terminal": terminal.enrolled.terminal,
        "role": "gate",
        "version": "1",
        "made": WallClock().now(),
        "in_service": True,
        "view": "x",
        "rules_version": 1,
        "outbox_waiting": 0,
        "outbox_dead": 0,
    }
    return msgspec.json.encode(Health(**{**given, **changes}))
