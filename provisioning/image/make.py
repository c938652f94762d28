"""`python -m provisioning.image.make --release R.tar.gz --root 1.root.json --out terminal.img`: a bootable image.

With Debian's mmdebstrap and mke2fs, as root. The image has one file system (label KIOSK) with Debian, the release at
`/opt/kiosk`, the launcher, and a unit that at each boot looks for a seed until the terminal is enrolled. It boots with
its own kernel (`vmlinuz`, `initrd.img` beside it, for QEMU or a boot loader of the board's choice).
"""

import argparse
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Final

from provisioning.releases.boot.disk import Home
from provisioning.releases.boot.launcher import place_boot
from provisioning.releases.repository import Manifest
from provisioning.releases.unpack import unpack
from provisioning.releases.update import trust
from provisioning.talk import CannotDo, Exit, Say

HERE: Final = Path(__file__).parent
SIZE_MB: Final = 6000
_UNITS: Final = {
    "etc/systemd/system/kiosk-first-boot.service": """\
[Unit]
Description=Service hall terminal: enrols itself from a seed
After=network-online.target
Wants=network-online.target
ConditionPathExists=!/var/lib/kiosk/identity/enrolled.json

StartLimitIntervalSec=0

[Service]
Type=oneshot
Restart=on-failure
RestartSec=20
WorkingDirectory=/opt/kiosk
ExecStartPre=-/bin/mkdir -p /run/kiosk-seed
ExecStartPre=-/bin/mount -L KIOSK-SEED /run/kiosk-seed
ExecStart=/opt/kiosk/current/bin/python -P -m provisioning.image.first_boot /run/kiosk-seed
ExecStopPost=-/bin/umount /run/kiosk-seed
StandardOutput=journal+console
StandardError=journal+console

[Install]
WantedBy=multi-user.target
""",
    "etc/systemd/network/80-wired.network": "[Match]\nType=ether\n\n[Network]\nDHCP=yes\n",
    "etc/fstab": "LABEL=KIOSK / ext4 errors=remount-ro 0 1\n",
    "etc/hostname": "kiosk\n",
}

_WANTED: Final = {
    "multi-user.target.wants/kiosk-first-boot.service": "/etc/systemd/system/kiosk-first-boot.service",
    "multi-user.target.wants/systemd-networkd.service": "/lib/systemd/system/systemd-networkd.service",
    "network-online.target.wants/systemd-networkd-wait-online.service": (
        "/lib/systemd/system/systemd-networkd-wait-online.service"
    ),
}


def packages() -> list[str]:
    """Debian packages of the image."""
    lines = (HERE / "packages.txt").read_text(encoding="utf-8").splitlines()
    return [line.split()[0] for line in lines if line.strip() and not line.startswith("#")]


def _run(*command: str) -> None:
    found = shutil.which(command[0], path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
    if found is None:
        raise CannotDo(Exit.NOT_NOW, f"{command[0]} is missing: apt-get install mmdebstrap e2fsprogs")
    done = subprocess.run([found, *command[1:]], check=False)  # noqa: S603  ours
    if done.returncode:
        raise CannotDo(Exit.NOT_NOW, f"{command[0]} failed with {done.returncode}; it said why above")


def debian(out: Path, wanted: list[str], say: Say) -> None:
    """Make Debian as a tar, from the sources this machine has.

    Args:
        out: the tar; left alone where it is there.
        wanted: packages.
        say: is told each step.

    Raises:
        CannotDo: mmdebstrap is missing, or failed.
    """
    if out.exists():
        return
    say(f"Debian with {len(wanted)} packages: some minutes")
    lists = [Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("*.sources"))]
    sources = [str(one) for one in lists if one.exists()]
    part = out.with_name(f"{out.stem}.part.tar")
    include = f"--include={','.join(wanted)}"
    _run("mmdebstrap", "--variant=minbase", "--skip=check/empty", include, "bookworm", str(part), *sources)
    part.replace(out)


def dress(root: Path, release: Path, manifest: Manifest, trusted: Path) -> None:
    """Put a release and what starts it into a Debian that was unpacked.

    Args:
        root: of it.
        release: its tarball.
        manifest: what it says of itself.
        trusted: the root that releases are judged by.
    """
    for name, text in _UNITS.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    for target, unit in _WANTED.items():
        wants = root / "etc/systemd/system" / target
        wants.parent.mkdir(parents=True, exist_ok=True)
        wants.unlink(missing_ok=True)
        wants.symlink_to(unit)
    home = Home(root / "opt/kiosk")
    trust(home, trusted.read_bytes())
    place = home.releases / manifest.version
    with tarfile.open(release, "r:gz") as archive:
        place.mkdir(parents=True, exist_ok=True)
        unpack(archive, place)
    (place / "bin").mkdir(exist_ok=True)
    (place / "bin/python").unlink(missing_ok=True)
    (place / "bin/python").symlink_to(f"/usr/bin/python{manifest.python}")
    (place / "pyvenv.cfg").write_text("home = /usr/bin\ninclude-system-site-packages = false\n", encoding="utf-8")
    home.link(home.current, f"releases/{manifest.version}")
    place_boot(home, HERE.parent / "releases/boot", manifest.version)


def image(base: Path, release: Path, manifest: Manifest, trusted: Path, out: Path, size_mb: int = SIZE_MB) -> None:
    """Make the image, with its kernel beside it.

    Raises:
        CannotDo: a program is missing, or failed.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="kiosk-image-", dir=out.parent) as place:
        root = Path(place)
        _run("tar", "-xf", str(base), "-C", str(root))
        dress(root, release, manifest, trusted)
        for name, found in (("vmlinuz", "vmlinuz-*"), ("initrd.img", "initrd.img-*")):
            shutil.copy(max((root / "boot").glob(found)), out.parent / name)
        out.unlink(missing_ok=True)
        _run("mke2fs", "-q", "-t", "ext4", "-L", "KIOSK", "-d", str(root), str(out), f"{size_mb}M")


def main() -> int:
    """Make it."""
    import msgspec  # noqa: PLC0415  only here

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--release", type=Path, required=True, help="kiosk-VERSION.tar.gz, its .json beside it")
    parser.add_argument("--root", type=Path, required=True, help="1.root.json of the key ceremony")
    parser.add_argument("--out", type=Path, default=Path("out/image/terminal.img"))
    given = parser.parse_args()

    def say(line: str) -> None:
        sys.stderr.write(f"▸ {line}\n")

    try:
        beside = given.release.with_name(given.release.name.removesuffix(".tar.gz") + ".json")
        manifest = msgspec.json.decode(beside.read_bytes(), type=Manifest)
        given.out.parent.mkdir(parents=True, exist_ok=True)
        base = given.out.parent / "debian.tar"
        debian(base, packages(), say)
        say("putting the image together")
        image(base, given.release, manifest, given.root, given.out)
    except (CannotDo, OSError, msgspec.DecodeError) as error:
        say(str(error))
        return 1
    say(f"{given.out}, with vmlinuz and initrd.img beside it")
    return 0


if __name__ == "__main__":
    sys.exit(main())
