"""`python -m provisioning`: the technician's tools."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from kiosk.clock import WallClock
from provisioning.enrol import EnrolmentFailed, enrol, read_ticket

app = typer.Typer(
    help="The tools of the technician.", no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False
)


@app.callback()
def _tools() -> None:
    """The tools of the technician."""


class _Failure(msgspec.Struct):
    error: str
    exit_code: int


@app.command("enrol")
def enrol_command(
    *,
    ticket: Annotated[str, typer.Option(help="The ticket: JSON, or a file with it (python -m hub code).")],
    identity: Annotated[Path, typer.Option(help="Folder for the identity; made if missing.")],
    again: Annotated[bool, typer.Option("--again", help="Replace an identity that is there.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")] = False,
) -> None:
    """Enrol this machine at the hub. Safe to run twice.

    Exit codes: 0 enrolled, also if it was before; 2 bad ticket; 3 hub not reached; 4 not the ticket's hub; 5 wrong
    code; 6 code used; 7 code expired; 8 code locked; 9 this machine's clock is off; 10 refused; 11 cannot store.
    """
    try:
        outcome = enrol(
            read_ticket(ticket), identity, WallClock(), lambda step: typer.echo(step, err=True), again=again
        )
    except EnrolmentFailed as error:
        typer.echo(f"not enrolled: {error}", err=True)
        if json:
            typer.echo(msgspec.json.encode(_Failure(str(error), int(error.code))).decode())
        raise typer.Exit(int(error.code)) from error
    if json:
        typer.echo(msgspec.json.encode(outcome).decode())
    else:
        typer.echo(
            f"{outcome.hall}/{outcome.terminal}: certificate until {outcome.certificate_expires:%Y-%m-%d}, "
            f"in {outcome.identity}"
        )


if __name__ == "__main__":
    app()
