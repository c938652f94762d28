"""HTTP/1.1 as bytes: requests, answers, chunks, multipart streams, and the two ways to prove who asks.

Pure functions. RFC 9112 (messages), RFC 7616 (Digest), RFC 7617 (Basic), RFC 2046 (multipart).
"""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from drivers.errors import BadFrame

MOST_HEAD: Final = 16384
"""Bytes of a head, of a message or a part, after which it is none."""
MOST_BODY: Final = 8 << 20
"""Bytes of one body; the picture of a 4K camera has 2 MB."""

_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5]\d\d)(?: [^\r\n]*)?\r\n")
_REQUEST = re.compile(rb"(GET|POST|PUT|HEAD) (\S{1,2000}) HTTP/1\.[01]\r\n")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})(?:;[^\r\n]*)?\r\n")
_CHALLENGE = re.compile(r"(\w+)=(?:\"((?:[^\"\\]|\\.)*)\"|([^\s,]+))")


@dataclass(frozen=True, slots=True)
class Response:
    """An answer. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Request:
    """A question. Names of headers are in lower case; of a query given twice, the last counts."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a multipart stream. Names of headers are in lower case."""

    headers: Mapping[str, str]
    body: bytes


def request(method: str, path: str, host: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    """Write a request, after whose answer the connection ends."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body or method in {"POST", "PUT"}:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def _headers(lines: bytes) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines.split(b"\r\n"):
        name, colon, value = line.partition(b":")
        if colon:
            found[name.strip().decode("latin-1").lower()] = value.strip().decode("latin-1")
    return found


def find_head(received: bytes) -> tuple[int, dict[str, str], int] | None:
    """Find the head of an answer, skipping what stands before it.

    Returns:
        Status, headers, and where the body begins; None while more bytes are needed.

    Raises:
        BadFrame: this does not become one.
    """
    start = _STATUS.search(received)
    if start is None:
        if len(received) > MOST_HEAD or received.startswith(b"RTSP/"):
            raise BadFrame("no answer of a web server", received)
        return None
    end = received.find(b"\r\n\r\n", start.end() - 2)
    if end < 0:
        if len(received) - start.start() > MOST_HEAD:
            raise BadFrame("a head without an end", received)
        return None
    return int(start[1]), _headers(received[start.end() : end]), end + 4


def _length(headers: Mapping[str, str], frame: bytes) -> int | None:
    text = headers.get("content-length")
    if text is None:
        return None
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII) or int(text) > MOST_BODY:
        raise BadFrame("no length of a body", frame)
    return int(text)


def find_response(received: bytes) -> Response | None:
    """Find a whole answer whose length is known.

    Returns:
        None while more bytes are needed. An answer without a length is whole with its head: the devices that leave
        the length away have no body to send.

    Raises:
        BadFrame: this does not become one.
    """
    head = find_head(received)
    if head is None:
        return None
    status, headers, start = head
    if "chunked" in headers.get("transfer-encoding", "").lower():
        data, _, ended = split_chunks(received[start:])
        return Response(status, headers, data) if ended else None
    length = _length(headers, received) or 0
    if len(received) < start + length:
        return None
    return Response(status, headers, received[start : start + length])


def find_request(received: bytes) -> tuple[Request, bytes] | None:
    """Take the first request off what was received.

    Returns:
        The request and the bytes after it; None while more are needed.

    Raises:
        BadFrame: this does not become one.
    """
    start = _REQUEST.match(received)
    end = received.find(b"\r\n\r\n")
    if end < 0:
        if len(received) > MOST_HEAD or (start is None and b"\r\n" in received):
            raise BadFrame("no request", received)
        return None
    if start is None:
        raise BadFrame("no request", received)
    headers = _headers(received[start.end() : end])
    if "transfer-encoding" in headers:
        raise BadFrame("a request in chunks", received)
    whole = end + 4 + (_length(headers, received) or 0)
    if len(received) < whole:
        return None
    try:
        where = urlsplit(start[2].decode("latin-1"))
        query = dict(parse_qsl(where.query, keep_blank_values=True, max_num_fields=50))
    except ValueError as error:
        raise BadFrame("no address", received) from error
    return Request(start[1].decode(), where.path, query, headers, received[end + 4 : whole]), received[whole:]


def split_chunks(received: bytes) -> tuple[bytes, bytes, bool]:
    """Take whole chunks off a body in chunks.

    Returns:
        Their data, the bytes after them, and whether the last chunk was among them.

    Raises:
        BadFrame: there is no chunk where one has to begin.
    """
    data = bytearray()
    at = 0
    while at < len(received):
        head = _CHUNK.match(received, at)
        if head is None:
            if len(received) - at > MOST_HEAD or b"\r\n" in received[at:]:
                raise BadFrame("no chunk", received)
            break
        size = int(head[1], 16)
        if size > MOST_BODY:
            raise BadFrame("no size of a chunk", received)
        end = head.end() + size
        if len(received) < end + 2:
            break
        if size == 0:
            return bytes(data), received[end:], True
        if received[end : end + 2] != b"\r\n":
            raise BadFrame("a chunk without an end", received)
        data += received[head.end() : end]
        at = end + 2
    return bytes(data), received[at:], False


def boundary_of(headers: Mapping[str, str]) -> bytes | None:
    """The line between the parts of a multipart stream, with its dashes; None when it is no such stream."""
    kind = headers.get("content-type", "")
    found = re.search(r"boundary=\"?([^\";\s]{1,80})", kind) if kind.lower().startswith("multipart/") else None
    # some cameras write the two dashes into the name as well
    return b"--" + found[1].removeprefix("--").encode("latin-1") if found else None


def split_parts(received: bytes, boundary: bytes) -> tuple[list[Part], bytes]:
    """Take whole parts off a multipart stream. Skips what stands before a boundary, so it finds its way back.

    A part ends where its length says, and without one at the next boundary.

    Args:
        received: everything since the last rest.
        boundary: with its dashes.

    Returns:
        The parts, and the rest to put before what comes next.

    Raises:
        BadFrame: a part is too large to be one.
    """
    parts: list[Part] = []
    at = received.find(boundary)
    if at < 0:
        return parts, received[-len(boundary) :] if len(received) > MOST_HEAD else received
    while True:
        start = received.find(b"\r\n\r\n", at)
        if start < 0:
            if len(received) - at > MOST_HEAD:
                raise BadFrame("a part without a beginning", received[at:])
            break
        start += 4
        headers = _headers(received[at:start])
        length = _length(headers, received[at:start])
        end = received.find(boundary, start) if length is None else start + length
        if end < 0 or end > len(received):
            if len(received) - start > MOST_BODY:
                raise BadFrame("a part without an end", received[at:])
            break
        body = received[start:end]
        parts.append(Part(headers, body.removesuffix(b"\r\n") if length is None else body))
        at = received.find(boundary, end)
        if at < 0:
            at = end
            break
    return parts, received[at:]


def _sha256(data: bytes) -> "hashlib._Hash":
    return hashlib.sha256(data)


def _md5(data: bytes) -> "hashlib._Hash":
    return hashlib.md5(data, usedforsecurity=False)  # the devices know nothing better


_HASHES: Final = {"MD5": _md5, "SHA-256": _sha256}


def authorisation(challenge: str, method: str, path: str, who: tuple[str, str], cnonce: str, count: int = 1) -> str:
    """Answer a challenge.

    Args:
        challenge: what `WWW-Authenticate` holds.
        method: of the request.
        path: of the request, with its query.
        who: name and password.
        cnonce: any text that was not used before.
        count: how often this challenge was answered, this time included.

    Returns:
        What `Authorization` has to hold.

    Raises:
        BadFrame: it asks for what neither Digest (MD5, SHA-256, qop `auth` or none) nor Basic can give.
    """
    name, password = who
    scheme, _, rest = challenge.strip().partition(" ")
    if scheme.lower() == "basic":
        return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()
    fields = {key.lower(): quoted or plain for key, quoted, plain in _CHALLENGE.findall(rest)}
    hashed = _HASHES.get(fields.get("algorithm", "MD5").upper())
    qops = [one.strip() for one in fields.get("qop", "").split(",")]
    if scheme.lower() != "digest" or hashed is None or not {"auth", ""} & set(qops) or "nonce" not in fields:
        raise BadFrame("no challenge that can be answered", challenge.encode("utf-8", "replace"))
    realm, nonce = fields.get("realm", ""), fields["nonce"]
    secret = hashed(f"{name}:{realm}:{password}".encode()).hexdigest()
    what = hashed(f"{method}:{path}".encode()).hexdigest()
    if "auth" in qops:
        proof = hashed(f"{secret}:{nonce}:{count:08x}:{cnonce}:auth:{what}".encode()).hexdigest()
        more = f', qop=auth, nc={count:08x}, cnonce="{cnonce}"'
    else:
        proof, more = hashed(f"{secret}:{nonce}:{what}".encode()).hexdigest(), ""
    for key in ("algorithm", "opaque"):
        if key in fields:
            more += f", algorithm={fields[key]}" if key == "algorithm" else f', opaque="{fields[key]}"'
    return f'Digest username="{name}", realm="{realm}", nonce="{nonce}", uri="{path}", response="{proof}"{more}'
