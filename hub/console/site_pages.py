"""A terminal's settings: the texts that make them, edited, signed, rolled out in steps, halted and taken back."""

from datetime import datetime
from typing import Final

from fastapi import APIRouter, FastAPI, Request
from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from hub.app import Hub
from hub.audit.chain import append
from hub.console.access import Person, ThisPerson
from hub.console.answers import Chosen, ThisHub, page
from hub.console.gate_forms import Form, form_of
from hub.console.site_decided import (
    KINDS,
    SiteMoved,
    SiteWanted,
    difference_in_words,
    do_wanted,
    newest_version,
    text_of,
)
from hub.console.terminal_view import MACHINES
from hub.console.words import Language, word
from hub.fleet import site_settings
from hub.fleet.live import TerminalKey
from hub.fleet.site_settings import Place, Scope
from hub.fleet.terminal_record import Enrolled, enrolled
from hub.people.proposals import Kind, ProposalRefused, State, proposals, propose
from hub.rules.publish import NotPublishable
from hub.rules.stages import EVERYBODY, halt, reached, resume, roll_back
from kiosk.wire.site import KIND, BadSettings, SiteEdition

router = APIRouter()
_NOT_NOW: Final = {
    "is halted": "site_is_halted",
    "a share is 0 to 100": "site_bad_share",
    "no terminal goes back by itself": "site_no_shrinking",
    "from before": "site_nothing_before",
    " are halted in ": "site_none_halted",
}
"""Why nothing was done, by what the error says."""
DONE: Final = frozenset({"site_proposed", "site_done", "site_same"})
_SHOWN: Final = 20


def _place(scope: str, found: Enrolled) -> Place:
    """For whom a text is; the terminal alone where nothing else is said."""
    if scope == Scope.EVERYBODY:
        return Place(Scope.EVERYBODY)
    if scope == Scope.GROUP and found.group:
        return Place(Scope.GROUP, found.group)
    return Place(Scope.TERMINAL, found.key.terminal)


def _in_words(place: Place, language: Language) -> str:
    return word(f"site_for_{place.scope.value}", language).format(name=place.name)


async def _found(hub: ThisHub, key: TerminalKey) -> Enrolled:
    found = await hub.read(lambda connection: enrolled(connection, key))
    if found is None:
        raise HTTPException(404)
    return found


async def _show(
    request: Request,
    hub: ThisHub,
    person: Person,
    language: Language,
    found: Enrolled,
    scope: str,
    *,
    status: int = 200,
    problem: str = "",
    lines: tuple[str, ...] = (),
    done: str = "",
    typed: str | None = None,
) -> Response:
    key, place = found.key, _place(scope, found)

    def read(connection: Connection) -> dict[str, object]:
        known = site_settings.standings(connection, key.hall, _SHOWN + 1)
        befores = [*(each.edition for each in known[1:]), SiteEdition()][: len(known)]
        newest = known[0].edition if known else SiteEdition()
        mine = next((s for s in known if not s.stage.halted and key.terminal in reached(connection, s.stage)), None)
        return {
            "editions": [
                (each.stage, len(reached(connection, each.stage)), difference_in_words(before, each.edition, language))
                for each, before in zip(known, befores, strict=True)
            ][:_SHOWN],
            "newest": known[0].stage if known else None,
            "text": site_settings.text_of(newest, place),
            "waits": [
                each for each in proposals(connection, frozenset({key.hall}), kinds=KINDS) if each.state is State.OPEN
            ],
            "takes": site_settings.shown_for(mine.edition if mine else SiteEdition(), key.terminal),
        }

    values = await hub.read(read)
    heard = hub.fleet.heard.get(key)
    places = [Place(Scope.TERMINAL, key.terminal), Place(Scope.EVERYBODY)]
    if found.group:
        places.insert(1, Place(Scope.GROUP, found.group))
    if typed is not None:
        values["text"] = typed
    return page(
        request,
        "terminals/site.html",
        language,
        status=status,
        path=f"/terminals/{key.hall}/{key.terminal}/site",
        key=key,
        found=found,
        place=place,
        places=[(each, _in_words(each, language)) for each in places],
        refused=None if heard is None else heard.health.refused.get(KIND),
        acts=bool(person.roles_in(key.hall) & MACHINES),
        problem=problem,
        lines=lines,
        done=done if done in DONE else "",
        **values,
    )


@router.get("/terminals/{hall}/{terminal}/site")
async def get_site(
    request: Request,
    hub: ThisHub,
    person: ThisPerson,
    language: Chosen,
    hall: str,
    terminal: str,
    scope: str = "",
    done: str = "",
) -> Response:
    """A terminal's settings, and the editions that made them."""
    found = await _found(hub, TerminalKey(hall, terminal))
    return await _show(request, hub, person, language, found, scope, done=done)


@router.post("/terminals/{hall}/{terminal}/site")
async def post_site(
    request: Request, hub: ThisHub, person: ThisPerson, language: Chosen, hall: str, terminal: str
) -> Response:
    """Propose a text as the hall's next edition of settings: another person confirms it."""
    form, now = await form_of(request), hub.now()
    found = await _found(hub, TerminalKey(hall, terminal))
    scope, text = form.text("scope"), form.fields.get("text", "")
    place, share = _place(scope, found), form.number("share")
    wanted = SiteWanted(
        scope=place.scope,
        name=place.name,
        text=text,
        share=EVERYBODY if share is None else share,
        names=[terminal] if form.text("this") else [],
        seen=form.number("newest") or 0,
    )
    try:
        outcome = await hub.writer.do(
            lambda connection: _propose(connection, hub, person, hall, Kind.SITE, wanted, now)
        )
    except SiteMoved:
        return await _show(request, hub, person, language, found, scope, status=409, problem="site_stale", typed=text)
    except ProposalRefused as error:
        problem = f"decision_{error.kind}"
        return await _show(request, hub, person, language, found, scope, status=422, problem=problem, typed=text)
    except BadSettings as error:
        mark = word("site_bad_line", language)
        lines = tuple(mark.format(line=line, key=key, what=what) for line, key, what in error.problems)
        return await _show(
            request, hub, person, language, found, scope, status=422, problem="site_bad", lines=lines, typed=text
        )
    except NotPublishable as error:
        lines = (str(error),)
        return await _show(
            request, hub, person, language, found, scope, status=422, problem="site_not_now", lines=lines, typed=text
        )
    return RedirectResponse(f"/terminals/{hall}/{terminal}/site?scope={place.scope.value}&done={outcome}", 303)


def _propose(
    connection: Connection, hub: Hub, person: Person, hall: str, kind: Kind, wanted: SiteWanted, now: datetime
) -> str:
    """Propose it, after a trial: what is wrong with it is said now, and not to whoever confirms it."""
    with connection.begin_nested() as trial:
        version = do_wanted(connection, hub.signing, hall, kind, wanted, now)
        trial.rollback()
    if version is None:
        return "site_same"
    summary, text = (
        text_of(wanted) if kind is Kind.SITE else (f"version {wanted.seen} {wanted.share}", text_of(wanted)[1])
    )
    me, who = (person.hall, person.id), person.who(hall, *MACHINES)
    propose(connection, hall=hall, kind=kind, summary=summary, text=text, person=me, who=who, now=now)
    return "site_proposed"


def _is_newest(connection: Connection, hall: str, form: Form) -> bool:
    return form.number("newest") == newest_version(connection, hall)


@router.post("/terminals/{hall}/{terminal}/site/{act}")
async def post_site_act(
    request: Request, hub: ThisHub, person: ThisPerson, language: Chosen, hall: str, terminal: str, act: str
) -> Response:
    """Propose to roll the newest out to more; halt it, go on with it, or go back to the one before, at once.

    These three bring back no more than what two people have confirmed before, and a failing machine is waited for.
    """
    form, now = await form_of(request), hub.now()
    if act not in {"share", "halt", "resume", "roll-back"}:
        raise HTTPException(404)
    found = await _found(hub, TerminalKey(hall, terminal))
    who = person.who(hall, *MACHINES)

    def work(connection: Connection) -> bool:
        if not _is_newest(connection, hall, form):
            return False
        if act == "share":
            wanted = SiteWanted(share=form.number("share") or 0, seen=form.number("newest") or 0)
            _propose(connection, hub, person, hall, Kind.SITE_SHARE, wanted, now)
            return True
        if act == "halt":
            halt(connection, KIND, hall, who.name)
        elif act == "resume":
            resume(connection, KIND, hall)
        else:
            roll_back(connection, hub.signing, hall, now, KIND)
        told = {"share": form.number("share"), "version": form.number("newest")}
        append(connection, who, f"settings_{act}", hall, now, detail=told)
        return True

    try:
        if not await hub.writer.do(work):
            return await _show(request, hub, person, language, found, "", status=409, problem="site_stale")
    except NotPublishable as error:
        key = next((key for part, key in _NOT_NOW.items() if part in str(error)), "site_not_now")
        lines = (str(error),) if key == "site_not_now" else ()
        return await _show(request, hub, person, language, found, "", status=409, problem=key, lines=lines)
    hub.fleet.changed.fire()
    done = "site_proposed" if act == "share" else "site_done"
    return RedirectResponse(f"/terminals/{hall}/{terminal}/site?done={done}", status_code=303)


def add_site_pages(app: FastAPI) -> None:
    """Add the page to the console."""
    app.include_router(router)
