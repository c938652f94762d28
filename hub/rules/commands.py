"""`python -m hub publish` and `group`: rules and catalogues signed, rolled out in steps, and rolled back."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection

from hub.audit.chain import Actor, Detail, Who, append
from hub.data import DataFolder
from hub.fleet.enrolment import ensure_hall
from hub.fleet.site_settings import follow_groups
from hub.options import DATA, Data, Database, Hall, checked_name, fail, writing
from hub.rules.publish import CATALOGUE, RULES, NotPublishable, publish_catalogue, publish_rules, rules_text, set_seats
from hub.rules.stages import EVERYBODY, Stage, halt, reached, resume, roll_back, set_group, set_stage, stages
from kiosk.clock import WallClock
from kiosk.wire.site import KIND as SITE

_IN_STEPS = (RULES, CATALOGUE, SITE)


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
    kind: Annotated[
        str,
        typer.Option(help="What --share, --to, --roll-back, --halt and --resume are about: rules, catalogue or site."),
    ] = "",
    stop: Annotated[str, typer.Option("--halt", help="Nobody begins with the newest any more; says why.")] = "",
    go_on: Annotated[bool, typer.Option("--resume", help="Go on rolling out what was halted.")] = False,
    seats: Annotated[int | None, typer.Option(min=1, help="How many seats the hall has, for seats_share.")] = None,
    data: Data = DATA,
    database: Database = None,
) -> None:
    """Sign rules or a catalogue as the hall's next version; terminals fetch it within half a minute.

    In steps (a catalogue too): `--rules level-2 --share 10` (or `--to gate-1 --share 0`), then `--share 50`,
    then `--share 100`.
    """
    checked_name("hall", hall)
    changes = bool(rules or catalogue or share is not None or to)
    _check(changes=changes, one_of=[back, bool(stop), go_on], seats=seats is not None)
    kind = _checked_kind(kind or (CATALOGUE if catalogue is not None and not rules else RULES))
    folder, clock = DataFolder(data), WallClock()
    now, names = clock.now(), to or []
    try:
        with writing(data, clock, database) as connection:
            key = folder.signing_key()
            ensure_hall(connection, hall, now)
            if seats is not None:
                set_seats(connection, hall, seats)
                typer.echo(f"{hall} has {seats} seats")
            if back:
                signed = roll_back(connection, key, hall, now, kind)
                typer.echo(f"{kind} version {signed.version}")
            if stop or go_on:
                _halted(connection, kind, hall, stop)
            if rules:
                signed = publish_rules(connection, key, hall, rules_text(rules), now)
                typer.echo(f"rules version {signed.version}")
            fresh = catalogue is not None and _publish_items(connection, key, hall, catalogue, now)
            if rules or share is not None or names:
                _stage(connection, kind, hall, share, names, new=bool(rules) if kind == RULES else fresh)
            act = "roll-back" if back else "halt" if stop else "resume" if go_on else "share" if changes else ""
            if act:
                _noted(connection, kind, hall, act, now)
    except (NotPublishable, OSError) as error:
        fail(error)


def _noted(connection: Connection, kind: str, hall: str, act: str, now: datetime) -> None:
    """The console wants two people for rules and settings: what the operator did alone stands in the audit."""
    known = stages(connection, kind, hall)
    if not known:
        return  # nothing is there that could be halted
    told: Detail = {"share": known[0].share}
    what = f"{'settings' if kind == SITE else kind}_{act}"
    append(connection, Who(Actor.OPERATOR), what, hall, now, version=known[0].version, detail=told)


def _check(*, changes: bool, one_of: list[bool], seats: bool) -> None:
    """Refuse what contradicts itself, or asks for nothing."""
    if sum(one_of) > 1 or (any(one_of) and changes):
        fail("--roll-back, --halt and --resume stand alone")
    if not (changes or any(one_of) or seats):
        fail("nothing to publish: --rules, --catalogue, --share, --to, --seats, --roll-back, --halt or --resume")


def _checked_kind(kind: str) -> str:
    if kind not in _IN_STEPS:
        fail(f"--kind {kind!r}: {', '.join(_IN_STEPS)}")
    return kind


def _publish_items(connection: Connection, key: Ed25519PrivateKey, hall: str, catalogue: Path, now: datetime) -> bool:
    """Publish a folder of items; whether it is new."""
    edition = publish_catalogue(connection, key, hall, catalogue, now)
    typer.echo("the catalogue is published already" if edition is None else f"catalogue {edition.version}")
    return edition is not None


def _halted(connection: Connection, kind: str, hall: str, why: str) -> None:
    if not why:
        typer.echo(f"{kind} version {resume(connection, kind, hall).version} goes on")
        return
    stage = halt(connection, kind, hall, why)
    typer.echo(f"nothing of {kind} is under way" if stage is None else f"{kind} version {stage.version} is halted")


def _stage(connection: Connection, kind: str, hall: str, share: int | None, names: list[str], *, new: bool) -> None:
    """Set how far the newest is rolled out; a new one without a word of it to all."""
    if share is None:
        before: list[Stage] = stages(connection, kind, hall)
        # Named terminals alone: a new version is for them only, one that is under way keeps its share.
        share = (0 if names else EVERYBODY) if new or not before else before[0].share
    stage = set_stage(connection, kind, hall, share=share, names=names, narrow=new)
    if stage.share < EVERYBODY:
        typer.echo(f"for {', '.join(reached(connection, stage)) or 'no terminal yet'}")


def group(
    *,
    hall: Hall,
    terminal: Annotated[str, typer.Option(help="Name of the terminal in its hall, e.g. gate-1.")],
    name: Annotated[str, typer.Option(help="The group, e.g. pilot; none: out of its group.")] = "",
    data: Data = DATA,
    database: Database = None,
) -> None:
    """Put a terminal into a group, for rolling out in steps."""
    checked_name("hall", hall)
    if name:
        checked_name("group", name)
    with writing(data, WallClock(), database) as connection:
        known = set_group(connection, hall, terminal, name)
        follow_groups(connection, DataFolder(data).signing_key(), hall, WallClock().now())
    if not known:
        fail(f"{hall} has no terminal {terminal!r}")
    typer.echo(f"{terminal} is in {name}" if name else f"{terminal} is in no group")
