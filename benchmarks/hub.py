"""Durable events a second of the hub beside a bare ASGI application with a group commit, same calls, same run.

Events are 250-byte ends of passages, which update their passage, and pairs of a sealed passage with its end, as gates
send them. Each is answered after it is durable. Both servers take them over the same mutual TLS from the same sender.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
import uvloop
from sqlalchemy import text

from benchmarks.hub_events import Inventor, batch
from benchmarks.hub_sender import Taken, send_all, terminal_context
from benchmarks.postgres import NoPostgres, postgres
from hub.app import prepare
from hub.data import DataFolder, Serving
from hub.fleet.enrolment import make_code
from hub.rules.publish import publish_shipped
from hub.store.engine import open_engine
from kiosk.clock import WallClock
from kiosk.wire.events import Event, Passage
from kiosk.wire.fleet import Enrolled, EnrolmentTicket
from provisioning.enrol import enrol

HALL: Final = "weinan"
_PASSAGES: Final = 40
"""Of each terminal, that the ends are about."""
BATCHES: Final = (1, 20)


@dataclass
class _Sender:
    folder: Path
    inventor: Inventor
    passages: list[Passage]


def start_hub(data: Path, database: str | None) -> tuple[subprocess.Popen[bytes], Serving]:
    """A hub in a process of its own, and where it listens."""
    command = [sys.executable, "-m", "hub", "serve", "--data", str(data), "--console-port", "0", "--terminal-port", "0"]
    command += ["--database", database] if database else []
    with (data.parent / "hub.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, stdin=subprocess.DEVNULL)
    assert process.stdout is not None
    with process.stdout as out:
        line = out.readline()
    if not line:
        raise RuntimeError(f"the hub did not start: {(data.parent / 'hub.log').read_text()[-800:]}")
    return process, msgspec.json.decode(line, type=Serving)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End it, kindly at first."""
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _senders(data: Path, at: Serving, database: str | None, count: int) -> list[_Sender]:
    folder, clock = DataFolder(data), WallClock()
    engine, authority = prepare(folder, database, clock)
    senders = []
    for number in range(1, count + 1):
        with engine.execution_options(writes=True).begin() as connection:
            code = make_code(connection, HALL, f"gate-{number}", "gate", clock.now())
            publish_shipped(connection, folder.signing_key(), HALL, clock.now())
        ticket = EnrolmentTicket(url=at.terminals, code=code, ca_sha256=authority.fingerprint)
        identity = data.parent / f"gate-{number}"
        enrol(ticket, identity, clock, lambda _step: None, with_tpm=False)
        enrolled = msgspec.json.decode((identity / "enrolled.json").read_bytes(), type=Enrolled)
        key = bytes.fromhex(enrolled.hall_key)
        inventor = Inventor(enrolled.terminal, enrolled.hub_recipient, key, enrolled.receipt_range)
        senders.append(_Sender(identity, inventor, []))
    engine.dispose()
    return senders


def _bodies(sender: _Sender, kind: str, size: int, count: int) -> list[bytes]:
    """So many batches of a terminal."""
    made, inventor = [], sender.inventor
    for number in range(count):
        events: list[Event] = []
        while len(events) < size:
            if kind == "ended":
                events.append(inventor.ended(sender.passages[(number + len(events)) % len(sender.passages)]))
            else:
                passage = inventor.passage()
                pair: list[Event] = [passage, inventor.ended(passage)]
                events += pair[: size - len(events)]
        made.append(batch([inventor.encode(each) for each in events]))
    return made


def _run(port: int, senders: Sequence[_Sender], bodies: Sequence[Sequence[bytes]], seconds: float) -> Taken:
    contexts = [terminal_context(sender.folder) for sender in senders]
    return uvloop.run(send_all(port, contexts, bodies, seconds))


def _stored(database: str) -> int:
    engine = open_engine(database)
    with engine.connect() as connection:
        count = connection.execute(text("SELECT count(*) FROM event")).scalar_one()
    engine.dispose()
    return int(count)


def _against_bare(folder: Path, database: str | None, connections: int, seconds: float, rate: int) -> dict[str, object]:
    """Both servers on one kind of database."""
    data = folder / "hub"
    data.mkdir()
    process, at = start_hub(data, database)
    figures: dict[str, object] = {}
    kinds = [("ended", size) for size in BATCHES] + [("pairs", BATCHES[-1])]
    try:
        senders = _senders(data, at, database, connections)
        port = int(at.terminals.rpartition(":")[2])
        for sender in senders:
            sender.passages = [sender.inventor.passage() for _ in range(_PASSAGES)]
        first = [[batch([s.inventor.encode(each) for each in s.passages])] for s in senders]
        sent = _run(port, senders, first, 60).events
        work = {}
        for kind, size in kinds:
            count = max(4, int(seconds * rate / size / connections / (4 if kind == "pairs" else 1)))
            work[kind, size] = [_bodies(sender, kind, size, count) for sender in senders]
            taken = _run(port, senders, work[kind, size], seconds)
            sent += taken.events
            figures[f"hub_{kind}_{size}"] = taken.figures()
        memory = _memory_mb(process.pid)
    finally:
        stop(process)
    url = database or f"sqlite:///{data / 'hub.db'}"
    stored = _stored(url)
    opens = DataFolder(data).unsealing_identity()
    for (kind, size), bodies in work.items():
        for name, identity in (("bare", ""), ("bare_opening", opens))[: 2 if kind == "pairs" else 1]:
            file = str(folder / f"{name}-{kind}-{size}.db") if database is None else database
            bare, bare_port = _start_bare(data, file, identity)
            try:
                taken = _run(bare_port, senders, bodies, seconds)
            finally:
                stop(bare)
            figures[f"{name}_{kind}_{size}"] = beside = taken.figures()
            mine = figures[f"hub_{kind}_{size}"]
            assert isinstance(mine, dict)
            ratio = mine["events_per_second"] / int(str(beside["events_per_second"]))
            figures[f"ratio_{kind}_{size}" + name.removeprefix("bare")] = round(ratio, 2)
    return {**figures, "acknowledged": sent, "stored": stored, "lost": max(0, sent - stored), "memory_mb": memory}


def _start_bare(data: Path, database: str, identity: str) -> tuple[subprocess.Popen[bytes], int]:
    files = [str(data / "ca" / name) for name in ("server.pem", "server.pem", "ca.pem")]
    command = [sys.executable, "-m", "benchmarks.hub_bare", *files, database, identity]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
    assert process.stdout is not None
    with process.stdout as out:
        return process, int(out.readline())


def _memory_mb(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 2**20


def measure(connections: int, seconds: float, rate: int) -> dict[str, object]:
    """Measure hub and bare loop, on SQLite and on PostgreSQL where there is one.

    Args:
        connections: How many send at once.
        seconds: At most so long for each figure.
        rate: So many events are prepared for each second.
    """
    report: dict[str, object] = {"connections": connections, "seconds_each": seconds}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (folder / "sqlite").mkdir()
        report["sqlite"] = _against_bare(folder / "sqlite", None, connections, seconds, rate)
        try:
            server = stack.enter_context(postgres())
        except NoPostgres as error:
            report["postgresql"] = str(error)
            return report
        (folder / "postgresql").mkdir()
        report["postgresql"] = _against_bare(folder / "postgresql", server.url, connections, seconds, rate)
    return report
