"""What the hub may ask of this program, and how it is done. What is not here is refused, and the hub is told so."""

from functools import partial
from pathlib import Path

import anyio

from kiosk.clock import Clock
from kiosk.link.client import HubClient
from kiosk.link.orders import Act, CannotDo, OrderDesk
from kiosk.link.sync import Uplink
from kiosk.lock import Lock
from kiosk.log import logger
from kiosk.notice import Notice
from kiosk.session import Stage
from kiosk.store.order_book import OrderBook
from kiosk.support import send_bundle
from kiosk.view.common import OutOfService
from kiosk.view.desk.choosing import Start
from kiosk.view.gate import LanePaused, Welcome
from kiosk.wire.orders import MOST_MESSAGE, OrderKind, TerminalOrder

_log = logger("orders")
_NOBODY = (Welcome, LanePaused, Start, OutOfService)
"""What is shown while nobody is being served."""
_PATIENCE_SECONDS = 900.0


class RestartOrdered(Exception):
    """The hub asked for it, or its settings are to be tried: the program ends, and its unit starts it again."""


def _serves(stage: Stage) -> bool:
    """Whether somebody is being served."""
    return stage.screen is not None and not isinstance(stage.screen.state, _NOBODY)


async def start_again(stage: Stage, why: str) -> None:
    """End the program as soon as nobody is being served; its unit starts it again.

    Raises:
        RestartOrdered: always.
    """
    with anyio.move_on_after(_PATIENCE_SECONDS):
        while _serves(stage):  # noqa: ASYNC110  the stage has no event for it
            await anyio.sleep(1.0)
    _log.warning("restart", why=why)
    raise RestartOrdered(why)


def order_desk(
    hub: HubClient,
    uplink: Uplink,
    book: OrderBook,
    stage: Stage,
    clock: Clock,
    *,
    lock: Lock,
    notice: Notice,
    site: Path,
) -> OrderDesk:
    """What carries out the hub's orders here.

    Args:
        hub: where they come from.
        uplink: fetches signed editions.
        book: remembers what was carried out, and what of it lasts.
        stage: shows whether somebody is being served.
        clock: the wall clock.
        lock: locked and unlocked.
        notice: shows messages.
        site: the site file.
    """

    async def reload(_order: TerminalOrder) -> None:
        uplink.fetch_signed_again()

    async def restart(order: TerminalOrder) -> None:
        await start_again(stage, f"order {order.number}")

    async def message(order: TerminalOrder) -> None:
        text = " ".join(order.text.split())
        if not 0 < len(text) <= MOST_MESSAGE:
            raise CannotDo(f"a message has 1 to {MOST_MESSAGE} characters")
        await notice.show(text, order.expires)

    async def bundle(order: TerminalOrder) -> None:
        await send_bundle(hub, site, order.number)

    acts: dict[OrderKind, Act] = {
        OrderKind.RELOAD: reload,
        OrderKind.RESTART: restart,
        OrderKind.LOCK: partial(_lock, lock, book, uplink, on=True),
        OrderKind.UNLOCK: partial(_lock, lock, book, uplink, on=False),
        OrderKind.MESSAGE: message,
        OrderKind.BUNDLE: bundle,
    }
    return OrderDesk(hub, book, acts, clock)


async def _lock(lock: Lock, book: OrderBook, uplink: Uplink, order: TerminalOrder, *, on: bool) -> None:
    """Kept before it counts, so that a restart does not unlock; the hub hears of it at once."""
    words = " ".join(order.text.split())
    if on and len(words) > MOST_MESSAGE:
        raise CannotDo(f"what a locked terminal shows has at most {MOST_MESSAGE} characters")
    await book.note_locked(words if on else None)
    lock.set(on=on, words=words)
    _log.warning("locked" if on else "unlocked", number=order.number)
    uplink.tell_health()
