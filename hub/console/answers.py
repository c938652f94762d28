"""What all pages of the console share: the hub behind a request, the language, and how HTML is answered."""

from typing import Annotated, Any

from fastapi import Cookie, Depends, Query, Request
from starlette.responses import HTMLResponse, Response

from hub.app import Hub
from hub.console.pages import Pages
from hub.console.words import Language

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # "no-referrer" would make our own forms come from the origin "null"
    "Cache-Control": "no-store",
}


def hub_of(request: Request) -> Hub:
    """The hub a request came to."""
    hub: Hub = request.app.state.hub
    return hub


def pages_of(request: Request) -> Pages:
    """What renders its answer."""
    pages: Pages = request.app.state.pages
    return pages


def language_of(lang: Annotated[str, Query()] = "", chosen: Annotated[str, Cookie(alias="lang")] = "") -> Language:
    """The language: asked for in the address, or chosen before, or Chinese."""
    known = {each.value for each in Language}
    return next((Language(wanted) for wanted in (lang, chosen) if wanted in known), Language.ZH)


ThisHub = Annotated[Hub, Depends(hub_of)]
ThesePages = Annotated[Pages, Depends(pages_of)]
Chosen = Annotated[Language, Depends(language_of)]


def page(request: Request, template: str, language: Language, *, status: int = 200, **values: Any) -> Response:
    """Answer with a page, and remember the language when it was asked for.

    Args:
        request: What is answered.
        template: File name.
        language: Of the words.
        status: HTTP status.
        values: What the template shows.
    """
    person = getattr(request.state, "person", None)
    shown = {"path": request.url.path, "person": person, **values}
    html = pages_of(request).render(template, language, **shown)
    response = HTMLResponse(html, status_code=status, headers=HEADERS)
    if request.query_params.get("lang") == language.value:
        response.set_cookie("lang", language.value, max_age=365 * 86400, samesite="strict", httponly=True)
    return response
