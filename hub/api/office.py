"""The terminal port's office: what a desk asks for a person who stands before it, and the payment gateway's call."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Annotated, Final, TypeVar
from uuid import UUID

import msgspec
from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, FastAPI, Request
from sqlalchemy import Connection
from starlette.responses import Response

from hub.api.fast_lane import limited_body
from hub.api.problems import Problem
from hub.api.terminals import Sender, ThisHub, check_wire, known_terminal
from hub.api.texts import add_texts
from hub.app import Hub
from hub.fleet.live import TerminalKey
from hub.office import payments
from hub.office.advance import OfficeRefused
from hub.office.answers import answer
from hub.office.citizen import fetch_result
from hub.office.gateway import GatewayOrder
from hub.office.items import halls
from hub.office.mine import mine
from hub.office.outside import SIGNATURE_HEADER, OutsideAway, OutsideRefused, is_signed
from hub.office.tasks import Outside
from hub.people.slots import slots
from hub.texts.contacts import Left, left
from kiosk.clock import local_date
from kiosk.wire import routes
from kiosk.wire.digest import person_digest
from kiosk.wire.events import Person
from kiosk.wire.progress import AskMine, AskResult, WhoAsks
from kiosk.wire.requests import Book, Order, OrderState, Pay, Refund, Reply, SlotFree, Slots, TakeNumber
from kiosk.wire.requests import Request as Wish
from kiosk.wire.sealing import CannotUnseal, unseal
from kiosk.wire.texts import TextsWanted

T = TypeVar("T")
_MOST: Final = 64 * 1024
_JSON: Final = "application/json"
_MOST_DAYS: Final = 31
_STATUS: Final = {"no_such_submission": 404, "no_such_appointment": 404, "no_such_order": 404, "no_result": 404}
_HINTS: Final = {
    "no_such_submission": "Compare the number with the receipt, and the person with the card.",
    "changed": "Show it afresh, and let the person choose again.",
    "other_request": "Make a new id for a new wish.",
}
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

_terminals = APIRouter(dependencies=[Depends(known_terminal), Depends(check_wire)])
_outside = APIRouter()


def outside_of(request: Request) -> Outside:
    """The payment gateway and the couriers."""
    outside: Outside = request.app.state.outside
    return outside


TheOutside = Annotated[Outside, Depends(outside_of)]


async def body_of(request: Request, kind: type[T]) -> T:
    """The body of a request, as JSON of a kind."""
    body = await limited_body(request, _MOST)
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem(422, "invalid", str(error)[:400], f"Send a {kind.__name__}.") from error


def refused(error: OfficeRefused) -> Problem:
    """What the office cannot do, as an answer."""
    hint = _HINTS.get(error.kind, "Nothing was changed.")
    return Problem(_STATUS.get(error.kind, 409), error.kind, str(error), hint)


async def persons_of(hub: Hub, sender: TerminalKey, who: WhoAsks | None) -> dict[str, str]:
    """The person's digest at each hall; without their number, at this one only."""
    if who is None:
        return {}
    if not who.number_sealed:
        return {sender.hall: who.person}
    names = await hub.read(halls)

    def open_it() -> dict[str, str]:
        number = msgspec.json.decode(unseal(who.number_sealed, hub.unsealing), type=Person).number
        return {hall: person_digest(number, hub.data.hall_key(hall)) for hall in {*names, sender.hall}}

    try:
        persons = await run_sync(open_it)
    except (CannotUnseal, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem(
            422, "invalid", "the sealed number cannot be opened", "Seal a Person to the hub's key."
        ) from error
    if persons[sender.hall] != who.person:
        raise Problem(422, "invalid", "the sealed number is another person's", "Identify the person again.")
    return persons


def _digests(persons: dict[str, str]) -> Callable[[str], str]:
    return lambda hall: persons.get(hall, "-")


def _answer(content: object) -> Response:
    return Response(msgspec.json.encode(content), media_type=_JSON, headers={"Cache-Control": "no-store"})


@_terminals.post(routes.OFFICE_MINE)
async def post_mine(request: Request, hub: ThisHub, sender: Sender) -> Response:
    """Everything of a person that may be shown to them; the question travels in the body, out of every log."""
    asked = await body_of(request, AskMine)
    persons = await persons_of(hub, sender, asked.who)
    found = await hub.read(
        lambda connection: mine(connection, sender.hall, persons, hub.signing, hub.now(), asked.number)
    )
    if asked.number and not found.submissions:
        detail = "this person handed in nothing under that number"
        raise refused(OfficeRefused("no_such_submission", detail))
    return _answer(found)


@_terminals.post(routes.OFFICE_REQUESTS)
async def post_request(request: Request, hub: ThisHub, sender: Sender, outside: TheOutside) -> Response:
    """Do what is asked, once; the same answer for the same id."""
    wish = await body_of(request, Wish)
    try:
        if isinstance(wish.ask, Pay):
            return _answer(await _pay(hub, sender, outside, wish.id, wish.ask))
        who = None if isinstance(wish.ask, Refund) else wish.ask.who
        if isinstance(wish.ask, TakeNumber) and who is not None:
            who = WhoAsks(person=who.person)  # only the digest is needed
        persons = await persons_of(hub, sender, who)
        sealed = wish.ask.texts_sealed if isinstance(wish.ask, TakeNumber | Book) else b""
        texts = await run_sync(_texts, sealed, hub.unsealing) if sealed else None

        def do(connection: Connection) -> Reply:
            return answer(connection, sender, wish, _digests(persons), hub.signing, hub.now(), texts)

        return _answer(await hub.writer.do(do))
    except OfficeRefused as error:
        raise refused(error) from error


def _texts(sealed: bytes, identity: str) -> Left:
    """Where messages go, locked away again."""
    try:
        return left(msgspec.json.decode(unseal(sealed, identity), type=TextsWanted), identity)
    except (CannotUnseal, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        # Its message could repeat the number.
        detail = f"the sealed number cannot be used ({type(error).__name__})"
        raise Problem(422, "invalid", detail, "Seal a TextsWanted to the hub's key.") from error


async def _pay(hub: Hub, sender: TerminalKey, outside: Outside, order: UUID, asked: Pay) -> Order:
    gateway = await outside.gateway()
    if gateway is None:
        raise OfficeRefused("no_gateway", "this hub has no payment gateway: pay at a window")
    known = await hub.writer.do(lambda connection: payments.write_order(connection, sender, order, asked, hub.now()))
    if known.state is not OrderState.WAITING or known.qr:
        return known.order
    try:
        qr = await gateway.make(known, hub.now())
    except OutsideAway as error:
        raise Problem(
            503,
            "gateway-away",
            "The payment gateway does not answer",
            "Ask again with the same id, or pay at a window.",
        ) from error
    except OutsideRefused as error:
        raise OfficeRefused("gateway_refused", f"the payment gateway says {error.kind}") from error
    await hub.writer.do(lambda connection: payments.show_qr(connection, order, qr))
    return msgspec.structs.replace(known.order, qr=qr)


@_terminals.get(routes.OFFICE_ORDERS + "/{order}")
async def get_order(order: str, hub: ThisHub, sender: Sender) -> Response:
    """Whether an order is paid."""
    found = None
    if _UUID.fullmatch(order):
        found = await hub.read(lambda connection: payments.find_order(connection, UUID(order), sender.hall))
    if found is None:
        raise refused(OfficeRefused("no_such_order", f"{sender.hall} has no such order"))
    return _answer(found.order)


@_terminals.post(routes.OFFICE_RESULT)
async def post_result(request: Request, hub: ThisHub, sender: Sender) -> Response:
    """One document of a result, a PDF, over this connection only: it is stored sealed, and opened here."""
    asked = await body_of(request, AskResult)
    persons = await persons_of(hub, sender, asked.who)

    def fetch(connection: Connection) -> str:
        return fetch_result(connection, sender, asked.number, asked.place, _digests(persons), hub.now())

    try:
        name = await hub.writer.do(fetch)
    except OfficeRefused as error:
        raise refused(error) from error
    pdf = await run_sync(lambda: unseal(hub.papers.open(name), hub.unsealing))
    return Response(pdf, media_type="application/pdf", headers={"Cache-Control": "no-store"})


@_terminals.get(routes.OFFICE_SLOTS)
async def get_slots(request: Request, hub: ThisHub, sender: Sender) -> Response:
    """The hours of a department that can be booked, from a day on."""
    given = request.query_params
    department = given.get("department", "")
    try:
        first = date.fromisoformat(given["from"]) if "from" in given else local_date(hub.now())
        days = int(given.get("days", "7"))
        last = first + timedelta(days=days)
    except (ValueError, OverflowError) as error:
        raise Problem(422, "invalid", "from is a date, days a number", "Ask for up to 31 days.") from error
    if not 1 <= days <= _MOST_DAYS or len(department) > 64:
        raise Problem(422, "invalid", "days is 1 to 31, a department has at most 64 letters", "Ask for fewer days.")
    now = hub.now()

    def read(connection: Connection) -> Slots:
        found = [
            SlotFree(begins=each.begins, free=each.free)
            for offset in range((last - first).days)
            for each in slots(connection, sender.hall, first + timedelta(days=offset), department)
            if each.begins > now
        ]
        return Slots(department=department, slots=tuple(found[:1000]))

    return _answer(await hub.read(read))


@_outside.post(routes.OFFICE_PAID)
async def post_paid(request: Request, hub: ThisHub, outside: TheOutside) -> Response:
    """The payment gateway tells that an order was paid; signed with the shared secret, and new."""
    body = await limited_body(request, _MOST)
    gateway = await outside.gateway()
    header = request.headers.get(SIGNATURE_HEADER, "")
    if gateway is None or not is_signed(header, body, gateway.secret, hub.now()):
        raise Problem(401, "not-signed", "This call is not signed by the gateway", "Sign it with the shared secret.")
    try:
        told = msgspec.json.decode(body, type=GatewayOrder)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Problem(422, "invalid", str(error)[:400], "Send {order, state, fen, number}.") from error
    order = told.order
    if order is None:
        raise Problem(422, "invalid", "the order is missing", "Send {order, state, fen, number}.")
    if told.state == "paid":
        await hub.writer.do(lambda connection: payments.note_paid(connection, order, told.fen, told.number, hub.now()))
    return _answer({"taken": True})


def add_office(app: FastAPI) -> FastAPI:
    """Add these routes to the application of the terminal port; `app.state.outside` has to be set before it serves."""
    app.include_router(_terminals)
    app.include_router(_outside)
    add_texts(app)
    return app
