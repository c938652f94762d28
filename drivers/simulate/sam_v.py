"""A reader with a SAM_V module, and the cards that are laid on it.

Written from the published description, apart from the driver's own codec.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import ClassVar, Final

from drivers.kinds import DocumentKind
from drivers.simulate.usb_wire import FourPipeSimulator, HidSimulator
from drivers.simulate.wire import FarEnd, PtySimulator

PHOTO_HEADER: Final = bytes.fromhex("574C66007E0032000000FF85")
"""First bytes of every WLT photo block in public captures: "WL", 102 x 126."""
_MODULE: Final = bytes.fromhex("05000300D92A3301D20296490C7B8D4F")
_PREAMBLE: Final = b"\xaa\xaa\xaa\x96\x69"
_FIND_S: Final = 0.02
_SELECT_S: Final = 0.02
_READ_S: Final = 0.15


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedCard:
    """An invented person's card.

    Attributes:
        photo: the photo block, 1024 bytes.
        fingerprints: nothing, one template of 512 bytes or two.
        appended_address: what was written to the card later, 35 characters at most.
        nationality: of a foreigner.
        old_permit: whether a foreigner's card has the layout of 2017.
        refusal: SW3 that the module gives instead of the text: 0x31 suspected forged, 0x40 another kind of card,
            0x41 cannot be read; None for a good card.
    """

    name: str
    number: str
    birth: date
    photo: bytes
    sex: str = "1"
    nation: str = "01"
    address: str = ""
    issuer: str = ""
    valid_from: date = date(2015, 1, 1)
    valid_to: date | None = date(2035, 1, 1)
    document: DocumentKind = DocumentKind.RESIDENT
    fingerprints: bytes = b""
    appended_address: str = ""
    nationality: str = "XXX"
    old_permit: bool = False
    refusal: int | None = None


def text_record(card: SimulatedCard) -> bytes:
    """Encode the 256-byte record: resident, HK/MO/TW, or foreigner of either layout."""

    def text(value: str, size: int) -> bytes:
        return value.ljust(size // 2).encode("utf-16-le")[:size]

    def day(value: date | None) -> bytes:
        return text(f"{value:%Y%m%d}" if value else "长期", 16)

    span = day(card.valid_from) + day(card.valid_to)
    if card.document is DocumentKind.FOREIGNER and card.old_permit:
        record = text(card.name, 120) + text(card.sex, 2) + text(card.number, 30) + text(card.nationality, 6)
        record += text("", 30) + span + day(card.birth) + text("01", 4) + text("1500", 8) + text("I", 2)
    elif card.document is DocumentKind.FOREIGNER:
        record = text("", 30) + text(card.sex, 2) + text("00", 4) + day(card.birth) + text(card.name, 70)
        record += text(card.number, 36) + text("", 30) + span + text(card.name[35:], 22)
        record += text(card.nationality, 6) + text("Y", 2)
    else:
        resident = card.document is DocumentKind.RESIDENT
        record = text(card.name, 30) + text(card.sex, 2) + text(card.nation if resident else "", 4) + day(card.birth)
        record += text(card.address, 70) + text(card.number, 36) + text(card.issuer, 30) + span
        record += text("" if resident else "H12345678", 28) + text("" if resident else "J", 2)
    return record + text("", 256 - len(record))


def _reply(status: int, data: bytes = b"", card_status: bytes = b"\0\0") -> bytes:
    checked = (len(data) + 4).to_bytes(2, "big") + card_status + bytes([status]) + data
    check = 0
    for byte in checked:
        check ^= byte
    return _PREAMBLE + checked + bytes([check])


class SamV(FarEnd):
    """The module and what lies on it, whatever wire it is on.

    A card that was read is not found again until it has left the field and returned.
    """

    def __init__(self) -> None:
        self._field = threading.Lock()
        self._card: SimulatedCard | None = None
        self._laid = 0  # counts the cards laid down, so that a card that left and returned is another one
        self._found = self._selected = self._read = -1
        self._reads = 0
        self._snatched = False
        self._unheard = b""

    @property
    def reads(self) -> int:
        """How many cards were read to the end."""
        with self._field:
            return self._reads

    @property
    def card(self) -> SimulatedCard | None:
        """What lies on the reader."""
        with self._field:
            return self._card

    def lay(self, card: SimulatedCard) -> None:
        """Lay a card on the reader, in place of what lies there."""
        if len(card.photo) != 1024:
            raise ValueError("a photo block has 1024 bytes")
        if len(card.fingerprints) not in {0, 512, 1024}:
            raise ValueError("fingerprints have 512 bytes each")
        with self._field:
            self._card = replace(card)
            self._laid += 1

    def take_away(self) -> None:
        """Take the card away."""
        with self._field:
            self._card = None

    def snatch(self) -> None:
        """Take the next card away while it is being read, as people do who are in a hurry."""
        with self._field:
            self._snatched = True

    def powered_up(self) -> None:
        """Forget which card was read: a reader that returns reads the card that lies on it."""
        self._found = self._selected = self._read = -1
        self._unheard = b""

    def heard(self, received: bytes) -> None:
        """Take requests apart and answer each."""
        self._unheard += received
        while (start := self._unheard.find(_PREAMBLE)) >= 0:
            end = start + 7 + int.from_bytes(self._unheard[start + 5 : start + 7], "big")
            if len(self._unheard) < max(end, start + 7):
                return
            checked, self._unheard = self._unheard[start + 5 : end], self._unheard[end:]
            check = 0
            for byte in checked:
                check ^= byte
            self.say(_reply(0x10) if check else self._answer(checked[2:-1]))

    def _answer(self, command: bytes) -> bytes:
        answers: dict[bytes, Callable[[], bytes]] = {
            b"\x10\xff": self._reset,
            b"\x11\xff": lambda: _reply(0x90),
            b"\x12\xff": lambda: _reply(0x90, _MODULE),
            b"\x20\x01": self._find,
            b"\x20\x02": self._select,
            b"\x30\x01": self._read_text,
            b"\x30\x10": lambda: self._read_text(fingerprints=True),
            b"\x30\x03": self._newest_address,
        }
        return answers.get(command[:2], lambda: _reply(0x24))()

    def _reset(self) -> bytes:
        with self._field:
            self._found = self._selected = -1
        return _reply(0x90)

    def _find(self) -> bytes:
        self.pause(_FIND_S)
        with self._field:
            if self._card is None or self._read == self._laid:
                return _reply(0x80)
            self._found, self._selected = self._laid, -1
            return _reply(0x9F, bytes(4))

    def _select(self) -> bytes:
        self.pause(_SELECT_S)
        with self._field:
            if self._card is None or self._found != self._laid:
                return _reply(0x81)
            self._selected = self._laid
            return _reply(0x90, bytes(8))

    def _read_text(self, *, fingerprints: bool = False) -> bytes:
        self.pause(_READ_S)
        with self._field:
            if self._snatched:
                self._snatched, self._card = False, None
            if self._card is None or self._selected != self._laid:
                return _reply(0x41)
            self._read = self._laid
            if self._card.refusal is not None:
                return _reply(self._card.refusal)
            self._reads += 1
            sizes, prints = b"\x01\x00\x04\x00", b""
            if fingerprints:
                prints = self._card.fingerprints
                sizes += len(prints).to_bytes(2, "big")
            return _reply(0x90, sizes + text_record(self._card) + self._card.photo + prints)

    def _newest_address(self) -> bytes:
        self.pause(_FIND_S)
        with self._field:
            if self._card is None or self._selected != self._laid:
                return _reply(0x41)
            address = self._card.appended_address
            return _reply(0x90, address.ljust(35).encode("utf-16-le")[:70]) if address else _reply(0x91)


class SamVSimulator(SamV, PtySimulator):
    """A SAM_V reader on a serial line."""

    driver: ClassVar[str] = "id_reader/sam-v-serial"

    def __init__(self, folder: Path, name: str = "id_reader", *, seed: int = 0) -> None:
        SamV.__init__(self)
        PtySimulator.__init__(self, folder, name, seed=seed)


class SamVUsbSimulator(SamV, FourPipeSimulator):
    """A SAM_V reader on USB. It leaves nothing in `folder`."""

    driver: ClassVar[str] = "id_reader/sam-v-usb"

    def __init__(self, folder: Path, name: str = "id_reader", *, seed: int = 0) -> None:
        del folder, name
        SamV.__init__(self)
        FourPipeSimulator.__init__(self, 0x0400, 0xC35A, 7, seed=seed)


class SamVHidSimulator(SamV, HidSimulator):
    """A SAM_V reader behind HID reports. It leaves nothing in `folder`; its numbers are those for experiments."""

    driver: ClassVar[str] = "id_reader/sam-v-hid"

    def __init__(
        self,
        folder: Path,
        name: str = "id_reader",
        *,
        prefix: bytes = b"\x01",
        counted: bool = True,
        out_pipe: bool = True,
        seed: int = 0,
    ) -> None:
        del folder, name
        SamV.__init__(self)
        HidSimulator.__init__(self, 0x1209, 0x0001, prefix=prefix, counted=counted, out_pipe=out_pipe, seed=seed)
