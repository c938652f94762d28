import itertools
import json
import zlib
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from kiosk.certificates.answers import CertificateAnswer as Answer
from kiosk.certificates.answers import Reading, Reason, StatementKind
from kiosk.certificates.reader import read, read_parts
from kiosk.certificates.shc_keys import JwkProblem, read_jwks
from kiosk.wire.trust import Revocation, Scheme, TrustedKey
from tests.certificates.mint import Mint

SHC = Scheme.SMART_HEALTH_CARD


def told(reading: Reading) -> tuple[Answer, Reason]:
    return reading.answer, reading.reason


def card(mint: Mint, **changed: Any) -> list[str]:
    return mint.numeric(mint.jws(mint.card_payload(**changed)))


def test_a_good_one_is_read(mint: Mint) -> None:
    reading = read_parts(card(mint), mint.trust(SHC), mint.now)
    assert told(reading) == (Answer.VALID, Reason.NONE)
    assert (reading.holder.name, reading.holder.born) == ("Example Anna B.", "1979-04-14")
    assert reading.statements[0].kind is StatementKind.VACCINATION
    assert reading.issuer == mint.issuer
    assert "Example A" not in repr(reading)


def long_card(mint: Mint) -> str:
    payload = mint.card_payload()
    entry = payload["vc"]["credentialSubject"]["fhirBundle"]["entry"]
    for number in range(2, 90):  # noise that does not compress makes it long
        resource = {"resourceType": "Medication", "code": {"text": f"{pow(7, 61 * number, 2**89 - 1):x}"}}
        entry.append({"fullUrl": f"resource:{number}", "resource": resource})
    return mint.jws(payload)


def test_parts_in_any_order_with_duplicates(mint: Mint) -> None:
    jws, trust = long_card(mint), mint.trust(SHC)
    codes = mint.numeric(jws, -(-len(jws) // 1191))
    assert len(codes) >= 3
    for order in itertools.islice(itertools.permutations(codes), 6):
        assert read_parts([*order, order[0]], trust, mint.now).answer is Answer.VALID
    one = read(codes[1], trust, mint.now)
    assert told(one) == (Answer.INCOMPLETE, Reason.PARTS_MISSING)
    assert one.part == (2, len(codes))
    assert one.missing == tuple(number for number in range(1, len(codes) + 1) if number != 2)
    assert read_parts(codes[:-1], trust, mint.now).missing == (len(codes),)
    damaged = [*codes[:-1], codes[-1][:-2] + "00"]
    assert read_parts(damaged, trust, mint.now).answer is not Answer.VALID


def test_parts_of_different_cards(mint: Mint) -> None:
    trust, jws = mint.trust(SHC), long_card(mint)
    count = -(-len(jws) // 1191)
    mine, other = mint.numeric(jws, count), mint.numeric(long_card(mint), count)
    mixed = read_parts([mine[-1], other[-1]], trust, mint.now)
    assert told(mixed) == (Answer.MALFORMED, Reason.PARTS_DISAGREE)
    longer = mint.numeric(jws, count + 1)
    assert read_parts([mine[0], longer[1]], trust, mint.now).reason is Reason.PARTS_DISAGREE
    assert read_parts([mine[0], mint.dcc()], trust, mint.now).reason is Reason.PARTS_DISAGREE


def test_cut_without_need(mint: Mint) -> None:
    codes = mint.numeric(mint.jws(), 3)
    assert told(read_parts(codes, mint.trust(SHC), mint.now)) == (Answer.MALFORMED, Reason.PARTS_NOT_NEEDED)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("shc:/5", (Answer.MALFORMED, Reason.DAMAGED)),
        ("shc:/78", (Answer.MALFORMED, Reason.DAMAGED)),
        ("shc:/5６", (Answer.MALFORMED, Reason.DAMAGED)),
        ("shc:/", (Answer.MALFORMED, Reason.DAMAGED)),
        ("shc:56", (Answer.MALFORMED, Reason.PART_HEADER)),
        ("SHC:/56", (Answer.MALFORMED, Reason.PART_HEADER)),
        ("shc:/1/1/56", (Answer.MALFORMED, Reason.PART_HEADER)),
        ("shc:/3/2/56", (Answer.MALFORMED, Reason.PART_HEADER)),
        ("shc:/0/2/56", (Answer.MALFORMED, Reason.DAMAGED)),
        ("shc:/1/99/56", (Answer.TOO_LARGE, Reason.SIZE)),
        ("shc:/" + "56" * 1196, (Answer.TOO_LARGE, Reason.SIZE)),
        ("shc:/1/2/" + "56" * 1192, (Answer.TOO_LARGE, Reason.SIZE)),
        (" shc:/56", (Answer.MALFORMED, Reason.STRAY_CHARACTERS)),
        ("shc:/56" * 2, (Answer.MALFORMED, Reason.PART_HEADER)),
    ],
)
def test_numeric_damage(mint: Mint, text: str, expected: object) -> None:
    assert told(read(text, mint.trust(SHC), mint.now)) == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ({"zip": None}, (Answer.MALFORMED, Reason.HEADER_MISSING)),
        ({"alg": None}, (Answer.MALFORMED, Reason.HEADER_MISSING)),
        ({"kid": None}, (Answer.MALFORMED, Reason.HEADER_MISSING)),
        ({"alg": "none"}, (Answer.UNSUPPORTED, Reason.ALGORITHM)),
        ({"alg": "HS256"}, (Answer.UNSUPPORTED, Reason.ALGORITHM)),
        ({"zip": "GZ"}, (Answer.UNSUPPORTED, Reason.VERSION)),
        ({"crit": ["x"]}, (Answer.UNSUPPORTED, Reason.VERSION)),
        ({"kid": "0" * 43}, (Answer.UNKNOWN_ISSUER, Reason.KEY_UNKNOWN)),
    ],
)
def test_headers(mint: Mint, header: dict[str, object], expected: object) -> None:
    whole = {"zip": "DEF", "alg": "ES256", "kid": mint.card_kid()} | header
    whole = {name: value for name, value in whole.items() if value is not None}
    assert told(read_parts(mint.numeric(mint.jws(header=whole)), mint.trust(SHC), mint.now)) == expected


@pytest.mark.parametrize(
    ("issuer", "expected"),
    [
        ("http://health.example/cards", (Answer.MALFORMED, Reason.ISSUER_FORM)),
        ("https://health.example/cards/", (Answer.MALFORMED, Reason.ISSUER_FORM)),
        ("https://health.example/cards?x=1", (Answer.MALFORMED, Reason.ISSUER_FORM)),
        ("https://health.example/cards#x", (Answer.MALFORMED, Reason.ISSUER_FORM)),
        (None, (Answer.MALFORMED, Reason.ISSUER_FORM)),
        (7, (Answer.MALFORMED, Reason.ISSUER_FORM)),
        ("https://health.example/cards2", (Answer.UNKNOWN_ISSUER, Reason.ISSUER_UNKNOWN)),
        ("https://Health.example/cards", (Answer.UNKNOWN_ISSUER, Reason.ISSUER_UNKNOWN)),
    ],
)
def test_issuers(mint: Mint, issuer: object, expected: object) -> None:
    assert told(read_parts(card(mint, iss=issuer), mint.trust(SHC), mint.now)) == expected


def test_a_key_counts_for_its_own_issuer_only(mint: Mint) -> None:
    other_key = ec.generate_private_key(ec.SECP256R1())
    other = read_jwks(json.dumps({"keys": [jwk(other_key)]}).encode(), "https://other.example").keys
    trust = mint.trust(SHC, [mint.card_key(), *other])
    reading = read_parts(card(mint, iss="https://other.example"), trust, mint.now)
    assert told(reading) == (Answer.KEY_NOT_FOR_THIS, Reason.KEY_OTHER_ISSUER)


def test_times(mint: Mint) -> None:
    at, second = mint.now.timestamp(), timedelta(seconds=1)
    for claims, moment, expected in (
        ({"nbf": at}, mint.now, Answer.VALID),
        ({"nbf": at}, mint.now - second, Answer.NOT_YET_VALID),
        ({"exp": at}, mint.now, Answer.EXPIRED),
        ({"exp": at}, mint.now - second, Answer.VALID),
        ({"nbf": None}, mint.now, Answer.MALFORMED),
        ({"nbf": str(at)}, mint.now, Answer.MALFORMED),
        ({"nbf": True}, mint.now, Answer.MALFORMED),
        ({"exp": at * 1000}, mint.now, Answer.MALFORMED),
        ({"nbf": (at - 86400) * 1000}, mint.now, Answer.MALFORMED),
    ):
        assert read_parts(card(mint, **claims), mint.trust(SHC), moment).answer is expected, claims


def changed(mint: Mint, path: tuple[str | int, ...], value: object) -> Reading:
    payload = mint.card_payload()
    place = payload["vc"]
    for step in path[:-1]:
        place = place[step]
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return read_parts(mint.numeric(mint.jws(payload)), mint.trust(SHC), mint.now)


BUNDLE = ("credentialSubject", "fhirBundle")
DOSE = (*BUNDLE, "entry", 1, "resource")
TYPE = "https://smarthealth.cards#"


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (("type",), [], Answer.WRONG_TYPE),
        (("type",), f"{TYPE}health-card", Answer.WRONG_TYPE),
        (("type",), [f"{TYPE}immunization", f"{TYPE}covid19"], Answer.WRONG_TYPE),
        (("type",), [f"{TYPE}health-card", f"{TYPE}immunization"], Answer.WRONG_TYPE),
        (("type",), [f"{TYPE}health-card", f"{TYPE}covid19"], Answer.WRONG_TYPE),
        (("type",), [f"{TYPE}health-card", f"{TYPE}immunization", f"{TYPE}covid19"], Answer.VALID),
        (("type",), [f"{TYPE}health-card", "VerifiableCredential"], Answer.VALID),
        (("credentialSubject", "fhirVersion"), "3.0.2", Answer.UNSUPPORTED),
        (("credentialSubject",), [], Answer.MALFORMED),
        ((*BUNDLE, "type"), "document", Answer.WRONG_TYPE),
        ((*BUNDLE, "entry"), [], Answer.MALFORMED),
        ((*BUNDLE, "entry", 1, "fullUrl"), "resource:0", Answer.MALFORMED),
        ((*BUNDLE, "entry", 0, "resource", "birthDate"), "14.04.1979", Answer.MALFORMED),
        ((*BUNDLE, "entry", 0, "resource", "name"), [], Answer.MALFORMED),
        ((*DOSE, "status"), "not-done", Answer.WRONG_TYPE),
        ((*DOSE, "status"), ..., Answer.MALFORMED),
        ((*DOSE, "lotNumber"), "", Answer.MALFORMED),
        ((*DOSE, "vaccineCode"), {"text": "x"}, Answer.MALFORMED),
        ((*DOSE, "patient"), {"reference": "resource:7"}, Answer.MALFORMED),
        ((*DOSE, "occurrenceDateTime"), "2026-02-30", Answer.MALFORMED),
        ((*DOSE, "occurrenceDateTime"), ..., Answer.MALFORMED),
        ((*DOSE, "occurrenceDateTime"), "2026-12-01", Answer.NOT_YET_VALID),
        ((*DOSE, "meta"), {"security": [{"code": "IAL2"}]}, Answer.VALID),
        ((*DOSE, "meta"), {"id": "x"}, Answer.MALFORMED),
        ((*DOSE, "resourceType"), "Medication", Answer.WRONG_TYPE),
    ],
)
def test_content(mint: Mint, path: tuple[str | int, ...], value: object, expected: object) -> None:
    assert changed(mint, path, value).answer is expected


def test_payload_damage(mint: Mint) -> None:
    trust = mint.trust(SHC)
    plain = json.dumps(mint.card_payload()).encode()
    for data in (b" " + plain, plain + b"\n", b"\xef\xbb\xbf" + plain, b"", b"[]", b"{}", plain[:-1]):
        assert read_parts(mint.numeric(mint.jws(data or b"x")), trust, mint.now).answer is Answer.MALFORMED
    twice = plain[:-1] + b',"iss":"https://evil.example"}'
    assert read_parts(mint.numeric(mint.jws(twice)), trust, mint.now).answer is Answer.MALFORMED


def test_a_decompression_bomb_is_refused(mint: Mint) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = packer.compress(b" " * 40_000_000)
    head = mint.encoded(json.dumps({"zip": "DEF", "alg": "ES256", "kid": mint.card_kid()}).encode())
    code = mint.numeric(f"{head}.{mint.encoded(bomb[:600])}.{mint.encoded(bytes(64))}")
    assert told(read_parts(code, mint.trust(SHC), mint.now)) == (Answer.TOO_LARGE, Reason.UNPACKED_SIZE)


def test_revoked(mint: Mint) -> None:
    payload = mint.card_payload()
    payload["vc"]["rid"] = "a1B2c3"
    code = mint.numeric(mint.jws(payload))
    name = f"{mint.card_kid()}.a1B2c3"
    for before, expected in (
        (None, Answer.REVOKED),
        (mint.now, Answer.REVOKED),
        (mint.now - timedelta(days=60), Answer.VALID),
    ):
        trust = mint.trust(SHC, revoked=[Revocation(identifier=name, before=before)])
        assert read_parts(code, trust, mint.now).answer is expected


def test_links_are_not_followed(mint: Mint) -> None:
    for text in ("shlink:/eyJ1cmwiOiJo", "https://viewer.example/#shlink:/eyJ1cmwiOiJo"):
        assert told(read(text, mint.trust(SHC), mint.now)) == (Answer.UNSUPPORTED, Reason.ONLINE_ONLY)


# Published keys -----------------------------------------------------------------------------------------------------


def jwk(key: Any, **changed: Any) -> dict[str, object]:
    from kiosk.certificates.shc_keys import _encoded, thumbprint

    numbers = key.public_key().public_numbers()
    x, y = numbers.x.to_bytes(32), numbers.y.to_bytes(32)
    entry = {"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "x": _encoded(x), "y": _encoded(y)}
    return entry | {"kid": thumbprint(x, y)} | changed


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"kty": "RSA"}, JwkProblem.KEY_TYPE),
        ({"crv": "P-384"}, JwkProblem.CURVE),
        ({"use": "enc"}, JwkProblem.USE),
        ({"alg": "ES256K"}, JwkProblem.ALGORITHM),
        ({"d": "x"}, JwkProblem.PRIVATE),
        ({"kid": "mine"}, JwkProblem.THUMBPRINT),
        ({"x": "AAAA"}, JwkProblem.COORDINATES),
        ({"y": None}, JwkProblem.COORDINATES),
        ({"x5c": []}, JwkProblem.CERTIFICATE),
        ({"x5c": ["AAAA"]}, JwkProblem.CERTIFICATE),
    ],
)
def test_published_keys_that_are_refused(mint: Mint, changed: dict[str, object], problem: JwkProblem) -> None:
    read_in = read_jwks(json.dumps({"keys": [jwk(mint.key), jwk(mint.key, **changed)]}).encode(), mint.issuer)
    assert [entry.kid for entry in read_in.keys] == [mint.card_kid()]
    assert [why for _, why in read_in.refused] == [problem]


def test_published_keys_are_taken(mint: Mint) -> None:
    (entry,) = read_jwks(json.dumps({"keys": [jwk(mint.key)]}).encode(), mint.issuer).keys
    assert isinstance(entry, TrustedKey)
    assert read_parts(card(mint), mint.trust(SHC, [entry]), mint.now).answer is Answer.VALID
    for data in (b"", b"[]", b"not json", b'{"keys": 7}', b"\xff"):
        assert read_jwks(data, mint.issuer).refused == (("", JwkProblem.NOT_JSON),)
    assert read_jwks(b'{"keys": [7]}', mint.issuer).refused == (("", JwkProblem.KEY_TYPE),)
