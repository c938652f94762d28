"""Dahua face terminals (ASI and relatives) over CGI: their events come as a stream with a heartbeat."""

import time
from collections import deque
from typing import ClassVar, Final

from typing_extensions import override

from drivers.access_terminal import dahua_cgi
from drivers.access_terminal.pinned import PinnedOptions, pinned
from drivers.contract import Driver, Identity, Kind, Options, Proof, ProofLevel
from drivers.errors import BadFrame, DeviceFault, Effect, LinkError, NoAnswer, Remedy
from drivers.kinds import AccessReport
from drivers.transport.http import HttpDevice
from drivers.transport.http_wire import Part, boundary_of, split_parts

ANSWER_S: Final = 2.0
HEARTBEAT_S: Final = 5
"""How often the terminal says that it is alive."""
SILENT_S: Final = 12.0
"""So long without a heartbeat, and the stream is dead even if nobody hung up."""


class DahuaOptions(PinnedOptions):
    """Where the terminal is, and which one it has to be. Needs CGI switched on."""


class Dahua(Driver):
    """A Dahua face terminal."""

    key: ClassVar[str] = "access_terminal/dahua"
    kind: ClassVar[Kind] = Kind.ACCESS_TERMINAL
    options: ClassVar[type[Options]] = DahuaOptions
    proven_on: ClassVar[tuple[Proof, ...]] = (
        Proof(ProofLevel.SIMULATOR, "an event published from a terminal; RFC 7616 vectors; httpx as second client"),
    )

    def __init__(self, options: DahuaOptions) -> None:
        self._given = options
        who = (options.user, options.password)
        self._device = HttpDevice(options.host, options.port, who)
        self._events = HttpDevice(options.host, options.port, who)
        self._boundary = b""
        self._rest = b""
        self._parts: deque[Part] = deque()
        self._heard = 0.0

    @override
    def open(self) -> Identity:
        """Ask who it is, and for its events.

        Raises:
            WrongDevice: it has another serial number, or is no Dahua.
            DeviceFault: `not_authorised`, or `http_…` with the number of the answer.
        """
        self._device.open()
        self._events.open()
        found = pinned(self._who, self._given.serial, self._device.address)
        head = self._events.begin(dahua_cgi.attach(HEARTBEAT_S), time.monotonic() + ANSWER_S)
        boundary = boundary_of(head.headers)
        if head.status != 200 or boundary is None:
            self._events.close()
            raise DeviceFault(f"http_{head.status}", "no stream of events", remedy=Remedy.TECHNICIAN)
        self._boundary, self._rest = boundary, b""
        self._parts.clear()
        self._heard = time.monotonic()
        return found

    @override
    def probe(self) -> None:
        """Ask for its number.

        Raises:
            BadFrame: the answer makes no sense, or another one answers.
        """
        if self._ask(dahua_cgi.SERIAL, "sn") != self._given.serial:
            raise BadFrame("not the answer of this terminal", b"")

    @override
    def close(self) -> None:
        self._device.close()
        self._events.close()

    def next_report(self, within: float) -> AccessReport | None:
        """Wait for the next event. See `AccessTerminal.next_report`.

        Raises:
            NoAnswer: not even a heartbeat came for 12 s.
            LinkError: the stream ended.
        """
        if not self._events.is_open:
            raise LinkError(f"{self._device.address} is closed")
        deadline = time.monotonic() + within
        while True:
            while self._parts:
                found = dahua_cgi.report(self._parts.popleft().body, self._given.serial)
                if found is not None:
                    return found
            try:
                self._rest += self._events.more(deadline)
            except NoAnswer:
                if time.monotonic() - self._heard > SILENT_S:
                    raise
                return None
            self._heard = time.monotonic()
            try:
                parts, self._rest = split_parts(self._rest, self._boundary)
            except BadFrame:
                self._rest = b""
                raise
            self._parts.extend(parts)

    def let_one_pass(self) -> None:
        """Have the terminal open its door. See `AccessTerminal.let_one_pass`.

        Raises:
            DeviceFault: `door_refused`.
            DriverError: `effect` is NO when the command did not leave whole, UNKNOWN when there was no answer.
        """
        answer = self._device.ask("GET", dahua_cgi.open_door(self._given.door), time.monotonic() + ANSWER_S)
        if answer.status != 200 or answer.body.strip() != b"OK":
            raise DeviceFault("door_refused", f"http {answer.status}", remedy=Remedy.TECHNICIAN, effect=Effect.NO)

    def _who(self) -> Identity | None:
        serial = self._ask(dahua_cgi.SERIAL, "sn")
        if not serial:
            return None
        return Identity("Dahua", self._ask(dahua_cgi.MODEL, "type"), serial, self._ask(dahua_cgi.FIRMWARE, "version"))

    def _ask(self, path: str, name: str) -> str:
        answer = self._device.ask("GET", path, time.monotonic() + ANSWER_S)
        return dahua_cgi.value(answer.body, name) if answer.status == 200 else ""
