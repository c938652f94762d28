"""A run of checks over a site file, kept so that the acceptance report can print it."""

from pathlib import Path

import msgspec

from kiosk.clock import Clock
from kiosk.config import DeviceEntry, Role, Site
from provisioning.checks.contract import Checked, Context, Depth, Person, Result, Verdict
from provisioning.checks.devices import check_device
from provisioning.checks.machine import check_machine
from provisioning.site_text import write_whole
from provisioning.talk import CannotDo, Exit, Say

MACHINE = "machine"


def kept_at(site: Site) -> Path:
    """Where the newest run is kept."""
    return site.data / "provisioning" / "checks.json"


def entries(site: Site, only: str) -> list[tuple[Role, DeviceEntry]]:
    """The devices that are meant.

    Args:
        site: the site file.
        only: kind, `role.kind`, `machine`, or empty for all.

    Raises:
        CannotDo: there is no such device in the file.
    """
    every = [(role, entry) for role in site.roles for entry in site.devices[role].values()]
    if only in {"", MACHINE}:
        return every if not only else []
    found = [(role, entry) for role, entry in every if only in {entry.name, f"{role}.{entry.name}"}]
    if not found:
        names = ", ".join([MACHINE, *(f"{role}.{entry.name}" for role, entry in every)])
        raise CannotDo(Exit.BAD_INPUT, f"{site.path} has no device {only!r}; there are: {names}")
    return found


def check(
    site: Site,
    clock: Clock,
    *,
    only: str = "",
    depth: Depth = Depth.QUICK,
    person: Person | None = None,
    barrier_consent: bool = False,
    say: Say = lambda _text: None,
) -> Checked:
    """Check devices and machine.

    Args:
        site: the site file.
        clock: this machine's time.
        only: see `entries`.
        depth: how far the checks go.
        person: who answers an interactive check.
        barrier_consent: the barrier may move.
        say: told what is being checked.

    Raises:
        CannotDo: there is no such device, or the result cannot be kept.
    """
    results: list[Result] = []
    meant = entries(site, only)
    if only in {"", MACHINE}:
        say("checking the machine")
        results += check_machine(site, clock)
    for role, entry in meant:
        say(f"checking {role}.{entry.name} ({entry.driver.key})")
        context = Context(role=role, depth=depth, person=person, barrier_consent=barrier_consent)
        found = check_device(entry, context)
        results += [msgspec.structs.replace(one, id=f"{role}.{one.id}") for one in found]
    done = Checked(made=clock.now(), site=str(site.path), depth=depth, results=tuple(results))
    write_whole(kept_at(site), msgspec.json.encode(_with_older(site, done)))
    return done


def _with_older(site: Site, done: Checked) -> Checked:
    """With what earlier runs found for checks that were not run this time, of devices that are still there.

    A quick check after a full one says of the printer "not run": that it printed, or did not, still counts.
    """
    older = newest(site)
    if older is None:
        return done
    here = {f"{role}.{entry.name}" for role, entry in entries(site, "")}
    found = {
        one.id: one
        for one in older.results
        if one.verdict is not Verdict.NOT_RUN and (one.id.count(".") == 1 or one.id.rpartition(".")[0] in here)
    }
    results = [found.pop(one.id, one) if one.verdict is Verdict.NOT_RUN else one for one in done.results]
    ran = {one.id for one in results}
    results += [one for one in older.results if one.id in found and one.id not in ran]
    return msgspec.structs.replace(done, results=tuple(results))


def newest(site: Site) -> Checked | None:
    """What was found last; None where nothing was checked yet."""
    try:
        return msgspec.json.decode(kept_at(site).read_bytes(), type=Checked)
    except (OSError, msgspec.DecodeError):
        return None
