"""What terminals report to hold, beside what is desired: since when they differ, the alarm, and roll-outs that halt."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, Engine

from hub.fleet import alarms, behind
from hub.fleet.alarms import AlarmKind, Watch
from hub.fleet.enrolment import make_code
from hub.fleet.live import Heard, TerminalKey
from hub.fleet.seen import Seen, seen_of
from hub.rules.publish import CATALOGUE, RULES, NotPublishable, publish, publish_rules, publish_shipped, rules_text
from hub.rules.stages import halt, in_force, resume, roll_back, set_stage, stages
from hub.store.engine import migrate, open_engine
from kiosk.clock import WallClock
from kiosk.link.trust_lists import TrustLists
from kiosk.published import Published
from kiosk.wire import routes
from kiosk.wire.catalogue import Catalogue
from kiosk.wire.fleet import EditionRefused, Health
from kiosk.wire.signed import sign

START = datetime(2026, 11, 22, 1, tzinfo=UTC)
KEY = Ed25519PrivateKey.generate()
GATES = [TerminalKey("weinan", f"gate-{number}") for number in range(1, 11)]
GATE = GATES[0]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{tmp_path / 'hub.db'}")
    migrate(engine)
    with writing(engine) as connection:
        for gate in GATES:
            make_code(connection, gate.hall, gate.terminal, "gate", START)
        publish_shipped(connection, KEY, "weinan", START)
    yield engine
    engine.dispose()


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    with engine.execution_options(writes=True).begin() as connection:
        yield connection


def seen(at: datetime, **changes: Any) -> Seen:
    given: dict[str, Any] = {"terminal": "gate-1", "role": "gate", "version": "1", "made": at, "in_service": True}
    given |= {"view": "gate.Welcome", "rules_version": 1, "outbox_waiting": 0, "outbox_dead": 0}
    return seen_of(Heard(Health(**{**given, **changes}), at))


def held(**kinds: int) -> dict[str, int]:
    return {"rules": 1, "catalogue": 1, "staff": 0, **kinds}


def test_who_is_behind_and_since_when(engine: Engine) -> None:
    with writing(engine) as connection:
        assert behind.behind(behind.wants(connection), {GATE: seen(START, editions=held())}) == set()
        publish_rules(connection, KEY, "weinan", rules_text("level-3"), START)
        wanted = behind.wants(connection)
        assert wanted[GATE] == {"rules": "2", "catalogue": "1", "holidays": "1"}
        late = behind.behind(wanted, {GATE: seen(START, editions=held())})
        assert late == {(GATE, "rules")}  # holidays: a gate does not fetch them, and does not speak of them
        assert behind.keep(connection, late, START) == {GATE: {"rules": START}}
        # Another edition does not begin the time anew.
        publish_rules(connection, KEY, "weinan", rules_text("level-3"), START)
        half = {GATE: seen(START, editions=held(rules=2))}
        late = behind.behind(behind.wants(connection), half)
        assert behind.keep(connection, late, START + timedelta(hours=1)) == {GATE: {"rules": START}}
        caught_up = {GATE: seen(START, editions=held(rules=3))}
        assert behind.keep(connection, behind.behind(behind.wants(connection), caught_up), START) == {}


def test_a_terminal_of_before_speaks_of_its_rules_only(engine: Engine) -> None:
    old = msgspec.json.encode(seen(START).health)
    without = {key: each for key, each in msgspec.json.decode(old).items() if key not in {"editions", "refused"}}
    health = msgspec.json.decode(msgspec.json.encode(without), type=Health)
    assert health.editions is None
    assert behind.reported_of(health) == {"rules": "1"}
    with writing(engine) as connection:
        publish_rules(connection, KEY, "weinan", rules_text("level-3"), START)
        assert behind.behind(behind.wants(connection), {GATE: seen_of(Heard(health, START))}) == {(GATE, "rules")}


def test_only_those_that_an_edition_has_reached_are_behind(engine: Engine) -> None:
    with writing(engine) as connection:
        publish_rules(connection, KEY, "weinan", rules_text("level-3"), START)
        set_stage(connection, RULES, "weinan", share=0, names=["gate-3"], narrow=True)
        all_old = {gate: seen(START, editions=held()) for gate in GATES}
        assert behind.behind(behind.wants(connection), all_old) == {(GATES[2], "rules")}
        set_stage(connection, RULES, "weinan", share=50)
        assert len(behind.behind(behind.wants(connection), all_old)) in {5, 6}
        # Who got ahead (by a group that was left since) is not behind.
        assert behind.behind(behind.wants(connection), {GATE: seen(START, editions=held(rules=9))}) == set()


def test_the_alarm_comes_after_a_day_and_goes_when_it_has_caught_up(engine: Engine) -> None:
    watch = Watch()
    with writing(engine) as connection:

        def look(hours: float, late: dict[str, datetime]) -> list[tuple[AlarmKind, str]]:
            now = START + timedelta(hours=hours)
            alarms.keep(
                connection,
                watch.look(connection, {GATE: seen(now, editions=held())}, {}, now, {GATE: late} if late else {}),
                now,
            )
            return [(alarm.kind, alarm.about) for alarm in alarms.current(connection)]

        assert look(0, {"rules": START}) == []
        assert look(23, {"rules": START}) == []
        assert look(25, {"rules": START}) == [(AlarmKind.BEHIND, "rules")]
        assert look(26, {"rules": START + timedelta(hours=25.5)}) == [(AlarmKind.BEHIND, "rules")]
        assert look(27, {}) == []
        assert look(28, {"rules": START + timedelta(hours=27)}) == []  # and its day begins anew


def test_a_halted_edition_reaches_nobody_else(engine: Engine) -> None:
    with writing(engine) as connection:
        publish_rules(connection, KEY, "weinan", rules_text("level-3"), START)
        set_stage(connection, RULES, "weinan", share=10, narrow=True)
        first = [gate for gate in GATES if in_force(connection, RULES, gate).version == 2]  # type: ignore[union-attr]  # there is one
        assert len(first) == 1
        refused = {first[0]: seen(START, refused={"rules": EditionRefused(version=2, why="unknown field")})}
        failed = behind.failures(connection, refused)
        assert failed == [("rules", "weinan", f"{first[0].terminal}: unknown field")]
        assert behind.halt_failed(connection, failed, START) == 1
        assert behind.halt_failed(connection, failed, START) == 0  # once
        assert behind.failures(connection, refused) == []
        assert stages(connection, RULES, "weinan")[0].halted_why.endswith("unknown field")
        assert {in_force(connection, RULES, gate).version for gate in GATES} == {1}  # type: ignore[union-attr]  # there is one
        with pytest.raises(NotPublishable, match="halted"):
            set_stage(connection, RULES, "weinan", share=100)
        resume(connection, RULES, "weinan")
        assert behind.failures(connection, refused) == []  # somebody knows of it
        with pytest.raises(NotPublishable, match="no rules are halted"):
            resume(connection, RULES, "weinan")
        set_stage(connection, RULES, "weinan", share=100)
        # What everybody has is not taken away because of one that is too old for it.
        assert behind.failures(connection, refused) == []


def test_a_catalogue_goes_out_in_steps_halts_and_comes_back(engine: Engine) -> None:
    with writing(engine) as connection:
        first = in_force(connection, CATALOGUE, GATE)
        assert first is not None
        second = msgspec.structs.replace(msgspec.json.decode(first.body, type=Catalogue), version=2)
        publish(connection, KEY, CATALOGUE, "weinan", msgspec.json.encode(second), 2, START)
        set_stage(connection, CATALOGUE, "weinan", share=0, names=["gate-1"], narrow=True)
        versions = [in_force(connection, CATALOGUE, gate).version for gate in GATES]  # type: ignore[union-attr]  # there is one
        assert versions == [2] + [1] * 9
        assert halt(connection, CATALOGUE, "weinan", "by hand") is not None
        assert in_force(connection, CATALOGUE, GATE) == first
        back = roll_back(connection, KEY, "weinan", START, CATALOGUE)
        assert back.version == 3
        assert msgspec.json.decode(back.body, type=Catalogue).version == 3
        assert msgspec.json.decode(back.body, type=Catalogue).items == second.items
        assert in_force(connection, CATALOGUE, GATES[4]) == back
        publish(connection, KEY, "holidays", "weinan", b"{}", 2, START)
        with pytest.raises(NotPublishable, match="cannot be rolled back"):
            roll_back(connection, KEY, "weinan", START, "holidays")


YEARS = b'{"version": 1, "years": [{"year": 2026, "off": []}]}'


class Ledger:
    """Keeps what it is given, in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}

    async def keep_signed(self, signed: Any) -> bool:
        self.kept[signed.kind] = signed
        return True

    async def signed(self, kind: str) -> Any:
        return self.kept.get(kind)


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_the_terminal_tells_what_it_holds_and_what_it_cannot_use() -> None:
    public = KEY.public_key().public_bytes_raw()
    here = Published(public, TrustLists(public, WallClock()))
    ledger: Any = Ledger()
    assert here.held(("rules", "holidays")) == {"rules": 0, "holidays": 0}
    good = sign("holidays", 4, YEARS, KEY)
    await here.apply(ledger, good)
    await here.apply(ledger, sign("holidays", 5, b'{"years": 7}', KEY))
    assert here.held(("rules", "holidays")) == {"rules": 0, "holidays": 4}
    assert here.not_taken()["holidays"].version == 5
    assert "array" in here.not_taken()["holidays"].why
    assert ledger.kept["holidays"] == good  # the good one is still what a restart reads
    await here.apply(ledger, sign("holidays", 6, YEARS, KEY))
    assert here.not_taken() == {}
    assert here.held(("holidays",)) == {"holidays": 6}


def test_the_page_shows_both_and_since_when(running: Any) -> None:
    terminal = running.terminal()
    name = terminal.enrolled.terminal
    key = TerminalKey("weinan", name)
    health = msgspec.structs.replace(seen(running.hub.now()).health, terminal=name, editions=held(rules=0))
    refused = {"catalogue": EditionRefused(version=9, why="unknown field `x`")}
    health = msgspec.structs.replace(health, refused=refused)
    assert terminal.http.post(routes.HEALTH, content=msgspec.json.encode(health)).status_code == 200
    heard = {key: seen_of(running.hub.fleet.heard[key])}
    deadline = time.monotonic() + 60
    while not running.rows("SELECT kind FROM fleet_behind WHERE terminal = ?", name):  # the hub finds it out
        assert time.monotonic() < deadline, heard
        time.sleep(0.2)
    with httpx.Client(base_url=running.at.console, trust_env=False, timeout=30) as client:
        running.sign_in(client, "technician", hall="weinan", staff_id="t1")
        page = client.get(f"/terminals/weinan/{name}?lang=en").text
    row = page[page.index("<th>Rules</th>") :].split("</tr>")[0]
    assert "version 1" in row
    assert "none yet" in row
    assert "differs" in row
    assert "since" in row
    assert "cannot use version 9" in page
