"""`python -m provisioning.image.first_boot SEED`: a machine that was just switched on for the first time enrols itself.

The seed is a folder, on a small partition labelled KIOSK-SEED or on a stick of that label:

    site.toml      the terminal's site file; the devices may be bound later
    ticket.json    from `python -m hub code`: address, one-time code, fingerprint of the hub's CA; or from `python -m
                   hub terminal ticket`, without a code: then by the machine's serial number, one stick for all
    serial.txt     where the firmware has none: the number
    technicians.json    where there is one: who may open the technician's mode (`kiosk-provision technician add`)

Safe at every boot: what is done is not done again, and the ticket is removed from the seed once it was used. What
fails is said on the console and tried again at the next boot.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from kiosk.clock import WallClock
from kiosk.config import Site, SiteFileError, read_site
from kiosk.wire.serials import NoSerial
from provisioning.enrol import BySerial, EnrolmentFailed, enrol, read_ticket
from provisioning.hub_line import identity_in
from provisioning.lockdown.audit import plan
from provisioning.lockdown.files import STATE, USER, steps
from provisioning.machine_serial import machine_serial
from provisioning.site_text import write_whole
from provisioning.talk import CannotDo, Exit, Say
from provisioning.technicians import FILE, file_of, known

SITE: Final = "site.toml"
TICKET: Final = "ticket.json"
SERIAL: Final = "serial.txt"
OWNER: Final = f"chown -R {USER}:{USER} {STATE} /opt/kiosk"


def first_boot(seed: Path, state: Path, root: Path, say: Say) -> bool:
    """Bring a machine from its first boot to an enrolled terminal, files only.

    Args:
        seed: with the files.
        state: the terminal's own folder.
        root: of the machine.
        say: is told each step.

    Returns:
        Whether the terminal is enrolled now.

    Raises:
        CannotDo: the seed cannot be used; says what to do.
        EnrolmentFailed: the hub did not take it.
    """
    place = state / SITE
    if not place.exists():
        try:
            text = (seed / SITE).read_bytes()
        except OSError as error:
            raise CannotDo(
                Exit.NOT_NOW, f"{seed / SITE}: {error.strerror}; put it on the seed, then switch on again"
            ) from error
        write_whole(place, text)
        say(f"the site file is {place}")
    try:
        site = read_site(place)
    except SiteFileError as error:
        place.unlink()  # a better seed counts at the next boot
        raise CannotDo(Exit.BAD_INPUT, f"the seed's site file cannot be used:\n{error}") from error
    _take_technicians(seed, site)
    done = plan(site, root, apply=True, texts=False)
    say(f"{sum(one.state != 'same' for one in done.files)} files of the lock-down written")
    for role in site.roles:
        folder = site.identity_of(role)
        if identity_in(folder) is not None:
            continue
        name = TICKET if len(site.roles) == 1 else f"ticket-{role}.json"
        ticket = read_ticket(str(seed / name))
        enrol(ticket, folder, WallClock(), say, by_serial=None if ticket.code else _serial(seed, root))
        if ticket.code:  # it is used; nobody finds it there later. Without a code it is good for the next machine too
            (seed / name).unlink(missing_ok=True)
    return all(identity_in(site.identity_of(role)) is not None for role in site.roles)


def _serial(seed: Path, root: Path) -> BySerial:
    """To enrol by this machine's serial number."""
    given = seed / SERIAL
    try:
        return BySerial(machine_serial(given if given.exists() else None, root))
    except NoSerial as error:
        raise CannotDo(Exit.NOT_NOW, f"{error} (here: the seed's {SERIAL})") from error


def _take_technicians(seed: Path, site: Site) -> None:
    """Take the list of technicians from the seed, once; the hashes of their PINs do not stay on it."""
    given = seed / FILE
    if given.exists() and not file_of(site).exists():
        try:
            write_whole(file_of(site), given.read_bytes(), 0o600)
            known(site)
        except (OSError, CannotDo) as error:
            file_of(site).unlink(missing_ok=True)
            raise CannotDo(Exit.BAD_INPUT, f"the seed's {FILE} cannot be used: {error}") from error
        given.unlink(missing_ok=True)


def _commands(state: Path) -> Iterator[str]:
    yield from (one.command for one in steps(read_site(state / SITE)))


def main() -> int:
    """Do it on this machine, as root."""

    def say(line: str) -> None:
        sys.stderr.write(f"first boot: {line}\n")

    seed, state = Path(sys.argv[1]), Path(STATE)
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        enrolled = first_boot(seed, state, Path("/"), say)
    except (CannotDo, EnrolmentFailed) as error:
        say(str(error))
        return 1
    shell = shutil.which("sh") or "/bin/sh"
    first, *others = _commands(state)  # the first makes the user, to whom the folders are given before all else
    for command in (first, OWNER, *others):
        done = subprocess.run([shell, "-c", command], check=False)  # noqa: S603  ours, see provisioning.lockdown.files
        say(f"{command}: {'done' if done.returncode == 0 else f'failed with {done.returncode}'}")
    say("enrolled" if enrolled else "not enrolled yet")
    return 0 if enrolled else 1


if __name__ == "__main__":
    sys.exit(main())
