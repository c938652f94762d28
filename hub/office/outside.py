"""Asking another system over HTTP: a signed POST of JSON, and its answer, bounded in time and size."""

import hmac
from datetime import datetime
from typing import Final, TypeVar

import anyio
import httpx
import msgspec

from hub.gate.receivers import signature

SIGNATURE_HEADER: Final = "X-Kiosk-Signature"
CLIENT_HEADER: Final = "X-Kiosk-Client"
NEAR_SECONDS: Final = 300
"""An older signature is not believed: it could be one that somebody has seen."""
_MOST: Final = 1024 * 1024
T = TypeVar("T")


class OutsideAway(Exception):
    """The other system did not answer, or not as agreed: nothing is known of what it did. Ask again."""


class OutsideRefused(Exception):
    """The other system said no.

    Attributes:
        kind: Its word for why.
    """

    def __init__(self, kind: str) -> None:
        super().__init__(f"refused: {kind}")
        self.kind = kind


class _Refusal(msgspec.Struct):
    error: str = ""


async def ask(
    client: httpx.AsyncClient,
    url: str,
    body: object,
    answer: type[T],
    *,
    name: str,
    secret: bytes,
    now: datetime,
    seconds: float,
) -> T:
    """Ask, and read the answer.

    Args:
        client: For the connections.
        url: Where.
        body: Anything msgspec encodes.
        answer: What the answer must be.
        name: Who we are there.
        secret: Shared with it.
        now: The time, for the signature.
        seconds: How long it may take.

    Raises:
        OutsideAway: No answer in time, an error of the other side, or an answer that is none.
        OutsideRefused: It answers 4xx.
    """
    content = msgspec.json.encode(body)
    headers = {
        "Content-Type": "application/json",
        CLIENT_HEADER: name,
        SIGNATURE_HEADER: signature(secret, int(now.timestamp()), content),
    }
    try:
        with anyio.fail_after(seconds):
            async with client.stream("POST", url, content=content, headers=headers) as response:
                received = b""
                async for part in response.aiter_bytes():
                    received += part
                    if len(received) > _MOST:
                        raise OutsideAway("the answer has no end")
                status = response.status_code
    except TimeoutError as error:
        raise OutsideAway(f"no answer within {seconds:g} s") from error
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise OutsideAway(type(error).__name__) from error
    if 400 <= status < 500 and status not in {408, 425, 429}:
        try:
            raise OutsideRefused(msgspec.json.decode(received, type=_Refusal).error[:64] or f"http_{status}")
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise OutsideRefused(f"http_{status}") from error
    if status != 200:
        raise OutsideAway(f"HTTP {status}")
    try:
        return msgspec.json.decode(received, type=answer)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise OutsideAway("the answer is not what was agreed") from error


def is_signed(header: str, body: bytes, secret: bytes, now: datetime) -> bool:
    """Whether a call that comes in is signed with the shared secret, and new.

    Args:
        header: `t=SECONDS,v1=HEX`.
        body: The exact bytes.
        secret: Shared with the other side.
        now: The time.
    """
    when, _, _ = header.removeprefix("t=").partition(",")
    if not (when.isascii() and when.isdecimal() and len(when) < 12):
        return False
    if abs(int(when) - now.timestamp()) > NEAR_SECONDS:
        return False
    return hmac.compare_digest(header.encode(), signature(secret, int(when), body).encode())
