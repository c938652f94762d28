"""A parcel that nobody hears of again, and notes, on the office's page: a courier that has forgotten it."""

from collections.abc import Iterator
from typing import Any

import pytest

from drivers.simulate.courier_service import CourierServer
from kiosk.wire.catalogue import Delivery
from kiosk.wire.progress import Standing
from tests.hub.office_world import Citizen, World, pdf

Running = Any


@pytest.fixture
def world(running: Running) -> Iterator[World]:
    world = World(running)
    with CourierServer() as courier:
        world.outside(None, courier)
        yield world
        world.outside(None, None)


def test_a_parcel_is_taken_back_and_handed_out(running: Running, world: World) -> None:
    desk = running.terminal("desk", "parcels")
    world.staff("parcels")
    window, back = world.clerk("parcels", "w01"), world.clerk("parcels", "b01")
    citizen = Citizen(desk)
    number = citizen.hand_in(way=Delivery.COURIER, address_sealed=citizen.address()).number
    assert "收回这件快递" not in window.page(number)
    assert window.step(world.record(number), "accept").status_code == 303
    assert back.step(world.record(number), "grant").status_code == 303
    assert back.upload(world.record(number), pdf()).status_code == 204
    assert window.step(world.record(number), "send", carrier="ems").status_code == 303
    assert window.step(world.record(number), "note", reason="快递员说没有这件").status_code == 303
    page = window.page(number)
    assert "收回这件快递" in page
    assert "快递员说没有这件" in page
    stale = world.record(number)
    assert window.step(stale, "come_back").status_code == 303
    assert back.step(stale, "come_back").status_code == 409, "two at once: one"
    assert world.record(number).standing is Standing.RESULT
    assert "快递员说没有这件" not in str(running.rows("SELECT detail FROM audit"))
    assert citizen.progress(number).standing is Standing.RESULT
    assert window.step(world.record(number), "hand_out").status_code == 303
