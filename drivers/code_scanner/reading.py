"""Codes in a picture: found by zxing-cpp, as bytes with what is known of how they were written. Pure functions.

Shared by the camera that serves as a code scanner and by the vision process. What charset bytes without one of their
own were made in is for who asked for them: a decoder's guess is never used.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from drivers.code_scanner.qr_bits import Contents, Mode, Part, Segment, Unreadable, contents

Grey = NDArray[np.uint8]
"""(height, width)."""
Point = tuple[float, float]
"""x and y in pixels of the picture."""
LEAST_SIDE: Final = 10
MOST_PIXELS: Final = 16_000_000
"""Larger pictures are reduced before they are searched."""
LEAST_CHARACTERS: Final = {"code39": 4, "code128": 3}
"""Shorter payloads of codes with a weak or no check digit are misread stripes more often than codes."""


class Symbology(StrEnum):
    """Codes that are looked for."""

    QR = "qr"
    MICRO_QR = "micro-qr"
    RMQR = "rmqr"
    DATA_MATRIX = "data-matrix"
    AZTEC = "aztec"
    PDF417 = "pdf417"
    CODE128 = "code128"
    CODE39 = "code39"
    EAN = "ean"
    """EAN-13, EAN-8, UPC-A, UPC-E."""


_B = zxingcpp.BarcodeFormat
_FORMATS: Final = {
    Symbology.QR: (_B.QRCode,),
    Symbology.MICRO_QR: (_B.MicroQRCode,),
    Symbology.RMQR: (_B.RMQRCode,),
    Symbology.DATA_MATRIX: (_B.DataMatrix,),
    Symbology.AZTEC: (_B.Aztec,),
    Symbology.PDF417: (_B.PDF417,),
    Symbology.CODE128: (_B.Code128,),
    Symbology.CODE39: (_B.Code39,),
    Symbology.EAN: (_B.EAN13, _B.EAN8, _B.UPCA, _B.UPCE),
}
_QR_FAMILY: Final = {_B.QRCode: Symbology.QR, _B.MicroQRCode: Symbology.MICRO_QR, _B.RMQRCode: Symbology.RMQR}
LINEAR: Final = frozenset({Symbology.CODE128, Symbology.CODE39, Symbology.EAN})
"""Stripes: one wrong stripe may make another valid code, so one look is not enough."""


@dataclass(frozen=True, slots=True)
class Code:
    """A code that was read.

    Attributes:
        payload: its bytes, as they were put in.
        corners: of its outline in pixels of the picture as `grey` gives it, clockwise from what is its own top left.
        segments: the payload in pieces, each with what the code says of its charset.
        part: which of several linked codes it is; None when it stands alone.
    """

    symbology: Symbology
    payload: bytes
    corners: tuple[Point, Point, Point, Point]
    segments: tuple[Segment, ...]
    part: Part | None = None


@dataclass(frozen=True, slots=True)
class Ways:
    """How hard to look.

    Attributes:
        inverse: also for light codes on a dark ground.
        reduced: also in reduced copies of the picture.
        threshold: how black and white are told apart.
    """

    inverse: bool = True
    reduced: bool = True
    threshold: zxingcpp.Binarizer = zxingcpp.Binarizer.LocalAverage


def grey(image: NDArray[np.generic]) -> Grey | None:
    """A picture of any kind, in grey.

    Args:
        image: (height, width) or (height, width, 1 to 4), BGR; uint8, uint16, bool or float (0 to 1, or to 255).

    Returns:
        Reduced to `MOST_PIXELS`; None where there is nothing to search in: empty, too small, another kind of array.
    """
    if image.ndim not in {2, 3} or min(image.shape[:2]) < LEAST_SIDE:
        return None
    if image.ndim == 3 and not 1 <= image.shape[2] <= 4:
        return None
    step = int(np.ceil(np.sqrt(image.shape[0] * image.shape[1] / MOST_PIXELS)))
    eight = _eight_bits(image[::step, ::step])
    if eight is None or min(eight.shape[:2]) < LEAST_SIDE:
        return None
    if eight.ndim == 2 or eight.shape[2] == 1:
        return np.ascontiguousarray(eight.reshape(eight.shape[:2]))
    if eight.shape[2] == 2:
        return np.ascontiguousarray(eight[:, :, 0])  # grey and opacity
    code = cv2.COLOR_BGR2GRAY if eight.shape[2] == 3 else cv2.COLOR_BGRA2GRAY
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(eight), code), np.uint8)


def _eight_bits(image: NDArray[np.generic]) -> Grey | None:
    if image.dtype == np.uint8:
        return np.asarray(image, np.uint8)
    if image.dtype == np.bool_:
        return np.asarray(image, np.uint8) * np.uint8(255)
    if image.dtype == np.uint16:
        top = int(np.asarray(image, np.uint16).max())
        shift = np.uint16(max(0, top.bit_length() - 8))  # 10 and 12 bit cameras deliver 16 bit words
        return np.asarray(np.right_shift(np.asarray(image, np.uint16), shift), np.uint8)
    if image.dtype.kind == "f":
        values = np.nan_to_num(np.asarray(image, np.float32), nan=0.0, posinf=255.0, neginf=0.0)
        return np.asarray(np.clip(values * (255.0 if float(values.max()) <= 1.0 else 1.0), 0, 255), np.uint8)
    return None


def codes_in(picture: Grey, symbologies: tuple[Symbology, ...], ways: Ways | None = None) -> tuple[Code, ...]:
    """Read every code in a picture.

    Args:
        picture: as `grey` returns it.
        symbologies: what is looked for.
    """
    ways = Ways() if ways is None else ways
    if not symbologies or picture.ndim != 2 or min(picture.shape) < LEAST_SIDE:
        return ()
    found = zxingcpp.read_barcodes(
        picture,
        formats=zxingcpp.BarcodeFormats([form for one in symbologies for form in _FORMATS[one]]),
        try_invert=ways.inverse,
        try_downscale=ways.reduced,
        text_mode=zxingcpp.TextMode.HexECI,
        binarizer=ways.threshold,
    )
    codes = (_code(one) for one in found if one.valid)
    return tuple(code for code in codes if code is not None and code.symbology in symbologies)


def _code(found: zxingcpp.Barcode) -> Code | None:
    symbology = _symbology(found)
    payload = bytes(found.bytes)
    if symbology is None or not payload or len(payload) < LEAST_CHARACTERS.get(symbology, 0):
        return None
    place = found.position
    corners = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
    at = tuple((float(corner.x), float(corner.y)) for corner in corners)
    inside = _inside(found) if symbology is Symbology.QR else None
    if inside is not None and inside.payload == payload:
        return Code(symbology, payload, (at[0], at[1], at[2], at[3]), inside.segments, inside.part)
    return Code(symbology, payload, (at[0], at[1], at[2], at[3]), announced(payload, found.text))


def _symbology(found: zxingcpp.Barcode) -> Symbology | None:
    # `symbology` names the family and `format` the member, e.g. QR code and micro QR code.
    for form, symbology in _QR_FAMILY.items():
        if found.format == form:
            return symbology
    for symbology, forms in _FORMATS.items():
        if found.format in forms or found.symbology in forms:
            return symbology
    return Symbology.EAN if found.symbology == _B.EANUPC else None


def _inside(found: zxingcpp.Barcode) -> Contents | None:
    """How it was written, from the modules that zxing-cpp sampled; None where these do not tell."""
    modules = np.asarray(found.to_image(scale=1, add_quiet_zones=False)) < 128
    for turned in (modules, modules.T):
        try:
            return contents(turned)
        except Unreadable:
            continue
    return None


_ANNOUNCED: Final = re.compile(rb"\\(\d{6})")


def announced(payload: bytes, text: str) -> tuple[Segment, ...]:
    r"""Pieces of a payload by the charsets (ECI) that the code announces.

    Args:
        text: as zxing-cpp gives it in its mode HexECI: three bytes that name the symbology, then the payload in which,
            where a charset is announced, \NNNNNN stands before each piece and backslashes are doubled.
    """
    whole = (Segment(Mode.BYTE, payload),)
    try:
        marked = bytes.fromhex(text)[3:]
    except ValueError:
        return whole
    if marked == payload:
        return whole
    pieces: list[Segment] = []
    eci: int | None = None
    content = bytearray()
    at = 0
    while at < len(marked):
        if marked[at : at + 2] == b"\\\\":
            content += b"\\"
            at += 2
        elif (mark := _ANNOUNCED.match(marked, at)) is not None:
            if content:
                pieces.append(Segment(Mode.BYTE, bytes(content), eci))
            content, eci, at = bytearray(), int(mark[1]), mark.end()
        else:
            content.append(marked[at])
            at += 1
    pieces.append(Segment(Mode.BYTE, bytes(content), eci))
    return tuple(pieces) if b"".join(piece.content for piece in pieces) == payload else whole
