"""A provider of text messages on the loopback: the reference of the protocol that a provider's bridge implements.

It sends one key once, however often it is asked, and keeps what it sent; a test says what becomes of each message.
"""

import json
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.error import HTTPError

from drivers.simulate.signed_service import SIGNATURE, Body, Rejected, SignedService, signed

_NUMBER: Final = "0123456789"
_LONGEST_NUMBER: Final = 16


@dataclass
class SentText:
    """One message as the provider sent it."""

    id: str
    key: str
    to: str
    text: str
    at: float
    asked: int = 1
    """How often it was asked for; it was sent once."""


class TextGatewayServer(SignedService):
    """The provider, from entering the context to leaving it.

    Args:
        client: the one client it knows.
        secret: shared with it.
        now: seconds since 1970.
    """

    def __init__(
        self, client: str = "hall", secret: bytes = b"loopback-only-secret", now: Callable[[], float] | None = None
    ) -> None:
        self.sent: dict[str, SentText] = {}
        self.unknown: set[str] = set()
        """Numbers that nobody has."""
        self.opted_out: set[str] = set()
        super().__init__(client, secret, {"messages": self._send}, now)

    def _send(self, body: Body) -> Body:
        key, to, text = str(body["key"]), str(body["to"]), str(body["text"])
        digits = to.removeprefix("+")
        if not to.startswith("+") or not 0 < len(digits) < _LONGEST_NUMBER or set(digits) - set(_NUMBER):
            raise Rejected("bad_number")
        if to in self.unknown:
            raise Rejected("bad_number")
        if to in self.opted_out:
            raise Rejected("opted_out")
        if not text or len(text.encode("utf-16-le")) > 2 * 500:
            raise Rejected("bad_text")
        known = self.sent.get(key)
        if known is not None:
            known.asked += 1
            return {"id": known.id}
        made = SentText(f"m{len(self.sent) + 1:08d}", key, to, text, self.now())
        self.sent[key] = made
        return {"id": made.id}

    def report(self, url: str, state: str, why: str = "", keys: tuple[str, ...] = ()) -> int:
        """Tell the hub what became of messages, signed.

        Args:
            url: of the hub's door for reports.
            state: `delivered` or `failed`.
            why: of a failed one.
            keys: which; none for all that were sent.

        Returns:
            The HTTP status of its answer.
        """
        with self.lock:
            told = [{"key": key, "state": state, "why": why} for key in (keys or tuple(self.sent))]
        body = json.dumps({"reports": told}).encode()
        return post_signed(url, body, signed(self.secret, int(self.now()), body))


def post_signed(url: str, body: bytes, signature: str) -> int:
    """Post with a signature; the HTTP status of the answer."""
    headers = {"Content-Type": "application/json", SIGNATURE: signature}
    request = urllib.request.Request(url, body, headers)  # noqa: S310  the caller's loopback
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  the same
            return int(answer.status)
    except HTTPError as error:
        return error.code
