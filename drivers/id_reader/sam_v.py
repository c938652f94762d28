"""The protocol of the SAM_V module that every reader of Chinese identity cards contains (GA/T 467), as pure functions.

Frames, commands and status codes: eastcoms.com/service/downdrive/508.html and softs.im; text records: afzhan.com
(foreigner 2017), eastcoms.com/service/pro/840.html (foreigner 2023), Johann356/readinfo (all four).
"""

from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import xor
from typing import Final

from drivers.errors import BadFrame, DeviceFault, DriverError, Remedy
from drivers.kinds import DocumentKind, IdCard

PREAMBLE: Final = bytes.fromhex("AAAAAA9669")
SHORTEST: Final = 4
"""Least LEN of a reply: SW1 SW2 SW3 and the check byte."""
LONGEST: Final = 0x090A
"""Greatest LEN of a reply: text, photo and two fingerprints."""

RESET: Final = b"\x10\xff"
STATUS: Final = b"\x11\xff"
MODULE_ID: Final = b"\x12\xff"
FIND: Final = b"\x20\x01"
SELECT: Final = b"\x20\x02"
READ_TEXT_AND_PHOTO: Final = b"\x30\x01"
READ_WITH_FINGERPRINTS: Final = b"\x30\x10"
READ_NEWEST_ADDRESS: Final = b"\x30\x03"

OK: Final = 0x90
FOUND: Final = 0x9F
NOT_ON_CARD: Final = 0x91
NOT_SUPPORTED: Final = frozenset({0x21, 0x23, 0x24})
NO_CARD: Final = frozenset({0x80, 0x81})
"""Find or select failed: the normal state of a reader that nobody uses."""

TEXT_SIZE: Final = 256
PHOTO_SIZE: Final = 1024
FINGERPRINT_SIZES: Final = frozenset({0, 512, 1024})
"""None, one finger, two. They are templates of GA/T 1012, opaque here."""
ADDRESS_SIZE: Final = 70
PADDING: Final = " \0\u3000"


@dataclass(frozen=True, slots=True, repr=False)
class Reply:
    """One reply frame whose check byte was right.

    Attributes:
        card_status: SW1 SW2, the card's own status.
        status: SW3, see `FAULTS`.
        data: what follows.
    """

    card_status: bytes
    status: int
    data: bytes

    def __repr__(self) -> str:
        return f"Reply(SW {self.card_status.hex()} {self.status:02x}, {len(self.data)} bytes)"


def check_byte(checked: bytes) -> int:
    """XOR of the bytes from LEN to the last data byte."""
    return reduce(xor, checked, 0)


def request(command: bytes) -> bytes:
    """Build a request frame.

    Args:
        command: CMD, PARA and data.
    """
    checked = (len(command) + 1).to_bytes(2, "big") + command
    return PREAMBLE + checked + bytes([check_byte(checked)])


def find_reply(received: bytes) -> Reply | None:
    """Find the first reply in what was received, skipping whatever stands before it.

    Returns:
        None while more bytes are needed.

    Raises:
        BadFrame: the frame is whole and its check byte is wrong.
    """
    start = received.find(PREAMBLE)
    while start >= 0:
        header_end = start + len(PREAMBLE) + 2
        if len(received) < header_end:
            return None
        length = int.from_bytes(received[header_end - 2 : header_end], "big")
        if SHORTEST <= length <= LONGEST:
            end = header_end + length
            if len(received) < end:
                return None
            checked, check = received[start + len(PREAMBLE) : end - 1], received[end - 1]
            if check_byte(checked) != check:
                raise BadFrame("wrong check byte", received[start:end])
            return Reply(checked[2:4], checked[4], checked[5:])
        start = received.find(PREAMBLE, start + 1)  # a preamble by chance, inside garbage
    return None


# ---------------------------------------------------------------------------------------------------------------
# Status codes (SW3)


@dataclass(frozen=True, slots=True)
class _Fault:
    name: str
    remedy: Remedy
    detail: str


FAULTS: Final[dict[int, _Fault]] = {
    0x10: _Fault("line_noise", Remedy.WAIT, "the reader got a request with a wrong check byte"),
    0x11: _Fault("line_noise", Remedy.WAIT, "the reader got a request with a wrong length"),
    0x21: _Fault("refused", Remedy.TECHNICIAN, "the reader does not know this command or parameter"),
    0x23: _Fault("refused", Remedy.TECHNICIAN, "the reader does not permit this command"),
    0x24: _Fault("refused", Remedy.TECHNICIAN, "the reader does not recognise this command"),
    0x31: _Fault("card_rejected", Remedy.ATTENDANT, "the card rejects the reader"),
    0x32: _Fault("card_rejected", Remedy.ATTENDANT, "the reader rejects the card"),
    0x33: _Fault("card_rejected", Remedy.ATTENDANT, "the card's data do not verify"),
    0x40: _Fault("wrong_card", Remedy.WAIT, "not an identity card"),
    0x41: _Fault("card_moved", Remedy.WAIT, "the card could not be read to the end"),
    0x47: _Fault("card_moved", Remedy.WAIT, "the card gave no random number"),
    0x60: _Fault("self_test_failed", Remedy.TECHNICIAN, "the security module failed its self-test"),
    0x66: _Fault("not_authorised", Remedy.TECHNICIAN, "the security module is not authorised, or its term is over"),
    0x80: _Fault("card_moved", Remedy.WAIT, "the card left after it had been found"),
    0x81: _Fault("card_moved", Remedy.WAIT, "the card left after it had been found"),
    0x91: _Fault("not_on_card", Remedy.WAIT, "the card does not hold this"),
}
"""SW3 of a failed command → what it means. 80 and 81 stand here for a card that was found before."""


def failure(reply: Reply) -> DriverError:
    """The error that a reply stands for, when its status is none that was hoped for."""
    fault = FAULTS.get(reply.status)
    if fault is None:
        return BadFrame(f"unknown status {reply.status:02x}", bytes([reply.status]))
    detail = f"{fault.detail} (SW {reply.card_status.hex()} {reply.status:02x})"
    return DeviceFault(fault.name, detail, remedy=fault.remedy)


# ---------------------------------------------------------------------------------------------------------------
# What the replies hold


def module_id(data: bytes) -> str:
    """Read the module's number as it is printed: `05.03-YYYYMMDD-NNNNNNNNNN-NNNNNNNNNN`.

    Raises:
        BadFrame: not 16 bytes.
    """
    if len(data) != 16:
        raise BadFrame("a module number has 16 bytes", data)
    maker, kind = int.from_bytes(data[:2], "little"), int.from_bytes(data[2:4], "little")
    day, number, check = (int.from_bytes(data[at : at + 4], "little") for at in (4, 8, 12))
    return f"{maker:02d}.{kind:02d}-{day:08d}-{number:010d}-{check:010d}"


def text_and_photo(data: bytes) -> tuple[bytes, bytes]:
    """Split the data of a read reply.

    Returns:
        The text record, 256 bytes, and the photo block, 1024 bytes.

    Raises:
        BadFrame: other lengths, or lengths that do not agree with the frame.
    """
    text_size, photo_size = int.from_bytes(data[:2], "big"), int.from_bytes(data[2:4], "big")
    if (text_size, photo_size) != (TEXT_SIZE, PHOTO_SIZE) or len(data) != 4 + TEXT_SIZE + PHOTO_SIZE:
        raise BadFrame("not a text record with a photo", data)
    return data[4 : 4 + TEXT_SIZE], data[4 + TEXT_SIZE :]


def text_photo_and_fingerprints(data: bytes) -> tuple[bytes, bytes, bytes]:
    """Split the data of a reply to `READ_WITH_FINGERPRINTS`. A card without any gives a shorter frame and no error.

    Returns:
        The text record, 256 bytes; the photo block, 1024 bytes; the fingerprints, 0, 512 or 1024 bytes.

    Raises:
        BadFrame: other lengths, or lengths that do not agree with the frame.
    """
    size = int.from_bytes(data[4:6], "big")
    if size not in FINGERPRINT_SIZES or len(data) != 6 + TEXT_SIZE + PHOTO_SIZE + size:
        raise BadFrame("not a text record with a photo and fingerprints", data)
    text, photo = text_and_photo(data[:4] + data[6 : 6 + TEXT_SIZE + PHOTO_SIZE])
    return text, photo, data[6 + TEXT_SIZE + PHOTO_SIZE :]


def newest_address(data: bytes) -> str:
    """Read the data of a reply to `READ_NEWEST_ADDRESS`: 35 characters, as YinanSoft's `SerialReader` reads them.

    Raises:
        BadFrame: not 70 bytes, or no text.
    """
    if len(data) != ADDRESS_SIZE:
        raise BadFrame("an appended address has 70 bytes", data)
    return _characters(data).strip(PADDING)


def _characters(data: bytes) -> str:
    try:
        return data.decode("utf-16-le")
    except UnicodeDecodeError:
        raise BadFrame("no text", data) from None


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where the fields of a text record stand: (offset, size) in bytes."""

    document: DocumentKind
    names: tuple[tuple[tuple[int, int], ...], ...]
    """In order of preference; the parts of one name are joined."""
    sex: tuple[int, int]
    birth: tuple[int, int]
    number: tuple[int, int]
    valid_from: tuple[int, int]
    valid_to: tuple[int, int]
    nation: tuple[int, int] | None = None
    address: tuple[int, int] | None = None
    issuer: tuple[int, int] | None = None
    nationality: tuple[int, int] | None = None


TYPE_FLAG: Final = (248, 2)
LAYOUTS: Final[dict[str, _Layout]] = {
    "": _Layout(
        DocumentKind.RESIDENT,
        names=(((0, 30),),),
        sex=(30, 2),
        nation=(32, 4),
        birth=(36, 16),
        address=(52, 70),
        number=(122, 36),
        issuer=(158, 30),
        valid_from=(188, 16),
        valid_to=(204, 16),
    ),
    "J": _Layout(
        DocumentKind.HK_MO_TW,
        names=(((0, 30),),),
        sex=(30, 2),
        birth=(36, 16),
        address=(52, 70),
        number=(122, 36),
        issuer=(158, 30),
        valid_from=(188, 16),
        valid_to=(204, 16),
    ),
    "I": _Layout(
        DocumentKind.FOREIGNER,
        names=(((0, 120),), ((158, 30),)),
        sex=(120, 2),
        number=(122, 30),
        valid_from=(188, 16),
        valid_to=(204, 16),
        birth=(220, 16),
        nationality=(152, 6),
    ),
    "Y": _Layout(
        DocumentKind.FOREIGNER,
        names=(((52, 70), (220, 22)), ((0, 30),)),
        sex=(30, 2),
        birth=(36, 16),
        number=(122, 36),
        valid_from=(188, 16),
        valid_to=(204, 16),
        nationality=(242, 6),
    ),
}
"""Type flag, without its space → layout. The flag is read first: the same offset means different things."""

FOR_EVER: Final = "长期"


def card(text: bytes, photo: bytes, fingerprints: bytes = b"", appended_address: str = "") -> IdCard:
    """Read a text record.

    Args:
        text: 256 bytes, UTF-16LE padded with spaces.
        photo: the photo block, passed on as it is.
        fingerprints: the same.
        appended_address: the same.

    Raises:
        DeviceFault: `wrong_card`, a kind of card that is not known here.
        BadFrame: not text, or a date that is none.
    """
    if len(text) != TEXT_SIZE:
        raise BadFrame("a text record has 256 bytes", text)

    def field(where: tuple[int, int] | None) -> str:
        if where is None:
            return ""
        return _characters(text[where[0] : sum(where)]).strip(PADDING)

    def day(where: tuple[int, int]) -> date:
        digits = field(where)
        if len(digits) == 8 and digits.isascii() and digits.isdigit():
            try:
                return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
            except ValueError:
                pass  # eight digits that are no date are as wrong as none
        raise BadFrame(f"no date at {where[0]}", text)

    layout = LAYOUTS.get(field(TYPE_FLAG))
    if layout is None:
        raise DeviceFault("wrong_card", "a text record of an unknown type", remedy=Remedy.WAIT)
    # joined first: the space between two words may be the last character of a part
    joined = (b"".join(text[offset : offset + size] for offset, size in parts) for parts in layout.names)
    names = (_characters(name).strip(PADDING) for name in joined)
    return IdCard(
        document=layout.document,
        name=next((name for name in names if name), ""),
        number=field(layout.number),
        sex=field(layout.sex),
        nation=field(layout.nation),
        birth=day(layout.birth),
        address=field(layout.address),
        issuer=field(layout.issuer),
        valid_from=day(layout.valid_from),
        valid_to=None if field(layout.valid_to) == FOR_EVER else day(layout.valid_to),
        photo=photo,
        fingerprints=fingerprints,
        appended_address=appended_address,
        nationality=field(layout.nationality),
    )
