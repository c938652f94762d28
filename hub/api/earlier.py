"""The terminal port's papers of earlier submissions, and results: shown to the person whose they are."""

import msgspec
from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, FastAPI, Request
from sqlalchemy import Connection
from starlette.responses import Response

from hub.api.office import body_of, persons_of, refused
from hub.api.problems import Problem
from hub.api.terminals import Sender, ThisHub, check_wire, known_terminal
from hub.office.advance import OfficeRefused
from hub.office.received import whose
from hub.office.records import results_of
from hub.phone.pictures import NotTaken, preview_apart
from hub.submissions.earlier import is_theirs, offers
from kiosk.wire import routes
from kiosk.wire.earlier import AskEarlier, AskEarlierPage, EarlierOffers
from kiosk.wire.progress import AskResult
from kiosk.wire.sealing import CannotUnseal, unseal

_NO_STORE = {"Cache-Control": "no-store"}
_terminals = APIRouter(dependencies=[Depends(known_terminal), Depends(check_wire)])


@_terminals.post(routes.OFFICE_EARLIER)
async def post_earlier(request: Request, hub: ThisHub, sender: Sender) -> Response:
    """Which papers may serve; the question travels in the body, out of every log."""
    asked = await body_of(request, AskEarlier)
    persons = await persons_of(hub, sender, asked.who)
    person, now = persons[sender.hall], hub.now()
    found = await hub.read(lambda connection: offers(connection, sender.hall, person, asked.item, asked.paper, now))
    there = await run_sync(lambda: tuple(each for each in found if hub.papers.size(each.sha256) is not None))
    return Response(msgspec.json.encode(EarlierOffers(papers=there)), media_type="application/json", headers=_NO_STORE)


@_terminals.post(routes.OFFICE_EARLIER_PAGE)
async def post_earlier_page(request: Request, hub: ThisHub, sender: Sender) -> Response:
    """The first page of one of them as JPEG, over this connection only: it is stored sealed, and opened here."""
    asked = await body_of(request, AskEarlierPage)
    persons = await persons_of(hub, sender, asked.who)
    person = persons[sender.hall]
    gone = Problem(404, "no_such_paper", "this person handed in no such paper", "Choose another one.")
    if not await hub.read(lambda connection: is_theirs(connection, sender.hall, person, asked.number, asked.sha256)):
        raise gone
    try:
        content = await run_sync(lambda: unseal(hub.papers.open(asked.sha256), hub.unsealing))
        page = await preview_apart(content)
    except (FileNotFoundError, CannotUnseal, NotTaken) as error:
        raise gone from error
    return Response(page, media_type="image/jpeg", headers=_NO_STORE)


@_terminals.post(routes.OFFICE_RESULT_PAGE)
async def post_result_page(request: Request, hub: ThisHub, sender: Sender) -> Response:
    """The first page of a document of a result as JPEG, to be looked at before it is printed."""
    asked = await body_of(request, AskResult)
    persons = await persons_of(hub, sender, asked.who)

    def find(connection: Connection) -> str | None:
        record = whose(connection, asked.number, lambda hall: persons.get(hall, "-"))
        found = results_of(connection, record.number)
        return next((str(each.sha256) for each in found if each.place == asked.place), None)

    gone = Problem(404, "no_result", "there is no such document yet", "Ask again later.")
    try:
        name = await hub.read(find)
        if name is None:
            raise gone
        page = await preview_apart(await run_sync(lambda: unseal(hub.papers.open(name), hub.unsealing)))
    except OfficeRefused as error:
        raise refused(error) from error
    except (FileNotFoundError, CannotUnseal, NotTaken) as error:
        raise gone from error
    return Response(page, media_type="image/jpeg", headers=_NO_STORE)


def add_earlier(app: FastAPI) -> FastAPI:
    """Add these routes to the application of the terminal port."""
    app.include_router(_terminals)
    return app
