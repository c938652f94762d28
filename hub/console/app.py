"""The console: pages for people who have signed in, each in their role."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import msgspec
from fastapi import APIRouter, Depends, FastAPI, Request
from sqlalchemy import Connection, Row
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, HTMLResponse, Response, StreamingResponse
from starlette.staticfiles import StaticFiles

from hub.app import Hub
from hub.console import queries
from hub.console.access import ThisPerson, check_access
from hub.console.answers import HEADERS, Chosen, ThesePages, ThisHub, language_of, page, pages_of
from hub.console.decisions import add_decisions
from hub.console.figure_pages import add_figure_pages
from hub.console.gate_evidence import told_of
from hub.console.gate_pages import add_gate_pages
from hub.console.help_pages import add_help_pages
from hub.console.live import list_stream
from hub.console.names import Names
from hub.console.office_pages import add_office_pages
from hub.console.office_queries import paper_title
from hub.console.overview import overview, overview_stream
from hub.console.pages import STATIC, Pages
from hub.console.people_pages import add_people_pages
from hub.console.privacy_pages import add_privacy_pages
from hub.console.serial_pages import add_serial_pages
from hub.console.sign_in import add_sign_in
from hub.console.site_pages import add_site_pages
from hub.console.terminal_acts import add_terminal_acts
from hub.console.terminal_pages import add_terminal_pages
from hub.console.watch_pages import add_watch_pages
from hub.console.watch_view import watch_told
from hub.console.window_pages import add_window_pages
from hub.fleet.acceptance import file_of, is_kept
from hub.fleet.live import TerminalKey
from hub.office.items import facts
from kiosk.wire.catalogue import Item
from kiosk.wire.events import Passage

_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]", "::1"})

_router = APIRouter()


def check_host(request: Request) -> None:
    """Refuse names that are not ours: a page elsewhere could point a name of its own at this machine."""
    if request.url.hostname not in {*_LOCAL_NAMES, request.app.state.name}:
        raise HTTPException(403)


@_router.get("/")
async def get_overview(request: Request, hub: ThisHub, language: Chosen, person: ThisPerson) -> Response:
    """All terminals, and the figures of the day."""
    shown, waits = await overview(hub, person)
    return page(request, "overview.html", language, shown=shown, waits=waits)


@_router.get("/passages")
async def get_passages(request: Request, hub: ThisHub, language: Chosen, person: ThisPerson) -> Response:
    """The newest passages."""

    def read(connection: Connection) -> tuple[int, Sequence[Row[Any]]]:
        return queries.newest_position(connection), queries.passages(connection, person.halls)

    position, rows = await hub.read(read)
    return page(request, "passages.html", language, rows=rows, position=position)


@_router.get("/submissions")
async def get_submissions(request: Request, hub: ThisHub, language: Chosen, person: ThisPerson) -> Response:
    """The newest submissions."""

    def read(connection: Connection) -> tuple[int, Sequence[Row[Any]], dict[str, str]]:
        return (
            queries.newest_position(connection),
            queries.submissions(connection, person.halls),
            queries.item_titles(connection, language),
        )

    position, rows, titles = await hub.read(read)
    return page(request, "submissions.html", language, rows=rows, titles=titles, position=position)


async def _detail(hub: Hub, what: str, hall: str, terminal: str, key: str) -> queries.Detail:
    found = await hub.read(lambda connection: queries.detail(connection, what, hall, terminal, key))
    if found is None:
        raise HTTPException(404)
    return found


@_router.get("/passages/{hall}/{terminal}/{key}")
async def get_passage(request: Request, hub: ThisHub, hall: str, terminal: str, key: str, language: Chosen) -> Response:
    """One passage, with its evidence."""
    found = await _detail(hub, "passage", hall, terminal, key)
    event = found.envelope.event
    assert isinstance(event, Passage)
    told = await hub.read(lambda c: watch_told(c, event, language) + told_of(c, hall, event, language))
    return page(request, "passage.html", language, found=found, row=found.row, event=event, told=told)


@_router.get("/submissions/{hall}/{terminal}/{key}")
async def get_submission(
    request: Request, hub: ThisHub, hall: str, terminal: str, key: str, language: Chosen
) -> Response:
    """One submission, with its papers."""
    found = await _detail(hub, "submission", hall, terminal, key)

    def read(connection: Connection) -> tuple[dict[str, str], Item | None]:
        return queries.item_titles(connection, language), facts(connection, hall, found.row.item).item

    titles, item = await hub.read(read)
    return page(
        request,
        "submission.html",
        language,
        found=found,
        row=found.row,
        event=found.envelope.event,
        titles=titles,
        paper_title=lambda key: paper_title(item, key, language),
    )


@_router.get("/screens/{hall}/{terminal}.png")
async def get_screen(hub: ThisHub, hall: str, terminal: str) -> Response:
    """The newest picture of a terminal's screen, as the terminal masked it."""
    shown = hub.fleet.screens.get(TerminalKey(hall, terminal))
    if shown is None:
        raise HTTPException(404)
    return Response(shown.png, media_type="image/png", headers=HEADERS)


@_router.get("/acceptance/{hall}/{terminal}/{sha256}.pdf")
async def get_acceptance(hub: ThisHub, hall: str, terminal: str, sha256: str) -> Response:
    """An acceptance report, as it was signed."""
    key = TerminalKey(hall, terminal)
    if not await hub.read(lambda connection: is_kept(connection, key, sha256)):
        raise HTTPException(404)
    name = f"acceptance-{hall}-{terminal}.pdf"
    file = file_of(hub.data.acceptance, key, sha256)
    return FileResponse(file, media_type="application/pdf", filename=name, headers=HEADERS)


def _seen(request: Request, after: int) -> int:
    """What the browser has: by its own word when it reconnects, else by the page's."""
    resumed = request.headers.get("last-event-id", "")
    return int(resumed) if resumed.isascii() and resumed.isdecimal() and len(resumed) < 18 else after


@_router.get("/stream/passages")
async def stream_passages(
    request: Request, hub: ThisHub, pages: ThesePages, language: Chosen, person: ThisPerson, after: int = 0
) -> StreamingResponse:
    """Passages as they come and end."""
    return list_stream(hub, pages, "passage", _seen(request, after), language, person.halls)


@_router.get("/stream/submissions")
async def stream_submissions(
    request: Request, hub: ThisHub, pages: ThesePages, language: Chosen, person: ThisPerson, after: int = 0
) -> StreamingResponse:
    """Submissions as they come, and their receipts."""
    return list_stream(hub, pages, "submission", _seen(request, after), language, person.halls)


@_router.get("/stream/overview")
async def stream_overview(hub: ThisHub, pages: ThesePages, language: Chosen, person: ThisPerson) -> StreamingResponse:
    """Terminals as they change."""
    return overview_stream(hub, pages, language, person)


@_router.get("/api/v1/console/summary")
async def get_summary(hub: ThisHub, person: ThisPerson) -> Response:
    """Counts and the newest health of every terminal, as JSON."""
    counts = await hub.read(lambda connection: queries.counts(connection, hub.now(), person.halls))
    heard = {
        f"{key.hall}/{key.terminal}": each.health
        for key, each in hub.fleet.heard.items()
        if person.halls is None or key.hall in person.halls
    }
    return Response(msgspec.json.encode({"counts": asdict(counts), "terminals": heard}), media_type="application/json")


def console_app(hub: Hub, name: str = "") -> FastAPI:
    """The application of the console port.

    Args:
        hub: The hub.
        name: What browsers may call it by, beside loopback's names.
    """
    app = FastAPI(
        title="Kiosk hub, console", openapi_url=None, dependencies=[Depends(check_host), Depends(check_access)]
    )
    app.state.hub = hub
    app.state.name = name
    app.state.pages = Pages(hub.clock)
    app.state.names = names = Names()
    app.state.pages.share(hall_name=names.hall, who_is=names.person)
    add_sign_in(app)
    add_people_pages(app)
    add_decisions(app)
    add_window_pages(app)
    add_watch_pages(app)
    add_figure_pages(app)
    add_terminal_pages(app)
    add_terminal_acts(app)
    add_serial_pages(app)
    add_site_pages(app)
    add_privacy_pages(app)
    app.include_router(_router)
    add_gate_pages(app)
    add_office_pages(app)
    add_help_pages(app)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")

    @app.exception_handler(404)
    async def _missing(request: Request, _error: Exception) -> Response:
        language = language_of(request.query_params.get("lang", ""), request.cookies.get("lang", ""))
        html = pages_of(request).render("missing.html", language, path="/")
        return HTMLResponse(html, status_code=404, headers=HEADERS)

    return app
