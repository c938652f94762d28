"""The terminal port's remote help: calling, waiting, and passing on what both sides need to find each other."""

import re
from typing import Final, TypeVar
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends, FastAPI, Request
from starlette.responses import Response

from hub.api.fast_lane import limited_body
from hub.api.problems import Problem
from hub.api.terminals import Sender, ThisHub, check_wire, known_terminal
from hub.help.calls import HelpRefused
from hub.help.rooms import TooMany
from kiosk.wire import routes
from kiosk.wire.help import MOST_BODY, CallAsked, Hangup, Message

_WAIT_SECONDS: Final = 10.0
"""For news; shorter than any proxy's patience and the terminal's own deadline."""
_MAX: Final = 4 * MOST_BODY
"""Escaped, a message may be longer than its characters."""
_NUMBER = re.compile(r"[0-9]{1,9}")
_JSON: Final = "application/json"
_REMEDIES: Final = {
    "no_such_call": (404, "Call again."),
    "over": (409, "Call again."),
    "not_possible": (409, "Ask for the news of the call."),
}
T = TypeVar("T")

_router = APIRouter(dependencies=[Depends(known_terminal), Depends(check_wire)])


def _refused(error: HelpRefused) -> Problem:
    status, remedy = _REMEDIES.get(error.kind, (409, "Ask for the news of the call."))
    return Problem(status, error.kind.replace("_", "-"), str(error), remedy)


async def _body(request: Request, kind: type[T]) -> T:
    body = await limited_body(request, _MAX)
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem(422, "invalid", str(error), f"Send a {kind.__name__}.") from error


@_router.post(routes.HELP)
async def post_call(request: Request, hub: ThisHub, sender: Sender) -> Response:
    """Somebody at the terminal wants help."""
    asked = await _body(request, CallAsked)
    try:
        return Response(msgspec.json.encode(await hub.help.ask(sender, asked)), media_type=_JSON)
    except HelpRefused as error:
        raise _refused(error) from error


@_router.get(routes.HELP + "/{call}/news")
async def get_news(call: UUID, request: Request, hub: ThisHub, sender: Sender) -> Response:
    """What is new in a call of the terminal; waits some seconds for it."""
    asked = request.query_params.get("after", "0")
    if not _NUMBER.fullmatch(asked):
        raise Problem(422, "invalid", "after is the number of a message, 0 or more", "Ask from the last answer's last.")
    try:
        news = await hub.help.news(sender, str(call), int(asked), request.query_params.get("tag", ""), _WAIT_SECONDS)
    except HelpRefused as error:
        raise _refused(error) from error
    return Response(msgspec.json.encode(news), media_type=_JSON)


@_router.post(routes.HELP + "/{call}/messages")
async def post_message(call: UUID, request: Request, hub: ThisHub, sender: Sender) -> Response:
    """Pass something on to the staff."""
    message = await _body(request, Message)
    try:
        await hub.help.say_for_terminal(sender, str(call), message)
    except HelpRefused as error:
        raise _refused(error) from error
    except TooMany as error:
        raise Problem(429, "too-many", "Too many messages in a minute", "Send less.", {"Retry-After": "60"}) from error
    return Response(status_code=204)


@_router.post(routes.HELP + "/{call}/end")
async def post_end(call: UUID, request: Request, hub: ThisHub, sender: Sender) -> Response:
    """The citizen ends it; a call that is over already stays as it is."""
    given = await _body(request, Hangup)
    try:
        ended = await hub.help.hang_up(sender, str(call), given.outcome)
    except HelpRefused as error:
        raise _refused(error) from error
    return Response(msgspec.json.encode(ended), media_type=_JSON)


def add_help(app: FastAPI) -> FastAPI:
    """Add the routes to the terminal port."""
    app.include_router(_router)
    return app
