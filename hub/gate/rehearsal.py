"""Rehearsal: past passages decided under other rules, before anybody stands in front of them.

It is honest about what it cannot know: where the new rules ask for something that was not measured then, nobody can
say how the person would have fared, and such a passage is counted apart. Whether an appointment was early or late was
judged when its code was read, with the margins of that day; other margins change nothing here.
"""

from collections import Counter
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec
from sqlalchemy import Connection

from hub.gate.past import past_passages
from hub.gate.retention import was_removed
from kiosk.gate.policy import decide
from kiosk.wire.evidence import Evidence, NotMeasured, Why
from kiosk.wire.rules import Decision, Reason, Rules, Verdict

MOST_TOLD: Final = 2000
_NOT_ASKED: Final = frozenset({Why.NOT_REQUIRED, Why.NOT_REACHED})


class Change(StrEnum):
    """What other rules would have done to a passage."""

    SAME = "same"
    OTHER_VERDICT = "other_verdict"
    OTHER_REASONS = "other_reasons"
    """The same verdict for other reasons: other words on the screen."""
    UNKNOWN = "unknown"
    """All that would have spoken against it was not measured then."""
    EXPIRED = "expired"
    """Its health data was removed."""


class Different(msgspec.Struct, frozen=True, kw_only=True):
    """One passage that would have been decided otherwise."""

    passage: str
    terminal: str
    lane: str
    decided: datetime
    name_masked: str
    change: Change
    before: Decision
    under_new: Decision


class Rehearsed(msgspec.Struct, frozen=True, kw_only=True):
    """What a rehearsal found."""

    hall: str
    level: str
    passages: int
    same: int
    other_verdict: int
    other_reasons: int
    unknown: int
    expired: int
    moves: dict[str, int]
    """`admit>refuse`: how many."""
    new_reasons: dict[str, int]
    """Reasons of those with another verdict, the most frequent first."""
    told: tuple[Different, ...]
    """The first 2000 with another verdict or other reasons."""


def _parts(evidence: Evidence) -> dict[Reason, object]:
    """Which part of the evidence a reason for something missing is about."""
    return {
        Reason.NO_IDENTITY: evidence.identity,
        Reason.NO_FACE: evidence.face,
        Reason.NO_TEMPERATURE: evidence.temperature,
        Reason.NO_CODE: evidence.code,
        Reason.NO_LIVENESS: evidence.liveness,
        Reason.NO_MASK_SEEN: evidence.mask,
        Reason.NO_HEALTH: evidence.health,
        Reason.DEVICE_FAULT: evidence.occupancy,  # a cap, where nobody counted
    }


def _was_not_asked(evidence: Evidence, reason: Reason) -> bool:
    part = _parts(evidence).get(reason)
    return isinstance(part, NotMeasured) and part.why in _NOT_ASKED


def compare(evidence: Evidence, before: Decision, rules: Rules, decided: datetime) -> tuple[Change, Decision]:
    """Decide one passage under other rules.

    Args:
        evidence: What was seen.
        before: What was decided then.
        rules: The other rules.
        decided: When it was.

    Returns:
        What is different, and the other decision.
    """
    under_new = decide(evidence, rules, decided)
    if was_removed(evidence):
        return Change.EXPIRED, under_new
    if under_new.verdict is before.verdict and set(under_new.reasons) == set(before.reasons):
        return Change.SAME, under_new
    if under_new.verdict is not Verdict.ADMIT and all(_was_not_asked(evidence, reason) for reason in under_new.reasons):
        return Change.UNKNOWN, under_new
    return (Change.OTHER_REASONS if under_new.verdict is before.verdict else Change.OTHER_VERDICT), under_new


def rehearse(
    connection: Connection, hall: str, rules: Rules, since: datetime | None = None, until: datetime | None = None
) -> Rehearsed:
    """Decide a hall's past passages under other rules.

    Args:
        connection: For reading.
        hall: Which.
        rules: The other rules; their version is of no account.
        since: Only passages decided from then on.
        until: Only those decided before.
    """
    found = dict.fromkeys(Change, 0)
    moves: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    told: list[Different] = []
    for past in past_passages(connection, hall, since, until):
        passage = past.passage
        change, under_new = compare(passage.evidence, passage.decision, rules, passage.decided)
        found[change] += 1
        if change is Change.OTHER_VERDICT:
            moves[f"{passage.decision.verdict.value}>{under_new.verdict.value}"] += 1
            reasons.update(reason.value for reason in under_new.reasons)
        if change in {Change.OTHER_VERDICT, Change.OTHER_REASONS} and len(told) < MOST_TOLD:
            told.append(
                Different(
                    passage=str(passage.id),
                    terminal=past.terminal,
                    lane=passage.lane,
                    decided=passage.decided,
                    name_masked=passage.name_masked,
                    change=change,
                    before=passage.decision,
                    under_new=under_new,
                )
            )
    return Rehearsed(
        hall=hall,
        level=rules.level.value,
        passages=sum(found.values()),
        same=found[Change.SAME],
        other_verdict=found[Change.OTHER_VERDICT],
        other_reasons=found[Change.OTHER_REASONS],
        unknown=found[Change.UNKNOWN],
        expired=found[Change.EXPIRED],
        moves=dict(moves.most_common()),
        new_reasons=dict(reasons.most_common()),
        told=tuple(told),
    )
