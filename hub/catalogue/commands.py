"""`python -m hub catalogue`: copy the shipped items, check a folder of items, publish it, print the shape of a file.

Exit codes: 0 done; 2 the folder is not sound, or what was asked cannot be done; every fault is said with file, place
and reason.
"""

import json
import shutil
from pathlib import Path
from typing import Annotated

import typer

from hub.catalogue.faults import Unsound, shape
from hub.catalogue.folder import SHIPPED, compiled
from hub.catalogue.source import HallSource, ItemSource, PartSource
from hub.data import DataFolder
from hub.fleet.enrolment import ensure_hall
from hub.options import DATA, AsJson, Data, Database, Hall, checked_name, fail, writing
from hub.rules.publish import NotPublishable, publish_catalogue
from kiosk.clock import WallClock

catalogue = typer.Typer(help="The hall's service items, edited as files.", no_args_is_help=True)
Folder = Annotated[Path, typer.Argument(help="With hall.json, items/ and parts/.", file_okay=False)]


@catalogue.command()
def check(folder: Folder = SHIPPED, *, json_: AsJson = False) -> None:
    """Check a folder of items; say everything that is wrong."""
    try:
        made = compiled(folder)
    except Unsound as unsound:
        if json_:
            faults = [{"file": one.file, "place": one.place, "reason": one.reason} for one in unsound.faults]
            typer.echo(json.dumps({"sound": False, "faults": faults}, ensure_ascii=False))
            raise typer.Exit(2) from unsound
        fail(unsound)
    if json_:
        items = [{"key": item.key, "title": item.title.zh_hans, "questions": len(item.form)} for item in made.items]
        typer.echo(json.dumps({"sound": True, "items": items}, ensure_ascii=False))
        return
    for item in made.items:
        days = f"{item.working_days} days" if item.working_days else "at once"
        typer.echo(f"{item.key}: {item.title.zh_hans}: {len(item.form)} questions, {len(item.papers)} papers, {days}")
    typer.echo(f"{len(made.items)} items, all sound")


@catalogue.command()
def publish(folder: Folder, *, hall: Hall, data: Data = DATA, database: Database = None) -> None:
    """Check, sign and publish a folder of items for a hall; desks fetch it within half a minute."""
    checked_name("hall", hall)
    clock = WallClock()
    try:
        with writing(data, clock, database) as connection:
            ensure_hall(connection, hall, clock.now())
            edition = publish_catalogue(connection, DataFolder(data).signing_key(), hall, folder, clock.now())
    except NotPublishable as error:
        fail(error)
    typer.echo("nothing has changed" if edition is None else f"catalogue {edition.version}")


@catalogue.command()
def export(folder: Folder) -> None:
    """Copy the shipped items into a new folder, to begin a hall's own with."""
    if folder.exists() and any(folder.iterdir()):
        fail(f"{folder} is not empty: name a new folder")
    for part in ("items", "parts"):
        shutil.copytree(SHIPPED / part, folder / part, dirs_exist_ok=True)
    shutil.copy(SHIPPED / "hall.json", folder / "hall.json")
    typer.echo(f"edit {folder}, then: python -m hub catalogue check {folder}")


@catalogue.command("schema")
def print_schema(
    file: Annotated[str, typer.Argument(help="item, part or hall.")] = "item",
) -> None:
    """Print the JSON Schema of a file, for editors that complete and check while one types."""
    kinds = {"item": ItemSource, "part": PartSource, "hall": HallSource}
    if file not in kinds:
        fail(f"{file!r}: one of {', '.join(kinds)}")
    typer.echo(json.dumps(shape(kinds[file]), ensure_ascii=False, indent=2))
