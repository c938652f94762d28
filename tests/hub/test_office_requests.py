"""What a desk asks for a person who stands before it: done once, only what is theirs; money, opinions, staff."""

import ssl
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
import uuid6

from drivers.simulate.payment_gateway import PaymentGatewayServer
from drivers.simulate.signed_service import ServiceFault
from hub.office.gateway import paid_on
from hub.people.slots import open_slots
from kiosk.clock import WallClock, local_date
from kiosk.wire import routes
from kiosk.wire.catalogue import Delivery
from kiosk.wire.events import DeliveryWanted, Fate, Opinion, OpinionKind, OpinionWords
from kiosk.wire.progress import Standing
from kiosk.wire.requests import (
    Appointed,
    Book,
    Cancel,
    MoreTime,
    Move,
    Order,
    OrderState,
    Pay,
    Refund,
    TakeNumber,
    Withdraw,
)
from tests.hub.office_world import JPEG, OTHER, Citizen, World, pdf

Running = Any


@pytest.fixture(scope="module")
def world(running: Running) -> World:
    return World(running)


@pytest.fixture(scope="module")
def desk(running: Running, world: World) -> Any:
    terminal = running.terminal("desk", "hall-c")
    world.staff("hall-c")
    return terminal


@pytest.fixture(scope="module")
def gateway(running: Running, world: World, desk: Any) -> Iterator[PaymentGatewayServer]:
    trust = ssl.create_default_context(cadata=running.hub.authority.pem)
    with PaymentGatewayServer(trust=trust) as server:
        world.outside(server, None)
        yield server
        world.outside(None, None)


def until(done: Callable[[], bool], seconds: float = 45) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def kind_of(answer: Any) -> str:
    return str(msgspec.json.decode(answer.content)["type"]).rpartition(":")[2]


def test_a_person_sees_what_is_theirs_at_every_hall_and_nobody_elses(running: Running, desk: Any) -> None:
    citizen, other = Citizen(desk), Citizen(desk, OTHER)
    number = citizen.hand_in().number
    elsewhere = Citizen(running.terminal("desk", "hall-d"))
    assert number in {each.number for each in elsewhere.mine().submissions}
    assert elsewhere.progress(number).number == number
    assert number not in {each.number for each in other.mine().submissions}
    assert number not in {
        each.number
        for each in msgspec.json.decode(
            desk.http.post(
                routes.OFFICE_MINE,
                content=msgspec.json.encode({"who": {"person": other.person}, "number": ""}),
            ).content
        )["submissions"]
    }
    for wish in (Withdraw(who=other.who, number=number), MoreTime(who=other.who, number=number)):
        answer = other.ask(wish)
        assert (answer.status_code, kind_of(answer)) == (404, "no_such_submission")
    stolen = msgspec.structs.replace(citizen.who, person=other.person)
    answer = other.ask(Withdraw(who=stolen, number=number))
    assert (answer.status_code, kind_of(answer)) == (422, "invalid")


def test_a_retry_does_nothing_twice(desk: Any) -> None:
    citizen = Citizen(desk)
    number = citizen.hand_in().number
    request_id = uuid6.uuid7()
    first = citizen.done(Withdraw(who=citizen.who, number=number), request_id)
    again = citizen.done(Withdraw(who=citizen.who, number=number), request_id)  # sealed anew, the same wish
    assert first == again
    assert first.standing is Standing.WITHDRAWN
    assert [each.what for each in citizen.progress(number).steps] == ["receive", "withdraw"]
    answer = citizen.ask(TakeNumber(), request_id)
    assert (answer.status_code, kind_of(answer)) == (409, "other_request")


def test_numbers_for_the_windows(desk: Any) -> None:
    citizen, other = Citizen(desk), Citizen(desk, OTHER)
    first = citizen.done(TakeNumber(department="tax", who=citizen.who))
    second = other.done(TakeNumber(department="tax", who=other.who))
    assert (second.ahead, first.text[0]) == (first.ahead + 1, second.text[0])
    assert citizen.done(TakeNumber(department="tax", who=citizen.who)).text == first.text  # waits already
    assert citizen.done(TakeNumber(department="police")).text[0] != first.text[0]


def test_appointments_for_oneself(world: World, desk: Any) -> None:
    citizen, other = Citizen(desk), Citizen(desk, OTHER)
    day = local_date(WallClock().now()) + timedelta(days=3)
    world.write(lambda connection: open_slots(connection, "hall-c", "tax", [day], [9, 10], 2))
    answer = desk.http.get(routes.OFFICE_SLOTS, params={"department": "tax", "from": day.isoformat(), "days": 1})
    begins = [each["begins"] for each in msgspec.json.decode(answer.content)["slots"]]
    assert len(begins) == 2
    nine, ten = (datetime.fromisoformat(each) for each in begins)
    request_id = uuid6.uuid7()
    booked = citizen.done(Book(who=citizen.who, department="tax", begins=nine), request_id)
    assert isinstance(booked, Appointed)
    assert booked.code
    assert citizen.done(Book(who=citizen.who, department="tax", begins=nine), request_id) == booked
    code = booked.appointment.code_id
    answer = other.ask(Cancel(who=other.who, code_id=code, seen=booked.change))
    assert (answer.status_code, kind_of(answer)) == (404, "no_such_appointment")
    moved = citizen.done(Move(who=citizen.who, code_id=code, seen=booked.change, begins=ten, companions=1))
    assert moved.appointment.begins == ten
    answer = other.ask(Book(who=other.who, department="tax", begins=ten))
    assert (answer.status_code, kind_of(answer)) == (409, "full")
    assert [each.appointment.code_id for each in citizen.mine().appointments] == [code]
    assert not citizen.done(Cancel(who=citizen.who, code_id=code, seen=moved.change)).code
    assert citizen.mine().appointments == ()


@pytest.mark.parametrize("query", ["from=yesterday", "days=0", "days=32", "days=x", "from=9999-12-31&days=9"])
def test_days_that_cannot_be_are_told(desk: Any, query: str) -> None:
    answer = desk.http.get(f"{routes.OFFICE_SLOTS}?{query}")
    assert (answer.status_code, kind_of(answer)) == (422, "invalid")


def test_without_a_certificate_nothing_is_said(running: Running) -> None:
    stranger = running.client()
    for path in (routes.OFFICE_MINE, routes.OFFICE_REQUESTS, routes.OFFICE_RESULT):
        assert stranger.post(path, content=b"{}").status_code == 401


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"who": 1}', b"\xff", b"[" * 5000])
def test_what_cannot_be_read_is_told(desk: Any, body: bytes) -> None:
    for path in (routes.OFFICE_MINE, routes.OFFICE_REQUESTS, routes.OFFICE_RESULT):
        answer = desk.http.post(path, content=body)
        assert (answer.status_code, kind_of(answer)) == (422, "invalid")


def fee_of(world: World) -> tuple[str, int]:
    from hub.office.items import published

    catalogue = world.read(lambda connection: published(connection, "hall-c"))
    return next((each.key, each.fee_fen) for each in catalogue.items if each.fee_fen)


def order_of(desk: Any, order: UUID) -> Order:
    return msgspec.json.decode(desk.http.get(f"{routes.OFFICE_ORDERS}/{order}").content, type=Order)


def test_paid_with_the_gateways_own_call(world: World, desk: Any, gateway: PaymentGatewayServer) -> None:
    citizen, (item, fen) = Citizen(desk), fee_of(world)

    def paid(day: date) -> dict[Any, int]:
        return world.read(lambda connection: paid_on(connection, day))

    request_id, before = uuid6.uuid7(), len(gateway.orders)
    began = local_date(WallClock().now())
    gateway.fail(ServiceFault.DEAF, 1)  # it made the order, and its answer was lost
    answer = citizen.ask(Pay(item=item, fen=fen), request_id)
    assert (answer.status_code, kind_of(answer)) == (503, "gateway-away")
    order = citizen.done(Pay(item=item, fen=fen), request_id)
    assert (order.state, len(gateway.orders) - before) == (OrderState.WAITING, 1)
    assert citizen.done(Pay(item=item, fen=fen), request_id).qr == order.qr
    assert gateway.pay(order.qr) == 200
    assert order_of(desk, request_id).state is OrderState.PAID
    held = gateway.orders[str(request_id)]
    assert gateway.call(held) == 200  # told twice is the same
    assert gateway.call(held, secret=b"somebody else's secret") == 401
    assert gateway.call(held, seconds=int(gateway.now()) - 3600) == 401

    number = citizen.hand_in(item=item, payment=request_id).number
    refused = citizen.ask(Refund(order=request_id))
    assert (refused.status_code, kind_of(refused)) == (409, "in_use")
    second = citizen.hand_in(item=item, payment=request_id).number
    assert world.record(second).payment is None  # one payment is one fee
    citizen.done(Withdraw(who=citizen.who, number=number))
    until(lambda: order_of(desk, request_id).state is OrderState.REFUNDED)
    assert gateway.orders[str(request_id)].refunded_fen == fen
    days = {began, local_date(WallClock().now())}  # midnight may have passed since it was paid
    assert [found[request_id] for found in map(paid, days) if request_id in found] == [fen]


def test_paid_and_the_gateway_tells_nobody(world: World, desk: Any, gateway: PaymentGatewayServer) -> None:
    citizen, (item, fen) = Citizen(desk), fee_of(world)
    order = citizen.done(Pay(item=item, fen=fen))
    gateway.fail(ServiceFault.GARBAGE, 1)
    gateway.pay(order.qr, tell=False)
    until(lambda: order_of(desk, order.id).state is OrderState.PAID)
    given_up = citizen.done(Refund(order=order.id))
    assert given_up.state is OrderState.REFUNDING
    until(lambda: order_of(desk, order.id).state is OrderState.REFUNDED)


def test_given_up_unpaid_and_another_amount(world: World, desk: Any, gateway: PaymentGatewayServer) -> None:
    citizen, (item, fen) = Citizen(desk), fee_of(world)
    order = citizen.done(Pay(item=item, fen=fen))
    citizen.done(Refund(order=order.id))
    until(lambda: order_of(desk, order.id).state is OrderState.CLOSED)
    assert gateway.orders[str(order.id)].state == "closed"
    for wrong in (Pay(item=item, fen=fen + 1), Pay(item="no-such-item", fen=fen)):
        assert citizen.ask(wrong).status_code == 409
    short = citizen.done(Pay(item=item, fen=fen))
    gateway.pay(short.qr, fen=1)
    assert order_of(desk, short.id).state is OrderState.WAITING  # not the fee: for staff to look at


def test_a_complaint_is_answered_and_read_by_who_made_it(world: World, desk: Any) -> None:
    citizen = Citizen(desk)
    sealed = desk.seal(OpinionWords(text="<script>alert(1)</script> 窗口没人", phone="13800000000"))
    code = "ABCD2345"
    opinion = Opinion(
        id=uuid6.uuid7(),
        kind=OpinionKind.COMPLAINT,
        code=code,
        at=WallClock().now(),
        person=citizen.person,
        name_masked="王*明",
        stars=1,
        words_sealed=sealed,
    )
    assert desk.send(opinion)[0].fate is Fate.STORED
    assert desk.send(opinion)[0].fate is Fate.KNOWN
    (mine,) = citizen.mine().opinions
    assert (mine.code, mine.reply) == (code, "")
    assert mine.due is not None
    clerk = world.clerk("hall-c", "w01")
    page = clerk.http.get(f"{clerk.root}/opinions").text
    assert "窗口没人" in page
    assert "<script>alert" not in page
    answer = clerk.http.post(f"{clerk.root}/opinions/{code}", data={"version": "1", "reply": "已增加人手"})
    assert answer.status_code == 303
    twice = clerk.http.post(f"{clerk.root}/opinions/{code}", data={"version": "1", "reply": "别的话"})
    assert twice.status_code == 409
    assert "别的话" not in citizen.mine().opinions[0].reply
    assert citizen.mine().opinions[0].reply == "已增加人手"


def test_what_is_not_theirs_or_comes_too_late_is_refused_as_an_event(desk: Any) -> None:
    citizen, other = Citizen(desk), Citizen(desk, OTHER)
    number = citizen.hand_in().number
    assert other.supply(number, [other.paper(JPEG)]).fate is Fate.REFUSED
    assert citizen.supply("9" * 14).fate is Fate.REFUSED
    wanted = DeliveryWanted(
        id=uuid6.uuid7(),
        number=number,
        person_sealed=desk.seal(citizen.identified),
        way=Delivery.COURIER,
        at=WallClock().now(),
    )
    assert desk.send(wanted)[0].fate is Fate.REFUSED  # no address
    good = msgspec.structs.replace(wanted, id=uuid6.uuid7(), address_sealed=citizen.address())
    assert desk.send(good)[0].fate is Fate.STORED
    assert citizen.progress(number).way is Delivery.COURIER


def test_only_staff_with_a_role_see_a_submission(world: World, desk: Any) -> None:
    citizen = Citizen(desk)
    paper = citizen.paper(b"\x00 what is this")
    number = citizen.hand_in([paper]).number
    clerk = world.clerk("hall-c", "w01")
    opened = clerk.http.get(f"{clerk.root}/s/{number}/papers/{paper.sha256}")
    assert opened.headers["content-disposition"] == "attachment"
    guard = world.clerk("hall-c", "g01")
    for path in ("", f"/s/{number}", f"/s/{number}/papers/{paper.sha256}", "/opinions"):
        answer = guard.http.get(guard.root + path)
        assert answer.status_code == 403
        assert "王小明" not in answer.text
    assert guard.step(world.record(number), "accept").status_code == 403
    assert clerk.http.get("/office/hall-c/s/00000000000000").status_code == 404
    strange = clerk.http.post(
        f"{clerk.root}/s/{number}/accept", data={"version": "1"}, headers={"Origin": "https://elsewhere.invalid"}
    )
    assert strange.status_code == 403
    assert world.record(number).standing is Standing.RECEIVED


def test_what_was_typed_is_kept_when_somebody_else_was_first(world: World, desk: Any) -> None:
    number = Citizen(desk).hand_in().number
    clerk = world.clerk("hall-c", "w01")
    seen = world.record(number)
    assert clerk.step(seen, "note", reason="电话核实").status_code == 303
    answer = clerk.step(seen, "reject", reason="不属于本厅<b>")
    assert answer.status_code == 409
    assert "不属于本厅&lt;b&gt;" in answer.text
    assert f'name="version" value="{world.record(number).version}"' in answer.text


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"%PDF-1.7 not really",
        b"PK\x03\x04",
        pdf(OpenAction="x"),
        pdf(pages=201),
    ],
    ids=["nothing", "damaged", "zip", "with an action", "endless"],
)
def test_a_result_that_is_not_only_pages_is_refused(world: World, desk: Any, content: bytes) -> None:
    number = Citizen(desk).hand_in().number
    clerk = world.clerk("hall-c", "b01")
    answer = clerk.upload(world.record(number), content)
    assert answer.status_code == 409
    assert answer.text.startswith("文件不能用")
