"""An application goes in at hall A's desk, is returned once, accepted at A, decided at B, and delivered by courier."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from drivers.simulate.courier_service import CourierServer
from hub.audit.verify import ANCHORS, anchor, verify
from kiosk.clock import WallClock
from kiosk.wire.catalogue import Delivery, Handling
from kiosk.wire.progress import Part, Standing
from tests.hub.office_world import JPEG, Citizen, World, pdf

Running = Any
pytestmark = pytest.mark.timeout(240)


@pytest.fixture(scope="module")
def world(running: Running) -> World:
    return World(running)


def until(done: Callable[[], bool], seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def item_of(world: World, hall: str, handling: Handling) -> str:
    from hub.office.items import published

    catalogue = world.read(lambda connection: published(connection, hall))
    return next(each.key for each in catalogue.items if each.handling is handling)


def test_from_a_desk_at_a_to_the_door_by_way_of_b(running: Running, world: World) -> None:
    desk = running.terminal("desk", "hall-a")
    running.terminal("desk", "hall-b")
    for hall in ("hall-a", "hall-b"):
        world.staff(hall)
    item = item_of(world, "hall-a", Handling.ACCEPT_REMOTELY)
    world.home("hall-a", item, "hall-b")
    citizen = Citizen(desk)
    with CourierServer() as courier:
        world.outside(None, courier)
        paper = citizen.paper(JPEG)
        number = citizen.hand_in([paper], item=item, way=Delivery.COURIER, address_sealed=citizen.address()).number
        told = citizen.progress(number)
        assert (told.standing, told.accepts, told.decides) == (Standing.RECEIVED, "hall-a", "hall-b")
        assert told.may_withdraw
        assert told.acceptance_due is not None

        # B's staff see nothing to do yet, and cannot accept in A's place.
        window_b, back_b = world.clerk("hall-b", "w01"), world.clerk("hall-b", "b01")
        assert window_b.step(world.record(number), "accept").status_code == 409
        # A's window sees answers and paper, and returns it with everything listed.
        window_a = world.clerk("hall-a", "w01")
        assert number in window_a.http.get("/office/hall-a").text.replace(" ", "")
        shown = window_a.page(number)
        assert "王小明" in shown
        opened = window_a.http.get(f"/office/hall-a/s/{number}/papers/{paper.sha256}")
        assert (opened.content, opened.headers["content-type"]) == (JPEG, "image/jpeg")
        answer = window_a.step(world.record(number), "return", words__paper__registration="页面模糊,请重拍")
        assert answer.status_code == 303, answer.text
        told = citizen.progress(number)
        assert told.standing is Standing.CORRECTING
        assert [(each.part, each.key, each.words) for each in told.asked] == [
            (Part.PAPER, "registration", "页面模糊,请重拍")
        ]
        assert told.asked_due is not None

        # Only that part is handed in again.
        citizen.supply(number, [citizen.paper(JPEG + b" sharper")])
        assert citizen.progress(number).standing is Standing.CORRECTED
        record = world.record(number)
        assert window_a.step(record, "return", words__other__="再来一次").status_code == 409
        assert window_a.step(record, "accept").status_code == 303
        assert citizen.progress(number).due is not None
        assert window_a.step(world.record(number), "route").status_code == 303
        assert world.record(number).at_hall == "hall-b"

        # B's back office decides, uploads, and sends.
        assert back_b.step(world.record(number), "grant").status_code == 303
        document = pdf()
        assert back_b.upload(world.record(number), document).status_code == 204
        fetched = citizen.result(number)
        assert (fetched.status_code, fetched.content) == (200, document)
        assert back_b.step(world.record(number), "send", carrier="ems").status_code == 303
        until(lambda: bool(courier.parcels))
        (parcel,) = courier.parcels.values()
        assert parcel.to["street"] == "朝阳大街1号"
        courier.carry(parcel.label)
        until(lambda: world.record(number).standing is Standing.DELIVERED)

    told = citizen.progress(number)
    assert told.parcel is not None
    assert [each.state for each in told.parcel.news] == ["collected", "moving", "out", "delivered"]
    assert [each.what for each in told.steps] == [
        "receive",
        "return",
        "correct",
        "accept",
        "route",
        "grant",
        "upload",
        "fetch",
        "send",
        "arrive",
    ]
    assert not told.may_withdraw
    anchor(running.hub.engine, running.data.path, running.hub.signing, WallClock().now())
    found = world.read(
        lambda connection: verify(connection, running.data.path / ANCHORS, running.data.signing_public())
    )
    assert found.problems == ()
    assert found.anchors > 0
