"""Errors as `application/problem+json` (RFC 9457): what happened, and what to do."""

import traceback
from pathlib import Path

import msgspec
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DataError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from hub.store.faults import STORE_AWAY
from hub.store.writer import Stopped

_log = structlog.get_logger()
_PREFIX = "urn:kiosk:problem:"


class Problem(Exception):
    """An answer that is an error.

    Args:
        status: HTTP status.
        kind: Stable name, e.g. `code-used`; becomes the problem's `type`.
        title: What happened.
        detail: What to do.
        headers: Sent with the answer.
    """

    def __init__(self, status: int, kind: str, title: str, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(f"{status} {kind}: {title}")
        self.status = status
        self.kind = kind
        self.title = title
        self.detail = detail
        self.headers = headers or {}

    def response(self) -> Response:
        """As an HTTP response."""
        body = {
            "type": _PREFIX + self.kind,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }
        return Response(
            msgspec.json.encode(body),
            status_code=self.status,
            media_type="application/problem+json",
            headers=self.headers,
        )


def store_problem(error: Exception) -> Problem:
    """What is said where the database, or its disk, cannot be used now; or did not like a value, e.g. a zero character.

    Args:
        error: One of `STORE_AWAY`.
    """
    if isinstance(error, DataError) and not error.connection_invalidated:
        _log.warning("not storable", why=type(error).__name__)  # its message repeats the values
        return Problem(422, "invalid", "A value in it cannot be looked up or stored", "Correct the request.")
    _log.error("store away", why=type(error).__name__)
    return Problem(
        503, "store-away", "The hub's database does not answer", "Nothing was stored. Try again.", {"Retry-After": "2"}
    )


def where_of(error: BaseException) -> str:
    """Where it was raised, for the log; without its message, which may repeat what somebody sent."""
    frames = traceback.extract_tb(error.__traceback__)
    return " < ".join(f"{Path(each.filename).name}:{each.lineno}" for each in reversed(frames[-5:]))


def hub_fault() -> Problem:
    """Something that nobody has thought of."""
    return Problem(500, "hub-fault", "The hub failed", "Nothing was stored. Try again; the hub's log says why.")


async def _store_away(_request: Request, error: Exception) -> Response:
    return store_problem(error).response()


def answer_with_problems(app: FastAPI) -> None:
    """Make an application answer every error as a problem."""

    @app.exception_handler(Problem)
    async def _problem(_request: Request, error: Problem) -> Response:
        return error.response()

    @app.exception_handler(HTTPException)
    async def _http(_request: Request, error: HTTPException) -> Response:
        title = str(error.detail)
        return Problem(
            error.status_code, "http", title, "Look at the address and the method.", dict(error.headers or {})
        ).response()

    @app.exception_handler(RequestValidationError)
    async def _invalid(_request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        return Problem(422, "invalid", f"{where}: {first['msg']}", "Correct the request.").response()

    for kind in (*STORE_AWAY, Stopped):
        app.add_exception_handler(kind, _store_away)

    @app.exception_handler(Exception)
    async def _unexpected(_request: Request, _error: Exception) -> Response:
        return hub_fault().response()
