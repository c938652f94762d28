"""The gate's part of the accounts: each visit against the passages that the hub holds of it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from kiosk.demo.books import Accounts, HubBook
from kiosk.demo.cases import DESERVED, GateCase
from kiosk.demo.people import Visitor
from kiosk.wire.events import Crossed, Passage
from kiosk.wire.evidence import HealthChecked, IdentityRead
from kiosk.wire.rules import Verdict

_INTERRUPTED = {Crossed.UNKNOWN, Crossed.NOT_RELEASED}


class Visited(Protocol):
    """What is known of a visit from the visitor's side."""

    @property
    def visitor(self) -> Visitor:
        """Who it was."""
        ...

    @property
    def began(self) -> datetime:
        """When they came."""
        ...

    @property
    def ended(self) -> datetime:
        """When they left."""
        ...

    @property
    def walked(self) -> int:
        """How many of the party went through the turnstile."""
        ...

    @property
    def interrupted(self) -> int:
        """How often the terminal went away in the middle."""
        ...

    @property
    def told(self) -> list[str]:
        """What the screens said."""
        ...

    @property
    def stuck_at(self) -> str:
        """Where the visitor gave up."""
        ...


def people_against_hub(
    hub: HubBook, visits: Sequence[Visited], digest_of: Mapping[str, str], accounts: Accounts
) -> None:
    """Hold every visit against its passages: one lane serves one after the other, so that the time says whose it is."""
    of_nobody = dict(hub.passages)
    for visit in visits:
        visitor = visit.visitor
        if visit.stuck_at:
            accounts.wrong(f"{visitor.case.value}: nobody served them; on the screen: {visit.stuck_at}")
        mine = [p for p in hub.passages.values() if visit.began <= p.began <= visit.ended]
        mine.sort(key=lambda passage: passage.id.bytes)
        for passage in mine:
            of_nobody.pop(str(passage.id), None)
        _one_person(hub, visit, mine, digest_of, accounts)
    for identifier in of_nobody:
        accounts.wrong(f"passage {identifier} is nobody's")


def _one_person(
    hub: HubBook, visit: Visited, mine: list[Passage], digest_of: Mapping[str, str], accounts: Accounts
) -> None:
    visitor = visit.visitor
    who = f"{visitor.case.value} ({visitor.number[-4:]})"
    deserved = visitor.deserved
    if not mine:
        accounts.lost += 1
        accounts.wrong(f"{who}: no passage at the hub")
        return
    finished = [p for p in mine if hub.ends[str(p.id)].crossed not in _INTERRUPTED] if _all_ended(hub, mine) else []
    if len(finished) > 1 or (len(mine) > 1 and not visit.interrupted and "not_released" not in visit.told):
        accounts.duplicated += len(mine) - 1
        accounts.wrong(f"{who}: {len(mine)} passages, {len(finished)} of them through the barrier")
    last = finished[-1] if finished else mine[-1]
    seen = frozenset(last.decision.reasons)
    if (last.decision.verdict, seen) != (deserved.verdict, deserved.reasons):
        reasons = ", ".join(sorted(reason.value for reason in seen))
        accounts.wrong(f"{who}: {last.decision.verdict.value} ({reasons}) instead of {deserved.verdict.value}")
    _whose(visit, last, digest_of, accounts, who)
    end = hub.ends.get(str(last.id))
    if end is None:
        return
    # Somebody who has just walked through does not notice that the gate is killed behind them.
    unseen = end.crossed is Crossed.UNKNOWN and (visit.interrupted or accounts.kills)
    if unseen:
        return
    if end.crossed is not deserved.crossed:
        accounts.wrong(f"{who}: {end.crossed.value} at the barrier instead of {deserved.crossed.value}")
    elif end.people != deserved.heads:
        accounts.wrong(f"{who}: {end.people} came in instead of {deserved.heads}")


def _whose(visit: Visited, passage: Passage, digest_of: Mapping[str, str], accounts: Accounts, who: str) -> None:
    """Whose the passage is, and by whose telephone."""
    visitor, identity, health = visit.visitor, passage.evidence.identity, passage.evidence.health
    if isinstance(identity, IdentityRead):
        if identity.person != digest_of[visitor.number]:
            accounts.wrong(f"{who}: the passage is somebody else's")
    elif visitor.case is not GateCase.READER_UNPLUGGED and not visit.interrupted:
        accounts.wrong(f"{who}: nobody knows whose passage it is")
    linked = bool(health.shown_by) if isinstance(health, HealthChecked) else False
    if linked is not (visitor.case is GateCase.ON_HER_TELEPHONE):
        accounts.wrong(f"{who}: {'linked to' if linked else 'not linked to'} a family member")


def _all_ended(hub: HubBook, passages: Iterable[Passage]) -> bool:
    return all(str(p.id) in hub.ends for p in passages)


def counts_at_hub(hub: HubBook, accounts: Accounts) -> None:
    """What the hub counts and whom it sends to staff is what its events say."""
    told = Counter(passage.decision.verdict.value for passage in hub.passages.values())
    if told != Counter(hub.verdicts):
        accounts.wrong(f"the hub's register counts {dict(hub.verdicts)}, its events {dict(told)}")
    referred = {i for i, p in hub.passages.items() if p.decision.verdict is Verdict.REFER}
    if referred != hub.cases:
        accounts.wrong(f"{len(referred)} passages were referred, and the hub has {len(hub.cases)} cases")
    for identifier, crossed in hub.crossings.items():
        end = hub.ends.get(identifier)
        if end is not None and end.crossed.value != crossed:
            accounts.wrong(f"the hub's register says {crossed} of passage {identifier}, its event {end.crossed.value}")


def not_shown(visits: Sequence[Visited]) -> list[str]:
    """The cases that did not occur."""
    return sorted(case.value for case in set(DESERVED) - {visit.visitor.case for visit in visits})
