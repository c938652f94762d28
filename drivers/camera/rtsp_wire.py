"""As much of RTSP 1.0 (RFC 2326) as it takes to see who answers."""

import re

from drivers.errors import BadFrame

_STATUS = re.compile(rb"RTSP/1\.0 ([1-5]\d\d)(?: [^\r\n]*)?\r\n")
_SERVER = re.compile(rb"\r\nServer:[ \t]*([^\r\n]{1,200})", re.IGNORECASE)
HEADER = b"RTSP"
_MOST = 8192


def options(url: str) -> bytes:
    """Write the question that changes nothing."""
    return f"OPTIONS {url} RTSP/1.0\r\nCSeq: 1\r\n\r\n".encode()


def find_answer(received: bytes) -> tuple[int, str] | None:
    """Find an answer, skipping what stands before it.

    Returns:
        Its status and the name of the server, empty where it has none; None while more bytes are needed.

    Raises:
        BadFrame: this does not become one.
    """
    start = _STATUS.search(received)
    end = received.find(b"\r\n\r\n", start.start()) if start is not None else -1
    if start is None or end < 0:
        if len(received) > _MOST or received.startswith(b"HTTP/1."):
            raise BadFrame("no RTSP", received)
        return None
    server = _SERVER.search(received, start.start(), end)
    return int(start[1]), server[1].decode("latin-1").strip() if server is not None else ""
