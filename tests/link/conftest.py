"""A real hub on free ports, a terminal enrolled at it, and an outbox in memory."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
import uuid6
from anyio.from_thread import start_blocking_portal

from hub.data import DataFolder
from hub.fleet.enrolment import make_code
from hub.rules.publish import publish_rules, publish_shipped
from hub.serve import Listening, serving
from kiosk.clock import WallClock
from kiosk.link.identity import TerminalIdentity, load
from kiosk.wire.events import Answer, Envelope, Event, Fate, Passage
from kiosk.wire.evidence import Evidence, NotMeasured, Why
from kiosk.wire.fleet import EnrolmentTicket
from kiosk.wire.rules import Decision, Reason, Verdict
from provisioning.enrol import enrol


@dataclass(frozen=True)
class Item:
    seq: int
    id: UUID
    made: datetime
    body: bytes
    papers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Deep:
    waiting: int
    dead: int
    oldest: datetime | None


@dataclass
class MemoryOutbox:
    """The contract of the store's outbox, without a disk."""

    folder: Path
    items: dict[int, Item] = field(default_factory=dict)
    dead: dict[int, str] = field(default_factory=dict)
    settled: list[Answer] = field(default_factory=list)
    postponed: set[int] = field(default_factory=set)
    done: list[str] = field(default_factory=list)

    def add(self, event: Event | bytes, papers: Sequence[bytes] = ()) -> Item:
        seq = len(self.items) + len(self.settled) + 1
        names = []
        for paper in papers:
            names.append(hashlib.sha256(paper).hexdigest())
            self.paper_path(names[-1]).write_bytes(paper)
        now = WallClock().now()
        body = event if isinstance(event, bytes) else msgspec.json.encode(Envelope(seq=seq, made=now, event=event))
        self.items[seq] = Item(seq, uuid6.uuid7(), now, body, tuple(names))
        return self.items[seq]

    async def due(self, limit: int) -> list[Item]:
        return [item for seq, item in sorted(self.items.items()) if seq not in self.postponed][:limit]

    async def settle(self, answers: Sequence[Answer]) -> None:
        for answer in answers:
            self.settled.append(answer)
            if answer.fate is Fate.LATER:
                self.postponed.add(answer.seq)
                continue
            self.items.pop(answer.seq)
            if answer.fate is Fate.REFUSED:
                self.dead[answer.seq] = answer.detail

    async def postpone(self, seqs: Sequence[int], seconds: float) -> None:
        del seconds
        self.postponed.update(seqs)

    def paper_path(self, sha256: str) -> Path:
        return self.folder / sha256

    async def paper_done(self, sha256: str) -> None:
        self.done.append(sha256)

    async def depth(self) -> Deep:
        return Deep(len(self.items), len(self.dead), None)


def passage() -> Passage:
    now = WallClock().now()
    nothing = NotMeasured(why=Why.NOT_REQUIRED)
    return Passage(
        id=uuid6.uuid7(),
        lane="1",
        began=now,
        decided=now,
        evidence=Evidence(identity=nothing, face=nothing, temperature=nothing, code=nothing, occupancy=nothing),
        decision=Decision(verdict=Verdict.REFER, reasons=(Reason.NO_IDENTITY,), rules_version=1),
    )


@dataclass
class Linked:
    """A hub and a terminal enrolled at it."""

    hub: Any
    at: Any
    identity: TerminalIdentity
    make_passage: Any = passage

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with self.hub.engine.connect() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(sql)]

    def publish_rules(self, text: str) -> int:
        with self.hub.engine.execution_options(writes=True).begin() as connection:
            return publish_rules(connection, self.hub.signing, "weinan", text, WallClock().now()).version


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Linked]:
    folder = tmp_path_factory.mktemp("linked")
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(
            serving(DataFolder(folder / "data"), Listening(console_port=0, terminal_port=0), WallClock())
        ) as (hub, at),
    ):
        with hub.engine.execution_options(writes=True).begin() as connection:
            code = make_code(connection, "weinan", "desk-1", "desk", hub.now())
            publish_shipped(connection, hub.signing, "weinan", hub.now())
        ticket = EnrolmentTicket(url=at.terminals, code=code, ca_sha256=hub.authority.fingerprint)
        enrol(ticket, folder / "identity", WallClock(), lambda _step: None)
        yield Linked(hub, at, load(folder / "identity"))


@pytest.fixture
def outbox(tmp_path: Path) -> MemoryOutbox:
    return MemoryOutbox(tmp_path)
