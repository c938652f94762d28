"""The door of the console: the sign-in page, and what somebody gets who is turned away."""

from typing import Any
from urllib.parse import quote

from anyio.to_thread import run_sync
from fastapi import Request
from starlette.responses import RedirectResponse, Response

from hub.api.problems import Problem
from hub.app import Hub
from hub.console.access import Forbidden
from hub.console.answers import language_of, page
from hub.console.gate_forms import Form, form_of
from hub.console.gate_view import known_halls
from hub.console.words import Language, word
from hub.people.settings import BadPeopleSettings, PeopleSettings, load_people


def inside_path(text: str) -> str:
    """Where to go on: a path of this console; its first page for anything else."""
    good = text.startswith("/") and "\\" not in text and "//" not in text and not text.startswith("/sign-")
    return text if good and text.isprintable() and len(text) < 500 else "/"


def people_settings(hub: Hub) -> PeopleSettings:
    """As the file has them; the strict ones while it has a mistake."""
    try:
        return load_people(hub.data.path)
    except BadPeopleSettings:
        return PeopleSettings()


async def sign_in_page(
    request: Request, hub: Hub, language: Language, *, status: int = 200, problem: str = "", form: Form | None = None
) -> Response:
    """The sign-in page, with what was typed before.

    Args:
        request: What is answered.
        hub: The hub.
        language: Of the words.
        status: HTTP status.
        problem: What was wrong, in words.
        form: `hall`, `id`, `then`, and `kept`: what was to be sent before.
    """
    given = form or Form({})
    halls = await hub.read(known_halls)
    return page(
        request,
        "people/sign_in.html",
        language,
        status=status,
        path="/sign-in",
        halls=halls,
        problem=problem,
        then=inside_path(given.text("then")),
        kept=given.fields.get("kept", ""),
        chosen=given.text("id"),
        chosen_hall=given.fields.get("hall", request.cookies.get("hall", halls[0] if len(halls) == 1 else "")),
        needs_code=(await run_sync(people_settings, hub)).second_factor == "required",
    )


def _wants_page(request: Request) -> bool:
    accepted = request.headers.get("accept", "")
    return "text/event-stream" not in accepted and not request.url.path.startswith(("/api/", "/stream/"))


async def not_signed_in(request: Request, _error: Exception) -> Response:
    """Nobody is signed in: nothing of what they typed is lost."""
    hub: Hub = request.app.state.hub
    language = language_of(request.query_params.get("lang", ""), request.cookies.get("lang", ""))
    if not _wants_page(request):
        return Problem(
            401, "not-signed-in", "Nobody is signed in", "Sign in at /sign-in, and send its cookie."
        ).response()
    if request.method in {"GET", "HEAD"}:
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"/sign-in?then={quote(request.url.path + query)}", status_code=303)
    sent = request.headers.get("content-type", "")
    kept = (await form_of(request)).encoded() if sent.startswith("application/x-www-form-urlencoded") else ""
    form = Form({"then": request.url.path, "kept": kept})
    problem = word("sign_in_first", language)
    return await sign_in_page(request, hub, language, status=401, problem=problem, form=form)


async def forbidden(request: Request, error: Exception) -> Response:
    """Somebody is signed in whose role may not."""
    if not isinstance(error, Forbidden):
        raise error
    language = language_of(request.query_params.get("lang", ""), request.cookies.get("lang", ""))
    if not _wants_page(request):
        detail = f"One of these roles may: {', '.join(sorted(error.wanted))}."
        return Problem(403, "role", "Your role may not do this", detail).response()
    wanted: list[Any] = sorted(error.wanted)
    return page(request, "people/forbidden.html", language, status=403, path="/", wanted=wanted)
