"""`python -m hub`: serve, make enrolment codes, issue appointments, publish rules; more in `hub.gate.commands`.

Exit codes: 0 done; 2 wrong arguments, or what was asked cannot be done, said on stderr.
"""

import signal
import sys
from datetime import timedelta
from io import StringIO
from typing import Annotated
from urllib.parse import urlsplit

import anyio
import msgspec
import segno
import structlog
import typer

from hub.app import CannotOpen
from hub.audit.chain import Actor, Who, append
from hub.audit.commands import group as audit_group
from hub.backup import group as backup_group
from hub.catalogue.commands import catalogue
from hub.certificate import NoHost, checked_host
from hub.data import AlreadyServed, DataFolder
from hub.edge.commands import group as edge_group
from hub.fleet.commands import group as terminal_group
from hub.fleet.enrolment import NoReceiptRange, OtherRole, ensure_hall, make_code
from hub.fleet.release_commands import group as release_group
from hub.gate.commands import register
from hub.move import move_command
from hub.office.commands import group as office_group
from hub.options import DATA as _DATA
from hub.options import AsJson, Data, Database, Hall, log_to_stderr, open_files, prepared, where_it_served
from hub.options import checked_name as _checked_name
from hub.options import fail as _fail
from hub.people.appointments import appoint
from hub.rules.commands import group, publish
from hub.rules.publish import publish_shipped
from hub.rules.trust import trust
from hub.serve import CannotListen, Listening, NotLoopback, serving
from hub.store.engine import UnsafeDatabase
from kiosk.clock import WallClock
from kiosk.wire.codes import CodeClaims
from kiosk.wire.digest import person_digest
from kiosk.wire.fleet import EnrolmentTicket

app = typer.Typer(
    help="The central server of the hall's terminals.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
_TERMINAL_PORT = 8443


def _print_qr(text: str) -> None:
    out = StringIO()
    segno.make(text, error="m", micro=False).terminal(out=out, border=2, compact=True)
    typer.echo(out.getvalue())


@app.command()
def serve(
    *,
    data: Data = _DATA,
    console_port: Annotated[int, typer.Option(min=0, max=65535, help="Console, HTTP. 0: any free port.")] = 8080,
    terminal_port: Annotated[
        int, typer.Option(min=0, max=65535, help="Terminals, TLS 1.3. 0: any free port.")
    ] = _TERMINAL_PORT,
    host: Annotated[str, typer.Option(help="Address of the terminal port; 0.0.0.0 for all.")] = "127.0.0.1",
    name: Annotated[
        list[str] | None,
        typer.Option(help="Name or address that terminals call this hub by, also through a proxy; repeatable."),
    ] = None,
    console_host: Annotated[str, typer.Option(help="Address of the console: loopback only.")] = "127.0.0.1",
    console_name: Annotated[
        str, typer.Option(help="What browsers call the console by: then it speaks TLS, on any --console-host.")
    ] = "",
    database: Database = None,
    phone_port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Page for papers from telephones, HTTP. 0: any free port.")
    ] = None,
    metrics_port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="Figures for Prometheus at /metrics, HTTP, on the console's host."),
    ] = None,
    phone_host: Annotated[str, typer.Option(help="Address of that page.")] = "127.0.0.1",
    phone_url: Annotated[
        str, typer.Option(help="That page as telephones reach it, through a proxy with TLS: https://HOST")
    ] = "",
) -> None:
    """Serve the console and the terminals until SIGINT or SIGTERM.

    When both listen, one JSON line on stdout says where: {"console": "http://…", "terminals": "https://…"}.
    """
    where_it_served(DataFolder(data), database)
    try:
        names = tuple(checked_host(each) for each in name or ())
    except NoHost as error:
        _fail(error)
    log_to_stderr()
    log = structlog.get_logger()
    open_files()

    async def main() -> None:
        listening = Listening(
            host,
            console_host,
            console_port,
            terminal_port,
            phone_host,
            phone_port,
            phone_url,
            metrics_port=metrics_port,
            names=names,
            console_name=console_name,
        )
        # First of all, so that a signal is never met by its default action, which would not be a clean stop.
        with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
            async with serving(DataFolder(data), listening, WallClock(), database) as (_, addresses):
                typer.echo(msgspec.json.encode(addresses).decode())
                sys.stdout.flush()
                log.info("serving", console=addresses.console, terminals=addresses.terminals)
                received = await anext(aiter(signals))
                log.info("stopping", signal=received.name)
        log.info("stopped")

    try:
        anyio.run(main, backend_options={"use_uvloop": True})
    except* (NotLoopback, CannotListen, AlreadyServed, CannotOpen, UnsafeDatabase) as group:
        _fail(group.exceptions[0])


@app.command()
def code(
    *,
    terminal: Annotated[str, typer.Option(help="Name of the terminal in its hall, e.g. gate-1.")],
    role: Annotated[str, typer.Option(help="gate or desk.")],
    hall: Hall,
    data: Data = _DATA,
    database: Database = None,
    url: Annotated[str, typer.Option(help="Address of the terminal port as the terminal reaches it.")] = "",
    by: Annotated[str, typer.Option(help="Who does this; is written down.")] = "shell",
    json: AsJson = False,
) -> None:
    """Make a one-time code with which a terminal enrols: good for 15 minutes and one terminal.

    Works beside a running hub. Prints the ticket: the hub's address, the code, and the fingerprint of the hub's CA.
    """
    _checked_name("hall", hall)
    _checked_name("terminal", terminal)
    if role not in {"gate", "desk"}:
        _fail(f"role {role!r}: gate or desk")
    folder, clock = DataFolder(data), WallClock()
    engine, authority = prepared(folder, database, clock)
    running = folder.announced()
    address = url or (running.terminals if running else f"https://localhost:{_TERMINAL_PORT}")
    try:
        with engine.execution_options(writes=True).begin() as connection:
            one_time = make_code(connection, hall, terminal, role, clock.now())
            append(connection, Who(Actor.OPERATOR, "", by[:64]), "enrolment_code", f"{hall}/{terminal}", clock.now())
            publish_shipped(connection, folder.signing_key(), hall, clock.now())
    except (NoReceiptRange, OtherRole) as error:
        _fail(error)
    ticket = msgspec.json.encode(EnrolmentTicket(url=address, code=one_time, ca_sha256=authority.fingerprint)).decode()
    typer.echo(ticket)
    if not json and urlsplit(address).hostname in {"localhost", "127.0.0.1", "::1"}:
        typer.echo(f"{address} is good on this machine only: for others --url https://NAME:PORT", err=True)
    if not json:
        _print_qr(ticket)
        typer.echo(f"{hall}/{terminal}: {one_time}, good for 15 minutes.", err=True)


class _Issued(msgspec.Struct):
    code: str
    claims: CodeClaims


@app.command()
def appointment(
    *,
    hall: Hall,
    number: Annotated[str, typer.Option(help="Document number it is made out to; none: whoever shows it.")] = "",
    starts_in: Annotated[float, typer.Option(help="Minutes from now until it is good; may be negative.")] = 0,
    minutes: Annotated[float, typer.Option(min=1, help="How long it is good for.")] = 60,
    companions: Annotated[int, typer.Option(min=0, max=20, help="How many may come along.")] = 0,
    visitor: Annotated[
        bool, typer.Option("--visitor", help="A visitor's code: for the door, of no department.")
    ] = False,
    data: Data = _DATA,
    database: Database = None,
    json: AsJson = False,
) -> None:
    """Issue an appointment code. The document number is neither stored nor contained in it, only its digest."""
    _checked_name("hall", hall)
    folder, clock = DataFolder(data), WallClock()
    engine, _ = prepared(folder, database, clock)
    now = clock.now().replace(microsecond=0)  # codes keep whole seconds
    not_before = now + timedelta(minutes=starts_in)
    with engine.execution_options(writes=True).begin() as connection:
        ensure_hall(connection, hall, now)
        claims, text = appoint(
            connection,
            folder.signing_key(),
            hall=hall,
            person=person_digest(number, folder.hall_key(hall)) if number else "",
            not_before=not_before,
            expires=not_before + timedelta(minutes=minutes),
            companions=companions,
            now=now,
            visitor=visitor,
        )
    if json:
        typer.echo(msgspec.json.encode(_Issued(text, claims)).decode())
    else:
        typer.echo(text)
        _print_qr(text)


app.command()(publish)
app.command()(group)
app.command()(trust)
app.add_typer(release_group, name="release")
app.add_typer(catalogue, name="catalogue")
register(app)
app.add_typer(office_group, name="office")
app.add_typer(audit_group, name="audit")
app.add_typer(terminal_group, name="terminal")
app.add_typer(backup_group, name="backup")
app.command("move")(move_command)
app.add_typer(edge_group, name="edge")

if __name__ == "__main__":
    app()
