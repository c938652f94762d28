from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import product

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.gate.policy import HEALTH, REFUSALS, decide, speaks_against
from kiosk.wire.evidence import (
    Band,
    CodeChecked,
    CodeStatus,
    DocumentKind,
    Evidence,
    FaceCompared,
    IdentityRead,
    NotMeasured,
    Occupancy,
    TemperatureTaken,
    Why,
)
from kiosk.wire.rules import Level, Reason, Rules, Verdict

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
DIGEST = "a" * 64

RULES = Rules(version=3, hall="weinan", level=Level.III, valid_from=NOW)


def identity(**change: object) -> IdentityRead:
    good = IdentityRead(
        document=DocumentKind.RESIDENT,
        person=DIGEST,
        number_is_valid=True,
        valid_from=date(2020, 1, 1),
        valid_to=date(2040, 1, 1),
        device="id_reader",
        at=NOW,
    )
    return msgspec.structs.replace(good, **change)


def face(band: Band = Band.ACCEPT) -> FaceCompared:
    return FaceCompared(band=band, engine="sface", model=DIGEST, frames=5, device="camera", at=NOW)


def warmth(object_c: float = 36.4, ambient_c: float = 22.0) -> TemperatureTaken:
    return TemperatureTaken(
        object_c=object_c, ambient_c=ambient_c, spread_c=0.1, readings=3, device="thermometer", at=NOW
    )


def code(status: CodeStatus = CodeStatus.VALID, companions: int = 0) -> CodeChecked:
    return CodeChecked(status=status, code_id="A1", companions=companions, device="code_scanner", at=NOW)


GOOD = Evidence(
    identity=identity(),
    face=face(),
    temperature=warmth(),
    code=code(),
    occupancy=NotMeasured(why=Why.NOT_INSTALLED),
)


def change(**parts: object) -> Evidence:
    return msgspec.structs.replace(GOOD, **parts)


def test_all_in_order_is_admitted() -> None:
    decision = decide(GOOD, RULES, NOW)
    assert decision.verdict is Verdict.ADMIT
    assert decision.reasons == (Reason.ALL_IN_ORDER,)
    assert decision.rules_version == 3


@pytest.mark.parametrize(
    ("evidence", "verdict", "reasons"),
    [
        (change(identity=identity(valid_to=date(2026, 11, 21))), Verdict.REFUSE, {Reason.DOCUMENT_EXPIRED}),
        (change(identity=identity(valid_to=None)), Verdict.ADMIT, {Reason.ALL_IN_ORDER}),
        (change(identity=identity(number_is_valid=False)), Verdict.REFER, {Reason.NUMBER_INVALID}),
        (change(face=face(Band.STAFF)), Verdict.REFER, {Reason.FACE_UNSURE}),
        (change(face=face(Band.REJECT)), Verdict.REFER, {Reason.FACE_DIFFERS}),
        (change(face=NotMeasured(why=Why.SEVERAL_FACES)), Verdict.REFER, {Reason.SEVERAL_FACES}),
        (change(face=NotMeasured(why=Why.DECLINED)), Verdict.REFER, {Reason.ASKED_FOR_STAFF}),
        (change(temperature=warmth(37.2)), Verdict.REFER, {Reason.TEMPERATURE_UNSURE}),
        (change(temperature=warmth(37.3)), Verdict.REFER, {Reason.TEMPERATURE_HIGH}),
        (change(temperature=warmth(38.9, ambient_c=40)), Verdict.REFER, {Reason.TEMPERATURE_HIGH}),
        (change(temperature=warmth(36.4, ambient_c=40)), Verdict.REFER, {Reason.NO_TEMPERATURE}),
        (change(temperature=warmth(30.0)), Verdict.REFER, {Reason.NO_TEMPERATURE}),
        (change(temperature=warmth(float("nan"))), Verdict.REFER, {Reason.NO_TEMPERATURE}),
        (change(temperature=NotMeasured(why=Why.DEVICE_FAULT)), Verdict.REFER, {Reason.DEVICE_FAULT}),
        (change(code=code(CodeStatus.NOT_A_CODE)), Verdict.REFUSE, {Reason.CODE_NOT_KNOWN}),
        (change(code=NotMeasured(why=Why.UNREADABLE)), Verdict.REFER, {Reason.CODE_UNREADABLE}),
        (change(code=NotMeasured(why=Why.NOT_SHOWN)), Verdict.REFER, {Reason.NO_CODE}),
        (
            change(temperature=warmth(38.4), code=code(CodeStatus.EXPIRED)),
            Verdict.REFER,
            {Reason.TEMPERATURE_HIGH, Reason.CODE_EXPIRED},
        ),
        (
            change(identity=identity(valid_to=date(2000, 1, 1)), face=NotMeasured(why=Why.NOT_REACHED)),
            Verdict.REFUSE,
            {Reason.DOCUMENT_EXPIRED},
        ),
    ],
)
def test_what_a_person_deserves(evidence: Evidence, verdict: Verdict, reasons: set[Reason]) -> None:
    decision = decide(evidence, RULES, NOW)
    assert (decision.verdict, set(decision.reasons)) == (verdict, reasons)


def test_a_full_hall_refuses_with_companions_counted() -> None:
    rules = msgspec.structs.replace(RULES, capacity=10)
    six = change(occupancy=Occupancy(inside=8, at=NOW), code=code(companions=1))
    seven = change(occupancy=Occupancy(inside=8, at=NOW), code=code(companions=2))
    assert decide(six, rules, NOW).verdict is Verdict.ADMIT
    assert decide(seven, rules, NOW).reasons == (Reason.HALL_FULL,)
    assert decide(GOOD, rules, NOW).verdict is Verdict.REFER  # counting is asked for and not installed


def test_the_document_date_is_chinas() -> None:
    # 16:30 UTC is already the next day in China.
    evening = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)
    last_day = change(identity=identity(valid_to=date(2026, 11, 22)))
    assert decide(last_day, RULES, NOW).verdict is Verdict.ADMIT
    assert decide(last_day, RULES, evening).reasons == (Reason.DOCUMENT_EXPIRED,)


# Laws ------------------------------------------------------------------------------------------------------------

missing = st.builds(NotMeasured, why=st.sampled_from(Why), device=st.just("d"), code=st.just(""))
identities = st.builds(
    lambda ok, start, end: identity(number_is_valid=ok, valid_from=start, valid_to=end),
    st.booleans(),
    st.dates(date(2015, 1, 1), date(2030, 1, 1)),
    st.none() | st.dates(date(2015, 1, 1), date(2045, 1, 1)),
)
faces = st.sampled_from([face(band) for band in Band])
warmths = st.builds(warmth, st.floats(20, 45) | st.just(float("nan")), st.floats(-10, 60))
shown = st.builds(code, st.sampled_from(CodeStatus), st.integers(0, 20))
counted = st.builds(lambda n: Occupancy(inside=n, at=NOW), st.integers(0, 100))
evidences = st.builds(
    Evidence,
    identity=identities | missing,
    face=faces | missing,
    temperature=warmths | missing,
    code=shown | missing,
    occupancy=counted | missing,
)
every_rules = st.builds(
    lambda i, f, t, c, cap: msgspec.structs.replace(
        RULES, identity_required=i, face_required=f, temperature_required=t, code_required=c, capacity=cap
    ),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.none() | st.integers(1, 100),
)


@dataclass(frozen=True)
class Part:
    name: str
    required: str


PARTS = (
    Part("identity", "identity_required"),
    Part("face", "face_required"),
    Part("temperature", "temperature_required"),
    Part("code", "code_required"),
)


@given(evidences, every_rules, missing, st.sampled_from(PARTS))
@settings(max_examples=400)
def test_missing_evidence_never_admits(evidence: Evidence, rules: Rules, gone: NotMeasured, part: Part) -> None:
    rules = msgspec.structs.replace(rules, **{part.required: True})
    without = msgspec.structs.replace(evidence, **{part.name: gone})
    assert decide(without, rules, NOW).verdict is not Verdict.ADMIT


def more_alarming(evidence: Evidence) -> list[Evidence]:
    """The same evidence, each time with one part made worse."""
    worse: list[Evidence] = []
    if isinstance(evidence.identity, IdentityRead):
        worse += [
            msgspec.structs.replace(evidence, identity=msgspec.structs.replace(evidence.identity, **bad))
            for bad in ({"number_is_valid": False}, {"valid_to": date(2001, 1, 1)}, {"valid_from": date(2031, 1, 1)})
        ]
    worse += [msgspec.structs.replace(evidence, face=face(band)) for band in (Band.STAFF, Band.REJECT)]
    if isinstance(evidence.temperature, TemperatureTaken):
        hot = msgspec.structs.replace(evidence.temperature, object_c=39.0)
        worse.append(msgspec.structs.replace(evidence, temperature=hot))
    worse += [msgspec.structs.replace(evidence, code=code(status)) for status in CodeStatus if status != "valid"]
    return worse


@given(evidences, every_rules)
@settings(max_examples=400)
def test_more_alarming_evidence_never_admits_who_was_not(evidence: Evidence, rules: Rules) -> None:
    if decide(evidence, rules, NOW).verdict is Verdict.ADMIT:
        return
    for worse in more_alarming(evidence):
        assert decide(worse, rules, NOW).verdict is not Verdict.ADMIT


@given(evidences, every_rules)
@settings(max_examples=300)
def test_a_decision_is_always_explained_and_repeatable(evidence: Evidence, rules: Rules) -> None:
    decision = decide(evidence, rules, NOW)
    assert decision == decide(evidence, rules, NOW)
    assert decision.reasons
    assert (decision.verdict is Verdict.ADMIT) == (decision.reasons == (Reason.ALL_IN_ORDER,))
    if HEALTH.intersection(decision.reasons):
        assert decision.verdict is Verdict.REFER
    if decision.verdict is Verdict.REFUSE:
        assert REFUSALS.intersection(decision.reasons)


@given(evidences, every_rules)
@settings(max_examples=300)
def test_stopping_early_never_changes_admission(evidence: Evidence, rules: Rules) -> None:
    """If something already speaks against a person, no later evidence can bring admission."""
    if speaks_against(evidence, rules, NOW):
        for face_seen, code_seen in product([face()], [code()]):
            later = evidence
            if isinstance(evidence.face, NotMeasured) and evidence.face.why is Why.NOT_REACHED:
                later = msgspec.structs.replace(later, face=face_seen)
            if isinstance(evidence.code, NotMeasured) and evidence.code.why is Why.NOT_REACHED:
                later = msgspec.structs.replace(later, code=code_seen)
            assert decide(later, rules, NOW).verdict is not Verdict.ADMIT


def test_evidence_goes_through_json_and_decides_the_same() -> None:
    again = msgspec.json.decode(msgspec.json.encode(GOOD), type=Evidence)
    assert decide(again, RULES, NOW + timedelta(0)) == decide(GOOD, RULES, NOW)
