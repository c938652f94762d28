"""What is sent to an ESC/POS printer for one slip. Pure functions.

A slip is a picture, or text of the printer's own type with pictures where that lacks something. python-escpos encodes
the pictures and the cut.
"""

from dataclasses import dataclass
from itertools import groupby

from escpos.printer import Dummy
from PIL import Image

from drivers.kinds import Block, Line, PrintJob, Row
from drivers.printer import raster
from drivers.printer.gb18030 import PLAIN_TYPE, encode_block
from drivers.printer.raster import Fonts

ASK_IN_ORDER = b"\x1dr\x01"
"""GS r 1: answered when everything before it has been worked off."""
LONGEST_COMMAND = 255 * 80 + 8
"""Bytes of the longest command that any job of ours has: a slice of the widest picture."""

_INITIALISE = b"\x1b@"
_LEAVE_CHINESE = b"\x1c."  # Chinese models power up in Chinese mode, and ESC @ may bring them back to it
_TELL_CHANGES = b"\x1da\x0e"  # off-line, errors and paper; not the drawer
_TELL_NOTHING = b"\x1da\x00"
_TAIL_ROWS = 96  # 12 mm to hold it by; as empty rows, because the unit of ESC J differs between models
_SLICE_ROWS = 255  # clones lose the high byte of a picture's height


@dataclass(frozen=True, slots=True)
class Slip:
    """The bytes of one slip.

    Attributes:
        content: up to the last but one byte of what is to be read. While any of it is missing, there is no slip.
        rest: that byte, the margin to hold it by, a question in order, the cut, and a second question in order.
    """

    content: bytes
    rest: bytes


def encode(job: PrintJob, width: int, fonts: Fonts, *, as_text: bool, cut_first: bool = False) -> Slip:
    """Encode a slip.

    Args:
        job: what stands on it.
        width: of the print head, in dots, at most 640.
        fonts: for what is drawn.
        as_text: use the printer's own type where it has it.
        cut_first: cut off what an interrupted slip left in the printer.

    Raises:
        ValueError, OSError: it cannot be drawn.
    """
    before = _INITIALISE + _LEAVE_CHINESE
    if cut_first:
        before += _cut()
    before += _TELL_CHANGES
    if as_text:
        before += PLAIN_TYPE + b"".join(_with_text(job, width, fonts))
    else:
        before += b"".join(slices(raster.render(job, width, fonts)))
    tail = b"".join(slices(Image.new("1", (width, _TAIL_ROWS), 1)))
    return Slip(before[:-1], before[-1:] + tail + ASK_IN_ORDER + _cut() + _TELL_NOTHING + ASK_IN_ORDER)


def slices(picture: Image.Image) -> list[bytes]:
    """Encode a picture as commands GS v 0 of at most 255 rows each.

    Args:
        picture: mode "1", 0 is black, at most 640 wide.
    """
    pieces: list[bytes] = []
    for top in range(0, picture.height, _SLICE_ROWS):
        # the profile only bounds the width: it is the widest there is
        encoder = Dummy(profile="CT-S651")
        bottom = min(top + _SLICE_ROWS, picture.height)
        encoder.image(picture.crop((0, top, picture.width, bottom)), impl="bitImageRaster", fragment_height=_SLICE_ROWS)
        pieces.append(encoder.output)
    return pieces


def _with_text(job: PrintJob, width: int, fonts: Fonts) -> list[bytes]:
    def written(block: Block) -> bytes | None:
        return encode_block(block, width) if isinstance(block, Line | Row) else None

    pieces: list[bytes] = []
    for drawn, group in groupby(((block, written(block)) for block in job.blocks), key=lambda pair: pair[1] is None):
        if drawn:
            pieces += slices(raster.render(PrintJob(job.name, tuple(block for block, _ in group)), width, fonts))
        else:
            pieces += [text for _, text in group if text is not None]
    return pieces


def _cut() -> bytes:
    cutter = Dummy()
    cutter.cut(feed=False)  # GS V B 0: feeds to the cutter by itself
    return cutter.output
