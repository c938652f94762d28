"""Newland scanners and engines (FM430, FM530, EM20, HR52 and relatives) on a serial line or as USB serial.

Programming commands: Newland FM530 User Manual, chapter 13 (manualslib 3311958, page 141). `#` makes a command
temporary; the other mark, `@`, writes to flash and is never sent.
"""

import contextlib
import time
from typing import ClassVar, Final

from pydantic import Field

from drivers.code_scanner.menu_commands import Answer, find_answer, report_field
from drivers.code_scanner.payload import PayloadReader, Suffix, scan_with_light
from drivers.contract import Driver, Identity, Kind, Options, Proof, ProofLevel
from drivers.errors import BadFrame, DeviceFault, NoAnswer, Remedy, WrongDevice
from drivers.kinds import Scan
from drivers.transport.recognise import resembles
from drivers.transport.serial_line import SerialLine

COMMAND: Final = b"~\x010000"
ANSWER: Final = b"\x02\x010000"
TEMPORARY: Final = b"#"
END: Final = b";\x03"

ON_COMMAND: Final = b"SCNMOD0"
"""Reads when it is told to; the light is off otherwise."""
WHICH_MODE: Final = b"SCNMOD*"
TRIGGER_ON: Final = b"SCNTRG1"
TRIGGER_OFF: Final = b"SCNTRG0"
SYSTEM: Final = b"QRYSYS"

ANSWER_S: Final = 0.5
REPORT_S: Final = 1.0


def command(settings: bytes) -> bytes:
    """Build a command, which holds until the scanner is switched off."""
    return COMMAND + TEMPORARY + settings + END


class NewlandOptions(Options):
    """Where the scanner is, and how it ends a code."""

    port: str = Field(description="serial port, best one that names the socket")
    baud: int = Field(default=9600, ge=1200, description="9600 as delivered; of no matter for USB serial")
    suffix: Suffix = Field(
        default=Suffix.CR, description="what the scanner sends after a code: cr, lf, crlf, tab, none"
    )


class Newland(Driver):
    """A Newland scanner that reads when it is told to."""

    key: ClassVar[str] = "code_scanner/newland"
    kind: ClassVar[Kind] = Kind.CODE_SCANNER
    options: ClassVar[type[Options]] = NewlandOptions
    proven_on: ClassVar[tuple[Proof, ...]] = (
        Proof(ProofLevel.SIMULATOR, "commands and answers of Newland's manuals (FM530, HR52)"),
    )

    def __init__(self, options: NewlandOptions) -> None:
        self._line = SerialLine(options.port, options.baud)
        self._payloads = PayloadReader(self._line, options.suffix, options.baud)

    def open(self) -> Identity:
        """Connect, choose reading on command, switch the light off, and ask for the versions.

        Raises:
            WrongDevice: something answers that does not speak the protocol.
            DeviceFault: `setting_refused`.
            DriverError: as in `Driver.open`.
        """
        self._line.open(time.monotonic() + ANSWER_S)
        try:
            self._set(ON_COMMAND)
        except BadFrame as error:
            if not resembles(error.frame, ANSWER + TEMPORARY + ON_COMMAND):
                raise WrongDevice(f"{self._line.address}: what answers is no Newland scanner") from error
            raise
        self._set(TRIGGER_OFF)
        report = b""
        with contextlib.suppress(NoAnswer, BadFrame):  # older engines have none
            report = self._ask(SYSTEM, REPORT_S).values[0]
        return Identity(
            maker="Newland",
            model=report_field(report, "Product Name"),
            serial=report_field(report, "Serial Number"),
            firmware=report_field(report, "Firmware Version"),
        )

    def probe(self) -> None:
        """Ask how it is triggered."""
        self._ask(WHICH_MODE)

    def close(self) -> None:
        """Let go of the port."""
        self._line.close()

    def scan(self, within: float) -> Scan | None:
        """Light, wait for a code, light off. See `CodeScanner.scan`."""
        deadline = time.monotonic() + within
        return scan_with_light(
            lambda: self._set(TRIGGER_ON),
            lambda received: self._payloads.read(received, deadline),
            lambda: self._set(TRIGGER_OFF),
        )

    def _set(self, settings: bytes) -> bytes:
        """Send a command that is acknowledged; returns what came behind the acknowledgement."""
        answer = self._ask(settings)
        if answer.refused is not None:
            raise DeviceFault(
                "setting_refused", f"{settings.decode()}: {answer.refused.name}", remedy=Remedy.TECHNICIAN
            )
        return answer.rest

    def _ask(self, settings: bytes, seconds: float = ANSWER_S) -> Answer:
        deadline = time.monotonic() + seconds
        self._line.drain()
        self._line.write(command(settings), deadline)
        return self._line.read_frame(
            lambda received: find_answer(received, settings, head=ANSWER + TEMPORARY, tail=END), deadline
        )
