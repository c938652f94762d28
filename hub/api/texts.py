"""The terminal port's door for the gateway of messages: what became of what it took, signed with the shared secret."""

from typing import Final

import msgspec
from fastapi import APIRouter, FastAPI, Request
from starlette.responses import Response

from hub.api.fast_lane import limited_body
from hub.api.problems import Problem
from hub.api.terminals import ThisHub
from hub.office.outside import SIGNATURE_HEADER, is_signed
from hub.texts.reports import MOST_REPORTS, Reports, take
from hub.texts.tasks import Texts
from kiosk.wire import routes

_MOST: Final = 128 * 1024
_outside = APIRouter()


@_outside.post(routes.OFFICE_TEXTS)
async def post_reports(request: Request, hub: ThisHub) -> Response:
    """The gateway tells what became of messages; twice is the same."""
    body = await limited_body(request, _MOST)
    texts: Texts = request.app.state.outside.texts
    gateway = await texts.gateway()
    header = request.headers.get(SIGNATURE_HEADER, "")
    if gateway is None or not is_signed(header, body, gateway.secret, hub.now()):
        raise Problem(401, "not-signed", "This call is not signed by the gateway", "Sign it with the shared secret.")
    try:
        reports = msgspec.json.decode(body, type=Reports)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        hint = f"Send {{reports: [{{key, state, why}}]}}, at most {MOST_REPORTS}."
        raise Problem(422, "invalid", str(error)[:400], hint) from error
    taken = await hub.writer.do(lambda connection: take(connection, reports, hub.now()))
    answer = {"taken": taken, "unknown": len(reports.reports) - taken}
    return Response(msgspec.json.encode(answer), media_type="application/json", headers={"Cache-Control": "no-store"})


def add_texts(app: FastAPI) -> None:
    """Add the route to the application of the terminal port; `app.state.outside` has to be set before it serves."""
    app.include_router(_outside)
