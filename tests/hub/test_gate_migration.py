"""A hub from before the gate is brought up to date with all that is in it, on SQLite and on PostgreSQL."""

import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, select, text
from sqlalchemy.exc import DatabaseError, DBAPIError

from hub.fleet.enrolment import ensure_hall
from hub.gate.retention import expire
from hub.people.appointments import AppointmentRefused, book
from hub.people.changes import changes_since
from hub.people.emptying import empty_cases
from hub.people.slots import open_slots
from hub.store import schema
from hub.store.engine import migrate, open_engine

MIGRATIONS = Path(__file__).parents[2] / "hub" / "store" / "migrations"
DAY = datetime(2026, 11, 20, 1, tzinfo=UTC)


def go(engine: Engine, where: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.execution_options(writes=True).begin() as connection:
        config.attributes["connection"] = connection
        (command.upgrade if where == "0001" else command.downgrade)(config, where)


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    server = shutil.which("postgres") or (str(binaries[-1]) if binaries else "")
    if not server:
        pytest.skip("no PostgreSQL here")
    pytest.importorskip("psycopg")
    folder = tmp_path_factory.mktemp("pg")
    bin_folder = Path(server).resolve().parent
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if user:
        shutil.chown(folder, "postgres")
        for parent in folder.parents[:3]:
            parent.chmod(parent.stat().st_mode | 0o011)
    made = subprocess.run(
        [*user, bin_folder / "initdb", "-D", folder / "data", "-U", "kiosk", "-A", "trust", "-N"],
        capture_output=True,
        check=False,
    )
    if made.returncode:
        pytest.skip(f"PostgreSQL cannot be set up here: {made.stderr.decode()[-200:]}")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
    subprocess.run(
        [*user, bin_folder / "pg_ctl", "-D", folder / "data", "-o", options, "-w", "-l", folder / "log", "start"],
        check=True,
        capture_output=True,
    )
    yield f"postgresql+psycopg://kiosk@127.0.0.1:{port}/postgres"
    subprocess.run([*user, bin_folder / "pg_ctl", "-D", folder / "data", "-m", "immediate", "stop"], check=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    url = f"sqlite:///{tmp_path / 'hub.db'}" if request.param == "sqlite" else request.getfixturevalue("postgres")
    engine = open_engine(url)
    yield engine
    engine.dispose()


def add_step(connection: Connection) -> None:
    case = connection.execute(
        schema.case.insert()
        .values(
            hall="weinan",
            terminal="gate-1",
            passage="x",
            lane="1",
            kind="referral",
            state="open",
            version=1,
            reasons="",
            name_masked="",
            opened=DAY,
        )
        .returning(schema.case.c.number)
    ).scalar_one()
    step = {"who": "", "place": "", "what": "opened", "state": "open", "question": "", "text": ""}
    connection.execute(schema.case_step.insert().values(case_number=case, at=DAY, recorded=DAY, **step))


def test_nothing_is_lost_and_old_appointments_are_changes(engine: Engine) -> None:
    go(engine, "0001")
    with engine.execution_options(writes=True).begin() as connection:
        connection.execute(text("INSERT INTO hall VALUES ('weinan', :d)"), {"d": DAY})
        for place, code in enumerate(("OLD1", "OLD2")):
            connection.execute(
                text("INSERT INTO appointment VALUES (:c, 'weinan', NULL, :d, :e, 1, :i)"),
                {"c": code, "d": DAY, "e": DAY.replace(hour=2), "i": DAY.replace(minute=place)},
            )
        position = connection.execute(
            text(
                "INSERT INTO event (hall, terminal, id, seq, kind, made, received, body)"
                " VALUES ('weinan', 'gate-1', 'x', 1, 'passage', :d, :d, '{}') RETURNING position"
            ),
            {"d": DAY},
        ).scalar_one()
        connection.execute(
            text(
                "INSERT INTO passage VALUES ('weinan', 'gate-1', 'x', :p, '1', :d, :d, 'admit', 'all_in_order', 1,"
                " NULL, '', '', NULL, NULL, NULL)"
            ),
            {"p": position, "d": DAY},
        )
    migrate(engine)
    with engine.connect() as connection:
        told = changes_since(connection, "weinan", 0, DAY)
        assert [(each.code_id, each.begins, each.companions) for each in told.changes] == [
            ("OLD1", DAY, 1),
            ("OLD2", DAY, 1),
        ]
        assert (told.upto, told.complete) == (2, True)
        (expires,) = connection.execute(select(schema.passage.c.health_expires)).one()
        assert expires == DAY.replace(month=12)
        differences = compare_metadata(MigrationContext.configure(connection), schema.metadata)
        assert differences == []
    with engine.execution_options(writes=True).begin() as connection:
        add_step(connection)
    with engine.execution_options(writes=True).connect() as connection, pytest.raises(DatabaseError, match="changed"):
        connection.execute(schema.case_step.update().values(who="x"))
    go(engine, "base")


def test_the_last_seats_are_sold_once_on_any_database(engine: Engine) -> None:
    migrate(engine)
    day = DAY.replace(hour=0)
    writing = engine.execution_options(writes=True)
    with writing.begin() as connection:
        ensure_hall(connection, "seats", DAY)
        open_slots(connection, "seats", "", [day.date()], [9], 6)
    outcomes: list[str] = []
    gate = threading.Barrier(4)

    def buyer() -> None:
        gate.wait()
        for _ in range(3):
            try:
                with writing.begin() as connection:
                    entry = book(
                        connection, hall="seats", department="", begins=DAY, now=DAY, companions=1, name_masked="王*"
                    )
                outcomes.append(str(entry.change))
            except AppointmentRefused as error:
                outcomes.append(error.kind)

    threads = [threading.Thread(target=buyer) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["1", "2", "3", *["full"] * 9]
    go(engine, "base")


def test_words_of_a_case_may_be_emptied_and_nothing_else_of_a_step_changes(engine: Engine) -> None:
    migrate(engine)
    writing, step = engine.execution_options(writes=True), schema.case_step
    with writing.begin() as connection:
        add_step(connection)
        position = connection.execute(select(step.c.position)).scalar_one()
        number = connection.execute(select(step.c.case_number)).scalar_one()
        spoken = {"who": "e01", "place": "", "what": "ask", "state": "open", "question": "外地？", "text": "去过"}
        connection.execute(step.insert().values(case_number=number, at=DAY, recorded=DAY, **spoken))
    for values in ({"text": "没有"}, {"text": "", "who": "e02"}, {"text": "", "question": ""}, {"state": "closed"}):
        with pytest.raises(DBAPIError), writing.begin() as connection:
            connection.execute(step.update().where(step.c.position != position).values(values))
    with pytest.raises(DBAPIError), writing.begin() as connection:
        connection.execute(step.delete())
    with writing.begin() as connection:
        assert expire(connection, DAY + timedelta(days=29)).answers == 0
        assert expire(connection, DAY + timedelta(days=31)).answers == 1
        empty_cases(connection, schema.case.c.opened < DAY + timedelta(days=1))
        assert [row.text for row in connection.execute(select(step))] == ["", ""]
    go(engine, "base")
