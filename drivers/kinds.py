"""What each kind of device can do, in the hall's words. Temperatures in degrees Celsius, times in seconds.

Journeys know this file and `errors`, never a model.
"""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

# ---------------------------------------------------------------------------------------------------------------
# ID reader


class DocumentKind(StrEnum):
    """What lies on the reader (GA/T 467, type flag of the text record)."""

    RESIDENT = "resident"
    FOREIGNER = "foreigner"
    HK_MO_TW = "hk_mo_tw"


@dataclass(frozen=True, slots=True, repr=False)
class IdCard:
    """What an identity card holds. `repr` is masked.

    Attributes:
        number: 18 characters, check character not yet verified.
        sex: GB/T 2261.1 digit as printed by the card (1 man, 2 woman).
        nation: GB 3304 two-digit code of the ethnic group, empty where the card has none.
        valid_to: None means 长期, without end.
        photo: the photo block as read (WLT, 1024 bytes), still encoded.
        fingerprints: the templates as read (GA/T 1012: none, 512 or 1024 bytes), opaque; empty unless asked for in the
            site file. Never stored, never logged.
        appended_address: the newest address that was written to the card after it was made; empty where there is none.
        nationality: three letters (GB/T 2659), on cards of foreigners only.
    """

    document: DocumentKind
    name: str
    number: str
    sex: str
    nation: str
    birth: date
    address: str
    issuer: str
    valid_from: date
    valid_to: date | None
    photo: bytes
    fingerprints: bytes = b""
    appended_address: str = ""
    nationality: str = ""

    def __repr__(self) -> str:
        return f"IdCard({self.document.value}, masked)"


class IdReader(Protocol):
    """Reads identity cards."""

    def read(self) -> IdCard | None:
        """Look for a card once and read it. Takes at most 4 s.

        Returns:
            None while no (new) card lies on the reader. A card that was read is not offered again until it has left
            the field and returned.

        Raises:
            DeviceFault: `card_moved` (put it down again), `card_rejected` (suspected forged or damaged),
                `wrong_card` (not an identity card), `self_test_failed`, `not_authorised`.
            DriverError: as in `errors`.
        """
        ...


# ---------------------------------------------------------------------------------------------------------------
# Camera


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Frame:
    """One picture.

    Attributes:
        image: (height, width, 3) uint8, BGR.
        number: counts up by one a frame since `open`.
        taken: `time.monotonic()` at capture, in seconds.
    """

    image: NDArray[np.uint8]
    number: int
    taken: float

    def __repr__(self) -> str:
        return f"Frame(#{self.number}, {self.image.shape})"


class Camera(Protocol):
    """Delivers pictures, newest first: a slow reader misses frames, it never lags."""

    def read(self) -> Frame:
        """Wait for the next picture, at most 2 s.

        Raises:
            NoAnswer: no new picture within the deadline.
            BadFrame: a picture that cannot be decoded.
            LinkError: the camera has gone.
        """
        ...


# ---------------------------------------------------------------------------------------------------------------
# Thermometer


@dataclass(frozen=True, slots=True)
class Temperature:
    """One reading of an infra-red thermometer. It is a skin temperature, not a clinical one.

    Attributes:
        object_c: raw surface temperature of what is before the sensor, uncompensated, degrees Celsius.
        ambient_c: temperature of the sensor itself, degrees Celsius.
        emissivity: the emissivity the device computed with.
        conditions_hold: whether the device's conditions of use hold: ambient range, warmed up, no drift.
        compensated_c: what a rule made of `object_c`, degrees Celsius; never instead of it, and None without a rule.
        rule: name of that rule, see `drivers.thermometer.compensation`; empty without one.
    """

    object_c: float
    ambient_c: float
    emissivity: float
    conditions_hold: bool
    compensated_c: float | None = None
    rule: str = ""

    def __post_init__(self) -> None:
        """Refuse a compensated value that does not say by which rule.

        Raises:
            ValueError: `compensated_c` without `rule`, or the other way round.
        """
        if (self.compensated_c is None) != (not self.rule):
            raise ValueError("a compensated temperature goes with the name of its rule")


class Thermometer(Protocol):
    """Measures a surface temperature without contact."""

    def measure(self) -> Temperature:
        """Take one reading. Takes at most 1 s.

        Raises:
            DriverError: as in `errors`.
        """
        ...


# ---------------------------------------------------------------------------------------------------------------
# Code scanner


@dataclass(frozen=True, slots=True, repr=False)
class Scan:
    """What a code scanner read: bytes, in whatever charset the code was made. `repr` is masked."""

    payload: bytes

    def __repr__(self) -> str:
        return f"Scan({len(self.payload)} bytes)"


class CodeScanner(Protocol):
    """Reads QR and bar codes held before it."""

    def scan(self, within: float) -> Scan | None:
        """Switch the light on and wait for a code.

        Args:
            within: seconds to wait, at most 10.

        Returns:
            None when nothing was held before it in time.
        """
        ...


# ---------------------------------------------------------------------------------------------------------------
# Barrier


class Crossing(StrEnum):
    """What the beams saw after the barrier was released."""

    PASSED = "passed"
    """Beam A, then beam B, once; the door closed."""
    TURNED_BACK = "turned_back"
    """Beam A was broken and cleared, beam B never was."""
    TAILGATED = "tailgated"
    """More than one person for one release."""
    NOBODY = "nobody"
    """Nobody came before the release expired."""
    HELD_OPEN = "held_open"
    """Somebody passed and the door did not close."""
    UNKNOWN = "unknown"
    """It was released, and the lane has neither beam nor contact that could tell who passed."""


@dataclass(frozen=True, slots=True)
class BarrierState:
    """The inputs now. What is not wired reads False.

    Attributes:
        beam_a: the beam where people come from is broken.
        beam_b: the beam behind the door is broken.
        door_open: the door is open.
        forced: since the last release somebody came through the locked lane, or its door stands open. Only noticed by
            looking: four times a second or more tells the order of the beams, less often only a door left open.
        fire: the fire alarm is on. The driver has opened the lane, and keeps it open until a look says that it is over.
    """

    beam_a: bool
    beam_b: bool
    door_open: bool
    forced: bool = False
    fire: bool = False


class Barrier(Protocol):
    """The turnstile, door or relay. Everything here is safe to call when it is closed already."""

    def let_one_pass(self, within: float) -> Crossing:
        """Release for one person, then watch the beams until it is closed again.

        The release ends in hardware or in the driver, whatever becomes of the caller.

        Args:
            within: seconds in which the person has to start passing; at most 15.

        Raises:
            DriverError: with `effect` NO when the release command did not reach the board, UNKNOWN when it may have.
        """
        ...

    def state(self) -> BarrierState:
        """Read the inputs once."""
        ...


# ---------------------------------------------------------------------------------------------------------------
# Receipt printer


class Paper(StrEnum):
    """How much paper is left."""

    OK = "ok"
    NEAR_END = "near_end"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class PrinterStatus:
    """What the printer says of itself (ESC/POS DLE EOT 1-4)."""

    paper: Paper
    cover_open: bool
    offline: bool
    fault: str = ""
    """`cutter`, `recoverable` (mend it and go on), `unrecoverable` or `head_hot`; empty when there is none."""

    @property
    def ready(self) -> bool:
        """Whether a job started now would come out."""
        return self.paper is not Paper.OUT and not self.cover_open and not self.offline and not self.fault


class Align(StrEnum):
    """Where a line stands on the paper."""

    LEFT = "left"
    CENTRE = "centre"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text.

    Attributes:
        text: any Unicode; characters the printer's ROM lacks are drawn.
        size: height of the characters in dots (203 dpi: 8 dots a mm); 24 is body, 48 a title.
    """

    text: str
    size: int = 24
    bold: bool = False
    align: Align = Align.LEFT


@dataclass(frozen=True, slots=True)
class Row:
    """A caption at the left and its value at the right edge, wrapped under itself when long."""

    caption: str
    value: str
    size: int = 24


@dataclass(frozen=True, slots=True)
class QrCode:
    """A QR code, centred, with its quiet zone. `side_mm` is the least printed side of the code."""

    payload: str
    side_mm: float = 30.0


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the paper."""


@dataclass(frozen=True, slots=True)
class Space:
    """Empty paper, in dots."""

    dots: int = 16


Block = Line | Row | QrCode | Rule | Space


@dataclass(frozen=True, slots=True)
class PrintJob:
    """One slip of paper, cut at its end.

    Attributes:
        name: names the job in the spool and in logs; no personal data.
        blocks: from top to bottom.
    """

    name: str
    blocks: tuple[Block, ...] = field(default=())


class ReceiptPrinter(Protocol):
    """Prints slips."""

    def status(self) -> PrinterStatus:
        """Ask the printer how it is. Takes at most 1 s."""
        ...

    def print(self, job: PrintJob) -> None:
        """Print, cut, and return when the printer has confirmed that it is done. Takes at most 20 s.

        Raises:
            DeviceFault: `paper_out`, `cover_open`, `offline`, `cutter`, `head_hot`, `recoverable`, `unrecoverable`;
                `effect` says whether the slip came out: NO when it did not and will not, YES when it stands on the
                paper although something is wrong now (perhaps uncut), UNKNOWN when nobody can tell.
        """
        ...


# ---------------------------------------------------------------------------------------------------------------
# Page printer


@dataclass(frozen=True, slots=True)
class PageJob:
    """A document to be printed.

    Attributes:
        name: names the job in the queue; no personal data.
        pdf: the document.
        copies: how many.
        duplex: on both sides, turned along the long edge.
    """

    name: str
    pdf: bytes
    copies: int = 1
    duplex: bool = False


@dataclass(frozen=True, slots=True)
class PagePrinterStatus:
    """What the queue says (RFC 8011, `printer-state` and `printer-state-reasons`).

    Attributes:
        ready: whether a job started now would come out.
        reasons: IPP keywords, e.g. `media-empty-error`, `toner-low-warning`; empty when there are none.
        waiting: jobs in the queue.
    """

    ready: bool
    reasons: tuple[str, ...] = ()
    waiting: int = 0


class PagePrinter(Protocol):
    """Prints forms and certificates on A4."""

    def status(self) -> PagePrinterStatus:
        """Ask the queue how it is. Takes at most 2 s."""
        ...

    def print(self, job: PageJob) -> int:
        """Print and wait until it is out. Takes at most 120 s.

        Returns:
            Sheets or sides that the printer says it completed; 0 where it does not count.

        Raises:
            DeviceFault: with `effect` NO when the job was refused, UNKNOWN when it was interrupted.
        """
        ...


# ---------------------------------------------------------------------------------------------------------------
# Guidance light, speaker, presence


class Light(StrEnum):
    """What a guidance light shows. Nothing blinks faster than 2 Hz."""

    OFF = "off"
    HERE = "here"
    """Use this device now: steady white or blue."""
    GOOD = "good"
    STOP = "stop"
    STAFF = "staff"


class Lamp(Protocol):
    """A guidance light beside a device, or the light over the lane."""

    def show(self, light: Light) -> None:
        """Show this until told otherwise. Takes at most 1 s."""
        ...


class Speaker(Protocol):
    """Plays recorded speech and tones."""

    def play(self, wav: bytes, volume: float, *, private: bool = False) -> None:
        """Play a WAV to its end (PCM, 16 bit). Takes its own length and 2 s.

        Args:
            wav: the whole file.
            volume: 0 to 1.
            private: for headphones only: nothing is played without them, and it ends when they are pulled out.
        """
        ...

    def headphones(self) -> bool:
        """Whether headphones are plugged in; the loudspeaker is silent then. Takes at most 2 s."""
        ...

    def hush(self) -> None:
        """Be silent now. Safe to call when nothing is played, and from another thread."""
        ...


@dataclass(frozen=True, slots=True)
class Presence:
    """Whether somebody is before the machine.

    Attributes:
        here: somebody is.
        distance_m: how far, in metres, where the sensor can tell.
    """

    here: bool
    distance_m: float | None = None


class PresenceSensor(Protocol):
    """Notices that somebody is before the machine."""

    def sense(self) -> Presence:
        """Look once. Takes at most 1 s."""
        ...


# ---------------------------------------------------------------------------------------------------------------
# Face terminals that a hall already owns


@dataclass(frozen=True, slots=True, repr=False)
class AccessReport:
    """What a face terminal of another maker reports of one person. A hint, never a decision. `repr` is masked.

    Attributes:
        serial: of the terminal, as pinned.
        number: its own running number of the event, to recognise one that is sent twice; empty where it has none.
        at: as the terminal wrote it, ISO 8601, its clock not trusted.
        person: the terminal's own identifier of the person; empty for a stranger.
        passed: whether the terminal would have opened.
        temperature: the value with its unit as reported, e.g. `36.6`, `C`; None where there is none.
        mask: None where it does not say.
    """

    serial: str
    number: str
    at: str
    person: str
    passed: bool
    temperature: tuple[float, str] | None = None
    mask: bool | None = None

    def __repr__(self) -> str:
        return f"AccessReport({self.serial}, #{self.number})"


class AccessTerminal(Protocol):
    """A face terminal on the network, as a source of evidence."""

    def next_report(self, within: float) -> AccessReport | None:
        """Wait for the next report, at most `within` seconds; None when none came."""
        ...

    def let_one_pass(self) -> None:
        """Ask the terminal to open its own door once."""
        ...
