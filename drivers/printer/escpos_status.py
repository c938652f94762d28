"""What the bytes mean that an ESC/POS printer sends back. Pure functions.

Three kinds of answer share one stream without a length or a checksum: real-time status (DLE EOT), automatic status
(ASB, four bytes) and paper status in the order of the data (GS r). The fixed bits of Epson's ESC/POS reference
(dle_eot, gs_la, gs_lr) tell them apart.
"""

from dataclasses import dataclass

from drivers.errors import BadFrame, DeviceFault, Effect, Remedy
from drivers.kinds import Paper, PrinterStatus

QUESTIONS = (1, 2, 3, 4)
"""The n of DLE EOT n: printer, cause of off-line, cause of error, paper."""


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
class Foreign:
    """A byte that no answer has."""

    byte: int


Answer = RealTime | Automatic | InOrder | Foreign


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
        byte = stream[at]
        if byte & 0x93 == 0x12:
            answers.append(RealTime(byte))
        elif byte & 0x93 == 0x10:
            frame = stream[at : at + 4]
            if any(following & 0x90 for following in frame[1:]):
                answers.append(Foreign(byte))
            elif len(frame) < 4:
                return answers, frame
            else:
                answers.append(Automatic(frame))
                at += 3
        elif byte & 0x90 == 0:
            answers.append(InOrder(byte))
        elif byte not in {0x11, 0x13}:  # XON and XOFF belong to the line
            answers.append(Foreign(byte))
        at += 1
    return answers, b""


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
        offline=bool(printer & 0x08 or error & 0x04 or (off_line & 0x40 and not fault)),
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
        offline=bool(frame[0] & 0x08 or frame[1] & 0x04),
        fault=_fault(frame[1]),
    )


def paper_in_order(byte: int) -> Paper:
    """Read the answer to GS r 1. Clones send 0F where Epson sends 0C."""
    return _paper(near_end=bool(byte & 0x03), out=bool(byte & 0x0C))


def fault_of(status: PrinterStatus, effect: Effect) -> DeviceFault:
    """Name what keeps the printer from printing, the cause before its consequence.

    Args:
        status: one that is not `ready`.
        effect: what became of the job.
    """
    if status.cover_open:
        return DeviceFault("cover_open", effect=effect)
    if status.paper is Paper.OUT:
        return DeviceFault("paper_out", effect=effect)
    remedies = {"head_hot": Remedy.WAIT, "unrecoverable": Remedy.TECHNICIAN}
    name = status.fault or "offline"
    return DeviceFault(name, remedy=remedies.get(name, Remedy.ATTENDANT), effect=effect)


def find_text(received: bytes) -> str | None:
    """Find the answer to GS I 65-69: `_`, text, NUL.

    Returns:
        The text, or None while it is not complete.
    """
    start = received.find(b"_")
    end = received.find(b"\0", start + 1)
    if start < 0 or end < 0:
        return None
    return received[start + 1 : end].decode("ascii", "replace").strip()


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
    return "head_hot" if error & 0x40 else ""
