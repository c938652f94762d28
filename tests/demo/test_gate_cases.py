"""The script of the gate's demonstration: each case has one written answer, and what is shown is what it says."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from drivers.code_scanner.payload import find_payload
from drivers.errors import BadFrame
from hub.rules.publish import rules_from
from kiosk.certificates import reader
from kiosk.certificates.answers import CertificateAnswer
from kiosk.certificates.trust import Trust, TrustList, sign_list
from kiosk.clock import WallClock
from kiosk.demo.cases import ACT_OF, DESERVED, Act, Deserved, GateCase
from kiosk.demo.certificates import Issuer
from kiosk.demo.codes import rules_of
from kiosk.wire.rules import Level, MaskRule, Verdict

_LINE = re.compile(r"^- `(\w+)`: (.+)$", re.MULTILINE)


def written(case: GateCase, deserved: Deserved) -> str:
    """An answer as the page has it."""
    reasons = ", ".join(f"`{reason.value}`" for reason in sorted(deserved.reasons))
    barrier = f"; {deserved.crossed.value}, {deserved.heads} in" if deserved.verdict is Verdict.ADMIT else ""
    return f"{deserved.verdict.value} {reasons}{barrier} (level {LEVELS[ACT_OF[case]]})"


LEVELS = {Act.LEVEL_3: "III", Act.CHANGED: "III", Act.OPEN: "IV", Act.HEALTH: "II", Act.ALIVE: "I"}


def test_the_page_lists_each_case_with_its_one_answer(root: Path) -> None:
    text = (root / "docs" / "gate-answers.md").read_text(encoding="utf-8")
    told = dict(_LINE.findall(text[text.index("## In the demonstration") :]))
    assert told == {case.value: written(case, DESERVED[case]) for case in GateCase}


@pytest.mark.parametrize("act", list(Act))
def test_each_act_is_played_by_a_shipped_level(act: Act) -> None:
    rules = rules_from(rules_of(act), "weinan", 2, datetime(2026, 11, 22, tzinfo=UTC), 200)
    assert rules.level is Level(LEVELS[act])
    assert rules.liveness_required is (act is Act.ALIVE)
    assert (rules.mask is MaskRule.REQUIRE) is (act in {Act.HEALTH, Act.ALIVE})
    assert rules.health_required is (act in {Act.HEALTH, Act.ALIVE})
    assert rules.code_identifies is (act is Act.OPEN)


def test_ten_kilobytes_on_the_wire_are_a_fault_of_the_scanner() -> None:
    with pytest.raises(BadFrame, match="longer than any code"):
        find_payload(b"A" * 10_240 + b"\r", b"\r")
    assert find_payload(b"7" * 7089 + b"\r", b"\r") == b"7" * 7089


@pytest.mark.parametrize(
    ("expired", "forged", "answer"),
    [
        (False, False, CertificateAnswer.VALID),
        (True, False, CertificateAnswer.EXPIRED),
        (False, True, CertificateAnswer.BAD_SIGNATURE),
    ],
)
def test_invented_certificates_are_what_the_script_says(expired: bool, forged: bool, answer: CertificateAnswer) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    now, key = WallClock().now().replace(microsecond=0), Ed25519PrivateKey.generate()
    issuer, public = Issuer(now), key.public_key().public_bytes_raw()
    lists = {body.scheme: TrustList.load(sign_list(body, 1, key), public, now) for body in issuer.lists()}
    for make in (issuer.dcc, issuer.health_card):
        shown = make("王小明", "1990-03-07", expired=expired, forged=forged)
        reading = reader.read(shown, Trust(lists, public), now)
        assert reading.answer is answer
        if answer is CertificateAnswer.VALID:
            assert reading.holder is not None
            assert reading.holder.born == "1990-03-07"
