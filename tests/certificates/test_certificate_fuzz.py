"""Whatever is shown: an answer, never an exception, never VALID with other content."""

import json
import zlib

import base45
import cbor2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.certificates import cbor
from kiosk.certificates.answers import CertificateAnswer as Answer
from kiosk.certificates.answers import Reading, Reason
from kiosk.certificates.bounded import base64url
from kiosk.certificates.reader import read, read_parts
from kiosk.certificates.trust import Trust, TrustList
from kiosk.wire.trust import Scheme
from tests.certificates.mint import Mint

often = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def everything(mint: Mint) -> Trust:
    schemes = (Scheme.EU_DCC, Scheme.SMART_HEALTH_CARD, Scheme.VDS_NC)
    lists = {one: TrustList.load(mint.signed(one, mint.keys(one)), mint.hub_key, mint.now) for one in schemes}
    return Trust(lists, mint.hub_key)


@pytest.fixture(scope="module")
def originals(mint: Mint) -> dict[str, str]:
    return {"dcc": mint.dcc(), "shc": mint.numeric(mint.jws())[0], "vds": mint.seal()}


def content(reading: Reading) -> tuple[object, ...]:
    return reading.holder, reading.statements, reading.issuer


def harmless(reading: Reading, original: Reading) -> None:
    assert reading.reason is not Reason.FAULT, reading.detail
    if reading.answer is Answer.VALID:
        assert content(reading) == content(original)


@often
@given(payload=st.one_of(st.binary(max_size=200), st.text(max_size=200)))
def test_anything(everything: Trust, mint: Mint, payload: bytes | str) -> None:
    reading = read(payload, everything, mint.now)
    assert reading.reason is not Reason.FAULT, reading.detail
    assert reading.answer is not Answer.VALID


@often
@given(data=st.data())
@pytest.mark.parametrize("kind", ["dcc", "shc", "vds"])
def test_changed_characters(
    everything: Trust, originals: dict[str, str], mint: Mint, kind: str, data: st.DataObject
) -> None:
    text = originals[kind]
    original = read(text, everything, mint.now)
    assert original.answer is Answer.VALID
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text) - 1))
        new = data.draw(st.sampled_from('0123456789ABCXYZabcz $%*+-./:_"{}[],\\\n\x00é') | st.just(""))
        text = text[:at] + new + text[at + 1 :]
    harmless(read(text, everything, mint.now), original)


@often
@given(data=st.data())
@pytest.mark.parametrize("kind", ["dcc", "shc", "vds"])
def test_cut_and_doubled(
    everything: Trust, originals: dict[str, str], mint: Mint, kind: str, data: st.DataObject
) -> None:
    text = originals[kind]
    original = read(text, everything, mint.now)
    start, end = sorted(data.draw(st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))))
    for changed in (text[:start] + text[end:], text[start:end], text[:end] + text[start:]):
        if changed != text:
            harmless(read_parts([changed, changed], everything, mint.now), original)


@pytest.mark.slow
@settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_changed_bytes_of_a_token(everything: Trust, mint: Mint, data: st.DataObject) -> None:
    text = mint.dcc()
    original = read(text, everything, mint.now)
    token = bytearray(zlib.decompress(base45.b45decode(text[4:])))
    for _ in range(data.draw(st.integers(1, 4))):
        token[data.draw(st.integers(0, len(token) - 1))] = data.draw(st.integers(0, 255))
    reading = read(mint.dcc_text(bytes(token)), everything, mint.now)
    harmless(reading, original)


items = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**64), 2**64 - 1) | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text() | st.integers(0, 99), inner, max_size=4),
    max_leaves=12,
)


@often
@given(item=items, canonical=st.booleans())
def test_our_cbor_reads_what_cbor2_writes(item: cbor.Item, canonical: bool) -> None:
    assert cbor.decode(cbor2.dumps(item, canonical=canonical)) == item


@often
@given(data=st.binary(max_size=60))
def test_our_cbor_takes_nothing_that_cbor2_refuses(data: bytes) -> None:
    try:
        ours = cbor.decode(data)
    except cbor.CborError:
        return
    if "Tagged" in repr(ours) or "Simple" in repr(ours):
        return  # cbor2 interprets those
    theirs = cbor2.loads(data)
    assert repr(ours) == repr(theirs)


@pytest.mark.parametrize(
    ("data", "item"),
    [  # RFC 8949, appendix A
        ("1bffffffffffffffff", 2**64 - 1),
        ("3bffffffffffffffff", -(2**64)),
        ("f97bff", 65504.0),
        ("fb3ff199999999999a", 1.1),
        ("5f42010243030405ff", b"\x01\x02\x03\x04\x05"),
        ("7f657374726561646d696e67ff", "streaming"),
        ("9f018202039f0405ffff", [1, [2, 3], [4, 5]]),
        ("bf61610161629f0203ffff", {"a": 1, "b": [2, 3]}),
        ("c074323031332d30332d32315432303a30343a30305a", cbor.Tagged(0, "2013-03-21T20:04:00Z")),
        ("f7", cbor.Simple(23)),
        ("f8ff", cbor.Simple(255)),
    ],
)
def test_cbor_examples(data: str, item: cbor.Item) -> None:
    assert cbor.decode(bytes.fromhex(data)) == item


DAMAGED = (
    " ff 0000 18 1c 1f df 5f41 5f00ff 5f5f41ffff 7f4100ff 61ff 9f 81ff bf01ff a201000100 a1800f a1f500 f810 fc"
    f" 9b0000100000000000 5bffffffffffffffff {'c6' * 40} {'81' * 40}"
)


@pytest.mark.parametrize("data", DAMAGED.split(" "))
def test_cbor_damage(data: str) -> None:
    with pytest.raises(cbor.CborError):
        cbor.decode(bytes.fromhex(data))


@often
@given(data=st.binary(max_size=40))
def test_base64url_has_one_form(mint: Mint, data: bytes) -> None:
    text = mint.encoded(data)
    assert base64url(text) == data
    assert base64url(text + "=" * (-len(text) % 4)) == data


def test_huge_and_odd_calls(everything: Trust, mint: Mint) -> None:
    now = mint.now
    assert read(b"HC1:" + b"A" * 100_000, everything, now).answer is Answer.TOO_LARGE
    assert read("9" * 100_000, everything, now).answer is Answer.TOO_LARGE
    assert read_parts([], everything, now).answer is Answer.NOT_A_CERTIFICATE
    assert read_parts(["shc:/56"] * 65, everything, now).answer is Answer.TOO_LARGE
    assert read(b"\xff\xfe", everything, now).answer is Answer.NOT_A_CERTIFICATE
    assert read("\ud800", everything, now).answer is Answer.NOT_A_CERTIFICATE
    assert read("https://example.org/", everything, now).answer is Answer.NOT_A_CERTIFICATE
    assert read(json.dumps({"data": {"hdr": {"is": "\ud800"}}, "sig": {}}), everything, now).answer is Answer.MALFORMED
