"""The terminal port's orders: a terminal fetches what is asked of it, and says what became of it."""

from typing import Annotated

import anyio
import msgspec
from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, FastAPI, Path, Query, Request
from starlette.responses import Response

from hub.api.fast_lane import limited_body
from hub.api.problems import Problem
from hub.api.terminals import Sender, ThisHub, check_wire, known_terminal
from hub.data import disk_free
from hub.fleet import bundles, orders
from kiosk.wire import routes
from kiosk.wire.orders import Orders, OrderSettled, TerminalOrder

_MAX = 4096
_KEEP_FREE = 256 * 1024 * 1024
_JSON = "application/json"
_router = APIRouter(dependencies=[Depends(known_terminal), Depends(check_wire)])

Wait = Annotated[float, Query(ge=0, le=25, description="Seconds to wait for one; shorter than any proxy's patience.")]
Number = Annotated[int, Path(ge=1, lt=2**31)]


@_router.get(routes.ORDERS)
async def get_orders(hub: ThisHub, sender: Sender, wait: Wait = 0) -> Response:
    """What is asked of the terminal and not answered; with `wait` as soon as there is something."""
    found: list[TerminalOrder] | None = None
    with anyio.move_on_after(wait):
        while not hub.stopping.is_set():
            pulse = hub.ordered.pulse  # taken before looking, so that nothing falls between
            found = await hub.read(lambda connection: orders.waiting(connection, sender, hub.now()))
            if found or wait == 0:
                break
            await pulse.wait()
    if found is None:  # it was not even looked once: no time was given
        found = await hub.read(lambda connection: orders.waiting(connection, sender, hub.now()))
    if found:
        numbers = [order.number for order in found]
        await hub.writer.do(lambda connection: orders.note_fetched(connection, numbers, hub.now()))
        hub.fleet.changed.fire()
    return Response(msgspec.json.encode(Orders(orders=tuple(found))), media_type=_JSON)


@_router.put(routes.ORDERS + "/{number}")
async def put_order(number: Number, request: Request, hub: ThisHub, sender: Sender) -> Response:
    """Say what became of an order. The first answer counts; the same again changes nothing."""
    body = await limited_body(request, _MAX)
    try:
        settled = msgspec.json.decode(body, type=OrderSettled)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem(422, "invalid", str(error)[:400], "Send an OrderSettled.") from error
    if settled.fate not in orders.ANSWERS:
        raise Problem(422, "invalid", f"{settled.fate.value} is no answer", "Send done, failed or refused.")
    if not await hub.writer.do(lambda connection: orders.settle(connection, sender, number, settled, hub.now())):
        raise Problem(404, "no-such-order", "This terminal has no such order", "Nothing; it may have been deleted.")
    hub.fleet.changed.fire()
    return Response(status_code=204)


@_router.put(routes.ORDERS + "/{number}/bundle")
async def put_bundle(number: Number, request: Request, hub: ThisHub, sender: Sender) -> Response:
    """Take the support bundle that an order asks for, a gzipped tar. The same again takes its place."""
    content = await limited_body(request, routes.MAX_BUNDLE_BYTES)
    if not bundles.is_bundle(content):
        raise Problem(415, "not-gzip", "This is no support bundle", "Send a gzipped tar.")
    if not await hub.read(lambda connection: bundles.is_asked(connection, sender, number)):
        raise Problem(404, "no-such-order", "Nobody asked this terminal for it", "Nothing; it may have been withdrawn.")
    if disk_free(hub.data.bundles) < _KEEP_FREE:
        raise Problem(507, "disk-full", "The hub's disk is full", "Try later; the hub's operator has to make room.")
    await run_sync(bundles.write_bundle, hub.data.bundles, sender, number, content)
    return Response(status_code=204)


def add_orders(app: FastAPI) -> FastAPI:
    """Add the routes to the terminal port."""
    app.include_router(_router)
    return app
