"""Replay: every stored passage decides the same again, from its evidence and the rules it names."""

from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec
from sqlalchemy import Connection

from hub.gate.past import past_passages, rules_by_version
from hub.gate.retention import was_removed
from kiosk.gate.policy import decide
from kiosk.wire.events import Passage
from kiosk.wire.rules import Decision, Rules

MOST_TOLD: Final = 1000


class Outcome(StrEnum):
    """What a second decision gave."""

    SAME = "same"
    DIFFERS = "differs"
    EXPIRED = "expired"
    """Its health data was removed: it cannot be decided again."""
    NO_RULES = "no_rules"
    """The version it names was never published for this hall by this hub."""


class Differing(msgspec.Struct, frozen=True, kw_only=True):
    """One passage that decides otherwise today, or cannot be decided."""

    passage: str
    terminal: str
    decided: datetime
    outcome: Outcome
    rules_version: int
    before: Decision
    again: Decision | None


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """What a replay found."""

    hall: str
    passages: int
    same: int
    differs: int
    expired: int
    no_rules: int
    told: tuple[Differing, ...]
    """The first 1000 that differ or whose rules are not known."""

    @property
    def good(self) -> bool:
        """Whether all that can be decided again was decided the same."""
        return self.differs == 0 and self.no_rules == 0


def decide_again(passage: Passage, rules: dict[int, Rules]) -> tuple[Outcome, Decision | None]:
    """Decide one stored passage again.

    Args:
        passage: As it was stored.
        rules: The hall's, by version.
    """
    if was_removed(passage.evidence):
        return Outcome.EXPIRED, None
    then = rules.get(passage.decision.rules_version)
    if then is None:
        return Outcome.NO_RULES, None
    again = decide(passage.evidence, then, passage.decided)
    return (Outcome.SAME if again == passage.decision else Outcome.DIFFERS), again


def replay(connection: Connection, hall: str, since: datetime | None = None, until: datetime | None = None) -> Replayed:
    """Decide all stored passages of a hall again.

    Args:
        connection: For reading.
        hall: Which.
        since: Only those decided from then on.
        until: Only those decided before.
    """
    rules = rules_by_version(connection, hall)
    found = dict.fromkeys(Outcome, 0)
    told: list[Differing] = []
    for past in past_passages(connection, hall, since, until):
        passage = past.passage
        outcome, again = decide_again(passage, rules)
        found[outcome] += 1
        if outcome in {Outcome.DIFFERS, Outcome.NO_RULES} and len(told) < MOST_TOLD:
            told.append(
                Differing(
                    passage=str(passage.id),
                    terminal=past.terminal,
                    decided=passage.decided,
                    outcome=outcome,
                    rules_version=passage.decision.rules_version,
                    before=passage.decision,
                    again=again,
                )
            )
    return Replayed(
        hall=hall,
        passages=sum(found.values()),
        same=found[Outcome.SAME],
        differs=found[Outcome.DIFFERS],
        expired=found[Outcome.EXPIRED],
        no_rules=found[Outcome.NO_RULES],
        told=tuple(told),
    )
