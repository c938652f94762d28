"""Receipt printers that speak ESC/POS, over the network and over a serial line.

A slip is sent as a picture (see `raster`), so it looks the same on every make. python-escpos encodes it; what the
printer says back is read by `escpos_status`, because that library takes silence for paper.
"""

import time
from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

from escpos.printer import Dummy
from PIL import Image
from pydantic import Field
from typing_extensions import override

from drivers.contract import Driver, Identity, Kind, Options, Proof, ProofLevel
from drivers.errors import BadFrame, DeviceFault, DriverError, Effect, NoAnswer, Remedy, WrongDevice
from drivers.kinds import Paper, PrinterStatus, PrintJob
from drivers.printer import raster
from drivers.printer.escpos_status import (
    QUESTIONS,
    Answer,
    Automatic,
    Foreign,
    InOrder,
    RealTime,
    fault_of,
    find_text,
    from_automatic,
    from_real_time,
    paper_in_order,
    split,
)
from drivers.transport.line import Line
from drivers.transport.serial_line import SerialLine
from drivers.transport.tcp import TcpLine

OPEN_WITHIN = 3.0
STATUS_WITHIN = 1.0
PRINT_WITHIN = 19.0  # and the last look at its state makes 20
_LOOK_EVERY = 0.5  # seconds between questions while the slip comes out

_INITIALISE = b"\x1b@"
_LEAVE_CHINESE = b"\x1c."  # Chinese models power up in Chinese mode, and ESC @ may bring them back to it
_TAIL_ROWS = 96  # 12 mm to hold it by; as empty rows, because the unit of ESC J differs between models
_SAY_WHEN_DONE = b"\x1dr\x01"
_SLICE_ROWS = 255  # clones lose the high byte of a picture's height

_NOTO = "/usr/share/fonts/opentype/noto/"
_HANAZONO = "/usr/share/fonts/truetype/hanazono/"

_PROVEN: tuple[Proof, ...] = (
    Proof(
        ProofLevel.SIMULATOR,
        "status bytes observed from emupos 0.4.0; a printer model that receiptio 2.1.2 agrees with",
    ),
)


class EscPosOptions(Options):
    """What every ESC/POS printer needs to know.

    Attributes:
        width_dots: dots across the print head: 576 on 80 mm paper, 384 on 58 mm.
        font: file of the body font; of a collection, its simplified Chinese face is taken.
        font_bold: file of the bold font.
        fonts_rare: files asked, in this order, for characters that the two lack.
    """

    width_dots: int = Field(default=576, ge=256, le=640, multiple_of=8)
    font: str = _NOTO + "NotoSansCJK-Regular.ttc"
    font_bold: str = _NOTO + "NotoSansCJK-Bold.ttc"
    fonts_rare: tuple[str, ...] = (_HANAZONO + "HanaMinA.ttf", _HANAZONO + "HanaMinB.ttf")


class EscPosTcpOptions(EscPosOptions):
    """Where a network printer is. `host` is an address or a name, `port` a TCP port."""

    host: str
    port: int = Field(default=9100, ge=1, le=65535)


class EscPosSerialOptions(EscPosOptions):
    """Where a serial printer is.

    A slip of 15 cm has about 90 kB: below 57600 baud it does not come out within 20 seconds. At 115200 baud the line
    is slower than any print head, so the printer's buffer does not fill and no flow control is needed.
    """

    port: str
    baud: int = Field(default=115200, ge=9600, le=921600)


def encode(picture: Image.Image) -> list[bytes]:
    """Encode a slip.

    Args:
        picture: mode "1", 0 is black, at most 640 wide.

    Returns:
        Whole commands, each of at most 255 rows of the picture: initialise, picture and 12 mm of tail, cut, say when
        done.
    """
    pieces = [_INITIALISE + _LEAVE_CHINESE]
    whole = Image.new("1", (picture.width, picture.height + _TAIL_ROWS), 1)
    whole.paste(picture)
    for top in range(0, whole.height, _SLICE_ROWS):
        # the profile only bounds the width: it is the widest there is
        encoder = Dummy(profile="CT-S651")
        bottom = min(top + _SLICE_ROWS, whole.height)
        encoder.image(whole.crop((0, top, whole.width, bottom)), impl="bitImageRaster", fragment_height=_SLICE_ROWS)
        pieces.append(encoder.output)
    cutter = Dummy()
    cutter.cut(feed=False)  # GS V B 0: feeds to the cutter by itself
    pieces.append(cutter.output + _SAY_WHEN_DONE)
    return pieces


@contextmanager
def _effect(effect: Effect) -> Iterator[None]:
    """Say of every error what it means for the slip."""
    try:
        yield
    except DriverError as error:
        error.effect = effect
        raise


class EscPos(Driver):
    """What both lines have in common."""

    kind: ClassVar[Kind] = Kind.PRINTER

    def __init__(self, options: EscPosOptions) -> None:
        self._width = options.width_dots
        self._fonts = raster.Fonts(
            regular=Path(options.font),
            bold=Path(options.font_bold),
            rare=tuple(Path(path) for path in options.fonts_rare),
        )
        self._line = self._make_line()
        self._unsplit = b""
        self._said: list[Answer] = []

    @abstractmethod
    def _make_line(self) -> Line:
        """Make the line, still closed."""

    @override
    def open(self) -> Identity:
        """Connect, and ask DLE EOT 1, then GS I.

        Raises:
            NotPresent: nobody listens there.
            WrongDevice: what answers speaks something else.
            NoAnswer: it is silent.
            DeviceFault: `font_missing`.
        """
        try:
            self._fonts.check()
        except ValueError as error:
            raise DeviceFault("font_missing", str(error), remedy=Remedy.TECHNICIAN) from error
        self._line.open(time.monotonic() + OPEN_WITHIN)
        try:
            if self._knock() & 0x08:
                # off-line it would keep the questions below until it is on-line again
                return Identity()
            maker = self._ask_text(66)
            if not maker:
                return Identity()  # clones without GS I
            return Identity(
                maker=maker, model=self._ask_text(67), serial=self._ask_text(68), firmware=self._ask_text(65)
            )
        except DriverError:
            self._line.close()
            raise

    @override
    def probe(self) -> None:
        """Ask DLE EOT 1.

        Raises:
            DriverError: it did not answer as a printer does.
        """
        self._forget()
        self._ask(1, time.monotonic() + STATUS_WITHIN)

    @override
    def close(self) -> None:
        self._line.close()

    def status(self) -> PrinterStatus:
        """Ask DLE EOT 1 to 4. Takes at most 1 s.

        Raises:
            NoAnswer: it is silent, which says nothing about its paper.
            BadFrame: it answered what no printer answers.
            LinkError: the line broke.
        """
        self._forget()
        return self._look()

    def print(self, job: PrintJob) -> None:
        """Print and cut one slip, once. Takes at most 20 s.

        Raises:
            DeviceFault: why it cannot (`effect` NO), or why it stopped in the middle (UNKNOWN).
            NoAnswer: it did not confirm in time; `effect` UNKNOWN once anything was sent.
            LinkError, BadFrame: as for any call.
            ValueError: the job cannot be drawn.
        """
        deadline = time.monotonic() + PRINT_WITHIN
        with _effect(Effect.NO):
            before = self.status()
            if not before.ready:
                raise fault_of(before, Effect.NO)
        pieces = encode(raster.render(job, self._width, self._fonts))
        with _effect(Effect.UNKNOWN):
            for piece in pieces:
                self._line.write(piece, deadline)
            self._confirm(deadline)

    # -----------------------------------------------------------------------------------------------------------

    def _confirm(self, deadline: float) -> None:
        """Wait until the printer says that it has worked everything off, looking at its state meanwhile."""
        while True:
            done = self._take_in_order(min(deadline, time.monotonic() + _LOOK_EVERY))
            status = self._look()
            done = done or self._take_waiting_in_order()
            if not status.ready:
                raise fault_of(status, Effect.UNKNOWN)
            if done is not None:
                if paper_in_order(done.byte) is Paper.OUT:
                    raise DeviceFault("paper_out", effect=Effect.UNKNOWN)
                return
            if time.monotonic() >= deadline:
                raise NoAnswer("the printer did not confirm the slip", effect=Effect.UNKNOWN)

    def _take_in_order(self, deadline: float) -> InOrder | None:
        while True:
            waiting = self._take_waiting_in_order()
            if waiting is not None:
                return waiting
            try:
                self._listen(deadline)
            except NoAnswer:
                return None

    def _take_waiting_in_order(self) -> InOrder | None:
        """Take the confirmation out of what was said; an automatic status that reports trouble is an error."""
        found: InOrder | None = None
        for answer in self._said:
            match answer:
                case InOrder():
                    found = answer
                case Automatic(frame):
                    status = from_automatic(frame)
                    if not status.ready:
                        raise fault_of(status, Effect.UNKNOWN)
                case RealTime(byte):
                    raise BadFrame("an answer that nobody asked for", bytes((byte,)))
                case Foreign(byte):
                    raise BadFrame("no answer of a printer", bytes((byte,)))
        self._said.clear()
        return found

    def _look(self) -> PrinterStatus:
        deadline = time.monotonic() + STATUS_WITHIN
        return from_real_time(bytes(self._ask(question, deadline) for question in QUESTIONS))

    def _ask(self, question: int, deadline: float) -> int:
        """Ask DLE EOT once. What else was said meanwhile stays in `_said`."""
        self._line.write(bytes((0x10, 0x04, question)), deadline)
        while True:
            self._listen(deadline)
            foreign = bytes(answer.byte for answer in self._said if isinstance(answer, Foreign))
            if foreign:
                raise BadFrame("no answer of a printer", foreign)
            answers = [answer for answer in self._said if isinstance(answer, RealTime)]
            if len(answers) > 1:
                raise BadFrame("more answers than questions", bytes(answer.byte for answer in answers))
            if answers:
                self._said.remove(answers[0])
                return answers[0].byte

    def _listen(self, deadline: float) -> None:
        """Wait for bytes and split them."""
        received = self._unsplit + self._line.read_some(deadline)
        answers, self._unsplit = split(received)
        self._said += answers

    def _forget(self) -> None:
        """Drop late answers to questions that were given up."""
        self._line.drain()
        self._unsplit = b""
        self._said.clear()

    def _knock(self) -> int:
        """Ask DLE EOT 1 of a device that may be anything."""
        self._forget()
        deadline = time.monotonic() + STATUS_WITHIN
        self._line.write(b"\x10\x04\x01", deadline)
        heard = self._line.read_some(deadline)
        answers, rest = split(heard)
        known = [answer.byte for answer in answers if isinstance(answer, RealTime)]
        # noise comes before an answer; another device ends as it likes
        if len(heard) > 1 and heard[-1] & 0x93 != 0x12:
            raise WrongDevice(f"{self._line.address}: answers, but not as an ESC/POS printer does")
        if len(known) != 1 or rest or not all(isinstance(answer, RealTime | Automatic) for answer in answers):
            raise BadFrame("no answer of a printer", heard)
        return known[0]

    def _ask_text(self, what: int) -> str:
        """Ask GS I; empty when the printer does not know the question."""
        deadline = time.monotonic() + STATUS_WITHIN
        self._line.write(bytes((0x1D, 0x49, what)), deadline)
        try:
            return self._line.read_frame(find_text, deadline)
        except (NoAnswer, BadFrame):
            return ""


class EscPosTcp(EscPos):
    """An ESC/POS printer on the network."""

    key: ClassVar[str] = "printer/escpos-tcp"
    options: ClassVar[type[Options]] = EscPosTcpOptions
    proven_on: ClassVar[tuple[Proof, ...]] = _PROVEN

    def __init__(self, options: EscPosTcpOptions) -> None:
        self._options = options
        super().__init__(options)

    @override
    def _make_line(self) -> Line:
        return TcpLine(self._options.host, self._options.port)


class EscPosSerial(EscPos):
    """An ESC/POS printer on a serial line."""

    key: ClassVar[str] = "printer/escpos-serial"
    options: ClassVar[type[Options]] = EscPosSerialOptions
    proven_on: ClassVar[tuple[Proof, ...]] = _PROVEN

    def __init__(self, options: EscPosSerialOptions) -> None:
        self._options = options
        super().__init__(options)

    @override
    def _make_line(self) -> Line:
        return SerialLine(self._options.port, self._options.baud)
