"""The frame of the office's pages: which hall, who is signed in, and in which roles. Nothing is shown to others."""

from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends, Request
from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from hub.app import Hub
from hub.audit.chain import Actor, Who
from hub.console.answers import Chosen, ThisHub, page
from hub.console.gate_staff import COOKIE, SignedIn, acting_members, names
from hub.console.words import Language, word
from hub.office.items import halls
from hub.office.roles import roles_of


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


class OfficeSignIn(Exception):
    """Nobody with a role in the office is signed in.

    Attributes:
        hall: Where.
        role_missing: Somebody is signed in, and has no role.
    """

    def __init__(self, hall: str, language: Language, *, role_missing: bool) -> None:
        super().__init__("sign in first")
        self.hall = hall
        self.language = language
        self.role_missing = role_missing


async def known_hall(hub: ThisHub, hall: str) -> str:
    """The hall of an address.

    Raises:
        HTTPException: 404 for one that is not known.
    """
    if hall not in await hub.read(halls):
        raise HTTPException(404)
    return hall


KnownHall = Annotated[str, Depends(known_hall)]


async def desk_of(request: Request, hub: ThisHub, language: Chosen, hall: KnownHall) -> Desk:
    """Who is signed in.

    Raises:
        OfficeSignIn: Nobody, or somebody without a role in the office.
    """
    signed_in: SignedIn = request.app.state.signed_in
    staff_id = signed_in.staff_id(request.cookies.get(COOKIE, ""), hall, hub.now())
    if staff_id is None:
        raise OfficeSignIn(hall, language, role_missing=False)

    def read(connection: Connection) -> tuple[bool, str, frozenset[Actor]]:
        acting = {each.id for each in acting_members(connection, hall, hub.now())}
        return staff_id in acting, names(connection, hall).get(staff_id, ""), roles_of(connection, hall, staff_id)

    acting, name, roles = await hub.read(read)
    if not acting or not roles:
        raise OfficeSignIn(hall, language, role_missing=acting)
    return Desk(request, hub, language, hall, staff_id, name, roles)


ThisDesk = Annotated[Desk, Depends(desk_of)]
