"""`python -m hub release`: take signed releases in, roll them out in rings, halt, go on, copy to a stick."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer
from sqlalchemy import Connection, select

from hub.audit.chain import Actor, Detail, Who, append
from hub.data import DataFolder
from hub.fleet.releases import Releases, check_here, halt, resume, want, wanted_of, widen
from hub.options import DATA, AsJson, Data, Database, Hall, checked_name, fail, reading, writing
from hub.rules.publish import NotPublishable
from hub.rules.stages import EVERYBODY, Stage, reached, stages
from hub.store import schema
from kiosk.clock import WallClock
from kiosk.wire.release import KIND, Wanted
from kiosk.wire.release_signing import NotStampable

group = typer.Typer(help="Releases of the terminals' program.", no_args_is_help=True)
Share = Annotated[int | None, typer.Option(min=0, max=100, help="Percent of the hall's terminals.")]
By = Annotated[str, typer.Option(help="Who does this; is written down.")]
To = Annotated[list[str] | None, typer.Option(help="A terminal or group that gets it whatever the share.")]


def _note(connection: Connection, act: str, stage: Stage, by: str) -> None:
    release, who = wanted_of(connection, stage).release, Who(Actor.OPERATOR, "", by[:64])
    detail: Detail = {"hall": stage.hall, "share": stage.share}
    append(connection, who, f"release_{act}", f"release {release}", WallClock().now(), detail=detail)


class _Staged(msgspec.Struct):
    """How far a hall's release is."""

    hall: str
    release: str
    halted: bool
    share: int
    terminals: list[str]


class _Listed(msgspec.Struct):
    """What is here, and what each hall gets."""

    here: tuple[str, ...]
    halls: list[_Staged]


@group.command("key")
def key_command(*, data: Data = DATA) -> None:
    """Print the public half of this hub's online key, for the key ceremony."""
    typer.echo(Releases(DataFolder(data)).online_public(), nl=False)


@group.command("add")
def add_command(
    folder: Annotated[Path, typer.Argument(help="A repository, as release sign made it.", file_okay=False)],
    *,
    data: Data = DATA,
) -> None:
    """Take signed releases in. They are verified; no terminal gets one before `stage`."""
    try:
        there = Releases(DataFolder(data)).take(folder, WallClock().now())
    except NotStampable as error:
        fail(error)
    typer.echo(f"here are: {', '.join(there)}")


@group.command("stage")
def stage_command(
    release: Annotated[str, typer.Argument(help="e.g. 0.2.0; left out: widen the one that is under way.")] = "",
    *,
    hall: Hall,
    share: Share = None,
    to: To = None,
    from_hour: Annotated[int, typer.Option(min=0, max=24, help="Switch from this hour in China …")] = 0,
    until_hour: Annotated[int, typer.Option(min=0, max=24, help="… until this one, e.g. 22 and 5.")] = 24,
    by: By = "shell",
    data: Data = DATA,
    database: Database = None,
) -> None:
    """Roll a release out in rings: `stage 0.2.0 --to pilot`, then `stage --share 20`, then `stage --share 100`."""
    checked_name("hall", hall)
    folder, clock, names = DataFolder(data), WallClock(), to or []
    try:
        with writing(data, clock, database) as connection:
            if release:
                check_here(Releases(folder), release)
                wanted = Wanted(release=release, from_hour=from_hour, until_hour=until_hour)
                percent = share if share is not None else 0 if names else EVERYBODY
                done = want(connection, folder.signing_key(), hall, wanted, clock.now(), share=percent, names=names)
            else:
                known = stages(connection, KIND, hall)
                percent = share if share is not None else known[0].share if known else 0
                done = widen(connection, hall, share=percent, names=names)
            _note(connection, "stage", done, by)
            _tell(connection, done)
    except NotPublishable as error:
        fail(error)


@group.command("halt")
def halt_command(*, hall: Hall, by: By = "shell", data: Data = DATA, database: Database = None) -> None:
    """Stop a roll-out: nobody who does not run it yet begins. One terminal that takes it back stops it, too."""
    with writing(data, WallClock(), database) as connection:
        done = halt(connection, DataFolder(data).signing_key(), hall, WallClock().now())
        if done is not None:
            _note(connection, "halt", done, by)
    typer.echo("halted" if done is not None else "nothing is under way")


@group.command("resume")
def resume_command(*, hall: Hall, by: By = "shell", data: Data = DATA, database: Database = None) -> None:
    """Go on with a roll-out that was halted, for the same ring; those that have failed halt it no more, others do."""
    try:
        with writing(data, WallClock(), database) as connection:
            done = resume(connection, DataFolder(data).signing_key(), hall, WallClock().now())
            _note(connection, "resume", done, by)
            _tell(connection, done)
    except NotPublishable as error:
        fail(error)


@group.command("list")
def list_command(
    *,
    hall: Annotated[str, typer.Option(help="Only this hall.")] = "",
    data: Data = DATA,
    database: Database = None,
    json: AsJson = False,
) -> None:
    """Say which releases are here, and which is rolled out how far."""
    here = tuple(Releases(DataFolder(data)).versions())
    with reading(data, WallClock(), database) as connection:
        halls = [hall] if hall else connection.scalars(select(schema.hall.c.hall).order_by(schema.hall.c.hall)).all()
        newest = [known[0] for each in halls if (known := stages(connection, KIND, each))]
        if json:
            typer.echo(msgspec.json.encode(_Listed(here, [_staged(connection, each) for each in newest])).decode())
            return
        typer.echo(f"here are: {', '.join(here) or 'none'}")
        for each in newest:
            _tell(connection, each)


@group.command("export")
def export_command(
    to: Annotated[Path, typer.Argument(help="Folder on the stick.", file_okay=False)], *, data: Data = DATA
) -> None:
    """Copy the repository, freshly stamped, to a stick: for terminals whose line is down."""
    releases = Releases(DataFolder(data))
    try:
        releases.restamp(WallClock().now())
    except NotStampable as error:
        fail(error)
    releases.export(to)
    typer.echo(f"{to}: {', '.join(releases.versions())}; good for 14 days")


def _staged(connection: Connection, stage: Stage) -> _Staged:
    wanted = wanted_of(connection, stage)
    return _Staged(stage.hall, wanted.release, wanted.halted, stage.share, list(reached(connection, stage)))


def _tell(connection: Connection, stage: Stage) -> None:
    now = _staged(connection, stage)
    names = ", ".join(now.terminals) or "no terminal yet"
    typer.echo(f"{now.hall}: {now.release}{' (halted)' if now.halted else ''}, {now.share} %: {names}")
