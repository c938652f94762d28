"""ZKTeco face terminals with push (ADMS): they call us. No password: pinned by address and serial number."""

import time
from collections import deque
from typing import ClassVar, Final, Literal

from pydantic import Field
from typing_extensions import override

from drivers.access_terminal import iclock
from drivers.contract import Driver, Identity, Kind, Options, Proof, ProofLevel
from drivers.errors import BadFrame, DeviceFault, Effect, LinkError, NoAnswer, NotPresent, Remedy, WrongDevice
from drivers.kinds import AccessReport
from drivers.transport.http_listener import HttpListener
from drivers.transport.http_wire import Request

OPEN_WITHIN: Final = 7.0
_REMEMBERED: Final = 256
_WRONG_CALLS: Final = 2


class ZkTecoOptions(Options):
    """Where the terminal calls, and which one may.

    Attributes:
        listen: address of ours in the devices' network.
        port: TCP port, as set in the terminal's cloud server menu.
        device: address of the terminal; calls from others are hung up on.
        serial: its serial number.
        poll_seconds: how often it is told to call.
        temperature_unit: what its menu says; it does not send it.
        door: which of its doors is opened.
        door_seconds: for how long.
    """

    listen: str = Field(min_length=1)
    port: int = Field(default=8081, ge=1, le=65535)
    device: str = Field(min_length=1)
    serial: str = Field(min_length=1, max_length=64)
    poll_seconds: float = Field(default=2.0, ge=0.1, le=30)
    temperature_unit: Literal["C", "F"] = "C"
    door: int = Field(default=1, ge=1, le=4)
    door_seconds: int = Field(default=5, ge=1, le=60)


class ZkTeco(Driver):
    """A ZKTeco terminal that pushes. It is heard while somebody waits for a report, or probes."""

    key: ClassVar[str] = "access_terminal/zkteco-push"
    kind: ClassVar[Kind] = Kind.ACCESS_TERMINAL
    options: ClassVar[type[Options]] = ZkTecoOptions
    proven_on: ClassVar[tuple[Proof, ...]] = (
        Proof(ProofLevel.SIMULATOR, "lines published from SpeedFace and SenseFace terminals; Python's http.client"),
    )

    def __init__(self, options: ZkTecoOptions) -> None:
        self._given = options
        self._silent_s = options.poll_seconds * 3 + 1
        self._listener = HttpListener(options.listen, options.port, options.device)
        self._heard = float("-inf")
        self._firmware = ""
        self._waiting: deque[AccessReport] = deque()
        self._told: deque[AccessReport] = deque(maxlen=_REMEMBERED)
        self._wrong: deque[str] = deque(maxlen=_WRONG_CALLS)
        self._number = 0
        self._command = b""
        self._results: dict[int, int] = {}

    @override
    def open(self) -> Identity:
        """Listen, and wait until the terminal calls.

        Raises:
            NotPresent: it does not within 7 s, or three of its intervals.
            WrongDevice: another terminal calls from its address, twice.
            DeviceFault: `address_in_use`.
        """
        self._listener.open()
        self._heard = float("-inf")
        self._wrong.clear()
        self._waiting.clear()
        self._command = b""
        try:
            self._wait_for_first_call(time.monotonic() + min(OPEN_WITHIN, self._silent_s))
        except BaseException:
            self._listener.close()
            raise
        return Identity("ZKTeco", serial=self._given.serial, firmware=self._firmware)

    @override
    def probe(self) -> None:
        """Hear whoever calls, and see when the terminal last did.

        Raises:
            NotPresent: too long ago.
        """
        self._serve(time.monotonic())
        self._see_when_heard()

    @override
    def close(self) -> None:
        self._listener.close()

    def next_report(self, within: float) -> AccessReport | None:
        """Hear the terminal until it reports. See `AccessTerminal.next_report`.

        Raises:
            NotPresent: it has not called for three intervals.
            LinkError: closed.
        """
        deadline = time.monotonic() + within
        if not self._listener.is_open:
            raise LinkError(f"{self._listener.address} is closed")
        while not self._waiting:
            self._serve(min(deadline, self._heard + self._silent_s))
            if self._waiting:
                break
            self._see_when_heard()
            if time.monotonic() >= deadline:
                return None
        return self._waiting.popleft()

    def let_one_pass(self) -> None:
        """Hand the terminal the command when it calls next, and wait for what became of it.

        Raises:
            NotPresent: it did not call; `effect` NO.
            NoAnswer: it took the command and says nothing; `effect` UNKNOWN.
            DeviceFault: `door_refused`; `effect` NO.
        """
        self._number += 1
        number = self._number
        self._command = iclock.open_door(number, self._given.door, self._given.door_seconds)
        deadline = time.monotonic() + self._silent_s
        try:
            while number not in self._results and time.monotonic() < deadline:
                self._serve(deadline)
            if number not in self._results:
                if self._command:
                    raise NotPresent(f"{self._given.device} did not call for the command")
                raise NoAnswer("the terminal does not say what became of the command", effect=Effect.UNKNOWN)
        finally:
            self._command = b""
        returned = self._results.pop(number)
        if returned < 0:
            raise DeviceFault("door_refused", str(returned), remedy=Remedy.TECHNICIAN)

    def _wait_for_first_call(self, deadline: float) -> None:
        while self._heard < 0 and time.monotonic() < deadline:
            self._serve(deadline)
            if len(self._wrong) == _WRONG_CALLS and len(set(self._wrong)) == 1:
                raise WrongDevice(f"number {self._wrong[0] or '?'} calls, not {self._given.serial}")
        if self._heard < 0:
            raise NotPresent(f"{self._given.device} does not call at {self._listener.address}")

    def _serve(self, deadline: float) -> None:
        """Answer one call, or none until the deadline."""
        request = self._listener.next_request(deadline)
        if request is None:
            return
        serial = request.query.get("SN", "")
        if serial != self._given.serial or not request.path.startswith("/iclock/"):
            self._wrong.append(serial)
            self._listener.answer(b"")  # it keeps what it has for whom it is meant
            return
        reply, reports, sends_command = self._reply(request)
        if not self._listener.answer(reply):
            return  # it did not hear the answer, and sends it again
        self._heard = time.monotonic()
        self._wrong.clear()
        if sends_command:
            self._command = b""
        for report in reports:
            if report not in self._told:
                self._told.append(report)
                self._waiting.append(report)

    def _reply(self, request: Request) -> tuple[bytes, list[AccessReport], bool]:
        """What to answer, what was reported, and whether the answer is the command."""
        what = request.path.removeprefix("/iclock/").removesuffix(".aspx")
        match request.method, what:
            case "GET", "cdata":
                return iclock.options(self._given.serial, self._given.poll_seconds), [], False
            case "GET", "getrequest":
                self._firmware = request.query.get("INFO", "").split(",")[0] or self._firmware
                return self._command or iclock.OK, [], bool(self._command)
            case "POST", "cdata":
                table = request.query.get("table", "")
                unit = self._given.temperature_unit
                return iclock.OK, iclock.reports(table, request.body, self._given.serial, unit), False
            case "POST", "devicecmd":
                try:
                    number, returned = iclock.result(request.body)
                except BadFrame:
                    return iclock.OK, [], False  # or it would send it for ever
                self._results = {number: returned}
                return iclock.OK, [], False
            case _:
                return iclock.OK, [], False

    def _see_when_heard(self) -> None:
        silent = time.monotonic() - self._heard
        if silent > self._silent_s:
            raise NotPresent(f"{self._given.device} has not called for {silent:.0f} s")
