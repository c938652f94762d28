"""The fleet on odd paths: revoked with its code in hand, a name for two roles, roll-outs resumed, what a shell did."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine, select
from typer.testing import CliRunner

from hub.__main__ import app
from hub.ca import Authority
from hub.data import DataFolder
from hub.fleet import alarms, orders, seen
from hub.fleet.alarms import AlarmKind, Watch
from hub.fleet.enrolment import CodeRefusal, Granted, OtherRole, enrol, make_code, revoke
from hub.fleet.live import Heard, TerminalKey
from hub.fleet.release_watch import refusing, to_halt
from hub.fleet.releases import are_known, halt, listed, resume, want
from hub.fleet.serial_lists import Machine
from hub.fleet.serials import SerialRefusal, ask, expect
from hub.metrics import exposition
from hub.store import schema
from hub.store.engine import open_migrated
from kiosk.clock import WallClock
from kiosk.wire.fleet import Health
from kiosk.wire.orders import OrderFate, OrderKind, OrderSettled
from kiosk.wire.release import ReleaseReport, Wanted

pytestmark = pytest.mark.timeout(240)
NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)
GATE = TerminalKey("weinan", "gate-1")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_migrated(f"sqlite:///{tmp_path / 'hub.db'}")
    yield made
    made.dispose()


def writing(engine: Engine) -> Any:
    return engine.execution_options(writes=True).begin()


def test_who_was_revoked_does_not_come_back_with_the_same_code(engine: Engine, tmp_path: Path) -> None:
    authority, key = Authority(tmp_path, NOW), ec.generate_private_key(ec.SECP256R1()).public_key()
    with writing(engine) as connection:
        code = make_code(connection, GATE.hall, GATE.terminal, "gate", NOW)
        assert isinstance(enrol(connection, authority, code, key, NOW), Granted)
        assert isinstance(enrol(connection, authority, code, key, NOW), Granted)  # its answer was lost
        assert revoke(connection, GATE) == 1
        assert enrol(connection, authority, code, key, NOW) is CodeRefusal.USED
        fresh = make_code(connection, GATE.hall, GATE.terminal, "gate", NOW)
        assert isinstance(enrol(connection, authority, fresh, key, NOW), Granted)  # somebody has said so


def test_who_was_revoked_does_not_come_back_with_its_serial_number(engine: Engine, tmp_path: Path) -> None:
    authority, key = Authority(tmp_path, NOW), ec.generate_private_key(ec.SECP256R1()).public_key()
    machine, until = Machine("KZ7-0042", GATE, "gate"), NOW + timedelta(days=1)
    with writing(engine) as connection:
        expect(connection, [machine], until=until, at_once=True, by="x", now=NOW)
        assert isinstance(ask(connection, authority, machine.serial, key, "10.0.0.1", NOW), Granted)
        assert isinstance(ask(connection, authority, machine.serial, key, "10.0.0.1", NOW), Granted)
        revoke(connection, GATE)
        assert ask(connection, authority, machine.serial, key, "10.0.0.1", NOW) is SerialRefusal.USED


def test_a_name_is_one_machines(engine: Engine, tmp_path: Path) -> None:
    """A slip in --role once made a gate a desk the moment the code was made, and a hall's edge a gate."""
    with writing(engine) as connection:
        make_code(connection, GATE.hall, GATE.terminal, "gate", NOW)
        with pytest.raises(OtherRole, match="has a gate called gate-1"):
            make_code(connection, GATE.hall, GATE.terminal, "desk", NOW)
        assert connection.scalar(select(schema.terminal.c.role)) == "gate"
        machine = Machine("KZ7-0043", TerminalKey("weinan", "desk-7"), "desk")
        expect(connection, [machine], until=NOW + timedelta(days=1), at_once=True, by="x", now=NOW)
        make_code(connection, "weinan", "desk-7", "gate", NOW)  # before the machine has asked
        key = ec.generate_private_key(ec.SECP256R1()).public_key()
        refused = ask(connection, Authority(tmp_path, NOW), machine.serial, key, "10.0.0.1", NOW)
        assert refused is SerialRefusal.USED


def test_nothing_is_expected_of_what_was_taken_away(engine: Engine, tmp_path: Path) -> None:
    """It was silent for ever, with an alarm that nobody could end, and so was its hall's heartbeat gap."""
    key, watch = ec.generate_private_key(ec.SECP256R1()).public_key(), Watch()
    with writing(engine) as connection:
        code = make_code(connection, GATE.hall, GATE.terminal, "gate", NOW)
        enrol(connection, Authority(tmp_path, NOW), code, key, NOW)
        heard = {GATE: seen.seen_of(Heard(health("0.1.9"), NOW))}
        seen.keep(connection, heard)
        later = NOW + timedelta(hours=1)
        alarms.keep(connection, watch.look(connection, heard, {}, later, retired=seen.retired(connection)), later)
        assert [each.kind for each in alarms.current(connection)] == [AlarmKind.SILENT]
        assert 'kiosk_heartbeat_gap_seconds{hall="weinan"} 3600' in exposition(connection, later)
        revoke(connection, GATE)
        alarms.keep(connection, watch.look(connection, heard, {}, later, retired=seen.retired(connection)), later)
        assert alarms.current(connection) == []
        assert watch.look(connection, heard, {}, later, retired=seen.retired(connection)) == []
        assert "heartbeat_gap_seconds{" not in exposition(connection, later)


def test_a_machine_in_place_of_a_locked_one_is_locked(engine: Engine, tmp_path: Path) -> None:
    authority = Authority(tmp_path, NOW)

    def enrolled(connection: Any) -> None:
        code = make_code(connection, GATE.hall, GATE.terminal, "gate", NOW)
        enrol(connection, authority, code, ec.generate_private_key(ec.SECP256R1()).public_key(), NOW)

    with writing(engine) as connection:
        enrolled(connection)
        (number,) = orders.give(connection, [GATE], OrderKind.LOCK, by="li", now=NOW)
        orders.settle(connection, GATE, number, OrderSettled(fate=OrderFate.DONE), NOW)
        assert orders.waiting(connection, GATE, NOW) == []
        enrolled(connection)
        assert [each.kind for each in orders.waiting(connection, GATE, NOW)] == [OrderKind.LOCK]
        (unlock,) = orders.give(connection, [GATE], OrderKind.UNLOCK, by="li", now=NOW)
        orders.settle(connection, GATE, unlock, OrderSettled(fate=OrderFate.DONE), NOW)
        before = len(orders.history(connection, GATE))
        enrolled(connection)
        assert len(orders.history(connection, GATE)) == before


def health(release: str) -> Health:
    return Health(
        terminal="x",
        role="gate",
        version="1",
        made=NOW,
        in_service=True,
        view="Welcome",
        rules_version=1,
        outbox_waiting=0,
        outbox_dead=0,
        release=ReleaseReport(running="0.1.0", refused=release, why="crashed"),
    )


def test_a_roll_out_that_was_resumed_goes_on_with_those_that_failed(engine: Engine) -> None:
    """It was halted again within five seconds, by the same terminal, for ever."""
    key, others = Ed25519PrivateKey.generate(), [TerminalKey("weinan", f"gate-{n}") for n in (1, 2, 3)]
    with writing(engine) as connection:
        for each in others:
            make_code(connection, each.hall, each.terminal, "gate", NOW)
        want(connection, key, "weinan", Wanted(release="0.2.0"), NOW, share=50)
        told = {others[0]: health("0.2.0"), others[2]: health("0.1.9")}
        assert to_halt(connection, refusing(told)) == [("weinan", "0.2.0", ["gate-1"])]
        assert halt(connection, key, "weinan", NOW) is not None
        assert to_halt(connection, refusing(told)) == []
        seen.keep(connection, {each: seen.seen_of(Heard(heard, NOW)) for each, heard in told.items()})
        assert resume(connection, key, "weinan", NOW).share == 50
        assert to_halt(connection, refusing(told)) == []
        told[others[1]] = health("0.2.0")
        assert to_halt(connection, refusing(told)) == [("weinan", "0.2.0", ["gate-1", "gate-2"])]
    many = [f"gate-of-a-long-name-{n}" for n in range(30)]
    assert listed(many) == "30 terminals"
    assert are_known(listed(many), many)
    assert not are_known(listed(many), [*many, "another"])
    assert not are_known("", ["gate-1"])


def test_what_is_done_from_a_shell_stands_in_the_audit(tmp_path: Path) -> None:
    options = ["--hall", "weinan", "--data", str(tmp_path), "--by", "李工"]

    def run(*words: str) -> str:
        done = CliRunner().invoke(app, [*words, *options])
        assert done.exit_code == 0, done.output
        return done.output

    ticket = json.loads(run("code", "--terminal", "gate-1", "--role", "gate", "--json"))
    run("terminal", "order", "restart", "--terminal", "gate-1")
    engine = open_migrated(f"sqlite:///{DataFolder(tmp_path).database}")
    with writing(engine) as connection:
        key = ec.generate_private_key(ec.SECP256R1()).public_key()
        enrol(connection, Authority(tmp_path / "ca", NOW), ticket["code"], key, WallClock().now())
    run("terminal", "revoke", "--terminal", "gate-1")
    bad = CliRunner().invoke(app, ["code", "--terminal", "gate-1", "--role", "desk", *options])
    assert (bad.exit_code, "another name" in bad.output) == (2, True)
    published = ["publish", "--hall", "weinan", "--rules", "level-2", "--seats", "80", "--data", str(tmp_path)]
    assert CliRunner().invoke(app, published).exit_code == 0
    with engine.connect() as connection:
        audit = schema.audit.c
        rows = connection.execute(select(audit.what, audit.who).order_by(audit.position)).all()
    engine.dispose()
    whats = [row.what for row in rows]
    assert [each for each in whats if each in {"enrolment_code", "order", "revoke", "rules_share"}] == [
        "enrolment_code",
        "order",
        "revoke",
        "rules_share",
    ]
    assert {row.who for row in rows if row.what == "revoke"} == {"李工"}
