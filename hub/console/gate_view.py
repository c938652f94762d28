"""The frame of the gate's pages: which hall, who is signed in, how moments are said."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends, Request
from sqlalchemy import Connection, select
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from hub.app import Hub
from hub.console.answers import Chosen, ThisHub, page
from hub.console.gate_forms import Form
from hub.console.gate_staff import COOKIE, Member, SignedIn, acting_members, names
from hub.console.words import Language, word
from hub.store import schema
from kiosk.clock import CHINA, local_date

HALL_COOKIE = "hall"
_YEAR = 365 * 86400
_WEEKDAYS = (
    ("周一", "Mon"),
    ("周二", "Tue"),
    ("周三", "Wed"),
    ("周四", "Thu"),
    ("周五", "Fri"),
    ("周六", "Sat"),
    ("周日", "Sun"),
)


def known_halls(connection: Connection) -> list[str]:
    """All halls, by name."""
    return list(connection.scalars(select(schema.hall.c.hall).order_by(schema.hall.c.hall)))


def hour_text(moment: datetime) -> str:
    """`09:00`, in China."""
    return moment.astimezone(CHINA).strftime("%H:%M")


def day_text(moment: datetime, language: Language) -> str:
    """`11-23 周一`, in China."""
    local = moment.astimezone(CHINA)
    weekday = _WEEKDAYS[local.weekday()][0 if language is Language.ZH else 1]
    return f"{local:%m-%d} {weekday}"


@dataclass(frozen=True, slots=True)
class View:
    """One request for a page of a hall's gates."""

    request: Request
    hub: Hub
    language: Language
    hall: str
    halls: tuple[str, ...]
    people: Mapping[str, str]
    """Names of the hall's staff, by id."""
    member: Member | None
    """Who is signed in, as long as they are on the hall's list."""

    @property
    def root(self) -> str:
        """Address of the hall's gate page."""
        return f"/gate/{quote(self.hall)}"

    def w(self, key: str) -> str:
        """A word."""
        return word(key, self.language)

    def who(self, staff_id: str | None) -> str:
        """A member of staff as colleagues know them; the id of one who has left."""
        if not staff_id:
            return ""
        name = self.people.get(staff_id)
        return staff_id if name is None else f"{name} · {staff_id}"

    def page(self, template: str, section: str, *, status: int = 200, **values: Any) -> Response:
        """Answer with one of the hall's pages.

        Args:
            template: File name under `gate/`.
            section: Which tab is current.
            status: HTTP status.
            values: What the template shows.
        """
        response = page(self.request, f"gate/{template}", self.language, status=status, **self.frame(section), **values)
        # Not for scripts of others, but for ours: the alarm bar rings for the hall that was looked at last.
        response.set_cookie(HALL_COOKIE, self.hall, max_age=_YEAR, samesite="strict")
        return response

    def frame(self, section: str) -> dict[str, Any]:
        """What every template of the gate's pages shows."""
        return {
            "hall": self.hall,
            "halls": self.halls,
            "root": self.root,
            "section": section,
            "member": self.member,
            "who": self.who,
            "hour_text": hour_text,
            "day_iso": lambda moment: local_date(moment).isoformat(),
            "day_text": lambda moment: day_text(moment, self.language),
        }

    def to(self, path: str) -> Response:
        """Go to another of the hall's pages; the path begins with `/`, or is empty for the gate page."""
        return RedirectResponse(f"{self.root}{path}", status_code=303)


async def view_of(request: Request, hub: ThisHub, language: Chosen, hall: str) -> View:
    """The view of a request.

    Raises:
        HTTPException: 404 for a hall that is not known.
    """
    signed_in: SignedIn = request.app.state.signed_in

    def read(connection: Connection) -> tuple[list[str], dict[str, str], set[str]]:
        acting = {each.id for each in acting_members(connection, hall, hub.now())}
        return known_halls(connection), names(connection, hall), acting

    halls, people, acting = await hub.read(read)
    if hall not in halls:
        raise HTTPException(404)
    staff_id = signed_in.staff_id(request.cookies.get(COOKIE, ""), hall, hub.now())
    member = Member(staff_id, people[staff_id]) if staff_id in acting else None
    return View(request, hub, language, hall, tuple(halls), people, member)


ThisView = Annotated[View, Depends(view_of)]


class SignInFirst(Exception):
    """Somebody acts who is not signed in.

    Attributes:
        view: Where.
        form: What they sent, where it has been read.
    """

    def __init__(self, view: View, form: Form | None = None) -> None:
        super().__init__("sign in first")
        self.view = view
        self.form = form


def acting_view(view: ThisView) -> View:
    """The view of somebody who is signed in.

    Raises:
        SignInFirst: Nobody is.
    """
    if view.member is None:
        raise SignInFirst(view)
    return view


ActingView = Annotated[View, Depends(acting_view)]


def actor(view: View, form: Form | None = None) -> str:
    """Who acts, as it is recorded.

    Args:
        view: The view.
        form: What was sent, where it has been read already.

    Raises:
        SignInFirst: Nobody is signed in.
    """
    if view.member is None:
        raise SignInFirst(view, form)
    return view.member.id
