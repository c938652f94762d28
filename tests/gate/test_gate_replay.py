"""What is stored decides the same again, and a difference is found."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from uuid6 import uuid7

from kiosk.gate.policy import decide
from kiosk.gate.replay import PassageUnknownError, Replay, replay
from kiosk.wire.events import Passage
from kiosk.wire.evidence import Evidence, NotMeasured, Occupancy, TemperatureTaken, Why
from kiosk.wire.fleet import Signed
from kiosk.wire.rules import Decision, Level, Reason, Rules, Verdict
from kiosk.wire.signed import sign

pytestmark = pytest.mark.anyio

KEY = Ed25519PrivateKey.generate()
PUBLIC = KEY.public_key().public_bytes_raw()
NOW = datetime(2026, 11, 23, 1, 0, 0, 123456, tzinfo=UTC)
NOT_REQUIRED = NotMeasured(why=Why.NOT_REQUIRED)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def rules(version: int, **change: object) -> Rules:
    made = Rules(
        version=version, hall="weinan", level=Level.III, valid_from=NOW, identity_required=False, face_required=False,
        code_required=False,
    )  # fmt: skip
    return msgspec.structs.replace(made, **change)


def passage(by: Rules, celsius: float, decided: datetime = NOW, **change: object) -> Passage:
    evidence = Evidence(
        identity=NOT_REQUIRED,
        face=NOT_REQUIRED,
        temperature=TemperatureTaken(
            object_c=celsius, ambient_c=22.0, spread_c=0.1, readings=3, device="thermometer", at=decided
        ),
        code=NOT_REQUIRED,
        occupancy=Occupancy(inside=3, last_entered=decided - timedelta(minutes=20), at=decided),
    )
    made = Passage(
        id=uuid7(), lane="1", began=decided, decided=decided, evidence=evidence, decision=decide(evidence, by, decided)
    )
    return msgspec.structs.replace(made, **change)


class Stored:
    """A store in memory; two passages a page."""

    def __init__(self, editions: Sequence[Rules | Signed], *passages: Passage | bytes) -> None:
        self._rules = [
            e if isinstance(e, Signed) else sign("rules", e.version, msgspec.json.encode(e), KEY) for e in editions
        ]
        self._bodies = [
            (
                place,
                str(p.id) if isinstance(p, Passage) else "?",
                msgspec.json.encode(p) if isinstance(p, Passage) else p,
            )
            for place, p in enumerate(passages, start=5)
        ]

    async def rules(self) -> Sequence[Signed]:
        return self._rules

    async def passages(self, after: int) -> Sequence[tuple[int, str, bytes]]:
        return [row for row in self._bodies if row[0] > after][:2]

    async def passage(self, identifier: UUID) -> bytes | None:
        return next((body for _, name, body in self._bodies if name == str(identifier)), None)


async def test_each_passage_is_decided_by_the_rules_it_names() -> None:
    """The same forehead: admitted by the first rules, for staff by the second, again admitted by the third."""
    editions = [rules(1), rules(2, temperature_unsure_c=36.4), rules(3, passback_minutes=10)]
    kept = [passage(by, 36.5, NOW + timedelta(minutes=by.version)) for by in editions]
    assert [p.decision.verdict for p in kept] == [Verdict.ADMIT, Verdict.REFER, Verdict.ADMIT]
    found = await replay(Stored(editions, *kept), PUBLIC)
    assert (found.passages, found.same, found.differs) == (3, 3, ())
    assert found.rules == (1, 2, 3)
    assert found.agrees


async def test_a_decision_that_was_changed_is_found() -> None:
    by = rules(1)
    good, bad = passage(by, 36.5), passage(by, 38.6)
    admitted = Decision(verdict=Verdict.ADMIT, reasons=(Reason.ALL_IN_ORDER,), rules_version=1)
    bad = msgspec.structs.replace(bad, decision=admitted)
    found = await replay(Stored([by], good, bad), PUBLIC)
    assert not found.agrees
    assert [(d.passage, d.stored, d.again.reasons) for d in found.differs] == [
        (bad.id, admitted, (Reason.TEMPERATURE_HIGH,))
    ]


async def test_the_moment_of_the_decision_counts_and_not_the_present() -> None:
    by = rules(1, passback_minutes=30)
    kept = passage(by, 36.5)
    assert kept.decision.reasons == (Reason.ALREADY_INSIDE,)
    assert (await replay(Stored([by], kept), PUBLIC)).agrees
    later = msgspec.structs.replace(kept, decided=NOW + timedelta(hours=1))
    assert not (await replay(Stored([by], later), PUBLIC)).agrees


async def test_without_its_rules_a_passage_cannot_be_checked() -> None:
    found = await replay(Stored([rules(2)], passage(rules(1), 36.5), passage(rules(2), 36.5)), PUBLIC)
    assert (found.same, found.without_rules, found.agrees) == (1, {1: 1}, False)


async def test_rules_without_the_hubs_signature_are_not_believed() -> None:
    other = Ed25519PrivateKey.generate()
    lenient = rules(1, temperature_high_c=45.0, temperature_unsure_c=44.0)
    forged = sign("rules", 1, msgspec.json.encode(lenient), other)
    found = await replay(Stored([forged], passage(lenient, 39.0)), PUBLIC)
    assert (found.rules, found.bad_rules, found.without_rules, found.agrees) == ((), (1,), {1: 1}, False)


async def test_what_cannot_be_read_is_named() -> None:
    by = rules(1)
    found = await replay(Stored([by], passage(by, 36.5), b'{"id":"x"}', passage(by, 36.6)), PUBLIC)
    assert (found.passages, found.same, found.unreadable) == (3, 2, ("?",))
    assert not found.agrees


async def test_one_passage_by_itself() -> None:
    by = rules(1)
    one, other = passage(by, 36.5), passage(by, 38.6)
    found = await replay(Stored([by], one, other), PUBLIC, other.id)
    assert (found.passages, found.same) == (1, 1)
    with pytest.raises(PassageUnknownError):
        await replay(Stored([by], one), PUBLIC, other.id)


async def test_nothing_stored_agrees() -> None:
    assert (await replay(Stored([]), PUBLIC)) == Replay(
        passages=0, same=0, differs=(), without_rules={}, unreadable=(), rules=(), bad_rules=()
    )


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(min_value=33, max_value=42, allow_nan=False), min_size=1, max_size=8),
    st.floats(min_value=36, max_value=38),
)
def test_any_temperatures_survive_the_store(values: list[float], unsure: float) -> None:
    by = rules(7, temperature_unsure_c=unsure)
    for value in values:
        kept = passage(by, value)
        read = msgspec.json.decode(msgspec.json.encode(kept), type=Passage)
        assert decide(read.evidence, by, read.decided) == kept.decision
