"""Hikvision face terminals (MinMoe and relatives) over ISAPI: asked for their events, because a stream stays occupied.

An `alertStream` stays taken for minutes after its client died, and replays old events first; a question does neither.
"""

import threading
import time
import uuid
from collections import deque
from typing import ClassVar, Final

from typing_extensions import override

from drivers.access_terminal import isapi
from drivers.access_terminal.pinned import PinnedOptions, pinned
from drivers.contract import Driver, Identity, Kind, Options, Proof, ProofLevel
from drivers.errors import BadFrame, DeviceFault, Effect, LinkError, Remedy
from drivers.kinds import AccessReport
from drivers.transport.http import HttpDevice
from drivers.transport.http_wire import Response

ANSWER_S: Final = 2.0
ASK_EVERY_S: Final = 0.3
_REMEMBERED: Final = 256
_PAGES: Final = 20


class HikvisionOptions(PinnedOptions):
    """Where the terminal is, and which one it has to be. Needs ISAPI with Digest switched on."""


class Hikvision(Driver):
    """A Hikvision face terminal. What happened before `open` is not reported: whoever it was has gone."""

    key: ClassVar[str] = "access_terminal/hikvision"
    kind: ClassVar[Kind] = Kind.ACCESS_TERMINAL
    options: ClassVar[type[Options]] = HikvisionOptions
    proven_on: ClassVar[tuple[Proof, ...]] = (
        Proof(ProofLevel.SIMULATOR, "an event published from a terminal; RFC 7616 vectors; httpx as second client"),
    )

    def __init__(self, options: HikvisionOptions) -> None:
        self._given = options
        self._device = HttpDevice(options.host, options.port, (options.user, options.password))
        self._closed = threading.Event()
        self._closed.set()
        self._since = ""
        self._told: deque[tuple[str, str]] = deque(maxlen=_REMEMBERED)
        self._waiting: deque[AccessReport] = deque()

    @override
    def open(self) -> Identity:
        """Ask who it is and what time it has.

        Raises:
            WrongDevice: it has another serial number, or is no Hikvision.
            DeviceFault: `not_authorised`.
        """
        self._device.open()
        self._closed.clear()
        found = pinned(self._who, self._given.serial, self._device.address)
        answer = self._ask("GET", isapi.TIME)
        if answer.status != 200:
            raise self._refusal(answer)
        self._since = isapi.device_time(answer.body)
        self._told.clear()
        self._waiting.clear()
        return found

    @override
    def probe(self) -> None:
        """Ask who it is.

        Raises:
            BadFrame: the answer makes no sense, or another one answers.
        """
        found = self._who()
        if found is None or found.serial != self._given.serial:
            raise BadFrame("not the answer of this terminal", b"")

    @override
    def close(self) -> None:
        self._closed.set()
        self._device.close()

    def next_report(self, within: float) -> AccessReport | None:
        """Ask for events until there is one. See `AccessTerminal.next_report`."""
        deadline = time.monotonic() + within
        while True:
            if self._closed.is_set():
                raise LinkError(f"{self._device.address} is closed")
            if self._waiting:
                return self._waiting.popleft()
            self._look()
            rest = deadline - time.monotonic()
            if not self._waiting and rest <= 0:
                return None
            if not self._waiting:
                self._closed.wait(min(ASK_EVERY_S, rest))

    def let_one_pass(self) -> None:
        """Have the terminal open its door. See `AccessTerminal.let_one_pass`.

        Raises:
            DeviceFault: `door_refused`.
            DriverError: `effect` is NO when the command did not leave whole, UNKNOWN when there was no answer.
        """
        answer = self._ask("PUT", isapi.door_path(self._given.door), isapi.OPEN_DOOR, "application/xml")
        if answer.status != 200 or isapi.element(answer.body, "statusCode") not in {"", "1"}:
            why = isapi.element(answer.body, "subStatusCode")
            raise DeviceFault("door_refused", why, remedy=Remedy.TECHNICIAN, effect=Effect.NO)

    def _look(self) -> None:
        number, position = uuid.uuid4().hex, 0
        for _ in range(_PAGES):
            answer = self._ask("POST", isapi.EVENTS, isapi.search(self._since, position, number), "application/json")
            if answer.status != 200:
                raise self._refusal(answer)
            page = isapi.page(answer.body, self._given.serial)
            for report in page.reports:
                # asked for again from the second of the last event on, because several fall into one
                if (report.at, report.number) not in self._told:
                    self._told.append((report.at, report.number))
                    self._waiting.append(report)
                    self._since = max(self._since, report.at)
            position += page.count
            if not page.more or not page.count:
                return

    def _who(self) -> Identity | None:
        answer = self._ask("GET", isapi.DEVICE_INFO)
        return isapi.identity(answer.body) if answer.status == 200 else None

    def _ask(self, method: str, path: str, body: bytes = b"", kind: str = "") -> Response:
        return self._device.ask(method, path, time.monotonic() + ANSWER_S, body, kind)

    def _refusal(self, answer: Response) -> DeviceFault:
        return DeviceFault(f"http_{answer.status}", self._device.address, remedy=Remedy.TECHNICIAN)
