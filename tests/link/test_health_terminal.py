"""The terminal's composition: trust lists are taken, kept and read again at the next start; the service is reported."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kiosk.clock import WallClock
from kiosk.config import Site, read_site
from kiosk.link.health_code import HealthCodeClient
from kiosk.run import Terminal
from kiosk.store.database import Database
from kiosk.store.ledger import Ledger
from kiosk.wire.fleet import Signed
from kiosk.wire.signed import sign
from kiosk.wire.trust import Scheme, TrustListBody, list_kind
from tests.link.test_health_site_file import GATE

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    file = tmp_path / "site.toml"
    file.write_text(GATE, encoding="utf-8")
    return read_site(file)


@pytest.fixture
def terminals(site: Site, linked: Any) -> Iterator[list[Terminal]]:
    made = [Terminal(site, "gate", linked.identity, draw=lambda _: None) for _ in range(2)]
    yield made
    for terminal in made:
        terminal.ring.close()


def edition(linked: Any, version: int, *, signed_by_hub: bool = True) -> Signed:
    now, day = WallClock().now(), timedelta(days=1)
    body = TrustListBody(scheme=Scheme.VDS_NC, issued=now, not_before=now - day, next_update=now + day,
                         expires=now + 2 * day, keys=[])  # fmt: skip
    made = sign(list_kind(Scheme.VDS_NC), version, msgspec.json.encode(body), linked.hub.signing)
    return made if signed_by_hub else msgspec.structs.replace(made, body=made.body + b" ")


async def in_force(terminal: Terminal) -> int:
    lists = (await terminal.published.lists.in_force()).lists
    return lists[Scheme.VDS_NC].version if Scheme.VDS_NC in lists else 0


async def test_a_list_is_kept_and_read_again_at_the_next_start(
    terminals: list[Terminal], linked: Any, tmp_path: Path
) -> None:
    first, second = terminals
    database = await Database.open(tmp_path / "terminal.db")
    try:
        ledger = Ledger(database, tmp_path / "papers", WallClock())
        await first.published.apply(ledger, edition(linked, 3))
        await first.published.apply(ledger, edition(linked, 4, signed_by_hub=False))
        await first.published.apply(ledger, edition(linked, 2))
        assert await in_force(first) == 3
        await second.published.read(ledger, "gate")
        assert await in_force(second) == 3
    finally:
        await database.close()


async def test_the_service_is_reported_like_a_device(terminals: list[Terminal], site: Site) -> None:
    terminal = terminals[0]
    assert terminal.vitals.health_service() == ()
    assert site.gate is not None
    assert site.gate.health_service is not None
    async with HealthCodeClient(site.gate.health_service, site.path.parent) as client:
        terminal.vitals.health_codes = client
        (ready,) = terminal.vitals.health_service()
        assert (ready.name, ready.driver, ready.state, ready.code) == ("health_service", "gate-decode", "ready", "")
        with pytest.raises(Exception, match="no_secret"):
            await client.ask("YKM0123456789ABCDEF", WallClock().now())
        (fault,) = terminal.vitals.health_service()
        assert (fault.state, fault.code, fault.errors) == ("fault", "no_secret", 1)
