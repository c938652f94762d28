"""HTTP as bytes, against the examples of RFC 7616, RFC 2617 and RFC 9112."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.errors import BadFrame
from drivers.transport import http_wire
from drivers.transport.http_wire import Part

# the example of RFC 9110, section 3.9
ANSWER = (
    b"HTTP/1.1 200 OK\r\nDate: Mon, 27 Jul 2009 12:28:53 GMT\r\nServer: Apache\r\nContent-Length: 51\r\n"
    b"Vary: Accept-Encoding\r\nContent-Type: text/plain\r\n\r\nHello World! My content includes a trailing CRLF.\r\n"
)
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"4\r\nWiki\r\n6;x=y\r\npedia \r\nE\r\nin \r\n\r\nchunks.\r\n0\r\n\r\n"
)
STREAM = (
    b"noise--next\r\nContent-Type: image/jpeg\r\nContent-Length: 6\r\n\r\n--next\r\n"
    b"--next\r\nContent-Type: text/plain\r\n\r\nno length\r\n--next\r\nContent-Length: 2\r\n\r\nab\r\n"
)


def test_an_answer() -> None:
    found = http_wire.find_response(b"\x00noise" + ANSWER)
    assert found is not None
    assert (found.status, found.headers["server"]) == (200, "Apache")
    assert found.body == b"Hello World! My content includes a trailing CRLF.\r\n"
    assert [http_wire.find_response(ANSWER[:cut]) for cut in range(len(ANSWER))] == [None] * len(ANSWER)


def test_an_answer_in_chunks() -> None:
    found = http_wire.find_response(CHUNKED)
    assert found is not None
    assert found.body == b"Wikipedia in \r\n\r\nchunks."
    assert [http_wire.find_response(CHUNKED[:cut]) for cut in range(len(CHUNKED) - 2)] == [None] * (len(CHUNKED) - 2)


@pytest.mark.parametrize(
    "broken",
    [
        b"x" * 20_000,
        b"HTTP/1.1 200 OK\r\n" + b"X: " + b"x" * 20_000,
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabXX",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFF\r\n",
    ],
)
def test_what_becomes_no_answer(broken: bytes) -> None:
    with pytest.raises(BadFrame):
        http_wire.find_response(broken)


def test_a_request_is_taken_off_with_its_body() -> None:
    sent = http_wire.request("POST", "/iclock/cdata?SN=A%201&table=rtlog", "hall", {"X-Y": "1"}, b"body") + b"GET "
    found = http_wire.find_request(sent)
    assert found is not None
    request, rest = found
    assert (request.method, request.path, request.query) == ("POST", "/iclock/cdata", {"SN": "A 1", "table": "rtlog"})
    assert (request.body, rest, request.headers["x-y"]) == (b"body", b"GET ", "1")
    assert all(http_wire.find_request(sent[:cut]) is None for cut in range(len(sent) - 4))


@pytest.mark.parametrize("broken", [b"BREW / HTTP/1.1\r\n\r\n", b"GET /\r\n", b"\x16\x03\x01" * 9000])
def test_what_becomes_no_request(broken: bytes) -> None:
    with pytest.raises(BadFrame):
        http_wire.find_request(broken)


def test_parts_end_where_their_length_says() -> None:
    parts, rest = http_wire.split_parts(STREAM, b"--next")
    assert [part.body for part in parts] == [b"--next", b"no length", b"ab"]
    assert parts[0].headers == {"content-type": "image/jpeg", "content-length": "6"}
    assert rest == b"\r\n"


def test_parts_at_every_cut() -> None:
    whole, _ = http_wire.split_parts(STREAM, b"--next")
    for cut in range(len(STREAM)):
        first, rest = http_wire.split_parts(STREAM[:cut], b"--next")
        second, _ = http_wire.split_parts(rest + STREAM[cut:], b"--next")
        assert first + second == whole, cut


def test_a_part_without_an_end() -> None:
    with pytest.raises(BadFrame):
        http_wire.split_parts(b"--next\r\n" + b"x" * 20_000, b"--next")
    with pytest.raises(BadFrame):
        http_wire.split_parts(b"--next\r\n\r\n" + bytes(http_wire.MOST_BODY + 1), b"--next")


@pytest.mark.parametrize(
    ("kind", "boundary"),
    [
        ("multipart/x-mixed-replace; boundary=myboundary", b"--myboundary"),
        ('multipart/x-mixed-replace;boundary="--video"', b"--video"),
        ("text/html; boundary=x", None),
        ("multipart/mixed", None),
    ],
)
def test_the_boundary(kind: str, boundary: bytes | None) -> None:
    assert http_wire.boundary_of({"content-type": kind}) == boundary


RFC_7616 = (
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={}, '
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)
RFC_7616_CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_digest_of_rfc_7616(algorithm: str, response: str) -> None:
    challenge = RFC_7616.format(algorithm)
    given = http_wire.authorisation(challenge, "GET", "/dir/index.html", ("Mufasa", "Circle of Life"), RFC_7616_CNONCE)
    assert f'response="{response}"' in given
    assert all(f in given for f in ("nc=00000001", "qop=auth,", 'opaque="FQhe/', f"algorithm={algorithm}"))


def test_digest_of_rfc_2617() -> None:
    challenge = (
        'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", '
        'opaque="5ccc069c403ebaf9f0171e9517f40e41"'
    )
    given = http_wire.authorisation(challenge, "GET", "/dir/index.html", ("Mufasa", "Circle Of Life"), "0a4f113b")
    assert 'response="6629fae49393a05397450978507c4ef1"' in given


def test_basic_of_rfc_7617() -> None:
    given = http_wire.authorisation('Basic realm="WallyWorld"', "GET", "/", ("Aladdin", "open sesame"), "")
    assert given == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="


@pytest.mark.parametrize(
    "challenge",
    ["", "Bearer", 'Digest qop="auth"', 'Digest nonce="x", qop="auth-int"', 'Digest nonce="x", algorithm=X'],
)
def test_a_challenge_that_cannot_be_answered(challenge: str) -> None:
    with pytest.raises(BadFrame):
        http_wire.authorisation(challenge, "GET", "/", ("a", "b"), "")


@given(st.binary(max_size=200), st.sampled_from([b"", b"HTTP/1.1 200 OK\r\n", b"GET / HTTP/1.1\r\n", b"--b\r\n"]))
def test_any_bytes(received: bytes, head: bytes) -> None:
    for read in (
        http_wire.find_response,
        http_wire.find_request,
        http_wire.split_chunks,
        lambda data: http_wire.split_parts(data, b"--b"),
        lambda data: http_wire.authorisation(data.decode("latin-1"), "GET", "/", ("a", "b"), "c"),
    ):
        try:
            read(head + received)
        except BadFrame:
            continue


@given(st.lists(st.binary(max_size=50), max_size=5), st.randoms(use_true_random=False))
def test_whatever_the_parts_and_wherever_they_are_cut(bodies: list[bytes], random: object) -> None:
    sent = b"".join(b"--b\r\nContent-Length: %d\r\n\r\n%b\r\n" % (len(body), body) for body in bodies)
    found: list[Part] = []
    rest = b""
    while sent:
        size = getattr(random, "randint")(1, 20)  # noqa: B009  hypothesis gives no better type
        parts, rest = http_wire.split_parts(rest + sent[:size], b"--b")
        found += parts
        sent = sent[size:]
    assert [part.body for part in found] == bodies


def test_the_bodies_of_json_stay_whole() -> None:
    body = json.dumps({"a": "--b\r\n\r\n"}).encode()
    parts, _ = http_wire.split_parts(b"--b\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body), b"--b")
    assert json.loads(parts[0].body) == {"a": "--b\r\n\r\n"}
