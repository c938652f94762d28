"""The commands for trying and practising: devices watch, drill, train."""

import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import anyio
import typer
from rich.console import Console

from kiosk import log
from kiosk.clock import CHINA, WallClock
from provisioning.checks.contract import Verdict
from provisioning.drill import DRILLS, ByPerson, BySimulator, Drilled, drill
from provisioning.live_devices import Seen, watch
from provisioning.options import SiteOption, read
from provisioning.talk import AsJson, CannotDo, Exit, answer, give_up, step, table

devices = typer.Typer(help="Devices as they are now.", no_args_is_help=True)


def _line(seen: Seen) -> str:
    why = " ".join(part for part in (seen.code, seen.fault, f"({seen.remedy})" if seen.remedy else "") if part)
    return f"{seen.at.astimezone(CHINA):%H:%M:%S} {seen.device:<22} {seen.state:<8} {seen.model} {why}".rstrip()


@devices.command("watch")
def watch_command(
    device: Annotated[str, typer.Argument(help="A kind or role.kind; all when left out.")] = "",
    *,
    site: SiteOption,
    seconds: Annotated[float, typer.Option(min=0, help="How long; 0: until Ctrl-C.")] = 0.0,
    json: AsJson = False,
) -> None:
    """Say each change of each device as it happens. Stop the terminal's program first.

    Exit codes: 0 all are ready at the end; 1 one is not; 2 bad input.
    """
    log.set_up(level=50)  # each change is told here
    try:
        found = read(site)
        last = anyio.run(partial(watch, found, device, WallClock(), seconds, lambda one: step(_line(one))))
    except CannotDo as error:
        give_up(error, as_json=json)
    except KeyboardInterrupt:
        raise typer.Exit(int(Exit.DONE)) from None

    def show(console: Console) -> None:
        for one in last:
            console.print(_line(one), markup=False)

    answer(last, show, as_json=json)
    if any(one.state != "ready" for one in last):
        raise typer.Exit(int(Exit.WRONG_FOUND))


class _Person:
    """Somebody at this terminal's own keyboard."""

    def confirm(self, question: str) -> bool:
        """Ask on stderr."""
        return typer.confirm(question, err=True)

    def show(self, text: str) -> None:
        """Print on stderr, and wait for Enter."""
        typer.prompt(f"{text} Then press Enter", default="", show_default=False, err=True)


def _show(console: Console, done: Drilled) -> None:
    words = {Verdict.PASS: "pass", Verdict.FAIL: "FAIL", Verdict.NOT_RUN: "not run"}
    rows = [(one.id, words[one.verdict], one.value, one.limits, one.remedy) for one in done.results]
    console.print(table(f"{done.site}: drills", ("drill", "verdict", "what happened", "must", "what to do"), rows))


def drill_command(
    device: Annotated[str, typer.Argument(help="A kind or role.kind; all, and the machine, when left out.")] = "",
    *,
    site: SiteOption,
    only: Annotated[
        list[str] | None, typer.Option("--only", help=f"One of {', '.join(DRILLS)}; may be repeated.")
    ] = None,
    simulate: Annotated[
        Path | None, typer.Option("--simulate", help="Folder of the simulators, which then do it themselves.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Make things fail, and measure whether what must happen does. Stop the terminal's program first.

    Exit codes: 0 nothing failed; 1 something did; 2 bad input; 4 not now.
    """
    log.set_up(level=50)  # what happens is measured here
    try:
        hand = BySimulator(simulate) if simulate is not None else ByPerson(_Person())
        which = tuple(only or DRILLS)
        done = anyio.run(partial(drill, read(site), WallClock(), hand, only=device, which=which, say=step))
    except CannotDo as error:
        give_up(error, as_json=json)
    answer(done, lambda console: _show(console, done), as_json=json)
    if any(one.verdict is Verdict.FAIL for one in done.results):
        raise typer.Exit(int(Exit.WRONG_FOUND))


def train_command(
    *,
    data: Annotated[Path, typer.Option(help="Folder of the training; kept.", file_okay=False)] = Path("var/training"),
    ui: Annotated[str, typer.Option(help="window, offscreen or none.")] = "window",
    console_port: Annotated[int, typer.Option(help="Port of the training's own console.")] = 8090,
) -> None:
    """Practise: the real program, a hub of its own and an invented crowd, marked as training, until Ctrl-C.

    Nothing of it reaches the hall's hub: the training has its own keys, registers and folder. Exit code: the program's.
    """
    command = [sys.executable, "-m", "kiosk", "demo", "--live", "--training", "--ui", ui]
    command += ["--data", str(data), "--console-port", str(console_port)]
    raise typer.Exit(subprocess.run(command, check=False).returncode)  # noqa: S603  our own program


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(devices, name="devices")
    app.command("drill")(drill_command)
    app.command("train")(train_command)
