"""Codes, signatures, digests and seals, as terminal and hub use them."""

import hashlib
import zlib
from datetime import UTC, datetime

import base45
import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.wire.codes import MAX_CODE_BYTES, PREFIX, CodeClaims, CodeProblem, CodeRefused, issue, read
from kiosk.wire.digest import person_digest
from kiosk.wire.sealing import CannotSeal, CannotUnseal, new_identity, recipient_of, seal, unseal

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
CLAIMS = CodeClaims(
    code_id="A1B2C3D4",
    hall="weinan",
    person=hashlib.sha256(b"a person").hexdigest(),
    not_before=datetime(2026, 11, 22, 1, 0, tzinfo=UTC),
    expires=datetime(2026, 11, 22, 2, 0, tzinfo=UTC),
    companions=2,
)


def problem(payload: bytes, key: bytes = PUBLIC) -> CodeProblem:
    with pytest.raises(CodeRefused) as caught:
        read(payload, key)
    return caught.value.problem


moments = st.integers(946684800, 4102444800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


@given(
    st.builds(
        CodeClaims,
        code_id=st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", min_size=1, max_size=32),
        hall=st.text(max_size=64),
        person=st.sampled_from(["", "0f" * 32]),
        not_before=moments,
        expires=moments,
        companions=st.integers(0, 20),
    )
)
@settings(max_examples=60, deadline=None)
def test_what_is_issued_is_read(claims: CodeClaims) -> None:
    text = issue(claims, KEY)
    assert read(text.encode(), PUBLIC) == claims
    assert read(text.encode() + b"\r\n", PUBLIC) == claims
    assert set(text) <= set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")  # alphanumeric mode of QR


def test_it_fits_a_small_qr_code() -> None:
    assert len(issue(CLAIMS, KEY)) < 300


def test_the_published_structure() -> None:
    """RFC 8392 and 9052 by another library: tag 18, four parts, the registered claims."""
    token = cbor2.loads(base45.b45decode(issue(CLAIMS, KEY).removeprefix(PREFIX)))
    assert token.tag == 18
    protected, _unprotected, payload, signature = token.value
    assert cbor2.loads(protected)[1] == -8
    claims = cbor2.loads(payload)
    assert (claims[3], claims[4], claims[7]) == ("weinan", 1795312800, "A1B2C3D4")
    signed = cbor2.dumps(["Signature1", protected, b"", payload])
    KEY.public_key().verify(signature, signed)


def test_forged() -> None:
    other = Ed25519PrivateKey.generate()
    assert problem(issue(CLAIMS, other).encode()) is CodeProblem.FORGED
    token = cbor2.loads(base45.b45decode(issue(CLAIMS, KEY).removeprefix(PREFIX)))
    protected, unprotected, payload, signature = token.value
    later = {**cbor2.loads(payload), 4: 4102444800}
    changed = cbor2.CBORTag(18, [protected, unprotected, cbor2.dumps(later), signature])
    assert problem(encode(cbor2.dumps(changed))) is CodeProblem.FORGED


def encode(token: bytes) -> bytes:
    return PREFIX.encode() + base45.b45encode(token)


@pytest.mark.parametrize("wrap", [lambda claims: claims, lambda claims: cbor2.CBORTag(61, claims)])
def test_unsigned_claims_are_forged(wrap: object) -> None:
    claims = {2: b"", 3: "weinan", 4: 4102444800, 5: 0, 7: "A", -70001: 0}
    assert callable(wrap)
    assert problem(encode(cbor2.dumps(wrap(claims)))) is CodeProblem.FORGED


def test_other_algorithms_are_forged() -> None:
    claims = cbor2.dumps({2: b"", 3: "weinan", 4: 4102444800, 5: 0, 7: "A", -70001: 0})
    for tag, parts in (
        (17, [cbor2.dumps({1: 5}), {}, claims, bytes(32)]),  # a MAC
        (18, [cbor2.dumps({}), {}, claims, b""]),
        (18, [cbor2.dumps({1: -8}), {}, claims, bytes(64)]),
        (18, []),
        (18, 7),
    ):
        assert problem(encode(cbor2.dumps(cbor2.CBORTag(tag, parts)))) is CodeProblem.FORGED


@pytest.mark.parametrize(
    "payload",
    [b"", b"hello", b"HC1:6BF", b"https://example.cn/", b"110101199003070011", b"KA2:ABC", b"\xff\xfe", b"KA1:" * 2000],
)
def test_something_else(payload: bytes) -> None:
    assert problem(payload) is CodeProblem.NOT_A_CODE


@pytest.mark.parametrize(
    "payload", [b"KA1:", b"KA1:abc", b"KA1:%%%", issue(CLAIMS, KEY).encode()[:-4], issue(CLAIMS, KEY).encode() + b"AAA"]
)
def test_damaged(payload: bytes) -> None:
    assert problem(payload) is CodeProblem.UNREADABLE


def test_a_bomb_is_not_unpacked() -> None:
    bomb = zlib.compress(bytes(50_000_000), 9)[:2600]
    payload = encode(bomb)
    assert len(payload) <= MAX_CODE_BYTES
    assert problem(payload) is CodeProblem.UNREADABLE


def test_compressed_tokens_are_read() -> None:
    token = base45.b45decode(issue(CLAIMS, KEY).removeprefix(PREFIX))
    assert read(encode(zlib.compress(token)), PUBLIC) == CLAIMS


@given(st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_garbage_has_a_problem_and_nothing_else(garbage: bytes) -> None:
    assert isinstance(problem(garbage), CodeProblem)
    assert isinstance(problem(encode(garbage)), CodeProblem)


@given(st.integers(0, 250), st.integers(1, 255))
@settings(max_examples=100, deadline=None)
def test_any_changed_byte_is_refused(place: int, by: int) -> None:
    token = bytearray(base45.b45decode(issue(CLAIMS, KEY).removeprefix(PREFIX)))
    token[place % len(token)] ^= by
    with pytest.raises(CodeRefused):
        read(encode(bytes(token)), PUBLIC)


def test_digest_of_a_person() -> None:
    key, other = bytes(32), bytes([1]) * 32
    # printf 110101199003070011 | openssl dgst -sha256 -mac HMAC -macopt hexkey:(64 zeros)
    assert (
        person_digest("110101199003070011", key) == "ca3affebf2ac3dc285e82d54eea7bf1e51f45dd25ce45b4ba50ef72f9c1888df"
    )
    assert person_digest("11010119900307002x", key) == person_digest(" 11010119900307002X ", key)
    assert person_digest("110101199003070011", key) != person_digest("110101199003070011", other)
    with pytest.raises(ValueError, match="32 bytes"):
        person_digest("110101199003070011", b"short")


def test_seals() -> None:
    identity, recipient = new_identity()
    assert recipient_of(identity) == recipient
    sealed = seal("王小明".encode(), recipient)
    assert "王小明".encode() not in sealed
    assert unseal(sealed, identity) == "王小明".encode()
    for wrong in (sealed[:-1], bytes(len(sealed)), b""):
        with pytest.raises(CannotUnseal):
            unseal(wrong, identity)
    with pytest.raises(CannotUnseal):
        unseal(sealed, new_identity()[0])
    with pytest.raises(CannotSeal):
        seal(b"x", "age1nonsense")
