"""Scanners that speak SSI: Zebra's engines (SE4xxx, DS-series with RS-232 or CDC-SSI) and Grow's GM72.

Wake-up, host mode and the answers of a GM72: manualshive 2270379, page 32. Parameters are changed temporarily only.
"""

import contextlib
import time
from enum import StrEnum
from typing import ClassVar, Final

from pydantic import Field

from drivers.code_scanner import ssi_packets as ssi
from drivers.code_scanner.payload import LARGEST, LATE_SUFFIX_S, PayloadReader, Suffix, scan_with_light
from drivers.contract import Driver, Identity, Kind, Options, Proof, ProofLevel
from drivers.errors import BadFrame, DeviceFault, NoAnswer, Remedy, WrongDevice
from drivers.kinds import Scan
from drivers.transport.line import MOST_WAITING
from drivers.transport.serial_line import SerialLine

ANSWER_S: Final = 0.5
AWAKE_S: Final = 0.5
"""A decoder that was heard this recently is not asleep."""
NO_READ: Final = b"NR"
"""Sent in place of a code at the end of a session by decoders that are set to."""
ANSWERS: Final = (ssi.ACK, ssi.NAK)


class Data(StrEnum):
    """How codes come."""

    PACKETS = "packets"
    """With a check and an acknowledgement: take this whenever the scanner can."""
    BARE = "bare"
    """The code and its suffix, as a GM72 sends them."""


class SsiOptions(Options):
    """Where the scanner is, and how its codes come."""

    port: str = Field(description="serial port, best one that names the socket")
    baud: int = Field(default=9600, ge=1200, description="9600 as delivered")
    data: Data = Field(default=Data.PACKETS, description="packets, or bare for a GM72")
    suffix: Suffix = Field(default=Suffix.CRLF, description="what ends a bare code: cr, lf, crlf, tab, none")


class Ssi(Driver):
    """A scanner on SSI that reads when it is told to."""

    key: ClassVar[str] = "code_scanner/ssi"
    kind: ClassVar[Kind] = Kind.CODE_SCANNER
    options: ClassVar[type[Options]] = SsiOptions
    proven_on: ClassVar[tuple[Proof, ...]] = (
        Proof(ProofLevel.SIMULATOR, "frames published for GM72 and by the tests of motorola-ssi-scanner (npm)"),
    )

    def __init__(self, options: SsiOptions) -> None:
        self._line = SerialLine(options.port, options.baud)
        self._data = options.data
        self._payloads = PayloadReader(self._line, options.suffix, options.baud)
        self._heard = 0.0

    def open(self) -> Identity:
        """Connect, choose host mode, and ask for the revision.

        Raises:
            WrongDevice: something answers that does not speak the protocol.
            DriverError: as in `Driver.open`.
        """
        self._line.open(time.monotonic() + ANSWER_S)
        self._heard = 0.0
        parameters = {ssi.PARAM_TRIGGER: ssi.TRIGGER_HOST}
        if self._data is Data.PACKETS:
            parameters |= {ssi.PARAM_PACKETS: 1, ssi.PARAM_HANDSHAKE: 1}
        try:
            self._command(ssi.PARAM_SEND, bytes([ssi.NO_BEEP, *(byte for pair in parameters.items() for byte in pair)]))
        except BadFrame as error:
            if 0 not in error.frame:  # each answer has zeros, and text has none
                raise WrongDevice(f"{self._line.address}: what answers does not speak SSI") from error
            raise
        return Identity(model="SSI decoder", firmware=self._revision())

    def probe(self) -> None:
        """End a session that is none."""
        self._command(ssi.STOP_SESSION)

    def close(self) -> None:
        """Let go of the port."""
        self._line.close()

    def scan(self, within: float) -> Scan | None:
        """Light, wait for a code, light off. See `CodeScanner.scan`."""
        deadline = time.monotonic() + within
        read = self._decoded if self._data is Data.PACKETS else self._payloads.read
        return scan_with_light(
            lambda: self._command(ssi.START_SESSION),
            lambda received: read(received, deadline),
            lambda: self._command(ssi.STOP_SESSION),
        )

    def _decoded(self, received: bytes, deadline: float) -> bytes | None:
        code, last = b"", b""
        while True:
            found = ssi.find_packet(received)
            if found is None:
                begun = bool(code or received)
                try:
                    received += self._line.read_some(time.monotonic() + LATE_SUFFIX_S if begun else deadline)
                except NoAnswer:
                    if not begun:
                        return None
                    self._refuse("a code cut short", code + received)
                if len(received) > MOST_WAITING:
                    self._refuse("no end of bytes and no packet in them", received)
                continue
            packet, received = found
            self._heard = time.monotonic()
            if packet.opcode != ssi.DECODE_DATA:
                continue
            self._say(ssi.packet(ssi.ACK))
            if packet.status & ssi.RETRANSMITTED and packet.data == last:
                continue  # our acknowledgement was lost, not the packet
            last = packet.data
            code += packet.data[1:]
            if len(code) > LARGEST:
                self._refuse("longer than any code", code)
            if not packet.status & ssi.CONTINUED:
                return None if code == NO_READ else code

    def _refuse(self, why: str, frame: bytes) -> None:
        """Keep the decoder from sending it again, into somebody else's scan."""
        self._say(ssi.packet(ssi.NAK, bytes([ssi.NAK_CANCEL])))
        raise BadFrame(why, frame)

    def _revision(self) -> str:
        """The firmware, empty where the decoder does not tell."""
        with contextlib.suppress(NoAnswer, BadFrame, DeviceFault):
            packet, _ = self._ask(ssi.REQUEST_REVISION, b"", (ssi.REPLY_REVISION, ssi.NAK))
            if packet.opcode == ssi.REPLY_REVISION:
                self._say(ssi.packet(ssi.ACK))
                return packet.data.split(b" ")[0].decode("ascii", "replace").strip()
        return ""

    def _command(self, opcode: int, data: bytes = b"") -> bytes:
        """Send a command that is acknowledged; returns what came behind the acknowledgement.

        Raises:
            DeviceFault: it was not.
        """
        packet, rest = self._ask(opcode, data, ANSWERS)
        if packet.opcode == ssi.NAK:
            cause = ssi.CAUSES.get(packet.data[0] if packet.data else -1, "refused")
            raise DeviceFault(cause, f"opcode {opcode:02x} was refused: {cause}", remedy=Remedy.TECHNICIAN)
        return rest

    def _ask(self, opcode: int, data: bytes, wanted: tuple[int, ...]) -> tuple[ssi.Packet, bytes]:
        if time.monotonic() - self._heard > AWAKE_S:
            self._say(ssi.WAKE)
            time.sleep(ssi.WAKE_S)  # the protocol wants it
        self._line.drain()
        self._say(ssi.packet(opcode, data))
        found = self._line.read_frame(lambda received: ssi.find_answer(received, wanted), time.monotonic() + ANSWER_S)
        self._heard = time.monotonic()
        return found

    def _say(self, data: bytes) -> None:
        self._line.write(data, time.monotonic() + ANSWER_S)
