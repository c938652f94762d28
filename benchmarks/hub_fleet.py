"""A city of simulated terminals on one hub, and the live pages of all its halls open in browsers.

Each terminal sends heartbeats, passages and submissions with papers; some wait for orders by a long poll. Each has a
certificate and a connection of its own, kept alive. Before it is measured each has sent as much as a paper at once (an
empty batch, with blanks), for with its first paper a connection takes the memory that it keeps. Every answer is timed;
in the end what was acknowledged is compared with the database.
"""

import asyncio
import gc
import hashlib
import random
import ssl
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec
import uvloop
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import func, insert, select

from benchmarks.hub import start_hub, stop
from benchmarks.hub_events import Inventor, batch
from benchmarks.hub_sender import Line, request
from benchmarks.postgres import postgres
from hub.app import prepare
from hub.audit.chain import Actor, Who
from hub.data import DataFolder
from hub.fleet.enrolment import ensure_hall
from hub.people.accounts import find_account, put_account
from hub.people.sessions import open_session
from hub.rules.publish import publish_shipped
from hub.store import schema
from hub.store.engine import open_engine
from kiosk.clock import WallClock
from kiosk.wire import routes
from kiosk.wire.events import Answer, Event, Fate

_A_HALL: Final = 25
"""So many terminals have one hall."""
_PAPER_BYTES: Final = 100_000
_PATIENCE: Final = 60.0
"""Seconds after the end for which a hub that does not answer is asked again."""
_LISTS: Final = 50
"""So many browsers show the list of passages."""


@dataclass
class _Run:
    ports: Sequence[int]
    until: float = 0.0
    measured_from: float = 0.0
    milliseconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    acknowledged: set[str] = field(default_factory=set)
    troubles: int = 0
    told: int = 0
    """Messages that browsers got, pings apart."""
    ended: int = 0
    """Browsers' streams that ended before the end."""

    async def ask(self, line: Line, what: str, message: bytes) -> tuple[int, bytes]:
        """Send a request and time its answer; a line that broke is opened again, and the request sent again."""
        while True:
            began = time.perf_counter()
            try:
                answer = await line.ask(message)
            except (OSError, asyncio.IncompleteReadError):
                self.troubles += 1
                line.close()
                if time.perf_counter() > self.until + _PATIENCE:
                    raise
                await asyncio.sleep(0.5)
                continue
            if began >= self.measured_from:
                self.milliseconds[what].append((time.perf_counter() - began) * 1000)
            return answer


def _make_fleet(data: DataFolder, database: str | None, count: int) -> list[tuple[Inventor, Path]]:
    """Enrol without asking: what enrolment leaves in the database, and one key for all of them."""
    clock = WallClock()
    engine, authority = prepare(data, database, clock)
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    made = []
    with engine.execution_options(writes=True).begin() as connection:
        for number in range(1, count + 1):
            hall, name = f"hall-{number // _A_HALL}", f"gate-{number}"
            ensure_hall(connection, hall, clock.now())
            issued = authority.certify(key.public_key(), hall, name, clock.now())
            place = {"hall": hall, "terminal": name}
            connection.execute(
                insert(schema.terminal).values(**place, role="gate", receipt_range=number, made=clock.now())
            )
            connection.execute(
                insert(schema.certificate).values(
                    **place, fingerprint=issued.fingerprint, issued=clock.now(), expires=issued.expires, replaced=False
                )
            )
            file = data.path.parent / "identities" / f"{name}.pem"
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(issued.pem.encode() + pem)
            made.append((Inventor(name, data.sealing_recipient(), data.hall_key(hall), number), file))
        for hall in {f"hall-{number // _A_HALL}" for number in range(1, count + 1)}:
            publish_shipped(connection, data.signing_key(), hall, clock.now())
    engine.dispose()
    return made


async def _send(run: _Run, line: Line, inventor: Inventor, what: str, events: list[Event]) -> None:
    body = batch([inventor.encode(each) for each in events])
    while True:
        status, answer = await run.ask(line, what, request("POST", routes.EVENTS, body))
        if status == 200:
            break
        run.troubles += 1
        await asyncio.sleep(1)
    for event, fate in zip(events, msgspec.json.decode(answer, type=list[Answer]), strict=True):
        if fate.fate in {Fate.STORED, Fate.KNOWN}:
            run.acknowledged.add(str(event.id))


async def _upload(run: _Run, line: Line, what: str, paper: bytes) -> None:
    extra = f"content-range: bytes 0-{len(paper) - 1}/{len(paper)}\r\n"
    path = f"{routes.PAPERS}/{hashlib.sha256(paper).hexdigest()}"
    await run.ask(line, what, request("PUT", path, paper, extra))


async def _terminal(run: _Run, inventor: Inventor, context: ssl.SSLContext, begins: float, pace: "Pace") -> None:
    chance = random.Random(inventor.receipt_range)
    line = Line(run.ports[inventor.receipt_range % len(run.ports)], context)
    await asyncio.sleep(begins)
    await run.ask(line, "first", request("POST", routes.EVENTS, b"[" + b" " * _PAPER_BYTES + b"]"))
    heads, next_beat = 0, time.perf_counter()
    next_passage = next_beat + chance.expovariate(1 / pace.passage) if pace.passage else float("inf")
    next_paper = next_beat + chance.expovariate(1 / pace.submission) if pace.submission else float("inf")
    while (now := time.perf_counter()) < run.until:
        if now >= next_beat:
            await run.ask(line, "heartbeat", request("POST", routes.HEALTH, inventor.health(heads)))
            next_beat += pace.heartbeat
        if now >= next_passage:
            passage = inventor.passage()
            await _send(run, line, inventor, "passage", [passage, inventor.ended(passage)])
            heads += 1
            next_passage = time.perf_counter() + chance.expovariate(1 / pace.passage)
        if now >= next_paper:
            paper = inventor.paper(_PAPER_BYTES)
            submission = inventor.submission([paper])
            await _upload(run, line, "paper", paper)
            await _send(run, line, inventor, "submission", [submission, inventor.receipt(submission)])
            next_paper = time.perf_counter() + chance.expovariate(1 / pace.submission)
        due = min(next_beat, next_passage, next_paper, run.until)
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
    line.close()


async def _browser(run: _Run, port: int, cookie: str, path: str, begins: float) -> None:
    """A page of the console that stands open."""
    await asyncio.sleep(begins)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nhost: localhost\r\ncookie: session={cookie}\r\n\r\n".encode())
    try:
        async with asyncio.timeout_at(asyncio.get_running_loop().time() + run.until - time.perf_counter()):
            while line := await reader.readline():
                run.told += line.startswith(b"data: ") and len(line) > len(b"data: \n")
        run.ended += 1
    except TimeoutError:
        pass
    finally:
        writer.transport.abort()


def _sign_in(data: DataFolder, database: str | None) -> str:
    """A supervisor's session, as it is after a password: the token."""
    clock = WallClock()
    engine, _ = prepare(data, database, clock)
    with engine.execution_options(writes=True).begin() as connection:
        put_account(
            connection,
            hall="",
            account_id="watching",
            name="王芳",
            roles=frozenset({Actor.SUPERVISOR}),
            by=Who(Actor.OPERATOR),
            now=clock.now(),
        )
        account = find_account(connection, "", "watching")
        assert account is not None
        token = open_session(connection, account, "password", clock.now())
    engine.dispose()
    return token


async def _waiter(run: _Run, number: int, context: ssl.SSLContext, begins: float) -> None:
    """Waits for orders, again and again; not timed."""
    line = Line(run.ports[number % len(run.ports)], context)
    await asyncio.sleep(begins)
    while time.perf_counter() < run.until - 5:
        try:
            await line.ask(request("GET", f"{routes.ORDERS}?wait=20"))
        except (OSError, asyncio.IncompleteReadError):
            line.close()
            await asyncio.sleep(0.5)
    line.close()


@dataclass(frozen=True)
class Pace:
    """Seconds between two of a terminal's, on average; 0: none."""

    heartbeat: float = 30.0
    passage: float = 30.0
    submission: float = 500.0


def _memory_mb(pid: int) -> float:
    return round(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096 / 2**20, 1)


@dataclass(frozen=True)
class _Browsers:
    """The console's pages that stand open: one of alarms in each hall, and lists of passages."""

    ports: Sequence[int]
    cookie: str
    halls: tuple[str, ...]
    lists: int

    def paths(self) -> list[str]:
        """Of each stream."""
        return [
            *(f"/stream/alarms?hall={hall}" for hall in self.halls),
            *("/stream/passages" for _ in range(self.lists)),
        ]


async def _drive(
    run: _Run,
    fleet: list[tuple[Inventor, Path]],
    ca: Path,
    ramp: float,
    seconds: float,
    streams: int,
    pids: Sequence[int],
    browsers: _Browsers,
) -> list[float]:
    contexts = []
    for _, file in fleet:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(ca)
        context.load_cert_chain(file)
        contexts.append(context)
    gc.freeze()  # the collector of this process is not what is measured
    gc.disable()
    began = time.perf_counter()
    run.measured_from = began + ramp
    run.until = run.measured_from + seconds
    pace = Pace()
    memory: list[float] = []

    async def weigh() -> None:
        await asyncio.sleep(ramp)
        while time.perf_counter() < run.until:
            memory.append(round(sum(map(_memory_mb, pids)), 1))
            await asyncio.sleep(max(1.0, seconds / 12))

    waiting = [_waiter(run, n, context, ramp * n / max(1, streams)) for n, context in enumerate(contexts[:streams])]
    terminals = [
        _terminal(run, inventor, context, ramp * n / len(fleet), pace)
        for n, ((inventor, _), context) in enumerate(zip(fleet, contexts, strict=True))
    ]
    paths = browsers.paths()
    pages = [
        _browser(run, browsers.ports[n % len(browsers.ports)], browsers.cookie, path, ramp * n / max(1, len(paths)))
        for n, path in enumerate(paths)
    ]
    await asyncio.gather(weigh(), *waiting, *terminals, *pages)
    return memory


def _port(url: str) -> int:
    return int(url.rpartition(":")[2])


def measure(terminals: int, seconds: float, ramp: float, streams: int, processes: int = 0) -> dict[str, object]:
    """Run a city.

    Args:
        terminals: How many.
        seconds: How long it is measured.
        ramp: Over how many seconds they come before that.
        streams: How many wait for orders, too.
        processes: So many of the hub on one PostgreSQL, the terminals shared out among them as by a proxy; 0: one on
            SQLite.

    Returns:
        p50 and p99 of each kind of call, what was lost, and the hub's memory over the time.

    Raises:
        NoPostgres: There is none here.
    """
    with ExitStack() as stack:
        database = stack.enter_context(postgres()).url if processes else None
        name = stack.enter_context(tempfile.TemporaryDirectory())
        data = DataFolder(Path(name) / "hub")
        fleet = _make_fleet(data, database, terminals)
        cookie = _sign_in(data, database)
        hubs = []
        for _ in range(max(1, processes)):
            hubs.append(start_hub(data.path, database))
            stack.callback(stop, hubs[-1][0])
        run = _Run([_port(at.terminals) for _, at in hubs])
        halls = tuple(sorted({f"hall-{number // _A_HALL}" for number in range(1, terminals + 1)}))
        browsers = _Browsers([_port(at.console) for _, at in hubs], cookie, halls, _LISTS)
        ca, pids = data.ca / "ca.pem", [process.pid for process, _ in hubs]
        memory = uvloop.run(_drive(run, fleet, ca, ramp, seconds, streams, pids, browsers))
        engine = open_engine(database or f"sqlite:///{data.database}")
        with engine.connect() as connection:
            stored = set(connection.scalars(select(schema.event.c.id)))
            submissions = connection.scalar(select(func.count()).select_from(schema.submission))
        engine.dispose()
    calls: dict[str, object] = {}
    for what, sample in sorted(run.milliseconds.items()):
        ordered = sorted(sample)
        calls[what] = {
            "count": len(ordered),
            "p50_ms": round(ordered[len(ordered) // 2], 1),
            "p99_ms": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))], 1),
        }
    return {
        "terminals": terminals,
        "database": "postgresql" if processes else "sqlite",
        "processes": max(1, processes),
        "seconds": seconds,
        "waiting_for_orders": streams,
        "browsers": {"streams": len(browsers.paths()), "messages": run.told, "ended_early": run.ended},
        "calls": calls,
        "acknowledged": len(run.acknowledged),
        "submissions": submissions,
        "lost": len(run.acknowledged - stored),
        "lines_that_broke": run.troubles,
        "memory_mb": memory,
    }
