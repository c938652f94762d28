"""A Wiegand reader behind a converter to a serial line, one line of text a card.

The default is the WIE232 of Priority 1 Design and its many relatives: 9600 8N1, the data in hexadecimal digits, CR; the
converter has checked the parity. Others send the word as zeros and ones. A converter speaks only when a card was shown,
so neither its presence nor its silence can be noticed: only a port that is gone is.
"""

import time
from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar, Final

from pydantic import Field

from drivers.code_scanner import wiegand
from drivers.code_scanner.payload import PayloadReader, Suffix
from drivers.contract import Driver, Identity, Kind, Options, Proof, ProofLevel
from drivers.kinds import Scan
from drivers.transport.serial_line import SerialLine

OPEN_S: Final = 0.5


class Form(StrEnum):
    """What the converter makes of a word."""

    HEX = "hex"
    """The data without its parity, 6 or 8 hexadecimal digits."""
    BITS = "bits"
    """The whole word, 26 or 34 zeros and ones."""


READERS: Mapping[Form, Callable[[bytes], wiegand.Token]] = MappingProxyType(
    {Form.HEX: wiegand.from_hex_line, Form.BITS: wiegand.from_bit_line}
)


class WiegandSerialOptions(Options):
    """Where the converter is, and how it writes a word."""

    port: str = Field(description="serial port, best one that names the socket")
    baud: int = Field(default=9600, ge=1200, description="bits per second")
    form: Form = Field(default=Form.HEX, description="hex (data in hexadecimal digits) or bits (the whole word)")
    suffix: Suffix = Field(default=Suffix.CR, description="what ends a line: cr, lf, crlf, tab, none")


class WiegandSerial(Driver):
    """A card reader with Wiegand wires. The payload is `facility/number` in decimal."""

    key: ClassVar[str] = "code_scanner/wiegand-serial"
    kind: ClassVar[Kind] = Kind.CODE_SCANNER
    options: ClassVar[type[Options]] = WiegandSerialOptions
    proven_on: ClassVar[tuple[Proof, ...]] = (
        Proof(ProofLevel.SIMULATOR, "published words of 26 and 34 bits, the published line of a WIE232"),
    )

    def __init__(self, options: WiegandSerialOptions) -> None:
        self._line = SerialLine(options.port, options.baud)
        self._reader = PayloadReader(self._line, options.suffix, options.baud)
        self._read = READERS[options.form]

    def open(self) -> Identity:
        """Connect. There is nothing to ask."""
        self._line.open(time.monotonic() + OPEN_S)
        return Identity(model="Wiegand converter")

    def probe(self) -> None:
        """See that the port is there, and forget the cards that nobody waited for."""
        self._line.drain()

    def close(self) -> None:
        """Let go of the port."""
        self._line.close()

    def scan(self, within: float) -> Scan | None:
        """Wait for a card. See `CodeScanner.scan`.

        Raises:
            BadFrame: what came is no word: wrong parity, wrong length, other characters.
        """
        line = self._reader.read(b"", time.monotonic() + within)
        return None if line is None else Scan(self._read(line.strip()).text)
