"""People in the console: one's own account, and for administrators everybody's."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, FastAPI, Request
from sqlalchemy import Connection, delete, func, select
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from hub.audit.chain import Actor, Who, append
from hub.console.access import Person, ThisPerson, cookie_name
from hub.console.answers import Chosen, ThisHub, page
from hub.console.gate_forms import Form, form_of
from hub.console.gate_view import known_halls
from hub.console.words import Language, word
from hub.office.roles import ROLES
from hub.people import tries
from hub.people.accounts import (
    ALL_HALLS,
    Account,
    AccountRefused,
    accounts,
    disable,
    find_account,
    password_is,
    put_account,
    recovery_left,
)
from hub.people.sessions import SET_UP, close_all, digest_of, open_session
from hub.store import schema

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Listed:
    """An account in the list."""

    account: Account
    sessions: int
    seen: datetime | None


def _own(connection: Connection, account: Account) -> dict[str, Any]:
    table = schema.session
    mine = (table.c.hall == account.hall, table.c.id == account.id, table.c.how != SET_UP)
    rows = connection.execute(select(table).where(*mine).order_by(table.c.seen.desc())).all()
    return {"sessions": rows, "recovery_left": recovery_left(connection, account)}


async def _me(
    request: Request,
    person: Person,
    language: Language,
    *,
    status: int = 200,
    problem: str = "",
    recovery: bool = False,
) -> Response:
    hub = request.app.state.hub
    found = await hub.read(lambda connection: _own(connection, person.account))
    this = digest_of(request.cookies.get(cookie_name(request), ""))
    return page(
        request,
        "people/me.html",
        language,
        status=status,
        path="/me",
        problem=problem,
        recovery=recovery,
        this=this,
        **found,
    )


@router.get("/me")
async def get_me(request: Request, person: ThisPerson, language: Chosen, recovery: int = 0) -> Response:
    """One's own account."""
    return await _me(request, person, language, recovery=bool(recovery))


@router.post("/me/again")
async def post_again(request: Request, hub: ThisHub, person: ThisPerson, language: Chosen) -> Response:
    """Choose a new password, telephone and recovery codes; the password of now is asked for."""
    form, now = await form_of(request), hub.now()
    counted = tries.buckets(person.account.key, "again", "")
    until = await hub.read(lambda connection: tries.locked_until(connection, counted, now))
    if until is None and await run_sync(password_is, person.account, form.fields.get("password", "")):
        token = await hub.writer.do(lambda connection: open_session(connection, person.account, SET_UP, now))
        return RedirectResponse(f"/sign-in/set-up?token={token}", status_code=303)
    await hub.writer.do(lambda connection: tries.note_wrong(connection, counted, now))
    return await _me(request, person, language, status=401, problem=word("password_wrong", language))


@router.post("/me/others-out")
async def post_others_out(request: Request, hub: ThisHub, person: ThisPerson) -> Response:
    """End one's other sessions: a browser that was left open somewhere."""
    this, table = digest_of(request.cookies.get(cookie_name(request), "")), schema.session

    def work(connection: Connection) -> None:
        mine = (table.c.hall == person.hall, table.c.id == person.id)
        connection.execute(delete(table).where(*mine, table.c.sha256 != this))

    await hub.writer.do(work)
    return RedirectResponse("/me", status_code=303)


def _list(connection: Connection, hall: str | None) -> list[Listed]:
    table = schema.session
    live = {
        (row.hall, row.id): (row.number, row.seen)
        for row in connection.execute(
            select(table.c.hall, table.c.id, func.count().label("number"), func.max(table.c.seen).label("seen"))
            .where(table.c.how != SET_UP)
            .group_by(table.c.hall, table.c.id)
        )
    }
    return [Listed(each, *live.get((each.hall, each.id), (0, None))) for each in accounts(connection, hall)]


async def _people(
    request: Request,
    person: Person,
    language: Language,
    *,
    status: int = 200,
    problem: str = "",
    done: str = "",
    link: str = "",
    about: Account | None = None,
    kept: Form | None = None,
) -> Response:
    hub = request.app.state.hub
    own = None if person.hall == ALL_HALLS else person.hall

    def read(connection: Connection) -> dict[str, Any]:
        halls = [each for each in known_halls(connection) if own in {None, each}]
        return {"people": _list(connection, own), "halls": halls}

    given = kept or Form({})
    return page(
        request,
        "people/people.html",
        language,
        status=status,
        path="/people",
        roles=ROLES,
        problem=problem,
        done=done,
        link=link,
        about=about,
        kept=given,
        central=own is None,
        **await hub.read(read),
    )


@router.get("/people")
async def get_people(request: Request, person: ThisPerson, language: Chosen, hall: str = "", id: str = "") -> Response:  # noqa: A002  the address's word
    """Everybody who may sign in; with `id`, that account in the form, to be changed."""
    hub = request.app.state.hub
    account = await hub.read(lambda connection: find_account(connection, hall, id)) if id else None
    form = Form({})
    if account is not None and person.hall in {ALL_HALLS, account.hall}:
        roles = {f"role.{each}": "on" for each in account.roles}
        form = Form({"hall": account.hall, "id": account.id, "name": account.name, **roles})
    return await _people(request, person, language, kept=form)


def _by(person: Person) -> Who:
    return Who(Actor.ADMINISTRATOR, person.hall, person.id)


@router.post("/people")
async def post_people(request: Request, hub: ThisHub, person: ThisPerson, language: Chosen) -> Response:
    """Add somebody, or change their name and roles. Who is new gets a link to set their account up."""
    form, now = await form_of(request), hub.now()
    hall = form.fields.get("hall", "")
    if hall not in {*await hub.read(known_halls), ALL_HALLS} or person.hall not in {ALL_HALLS, hall}:
        raise HTTPException(403)
    roles = frozenset(each for each in ROLES if form.text(f"role.{each.value}"))

    def work(connection: Connection) -> tuple[Account | None, str]:
        put_account(
            connection,
            hall=hall,
            account_id=form.text("id"),
            name=form.text("name"),
            roles=roles,
            by=_by(person),
            now=now,
        )
        account = find_account(connection, hall, form.text("id"))
        if account is None or account.is_set_up:
            return account, ""
        return account, open_session(connection, account, SET_UP, now)

    try:
        account, token = await hub.writer.do(work)
    except AccountRefused as refused:
        problem = word(f"account_{refused.kind}", language)
        return await _people(request, person, language, status=422, problem=problem, kept=form)
    link = f"{request.url.scheme}://{request.url.netloc}/sign-in/set-up?token={token}" if token else ""
    return await _people(request, person, language, done="account_saved", link=link, about=account)


@router.post("/people/do")
async def post_do(request: Request, hub: ThisHub, person: ThisPerson, language: Chosen) -> Response:
    """Give a new link, unlock, end sessions, let somebody in no longer, or again."""
    form, now = await form_of(request), hub.now()
    hall, what = form.fields.get("hall", ""), form.text("what")
    if person.hall not in {ALL_HALLS, hall}:
        raise HTTPException(403)

    def work(connection: Connection) -> tuple[Account | None, str]:
        account = find_account(connection, hall, form.text("id"))
        if account is None:
            raise AccountRefused("no_such_account", "there is no such account")
        token = ""
        match what:
            case "link":
                token = open_session(connection, account, SET_UP, now)
                append(connection, _by(person), "link", account.key[:64], now)
            case "unlock":
                tries.forget(connection, account.key)
                append(connection, _by(person), "unlock", account.key[:64], now)
            case "end":
                close_all(connection, account)
                append(connection, _by(person), "sessions_ended", account.key[:64], now)
            case "off" | "back":
                disable(connection, hall, account.id, by=_by(person), now=now, back=what == "back")
            case _:
                raise HTTPException(422)
        return account, token

    try:
        account, token = await hub.writer.do(work)
    except AccountRefused as refused:
        problem = word(f"account_{refused.kind}", language)
        return await _people(request, person, language, status=422, problem=problem)
    link = f"{request.url.scheme}://{request.url.netloc}/sign-in/set-up?token={token}" if token else ""
    return await _people(request, person, language, done=f"account_did_{what}", link=link, about=account)


def add_people_pages(app: FastAPI) -> None:
    """Add the pages to the console."""
    app.include_router(router)
