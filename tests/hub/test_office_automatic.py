"""Items that are done at once decide themselves over real HTTP; what does not fit waits for staff."""

import io
import time
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pikepdf
import pytest
import uuid6

from drivers.simulate.payment_gateway import PaymentGatewayServer
from kiosk.wire import routes
from kiosk.wire.events import Content
from kiosk.wire.progress import AskResult, Progress, Standing
from kiosk.wire.requests import Order, OrderState, Pay
from tests.hub.office_world import Citizen, World

CREDIT = {"version": "brief", "reason": "loan", "consent": "yes", "phone": "13800138000"}
FINE = {
    "decision": "110101000000001", "decided_on": "2026-11-01", "amount": "200.00", "plate": "AE1234",
    "payer": "self", "invoice": "no", "phone": "13800138000",
}  # fmt: skip


@pytest.fixture
def world(running: Any) -> World:
    return World(running)


@pytest.fixture
def citizen(running: Any) -> Citizen:
    return Citizen(running.terminal("desk"))


@pytest.fixture
def gateway(world: World) -> Iterator[PaymentGatewayServer]:
    with PaymentGatewayServer() as server:
        world.outside(server, None)
        yield server
        world.outside(None, None)


def hand_in(citizen: Citizen, item: str, answers: dict[str, str], **changes: Any) -> str:
    content = Content(person=citizen.identified, answers=answers)
    made = citizen.hand_in(item=item, content_sealed=citizen.terminal.seal(content), **changes)
    number: str = made.number
    return number


def eventually(look: Callable[[], bool], seconds: float = 45) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if look():
            return True
        time.sleep(0.1)
    return False


def decided(citizen: Citizen, number: str) -> Progress:
    assert eventually(lambda: citizen.progress(number).standing is Standing.RESULT), citizen.progress(number)
    return citizen.progress(number)


def test_a_credit_report_is_there_in_a_moment_as_a_pdf(citizen: Citizen, world: World) -> None:
    number = hand_in(citizen, "personal-credit-report", CREDIT)
    progress = decided(citizen, number)
    (document,) = progress.results
    assert document.title == "个人信用报告查询回执"
    answer = citizen.result(number)
    assert answer.status_code == 200
    with pikepdf.open(io.BytesIO(answer.content)) as pdf:
        assert len(pdf.pages) == 1
    asked = AskResult(who=citizen.who, number=number, place=0)
    shown = citizen.terminal.http.post(routes.OFFICE_RESULT_PAGE, content=msgspec.json.encode(asked))
    assert shown.status_code == 200
    assert shown.content.startswith(b"\xff\xd8\xff")
    steps = [step.what for step in progress.steps]
    assert steps[:4] == ["receive", "accept", "grant", "upload"]
    rows = world.running.rows("SELECT what, actor FROM audit WHERE subject = ? ORDER BY position", number)
    assert ("grant", "hub") in rows


@pytest.mark.parametrize(
    ("item", "answers"),
    [
        ("personal-credit-report", {**CREDIT, "reason": "dispute", "dispute": "不是我的贷款"}),
        ("traffic-fine", FINE),
        ("invoice-request", {"kind": "goods"}),
        ("social-card-replacement", {"reason": "lost"}),
    ],
    ids=["an answer for staff", "a fee not paid", "papers for staff", "not at once"],
)
def test_what_does_not_fit_waits_for_staff(citizen: Citizen, item: str, answers: dict[str, str]) -> None:
    number = hand_in(citizen, item, answers)
    check = hand_in(citizen, "personal-credit-report", CREDIT)
    decided(citizen, check)  # the one after it was looked at
    assert citizen.progress(number).standing is Standing.RECEIVED


def test_a_fine_that_is_paid_decides_itself_also_when_the_money_comes_later(
    citizen: Citizen, gateway: PaymentGatewayServer
) -> None:
    order = uuid6.uuid7()
    made: Order = citizen.done(Pay(item="traffic-fine", fen=20000), order)
    assert made.state is OrderState.WAITING
    number = hand_in(citizen, "traffic-fine", FINE, payment=order)
    time.sleep(1.5)
    assert citizen.progress(number).standing is Standing.RECEIVED
    gateway.pay(made.qr, tell=False)
    assert decided(citizen, number).results


def test_nobody_else_sees_the_page(citizen: Citizen, running: Any) -> None:
    number = hand_in(citizen, "personal-credit-report", CREDIT)
    decided(citizen, number)
    other = Citizen(citizen.terminal, "110101198001010010")
    asked = AskResult(who=other.who, number=number, place=0)
    answer = citizen.terminal.http.post(routes.OFFICE_RESULT_PAGE, content=msgspec.json.encode(asked))
    assert answer.status_code == 404
