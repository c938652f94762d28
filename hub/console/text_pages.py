"""The pages of messages to citizens and of what is overdue; and a number taken, or taken back, at a window."""

from datetime import datetime
from typing import Any, Final

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Request
from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from hub.audit.chain import Actor
from hub.console.gate_forms import Form, check_origin, form_of
from hub.console.office_view import Desk, ThisDesk
from hub.console.words import WORDS
from hub.office.advance import STAFF
from hub.office.alarms import acknowledge, counts, highest, past, raised
from hub.office.records import find
from hub.texts.again import of_reason_again, one_again, reasons, sendable
from hub.texts.contacts import About, give, left, take_back
from hub.texts.outbox import State
from hub.texts.sending import paid_on
from hub.texts.settings import FILE, BadTexts, Gateway, load
from hub.texts.shown import days, of_hall
from kiosk.clock import local_date
from kiosk.wire.telephone import NotAPhone, phone_of
from kiosk.wire.texts import CONSENT, LANGUAGES, TextsWanted

MOST_ERROR: Final = 100
router = APIRouter(prefix="/office/{hall}", dependencies=[Depends(check_origin)])


async def _configured(desk: Desk) -> tuple[Gateway | None, str]:
    """The gateway, and what is wrong with its file."""
    try:
        return await run_sync(load, desk.hub.data.path / FILE), ""
    except BadTexts as error:
        return None, str(error)


def why_words(desk: Desk, error: str) -> str:
    """Why a message did not go, in words where there are some."""
    key = f"text_why_{error}"
    if key in WORDS:
        return desk.w(key)
    if error.startswith("HTTP "):
        return desk.w("text_why_http").format(status=error[5:])
    if error.startswith("no answer within"):
        return desk.w("text_why_slow")
    if error.startswith("the answer"):
        return desk.w("text_why_odd")
    return desk.w("text_why_away") if error.endswith("Error") and error.isalpha() else error


@router.get("/texts")
async def get_texts(desk: ThisDesk, state: str = "", again: int = -1) -> Response:
    """What was sent to whom, masked; what it costs, and what did not arrive."""
    gateway, mistake = await _configured(desk)
    now = desk.hub.now()

    def read(connection: Connection) -> dict[str, Any]:
        messages = of_hall(connection, desk.hall, state)
        given_up = [each.number for each in messages if each.state == State.DEAD.value]
        return {
            "messages": messages,
            "reasons": reasons(connection, desk.hall),
            "sendable": sendable(connection, desk.hall, given_up),
            "days": days(connection, desk.hall, now),
            "paid": paid_on(connection, now),
        }

    found = await desk.hub.read(read)
    limit = None if gateway is None else gateway.settings.a_day
    return desk.page(
        "texts.html",
        "texts",
        path=f"{desk.root}/texts",
        state=state,
        states=[each.value for each in State],
        limit=limit,
        mistake=mistake,
        again=again,
        why=lambda error: why_words(desk, error),
        **found,
    )


@router.post("/texts/again")
async def post_again(request: Request, desk: ThisDesk) -> Response:
    """Send one message again that was given up, or all of a reason."""
    form, now, who = await form_of(request), desk.hub.now(), desk.who(Actor.SUPERVISOR)
    message, why = form.number("message"), form.fields.get("why", "")[:MOST_ERROR]

    def work(connection: Connection) -> int:
        if message is not None:
            return one_again(connection, desk.hall, min(message, 2**31 - 1), who, now)
        return of_reason_again(connection, desk.hall, why, who, now)

    done = await desk.hub.writer.do(work)
    return desk.to(f"/texts?again={done}")


@router.get("/overdue")
async def get_overdue(desk: ThisDesk) -> Response:
    """What is overdue in this hall, and what was told of it."""

    def read(connection: Connection) -> dict[str, Any]:
        halls = frozenset({desk.hall, ""})
        return {
            "alarms": highest(raised(connection, halls)),
            "counted": sorted(counts(connection, halls).items()),
            "past": past(connection, desk.hall),
        }

    found = await desk.hub.read(read)
    today = local_date(desk.hub.now())
    return desk.page("overdue.html", "overdue", path=f"{desk.root}/overdue", today=today, **found)


@router.post("/overdue/{number}")
async def post_seen(desk: ThisDesk, number: int) -> Response:
    """A supervisor sees to it."""
    who, now = desk.who(Actor.SUPERVISOR), desk.hub.now()

    def work(connection: Connection) -> bool:
        mine = 0 <= number < 2**31 and (
            acknowledge(connection, desk.hall, number, who, now) or acknowledge(connection, "", number, who, now)
        )
        return bool(mine)

    if not await desk.hub.writer.do(work):
        raise HTTPException(404)
    return desk.to("/overdue")


def given_number(form: Form, now: datetime) -> TextsWanted | str:
    """The number of a form that is filled in with the person; else the key of the words that say why not.

    Args:
        form: `phone`, `texts_language`, and `consent` that is ticked.
        now: When they agree.
    """
    try:
        phone = phone_of(form.text("phone")[:64])
    except NotAPhone as error:
        return f"phone_{error.problem.value}"
    if form.text("consent") != "yes":
        return "texts_consent_missing"
    language = form.text("texts_language")
    language = language if language in LANGUAGES else LANGUAGES[0]
    return TextsWanted(phone=phone, consent=CONSENT, language=language, agreed=now)


async def take_number(desk: Desk, number: str, form: Form) -> str:
    """Take a number for a submission, or take it back, by its person's wish; what is wrong, in words.

    Args:
        desk: Of the window.
        number: Of the submission, which is this hall's.
        form: `do` is `take_back`, or the fields of `given_number`.
    """
    now, who = desk.hub.now(), next((each for each in desk.whos if each.actor in STAFF), desk.whos[0])
    if form.text("do") == "take_back":
        await desk.hub.writer.do(lambda connection: take_back(connection, About.SUBMISSION, number, who, now))
        return ""
    wanted = given_number(form, now)
    if isinstance(wanted, str):
        return desk.w(wanted)
    given = left(wanted, desk.hub.unsealing)

    def work(connection: Connection) -> None:
        record = find(connection, number)
        if record is not None:
            give(connection, record.hall, About.SUBMISSION, number, given, who, now)

    await desk.hub.writer.do(work)
    return ""
