"""The technician's tools as the screen uses them: the same code as the command line's, off the event loop."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

import anyio.from_thread
import anyio.to_thread

import kiosk
from drivers.contract import Kind
from kiosk.clock import CHINA, Clock
from kiosk.config import Role, Site
from kiosk.devices.supervisor import State
from kiosk.release import release_report
from kiosk.view.technician import Good, Line, Task
from provisioning.calibrate import steps
from provisioning.calibrate.records import Calibration
from provisioning.checks.contract import Checked, Depth, Person, Verdict
from provisioning.checks.run import check
from provisioning.doctor import diagnose
from provisioning.enrol import EnrolmentFailed, enrol, read_ticket
from provisioning.live_devices import Live
from provisioning.scan_ticket import scan_ticket
from provisioning.statistics import gather
from provisioning.talk import CannotDo, Exit

T = TypeVar("T")
Tell = Callable[[str], None]
"""Is told each step; called from a worker thread."""

_VERDICTS: Final = {Verdict.PASS: Good.YES, Verdict.FAIL: Good.NO, Verdict.NOT_RUN: Good.QUIET}
_STATES: Final = {
    State.READY.value: Good.YES,
    State.OPENING.value: Good.LOOK,
    State.ABSENT.value: Good.NO,
    State.FAULT.value: Good.NO,
    State.STUCK.value: Good.NO,
}


def of_role(site: Site, role: Role) -> Site:
    """The site with this role only: the other role's devices belong to another program."""
    if len(site.roles) == 1:
        return site
    return replace(
        site,
        gate=site.gate if role == "gate" else None,
        desk=site.desk if role == "desk" else None,
        devices={role: site.devices[role]},
        exit_barrier=site.exit_barrier if role == "gate" else None,
        identity=site.identity_of(role),
    )


async def in_thread(work: Callable[[], T]) -> T:
    """Do something that blocks; abandoned where the program ends meanwhile."""
    return await anyio.to_thread.run_sync(work, abandon_on_cancel=True)


def possible(site: Site, role: Role) -> tuple[Task, ...]:
    """What can be calibrated here."""
    has = site.devices[role]
    wanted = [Task.TOUCH]
    if role == "gate" and Kind.THERMOMETER in has:
        wanted.append(Task.THERMOMETER)
    if role == "desk":
        wanted.append(Task.DESK)
    if Kind.PRINTER in has:
        wanted.append(Task.PRINTER)
    if role == "gate":
        wanted.append(Task.BEAMS)
    return tuple(wanted)


def devices_now(live: Live) -> tuple[Line, ...]:
    """The devices at this moment."""
    return tuple(
        Line(
            one.device.partition(".")[2],
            " ".join(part for part in (one.state, one.fault or one.code or one.model) if part),
            _STATES.get(one.state, Good.QUIET),
            "" if one.state == State.READY.value else one.remedy,
        )
        for one in live.seen()
    )


def check_lines(done: Checked, only: tuple[str, ...] = ()) -> tuple[Line, ...]:
    """What a run of checks found; what failed comes first."""
    lines = [
        Line(one.id, one.value, _VERDICTS[one.verdict], "" if one.verdict is Verdict.PASS else one.remedy)
        for one in done.results
        if not only or one.id.partition(".")[0] in only
    ]
    order = (Good.NO, Good.LOOK, Good.YES, Good.QUIET)
    return tuple(sorted(lines, key=lambda line: order.index(line.good)))


async def checked(
    site: Site, role: Role, clock: Clock, depth: Depth, person: Person | None, tell: Tell, *, barrier: bool = False
) -> tuple[Line, ...]:
    """Run the checks of the machine and of this role's devices.

    Raises:
        CannotDo: the result cannot be kept.
    """
    done = await in_thread(partial(check, site, clock, depth=depth, person=person, barrier_consent=barrier, say=tell))
    return check_lines(done, ("machine", role))


async def doctored(site: Site, clock: Clock, tell: Tell) -> tuple[Line, ...]:
    """What is wrong, and who can mend it.

    Raises:
        CannotDo: the result cannot be kept.
    """
    done = await in_thread(partial(diagnose, site.path, clock, site=site, say=tell))
    return tuple(Line(one.where, one.what, Good.NO, one.do) for one in done.findings)


async def counted(site: Site) -> tuple[Line, ...]:
    """What the terminal has done, in numbers.

    Raises:
        CannotDo: the store cannot be used.
    """
    lines: list[Line] = []
    for one in await in_thread(partial(gather, site)):
        for part in (one.passages, one.submissions, one.waiting):
            lines += [Line(name, str(count)) for name, count in part.items()]
        lines += [
            Line(
                life.name,
                f"{life.good} ✓ · {life.errors} ✗ · {life.ready_hours:.1f} h",
                Good.LOOK if life.errors > life.good else Good.QUIET,
            )
            for life in one.devices
        ]
    return tuple(lines)


async def bundled(site: Site, clock: Clock, tell: Tell) -> tuple[Line, ...]:
    """Make a support bundle in the terminal's own folder; without logs, which the journal keeps.

    Raises:
        CannotDo: it cannot be written.
    """
    from provisioning.bundle import bundle  # noqa: PLC0415  a terminal that is never asked does not load it

    now = clock.now().astimezone(CHINA)
    out = site.data / "provisioning" / f"bundle-{site.terminal}-{now:%Y%m%d-%H%M%S}.tar.gz"
    done = await in_thread(partial(bundle, site, clock, out, say=tell))
    return (Line("bundle", str(Path(done.file)), Good.YES), *(Line("", line) for line in done.contents))


def released() -> tuple[Line, ...]:
    """Which release runs, and why."""
    found = release_report()
    lines = [Line("version", kiosk.__version__)]
    if found is None:
        return (*lines, Line("launcher", "no", Good.LOOK, "not started by the launcher: there is no roll-back"))
    proven = found.phase == "proven"
    lines.append(Line("running", f"{found.running} ({found.phase})", Good.YES if proven else Good.LOOK))
    if found.wanted:
        lines.append(Line("wanted", f"{found.wanted} ({found.step})"))
    if found.refused:
        lines.append(Line("refused", f"{found.refused} ({found.why})", Good.LOOK, found.detail))
    return tuple(lines)


def calibration_lines(done: Calibration) -> tuple[Line, ...]:
    """What a calibration found."""
    lines = [Line(name, str(value)) for name, value in done.values.items() if name != "sha256"]
    until = "" if done.expires is None else f"{done.expires.astimezone(CHINA):%Y-%m-%d}"
    return (
        Line(done.what.value, done.limits, Good.YES),
        *lines,
        *((Line("until", until),) if until else ()),
    )


async def enrolled(site: Site, role: Role, clock: Clock, tell: Tell) -> tuple[Line, ...]:
    """Enrol anew with a ticket that is shown to the scanner.

    Raises:
        CannotDo: there is no scanner, nothing was shown, or the hub did not take it.
    """

    def work() -> tuple[Line, ...]:
        text = scan_ticket(site, role, tell)
        try:
            done = enrol(read_ticket(text), site.identity_of(role), clock, tell, again=True)
        except EnrolmentFailed as error:
            raise CannotDo(Exit.HUB, str(error)) from error
        return (
            Line("terminal", f"{done.hall}/{done.terminal}", Good.YES),
            Line("certificate", f"{done.certificate_expires:%Y-%m-%d}"),
        )

    return await in_thread(work)


async def ruler(site: Site, role: Role, clock: Clock, by: str) -> None:
    """Print the ruler.

    Raises:
        CannotDo: it did not come out.
    """
    await in_thread(partial(steps.printer, site, role, clock, by=by, width=None))
