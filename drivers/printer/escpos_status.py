"""What the bytes mean that an ESC/POS printer sends back. Pure functions.

Five kinds of answer share one stream without a length or a checksum: real-time status (DLE EOT), automatic status
(ASB, four bytes), paper status in the order of the data (GS r), the answer to a clearing (DLE DC4 8) and texts
(GS I). The fixed bits of Epson's ESC/POS reference (dle_eot, gs_la, gs_lr, dle_dc4_fn8, gs_ci) tell them apart.
"""

from dataclasses import dataclass

from drivers.errors import BadFrame, DeviceFault, Effect, Remedy
from drivers.kinds import Paper, PrinterStatus

QUESTIONS = (1, 2, 3, 4)
"""The n of DLE EOT n: printer, cause of off-line, cause of error, paper."""
PAPER_ANSWERS = b"\x00\x03\x0c\x0f"
"""The bytes that answer GS r 1."""


@dataclass(frozen=True, slots=True)
class RealTime:
    """One answer to DLE EOT: 0xx1xx10."""

    byte: int


@dataclass(frozen=True, slots=True)
class Automatic:
    """Four bytes sent unasked: 0xx1xx00, then three of 0xx0xxxx."""

    frame: bytes


@dataclass(frozen=True, slots=True)
class InOrder:
    """The answer to GS r 1, sent when the data before it has been worked off: 0xx0xxxx."""

    byte: int


@dataclass(frozen=True, slots=True)
class Cleared:
    """The answer to DLE DC4 8: nothing waits in the printer any more."""


@dataclass(frozen=True, slots=True)
class Text:
    """The answer to GS I 65-69, sent in the order of the data: `_`, ASCII, NUL."""

    text: str


@dataclass(frozen=True, slots=True)
class Foreign:
    """A byte that no answer has."""

    byte: int


Answer = RealTime | Automatic | InOrder | Cleared | Text | Foreign

_CLEARED = b"\x37\x25\x00"
_LONGEST_TEXT = 82


def split(stream: bytes) -> tuple[list[Answer], bytes]:
    """Tell the answers on one stream apart.

    Args:
        stream: everything received and not yet split.

    Returns:
        The answers in order, and what has to wait for more bytes. Splitting the stream anywhere and carrying the
        rest over gives the same answers.
    """
    answers: list[Answer] = []
    at = 0
    while at < len(stream):
        found = _first(stream[at : at + _LONGEST_TEXT])
        if found is None:
            return answers, stream[at:]
        answer, size = found
        if answer is not None:
            answers.append(answer)
        at += size
    return answers, b""


def _first(stream: bytes) -> tuple[Answer | None, int] | None:
    """The first answer and its size; None while it is not whole."""
    byte = stream[0]
    if byte in {0x11, 0x13}:  # XON and XOFF belong to the line
        return None, 1
    if byte & 0x93 == 0x12:
        return RealTime(byte), 1
    if byte & 0x93 == 0x10:
        return _automatic(stream[:4])
    if byte == _CLEARED[0] and _CLEARED.startswith(stream[:3]):
        return (Cleared(), 3) if len(stream) >= 3 else None
    if byte == ord("_"):
        return _text(stream)
    return (InOrder(byte) if byte & 0x90 == 0 else Foreign(byte)), 1


def _automatic(frame: bytes) -> tuple[Answer, int] | None:
    if any(following & 0x90 for following in frame[1:]):
        return Foreign(frame[0]), 1
    return (Automatic(frame), 4) if len(frame) == 4 else None


def _text(stream: bytes) -> tuple[Answer, int] | None:
    end = next((at for at, byte in enumerate(stream[1:], 1) if not 0x20 <= byte <= 0x7E), 0)
    if not end and len(stream) < _LONGEST_TEXT:
        return None
    if not end or stream[end]:
        return Foreign(stream[0]), 1
    return Text(stream[1:end].decode("ascii").strip()), end + 1


def from_real_time(answers: bytes) -> PrinterStatus:
    """Read the answers to DLE EOT 1, 2, 3 and 4.

    Args:
        answers: four bytes, in the order of the questions.

    Raises:
        BadFrame: not four bytes, or one without the fixed bits.
    """
    if len(answers) != len(QUESTIONS) or any(byte & 0x93 != 0x12 for byte in answers):
        raise BadFrame("no real-time status", answers)
    printer, off_line, error, paper = answers
    fault = _fault(error)
    return PrinterStatus(
        paper=_paper(near_end=bool(paper & 0x0C), out=bool(paper & 0x60 or off_line & 0x20)),
        cover_open=bool(off_line & 0x04),
        # an error without a name in our list still keeps it from printing
        offline=bool(printer & 0x08 or (off_line & 0x40 and not fault)),
        fault=fault,
    )


def from_automatic(frame: bytes) -> PrinterStatus:
    """Read an automatic status.

    Args:
        frame: four bytes.

    Raises:
        BadFrame: not four bytes, or fixed bits that are wrong.
    """
    if len(frame) != 4 or frame[0] & 0x93 != 0x10 or any(byte & 0x90 for byte in frame[1:]):
        raise BadFrame("no automatic status", frame)
    return PrinterStatus(
        paper=_paper(near_end=bool(frame[2] & 0x03), out=bool(frame[2] & 0x0C)),
        cover_open=bool(frame[0] & 0x20),
        offline=bool(frame[0] & 0x08),
        fault=_fault(frame[1]),
    )


def paper_in_order(byte: int) -> Paper:
    """Read the answer to GS r 1. Clones send 0F where Epson sends 0C."""
    return _paper(near_end=bool(byte & 0x03), out=bool(byte & 0x0C))


def fault_of(status: PrinterStatus, effect: Effect, detail: str = "") -> DeviceFault:
    """Name what keeps the printer from printing, the cause before its consequence.

    Args:
        status: one that is not `ready`.
        effect: what became of the job.
        detail: for the technician's log.
    """
    if status.cover_open:
        return DeviceFault("cover_open", detail, effect=effect)
    if status.paper is Paper.OUT:
        return DeviceFault("paper_out", detail, effect=effect)
    remedies = {"head_hot": Remedy.WAIT, "unrecoverable": Remedy.TECHNICIAN}
    name = status.fault or "offline"
    return DeviceFault(name, detail, remedy=remedies.get(name, Remedy.ATTENDANT), effect=effect)


def _paper(*, near_end: bool, out: bool) -> Paper:
    if out:
        return Paper.OUT
    return Paper.NEAR_END if near_end else Paper.OK


def _fault(error: int) -> str:
    """Name the bits that DLE EOT 3 and the second byte of an automatic status share."""
    if error & 0x20:
        return "unrecoverable"
    if error & 0x08:
        return "cutter"
    if error & 0x04:
        return "recoverable"
    return "head_hot" if error & 0x40 else ""
