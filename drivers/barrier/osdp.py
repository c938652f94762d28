"""A gate behind an OSDP v2 device (IEC 60839-11-5) on RS-485: one of its outputs opens, its inputs see beams and door.

The protocol is libosdp's, in the role of the control panel, pumped by the thread that calls: no thread of ours. The
device ends the pulse by its own timer, and the secure channel is not optional. The device has to report its inputs by
itself, when the channel stands and whenever one changes, as devices that monitor contacts do.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, Final, Self

import osdp_sys
from pydantic import Field, model_validator

from drivers.barrier import lane, osdp_frames
from drivers.barrier.modbus_inputs import Wiring
from drivers.barrier.passage_beams import Sensors, Watchman
from drivers.contract import Driver, Identity, Kind, Options, Proof, ProofLevel
from drivers.errors import BadFrame, DeviceFault, DriverError, Effect, LinkError, NoAnswer, Remedy, WrongDevice
from drivers.kinds import BarrierState, Crossing
from drivers.transport.recognise import resembles
from drivers.transport.serial_line import SerialLine

OPEN_S: Final = 1.5
ANSWER_S: Final = 1.5
"""libosdp repeats a command that got no answer after 0.8 s; that is the protocol's own, by sequence number."""
PUMP_S: Final = 0.01
SESSION_S: Final = 6.0
"""A device that was not asked for 8 s has forgotten the secure channel: a new one is built before."""
OFF: Final = 1
"""Control code: permanently off, a timer under way is ended."""
ON_FOR: Final = 5
"""Control code: on for the time, then back."""

osdp_sys.set_loglevel(osdp_sys.LOG_EMERG)  # a driver never logs


class OsdpOptions(Options):
    """Where the device is, its key, and what is wired to it. Outputs and inputs are counted from 0."""

    port: str = Field(description="serial port, best one that names the socket")
    baud: int = Field(default=9600, ge=9600, le=230400, description="bits per second")
    address: int = Field(default=0, ge=0, le=126, description="address of the device on its bus")
    key_file: str = Field(description="file with the key of the secure channel (SCBK), 32 hexadecimal digits")
    output: int = Field(default=0, ge=0, le=255, description="output that opens the gate")
    beam_a: int | None = Field(default=None, ge=0, le=63, description="input of the beam where people come from")
    beam_b: int | None = Field(default=None, ge=0, le=63, description="input of the beam behind the door")
    door: int | None = Field(default=None, ge=0, le=63, description="input of the door contact")
    invert_beams: bool = Field(default=False, description="the inputs of the beams are on while they are free")
    invert_door: bool = Field(default=False, description="the input of the door is on while it is closed")
    pulse_seconds: float = Field(default=5.0, ge=0.1, le=25, description="how long the output is on, at most")

    @model_validator(mode="after")
    def _beams_are_two(self) -> Self:
        if (self.beam_a is None) is not (self.beam_b is None):
            raise ValueError("beam_a and beam_b: either both or none")
        return self

    @property
    def sensors(self) -> Sensors:
        """What the lane is watched with."""
        if self.beam_a is not None:
            return Sensors.BEAMS
        return Sensors.NONE if self.door is None else Sensors.DOOR


class _Wire:
    """The serial line as libosdp wants it, and a memory of what came. It never raises into C: it keeps the error."""

    id = 0

    def __init__(self, line: SerialLine, sender: int) -> None:
        self.line = line
        self.sender = sender
        self.clear()

    def clear(self) -> None:
        """Forget everything, for a new session."""
        self.waiting = b""
        self.unjudged = b""
        self.begin()

    def begin(self) -> None:
        """A call begins."""
        self.heard = b""
        self.replies: list[osdp_frames.Frame] = []
        self.wrote = False
        self.broken: DriverError | None = None

    def wait(self, deadline: float) -> None:
        """Wait for bytes until the deadline; none is not an error."""
        try:
            received = self.line.read_some(deadline)
        except NoAnswer:
            return
        self.waiting += received
        self.heard = (self.heard + received)[-4096:]
        self.unjudged += received
        frames, done = osdp_frames.find_frames(self.unjudged, self.sender)
        self.unjudged = self.unjudged[done:]
        if self.wrote:  # what came before is the rest of an older call
            self.replies += frames

    def read(self, max_bytes: int) -> bytes:
        """What libosdp may have of it."""
        some, self.waiting = self.waiting[:max_bytes], self.waiting[max_bytes:]
        return some

    def write(self, buf: bytes) -> int:
        """What libosdp says."""
        try:
            self.line.write(buf, time.monotonic() + ANSWER_S)
        except DriverError as error:
            self.broken = error
            return -1
        self.wrote = True
        return len(buf)

    def flush(self) -> None:
        """Throw away what waits."""
        self.waiting = b""


class Osdp(Driver):
    """A gate behind an OSDP device."""

    key: ClassVar[str] = "barrier/osdp"
    kind: ClassVar[Kind] = Kind.BARRIER
    options: ClassVar[type[Options]] = OsdpOptions
    proven_on: ClassVar[tuple[Proof, ...]] = (
        Proof(
            ProofLevel.SIMULATOR,
            "libosdp 3.2.9 as the device in another process, judged by the independent osdp 1.6; captured frames",
        ),
    )

    def __init__(self, options: OsdpOptions) -> None:
        self._given = options
        self._line = SerialLine(options.port, options.baud)
        self._wire = _Wire(self._line, options.address | osdp_frames.REPLY_BIT)
        self._wiring = Wiring(options.beam_a, options.beam_b, options.door, options.invert_beams, options.invert_door)
        self._watchman = Watchman()
        self._panel: osdp_sys.ControlPanel | None = None
        self._inputs: list[bool] = []
        self._completed: list[int] = []
        self._spoke = 0.0
        self._met = False  # a device that was met once is never the wrong one for noise on its wire

    def open(self) -> Identity:
        """Connect, build the secure channel, lock, and learn the inputs.

        Raises:
            DeviceFault: `bad_key_file`; `not_authorised`: the device has another key; `inputs_unknown`: it does not
                report its inputs; `no_such_output`, `no_such_input`.
            WrongDevice: something answers that does not speak the protocol.
            DriverError: as in `Driver.open`.
        """
        deadline = time.monotonic() + OPEN_S
        self._line.open(deadline)
        self._met = False
        panel = self._new_session(deadline)
        self._met = True
        self._check_wiring(panel)
        self.lock()
        self._watchman.released()
        if self._wiring.used:
            self._pump(lambda: bool(self._inputs), deadline, "inputs_unknown")
        made = panel.get_pd_id(0)
        version = made["firmware_version"].to_bytes(4, "big", signed=True)[1:]
        return Identity(
            maker=f"{made['vendor_code'] & 0xFFFFFF:06x}",
            model=f"OSDP {made['model']}.{made['version']}",
            serial=f"{made['serial_number'] & 0xFFFFFFFF:08x}",
            firmware=".".join(str(part) for part in version),
        )

    def probe(self) -> None:
        """Poll the device until it has nothing more to report."""
        self.state()

    def close(self) -> None:
        """Let go of the port. The device ends a release by itself."""
        self._line.close()
        self._panel = None

    def state(self) -> BarrierState:
        """Poll the device until it has nothing more to report, and say what it reported last."""
        self._exchange(lambda: any(reply.code == osdp_frames.ACK for reply in self._wire.replies))
        return self._watchman.look(time.monotonic(), self._sensed())

    def let_one_pass(self, within: float) -> Crossing:
        """Release, watch, lock. See `Barrier.let_one_pass` and `lane.let_one_pass`."""
        self._watchman.released()
        return lane.let_one_pass(self, within, self._given.pulse_seconds, self._given.sensors)

    def release(self) -> None:
        """Switch the output on for as long as a pulse. A step of `lane`."""
        self._command(ON_FOR, max(1, round(self._given.pulse_seconds * 10)))

    def lock(self) -> None:
        """Switch the output off. A step of `lane`."""
        self._command(OFF, 0)

    def look(self) -> BarrierState:
        """Take the answer to one poll: reports come one by one, and none of them is skipped. A step of `lane`."""
        self._exchange(lambda: bool(self._wire.replies))
        return self._sensed()

    def _sensed(self) -> BarrierState:
        return self._wiring.state(self._inputs)

    def _new_session(self, deadline: float) -> osdp_sys.ControlPanel:
        given = self._given
        self._line.drain()
        self._wire.clear()
        self._inputs = []
        panel = osdp_sys.ControlPanel(
            [
                {
                    "name": "gate",
                    "address": given.address,
                    "flags": osdp_sys.FLAG_ENFORCE_SECURE,
                    "scbk": read_key(given.key_file),
                    "channel": self._wire,
                    "version": 0,
                    "model": 0,
                    "vendor_code": 0,
                    "serial_number": 0,
                    "firmware_version": 0,
                }
            ]
        )
        panel.set_event_callback(self._told)
        panel.set_command_completion_callback(lambda _, __, outcome: self._completed.append(outcome))
        self._panel = panel
        self._pump(lambda: bool(panel.sc_status()), deadline)
        return panel

    def _check_wiring(self, panel: osdp_sys.ControlPanel) -> None:
        if panel.check_capability(0, osdp_sys.CAP_OUTPUT_CONTROL)[1] <= self._given.output:
            raise DeviceFault("no_such_output", "the device has fewer outputs", remedy=Remedy.TECHNICIAN)
        inputs = panel.check_capability(0, osdp_sys.CAP_CONTACT_STATUS_MONITORING)[1]
        if self._wiring.used and inputs <= max(self._wiring.used):
            raise DeviceFault("no_such_input", "the device has fewer inputs", remedy=Remedy.TECHNICIAN)

    def _told(self, _device: int, event: dict[str, int | str | bytes]) -> int:
        report = event.get("report")
        if (
            event.get("event") == osdp_sys.EVENT_STATUS
            and event.get("type") == osdp_sys.STATUS_REPORT_INPUT
            and isinstance(report, bytes)
        ):
            self._inputs = [bool(value) for value in report]
        return 0

    def _session(self) -> osdp_sys.ControlPanel:
        """The secure channel, built again when the device has forgotten it."""
        if self._panel is None:
            raise LinkError(f"{self._line.address} is closed")
        if time.monotonic() - self._spoke > SESSION_S:
            deadline = time.monotonic() + ANSWER_S
            self._new_session(deadline)
            if self._wiring.used:
                self._pump(lambda: bool(self._inputs), deadline, "inputs_unknown")
        self._wire.begin()
        return self._panel

    def _exchange(self, done: Callable[[], bool]) -> None:
        panel = self._session()
        self._pump(lambda: done() and bool(panel.sc_status()), time.monotonic() + ANSWER_S)

    def _command(self, control_code: int, tenths: int) -> None:
        panel = self._session()
        self._completed.clear()
        command = {
            "command": osdp_sys.CMD_OUTPUT,
            "output_no": self._given.output,
            "control_code": control_code,
            "timer_count": tenths,
        }
        if not panel.submit_command(0, command):
            raise NoAnswer(f"{self._line.address}: the device has gone from its bus", effect=Effect.NO)
        self._pump(lambda: bool(self._completed), time.monotonic() + ANSWER_S)
        if self._completed[0] != osdp_sys.COMPLETION_OK:
            refused = any(reply.code == osdp_frames.NAK for reply in self._wire.replies)
            if refused:
                raise DeviceFault("refused", "the device refuses", remedy=Remedy.TECHNICIAN, effect=Effect.NO)
            raise self._what_went_wrong("")

    def _pump(self, done: Callable[[], bool], deadline: float, fault: str = "") -> None:
        """Let libosdp work until `done`.

        Raises:
            DriverError: with `effect` UNKNOWN where bytes have left.
        """
        panel, wire = self._panel, self._wire
        if panel is None:
            raise LinkError(f"{self._line.address} is closed")
        was_secure = bool(panel.sc_status())
        while True:
            panel.refresh()
            if wire.broken is not None:
                raise wire.broken
            if done():
                self._spoke = time.monotonic()
                return
            now = time.monotonic()
            if now >= deadline or (was_secure and not panel.sc_status()):
                raise self._what_went_wrong(fault)
            wire.wait(min(deadline, now + PUMP_S))

    def _what_went_wrong(self, fault: str) -> DriverError:
        self._spoke = 0.0  # whatever comes next begins with a new session
        wire, where = self._wire, self._line.address
        codes = {reply.code for reply in wire.replies}
        secured = any(reply.secured and reply.code != osdp_frames.CHALLENGE_ANSWERED for reply in wire.replies)
        if osdp_frames.CHALLENGE_ANSWERED in codes and not secured:
            return DeviceFault("not_authorised", "the device has another key", remedy=Remedy.TECHNICIAN)
        if fault and codes:
            return DeviceFault(fault, remedy=Remedy.TECHNICIAN)
        if not wire.heard or codes:
            return NoAnswer(f"{where}: the device fell silent", effect=Effect.UNKNOWN)
        if self._met or resembles(wire.heard, bytes([osdp_frames.START, wire.sender])):
            return BadFrame("no whole frame in the answer", wire.heard, effect=Effect.UNKNOWN)
        return WrongDevice(f"{where}: what answers does not speak OSDP")


def read_key(file: str) -> bytes:
    """Read the key of the secure channel, 16 bytes.

    Raises:
        DeviceFault: `bad_key_file`: it cannot be read, or is no key.
    """
    try:
        key = bytes.fromhex(Path(file).read_text(encoding="ascii"))
    except (OSError, ValueError) as error:
        raise DeviceFault("bad_key_file", f"{file}: {type(error).__name__}", remedy=Remedy.TECHNICIAN) from None
    if len(key) != 16:
        raise DeviceFault("bad_key_file", f"{file}: not 16 bytes", remedy=Remedy.TECHNICIAN)
    return key
