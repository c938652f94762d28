"""What two people decide, in the console: what waits, what it would change, and the second person's yes or no."""

import difflib
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

import msgspec
import structlog
from fastapi import APIRouter, FastAPI, Request
from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from hub.app import Hub
from hub.audit.chain import Actor as Role
from hub.audit.chain import Who
from hub.console import site_decided
from hub.console.access import ACCESS, Person, ThisPerson, may
from hub.console.answers import Chosen, ThisHub, page
from hub.console.gate_forms import form_of
from hub.console.gate_rules_decided import Moved, carry_out_rules, current_rules, rules_toml
from hub.console.words import Language, word
from hub.people.proposals import (
    Kind,
    Open,
    Proposal,
    ProposalRefused,
    State,
    confirm,
    find_proposal,
    proposals,
    refuse,
)
from hub.people.retention import set_kept
from hub.people.seconds import seconds
from hub.rules.publish import NotPublishable, rules_from, seats_of
from hub.watch.decided import carry_out_watch, forget_proposed
from hub.watch.entries import WatchRefused, of_proposal
from kiosk.clock import local_date
from kiosk.wire.evidence import Wire

_log = structlog.get_logger()
_ACTING: Final = (Role.SUPERVISOR, Role.ADMINISTRATOR, Role.TECHNICIAN)
"""In which of somebody's roles they decide: the first that they have."""
_ALL_KINDS: Final = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR, Role.AUDITOR})
router = APIRouter()


def who_confirms(kind: Kind) -> frozenset[Role]:
    """The roles that may say yes to what is proposed."""
    wanted = ACCESS["POST", "/decisions/{number}/confirm"]
    return wanted if kind in site_decided.KINDS else wanted - {Role.TECHNICIAN}


class _Text(Wire, frozen=True, forbid_unknown_fields=False):
    """The part of a proposal of rules that people read."""

    text: str = ""


def _kinds(person: Person) -> frozenset[Kind]:
    """What somebody has to do with: a technician with the settings of machines only."""
    return frozenset(Kind) if person.roles & _ALL_KINDS else site_decided.KINDS


def to_confirm(waiting: Sequence[Open], person: Person) -> int:
    """How many proposals of others wait for somebody's yes or no."""
    if not may(person, "POST", "/decisions/{number}/confirm"):
        return 0
    kinds, own = _kinds(person), (person.hall, person.id)
    return sum(
        each.kind in kinds and (each.by_hall, each.by) != own and (person.halls is None or each.hall in person.halls)
        for each in waiting
    )


def _may_see(person: Person, found: Proposal | None) -> Proposal:
    own = found is not None and (found.by_hall, found.by) == (person.hall, person.id)
    if (
        found is None
        or found.kind not in _kinds(person)
        or (person.halls is not None and found.hall not in person.halls and not own)
    ):
        raise HTTPException(404)
    return found


def _difference(connection: Connection, found: Proposal) -> list[tuple[str, str]]:
    """What a proposal of rules changes: lines with `+`, `-` or a space before them."""
    new = msgspec.json.decode(found.text, type=_Text).text
    old = current_rules(connection, found.hall)
    with suppress(NotPublishable):  # one text is compared with the other as both are written by the hub itself
        new = rules_toml(rules_from(new, found.hall, 1, found.at, seats_of(connection, found.hall)))
    lines = difflib.ndiff(old.splitlines(), new.splitlines())
    return [(line[0], line[2:]) for line in lines if line[0] in "+- " and line[2:].strip()]


@router.get("/decisions")
async def get_decisions(request: Request, hub: ThisHub, person: ThisPerson, language: Chosen) -> Response:
    """What waits for a second person, and what was decided."""
    own, kinds = (person.hall, person.id), _kinds(person)
    found = await hub.read(lambda connection: proposals(connection, person.halls, own=own, kinds=kinds))
    return page(request, "people/decisions.html", language, proposals=found, path="/decisions")


async def _show(
    request: Request, hub: Hub, person: Person, language: Language, number: int, *, status: int = 200, problem: str = ""
) -> Response:
    def read(connection: Connection) -> tuple[Proposal, dict[str, Any]]:
        found = _may_see(person, find_proposal(connection, number))
        return found, {
            "lines": _difference(connection, found) if found.kind is Kind.RULES else [],
            "watched": of_proposal(connection, number) if found.kind is Kind.WATCH else [],
            "changes": site_decided.would_change(connection, found, language),
            "others": seconds(connection, found.hall, (found.by_hall, found.by), who_confirms(found.kind)),
        }

    found, values = await hub.read(read)
    own = (found.by_hall, found.by) == (person.hall, person.id)
    return page(
        request,
        "people/decision.html",
        language,
        status=status,
        path="/decisions",
        found=found,
        own=own,
        site=found.kind in site_decided.KINDS,
        is_open=found.state is State.OPEN,
        day_before=lambda moment: (local_date(moment) - timedelta(days=1)).isoformat(),
        day_iso=lambda moment: local_date(moment).isoformat(),
        problem=problem,
        **values,
    )


@router.get("/decisions/{number}")
async def get_decision(request: Request, hub: ThisHub, person: ThisPerson, language: Chosen, number: int) -> Response:
    """One proposal: all of it, and what it would change."""
    return await _show(request, hub, person, language, number)


def _carry_out(connection: Connection, proposal: Proposal, *, hub: Hub, who: Who, now: datetime) -> None:
    if proposal.kind is Kind.RETENTION:
        set_kept(connection, proposal.text, who, now)
    elif proposal.kind is Kind.WATCH:
        carry_out_watch(connection, hub.signing, proposal, who, now)
    elif proposal.kind in site_decided.KINDS:
        site_decided.carry_out_site(connection, hub.signing, proposal, who, now)
    else:
        carry_out_rules(connection, hub.signing, proposal, who.name, now)


def _why_not(error: Exception, language: Language) -> str:
    match error:
        case ProposalRefused(kind=kind):
            return word(f"decision_{kind}", language)
        case WatchRefused(kind=kind):
            return word(f"watch_{kind}", language)
        case Moved(version=version):
            return word("rules_moved", language).format(version=version)
        case site_decided.SiteMoved():
            return word("site_moved", language)
        case _:
            return f"{word('rules_refused', language)} {error}"


@router.post("/decisions/{number}/confirm")
async def post_confirm(request: Request, hub: ThisHub, person: ThisPerson, language: Chosen, number: int) -> Response:
    """The second person says yes: it is carried out."""
    found = _may_see(person, await hub.read(lambda connection: find_proposal(connection, number)))
    now, who = hub.now(), person.who(found.hall, *_ACTING)

    def work(connection: Connection) -> None:
        carry_out = partial(_carry_out, hub=hub, who=who, now=now)
        confirm(connection, number, person=(person.hall, person.id), who=who, now=now, carry_out=carry_out)

    try:
        await hub.writer.do(work)
    except (ProposalRefused, Moved, site_decided.SiteMoved, WatchRefused, NotPublishable) as error:
        problem = _why_not(error, language)
        return await _show(request, hub, person, language, number, status=409, problem=problem)
    if found.kind in site_decided.KINDS:
        hub.fleet.changed.fire()
    _log.info("decided by two", kind=found.kind.value, hall=found.hall, number=number)
    return RedirectResponse(f"/decisions/{number}", status_code=303)


@router.post("/decisions/{number}/refuse")
async def post_refuse(request: Request, hub: ThisHub, person: ThisPerson, language: Chosen, number: int) -> Response:
    """The second person says no, or the first takes it back."""
    found = _may_see(person, await hub.read(lambda connection: find_proposal(connection, number)))
    form, now = await form_of(request), hub.now()
    who = person.who(found.hall, *_ACTING)

    def work(connection: Connection) -> None:
        refuse(connection, number, person=(person.hall, person.id), who=who, now=now, why=form.text("why"))
        if found.kind is Kind.WATCH:
            forget_proposed(connection, number, who, now)

    try:
        await hub.writer.do(work)
    except ProposalRefused as refused:
        words = word(f"decision_{refused.kind}", language)
        return await _show(request, hub, person, language, number, status=409, problem=words)
    return RedirectResponse("/decisions", status_code=303)


def add_decisions(app: FastAPI) -> None:
    """Add the pages to the console."""
    app.include_router(router)
