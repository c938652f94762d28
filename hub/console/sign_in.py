"""Signing in, for all pages: password with a code of the telephone, a recovery code, or a staff certificate."""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import segno
from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import APIRouter, FastAPI, Request
from markupsafe import Markup
from sqlalchemy import Connection
from starlette.responses import RedirectResponse, Response

from hub.app import Hub
from hub.audit.chain import append
from hub.console.access import Forbidden, NotSignedIn, cookie_name, may, sections
from hub.console.answers import Chosen, ThisHub, page
from hub.console.door import forbidden, inside_path, not_signed_in, people_settings, sign_in_page
from hub.console.gate_forms import Form, form_of
from hub.console.gate_view import hour_text
from hub.console.pages import Pages
from hub.console.words import Language, word
from hub.people import tries
from hub.people.accounts import (
    Account,
    AccountRefused,
    find_account,
    note_step,
    password_is,
    set_secrets,
    totp_secret,
    use_recovery,
    who_of,
)
from hub.people.sessions import LASTS, SET_UP, close_session, open_session, session_of
from hub.people.settings import PeopleSettings
from hub.people.totp import address_of, matching_step, new_secret, secret_text, step_of
from kiosk.wire.sealing import CannotUnseal, recipient_of, seal, unseal

BROWSER_COOKIE: Final = "browser"
_YEAR: Final = 365 * 86400
_SLOW = CapacityLimiter(2)
"""Passwords are compared slowly, two at a time: whoever floods the sign-in does not stop the hub."""

router = APIRouter()


@router.get("/sign-in")
async def get_sign_in(request: Request, hub: ThisHub, language: Chosen, then: str = "/") -> Response:
    """Where people sign in."""
    return await sign_in_page(request, hub, language, form=Form({"then": then}))


@dataclass(frozen=True, slots=True)
class _Given:
    """What somebody typed, with the account it is about."""

    hall: str
    id: str
    password: str
    code: str
    account: Account | None
    counted: tuple[tuple[str, int], ...]


def _second(given: _Given, identity: str, settings: PeopleSettings, now: datetime) -> tuple[bool, int | None]:
    """Whether the second factor can be right, and the step of its one-time code; None where it is no such code."""
    if given.account is None:
        return False, None
    try:
        secret = totp_secret(given.account, identity)
    except CannotUnseal:
        return False, None
    if secret is None:
        return settings.second_factor == "off", None
    digits = given.code.replace(" ", "")
    if len(digits) == 6 and digits.isascii() and digits.isdecimal():
        step = matching_step(secret, digits, now, given.account.totp_step)
        return step is not None, step
    return bool(digits), None  # a recovery code, perhaps


def _let_in(connection: Connection, given: _Given, browser: str, step: int | None, now: datetime) -> tuple[str, str]:
    """Use up what was typed, and begin the session.

    Returns:
        Its token, and how the person proved who they are; no token where the code was used up meanwhile, or others
        who tried at the same time were wrong too often.
    """
    account = given.account
    if account is None or tries.locked_until(connection, given.counted, now) is not None:
        return "", ""
    how = "password"
    if step is not None:
        if not note_step(connection, account, step):
            return "", ""
    elif account.totp_sealed:
        how = "recovery"
        if not use_recovery(connection, account, given.code, now):
            return "", ""
    tries.forget_browser(connection, account.key, browser)
    append(connection, who_of(account), "sign_in", account.key[:64], now, detail={"how": how})
    return open_session(connection, account, how, now), how


def _note_wrong(connection: Connection, given: _Given, now: datetime) -> None:
    if tries.note_wrong(connection, given.counted, now) and given.account is not None:
        append(connection, who_of(given.account), "locked", given.account.key[:64], now)


@router.post("/sign-in")
async def post_sign_in(request: Request, hub: ThisHub, language: Chosen) -> Response:
    """Sign in; what was to be done before goes on."""
    form, now = await form_of(request), hub.now()
    hall, account_id = form.fields.get("hall", "")[:64], form.text("id")[:64]
    key = await run_sync(hub.data.browsers_key)
    browser = tries.browser_of(key, request.cookies.get(BROWSER_COOKIE, ""))
    address = request.client.host if request.client is not None else ""
    counted = tries.buckets(f"{hall or '*'}/{account_id}", browser, address)

    def read(connection: Connection) -> tuple[Account | None, datetime | None]:
        return find_account(connection, hall, account_id), tries.locked_until(connection, counted, now)

    account, until = await hub.read(read)
    if until is not None:
        problem = word("sign_in_locked", language).format(time=hour_text(until))
        return await sign_in_page(request, hub, language, status=429, problem=problem, form=form)
    given = _Given(hall, account_id, form.fields.get("password", ""), form.text("code")[:40], account, counted)
    settings = await run_sync(people_settings, hub)

    def prove() -> tuple[bool, int | None]:
        right = password_is(account, given.password)
        good, step = _second(given, hub.unsealing, settings, now)
        return right and good and account is not None and account.disabled is None, step

    right, step = await run_sync(prove, limiter=_SLOW)
    token = how = ""
    if right:
        token, how = await hub.writer.do(lambda connection: _let_in(connection, given, browser, step, now))
    if not token:
        await hub.writer.do(lambda connection: _note_wrong(connection, given, now))
        problem = word("sign_in_wrong", language)
        return await sign_in_page(request, hub, language, status=401, problem=problem, form=form)
    then, kept = inside_path(form.text("then")), form.fields.get("kept", "")
    response: Response
    if kept:
        response = page(request, "people/go_on.html", language, then=then, fields=Form.decoded(kept).fields, path="/")
    else:
        response = RedirectResponse("/me?recovery=1" if how == "recovery" else then, status_code=303)
    _set_cookies(request, response, token, "" if browser != tries.STRANGE else tries.browser_mark(key))
    return response


def _set_cookies(request: Request, response: Response, token: str, mark: str) -> None:
    secure = request.url.scheme == "https"
    response.set_cookie(
        cookie_name(request),
        token,
        max_age=int(LASTS.total_seconds()),
        samesite="strict",
        httponly=True,
        secure=secure,
        path="/",
    )
    if mark:
        response.set_cookie(
            BROWSER_COOKIE, mark, max_age=_YEAR, samesite="strict", httponly=True, secure=secure, path="/sign-in"
        )


@router.post("/sign-out")
async def post_sign_out(request: Request, hub: ThisHub) -> Response:
    """Sign out."""
    token = request.cookies.get(cookie_name(request), "")
    await hub.writer.do(lambda connection: close_session(connection, token))
    response = RedirectResponse("/sign-in", status_code=303)
    response.delete_cookie(cookie_name(request), path="/", secure=request.url.scheme == "https", httponly=True)
    return response


async def _set_up_page(
    request: Request,
    hub: Hub,
    language: Language,
    token: str,
    *,
    secret: bytes | None = None,
    status: int = 200,
    problem: str = "",
) -> Response:
    now = hub.now()
    session = await hub.read(lambda connection: session_of(connection, token, now))
    if session is None or session.how != SET_UP:
        return page(request, "people/set_up.html", language, status=410, path="/sign-in", account=None)
    settings = await run_sync(people_settings, hub)
    shared = secret or new_secret()
    address = address_of(shared, session.account.key.replace("*/", ""), settings.issuer)
    qr = segno.make(address, error="m", micro=False).svg_inline(scale=5, border=3, dark="#1b2430", light="#fff")
    sealed = await run_sync(seal, shared, recipient_of(hub.unsealing))
    return page(
        request,
        "people/set_up.html",
        language,
        status=status,
        path="/sign-in",
        account=session.account,
        token=token,
        problem=problem,
        secret=base64.b64encode(sealed).decode(),
        secret_words=secret_text(shared),
        qr=Markup(qr),  # noqa: S704  made here, of nothing but squares
        optional=settings.second_factor == "off",
    )


@router.get("/sign-in/set-up")
async def get_set_up(request: Request, hub: ThisHub, language: Chosen, token: str = "") -> Response:
    """The first visit with a link from the administrator: choose a password, take the telephone along."""
    return await _set_up_page(request, hub, language, token)


def _shared_secret(form: Form, identity: str) -> bytes | None:
    try:
        return unseal(base64.b64decode(form.text("secret"), validate=True), identity)
    except (CannotUnseal, binascii.Error, ValueError):
        return None


@router.post("/sign-in/set-up")
async def post_set_up(request: Request, hub: ThisHub, language: Chosen) -> Response:
    """Set the account up; the link is used up by it."""
    form, now = await form_of(request), hub.now()
    token, password = form.text("token"), form.fields.get("password", "")
    secret = await run_sync(_shared_secret, form, hub.unsealing)
    settings = await run_sync(people_settings, hub)
    code = form.text("code").replace(" ", "")
    without = settings.second_factor == "off" and not code
    step = None if secret is None or without else matching_step(secret, code, now, 0)
    problem = ""
    if password != form.fields.get("again", ""):
        problem = "password_differs"
    elif step is None and not without:
        problem = "code_wrong"

    def work(connection: Connection) -> tuple[list[str], str]:
        session = session_of(connection, token, now)
        if session is None or session.how != SET_UP:
            return [], ""
        codes = set_secrets(
            connection,
            session.account,
            password=password,
            secret=None if without else secret,
            step=step_of(now) if step is None else step,
            identity=hub.unsealing,
            now=now,
        )
        return codes, open_session(connection, session.account, "password", now)

    codes: list[str] = []
    opened = ""
    if not problem:
        try:
            codes, opened = await hub.writer.do(work)
        except AccountRefused as refused:
            problem = f"password_{refused.kind}"
    if problem:
        words = word(problem, language)
        return await _set_up_page(request, hub, language, token, secret=secret, status=422, problem=words)
    if not opened:
        return await _set_up_page(request, hub, language, "")
    response = page(request, "people/set_up_done.html", language, path="/sign-in", codes=codes)
    key = await run_sync(hub.data.browsers_key)
    _set_cookies(request, response, opened, tries.browser_mark(key))
    return response


def add_sign_in(app: FastAPI) -> None:
    """Add signing in to the console.

    Args:
        app: Its application; `app.state` has the hub and the pages.
    """
    app.add_exception_handler(NotSignedIn, not_signed_in)
    app.add_exception_handler(Forbidden, forbidden)
    pages: Pages = app.state.pages
    pages.share(sections=sections, may=may)
    app.include_router(router)
