"""A kill storm: SIGKILL, again and again, of a hub and its terminals while they work. Is anything lost, or there twice?

Hub and terminals are processes of the product: `python -m hub serve`, and the store, ledger, outbox and uplink of a
terminal. Each victim is drawn by chance and started again at once. In the end everything that was told a citizen has
to be in the hub's database once, with its papers whole.
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
import pysqlite3.dbapi2 as sqlite

from hub.app import prepare
from hub.data import DataFolder, Serving
from hub.fleet.enrolment import make_code
from hub.rules.publish import publish_shipped
from kiosk.clock import WallClock
from kiosk.wire.fleet import EnrolmentTicket
from provisioning.enrol import enrol

HALL: Final = "weinan"
_WAIT_SECONDS: Final = 120
_DRAIN_SECONDS: Final = 600


class Stuck(Exception):
    """Something did not come to its end in time; says what."""


@dataclass
class _Hub:
    data: Path
    ports: tuple[int, int] = (0, 0)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> Serving:
        """Serve; returns when it listens."""
        command = [sys.executable, "-m", "hub", "serve", "--data", str(self.data)]
        command += ["--console-port", str(self.ports[0]), "--terminal-port", str(self.ports[1])]
        with (self.data.parent / "hub.log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, stdin=subprocess.DEVNULL)
        assert self.process.stdout is not None
        with self.process.stdout as out:
            line = out.readline()
        if not line:
            raise Stuck(f"the hub did not start: {(self.data.parent / 'hub.log').read_text()[-500:]}")
        at = msgspec.json.decode(line, type=Serving)
        self.ports = (int(at.console.rpartition(":")[2]), int(at.terminals.rpartition(":")[2]))
        return at


@dataclass
class _Terminal:
    folder: Path
    seed: int
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Run it."""
        self.seed += 1000
        command = [sys.executable, "-m", "benchmarks.kill_terminal", str(self.folder), str(self.seed)]
        with (self.folder / "terminal.log").open("ab") as log:
            self.process = subprocess.Popen(command, stderr=log, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    def told(self) -> list[str]:
        """What it told its citizens."""
        try:
            return (self.folder / "told.log").read_text().splitlines()
        except FileNotFoundError:
            return []


def _kill(process: subprocess.Popen[bytes] | None) -> None:
    if process is not None and process.poll() is None:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()


def _enrol(data: Path, at: Serving, folder: Path, name: str) -> None:
    clock, opened = WallClock(), DataFolder(data)
    engine, authority = prepare(opened, None, clock)
    with engine.execution_options(writes=True).begin() as connection:
        code = make_code(connection, HALL, name, "gate", clock.now())
        publish_shipped(connection, opened.signing_key(), HALL, clock.now())
    engine.dispose()
    ticket = EnrolmentTicket(url=at.terminals, code=code, ca_sha256=authority.fingerprint)
    enrol(ticket, folder / "identity", clock, lambda _step: None)


def _lines(terminals: list[_Terminal]) -> int:
    return sum(len(terminal.told()) for terminal in terminals)


def _storm(hub: _Hub, units: list[_Terminal], kills: int, chance: random.Random, struck: Counter[str]) -> None:
    for _ in range(kills):
        # Some work gets done between two kills, so that there is something to lose.
        wanted, deadline = _lines(units) + chance.randint(1, 15), time.monotonic() + _WAIT_SECONDS
        while _lines(units) < wanted:
            if time.monotonic() > deadline:
                raise Stuck("no terminal gets anything done")
            time.sleep(0.005)
        time.sleep(chance.uniform(0, 0.4))
        if chance.random() < 0.5:
            struck["hub"] += 1
            _kill(hub.process)
            hub.start()
        else:
            struck["terminals"] += 1
            victim = chance.choice(units)
            _kill(victim.process)
            victim.start()


def _drain(units: list[_Terminal]) -> None:
    """Let the terminals send what they have, and end."""
    for unit in units:
        (unit.folder / "stop").touch()
    for unit in units:
        assert unit.process is not None
        try:
            if unit.process.wait(_DRAIN_SECONDS):
                raise Stuck(f"a terminal failed: {(unit.folder / 'terminal.log').read_text()[-800:]}")
        except subprocess.TimeoutExpired as error:
            raise Stuck("an outbox does not become empty") from error


def measure(kills: int, terminals: int, seed: int) -> dict[str, object]:
    """Run a storm.

    Args:
        kills: How many SIGKILLs.
        terminals: How many terminals.
        seed: Of the victims and the pauses.

    Returns:
        Kills of each side, what was told, lost and found twice; `ok` when nothing was.
    """
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as name:
        hub = _Hub(Path(name) / "hub")
        hub.data.mkdir()
        began = time.monotonic()
        at = hub.start()
        units = []
        for number in range(1, terminals + 1):
            unit = _Terminal(Path(name) / f"gate-{number}", seed + number)
            unit.folder.mkdir()
            _enrol(hub.data, at, unit.folder, f"gate-{number}")
            units.append(unit)
        struck: Counter[str] = Counter()
        try:
            for unit in units:
                unit.start()
            _storm(hub, units, kills, chance, struck)
            _drain(units)
        finally:
            for unit in units:
                _kill(unit.process)
            _kill(hub.process)
        return {
            "kills": dict(struck),
            "terminals": terminals,
            "seconds": round(time.monotonic() - began, 1),
            **_compare(hub.data, units),
        }


def _compare(data: Path, units: list[_Terminal]) -> dict[str, object]:
    """What was told beside what the hub has."""
    told, numbers, dead = set(), set(), 0
    for unit in units:
        for what, *rest in (line.split() for line in unit.told()):
            match what:
                case "passage":
                    told.add(rest[0])
                case "submission":
                    told.add(rest[0])
                    numbers.add(rest[1])
                case _:
                    dead += int(rest[0])
    database = sqlite.connect(str(data / "hub.db"))
    rows = database.execute("SELECT terminal, id, kind, seq FROM event").fetchall()
    ids = Counter(row[1] for row in rows)
    in_order = Counter((row[0], row[3]) for row in rows)
    stored_numbers = {row[0] for row in database.execute("SELECT number FROM submission")}
    papers = [row[0] for row in database.execute("SELECT sha256 FROM paper")]
    handled = database.execute("SELECT count(*) FROM handling").fetchone()[0]
    intact = database.execute("PRAGMA integrity_check").fetchone()[0]
    database.close()
    waiting = 0
    for unit in units:
        store = sqlite.connect(str(unit.folder / "terminal.db"))
        waiting += store.execute("SELECT count(*) FROM outbox").fetchone()[0]
        store.close()
    missing_papers = [each for each in papers if not (data / "papers" / each[:2] / each).exists()]
    figures = {
        "told": len(told),
        "stored_events": len(rows),
        "lost": len(told - ids.keys()) + len(numbers - stored_numbers) + len(missing_papers),
        "duplicated": sum(count - 1 for count in ids.values()) + sum(count - 1 for count in in_order.values()),
        "papers": len(papers),
        "submissions_without_office": len(stored_numbers) - handled,
        "dead_letters": dead,
        "left_in_outboxes": waiting,
        "integrity": intact,
    }
    zero = ("lost", "duplicated", "submissions_without_office", "dead_letters", "left_in_outboxes")
    return {**figures, "ok": intact == "ok" and len(told) > 0 and not any(figures[each] for each in zero)}
