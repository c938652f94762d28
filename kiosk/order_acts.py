"""What the hub may ask of this program, and how it is done. What is not here is refused, and the hub is told so."""

import anyio

from kiosk.clock import Clock
from kiosk.link.client import HubClient
from kiosk.link.orders import OrderDesk
from kiosk.link.sync import Uplink
from kiosk.log import logger
from kiosk.session import Stage
from kiosk.store.database import Database
from kiosk.store.order_book import OrderBook
from kiosk.view.common import OutOfService
from kiosk.view.desk.choosing import Start
from kiosk.view.gate import Welcome
from kiosk.wire.orders import OrderKind, TerminalOrder

_log = logger("orders")
_NOBODY = (Welcome, Start, OutOfService)
"""What is shown while nobody is being served."""
_PATIENCE_SECONDS = 900.0


class RestartOrdered(Exception):
    """The hub asked for it: the program ends, and its unit starts it again."""


def _serves(stage: Stage) -> bool:
    """Whether somebody is being served."""
    return stage.screen is not None and not isinstance(stage.screen.state, _NOBODY)


def order_desk(hub: HubClient, uplink: Uplink, database: Database, stage: Stage, clock: Clock) -> OrderDesk:
    """What carries out the hub's orders here.

    Args:
        hub: where they come from.
        uplink: fetches signed editions.
        database: remembers what was carried out.
        stage: shows whether somebody is being served.
        clock: the wall clock.
    """

    async def reload(_order: TerminalOrder) -> None:
        uplink.fetch_signed_again()

    async def restart(order: TerminalOrder) -> None:
        with anyio.move_on_after(_PATIENCE_SECONDS):
            while _serves(stage):  # noqa: ASYNC110  the stage has no event for it
                await anyio.sleep(1.0)
        _log.warning("restart ordered", number=order.number)
        raise RestartOrdered(f"order {order.number}")

    return OrderDesk(hub, OrderBook(database), {OrderKind.RELOAD: reload, OrderKind.RESTART: restart}, clock)
