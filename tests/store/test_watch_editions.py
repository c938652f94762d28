"""The watch list at the terminal: the last good one is kept over a restart, what is bad or older is not taken."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.gate.watch import Watch
from kiosk.link.trust_lists import TrustLists
from kiosk.published import Published
from kiosk.store.database import Database
from kiosk.store.ledger import Ledger
from kiosk.wire.events import StaffAct
from kiosk.wire.evidence import Watched
from kiosk.wire.fleet import Signed
from kiosk.wire.signed import sign
from kiosk.wire.watch import DEALT_WITH, KIND, NOT_THEM, WatchClass, WatchEntry, WatchList
from tests.store.test_gate_book_staff import NOW, Books, _Clock, opened, passage

pytestmark = pytest.mark.anyio
KEY, ANOTHER = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def entry(identifier: str = "AAAAAAA2", person: str = "a" * 64) -> WatchEntry:
    return WatchEntry(
        id=identifier,
        person=person,
        kind=WatchClass.WANTED,
        begins=NOW - timedelta(days=1),
        ends=NOW + timedelta(days=9),
    )


def edition(version: int, *entries: WatchEntry, key: Ed25519PrivateKey = KEY) -> Signed:
    made = WatchList(version=version, hall="weinan", made=NOW, entries=entries)
    return sign(KIND, version, msgspec.json.encode(made), key)


@asynccontextmanager
async def terminal(folder: Path) -> AsyncIterator[tuple[Published, Ledger]]:
    database = await Database.open(folder / "terminal.db")
    clock = _Clock()
    public = KEY.public_key().public_bytes_raw()
    try:
        ledger, here = Ledger(database, folder / "papers", clock), Published(public, TrustLists(public, clock))
        await here.read(ledger, "gate")
        yield here, ledger
    finally:
        await database.close()


async def test_the_last_good_one_is_there_after_a_restart(tmp_path: Path) -> None:
    async with terminal(tmp_path) as (here, ledger):
        assert here.watch is None
        await here.apply(ledger, edition(3, entry()))
    async with terminal(tmp_path) as (here, _):
        assert here.watch is not None
        assert [each.id for each in here.watch.entries] == ["AAAAAAA2"]
        assert here.held([KIND]) == {KIND: 3}


async def test_an_older_one_another_key_and_what_cannot_be_read_are_not_taken(tmp_path: Path) -> None:
    good = edition(3, entry())
    nothing = msgspec.json.encode({"version": 5, "hall": "weinan", "made": NOW, "entries": [{"id": "x"}]})
    bad = (
        edition(2),
        edition(4, key=ANOTHER),
        msgspec.structs.replace(good, version=9),
        msgspec.structs.replace(edition(6), signature=good.signature),
        sign(KIND, 5, nothing, KEY),
        sign(KIND, 7, b"{", KEY),
    )
    async with terminal(tmp_path) as (here, ledger):
        await here.apply(ledger, good)
        for each in bad:
            await here.apply(ledger, each)
            assert here.held([KIND]) == {KIND: 3}, each.version
        assert here.not_taken()[KIND].version == 7, "the hub is told"
    async with terminal(tmp_path) as (here, ledger):
        assert here.held([KIND]) == {KIND: 3}
        await here.apply(ledger, edition(8))
        assert here.watch is not None
        assert here.watch.entries == ()


async def _sent_by_the_list(books: Books, identifier: str, at: datetime, reason: str) -> None:
    books.clock.at = at
    one = passage(decided=at)
    evidence = msgspec.structs.replace(one.evidence, watch=Watched(entry=identifier, list_version=1))
    one = msgspec.structs.replace(one, evidence=evidence)
    await books.ledger.keep_passage(one)
    await books.act(StaffAct.ADMITTED, one.id, reason=reason)


async def test_what_staff_dealt_with_counts_until_midnight_in_china(tmp_path: Path) -> None:
    two = WatchList(version=1, hall="weinan", made=NOW, entries=(entry(), entry("BBBBBBB2")))
    async with opened(tmp_path) as books:
        lane = Watch(lambda: two, books.staff, books.clock)
        somebody = passage().evidence
        await _sent_by_the_list(books, "AAAAAAA2", NOW, DEALT_WITH)
        await _sent_by_the_list(books, "BBBBBBB2", NOW, NOT_THEM)
        assert await books.staff.let_in_for(DEALT_WITH) == [(NOW, "AAAAAAA2")]
        found = await lane.seen(somebody)
        assert isinstance(found, Watched)
        assert found.entry == "BBBBBBB2"
        await _sent_by_the_list(books, "BBBBBBB2", NOW + timedelta(hours=1), DEALT_WITH)
        assert await lane.seen(somebody) is msgspec.UNSET
        books.clock.at = datetime(2026, 11, 23, 15, 59, tzinfo=UTC)
        assert await lane.seen(somebody) is msgspec.UNSET
        books.clock.at = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
        assert isinstance(await lane.seen(somebody), Watched)
