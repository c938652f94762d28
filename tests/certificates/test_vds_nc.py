import copy
import json
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from kiosk.certificates.answers import CertificateAnswer as Answer
from kiosk.certificates.answers import Reading, Reason, StatementKind, TestResult, Usage
from kiosk.certificates.canonical import canonical, number
from kiosk.certificates.reader import read
from kiosk.certificates.trust import csca_key, digest
from kiosk.wire.trust import Revocation, Scheme
from tests.certificates.mint import Mint

VDS = Scheme.VDS_NC


def told(reading: Reading) -> tuple[Answer, Reason]:
    return reading.answer, reading.reason


def test_a_proof_of_vaccination(mint: Mint) -> None:
    reading = read(mint.seal(), mint.trust(VDS), mint.now)
    assert told(reading) == (Answer.VALID, Reason.NONE)
    assert (reading.holder.name, reading.holder.document) == ("EXAMPLE ANNA", "X1234567")
    assert (reading.statements[0].kind, reading.statements[0].dose) == (StatementKind.VACCINATION, (1, 0))
    assert (reading.issuer, reading.usage) == ("XXA", Usage.ALLOWED)
    assert "ANNA" not in repr(reading)
    assert "X1234567" not in repr(reading)


def test_a_proof_of_testing(mint: Mint) -> None:
    signer = mint.seal_signer(types=("NT",))
    reading = read(mint.seal(mint.seal_data("icao.test"), signer=signer), mint.trust(VDS), mint.now)
    assert reading.answer is Answer.VALID
    assert (reading.statements[0].kind, reading.statements[0].result) == (StatementKind.TEST, TestResult.NOT_DETECTED)


def test_an_authority_with_rsa(mint: Mint) -> None:
    authority = rsa.generate_private_key(65537, 2048)
    csca = mint.certificate(authority, name="RSA CSCA", ca=True)
    signer = mint.seal_signer(issuer=("RSA CSCA", authority))
    trust = mint.trust(VDS, [csca_key(csca, "XXA")])
    assert read(mint.seal(signer=signer), trust, mint.now).answer is Answer.VALID


def test_white_space_and_order_do_not_matter(mint: Mint) -> None:
    whole = json.loads(mint.seal())
    shuffled = json.dumps({"sig": whole["sig"], "data": dict(reversed(whole["data"].items()))}, indent=3)
    assert read(shuffled, mint.trust(VDS), mint.now).answer is Answer.VALID


def test_a_changed_name(mint: Mint) -> None:
    altered = mint.seal().replace("EXAMPLE  ANNA", "EXAMPLE  ANNAX")
    reading = read(altered, mint.trust(VDS), mint.now)
    assert told(reading) == (Answer.BAD_SIGNATURE, Reason.SIGNATURE_WRONG)
    assert reading.holder is None


def test_chains_that_do_not_hold(mint: Mint) -> None:
    trust = mint.trust(VDS)
    stranger = ec.generate_private_key(ec.SECP256R1())
    same_name = mint.certificate(stranger, name="Example CSCA", ca=True)
    cases = (
        (mint.seal(signer=mint.certificate(mint.key)), trust, Reason.CHAIN),
        (mint.seal(signer=mint.seal_signer(issuer=("Example CSCA", stranger))), trust, Reason.CHAIN),
        (mint.seal(), mint.trust(VDS, [csca_key(same_name, "XXA")]), Reason.CHAIN),
        (mint.seal(), mint.trust(VDS, []), Reason.ISSUER_UNKNOWN),
        (mint.seal(signer=mint.seal_signer(ends=mint.now - timedelta(days=1))), trust, Reason.CHAIN),
        (mint.seal(signer=mint.seal_signer(begins=mint.now + timedelta(days=1))), trust, Reason.CHAIN),
        (
            mint.seal(),
            mint.trust(VDS, [csca_key(mint.certificate(mint.authority, name="Example CSCA"), "XXA")]),
            Reason.CHAIN,
        ),
    )
    for text, lists, reason in cases:
        assert told(read(text, lists, mint.now)) == (Answer.UNKNOWN_ISSUER, reason)
    elsewhere = mint.trust(VDS, [csca_key(mint.csca, "YYA")])
    assert told(read(mint.seal(), elsewhere, mint.now)) == (Answer.KEY_NOT_FOR_THIS, Reason.KEY_OTHER_ISSUER)


def test_what_a_signer_may_sign(mint: Mint) -> None:
    trust = mint.trust(VDS)
    for changed in ({"types": ("NT",)}, {"usages": ("1.3.6.1.5.5.7.3.1",)}):
        reading = read(mint.seal(signer=mint.seal_signer(**changed)), trust, mint.now)
        assert told(reading) == (Answer.KEY_NOT_FOR_THIS, Reason.KEY_USAGE)
    plain = read(mint.seal(signer=mint.seal_signer(types=(), usages=())), trust, mint.now)
    assert (plain.answer, plain.usage) == (Answer.VALID, Usage.UNRESTRICTED)


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (("hdr", "t"), "icao.visa", Answer.UNSUPPORTED),
        (("hdr", "v"), 2, Answer.UNSUPPORTED),
        (("hdr", "v"), True, Answer.UNSUPPORTED),
        (("hdr", "is"), "xxa", Answer.MALFORMED),
        (("hdr",), [], Answer.MALFORMED),
        (("msg",), None, Answer.MALFORMED),
        (("msg", "uvci"), 7, Answer.MALFORMED),
        (("msg", "pid", "n"), "", Answer.MALFORMED),
        (("msg", "pid"), {"n": "X"}, Answer.MALFORMED),
        (("msg", "pid", "dob"), "1979-02-30", Answer.MALFORMED),
        (("msg", "ve"), [], Answer.MALFORMED),
        (("msg", "ve", 0, "vd", 0, "seq"), 0, Answer.MALFORMED),
        (("msg", "ve", 0, "vd", 0, "dvc"), "2026-12-24", Answer.NOT_YET_VALID),
        (("msg", "weight"), 1.5e-7, Answer.VALID),
        (("msg", "weight"), 2**70, Answer.MALFORMED),
    ],
)
def test_content(mint: Mint, path: tuple[str | int, ...], value: object, expected: object) -> None:
    data = copy.deepcopy(mint.seal_data())
    place = data
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    huge = value == 2**70  # our own signing refuses it too
    text = mint.seal().replace('"uvci"', f'"weight": {value}, "uvci"') if huge else mint.seal(data)
    assert read(text, mint.trust(VDS), mint.now).answer is expected


@pytest.mark.parametrize(
    ("seal", "expected"),
    [
        ({"alg": "RS256"}, Answer.UNSUPPORTED),
        ({"alg": "ES384"}, Answer.BAD_SIGNATURE),
        ({"sigvl": "AAAA"}, Answer.BAD_SIGNATURE),
        ({"sigvl": "*"}, Answer.MALFORMED),
        ({"sigvl": None}, Answer.MALFORMED),
        ({"cer": "AAAA"}, Answer.MALFORMED),
        ({"cer": 7}, Answer.MALFORMED),
    ],
)
def test_seals(mint: Mint, seal: dict[str, object], expected: object) -> None:
    assert read(mint.seal(**seal), mint.trust(VDS), mint.now).answer is expected


def test_other_json(mint: Mint) -> None:
    trust = mint.trust(VDS)
    for text in ('{"isThisAVDS": false}', "{}", "[]", "7"):
        assert read(text, trust, mint.now).answer is Answer.NOT_A_CERTIFICATE
    for text in (
        '{"data": 1, "sig": 2}',
        '{"data": {}, "sig": {}}',
        '{"data": {"hdr": {}}, "sig": {}',
        '{"data": NaN, "sig": {}}',
    ):
        assert read(text, trust, mint.now).answer is Answer.MALFORMED
    deep = '{"data": ' + "[" * 3000 + "]" * 3000 + ', "sig": {}}'
    assert read(deep, trust, mint.now).answer in {Answer.MALFORMED, Answer.TOO_LARGE}
    assert read(mint.seal() + " " * 9000, trust, mint.now).answer is Answer.TOO_LARGE


def test_revoked(mint: Mint) -> None:
    trust = mint.trust(VDS, revoked=[Revocation(identifier=digest("V0001"))])
    assert read(mint.seal(), trust, mint.now).answer is Answer.REVOKED


# RFC 8785 -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [  # appendix B of the RFC, and edges
        (0.0, "0"),
        (-0.0, "0"),
        (5e-324, "5e-324"),
        (-5e-324, "-5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (9007199254740992.0, "9007199254740992"),
        (295147905179352830000.0, "295147905179352830000"),
        (9.999999999999997e22, "9.999999999999997e+22"),
        (1e23, "1e+23"),
        (1.0000000000000001e23, "1.0000000000000001e+23"),
        (999999999999999700000.0, "999999999999999700000"),
        (1e21, "1e+21"),
        (9.999999999999997e-7, "9.999999999999997e-7"),
        (0.000001, "0.000001"),
        (333333333.3333332, "333333333.3333332"),
        (-0.0000033333333333333333, "-0.0000033333333333333333"),
        (1424953923781206.2, "1424953923781206.2"),
        (4.5, "4.5"),
        (100.0, "100"),
        (0.1, "0.1"),
    ],
)
def test_numbers_as_ecmascript_writes_them(value: float, text: str) -> None:
    assert number(value) == text
    assert float(text) == value


def test_what_no_double_is() -> None:
    for value in (float("nan"), float("inf"), 2**53 + 1, "\ud800"):
        with pytest.raises(ValueError, match=r"\w"):
            canonical([value])


def test_keys_are_sorted_by_utf16() -> None:
    value = {"€": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\u0080": 6, "ö": 7}
    # The RFC's own example, section 3.2.3: the smiley comes before the Hebrew letter.
    expected = '{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"\U0001f600":5,"\ufb33":3}'
    assert canonical(value) == expected.encode()


def test_strings_and_literals() -> None:
    assert canonical([None, True, False, 'a"\\\n\x01/', []]) == b'[null,true,false,"a\\"\\\\\\n\\u0001/",[]]'
