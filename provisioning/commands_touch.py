"""`kiosk-provision calibrate touch`."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from kiosk.clock import WallClock
from provisioning.calibrate import touch
from provisioning.calibrate.records import Calibration
from provisioning.commands_devices import By, show_calibration
from provisioning.options import RoleOption, SiteOption, read, role_of
from provisioning.talk import AsJson, CannotDo, Exit, answer, give_up


def touch_command(
    *,
    site: SiteOption,
    readings: Annotated[
        Path | None,
        typer.Option(help="JSON: where the panel said that the five crosses were touched, [[x, y], …] as shares."),
    ] = None,
    reset: Annotated[bool, typer.Option("--reset", help="Touches count as the panel says them.")] = False,
    by: By = "",
    role: RoleOption = "",
    json: AsJson = False,
) -> None:
    """Put touches right: by readings, or without a map again. The terminal's technician's mode asks for the touches.

    The crosses are at (0.12, 0.08), (0.88, 0.08), (0.88, 0.92), (0.12, 0.92) and (0.5, 0.5). It counts from the
    program's next start. Exit codes as for the thermometer.
    """
    done: Calibration | None = None
    try:
        found = read(site)
        _one_of(reset=reset, readings=readings is not None)
        if readings is None:
            touch.reset(found)
        else:
            done = touch.touch(found, role_of(found, role), WallClock(), touched=_readings(readings), by=by)
    except CannotDo as error:
        give_up(error, as_json=json)
    if done is None:
        answer({"touch": touch.AS_IT_IS}, lambda console: console.print("touches are as the panel says"), as_json=json)
    else:
        made = done
        answer(made, lambda console: show_calibration(console, made), as_json=json)


def _readings(file: Path) -> list[touch.Point]:
    try:
        return msgspec.json.decode(file.read_bytes(), type=list[touch.Point])
    except (OSError, msgspec.DecodeError) as error:
        raise CannotDo(Exit.BAD_INPUT, f"--readings {file}: no list of five [x, y]: {error}") from error


def _one_of(*, reset: bool, readings: bool) -> None:
    if reset == readings:
        raise CannotDo(Exit.BAD_INPUT, "choose one of --readings FILE and --reset")


def register(group: typer.Typer) -> None:
    """Add the command to those that calibrate."""
    group.command("touch")(touch_command)
