"""The fee: paid by a code, at a window, with the line down in between; never charged twice. Results at once."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID

import anyio
import pytest

from kiosk.desk.desk import Desk
from kiosk.desk.journey import serve_one
from kiosk.view import desk as view
from kiosk.view.common import Cancel, Next
from kiosk.view.screen import Intent
from kiosk.wire.catalogue import Handling
from kiosk.wire.progress import Mine, Progress, Standing, WhoAsks
from kiosk.wire.requests import LineDown, NotDone, Order, OrderState, Pay, Refund, Request
from tests.journeys.cast import card
from tests.journeys.test_desk_drafts import Keeping, Shelf
from tests.journeys.test_desk_items import Citizen
from tests.journeys.test_desk_journey import CATALOGUE, SIGNED

pytestmark = pytest.mark.anyio

ITEM = next(item for item in CATALOGUE.items if item.key == "temporary-id-card")
AT_ONCE = next(item for item in CATALOGUE.items if item.key == "tax-record")


@dataclass
class Office:
    """The hub with its gateway: one order an id, and a line that may be down."""

    desk: Desk
    down: bool = False
    refuses: str = ""
    orders: dict[UUID, Order] = field(default_factory=dict)
    asked: list[Request] = field(default_factory=list)
    standings: list[Standing] = field(default_factory=list)
    reason: str = ""

    async def request(self, request: Request) -> Order | NotDone | LineDown:
        await anyio.sleep(0.2)
        if self.down:
            return LineDown()
        self.asked.append(request)
        match request.ask:
            case Pay(fen=fen):
                if self.refuses:
                    return NotDone(kind=self.refuses, detail="")
                now = self.desk.clock.now()
                new = Order(
                    id=request.id,
                    state=OrderState.WAITING,
                    fen=fen,
                    qr=f"pay:{request.id}",
                    expires=now + timedelta(minutes=10),
                )
                return self.orders.setdefault(request.id, new)
            case Refund(order=order):
                known = self.orders[order]
                after = {OrderState.PAID: OrderState.REFUNDING, OrderState.WAITING: OrderState.CLOSED}
                return self._set(order, after.get(known.state, known.state))
        raise AssertionError(request)

    async def order(self, order: UUID) -> Order | NotDone | LineDown:
        await anyio.sleep(0.1)
        if self.down:
            return LineDown()
        return self.orders.get(order) or NotDone(kind="no_such_order", detail="")

    def _set(self, order: UUID, state: OrderState) -> Order:
        self.orders[order] = Order(
            id=order,
            state=state,
            fen=self.orders[order].fen,
            qr=self.orders[order].qr,
            expires=self.orders[order].expires,
        )
        return self.orders[order]

    def pay(self) -> None:
        """Somebody scans what is on the screen."""
        for order, known in self.orders.items():
            if known.state is OrderState.WAITING:
                self._set(order, OrderState.PAID)

    async def result(self, who: WhoAsks, number: str, place: int = 0) -> bytes | NotDone | LineDown:
        return NotDone(kind="no_result", detail="")

    async def result_page(self, who: WhoAsks, number: str, place: int = 0) -> bytes | NotDone | LineDown:
        return NotDone(kind="no_result", detail="")

    async def mine(self, who: WhoAsks, number: str = "") -> Mine | NotDone | LineDown:
        await anyio.sleep(0.1)
        assert who.number_sealed
        if self.down:
            return LineDown()
        if not self.standings:
            return NotDone(kind="no_such_submission", detail="")
        now = self.desk.clock.now()
        standing = self.standings.pop(0) if len(self.standings) > 1 else self.standings[0]
        return Mine(
            made=now,
            submissions=(
                Progress(
                    number=number,
                    item=AT_ONCE.key,
                    item_version=1,
                    hall="h",
                    accepts="h",
                    decides="h",
                    handling=Handling.HERE,
                    submitted=now,
                    standing=standing,
                    since=now,
                    reason=self.reason,
                ),
            ),
        )


class Payer(Citizen):
    """At the payment does what the test says, screen by screen."""

    def __init__(self, hall: Keeping, office: Office, acts: Sequence[tuple[view.PayState, Intent | str]]) -> None:
        super().__init__(hall, ITEM)
        self.office, self.acts = office, list(acts)

    def intent(self, state: object) -> Intent | None:  # noqa: PLR0911  one line a screen
        match state:
            case view.PayFee(state=how) if self.acts and self.acts[0][0] is how:
                act = self.acts.pop(0)[1]
                if isinstance(act, str):
                    getattr(self, act)()
                    return None
                return act
            case view.PayFee():
                return None
            case view.SavedDrafts(drafts=drafts):
                return view.Choose(drafts[0].key)
            case view.DraftKept() | view.CheckPaper() | view.Review():
                return Next()
            case view.Sign():
                return SIGNED
        return super().intent(state)  # type: ignore[arg-type]  # whatever is on the screen

    def pays(self) -> None:
        self.office.pay()

    def line_goes(self) -> None:
        self.office.down = True

    def line_comes(self) -> None:
        self.office.down = False

    def pays_and_line_goes(self) -> None:
        self.office.pay()
        self.office.down = True


@pytest.fixture
def hall() -> Keeping:
    made = Keeping(Shelf())
    made.office = Office(made.desk)  # type: ignore[attr-defined]  # beside the desk
    made.desk = replace(made.desk, office=made.office)  # type: ignore[attr-defined]
    return made


def office_of(hall: Keeping) -> Office:
    office = hall.desk.office
    assert isinstance(office, Office)
    return office


def paid_orders(office: Office) -> list[UUID]:
    return [order for order, known in office.orders.items() if known.state is OrderState.PAID]


async def test_paid_by_the_code(hall: Keeping) -> None:
    office = office_of(hall)
    payer = Payer(hall, office, [(view.PayState.WAITING, "pays")])
    assert await hall.visit(payer.walk) == "served"
    (made,) = hall.notes.submissions
    assert [made.payment] == paid_orders(office)
    done = next(state for state in hall.person.seen if isinstance(state, view.Done))
    assert done.fee is view.Fee.PAID
    assert "10 元 已付" in str(hall.printer.driver.jobs) or "10 yuan, paid" in str(hall.printer.driver.jobs)
    asked = [request.ask for request in office.asked]
    assert asked == [Pay(item=ITEM.key, fen=1000)]


async def test_later_at_a_window_closes_the_order(hall: Keeping) -> None:
    office = office_of(hall)
    payer = Payer(hall, office, [(view.PayState.WAITING, view.PayAtWindow())])
    assert await hall.visit(payer.walk) == "served"
    (made,) = hall.notes.submissions
    assert made.payment is None
    assert [known.state for known in office.orders.values()] == [OrderState.CLOSED]
    done = next(state for state in hall.person.seen if isinstance(state, view.Done))
    assert done.fee is view.Fee.AT_WINDOW


@pytest.mark.parametrize("refuses", ["no_gateway", "gateway_refused"])
async def test_without_a_gateway_it_is_handed_in_and_paid_at_a_window(hall: Keeping, refuses: str) -> None:
    office = office_of(hall)
    office.refuses = refuses
    payer = Payer(hall, office, [(view.PayState.NOT_POSSIBLE, view.PayAtWindow())])
    assert await hall.visit(payer.walk) == "served"
    assert hall.notes.submissions[0].payment is None


async def test_the_line_is_down_before_the_code_and_comes_back(hall: Keeping) -> None:
    office = office_of(hall)
    office.down = True
    payer = Payer(
        hall,
        office,
        [
            (view.PayState.LINE_DOWN, "line_comes"),
            (view.PayState.LINE_DOWN, view.PayAgain()),
            (view.PayState.WAITING, "pays"),
        ],
    )
    assert await hall.visit(payer.walk) == "served"
    assert len(office.orders) == 1
    assert [hall.notes.submissions[0].payment] == paid_orders(office)


async def test_the_line_goes_while_somebody_pays_and_nothing_is_paid_twice(hall: Keeping) -> None:
    office = office_of(hall)
    payer = Payer(
        hall,
        office,
        [(view.PayState.WAITING, "pays_and_line_goes"), (view.PayState.UNSURE, view.PayAtWindow())],
    )
    assert await hall.visit(payer.walk) == "served"
    (made,) = hall.notes.submissions
    assert [made.payment] == paid_orders(office)  # the office finds the payment by it
    done = next(state for state in hall.person.seen if isinstance(state, view.Done))
    assert done.fee is view.Fee.UNSURE
    assert "不要再付" in str(hall.printer.driver.jobs) or "Do not pay again" in str(hall.printer.driver.jobs)


async def test_a_code_that_expires_is_replaced(hall: Keeping) -> None:
    office = office_of(hall)
    hall.desk = replace(hall.desk, pace=replace(hall.desk.pace, idle_seconds=2000.0))
    payer = Payer(hall, office, [(view.PayState.EXPIRED, view.PayAtWindow())])
    assert await hall.visit(payer.walk) == "served"
    assert hall.notes.submissions[0].payment is None or not paid_orders(office)


async def test_who_leaves_gets_the_money_back(hall: Keeping) -> None:
    office = office_of(hall)
    payer = Payer(hall, office, [(view.PayState.WAITING, Cancel())])

    async def walk() -> None:
        with anyio.move_on_after(90):
            await payer.walk()

    assert await hall.visit(walk) == "cancelled"
    assert hall.notes.submissions == []
    assert [known.state for known in office.orders.values()] == [OrderState.CLOSED]


async def test_paid_then_interrupted_is_not_paid_again(hall: Keeping) -> None:
    """The power goes while the code is shown; the payment arrives meanwhile."""
    office = office_of(hall)
    payer = Payer(hall, office, [])

    async def until_code() -> None:
        with anyio.fail_after(600):
            async with anyio.create_task_group() as group:
                group.start_soon(payer.walk)
                while not (
                    hall.person.screen is not None
                    and isinstance(hall.person.screen.state, view.PayFee)
                    and hall.person.screen.state.state is view.PayState.WAITING
                ):
                    await anyio.sleep(0.05)
                group.cancel_scope.cancel()

    hall.reader.driver.queue = [card()]
    with anyio.fail_after(3000):
        async with anyio.create_task_group() as group:
            group.start_soon(serve_one, hall.desk)
            await until_code()
            group.cancel_scope.cancel()  # the power
    assert hall.notes.submissions == []
    office.pay()
    assert await hall.visit(Payer(hall, office, []).walk) == "served"
    assert len(office.orders) == 1
    assert [hall.notes.submissions[0].payment] == paid_orders(office)


# Done at once ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("standings", "outcome"),
    [
        ([Standing.RECEIVED, Standing.RESULT], view.Outcome.GRANTED),
        ([Standing.RECEIVED, Standing.REFUSED], view.Outcome.REFUSED),
        ([Standing.RECEIVED], view.Outcome.NONE),
        ([], view.Outcome.NONE),
    ],
    ids=["granted", "refused", "takes longer", "has not arrived"],
)
async def test_the_result_is_printed_when_it_comes_while_one_waits(
    hall: Keeping, standings: list[Standing], outcome: view.Outcome
) -> None:
    office = office_of(hall)
    office.standings, office.reason = standings, "材料不全" if outcome is view.Outcome.REFUSED else ""
    assert await hall.visit(Citizen(hall, AT_ONCE).walk) == "served"
    done = next(state for state in hall.person.seen if isinstance(state, view.Done))
    assert done.outcome is outcome
    slip = str(hall.printer.driver.jobs[0])
    assert ("材料不全" in slip) == (outcome is view.Outcome.REFUSED)
    assert len(hall.notes.receipts) == 1


async def test_nobody_has_to_wait_for_the_result(hall: Keeping) -> None:
    class Hurried(Citizen):
        def intent(self, state: object) -> Intent | None:
            return Next() if isinstance(state, view.Deciding) else super().intent(state)  # type: ignore[arg-type]

    assert await hall.visit(Hurried(hall, AT_ONCE).walk) == "served"
    seconds = [state.seconds for state in hall.person.seen if isinstance(state, view.Deciding)]
    assert min(seconds) > 15
