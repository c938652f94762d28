"""Starts what `current` points to and watches it: it has to come up, pass its own test, and go on giving signs of life.

The program speaks sd_notify(3): `READY=1` after its self-test, `WATCHDOG=1` as a sign of life, and besides
`X_SELFTEST=why` when its self-test failed, `X_BUSY=1` while somebody uses the terminal.
"""

import os
import select
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from . import trial
from .disk import Home

LEFT = 78
"""Exit code of a program, and then of this: a technician has ended it, and it is not to be started again."""


@dataclass(frozen=True)
class Limits:
    """Seconds.

    Attributes:
        start: within which it has to be ready.
        prove: that it has to live after that while it is on trial.
        silence: without a sign of life.
        stop: that it has to end in when asked.
        busy: that a new release waits for somebody to be done.
        again: before it is started again; doubled each time, up to a minute.
    """

    start: float = 150.0
    prove: float = 60.0
    silence: float = 60.0
    stop: float = 30.0
    busy: float = 1800.0
    again: float = 2.0


@dataclass
class Ended:
    """How a run ended.

    Attributes:
        why: `stopped`, `switched`, `crashed`, `hangs_at_start`, `hangs`, `self_test` or `left`.
        detail: in words.
        proven: it was ready, and lived long enough.
    """

    why: str
    detail: str = ""
    proven: bool = False


@dataclass
class _Seen:
    """What a program has said so far."""

    began: float
    heard: float = 0.0
    ready: float = 0.0
    told: bool = False
    proven: bool = False
    busy: bool = False
    asked: float = 0.0
    """Since when another release waits."""
    failed: str = ""

    def take(self, line: str) -> None:
        """A line of sd_notify."""
        self.heard = time.monotonic()
        key, _, value = line.partition("=")
        if key == "READY":
            self.ready = self.ready or self.heard
        elif key == "X_SELFTEST":
            self.failed = value or "it does not say what"
        elif key == "X_BUSY":
            self.busy = value == "1"

    def judge(self, code: "int | None", now: float, limits: Limits) -> "Ended | None":
        """How it ended, if it did."""
        if self.failed:
            return Ended("self_test", self.failed)
        if code == LEFT:
            return Ended("left", "a technician has ended it", self.proven)
        if code is not None:
            return Ended("crashed", f"ended with {code} after {now - self.began:.0f} s", self.proven)
        if not self.ready and now - self.began > limits.start:
            return Ended("hangs_at_start", f"not ready within {limits.start:.0f} s")
        if self.ready and now - max(self.heard, self.began) > limits.silence:
            return Ended("hangs", f"no sign of life for {limits.silence:.0f} s", self.proven)
        return None


class Launcher:
    """Runs one part (role) of a terminal, whichever release it is.

    Args:
        home: where releases live.
        part: name of the part, e.g. `gate`.
        command: to start; `{python}` and `{release}` in it are the release's.
        limits: how long things may take.
        say: told what happens, for the journal.
        environment: of the program; this process's own when left out.
    """

    def __init__(
        self,
        home: Home,
        part: str,
        command: "list[str]",
        limits: Limits = Limits(),
        say: "Callable[[str], None]" = lambda _line: None,
        environment: "dict[str, str] | None" = None,
    ) -> None:
        self._home, self._part, self._command, self._limits, self._say = home, part, command, limits, say
        self._environment = dict(os.environ) if environment is None else environment
        self._systemd = self._environment.get("NOTIFY_SOCKET", "")
        self.stopping = False
        self.left = False
        """A technician has ended the program."""
        self.proven = ""
        """The release that proved itself here last."""

    def stop(self) -> None:
        """End the program, and then this; may be called from a signal."""
        self.stopping = True

    def run(self) -> None:
        """Run until stopped. Whatever a release does, the next thing that is started is one that works."""
        wait = self._limits.again
        while not self.stopping:
            release = trial.settle(self._home)
            if not release:
                self._say("no release is installed here: kiosk-provision release install")
                self._sleep(5.0)
                continue
            ended = self._once(release)
            if ended.why in {"stopped", "switched"}:
                wait = self._limits.again
                continue
            self._say(f"{release}: {ended.why}: {ended.detail}")
            if ended.why == "left":
                self.left = True
                return
            if self._judge(release, ended):
                wait = self._limits.again
                continue
            self._sleep(wait)
            wait = self._limits.again if ended.proven else min(60.0, wait * 2)

    def _judge(self, release: str, ended: Ended) -> bool:
        """Take a release on trial back where it has failed often enough; returns whether that was done."""
        under_way = trial.trial_of(self._home)
        if under_way is None or under_way.release != release:
            return False
        tried = self._home.read(self._home.state / f"part-{self._part}.json").get("attempts")
        # what its own test says is the same each time; a crash or a hang may have been a moment's
        if ended.why == "self_test" or (isinstance(tried, int) and tried >= trial.ATTEMPTS):
            trial.take_back(self._home, under_way, ended.why, ended.detail)
            self._say(f"{release} is taken back, {self._home.running()} runs again")
            return self._home.running() != release
        return False

    def _once(self, release: str) -> Ended:
        folder = self._home.releases / release
        if self._on_trial(release):
            trial.attempt(self._home, self._part, release)
        self._note()
        with tempfile.TemporaryDirectory(prefix="kiosk-") as place:
            address = str(Path(place, "notify"))
            listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            try:
                listener.bind(address)
                filled = [
                    word.replace("{python}", str(folder / "bin/python")).replace("{release}", str(folder))
                    for word in self._command
                ]
                environment = dict(self._environment, NOTIFY_SOCKET=address, KIOSK_PART=self._part)
                environment.update(KIOSK_HOME=str(self._home.path), PYTHONSAFEPATH="1")
                for other in ("WATCHDOG_USEC", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"):
                    environment.pop(other, None)  # a release brings all of its own
                self._say(f"starting {release}")
                return self._start(filled, environment, listener, release)
            finally:
                listener.close()

    def _start(
        self, command: "list[str]", environment: "dict[str, str]", listener: socket.socket, release: str
    ) -> Ended:
        try:
            # the terminal's own program, as the unit names it
            program = subprocess.Popen(command, env=environment, start_new_session=True)  # noqa: S603
        except OSError as error:
            return Ended("crashed", f"it cannot be started: {error}")
        try:
            return self._watch(program, listener, release)
        finally:
            self._end(program)

    def _on_trial(self, release: str) -> bool:
        under_way = trial.trial_of(self._home)
        return under_way is not None and under_way.release == release

    def _watch(self, program: "subprocess.Popen[bytes]", listener: socket.socket, release: str) -> Ended:
        seen = _Seen(time.monotonic())
        while True:
            self._tell_systemd("WATCHDOG=1")
            for line in _lines(listener, 0.2):
                seen.take(line)
            if seen.ready and not seen.told:
                seen.told = True
                self._tell_systemd("READY=1")
            now = time.monotonic()
            if self.stopping:
                return Ended("stopped")
            ended = seen.judge(program.poll(), now, self._limits)
            if ended is not None:
                return ended
            if seen.ready and not seen.proven and now - seen.ready >= self._limits.prove:
                seen.proven = True
                self._prove(release)
            if self._home.running() not in {release, ""}:
                seen.asked = seen.asked or now
                if not seen.busy or now - seen.asked > self._limits.busy:
                    return Ended("switched")

    def _prove(self, release: str) -> None:
        self.proven = release
        over = trial.prove(self._home, self._part, release)
        self._note()
        if over:
            self._say(f"{release} has proven itself")
            renew(self._home, release)

    def _note(self) -> None:
        """Say how it stands, for the program, which tells the hub."""
        file = self._home.state / f"now-{self._part}.json"
        state = trial.state_of(self._home)
        if self._home.read(file) != state:
            self._home.write(file, state)

    def _end(self, program: "subprocess.Popen[bytes]") -> None:
        """End the program and all it started."""
        if program.poll() is None:
            program.terminate()
            with suppress(subprocess.TimeoutExpired):
                program.wait(self._limits.stop)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(program.pid, signal.SIGKILL)
        program.wait()

    def _sleep(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self.stopping and time.monotonic() < until:
            self._tell_systemd("WATCHDOG=1")
            time.sleep(0.05)

    def _tell_systemd(self, line: str) -> None:
        if self._systemd:
            with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as outwards:
                outwards.connect(self._systemd.replace("@", "\0", 1) if self._systemd[0] == "@" else self._systemd)
                outwards.send(line.encode())


def _lines(listener: socket.socket, within: float) -> "list[str]":
    if not select.select([listener], [], [], within)[0]:
        return []
    return listener.recv(4096).decode("utf-8", "replace").splitlines()


def renew(home: Home, release: str) -> None:
    """Take the copy of this program from a release that has proven itself."""
    for lib in sorted((home.releases / release / "lib").glob("python3*")):
        fresh = lib / "site-packages/provisioning/releases/boot"
        if (fresh / "__main__.py").is_file():
            place_boot(home, fresh, release)


def place_boot(home: Home, source: Path, release: str) -> None:
    """Copy this program to `boots/RELEASE`, and point `boot` there."""
    target = home.path / "boots" / release
    target.mkdir(parents=True, exist_ok=True)
    for file in sorted(source.glob("*.py")):
        temporary = target / f".{file.name}.new"
        temporary.write_bytes(file.read_bytes())
        with temporary.open("rb") as stream:
            os.fsync(stream.fileno())
        temporary.replace(target / file.name)
    home.link(home.path / "boot", f"boots/{release}")
