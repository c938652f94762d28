"""An ESC/POS printer without its wire: bytes in, answers and slips of paper out. No threads, no clock.

Written from Epson's command reference and the status bytes observed from emupos, not from our own encoder. What
arrives passes two stages, as in a real printer: real-time commands (DLE EOT, DLE ENQ, DLE DC4) are obeyed the moment
they arrive, wherever they stand; everything else waits in the buffer until it can be printed. Like a real one it does
not know when a host dies: a command that was cut short waits for its rest, whoever sends it.
"""

import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

import numpy as np
import segno
import zxingcpp
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from drivers.kinds import Align, Paper
from drivers.printer.raster import Fonts

Rows = NDArray[np.uint8]

_NOTO = Path("/usr/share/fonts/opentype/noto")
ROM = Fonts(_NOTO / "NotoSansCJK-Regular.ttc", _NOTO / "NotoSansCJK-Bold.ttc")
"""What stands for the type in the printer's ROM."""

_HALF = 12
_PITCH = 32
_REAL_TIME = re.compile(rb"\x10(?:\x04[\x01-\x04]|\x05[\x01\x02]|\x14\x08\x01\x03\x14\x01\x06\x02\x08)")

_ESC_SIZES: Mapping[int, int] = MappingProxyType(
    dict.fromkeys(b"@2FLS\x0c", 0)
    | dict.fromkeys(b'adeJKMGE-! 3tRVT{=rUu%?"', 1)
    | dict.fromkeys(b"$\\c", 2)
    | {ord("p"): 3, ord("W"): 8}
)
_FS_SIZES: Mapping[int, int] = MappingProxyType(
    dict.fromkeys(b"&.", 0) | dict.fromkeys(b"!-WC", 1) | dict.fromkeys(b"S", 2)
)
_GS_SIZES: Mapping[int, int] = MappingProxyType(
    dict.fromkeys(b":", 0) | dict.fromkeys(b"rIa!BbfhwHT", 1) | dict.fromkeys(b"LWP\\$", 2)
)
_DLE_DC4_SIZES: Mapping[int, int] = MappingProxyType({1: 2, 2: 2, 3: 5, 7: 1, 8: 7})


@dataclass(frozen=True, slots=True)
class Command:
    """One command as sent.

    Attributes:
        name: e.g. `GS v`; `text` for a byte to be printed, `unknown` for a byte that begins nothing.
        data: what follows the name, lengths included.
    """

    name: str
    data: bytes = b""


class Tokenizer:
    """Cuts a stream into commands. However the stream is split, the commands are the same."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[Command]:
        """Take bytes, and return the commands that are complete."""
        stream = self._rest + data
        commands: list[Command] = []
        at = 0
        while at < len(stream):
            size = _size(stream, at)
            if size is None or at + size > len(stream):
                break
            commands.append(_command(stream[at : at + size]))
            at += size
        self._rest = stream[at:]
        return commands

    def reset(self) -> None:
        """Forget the command that is not complete."""
        self._rest = b""


def _command(whole: bytes) -> Command:
    first = whole[0]
    if first in {0x1B, 0x1C, 0x1D} and len(whole) > 1:
        return Command({0x1B: "ESC ", 0x1C: "FS ", 0x1D: "GS "}[first] + chr(whole[1]), whole[2:])
    if first == 0x10 and len(whole) > 1:
        return Command({4: "DLE EOT", 5: "DLE ENQ", 20: "DLE DC4"}[whole[1]], whole[2:])
    if first in b"\n\r\t":
        return Command({10: "LF", 13: "CR", 9: "HT"}[first])
    return Command("text" if first >= 0x20 else "unknown", whole)


def _size(stream: bytes, at: int) -> int | None:
    """How many bytes the command at `at` has; None while that cannot be told. An unknown one has one byte."""
    first = stream[at]
    if first not in {0x10, 0x1B, 0x1C, 0x1D}:
        return 1
    if at + 1 >= len(stream):
        return None
    second = stream[at + 1]
    tail = stream[at + 2 : at + 2 + 6]  # as much as any length needs
    extra: int | None
    match first:
        case 0x10:
            extra = _dle(second, tail)
        case 0x1B:
            extra = _esc(second, stream, at + 2, tail)
        case 0x1C:
            extra = _counted(tail, 1) if second == ord("(") else _FS_SIZES.get(second, -2)
        case _:
            extra = _gs(second, stream, at + 2, tail)
    if extra is None:
        return None
    return 1 if extra == -2 else 2 + extra


def _dle(second: int, tail: bytes) -> int | None:
    match second:
        case 4 | 5:
            return 1
        case 20:
            return None if not tail else 1 + _DLE_DC4_SIZES.get(tail[0], 0)
    return -2


def _esc(second: int, stream: bytes, at: int, tail: bytes) -> int | None:
    match chr(second):
        case "*":
            if len(tail) < 3:
                return None
            columns = tail[1] | tail[2] << 8
            return 3 + columns * (3 if tail[0] in {32, 33} else 1)
        case "D":
            end = stream.find(b"\0", at)
            return None if end < 0 else end - at + 1
        case "(":
            return _counted(tail, 1)
    return _ESC_SIZES.get(second, -2)


def _gs(second: int, stream: bytes, at: int, tail: bytes) -> int | None:
    extra: int | None = _GS_SIZES.get(second, -2)
    match chr(second):
        case "v":
            extra = None if len(tail) < 6 else 6 + (tail[2] | tail[3] << 8) * (tail[4] | tail[5] << 8)
        case "(":
            extra = _counted(tail, 1)
        case "8":
            extra = None if len(tail) < 5 else 5 + int.from_bytes(tail[1:5], "little")
        case "V":
            extra = None if not tail else (1 if tail[0] in {0, 1, 48, 49} else 2)
        case "k" if len(tail) < 2:
            extra = None
        case "k" if tail[0] >= 65:
            extra = 2 + tail[1]
        case "k":
            end = stream.find(b"\0", at + 1)
            extra = None if end < 0 else end - at + 1
    return extra


def _counted(tail: bytes, before: int) -> int | None:
    """Size of `x pL pH data`, where `x` has `before` bytes."""
    return None if len(tail) < before + 2 else before + 2 + (tail[before] | tail[before + 1] << 8)


class PrinterModel:
    """The printer's inside.

    Args:
        width: dots across the head, a multiple of 8.
        serial: what GS I 68 answers.

    Attributes:
        slips: what was printed and cut, oldest first; mode "1", 0 is black.
        torn: what the paper's end or the power left uncut.
        texts: the text lines of what was printed, decoded.
        commands: names of the commands worked off, oldest first, the last thousand.
        unknown: bytes that begin no command.
        fault: as `PrinterStatus.fault`, set by whoever breaks it.
        jams: the next cut jams.
        mended: what is broken was mended; the printer goes on when it is told to (DLE ENQ).
        off_line: switched off-line by its button.
        paper_left: rows until the paper is out; None is plenty.
        clone: knows neither names (GS I) nor clearing (DLE DC4 8) nor status unasked (GS a), as cheap ones.
    """

    def __init__(self, width: int, serial: str, *, clone: bool = False) -> None:
        self.slips: list[Image.Image] = []
        self.torn: list[Image.Image] = []
        self.texts: list[str] = []
        self.commands: deque[str] = deque(maxlen=1000)
        self.unknown = bytearray()
        self.paper = Paper.OK
        self.cover_open = False
        self.fault = ""
        self.mended = False
        self.jams = False
        self.off_line = False
        self.paper_left: int | None = None
        self.clone = clone
        self._width = width
        self._serial = serial
        self._effects: Mapping[str, Callable[[bytes], None]] = {
            "ESC @": self._reset,
            "ESC a": self._set_align,
            "ESC d": self._feed_lines,
            "ESC J": self._feed_dots,
            "FS &": self._enter_chinese,
            "FS .": self._leave_chinese,
            "FS !": self._size_chinese,
            "GS !": self._size_plain,
            "ESC R": self._choose_country,
            "GS v": self._picture,
            "GS (": self._symbol,
            "GS V": self._cut,
            "GS a": self._tell_changes,
            "LF": self._line_feed,
        }
        self._answers: Mapping[str, Callable[[bytes], bytes]] = {"GS r": self._in_order, "GS I": self._identity}
        self.power_up()

    def power_up(self) -> None:
        """Forget everything but what hardware holds: the paper, the cover, the broken part."""
        self._tokenizer = Tokenizer()
        self._buffer: deque[Command] = deque()
        self._rows: deque[bytes] = deque()
        self._paper_rows: list[bytes] = []
        self._watched = b""
        self._automatic = False
        self._told = b""
        self._initialise()
        self._tear()

    def _initialise(self) -> None:
        self._chinese = True  # as Chinese models power up
        self._country = 15  # theirs, which has ¥ for $
        self._plain_size = self._chinese_size = (1, 1)
        self._align = Align.LEFT
        self._lead = b""
        self._cells: list[tuple[str, int, int, int]] = []
        self._qr = b""
        self._qr_module = 3

    @property
    def ready(self) -> bool:
        """Whether it prints."""
        return self.paper is not Paper.OUT and not self.cover_open and not self.fault and not self.off_line

    @property
    def busy(self) -> bool:
        """Whether anything waits to be printed."""
        return bool(self._rows or self._buffer)

    @property
    def rows_on_slip(self) -> int:
        """How many rows have been printed since the last cut."""
        return len(self._paper_rows)

    @property
    def has_work(self) -> bool:
        """Whether `work` would do anything."""
        return (self.ready and self.busy) or (self._automatic and self._told != self.automatic())

    def receive(self, data: bytes) -> list[bytes]:
        """Take bytes from the wire.

        Returns:
            Answers to the real-time commands among them, one an item.
        """
        answers: list[bytes] = []
        before = len(self._watched)
        watched = self._watched + data
        at = before
        for found in _REAL_TIME.finditer(watched):
            if found.end() <= before:
                continue
            self._buffer.extend(self._tokenizer.feed(watched[at : found.end()]))
            at = found.end()
            if found[0][1] == 0x04:
                answers.append(self._real_time(found[0][2]))
            elif found[0][1] == 0x05:
                self._recover(clear=found[0][2] == 2)
            elif not self.clone:
                self._clear()
                answers.append(b"\x37\x25\x00")
        self._buffer.extend(self._tokenizer.feed(watched[at:]))
        self._watched = watched[-9:]
        return answers

    def _recover(self, *, clear: bool) -> None:
        """DLE ENQ: heard only in an error that was mended."""
        if self.fault in {"cutter", "recoverable"} and self.mended:
            self.fault, self.mended = "", False
            if clear:
                self._clear()

    def _clear(self) -> None:
        """DLE DC4 8: settings stay."""
        self._tokenizer.reset()
        self._buffer.clear()
        self._rows.clear()
        self._cells.clear()
        self._lead = b""

    def work(self, rows: int) -> list[bytes]:
        """Work off what waits, until it is done, the printer is not ready, or `rows` rows have been printed.

        Returns:
            Answers to the commands worked off, one an item.
        """
        answers: list[bytes] = []
        while self.ready and self.busy:
            if self._rows:
                if rows <= 0:
                    break
                rows -= 1
                self._print_row(self._rows.popleft())
            else:
                answer = self._obey(self._buffer.popleft())
                if answer:
                    answers.append(answer)
        if self._automatic and self._told != self.automatic():
            self._told = self.automatic()
            answers.append(self._told)
        return answers

    def change_paper(self, paper: Paper) -> None:
        """Set the paper's state; new paper begins a new slip."""
        if paper is not Paper.OUT and self.paper is Paper.OUT:
            self._tear()
        self.paper = paper

    def automatic(self) -> bytes:
        """Answer as GS a would."""
        return bytes(
            (
                0x10 | (0 if self.ready else 0x08) | (0x20 if self.cover_open else 0),
                _error_bits(self.fault),
                {Paper.OK: 0, Paper.NEAR_END: 0x03, Paper.OUT: 0x0F}[self.paper],
                0,
            )
        )

    def _real_time(self, question: int) -> bytes:
        out = self.paper is Paper.OUT
        bits = {
            1: 0 if self.ready else 0x08,
            2: (0x04 if self.cover_open else 0) | (0x20 if out else 0) | (0x40 if self.fault else 0),
            3: _error_bits(self.fault),
            4: {Paper.OK: 0, Paper.NEAR_END: 0x0C, Paper.OUT: 0x6C}[self.paper],
        }[question]
        return bytes((0x12 | bits,))

    # -----------------------------------------------------------------------------------------------------------

    def _obey(self, command: Command) -> bytes:
        self.commands.append(command.name)
        if command.name == "text":
            self._type(command.data[0])
        elif command.name == "unknown":
            self.unknown += command.data
        elif command.name in self._answers:
            return self._answers[command.name](command.data)
        elif command.name in self._effects:
            self._effects[command.name](command.data)
        return b""

    def _in_order(self, data: bytes) -> bytes:
        """GS r."""
        if data[0] in {1, 49}:
            return {Paper.OK: b"\x00", Paper.NEAR_END: b"\x03", Paper.OUT: b"\x0f"}[self.paper]
        return b"\x00"

    def _identity(self, data: bytes) -> bytes:
        """GS I."""
        if self.clone:
            return b""
        texts = {65: "1.00", 66: "HALL", 67: "SIM-80", 68: self._serial}
        if data[0] in texts:
            return b"_" + texts[data[0]].encode("ascii") + b"\0"
        return b"\x20" if data[0] in {1, 2, 3, 49, 50, 51} else b""

    def _reset(self, _data: bytes) -> None:
        """ESC @."""
        self._initialise()

    def _tell_changes(self, data: bytes) -> None:
        """GS a: answer at the next change, and once now."""
        self._automatic = data[0] != 0 and not self.clone
        self._told = b""

    def _enter_chinese(self, _data: bytes) -> None:
        self._chinese = True

    def _leave_chinese(self, _data: bytes) -> None:
        self._chinese = False

    def _size_chinese(self, data: bytes) -> None:
        """FS !."""
        self._chinese_size = (2 if data[0] & 0x04 else 1, 2 if data[0] & 0x08 else 1)

    def _size_plain(self, data: bytes) -> None:
        """GS !: columns and rows of all characters, until FS ! says otherwise."""
        self._plain_size = self._chinese_size = ((data[0] >> 4 & 7) + 1, (data[0] & 7) + 1)

    def _choose_country(self, data: bytes) -> None:
        """ESC R."""
        self._country = data[0]

    def _set_align(self, data: bytes) -> None:
        self._align = Align.CENTRE if data[0] in {1, 49} else Align.LEFT

    def _line_feed(self, _data: bytes) -> None:
        self._text_line(feed=True)

    def _feed_lines(self, data: bytes) -> None:
        self._text_line(feed=False)
        self._blank(data[0] * 32)

    def _feed_dots(self, data: bytes) -> None:
        self._text_line(feed=False)
        self._blank(data[0])

    def _picture(self, data: bytes) -> None:
        """GS v 0."""
        self._text_line(feed=False)
        width, height = data[2] | data[3] << 8, data[4] | data[5] << 8
        for row in range(height):
            self._rows.append(data[6 + row * width : 6 + (row + 1) * width])

    def _symbol(self, data: bytes) -> None:
        """GS ( k: the functions of the QR code."""
        body = data[3:]
        if data[:1] != b"k" or body[:1] != b"1" or len(body) < 2:
            return
        function, parameters = body[1], body[2:]
        if function == 67 and parameters:
            self._qr_module = max(1, min(parameters[0], 16))
        elif function == 80:
            self._qr = parameters[1:]
        elif function == 81 and self._qr:
            modules = np.array([list(row) for row in segno.make_qr(self._qr, boost_error=False).matrix], dtype=np.uint8)
            self._dots(np.kron(modules, np.ones((self._qr_module, self._qr_module), dtype=np.uint8)))

    def _cut(self, _data: bytes) -> None:
        """GS V."""
        self._text_line(feed=False)
        if self.jams:
            self.jams, self.fault = False, "cutter"
            return
        if self._paper_rows:
            self.slips.append(self._take())

    # -----------------------------------------------------------------------------------------------------------

    def _type(self, byte: int) -> None:
        """Take one byte of text; in Chinese mode two make a character."""
        if self._lead:
            pair, self._lead = self._lead + bytes((byte,)), b""
            self._set_cell(_chinese(pair), 2, *self._chinese_size)
        elif self._chinese and 0x81 <= byte <= 0xFE:
            self._lead = bytes((byte,))
        else:
            plain = "¥" if byte == ord("$") and self._country == 15 else bytes((byte,)).decode("cp437")
            self._set_cell(plain, 1, *self._plain_size)

    def _set_cell(self, character: str, halves: int, across: int, down: int) -> None:
        """Put a character into the line; a full line is printed first."""
        used = sum(cell[1] for cell in self._cells)
        if (used + halves * across) * _HALF > self._width:
            self._text_line(feed=False)
        self._cells.append((character, halves * across, across, down))

    def _text_line(self, *, feed: bool) -> None:
        """Print the text that was collected; with `feed` an empty line, too."""
        cells, self._cells = self._cells, []
        if not cells:
            if feed:
                self._blank(_PITCH)
            return
        self.texts.append("".join(cell[0] for cell in cells))
        height = max(cell[3] for cell in cells) * 2 * _HALF
        line = np.zeros((height, sum(cell[1] for cell in cells) * _HALF), dtype=np.uint8)
        left = 0
        for character, halves, across, down in cells:
            glyph = np.kron(_glyph(character, halves // across), np.ones((down, across), dtype=np.uint8))
            line[height - glyph.shape[0] :, left : left + glyph.shape[1]] = glyph
            left += glyph.shape[1]
        self._dots(line)
        self._blank(max(_PITCH - height, 8))

    def _dots(self, dots: Rows) -> None:
        left = (self._width - dots.shape[1]) // 2 if self._align is Align.CENTRE else 0
        whole = np.zeros((dots.shape[0], self._width), dtype=np.uint8)
        shown = dots[:, : self._width - left]
        whole[:, left : left + shown.shape[1]] = shown
        self._rows.extend(row.tobytes() for row in np.packbits(whole, axis=1))

    def _blank(self, rows: int) -> None:
        self._rows.extend([b""] * rows)

    def _print_row(self, row: bytes) -> None:
        across = self._width // 8
        self._paper_rows.append(row[:across].ljust(across, b"\0"))
        if self.paper_left is not None:
            self.paper_left -= 1
            if self.paper_left <= 0:
                self.paper_left = None
                self.paper = Paper.OUT

    def _tear(self) -> None:
        if self._paper_rows:
            self.torn.append(self._take())

    def _take(self) -> Image.Image:
        rows = np.frombuffer(b"".join(self._paper_rows), dtype=np.uint8).reshape(len(self._paper_rows), -1)
        self._paper_rows = []
        return Image.fromarray(np.unpackbits(rows, axis=1) == 0)


def slip_text_qr(slip: Image.Image) -> str:
    """Read the QR code on a slip, with a decoder that is not ours; empty when there is none that can be read."""
    ink = np.where(np.asarray(slip), 255, 0).astype(np.uint8)
    found = zxingcpp.read_barcodes(
        np.ascontiguousarray(ink), formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    )
    return found[0].text if found else ""


def _error_bits(fault: str) -> int:
    return {"": 0, "recoverable": 0x04, "cutter": 0x08, "unrecoverable": 0x20, "head_hot": 0x40}[fault]


def _chinese(pair: bytes) -> str:
    """What the ROM has for two bytes: zones 1 to 5 of GB 18030, as in GBK; a mark for all else."""
    try:
        return pair.decode("gbk")
    except UnicodeDecodeError:
        return "〓"


@lru_cache(maxsize=2048)
def _glyph(character: str, halves: int) -> Rows:
    """A character in its cell: 24 rows, 12 or 24 columns."""
    cell = Image.new("L", (halves * _HALF, 2 * _HALF), 0)
    font = ImageFont.truetype(ROM.regular, 24 if halves == 2 else 20, layout_engine=ImageFont.Layout.BASIC)
    ImageDraw.Draw(cell).text((halves * _HALF // 2, 2 * _HALF - 4), character, font=font, fill=255, anchor="ms")
    return (np.asarray(cell) >= 112).astype(np.uint8)
