"""What the commands of `python -m hub` have in common: options, and how they refuse."""

import logging
import re
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Final, NoReturn

import structlog
import typer
from sqlalchemy import Connection, Engine

from hub.app import NAME, CannotOpen, prepare
from hub.ca import Authority
from hub.data import DataFolder
from hub.store.engine import UnsafeDatabase
from kiosk.clock import CHINA, Clock


def _folder(path: Path) -> Path:
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise typer.BadParameter(f"{path} cannot be made ({error.strerror}): name a folder that is yours") from error
    return path


DATABASE_VARIABLE: Final = "KIOSK_HUB_DATABASE"
Data = Annotated[
    Path,
    typer.Option(
        file_okay=False, callback=_folder, help="Folder with the hub's database, keys and papers; made if missing."
    ),
]
Database = Annotated[
    str | None,
    typer.Option(
        envvar=DATABASE_VARIABLE,
        help="Database URL, if another than DATA/hub.db. In the environment nobody else reads its password.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else on stdout.")]
Hall = Annotated[str, typer.Option(help="The hall, e.g. weinan: small letters, digits, - and _.")]
DATA: Final = Path("var/hub")

_MOST_FILES: Final = 1 << 18
_FEW_FILES: Final = 4096
_AGO = re.compile(r"([0-9]{1,4})([hd])")


def fail(message: object) -> NoReturn:
    """Say why a command cannot be done, and end with exit code 2."""
    typer.echo(f"hub: {message}", err=True)
    raise typer.Exit(2)


def checked_name(what: str, name: str) -> str:
    """A name of a hall or terminal, or a refusal."""
    if not NAME.fullmatch(name):
        fail(f"{what} {name!r}: small letters, digits, - and _ only, at most 63")
    return name


def moment(text: str, now: datetime) -> datetime:
    """A point in time as somebody types it: `7d` or `24h` ago, a date in China, or a date and time (ISO 8601)."""
    if ago := _AGO.fullmatch(text):
        number = int(ago[1])
        return now - (timedelta(hours=number) if ago[2] == "h" else timedelta(days=number))
    try:
        given = datetime.fromisoformat(text) if "T" in text else datetime.combine(date.fromisoformat(text), time())
    except ValueError:
        fail(f"{text!r} is no time: 7d, 24h, 2026-11-20 or 2026-11-20T08:00")
    return given if given.tzinfo is not None else given.replace(tzinfo=CHINA)


def where_it_served(data: DataFolder, database: str | None) -> None:
    """Refuse to work on an empty `hub.db` where the hub of a folder is on another database."""
    if database is None and (kind := data.elsewhere()):
        fail(
            f"the hub in {data.path} has its database on {kind}: give --database URL, or set {DATABASE_VARIABLE};"
            " to bring it back into the folder, python -m hub move --to sqlite --database URL;"
            f" to begin anew in hub.db, delete {data.path / 'database'} first"
        )


def prepared(data: DataFolder, database: str | None, clock: Clock) -> tuple[Engine, Authority]:
    """What `hub.app.prepare` makes, or a refusal that says what to do.

    Args:
        data: The folder.
        database: As it was given; None for `hub.db` in it.
        clock: For the CA's dates.
    """
    where_it_served(data, database)
    try:
        return prepare(data, database, clock)
    except (CannotOpen, UnsafeDatabase) as error:
        fail(f"the database cannot be opened: {error}")


@contextmanager
def reading(data: Path, clock: Clock, database: str | None = None) -> Iterator[Connection]:
    """The hub's database, for reading."""
    engine, _ = prepared(DataFolder(data), database, clock)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


@contextmanager
def writing(data: Path, clock: Clock, database: str | None = None) -> Iterator[Connection]:
    """The hub's database, in one transaction; works beside a running hub."""
    engine, _ = prepared(DataFolder(data), database, clock)
    try:
        with engine.execution_options(writes=True).begin() as connection:
            yield connection
    finally:
        engine.dispose()


def open_files() -> None:
    """Let this process have as many open files, and so connections, as the system allows it at all.

    Services begin with 1,024: fewer than a city has terminals, each of which keeps one connection.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, _MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    if wanted < _FEW_FILES:
        structlog.get_logger().warning("few connections are possible", most=wanted, do="raise the limit of open files")


def log_to_stderr() -> None:
    """One JSON object a line; nothing personal is ever handed to the log."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
    )
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
