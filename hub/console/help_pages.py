"""The help desk in the console: who waits, answering, and the call itself."""

from collections.abc import AsyncIterator
from typing import Any, Final

import anyio
import msgspec
from fastapi import APIRouter, FastAPI, Request
from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response, StreamingResponse

from hub.app import Hub
from hub.audit.chain import append
from hub.console.access import Person, ThisPerson
from hub.console.answers import Chosen, ThesePages, ThisHub, page
from hub.console.gate_forms import form_of
from hub.console.gate_live import parts_stream, response
from hub.console.help_view import CallView, ThisCall, helper_of
from hub.console.queries import item_titles
from hub.console.words import Language
from hub.help import calls, notes
from hub.help.calls import HelpRefused
from hub.help.rooms import Room, TooMany
from hub.help.states import TALKS
from kiosk.clock import CHINA
from kiosk.wire.help import MOST_BODY, Message, Outcome, Standing

PARTS: Final = {
    "help-queue": "_queue.html",
    "help-talking": "_talking.html",
    "help-recent": "_recent.html",
    "help-figures": "_figures.html",
}
_PING: Final = b"event: ping\ndata: \n\n"
_PING_SECONDS: Final = 10.0
_ENDS: Final = {"solved": Outcome.SOLVED, "unsolved": Outcome.UNSOLVED}

router = APIRouter(prefix="/help")
call_router = APIRouter(prefix="/help/calls/{call}")


def desk_values(connection: Connection, hub: Hub, person: Person, language: Language) -> dict[str, Any]:
    """What the help desk shows."""
    halls = hub.help.halls_of(person.halls)
    now = hub.now()
    today = now.astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
    party = helper_of(person, "").party
    talking = calls.talking(connection, None)
    hailed = [each for each in talking if _hails(hub.help.rooms.get(each.id), party)]
    own = [each for each in talking if halls is None or each.hall in halls]
    found = calls.recent(connection, halls)
    return {
        "waiting": calls.queue(connection, halls),
        "hailed": hailed,
        "talking": [(each, hub.help.rooms.get(each.id)) for each in own],
        "left": [each for each in found if each.standing is Standing.NO_LINE],
        "over": [each for each in found if each.standing is not Standing.NO_LINE],
        "figures": calls.figures(connection, halls, today),
        "present": sorted(hub.help.rooms.present),
        "me": party,
        "titles": item_titles(connection, language),
        "now": now,
    }


def _hails(room: Room | None, party: str) -> bool:
    return room is not None and party in room.hailed


@router.get("")
async def get_desk(request: Request, hub: ThisHub, language: Chosen, person: ThisPerson) -> Response:
    """Who waits, who is being helped, who is to be called back."""
    values = await hub.read(lambda connection: desk_values(connection, hub, person, language))
    return page(request, "help/desk.html", language, **values)


@router.get("/live")
async def stream_desk(hub: ThisHub, pages: ThesePages, language: Chosen, person: ThisPerson) -> StreamingResponse:
    """The same as it changes. Whoever has this open is at the help desk."""
    party = helper_of(person, "").party

    def read(connection: Connection) -> dict[str, str]:
        values = desk_values(connection, hub, person, language)
        return {part: pages.render(f"help/{file}", language, **values) for part, file in PARTS.items()}

    async def body() -> AsyncIterator[Any]:
        hub.help.rooms.come(party)
        try:
            async for each in parts_stream(hub, read).body_iterator:
                yield each
        finally:
            hub.help.rooms.go(party)

    return response(body())


@call_router.post("/answer")
async def post_answer(view: ThisCall) -> Response:
    """Answer; of two the first."""
    try:
        await view.hub.help.answer(view.call.id, view.helper)
    except HelpRefused as error:
        return await view.refused(error)
    return RedirectResponse(view.path, status_code=303)


@call_router.post("/join")
async def post_join(view: ThisCall) -> Response:
    """Come to those who are there."""
    try:
        await view.hub.help.join(view.call.id, view.helper)
    except HelpRefused as error:
        return await view.refused(error)
    return RedirectResponse(view.path, status_code=303)


@call_router.get("")
async def get_call(view: ThisCall) -> Response:
    """A call: live for who takes part, what is known of it for others."""
    hub, call = view.hub, view.call

    def read(connection: Connection) -> dict[str, Any]:
        number = notes.number_of(connection, call, hub.unsealing) if call.standing is Standing.NO_LINE else ""
        return {
            "notes": notes.notes(connection, call.id),
            "earlier": calls.of_terminal_history(connection, call),
            "titles": item_titles(connection, view.language),
            "number": number,
        }

    values = await hub.read(read)
    if values["number"]:  # somebody's telephone number is read by somebody
        await hub.writer.do(
            lambda connection: append(connection, view.helper.who, "help_number_seen", call.id, hub.now())
        )
    live = call.standing in TALKS and hub.help.takes_part(call.id, view.helper)
    others = [each for each in sorted(hub.help.rooms.present) if each != view.helper.party]
    me = view.helper.party
    return page(
        view.request,
        "help/call.html",
        view.language,
        call=call,
        live=live,
        me=me,
        others=others,
        path="/help",
        **values,
    )


@call_router.get("/stream")
async def stream_call(view: ThisCall, page_key: str = "") -> StreamingResponse:
    """What comes to somebody who takes part; the same page goes on where it was."""
    resumed = view.request.headers.get("last-event-id", "")
    seen = int(resumed) if resumed.isascii() and resumed.isdecimal() and len(resumed) < 10 else None
    if not view.hub.help.takes_part(view.call.id, view.helper):
        raise HTTPException(409)
    return response(_call_news(view, page_key[:64], seen))


async def _call_news(view: CallView, page_key: str, seen: int | None) -> AsyncIterator[bytes]:
    desk, party, call_id = view.hub.help, view.helper.party, view.call.id
    yield _PING
    try:
        async with desk.listening(call_id, view.helper, page_key) as room:
            seat = room.seats[party]
            last = seat.last - len(seat.box) if seen is None else seen
            told = b""
            while not view.hub.stopping.is_set():
                pulse = room.changed.pulse
                if room.seats.get(party) is not seat or seat.page_key != page_key:
                    break  # no longer part of it, or another page is
                now = msgspec.json.encode(await desk.now_for(await desk.find(call_id), party))
                if now != told:
                    told = now
                    yield b"event: call\ndata: " + now + b"\n\n"
                for each in seat.since(last)[0]:
                    last = each.seq
                    yield b"id: %d\nevent: message\ndata: %s\n\n" % (each.seq, msgspec.json.encode(each))
                if desk.rooms.get(call_id) is not room:
                    break
                with anyio.move_on_after(_PING_SECONDS):
                    await pulse.wait()
                    continue
                yield _PING
    except HelpRefused:
        pass
    yield b"event: over\ndata: \n\n"


@call_router.post("/messages")
async def post_message(view: ThisCall) -> Response:
    """Say something to the others."""
    body = b""
    async for part in view.request.stream():
        body += part
        if len(body) > 4 * MOST_BODY:
            raise HTTPException(413)
    try:
        message = msgspec.json.decode(body, type=Message)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise HTTPException(422) from error
    try:
        await view.hub.help.say(view.call.id, view.helper, message)
    except HelpRefused as error:
        raise HTTPException(409) from error
    except TooMany as error:
        raise HTTPException(429) from error
    return Response(status_code=204)


@call_router.post("/do/{act}")
async def post_act(view: ThisCall, act: str) -> Response:
    """Note, pass on, ask somebody to join, leave, end, or say that a number was called."""
    form = await form_of(view.request)
    desk, call_id, helper = view.hub.help, view.call.id, view.helper
    back = "/help"
    try:
        match act:
            case "note":
                await view.hub.writer.do(
                    lambda connection: notes.note(connection, call_id, helper.who, form.text("words"), view.hub.now())
                )
                back = view.path
            case "transfer":
                await desk.transfer(call_id, helper)
            case "leave":
                await desk.leave(call_id, helper)
            case "hail":
                await desk.hail(call_id, helper, form.text("who"))
                back = view.path
            case "end":
                await desk.end(call_id, helper, _ENDS.get(form.text("outcome"), Outcome.UNSOLVED))
            case "called-back":
                await desk.called_back(call_id, helper, reached=form.text("reached") == "yes")
            case _:
                raise HTTPException(404)
    except HelpRefused as error:
        return await view.refused(error)
    if view.request.headers.get("accept", "").startswith("application/json"):
        return Response(status_code=204)
    return RedirectResponse(back, status_code=303)


def add_help_pages(app: FastAPI) -> None:
    """Add the help desk to the console."""
    app.include_router(router)
    app.include_router(call_router)
