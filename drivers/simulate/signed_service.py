"""A service on the loopback that is asked with signed JSON, as the hub asks payment gateways and couriers.

It checks signatures with code of its own, so that client and service are right together or not at all.
"""

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Mapping
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final, Self, cast

SIGNATURE: Final = "X-Kiosk-Signature"
CLIENT: Final = "X-Kiosk-Client"
_MAX_BODY: Final = 64 * 1024
Body = dict[str, object]


class ServiceFault(StrEnum):
    """What it does instead of answering."""

    NONE = "none"
    ERROR = "error"
    """HTTP 500, before it did anything."""
    DEAF = "deaf"
    """Does what is asked, and hangs up without an answer."""
    GARBAGE = "garbage"
    """200 and a proxy's page."""
    SLOW = "slow"


class Rejected(Exception):
    """What is asked is refused; `str()` is the word for why."""


def signed(secret: bytes, seconds: int, body: bytes) -> str:
    """The signature's header: `t=SECONDS,v1=HEX`, HMAC-SHA-256 of `SECONDS.BODY`."""
    return f"t={seconds},v1=" + hmac.new(secret, b"%d." % seconds + body, hashlib.sha256).hexdigest()


class SignedService:
    """The service, from entering the context to leaving it.

    Args:
        client: the one client it knows.
        secret: shared with it.
        paths: what answers each path; may raise `Rejected`.
        now: seconds since 1970; signatures more than five minutes off are refused.
    """

    def __init__(
        self,
        client: str,
        secret: bytes,
        paths: Mapping[str, Callable[[Body], Body]],
        now: Callable[[], float] | None = None,
    ) -> None:
        self.client, self.secret, self.paths, self.now = client, secret, paths, now or _wall
        self.fault = ServiceFault.NONE
        self.faults_left = 0
        self.asked: list[str] = []
        self.refused = 0
        self.lock = threading.RLock()
        self.gone = threading.Event()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="signed service")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.gone.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """Its address; the paths come after a slash."""
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def fail(self, fault: ServiceFault, times: int = 1_000_000) -> None:
        """Fail so many of the next requests."""
        self.fault, self.faults_left = fault, times

    def mend(self) -> None:
        """Fail no longer."""
        self.faults_left = 0


def _wall() -> float:
    return time.time()  # noqa: TID251  a machine of its own has its own clock


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, service: SignedService) -> None:
        self.service = service
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are two writes: the second would wait 40 ms

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the library's name
        """Say nothing: addresses are nobody's business."""

    def do_POST(self) -> None:
        service = cast("_Server", self.server).service
        body = self.rfile.read(min(int(self.headers.get("Content-Length", "0")), _MAX_BODY))
        path = self.path.removeprefix("/v1/")
        with service.lock:
            service.asked.append(path)
            fault = service.fault if service.faults_left > 0 else ServiceFault.NONE
            service.faults_left -= fault is not ServiceFault.NONE
        match fault:
            case ServiceFault.ERROR:
                self._send(500, b"{}")
                return
            case ServiceFault.GARBAGE:
                self._send(200, "<html>维护中</html>".encode("gbk"))
                return
            case ServiceFault.SLOW if service.gone.wait(30):
                return
            case _:
                pass
        status, answer = self._answer(service, path, body)
        if fault is ServiceFault.DEAF:
            self.close_connection = True
            return
        self._send(status, json.dumps(answer, ensure_ascii=False).encode())

    def _answer(self, service: SignedService, path: str, body: bytes) -> tuple[int, Body]:
        header = self.headers.get(SIGNATURE, "")
        seconds = header.partition(",")[0].removeprefix("t=")
        good = (
            seconds.isdecimal()
            and abs(int(seconds) - service.now()) <= 300
            and hmac.compare_digest(header, signed(service.secret, int(seconds), body))
            and self.headers.get(CLIENT, "") == service.client
        )
        if not good:
            service.refused += 1
            return 401, {"error": "bad_signature"}
        work = service.paths.get(path)
        if work is None:
            return 404, {"error": "no_such_path"}
        try:
            with service.lock:
                return 200, work(json.loads(body))
        except Rejected as why:
            return 422, {"error": str(why)}
        except (ValueError, KeyError, TypeError):
            return 400, {"error": "not_understood"}

    def _send(self, status: int, body: bytes) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json;charset=UTF-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True  # whoever asked has gone
