"""`kiosk-provision technician add|list|remove`: who may open the technician's mode on the terminal's screen."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from kiosk.wire.staff import StaffMember
from provisioning import technicians
from provisioning.options import SiteOption, read
from provisioning.talk import AsJson, CannotDo, Exit, answer, give_up, table

group = typer.Typer(help="Who may open the technician's mode on the terminal's own screen.", no_args_is_help=True)
NameOption = Annotated[str, typer.Option("--name", help="Who, as your company knows them.")]


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A technician as the commands show one: nothing of the PIN."""

    name: str
    valid_to: str = ""


def _listed(one: StaffMember) -> Listed:
    return Listed(name=one.name, valid_to="" if one.valid_to is None else one.valid_to.isoformat())


def _pin(file: Path | None) -> str:
    if file is None:
        typed: str = typer.prompt("PIN", hide_input=True, confirmation_prompt=True, err=True)
        return typed.strip()
    try:
        return file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise CannotDo(Exit.BAD_INPUT, f"--pin-file {file}: cannot be read: {error}") from error


@group.command("add")
def add_command(
    *,
    site: SiteOption,
    name: NameOption,
    pin_file: Annotated[
        Path | None, typer.Option("--pin-file", help="A file with the PIN; asked for when left out.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option("--until", formats=["%Y-%m-%d"], help="The last day it works.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Give a technician a PIN at this terminal, or a new one. Exit codes: 0; 2 bad input; 4 not written; 5 weak PIN."""
    try:
        done = technicians.put(read(site), name, _pin(pin_file), None if until is None else until.date())
    except CannotDo as error:
        give_up(error, as_json=json)
    answer(_listed(done), lambda console: console.print(f"{done.name} has a PIN now", markup=False), as_json=json)


@group.command("list")
def list_command(*, site: SiteOption, json: AsJson = False) -> None:
    """Who has a PIN here. Exit codes: 0; 2; 4 the file cannot be read."""
    try:
        found = [_listed(one) for one in technicians.known(read(site))]
    except CannotDo as error:
        give_up(error, as_json=json)
    rows = [(one.name, one.valid_to or "—") for one in found]
    shown = table("technicians", ("name", "until"), rows)
    answer(found, lambda console: console.print(shown if rows else "nobody has a PIN here"), as_json=json)


@group.command("remove")
def remove_command(*, site: SiteOption, name: NameOption, json: AsJson = False) -> None:
    """Take a technician's PIN away. Exit codes: 0; 2 nobody has that name; 4."""
    try:
        technicians.remove(read(site), name)
    except CannotDo as error:
        give_up(error, as_json=json)
    answer(Listed(name=name), lambda console: console.print(f"{name} has no PIN any more", markup=False), as_json=json)
