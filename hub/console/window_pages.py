"""Windows and the wall: numbers called, the queue as it is, notices; and the display that hangs there for all."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from urllib.parse import quote

from fastapi import APIRouter, FastAPI, Request
from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response, StreamingResponse

from hub.app import Hub
from hub.audit.chain import Actor as Role
from hub.console.access import Person, ThisPerson, may
from hub.console.answers import Chosen, ThesePages, ThisHub, page
from hub.console.gate_forms import Form, form_of
from hub.console.gate_live import parts_stream
from hub.console.gate_view import hour_text, known_halls
from hub.console.queries import department_names, item_titles
from hub.console.words import Language, word
from hub.office import board, windows
from hub.office.items import published
from hub.office.queue import QueueRefused, call_next
from hub.people.halls import NAME_MOST, NameRefused, name_hall
from hub.people.slots import AppointmentRefused, lock_hall
from kiosk.clock import local_date

COUNTER_COOKIE: Final = "counter"
BOARD_ROWS: Final = 6
_YEAR: Final = 365 * 86400
router = APIRouter()


async def _known(hub: Hub, hall: str) -> None:
    if hall not in await hub.read(known_halls):
        raise HTTPException(404)


def _minutes(span: timedelta) -> int:
    return int(span.total_seconds() // 60)


@dataclass(frozen=True, slots=True)
class _Window:
    """Which window somebody sits at, and whose numbers they call."""

    counter: str
    department: str

    @classmethod
    def of(cls, request: Request, form: Form | None = None) -> "_Window":
        """As chosen in the form, or before."""
        kept = Form.decoded(request.cookies.get(COUNTER_COOKIE, ""))
        given = form if form is not None and "counter" in form.fields else kept
        return cls(given.text("counter")[:32], given.fields.get("department", "")[:64])

    def encoded(self) -> str:
        return Form({"counter": self.counter, "department": self.department}).encoded()


def _queue(
    connection: Connection, hub: Hub, person: Person, hall: str, window: _Window, language: Language
) -> dict[str, Any]:
    now = hub.now()
    names = department_names(connection, hall, language)
    waits = windows.waiting(connection, hall, now)
    for each in waits:
        names.setdefault(each.department, each.department)
    return {
        "hall": hall,
        "window": window,
        "names": names,
        "waits": waits,
        "here": windows.at_window(connection, hall, window.counter, now) if window.counter else None,
        "called": windows.called_now(connection, hall, now, 20),
        "missed": windows.missed(connection, hall, now),
        "served": windows.served_today(connection, hall, person.named_in(hall), now),
        "minutes": _minutes,
        "root": f"/windows/{quote(hall)}",
        "may_act": may(person, "POST", "/windows/{hall}/next", hall),
        "hour_text": hour_text,
    }


async def _page(
    request: Request, hub: Hub, person: Person, language: Language, hall: str, window: _Window, **values: Any
) -> Response:
    await _known(hub, hall)
    found = await hub.read(lambda connection: _queue(connection, hub, person, hall, window, language))
    given = {"problem": "", "done": "", **values}
    status = 409 if given["problem"] else 200
    root = f"/windows/{quote(hall)}"
    response = page(request, "windows/window.html", language, status=status, path=root, **found, **given)
    if window.counter:
        response.set_cookie(COUNTER_COOKIE, window.encoded(), max_age=_YEAR, samesite="strict", httponly=True)
    return response


@router.get("/windows")
async def get_windows(request: Request, hub: ThisHub, person: ThisPerson, language: Chosen) -> Response:
    """The hall somebody works in."""
    halls = [each for each in await hub.read(known_halls) if person.halls is None or each in person.halls]
    if len(halls) == 1:
        return RedirectResponse(f"/windows/{quote(halls[0])}", status_code=303)
    return page(request, "windows/halls.html", language, halls=halls, path="/windows")


@router.get("/windows/{hall}")
async def get_window(request: Request, hub: ThisHub, person: ThisPerson, language: Chosen, hall: str) -> Response:
    """One window: the number that is here, and the queue."""
    return await _page(request, hub, person, language, hall, _Window.of(request))


@router.get("/windows/{hall}/live")
async def stream_window(
    request: Request, hub: ThisHub, pages: ThesePages, person: ThisPerson, language: Chosen, hall: str
) -> StreamingResponse:
    """The queue as it changes."""
    await _known(hub, hall)
    window = _Window.of(request)

    def read(connection: Connection) -> dict[str, str]:
        values = _queue(connection, hub, person, hall, window, language)
        parts = {"queue": "windows/_queue.html", "here": "windows/_here.html"}
        return {key: pages.render(file, language, **values) for key, file in parts.items()}

    return parts_stream(hub, read)


@router.post("/windows/{hall}/choose")
async def post_choose(request: Request, hub: ThisHub, person: ThisPerson, language: Chosen, hall: str) -> Response:
    """Which window this is, and whose numbers it calls."""
    window = _Window.of(request, await form_of(request))
    problem = "" if window.counter.strip() else word("window_no_name", language)
    return await _page(request, hub, person, language, hall, window, problem=problem)


@router.post("/windows/{hall}/next")
async def post_next(request: Request, hub: ThisHub, person: ThisPerson, language: Chosen, hall: str) -> Response:
    """Call the next number; who was here is finished with. Pressed twice it calls once."""
    form, window, now, clerk = await form_of(request), _Window.of(request), hub.now(), person.named_in(hall)
    seen = form.fields.get("here")
    if not window.counter:
        return await _page(request, hub, person, language, hall, window, problem=word("window_no_name", language))

    def work(connection: Connection) -> str:
        lock_hall(connection, hall)
        here = windows.at_window(connection, hall, window.counter, now)
        if seen is not None and seen != ("" if here is None else here.text):
            if here is None:
                raise QueueRefused("not_possible", "the number that was here is finished with")
            return here.text  # this press, or a colleague's at the same window, has called already
        if here is not None:
            windows.act(connection, hall, here.text, window.counter, windows.Act.FINISH, clerk, now)
        try:
            return call_next(connection, hall, window.department, window.counter, now, clerk)
        except QueueRefused as refused:
            if refused.kind != "nobody_waits":
                raise
            return ""

    try:
        text = await hub.writer.do(work)
    except (QueueRefused, AppointmentRefused) as refused:
        problem = word(f"queue_{refused.kind}", language)
        return await _page(request, hub, person, language, hall, window, problem=problem)
    done = word("window_called", language).format(number=text) if text else word("queue_nobody_waits", language)
    return await _page(request, hub, person, language, hall, window, done=done)


@router.post("/windows/{hall}/numbers/{number}/{act}")
async def post_number(
    request: Request, hub: ThisHub, person: ThisPerson, language: Chosen, hall: str, number: str, act: str
) -> Response:
    """Call again, serve, finish, no-show, pass on; or bring back somebody who missed their call."""
    form, window, now = await form_of(request), _Window.of(request), hub.now()
    if act != "back" and act not in set(windows.Act):
        raise HTTPException(404)

    def work(connection: Connection) -> None:
        if act == "back":
            windows.bring_back(connection, hall, number, now)
        else:
            wanted, to = windows.Act(act), form.fields.get("to", "")
            windows.act(connection, hall, number, window.counter, wanted, person.named_in(hall), now, to)

    try:
        await hub.writer.do(work)
    except (QueueRefused, AppointmentRefused) as refused:
        problem = word(f"queue_{refused.kind}", language)
        return await _page(request, hub, person, language, hall, window, problem=problem)
    return RedirectResponse(f"/windows/{quote(hall)}", status_code=303)


async def _wall(
    request: Request, hub: Hub, language: Language, hall: str, *, problem: str = "", kept: Form | None = None
) -> Response:
    await _known(hub, hall)
    today = local_date(hub.now())

    def read(connection: Connection) -> dict[str, Any]:
        return {
            "notices": board.notices(connection, hall, today, coming=True),
            "titles": item_titles(connection, language),
            "chosen": board.public_items(connection, hall),
            "items": [] if (found := published(connection, hall)) is None else [item.key for item in found.items],
        }

    return page(
        request,
        "windows/wall.html",
        language,
        status=422 if problem else 200,
        path="/windows",
        hall=hall,
        today=today,
        root=f"/windows/{quote(hall)}",
        problem=problem,
        kept=kept or Form({}),
        days=board.PUBLIC_DAYS,
        most=board.WORDS_MOST,
        name_most=NAME_MOST,
        **await hub.read(read),
    )


@router.get("/windows/{hall}/wall")
async def get_wall(request: Request, hub: ThisHub, language: Chosen, hall: str) -> Response:
    """What hangs on the wall: notices, and items whose results are public."""
    return await _wall(request, hub, language, hall)


@router.post("/windows/{hall}/wall")
async def post_wall(request: Request, hub: ThisHub, person: ThisPerson, language: Chosen, hall: str) -> Response:
    """Hang up a notice, take one down, or choose the items."""
    form, now = await form_of(request), hub.now()
    who = person.who(hall, Role.SUPERVISOR)

    def work(connection: Connection) -> None:
        match form.text("do"):
            case "add":
                days = (form.day("from"), form.day("to"))
                board.add_notice(connection, hall, form.text("words"), days, who, now)
            case "end":
                board.take_down(connection, hall, form.number("number") or 0, who, now)
            case "name":
                name_hall(connection, hall, form.text("name"), who, now)
            case "items":
                chosen = [name.removeprefix("item.") for name in form.fields if name.startswith("item.")]
                board.set_public_items(connection, hall, chosen, who, now)
            case _:
                raise HTTPException(422)

    try:
        await hub.writer.do(work)
    except board.BoardRefused as refused:
        problem = word(f"wall_{refused.kind}", language)
        return await _wall(request, hub, language, hall, problem=problem, kept=form)
    except NameRefused as refused:
        problem = word(f"hall_name_{refused.kind}", language)
        return await _wall(request, hub, language, hall, problem=problem, kept=form)
    request.app.state.names.forget()
    return RedirectResponse(f"/windows/{quote(hall)}/wall", status_code=303)


def _shown(connection: Connection, hub: Hub, hall: str, language: Language) -> dict[str, Any]:
    now = hub.now()
    names = department_names(connection, hall, language)
    return {
        "hall": hall,
        "names": names,
        "called": windows.called_now(connection, hall, now, BOARD_ROWS),
        "missed": windows.missed(connection, hall, now, 6),
        "waits": [each for each in windows.waiting(connection, hall, now) if each.waiting],
        "notices": board.notices(connection, hall, local_date(now)),
        "results": board.public_results(connection, hall, now),
        "titles": item_titles(connection, language),
        "hour": hour_text(now),
        "root": f"/board/{quote(hall)}",
    }


@router.get("/board/{hall}")
async def get_board(request: Request, hub: ThisHub, language: Chosen, hall: str) -> Response:
    """The hall's display, for a large screen: no sign-in, and nothing on it that is not for all."""
    await _known(hub, hall)
    found = await hub.read(lambda connection: _shown(connection, hub, hall, language))
    return page(request, "windows/board.html", language, path=f"/board/{quote(hall)}", **found)


@router.get("/board/{hall}/live")
async def stream_board(hub: ThisHub, pages: ThesePages, language: Chosen, hall: str) -> StreamingResponse:
    """The display as it changes."""
    await _known(hub, hall)

    def read(connection: Connection) -> dict[str, str]:
        values = _shown(connection, hub, hall, language)
        parts = {"called": "windows/_board_called.html", "beside": "windows/_board_beside.html"}
        return {key: pages.render(file, language, **values) for key, file in parts.items()}

    return parts_stream(hub, read)


def add_window_pages(app: FastAPI) -> None:
    """Add the pages to the console."""
    app.include_router(router)
