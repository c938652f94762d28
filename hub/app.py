"""The hub put together: data folder, keys, database, writer, and what is live."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar
from uuid import uuid4

import anyio
from anyio.to_thread import run_sync
from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import ArgumentError, DBAPIError

from hub.api.peer import Certificates
from hub.ca import Authority
from hub.data import DataFolder
from hub.fleet.live import Fleet, Signal
from hub.fleet.roles import Roles
from hub.gate.heads import Heads
from hub.help.desk import HelpDesk
from hub.help.settings import FILE as HELP_FILE
from hub.help.settings import load_or_default
from hub.office.received import adopt
from hub.people.streams import OpenStreams
from hub.rules.publish import publish_shipped
from hub.store import schema
from hub.store.engine import UnfitDatabase, open_migrated
from hub.store.leader import Leader
from hub.store.objects import open_papers
from hub.store.writer import Writer
from hub.submissions.check import Elsewhere
from hub.submissions.intake import Intake
from kiosk.clock import Clock

T = TypeVar("T")
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
"""Names of halls and terminals: they stand in certificates, file names and addresses."""


class CannotOpen(Exception):
    """The database does not answer, or there is none of that name."""


def prepare(data: DataFolder, url: str | None, clock: Clock) -> tuple[Engine, Authority]:
    """Make what is missing in a data folder, and bring its database up to date.

    Args:
        data: The folder.
        url: The database, if another than `hub.db` in it.
        clock: For the CA's dates.

    Raises:
        CannotOpen: The database does not answer, is none of ours, or the URL names none.
        hub.store.engine.UnsafeDatabase: The SQLite here is too old.
    """
    with data.making():
        data.make_keys()
        authority = Authority(data.ca, clock.now())
        try:
            engine = open_migrated(url or f"sqlite:///{data.database.resolve()}")
        except ImportError as error:
            raise CannotOpen(f"{error}: PostgreSQL's URL begins with postgresql+psycopg://") from error
        except UnfitDatabase as error:
            raise CannotOpen(str(error)) from error
        except (ArgumentError, DBAPIError) as error:
            why = " ".join(str(error).partition("\n(Background")[0].partition("\n[SQL")[0].split())
            raise CannotOpen(f"{why.rstrip('.?')}. See that it runs, and that --database names it.") from error
        data.note_database(engine.dialect.name)
    return engine, authority


class Hub:
    """Everything the routes need.

    Args:
        data: The data folder, prepared.
        engine: The database, prepared.
        authority: The CA.
        clock: The time.
    """

    def __init__(self, data: DataFolder, engine: Engine, authority: Authority, clock: Clock) -> None:
        self.data = data
        self.engine = engine
        self.authority = authority
        self.clock = clock
        self.papers = open_papers(data)
        self.intake = Intake(self.papers, data.hall_key)
        self.elsewhere = Elsewhere()
        self.roles = Roles(self.read)
        self.fleet = Fleet()
        self.stored = Signal()
        """Fires after each commit."""
        self.ordered = Signal()
        """Fires when something new is asked of a terminal."""
        self.stopping = anyio.Event()
        self.sign = uuid4().hex
        """This process, among those that serve one database."""
        self.leader = Leader(engine, clock)
        self.writer = Writer(engine, self.stored.fire, self.sign)
        self.heads = Heads(self.read, self.writer.do_together)
        self.streams = OpenStreams(self.read, clock)
        self.help = HelpDesk(self, self.writer, load_or_default(data.path / HELP_FILE))
        self.certificates = Certificates()
        self.unsealing = data.unsealing_identity()
        self.signing = data.signing_key()
        with engine.execution_options(writes=True).begin() as connection:
            for (hall,) in connection.execute(select(schema.hall.c.hall)).all():
                publish_shipped(connection, self.signing, hall, clock.now())
            adopt(connection, clock.now())
            self.certificates.load(connection)

    def now(self) -> datetime:
        """The time, UTC."""
        return self.clock.now()

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Read from the database, in a thread."""

        def run() -> T:
            with self.engine.connect() as connection:
                return work(connection)

        return await run_sync(run)

    def stop(self) -> None:
        """Let the open streams end."""
        self.stopping.set()
        self.stored.fire()
        self.ordered.fire()
        self.fleet.changed.fire()
