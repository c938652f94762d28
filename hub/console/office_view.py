"""The frame of the office's pages: which hall, who is signed in, and in which roles. Nothing is shown to others."""

from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from hub.app import Hub
from hub.audit.chain import Actor, Who
from hub.console.access import ThisPerson
from hub.console.answers import Chosen, ThisHub, page
from hub.console.words import Language, word
from hub.office.items import halls

_OFFICE = frozenset({Actor.WINDOW, Actor.BACK_OFFICE, Actor.SUPERVISOR})


@dataclass(frozen=True, slots=True)
class Desk:
    """One request of a member of staff, signed in at a hall's office."""

    request: Request
    hub: Hub
    language: Language
    hall: str
    staff_id: str
    name: str
    roles: frozenset[Actor]

    @property
    def root(self) -> str:
        """Address of the hall's office."""
        return f"/office/{quote(self.hall)}"

    def w(self, key: str) -> str:
        """A word."""
        return word(key, self.language)

    def who(self, actor: Actor) -> Who:
        """The member in one of their roles."""
        return Who(actor, self.hall, self.staff_id)

    @property
    def whos(self) -> tuple[Who, ...]:
        """The member in each of their roles."""
        return tuple(self.who(each) for each in sorted(self.roles))

    def page(self, template: str, section: str, *, status: int = 200, **values: Any) -> Response:
        """Answer with one of the office's pages.

        Args:
            template: File name under `office/`.
            section: Which tab is current.
            status: HTTP status.
            values: What the template shows.
        """
        frame = {"hall": self.hall, "root": self.root, "section": section, "desk": self, "member": self.name}
        return page(self.request, f"office/{template}", self.language, status=status, **{**frame, **values})

    def to(self, path: str) -> Response:
        """Go to another of the office's pages."""
        return RedirectResponse(f"{self.root}{path}", status_code=303)


async def known_hall(hub: ThisHub, hall: str) -> str:
    """The hall of an address.

    Raises:
        HTTPException: 404 for one that is not known.
    """
    if hall not in await hub.read(halls):
        raise HTTPException(404)
    return hall


KnownHall = Annotated[str, Depends(known_hall)]


async def desk_of(request: Request, hub: ThisHub, language: Chosen, hall: KnownHall, person: ThisPerson) -> Desk:
    """Who is signed in, in their roles in this hall's office."""
    roles = person.roles_in(hall) & _OFFICE
    return Desk(request, hub, language, hall, person.named_in(hall), person.name, roles)


ThisDesk = Annotated[Desk, Depends(desk_of)]
