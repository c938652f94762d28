"""The card's photo: 1,024 bytes of WLT, for which no open decoder exists.

So decoding is a seam with three choices in the site file. `none`: the photo stays encoded and faces are not compared.
`vendor-library`: the library that the hall bought with its reader, run in a process of its own because such libraries
are known to crash. `simulated`: reads what `encode_synthetic` made, for simulated cards, and nothing else.
"""

import ctypes
import os
import subprocess
import sys
from pathlib import Path
from typing import Protocol, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.children import end_with, environment
from kiosk.vision.faces import Face, Image

BLOCK_BYTES = 1024
WIDTH, HEIGHT = 102, 126
HEADER = bytes.fromhex("574c66007e0032 0000ff85 000000")
"""The first bytes of public captures: "WL", width 102, height 126 (little-endian); 14 bytes in all."""
BMP_BYTES = 54 + HEIGHT * 308
"""What a vendor's library writes: 24-bit BMP, lines padded to four bytes."""
LIBRARY_SECONDS = 4.0
PUPILS_ON_CARD_PX = 25.0
"""Between the eyes of a 102x126 photo (GA/T 461 geometry)."""

_MARK = b"SYNTHETIC"
_PICTURE_AT = len(HEADER) + len(_MARK) + 2


class PhotoError(Exception):
    """A photo block cannot be turned into a picture."""


class NoDecoder(PhotoError):
    """Not here: the decoder that this block needs is not configured, or its library is missing."""


class Unreadable(PhotoError):
    """The block is damaged."""


class PhotoDecoder(Protocol):
    """Decodes photo blocks."""

    def decode(self, block: bytes) -> Image:
        """The portrait, (126, 102, 3) BGR.

        Raises:
            NoDecoder: this decoder is not for this block, or cannot run here.
            Unreadable: the block is damaged.
        """
        ...


def open_decoder(setting: str) -> PhotoDecoder:
    """The decoder that a site file names: `none`, `simulated`, or `vendor-library:` and the library's path.

    Raises:
        NoDecoder: there is none of that name, or the library is missing.
    """
    name, _, library = setting.partition(":")
    match name:
        case "none":
            return NoPhoto()
        case "simulated":
            return SimulatedPhoto()
        case "vendor-library":
            return VendorLibrary(Path(library))
    raise NoDecoder(f"no photo decoder is called {name!r}")


def is_synthetic(block: bytes) -> bool:
    """Whether a block was made by `encode_synthetic`."""
    return block[len(HEADER) : len(HEADER) + len(_MARK)] == _MARK


class NoPhoto:
    """Decodes nothing."""

    def decode(self, block: bytes) -> Image:
        """Refuse.

        Raises:
            NoDecoder: always.
        """
        raise NoDecoder(f"no photo decoder is configured for the block of {len(block)} bytes")


class SimulatedPhoto:
    """Reads the blocks of simulated cards. It cannot read a real card's and says so."""

    def decode(self, block: bytes) -> Image:
        """The portrait of a simulated card.

        Raises:
            NoDecoder: it is a real card's block.
            Unreadable: the block is damaged.
        """
        if len(block) != BLOCK_BYTES:
            raise Unreadable(f"a photo block has {BLOCK_BYTES} bytes, not {len(block)}")
        if not is_synthetic(block):
            raise NoDecoder("a real card: configure the vendor's library")
        length = int.from_bytes(block[_PICTURE_AT - 2 : _PICTURE_AT], "little")
        return _portrait(block[_PICTURE_AT : _PICTURE_AT + length])


class VendorLibrary:
    """The vendor's own decoder: `int unpack(char *src, char *dst, int save)`, as in the reader vendors' headers.

    Proven on nothing: no such library is public. The library runs in a new process for each block, which may crash or
    hang without harm. Its result is judged by the picture it wrote, for vendors differ in what they return.

    Args:
        library: path of the shared object.

    Raises:
        NoDecoder: the library is missing.
    """

    def __init__(self, library: Path) -> None:
        if not library.is_file():
            raise NoDecoder(f"the vendor's photo library {str(library)!r} is missing")
        self._library = library

    def decode(self, block: bytes) -> Image:
        """The portrait.

        Raises:
            NoDecoder: it is a simulated card's block, or the library cannot be loaded.
            Unreadable: the library failed, or wrote no picture of the right size.
        """
        if len(block) != BLOCK_BYTES:
            raise Unreadable(f"a photo block has {BLOCK_BYTES} bytes, not {len(block)}")
        if is_synthetic(block):
            raise NoDecoder("a simulated card: the vendor's library reads real ones only")
        try:
            done = subprocess.run(  # noqa: S603  our own module with a path from the site file
                [sys.executable, "-m", "kiosk.vision.wlt", str(os.getpid()), str(self._library)],
                input=block,
                capture_output=True,
                timeout=LIBRARY_SECONDS,
                check=False,
                env=environment(),
            )
        except subprocess.TimeoutExpired as error:
            raise Unreadable("the vendor's library did not answer") from error
        if done.returncode == _CANNOT_LOAD:
            raise NoDecoder(f"the vendor's photo library {str(self._library)!r} cannot be loaded")
        if done.returncode != 0:
            raise Unreadable(f"the vendor's library ended with {done.returncode}")
        return _portrait(done.stdout)


def encode_synthetic(image: Image) -> bytes:
    """Make a simulated card's photo block: the true header, the synthetic mark, and the picture as WebP.

    Measured with SFace against other photographs of the same people: similarity 0.59 to 0.66 where the unpacked
    portrait has 0.70 to 0.77.

    Args:
        image: BGR of any size; it is brought to 102x126 (`card_portrait` crops it as a card's photo is).

    Returns:
        1,024 bytes.

    Raises:
        ValueError: the picture does not fit at any quality.
    """
    small = (
        image if image.shape[:2] == (HEIGHT, WIDTH) else cv2.resize(image, (WIDTH, HEIGHT), None, 0, 0, cv2.INTER_AREA)
    )
    best, low, high = b"", 1, 100
    while low <= high:
        quality = (low + high) // 2
        _, packed = cv2.imencode(".webp", small, [cv2.IMWRITE_WEBP_QUALITY, quality])
        if len(packed) <= BLOCK_BYTES - _PICTURE_AT:
            best, low = packed.tobytes(), quality + 1
        else:
            high = quality - 1
    if not best:
        raise ValueError("the portrait does not fit a photo block")
    return (HEADER + _MARK + len(best).to_bytes(2, "little") + best).ljust(BLOCK_BYTES, b"\0")


def card_portrait(image: Image, face: Face) -> Image:
    """Crop a portrait as a card's photo is: upright, 102x126, the pupils 25 px apart."""
    left, right = face.points[0].astype(np.float64), face.points[1].astype(np.float64)
    across = right - left
    length = max(float(np.hypot(*across)), 1.0)
    scale = PUPILS_ON_CARD_PX / length
    cos, sin = scale * across[0] / length, scale * across[1] / length
    turn = np.array([[cos, sin], [-sin, cos]])
    middle = np.array([WIDTH / 2, HEIGHT * 0.45]) - turn @ ((left + right) / 2)
    if scale < 1.0:
        # warpAffine samples points: without a blur of the source the small picture is full of false edges.
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), 0.4 / scale), np.uint8)
    warp = np.hstack([turn, middle[:, None]])
    cropped = cv2.warpAffine(image, warp, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cropped, np.uint8)


def _portrait(packed: bytes) -> Image:
    try:
        image = cv2.imdecode(np.frombuffer(packed, np.uint8), cv2.IMREAD_COLOR) if packed else None
    except cv2.error as error:
        raise Unreadable("the photo block holds no picture") from error
    if image is None or image.shape != (HEIGHT, WIDTH, 3):
        raise Unreadable("the photo block holds no picture of 102x126")
    return cast("NDArray[np.uint8]", image)


_CANNOT_LOAD = 3


def _run_library(parent: int, path: str) -> int:
    """In the process of its own: read a block from standard input, write what the library makes of it."""
    end_with(parent)
    block = sys.stdin.buffer.read()
    try:
        unpack = ctypes.CDLL(path).unpack
    except (OSError, AttributeError):
        return _CANNOT_LOAD
    unpack.argtypes = (ctypes.c_char_p, ctypes.c_char_p, ctypes.c_int)
    unpack.restype = ctypes.c_int
    # Room to spare on both sides: headers differ on how much is written.
    source = ctypes.create_string_buffer(block, BLOCK_BYTES + 64)
    target = ctypes.create_string_buffer(BMP_BYTES + 4096)
    unpack(source, target, 0)
    sys.stdout.buffer.write(target.raw[:BMP_BYTES])
    return 0


if __name__ == "__main__":
    sys.exit(_run_library(int(sys.argv[1]), sys.argv[2]))
