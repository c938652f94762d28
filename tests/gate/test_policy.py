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
    CertificateChecked,
    CodeChecked,
    CodeStatus,
    Colour,
    DocumentKind,
    Evidence,
    FaceCompared,
    HealthChecked,
    Holder,
    IdentityRead,
    LivenessChecked,
    MaskSeen,
    MaskWorn,
    NotMeasured,
    Occupancy,
    TemperatureTaken,
    Why,
)
from kiosk.wire.rules import Level, MaskRule, Reason, Rules, Verdict

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


def alive(*, passed: bool = True) -> LivenessChecked:
    return LivenessChecked(passed=passed, method="challenge", frames=12, device="camera", at=NOW)


def mask(worn: MaskWorn = MaskWorn.WORN) -> MaskSeen:
    return MaskSeen(worn=worn, frames=3, device="camera", at=NOW)


def health(colour: Colour = Colour.GREEN, holder: Holder = Holder.SAME, age: timedelta = timedelta(0)) -> HealthChecked:
    return HealthChecked(colour=colour, service="gateway", made=NOW - age, holder=holder, device="code_scanner", at=NOW)


def certificate(answer: str = "valid", holder: Holder = Holder.SAME, scheme: str = "dcc") -> CertificateChecked:
    return CertificateChecked(scheme=scheme, answer=answer, holder=holder, device="code_scanner", at=NOW)


GOOD = Evidence(
    identity=identity(),
    face=face(),
    temperature=warmth(),
    code=code(),
    occupancy=NotMeasured(why=Why.NOT_INSTALLED),
    liveness=alive(),
    mask=mask(),
    health=health(),
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


STRICT = msgspec.structs.replace(
    RULES, level=Level.I, liveness_required=True, mask=MaskRule.REQUIRE, health_required=True, passback_minutes=30
)


@pytest.mark.parametrize(
    ("evidence", "verdict", "reasons"),
    [
        (change(), Verdict.ADMIT, {Reason.ALL_IN_ORDER}),
        (change(liveness=alive(passed=False)), Verdict.REFER, {Reason.NOT_ALIVE}),
        (change(liveness=NotMeasured(why=Why.NOT_INSTALLED)), Verdict.REFER, {Reason.NO_LIVENESS}),
        (change(mask=mask(MaskWorn.BARE)), Verdict.REFUSE, {Reason.MASK_MISSING}),
        (change(mask=mask(MaskWorn.UNSURE)), Verdict.REFER, {Reason.NO_MASK_SEEN}),
        (change(health=health(Colour.RED)), Verdict.REFER, {Reason.HEALTH_RED}),
        (change(health=health(Colour.YELLOW)), Verdict.REFER, {Reason.HEALTH_YELLOW}),
        (change(health=health(Colour.UNKNOWN)), Verdict.REFER, {Reason.HEALTH_UNKNOWN}),
        (change(health=health(holder=Holder.OTHER)), Verdict.REFER, {Reason.HEALTH_OTHER_PERSON}),
        (change(health=health(holder=Holder.UNKNOWN)), Verdict.REFER, {Reason.HEALTH_UNKNOWN}),
        (change(health=health(age=timedelta(hours=25))), Verdict.REFUSE, {Reason.HEALTH_OLD}),
        (change(health=health(age=timedelta(days=-365))), Verdict.REFUSE, {Reason.HEALTH_OLD}),
        (
            change(health=NotMeasured(why=Why.DEVICE_FAULT, device="health_service")),
            Verdict.REFER,
            {Reason.HEALTH_UNREACHABLE},
        ),
        (change(health=certificate()), Verdict.ADMIT, {Reason.ALL_IN_ORDER}),
        (change(health=certificate("expired")), Verdict.REFUSE, {Reason.CERTIFICATE_EXPIRED}),
        (change(health=certificate("bad_signature")), Verdict.REFER, {Reason.CERTIFICATE_REFUSED}),
        (change(health=certificate("stale_list")), Verdict.REFER, {Reason.CERTIFICATE_UNSURE}),
        (change(health=certificate(holder=Holder.UNKNOWN)), Verdict.REFER, {Reason.CERTIFICATE_UNSURE}),
        (change(health=certificate(scheme="other")), Verdict.REFER, {Reason.CERTIFICATE_REFUSED}),
        (change(health=NotMeasured(why=Why.NOT_SHOWN)), Verdict.REFER, {Reason.NO_HEALTH}),
        (change(code=code(CodeStatus.USED)), Verdict.REFUSE, {Reason.CODE_USED}),
        (change(code=code(CodeStatus.CANCELLED)), Verdict.REFUSE, {Reason.CODE_CANCELLED}),
        (change(code=code(companions=6)), Verdict.REFUSE, {Reason.PARTY_TOO_LARGE}),
        (
            change(occupancy=Occupancy(inside=1, last_entered=NOW - timedelta(minutes=29), at=NOW)),
            Verdict.REFER,
            {Reason.ALREADY_INSIDE},
        ),
        (
            change(health=health(Colour.RED), mask=mask(MaskWorn.BARE)),
            Verdict.REFER,
            {Reason.HEALTH_RED, Reason.MASK_MISSING},
        ),
    ],
)
def test_what_a_person_deserves_in_an_emergency(evidence: Evidence, verdict: Verdict, reasons: set[Reason]) -> None:
    decision = decide(evidence, STRICT, NOW)
    assert (decision.verdict, set(decision.reasons)) == (verdict, reasons)


def test_a_bare_face_is_reminded_and_not_stopped_where_the_rules_say_so() -> None:
    for rule in (MaskRule.IGNORE, MaskRule.REMIND):
        rules = msgspec.structs.replace(STRICT, mask=rule)
        assert decide(change(mask=mask(MaskWorn.BARE)), rules, NOW).verdict is Verdict.ADMIT


def test_walk_ins_need_no_appointment_but_a_bad_one_is_told() -> None:
    rules = msgspec.structs.replace(RULES, walk_in=True)
    assert decide(change(code=NotMeasured(why=Why.NOT_SHOWN)), rules, NOW).verdict is Verdict.ADMIT
    assert decide(change(code=code(CodeStatus.CANCELLED)), rules, NOW).reasons == (Reason.CODE_CANCELLED,)


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
counted = st.builds(
    lambda n, ago: Occupancy(inside=n, last_entered=NOW - timedelta(minutes=ago) if ago else None, at=NOW),
    st.integers(0, 100),
    st.integers(0, 120),
)
lives = st.builds(lambda passed: alive(passed=passed), st.booleans())
masks = st.builds(mask, st.sampled_from(MaskWorn))
healths = st.builds(
    health, st.sampled_from(Colour), st.sampled_from(Holder), st.timedeltas(timedelta(days=-2), timedelta(days=40))
)
certificates = st.builds(
    certificate,
    st.sampled_from(["valid", "expired", "bad_signature", "stale_list", "revoked", "what is this"]),
    st.sampled_from(Holder),
    st.sampled_from(["dcc", "shc", "other"]),
)
evidences = st.builds(
    Evidence,
    identity=identities | missing,
    face=faces | missing,
    temperature=warmths | missing,
    code=shown | missing,
    occupancy=counted | missing,
    liveness=lives | missing,
    mask=masks | missing,
    health=healths | certificates | missing,
    green_channel=st.booleans(),
)
every_rules = st.builds(
    lambda parts, cap, mask_rule, soon: msgspec.structs.replace(
        RULES, capacity=cap, mask=mask_rule, passback_minutes=soon, **parts
    ),
    st.fixed_dictionaries(
        {
            name: st.booleans()
            for name in (
                "identity_required", "face_required", "temperature_required", "code_required", "liveness_required",
                "health_required", "walk_in",
            )
        }
    ),
    st.none() | st.integers(1, 100),
    st.sampled_from(MaskRule),
    st.sampled_from([0, 30, 1440]),
)  # fmt: skip


@dataclass(frozen=True)
class Part:
    name: str
    required: str
    value: bool | MaskRule = True


PARTS = (
    Part("identity", "identity_required"),
    Part("face", "face_required"),
    Part("temperature", "temperature_required"),
    Part("code", "code_required"),
    Part("liveness", "liveness_required"),
    Part("mask", "mask", MaskRule.REQUIRE),
    Part("health", "health_required"),
)


@given(evidences, every_rules, missing, st.sampled_from(PARTS))
@settings(max_examples=400)
def test_missing_evidence_never_admits(evidence: Evidence, rules: Rules, gone: NotMeasured, part: Part) -> None:
    rules = msgspec.structs.replace(rules, walk_in=False, **{part.required: part.value})
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
    worse.append(msgspec.structs.replace(evidence, liveness=alive(passed=False)))
    worse += [msgspec.structs.replace(evidence, mask=mask(worn)) for worn in (MaskWorn.UNSURE, MaskWorn.BARE)]
    worse += [msgspec.structs.replace(evidence, health=health(colour)) for colour in Colour if colour != "green"]
    worse += [msgspec.structs.replace(evidence, health=certificate(answer)) for answer in ("expired", "forged")]
    if isinstance(evidence.occupancy, Occupancy):
        more = msgspec.structs.replace(evidence.occupancy, inside=evidence.occupancy.inside + 50, last_entered=NOW)
        worse.append(msgspec.structs.replace(evidence, occupancy=more))
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


def test_evidence_of_the_first_edition_is_decided_as_it_was_then() -> None:
    known = {"identity", "face", "temperature", "code", "occupancy"}
    old = {name: part for name, part in msgspec.to_builtins(GOOD).items() if name in known}
    assert decide(msgspec.convert(old, Evidence), RULES, NOW).verdict is Verdict.ADMIT


def test_evidence_goes_through_json_and_decides_the_same() -> None:
    again = msgspec.json.decode(msgspec.json.encode(GOOD), type=Evidence)
    assert decide(again, RULES, NOW + timedelta(0)) == decide(GOOD, RULES, NOW)
