"""An office with a clock of its own and a database, as far as messages and reminders need it."""

import itertools
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar

import httpx
import msgspec
import pyrage
import pytest
import uuid6
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, Engine, insert, select

from benchmarks.postgres import NoPostgres, Server, postgres
from drivers.simulate.text_gateway import TextGatewayServer
from hub.audit.chain import Actor, Who
from hub.fleet.enrolment import ensure_hall
from hub.fleet.live import TerminalKey
from hub.office.records import Record, find
from hub.rules.publish import publish_shipped
from hub.store import schema
from hub.store.engine import migrate, open_engine
from hub.submissions.records import follow_desk
from hub.submissions.sealed import check_sealed
from hub.texts.contacts import About, give, left
from hub.texts.tasks import Texts
from kiosk.wire.events import Content, Envelope, Person, Submission
from kiosk.wire.sealing import recipient_of, seal
from kiosk.wire.texts import CONSENT, TextsWanted

T = TypeVar("T")
MORNING = datetime(2026, 11, 2, 2, tzinfo=UTC)
"""Monday, ten o'clock in China."""
PHONE = "+8613800000011"
DESK = TerminalKey("a", "desk-1")
WINDOW = Who(Actor.WINDOW, "a", "w01")
BACK = Who(Actor.BACK_OFFICE, "a", "b01")


@dataclass
class Hour:
    """A clock that is set."""

    at: datetime = MORNING

    def now(self) -> datetime:
        return self.at

    def seconds(self) -> float:
        return self.at.timestamp()

    def on(self, **span: float) -> None:
        self.at += timedelta(**span)


@dataclass
class Office:
    """A database with one hall, a gateway, and the sender of messages."""

    engine: Engine
    folder: Path
    clock: Hour = field(default_factory=Hour)
    identity: str = field(default_factory=lambda: str(pyrage.x25519.Identity.generate()))
    count: Any = field(default_factory=lambda: itertools.count(1))

    def write(self, work: Callable[[Connection], T]) -> T:
        with self.engine.execution_options(writes=True).begin() as connection:
            return work(connection)

    def read(self, work: Callable[[Connection], T]) -> T:
        with self.engine.connect() as connection:
            return work(connection)

    def rows(self, table: Any) -> Sequence[Any]:
        return self.read(lambda connection: connection.execute(select(table).order_by(table.c.number)).all())

    def hub(self) -> Any:
        """As much of a hub as sends messages, over this database and this clock."""

        async def read(work: Callable[[Connection], T]) -> T:
            return self.read(work)

        async def do(work: Callable[[Connection], T]) -> T:
            return self.write(work)

        return SimpleNamespace(
            data=SimpleNamespace(path=self.folder),
            read=read,
            writer=SimpleNamespace(do=do),
            now=self.clock.now,
            unsealing=self.identity,
        )

    def configure(self, gateway: TextGatewayServer, **more: object) -> None:
        (self.folder / "texts.secret").write_bytes(gateway.secret)
        values = {"url": gateway.url, "client": "hall", "secret_file": "texts.secret", "timeout_seconds": 5, **more}
        lines = [f"{key} = {msgspec.json.encode(value).decode()}\n" for key, value in values.items()]
        (self.folder / "texts.toml").write_text("".join(lines), encoding="utf-8")

    async def look(self) -> None:
        """What the hub does twice a second."""
        async with httpx.AsyncClient(trust_env=False, verify=False) as client:  # noqa: S501  the gateway speaks plainly
            await Texts(self.hub(), client).look()

    def wanted(self, phone: str = PHONE, language: str = "zh-Hans") -> TextsWanted:
        return TextsWanted(phone=phone, consent=CONSENT, language=language, agreed=self.clock.now())

    def hand_in(self, phone: str = PHONE, *, language: str = "zh-Hans", item: str = "business-licence") -> Record:
        """A submission, with the number that its person left; none for an empty one."""
        place = next(self.count)
        recipient = recipient_of(self.identity)

        def sealed(what: object) -> bytes:
            return seal(msgspec.json.encode(what), recipient)

        person = Person(name="王小明", number="110101199003070011", document="resident")
        event = Submission(
            id=uuid6.uuid7(),
            number=f"000097{place:08d}",
            item=item,
            item_version=1,
            began=self.clock.now(),
            submitted=self.clock.now(),
            person="1" * 64,
            name_masked="王*明",
            content_sealed=sealed(Content(person=person, answers={})),
            texts_sealed=sealed(self.wanted(phone, language)) if phone else b"",
        )
        inside = check_sealed(event, self.identity)
        body = msgspec.json.encode(Envelope(seq=place, made=self.clock.now(), event=event)).decode()

        def store(connection: Connection) -> None:
            position = connection.execute(
                insert(schema.event)
                .values(
                    hall="a",
                    terminal="desk-1",
                    id=str(event.id),
                    seq=place,
                    kind="submission",
                    made=self.clock.now(),
                    received=self.clock.now(),
                    body=body,
                )
                .returning(schema.event.c.position)
            ).scalar_one()
            follow_desk(connection, DESK, event, position, inside, lambda _hall: b"k" * 32, self.clock.now())

        self.write(store)
        return self.record(event.number)

    def record(self, number: str) -> Record:
        found = self.read(lambda connection: find(connection, number))
        assert found is not None
        return found

    def step(self, work: Callable[..., Any], record: Record, *more: Any, who: Who = WINDOW, **named: Any) -> Record:
        """One of `hub.office.staff_steps`, on the newest version."""
        version = self.record(record.number).version
        self.write(lambda connection: work(connection, record.number, version, who, self.clock.now(), *more, **named))
        return self.record(record.number)

    def leave(self, about: About, subject: str, phone: str = PHONE, hall: str = "a") -> None:
        given = left(self.wanted(phone), self.identity)
        self.write(lambda connection: give(connection, hall, about, subject, given, WINDOW, self.clock.now()))


def office_on(url: str, folder: Path) -> Office:
    """An office on a database."""
    engine = open_engine(url)
    migrate(engine)
    office = Office(engine, folder)
    key = Ed25519PrivateKey.generate()

    def begin(connection: Connection) -> None:
        ensure_hall(connection, "a", MORNING)
        publish_shipped(connection, key, "a", MORNING)
        connection.execute(
            insert(schema.terminal).values(hall="a", terminal="desk-1", role="desk", receipt_range=97, made=MORNING)
        )

    office.write(begin)
    return office


def copy_of(ready: Office, folder: Path) -> Office:
    """The same office in a file of its own: a migration takes longer than a test."""
    shutil.copy(ready.folder / "hub.db", folder / "hub.db")
    return Office(open_engine(f"sqlite:///{folder / 'hub.db'}"), folder)


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """For a test module to import: made once, copied for each of its tests."""
    folder = tmp_path_factory.mktemp("office")
    made = office_on(f"sqlite:///{folder / 'hub.db'}", folder)
    made.engine.dispose()
    return made


@pytest.fixture
def office(ready: Office, tmp_path: Path) -> Iterator[Office]:
    """For a test module to import, beside `ready`."""
    made = copy_of(ready, tmp_path)
    yield made
    made.engine.dispose()


@pytest.fixture
def anyio_backend() -> str:
    """For a test module to import."""
    return "asyncio"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """For a test module to import: a PostgreSQL of its own."""
    try:
        with postgres() as server:
            yield server
    except NoPostgres as error:
        pytest.skip(str(error))
