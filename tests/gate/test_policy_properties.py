"""Laws of `decide()` over the four shipped levels and any rules between them."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.rules.publish import LEVELS, rules_from
from kiosk.gate.policy import HEALTH, decide, speaks_against
from kiosk.wire.evidence import (
    CertificateChecked,
    CodeChecked,
    Evidence,
    FaceCompared,
    HealthChecked,
    IdentityRead,
    LivenessChecked,
    MaskSeen,
    NotMeasured,
    Occupancy,
    TemperatureTaken,
    Why,
)
from kiosk.wire.rules import Decision, MaskRule, Reason, Rules, Verdict
from tests.gate.test_policy import GOOD, NOW, change, every_rules, evidences, missing

SHIPPED = {name: rules_from(file.read_text(encoding="utf-8"), "weinan", 1, NOW, 200) for name, file in LEVELS.items()}
shipped = st.sampled_from(sorted(SHIPPED)).map(SHIPPED.__getitem__)
any_rules = shipped | every_rules
LAWS = settings(max_examples=120, deadline=None)

ASKED = ("identity_required", "face_required", "liveness_required", "temperature_required", "code_required",
         "health_required")  # fmt: skip
MASKS = (MaskRule.IGNORE, MaskRule.REMIND, MaskRule.REQUIRE)


def stricter(rules: Rules) -> list[Rules]:
    """The same rules, each time with one thing more asked for, or one limit tighter."""
    made = [msgspec.structs.replace(rules, **{name: True}) for name in ASKED if not getattr(rules, name)]
    if rules.walk_in:
        made.append(msgspec.structs.replace(rules, walk_in=False))
    made += [msgspec.structs.replace(rules, mask=mask) for mask in MASKS[MASKS.index(rules.mask) + 1 :]]
    seats = 1 if rules.capacity is None else max(1, rules.capacity // 2)
    made += [
        msgspec.structs.replace(rules, capacity=seats),
        msgspec.structs.replace(rules, party_most=1),
        msgspec.structs.replace(rules, passback_minutes=max(rules.passback_minutes, 1440)),
        msgspec.structs.replace(rules, health_most_hours=0.5 * rules.health_most_hours),
        msgspec.structs.replace(rules, health_schemes=rules.health_schemes[:1]),
        msgspec.structs.replace(rules, temperature_unsure_c=rules.temperature_unsure_c - 0.5),
        msgspec.structs.replace(rules, temperature_high_c=rules.temperature_high_c - 0.2),
        msgspec.structs.replace(rules, temperature_lowest_c=rules.temperature_lowest_c + 0.5),
        msgspec.structs.replace(rules, temperature_ambient_max_c=rules.temperature_ambient_max_c - 3),
    ]
    return made


@given(evidences, any_rules)
@LAWS
def test_stricter_rules_admit_nobody_who_was_not_admitted(evidence: Evidence, rules: Rules) -> None:
    admitted = decide(evidence, rules, NOW).verdict is Verdict.ADMIT
    for tighter in stricter(rules):
        if decide(evidence, tighter, NOW).verdict is Verdict.ADMIT:
            assert admitted, tighter


@given(evidences, any_rules)
@LAWS
def test_stricter_rules_lose_no_reason(evidence: Evidence, rules: Rules) -> None:
    """Whatever speaks against somebody goes on doing so; only what was not reached is told of no longer."""
    before = set(decide(evidence, rules, NOW).reasons) - {Reason.ALL_IN_ORDER}
    for tighter in stricter(rules):
        after = decide(evidence, tighter, NOW)
        for reason in before - set(after.reasons):
            told_instead = GRAVER.get(reason, frozenset()).intersection(after.reasons)
            assert told_instead or unreached(evidence, reason), (reason, after)


GRAVER = {
    Reason.TEMPERATURE_UNSURE: frozenset({Reason.TEMPERATURE_HIGH, Reason.NO_TEMPERATURE}),
    Reason.TEMPERATURE_HIGH: frozenset({Reason.NO_TEMPERATURE}),
    Reason.CERTIFICATE_EXPIRED: frozenset({Reason.CERTIFICATE_REFUSED}),
    Reason.CERTIFICATE_UNSURE: frozenset({Reason.CERTIFICATE_REFUSED}),
}
"""What tighter limits may say instead: unsure is high now, it is no forehead at all, the scheme does not count."""


def unreached(evidence: Evidence, reason: Reason) -> bool:
    parts = {
        Reason.NO_IDENTITY: evidence.identity,
        Reason.NO_FACE: evidence.face,
        Reason.NO_LIVENESS: evidence.liveness,
        Reason.NO_MASK_SEEN: evidence.mask,
        Reason.NO_TEMPERATURE: evidence.temperature,
        Reason.NO_CODE: evidence.code,
        Reason.NO_HEALTH: evidence.health,
    }
    part = parts.get(reason)
    return isinstance(part, NotMeasured) and part.why is Why.NOT_REACHED


PARTS = ("identity", "face", "liveness", "mask", "temperature", "code", "health", "occupancy")
MEASURED = (IdentityRead, FaceCompared, LivenessChecked, MaskSeen, TemperatureTaken, CodeChecked, HealthChecked,
            CertificateChecked, Occupancy)  # fmt: skip


def asked_for(rules: Rules) -> set[str]:
    """What a shipped level cannot do without."""
    wanted = {name.removesuffix("_required") for name in ASKED if getattr(rules, name)}
    if rules.walk_in:
        wanted.discard("code")
    if rules.mask is MaskRule.REQUIRE:
        wanted.add("mask")
    if rules.capacity is not None:
        wanted.add("occupancy")
    return wanted


@pytest.mark.parametrize("name", sorted(SHIPPED))
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_what_a_level_asks_for_cannot_be_missing(name: str, data: st.DataObject) -> None:
    rules = SHIPPED[name]
    evidence, gone = data.draw(evidences), data.draw(missing)
    for part in asked_for(rules):
        without = msgspec.structs.replace(evidence, **{part: gone})
        assert decide(without, rules, NOW).verdict is not Verdict.ADMIT, part


@given(evidences, any_rules)
@LAWS
def test_there_is_a_reason_for_each_answer_and_no_reason_without_its_cause(evidence: Evidence, rules: Rules) -> None:
    decision = decide(evidence, rules, NOW)
    assert decision.reasons
    assert len(set(decision.reasons)) == len(decision.reasons)
    assert (Reason.ALL_IN_ORDER in decision.reasons) == (decision.verdict is Verdict.ADMIT)
    assert decision.rules_version == rules.version
    for reason in decision.reasons:
        assert has_a_cause(evidence, reason), reason


def has_a_cause(evidence: Evidence, reason: Reason) -> bool:
    """Whether putting this part in order takes the reason away, or it needs no part."""
    if reason is Reason.ALL_IN_ORDER:
        return True
    everything_else = {part: getattr(GOOD, part) for part in PARTS}
    in_order = change(**(everything_else | {"occupancy": NotMeasured(why=Why.NOT_INSTALLED)}))
    lenient = msgspec.structs.replace(SHIPPED["level-4"], capacity=None, passback_minutes=0)
    return reason not in decide(in_order, lenient, NOW).reasons


@given(evidences, any_rules)
@LAWS
def test_nobody_who_may_be_ill_is_sent_away(evidence: Evidence, rules: Rules) -> None:
    decision = decide(evidence, rules, NOW)
    if HEALTH.intersection(decision.reasons) or Reason.ASKED_FOR_STAFF in decision.reasons:
        assert decision.verdict is Verdict.REFER


@given(evidences, any_rules, st.sampled_from(PARTS))
@LAWS
def test_whatever_was_not_reached_is_never_the_reason_beside_another(
    evidence: Evidence, rules: Rules, part: str
) -> None:
    """Who is refused for their card is not told that their temperature is missing: it was not taken for that reason."""
    if part in {"identity", "occupancy"}:
        return
    seen = msgspec.structs.replace(evidence, **{part: NotMeasured(why=Why.NOT_REACHED)})
    reasons = decide(seen, rules, NOW).reasons
    if speaks_against(seen, rules, NOW):
        assert not any(unreached(seen, reason) for reason in reasons)


@given(evidences, any_rules, st.timedeltas(timedelta(0), timedelta(days=400)))
@LAWS
def test_a_decision_depends_on_nothing_but_evidence_rules_and_moment(
    evidence: Evidence, rules: Rules, later: timedelta
) -> None:
    moment = NOW + later
    first = decide(evidence, rules, moment)
    assert msgspec.json.decode(msgspec.json.encode(first), type=Decision) == first
    if not is_number(evidence):  # cannot travel, and admits nobody
        assert first.verdict is not Verdict.ADMIT
        return
    sent = msgspec.json.decode(msgspec.json.encode(evidence), type=Evidence)
    published = msgspec.json.decode(msgspec.json.encode(rules), type=Rules)
    assert decide(sent, published, moment) == first


def is_number(evidence: Evidence) -> bool:
    seen = evidence.temperature
    return not isinstance(seen, TemperatureTaken) or seen.object_c == seen.object_c


def test_in_order_is_admitted_under_every_level() -> None:
    counted = change(occupancy=Occupancy(inside=3, at=NOW))
    for name, rules in SHIPPED.items():
        assert decide(counted, rules, NOW).verdict is Verdict.ADMIT, name
