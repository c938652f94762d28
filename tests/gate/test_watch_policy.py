"""Laws of the watch list over any evidence and any rules: staff look, and that is all that it ever does."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from kiosk.gate.policy import HEALTH, decide
from kiosk.wire.evidence import Evidence, Watched
from kiosk.wire.rules import Reason, Rules, Verdict
from tests.gate.test_policy import GOOD, NOW, RULES, change, evidences
from tests.gate.test_policy_properties import LAWS, any_rules, is_number

watched = st.builds(
    Watched,
    entry=st.sampled_from(["", "ABCDEFG2"]),
    list_version=st.integers(min_value=1, max_value=9),
    companion=st.booleans(),
)


@given(evidences, any_rules, watched)
@LAWS
def test_whoever_is_on_the_list_is_neither_admitted_nor_sent_away(
    evidence: Evidence, rules: Rules, seen: Watched
) -> None:
    decision = decide(msgspec.structs.replace(evidence, watch=seen), rules, NOW)
    assert decision.verdict is Verdict.REFER
    assert Reason.ON_WATCH_LIST in decision.reasons


@given(evidences, any_rules, watched)
@LAWS
def test_the_list_takes_no_other_reason_away_and_adds_only_its_own(
    evidence: Evidence, rules: Rules, seen: Watched
) -> None:
    without = decide(evidence, rules, NOW)
    reasons = decide(msgspec.structs.replace(evidence, watch=seen), rules, NOW).reasons
    if without.verdict is Verdict.ADMIT:
        assert reasons == (Reason.ON_WATCH_LIST,)
    else:
        assert set(without.reasons) - set(reasons) <= {r for r in without.reasons if r.value.startswith("no_")}
        assert set(reasons) - set(without.reasons) == {Reason.ON_WATCH_LIST}
    assert HEALTH.intersection(reasons) == HEALTH.intersection(without.reasons)


@given(evidences, any_rules)
@LAWS
def test_evidence_from_before_the_lists_is_what_it_was(evidence: Evidence, rules: Rules) -> None:
    """Whoever is on no list sends the bytes that a hub from before understands, and decides as before."""
    if not is_number(evidence):
        return
    body = msgspec.json.encode(evidence)
    assert b"watch" not in body
    assert decide(msgspec.json.decode(body, type=Evidence), rules, NOW) == decide(evidence, rules, NOW)
    assert Reason.ON_WATCH_LIST not in decide(evidence, rules, NOW).reasons


def test_it_travels_and_decides_the_same_again() -> None:
    evidence = change(watch=Watched(entry="ABCDEFG2", list_version=3, companion=True))
    again = msgspec.json.decode(msgspec.json.encode(evidence), type=Evidence)
    assert again == evidence
    assert decide(again, RULES, NOW).reasons == (Reason.ON_WATCH_LIST,)
    assert decide(GOOD, RULES, NOW).verdict is Verdict.ADMIT
