"""`python -m hub publish` and `group`: rules and catalogues signed, rolled out in steps, and rolled back."""

from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Connection

from hub.data import DataFolder
from hub.fleet.enrolment import ensure_hall
from hub.options import DATA, Data, Hall, checked_name, fail, writing
from hub.rules.publish import RULES, NotPublishable, publish_catalogue, publish_rules, rules_text, set_seats
from hub.rules.stages import EVERYBODY, Stage, reached, roll_back, set_group, set_stage, stages
from kiosk.clock import WallClock


def publish(
    *,
    hall: Hall,
    rules: Annotated[str, typer.Option(help="level-1 to level-4, or a TOML file with the fields of the rules.")] = "",
    catalogue: Annotated[Path | None, typer.Option(help="Folder; see `hub catalogue`.", file_okay=False)] = None,
    share: Annotated[
        int | None, typer.Option(min=0, max=100, help="Percent of the hall's terminals that get the newest rules.")
    ] = None,
    to: Annotated[list[str] | None, typer.Option(help="A terminal or group that gets them whatever the share.")] = None,
    back: Annotated[bool, typer.Option("--roll-back", help="The rules from before, everywhere, as a version.")] = False,
    seats: Annotated[int | None, typer.Option(min=1, help="How many seats the hall has, for seats_share.")] = None,
    data: Data = DATA,
) -> None:
    """Sign rules or a catalogue as the hall's next version; terminals fetch it within half a minute.

    In steps: `--rules level-2 --share 10` (or `--to gate-1 --share 0`), then `--share 50`, then `--share 100`.
    """
    checked_name("hall", hall)
    if back and (rules or share is not None or to):
        fail("--roll-back stands alone")
    if not (rules or catalogue or back or seats or share is not None or to):
        fail("nothing to publish: --rules, --catalogue, --share, --to, --seats or --roll-back")
    folder, clock = DataFolder(data), WallClock()
    now, names = clock.now(), to or []
    try:
        with writing(data, clock) as connection:
            key = folder.signing_key()
            ensure_hall(connection, hall, now)
            if seats is not None:
                set_seats(connection, hall, seats)
                typer.echo(f"{hall} has {seats} seats")
            if back:
                signed = roll_back(connection, key, hall, now)
                typer.echo(f"rules version {signed.version}")
            if rules:
                signed = publish_rules(connection, key, hall, rules_text(rules), now)
                typer.echo(f"rules version {signed.version}")
            if rules or share is not None or names:
                _stage(connection, hall, share, names, new=bool(rules))
            if catalogue is not None:
                edition = publish_catalogue(connection, key, hall, catalogue, now)
                typer.echo("the catalogue is published already" if edition is None else f"catalogue {edition.version}")
    except (NotPublishable, OSError) as error:
        fail(error)


def _stage(connection: Connection, hall: str, share: int | None, names: list[str], *, new: bool) -> None:
    """Set how far the newest rules are rolled out; new ones without a word of it to all."""
    if share is None:
        before: list[Stage] = stages(connection, RULES, hall)
        # Named terminals alone: a new version is for them only, one that is under way keeps its share.
        share = (0 if names else EVERYBODY) if new or not before else before[0].share
    stage = set_stage(connection, RULES, hall, share=share, names=names, narrow=new)
    if stage.share < EVERYBODY:
        typer.echo(f"for {', '.join(reached(connection, stage)) or 'no terminal yet'}")


def group(
    *,
    hall: Hall,
    terminal: Annotated[str, typer.Option(help="Name of the terminal in its hall, e.g. gate-1.")],
    name: Annotated[str, typer.Option(help="The group, e.g. pilot; none: out of its group.")] = "",
    data: Data = DATA,
) -> None:
    """Put a terminal into a group, for rolling out in steps."""
    checked_name("hall", hall)
    if name:
        checked_name("group", name)
    with writing(data, WallClock()) as connection:
        known = set_group(connection, hall, terminal, name)
    if not known:
        fail(f"{hall} has no terminal {terminal!r}")
    typer.echo(f"{terminal} is in {name}" if name else f"{terminal} is in no group")
