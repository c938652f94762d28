"""The uplink against a real hub, and against a hub that fails in chosen ways."""

import hashlib
import os
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import anyio
import msgspec
import pytest
import uuid6

from kiosk.clock import WallClock
from kiosk.link.client import HubAway, HubClient, HubRefused, PaperProgress
from kiosk.link.sync import Backoff, LinkState, Pace, Uplink
from kiosk.wire.digest import person_digest
from kiosk.wire.events import CHUNK_BYTES, Answer, Content, Fate, Paper, Person, Submission
from kiosk.wire.fleet import Health, Signed
from kiosk.wire.rules import Rules
from kiosk.wire.sealing import seal

Outbox = Any
Hall = Any
QUICK = Pace(health=0.05, screen=0.05, signed=0.05, look=0.05, first_pause=0.01, longest_pause=0.05)
DEADLINE = 30


async def until(condition: Callable[[], bool]) -> None:
    with anyio.fail_after(DEADLINE):
        while not condition():
            await anyio.sleep(0.01)


def health() -> Health:
    return Health(
        terminal="desk-1",
        role="desk",
        version="0.1.0",
        made=WallClock().now(),
        in_service=True,
        view="Welcome",
        rules_version=1,
        outbox_waiting=0,
        outbox_dead=0,
    )


@dataclass
class Terminal:
    """What the uplink is given by the terminal."""

    applied: list[Signed] = field(default_factory=list)
    png: bytes | None = None

    async def health(self) -> Health:
        return health()

    async def screen(self) -> bytes | None:
        return self.png

    async def apply(self, signed: Signed) -> None:
        self.applied.append(signed)

    def uplink(self, hub: Any, outbox: Outbox, key: bytes) -> Uplink:
        return Uplink(hub, outbox, rules_key=key, health=self.health, screen=self.screen, apply=self.apply, pace=QUICK)


def run(work: Callable[[], Awaitable[None]]) -> None:
    anyio.run(work)


async def with_uplink(uplink: Uplink, work: Callable[[], Awaitable[None]]) -> None:
    async with anyio.create_task_group() as group:
        group.start_soon(uplink.run)
        await work()
        group.cancel_scope.cancel()


def submission(identity: Any, papers: list[bytes]) -> Submission:
    now = WallClock().now()
    number = "110101199003070011"
    person = Person(name="王小明", number=number, document="resident")
    return Submission(
        id=uuid6.uuid7(),
        number=f"{identity.receipt_prefix}{random.randrange(10**8):08d}",
        item="social-card-replacement",
        item_version=1,
        began=now,
        submitted=now,
        person=person_digest(number, identity.hall_key),
        content_sealed=seal(msgspec.json.encode(Content(person=person, answers={})), identity.hub_recipient),
        papers=tuple(
            Paper(sha256=hashlib.sha256(each).hexdigest(), bytes=len(each), kind="proof", captured=now, device="doc")
            for each in papers
        ),
    )


def test_everything_arrives_at_a_real_hub(linked: Hall, outbox: Outbox) -> None:
    papers = [os.urandom(CHUNK_BYTES * 2 + 5), os.urandom(10)]
    handed_in = submission(linked.identity, papers)
    passages = [linked.make_passage() for _ in range(5)]
    terminal = Terminal(png=b"\x89PNG\r\n\x1a\n" + bytes(100))

    async def main() -> None:
        async with HubClient(linked.identity) as client:
            uplink = terminal.uplink(client, outbox, linked.identity.rules_key)
            for each in passages[:3]:
                outbox.add(each)
            outbox.add(b"damaged \xff")
            outbox.add(handed_in, papers)

            async def work() -> None:
                await until(lambda: not outbox.items)
                for each in passages[3:]:
                    outbox.add(each)
                    uplink.wake()
                await until(lambda: not outbox.items)
                await until(lambda: {signed.kind for signed in terminal.applied} >= {"rules"})
                await until(lambda: bool(linked.hub.fleet.screens))
                assert uplink.state is LinkState.UP

            await with_uplink(uplink, work)
            assert abs((await client.time() - WallClock().now()).total_seconds()) < DEADLINE

    run(main)
    assert list(outbox.dead) == [4]
    assert sorted(outbox.done) == sorted(paper.sha256 for paper in handed_in.papers)
    stored = {row[0] for row in linked.rows("SELECT id FROM passage")}
    assert {str(each.id) for each in passages} <= stored
    assert (str(handed_in.id), 2) in linked.rows("SELECT id, papers FROM submission")
    for name, paper in zip(handed_in.papers, papers, strict=True):
        assert linked.hub.papers.open(name.sha256) == paper


def test_new_rules_are_applied_once(linked: Hall, outbox: Outbox) -> None:
    terminal = Terminal()

    async def main() -> None:
        async with HubClient(linked.identity) as client:

            async def work() -> None:
                await until(lambda: any(signed.kind == "rules" for signed in terminal.applied))
                version = await anyio.to_thread.run_sync(linked.publish_rules, 'level = "II"')
                await until(lambda: terminal.applied[-1].version == version)
                await anyio.sleep(0.3)

            await with_uplink(terminal.uplink(client, outbox, linked.identity.rules_key), work)

    run(main)
    versions = [signed.version for signed in terminal.applied if signed.kind == "rules"]
    assert versions == sorted(set(versions))
    assert msgspec.json.decode(terminal.applied[-1].body, type=Rules).level == "II"


def test_data_signed_by_another_key_is_dropped(linked: Hall, outbox: Outbox) -> None:
    terminal = Terminal()
    outbox.add(linked.make_passage())

    async def main() -> None:
        async with HubClient(linked.identity) as client:

            async def work() -> None:
                await until(lambda: not outbox.items)
                await anyio.sleep(0.3)

            await with_uplink(terminal.uplink(client, outbox, bytes(32)), work)

    run(main)
    assert terminal.applied == []


class FakeHub:
    """Fails as told; otherwise stores."""

    def __init__(self) -> None:
        self.away = 0
        self.refusal: HubRefused | None = None
        self.poison: bytes | None = None
        self.batches: list[list[bytes]] = []
        self.fate = Fate.STORED
        self.papers: dict[str, bytes] = {}
        self.complete: set[str] = set()
        self.damage_first = False
        self.tries = 0

    def _may_fail(self) -> None:
        self.tries += 1
        if self.away:
            self.away -= 1
            raise HubAway("nobody answers")
        if self.refusal is not None:
            raise self.refusal

    async def post_events(self, bodies: Any) -> list[Answer]:
        self._may_fail()
        if self.poison is not None and self.poison in bodies:
            raise HubRefused(400, "not-a-batch", "not a JSON array")
        self.batches.append(list(bodies))
        return [Answer(seq=0, fate=self.fate) for _ in bodies]

    async def paper_progress(self, sha256: str) -> PaperProgress:
        self._may_fail()
        return PaperProgress(len(self.papers.get(sha256, b"")), sha256 in self.complete)

    async def put_paper(self, sha256: str, offset: int, total: int, chunk: bytes) -> PaperProgress:
        self._may_fail()
        held = self.papers.get(sha256, b"")
        if offset != len(held):
            return PaperProgress(len(held), complete=False)
        held += chunk
        if len(held) == total:
            if self.damage_first or hashlib.sha256(held).hexdigest() != sha256:
                self.damage_first = False
                self.papers.pop(sha256, None)
                raise HubRefused(422, "wrong-digest", "it was deleted")
            self.complete.add(sha256)
        self.papers[sha256] = held
        return PaperProgress(len(held), sha256 in self.complete)

    async def post_health(self, health: Health) -> None:
        del health
        self._may_fail()

    async def put_screen(self, png: bytes) -> None:
        del png

    async def signed(self, kind: str, known: str = "") -> tuple[Signed, str] | None:
        del kind, known
        return None


def drain(hub: FakeHub, outbox: Outbox, done: Callable[[Uplink], bool]) -> Uplink:
    uplink = Terminal().uplink(hub, outbox, bytes(32))

    async def main() -> None:
        async def work() -> None:
            await until(lambda: done(uplink))

        await with_uplink(uplink, work)

    run(main)
    return uplink


def test_nothing_is_lost_while_the_hub_is_away(outbox: Outbox, linked: Hall) -> None:
    hub = FakeHub()
    hub.away = 12
    bodies = [outbox.add(linked.make_passage()).body for _ in range(3)]
    drain(hub, outbox, lambda _uplink: not outbox.items)
    assert hub.batches == [bodies]
    assert outbox.dead == {}


def test_a_refused_terminal_keeps_everything_and_says_so(outbox: Outbox, linked: Hall) -> None:
    hub = FakeHub()
    hub.refusal = HubRefused(401, "certificate-replaced", "enrol again")
    outbox.add(linked.make_passage())
    drain(hub, outbox, lambda uplink: uplink.state is LinkState.REFUSED and hub.tries > 3)
    assert len(outbox.items) == 1
    assert outbox.dead == {}


def test_one_item_that_spoils_the_batch_is_found_and_buried(outbox: Outbox, linked: Hall) -> None:
    hub = FakeHub()
    items = [outbox.add(linked.make_passage()) for _ in range(4)]
    hub.poison = items[2].body
    drain(hub, outbox, lambda _uplink: not outbox.items)
    assert list(outbox.dead) == [items[2].seq]
    assert [body for batch in hub.batches for body in batch] == [items[place].body for place in (0, 1, 3)]


def test_answers_are_taken_by_place(outbox: Outbox, linked: Hall) -> None:
    """The hub says 0 where it could not read the number; the uplink knows which item it was."""
    hub = FakeHub()
    hub.fate = Fate.REFUSED
    items = [outbox.add(linked.make_passage()) for _ in range(2)]
    drain(hub, outbox, lambda _uplink: not outbox.items)
    assert sorted(outbox.dead) == [item.seq for item in items]


def test_later_stays_and_does_not_spin(outbox: Outbox, linked: Hall) -> None:
    hub = FakeHub()
    hub.fate = Fate.LATER
    outbox.add(linked.make_passage())
    drain(hub, outbox, lambda _uplink: bool(outbox.postponed))
    assert len(outbox.items) == 1
    assert len(hub.batches) == 1


def test_a_part_the_hub_found_damaged_is_sent_again(outbox: Outbox, linked: Hall) -> None:
    hub = FakeHub()
    hub.damage_first = True
    paper = os.urandom(CHUNK_BYTES + 9)
    outbox.add(linked.make_passage(), [paper])
    drain(hub, outbox, lambda _uplink: not outbox.items)
    assert hub.papers[hashlib.sha256(paper).hexdigest()] == paper
    assert outbox.dead == {}


@pytest.mark.parametrize("how", ["gone", "damaged", "short"])
def test_a_paper_that_is_lost_here_buries_its_own_submission_only(outbox: Outbox, linked: Hall, how: str) -> None:
    hub = FakeHub()
    before = outbox.add(linked.make_passage())
    paper = os.urandom(5000)
    bad = outbox.add(linked.make_passage(), [paper])
    after = outbox.add(linked.make_passage())
    name = hashlib.sha256(paper).hexdigest()
    path = outbox.paper_path(name)
    if how == "gone":
        path.unlink()
    elif how == "damaged":
        path.write_bytes(bytes(5000))
    else:
        hub.papers[name] = paper
        path.write_bytes(paper[:100])
    drain(hub, outbox, lambda _uplink: not outbox.items)
    assert list(outbox.dead) == [bad.seq]
    assert [body for batch in hub.batches for body in batch] == [before.body, after.body]


def test_an_upload_goes_on_where_it_stopped(outbox: Outbox, linked: Hall) -> None:
    hub = FakeHub()
    paper = os.urandom(CHUNK_BYTES * 3)
    name = hashlib.sha256(paper).hexdigest()
    hub.papers[name] = paper[: CHUNK_BYTES + 1]
    outbox.add(linked.make_passage(), [paper])
    drain(hub, outbox, lambda _uplink: not outbox.items)
    assert hub.papers[name] == paper
    assert outbox.done == [name]


def test_pauses_grow_and_end() -> None:
    backoff = Backoff(1, 8, random.Random(7))
    pauses = [backoff.next() for _ in range(8)]
    for pause, whole in zip(pauses, [1, 2, 4, 8, 8, 8, 8, 8], strict=True):
        assert whole / 2 <= pause <= whole
    backoff.reset()
    assert backoff.next() <= 1


def test_a_hub_that_is_not_there(linked: Hall) -> None:
    import dataclasses

    async def main() -> None:
        nowhere = dataclasses.replace(linked.identity, url="https://localhost:1")
        async with HubClient(nowhere) as client:
            with pytest.raises(HubAway):
                await client.time()

    run(main)
