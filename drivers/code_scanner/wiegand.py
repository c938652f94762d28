"""Wiegand words of 26 and 34 bits. Pure functions.

First bit: even parity over itself and the first half of the data; last bit: odd parity over the second half and itself.
The data between them is a facility code, 8 or 16 bits, and a number, 16 bits.
"""

from dataclasses import dataclass
from typing import Final

from drivers.errors import BadFrame

SIZES: Final = {3: 26, 4: 34}
"""Bytes of data → bits of the word."""


@dataclass(frozen=True, slots=True, repr=False)
class Token:
    """What a card or a key fob says. `repr` is masked.

    Attributes:
        facility: 0-255, or 0-65535 in a word of 34 bits.
        number: 0-65535.
    """

    facility: int
    number: int

    def __repr__(self) -> str:
        return "Token(masked)"

    @property
    def text(self) -> bytes:
        """Facility and number as decimal ASCII, `212/7041`."""
        return b"%d/%d" % (self.facility, self.number)


def word(data: bytes) -> str:
    """The word that travels on the wires for 3 or 4 bytes of data, as zeros and ones in the order of sending."""
    bits = f"{int.from_bytes(data, 'big'):0{len(data) * 8}b}"
    half = len(bits) // 2
    return f"{bits[:half].count('1') % 2}{bits}{1 - bits[half:].count('1') % 2}"


def from_word(bits: str) -> Token:
    """Read a word.

    Args:
        bits: zeros and ones in the order of sending, with both parity bits.

    Raises:
        BadFrame: the wrong number of bits, or wrong parity.
    """
    if len(bits) not in SIZES.values() or not set(bits) <= {"0", "1"}:
        raise BadFrame("no Wiegand word of 26 or 34 bits", bits.encode(errors="replace"))
    data = int(bits[1:-1], 2).to_bytes((len(bits) - 2) // 8, "big")
    if word(data) != bits:
        raise BadFrame("wrong parity", bits.encode())
    return from_data(data)


def from_data(data: bytes) -> Token:
    """Read the data of a word whose parity somebody else has checked.

    Args:
        data: 3 or 4 bytes.

    Raises:
        BadFrame: another number of bytes.
    """
    if len(data) not in SIZES:
        raise BadFrame("no Wiegand data of 3 or 4 bytes", data)
    return Token(int.from_bytes(data[:-2], "big"), int.from_bytes(data[-2:], "big"))


def from_hex_line(line: bytes) -> Token:
    """Read what a converter of the WIE232 kind sends: the data as 6 or 8 hexadecimal digits.

    Raises:
        BadFrame: anything else.
    """
    if not line or set(line.upper()) - set(b"0123456789ABCDEF") or len(line) % 2:
        raise BadFrame("no hexadecimal digits", line)
    return from_data(bytes.fromhex(line.decode("ascii")))


def from_bit_line(line: bytes) -> Token:
    """Read a line of zeros and ones: the whole word, as a microcontroller sends it that checks nothing.

    Raises:
        BadFrame: anything else.
    """
    return from_word(line.decode("latin-1"))
