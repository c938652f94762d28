"""`python -m hub audit`: prove that nothing was changed, and show what was done."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from hub.audit.chain import history
from hub.audit.verify import ANCHORS, verify
from hub.data import DataFolder
from hub.options import DATA, AsJson, Data, Database, fail, reading
from kiosk.clock import CHINA, WallClock

group = typer.Typer(help="The audit: who did what, append-only and chained.", no_args_is_help=True)


@group.command("verify")
def audit_verify(
    *,
    data: Data = DATA,
    database: Database = None,
    anchors: Annotated[
        Path | None, typer.Option(help="A copy of the anchors, kept elsewhere; without: audit.anchors in DATA.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Read the whole audit and what it binds. Exit code 1 where anything was changed, taken out or put in."""
    folder = DataFolder(data)
    if anchors is not None and not anchors.exists():
        fail(f"{anchors} is not there")
    with reading(data, WallClock(), database) as connection:
        found = verify(connection, anchors or folder.path / ANCHORS, folder.signing_public())
    if json:
        typer.echo(msgspec.json.encode(found).decode())
    else:
        typer.echo(f"{found.rows} rows, {found.anchors} anchors, head {found.head}")
        for problem in found.problems:
            typer.echo(f"CHANGED: {problem}", err=True)
        if not found.problems:
            typer.echo("nothing was changed")
    if found.problems:
        raise typer.Exit(1)


@group.command("show")
def audit_show(
    *,
    subject: Annotated[str, typer.Option(help="A receipt's number, or an opinion's code.")],
    data: Data = DATA,
    database: Database = None,
    json: AsJson = False,
) -> None:
    """What was done to one submission or opinion, the oldest first."""
    with reading(data, WallClock(), database) as connection:
        entries = history(connection, subject)
    if json:
        typer.echo(msgspec.json.encode(entries).decode())
        return
    for each in entries:
        when = each.at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")
        detail = msgspec.json.encode(each.detail).decode() if each.detail else ""
        who = "/".join(part for part in (each.who.actor.value, each.who.hall, each.who.name) if part)
        typer.echo(f"{each.position}\t{when}\t{who}\t{each.what}\t{each.standing}\t{detail}")
