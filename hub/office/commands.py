"""`python -m hub office`: roles, home halls, the holiday file, the diagram, and the day's money."""

from datetime import date
from pathlib import Path
from typing import Annotated, Final

import anyio
import httpx
import msgspec
import typer

from hub.audit.chain import Actor
from hub.data import DataFolder
from hub.office.calendar import publish_holidays
from hub.office.days import recount
from hub.office.gateway import Difference, Paid, PaymentGateway, paid_on
from hub.office.items import NoSuchHall, set_home
from hub.office.outside import OutsideAway, OutsideRefused
from hub.office.roles import ROLES, set_roles
from hub.office.settings import FILE, BadSettings, load
from hub.office.states import mermaid, rows
from hub.options import DATA, AsJson, Data, Database, Hall, checked_name, fail, prepared, writing
from hub.people.staff import StaffRefused
from hub.rules.publish import NotPublishable
from kiosk.clock import WallClock, local_date

group = typer.Typer(help="The back office.", no_args_is_help=True)
_DIAGRAM: Final = ("<!-- diagram: made by python -m hub office diagram -->\n", "<!-- end of diagram -->\n")


@group.command("role")
def office_role(
    *,
    hall: Hall,
    staff_id: Annotated[str, typer.Option("--id", help="On the hall's staff list (python -m hub staff).")],
    role: Annotated[list[str], typer.Option(help=f"{', '.join(ROLES)}; may be repeated. None takes all away.")] = [],  # noqa: B006  typer's way
    data: Data = DATA,
    database: Database = None,
) -> None:
    """Say what a member of staff may do in the office; replaces what was said before."""
    checked_name("hall", hall)
    if wrong := set(role) - set(ROLES):
        fail(f"role {min(wrong)!r}: {', '.join(ROLES)}")
    clock = WallClock()
    try:
        with writing(data, clock, database) as connection:
            set_roles(connection, hall, staff_id, frozenset(Actor(each) for each in role), clock.now())
    except StaffRefused as error:
        fail(error)
    typer.echo(f"{hall}/{staff_id}: {', '.join(role) or 'no role'}")


@group.command("home")
def office_home(
    *,
    hall: Hall,
    home: Annotated[str, typer.Option(help="The hall that decides; empty takes it back.")],
    item: Annotated[str, typer.Option(help="The item's key; empty: all that are not named.")] = "",
    data: Data = DATA,
    database: Database = None,
) -> None:
    """Say which hall is at home with an item that is handed in at another."""
    checked_name("hall", hall)
    try:
        with writing(data, WallClock(), database) as connection:
            set_home(connection, hall, item, home)
    except NoSuchHall as error:
        fail(error)
    typer.echo(f"{hall}: {item or 'all others'} -> {home or hall}")


@group.command("holidays")
def office_holidays(
    *,
    hall: Hall,
    file: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="JSON: source, years (year, off, work).")],
    data: Data = DATA,
    database: Database = None,
) -> None:
    """Publish a holiday file for a hall, signed; the days of all its open submissions are counted anew."""
    checked_name("hall", hall)
    clock, folder = WallClock(), DataFolder(data)
    try:
        with writing(data, clock, database) as connection:
            signed = publish_holidays(connection, folder.signing_key(), hall, file.read_bytes(), clock.now())
            changed = recount(connection, clock.now(), hall)
    except NotPublishable as error:
        fail(error)
    said = "is what is published already" if signed is None else f"version {signed.version} published"
    typer.echo(f"{hall}: {said}; {changed} submissions have another day, or a certain one")


@group.command("diagram")
def office_diagram(
    *,
    write: Annotated[Path | None, typer.Option(help="Put it into this page, between its marks.")] = None,
) -> None:
    """The states of a submission, as a diagram (mermaid) and a table."""
    made = f"```mermaid\n{mermaid()}```\n\n{rows()}"
    if write is None:
        typer.echo(made)
        return
    before, _, rest = write.read_text(encoding="utf-8").partition(_DIAGRAM[0])
    _, mark, after = rest.partition(_DIAGRAM[1])
    if not mark:
        fail(f"{write} has no place for it: {_DIAGRAM[0].strip()} … {_DIAGRAM[1].strip()}")
    write.write_text(f"{before}{_DIAGRAM[0]}\n{made}\n{_DIAGRAM[1]}{after}", encoding="utf-8")


@group.command("reconcile")
def office_reconcile(
    *,
    day: Annotated[str, typer.Option(help="Date in China; none: today.")] = "",
    data: Data = DATA,
    database: Database = None,
    json: AsJson = False,
) -> None:
    """Compare a day's money with the payment gateway's statement. Exit code 1 where they differ."""
    clock, folder = WallClock(), DataFolder(data)
    engine, _ = prepared(folder, database, clock)
    try:
        when = date.fromisoformat(day) if day else local_date(clock.now())
        settings = load(folder.path / FILE)
    except (ValueError, BadSettings) as error:
        fail(error)
    payment = settings.payment
    if payment is None:
        fail("office.toml names no payment gateway")

    async def compare() -> list[Difference]:
        with engine.connect() as connection:
            ours: Paid = paid_on(connection, when)
        async with httpx.AsyncClient(trust_env=False) as client:
            gateway = PaymentGateway(payment, settings.secrets[payment.secret_file], client)
            return await gateway.reconcile(when, clock.now(), ours)

    try:
        differences = anyio.run(compare)
    except (OutsideAway, OutsideRefused) as error:
        fail(f"no statement: {error}")
    if json:
        typer.echo(msgspec.json.encode(differences).decode())
    else:
        for each in differences:
            typer.echo(f"{each.order}\tours {each.ours}\ttheirs {each.theirs}")
    if differences:
        raise typer.Exit(1)
