"""GM65, GM805, GM861: QR and bar code modules of Hangzhou Grow, on their serial line.

Registers and frames: the maker's manual as quoted by sf:15089454839, and bench notes in Amperstrand/gm65-scanner
(`GM65-PROTOCOL-FINDINGS.md`). Settings are written to RAM only: the command that saves them is never sent.
"""

import time
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final

from pydantic import Field

from drivers.code_scanner.payload import PayloadReader, Suffix, scan_with_light
from drivers.contract import Driver, Identity, Kind, Options, Proof, ProofLevel
from drivers.errors import BadFrame, WrongDevice
from drivers.kinds import Scan
from drivers.transport.recognise import resembles
from drivers.transport.serial_line import SerialLine

SETTINGS: Final = 0x0000
TRIGGER: Final = 0x0002
VERSION: Final = 0x00E2
UNCHECKED: Final = b"\xab\xcd"
"""Stands where a CRC could, and tells the module not to check it."""

ANSWER_PREFIX: Final = bytes.fromhex("02000001")
ANSWER_SUFFIX: Final = bytes.fromhex("3331")
ANSWER_SIZE: Final = 7

ANSWER_S: Final = 0.5


class Mode(StrEnum):
    """How the module starts to read; bits 0-1 of its settings."""

    COMMAND = "command"
    CONTINUOUS = "continuous"
    """Some firmware (0x87) reads in this mode only; the trigger starts and stops it all the same."""


MODES: Final = {Mode.COMMAND: 0b01, Mode.CONTINUOUS: 0b10}


@dataclass(frozen=True, slots=True, repr=False)
class Answer:
    """An answer to a command.

    Attributes:
        value: of the register; 0 after writing.
        rest: what came behind it: perhaps a code already.
    """

    value: int
    rest: bytes


def read_register(register: int) -> bytes:
    """Build the command that reads one byte."""
    return b"\x7e\x00\x07\x01" + register.to_bytes(2, "big") + b"\x01" + UNCHECKED


def write_register(register: int, value: int) -> bytes:
    """Build the command that sets one byte, until the module is switched off."""
    return b"\x7e\x00\x08\x01" + register.to_bytes(2, "big") + bytes([value]) + UNCHECKED


def find_answer(received: bytes) -> Answer | None:
    """Find the first answer in what was received, skipping whatever stands before it.

    Returns:
        None while more bytes are needed.

    Raises:
        BadFrame: an answer that does not end as answers do.
    """
    start = received.find(ANSWER_PREFIX)
    if start < 0 or len(received) < start + ANSWER_SIZE:
        return None
    frame = received[start : start + ANSWER_SIZE]
    if not frame.endswith(ANSWER_SUFFIX):
        raise BadFrame("wrong end of an answer", frame)
    return Answer(frame[4], received[start + ANSWER_SIZE :])


class Gm65Options(Options):
    """Where the scanner is, and how it ends a code."""

    port: str = Field(description="serial port, best one that names the socket")
    baud: int = Field(default=9600, ge=1200, description="9600 as delivered")
    suffix: Suffix = Field(default=Suffix.CR, description="what the module sends after a code: cr, lf, crlf, tab, none")
    mode: Mode = Field(default=Mode.COMMAND, description="command, or continuous for firmware that needs it")


class Gm65(Driver):
    """A GM65 that reads when it is told to."""

    key: ClassVar[str] = "code_scanner/gm65"
    kind: ClassVar[Kind] = Kind.CODE_SCANNER
    options: ClassVar[type[Options]] = Gm65Options
    proven_on: ClassVar[tuple[Proof, ...]] = (
        Proof(ProofLevel.SIMULATOR, "commands and answers published for GM65", firmware="87"),
    )

    def __init__(self, options: Gm65Options) -> None:
        self._line = SerialLine(options.port, options.baud)
        self._payloads = PayloadReader(self._line, options.suffix, options.baud)
        self._mode = MODES[options.mode]

    def open(self) -> Identity:
        """Connect, read the version, choose the mode and switch the light off.

        Raises:
            WrongDevice: something answers that does not speak the protocol.
            DriverError: as in `Driver.open`.
        """
        self._line.open(time.monotonic() + ANSWER_S)
        try:
            version = self._ask(read_register(VERSION)).value
        except BadFrame as error:
            if not resembles(error.frame, ANSWER_PREFIX):
                raise WrongDevice(f"{self._line.address}: what answers is no GM65") from error
            raise
        settings = self._ask(read_register(SETTINGS)).value
        self._ask(write_register(SETTINGS, settings & ~0b11 | self._mode))
        self._ask(write_register(TRIGGER, 0))
        return Identity(maker="Hangzhou Grow", model="GM65", firmware=f"{version:02x}")

    def probe(self) -> None:
        """Read the version."""
        self._ask(read_register(VERSION))

    def close(self) -> None:
        """Let go of the port."""
        self._line.close()

    def scan(self, within: float) -> Scan | None:
        """Light, wait for a code, light off. See `CodeScanner.scan`."""
        deadline = time.monotonic() + within
        return scan_with_light(
            lambda: self._ask(write_register(TRIGGER, 1)).rest,
            lambda received: self._payloads.read(received, deadline),
            lambda: self._ask(write_register(TRIGGER, 0)),
        )

    def _ask(self, command: bytes) -> Answer:
        deadline = time.monotonic() + ANSWER_S
        self._line.drain()
        self._line.write(command, deadline)
        return self._line.read_frame(find_answer, deadline)
