"""What runs beside the listeners: days that come, orders, parcels, and the anchors of the audit."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Final

import anyio
import httpx
import structlog
from anyio.to_thread import run_sync

from hub.app import Hub
from hub.audit.verify import anchor
from hub.files import WatchedFile
from hub.fleet.live import TerminalKey
from hub.office import courier, drafts, payments
from hub.office.abandoned import give_back_abandoned
from hub.office.automatic import Deciders
from hub.office.courier import Courier
from hub.office.days import recount, sweep
from hub.office.escalation import look
from hub.office.gateway import PaymentGateway
from hub.office.outside import OutsideRefused
from hub.office.settings import FILE, NOTHING, BadSettings, Settings, load
from hub.texts.tasks import Texts

_log = structlog.get_logger()
SWEEP_EVERY: Final = timedelta(minutes=1)
ANCHOR_EVERY: Final = timedelta(minutes=1)
_LOOK_SECONDS: Final = 0.5
_AFTER_A_FAULT_SECONDS: Final = 5.0
_JUST_NOW: Final = timedelta(minutes=2)


class Outside:
    """The payment gateway and the couriers as `office.toml` has them now; read again when it changes.

    Args:
        hub: The hub.
        client: For the connections.
    """

    def __init__(self, hub: Hub, client: httpx.AsyncClient) -> None:
        self._file = WatchedFile(hub.data.path / FILE)
        self._client = client
        self._settings = NOTHING
        self.texts = Texts(hub, client)
        """The gateway for text messages."""

    async def settings(self) -> Settings:
        """What is configured; as before while the file has a mistake, which is logged once."""
        if await self._file.changed():
            try:
                self._settings = await run_sync(load, self._file.path)
            except BadSettings as error:
                _log.error("office.toml is not used until it is mended", why=str(error))
        return self._settings

    async def gateway(self) -> PaymentGateway | None:
        """The payment gateway; None where there is none."""
        settings = await self.settings()
        if settings.payment is None:
            return None
        return PaymentGateway(settings.payment, settings.secrets[settings.payment.secret_file], self._client)

    async def courier(self, name: str) -> Courier | None:
        """The courier of a name; None where there is none."""
        settings = await self.settings()
        found = settings.courier(name)
        return None if found is None else Courier(found, settings.secrets[found.secret_file], self._client)


@asynccontextmanager
async def open_outside(hub: Hub) -> AsyncIterator[Outside]:
    """The connections to other systems, while the context lasts."""
    async with httpx.AsyncClient(trust_env=False, follow_redirects=False) as client:
        yield Outside(hub, client)


async def run_office(hub: Hub, outside: Outside) -> None:
    """Run until the hub stops. Whatever fails here is told, tried again, and stops nobody from handing in."""
    async with anyio.create_task_group() as group:

        async def orders() -> None:
            await settle_orders(hub, outside)

        async def parcels() -> None:
            await look_at_parcels(hub, outside)

        deciders = Deciders(hub)

        async def decisions() -> None:
            await deciders.look()

        async def days() -> None:
            await escalate(hub, outside)
            await do_what_is_due(hub)

        async def texts() -> None:
            await outside.texts.look()

        async def anchors() -> None:
            await run_sync(anchor, hub.engine, hub.data.path, hub.signing, hub.now())

        for seconds, work in (
            (_LOOK_SECONDS, orders),
            (_LOOK_SECONDS, parcels),
            (_LOOK_SECONDS, decisions),
            (_LOOK_SECONDS, texts),
            (SWEEP_EVERY.total_seconds(), days),
            (ANCHOR_EVERY.total_seconds(), anchors),
        ):
            group.start_soon(_again_and_again, hub, seconds, work)
        await hub.stopping.wait()
        group.cancel_scope.cancel()


async def _again_and_again(hub: Hub, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    while True:
        await hub.leader.mine()
        try:
            await work()
        except Exception as error:  # noqa: BLE001  a full disk or a bug here must not end the hub
            _log.error("office work waits", work=work.__name__, why=type(error).__name__)
            await anyio.sleep(_AFTER_A_FAULT_SECONDS)
        await anyio.sleep(seconds)


async def escalate(hub: Hub, outside: Outside) -> None:
    """Tell supervisors of what is overdue; before what has lapsed is ended by its day."""
    limits = (await outside.settings()).escalation
    raised = await hub.writer.do(lambda connection: look(connection, hub.now(), limits))
    if raised:
        _log.info("overdue", told=raised)


async def do_what_is_due(hub: Hub) -> None:
    """Sweep until nothing more is due, and count provisional days anew."""
    while True:
        now = hub.now()
        swept = await hub.writer.do(partial(sweep, now=now))
        if not swept:
            break
        _log.info("days", deemed=swept.deemed_accepted, lapsed=swept.lapsed, escalated=swept.escalated)
    await hub.writer.do(lambda connection: recount(connection, hub.now()))
    over = await hub.writer.do(lambda connection: drafts.sweep(connection, hub.now()))
    if over:
        await run_sync(hub.papers.forget, over)
    given = await hub.writer.do(lambda connection: give_back_abandoned(connection, partial(_sent_all, hub), hub.now()))
    if given:
        _log.info("orders given back that nobody handed in", count=len(given))


def _sent_all(hub: Hub, terminal: TerminalKey) -> bool:
    """Whether a terminal was heard just now, and nothing waits there."""
    heard = hub.fleet.heard.get(terminal)
    return heard is not None and hub.now() - heard.at <= _JUST_NOW and heard.health.outbox_waiting == 0


async def settle_orders(hub: Hub, outside: Outside) -> None:
    """Ask the gateway about the orders that are due."""
    due = await hub.read(lambda connection: payments.due_orders(connection, hub.now()))
    if not due:
        return
    gateway = await outside.gateway()
    for order in due:
        if gateway is None:
            await hub.writer.do(
                partial(payments.note_trouble, order=order.id, error="no payment gateway in office.toml", now=hub.now())
            )
        else:
            await gateway.settle(order, hub.now(), hub.writer.do)


async def look_at_parcels(hub: Hub, outside: Outside) -> None:
    """Order and follow the parcels that are due."""
    due = await hub.read(lambda connection: courier.due_parcels(connection, hub.now()))
    for parcel in due:
        found = await outside.courier(parcel.carrier)
        if found is None:
            why = str(OutsideRefused(f"no courier {parcel.carrier} in office.toml"))
            await hub.writer.do(partial(courier.trouble, parcel=parcel, why=why, now=hub.now()))
            continue
        address = await hub.read(partial(courier.address_of, event=parcel.address_event, identity=hub.unsealing))
        await found.look(parcel, address, hub.now(), hub.writer.do)
