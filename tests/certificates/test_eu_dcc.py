import hashlib
import zlib
from datetime import timedelta
from typing import Any

import base45
import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from kiosk.certificates.answers import CertificateAnswer as Answer
from kiosk.certificates.answers import Reading, Reason, StatementKind, TestResult, Usage
from kiosk.certificates.reader import read
from kiosk.certificates.trust import dcc_key, digest
from kiosk.wire.trust import Revocation, Scheme, TrustedKey
from tests.certificates.mint import Mint

DCC = Scheme.EU_DCC


def told(reading: Reading) -> tuple[Answer, Reason]:
    return reading.answer, reading.reason


def test_a_good_one_is_read(mint: Mint) -> None:
    reading = read(mint.dcc(), mint.trust(DCC), mint.now)
    assert told(reading) == (Answer.VALID, Reason.NONE)
    assert (reading.holder.name, reading.holder.born) == ("Müller Anna", "1979-04-14")
    assert reading.holder.transliterated == "MUELLER<<ANNA"
    (dose,) = reading.statements
    assert (dose.kind, dose.on.isoformat(), dose.dose) == (StatementKind.VACCINATION, "2026-01-10", (2, 2))
    assert reading.usage is Usage.UNRESTRICTED
    assert reading.list_version == 1
    assert reading.list_age == timedelta(days=2)


def test_no_name_in_a_log(mint: Mint) -> None:
    reading = read(mint.dcc(), mint.trust(DCC), mint.now)
    assert "Müller" not in repr(reading)
    assert "1979" not in repr(reading)
    assert reading.holder.masked.startswith("M")


@pytest.mark.parametrize("tags", [(), (18,), (18, 61)])
def test_tags_may_be_there_or_not(mint: Mint, tags: tuple[int, ...]) -> None:
    assert read(mint.dcc(tags=tags), mint.trust(DCC), mint.now).answer is Answer.VALID


@pytest.mark.parametrize("tags", [(17,), (61,), (18, 18), (61, 18), (98,)])
def test_another_tag_is_not_taken(mint: Mint, tags: tuple[int, ...]) -> None:
    expected = Answer.VALID if tags == (61,) else Answer.UNSUPPORTED
    assert read(mint.dcc(tags=tags), mint.trust(DCC), mint.now).answer is expected


def test_the_protected_key_identifier_counts_first(mint: Mint) -> None:
    kid = hashlib.sha256(mint.signer).digest()[:8]
    trust = mint.trust(DCC)
    for protected, unprotected, expected in (
        ({1: -7, 4: kid}, {4: b"wrong678"}, Answer.VALID),
        ({1: -7}, {4: kid}, Answer.VALID),
        ({1: -7, 4: b"wrong678"}, {4: kid}, Answer.UNKNOWN_ISSUER),
        ({1: -7}, {4: b"wrong678"}, Answer.UNKNOWN_ISSUER),
        ({1: -7}, {}, Answer.MALFORMED),
        ({4: kid}, {}, Answer.MALFORMED),
        ({1: -7, 4: "text"}, {}, Answer.MALFORMED),
    ):
        assert read(mint.dcc(protected=protected, unprotected=unprotected), trust, mint.now).answer is expected


def test_only_the_key_of_that_identifier_is_tried(mint: Mint) -> None:
    other = ec.generate_private_key(ec.SECP256R1())
    keys = [*mint.keys(DCC), dcc_key(mint.certificate(other, name="Other"), "FR")]
    reading = read(mint.dcc(key=other), mint.trust(DCC, keys), mint.now)
    assert told(reading) == (Answer.BAD_SIGNATURE, Reason.SIGNATURE_WRONG)
    assert reading.holder is None


def test_two_keys_may_share_an_identifier(mint: Mint) -> None:
    other = ec.generate_private_key(ec.SECP256R1())
    kid = mint.keys(DCC)[0].kid
    twin = TrustedKey(kid=kid, issuer="FR", certificate=mint.certificate(other, name="Other"))
    trust = mint.trust(DCC, [twin, *mint.keys(DCC)])
    assert read(mint.dcc(), trust, mint.now).answer is Answer.VALID
    assert read(mint.dcc(key=other), trust, mint.now).answer is Answer.VALID


@pytest.mark.parametrize("bits", [2048, 3072])
def test_rsa(mint: Mint, bits: int) -> None:
    key = rsa.generate_private_key(65537, bits)
    signer = mint.certificate(key)
    kid = hashlib.sha256(signer).digest()[:8]
    trust = mint.trust(DCC, [dcc_key(signer, "DE")])
    assert read(mint.dcc(key=key, protected={1: -37, 4: kid}), trust, mint.now).answer is Answer.VALID
    for algorithm, expected in ((-7, Answer.KEY_NOT_FOR_THIS), (-257, Answer.UNSUPPORTED)):
        forged = mint.dcc(key=key, protected={1: algorithm, 4: kid})
        assert read(forged, trust, mint.now).answer is expected


def test_es256_on_a_larger_curve(mint: Mint) -> None:
    key = ec.generate_private_key(ec.SECP384R1())
    signer = mint.certificate(key)
    text = mint.dcc(key=key, protected={1: -7, 4: hashlib.sha256(signer).digest()[:8]})
    assert read(text, mint.trust(DCC, [dcc_key(signer, "ES")]), mint.now).answer is Answer.VALID


def test_expiry_and_not_before_at_their_edges(mint: Mint) -> None:
    trust, second = mint.trust(DCC), timedelta(seconds=1)
    at = int(mint.now.timestamp())
    for claims, moment, expected in (
        ({4: at}, mint.now, Answer.VALID),
        ({4: at}, mint.now + second, Answer.EXPIRED),
        ({6: at}, mint.now, Answer.VALID),
        ({6: at}, mint.now - second, Answer.NOT_YET_VALID),
        ({5: at + 60}, mint.now, Answer.NOT_YET_VALID),
        ({4: None}, mint.now, Answer.VALID),
        ({4: float(at) + 0.5}, mint.now, Answer.VALID),
        ({4: at * 1000}, mint.now, Answer.MALFORMED),
        ({4: "2027-01-01"}, mint.now, Answer.MALFORMED),
        ({4: float("nan")}, mint.now, Answer.MALFORMED),
        ({4: True}, mint.now, Answer.MALFORMED),
        ({6: -(2**80)}, mint.now, Answer.MALFORMED),
    ):
        assert read(mint.dcc(claims=claims), trust, moment).answer is expected, claims


@pytest.mark.parametrize("arc", ["1.3.6.1.4.1.1847.2021.1.", "1.3.6.1.4.1.0.1847.2021.1."])
def test_key_usage(mint: Mint, arc: str) -> None:
    for number, content, expected in (
        ("2", {"v": [mint.dose]}, Usage.ALLOWED),
        ("1", {"v": [mint.dose]}, None),
        ("3", {"t": [mint.test]}, None),
        ("1", {"t": [mint.test]}, Usage.ALLOWED),
    ):
        signer = mint.certificate(mint.key, usages=(arc + number,))
        protected = {1: -7, 4: hashlib.sha256(signer).digest()[:8]}
        text = mint.dcc(content={"ver": "1.3.0", "nam": mint.person, "dob": "1979", **content}, protected=protected)
        reading = read(text, mint.trust(DCC, [dcc_key(signer, "DE")]), mint.now)
        if expected is None:
            assert told(reading) == (Answer.KEY_NOT_FOR_THIS, Reason.KEY_USAGE)
            assert reading.holder is None
        else:
            assert (reading.answer, reading.usage) == (Answer.VALID, expected)


def test_without_a_certificate_the_usage_cannot_be_checked(mint: Mint) -> None:
    spki = mint.card_key().public_key
    trust = mint.trust(DCC, [TrustedKey(kid=mint.keys(DCC)[0].kid, issuer="DE", public_key=spki)])
    reading = read(mint.dcc(), trust, mint.now)
    assert (reading.answer, reading.usage) == (Answer.VALID, Usage.CANNOT_CHECK)


def content(mint: Mint, **changed: Any) -> dict[str, Any]:
    whole = {"ver": "1.3.0", "nam": mint.person, "dob": "1979-04-14", "v": [mint.dose]} | changed
    return {name: value for name, value in whole.items() if value is not ...}


@pytest.mark.parametrize(
    "changed",
    [
        {"ver": ...},
        {"ver": 1.3},
        {"nam": "Anna"},
        {"nam": {"fn": "Müller"}},
        {"nam": {"fnt": "müller"}},
        {"nam": {"fnt": "M", "gn": "😀😃"}},
        {"nam": {"fnt": "M" * 81}},
        {"dob": ...},
        {"dob": "14.04.1979"},
        {"dob": "1879-04-14"},
        {"dob": "1979-02-30"},
        {"dob": "1979-13"},
        {"dob": "2030-01-01"},
        {"v": ...},
        {"v": []},
        {"v": {}},
        {"v": [7]},
        {"v": ..., "t": ["x"]},
        {"t": [{}]},
    ],
)
def test_content_of_another_form_is_malformed(mint: Mint, changed: dict[str, object]) -> None:
    reading = read(mint.dcc(content=content(mint, **changed)), mint.trust(DCC), mint.now)
    assert told(reading) == (Answer.MALFORMED, Reason.SCHEMA)


@pytest.mark.parametrize("field", ["tg", "vp", "mp", "ma", "dn", "sd", "dt", "co", "is", "ci"])
@pytest.mark.parametrize("value", [..., 7.5, b"x", None])
def test_each_field_of_a_dose_is_needed_and_typed(mint: Mint, field: str, value: object) -> None:
    dose = {**mint.dose, field: value}
    if value is ...:
        del dose[field]
    assert read(mint.dcc(content=content(mint, v=[dose])), mint.trust(DCC), mint.now).reason is Reason.SCHEMA


@pytest.mark.parametrize(
    ("born", "known"), [("1979", "1979"), ("1979-04", "1979-04"), ("1979-00-00", "1979"), ("1979-XX", "1979"), ("", "")]
)
def test_a_date_of_birth_may_be_known_in_part(mint: Mint, born: str, known: str) -> None:
    assert read(mint.dcc(content=content(mint, dob=born)), mint.trust(DCC), mint.now).holder.born == known


def test_an_unknown_code_is_told(mint: Mint) -> None:
    dose = {**mint.dose, "co": "XY", "ma": "ORG-99999999"}
    reading = read(mint.dcc(content=content(mint, v=[dose])), mint.trust(DCC), mint.now)
    assert reading.statements[0].unknown_codes == ("ma", "co")
    sets = {"ma": ["ORG-99999999"], "co": ["XY"]}
    reading = read(mint.dcc(content=content(mint, v=[dose])), mint.trust(DCC, value_sets=sets), mint.now)
    assert reading.statements[0].unknown_codes == ()


def test_a_test_and_its_result(mint: Mint) -> None:
    for code, expected in (
        ("260415000", TestResult.NOT_DETECTED),
        ("260373001", TestResult.DETECTED),
        ("x", TestResult.UNKNOWN),
    ):
        text = mint.dcc(content=content(mint, v=..., t=[{**mint.test, "tr": code}]))
        (test,) = read(text, mint.trust(DCC), mint.now).statements
        assert (test.kind, test.result) == (StatementKind.TEST, expected)


def test_a_recovery_has_days_of_its_own(mint: Mint) -> None:
    recovery = {
        "tg": "840539006",
        "fr": "2026-01-01",
        "co": "DE",
        "is": "I",
        "df": "2026-01-12",
        "du": "2026-02-20",
        "ci": "U",
    }
    text = mint.dcc(content=content(mint, v=..., r=[recovery]))
    trust = mint.trust(DCC)
    assert told(read(text, trust, mint.now)) == (Answer.EXPIRED, Reason.STATEMENT_PAST)
    assert read(text, trust, mint.now - timedelta(days=10)).answer is Answer.VALID
    early = mint.dcc(content=content(mint, v=..., r=[{**recovery, "df": "2026-03-20", "du": "2026-07-01"}]))
    assert told(read(early, trust, mint.now)) == (Answer.NOT_YET_VALID, Reason.STATEMENT_FUTURE)


def test_a_dose_in_the_future(mint: Mint) -> None:
    text = mint.dcc(content=content(mint, v=[{**mint.dose, "dt": "2026-03-04"}]))
    assert told(read(text, mint.trust(DCC), mint.now)) == (Answer.NOT_YET_VALID, Reason.STATEMENT_FUTURE)


def test_revoked_by_identifier_country_signature_or_signer(mint: Mint) -> None:
    text = mint.dcc()
    token = zlib.decompress(base45.b45decode(text[4:]))
    signature = cbor2.loads(token).value[3]
    names = [
        digest(mint.dose["ci"]),
        digest("DE", mint.dose["ci"]),
        digest(signature[:32]),
        f"signer:{hashlib.sha256(mint.signer).hexdigest()}",
    ]
    for name in names:
        trust = mint.trust(DCC, revoked=[Revocation(identifier=name)])
        assert told(read(text, trust, mint.now)) == (Answer.REVOKED, Reason.LISTED)
    before = Revocation(identifier=names[3], before=mint.now - timedelta(days=60))
    assert read(text, mint.trust(DCC, revoked=[before]), mint.now).answer is Answer.VALID


def test_signed_but_something_else(mint: Mint) -> None:
    text = mint.dcc(claims={-260: None})
    assert read(text, mint.trust(DCC), mint.now).answer is Answer.WRONG_TYPE


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("HC2:6BF", (Answer.UNSUPPORTED, Reason.VERSION)),
        ("HL1:6BF", (Answer.UNSUPPORTED, Reason.VERSION)),
        ("HC1:", (Answer.MALFORMED, Reason.NOT_COMPRESSED)),
        ("HC1:abc", (Answer.MALFORMED, Reason.DAMAGED)),
        ("HC1:::::", (Answer.MALFORMED, Reason.DAMAGED)),
        ("HC1:" + base45.b45encode(b"not compressed").decode(), (Answer.MALFORMED, Reason.NOT_COMPRESSED)),
        ("HC1:" + base45.b45encode(zlib.compress(b"\xa0")).decode(), (Answer.MALFORMED, Reason.NOT_SIGNED)),
        ("HC1:" + base45.b45encode(zlib.compress(b"\xff")).decode(), (Answer.MALFORMED, Reason.DAMAGED)),
        ("HC1:" + base45.b45encode(zlib.compress(b"\x81" * 4000)).decode(), (Answer.MALFORMED, Reason.DAMAGED)),
    ],
)
def test_damage(mint: Mint, text: str, expected: tuple[Answer, Reason]) -> None:
    assert told(read(text, mint.trust(DCC), mint.now)) == expected


def test_a_decompression_bomb_is_refused(mint: Mint) -> None:
    bomb = zlib.compress(bytes(50_000_000), 9)
    reading = read("HC1:" + base45.b45encode(bomb[:4000]).decode(), mint.trust(DCC), mint.now)
    assert told(reading) == (Answer.TOO_LARGE, Reason.UNPACKED_SIZE)
