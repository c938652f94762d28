"""Asks a Linux kernel whether it sees what our drivers see: `.venv/bin/python tests/vm/run.py`. See README.md."""

import argparse
import gzip
import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

CHECKOUT: Final = Path(__file__).resolve().parents[2]
CACHE: Final = CHECKOUT / "var" / "vm"
PACKAGES: Final = {"qemu-system-x86_64": "qemu-system-x86", "busybox": "busybox-static", "modprobe": "kmod"}
TO_MOUNT: Final = ("virtio_pci", "9pnet_virtio", "9p")
"""Modules without which the machine does not reach this computer's files."""
JOBS: Final = (
    "thermometer-smbus",
    "keyboard-wedge",
    "camera-vivid",
    "lepton-vivid",
    "camera-usb",
    "lepton-usb",
    "usb-pipes",
    "usb-hid",
    "usb-hid-control",
)
SEARCH: Final = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"

INIT: Final = """\
#!/bin/busybox sh
b=/bin/busybox
$b mkdir -p /dev /hall
$b mount -t devtmpfs dev /dev
while read module; do $b insmod /modules/$module; done < /modules/order
$b mount -t 9p -o trans=virtio,version=9p2000.L,ro,cache=loose,msize=524288 files /hall
$b mount -t proc proc /hall/proc
$b mount -t sysfs sys /hall/sys
$b mount -t devtmpfs dev /hall/dev
$b mkdir -p /hall/dev/shm
for folder in /dev/shm /tmp /run; do $b mount -t tmpfs tmp /hall$folder; done
$b ifconfig lo 127.0.0.1 up
$b chroot /hall /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin PYTHONPATH={checkout} PYTHONDONTWRITEBYTECODE=1 \\
    HOME=/tmp OMP_NUM_THREADS=1 OPENCV_LOG_LEVEL=ERROR \\
    {python} {jobs} --kernel {kernel} --report /dev/ttyS1 {names}
$b poweroff -f
"""


def say(text: str) -> None:
    """Tell whoever waits."""
    sys.stderr.write(f"▸ {text}\n")


def as_root(*command: str) -> None:
    """Run a command of Debian's, its output out of the way of ours."""
    sudo = [] if os.geteuid() == 0 else ["sudo"]
    subprocess.run([*sudo, "env", "DEBIAN_FRONTEND=noninteractive", *command], check=True, stdout=sys.stderr)


def program(name: str) -> str:
    """Where a program is."""
    found = shutil.which(name, path=SEARCH)
    if found is None:
        raise FileNotFoundError(name)
    return found


def install() -> None:
    """Install what is missing."""
    missing = [package for name, package in PACKAGES.items() if shutil.which(name, path=SEARCH) is None]
    if missing:
        say(f"installing from Debian: {' '.join(missing)}")
        as_root("apt-get", "update", "-q")
        as_root("apt-get", "install", "-y", "-q", "--no-install-recommends", *missing)


def kernel() -> Path:
    """Debian's kernel, unpacked in the cache; fetched the first time only, and never installed."""
    there = sorted(CACHE.glob("linux-image-*/.ready"))
    if there:
        return there[-1].parent
    depends = subprocess.run(["apt-cache", "depends", "linux-image-amd64"], check=True, capture_output=True, text=True)
    name = next(line.split()[-1] for line in depends.stdout.splitlines() if "Depends: linux-image-" in line)
    say(f"fetching {name} from Debian (70 MB)")
    folder = CACHE / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    subprocess.run(["apt-get", "download", "-q", name], cwd=folder, check=True, stdout=sys.stderr)
    package = next(folder.glob("*.deb"))
    subprocess.run(["dpkg-deb", "-x", package, folder], check=True)
    package.unlink()
    subprocess.run([program("depmod"), "-b", folder, release(folder)], check=True)
    (folder / ".ready").touch()
    return folder


def release(folder: Path) -> str:
    """Which kernel it is, as `uname -r` will say."""
    return next((folder / "boot").glob("vmlinuz-*")).name.removeprefix("vmlinuz-")


def first_files(folder: Path, names: list[str]) -> Path:
    """Pack what the kernel starts with (initramfs): busybox, a few modules, and what to do."""
    root = CACHE / "initramfs"
    shutil.rmtree(root, ignore_errors=True)
    (root / "bin").mkdir(parents=True)
    (root / "modules").mkdir()
    shutil.copy(program("busybox"), root / "bin" / "busybox")
    order: list[str] = []
    for module in TO_MOUNT:
        command = [program("modprobe"), "-d", str(folder), "-S", release(folder), "--show-depends", module]
        listed = subprocess.run(command, check=True, capture_output=True, text=True)
        for line in listed.stdout.splitlines():
            path = Path(line.split()[1])
            if line.startswith("insmod") and path.name not in order:
                order.append(path.name)
                shutil.copy(path, root / "modules" / path.name)
    (root / "modules" / "order").write_text("".join(f"{name}\n" for name in order))
    init = root / "init"
    words = {
        "checkout": CHECKOUT,
        "python": CHECKOUT / ".venv" / "bin" / "python",
        "jobs": Path(__file__).with_name("jobs.py"),
        "kernel": folder,
    }
    quoted = {key: shlex.quote(str(value)) for key, value in words.items()}
    init.write_text(INIT.format(**quoted, names=shlex.join(names)))
    init.chmod(0o755)
    files = "\n".join(str(path.relative_to(root)) for path in sorted(root.rglob("*")))
    command = [program("busybox"), "cpio", "-o", "-H", "newc"]
    packed = subprocess.run(command, cwd=root, input=files.encode(), check=True, capture_output=True)
    image = CACHE / "initramfs.gz"
    image.write_bytes(gzip.compress(packed.stdout, 1))
    return image


def boot(folder: Path, image: Path, within: float) -> list[dict[str, object]]:
    """Run the machine until it switches itself off, or time is up; returns what it reported."""
    report, log = CACHE / "report.jsonl", CACHE / "console.log"
    report.unlink(missing_ok=True)
    machine = [program("qemu-system-x86_64"), "-accel", "tcg", "-cpu", "max", "-smp", "2", "-m", "2048"]
    machine += [
        "-display",
        "none",
        "-nodefaults",
        "-no-reboot",
        "-kernel",
        str(folder / f"boot/vmlinuz-{release(folder)}"),
    ]
    machine += ["-initrd", str(image), "-append", "console=ttyS0 quiet panic=-1 no_hash_pointers"]
    machine += ["-fsdev", "local,id=files,path=/,security_model=none,readonly=on,multidevs=remap"]
    machine += ["-device", "virtio-9p-pci,fsdev=files,mount_tag=files", "-device", "virtio-rng-pci"]
    machine += ["-serial", f"file:{log}", "-serial", f"file:{report}"]
    running = subprocess.Popen(machine, stdin=subprocess.DEVNULL, stdout=sys.stderr)
    try:
        running.wait(within)
    except subprocess.TimeoutExpired:
        say(f"not done within {within:.0f} s; its console is in {log.relative_to(CHECKOUT)}")
    finally:
        running.kill()
        running.wait()
    reported = report.read_text(encoding="utf-8", errors="replace") if report.exists() else ""
    return [json.loads(line) for line in reported.splitlines() if line.startswith("{") and line.endswith("}")]


def main() -> int:
    """Print one JSON object; 0 if every job that could run agrees, and at least one could."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("jobs", nargs="*", default=JOBS, help=f"which of {', '.join(JOBS)}; all, if none is named")
    parser.add_argument("--within", type=float, default=240, help="seconds for the machine to be done")
    given = parser.parse_args()
    names = list(given.jobs)
    unknown = [name for name in names if name not in JOBS]
    if unknown:
        parser.error(f"no job is called {unknown[0]!r}; there are: {', '.join(JOBS)}")
    started = time.monotonic()
    CACHE.mkdir(parents=True, exist_ok=True)
    install()
    folder = kernel()
    image = first_files(folder, names)
    say(f"booting Linux {release(folder)} in software; this takes a few minutes")
    heard = {str(one["job"]): one for one in boot(folder, image, given.within)}
    missing = {"verdict": "no report"}
    jobs = {name: heard.get(name, missing) for name in names}
    verdicts = [job["verdict"] for job in jobs.values()]
    agree = "agrees" in verdicts and all(verdict in {"agrees", "could not run"} for verdict in verdicts)
    seconds = round(time.monotonic() - started)
    whole = {"agree": agree, "kernel": release(folder), "seconds": seconds, "jobs": jobs}
    sys.stdout.write(json.dumps(whole, indent=1, ensure_ascii=False) + "\n")
    return 0 if agree else 1


if __name__ == "__main__":
    sys.exit(main())
