"""Figures in the console: the dashboard, live; exports; and the report of a day as halls publish it."""

from datetime import date, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from anyio.to_thread import run_sync
from fastapi import APIRouter, FastAPI, Request
from sqlalchemy import Connection
from starlette.responses import Response, StreamingResponse

from hub.app import Hub
from hub.console.access import Person, ThisPerson
from hub.console.answers import HEADERS, Chosen, ThesePages, ThisHub, page
from hub.console.gate_live import parts_stream
from hub.console.gate_view import known_halls
from hub.console.queries import item_titles
from hub.console.words import Language, word
from hub.supervision.export import Cell, to_csv, to_xlsx
from hub.supervision.figures import MOST_DAYS, Figures, Span, figures
from kiosk.clock import local_date

DAYS: Final = 7
_CSV, _XLSX = "text/csv; charset=utf-8", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
router = APIRouter()


def span_of(person: Person, hall: str, first: str, last: str, now: datetime, days: int = DAYS) -> Span:
    """The days and halls that were asked for, as far as somebody may see them.

    Args:
        person: Who asks.
        hall: One of theirs; anything else: all of theirs.
        first: ISO date; anything else: `days` before the last.
        last: ISO date; anything else: today.
        now: The time.
        days: How many without a word of it.
    """

    def day(text: str, otherwise: date) -> date:
        try:
            return date.fromisoformat(text)
        except ValueError:
            return otherwise

    today = local_date(now)
    end = min(day(last, today), today)
    begin = min(day(first, end - timedelta(days=days - 1)), end)
    begin = max(begin, end - timedelta(days=MOST_DAYS - 1))
    own = person.halls
    halls = frozenset({hall}) if hall and (own is None or hall in own) else own
    return Span(begin, end, halls)


def _values(connection: Connection, span: Span, language: Language, now: datetime) -> dict[str, Any]:
    found = figures(connection, span, now)
    return {"f": found, "titles": item_titles(connection, language), "steps_most": _most(found)}


def _most(found: Figures) -> int:
    return max((use.people for use in found.steps), default=1)


def _query(span: Span, hall: str) -> str:
    return urlencode({"hall": hall, "from": span.first.isoformat(), "to": span.last.isoformat()})


async def _frame(hub: Hub, person: Person, span: Span) -> dict[str, Any]:
    halls = [each for each in await hub.read(known_halls) if person.halls is None or each in person.halls]
    hall = next(iter(span.halls)) if span.halls is not None and len(span.halls) == 1 else ""
    today = local_date(hub.now())
    return {"halls": halls, "hall": hall, "span": span, "query": _query(span, hall), "today": today}


@router.get("/figures")
async def get_figures(request: Request, hub: ThisHub, person: ThisPerson, language: Chosen) -> Response:
    """The dashboard."""
    asked, now = request.query_params, hub.now()
    span = span_of(person, asked.get("hall", ""), asked.get("from", ""), asked.get("to", ""), now)
    values = await hub.read(lambda connection: _values(connection, span, language, now))
    frame = await _frame(hub, person, span)
    return page(request, "figures/figures.html", language, path="/figures", **frame, **values)


@router.get("/figures/live")
async def stream_figures(
    request: Request, hub: ThisHub, pages: ThesePages, person: ThisPerson, language: Chosen
) -> StreamingResponse:
    """The dashboard's numbers as they change; counted at most every ten seconds."""
    asked = request.query_params
    kept: tuple[datetime, dict[str, str]] | None = None

    def read(connection: Connection) -> dict[str, str]:
        nonlocal kept
        now = hub.now()
        if kept is None or now - kept[0] >= timedelta(seconds=10):
            span = span_of(person, asked.get("hall", ""), asked.get("from", ""), asked.get("to", ""), now)
            values = _values(connection, span, language, now)
            kept = (now, {"totals": pages.render("figures/_totals.html", language, person=person, **values)})
        return kept[1]

    return parts_stream(hub, read)


def tables(found: Figures, titles: dict[str, str], language: Language) -> list[tuple[str, list[str], list[list[Cell]]]]:
    """All figures as tables: name, header, rows."""

    def w(key: str) -> str:
        return word(key, language)

    days = ("visitors", "admit", "refuse", "refer", "submissions", "decided", "numbers", "served")
    named = {**titles, "": w("window_whole")}

    def lines(each: list[Any], *, worded: bool = False) -> list[list[Cell]]:
        return [[w(line.key) if worded else named.get(line.key, line.key), line.number] for line in each]

    return [
        (
            w("figures_days"),
            [w("day"), *(w(f"figure_{name}") for name in days)],
            [[each.day, *(getattr(each, name) for name in days)] for each in found.days],
        ),
        (w("figures_items"), [w("item"), w("number_of")], lines(found.items)),
        (w("figures_departments"), [w("department"), w("number_of")], lines(found.departments)),
        (w("figures_channels"), [w("kind"), w("number_of")], lines(found.channels, worded=True)),
        (w("figures_reasons"), [w("reason"), w("number_of")], lines(found.reasons, worded=True)),
        (
            w("figures_phases"),
            [w("phase"), w("milliseconds"), w("number_of")],
            [[w(line.key), round(line.second), line.number] for line in found.phases],
        ),
        (
            w("figures_screens"),
            [w("figure_screen"), w("figure_people"), w("figure_left"), w("figure_shown"), w("figure_seconds")],
            [[w(use.view), use.people, use.left, use.shown, use.seconds] for use in found.screens],
        ),
        (
            w("figures_steps"),
            [w("figure_screen"), w("figure_people")],
            [[w(f"view_{use.view}"), use.people] for use in found.steps],
        ),
        (
            w("office"),
            [w("phase"), w("figure_hours_median"), w("number_of")],
            [[w(f"figure_{line.key}"), round(max(0.0, line.second), 1), line.number] for line in found.office],
        ),
        (
            w("figures_available"),
            [w("hall"), w("terminal"), w("figure_in_service"), w("figure_devices"), w("figure_hours")],
            [
                [each.hall, each.terminal, round(each.in_service, 4), round(each.devices, 4), round(each.hours, 1)]
                for each in found.available
            ],
        ),
        (
            w("figures_opinions"),
            [w("kind"), w("number_of")],
            [
                *([f"{stars} ★", number] for stars, number in sorted(found.stars.items(), reverse=True)),
                *([w(f"opinion_{kind}"), number] for kind, number in sorted(found.opinions.items())),
                [w("figure_late"), found.late],
            ],
        ),
    ]


@router.get("/figures/export.{kind}")
async def get_export(request: Request, hub: ThisHub, person: ThisPerson, language: Chosen, kind: str) -> Response:
    """The figures for a spreadsheet: `xlsx` with all tables, `csv` with one (`table`, from 0)."""
    asked, now = request.query_params, hub.now()
    span = span_of(person, asked.get("hall", ""), asked.get("from", ""), asked.get("to", ""), now)
    values = await hub.read(lambda connection: _values(connection, span, language, now))
    every = tables(values["f"], values["titles"], language)
    place = {str(each): each for each in range(len(every))}.get(asked.get("table", ""), 0)
    name = f"figures-{span.first}-{span.last}"
    if kind == "xlsx":
        body, media = await run_sync(to_xlsx, every, now), _XLSX
    else:
        kind, media = "csv", _CSV
        body = to_csv(*every[place][1:])
    headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{name}.{kind}"'}
    return Response(body, media_type=media, headers=headers)


@router.get("/figures/daily")
async def get_daily(request: Request, hub: ThisHub, person: ThisPerson, language: Chosen) -> Response:
    """The report of a day, as halls publish it: a page that prints on one sheet, with no name of anybody."""
    asked, now = request.query_params, hub.now()
    day = asked.get("day", "")
    span = span_of(person, asked.get("hall", ""), day, day, now, days=1)
    since = span_of(person, asked.get("hall", ""), "", span.last.isoformat(), now, days=30)

    def read(connection: Connection) -> dict[str, Any]:
        return {**_values(connection, span, language, now), "month": figures(connection, since, now)}

    frame = await _frame(hub, person, span)
    values = await hub.read(read)
    return page(request, "figures/daily.html", language, path="/figures/daily", **frame, **values)


def add_figure_pages(app: FastAPI) -> None:
    """Add the pages to the console."""
    app.include_router(router)
