"""A trust list from a real hub, over mutual TLS, to where certificates are judged."""

from datetime import timedelta
from typing import Any

import anyio
import msgspec
import pytest

from hub.rules.publish import publish
from kiosk.clock import WallClock
from kiosk.link.client import HubClient
from kiosk.link.sync import Pace, Uplink
from kiosk.link.trust_lists import KINDS, TrustLists
from kiosk.wire.fleet import Health
from kiosk.wire.trust import Scheme, TrustListBody, list_kind

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_what_the_hub_publishes_is_in_force_here(linked: Any, outbox: Any) -> None:
    now = WallClock().now()
    kind = list_kind(Scheme.EU_DCC)
    day = timedelta(days=1)
    body = TrustListBody(scheme=Scheme.EU_DCC, issued=now, not_before=now - day, next_update=now + day,
                         expires=now + 2 * day, keys=[])  # fmt: skip

    def store(version: int) -> None:
        with linked.hub.engine.execution_options(writes=True).begin() as connection:
            publish(connection, linked.hub.signing, kind, "weinan", msgspec.json.encode(body), version, now)

    lists = TrustLists(linked.identity.rules_key, WallClock())

    async def health() -> Health:
        return Health(terminal="desk-1", role="desk", version="0", made=now, in_service=True, view="", rules_version=0,
                      outbox_waiting=0, outbox_dead=0)  # fmt: skip

    async def nothing() -> None:
        return None

    async def apply(signed: Any) -> None:
        await lists.take(signed)

    store(1)
    async with HubClient(linked.identity) as hub:
        uplink = Uplink(
            hub,
            outbox,
            rules_key=linked.identity.rules_key,
            health=health,
            screen=nothing,
            apply=apply,
            pace=Pace(health=0.1, signed=0.1),
            kinds=KINDS,
        )
        async with anyio.create_task_group() as group:
            group.start_soon(uplink.run)
            with anyio.fail_after(30):
                for version in (1, 2):
                    while lists._trust.lists.get(Scheme.EU_DCC) is None or (
                        lists._trust.lists[Scheme.EU_DCC].version < version
                    ):
                        await anyio.sleep(0.02)
                    store(version + 1)
            group.cancel_scope.cancel()
    trust = await lists.in_force()
    assert trust.lists[Scheme.EU_DCC].version >= 2
    assert trust.lists[Scheme.EU_DCC].body == body
