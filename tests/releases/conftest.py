"""Keys, a repository, and small releases whose program behaves as each test asks."""

import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from securesystemslib.signer import CryptoSigner

from kiosk.clock import WallClock
from provisioning.releases.boot import trial
from provisioning.releases.boot.disk import Home
from provisioning.releases.boot.launcher import Launcher, Limits
from provisioning.releases.build import finish
from provisioning.releases.repository import Manifest, Repository
from provisioning.releases.source import Folder
from provisioning.releases.update import Updates, trust

MADE = datetime(2026, 11, 1, tzinfo=UTC)
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
HEAD = """\
import os, socket, sys, time
def tell(line):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
        out.sendto(line.encode(), os.environ["NOTIFY_SOCKET"])
def live():
    tell("READY=1")
    while True:
        tell("WATCHDOG=1")
        time.sleep(0.1)
"""
GOOD = HEAD + "live()\n"
CRASHES = HEAD + "sys.exit(3)\n"
HANGS = HEAD + "time.sleep(3600)\n"
FAILS_ITS_TEST = HEAD + 'tell("X_SELFTEST=vision: the process does not start")\ntime.sleep(3600)\n'
FREEZES = HEAD + 'tell("READY=1")\ntime.sleep(3600)\n'
BUSY = HEAD + 'tell("X_BUSY=1")\nlive()\n'
# What a good release, or one that ends by itself, is measured by: it is as quick as it is, however slow the machine.
PATIENT = Limits(start=100.0, prove=0.2, silence=100.0, stop=10.0, busy=100.0, again=0.05)
COMMAND = ["{python}", "-m", "kiosk"]


@dataclass
class Yard:
    """Where releases are made."""

    folder: Path
    repository: Repository
    holders: list[CryptoSigner]
    targets: CryptoSigner
    online: CryptoSigner
    now: datetime = field(default_factory=WallClock().now)

    def tarball(
        self, version: str, program: str = GOOD, *, filler: int = 0, **changes: object
    ) -> tuple[Path, Manifest]:
        tree = self.folder / f"tree-{version}-{len(list(self.folder.iterdir()))}"
        package = tree / f"lib/python{PYTHON}/site-packages/kiosk"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text(f'__version__ = "{version}"\n')
        (package / "__main__.py").write_text(program)
        if filler:
            (tree / "filler").write_bytes(os.urandom(filler))
        out = self.folder / f"{tree.name}.tar.gz"
        given = {"version": version, "made": MADE, "python": PYTHON, "machine": "any", "schema": 1, **changes}
        return out, finish(tree, out, Manifest(**given))  # type: ignore[arg-type]  # by name

    def sign(self, version: str, program: str = GOOD, **changes: object) -> None:
        out, manifest = self.tarball(version, program, **changes)  # type: ignore[arg-type]  # by name
        self.repository.add(out, manifest, self.targets, self.now)
        self.repository.hand_out(self.online, self.now)

    def file_of(self, version: str) -> Path:
        return next(self.repository.targets.glob(f"*.kiosk-{version}.tar.gz"))


def new_yard(folder: Path, name: str = "repository") -> Yard:
    keys = [CryptoSigner.generate_ed25519() for _ in range(5)]
    yard = Yard(folder, Repository(folder / name), keys[:3], keys[3], keys[4])
    yard.repository.begin(keys[:3], keys[3].public_key, keys[4].public_key, yard.now)
    return yard


@pytest.fixture
def yard(tmp_path: Path) -> Yard:
    folder = tmp_path / "yard"
    folder.mkdir()
    return new_yard(folder)


@dataclass
class Terminal:
    """A terminal's folder of releases, and its launcher."""

    home: Home
    yard: Yard
    lines: list[str] = field(default_factory=list)
    running: list[tuple[Launcher, threading.Thread]] = field(default_factory=list)
    patience: float = 50.0

    def updates(self, after: Callable[[str], None] = lambda _step: None) -> Updates:
        return Updates(Home(self.home.path, after), Folder(self.yard.repository.path), WallClock())

    def bring(self, version: str = "", **given: object) -> str:
        return self.updates().bring(version, need=("gate",), **given)  # type: ignore[arg-type]  # by name

    def launch(self, part: str = "gate", limits: Limits = PATIENT) -> Launcher:
        launcher = Launcher(self.home, part, COMMAND, limits, self.lines.append)
        thread = threading.Thread(target=launcher.run)
        thread.start()
        self.running.append((launcher, thread))
        return launcher

    def stop(self) -> None:
        for launcher, _ in self.running:
            launcher.stop()
        for _, thread in self.running:
            thread.join()
        self.running.clear()

    def until(self, holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + self.patience
        while not holds():
            assert time.monotonic() < deadline, (self.lines, trial.state_of(self.home))
            time.sleep(0.02)

    def state(self) -> dict[str, object]:
        return trial.state_of(self.home)

    def works(self) -> str:
        """The release that runs now, after it has proven that it does."""
        launcher = self.launch()
        self.until(lambda: launcher.proven != "" and launcher.proven == self.home.running())
        self.stop()
        return launcher.proven


@pytest.fixture
def terminal(tmp_path: Path, yard: Yard) -> Iterator[Terminal]:
    """A terminal that runs 0.1.0, proven."""
    yard.sign("0.1.0")
    made = Terminal(Home(tmp_path / "home"), yard)
    trust(made.home, (yard.repository.metadata / "1.root.json").read_bytes())
    assert made.bring() == "0.1.0"
    trial.prove(made.home, "gate", "0.1.0")
    yield made
    made.stop()


def update_note(terminal: Terminal) -> dict[str, object]:
    read: dict[str, object] = json.loads((terminal.home.state / "update.json").read_text())
    return read


LATER = timedelta(days=400)
