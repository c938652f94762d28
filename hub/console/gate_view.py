"""The frame of the gate's pages: which hall, who is signed in, how moments are said."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends, Request
from sqlalchemy import Connection, select
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from hub.app import Hub
from hub.console.access import Person, ThisPerson, may
from hub.console.answers import Chosen, ThisHub, page
from hub.console.gate_staff import Member, names
from hub.console.words import Language, word
from hub.store import schema
from kiosk.clock import CHINA, local_date

HALL_COOKIE = "hall"
_YEAR = 365 * 86400
_ACTS = {
    "lanes": "/cases/{number}/act",
    "cases": "/cases/{number}/act",
    "appointments": "/appointments",
    "registers": "/troubles/{terminal}/{trouble}/acknowledge",
    "rules": "/rules/share",
    "watch": "/watch",
}
"""What one does on the pages of a section: who may not is shown no form."""
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
    return f"{local:%m-%d} {language.of(*_WEEKDAYS[local.weekday()])}"


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
    person: Person
    """Who is signed in."""

    @property
    def member(self) -> Member:
        """Who is signed in, as the hall's records name them."""
        return Member(self.person.named_in(self.hall), self.person.name)

    def may(self, path: str) -> bool:
        """Whether they may send a form of the hall's pages.

        Args:
            path: Below the hall's, as the routes have it.
        """
        return may(self.person, "POST", f"/gate/{{hall}}{path}", self.hall)

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
            "member": self.member if section not in _ACTS or self.may(_ACTS[section]) else None,
            "may_post": self.may,
            "who": self.who,
            "hour_text": hour_text,
            "may_watch": may(self.person, "GET", "/gate/{hall}/watch", self.hall),
            "day_before": lambda moment: (local_date(moment) - timedelta(days=1)).isoformat(),
            "day_iso": lambda moment: local_date(moment).isoformat(),
            "day_text": lambda moment: day_text(moment, self.language),
        }

    def to(self, path: str) -> Response:
        """Go to another of the hall's pages; the path begins with `/`, or is empty for the gate page."""
        return RedirectResponse(f"{self.root}{path}", status_code=303)


async def view_of(request: Request, hub: ThisHub, language: Chosen, hall: str, person: ThisPerson) -> View:
    """The view of a request.

    Raises:
        HTTPException: 404 for a hall that is not known.
    """

    def read(connection: Connection) -> tuple[list[str], dict[str, str]]:
        return known_halls(connection), names(connection, hall)

    halls, people = await hub.read(read)
    if hall not in halls:
        raise HTTPException(404)
    own = person.halls
    return View(
        request, hub, language, hall, tuple(each for each in halls if own is None or each in own), people, person
    )


ThisView = Annotated[View, Depends(view_of)]


ActingView = ThisView
"""The view of somebody who acts: the table of `hub.console.access` has let them."""


def actor(view: View) -> str:
    """Who acts, as it is recorded."""
    return view.member.id
