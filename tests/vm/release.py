"""A terminal's image in QEMU: boots, enrols at a hub on this machine, takes a bad and a good update, ends healthy.

    .venv/bin/python -m tests.vm.release [--keep var/vm/release]

Software emulation (no KVM); as root, with mmdebstrap, e2fsprogs and qemu-system-x86 (installed when missing). What is
real: Debian, systemd, the units of the lock-down, the launcher, first boot, the updater, TUF, the hub. What is not: the
terminal's screen and its devices; the program that runs is a small one that says READY and reports its health, because
emulated it would take minutes to load networks. Prints one JSON object; exit code 0 if it ended as it has to.
"""

import argparse
import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec
from anyio.from_thread import start_blocking_portal
from securesystemslib.signer import CryptoSigner

from hub.app import Hub
from hub.data import DataFolder, Serving
from hub.fleet.enrolment import make_code
from hub.fleet.live import TerminalKey
from hub.fleet.releases import Releases, failed, want
from hub.rules.publish import publish_shipped
from hub.serve import Listening, serving
from kiosk.clock import WallClock
from kiosk.wire.fleet import EnrolmentTicket
from kiosk.wire.release import ReleaseReport, Wanted
from provisioning.image.make import debian, image
from provisioning.releases.build import PACKAGES, finish, needed
from provisioning.releases.repository import Manifest, Repository

CHECKOUT: Final = Path(__file__).resolve().parents[2]
HALL, NAME, HOST = "weinan", "desk-1", "10.0.2.2"
PYTHON: Final = "3.11"
NEEDED: Final = (
    "msgspec",
    "pydantic",
    "cryptography",
    "httpx",
    "tuf",
    "typer",
    "rich",
    "anyio",
    "structlog",
    "numpy",
    "opencv-python-headless",
    "pysqlite3",
    "pyserial",
    "segno",
    "fonttools",
    "pyudev",
    "pillow",
    "python-escpos",
    "pyusb",
)
DEBIAN: Final = [
    "systemd-sysv",
    "udev",
    "dbus",
    "python3",
    "linux-image-amd64",
    "initramfs-tools",
    "iproute2",
    "kmod",
    "zstd",
]
STEADY: Final = "no_timer_check tsc=reliable panic=-1"
"""On a busy computer an emulated timer is late, and the kernel would not believe in it."""
TERMINAL: Final = '''\
"""The program of the emulated terminal: proves itself to the launcher, and reports its health to the hub."""
import os, socket, sys, time
from pathlib import Path
from kiosk.clock import WallClock
from kiosk.release import release_report
from kiosk.wire.fleet import Health
from provisioning.hub_line import HubLine, identity_in
from provisioning.talk import CannotDo
{bad}
def tell(line):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
        out.sendto(line.encode(), os.environ["NOTIFY_SOCKET"])
while (papers := identity_in(Path("/var/lib/kiosk/identity"))) is None:
    time.sleep(1)
tell("READY=1")
while True:
    tell("WATCHDOG=1")
    try:
        with HubLine(papers) as hub:
            hub.tell(Health(terminal=papers.enrolled.terminal, role="desk", version="{version}", made=WallClock().now(),
                in_service=True, view="desk.Start", rules_version=1, outbox_waiting=0, outbox_dead=0,
                release=release_report()))
    except CannotDo as error:
        print(error, file=sys.stderr)
    time.sleep(4)
'''
SITE: Final = f"""\
hall = "{HALL}"
hall_name = "示例市政务服务中心"
terminal = "{NAME}"

[desk]

[desk.devices.id_reader]
driver = "id_reader/sam-v-serial"
port = "/dev/ttyS1"

[desk.devices.camera]
driver = "camera/uvc"
device = "/dev/video0"

[desk.devices.printer]
driver = "printer/escpos-serial"
port = "/dev/ttyS2"
"""
DROP_IN: Final = """\
[Service]
User=root
Group=root
SupplementaryGroups=
PAMName=
TTYPath=
StandardInput=null
StandardOutput=journal+console
StandardError=journal+console
ProtectSystem=no
ExecStart=
ExecStart=/usr/bin/python3 -m boot --name desk --start 600 --prove 10 --silence 300 -- {python} -P -m vm_terminal
"""
UPDATE_DROP_IN: Final = """\
[Service]
User=root
Group=root
ProtectSystem=no
StandardOutput=journal+console
StandardError=journal+console
"""
TIMER_DROP_IN: Final = "[Timer]\nOnBootSec=\nOnBootSec=20\nOnUnitInactiveSec=10\nRandomizedDelaySec=0\nAccuracySec=1\n"
"""An empty line takes all timers away, of whatever base: only one may stand here, before the others."""


def say(text: str) -> None:
    """Tell whoever waits."""
    sys.stderr.write(f"▸ {text}\n")
    sys.stderr.flush()


def install() -> None:
    """Install what is missing."""
    wanted = {"mmdebstrap": "mmdebstrap", "qemu-system-x86_64": "qemu-system-x86", "mke2fs": "e2fsprogs"}
    path = "/usr/sbin:/usr/bin:/sbin:/bin"
    missing = [package for name, package in wanted.items() if shutil.which(name, path=path) is None]
    if missing:
        subprocess.run(["apt-get", "install", "-y", "-q", "--no-install-recommends", *missing], check=True)


def release(folder: Path, version: str, bad: str = "") -> tuple[Path, Manifest]:
    """A release with the real provisioning and wire, and the small program; made again only when it is missing."""
    out = folder / f"kiosk-{version}.tar.gz"
    beside = folder / f"kiosk-{version}.json"
    if beside.exists() and not bad:
        return out, msgspec.json.decode(beside.read_bytes(), type=Manifest)
    tree = folder / f"tree-{version}"
    shutil.rmtree(tree, ignore_errors=True)
    site = tree / f"lib/python{PYTHON}/site-packages"
    for package in [] if bad else needed(NEEDED):  # the bad one does not get as far as to need any
        for one in package.files or ():
            source = Path(str(package.locate_file(one)))
            if ".." not in one.parts and source.is_file() and one.suffix != ".pyc":
                (site / one).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, site / one)
    for name in PACKAGES:
        if name in {"kiosk", "drivers", "provisioning"} and not bad:
            skip = shutil.ignore_patterns("__pycache__", "weights", "data", "*.mp3", "*.ogg", "*.wav", "*.opus")
            shutil.copytree(CHECKOUT / name, site / name, ignore=skip)
    site.mkdir(parents=True, exist_ok=True)
    (site / "vm_terminal.py").write_text(TERMINAL.replace("{bad}", bad).replace("{version}", version))
    manifest = Manifest(
        version=version, made=datetime(2026, 11, 1, tzinfo=UTC), python=PYTHON, machine="x86_64", schema=6
    )
    manifest = finish(tree, out, manifest)
    shutil.rmtree(tree)
    beside.write_bytes(msgspec.json.encode(manifest))
    return out, manifest


def seed(folder: Path, ticket: EnrolmentTicket) -> Path:
    """A small disk with the two files."""
    files = folder / "seed"
    files.mkdir(exist_ok=True)
    (files / "site.toml").write_text(SITE)
    (files / "ticket.json").write_bytes(msgspec.json.encode(ticket))
    out = folder / "seed.img"
    out.unlink(missing_ok=True)
    mke2fs = shutil.which("mke2fs", path="/usr/sbin:/sbin") or "mke2fs"
    subprocess.run([mke2fs, "-q", "-t", "ext4", "-L", "KIOSK-SEED", "-d", files, out, "16M"], check=True)
    return out


@contextmanager
def machine(folder: Path, disk: Path, seeds: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """The emulated machine, while the context lasts."""
    command = ["qemu-system-x86_64", "-accel", "tcg", "-cpu", "max", "-smp", "2", "-m", "1536", "-display", "none"]
    command += ["-nodefaults", "-no-reboot", "-kernel", str(folder / "vmlinuz"), "-initrd", str(folder / "initrd.img")]
    command += ["-append", f"root=LABEL=KIOSK rw console=ttyS0 net.ifnames=0 systemd.show_status=1 {STEADY}"]
    command += ["-drive", f"file={disk},format=raw,if=virtio", "-drive", f"file={seeds},format=raw,if=virtio"]
    command += ["-netdev", "user,id=n", "-device", "virtio-net-pci,netdev=n", "-device", "virtio-rng-pci"]
    command += ["-serial", f"file:{folder / 'console.log'}"]
    running = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=sys.stderr)
    try:
        yield running
    finally:
        running.kill()
        running.wait()


@dataclass
class Watch:
    """What the hub hears of the terminal."""

    hub: Hub
    emulated: "subprocess.Popen[bytes]"
    began: float
    times: dict[str, float]

    def report(self) -> ReleaseReport | None:
        """The newest report of its release."""
        heard = self.hub.fleet.heard.get(TerminalKey(HALL, NAME))
        return None if heard is None else heard.health.release

    def until(self, what: str, running: str, refused: str, within: float) -> None:
        """Wait until it says so, proven."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            found = self.report()
            if found is not None and (found.running, found.phase, found.refused) == (running, "proven", refused):
                self.times[what] = round(time.monotonic() - self.began, 1)
                say(f"{what} after {self.times[what]:.0f} s")
                return
            if self.emulated.poll() is not None:
                raise TimeoutError(f"{what}: the machine switched itself off; its console.log says why")
            time.sleep(1.0)
        raise TimeoutError(f"{what}: not within {within:.0f} s; it says {self.report()}")


def story(folder: Path, hub: Hub, at: Serving, within: float) -> dict[str, object]:
    """Everything that has to happen; returns figures."""
    now = hub.now()
    keys = [CryptoSigner.generate_ed25519() for _ in range(4)]
    repository = Repository(folder / "repository")
    releases = Releases(hub.data)
    repository.begin(keys[:3], keys[3].public_key, releases.online_key().public_key, now)
    bad = "raise SystemExit('this release is broken')"
    made = {
        "0.1.0": release(folder, "0.1.0"),
        "0.2.0": release(folder, "0.2.0", bad),
        "0.3.0": release(folder, "0.3.0"),
    }
    for file, manifest in made.values():
        repository.add(file, manifest, keys[3], now)
    releases.take(repository.path, now)
    with hub.engine.execution_options(writes=True).begin() as connection:
        code = make_code(connection, HALL, NAME, "desk", now)
        publish_shipped(connection, hub.signing, HALL, now)
    port = at.terminals.rpartition(":")[2]
    ticket = EnrolmentTicket(url=f"https://{HOST}:{port}", code=code, ca_sha256=hub.authority.fingerprint)
    debian(folder / "debian.tar", DEBIAN, say)
    say("putting the image together")
    disk = folder / "terminal.img"
    dressed = folder / "dressed.tar"
    extra = folder / "extra"
    units = {
        "kiosk-desk.service.d": DROP_IN,
        "kiosk-update.service.d": UPDATE_DROP_IN,
        "kiosk-update.timer.d": TIMER_DROP_IN,
    }
    for name, text in units.items():
        file = extra / "etc/systemd/system" / name / "vm.conf"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    shutil.copy(folder / "debian.tar", dressed)
    tar = shutil.which("tar") or "tar"
    subprocess.run([tar, "-rf", dressed, "--owner=0", "--group=0", "-C", extra, "./etc"], check=True)
    file, manifest = made["0.1.0"]
    image(dressed, file, manifest, repository.metadata / "1.root.json", disk, 3000)
    dressed.unlink()
    seeds = seed(folder, ticket)

    def roll(version: str) -> None:
        with hub.engine.execution_options(writes=True).begin() as connection:
            want(connection, hub.signing, HALL, Wanted(release=version), hub.now(), share=100)

    say("booting; its console is console.log")
    with machine(folder, disk, seeds) as emulated:
        watch = Watch(hub, emulated, time.monotonic(), {})
        watch.until("enrolled and healthy", "0.1.0", "", within)
        roll("0.2.0")
        watch.until("bad release taken back", "0.1.0", "0.2.0", within)
        told = {key: heard.health for key, heard in hub.fleet.heard.items()}
        blamed = failed(told, HALL, "0.2.0")
        roll("0.3.0")
        watch.until("good release proven", "0.3.0", "0.2.0", within)
        found = watch.report()
    return {"seconds": watch.times, "blamed": blamed, "report": msgspec.to_builtins(found)}


def main() -> int:
    """Print one JSON object; 0 if it ended as it has to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", type=Path, default=CHECKOUT / "var/vm/release", help="Debian and logs stay here")
    parser.add_argument("--within", type=float, default=600, help="seconds for each thing to happen")
    given = parser.parse_args()
    install()
    folder = given.keep.resolve()
    for name in ("repository", "hub"):
        shutil.rmtree(folder / name, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    # the machine sees this one as 10.0.2.2, which the certificate has to name; it listens on loopback all the same
    listening = Listening(console_port=0, terminal_port=port, names=(HOST,))
    data = DataFolder(folder / "hub")
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(serving(data, listening, WallClock())) as (hub, at),
    ):
        try:
            found = {"ok": True, **story(folder, hub, at, given.within)}
        except (TimeoutError, subprocess.CalledProcessError) as error:
            found = {"ok": False, "why": str(error)}
    sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=1) + "\n")
    return 0 if found["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
