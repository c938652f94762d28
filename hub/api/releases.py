"""The terminal port's releases: signed metadata and files, with ranges, so that a cut download goes on."""

from fastapi import APIRouter, Depends, FastAPI
from starlette.responses import FileResponse

from hub.api.problems import Problem
from hub.api.terminals import ThisHub, check_wire, known_terminal
from hub.fleet.releases import Releases
from kiosk.wire import routes

_router = APIRouter(dependencies=[Depends(known_terminal), Depends(check_wire)])


@_router.get(routes.RELEASES + "/{kind}/{name}")
async def get_release_file(kind: str, name: str, hub: ThisHub) -> FileResponse:
    """A file of the repository. Whoever takes it verifies it: the hub is only a carrier."""
    file = Releases(hub.data).file(kind, name)
    if file is None:
        raise Problem(404, "no-such-file", "No release has a file of this name", "Ask again later.")
    return FileResponse(file, media_type="application/octet-stream", headers={"Cache-Control": "no-cache"})


def add_releases(app: FastAPI) -> FastAPI:
    """Add the routes to the terminal port."""
    app.include_router(_router)
    return app
