"""Receipt printers that speak ESC/POS, over the network, over a serial line and over USB.

What is sent is made by `escpos_job`; what the printer says back is read by `escpos_status`, because python-escpos takes
silence for paper. In each slip the printer is asked twice, in the order of the data, whether it has come so far: once
behind the content, once behind the cut. So an interrupted slip is known to be missing, to be there, or in doubt, and
one in doubt that turns out to have come is not printed again.
"""

import time
from abc import abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar, Literal, NoReturn

from pydantic import Field
from typing_extensions import override

from drivers.contract import Driver, Identity, Kind, Options, Proof, ProofLevel
from drivers.errors import BadFrame, DeviceFault, DriverError, Effect, NoAnswer, Remedy, WrongDevice
from drivers.kinds import Paper, PrinterStatus, PrintJob
from drivers.printer import raster
from drivers.printer.escpos_job import ASK_IN_ORDER, LONGEST_COMMAND, encode
from drivers.printer.escpos_status import (
    PAPER_ANSWERS,
    QUESTIONS,
    Answer,
    Automatic,
    Cleared,
    Foreign,
    InOrder,
    RealTime,
    Text,
    fault_of,
    from_automatic,
    from_real_time,
    paper_in_order,
    split,
)
from drivers.transport.line import ByteStream
from drivers.transport.serial_line import SerialLine
from drivers.transport.tcp import TcpLine
from drivers.transport.usb import UsbOptions, UsbPipes

CONNECT_WITHIN = 3.0
STATUS_WITHIN = 1.0
PRINT_WITHIN = 17.0  # and the last look at its state, and clearing it, make 20
_LOOK_EVERY = 0.5  # seconds between questions while the slip comes out

_STEP = ASK_IN_ORDER + b"\x1dI\x42" + ASK_IN_ORDER
"""Asked to fall in step. Whoever had been cut short just before does not answer all three."""
_STEP_AT_OPEN = 2.5
_STEP_AT_PRINT = 9.0  # what an earlier slip left may still be coming out
_STEP_ANSWER = 0.3
_STEP_LATE = 2.5
_FIRST_PADDING = 1024  # bytes, doubled each time
_MOST_LATE = 64  # pieces
_REST_OF_NOISE = 0.1

_USB_PRINTER_CLASS = 7
_BOTH = 2  # questions in a slip
_CLEAR = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"  # DLE DC4 8; to those that do not know it ten controls
_RECOVER = b"\x10\x05\x02"  # DLE ENQ 2: only heard in an error that was mended

_NOTO = "/usr/share/fonts/opentype/noto/"
_HANAZONO = "/usr/share/fonts/truetype/hanazono/"

_PROVEN: tuple[Proof, ...] = (
    Proof(
        ProofLevel.SIMULATOR,
        "a printer model that receiptio 2.1.2 reads rightly; Chinese text equal to receiptline 4.0.4",
    ),
)


class EscPosOptions(Options):
    """What every ESC/POS printer needs to know.

    Attributes:
        width_dots: dots across the print head: 576 on 80 mm paper, 384 on 58 mm.
        text: `raster` draws all text, alike on every make; `gb18030` sends what the printer's own type has as text,
            which is ten times faster on a slow line.
        font: file of the body font; of a collection, its simplified Chinese face is taken.
        font_bold: file of the bold font.
        fonts_rare: files asked, in this order, for characters that the two lack.
    """

    width_dots: int = Field(default=576, ge=256, le=640, multiple_of=8)
    text: Literal["raster", "gb18030"] = "raster"
    font: str = _NOTO + "NotoSansCJK-Regular.ttc"
    font_bold: str = _NOTO + "NotoSansCJK-Bold.ttc"
    fonts_rare: tuple[str, ...] = (_HANAZONO + "HanaMinA.ttf", _HANAZONO + "HanaMinB.ttf")


class EscPosUsbOptions(EscPosOptions, UsbOptions):
    """Which USB printer (class 7, two-way). Epson's vendor number is 0x04B8; clones have many."""


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


@contextmanager
def _effect(effect: Effect) -> Iterator[None]:
    """Say of an error of the line what it means for the slip; a fault of the printer knows by itself."""
    try:
        yield
    except DriverError as error:
        if not isinstance(error, DeviceFault):
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
        self._as_text = options.text == "gb18030"
        self._line = self._make_line()
        self._unsplit = b""
        self._said: list[Answer] = []
        self._in_step = False  # whether the printer is known to be at the beginning of a command
        self._owing = 0  # questions in order that it has not answered
        self._half_out = False  # whether an uncut part of a slip may hang out
        self._knocked = 0  # questions in order before the first ones of falling in step
        self._in_doubt: PrintJob | None = None  # the slip that may have come out

    @abstractmethod
    def _make_line(self) -> ByteStream:
        """Make the line, still closed."""

    @override
    def open(self) -> Identity:
        """Connect, ask DLE EOT 1, make sure that it takes commands, then ask GS I.

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
        self._line.open(time.monotonic() + CONNECT_WITHIN)
        try:
            self._in_step = False
            if self._knock() & 0x08:
                # off-line it would keep the questions below until it is on-line again
                return Identity()
            maker = self._fall_in_step(_STEP_AT_OPEN)
            deadline = time.monotonic() + STATUS_WITHIN
            if maker == "" and self._half_out:
                maker = self._ask_name(66, deadline)  # the end of a picture may have swallowed the question
            if not maker:
                return Identity()  # clones without GS I
            model, serial, firmware = (self._ask_name(what, deadline) for what in (67, 68, 65))
            return Identity(maker=maker, model=model, serial=serial, firmware=firmware)
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

        The same slip again, after one whose fate was unknown, is not printed when it has turned out to have come.

        Raises:
            DeviceFault: why it cannot (`effect` NO), or why it stopped in the middle: NO when the printer dropped the
                rest, YES when only the cut is missing, UNKNOWN when it holds the rest.
            NoAnswer: it did not confirm in time; `effect` UNKNOWN once all was sent.
            LinkError, BadFrame: as for any call.
            ValueError: the job cannot be drawn.
        """
        deadline = time.monotonic() + PRINT_WITHIN
        with _effect(Effect.NO):
            before = self.status()
            if before.fault in {"cutter", "recoverable"}:
                self._line.write(_RECOVER, deadline)
                before = self.status()
            if not before.ready:
                raise fault_of(before, Effect.NO)
            if self._came_out(job):
                return
        slip = encode(job, self._width, self._fonts, as_text=self._as_text, cut_first=self._half_out)
        self._in_step, self._half_out, self._owing = False, True, _BOTH
        with _effect(Effect.NO):
            self._send(slip.content, deadline)
        self._in_doubt = job
        with _effect(Effect.UNKNOWN):
            self._send(slip.rest, deadline)
            self._confirm(deadline)
        self._in_step, self._half_out, self._in_doubt = True, False, None

    # -----------------------------------------------------------------------------------------------------------
    # A slip on its way

    def _send(self, data: bytes, deadline: float) -> None:
        """Write; a printer that takes no more is asked why."""
        try:
            self._line.write(data, deadline - STATUS_WITHIN)
        except NoAnswer:
            status = self._look()
            if not status.ready:
                self._give_up(status)
            raise

    def _confirm(self, deadline: float) -> None:
        """Wait until the printer says that it has worked everything off, looking at its state meanwhile."""
        while True:
            self._await_in_order(min(deadline, time.monotonic() + _LOOK_EVERY))
            status = self._look()
            self._take_in_order()
            if not status.ready and self._owing:
                self._give_up(status)
            if self._owing <= 0:
                return
            if time.monotonic() >= deadline:
                raise NoAnswer("the printer did not confirm the slip", effect=Effect.UNKNOWN)

    def _await_in_order(self, deadline: float) -> None:
        while self._owing:
            self._take_in_order()
            if not self._owing:
                return
            try:
                self._listen(deadline)
            except NoAnswer:
                return

    def _take_in_order(self) -> None:
        """Count the confirmations in what was said; anything that reports trouble is an error."""
        said, self._said = self._said, []
        confirmed = [answer.byte for answer in said if isinstance(answer, InOrder)]
        self._owing -= len(confirmed)
        for answer in said:
            match answer:
                case Automatic(frame):
                    status = from_automatic(frame)
                    if not status.ready:
                        self._give_up(status)
                case RealTime(byte) | Foreign(byte):
                    raise BadFrame("an answer that nobody asked for", bytes((byte,)))
                case InOrder() | Cleared() | Text():
                    pass
        if any(paper_in_order(byte) is Paper.OUT for byte in confirmed):
            self._in_doubt = None
            raise DeviceFault("paper_out", effect=Effect.UNKNOWN)

    def _give_up(self, status: PrinterStatus) -> NoReturn:
        """Say what became of a slip in trouble, and have the printer drop what is left of it.

        Raises:
            DeviceFault: always.
        """
        if self._owing >= _BOTH:
            dropped = self._clear()
            if self._owing >= _BOTH:
                whole = self._in_doubt is not None
                effect = Effect.UNKNOWN if whole and not dropped else Effect.NO
                if dropped or status.paper is Paper.OUT:
                    # what a printer without paper holds comes out on the next roll, in two pieces: no slip
                    self._in_doubt = None
                raise fault_of(status, effect, "" if dropped else "the printer holds the rest of the slip")
        # behind the content nothing is missing but the cut: there is nothing to print again
        self._in_doubt = None
        raise fault_of(status, Effect.YES, "the slip came out, but perhaps uncut")

    def _clear(self) -> bool:
        """Have everything dropped that waits in the printer; False when it does not say that it did."""
        deadline = time.monotonic() + STATUS_WITHIN
        try:
            self._line.write(_CLEAR, deadline)
            while not any(isinstance(answer, Cleared) for answer in self._said):
                self._listen(deadline)
        except DriverError:
            return False
        self._owing -= sum(isinstance(answer, InOrder) for answer in self._said)
        self._said.clear()
        return True

    # -----------------------------------------------------------------------------------------------------------
    # Falling in step

    def _came_out(self, job: PrintJob) -> bool:
        """Fall in step before a job. True when this very job has come out meanwhile.

        Raises:
            NoAnswer: it cannot be brought to take a command.
        """
        if self._in_step:
            return False
        if self._fall_in_step(_STEP_AT_PRINT) is None:
            raise NoAnswer(f"{self._line.address} does not work off what it is sent")
        doubted, self._in_doubt = self._in_doubt, None
        return doubted == job and not self._owing

    def _fall_in_step(self, within: float) -> str | None:
        """Bring the printer to the beginning of a command, wherever another program or a killed one left it.

        It is asked in the order of the data. A printer that waits for the rest of a picture takes the question for
        dots: it is fed empty dots and asked again, until it answers. What it still had to print is lost in no case.
        Sets `_in_step`, and `_owing` to how many earlier questions stayed unanswered.

        Returns:
            The maker's name, empty when it did not say; None when it never answered.
        """
        deadline = time.monotonic() + within
        owed, fed, asked, said = self._owing, 0, 0, _Step(self._knocked)
        self._knocked = 0
        said.hear(self._said)
        self._said.clear()
        self._in_step = False
        while True:
            asked += 1
            self._line.write(_STEP, deadline)
            if self._hear_step(said, asked, deadline):
                break
            if time.monotonic() >= deadline:
                return None
            if fed < LONGEST_COMMAND:
                self._line.write(bytes(max(fed, _FIRST_PADDING)), deadline)
                fed += max(fed, _FIRST_PADDING)
            else:
                self._line.write(_CLEAR, deadline)
        self._in_step = True
        self._owing = max(0, owed - said.earlier(asked))
        self._half_out = self._owing > 0 if owed else asked > 1 or not said.whole
        return said.name

    def _hear_step(self, step: "_Step", asked: int, deadline: float) -> bool:
        """Listen to the answers of a printer that falls in step; False when it did not yet."""
        until = time.monotonic() + _STEP_ANSWER
        while True:
            try:
                self._listen(min(until, deadline))
            except NoAnswer:
                return step.taken
            step.hear(self._said)
            self._said.clear()
            if step.taken and asked == 1 and step.name and step.whole:
                return True
            if step.taken:  # an answer without a name may be a late one: the last has come when no more come
                late = self._owing and step.count < self._owing + _BOTH
                until = time.monotonic() + (_STEP_LATE if late else _STEP_ANSWER)

    # -----------------------------------------------------------------------------------------------------------
    # Questions

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
        """Drop late answers to questions that were given up, but count those that say what became of a slip."""
        for _ in range(_MOST_LATE):
            try:
                self._listen(time.monotonic())
            except NoAnswer:
                break
        late = sum(isinstance(answer, InOrder) for answer in self._said)
        self._owing = max(0, self._owing - late)
        self._unsplit = b""
        self._said.clear()

    def _knock(self) -> int:
        """Ask DLE EOT 1 of a device that may be anything, or may still have something to say to a killed program."""
        self._forget()
        until = time.monotonic() + STATUS_WITHIN
        # the question in order comes first: a picture cut short that lacks a few bytes shows by swallowing it
        self._line.write(ASK_IN_ORDER + b"\x10\x04\x01", until)
        self._knocked = 1
        heard = b""
        while True:
            try:
                heard += self._line.read_some(until)
            except NoAnswer:
                if not heard:
                    raise
                break
            answers, rest = split(heard)
            known = [answer.byte for answer in answers if isinstance(answer, RealTime)]
            if len(known) > 1 or any(isinstance(answer, Foreign) for answer in answers):
                until = min(until, time.monotonic() + _REST_OF_NOISE)
            elif known and not rest:
                self._said = [answer for answer in answers if isinstance(answer, InOrder)]
                return known[0]
        # noise comes before or after the answers; another device begins and ends as it likes
        judged = heard.strip(PAPER_ANSWERS)
        if len(judged) > 1 and not any(edge & 0x93 == 0x12 for edge in (judged[0], judged[-1])):
            raise WrongDevice(f"{self._line.address}: answers, but not as an ESC/POS printer does")
        raise BadFrame("no answer of a printer", heard)

    def _ask_name(self, what: int, deadline: float) -> str:
        """Ask GS I; empty when the printer does not know the question."""
        self._line.write(bytes((0x1D, 0x49, what)), deadline)
        while True:
            names = [answer.text for answer in self._said if isinstance(answer, Text)]
            if names:
                self._said.clear()
                return names[0]
            try:
                self._listen(deadline)
            except NoAnswer:
                return ""


class _Step:
    """What a printer says while it falls in step.

    Args:
        before: how many questions in order it was asked just before.
    """

    def __init__(self, before: int) -> None:
        self._before = before
        self.name = ""
        self.count = 0
        self._named_after: int | None = None
        self._since_name = 0

    @property
    def taken(self) -> bool:
        """Whether it is at the beginning of a command: it has worked off the last question."""
        return self._since_name > 0 if self.name else self.count > self._before

    @property
    def whole(self) -> bool:
        """Whether it took the first byte of the first question for the beginning of a command already."""
        return self.count >= _BOTH + self._before

    def hear(self, said: Iterable[Answer]) -> None:
        """Take more answers."""
        for answer in said:
            if isinstance(answer, InOrder):
                self.count += 1
                self._since_name += 1
            elif isinstance(answer, Text):
                self.name = answer.text or "?"
                self._since_name = 0
                if self._named_after is None:
                    self._named_after = self.count

    def earlier(self, asked: int) -> int:
        """How many answers belong to questions of earlier slips."""
        ours = _BOTH * asked if self._named_after is None else 1
        return max(0, (self.count if self._named_after is None else self._named_after) - ours - self._before)


class EscPosTcp(EscPos):
    """An ESC/POS printer on the network."""

    key: ClassVar[str] = "printer/escpos-tcp"
    options: ClassVar[type[Options]] = EscPosTcpOptions
    proven_on: ClassVar[tuple[Proof, ...]] = (
        *_PROVEN,
        Proof(ProofLevel.SIMULATOR, "emupos 0.4.0, a printer model of others: identity, status and slips"),
    )

    def __init__(self, options: EscPosTcpOptions) -> None:
        self._options = options
        super().__init__(options)

    @override
    def _make_line(self) -> ByteStream:
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
    def _make_line(self) -> ByteStream:
        return SerialLine(self._options.port, self._options.baud)


class EscPosUsb(EscPos):
    """An ESC/POS printer of the USB printer class."""

    key: ClassVar[str] = "printer/escpos-usb"
    options: ClassVar[type[Options]] = EscPosUsbOptions
    proven_on: ClassVar[tuple[Proof, ...]] = _PROVEN

    def __init__(self, options: EscPosUsbOptions) -> None:
        self._options = options
        super().__init__(options)

    @override
    def _make_line(self) -> ByteStream:
        return UsbPipes(self._options, interface_class=_USB_PRINTER_CLASS)
