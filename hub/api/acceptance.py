"""The terminal port's acceptance reports: what a technician leaves behind reaches the hub over the terminal's line."""

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, FastAPI, Request
from starlette.responses import Response

from hub.api.fast_lane import limited_body
from hub.api.problems import Problem
from hub.api.terminals import Sender, ThisHub, check_wire, known_terminal
from hub.data import disk_free
from hub.fleet.acceptance import NotAcceptable, check_report_apart, is_signed_by, store, write_report
from kiosk.wire import routes

_KEEP_FREE = 256 * 1024 * 1024

_router = APIRouter(dependencies=[Depends(known_terminal), Depends(check_wire)])


@_router.put(routes.ACCEPTANCE)
async def put_acceptance(request: Request, hub: ThisHub, sender: Sender) -> Response:
    """Take a signed acceptance report. The same again changes nothing."""
    pdf = await limited_body(request, routes.MAX_ACCEPTANCE_BYTES)
    try:
        checked = await check_report_apart(pdf)
    except NotAcceptable as error:
        raise Problem(422, error.kind, error.title, error.remedy) from error
    if not await hub.read(lambda connection: is_signed_by(connection, sender, checked.fingerprint)):
        raise Problem(422, "other-signer", "Another terminal signed this report", "Send it from that terminal.")
    if disk_free(hub.data.acceptance) < _KEEP_FREE:
        raise Problem(507, "disk-full", "The hub's disk is full", "Try later; the hub's operator has to make room.")
    await run_sync(write_report, hub.data.acceptance, sender, checked.sha256, pdf)
    now = hub.now()
    new = await hub.writer.do(lambda connection: store(connection, sender, checked, now))
    if new:
        hub.fleet.changed.fire()
    return Response(status_code=201 if new else 204)


def add_acceptance(app: FastAPI) -> FastAPI:
    """Add the route to the terminal port."""
    app.include_router(_router)
    return app
