"""The window's page: open with a code what somebody began at a desk, go on with it, print it, hand it in for them.

The code travels with each form, and is used for its answer only: the hub keeps no key, and nothing that was opened.
"""

import base64
from dataclasses import dataclass
from typing import Final

import structlog
from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Request
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.responses import Response

from hub.audit.chain import Actor, Who
from hub.console.gate_forms import Form, check_origin
from hub.console.office_view import Desk, ThisDesk
from hub.console.text_pages import given_number
from hub.console.words import in_language
from hub.office import drafts
from hub.office.advance import OfficeRefused
from hub.office.drafts import WindowDraft
from hub.office.items import facts
from hub.office.window import NotWhole, hand_in, missing, with_answers
from hub.phone.page import parsed_in_memory
from hub.phone.pictures import NotTaken, Pages, pages_apart
from kiosk.wire.answers import asked
from kiosk.wire.catalogue import Item
from kiosk.wire.texts import ABROAD_KEY, PHONE_KEY, TextsWanted
from kiosk.wire.window import HandedDraft, NotADraft, name_of, opened, secret_of

_log = structlog.get_logger()
_ACTORS: Final = (Actor.WINDOW, Actor.BACK_OFFICE)
router = APIRouter(prefix="/office/{hall}", dependencies=[Depends(check_origin)])


@dataclass(frozen=True, slots=True)
class Open:
    """What a code has opened, for one answer."""

    known: WindowDraft
    draft: HandedDraft
    item: Item
    code: str


def _who(desk: Desk) -> Who:
    actor = next((each for each in _ACTORS if each in desk.roles), None)
    if actor is None:
        raise HTTPException(403)
    return desk.who(actor)


@router.get("/window")
async def get_window(desk: ThisDesk) -> Response:
    """Where the code is scanned."""
    _who(desk)
    return _ask(desk)


def _ask(desk: Desk, problem: str = "", status: int = 200) -> Response:
    path = f"{desk.root}/window"
    return desk.page("window.html", "office_window", status=status, path=path, problem=problem, number="")


async def _opened(desk: Desk, code: str, *, note: bool) -> Open:
    """Open with a code.

    Raises:
        OfficeRefused: `no_draft`, `draft_over`, `draft_used`, `wrong_code`, `no_such_item`.
    """
    hub, now = desk.hub, desk.hub.now()
    try:
        secret = secret_of(code)
        name = name_of(secret)
    except NotADraft as error:
        raise OfficeRefused("wrong_code", str(error)) from error
    who = _who(desk)
    known = await hub.read(lambda connection: drafts.look_at(connection, desk.hall, name, now))

    def read() -> HandedDraft:
        return opened(hub.papers.open(known.sha256), secret)

    try:
        draft = await run_sync(read)
    except (NotADraft, FileNotFoundError) as error:
        raise OfficeRefused("wrong_code", "this code does not open it") from error
    finally:
        secret[:] = bytes(len(secret))
    if note:
        known = await hub.writer.do(lambda connection: drafts.open_draft(connection, desk.hall, name, who, now))
    item = (await hub.read(lambda connection: facts(connection, desk.hall, draft.item))).item
    if item is None:
        raise OfficeRefused("no_such_item", f"{desk.hall} offers no {draft.item!r}")
    return Open(known, draft, item, code)


def _show(desk: Desk, found: Open, problems: list[str], answers: dict[str, str], status: int = 200) -> Response:
    def picture(jpeg: bytes) -> str:
        return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"

    draft = found.draft
    titles = {paper.key: in_language(paper.title, desk.language) for paper in found.item.papers}
    return desk.page(
        "window_draft.html",
        "office_window",
        status=status,
        path=f"{desk.root}/window",
        code=found.code,
        known=found.known,
        draft=draft,
        item=found.item,
        queries=asked(found.item, answers),
        answers=answers,
        papers=[
            (titles.get(paper.kind, paper.kind), paper, [picture(page.front) for page in paper.pages])
            for paper in draft.papers
        ],
        earlier=[(titles.get(key, key), offer) for key, offer in draft.earlier.items()],
        missing=missing(found.item, draft, answers),
        phone=answers.get(PHONE_KEY) or answers.get(ABROAD_KEY, ""),
        problems=problems,
    )


@router.post("/window")
async def post_window(request: Request, desk: ThisDesk) -> Response:
    """Open it: by the code that was scanned or typed."""
    form = await _form(request)
    await form.close()  # of files nothing is wanted here
    try:
        found = await _opened(desk, _text(form, "code"), note=True)
    except OfficeRefused as error:
        return _ask(desk, desk.w(f"why_{error.kind}"), 409)
    return _show(desk, found, [], dict(found.draft.answers))


@router.post("/window/hand-in")
async def post_hand_in(request: Request, desk: ThisDesk) -> Response:
    """Hand it in for the person, as it is changed here; or check what was changed, first."""
    form = await _form(request)
    try:
        return await _handed_in(desk, form)
    finally:
        await form.close()


async def _handed_in(desk: Desk, form: FormData) -> Response:
    who, code = _who(desk), _text(form, "code")
    try:
        found = await _opened(desk, code, note=False)
    except OfficeRefused as error:
        return _ask(desk, desk.w(f"why_{error.kind}"), 409)
    keys = {query.key for query in found.item.form}
    given = {name.removeprefix("a:"): ",".join(form_values(form, name)) for name in form if name.startswith("a:")}
    answers = with_answers(found.item, found.draft, {key: value for key, value in given.items() if key in keys})
    if _text(form, "do") != "hand_in":
        return _show(desk, found, [], answers)
    brought, problems = await _brought(desk, found.item, form)
    seen = _text(form, "seen") == "yes"
    texts = _texts_in(desk, form)
    if isinstance(texts, str):
        problems = [*problems, texts]
    if not problems and not isinstance(texts, str):
        try:
            number = await hand_in(desk.hub, desk.hall, who, found.known.id, found.item, found.draft, answers, brought,
                                   original_seen=seen, texts=texts)  # fmt: skip
        except NotWhole as error:
            problems = [desk.w(f"draft_{error.kind}") + error.what]
        except OfficeRefused as error:
            return _ask(desk, desk.w(f"why_{error.kind}"), 409)
        else:
            _log.info("a draft was handed in at a window", item=found.item.key)
            return desk.page("window.html", "office_window", path=f"{desk.root}/window", problem="", number=number)
    return _show(desk, found, problems, answers, 409)


def _texts_in(desk: Desk, form: FormData) -> TextsWanted | str | None:
    """Where messages go; None: none are wanted; a text: what is wrong with it."""
    fields = Form({key: _text(form, key) for key in ("phone", "consent", "texts_language")})
    if not fields.text("phone"):
        return None
    wanted = given_number(fields, desk.hub.now())
    return desk.w(wanted) if isinstance(wanted, str) else wanted


async def _brought(desk: Desk, item: Item, form: FormData) -> tuple[dict[str, Pages], list[str]]:
    """The papers that were brought to the window, by their keys; and what is wrong with them."""
    problems: list[str] = []
    brought: dict[str, Pages] = {}
    for paper in item.papers:
        files = [each for each in form.getlist(f"file:{paper.key}") if isinstance(each, UploadFile) and each.filename]
        for file in files:
            try:
                made = await pages_apart(await file.read(), paper.most_pages)
            except NotTaken as error:
                title = in_language(paper.title, desk.language)
                problems.append(f"{title}{desk.w('colon')}{desk.w('why_file_' + error.problem.value)}")
            else:
                before = brought.get(paper.key, Pages((), photo=True))
                brought[paper.key] = Pages((*before.pages, *made.pages), photo=before.photo and made.photo)
    return brought, problems


async def _form(request: Request) -> FormData:
    try:
        return await parsed_in_memory(request)
    except MultiPartException as error:
        raise HTTPException(422) from error


def _text(form: FormData, name: str) -> str:
    found = form.get(name)
    return found.strip() if isinstance(found, str) else ""


def form_values(form: FormData, name: str) -> list[str]:
    """All values of a field: of a choice of several there may be more than one."""
    return [each.strip() for each in form.getlist(name) if isinstance(each, str) and each.strip()]
