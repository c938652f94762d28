"""Personal data in the console: how long it is kept, a person's own records, who saw what, proofs of removal."""

import json
from datetime import timedelta
from typing import Any, Final

import msgspec
from anyio.to_thread import run_sync
from fastapi import APIRouter, FastAPI, Request
from sqlalchemy import Connection, func, select
from starlette.responses import RedirectResponse, Response

from hub.app import Hub
from hub.audit.chain import Actor as Role
from hub.audit.chain import append, entry_of
from hub.console.access import Person, ThisPerson
from hub.console.answers import HEADERS, Chosen, ThisHub, page
from hub.console.gate_forms import Form, form_of
from hub.console.gate_view import known_halls
from hub.console.words import Language, word
from hub.people.everything import everything_of
from hub.people.forgetting import erase, stop_texts
from hub.people.proposals import Kind, propose
from hub.people.retention import CLASSES, BadTime, checked, kept_days
from hub.store import schema
from hub.supervision.timed import position_before
from hub.watch.wanted import number_fault, number_of
from kiosk.wire.digest import person_digest
from kiosk.wire.events import StaffAct

SEEN_MOST: Final = 100
SEEN: Final = ("open", "person_export", "erased", "fetch", "watch_searched", "watch_number_seen")
"""Rows of the audit that say who looked at somebody."""
FACES_WARN: Final = 80_000
DECLINED_OVER: Final = timedelta(days=30)
NUMBER_MOST: Final = 40
router = APIRouter()


def enrolled_faces(connection: Connection) -> int:
    """People who agreed to be recognised at a lane, over all lanes, as each lane counted them last."""
    table = schema.staff_action
    newest = (
        select(table.c.hall, table.c.terminal, func.max(table.c.position).label("position"))
        .where(table.c.act.in_([StaffAct.ENROLLED.value, StaffAct.UNENROLLED.value]), table.c.count.is_not(None))
        .group_by(table.c.hall, table.c.terminal)
        .subquery()
    )
    query = select(func.sum(table.c.count)).join(newest, newest.c.position == table.c.position)
    return int(connection.scalar(query) or 0)


def _read(connection: Connection, hub: Hub, person: Person, about: str) -> dict[str, Any]:
    table, event = schema.audit, schema.event
    seen = select(table).where(table.c.what.in_(SEEN))
    if person.halls is not None:
        seen = seen.where(table.c.hall.in_(sorted(person.halls)))
    if about:
        seen = seen.where(table.c.subject == about)
    proofs = select(table).where(table.c.what == "removed")
    declined = connection.scalar(
        select(func.count())
        .select_from(event)
        .where(
            event.c.position > position_before(connection, hub.now() - DECLINED_OVER - timedelta(hours=1)),
            event.c.kind == "passage",
            event.c.made >= hub.now() - DECLINED_OVER,
            event.c.body.like('%"why":"declined"%'),
        )
    )
    newest = table.c.position.desc()
    return {
        "seen": [entry_of(row) for row in connection.execute(seen.order_by(newest).limit(SEEN_MOST))],
        "proofs": [entry_of(row) for row in connection.execute(proofs.order_by(newest).limit(30))],
        "kept": kept_days(connection),
        "declined": int(declined or 0),
        "faces": enrolled_faces(connection),
    }


async def _page(
    request: Request,
    hub: Hub,
    person: Person,
    language: Language,
    *,
    status: int = 200,
    problem: str = "",
    done: str = "",
    erased: tuple[str, ...] = (),
    kept_form: Form | None = None,
) -> Response:
    about = "".join(each for each in request.query_params.get("about", "") if each.isalnum() or each in "-/")[:64]
    values = await hub.read(lambda connection: _read(connection, hub, person, about))
    return page(
        request,
        "people/privacy.html",
        language,
        status=status,
        path="/privacy",
        problem=problem,
        done=done,
        about=about,
        erased=erased,
        classes=CLASSES,
        warn=FACES_WARN,
        typed=kept_form or Form({}),
        **values,
    )


@router.get("/privacy")
async def get_privacy(request: Request, hub: ThisHub, person: ThisPerson, language: Chosen) -> Response:
    """Everything about personal data at one place."""
    return await _page(request, hub, person, language)


@router.post("/privacy/kept")
async def post_kept(request: Request, hub: ThisHub, person: ThisPerson, language: Chosen) -> Response:
    """Propose another time of keeping; another person confirms it."""
    form, now = await form_of(request), hub.now()
    try:
        wanted = checked(form.text("kind"), form.number("days"))
    except BadTime:
        return await _page(request, hub, person, language, status=422, problem=word("kept_bad", language))
    who = person.who("", Role.SUPERVISOR, Role.ADMINISTRATOR)
    summary = f"{wanted.kind} {wanted.days}"  # the pages say it in words
    text, me = msgspec.json.encode(wanted).decode(), (person.hall, person.id)

    def work(connection: Connection) -> None:
        propose(connection, hall="", kind=Kind.RETENTION, summary=summary, text=text, person=me, who=who, now=now)

    await hub.writer.do(work)
    return RedirectResponse("/decisions", status_code=303)


async def _digests(hub: Hub, person: Person, number: str) -> dict[str, str]:
    """The person's digest at each hall that the member of staff may see."""
    halls = [each for each in await hub.read(known_halls) if person.halls is None or each in person.halls]
    return await run_sync(lambda: {hall: person_digest(number, hub.data.hall_key(hall)) for hall in halls})


def _wanted(form: Form, language: Language) -> tuple[str, str]:
    """The number, and what is wrong with the form; a mistyped number must not be answered with "nothing is kept"."""
    number = number_of(form.text("number")[:NUMBER_MOST])
    ground = number_of(form.text("ground"))
    if not (number and ground and form.text("sure")):
        return number, word("privacy_incomplete", language)
    if number in ground:
        return number, word("privacy_ground_number", language)
    fault = number_fault(number)
    return number, word(f"watch_bad_{fault}", language) if fault else ""


@router.post("/privacy/export")
async def post_export(request: Request, hub: ThisHub, person: ThisPerson, language: Chosen) -> Response:
    """All that is kept of a person, for the person: a JSON file."""
    form, now = await form_of(request), hub.now()
    number, problem = _wanted(form, language)
    if problem:
        return await _page(request, hub, person, language, status=422, problem=problem)
    digests = await _digests(hub, person, number)
    found = await hub.read(lambda connection: everything_of(connection, digests, hub.unsealing))
    counted = sum(len(each) for each in found.values())
    ground = form.text("ground")[:60]

    def work(connection: Connection) -> None:
        who = person.who(person.hall, Role.SUPERVISOR)
        append(connection, who, "person_export", ground, now, detail={"records": counted})

    await hub.writer.do(work)
    body = json.dumps({"made": now.isoformat(), **found}, ensure_ascii=False, indent=1, default=str).encode()
    headers = {**HEADERS, "Content-Disposition": 'attachment; filename="person.json"'}
    return Response(body, media_type="application/json", headers=headers)


@router.post("/privacy/erase")
async def post_erase(request: Request, hub: ThisHub, person: ThisPerson, language: Chosen) -> Response:
    """Erase what may be erased; what the law keeps is named."""
    form, now = await form_of(request), hub.now()
    number, problem = _wanted(form, language)
    if problem:
        return await _page(request, hub, person, language, status=422, problem=problem)
    digests, ground = await _digests(hub, person, number), form.text("ground")[:56]
    who = person.who(person.hall, Role.SUPERVISOR)
    found = await hub.writer.do(lambda connection: erase(connection, digests, who, ground, now))
    done = word("privacy_erased", language).format(records=found.records, kept=len(found.kept))
    return await _page(request, hub, person, language, done=done, erased=found.kept)


@router.post("/privacy/texts")
async def post_stop_texts(request: Request, hub: ThisHub, person: ThisPerson, language: Chosen) -> Response:
    """Take back the numbers a person left for messages, and nothing else."""
    form, now = await form_of(request), hub.now()
    number, problem = _wanted(form, language)
    if problem:
        return await _page(request, hub, person, language, status=422, problem=problem)
    digests, who = await _digests(hub, person, number), person.who(person.hall, Role.SUPERVISOR)
    count = await hub.writer.do(lambda connection: stop_texts(connection, digests, who, now))
    return await _page(request, hub, person, language, done=word("privacy_texts_done", language).format(count=count))


def add_privacy_pages(app: FastAPI) -> None:
    """Add the pages to the console."""
    app.include_router(router)
