"""The published vectors, where they are: `../shared/data/certificates` beside the project."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks import certificates, certificates_dgc, certificates_shc
from kiosk.certificates.answers import CertificateAnswer as Answer
from kiosk.certificates.answers import Reason
from kiosk.certificates.reader import read
from kiosk.certificates.trust import Trust
from kiosk.wire.trust import Scheme

FOLDER = Path(__file__).parents[2] / "../shared/data/certificates"


@pytest.fixture(scope="module")
def folder() -> Path:
    if not FOLDER.is_dir():
        message = "the published vectors are not beside the project (../shared/data/certificates)"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return FOLDER


@pytest.fixture(scope="module")
def found(folder: Path) -> list[certificates_dgc.Vector]:
    vectors, _ = certificates_dgc.vectors(folder / "dgc")
    return vectors


def test_every_signature_agrees(found: list[certificates_dgc.Vector]) -> None:
    compared = certificates.compared(found)
    assert compared["signatures"] > 500
    assert compared["missed"]["ours"] == []


def test_what_disagrees_is_little_and_has_a_reason(found: list[certificates_dgc.Vector]) -> None:
    light = [vector for vector in found if vector.fields.pop("2DCODE", None) or True]
    checks = certificates_dgc.agreement(light)["checks"]
    for name in (
        "EXPECTEDUNPREFIX",
        "EXPECTEDB45DECODE",
        "EXPECTEDCOMPRESSION",
        "EXPECTEDVERIFY",
        "EXPECTEDEXPIRATIONCHECK",
    ):
        assert checks[name]["disagree"] == []
    for check in checks.values():
        assert all(entry["why"] for entry in check["disagree"])
        assert len(check["disagree"]) <= 0.03 * max(check["of"], 1)


def test_every_card_and_every_negative_case(folder: Path) -> None:
    report = certificates_shc.agreement(folder / "shc")
    assert report["examples"]["others"] == []
    assert report["examples"]["valid"] > 0
    assert report["negative"]["answered_wrongly"] == []
    assert report["negative"]["refused_rightly"] > 50
    assert report["keys"]["wrong"] == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_mutated_real_vectors(found: list[certificates_dgc.Vector], data: st.DataObject) -> None:
    good = [vector for vector in found if isinstance(vector.fields.get("PREFIX"), str)]
    vector = data.draw(st.sampled_from(good))
    trust, text = Trust({Scheme.EU_DCC: vector.trust}), vector.fields["PREFIX"]
    original = read(text, trust, vector.clock)
    at = data.draw(st.integers(0, len(text) - 1))
    new = data.draw(st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"))
    reading = read(text[:at] + new + text[at + 1 :], trust, vector.clock)
    assert reading.reason is not Reason.FAULT, reading.detail
    if reading.answer is Answer.VALID:
        assert (reading.holder, reading.statements) == (original.holder, original.statements)
