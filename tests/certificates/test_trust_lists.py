from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.certificates.answers import Advice, Reason
from kiosk.certificates.answers import CertificateAnswer as Answer
from kiosk.certificates.reader import read
from kiosk.certificates.trust import Freshness, Trust, TrustList, TrustProblem, TrustRefused, dcc_key, sign_list
from kiosk.wire import codes
from kiosk.wire.fleet import Signed
from kiosk.wire.signed import sign
from kiosk.wire.trust import Scheme
from tests.certificates.mint import Mint

DCC = Scheme.EU_DCC


def problem(data: bytes, key: bytes, now: datetime, **seen: Any) -> TrustProblem:
    with pytest.raises(TrustRefused) as refused:
        TrustList.load(data, key, now, **seen)
    return refused.value.problem


def test_changed_or_signed_by_another(mint: Mint) -> None:
    data = mint.signed(DCC, mint.keys(DCC))
    stranger = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    assert problem(data, stranger, mint.now) is TrustProblem.BAD_SIGNATURE
    assert problem(data, b"", mint.now) is TrustProblem.BAD_SIGNATURE
    signed = msgspec.json.decode(data, type=Signed)
    for changed in (
        msgspec.structs.replace(signed, version=2),
        msgspec.structs.replace(signed, body=signed.body.replace(b'"DE"', b'"FR"')),
        msgspec.structs.replace(signed, kind="trust_vds_nc"),
    ):
        assert problem(msgspec.json.encode(changed), mint.hub_key, mint.now) is TrustProblem.BAD_SIGNATURE


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"\xff", b"null", b"[" * 100_000, b'{"kind": 1}'])
def test_damage(mint: Mint, data: bytes) -> None:
    assert problem(data, mint.hub_key, mint.now) is TrustProblem.MALFORMED


def test_something_else_that_the_hub_signed(mint: Mint) -> None:
    rules = msgspec.json.encode(sign("rules", 1, b"{}", mint.hub))
    assert problem(rules, mint.hub_key, mint.now) is TrustProblem.WRONG_KIND
    body = mint.body(DCC, [])
    other = msgspec.json.encode(sign("trust_vds_nc", 1, msgspec.json.encode(body), mint.hub))
    assert problem(other, mint.hub_key, mint.now) is TrustProblem.WRONG_KIND
    empty = msgspec.json.encode(sign("trust_eu_dcc", 1, b"{}", mint.hub))
    assert problem(empty, mint.hub_key, mint.now) is TrustProblem.MALFORMED
    assert problem(b" " * (7 << 20), mint.hub_key, mint.now) is TrustProblem.TOO_LARGE
    dates = mint.signed(DCC, [], next_update=mint.now + timedelta(days=99))
    assert problem(dates, mint.hub_key, mint.now) is TrustProblem.MALFORMED


def test_an_older_edition_is_refused(mint: Mint) -> None:
    old, new = (mint.signed(DCC, mint.keys(DCC), version) for version in (4, 5))
    assert problem(old, mint.hub_key, mint.now, seen=5) is TrustProblem.ROLLED_BACK
    trust = Trust(own_key=mint.hub_key).take(new, mint.now)
    with pytest.raises(TrustRefused) as refused:
        trust.take(old, mint.now)
    assert refused.value.problem is TrustProblem.ROLLED_BACK
    assert trust.take(new, mint.now).lists[DCC].version == 5


def test_an_edition_for_later(mint: Mint) -> None:
    data = mint.signed(DCC, [], not_before=mint.now + timedelta(seconds=1))
    assert problem(data, mint.hub_key, mint.now) is TrustProblem.NOT_YET_IN_FORCE
    assert TrustList.load(data, mint.hub_key, mint.now + timedelta(seconds=1)).version == 1


def test_an_overdue_list_says_so_and_still_shows(mint: Mint) -> None:
    trust, text = mint.trust(DCC), mint.dcc()
    later = mint.now + timedelta(days=6)
    reading = read(text, trust, later)
    assert (reading.answer, reading.reason) == (Answer.STALE_LIST, Reason.LIST_OVERDUE)
    assert reading.list_age == timedelta(days=8)
    assert reading.holder is not None
    assert reading.advice is Advice.ASK_STAFF
    assert trust.lists[DCC].freshness(later) is Freshness.OVERDUE


def test_an_expired_list_vouches_for_nothing(mint: Mint) -> None:
    trust = mint.trust(DCC)
    later = mint.now + timedelta(days=31)
    reading = read(mint.dcc(), trust, later)
    assert (reading.answer, reading.reason) == (Answer.STALE_LIST, Reason.LIST_EXPIRED)
    assert reading.holder is None
    assert reading.statements == ()
    assert read("HC1:damaged", trust, later).answer is Answer.MALFORMED
    stranger = mint.dcc(protected={1: -7, 4: b"unknown!"})
    assert read(stranger, trust, later).answer is Answer.STALE_LIST
    assert read(stranger, trust, mint.now).answer is Answer.UNKNOWN_ISSUER


def test_without_a_list_nothing_is_said(mint: Mint) -> None:
    for text in (mint.dcc(), mint.seal(), *mint.numeric(mint.jws())):
        assert read(text, Trust(), mint.now).answer is Answer.NO_LIST


def test_roll_over_of_keys(mint: Mint) -> None:
    import hashlib

    new_key = ec.generate_private_key(ec.SECP256R1())
    new_signer = mint.certificate(new_key, name="New")
    new_kid = hashlib.sha256(new_signer).digest()[:8]
    old = msgspec.structs.replace(mint.keys(DCC)[0], expires=mint.now + timedelta(days=2))
    new = msgspec.structs.replace(dcc_key(new_signer, "DE"), not_before=mint.now + timedelta(days=1))
    trust = mint.trust(DCC, [old, new])
    with_old, with_new = mint.dcc(), mint.dcc(key=new_key, protected={1: -7, 4: new_kid})
    for hours, first, second in (
        (0, Reason.NONE, Reason.KEY_NOT_YET),
        (24, Reason.NONE, Reason.NONE),
        (47, Reason.NONE, Reason.NONE),
        (48, Reason.KEY_RETIRED, Reason.NONE),
    ):
        moment = mint.now + timedelta(hours=hours)
        assert (read(with_old, trust, moment).reason, read(with_new, trust, moment).reason) == (first, second)


def test_a_useless_entry_does_not_spoil_the_list(mint: Mint) -> None:
    useless = dcc_key(b"no certificate", "FR")
    trust = mint.trust(DCC, [useless, *mint.keys(DCC)])
    assert trust.lists[DCC].unusable == (useless.kid,)
    assert read(mint.dcc(), trust, mint.now).answer is Answer.VALID


def test_our_own_codes(mint: Mint) -> None:
    claims = codes.CodeClaims(
        code_id="A1", hall="hall-1", not_before=mint.now, expires=mint.now + timedelta(hours=1), companions=2
    )
    text = codes.issue(claims, mint.hub)
    trust = Trust(own_key=mint.hub_key)
    reading = read(text + "\r\n", trust, mint.now)
    assert (reading.answer, reading.scheme, reading.code) == (Answer.VALID, Scheme.OWN_CODE, claims)
    assert read(text, trust, mint.now + timedelta(hours=1)).answer is Answer.EXPIRED
    assert read(text, trust, mint.now - timedelta(seconds=1)).answer is Answer.NOT_YET_VALID
    assert read(codes.issue(claims, Ed25519PrivateKey.generate()), trust, mint.now).answer is Answer.BAD_SIGNATURE
    assert read(text[:-4], trust, mint.now).answer is Answer.MALFORMED
    assert read(text, Trust(), mint.now).answer is Answer.NO_LIST


def test_sign_list_is_what_load_takes(mint: Mint) -> None:
    body = mint.body(Scheme.VDS_NC, mint.keys(Scheme.VDS_NC))
    assert TrustList.load(sign_list(body, 7, mint.hub), mint.hub_key, mint.now).body == body
