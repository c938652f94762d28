"""The gate's commands of `python -m hub`: rehearse, replay, expire, slots, withdraw, and staff."""

from datetime import date, timedelta
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from hub.audit.chain import Actor, Who
from hub.data import DataFolder
from hub.fleet.enrolment import ensure_hall
from hub.gate.rehearsal import Rehearsed, rehearse
from hub.gate.replay import Replayed, replay
from hub.gate.retention import HEALTH_KEPT
from hub.options import DATA, AsJson, Data, Database, Hall, checked_name, fail, moment, reading, writing
from hub.people.appointments import AppointmentRefused, withdraw
from hub.people.commands import group as accounts_group
from hub.people.retention import expire_with_proof
from hub.people.slots import open_slots
from hub.people.staff import StaffRefused, members, publish_staff, put_member, remove_member
from hub.rules.publish import NotPublishable, rules_from, rules_text, seats_of
from kiosk.clock import CHINA, WallClock
from kiosk.wire.digest import person_digest

DIFFERENT = 1
"""Exit code of a replay that found a difference."""

Since = Annotated[str, typer.Option(help="7d, 24h, 2026-11-20 or 2026-11-20T08:00 (China).")]
StaffId = Annotated[str, typer.Option("--id", help="Letters, digits, - and _; at most 32.")]

staff_app = typer.Typer(
    help="Staff: who may act at a hall's lanes (add, remove, list); accounts of the console (account).",
    no_args_is_help=True,
)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("rehearse")(rehearse_command)
    app.command("replay")(replay_command)
    app.command("expire")(expire_command)
    app.command("slots")(slots_command)
    app.command("withdraw")(withdraw_command)
    staff_app.add_typer(accounts_group, name="account")
    app.add_typer(staff_app, name="staff")


def rehearse_command(
    *,
    hall: Hall,
    rules: Annotated[str, typer.Option(help="level-1 to level-4, or a TOML file.")],
    since: Since = "7d",
    until: Annotated[str, typer.Option(help="As --since; without it: until now.")] = "",
    data: Data = DATA,
    database: Database = None,
    json: AsJson = False,
) -> None:
    """Decide past passages under other rules, and list who would have been decided differently. Changes nothing."""
    checked_name("hall", hall)
    clock = WallClock()
    now = clock.now()
    begin, end = moment(since, now), moment(until, now) if until else None
    try:
        with reading(data, clock, database) as connection:
            new = rules_from(rules_text(rules), hall, 1, now, seats_of(connection, hall))
            found = rehearse(connection, hall, new, begin, end)
    except NotPublishable as error:
        fail(error)
    if json:
        typer.echo(msgspec.json.encode(found).decode())
    else:
        _show_rehearsal(found)


def _show_rehearsal(found: Rehearsed) -> None:
    out = Console(soft_wrap=True)
    table = Table("when", "lane", "who", "then", "under these rules", title=f"{found.hall}, level {found.level}")
    for each in found.told:
        when = each.decided.astimezone(CHINA).strftime("%m-%d %H:%M")
        table.add_row(
            when,
            f"{each.terminal}/{each.lane}",
            each.name_masked,
            f"{each.before.verdict.value}: {', '.join(each.before.reasons)}",
            f"{each.under_new.verdict.value}: {', '.join(each.under_new.reasons)}",
        )
    out.print(table)
    out.print(
        f"{found.passages} passages: {found.same} the same, {found.other_verdict} decided differently, "
        f"{found.other_reasons} for other reasons, {found.unknown} unknown (not measured then), "
        f"{found.expired} expired."
    )
    for move, number in found.moves.items():
        out.print(f"  {move}: {number}")


def replay_command(
    *, hall: Hall, since: Since = "", data: Data = DATA, database: Database = None, json: AsJson = False
) -> None:
    """Decide every stored passage again: the same evidence and rules give the same answer, or exit code 1."""
    checked_name("hall", hall)
    clock = WallClock()
    begin = moment(since, clock.now()) if since else None
    with reading(data, clock, database) as connection:
        found = replay(connection, hall, begin)
    if json:
        typer.echo(msgspec.json.encode(found).decode())
    else:
        _show_replay(found)
    if not found.good:
        raise typer.Exit(DIFFERENT)


def _show_replay(found: Replayed) -> None:
    for each in found.told:
        again = "rules unknown" if each.again is None else f"{each.again.verdict.value} {list(each.again.reasons)}"
        typer.echo(
            f"{each.passage} {each.terminal} version {each.rules_version}: "
            f"{each.before.verdict.value} {[reason.value for reason in each.before.reasons]} -> {again}"
        )
    typer.echo(
        f"{found.passages} passages: {found.same} the same, {found.differs} different, "
        f"{found.expired} expired, {found.no_rules} of unknown rules."
    )


def expire_command(
    *,
    days: Annotated[
        int | None,
        typer.Option(
            min=0, help=f"Remove health data older than so many days; as shipped it is kept {HEALTH_KEPT.days}."
        ),
    ] = None,
    data: Data = DATA,
    database: Database = None,
    json: AsJson = False,
) -> None:
    """Remove what is past its time at the gates, with a proof; decisions stay. A running hub does it every hour."""
    clock = WallClock()
    with writing(data, clock, database) as connection:
        kept = None if days is None else timedelta(days=days)
        removed = expire_with_proof(connection, clock.now(), Who(Actor.OPERATOR), kept)
    if json:
        typer.echo(msgspec.json.encode(removed).decode())
    else:
        typer.echo(
            f"health data of {removed.passages} passages, {removed.staff_actions} acts and "
            f"{removed.case_readings} second readings; {removed.appointments} appointments, {removed.heads} head counts"
        )


def slots_command(
    *,
    hall: Hall,
    capacity: Annotated[int, typer.Option(help="Heads in each hour; 0 closes it for new bookings.")],
    first: Annotated[str, typer.Option("--from", help="First day, e.g. 2026-11-23.")],
    days: Annotated[int, typer.Option(min=1, max=366, help="How many days.")] = 1,
    hours: Annotated[
        str, typer.Option(help="First and last hour, e.g. 9-16: the last slot is 16:00 to 17:00.")
    ] = "9-16",
    department: Annotated[str, typer.Option(help="Its key; none: the hall as a whole.")] = "",
    weekends: Annotated[bool, typer.Option(help="Saturdays and Sundays too.")] = False,
    data: Data = DATA,
    database: Database = None,
) -> None:
    """Open hours for appointments, or change how many may come in them. Who has booked stays."""
    checked_name("hall", hall)
    clock = WallClock()
    try:
        begin = date.fromisoformat(first)
        low, _, high = hours.partition("-")
        span = range(int(low), int(high or low) + 1)
    except ValueError:
        fail("--from is a date as 2026-11-23, --hours two hours as 9-16")
    wanted = [day for day in (begin + timedelta(days=n) for n in range(days)) if weekends or day.weekday() < 5]
    try:
        with writing(data, clock, database) as connection:
            ensure_hall(connection, hall, clock.now())
            number = open_slots(connection, hall, department, wanted, span, capacity)
    except AppointmentRefused as error:
        fail(error)
    typer.echo(f"{number} slots of {capacity}")


def withdraw_command(
    *,
    hall: Hall,
    code_id: Annotated[str, typer.Option("--code", help="The appointment's identifier.")],
    revoke: Annotated[bool, typer.Option(help="The hall takes it back, e.g. a code that was passed on.")] = False,
    data: Data = DATA,
    database: Database = None,
) -> None:
    """Cancel or revoke an appointment; every lane knows within half a minute."""
    checked_name("hall", hall)
    clock = WallClock()
    try:
        with writing(data, clock, database) as connection:
            entry = withdraw(connection, hall=hall, code_id=code_id, now=clock.now(), revoke=revoke)
    except AppointmentRefused as error:
        fail(error)
    typer.echo(f"{code_id} is {entry.appointment.status.value}")


@staff_app.command("add")
def staff_add(
    *,
    hall: Hall,
    staff_id: StaffId,
    name: Annotated[str, typer.Option(help="As colleagues see it.")],
    pin: Annotated[
        str, typer.Option(help="6 to 12 digits; asked for without echo when not given.", show_default=False)
    ] = "",
    card: Annotated[str, typer.Option(help="Number of the identity card that opens the staff screen too.")] = "",
    valid_to: Annotated[str, typer.Option(help="Last day, e.g. 2027-06-30; none: no end.")] = "",
    change: Annotated[bool, typer.Option("--change", help="The member exists: new name, PIN, card and day.")] = False,
    data: Data = DATA,
    database: Database = None,
) -> None:
    """Add a member of staff, and publish the hall's list. The PIN is kept as its scrypt only."""
    checked_name("hall", hall)
    folder, clock = DataFolder(data), WallClock()
    try:
        last = date.fromisoformat(valid_to) if valid_to else None
    except ValueError:
        fail(f"{valid_to!r} is no date")
    secret = pin or typer.prompt("PIN", hide_input=True, confirmation_prompt=True, err=True)
    try:
        with writing(data, clock, database) as connection:
            ensure_hall(connection, hall, clock.now())
            put_member(
                connection,
                hall=hall,
                staff_id=staff_id,
                name=name,
                pin=secret,
                now=clock.now(),
                card=person_digest(card, folder.hall_key(hall)) if card else None,
                valid_to=last,
                change=change,
            )
            signed = publish_staff(connection, folder.signing_key(), hall, clock.now())
    except StaffRefused as error:
        fail(error)
    typer.echo(f"staff list version {signed.version}")


@staff_app.command("remove")
def staff_remove(*, hall: Hall, staff_id: StaffId, data: Data = DATA, database: Database = None) -> None:
    """Take a member of staff off the list, and publish it."""
    checked_name("hall", hall)
    folder, clock = DataFolder(data), WallClock()
    try:
        with writing(data, clock, database) as connection:
            remove_member(connection, hall, staff_id)
            signed = publish_staff(connection, folder.signing_key(), hall, clock.now())
    except StaffRefused as error:
        fail(error)
    typer.echo(f"staff list version {signed.version}")


class _Listed(msgspec.Struct):
    """A member as the command line shows one: no PIN, no card."""

    id: str
    name: str
    card: bool
    valid_to: date | None


@staff_app.command("list")
def staff_list(*, hall: Hall, data: Data = DATA, database: Database = None, json: AsJson = False) -> None:
    """Who is on the list."""
    checked_name("hall", hall)
    with reading(data, WallClock(), database) as connection:
        found = [
            _Listed(each.id, each.name, each.card is not None, each.valid_to) for each in members(connection, hall)
        ]
    if json:
        typer.echo(msgspec.json.encode(found).decode())
        return
    for each in found:
        typer.echo(f"{each.id}\t{each.name}\t{'card' if each.card else ''}\t{each.valid_to or ''}")
