"""Honeywell scanners and engines (N36xx, N86xx, HF680, Xenon) on a serial line or as USB serial.

Triggers: N86XX User's Guide, 10-4. Menu commands end in `!`, which is RAM: the flash behind `.` wears out (N3680
Decoded Engine User Guide, page 144).
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

TRIGGER_ON: Final = b"\x16T\r"
TRIGGER_OFF: Final = b"\x16U\r"
MENU: Final = b"\x16M\r"
VOLATILE: Final = b"!"

BY_TRIGGER: Final = b"TRGMOD0"
"""Manual and serial trigger."""
WHICH_TRIGGER: Final = b"TRGMOD?"
REVISION: Final = b"REVINF"

ANSWER_S: Final = 0.5
REPORT_S: Final = 1.0


def menu(settings: bytes) -> bytes:
    """Build a menu command, which holds until the scanner is switched off."""
    return MENU + settings + VOLATILE


class HoneywellOptions(Options):
    """Where the scanner is, and how it ends a code."""

    port: str = Field(description="serial port, best one that names the socket")
    baud: int = Field(default=115200, ge=300, description="115200 as delivered; of no matter for USB serial")
    suffix: Suffix = Field(
        default=Suffix.CR, description="what the scanner sends after a code: cr, lf, crlf, tab, none"
    )


class Honeywell(Driver):
    """A Honeywell scanner that reads when it is told to."""

    key: ClassVar[str] = "code_scanner/honeywell"
    kind: ClassVar[Kind] = Kind.CODE_SCANNER
    options: ClassVar[type[Options]] = HoneywellOptions
    proven_on: ClassVar[tuple[Proof, ...]] = (
        Proof(
            ProofLevel.SIMULATOR, "commands and answers of Honeywell's guides; a published capture of a Voyager 1602g"
        ),
    )

    def __init__(self, options: HoneywellOptions) -> None:
        self._line = SerialLine(options.port, options.baud)
        self._payloads = PayloadReader(self._line, options.suffix, options.baud)

    def open(self) -> Identity:
        """Connect, choose reading by trigger, switch the light off, and ask for the revision.

        Raises:
            WrongDevice: something answers that does not speak the protocol.
            DeviceFault: `setting_refused`.
            DriverError: as in `Driver.open`.
        """
        self._line.open(time.monotonic() + ANSWER_S)
        try:
            refused = self._ask(BY_TRIGGER, ANSWER_S).refused
        except BadFrame as error:
            if not resembles(error.frame, BY_TRIGGER):
                raise WrongDevice(f"{self._line.address}: what answers is no Honeywell scanner") from error
            raise
        if refused is not None:
            raise DeviceFault("setting_refused", f"the serial trigger: {refused.name}", remedy=Remedy.TECHNICIAN)
        self._say(TRIGGER_OFF)
        report = b""
        with contextlib.suppress(NoAnswer, BadFrame):  # older engines have none
            report = self._ask(REVISION, REPORT_S).before
        return Identity(
            maker="Honeywell",
            model=report_field(report, "Product Name"),
            serial=report_field(report, "Serial Number"),
            firmware=report_field(report, "Software Part Number"),
        )

    def probe(self) -> None:
        """Ask how it is triggered."""
        self._ask(WHICH_TRIGGER, ANSWER_S)

    def close(self) -> None:
        """Let go of the port."""
        self._line.close()

    def scan(self, within: float) -> Scan | None:
        """Light, wait for a code, light off. See `CodeScanner.scan`."""
        deadline = time.monotonic() + within
        return scan_with_light(
            lambda: self._say(TRIGGER_ON),
            lambda received: self._payloads.read(received, deadline),
            lambda: self._say(TRIGGER_OFF),
        )

    def _ask(self, settings: bytes, seconds: float) -> Answer:
        deadline = time.monotonic() + seconds
        self._line.drain()
        self._line.write(menu(settings), deadline)
        return self._line.read_frame(lambda received: find_answer(received, settings, tail=VOLATILE), deadline)

    def _say(self, trigger: bytes) -> bytes:
        """Send what is not answered."""
        self._line.drain()
        self._line.write(trigger, time.monotonic() + ANSWER_S)
        return b""
