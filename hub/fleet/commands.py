"""`python -m hub terminal …`: the fleet from a shell. Works beside a running hub, which notices within seconds."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from sqlalchemy import select

from hub.audit.chain import Actor, Detail, Who, append
from hub.data import DataFolder
from hub.fleet import alarms, enrolment, orders, seen, serials
from hub.fleet.live import TerminalKey
from hub.fleet.serial_lists import BadList, read_list
from hub.fleet.site_commands import settings
from hub.options import DATA, AsJson, Data, Database, Hall, checked_name, fail, moment, prepared, reading, writing
from hub.store import schema
from kiosk.clock import WallClock
from kiosk.wire.fleet import EnrolmentTicket
from kiosk.wire.orders import OrderKind

group = typer.Typer(help="Terminals: list, settings, orders, alarms, certificates.", no_args_is_help=True)
group.command("settings")(settings)
Terminal = Annotated[str, typer.Option(help="Name of the terminal in its hall, e.g. gate-1.")]
By = Annotated[str, typer.Option(help="Who does this; is written down.")]


def _operator(by: str) -> Who:
    return Who(Actor.OPERATOR, "", by[:64])


class _Listed(msgspec.Struct):
    hall: str
    terminal: str
    role: str
    group: str
    heard: str
    version: str
    in_service: bool | None
    outbox: int | None
    clock_offset_ms: int | None
    certificate_ends: str
    alarms: list[str]


@group.command("list")
def list_terminals(*, data: Data = DATA, database: Database = None, json: AsJson = False) -> None:
    """Every terminal: what it reported last, its alarms, and until when its certificate is good."""
    with reading(data, WallClock(), database) as connection:
        known = seen.since(connection, None)
        ends = seen.certificate_ends(connection)
        raised: dict[TerminalKey, list[str]] = {}
        for alarm in alarms.current(connection):
            raised.setdefault(alarm.key, []).append(f"{alarm.kind.value} {alarm.about}".strip())
        table = schema.terminal
        rows = connection.execute(select(table).order_by(table.c.hall, table.c.terminal)).all()
    listed = []
    for row in rows:
        key = TerminalKey(row.hall, row.terminal)
        last, end = known.get(key), ends.get(key)
        listed.append(
            _Listed(
                hall=row.hall,
                terminal=row.terminal,
                role=row.role,
                group=row.group_name,
                heard="" if last is None else last.at.isoformat(timespec="seconds"),
                version="" if last is None else last.health.version,
                in_service=None if last is None else last.health.in_service,
                outbox=None if last is None else last.health.outbox_waiting,
                clock_offset_ms=None if last is None else int(last.clock_offset.total_seconds() * 1000),
                certificate_ends="" if end is None else end.date().isoformat(),
                alarms=raised.get(key, []),
            )
        )
    if json:
        typer.echo(msgspec.json.encode(listed).decode())
        return
    for each in listed:
        state = {None: "never heard", True: "in service", False: "OUT OF SERVICE"}[each.in_service]
        typer.echo(f"{each.hall}/{each.terminal}  {each.role}  {state}  {each.heard}  {' '.join(each.alarms)}")


@group.command()
def order(
    kind: Annotated[OrderKind, typer.Argument(help="What is asked.")],
    *,
    hall: Hall,
    terminal: Annotated[str, typer.Option(help="One terminal; without it and --group the whole hall.")] = "",
    group_name: Annotated[str, typer.Option("--group", help="All terminals of a group.")] = "",
    text: Annotated[str, typer.Option(help="Of a message.")] = "",
    hours: Annotated[float, typer.Option(min=0.01, max=720, help="After that it is not carried out any more.")] = 24,
    by: By = "shell",
    data: Data = DATA,
    database: Database = None,
    json: AsJson = False,
) -> None:
    """Give an order to a terminal, a group or a hall; prints the numbers."""
    clock = WallClock()
    with writing(data, clock, database) as connection:
        table = schema.terminal
        query = select(table.c.terminal).where(table.c.hall == checked_name("hall", hall))
        if terminal:
            query = query.where(table.c.terminal == terminal)
        if group_name:
            query = query.where(table.c.group_name == group_name)
        keys = [TerminalKey(hall, row.terminal) for row in connection.execute(query.order_by(table.c.terminal))]
        if not keys:
            fail("no terminal is meant by that")
        try:
            numbers = orders.give(
                connection, keys, kind, by=by, now=clock.now(), text=text, life=timedelta(hours=hours)
            )
            for key, number in zip(keys, numbers, strict=True):
                told: Detail = {"order": number, "kind": kind.value}
                append(connection, _operator(by), "order", f"{hall}/{key.terminal}"[:64], clock.now(), detail=told)
        except orders.OrderRefused as error:
            fail(error)
    typer.echo(msgspec.json.encode({"orders": numbers}).decode() if json else " ".join(map(str, numbers)))


@group.command()
def revoke(*, hall: Hall, terminal: Terminal, by: By = "shell", data: Data = DATA, database: Database = None) -> None:
    """Take a terminal's certificates out of force, for one that was stolen; it has to be enrolled again."""
    clock = WallClock()
    with writing(data, clock, database) as connection:
        done = enrolment.revoke(connection, TerminalKey(hall, terminal))
        if not done:
            fail(f"{hall}/{terminal} has no certificate in force")
        detail: Detail = {"certificates": done}
        append(connection, _operator(by), "revoke", f"{hall}/{terminal}"[:64], clock.now(), detail=detail)
    typer.echo(f"{hall}/{terminal}: {done} certificate(s) out of force; a running hub refuses it in 5 seconds.")


@group.command("acknowledge")
def acknowledge_alarm(
    number: Annotated[int, typer.Argument(min=1, help="The alarm's, as its page shows it.")],
    *,
    by: By = "shell",
    data: Data = DATA,
    database: Database = None,
) -> None:
    """Say that somebody sees to an alarm."""
    clock = WallClock()
    with writing(data, clock, database) as connection:
        if not alarms.acknowledge(connection, number, by, clock.now()):
            fail(f"there is no alarm {number}")


@group.command("silence")
def silence_alarm(
    number: Annotated[int, typer.Argument(min=1, help="The alarm's, as its page shows it.")],
    *,
    hours: Annotated[float, typer.Option(min=0.1, max=720, help="For how long.")] = 8,
    data: Data = DATA,
    database: Database = None,
) -> None:
    """Tell nobody of an alarm for a while, also when it clears and comes back."""
    clock = WallClock()
    with writing(data, clock, database) as connection:
        if not alarms.silence(connection, number, clock.now() + timedelta(hours=hours)):
            fail(f"there is no alarm {number}")


@group.command("serials")
def list_serials(
    *,
    file: Annotated[
        Path | None, typer.Option(help="CSV: serial, hall, terminal, role, group. Left out: show the list.")
    ] = None,
    until: Annotated[str, typer.Option(help="The last day they may enrol, e.g. 2026-12-31.")] = "",
    at_once: Annotated[
        bool, typer.Option("--at-once", help="Nobody has to compare keys: for halls with a network of their own.")
    ] = False,
    strike: Annotated[str, typer.Option(help="Take this serial number off the list.")] = "",
    by: By = "shell",
    data: Data = DATA,
    database: Database = None,
    json: AsJson = False,
) -> None:
    """Machines that may enrol by their serial number, without a code, once."""
    clock = WallClock()
    with writing(data, clock, database) as connection:
        try:
            if strike and not serials.strike(connection, strike.strip().upper()):
                fail(f"{strike} is not on the list, or has enrolled")
            if file is not None:
                if not until:
                    fail("say until when they may enrol: --until 2026-12-31")
                last = moment(until, clock.now()) + timedelta(days=1)
                machines = read_list(file.read_bytes())
                number = serials.expect(connection, machines, until=last, at_once=at_once, by=by, now=clock.now())
                append(
                    connection,
                    _operator(by),
                    "serials_listed",
                    str(number),
                    clock.now(),
                    detail={"at_once": at_once},
                )
        except BadList as error:
            fail("\n".join(["nothing was listed:", *(f"  line {n}: {w}" if n else f"  {w}" for n, w in error.lines)]))
        except OSError as error:
            fail(f"{file} cannot be read: {error.strerror}")
        found = serials.listed(connection)
    if json:
        typer.echo(msgspec.json.encode(found).decode())
        return
    for each in found:
        machine = each.machine
        where = f"{machine.key.hall}/{machine.key.terminal}"
        key = f"  {each.fingerprint} from {each.address}" if each.fingerprint else ""
        typer.echo(f"{machine.serial}  {where}  {machine.role}  {each.state.value}{key}")


@group.command()
def ticket(
    *,
    data: Data = DATA,
    database: Database = None,
    url: Annotated[str, typer.Option(help="Address of the terminal port as the machines reach it.")] = "",
) -> None:
    """Print the ticket for machines that enrol by their serial number: the same for all, and no secret."""
    folder = DataFolder(data)
    engine, authority = prepared(folder, database, WallClock())
    engine.dispose()
    running = folder.announced()
    address = url or (running.terminals if running else "https://localhost:8443")
    typer.echo(msgspec.json.encode(EnrolmentTicket(url=address, ca_sha256=authority.fingerprint)).decode())
