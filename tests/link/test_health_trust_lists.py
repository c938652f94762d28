"""Trust lists on the terminal: taken from the hub, kept, put in force when their time comes."""

from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from kiosk.link.trust_lists import KINDS, TrustLists
from kiosk.store.database import Database
from kiosk.store.ledger import Ledger
from kiosk.wire.fleet import Signed
from kiosk.wire.trust import Scheme
from tests.certificates.mint import NOW, Mint

pytestmark = pytest.mark.anyio


class Clock:
    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def mint() -> Mint:
    return Mint()


def edition(mint: Mint, version: int = 1, **changed: datetime) -> Signed:
    data = mint.signed(Scheme.EU_DCC, mint.keys(Scheme.EU_DCC), version, **changed)
    return msgspec.json.decode(data, type=Signed)


async def version_of(lists: TrustLists) -> int:
    trust = await lists.in_force()
    return trust.lists[Scheme.EU_DCC].version if Scheme.EU_DCC in trust.lists else 0


async def test_the_newest_is_in_force_and_the_older_refused(mint: Mint) -> None:
    lists = TrustLists(mint.hub_key, Clock())
    assert await version_of(lists) == 0
    assert await lists.take(edition(mint, 3))
    assert not await lists.take(edition(mint, 2))
    assert await version_of(lists) == 3
    assert await lists.take(edition(mint, 4))
    assert await version_of(lists) == 4


async def test_what_the_hub_did_not_sign_changes_nothing(mint: Mint) -> None:
    lists = TrustLists(mint.hub_key, Clock())
    await lists.take(edition(mint, 1))
    good = edition(mint, 2)
    assert not await lists.take(msgspec.structs.replace(good, body=good.body + b" "))
    assert not await lists.take(msgspec.structs.replace(good, version=9))
    assert not await lists.take(edition(Mint(), 2))
    assert await version_of(lists) == 1


async def test_one_that_begins_later_comes_in_force_then(mint: Mint) -> None:
    clock = Clock()
    lists = TrustLists(mint.hub_key, clock)
    await lists.take(edition(mint, 1))
    tomorrow = edition(mint, 2, not_before=NOW + timedelta(days=1))
    assert not await lists.take(tomorrow)
    assert await version_of(lists) == 1
    clock.at += timedelta(days=1, seconds=1)
    assert await version_of(lists) == 2


async def test_a_clock_that_was_a_year_slow_costs_no_list(mint: Mint) -> None:
    """After a flat battery the terminal believes it is last year: each list is of the future, until it is told."""
    clock = Clock()
    clock.at -= timedelta(days=365)
    lists = TrustLists(mint.hub_key, clock)
    assert not await lists.take(edition(mint, 1))
    assert await version_of(lists) == 0
    clock.at = NOW
    assert await version_of(lists) == 1


async def test_one_that_is_overtaken_before_its_time_never_comes(mint: Mint) -> None:
    clock = Clock()
    lists = TrustLists(mint.hub_key, clock)
    await lists.take(edition(mint, 2, not_before=NOW + timedelta(days=1)))
    assert await lists.take(edition(mint, 3))
    clock.at += timedelta(days=2)
    assert await version_of(lists) == 3


async def test_it_survives_a_restart_in_the_ledger(mint: Mint, tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "terminal.db")
    ledger = Ledger(database, tmp_path / "papers", Clock())
    assert await ledger.keep_signed(edition(mint, 7))
    kept = await ledger.signed(KINDS[0])
    await database.close()
    assert kept is not None
    lists = TrustLists(mint.hub_key, Clock())
    assert await lists.take(kept)
    assert await version_of(lists) == 7


def test_there_is_a_kind_for_each_scheme_that_needs_one() -> None:
    assert KINDS == ("trust_eu_dcc", "trust_smart_health_card", "trust_vds_nc")
