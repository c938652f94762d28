"""The commands about devices: discover, bind, check, calibrate."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from kiosk.clock import WallClock
from provisioning.bind import Binding, Wizard, bind, kinds_of, pick
from provisioning.calibrate import steps
from provisioning.calibrate.camera import camera, print_chart
from provisioning.calibrate.records import Calibration, kept
from provisioning.checks.contract import Checked, Depth, Verdict
from provisioning.checks.run import check
from provisioning.discover import Discovery, discover
from provisioning.options import DryRun, RoleOption, SiteOption, a_role, read, role_of
from provisioning.site_text import NewSite
from provisioning.sockets import sockets
from provisioning.talk import AsJson, CannotDo, Exit, answer, give_up, step, table

Simulate = Annotated[
    Path | None,
    typer.Option("--simulate", help="Folder in which simulators have their addresses, instead of this machine's own."),
]
Network = Annotated[
    list[str] | None, typer.Option("--network", help="host or host:port of a device on the network; may be repeated.")
]
By = Annotated[str, typer.Option("--by", help="Who does it, as your company knows you.")]


def _show_discovery(console: Console, found: Discovery) -> None:
    rows = [
        (
            one.address,
            one.fits[0].driver if one.fits else ("unknown" if one.unknown else "—"),
            " ".join(part for part in (one.fits[0].maker, one.fits[0].model, one.fits[0].serial) if part)
            if one.fits
            else "",
            (one.fits[0].needs or one.fits[0].why) if one.fits else one.note,
        )
        for one in found.found
    ]
    console.print(table("plugged in", ("where", "driver", "device", "why"), rows))
    for twins in found.twins:
        console.print(f"Alike: {', '.join(twins)}. Only the socket tells them apart: bind --wizard.")
    if found.report:
        console.print(found.report, markup=False)


def discover_command(*, simulate: Simulate = None, network: Network = None, json: AsJson = False) -> None:
    """Say what is plugged in, which driver fits and why, and what nobody knows. Only asks; nothing moves.

    Exit codes: 0 all known; 1 something is unknown; 2 bad input.
    """
    try:
        found = _discover(simulate, network)
    except CannotDo as error:
        give_up(error, as_json=json)
    answer(found, lambda console: _show_discovery(console, found), as_json=json)
    if any(one.unknown for one in found.found):
        raise typer.Exit(int(Exit.WRONG_FOUND))


def _discover(simulate: Path | None, network: list[str] | None) -> Discovery:
    if simulate is not None and not simulate.is_dir():
        raise CannotDo(
            Exit.BAD_INPUT, f"--simulate {simulate}: no such folder; start simulators with python -m drivers.simulate"
        )
    return discover(sockets(simulate=simulate, network=tuple(network or ())), WallClock(), step)


def _show_binding(console: Console, done: Binding) -> None:
    rows = [(one.kind, one.driver, one.address, "written" if one.changed else "as it was") for one in done.bound]
    console.print(table(f"{done.site}, {done.role}", ("kind", "driver", "where", ""), rows))
    for line in (*done.open, *done.missing):
        console.print(line, markup=False)


def bind_command(
    *,
    site: SiteOption,
    role: Annotated[str, typer.Option("--role", help="gate or desk.")],
    take: Annotated[
        list[str] | None, typer.Option("--take", help="KIND=ADDRESS, decided by you; may be repeated.")
    ] = None,
    wizard: Annotated[str, typer.Option("--wizard", help="Kind to find by unplugging and plugging it in.")] = "",
    found_before: Annotated[
        Path | None, typer.Option("--found", help="What discover --json answered, instead of asking everything again.")
    ] = None,
    simulate: Simulate = None,
    network: Network = None,
    hall: Annotated[str, typer.Option(help="For a new site file: key of the hall.")] = "",
    hall_name: Annotated[str, typer.Option(help="For a new site file: name of the hall as shown.")] = "",
    terminal: Annotated[str, typer.Option(help="For a new site file: name of the terminal, e.g. gate-1.")] = "",
    hotline: Annotated[str, typer.Option(help="For a new site file: telephone number that is shown.")] = "",
    lane: Annotated[str, typer.Option(help="For a new site file: name of the lane.")] = "",
    dry_run: DryRun = False,
    json: AsJson = False,
) -> None:
    """Tie each device to its socket, and write the site file. Safe to run twice; never leaves half a file.

    Exit codes: 0 everything the role needs is there; 1 something is open, see the answer; 2 bad input; 4 not now.
    """
    try:
        chosen_role = a_role(role)
        new = NewSite(hall, hall_name, terminal, hotline, lane) if hall and hall_name and terminal else None
        if wizard:
            found = Wizard(lambda: sockets(simulate=simulate, network=tuple(network or ())), step).find(wizard)
            chosen = {wizard: next(fit for fit in found.fits if fit.kind == wizard)}
            doubts: list[str] = []
        else:
            kinds = kinds_of(chosen_role)
            wanted = _taken(take or [], kinds)
            chosen, doubts = pick(_found(found_before) or _discover(simulate, network), wanted, kinds)
        done = bind(site, chosen_role, chosen, new=new, doubts=doubts, dry_run=dry_run)
    except CannotDo as error:
        give_up(error, as_json=json)
    answer(done, lambda console: _show_binding(console, done), as_json=json)
    if done.open or done.missing:
        raise typer.Exit(int(Exit.WRONG_FOUND))


def _found(file: Path | None) -> Discovery | None:
    """What was discovered before."""
    if file is None:
        return None
    try:
        return msgspec.json.decode(file.read_bytes(), type=Discovery)
    except (OSError, msgspec.DecodeError) as error:
        raise CannotDo(Exit.BAD_INPUT, f"--found {file}: no answer of discover --json: {error}") from error


def _taken(given: list[str], kinds: tuple[str, ...]) -> dict[str, str]:
    wanted: dict[str, str] = {}
    for one in given:
        kind, equals, address = one.partition("=")
        if not equals or kind not in kinds:
            raise CannotDo(Exit.BAD_INPUT, f"--take {one!r}: write KIND=ADDRESS, with a kind of: {', '.join(kinds)}")
        wanted[kind] = address
    return wanted


class _AtTheTerminal:
    """A person at this terminal's own keyboard."""

    def confirm(self, question: str) -> bool:
        """Ask on stderr."""
        return typer.confirm(question, err=True)

    def show(self, text: str) -> None:
        """Print on stderr."""
        typer.echo(text, err=True)


def _show_checks(console: Console, done: Checked) -> None:
    words = {Verdict.PASS: "pass", Verdict.FAIL: "FAIL", Verdict.NOT_RUN: "not run"}
    rows = [(one.id, words[one.verdict], one.value, one.limits, one.remedy) for one in done.results]
    console.print(
        table(f"{done.site}, {done.depth.value}", ("check", "verdict", "measured", "limits", "what to do"), rows)
    )


def _depth(*, quick: bool, full: bool, interactive: bool) -> Depth:
    if sum((quick, full, interactive)) > 1:
        raise CannotDo(Exit.BAD_INPUT, "choose one of --quick, --full and --interactive")
    return Depth.INTERACTIVE if interactive else Depth.FULL if full else Depth.QUICK


def _consents(given: list[str]) -> bool:
    """Whether the barrier may move."""
    if unknown := set(given) - {"barrier"}:
        raise CannotDo(Exit.BAD_INPUT, f"--consent {', '.join(unknown)}: only the barrier needs it")
    return "barrier" in given


def check_command(
    device: Annotated[str, typer.Argument(help="A kind, role.kind, or machine; all when left out.")] = "",
    *,
    site: SiteOption,
    full: Annotated[bool, typer.Option("--full", help="Also move, print, light and sound.")] = False,
    quick: Annotated[bool, typer.Option("--quick", help="Ask only; the default.")] = False,
    interactive: Annotated[bool, typer.Option("--interactive", help="Also what needs somebody there.")] = False,
    consent: Annotated[
        list[str] | None, typer.Option("--consent", help="barrier: it may move now; nobody can be hurt.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Check devices and machine: measured against limits, with what to do where it fails.

    Exit codes: 0 nothing failed; 1 something failed; 2 bad input; 4 not now.
    """
    try:
        depth = _depth(quick=quick, full=full, interactive=interactive)
        barrier = _consents(consent or [])
        if barrier and depth is Depth.FULL:
            step("When it checks the barrier, that opens: walk through then, once.")
        done = check(
            read(site),
            WallClock(),
            only=device,
            depth=depth,
            person=_AtTheTerminal() if interactive else None,
            barrier_consent=barrier,
            say=step,
        )
    except CannotDo as error:
        give_up(error, as_json=json)
    answer(done, lambda console: _show_checks(console, done), as_json=json)
    if done.failed:
        raise typer.Exit(int(Exit.WRONG_FOUND))


calibrate = typer.Typer(help="Measure on the spot what no factory can know.", no_args_is_help=True)


def show_calibration(console: Console, done: Calibration) -> None:
    """Print one."""
    rows = [(name, str(value)) for name, value in done.values.items()]
    until = f", counts until {done.expires:%Y-%m-%d}" if done.expires else ""
    console.print(table(f"{done.what.value}: {done.driver}{until}", ("", ""), rows))


@calibrate.command("thermometer")
def thermometer_command(
    *,
    site: SiteOption,
    reference_c: Annotated[float, typer.Option(help="True temperature of the black body, °C.")],
    reference: Annotated[str, typer.Option(help="Its model, number and certificate.")] = "",
    by: By = "",
    role: RoleOption = "",
    days: Annotated[int, typer.Option(help="How long it counts.")] = 180,
    json: AsJson = False,
) -> None:
    """Find the thermometer's offset against a black body or a reference reading.

    Exit codes: 0 kept; 2 bad input; 4 not now; 5 outside the limits, nothing was kept.
    """
    try:
        found = read(site)
        done = steps.thermometer(
            found, role_of(found, role), WallClock(), reference_c=reference_c, reference=reference, by=by, days=days
        )
    except CannotDo as error:
        give_up(error, as_json=json)
    answer(done, lambda console: show_calibration(console, done), as_json=json)


@calibrate.command("desk")
def desk_command(
    *,
    site: SiteOption,
    empty: Annotated[bool, typer.Option("--empty", help="You have looked: nothing lies on the desk.")] = False,
    by: By = "",
    json: AsJson = False,
) -> None:
    """Keep the picture of the document camera's empty desk. Exit codes as for the thermometer."""
    try:
        done = steps.desk(read(site), WallClock(), by=by, empty=empty)
    except CannotDo as error:
        give_up(error, as_json=json)
    answer(done, lambda console: show_calibration(console, done), as_json=json)


@calibrate.command("chart")
def chart_command(
    out: Annotated[Path, typer.Argument(help="PNG to be printed on A4 at full size.")] = Path("chart.png"),
    *,
    json: AsJson = False,
) -> None:
    """Write the chart that cameras are calibrated with. Exit codes: 0; 4 cannot be written."""
    try:
        print_chart(out)
    except CannotDo as error:
        give_up(error, as_json=json)
    answer({"file": str(out)}, lambda console: console.print(f"{out}: print it at 100 %", markup=False), as_json=json)


@calibrate.command("camera")
def camera_command(*, site: SiteOption, by: By = "", role: RoleOption = "", json: AsJson = False) -> None:
    """Measure light, geometry and scale of a camera with the chart: where faces are, or where papers lie.

    Exit codes as for the thermometer.
    """
    try:
        found = read(site)
        done = camera(found, role_of(found, role), WallClock(), by=by)
    except CannotDo as error:
        give_up(error, as_json=json)
    answer(done, lambda console: show_calibration(console, done), as_json=json)


@calibrate.command("printer")
def printer_command(
    *,
    site: SiteOption,
    width: Annotated[int | None, typer.Option(help="Read off the ruler; without it the ruler is printed.")] = None,
    cut: Annotated[bool, typer.Option("--cut/--no-cut", help="Whether the ruler was cut off clean.")] = True,
    by: By = "",
    role: RoleOption = "",
    json: AsJson = False,
) -> None:
    """Print a ruler; then, with --width, write the print head's width into the site file."""
    try:
        found = read(site)
        done = steps.printer(found, role_of(found, role), WallClock(), by=by, width=width, cut=cut)
    except CannotDo as error:
        give_up(error, as_json=json)
    if done is None:
        step("Look at the ruler: run again with --width and the longest line whose right end is whole.")
        answer({"printed": True}, lambda _console: None, as_json=json)
    else:
        answer(done, lambda console: show_calibration(console, done), as_json=json)


@calibrate.command("beams")
def beams_command(
    *,
    site: SiteOption,
    seconds: Annotated[float, typer.Option(help="How long to watch.")] = 20.0,
    by: By = "",
    json: AsJson = False,
) -> None:
    """See which beam is broken first by somebody who comes in; exchange them in the site file where needed."""
    try:
        done = steps.beams(read(site), WallClock(), by=by, within=seconds, say=step)
    except CannotDo as error:
        give_up(error, as_json=json)
    answer(done, lambda console: show_calibration(console, done), as_json=json)


@calibrate.command("list")
def list_command(*, site: SiteOption, json: AsJson = False) -> None:
    """Every calibration here, and whether it still counts. Exit codes: 0; 1 one has expired."""
    try:
        found = kept(read(site), WallClock().now())
    except CannotDo as error:
        give_up(error, as_json=json)
    rows = [
        (
            one.calibration.what.value,
            one.calibration.role,
            f"{one.calibration.made:%Y-%m-%d}",
            one.calibration.by,
            "expired" if one.expired else "counts",
            "signed" if one.signed else "not signed yet: enrol",
        )
        for one in found
    ]
    columns = ("what", "role", "made", "by", "", "")
    shown = table("calibrations", columns, rows) if rows else "nothing was calibrated yet"
    answer(found, lambda console: console.print(shown), as_json=json)
    if any(one.expired for one in found):
        raise typer.Exit(int(Exit.WRONG_FOUND))


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("discover")(discover_command)
    app.command("bind")(bind_command)
    app.command("check")(check_command)
    app.add_typer(calibrate, name="calibrate")
