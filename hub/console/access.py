"""Who may see and do what in the console: one table, checked before every page. What does not stand in it is refused.

Somebody of one hall has their roles in that hall only; somebody of all halls (hall "") has them everywhere. Pages
without a hall in their address show them their own hall's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, cast

import structlog
from fastapi import Depends, Request
from sqlalchemy import Connection
from starlette.exceptions import HTTPException

from hub.app import Hub
from hub.audit.chain import Actor as Role
from hub.audit.chain import Who
from hub.console.answers import ThisHub
from hub.console.gate_forms import check_origin
from hub.office.roles import ROLES
from hub.people.accounts import ALL_HALLS, Account, of_certificate
from hub.people.sessions import SET_UP, Session, session_of, touch

__all__ = (
    "ACCESS",
    "ANYBODY",
    "EVERYBODY",
    "Forbidden",
    "NotSignedIn",
    "Person",
    "Role",
    "ThisPerson",
    "check_access",
    "cookie_name",
    "may",
    "sections",
)

_log = structlog.get_logger()
ANYBODY: Final[frozenset[Role]] = frozenset()
"""No sign-in: the sign-in itself, and what hangs on the wall for all to see."""
EVERYBODY: Final = frozenset(ROLES)
"""Whoever is signed in."""
_LANES: Final = frozenset({Role.ENTRY, Role.SUPERVISOR, Role.AUDITOR, Role.ADMINISTRATOR})
_AT_LANES: Final = frozenset({Role.ENTRY, Role.SUPERVISOR})
_BOOKING: Final = frozenset({Role.ENTRY, Role.WINDOW, Role.SUPERVISOR})
_OFFICE: Final = frozenset({Role.WINDOW, Role.BACK_OFFICE, Role.SUPERVISOR})
_TERMINALS: Final = frozenset({Role.TECHNICIAN, Role.SUPERVISOR, Role.ADMINISTRATOR, Role.AUDITOR})
_MACHINES: Final = frozenset({Role.TECHNICIAN, Role.ADMINISTRATOR})
_RULE_MAKERS: Final = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})
_FIGURES: Final = frozenset({Role.SUPERVISOR, Role.AUDITOR, Role.ADMINISTRATOR})
_COUNTER: Final = frozenset({Role.WINDOW, Role.SUPERVISOR})
_PRIVACY: Final = frozenset({Role.AUDITOR, Role.ADMINISTRATOR, Role.SUPERVISOR})
_HELPERS: Final = frozenset({Role.WINDOW, Role.BACK_OFFICE, Role.SUPERVISOR, Role.ENTRY})
_DECIDERS: Final = _RULE_MAKERS

ACCESS: Final[Mapping[tuple[str, str], frozenset[Role]]] = {
    # Signing in
    ("GET", "/sign-in"): ANYBODY,
    ("POST", "/sign-in"): ANYBODY,
    ("GET", "/sign-in/set-up"): ANYBODY,
    ("POST", "/sign-in/set-up"): ANYBODY,
    ("POST", "/sign-out"): EVERYBODY,
    ("GET", "/me"): EVERYBODY,
    ("POST", "/me/again"): EVERYBODY,
    ("POST", "/me/others-out"): EVERYBODY,
    ("GET", "/people"): frozenset({Role.ADMINISTRATOR}),
    ("POST", "/people"): frozenset({Role.ADMINISTRATOR}),
    ("POST", "/people/do"): frozenset({Role.ADMINISTRATOR}),
    # What two people decide
    ("GET", "/decisions"): _DECIDERS | {Role.AUDITOR, Role.TECHNICIAN},
    ("GET", "/decisions/{number}"): _DECIDERS | {Role.AUDITOR, Role.TECHNICIAN},
    ("POST", "/decisions/{number}/confirm"): _DECIDERS | {Role.TECHNICIAN},
    ("POST", "/decisions/{number}/refuse"): _DECIDERS | {Role.TECHNICIAN},
    # Terminals, and lists of all halls
    ("GET", "/"): EVERYBODY,
    ("GET", "/stream/overview"): EVERYBODY,
    ("GET", "/stream/alarms"): _AT_LANES,
    ("GET", "/passages"): _LANES,
    ("GET", "/stream/passages"): _LANES,
    ("GET", "/passages/{hall}/{terminal}/{key}"): _LANES,
    ("GET", "/submissions"): _OFFICE | {Role.AUDITOR},
    ("GET", "/stream/submissions"): _OFFICE | {Role.AUDITOR},
    ("GET", "/submissions/{hall}/{terminal}/{key}"): _OFFICE | {Role.AUDITOR},
    ("GET", "/screens/{hall}/{terminal}.png"): _TERMINALS | {Role.ENTRY, Role.WINDOW},
    ("GET", "/acceptance/{hall}/{terminal}/{sha256}.pdf"): _TERMINALS,
    ("GET", "/api/v1/console/summary"): EVERYBODY,
    # Looking after terminals; which orders are for whom says `hub.console.terminal_view.ORDERS_OF`
    ("GET", "/terminals"): _TERMINALS,
    ("GET", "/terminals/live"): _TERMINALS,
    ("GET", "/terminals/{hall}/{terminal}"): _TERMINALS,
    ("GET", "/terminals/{hall}/{terminal}/live"): _TERMINALS,
    ("POST", "/terminals/{hall}/orders"): _MACHINES | {Role.SUPERVISOR},
    ("POST", "/terminals/{hall}/{terminal}/orders"): _MACHINES | {Role.SUPERVISOR},
    ("POST", "/terminals/{hall}/{terminal}/orders/{number}/withdraw"): _MACHINES | {Role.SUPERVISOR},
    ("POST", "/terminals/{hall}/alarms/{number}/{act}"): _MACHINES | {Role.SUPERVISOR},
    ("GET", "/terminals/{hall}/{terminal}/bundles/{number}.tar.gz"): _MACHINES,
    ("POST", "/terminals/{hall}/{terminal}/group"): _MACHINES,
    ("POST", "/terminals/{hall}/{terminal}/revoke"): _MACHINES,
    ("POST", "/terminals/{hall}/{terminal}/code"): _MACHINES,
    ("GET", "/terminals/{hall}/{terminal}/site"): _TERMINALS,
    ("POST", "/terminals/{hall}/{terminal}/site"): _MACHINES,
    ("POST", "/terminals/{hall}/{terminal}/site/{act}"): _MACHINES,
    ("GET", "/terminals/machines"): _MACHINES,
    ("POST", "/terminals/machines"): frozenset({Role.ADMINISTRATOR}),
    ("POST", "/terminals/machines/{act}"): frozenset({Role.ADMINISTRATOR}),
    # The gate
    ("GET", "/gate"): _LANES | {Role.WINDOW},
    ("GET", "/gate/{hall}"): _LANES,
    ("GET", "/gate/{hall}/live"): _LANES,
    ("POST", "/gate/{hall}/search"): _AT_LANES,
    ("GET", "/gate/{hall}/search"): _AT_LANES,
    ("GET", "/gate/{hall}/registers"): _LANES,
    ("POST", "/gate/{hall}/troubles/{terminal}/{trouble}/acknowledge"): _AT_LANES,
    ("GET", "/gate/{hall}/cases"): _LANES,
    ("GET", "/gate/{hall}/live/cases"): _LANES,
    ("GET", "/gate/{hall}/cases/{number}"): _LANES,
    ("GET", "/gate/{hall}/live/cases/{number}"): _LANES,
    ("POST", "/gate/{hall}/cases/{number}/acknowledge"): _AT_LANES,
    ("POST", "/gate/{hall}/cases/{number}/act"): _AT_LANES,
    ("GET", "/gate/{hall}/appointments"): _LANES | _BOOKING,
    ("POST", "/gate/{hall}/appointments"): _BOOKING,
    ("POST", "/gate/{hall}/slots"): frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR}),
    ("GET", "/gate/{hall}/appointments/{code_id}"): _BOOKING,
    ("POST", "/gate/{hall}/appointments/{code_id}/move"): _BOOKING,
    ("POST", "/gate/{hall}/appointments/{code_id}/withdraw"): _BOOKING,
    ("GET", "/gate/{hall}/rules"): _LANES,
    ("POST", "/gate/{hall}/rules"): _LANES,
    ("POST", "/gate/{hall}/rules/share"): _RULE_MAKERS,
    ("POST", "/gate/{hall}/rules/roll-back"): _RULE_MAKERS,
    ("POST", "/gate/{hall}/rules/seats"): _RULE_MAKERS,
    ("POST", "/gate/{hall}/rules/questions"): _RULE_MAKERS,
    ("GET", "/gate/{hall}/watch"): _PRIVACY,
    ("POST", "/gate/{hall}/watch"): _RULE_MAKERS,
    ("POST", "/gate/{hall}/watch/import"): _RULE_MAKERS,
    ("POST", "/gate/{hall}/watch/search"): _PRIVACY,
    ("POST", "/gate/{hall}/watch/{entry}/number"): _RULE_MAKERS,
    ("POST", "/gate/{hall}/watch/{entry}/take-back"): _RULE_MAKERS,
    # Figures, and personal data
    ("GET", "/figures"): _FIGURES,
    ("GET", "/figures/live"): _FIGURES,
    ("GET", "/figures/export.{kind}"): _FIGURES,
    ("GET", "/figures/daily"): _FIGURES,
    ("GET", "/privacy"): _PRIVACY,
    ("POST", "/privacy/kept"): _DECIDERS,
    ("POST", "/privacy/export"): frozenset({Role.SUPERVISOR}),
    ("POST", "/privacy/erase"): frozenset({Role.SUPERVISOR}),
    ("POST", "/privacy/texts"): frozenset({Role.SUPERVISOR}),
    # Windows, and the wall
    ("GET", "/windows"): _COUNTER | {Role.ENTRY},
    ("GET", "/windows/{hall}"): _COUNTER | {Role.ENTRY},
    ("GET", "/windows/{hall}/live"): _COUNTER | {Role.ENTRY},
    ("POST", "/windows/{hall}/choose"): _COUNTER,
    ("POST", "/windows/{hall}/next"): _COUNTER,
    ("POST", "/windows/{hall}/numbers/{number}/{act}"): _COUNTER,
    ("GET", "/windows/{hall}/wall"): frozenset({Role.SUPERVISOR}),
    ("POST", "/windows/{hall}/wall"): frozenset({Role.SUPERVISOR}),
    ("GET", "/board/{hall}"): ANYBODY,
    ("GET", "/board/{hall}/live"): ANYBODY,
    # The office
    ("GET", "/office"): _OFFICE,
    ("GET", "/office/{hall}"): _OFFICE,
    ("GET", "/office/{hall}/s/{number}"): _OFFICE,
    ("GET", "/office/{hall}/s/{number}/papers/{sha256}"): _OFFICE,
    ("POST", "/office/{hall}/s/{number}/upload"): _OFFICE,
    ("POST", "/office/{hall}/s/{number}/{step}"): _OFFICE,
    ("GET", "/office/{hall}/payments"): _OFFICE,
    ("POST", "/office/{hall}/s/{number}/texts"): _OFFICE,
    ("GET", "/office/{hall}/texts"): frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR}),
    ("POST", "/office/{hall}/texts/again"): frozenset({Role.SUPERVISOR}),
    ("GET", "/office/{hall}/overdue"): _OFFICE | {Role.ADMINISTRATOR},
    ("POST", "/office/{hall}/overdue/{number}"): frozenset({Role.SUPERVISOR}),
    ("GET", "/office/{hall}/window"): frozenset({Role.WINDOW}),
    ("POST", "/office/{hall}/window"): frozenset({Role.WINDOW}),
    ("POST", "/office/{hall}/window/hand-in"): frozenset({Role.WINDOW}),
    ("GET", "/office/{hall}/opinions"): _OFFICE,
    ("POST", "/office/{hall}/opinions/{code}"): _OFFICE,
    # Remote help
    ("GET", "/help"): _HELPERS,
    ("GET", "/help/live"): _HELPERS,
    ("POST", "/help/calls/{call}/answer"): _HELPERS,
    ("POST", "/help/calls/{call}/join"): _HELPERS,
    ("GET", "/help/calls/{call}"): _HELPERS,
    ("GET", "/help/calls/{call}/stream"): _HELPERS,
    ("POST", "/help/calls/{call}/messages"): _HELPERS,
    ("POST", "/help/calls/{call}/do/{act}"): _HELPERS,
}
"""Which roles may, by method and address as the routes have it."""

_SECTIONS: Final = (
    ("/", "overview"),
    ("/terminals", "terminal_pages"),
    ("/gate", "gate_pages"),
    ("/passages", "passages"),
    ("/submissions", "submissions"),
    ("/office", "office"),
    ("/windows", "windows"),
    ("/help", "help"),
    ("/figures", "figures"),
    ("/privacy", "privacy"),
    ("/decisions", "decisions"),
    ("/people", "people"),
)


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in."""

    hall: str
    """Empty for all halls."""
    id: str
    name: str
    roles: frozenset[Role]
    how: str
    account: Account

    def roles_in(self, hall: str) -> frozenset[Role]:
        """Their roles in a hall."""
        return self.roles if self.hall in {ALL_HALLS, hall} else frozenset()

    @property
    def halls(self) -> frozenset[str] | None:
        """Whose records they may see; None for all halls'."""
        return None if self.hall == ALL_HALLS else frozenset({self.hall})

    def named_in(self, hall: str) -> str:
        """As a hall's records name them: by their id, with a `*/` before it when they are of all halls."""
        return self.id if self.hall == hall else f"{self.hall or '*'}/{self.id}"

    def who(self, hall: str, *wanted: Role) -> Who:
        """As the audit names them, acting in a hall, in the first of these roles that they have."""
        role = next((each for each in wanted if each in self.roles), min(self.roles, default=Role.HUB))
        return Who(role, hall, self.named_in(hall))


class NotSignedIn(Exception):
    """Nobody is signed in, and the page is not for everybody."""


class Forbidden(Exception):
    """Somebody is signed in, and may not.

    Attributes:
        wanted: The roles that may.
    """

    def __init__(self, wanted: frozenset[Role]) -> None:
        super().__init__("this role may not")
        self.wanted = wanted


def cookie_name(request: Request) -> str:
    """The session's cookie; over TLS bound to this host by its name."""
    return "__Host-session" if request.url.scheme == "https" else "session"


def may(person: Person | None, method: str, path: str, hall: str | None = None) -> bool:
    """Whether somebody may.

    Args:
        person: Who.
        method: `GET` or `POST`.
        path: As the table has it.
        hall: In which hall; None for pages without one.
    """
    wanted = ACCESS.get((method, path))
    if wanted is None or person is None:
        return wanted == ANYBODY
    return wanted == ANYBODY or bool(wanted & (person.roles if hall is None else person.roles_in(hall)))


def sections(person: Person | None) -> list[tuple[str, str]]:
    """The parts of the console that somebody may open: address and word."""
    return [(path, key) for path, key in _SECTIONS if person is not None and may(person, "GET", path)]


def _certificate(request: Request) -> str:
    """SHA-256 of the certificate the browser showed, which TLS has checked; empty for none."""
    from hashlib import sha256  # noqa: PLC0415  only where there is one

    tls = cast("dict[str, Any]", request.scope.get("extensions", {})).get("tls", {})
    der = tls.get("client_der")
    return sha256(der).hexdigest() if der else ""


async def person_of(request: Request, hub: Hub) -> Person | None:
    """Who sends a request: by the session's cookie, or by a staff certificate; None for nobody."""
    token, certificate, now = request.cookies.get(cookie_name(request), ""), _certificate(request), hub.now()
    if not token and not certificate:
        return None

    def read(connection: Connection) -> tuple[Account | None, str, Session | None]:
        session = session_of(connection, token, now)
        if session is not None and session.how != SET_UP:
            return session.account, session.how, session if session.stale else None
        account = of_certificate(connection, certificate) if certificate else None
        return (None if account is None or account.disabled is not None else account), "certificate", None

    account, how, stale = await hub.read(read)
    if account is None:
        return None
    if stale is not None:
        await hub.writer.do(lambda connection: touch(connection, stale, now))
    return Person(account.hall, account.id, account.name, account.roles, how, account)


async def check_access(request: Request, hub: ThisHub) -> None:
    """Let nobody pass who may not; runs before every route.

    Raises:
        HTTPException: 403 for a form of another page, and for a page that nobody declared; 404 for an address with
            a zero character in it.
        NotSignedIn: Sign in first.
        Forbidden: Not in this role.
    """
    check_origin(request)
    if "\0" in request.scope["path"] or "%00" in request.url.query:  # PostgreSQL cannot even look for it
        raise HTTPException(404)
    path = getattr(request.scope.get("route"), "path", "")
    method = "GET" if request.method == "HEAD" else request.method
    wanted = ACCESS.get((method, path))
    request.state.person = None
    await request.app.state.names.freshen(hub)
    if wanted is None:
        _log.error("a page that nobody declared", method=method, path=path)
        raise HTTPException(403)
    if wanted == ANYBODY:
        return
    person = await person_of(request, hub)
    if person is None:
        raise NotSignedIn
    request.state.person = person
    hall = request.path_params.get("hall")
    if not wanted & (person.roles if hall is None else person.roles_in(hall)):
        raise Forbidden(wanted)


def this_person(request: Request) -> Person:
    """Who is signed in; only for pages that are not for everybody.

    Raises:
        NotSignedIn: The page is declared for anybody.
    """
    person: Person | None = request.state.person
    if person is None:
        raise NotSignedIn
    return person


ThisPerson = Annotated[Person, Depends(this_person)]
