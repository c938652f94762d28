"""The page for telephones: without script, in large type, on a port of its own. It knows one ticket only."""

import secrets
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Final

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, FastAPI, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response

import hub.console
from hub.app import Hub
from hub.data import disk_free
from hub.phone import tickets
from hub.phone.files import PhoneFiles
from hub.phone.pictures import FileProblem, NotTaken, Pages, pages_apart
from hub.phone.tickets import Ticket, TicketRefused
from hub.phone.words import NAMES, Language, chosen, of, word
from kiosk.wire import routes
from kiosk.wire.phone import PhoneState
from kiosk.wire.sealing import seal

_CONSOLE: Final = Path(hub.console.__file__).parent
_COOKIE: Final = "phone"
MOST_AT_ONCE: Final = 60 * 1024 * 1024
_DRAINED: Final = 256 * 1024 * 1024
"""A telephone that sends too much is heard to the end, so that it can be told; no longer than that."""
_KEEP_FREE: Final = 256 * 1024 * 1024
_MOST_FILES: Final = 50
_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; frame-ancestors 'none'; "
        "base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_pages = Environment(
    loader=FileSystemLoader(_CONSOLE / "templates" / "phone"), autoescape=True, undefined=StrictUndefined
)


class _TooMuch(Exception):
    """More than is taken at once."""


class InMemory(MultiPartParser):
    """Keeps what comes in memory: nothing of it is ever on a disk unsealed."""

    spool_max_size = MOST_AT_ONCE + 1


@dataclass(frozen=True, slots=True)
class Phones:
    """What the page needs. `working` bounds how many files are opened at one time."""

    hub: Hub
    files: PhoneFiles
    working: CapacityLimiter


def phones_of(request: Request) -> Phones:
    """The page's own things."""
    phones: Phones = request.app.state.phones
    return phones


ThePhones = Annotated[Phones, Depends(phones_of)]


def _language(request: Request, ticket: Ticket | None) -> Language:
    begun = "" if ticket is None else ticket.wanted.language
    return chosen(request.query_params.get("lang", ""), request.cookies.get("lang", ""), begun)


def _render(
    request: Request,
    ticket: Ticket | None,
    now_seconds: int,
    *,
    problems: list[tuple[str, str]] | None = None,
    shown: str = "",
    status: int = 200,
) -> Response:
    language = _language(request, ticket)
    cookie = request.cookies.get(_COOKIE, "")
    if not shown:
        shown = _what(ticket, cookie)
    html = _pages.get_template("page.html").render(
        language=language,
        names=NAMES,
        w=partial(word, language=language),
        shown=shown,
        root=request.url.path.removesuffix("/done").removesuffix("/remove"),
        title="" if ticket is None else of(ticket.wanted.title, language),
        item="" if ticket is None else of(ticket.wanted.item_title, language),
        sides=ticket is not None and ticket.wanted.sides,
        most=0 if ticket is None else ticket.wanted.most,
        room=0 if ticket is None else ticket.room,
        count=0 if ticket is None else len(ticket.pages),
        minutes=max(1, now_seconds // 60),
        problems=problems or [],
    )
    response = HTMLResponse(html, status_code=status, headers=_HEADERS)
    if request.query_params.get("lang") == language.value:
        response.set_cookie("lang", language.value, max_age=86400, samesite="strict", httponly=True, path="/p")
    return response


def _what(ticket: Ticket | None, cookie: str) -> str:
    """Which of the page's faces is shown."""
    if ticket is None or ticket.state is PhoneState.EXPIRED:
        return "over"
    if ticket.state is PhoneState.CLOSED:
        return "used"
    if not tickets.is_owner(ticket, cookie):
        return "other_phone"
    return "finished" if ticket.state is PhoneState.DONE else "form"


def _with_cookie(response: Response, request: Request, token: str) -> Response:
    if not request.cookies.get(_COOKIE):
        response.set_cookie(
            _COOKIE, secrets.token_hex(16), max_age=3600, samesite="strict", httponly=True, path=f"/p/{token}"
        )
    return response


_router = APIRouter()


@_router.get("/p/phone.css")
async def get_style() -> Response:
    """How it looks."""
    return FileResponse(_CONSOLE / "static" / "phone.css", media_type="text/css", headers={"Cache-Control": "no-cache"})


@_router.get(routes.PHONE_PAGE + "/{token}")
async def get_page(request: Request, phones: ThePhones, token: str) -> Response:
    """The page of a ticket, as it stands for this telephone."""
    hub, now = phones.hub, phones.hub.now()
    found = await hub.read(lambda connection: tickets.by_token(connection, token, now))
    if found is not None and found.state is PhoneState.WAITING:
        await hub.writer.do(lambda connection: tickets.note_opened(connection, found.id, now))
    status = 200 if found is not None else 404
    response = _render(request, found, 0 if found is None else found.seconds(now), status=status)
    return _with_cookie(response, request, token)


async def _limited(request: Request) -> AsyncGenerator[bytes, None]:
    """The body as long as it keeps within the limit; what is too much is heard and dropped, to be told."""
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > _DRAINED:
            break
        if size <= MOST_AT_ONCE:
            yield part
    if size > MOST_AT_ONCE:
        raise _TooMuch


async def parsed_in_memory(request: Request) -> FormData:
    """A form with files, of which nothing is ever on a disk.

    Raises:
        MultiPartException: It is none, or larger than is taken at once.
    """
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise MultiPartException("no form")
    try:
        return await InMemory(request.headers, _limited(request), max_files=_MOST_FILES, max_fields=500).parse()
    except _TooMuch as error:
        raise MultiPartException("too much at once") from error


async def _files(request: Request) -> list[tuple[str, bytes]]:
    """What was chosen: names as the telephone gives them, and contents."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise MultiPartException("no form")
    parser = InMemory(request.headers, _limited(request), max_files=_MOST_FILES, max_fields=10)
    form = await parser.parse()
    try:
        found = [each for _, each in form.multi_items() if isinstance(each, UploadFile) and each.filename]
        return [((each.filename or "")[-60:], await each.read()) for each in found]
    finally:
        await form.close()


@_router.post(routes.PHONE_PAGE + "/{token}")
async def post_files(request: Request, phones: ThePhones, token: str) -> Response:
    """Take pictures and PDFs: what is good is kept, what is not is told, each by its name."""
    hub, now = phones.hub, phones.hub.now()
    found = await hub.read(lambda connection: tickets.by_token(connection, token, now))
    cookie = request.cookies.get(_COOKIE, "") or secrets.token_hex(16)
    if found is None or not found.takes or not tickets.is_owner(found, cookie):
        async for _ in _limited_quietly(request):
            pass
        return _render(request, found, 0, status=409)
    language = _language(request, found)
    problems: list[tuple[str, str]] = []
    try:
        chosen_files = await _files(request)
        if not chosen_files:
            problems.append(("", word("nothing", language)))
        elif disk_free(hub.data.path) < _KEEP_FREE + MOST_AT_ONCE:
            problems, chosen_files = [("", word("why_disk", language))], []
        found, told = await _taken(phones, found, token, cookie, chosen_files, language)
        problems += told
    except _TooMuch:
        problems.append(("", word("why_too_large", language)))
    except MultiPartException:
        problems.append(("", word("why_damaged", language)))
    except TicketRefused:
        found = await hub.read(lambda connection: tickets.by_token(connection, token, hub.now()))
        return _render(request, found, 0, status=409)
    response: Response = RedirectResponse(f"{routes.PHONE_PAGE}/{token}", status_code=303, headers=_HEADERS)
    if problems:
        response = _render(request, found, found.seconds(hub.now()), problems=problems, shown="form", status=422)
    response.set_cookie(_COOKIE, cookie, max_age=3600, samesite="strict", httponly=True, path=f"/p/{token}")
    return response


async def _limited_quietly(request: Request) -> AsyncGenerator[bytes, None]:
    try:
        async for part in _limited(request):
            yield part
    except _TooMuch:
        return


async def _taken(
    phones: Phones, ticket: Ticket, token: str, cookie: str, files: list[tuple[str, bytes]], language: Language
) -> tuple[Ticket, list[tuple[str, str]]]:
    """Keep the pages of these files; what was not taken, with the reason, beside the ticket after it."""
    told: list[tuple[str, str]] = []
    for place, (name, content) in enumerate(files, 1):
        room = ticket.room
        problem = FileProblem.TOO_MANY_PAGES
        try:
            async with phones.working:
                pages = await pages_apart(content, room) if room else None
        except NotTaken as error:
            pages, problem = None, error.problem
        if pages is None:
            called = word("not_taken", language, name=name or word("file", language, place=place))
            told.append((called, word(f"why_{problem.value}", language, room=room)))
            continue
        ticket = await _kept(phones, ticket, token, cookie, pages)
    return ticket, told


async def _kept(phones: Phones, ticket: Ticket, token: str, cookie: str, pages: Pages) -> Ticket:
    """Seal the pages to the desk's key, make them durable, and note them."""
    recipient = ticket.wanted.recipient

    def keep() -> list[tuple[str, int, bool]]:
        sealed = [seal(page, recipient) for page in pages.pages]
        return [(phones.files.keep(each), len(each), pages.photo) for each in sealed]

    kept = await run_sync(keep)
    try:
        return await phones.hub.writer.do(
            lambda connection: tickets.add_pages(connection, token, cookie, kept, phones.hub.now())
        )
    except TicketRefused:
        await run_sync(phones.files.delete, [name for name, _, _ in kept])
        raise


@_router.post(routes.PHONE_PAGE + "/{token}/done")
async def post_done(request: Request, phones: ThePhones, token: str) -> Response:
    """This is all."""
    hub, cookie = phones.hub, request.cookies.get(_COOKIE, "")
    try:
        await hub.writer.do(lambda connection: tickets.finish(connection, token, cookie, hub.now()))
    except TicketRefused:
        found = await hub.read(lambda connection: tickets.by_token(connection, token, hub.now()))
        return _render(request, found, 0, status=409)
    return RedirectResponse(f"{routes.PHONE_PAGE}/{token}", status_code=303, headers=_HEADERS)


@_router.post(routes.PHONE_PAGE + "/{token}/remove")
async def post_remove(request: Request, phones: ThePhones, token: str) -> Response:
    """The last page is taken back."""
    hub, cookie = phones.hub, request.cookies.get(_COOKIE, "")
    try:
        names = await hub.writer.do(lambda connection: tickets.remove_last(connection, token, cookie, hub.now()))
    except TicketRefused:
        found = await hub.read(lambda connection: tickets.by_token(connection, token, hub.now()))
        return _render(request, found, 0, status=409)
    await run_sync(phones.files.delete, names)
    return RedirectResponse(f"{routes.PHONE_PAGE}/{token}", status_code=303, headers=_HEADERS)


def phone_app(hub: Hub, files: PhoneFiles) -> FastAPI:
    """The application of the telephones' port.

    Args:
        hub: The hub.
        files: Where sealed pages are kept.
    """
    app = FastAPI(title="Papers from telephones", openapi_url=None)
    app.state.phones = Phones(hub, files, CapacityLimiter(2))
    app.include_router(_router)

    @app.exception_handler(404)
    async def _missing(request: Request, _error: Exception) -> Response:
        return _render(request, None, 0, status=404)

    return app
