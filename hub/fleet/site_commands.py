"""`python -m hub terminal settings`: a hall's settings from the hub's own machine, where one person is enough.

The console wants two people for it; whoever has the hub's machine has its keys anyway. The audit names the operator.
"""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from hub.audit.chain import Actor, Detail, Who, append
from hub.data import DataFolder
from hub.fleet import site_settings
from hub.fleet.site_settings import Place, Scope
from hub.options import DATA, AsJson, Data, Database, Hall, checked_name, fail, reading, writing
from hub.rules.publish import NotPublishable
from hub.rules.stages import EVERYBODY
from kiosk.clock import WallClock
from kiosk.wire.site import BadSettings


class _Shown(msgspec.Struct):
    """A text, and the edition it stands in."""

    version: int
    scope: str
    name: str
    text: str


def settings(
    *,
    hall: Hall,
    terminal: Annotated[str, typer.Option(help="One terminal's; without it and --group the whole hall's.")] = "",
    group: Annotated[str, typer.Option("--group", help="A group's.")] = "",
    file: Annotated[
        Path | None, typer.Option(dir_okay=False, help="TOML as in the site file. Left out: show what is there.")
    ] = None,
    share: Annotated[int, typer.Option(min=0, max=100, help="Percent of the hall's terminals that begin.")] = EVERYBODY,
    to: Annotated[list[str] | None, typer.Option(help="A terminal or group that gets it whatever the share.")] = None,
    by: Annotated[str, typer.Option(help="Who does this; is written down.")] = "shell",
    data: Data = DATA,
    database: Database = None,
    json: AsJson = False,
) -> None:
    """Show a hall's settings of terminals, or sign another text as the next edition; an empty file takes it away."""
    checked_name("hall", hall)
    if terminal and group:
        fail("--terminal and --group: one of them")
    place = (
        Place(Scope.TERMINAL, terminal) if terminal else Place(Scope.GROUP, group) if group else Place(Scope.EVERYBODY)
    )
    clock = WallClock()
    if file is None:
        with reading(data, clock, database) as connection:
            known = site_settings.standings(connection, hall, 1)
        text = site_settings.text_of(known[0].edition, place) if known else ""
        version = known[0].stage.version if known else 0
        if json:
            typer.echo(msgspec.json.encode(_Shown(version, place.scope.value, place.name, text)).decode())
        else:
            typer.echo(text, nl=False)
        return
    try:
        text, now = file.read_text(encoding="utf-8"), clock.now()
        with writing(data, clock, database) as connection:
            key = DataFolder(data).signing_key()
            signed = site_settings.put(connection, key, hall, place, text, now, share=share, names=to or [])
            if signed is not None:
                told: Detail = {"for": f"{place.scope.value} {place.name}".strip(), "share": share}
                who = Who(Actor.OPERATOR, "", by[:64])
                append(connection, who, "settings", hall, now, version=signed.version, detail=told)
            known = site_settings.standings(connection, hall, 1)
    except BadSettings as error:
        lines = (f"  line {line}, {key}: {what}" for line, key, what in error.problems)
        fail("\n".join(["nothing was published:", *lines]))
    except (NotPublishable, UnicodeDecodeError, OSError) as error:
        fail(f"nothing was published: {error}")
    version = known[0].stage.version if known else 0
    if json:
        typer.echo(msgspec.json.encode(_Shown(version, place.scope.value, place.name, text)).decode())
    else:
        typer.echo("nothing has changed" if signed is None else f"settings version {version}")
