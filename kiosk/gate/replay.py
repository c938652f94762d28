"""Any stored passage decides the same again: from its evidence, at its moment, by the rules that it names.

Rules are believed only with the hub's signature, so that nobody changes the past by changing a file.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

import msgspec

from kiosk.gate.policy import decide
from kiosk.wire.events import Passage
from kiosk.wire.fleet import Signed
from kiosk.wire.rules import Decision, Rules
from kiosk.wire.signed import BadSignature, verify


class PastDecisions(Protocol):
    """What was decided at this gate."""

    async def rules(self) -> Sequence[Signed]:
        """Every edition of the rules that was in force."""
        ...

    async def passages(self, after: int) -> Sequence[tuple[int, str, bytes]]:
        """A page of passages: place, id, and the passage as JSON; none when there are no more."""
        ...

    async def passage(self, identifier: UUID) -> bytes | None:
        """One passage as JSON; None when it is not here."""
        ...


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """A passage that is decided otherwise now."""

    passage: UUID
    decided: datetime
    stored: Decision
    again: Decision


class Replay(msgspec.Struct, frozen=True, kw_only=True):
    """What came of deciding again.

    Attributes:
        passages: how many were looked at.
        same: how many decided the same.
        differs: those that did not.
        without_rules: how many name an edition of the rules that is not kept here, by that edition.
        unreadable: ids of those that cannot be read.
        rules: the editions that are here with a good signature.
        bad_rules: the editions that are here and cannot be believed or read.
    """

    passages: int
    same: int
    differs: tuple[Difference, ...]
    without_rules: dict[int, int]
    unreadable: tuple[str, ...]
    rules: tuple[int, ...]
    bad_rules: tuple[int, ...]

    @property
    def agrees(self) -> bool:
        """Whether every passage could be decided again and decided the same."""
        return self.same == self.passages


class PassageUnknownError(LookupError):
    """No passage of that id is stored here."""


class _Tally:
    """Passages, decided again one after the other."""

    def __init__(self, rules: Mapping[int, Rules]) -> None:
        self._rules = rules
        self.passages = self.same = 0
        self.differs: list[Difference] = []
        self.without_rules = Counter[int]()
        self.unreadable: list[str] = []

    def take(self, identifier: str, body: bytes) -> None:
        self.passages += 1
        try:
            passage = msgspec.json.decode(body, type=Passage)
        except msgspec.MsgspecError:
            self.unreadable.append(identifier)
            return
        rules = self._rules.get(passage.decision.rules_version)
        if rules is None:
            self.without_rules[passage.decision.rules_version] += 1
            return
        again = decide(passage.evidence, rules, passage.decided)
        if again == passage.decision:
            self.same += 1
        else:
            self.differs.append(
                Difference(passage=passage.id, decided=passage.decided, stored=passage.decision, again=again)
            )


async def replay(past: PastDecisions, rules_key: bytes, only: UUID | None = None) -> Replay:
    """Decide again what was decided here.

    Args:
        past: what is stored.
        rules_key: the hub's signing key, 32 raw bytes.
        only: one passage; None for all of them.

    Raises:
        PassageUnknownError: `only` is not stored here.
    """
    rules, bad = await _read_rules(past, rules_key)
    tally = _Tally(rules)
    if only is not None:
        body = await past.passage(only)
        if body is None:
            raise PassageUnknownError(str(only))
        tally.take(str(only), body)
    else:
        place = 0
        while page := await past.passages(place):
            for at, identifier, body in page:
                tally.take(identifier, body)
                place = at
    return Replay(
        passages=tally.passages,
        same=tally.same,
        differs=tuple(tally.differs),
        without_rules=dict(tally.without_rules),
        unreadable=tuple(tally.unreadable),
        rules=tuple(sorted(rules)),
        bad_rules=bad,
    )


async def _read_rules(past: PastDecisions, rules_key: bytes) -> tuple[dict[int, Rules], tuple[int, ...]]:
    good: dict[int, Rules] = {}
    bad: list[int] = []
    for signed in await past.rules():
        try:
            rules = msgspec.json.decode(verify(signed, rules_key), type=Rules)
        except (BadSignature, msgspec.MsgspecError):
            bad.append(signed.version)
            continue
        good[rules.version] = rules
    return good, tuple(bad)
