"""`python -m hub edge …`: make an edge's folder at the city, serve it in the hall, see how it stands."""

import signal
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import anyio
import msgspec
import typer
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from hub.data import DataFolder
from hub.edge.folder import BadEdge, make_folder, open_folder
from hub.edge.making import NameTaken, register_edge
from hub.edge.serve import serving_edge
from hub.edge.spool import Spool
from hub.options import DATA, AsJson, Data, Database, Hall, checked_name, fail, log_to_stderr, open_files, prepared
from hub.serve import CannotListen
from kiosk.clock import CHINA, WallClock

group = typer.Typer(help="A hall's own hub in front of this one.", no_args_is_help=True)
Folder = Annotated[Path, typer.Option("--folder", help="The edge's folder.")]


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


@group.command()
def make(
    *,
    hall: Hall,
    name: Annotated[str, typer.Option(help="Name of the edge in its hall, e.g. edge-1.")] = "edge-1",
    host: Annotated[list[str], typer.Option(help="Name or address that the hall's terminals call it by; repeatable.")],
    city: Annotated[str, typer.Option(help="Address of this hub's terminal port, as the hall reaches it.")],
    out: Annotated[Path, typer.Option(help="The folder to make; carry it to the hall, it holds the edge's keys.")],
    data: Data = DATA,
    database: Database = None,
) -> None:
    """Make the folder of a hall's own hub: its one setting, and its certificates. Again: new ones, the old ones end."""
    checked_name("hall", hall)
    checked_name("name", name)
    folder, clock = DataFolder(data), WallClock()
    engine, authority = prepared(folder, database, clock)
    key = ec.generate_private_key(ec.SECP256R1())
    try:
        with engine.execution_options(writes=True).begin() as connection:
            issued = register_edge(connection, authority, hall, name, key.public_key(), clock.now())
    except NameTaken as error:
        fail(error)
    finally:
        engine.dispose()
    server_key, server = authority.certify_server({*host, "localhost", "127.0.0.1"}, name, clock.now())
    try:
        made = make_folder(
            out,
            city,
            hall,
            name,
            authority.pem,
            issued.pem.encode() + _pem(key),
            server.public_bytes(serialization.Encoding.PEM) + _pem(server_key),
        )
    except BadEdge as error:
        fail(error)
    ends = min(issued.expires, server.not_valid_after_utc)
    typer.echo(
        f"{made.path}: good until {ends:%Y-%m-%d}. In the hall: python -m hub edge serve --folder {made.path.name}"
    )


@group.command()
def serve(
    *,
    folder: Folder,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "0.0.0.0",  # noqa: S104  TLS with certificates
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any free one.")] = 8443,
) -> None:
    """Serve the hall's terminals, and carry on to the city what they report. Prints the address."""
    try:
        opened = open_folder(folder)
    except BadEdge as error:
        fail(error)
    log_to_stderr()
    open_files()

    async def main() -> None:
        # First of all, so that a signal is never met by its default action, which would not be a clean stop.
        with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
            async with serving_edge(opened, host, port, WallClock()) as (_, address):
                typer.echo(msgspec.json.encode({"terminals": address}).decode())
                sys.stdout.flush()
                await anext(aiter(signals))

    try:
        anyio.run(main, backend_options={"use_uvloop": True})
    except* CannotListen as found:
        fail(found.exceptions[0])


@group.command()
def retry(
    ids: Annotated[list[str] | None, typer.Argument(help="Ids of events, as status shows them; none: all.")] = None,
    *,
    folder: Folder,
) -> None:
    """Carry on once more what the city refused, after it was put right there. Works beside a serving edge."""
    try:
        spool = Spool(open_folder(folder).spool)
    except BadEdge as error:
        fail(error)
    known = {event for _, event, _ in spool.dead()}
    if unknown := sorted(set(ids or ()) - known):
        fail(f"the city refused nothing called {', '.join(unknown)}: python -m hub edge status --folder {folder}")
    number = spool.retry(ids or ())
    spool.close()
    typer.echo(f"{number} will be carried on again")


@group.command()
def status(*, folder: Folder, json: AsJson = False) -> None:
    """How much waits for the city, since when, and what the city refused. Works beside a serving edge."""
    try:
        spool = Spool(open_folder(folder).spool)
    except BadEdge as error:
        fail(error)
    standing, dead = spool.standing(), spool.dead()
    spool.close()
    oldest = None if standing.oldest is None else datetime.fromtimestamp(standing.oldest, CHINA)
    if json:
        refused = [{"terminal": terminal, "id": event, "why": why} for terminal, event, why in dead]
        told = {"waiting": standing.waiting, "oldest": oldest, "refused": refused}
        typer.echo(msgspec.json.encode(told).decode())
        return
    since = f", the oldest since {oldest:%Y-%m-%d %H:%M}" if oldest else ""
    typer.echo(f"{standing.waiting} wait{since}; {standing.dead} refused by the city")
    for terminal, event, why in dead:
        typer.echo(f"  {terminal} {event}: {why}")
