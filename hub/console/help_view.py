"""A request about one call: who asks, whether they may see it, and how a refusal is told."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from hub.app import Hub
from hub.console.access import Person, Role, ThisPerson
from hub.console.answers import Chosen, ThisHub, page
from hub.console.words import Language, word
from hub.help.calls import Call, HelpRefused
from hub.help.parts import Helper

HELPERS: Final = (Role.WINDOW, Role.BACK_OFFICE, Role.SUPERVISOR, Role.ENTRY)
"""In which roles somebody helps, the first that they have."""
_STATUS: Final = {"taken": 409, "over": 409, "not_possible": 409, "full": 409, "empty": 422, "no_such_call": 404}


def helper_of(person: Person, hall: str) -> Helper:
    """Somebody as a party of a call at a hall."""
    return Helper(person.hall, person.id, person.name, person.who(hall, *HELPERS))


async def _visible(hub: Hub, person: Person, call_id: UUID) -> Call:
    """A call that somebody may see: of a hall they help, or one they were asked to join.

    Raises:
        HTTPException: 404.
    """
    try:
        call = await hub.help.find(str(call_id))
    except HelpRefused as error:
        raise HTTPException(404) from error
    halls = hub.help.halls_of(person.halls)
    room = hub.help.rooms.get(call.id)
    party = helper_of(person, call.hall).party
    if halls is not None and call.hall not in halls and not (room and (party in room.seats or party in room.hailed)):
        raise HTTPException(404)
    return call


class CallView:
    """One request about one call.

    Attributes:
        helper: who asks, as a party of the call.
        path: address of its page.
    """

    def __init__(self, request: Request, hub: Hub, language: Language, person: Person, call: Call) -> None:
        self.request, self.hub, self.language, self.person, self.call = request, hub, language, person, call
        self.helper = helper_of(person, call.hall)
        self.path = f"/help/calls/{call.id}"

    async def refused(self, error: HelpRefused) -> Response:
        """Say why something cannot be done."""
        key = {"over": "help_is_over"}.get(error.kind, f"help_{error.kind}")
        words = word(key, self.language) + (error.by if error.kind == "taken" else "")
        return page(
            self.request,
            "help/refused.html",
            self.language,
            status=_STATUS.get(error.kind, 409),
            words=words,
            call=self.call,
            path="/help",
        )


async def view_of(request: Request, hub: ThisHub, language: Chosen, person: ThisPerson, call: UUID) -> CallView:
    """The call of a request."""
    return CallView(request, hub, language, person, await _visible(hub, person, call))


ThisCall = Annotated[CallView, Depends(view_of)]
