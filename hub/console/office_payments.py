"""The office's page of payments: what was paid, for which submission, and what went back."""

from typing import Any

from fastapi import APIRouter, Depends
from sqlalchemy import Connection
from starlette.responses import Response

from hub.console.gate_forms import check_origin
from hub.console.office_view import ThisDesk
from hub.console.queries import item_titles
from hub.office.abandoned import listed

router = APIRouter(prefix="/office/{hall}", dependencies=[Depends(check_origin)])


@router.get("/payments")
async def get_payments(desk: ThisDesk) -> Response:
    """What was paid here."""

    def read(connection: Connection) -> tuple[list[dict[str, Any]], dict[str, str]]:
        return listed(connection, desk.hall), item_titles(connection, desk.language)

    rows, titles = await desk.hub.read(read)
    return desk.page("payments.html", "office_payments", path=f"{desk.root}/payments", rows=rows, titles=titles)
