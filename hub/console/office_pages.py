"""The office's pages: the queue, one submission with its papers, opinions. Only for staff with a role."""

from datetime import date
from typing import Any
from urllib.parse import quote

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, FastAPI, Request
from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from hub.console.access import ThisPerson
from hub.console.answers import HEADERS, Chosen, ThisHub, page
from hub.console.gate_forms import Form, check_origin, form_of
from hub.console.office_payments import router as payments_router
from hub.console.office_queries import MOST, VIEWS, Line, Whole, paper_title, queue, whole
from hub.console.office_steps import take_step, upload_result
from hub.console.office_view import Desk, ThisDesk
from hub.console.office_window import router as window_router
from hub.console.queries import item_titles
from hub.console.text_pages import router as text_router
from hub.console.text_pages import take_number, why_words
from hub.console.words import Language, in_language
from hub.office.advance import OfficeRefused
from hub.office.calendar import missing_year
from hub.office.items import halls
from hub.office.opinions import listed, reply, words_of
from hub.office.records import Wanted
from hub.office.settings import FILE, BadSettings, load
from hub.office.staff_steps import opened
from hub.office.states import Step
from hub.store.papers import Papers
from hub.texts.contacts import About
from hub.texts.contacts import found as contact_of
from hub.texts.shown import of_subject
from kiosk.clock import local_date
from kiosk.wire.progress import Part
from kiosk.wire.sealing import CannotUnseal, unseal

_JPEG, _PNG, _PDF = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"%PDF-"
_PAPER_HEADERS = {
    **HEADERS,
    # A document is shown by the browser itself: it may neither run anything nor load anything.
    "Content-Security-Policy": "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'",
}
common = APIRouter()
router = APIRouter(prefix="/office/{hall}", dependencies=[Depends(check_origin)])


@common.get("/office")
async def get_halls(request: Request, hub: ThisHub, language: Chosen, person: ThisPerson) -> Response:
    """The halls whose office somebody works in; the only one at once."""
    found = [each for each in await hub.read(halls) if person.halls is None or each in person.halls]
    if len(found) == 1:
        return RedirectResponse(f"/office/{quote(found[0])}", status_code=303)
    return page(request, "office/halls.html", language, halls=found)


@router.get("")
async def get_queue(desk: ThisDesk, view: str = "mine", q: str = "") -> Response:
    """What this hall has to do, the most urgent first."""
    view, now = (view if view in VIEWS else "mine"), desk.hub.now()

    def read(connection: Connection) -> tuple[list[Line], dict[str, str], date | None]:
        return (
            queue(connection, desk.hall, view, q),
            item_titles(connection, desk.language),
            missing_year(connection, desk.hall, now),
        )

    lines, titles, missing = await desk.hub.read(read)
    return desk.page(
        "queue.html",
        "office_queue",
        today=local_date(now),
        lines=lines,
        titles=titles,
        missing=missing,
        more=len(lines) >= MOST,
        view=view,
        search=q[:24],
    )


async def _found(desk: Desk, number: str) -> Whole:
    found = await desk.hub.read(
        lambda connection: whole(connection, number, desk.hall, desk.whos, desk.hub.unsealing, desk.language)
    )
    if found is None:
        raise HTTPException(404)
    return found


def _askable(found: Whole, language: Language) -> list[tuple[str, str]]:
    """What can be asked for: each paper and each answer of the item, and something else."""
    item = found.item
    papers = [] if item is None else [(f"paper:{each.key}", in_language(each.title, language)) for each in item.papers]
    known = {key for key, _ in papers}
    papers += [(f"paper:{each.kind}", each.kind) for each in found.papers if f"paper:{each.kind}" not in known]
    answers = [(f"answer:{each.key}", each.title) for each in found.answers]
    return [*dict.fromkeys([*papers, *answers])]


async def _show(
    desk: Desk,
    number: str,
    *,
    status: int = 200,
    problem: str = "",
    typed: Form | None = None,
    typed_step: str = "",
) -> Response:
    found = await _found(desk, number)
    now = desk.hub.now()
    await desk.hub.writer.do(lambda connection: opened(connection, found.record, desk.whos[0], now))

    def read(connection: Connection) -> tuple[dict[str, str], list[str]]:
        return item_titles(connection, desk.language), halls(connection)

    titles, every = await desk.hub.read(read)
    contact, messages = await desk.hub.read(lambda c: (contact_of(c, About.SUBMISSION, number), of_subject(c, number)))
    try:
        couriers = [each.name for each in (await run_sync(load, desk.hub.data.path / FILE)).couriers]
    except BadSettings:
        couriers = []
    record = found.record

    def wanted_title(each: Wanted) -> str:
        if each.part is Part.PAPER:
            return paper_title(found.item, each.key, desk.language)
        titles_of = {answer.key: answer.title for answer in found.answers}
        return titles_of.get(each.key, each.key) if each.part is Part.ANSWER else desk.w("office_return_other")

    return desk.page(
        "submission.html",
        "office_queue",
        status=status,
        path=f"{desk.root}/s/{number}",
        found=found,
        r=record,
        titles=titles,
        steps={step.value for step in found.steps},
        askable=[*_askable(found, desk.language), ("other:", desk.w("office_return_other"))],
        halls=every,
        planned=record.decides if record.accepted is not None else record.accepts,
        couriers=couriers,
        today=local_date(now),
        paper_title=lambda key: paper_title(found.item, key, desk.language),
        wanted_title=wanted_title,
        contact=contact,
        messages=messages,
        why=lambda error: why_words(desk, error),
        problem=problem,
        typed=typed or Form({}),
        typed_step=typed_step,
    )


@router.get("/s/{number}")
async def get_submission(desk: ThisDesk, number: str) -> Response:
    """One submission, opened: that somebody reads it is in the audit."""
    return await _show(desk, number)


@router.get("/s/{number}/papers/{sha256}")
async def get_paper(desk: ThisDesk, number: str, sha256: str) -> Response:
    """One paper, or document of the result, opened; that somebody reads it is in the audit."""
    found, now = await _found(desk, number), desk.hub.now()
    if sha256 not in {each.sha256 for each in (*found.papers, *found.results)}:
        raise HTTPException(404)
    content = await run_sync(_opened_paper, desk.hub.papers, sha256, desk.hub.unsealing)
    await desk.hub.writer.do(lambda connection: opened(connection, found.record, desk.whos[0], now, sha256))
    kinds = ((_PDF, "application/pdf"), (_JPEG, "image/jpeg"), (_PNG, "image/png"))
    kind = next((kind for begins, kind in kinds if content.startswith(begins)), "")
    headers = dict(_PAPER_HEADERS)
    if not kind:  # whatever it is, no browser shall try to show it
        headers["Content-Disposition"] = "attachment"
    return Response(content, media_type=kind or "application/octet-stream", headers=headers)


def _opened_paper(papers: Papers, sha256: str, identity: str) -> bytes:
    try:
        return unseal(papers.open(sha256), identity)
    except (FileNotFoundError, CannotUnseal) as error:
        raise HTTPException(404) from error


@router.post("/s/{number}/upload")
async def post_upload(request: Request, desk: ThisDesk, number: str, version: int = -1, title: str = "") -> Response:
    """Take a document of the result: the PDF itself is the body."""
    await _found(desk, number)
    problem = await upload_result(desk, request, number, version, title)
    return Response(problem, status_code=409 if problem else 204, media_type="text/plain; charset=utf-8")


@router.post("/s/{number}/texts")
async def post_texts(request: Request, desk: ThisDesk, number: str) -> Response:
    """Take the number that messages go to, or take it back, by the person's wish."""
    form = await form_of(request)
    await _found(desk, number)
    problem = await take_number(desk, number, form)
    if problem:
        return await _show(desk, number, status=422, problem=problem, typed=form, typed_step="texts")
    return desk.to(f"/s/{number}")


@router.post("/s/{number}/{step}")
async def post_step(request: Request, desk: ThisDesk, number: str, step: str) -> Response:
    """Make a step; where somebody else was first, what was typed is kept and shown with how it stands now."""
    form = await form_of(request)
    await _found(desk, number)
    try:
        await take_step(desk, number, Step(step), form)
    except ValueError as error:
        raise HTTPException(404) from error
    except OfficeRefused as error:
        words = desk.w("office_changed") if error.kind == "changed" else desk.w(f"why_{error.kind}")
        return await _show(desk, number, status=409, problem=words, typed=form, typed_step=step)
    return desk.to(f"/s/{number}")


@router.get("/opinions")
async def get_opinions(desk: ThisDesk) -> Response:
    """Complaints that wait, then everything else that was said."""
    return await _opinions(desk)


async def _opinions(
    desk: Desk, *, status: int = 200, problem: str = "", typed: str = "", typed_code: str = ""
) -> Response:
    def read(connection: Connection) -> tuple[list[tuple[Any, Any]], dict[str, str]]:
        rows = listed(connection, desk.hall)
        found = [(row, words_of(connection, row.position, desk.hub.unsealing)) for row in rows]
        return found, item_titles(connection, desk.language)

    opinions, titles = await desk.hub.read(read)
    values = {"opinions": opinions, "titles": titles, "problem": problem, "typed": typed, "typed_code": typed_code}
    path = f"{desk.root}/opinions"
    today = local_date(desk.hub.now())
    return desk.page("opinions.html", "office_opinions", status=status, path=path, today=today, **values)


@router.post("/opinions/{code}")
async def post_reply(request: Request, desk: ThisDesk, code: str) -> Response:
    """Answer an opinion."""
    form, now = await form_of(request), desk.hub.now()
    version, text = form.number("version"), form.text("reply")
    try:
        await desk.hub.writer.do(
            lambda connection: reply(
                connection, desk.hall, code, -1 if version is None else version, desk.whos[0], now, text
            )
        )
    except OfficeRefused as error:
        words = desk.w("office_changed") if error.kind == "changed" else desk.w(f"why_{error.kind}")
        return await _opinions(desk, status=409, problem=words, typed=text, typed_code=code)
    return desk.to("/opinions")


def add_office_pages(app: FastAPI) -> None:
    """Add the office's pages to the console.

    Args:
        app: Its application; `app.state` has the hub and the pages.
    """
    app.include_router(common)
    app.include_router(router)
    app.include_router(payments_router)
    app.include_router(window_router)
    app.include_router(text_router)
