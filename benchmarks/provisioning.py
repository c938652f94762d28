"""Releases: how long an update takes beside copying the same bytes, how soon a terminal serves, how soon it is back.

The update is of 60 MB over HTTP from this machine, with ranges, as the hub serves them: fetched, verified by its
signed metadata, unpacked, made durable, switched. The bare copy fetches the same file over the same HTTP and writes
it, fsynced. Beside both: gunzip and untar of the same file with the system's `tar`.
"""

import http.server
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import anyio
import anyio.to_thread
import httpx
from securesystemslib.signer import CryptoSigner

from kiosk.clock import WallClock
from provisioning.releases.boot import trial
from provisioning.releases.boot.disk import Home
from provisioning.releases.boot.launcher import Launcher, Limits
from provisioning.releases.build import finish
from provisioning.releases.repository import Manifest, Repository
from provisioning.releases.source import Folder, Missing
from provisioning.releases.update import Updates, link_python, trust

MEGABYTES: Final = 60
PYTHON: Final = f"{sys.version_info.major}.{sys.version_info.minor}"
PROGRAM: Final = """\
import os, socket, time
def tell(line):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
        out.sendto(line.encode(), os.environ["NOTIFY_SOCKET"])
"""
GOOD: Final = PROGRAM + 'tell("READY=1")\nwhile True:\n    tell("WATCHDOG=1")\n    time.sleep(0.5)\n'
CRASHES: Final = PROGRAM + "raise SystemExit(3)\n"
BAD_TEST: Final = PROGRAM + 'tell("X_SELFTEST=vision")\ntime.sleep(60)\n'


class _Ranges(http.server.SimpleHTTPRequestHandler):
    """Plain files, quietly."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the library's name
        """Say nothing."""


class _Http:
    """A source over plain HTTP."""

    def __init__(self, address: str) -> None:
        self._http = httpx.Client(base_url=address, trust_env=False)

    def pull(self, name: str, have: int = 0) -> Iterator[bytes]:
        """See `provisioning.releases.source.Source`."""
        with self._http.stream("GET", f"/{name}") as answer:
            if answer.status_code == 404:
                raise Missing(name)
            skip = have
            for chunk in answer.iter_bytes(256 * 1024):
                rest = chunk[skip:]
                skip = max(0, skip - len(chunk))
                if rest:
                    yield rest

    def close(self) -> None:
        """Let go."""
        self._http.close()


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), lambda *given: _Ranges(*given, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def _release(folder: Path, version: str, program: str, megabytes: int) -> tuple[Path, Manifest]:
    tree = folder / f"tree-{version}"
    package = tree / f"lib/python{PYTHON}/site-packages/kiosk"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "__main__.py").write_text(program)
    for number in range(megabytes):  # half of it compresses, as libraries do
        (tree / f"part-{number}").write_bytes(os.urandom(512 * 1024) * 2)
    made = datetime(2026, 11, 1, tzinfo=UTC)
    out = folder / f"{version}.tar.gz"
    manifest = Manifest(version=version, made=made, python=PYTHON, machine="any", schema=1)
    return out, finish(tree, out, manifest)


def _bare(address: str, name: str, to: Path) -> float:
    began = time.perf_counter()
    with (
        httpx.Client(base_url=address, trust_env=False) as http,
        http.stream("GET", f"/{name}") as answer,
        to.open("wb") as stream,
    ):
        for chunk in answer.iter_bytes(256 * 1024):
            stream.write(chunk)
        stream.flush()
        os.fsync(stream.fileno())
    return time.perf_counter() - began


def _tar(file: Path, to: Path) -> float:
    to.mkdir()
    began = time.perf_counter()
    subprocess.run([shutil.which("tar") or "tar", "-xzf", str(file), "-C", str(to)], check=True)
    subprocess.run([shutil.which("sync") or "sync", "-f", str(to)], check=True)
    return time.perf_counter() - began


def _way_back(home: Home, updates: Updates, version: str) -> float:
    """From the switch to a bad release until the good one is ready again."""
    launcher = Launcher(home, "gate", ["{python}", "-m", "kiosk"], Limits(start=5, prove=0.1, again=2.0))
    thread = threading.Thread(target=launcher.run)
    thread.start()
    try:
        while not launcher.proven:
            time.sleep(0.01)
        good = launcher.proven
        launcher.proven = ""
        updates.bring(version, need=("gate",))
        began = time.perf_counter()
        while launcher.proven != good:
            time.sleep(0.01)
        return time.perf_counter() - began
    finally:
        launcher.stop()
        thread.join()


def measure(megabytes: int = MEGABYTES) -> dict[str, object]:
    """Measure all of it.

    Args:
        megabytes: of the release, packed.
    """
    clock = WallClock()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        keys = [CryptoSigner.generate_ed25519() for _ in range(5)]
        repository = Repository(folder / "repository")
        repository.begin(keys[:3], keys[3].public_key, keys[4].public_key, clock.now())
        sizes = {"0.1.0": 1, "0.2.0": megabytes, "0.3.0": 1, "0.4.0": 1}
        programs = {"0.1.0": GOOD, "0.2.0": GOOD, "0.3.0": CRASHES, "0.4.0": BAD_TEST}
        for version, program in programs.items():
            out, manifest = _release(folder, version, program, sizes[version])
            repository.add(out, manifest, keys[3], clock.now())
        repository.hand_out(keys[4], clock.now())
        home = Home(folder / "home")
        trust(home, (repository.metadata / "1.root.json").read_bytes())
        from_folder = Updates(home, Folder(repository.path), clock)
        from_folder.bring("0.1.0", need=("gate",))
        trial.prove(home, "gate", "0.1.0")
        file = next(repository.targets.glob("*.kiosk-0.2.0.tar.gz"))
        with _served(repository.path) as address:
            bare = [_bare(address, f"targets/{file.name}", folder / f"copy-{number}") for number in range(3)]
            untar = _tar(file, folder / "untarred")
            source = _Http(address)
            began = time.perf_counter()
            Updates(home, source, clock).bring("0.2.0", need=("gate",))
            update = time.perf_counter() - began
            source.close()
        trial.prove(home, "gate", "0.2.0")
        back = {"crashes": _way_back(home, from_folder, "0.3.0"), "self_test": _way_back(home, from_folder, "0.4.0")}
        with tarfile.open(file) as archive:
            entries = len(archive.getnames())
        copy = sorted(bare)[1]
        return {
            "release": {"bytes": file.stat().st_size, "entries": entries},
            "update_s": round(update, 2),
            "bare_copy_s": round(copy, 2),
            "bare_untar_s": round(untar, 2),
            "update_over_bare": round(update / (copy + untar), 2),
            "way_back_s": {name: round(seconds, 2) for name, seconds in back.items()},
        }


def checkout_as_release(folder: Path) -> None:
    """Make this checkout and the packages beside it look like a release that was unpacked.

    Args:
        folder: of the release.
    """
    site = folder / f"lib/python{PYTHON}/site-packages"
    site.mkdir(parents=True)
    checkout = Path(__file__).resolve().parents[1]
    packages = [one for one in sys.path if one.endswith("site-packages")]
    (site / "checkout.pth").write_text("\n".join([str(checkout), *packages]) + "\n", encoding="utf-8")
    link_python(folder)


def cold_start(site: Path) -> dict[str, object]:
    """From the start of the real program, devices simulated, no screen, until it has passed its own test.

    Args:
        site: a site file whose terminal is enrolled at a hub that runs.
    """
    with tempfile.TemporaryDirectory() as place:
        home = Home(Path(place))
        checkout_as_release(home.releases / "0.0.1")
        trial.begin(home, "0.0.1", ("gate",))
        command = ["{python}", "-m", "kiosk", "run", "--site", str(site), "--simulate", "--ui", "none"]
        launcher = Launcher(home, "gate", command, Limits(start=120, prove=0.0))
        began = time.perf_counter()
        thread = threading.Thread(target=launcher.run)
        thread.start()
        try:
            while not launcher.proven and time.perf_counter() - began < 120:
                time.sleep(0.02)
            return {"cold_start_s": round(time.perf_counter() - began, 2), "proven": bool(launcher.proven)}
        finally:
            launcher.stop()
            thread.join()


async def cold_start_of_a_new_gate() -> dict[str, object]:
    """The same for a gate that is enrolled at a hub of its own, both put up for this."""
    from kiosk.demo.health import HealthOffice  # noqa: PLC0415  the crowd's stage, only where it is wanted
    from kiosk.demo.plan import Plan  # noqa: PLC0415  the same
    from kiosk.demo.show import Show  # noqa: PLC0415  the same
    from kiosk.demo.stage_crew import watched  # noqa: PLC0415  the same

    plan = Plan(people=0, submissions=0, seed=1, hub_down="never", plain=True, role="gate")
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kiosk-benchmark-")))
        show = Show(plan, folder, lambda _: None, 0, stack.enter_context(HealthOffice(WallClock())))
        await stack.enter_async_context(watched(show.programs))
        show.start_hub()
        await show.build(stack)
        return await anyio.to_thread.run_sync(cold_start, folder / "gate" / "site.toml")
