"""Asking a device that is a web server. One connection a question: devices drop idle ones without a word."""

import secrets
import threading
import time
from typing import Final

from drivers.errors import BadFrame, DeviceFault, Effect, LinkError, Remedy
from drivers.transport.http_wire import Response, authorisation, find_head, find_response, request, split_chunks
from drivers.transport.tcp import TcpLine

REFUSALS: Final = 3
"""So often a password may be refused; devices lock the account after five to seven."""
LOCKED_S: Final = 600.0
"""How long nothing is asked after that."""


class HttpDevice:
    """A device that is a web server. Used by one thread; only `close` may be called from another.

    Args:
        host: address, or name in the hall's network.
        port: TCP port.
        who: name and password, for Digest or Basic; the device chooses. Nothing is sent unasked.
    """

    def __init__(self, host: str, port: int, who: tuple[str, str]) -> None:
        self._line = TcpLine(host, port)
        self._who = who
        self._challenge = ""
        self._answered = 0
        self._refusals = 0
        self._locked_until = 0.0
        self._open = threading.Event()
        self._chunked = False
        self._rest = b""  # of a stream, as it came
        self.address = self._line.address

    @property
    def is_open(self) -> bool:
        """Whether questions are allowed."""
        return self._open.is_set()

    def open(self) -> None:
        """Allow questions. Connects to nothing."""
        self._open.set()

    def close(self) -> None:
        """Allow no more questions. Twice is safe; from another thread it ends a waiting one with `LinkError`."""
        self._open.clear()
        self._line.close()

    def ask(self, method: str, path: str, deadline: float, body: bytes = b"", kind: str = "") -> Response:
        """Ask, and wait for the whole answer.

        Args:
            method: `GET`, `PUT` or `POST`.
            path: with its query.
            deadline: until when, by `time.monotonic()`.
            body: sent along, with `kind` as its content type.

        Returns:
            Any answer but 401.

        Raises:
            DeviceFault: `not_authorised`.
            DriverError: there was no answer; `effect` is NO when the question did not leave whole.
        """
        try:
            self._send(method, path, deadline, body, kind)
            answer = self._line.read_frame(find_response, deadline)
            if answer.status == 401:
                self._take_challenge(answer.headers.get("www-authenticate", ""))
                self._send(method, path, deadline, body, kind)
                answer = self._line.read_frame(find_response, deadline)
        finally:
            self._line.close()
        self._judge(answer.status)
        return answer

    def begin(self, path: str, deadline: float) -> Response:
        """Ask for a stream: the answer has its head only, and `more` goes on.

        Raises:
            DeviceFault: `not_authorised`.
            DriverError: there was no answer.
        """
        try:
            head = self._begin(path, deadline)
            if head.status == 401:
                self._take_challenge(head.headers.get("www-authenticate", ""))
                head = self._begin(path, deadline)
            self._judge(head.status)
        except BaseException:
            self._line.close()
            raise
        return head

    def more(self, deadline: float) -> bytes:
        """Wait for more of the stream, at least a byte.

        Raises:
            NoAnswer: none came.
            LinkError: the stream ended.
            BadFrame: it is not cut as its head said.
        """
        while True:
            if self._chunked:
                data, self._rest, ended = split_chunks(self._rest)
            else:
                data, self._rest, ended = self._rest, b"", False
            if data:
                return data
            if ended:
                raise LinkError(f"{self.address}: the stream ended")
            self._rest += self._line.read_some(deadline, 1 << 18)

    # -----------------------------------------------------------------------------------------------------------

    def _begin(self, path: str, deadline: float) -> Response:
        self._send("GET", path, deadline, b"", "")
        received = b""

        def find(so_far: bytes) -> tuple[int, dict[str, str], int] | None:
            nonlocal received
            received = so_far
            return find_head(so_far)

        status, headers, start = self._line.read_frame(find, deadline)
        self._chunked = "chunked" in headers.get("transfer-encoding", "").lower()
        self._rest = received[start:]
        return Response(status, headers)

    def _send(self, method: str, path: str, deadline: float, body: bytes, kind: str) -> None:
        if time.monotonic() < self._locked_until:
            raise self._not_authorised()
        headers = {"Content-Type": kind} if kind else {}
        if self._challenge:
            self._answered += 1
            headers["Authorization"] = authorisation(
                self._challenge, method, path, self._who, secrets.token_hex(8), self._answered
            )
        self._line.close()
        self._line.open(deadline)
        if not self._open.is_set():
            self._line.close()
            raise LinkError(f"{self.address} is closed", effect=Effect.NO)
        self._line.write(request(method, path, self.address, headers, body), deadline)

    def _take_challenge(self, challenge: str) -> None:
        if not challenge:
            raise BadFrame("refused without saying what is wanted", b"")
        if not self._who[0]:
            raise self._not_authorised()
        self._challenge, self._answered = challenge, 0

    def _judge(self, status: int) -> None:
        if status != 401:
            self._refusals = 0
            return
        self._challenge = ""
        self._refusals += 1
        if self._refusals >= REFUSALS:
            self._locked_until = time.monotonic() + LOCKED_S
            self._refusals = 0
        raise self._not_authorised()

    def _not_authorised(self) -> DeviceFault:
        return DeviceFault("not_authorised", f"{self.address} refuses name or password", remedy=Remedy.TECHNICIAN)
