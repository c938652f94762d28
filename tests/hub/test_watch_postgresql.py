"""A watch list's entry on PostgreSQL: proposed, confirmed, signed for the gates, taken off."""

from datetime import timedelta

import httpx
import msgspec
import pytest
from sqlalchemy import func, select

from benchmarks.postgres import NoPostgres, postgres
from hub.audit.verify import verify
from hub.rules.publish import newest
from hub.store import schema
from hub.watch.decided import sweep_watch
from kiosk.clock import local_date
from kiosk.wire.watch import KIND, WatchList
from tests.hub.conftest import RunningHub, running_in

HALL = "weinan"


def _list(running: RunningHub) -> WatchList:
    with running.hub.engine.connect() as connection:
        signed = newest(connection, KIND, HALL)
    assert signed is not None
    return msgspec.json.decode(signed.body, type=WatchList)


@pytest.mark.timeout(120)
def test_an_entry_on_postgresql(tmp_path_factory: pytest.TempPathFactory) -> None:
    try:
        server = postgres()
        with server as there, running_in(tmp_path_factory.mktemp("watch"), there.url) as running:
            running.terminal("gate", HALL)
            browsers = {}
            for role in ("supervisor", "administrator"):
                browsers[role] = httpx.Client(
                    base_url=running.at.console, trust_env=False, timeout=30, follow_redirects=True
                )
                running.sign_in(browsers[role], role, hall=HALL, staff_id=role)
            until = local_date(running.hub.now()) + timedelta(days=30)
            wanted = {
                "number": "110101199003070011",
                "kind": "needs_help",
                "begins": "",
                "ends": until.isoformat(),
                "asked_by": "某某社区 2026-17 号",
                "why": "家属报失，老人走失",
                "note": "请到值班台",
            }
            answer = browsers["supervisor"].post(f"/gate/{HALL}/watch", data=wanted)
            assert answer.status_code == 200, answer.text[-500:]
            with running.hub.engine.connect() as connection:
                number = connection.scalar(select(func.max(schema.proposal.c.number)))
            answer = browsers["administrator"].post(f"/decisions/{number}/confirm")
            assert answer.status_code == 200, answer.text[-500:]
            (entry,) = _list(running).entries
            assert (entry.kind, entry.note) == ("needs_help", "请到值班台")
            page = browsers["supervisor"].get(f"/gate/{HALL}/watch")
            assert entry.id in page.text
            with running.hub.engine.execution_options(writes=True).begin() as connection:
                gone = sweep_watch(
                    connection,
                    running.hub.signing,
                    running.hub.unsealing,
                    running.hub.data.hall_key,
                    running.hub.now() + timedelta(days=40),
                )
            assert gone == 1
            assert _list(running).entries == ()
            with running.hub.engine.connect() as connection:
                assert connection.scalar(select(func.count()).select_from(schema.watch_person)) == 0
                assert not verify(connection).problems
            for browser in browsers.values():
                browser.close()
    except NoPostgres as error:
        pytest.skip(str(error))
