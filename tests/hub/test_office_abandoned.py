"""Orders that were paid and never handed in go back through the gateway, exactly once, and are shown to staff."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import uuid6
from sqlalchemy import Connection, update

from drivers.simulate.payment_gateway import PaymentGatewayServer
from hub.office.abandoned import REASON, give_back_abandoned, listed
from hub.store import schema
from kiosk.wire.requests import Order, Pay
from tests.hub.office_world import Citizen, World

ITEM, FEN = "traffic-fine", 20000


@pytest.fixture
def world(running: Any) -> World:
    return World(running)


@pytest.fixture
def gateway(world: World) -> Iterator[PaymentGatewayServer]:
    with PaymentGatewayServer() as server:
        world.outside(server, None)
        yield server
        world.outside(None, None)


def eventually(look: Callable[[], bool], seconds: float = 45) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if look():
            return True
        time.sleep(0.1)
    return False


def paid(citizen: Citizen, world: World, gateway: PaymentGatewayServer) -> Any:
    order = uuid6.uuid7()
    made: Order = citizen.done(Pay(item=ITEM, fen=FEN), order)
    gateway.pay(made.qr, tell=False)
    assert eventually(lambda: state(world, order) == "paid")
    return order


def state(world: World, order: Any) -> str:
    (row,) = world.running.rows("SELECT state FROM payment WHERE id = ?", str(order))
    return str(row[0])


def swept(world: World, ago: dict[Any, float] | None = None, *, sent_all: bool = True) -> list[Any]:
    """What is given back; what was paid so many days `ago` is so from this moment, before the hub's own timer looks."""
    table, now = schema.payment, world.running.hub.now()

    def work(connection: Connection) -> list[Any]:
        for order, days in (ago or {}).items():
            paid_at = now - timedelta(days=days)
            connection.execute(update(table).where(table.c.id == str(order)).values(paid=paid_at))
        return give_back_abandoned(connection, lambda _: sent_all, now)

    found: list[Any] = world.write(work)
    return found


def test_it_goes_back_once_and_is_written_down(running: Any, world: World, gateway: PaymentGatewayServer) -> None:
    citizen = Citizen(running.terminal("desk"))
    order = paid(citizen, world, gateway)
    assert order not in swept(world)  # its draft may still be continued
    assert order not in swept(world, {order: 8.5}, sent_all=False)  # the submission may still be on its way
    assert order in swept(world)
    assert order not in swept(world)
    assert eventually(lambda: state(world, order) == "refunded")
    refunds = [each for each in gateway.orders.values() if each.state == "refunded"]
    assert len(refunds) == 1
    rows = running.rows("SELECT actor, what FROM audit WHERE subject = ?", str(order))
    assert rows == [("timer", "refund")]
    (line,) = [each for each in world.read(lambda c: listed(c, "weinan")) if each["id"] == str(order)]
    assert (line["given_up"], line["number"]) == (REASON, None)


def test_of_a_terminal_that_is_never_heard_again_after_a_month(
    running: Any, world: World, gateway: PaymentGatewayServer
) -> None:
    order = paid(Citizen(running.terminal("desk")), world, gateway)
    assert order in swept(world, {order: 31}, sent_all=False)


def test_what_was_handed_in_stays_and_what_went_back_pays_for_nothing(
    running: Any, world: World, gateway: PaymentGatewayServer
) -> None:
    citizen = Citizen(running.terminal("desk"))
    used, late = paid(citizen, world, gateway), paid(citizen, world, gateway)
    citizen.hand_in(item=ITEM, payment=used)
    assert swept(world, {used: 40, late: 40}) == [late]
    assert state(world, used) == "paid"
    made = citizen.hand_in(item=ITEM, payment=late)  # arrives when the money is gone
    assert world.record(made.number).payment is None
