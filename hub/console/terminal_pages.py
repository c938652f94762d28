"""The terminals' pages: all of them, the worst first; and each with its devices, alarms, orders and certificates."""

from datetime import datetime, timedelta
from typing import Any, Final

from anyio.to_thread import run_sync
from fastapi import APIRouter, FastAPI, Request
from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, RedirectResponse, Response, StreamingResponse

from hub.audit.chain import append
from hub.console.access import Person, ThisPerson
from hub.console.answers import HEADERS, Chosen, ThesePages, ThisHub, page
from hub.console.gate_forms import Form, form_of
from hub.console.gate_live import parts_stream
from hub.console.pages import Pages, state_of
from hub.console.terminal_view import MACHINES, ORDERS_OF, Listed, Wanted, listed, orders_of
from hub.console.words import Language, word
from hub.fleet import bundles, orders, serials
from hub.fleet.acceptance import newest_of_each
from hub.fleet.behind import reported_of
from hub.fleet.live import TerminalKey
from hub.fleet.orders import OrderRefused
from hub.fleet.terminal_record import TerminalRecord, days, record_of
from kiosk.wire.orders import OrderKind

router = APIRouter()
LIVES: Final = (1, 8, 24, 168)
"""Hours an order may be good for."""
LIST_SECONDS: Final = 3.0
"""Between two looks at all terminals."""
DONE: Final = frozenset({"order_given", "group_saved", "certificate_revoked"})


async def _record(request: Request, key: TerminalKey) -> TerminalRecord:
    found: TerminalRecord | None = await request.app.state.hub.read(lambda connection: record_of(connection, key))
    if found is None:
        raise HTTPException(404)
    return found


def live_parts(request: Request, pages: Pages, language: Language, person: Person, key: TerminalKey) -> Any:
    """Renders what changes on a terminal's page, by the id of the element."""
    hub = request.app.state.hub

    def read(connection: Connection) -> dict[str, str]:
        found = record_of(connection, key)
        if found is None:
            return {}
        now = hub.now()
        heard = hub.fleet.heard.get(key)
        values = {
            "found": found,
            "key": key,
            "heard": heard,
            "reported": {} if heard is None else reported_of(heard.health),
            "screen": hub.fleet.screens.get(key),
            "state": state_of(heard, now),
            "offset": None if heard is None else heard.health.made - heard.at,
            "person": person,
            "acts": bool(person.roles_in(key.hall)),
            "machines": bool(person.roles_in(key.hall) & MACHINES),
            "may_see_to": bool(orders_of(person.roles_in(key.hall))),
            "bundles": bundles.kept(hub.data.bundles, key),
            "now": now,
        }
        names = ("standing", "devices", "alarms", "orders")
        return {f"t-{name}": pages.render(f"terminals/_{name}.html", language, **values) for name in names}

    return read


async def show(
    request: Request,
    person: Person,
    language: Language,
    key: TerminalKey,
    *,
    status: int = 200,
    problem: str = "",
    done: str = "",
    typed: Form | None = None,
    ticket: tuple[str, str] | None = None,
) -> Response:
    """A terminal's page.

    Args:
        request: What is answered.
        person: Who looks.
        language: Of the words.
        key: Which terminal.
        status: Of HTTP.
        problem: Key of the word that says what could not be done.
        done: Key of the word that says what was done.
        typed: What was typed into a form that was refused.
        ticket: A new enrolment ticket and its picture (SVG).
    """
    hub, pages = request.app.state.hub, request.app.state.pages
    found = await _record(request, key)
    now = hub.now()
    parts = await hub.read(live_parts(request, pages, language, person, key))
    done_days = await hub.read(lambda connection: days(connection, key, now))
    accepted = await hub.read(newest_of_each)
    heard = hub.fleet.heard.get(key)
    return page(
        request,
        "terminals/one.html",
        language,
        status=status,
        path=f"/terminals/{key.hall}/{key.terminal}",
        key=key,
        found=found,
        parts=parts,
        days=done_days,
        most=max((each.passages + each.submissions for each in done_days), default=0) or 1,
        accepted=accepted.get(key),
        screens=sorted(heard.health.screens, key=lambda use: -use.shown)[:12] if heard is not None else (),
        kinds=orders_of(person.roles_in(key.hall)),
        machines=bool(person.roles_in(key.hall) & MACHINES),
        lives=LIVES,
        problem=problem,
        done=done,
        typed=typed or Form({}),
        ticket=ticket,
        now=now,
    )


@router.get("/terminals")
async def get_terminals(
    request: Request,
    hub: ThisHub,
    person: ThisPerson,
    language: Chosen,
    hall: str = "",
    group: str = "",
    trouble: int = 0,
    given: int = 0,
) -> Response:
    """All terminals that somebody may see, those with alarms first."""
    wanted = Wanted(hall[:64], group[:64], bool(trouble))
    return await _list(request, hub, person, language, wanted, given=given)


async def _list(
    request: Request,
    hub: ThisHub,
    person: Person,
    language: Language,
    wanted: Wanted,
    *,
    status: int = 200,
    problem: str = "",
    typed: Form | None = None,
    given: int = 0,
) -> Response:
    found = await hub.read(lambda connection: listed(connection, hub.fleet, person.halls, wanted, hub.now()))
    parts = list_parts(request.app.state.pages, language, person, found, hub.now())
    return page(
        request,
        "terminals/list.html",
        language,
        status=status,
        path="/terminals",
        found=found,
        wanted=wanted,
        kinds=orders_of(person.roles),
        machines=bool(person.roles & MACHINES),
        waiting=await hub.read(lambda connection: serials.waiting(connection, person.halls)),
        parts=parts,
        lives=LIVES,
        problem=problem,
        typed=typed or Form({}),
        given=given,
    )


def list_parts(pages: Pages, language: Language, person: Person, found: Listed, now: datetime) -> dict[str, str]:
    """What changes on the list, by the id of the element."""
    values = {"found": found, "now": now, "may_see_to": bool(orders_of(person.roles))}
    names = ("alarms", "rows")
    return {f"fleet-{name}": pages.render(f"terminals/_list_{name}.html", language, **values) for name in names}


@router.get("/terminals/live")
async def get_list_live(
    hub: ThisHub,
    pages: ThesePages,
    person: ThisPerson,
    language: Chosen,
    hall: str = "",
    group: str = "",
    trouble: int = 0,
) -> StreamingResponse:
    """The list as it changes."""
    wanted = Wanted(hall[:64], group[:64], bool(trouble))

    def read(connection: Connection) -> dict[str, str]:
        now = hub.now()
        return list_parts(pages, language, person, listed(connection, hub.fleet, person.halls, wanted, now), now)

    return parts_stream(hub, read, LIST_SECONDS)


@router.get("/terminals/{hall}/{terminal}")
async def get_terminal(
    request: Request, person: ThisPerson, language: Chosen, hall: str, terminal: str, done: str = ""
) -> Response:
    """One terminal."""
    return await show(request, person, language, TerminalKey(hall, terminal), done=done if done in DONE else "")


@router.get("/terminals/{hall}/{terminal}/live")
async def get_live(
    request: Request, hub: ThisHub, pages: ThesePages, person: ThisPerson, language: Chosen, hall: str, terminal: str
) -> StreamingResponse:
    """One terminal as it changes."""
    key = TerminalKey(hall, terminal)
    await _record(request, key)
    return parts_stream(hub, live_parts(request, pages, language, person, key))


def _kind(form: Form, person: Person, hall: str) -> OrderKind:
    """The order of a form.

    Raises:
        OrderRefused: There is none such, or it is not for this role.
    """
    if form.text("kind") not in set(OrderKind):
        raise OrderRefused("no such order", "kind")
    kind = OrderKind(form.text("kind"))
    if not ORDERS_OF[kind] & person.roles_in(hall):
        raise OrderRefused("not for this role", "role")
    return kind


def _life(form: Form) -> timedelta:
    hours = form.number("hours")
    return timedelta(hours=hours if hours in LIVES else 24)


async def _give(hub: ThisHub, person: Person, keys: list[TerminalKey], form: Form) -> int:
    """Give the order of a form to terminals of one hall; how many.

    Raises:
        OrderRefused: It cannot be given.
    """
    if not keys:
        raise OrderRefused("nobody is meant", "nobody")
    hall, now = keys[0].hall, hub.now()
    kind, life = _kind(form, person, hall), _life(form)
    text = form.text("text") if kind in {OrderKind.MESSAGE, OrderKind.LOCK} else ""
    who = person.who(hall, *ORDERS_OF[kind])

    def work(connection: Connection) -> None:
        for number, key in zip(
            orders.give(connection, keys, kind, by=who.name, now=now, text=text, life=life), keys, strict=True
        ):
            told = {"order": number, "kind": kind.value}
            append(connection, who, "order", f"{key.hall}/{key.terminal}"[:64], now, detail=told)

    await hub.writer.do(work)
    hub.ordered.fire()
    hub.fleet.changed.fire()
    return len(keys)


@router.post("/terminals/{hall}/{terminal}/orders")
async def post_order(
    request: Request, hub: ThisHub, person: ThisPerson, language: Chosen, hall: str, terminal: str
) -> Response:
    """Give it an order."""
    form, key = await form_of(request), TerminalKey(hall, terminal)
    await _record(request, key)
    try:
        await _give(hub, person, [key], form)
    except OrderRefused as refused:
        words = f"order_why_{refused.kind}"
        return await show(request, person, language, key, status=422, problem=words, typed=form)
    return RedirectResponse(f"/terminals/{hall}/{terminal}?done=order_given", status_code=303)


@router.post("/terminals/{hall}/orders")
async def post_orders(request: Request, hub: ThisHub, person: ThisPerson, language: Chosen, hall: str) -> Response:
    """Give an order to a hall's terminals, or to a group of them."""
    form, group = await form_of(request), ""
    group = form.text("group")
    found = await hub.read(
        lambda connection: listed(connection, hub.fleet, frozenset({hall}), Wanted(hall, group), hub.now())
    )
    try:
        number = await _give(hub, person, [row.key for row in found.rows], form)
    except OrderRefused as refused:
        problem = word(f"order_why_{refused.kind}", language)
        wanted = Wanted(hall, group)
        return await _list(request, hub, person, language, wanted, status=422, problem=problem, typed=form)
    return RedirectResponse(f"/terminals?hall={hall}&group={group}&given={number}", status_code=303)


@router.post("/terminals/{hall}/{terminal}/orders/{number}/withdraw")
async def post_withdraw(
    request: Request, hub: ThisHub, person: ThisPerson, language: Chosen, hall: str, terminal: str, number: int
) -> Response:
    """Take back an order that was not fetched."""
    key, now = TerminalKey(hall, terminal), hub.now()
    await _record(request, key)
    who = person.who(hall, *MACHINES)

    def work(connection: Connection) -> bool:
        if not orders.belongs(connection, key, number):
            raise HTTPException(404)
        if not orders.withdraw(connection, number, now):
            return False
        append(connection, who, "order_withdrawn", f"{hall}/{terminal}"[:64], now, detail={"order": number})
        return True

    if not await hub.writer.do(work):
        return await show(request, person, language, key, status=409, problem="order_why_fetched")
    hub.fleet.changed.fire()
    return RedirectResponse(f"/terminals/{hall}/{terminal}", status_code=303)


@router.get("/terminals/{hall}/{terminal}/bundles/{number}.tar.gz")
async def get_bundle(hub: ThisHub, person: ThisPerson, hall: str, terminal: str, number: int) -> Response:
    """A support bundle, as the terminal sent it; that somebody took it is in the audit."""
    key, now = TerminalKey(hall, terminal), hub.now()
    file = bundles.file_of(hub.data.bundles, key, number)
    if not await run_sync(file.is_file):
        raise HTTPException(404)
    who = person.who(hall, *MACHINES)
    told = {"order": number}
    await hub.writer.do(
        lambda connection: append(connection, who, "bundle", f"{hall}/{terminal}"[:64], now, detail=told)
    )
    name = f"kiosk-{hall}-{terminal}-{number}.tar.gz"
    return FileResponse(file, media_type="application/gzip", filename=name, headers=HEADERS)


def add_terminal_pages(app: FastAPI) -> None:
    """Add the pages to the console."""
    app.include_router(router)
