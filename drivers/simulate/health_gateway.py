"""A health-code gateway on the loopback: real HTTP, two interfaces, and faults on demand.

It checks signatures with code of its own, so that client and gateway are right together or not at all. Used by tests
and by the demonstration; `python -m drivers.simulate.health_gateway` runs it by itself.
"""

import hashlib
import hmac
import json
import ssl
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final, Self, cast
from urllib.parse import parse_qsl

DECODE: Final = "/center/api/health/decode"
VERIFY: Final = "/api/code/verify"
_STATUS: Final = {"red": (0, "10"), "green": (1, "00"), "yellow": (2, "01"), "unknown": (-1, "11")}
_MAX_BODY: Final = 64 * 1024


class GatewayFault(StrEnum):
    """What it does instead of answering."""

    NONE = "none"
    SLOW = "slow"
    """Says nothing for `slow_seconds`, then answers."""
    ERROR = "error"
    """HTTP 500."""
    GARBAGE = "garbage"
    """200 and a proxy's page."""
    CUT = "cut"
    """Hangs up in the middle of the answer."""
    HUGE = "huge"
    """An answer of ten megabytes."""
    NO_COLOUR = "no_colour"
    """A colour that was introduced last night."""


@dataclass(frozen=True)
class GatewayPerson:
    """What the gateway knows of one token.

    Attributes:
        colour: `red`, `green`, `yellow` or `unknown`.
        number: of the document.
        told: how the number is told: `full`, `sha256`, `masked`, or `not`.
        owner: number of the family member who holds the token on their telephone.
        account: of the telephone.
        judged: seconds since 1970; None leaves the field out.
    """

    colour: str
    number: str
    told: str = "full"
    owner: str = ""
    account: str = ""
    judged: float | None = None


@dataclass
class _State:
    app_id: str
    secret: str
    people: dict[str, GatewayPerson]
    now: Callable[[], float]
    fault: GatewayFault = GatewayFault.NONE
    faults_left: int = 0
    slow_seconds: float = 5.0
    asked: int = 0
    refused: int = 0
    gone: threading.Event = field(default_factory=threading.Event)


class HealthGateway:
    """The gateway, from entering the context to leaving it.

    Args:
        people: by token; may be changed while it runs.
        app_id: the one application it knows.
        secret: of that application.
        now: seconds since 1970; requests more than five minutes off are refused.
        tls: certificate chain and key for HTTPS; plain HTTP without.
        port: 0 for a free one.
    """

    def __init__(
        self,
        people: Mapping[str, GatewayPerson] | None = None,
        *,
        app_id: str = "hall",
        secret: str = "loopback-only",  # noqa: S107  opens nothing but this simulator
        now: Callable[[], float] | None = None,
        tls: ssl.SSLContext | None = None,
        port: int = 0,
    ) -> None:
        self._state = _State(app_id, secret, dict(people or {}), now or _wall)
        self._server = _Server(self._state, port)
        self._scheme = "http"
        if tls is not None:
            self._scheme = "https"
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="health gateway")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._state.gone.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def url(self, kind: str) -> str:
        """Where it is asked in the way of `kind`, `gate-decode` or `gbt-38963`."""
        path = DECODE if kind == "gate-decode" else VERIFY
        return f"{self._scheme}://127.0.0.1:{self._server.server_port}{path}"

    @property
    def people(self) -> dict[str, GatewayPerson]:
        """By token."""
        return self._state.people

    @property
    def asked(self) -> int:
        """How many requests came."""
        return self._state.asked

    @property
    def refused(self) -> int:
        """How many of them were not signed as they should be."""
        return self._state.refused

    def fail(self, fault: GatewayFault, times: int = 1_000_000, slow_seconds: float = 5.0) -> None:
        """Fail so many of the next requests."""
        self._state.fault, self._state.faults_left, self._state.slow_seconds = fault, times, slow_seconds

    def mend(self) -> None:
        """Fail no longer."""
        self._state.faults_left = 0


def _wall() -> float:
    return time.time()  # noqa: TID251  a machine of its own has its own clock


def _masked(number: str) -> str:
    return number[:6] + "*" * (len(number) - 10) + number[-4:]


def _told(person: GatewayPerson, plain: str, digest: str) -> dict[str, object]:
    match person.told:
        case "full":
            return {plain: person.number}
        case "masked":
            return {plain: _masked(person.number)}
        case "sha256":
            return {digest: hashlib.sha256(person.number.encode()).hexdigest().upper()}
        case _:
            return {}


def _decode(state: _State, body: bytes) -> dict[str, object]:
    """The gate's interface: form fields with an upper-case SHA-256."""
    given = dict(parse_qsl(body.decode(), keep_blank_values=True))
    sign = given.pop("sign", "")
    if "secretKey" in given:
        return {"code": 403, "msg": "the secret must not travel"}
    ordered = sorted({**given, "secretKey": state.secret}.items())
    expected = hashlib.sha256("&".join(f"{k}={v}" for k, v in ordered).encode()).hexdigest().upper()
    if not _may(state, given.get("appId", ""), given.get("timestamp", ""), hmac.compare_digest(sign, expected)):
        return {"code": 401, "msg": "签名错误"}
    person = state.people.get(given.get("qrCode", ""))
    if person is None:
        return {"code": 404, "msg": "健康码无效"}
    data: dict[str, object] = {"color": _STATUS[person.colour][0], "idType": "10"}
    data |= _told(person, "idCard", "idCardSha256")
    data |= {"ownerIdCard": person.owner, "accountId": person.account}
    if person.judged is not None:
        data["updateTime"] = int(person.judged * 1000)
    return {"code": 0, "msg": "ok", "data": data}


def _verify(state: _State, body: bytes) -> dict[str, object]:
    """The standard's shape: a signed head and a body."""
    whole = json.loads(body)
    head = dict(whole["head"])
    sign = head.pop("sign")
    inner = json.dumps(whole["body"], separators=(",", ":"), ensure_ascii=False).encode()
    joined = "&".join(f"{name}={head[name]}" for name in sorted(head)) + "&" + hashlib.sha256(inner).hexdigest()
    expected = hmac.new(state.secret.encode(), joined.encode(), "sha256").hexdigest()
    if not _may(state, head["appId"], head["timestamp"], hmac.compare_digest(sign, expected)):
        return {"code": "1401", "message": "签名错误"}
    person = state.people.get(whole["body"]["code"])
    if person is None:
        return {"code": "1404", "message": "健康码无效"}
    data: dict[str, object] = {"healthStatus": _STATUS[person.colour][1], "certType": "10"}
    data |= _told(person, "certNo", "certNoSha256")
    data |= {"agentCertNo": person.owner, "accountId": person.account}
    if person.judged is not None:
        data["checkTime"] = str(int(person.judged * 1000))
    return {"code": "0000", "message": "ok", "data": data}


def _may(state: _State, app_id: str, timestamp: str, signed: bool) -> bool:  # noqa: FBT001  one of three conditions
    near = timestamp.isdecimal() and abs(int(timestamp) / 1000 - state.now()) <= 300
    if signed and near and app_id == state.app_id:
        return True
    state.refused += 1
    return False


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, state: _State, port: int) -> None:
        self.state = state
        super().__init__(("127.0.0.1", port), _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are two writes: the second would wait 40 ms

    @property
    def _state(self) -> _State:
        return cast("_Server", self.server).state

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the library's name
        """Say nothing: tokens are nobody's business."""

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        body = self.rfile.read(min(length, _MAX_BODY))
        self._state.asked += 1
        fault = GatewayFault.NONE
        if self._state.faults_left > 0:
            self._state.faults_left -= 1
            fault = self._state.fault
        self._spoilt(fault) if fault in _SPOILT else self._answer(body, fault)

    def _spoilt(self, fault: GatewayFault) -> None:
        match fault:
            case GatewayFault.ERROR:
                self._send(500, b"{}")
            case GatewayFault.GARBAGE:
                self._send(200, "<html>网关维护中</html>".encode("gbk"))
            case GatewayFault.HUGE:
                self._send(200, b'{"code":0,"msg":"' + b"A" * 10_000_000 + b'"}')
            case _:
                self._send(200, b'{"code":0,"data":{"col', claimed=200)

    def _answer(self, body: bytes, fault: GatewayFault) -> None:
        if fault is GatewayFault.SLOW and self._state.gone.wait(self._state.slow_seconds):
            return
        read = {DECODE: _decode, VERIFY: _verify}.get(self.path)
        if read is None:
            self._send(404, b"{}")
            return
        try:
            answer = read(self._state, body)
        except (ValueError, KeyError, TypeError):
            self._send(400, b"{}")
            return
        data = answer.get("data")
        if fault is GatewayFault.NO_COLOUR and isinstance(data, dict):
            data["color"], data["healthStatus"] = 7, "77"
        self._send(200, json.dumps(answer, ensure_ascii=False).encode())

    def _send(self, status: int, body: bytes, claimed: int | None = None) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json;charset=UTF-8")
            self.send_header("Content-Length", str(len(body) if claimed is None else claimed))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True  # whoever asked has gone
        if claimed is not None:
            self.close_connection = True


_SPOILT: Final = frozenset({GatewayFault.ERROR, GatewayFault.GARBAGE, GatewayFault.HUGE, GatewayFault.CUT})


def main(arguments: list[str]) -> int:
    """Run with a JSON file of people by token, `{"token": {"colour": "green", "number": "…"}}`, until interrupted."""
    people: dict[str, GatewayPerson] = {}
    if arguments:
        given = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
        people = {token: GatewayPerson(**fields) for token, fields in given.items()}
    with HealthGateway(people) as gateway:
        sys.stdout.write(f"{gateway.url('gate-decode')}\n{gateway.url('gbt-38963')}\n")
        sys.stdout.flush()
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
