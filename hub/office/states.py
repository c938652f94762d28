"""Where a submission stands, and how it goes on: a table. `docs/submissions.md` shows it as a diagram."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from hub.audit.chain import Actor
from kiosk.wire.progress import Standing


class Step(StrEnum):
    """What is done to a submission."""

    RECEIVE = "receive"
    ACCEPT = "accept"
    DEEM_ACCEPTED = "deem_accepted"
    """Nobody said anything within five working days (行政许可法 art. 32)."""
    RETURN = "return"
    """For correction: once, with everything listed."""
    CORRECT = "correct"
    """All that was asked for has come."""
    SUPPLY = "supply"
    """A part of it, or a paper that was to follow."""
    MORE_TIME = "more_time"
    REJECT = "reject"
    """Not accepted: not this office's matter, or not complete after the correction."""
    ROUTE = "route"
    EXTEND = "extend"
    GRANT = "grant"
    REFUSE = "refuse"
    UPLOAD = "upload"
    SEND = "send"
    ARRIVE = "arrive"
    COME_BACK = "come_back"
    """The parcel could not be delivered."""
    HAND_OUT = "hand_out"
    FETCH = "fetch"
    """Shown or printed at a desk."""
    DELIVERY = "delivery"
    """The person wants it another way."""
    WITHDRAW = "withdraw"
    LAPSE = "lapse"
    NOTE = "note"
    OPEN = "open"
    """Somebody has read it; its content is personal."""


class Place(StrEnum):
    """At which hall a member of staff may do it."""

    TURN = "turn"
    """Where it is now."""
    ACCEPTS = "accepts"
    """Where it is now, and that is the hall that accepts."""
    DECIDES = "decides"
    ANY = "any"
    """Of all halls that have to do with it."""


class Need(StrEnum):
    """What has to be so before it."""

    NOTHING = ""
    ACCEPTED = "accepted"
    NOT_ACCEPTED = "not_accepted"
    ELSEWHERE = "elsewhere"
    """Another hall goes on with it."""
    FIRST_RETURN = "first_return"
    FIRST_EXTENSION = "first_extension"
    OPEN_PROMISE = "open_promise"
    """A paper that was to follow has not come."""
    ADDRESS = "address"
    AT_ONCE = "at_once"
    """The item is done at once, and decides itself."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table.

    Attributes:
        sources: Where it is possible.
        target: Where it leads; None stays.
        actors: Who may.
        place: At which hall, for staff.
        needs: All of these.
    """

    sources: tuple[Standing, ...]
    target: Standing | None
    actors: tuple[Actor, ...]
    place: Place = Place.TURN
    needs: tuple[Need, ...] = ()


_S = Standing
CLOSED: Final = frozenset({_S.REFUSED, _S.DELIVERED, _S.COLLECTED, _S.WITHDRAWN, _S.LAPSED})
_WAITING: Final = (_S.RECEIVED, _S.CORRECTED, _S.ROUTED)
"""For the office's first word."""
_IN_WORK: Final = (_S.ACCEPTED, _S.ROUTED)
_UNDECIDED: Final = (_S.RECEIVED, _S.CORRECTING, _S.CORRECTED, _S.ACCEPTED, _S.ROUTED)
_UNSENT: Final = (*_UNDECIDED, _S.GRANTED, _S.RESULT)
_STAFF: Final = (Actor.WINDOW, Actor.BACK_OFFICE)

TABLE: Final[Mapping[Step, tuple[Rule, ...]]] = {
    Step.ACCEPT: (
        Rule(_WAITING, _S.ACCEPTED, (Actor.WINDOW,), Place.ACCEPTS, (Need.NOT_ACCEPTED,)),
        Rule((_S.RECEIVED,), _S.ACCEPTED, (Actor.HUB,), needs=(Need.NOT_ACCEPTED, Need.AT_ONCE)),
    ),
    Step.DEEM_ACCEPTED: (Rule(_WAITING, _S.ACCEPTED, (Actor.TIMER,), needs=(Need.NOT_ACCEPTED,)),),
    Step.RETURN: (
        Rule(
            (_S.RECEIVED, _S.ROUTED),
            _S.CORRECTING,
            (Actor.WINDOW,),
            needs=(Need.NOT_ACCEPTED, Need.FIRST_RETURN),
        ),
    ),
    Step.CORRECT: (Rule((_S.CORRECTING,), _S.CORRECTED, (Actor.CITIZEN,)),),
    Step.SUPPLY: (Rule(tuple(_S), None, (Actor.CITIZEN,)),),  # what comes too late is kept too, and seen
    Step.MORE_TIME: (
        Rule((_S.CORRECTING,), None, (Actor.CITIZEN,)),
        Rule(_IN_WORK, None, (Actor.CITIZEN,), needs=(Need.OPEN_PROMISE,)),
    ),
    Step.REJECT: (Rule(_WAITING, _S.REFUSED, (Actor.WINDOW,), Place.ACCEPTS, (Need.NOT_ACCEPTED,)),),
    Step.ROUTE: (
        # Also from where it was sent: it may have been sent wrongly, or the hall is no more.
        Rule(_WAITING, _S.ROUTED, (Actor.WINDOW,), needs=(Need.NOT_ACCEPTED, Need.ELSEWHERE)),
        Rule(_IN_WORK, _S.ROUTED, _STAFF, needs=(Need.ACCEPTED, Need.ELSEWHERE)),
    ),
    Step.EXTEND: (Rule(_IN_WORK, None, (Actor.BACK_OFFICE,), Place.DECIDES, (Need.ACCEPTED, Need.FIRST_EXTENSION)),),
    Step.GRANT: (
        Rule(_IN_WORK, _S.GRANTED, (Actor.BACK_OFFICE,), Place.DECIDES, (Need.ACCEPTED,)),
        Rule((_S.ACCEPTED,), _S.GRANTED, (Actor.HUB,), needs=(Need.ACCEPTED, Need.AT_ONCE)),
    ),
    Step.REFUSE: (Rule(_IN_WORK, _S.REFUSED, (Actor.BACK_OFFICE,), Place.DECIDES, (Need.ACCEPTED,)),),
    Step.UPLOAD: (
        Rule((_S.GRANTED, _S.RESULT), _S.RESULT, (Actor.BACK_OFFICE,), Place.DECIDES),
        Rule((_S.GRANTED,), _S.RESULT, (Actor.HUB,), needs=(Need.AT_ONCE,)),
        Rule((_S.REFUSED,), None, _STAFF, Place.ANY),  # the written refusal
    ),
    Step.SEND: (Rule((_S.RESULT,), _S.SENT, _STAFF, Place.ANY, (Need.ADDRESS,)),),
    Step.ARRIVE: (Rule((_S.SENT,), _S.DELIVERED, (Actor.COURIER,)),),
    Step.COME_BACK: (
        Rule((_S.SENT,), _S.RESULT, (Actor.COURIER,)),
        Rule((_S.SENT,), _S.RESULT, _STAFF, Place.ANY),  # the courier will never say so: a wrong label, or gone
    ),
    Step.HAND_OUT: (Rule((_S.RESULT,), _S.COLLECTED, (Actor.WINDOW,), Place.ANY),),
    Step.FETCH: (Rule((_S.RESULT, _S.SENT, *(each for each in _S if each in CLOSED)), None, (Actor.CITIZEN,)),),
    Step.DELIVERY: (Rule(_UNSENT, None, (Actor.CITIZEN,)),),
    Step.WITHDRAW: (Rule(_UNDECIDED, _S.WITHDRAWN, (Actor.CITIZEN,)),),
    Step.LAPSE: (
        Rule((_S.CORRECTING,), _S.LAPSED, (Actor.TIMER,)),
        Rule(_IN_WORK, _S.LAPSED, (Actor.TIMER,), needs=(Need.OPEN_PROMISE,)),
    ),
    Step.NOTE: (Rule(tuple(_S), None, _STAFF, Place.ANY),),
}
"""What may be done where, by whom, and where it leads; anything else is refused."""

SHOWN: Final = frozenset(Step) - {Step.NOTE, Step.OPEN}
"""What the person may see."""


def mermaid() -> str:
    """The table as a state diagram (mermaid); loops are left out but for those that have a day."""
    lines = ["stateDiagram-v2", f"    [*] --> {_S.RECEIVED.value}: receive (hub)"]
    for step, rules in TABLE.items():
        if step in {Step.NOTE, Step.SUPPLY, Step.FETCH, Step.DELIVERY}:
            continue
        for rule in rules:
            actors = "/".join(actor.value for actor in rule.actors)
            needs = "".join(f" [{need.value}]" for need in rule.needs)
            for source in rule.sources:
                target = source if rule.target is None else rule.target
                lines.append(f"    {source.value} --> {target.value}: {step.value} ({actors}){needs}")
    lines += [f"    {standing.value} --> [*]" for standing in Standing if standing in CLOSED]
    return "\n".join(lines) + "\n"


def rows() -> str:
    """The table in Markdown: step, from, to, who, where, if."""
    lines = ["| step | from | to | who | at | if |", "|---|---|---|---|---|---|"]
    for step, rules in TABLE.items():
        for rule in rules:
            everywhere = set(rule.sources) == set(Standing)
            lines.append(
                f"| {step.value} | {'any' if everywhere else ', '.join(each.value for each in rule.sources)} "
                f"| {'—' if rule.target is None else rule.target.value} "
                f"| {', '.join(each.value for each in rule.actors)} "
                f"| {rule.place.value if set(rule.actors) & set(_STAFF) else '—'} "
                f"| {', '.join(each.value for each in rule.needs) or '—'} |"
            )
    return "\n".join(lines) + "\n"
