"""Evidence in words: every kind of it, in both languages, the worst first."""

import re
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from hub.console.gate_audit import Change
from hub.console.gate_evidence import told
from hub.console.words import WORDS, Language, word
from hub.gate.retention import REMOVED
from hub.rules.publish import LEVELS, rules_from
from kiosk.certificates.answers import CertificateAnswer
from kiosk.clock import WallClock
from kiosk.gate.attendant_passages import REASONS, WATCH_CHOICES
from kiosk.wire.events import Crossed, LaneTrouble, StaffAct
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
from kiosk.wire.rules import Reason, Verdict
from kiosk.wire.watch import WatchClass

NOW = WallClock().now()
DIGEST = "a" * 64
RULES = rules_from(LEVELS["level-1"].read_text(), "weinan", 1, NOW, 100)


def evidence(**changes: Any) -> Evidence:
    given: dict[str, Any] = {
        "identity": IdentityRead(
            document=DocumentKind.RESIDENT,
            person=DIGEST,
            number_is_valid=True,
            valid_from=NOW.date(),
            valid_to=None,
            device="id_reader",
            at=NOW,
        ),
        "face": FaceCompared(band=Band.ACCEPT, engine="sface", model=DIGEST, frames=5, device="camera", at=NOW),
        "temperature": warm(36.4),
        "code": CodeChecked(status=CodeStatus.VALID, code_id="ABCDEFGH", companions=2, listed=True, at=NOW),
        "occupancy": Occupancy(inside=7, at=NOW),
        "liveness": LivenessChecked(passed=True, method="challenge", frames=5, device="camera", at=NOW),
        "mask": MaskSeen(worn=MaskWorn.WORN, frames=5, device="camera", at=NOW),
        "health": HealthChecked(colour=Colour.GREEN, service="gateway", made=NOW, holder=Holder.SAME, at=NOW),
    }
    return Evidence(**{**given, **changes})


def warm(celsius: float) -> TemperatureTaken:
    return TemperatureTaken(object_c=celsius, ambient_c=22, spread_c=0.1, readings=5, device="thermometer", at=NOW)


def text(seen: Evidence, part: str, language: Language = Language.EN) -> tuple[str, str]:
    (found,) = [each for each in told(seen, RULES, language) if each.part == part]
    return found.tone, found.text


@pytest.mark.parametrize(
    ("celsius", "tone", "words"),
    [
        (36.4, "good", "36.4 °C · below 37.1 °C, normal"),
        (37.1, "unsure", "between 37.1 and 37.3 °C"),
        (37.3, "bad", "at or above the limit of 37.3 °C"),
    ],
)
def test_a_temperature_is_told_with_its_limit(celsius: float, tone: str, words: str) -> None:
    found = text(evidence(temperature=warm(celsius)), "temperature")
    assert found[0] == tone
    assert words in found[1]
    assert "air 22.0 °C, 5 readings, 0.1 °C apart" in found[1]


def test_a_corrected_temperature_shows_the_raw_one_and_by_what() -> None:
    seen = msgspec.structs.replace(warm(36.9), corrected_c=37.8, correction="calibration-2026-11-22")
    tone, words = text(evidence(temperature=seen), "temperature")
    assert words.startswith("37.8 °C")
    assert "raw 36.9 °C (calibration-2026-11-22)" in words
    assert tone == "bad"


def test_the_worst_comes_first() -> None:
    seen = evidence(temperature=warm(38.2), mask=MaskSeen(worn=MaskWorn.UNSURE, frames=5, device="camera", at=NOW))
    assert [each.part for each in told(seen, RULES, Language.ZH)][:2] == ["temperature", "mask"]


@pytest.mark.parametrize("why", list(Why))
def test_what_is_missing_says_why(why: Why) -> None:
    tone, words = text(evidence(face=NotMeasured(why=why, device="camera", code="no_answer")), "face")
    assert words.startswith("Not measured · ")
    assert words.endswith(" · No answer")
    assert why.value in WORDS, "no bare key is shown"
    assert words.split(" · ")[1] == word(why.value, Language.EN)
    assert tone == ("quiet" if why in {Why.NOT_REQUIRED, Why.NOT_INSTALLED, Why.NOT_REACHED} else "unsure")


def test_removed_health_data_is_said_to_be_removed() -> None:
    removed = NotMeasured(why=Why.NOT_REACHED, code=REMOVED)
    assert text(evidence(temperature=removed), "temperature", Language.ZH) == ("quiet", "保存期已过，已删除")


@pytest.mark.parametrize("language", list(Language))
def test_each_kind_of_evidence_has_words(language: Language) -> None:
    proofs: list[Any] = [
        HealthChecked(colour=colour, service="gateway", made=NOW, holder=holder, shown_by=DIGEST, at=NOW)
        for colour in Colour
        for holder in Holder
    ]
    proofs += [
        CertificateChecked(scheme=scheme, answer=answer.value, holder=Holder.UNKNOWN, at=NOW)
        for scheme in ("eu_dcc", "smart_health_card", "vds_nc")
        for answer in CertificateAnswer
    ]
    proofs.append(NotMeasured(why=Why.NOT_SHOWN))
    for proof in proofs:
        for each in told(evidence(health=proof), None, language):
            assert each.text
            assert "_" not in each.text, each
            assert "{" not in each.text, each
            if language is Language.EN:
                assert each.text.replace("°", "").replace("·", "").isascii(), each


def test_an_identity_says_until_when_and_whether_its_number_is_one() -> None:
    card = evidence().identity
    assert isinstance(card, IdentityRead)
    last = (NOW + timedelta(days=9)).date()
    seen = IdentityRead(
        document=card.document,
        person=card.person,
        number_is_valid=False,
        valid_from=card.valid_from,
        valid_to=last,
        device=card.device,
        at=card.at,
    )
    assert text(evidence(identity=seen), "identity") == (
        "bad",
        f"Resident identity card · valid until {last} · Number is not valid",
    )


VALUES: dict[str, set[str]] = {
    "": {value.value for kind in (Why, Band, CodeStatus, Colour, DocumentKind, MaskWorn, Verdict, Reason, Crossed)
         for value in kind} | set(Evidence.__struct_fields__) - {"green_channel"},
    "holder_": {holder.value for holder in Holder} - {Holder.SAME.value},
    "health_": {colour.value for colour in Colour},
    "answer_": {answer.value for answer in CertificateAnswer},
    "because_": {reason for reasons in (*REASONS.values(), *WATCH_CHOICES.values()) for reason in reasons},
    "watch_": {kind.value for kind in WatchClass} | {"ended"},
    "watch_todo_": {kind.value for kind in WatchClass} | {"ended"},
    "change_": {change.value for change in Change},
    "trouble_": {trouble.value for trouble in LaneTrouble},
    "act_": {act.value for act in StaffAct},
}  # fmt: skip
"""Everything that a lane, a certificate or the audit may say, with the prefix of its words."""


@pytest.mark.parametrize(
    ("prefix", "value"), [(prefix, value) for prefix in VALUES for value in sorted(VALUES[prefix])]
)
def test_every_value_of_every_enumeration_has_words_in_every_language(prefix: str, value: str) -> None:
    assert prefix + value in WORDS
    said = {language: word(prefix + value, language) for language in Language}
    assert all(said.values())
    assert re.search(r"[\u4e00-\u9fff]", said[Language.ZH])
    assert re.fullmatch(r"[ -~]+", said[Language.EN])
    assert "_" not in said[Language.EN]


def test_an_answer_of_a_newer_terminal_is_shown_as_it_is() -> None:
    newer = CertificateChecked(scheme="eu_dcc", answer="brand_new", holder=Holder.SAME, at=NOW)
    assert text(evidence(health=newer), "health") == ("unsure", "EU digital certificate · brand_new")
