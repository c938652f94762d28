"""A PostgreSQL of one's own for the time of a measurement, on a free port of loopback, with every safety on."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class NoPostgres(Exception):
    """There is none on this machine, or it cannot be set up; says why."""


def _binaries() -> Path:
    found = shutil.which("postgres")
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if found is None and not installed:
        raise NoPostgres("no PostgreSQL is installed here: apt-get install postgresql")
    return Path(found or installed[-1]).resolve().parent


class Server:
    """A server that can be stopped and started again.

    Args:
        folder: For its files.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._bin = _binaries()
        self._user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if self._user:
            shutil.chown(folder, "postgres")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = int(free.getsockname()[1])
        self.url = f"postgresql+psycopg://kiosk@127.0.0.1:{self._port}/postgres"
        self._run("initdb", "-D", str(folder / "data"), "-U", "kiosk", "-A", "trust", "-N")
        self.start()

    def _run(self, command: str, *arguments: str) -> None:
        done = subprocess.run(
            [*self._user, str(self._bin / command), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
        )
        if done.returncode:
            raise NoPostgres(f"{command}: {done.stderr.decode()[-300:]}")

    def start(self) -> None:
        """Listen."""
        options = f"-p {self._port} -c listen_addresses=127.0.0.1 -c unix_socket_directories="
        data, log = str(self._folder / "data"), str(self._folder / "log")
        self._run("pg_ctl", "-D", data, "-o", options, "-w", "-l", log, "start")

    def stop(self) -> None:
        """End at once, as a crash would."""
        self._run("pg_ctl", "-D", str(self._folder / "data"), "-m", "immediate", "-w", "stop")


@contextmanager
def postgres() -> Iterator[Server]:
    """A server while the context lasts.

    Raises:
        NoPostgres: There is none here.
    """
    with tempfile.TemporaryDirectory() as name:
        path = Path(name)
        path.chmod(0o755)
        (path / "pg").mkdir()
        server = Server(path / "pg")
        try:
            yield server
        finally:
            server.stop()
