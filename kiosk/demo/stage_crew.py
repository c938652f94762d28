"""Starts, stops, kills and restarts the real programs: the hub and the terminals, each a process of its own."""

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import anyio.to_thread

ROOT = Path(__file__).resolve().parents[2]


class CrewError(Exception):
    """A program did not start or did something it must not; the message says which and shows its last words."""


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONUNBUFFERED": "1"}


async def run_once(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run one of our commands to its end."""
    command = [sys.executable, "-m", *arguments]
    return await anyio.to_thread.run_sync(
        lambda: subprocess.run(  # noqa: S603  our own command
            command, capture_output=True, text=True, cwd=ROOT, env=_environment(), timeout=120, check=False
        )
    )


class Program:
    """One long-running program. Its output goes to a log file beside its data.

    Args:
        name: `hub`, `gate` or `desk`.
        arguments: after `python -m`.
    """

    def __init__(self, name: str, log: Path, *arguments: str) -> None:
        self.name = name
        self._log = log
        self._command = [sys.executable, "-m", *arguments]
        self._process: subprocess.Popen[bytes] | None = None
        self.kills = 0
        self.wanted = False

    @property
    def running(self) -> bool:
        """Whether it runs now."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it, in a session of its own, so that Ctrl-C reaches only the demonstration."""
        self.wanted = True
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603  our own command
                self._command,
                cwd=ROOT,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _start_if_wanted(self) -> None:
        if self.wanted and not self.running:
            self.start()

    async def kill(self) -> None:
        """`kill -9`."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGKILL)
        await anyio.to_thread.run_sync(self._process.wait)
        self.kills += 1

    async def stop(self, within: float = 15.0) -> None:
        """Ask it to end, and wait; kill it when it does not."""
        self.wanted = False
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        process = self._process
        try:
            await anyio.to_thread.run_sync(lambda: process.wait(within))
        except subprocess.TimeoutExpired:
            process.kill()
            await anyio.to_thread.run_sync(process.wait)

    def last_words(self) -> str:
        """The end of its log."""
        if not self._log.exists():
            return "(it said nothing)"
        return "\n".join(self._log.read_text(encoding="utf-8", errors="replace").splitlines()[-12:])

    async def watch(self) -> None:
        """Start it again when it ended by itself, as systemd would.

        Raises:
            CrewError: it ended five times within a minute: it cannot run.
        """
        ends: list[float] = []
        while True:
            await anyio.sleep(0.2)
            if self.wanted and not self.running:
                now = anyio.current_time()
                ends = [end for end in ends if now - end < 60] + [now]
                if len(ends) >= 5 and self.kills == 0:
                    raise CrewError(f"the {self.name} does not run:\n{self.last_words()}")
                await anyio.sleep(0.3)
                self._start_if_wanted()


class Killer:
    """Kills one of the programs at random moments, `count` times."""

    def __init__(self, programs: list[Program], count: int, rng: random.Random) -> None:
        self._programs, self.left, self.rng = programs, count, rng
        self.done: dict[str, int] = dict.fromkeys((program.name for program in programs), 0)

    async def run(self, least: float = 1.5, most: float = 6.0) -> None:
        """Kill until there is nothing left to kill; `Program.watch` starts them again."""
        while self.left:
            await anyio.sleep(self.rng.uniform(least, most))
            program = self.rng.choice(self._programs)
            if program.running:
                await program.kill()
                self.done[program.name] += 1
                self.left -= 1


async def enrol(hub_data: Path, terminal: str, role: str, identity: Path) -> None:
    """What the technician does: a one-time code from the hub, and the terminal's own certificate for it.

    Raises:
        CrewError: it was refused.
    """
    ticket = await run_once(
        "hub", "code", "--data", str(hub_data), "--hall", "weinan", "--terminal", terminal, "--role", role, "--json"
    )
    if ticket.returncode:
        raise CrewError(f"no enrolment code for {terminal}: {ticket.stderr.strip()}")
    enrolled = await run_once(
        "provisioning", "enrol", "--ticket", ticket.stdout.strip(), "--identity", str(identity), "--json"
    )
    if enrolled.returncode:
        raise CrewError(f"{terminal} was not enrolled: {enrolled.stderr.strip()}")


async def example_people(hub_data: Path, hall: str) -> list[str]:
    """One invented person for each role of the console, with a password: a line each.

    Raises:
        CrewError: they were refused.
    """
    made = await run_once("hub", "staff", "account", "examples", "--hall", hall, "--data", str(hub_data))
    if made.returncode:
        raise CrewError(f"nobody can sign in at the console: {made.stderr.strip()}")
    return made.stdout.strip().splitlines()


async def replays(site: Path, hub_data: Path, hall: str) -> dict[str, object]:
    """Decide every stored passage again, by the commands of the gate and of the hub.

    Returns:
        What each found, by `gate` and `hub`.

    Raises:
        CrewError: a command did not answer.
    """
    found: dict[str, object] = {}
    commands = {
        "gate": ("kiosk", "replay", "--site", str(site)),
        "hub": ("hub", "replay", "--hall", hall, "--data", str(hub_data), "--json"),
    }
    for name, words in commands.items():
        result = await run_once(*words)
        if not result.stdout:
            raise CrewError(f"the {name} does not replay: {result.stderr[-400:]}")
        found[name] = json.loads(result.stdout)
    return found


BAD_SITE_FILES: Mapping[str, tuple[str, str]] = {
    "unknown_key": ('driver = "thermometer/gy-614"', 'driver = "thermometer/gy-614"\nprot = "x"'),
    "missing_device": ("[gate.devices.thermometer]", "[gate.devices.nothing]"),
    "wrong_type": ('lane = "东门 1"', "lane = 1"),
}
"""What to replace in a right site file to make it wrong."""


async def refuse_bad_sites(folder: Path, right: str) -> dict[str, int]:
    """Run a terminal with each wrong site file: each must end with 2 and one clear message.

    Returns:
        How many lines each said.

    Raises:
        CrewError: one was not refused as it should be.
    """
    said: dict[str, int] = {}
    for name, (old, new) in BAD_SITE_FILES.items():
        file = folder / f"{name}.toml"
        file.write_text(right.replace(old, new), encoding="utf-8")
        result = await run_once("kiosk", "run", "--site", str(file), "--ui", "none")
        lines = result.stderr.strip().splitlines()
        if result.returncode != 2 or not lines or "Traceback" in result.stderr:
            raise CrewError(f"the site file with {name} ended with {result.returncode}: {result.stderr[-400:]}")
        said[name] = len(lines)
    return said


async def hub_addresses(data: Path, program: Program, within: float = 90.0) -> dict[str, str]:
    """Where the hub listens, once it does.

    Raises:
        CrewError: it does not come up.
    """
    with anyio.move_on_after(within):
        while True:
            file = data / "serving.json"
            if program.running and file.exists():
                found: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
                return found
            await anyio.sleep(0.1)
    raise CrewError(f"the hub does not come up:\n{program.last_words()}")


@asynccontextmanager
async def watched(programs: list[Program]) -> AsyncIterator[None]:
    """Programs that are kept running, and stopped at the end."""
    try:
        async with anyio.create_task_group() as group:
            for program in programs:
                group.start_soon(program.watch)
            yield
            group.cancel_scope.cancel()
    finally:
        with anyio.CancelScope(shield=True):
            async with anyio.create_task_group() as group:
                for program in programs:
                    group.start_soon(program.stop)
