"""The gate's pages in the console: all lanes live, search, registers, and the alarms of every page."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, FastAPI, Request
from sqlalchemy import Connection
from starlette.responses import RedirectResponse, Response, StreamingResponse

from hub.app import Hub
from hub.console import gate_queries
from hub.console.access import ThisPerson, may
from hub.console.answers import Chosen, ThesePages, ThisHub
from hub.console.gate_appointments import router as appointments_router
from hub.console.gate_cases import router as cases_router
from hub.console.gate_forms import check_origin, form_of
from hub.console.gate_live import alarm_stream, parts_stream
from hub.console.gate_rules import router as rules_router
from hub.console.gate_view import HALL_COOKIE, ActingView, ThisView, actor, known_halls
from hub.console.queries import department_names
from hub.fleet.live import TerminalKey
from hub.gate import cases, occupancy, registers
from hub.rules.publish import seats_of
from kiosk.clock import local_date
from kiosk.wire.events import StaffAct

REGISTER_DAYS: Final = (1, 7, 30)
HOURS_COUNTED_EACH: Final = timedelta(seconds=10)
"""Counting a day's hours over all lanes is some hundred queries: not at each passage."""
LANE_PARTS: Final = {
    "lanes": "_lanes.html",
    "day": "_day.html",
    "waiting-cases": "_waiting_cases.html",
    "inside-now": "_inside_now.html",
}
"""Elements of the gate page that change, and what fills them."""

common = APIRouter()
router = APIRouter(prefix="/gate/{hall}", dependencies=[Depends(check_origin)])


@common.get("/gate")
async def get_gate(request: Request, hub: ThisHub, person: ThisPerson) -> Response:
    """The hall that was looked at last, or the first."""
    halls = [each for each in await hub.read(known_halls) if person.halls is None or each in person.halls]
    if not halls:
        return RedirectResponse("/", status_code=303)
    last = request.cookies.get(HALL_COOKIE, "")
    hall = last if last in halls else halls[0]
    below = "" if may(person, "GET", "/gate/{hall}", hall) else "/appointments"
    return RedirectResponse(f"/gate/{quote(hall)}{below}", status_code=303)


def gate_values(
    connection: Connection, hub: Hub, hall: str, hours: Sequence[occupancy.Hour] | None = None
) -> dict[str, Any]:
    """What the gate page shows of a hall.

    Args:
        connection: For reading.
        hub: The hub.
        hall: Which.
        hours: Heads by hour, where they were counted a moment ago.
    """
    now = hub.now()
    return {
        "lanes": gate_queries.lanes(connection, hub.fleet, hall, now),
        "today": gate_queries.today(connection, hall, now),
        "hours": occupancy.by_hour(connection, hall, local_date(now), now) if hours is None else hours,
        "inside": occupancy.inside(connection, hall, now),
        "seats": seats_of(connection, hall),
        "waiting": cases.listed(connection, hall, limit=20),
    }


@router.get("")
async def get_lanes(view: ThisView) -> Response:
    """All lanes of a hall as they are, and the figures of the day."""
    values = await view.hub.read(lambda connection: gate_values(connection, view.hub, view.hall))
    return view.page("lanes.html", "lanes", **values)


@router.get("/live")
async def stream_lanes(view: ThisView, pages: ThesePages) -> StreamingResponse:
    """The parts of the gate page as they change."""
    counted: tuple[datetime, Sequence[occupancy.Hour]] | None = None

    def read(connection: Connection) -> dict[str, str]:
        nonlocal counted
        now = view.hub.now()
        fresh = counted is not None and now - counted[0] < HOURS_COUNTED_EACH
        values = gate_values(connection, view.hub, view.hall, counted[1] if counted is not None and fresh else None)
        if not fresh:
            counted = (now, values["hours"])
        values |= view.frame("lanes")
        return {part: pages.render(f"gate/{file}", view.language, **values) for part, file in LANE_PARTS.items()}

    return parts_stream(view.hub, read)


@router.post("/search")
async def post_search(view: ThisView, request: Request) -> Response:
    """What is known of somebody. Sent as a form, so that no number stands in an address or a history."""
    words = (await form_of(request)).text("words")
    if not words:
        return view.to("")
    hall_key = await run_sync(view.hub.data.hall_key, view.hall)
    now = view.hub.now()

    def read(connection: Connection) -> tuple[gate_queries.Found, dict[str, str]]:
        found = gate_queries.search(connection, view.hall, words, hall_key, now)
        return found, department_names(connection, view.hall, view.language)

    found, departments = await view.hub.read(read)
    return view.page(
        "found.html",
        "lanes",
        found=found,
        departments=departments,
        words=words if found.by != "number" else "",
        path=view.root,
        days=gate_queries.SEARCHED.days,
    )


@router.get("/search")
async def get_search(view: ThisView) -> Response:
    """A search is not repeated by its address."""
    return view.to("")


@router.get("/registers")
async def get_registers(view: ThisView, days: int = 1, act: str = "") -> Response:
    """Disinfection, and what staff did at the lanes."""
    span = days if days in REGISTER_DAYS else REGISTER_DAYS[0]
    wanted = [StaffAct(act)] if act in set(StaffAct) else None
    now = view.hub.now()
    since = now - timedelta(days=span)

    def read(connection: Connection) -> dict[str, Any]:
        return {
            "disinfections": registers.disinfections(connection, view.hall, now),
            "acts": registers.staff_acts(connection, view.hall, since, wanted),
            "troubles": registers.troubles(connection, view.hall, all_since=since)[::-1],
        }

    return view.page(
        "registers.html",
        "registers",
        days=span,
        act="" if wanted is None else act,
        spans=REGISTER_DAYS,
        kinds=list(StaffAct),
        due_passages=registers.DISINFECT_AFTER_PASSAGES,
        due_hours=int(registers.DISINFECT_AFTER.total_seconds() // 3600),
        **await view.hub.read(read),
    )


@router.post("/troubles/{terminal}/{trouble}/acknowledge")
async def post_trouble(view: ActingView, terminal: str, trouble: UUID) -> Response:
    """A member of staff has seen a lane's trouble."""
    who, now = actor(view), view.hub.now()
    key = TerminalKey(view.hall, terminal)
    await view.hub.writer.do(
        lambda connection: registers.acknowledge_trouble(connection, key, trouble, who=who, now=now)
    )
    return view.to("")


@common.get("/stream/alarms")
async def stream_alarms(
    request: Request,
    hub: ThisHub,
    pages: ThesePages,
    language: Chosen,
    person: ThisPerson,
    hall: str = "",
    seen: str = "",
) -> StreamingResponse:
    """Alarms of a hall, or of all that a person may see, for every page of the console."""
    halls = [each for each in await hub.read(known_halls) if person.halls is None or each in person.halls]
    hall = person.hall or hall
    resumed = request.headers.get("last-event-id", "") or seen
    number = int(resumed) if resumed.isascii() and resumed.isdecimal() and len(resumed) < 18 else None
    return alarm_stream(hub, pages, hall if hall in halls else None, number, language)


def add_gate_pages(app: FastAPI) -> None:
    """Add the gate's pages to the console.

    Args:
        app: Its application; `app.state` has the hub and the pages.
    """
    for each in (common, router, cases_router, appointments_router, rules_router):
        app.include_router(each)
