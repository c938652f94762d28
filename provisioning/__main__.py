"""`python -m provisioning`: the technician's tools."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from kiosk.clock import WallClock
from kiosk.config import Site
from kiosk.wire.serials import NoSerial
from provisioning.calibrate.records import sign_pending
from provisioning.commands_devices import calibrate
from provisioning.commands_devices import register as register_devices
from provisioning.commands_drill import register as register_drill
from provisioning.commands_service import register as register_service
from provisioning.commands_technician import group as technician_group
from provisioning.commands_touch import register as register_touch
from provisioning.enrol import BySerial, EnrolmentFailed, ExitCode, enrol, read_ticket
from provisioning.machine_serial import machine_serial
from provisioning.options import read, role_of
from provisioning.releases.commands import group as release_group
from provisioning.scan_ticket import scan_ticket
from provisioning.talk import CannotDo, Exit, give_up, step

app = typer.Typer(
    help="The tools of the technician.", no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False
)


@app.callback()
def _tools() -> None:
    """The tools of the technician."""


class _Failure(msgspec.Struct):
    error: str
    exit_code: int


def _folder(site: Site | None, role: str, identity: Path | None) -> Path:
    """Where the identity is to be."""
    if identity is not None:
        return identity
    if site is None:
        raise CannotDo(Exit.BAD_INPUT, "say where the identity is to be: --site SITE.toml, or --identity FOLDER")
    return site.identity_of(role_of(site, role))


def _own_serial(given: Path | None) -> str:
    try:
        return machine_serial(given)
    except NoSerial as error:
        raise EnrolmentFailed(ExitCode.NO_SERIAL, str(error)) from error


@app.command("enrol")
def enrol_command(
    *,
    ticket: Annotated[str, typer.Option(help="The ticket: JSON, or a file with it (python -m hub code).")] = "",
    scan: Annotated[bool, typer.Option("--scan", help="Read the ticket's QR code with the scanner.")] = False,
    by_serial: Annotated[
        bool, typer.Option("--by-serial", help="By this machine's serial number, which the hub lists; no code.")
    ] = False,
    serial_file: Annotated[
        Path | None, typer.Option(help="With --by-serial: a file with the number, if the firmware has none.")
    ] = None,
    wait: Annotated[float, typer.Option(min=0, max=1440, help="With --by-serial: minutes to be admitted.")] = 15,
    identity: Annotated[
        Path | None, typer.Option(help="Folder for the identity; made if missing. Left out: as the site file says.")
    ] = None,
    site: Annotated[Path | None, typer.Option("--site", help="The terminal's site file (TOML).")] = None,
    role: Annotated[str, typer.Option("--role", help="gate or desk; needed when the site file sets up both.")] = "",
    again: Annotated[bool, typer.Option("--again", help="Replace an identity that is there.")] = False,
    with_tpm: Annotated[
        bool, typer.Option("--tpm/--no-tpm", help="Seal the key's passphrase to the TPM, where there is one.")
    ] = True,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")] = False,
) -> None:
    """Enrol this machine at the hub. Safe to run twice.

    Exit codes: 0 enrolled, also if it was before; 2 bad ticket; 3 hub not reached; 4 not the ticket's hub; 5 wrong
    code; 6 code used; 7 code expired; 8 code locked; 9 this machine's clock is off; 10 refused; 11 cannot store; 12
    this machine has no serial number to go by; 13 its serial number is refused; 14 nobody has admitted it yet.
    """
    try:
        here = read(site) if site is not None else None
        folder = _folder(here, role, identity)
        if scan == bool(ticket):
            give_up(CannotDo(Exit.BAD_INPUT, "say where the ticket is: --ticket FILE, or --scan"), as_json=json)
        if scan and here is None:
            give_up(CannotDo(Exit.BAD_INPUT, "--scan needs --site, which says where the scanner is"), as_json=json)
        if scan and here is not None:
            ticket = scan_ticket(here, role_of(here, role), step)
    except CannotDo as error:
        give_up(error, as_json=json)
    try:
        wish = BySerial(_own_serial(serial_file), wait * 60) if by_serial else None
        outcome = enrol(read_ticket(ticket), folder, WallClock(), step, again=again, with_tpm=with_tpm, by_serial=wish)
    except EnrolmentFailed as error:
        typer.echo(f"not enrolled: {error}", err=True)
        if json:
            typer.echo(msgspec.json.encode(_Failure(str(error), int(error.code))).decode())
        raise typer.Exit(int(error.code)) from error
    try:
        for file in sign_pending(here) if here is not None else ():
            typer.echo(f"signed {file}", err=True)
    except CannotDo as error:
        give_up(error, as_json=json)
    if json:
        typer.echo(msgspec.json.encode(outcome).decode())
    else:
        typer.echo(
            f"{outcome.hall}/{outcome.terminal}: certificate until {outcome.certificate_expires:%Y-%m-%d}, "
            f"in {outcome.identity}"
        )


register_touch(calibrate)
register_devices(app)
register_service(app)
register_drill(app)
app.add_typer(technician_group, name="technician")
app.add_typer(release_group, name="release")

if __name__ == "__main__":
    app()
