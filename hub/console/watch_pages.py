"""Watch lists in the console: who is on one, proposed by a form or a file, searched by number, taken off.

Supervisors and administrators propose and confirm, auditors look on; a number is shown to who asks for it, with a row
in the audit.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import structlog
from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, FastAPI, Request
from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from hub.audit.chain import Actor as Role
from hub.audit.chain import Who, append
from hub.console.gate_forms import Form, check_origin, form_of
from hub.console.gate_view import ThisView, View, known_halls
from hub.people.accounts import ALL_HALLS
from hub.watch import entries
from hub.watch.decided import MOST_WHY, propose_watch, take_back
from hub.watch.entries import SUBJECT, Entry, WatchRefused
from hub.watch.wanted import Fault, Wanted, checked, from_file, number_fault, number_of
from kiosk.clock import local_date
from kiosk.wire.digest import person_digest
from kiosk.wire.sealing import CannotUnseal
from kiosk.wire.watch import WatchClass

MOST_BYTES: Final = 4 * 1024 * 1024
"""Of a file as a form sends it: nine bytes a Chinese character."""
MOST_SHOWN: Final = 300
"""Entries on the page: those that wait, then those that end first; the others are found by number."""
MOST_TOLD: Final = 50
"""So many faults of a file are told; the rest is counted."""
_log = structlog.get_logger()
router = APIRouter(prefix="/gate/{hall}/watch", dependencies=[Depends(check_origin)])


def _who(view: View, hall: str) -> Who:
    return view.person.who(hall, Role.SUPERVISOR, Role.ADMINISTRATOR, Role.AUDITOR)


def in_words(view: View, fault: Fault) -> str:
    """What is wrong, and where."""
    where = view.w("watch_line").format(line=fault.line) if fault.line else ""
    field = view.w("watch_ends_short") if fault.field == "ends" else view.w(f"watch_{fault.field}")
    return " · ".join(part for part in (where, f"{field}：{view.w(f'watch_bad_{fault.kind}')}") if part)


async def _page(
    view: View,
    *,
    status: int = 200,
    problem: str = "",
    faults: Sequence[Fault] = (),
    done: str = "",
    kept: Mapping[str, str] | None = None,
    found: Sequence[Entry] | None = None,
) -> Response:
    now = view.hub.now()
    listed, whole = await view.hub.read(
        lambda connection: (
            entries.listed(connection, view.hall, MOST_SHOWN),
            entries.count(connection, view.hall),
        )
    )
    today = local_date(now)
    return view.page(
        "watch.html",
        "watch",
        status=status,
        listed=listed,
        whole=whole,
        hidden=max(0, whole - sum(each.active for each in listed)),
        kinds=list(WatchClass),
        problem=problem,
        faults=[in_words(view, fault) for fault in faults[:MOST_TOLD]],
        more=max(0, len(faults) - MOST_TOLD),
        done=done,
        kept=kept or {},
        found=found,
        now=now,
        today=today.isoformat(),
        latest=today.replace(year=today.year + 1).isoformat() if (today.month, today.day) != (2, 29) else "",
        everywhere=view.person.hall == ALL_HALLS,
        path=f"{view.root}/watch",
    )


@router.get("")
async def get_watch(view: ThisView, done: str = "") -> Response:
    """Who is on the list."""
    words = {key: view.w(f"watch_done_{key}") for key in ("proposed", "removed")}
    return await _page(view, done=words.get(done, ""))


async def _digests(view: View, hall: str, numbers: Sequence[str]) -> dict[str, dict[str, str]]:
    """Each number's digest in the halls that the entry is for."""
    halls = await view.hub.read(known_halls) if hall == ALL_HALLS else [hall]
    data = view.hub.data

    def make() -> dict[str, dict[str, str]]:
        keys = {one: data.hall_key(one) for one in halls}
        return {number: {one: person_digest(number, key) for one, key in keys.items()} for number in numbers}

    return await run_sync(make)


def _hall(view: View, form: Form) -> str:
    """For which hall an entry is: for all of them only by somebody who works for all."""
    if not form.text("everywhere"):
        return view.hall
    if view.person.hall != ALL_HALLS:
        raise HTTPException(403)
    return ALL_HALLS


def _summary(wanted: Sequence[Wanted]) -> str:
    """How many of which class: what the list of decisions shows."""
    kinds = dict.fromkeys(each.kind for each in wanted)
    counted = {kind: sum(each.kind is kind for each in wanted) for kind in kinds}
    return " ".join(f"{kind.value}={number}" for kind, number in counted.items())  # the pages say it in words


async def _propose(view: View, form: Form, wanted: list[Wanted], *, of_file: bool) -> Response:
    hall = _hall(view, form)
    digests, now = await _digests(view, hall, [each.number for each in wanted]), view.hub.now()
    there = await view.hub.read(lambda connection: entries.already(connection, hall, wanted, digests))
    if there:
        faults = there if of_file else [Fault(each.field, each.kind) for each in there]
        return await _page(view, status=409, problem=view.w("watch_wrong"), faults=faults, kept=form.fields)

    def work(connection: Connection) -> int:
        return propose_watch(
            connection,
            wanted,
            hall=hall,
            digests=digests,
            identity=view.hub.unsealing,
            summary=_summary(wanted),
            person=(view.person.hall, view.person.id),
            who=_who(view, hall),
            now=now,
        )

    try:
        number = await view.hub.writer.do(work)
    except WatchRefused as refused:
        return await _page(view, status=409, problem=view.w(f"watch_{refused.kind}"), kept=form.fields)
    _log.info("watch list proposed", hall=hall, proposal=number, count=len(wanted))
    return view.to("/watch?done=proposed")


@router.post("")
async def post_watch(view: ThisView, request: Request) -> Response:
    """Propose one entry."""
    form = await form_of(request)
    made = checked(form.fields, view.hub.now())
    if not isinstance(made, Wanted):
        return await _page(view, status=422, problem=view.w("watch_wrong"), faults=made, kept=form.fields)
    return await _propose(view, form, [made], of_file=False)


@router.post("/import")
async def post_import(view: ThisView, request: Request) -> Response:
    """Propose the entries of a file; with one bad line, none."""
    form = await form_of(request, MOST_BYTES)
    now = view.hub.now()
    wanted, faults = await run_sync(from_file, form.fields.get("file", ""), now)
    if faults:
        return await _page(view, status=422, problem=view.w("watch_wrong"), faults=faults, kept=form.fields)
    return await _propose(view, form, wanted, of_file=True)


@router.post("/search")
async def post_search(view: ThisView, request: Request) -> Response:
    """Whether a number is on the list; who asked stands in the audit, and what for does not."""
    form, now = await form_of(request), view.hub.now()
    number = number_of(form.text("wanted"))
    if wrong := number_fault(number):
        fault = Fault("number", wrong)
        return await _page(view, status=422, problem=in_words(view, fault), kept=form.fields)
    digests = (await _digests(view, view.hall, [number]))[number]

    def work(connection: Connection) -> list[Entry]:
        found = entries.of_person(connection, digests, view.hall)
        append(connection, _who(view, view.hall), "watch_searched", SUBJECT, now, detail={"found": len(found)})
        return found

    found = await view.hub.writer.do(work)
    words = view.w("watch_search_found").format(number=len(found)) if found else view.w("watch_search_none")
    return await _page(view, done=words, found=found)


def _mine(view: View, connection: Connection, identifier: str) -> Entry:
    """An entry that somebody may act on: of their hall, or of all of them where they work for all.

    Raises:
        HTTPException: 404 for another hall's, 403 for one of all halls.
        WatchRefused: `no_such`.
    """
    found = entries.find(connection, identifier)
    if found is None:
        raise WatchRefused("no_such", "there is no such entry")
    if found.hall not in {view.hall, ALL_HALLS}:
        raise HTTPException(404)
    if found.hall == ALL_HALLS and view.person.hall != ALL_HALLS:
        raise HTTPException(403)
    return found


async def _acting(view: View, work: Callable[[Connection, datetime], Any]) -> Any | Response:
    now = view.hub.now()
    try:
        return await view.hub.writer.do(lambda connection: work(connection, now))
    except WatchRefused as refused:
        return await _page(view, status=409, problem=view.w(f"watch_{refused.kind}"))
    except CannotUnseal:
        return await _page(view, status=409, problem=view.w("watch_no_key"))


@router.post("/{entry}/number")
async def post_number(view: ThisView, entry: str) -> Response:
    """Show a number, once."""

    def work(connection: Connection, now: datetime) -> str:
        found = _mine(view, connection, entry)
        number = entries.number_of(connection, found.id, view.hub.unsealing)
        append(connection, _who(view, found.hall), "watch_number_seen", found.subject, now)
        return number

    answer = await _acting(view, work)
    if isinstance(answer, Response):
        return answer
    return await _page(view, done=view.w("watch_shown_number").format(id=entry, number=answer))


@router.post("/{entry}/take-back")
async def post_take_back(view: ThisView, request: Request, entry: str) -> Response:
    """Take somebody off the list, at once."""
    form = await form_of(request)
    why = form.text("why")[:MOST_WHY]
    if not why:
        return await _page(view, status=422, problem=view.w("watch_need_why"), kept=form.fields)

    def work(connection: Connection, now: datetime) -> Entry:
        found = _mine(view, connection, entry)
        if not found.active:
            raise WatchRefused("no_such", "it waits for the second person")
        return take_back(connection, view.hub.signing, entry, who=_who(view, found.hall), why=why, now=now)

    answer = await _acting(view, work)
    if isinstance(answer, Response):
        return answer
    _log.info("taken off the watch list", hall=view.hall, entry=entry)
    return view.to("/watch?done=removed")


def add_watch_pages(app: FastAPI) -> None:
    """Add the pages to the console."""
    app.include_router(router)
