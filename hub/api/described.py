"""The terminal port as OpenAPI 3.1, at `/api/v1/openapi.json`: made of the routes and of the structs they decode.

The routes take raw bodies, because decoding into the closed structs of `kiosk.wire` is the check; so what they take and
give is said here, once, by those structs themselves, each with an example that is encoded from one.
"""

import hashlib
from typing import Any, Final

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.requests import Request
from starlette.responses import Response

from hub.api.examples import EXAMPLES, ProblemShown
from hub.api.fast_lane import MAX_BATCH_BYTES
from hub.api.tags import has_tag
from hub.api.terminals import Now
from hub.office.gateway import GatewayOrder
from hub.texts.reports import Reports
from kiosk.wire import VERSION, edge, routes, serials
from kiosk.wire.appointments import AppointmentChanges, HallNow
from kiosk.wire.earlier import AskEarlier, AskEarlierPage, EarlierOffers
from kiosk.wire.events import (
    CHUNK_BYTES,
    MAX_BATCH,
    MAX_EVENT_BYTES,
    MAX_PAPER_BYTES,
    Answer,
    Envelope,
)
from kiosk.wire.fleet import Enrolled, EnrolRequest, Health, Renewed, RenewRequest, Signed
from kiosk.wire.help import CallAsked, CallNow, Hangup, Message, News
from kiosk.wire.orders import Orders, OrderSettled
from kiosk.wire.phone import PhoneStanding, PhoneTicket, PhoneWanted
from kiosk.wire.progress import AskMine, AskResult, Mine
from kiosk.wire.requests import Order, Reply, Slots
from kiosk.wire.requests import Request as Wish

OPENAPI: Final = f"{routes.PREFIX}/openapi.json"
_JSON: Final = "application/json"
_PROBLEM: Final = "application/problem+json"
_REF: Final = "#/components/schemas/{name}"


_BODIES: Final[dict[tuple[str, str], Any]] = {
    ("post", routes.ENROL): EnrolRequest,
    ("post", routes.RENEW): RenewRequest,
    ("post", serials.ROUTE): serials.SerialRequest,
    ("post", edge.SERVER): edge.ServerWanted,
    ("post", routes.EVENTS): list[Envelope],
    ("post", routes.HEALTH): Health,
    ("put", f"{routes.ORDERS}/{{number}}"): OrderSettled,
    ("post", routes.OFFICE_MINE): AskMine,
    ("post", routes.OFFICE_REQUESTS): Wish,
    ("post", routes.OFFICE_RESULT): AskResult,
    ("post", routes.OFFICE_PAID): GatewayOrder,
    ("post", routes.OFFICE_TEXTS): Reports,
    ("post", routes.OFFICE_PHONE): PhoneWanted,
    ("post", routes.OFFICE_EARLIER): AskEarlier,
    ("post", f"{routes.OFFICE_EARLIER}/page"): AskEarlierPage,
    ("post", routes.HELP): CallAsked,
    ("post", f"{routes.HELP}/{{call}}/messages"): Message,
    ("post", f"{routes.HELP}/{{call}}/end"): Hangup,
}
_ANSWERS: Final[dict[tuple[str, str], Any]] = {
    ("post", routes.ENROL): Enrolled,
    ("post", routes.RENEW): Renewed,
    ("post", serials.ROUTE): Enrolled,
    ("post", edge.SERVER): edge.ServerIssued,
    ("get", edge.TERMINALS): list[edge.EdgeTerminal],
    ("get", routes.TIME): Now,
    ("post", routes.EVENTS): list[Answer],
    ("post", routes.HEALTH): HallNow,
    ("get", routes.APPOINTMENTS): AppointmentChanges,
    ("get", f"{routes.SIGNED}/{{kind}}"): Signed,
    ("get", routes.ORDERS): Orders,
    ("post", routes.OFFICE_MINE): Mine,
    ("post", routes.OFFICE_REQUESTS): Reply,
    ("get", f"{routes.OFFICE_ORDERS}/{{order}}"): Order,
    ("get", routes.OFFICE_SLOTS): Slots,
    ("post", routes.OFFICE_PHONE): PhoneTicket,
    ("get", f"{routes.OFFICE_PHONE}/{{ticket}}"): PhoneStanding,
    ("post", routes.OFFICE_EARLIER): EarlierOffers,
    ("post", routes.HELP): CallNow,
    ("get", f"{routes.HELP}/{{call}}/news"): News,
}
_BINARY: Final[dict[tuple[str, str], tuple[str, int]]] = {
    ("put", f"{routes.PAPERS}/{{sha256}}"): ("application/octet-stream", CHUNK_BYTES),
    ("put", routes.SCREEN): ("image/png", routes.MAX_SCREEN_BYTES),
    ("put", routes.ACCEPTANCE): ("application/pdf", routes.MAX_ACCEPTANCE_BYTES),
    ("put", f"{routes.ORDERS}/{{number}}/bundle"): ("application/gzip", routes.MAX_BUNDLE_BYTES),
}
_QUERIES: Final[dict[tuple[str, str], list[dict[str, object]]]] = {
    ("get", routes.APPOINTMENTS): [
        {"name": "since", "in": "query", "schema": {"type": "integer", "minimum": 0, "maximum": 999_999_999}}
    ],
    ("get", routes.OFFICE_SLOTS): [
        {"name": "department", "in": "query", "schema": {"type": "string", "maxLength": 64}},
        {"name": "from", "in": "query", "schema": {"type": "string", "format": "date"}},
        {"name": "days", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 31}},
    ],
    ("put", f"{routes.PAPERS}/{{sha256}}"): [
        {
            "name": "Content-Range",
            "in": "header",
            "required": True,
            "schema": {"type": "string", "pattern": "^bytes [0-9]{1,10}-[0-9]{1,10}/[0-9]{1,10}$"},
            "example": "bytes 0-262143/800000",
        }
    ],
    ("get", f"{routes.SIGNED}/{{kind}}"): [
        {"name": "If-None-Match", "in": "header", "schema": {"type": "string"}, "example": '"rules-3"'}
    ],
}
_WIRE: Final = {
    "name": routes.WIRE_HEADER,
    "in": "header",
    "required": True,
    "schema": {"type": "string", "const": str(VERSION)},
    "description": "The protocol's version; another gets 409.",
}
_WITHOUT_WIRE: Final = frozenset({routes.CA, routes.OFFICE_PAID, routes.OFFICE_TEXTS})


def _content(schema: dict[str, Any], kind: Any) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": schema}
    if kind in EXAMPLES:
        content["example"] = msgspec.to_builtins(EXAMPLES[kind])
    return {_JSON: content}


def describe(app: FastAPI) -> dict[str, Any]:
    """The whole description.

    Args:
        app: With all routes of the terminal port.
    """
    made = get_openapi(
        title="Kiosk hub, terminal port",
        version=f"1.{VERSION}",
        description=(
            "TLS 1.3 with the terminal's certificate. A batch has at most "
            f"{MAX_BATCH} events of {MAX_EVENT_BYTES} bytes ({MAX_BATCH_BYTES} in all), "
            f"a paper {MAX_PAPER_BYTES} bytes. Everything can be sent again: what is known is answered as known."
        ),
        routes=app.routes,
    )
    kinds = [*{*map(_Key, _BODIES.values()), *map(_Key, _ANSWERS.values()), _Key(ProblemShown)}]
    schemas, components = msgspec.json.schema_components([each.kind for each in kinds], ref_template=_REF)
    by_kind = dict(zip(kinds, schemas, strict=True))
    made.setdefault("components", {}).setdefault("schemas", {}).update(components)
    problem = {"description": "Says what went wrong, and what to do.", "content": {_PROBLEM: {}}}
    problem["content"] = {_PROBLEM: _content(by_kind[_Key(ProblemShown)], ProblemShown)[_JSON]}
    for path, methods in made["paths"].items():
        for method, operation in methods.items():
            which = (method, path)
            parameters = operation.setdefault("parameters", [])
            parameters += _QUERIES.get(which, [])
            if path not in _WITHOUT_WIRE:
                parameters.append(_WIRE)
            if which in _BODIES:
                kind = _BODIES[which]
                operation["requestBody"] = {"required": True, "content": _content(by_kind[_Key(kind)], kind)}
            elif which in _BINARY:
                media, most = _BINARY[which]
                binary = {"type": "string", "format": "binary", "maxLength": most}
                operation["requestBody"] = {"required": True, "content": {media: {"schema": binary}}}
            if which in _ANSWERS:
                kind = _ANSWERS[which]
                operation["responses"]["200"]["content"] = _content(by_kind[_Key(kind)], kind)
            operation["responses"].pop("422", None)
            operation["responses"]["4XX"] = operation["responses"]["5XX"] = problem
    return made


class _Key:
    """A type as a key: some of them compare by what they hold."""

    def __init__(self, kind: Any) -> None:
        self.kind = kind

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and repr(self.kind) == repr(other.kind)

    def __hash__(self) -> int:
        return hash(repr(self.kind))


def add_description(app: FastAPI) -> FastAPI:
    """Serve the description of all routes that the application has; add this last."""
    body = msgspec.json.encode(describe(app))
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'

    async def get_description(request: Request) -> Response:
        if has_tag(request.headers.get("if-none-match", ""), tag):
            return Response(status_code=304, headers={"ETag": tag})
        return Response(body, media_type=_JSON, headers={"ETag": tag})

    app.add_route(OPENAPI, get_description, include_in_schema=False)
    return app
