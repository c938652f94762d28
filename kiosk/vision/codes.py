"""Reads QR and bar codes in pictures, live and on stills. Pure functions on arrays.

zxing-cpp looks first, and only its bytes are used. On a still that it cannot read follow other looks at the picture
(`code_tries`), a grid that bends with the code (`code_grid`), and zbar, whose answer counts only as plain ASCII that
two looks agree on. Stripes, which one wrong line can turn into another valid code, must be read twice in one still, or
in two frames (`TwoFrames`). Parts of linked codes are never taken for the whole: `Linked` joins them.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from drivers.code_scanner.qr_bits import Mode, Segment
from drivers.code_scanner.reading import (
    LINEAR,
    Code,
    Grey,
    Symbology,
    Ways,
    codes_in,
    grey,
)
from drivers.code_scanner.sightings import Linked, TwoFrames
from kiosk.vision.code_grid import bent_codes
from kiosk.vision.code_segments import text_of
from kiosk.vision.code_text import Text
from kiosk.vision.code_tries import Look, crops, looks, scaled, zbar_ascii

__all__ = ["CodeProblem", "CodesSeen", "Linked", "Reading", "Symbology", "TwoFrames", "live", "still", "text_of"]

LONGEST: Final = 4096
"""Bytes of a payload: the largest QR code holds 2,953 in byte mode; more than this are digits by the thousand."""
STILL_S: Final = 1.0
MODEST_SIDE: Final = 1600
"""Longest side of the copy that slower finders search, in pixels."""
LIVE: Final = (Symbology.QR,)
EVERY: Final = tuple(Symbology)
_MATRIX: Final = tuple(one for one in Symbology if one not in LINEAR)


class CodeProblem(StrEnum):
    """Why a picture gave no payload; the first that applies."""

    NONE = "none"
    NO_CODE = "no_code"
    NO_PICTURE = "no_picture"
    """Empty, too small, or not an array of pixels."""
    TOO_LONG = "too_long"
    """A code holds more than is taken here."""
    PART = "part"
    """One of several codes that belong together: the others are needed."""
    TIME = "time"
    """Time was up before everything was tried."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A code with what it says.

    Attributes:
        outline: corners as shares of the picture's width and height, clockwise from the code's own top left.
        way: which look read it, for the log: `zxing`, `x2.00`, `bent`, `zbar` …
    """

    code: Code
    text: Text
    outline: tuple[tuple[float, float], ...]
    way: str = "zxing"


@dataclass(frozen=True, slots=True)
class CodesSeen:
    """What codes a picture shows.

    Attributes:
        readings: whole codes, the nearest to the middle first.
        parts: codes that are one of several; for `Linked`.
        problem: NONE when there are readings.
    """

    readings: tuple[Reading, ...]
    parts: tuple[Reading, ...]
    problem: CodeProblem


def live(
    image: NDArray[np.generic],
    symbologies: tuple[Symbology, ...] = LIVE,
    *,
    inverse: bool = False,
    longest: int = LONGEST,
) -> CodesSeen:
    """Look once, quickly: for the preview, some milliseconds a frame.

    Args:
        image: as `drivers.code_scanner.reading.grey` takes it.
        inverse: also for light codes on dark (a telephone's dark mode); takes twice as long, so every fourth frame.
        longest: bytes of a payload that are taken.
    """
    try:
        picture = grey(image)
        if picture is None:
            return CodesSeen((), (), CodeProblem.NO_PICTURE)
        found = codes_in(picture, symbologies, Ways(inverse=inverse))
    except (ValueError, MemoryError, cv2.error):
        return CodesSeen((), (), CodeProblem.NO_PICTURE)
    return _seen([(code, "zxing") for code in found], picture, longest, CodeProblem.NO_CODE)


def still(
    image: NDArray[np.generic],
    symbologies: tuple[Symbology, ...] = EVERY,
    *,
    budget_s: float = STILL_S,
    longest: int = LONGEST,
) -> CodesSeen:
    """Look in every way that helps, until something is read or time is up.

    Args:
        image: as `drivers.code_scanner.reading.grey` takes it.
        budget_s: seconds; one attempt that has begun may end a little later.
        longest: bytes of a payload that are taken.
    """
    deadline = time.monotonic() + budget_s
    try:
        picture = grey(image)
        if picture is None:
            return CodesSeen((), (), CodeProblem.NO_PICTURE)
        for name, attempt in _attempts(picture, _colour(image, picture), symbologies, deadline):
            found = attempt()
            if found:
                return _seen([(code, name) for code in found], picture, longest, CodeProblem.NO_CODE)
            if time.monotonic() > deadline:
                return CodesSeen((), (), CodeProblem.TIME)
    except (ValueError, MemoryError, cv2.error):
        return CodesSeen((), (), CodeProblem.NO_PICTURE)
    return CodesSeen((), (), CodeProblem.NO_CODE)


# Attempts on a still ------------------------------------------------------------------------------------------------

_Attempt = tuple[str, Callable[[], tuple[Code, ...]]]


def _attempts(
    picture: Grey, colour: NDArray[np.uint8] | None, symbologies: tuple[Symbology, ...], deadline: float
) -> Iterator[_Attempt]:
    yield "zxing", lambda: _sure(picture, symbologies)
    matrix = tuple(one for one in symbologies if one in _MATRIX)
    if not matrix:
        return
    histogram = Ways(threshold=zxingcpp.Binarizer.GlobalHistogram)
    yield "histogram", lambda: codes_in(picture, matrix, histogram)
    qr = Symbology.QR in matrix
    others = looks(picture, colour)
    first = [look for look, _ in zip(others, range(4), strict=False)]
    for look in first:
        yield look.name, lambda look=look: _in_look(look, matrix)  # type: ignore[misc]  # mypy cannot infer the default
    modest = scaled(picture, min(1.0, MODEST_SIDE / max(picture.shape)))
    if qr:
        yield "bent", lambda: _bent_in(modest, deadline)
        yield "zbar", lambda: _zbar(picture)
    for look in others:
        yield look.name, lambda look=look: _in_look(look, matrix)  # type: ignore[misc]  # the same
    if qr:
        for crop in crops(modest.picture):
            look = replace(crop, back=modest.back @ crop.back)
            yield look.name, lambda look=look: _in_look(look, matrix)  # type: ignore[misc]  # the same
        for look in first:
            yield f"bent {look.name}", lambda look=look: _bent_in(look, deadline)  # type: ignore[misc]  # the same


def _in_look(look: Look, symbologies: tuple[Symbology, ...]) -> tuple[Code, ...]:
    return tuple(look.placed(code) for code in codes_in(look.picture, symbologies))


def _bent_in(look: Look, deadline: float) -> tuple[Code, ...]:
    return tuple(look.placed(code) for code in bent_codes(look.picture, deadline))


def _sure(picture: Grey, symbologies: tuple[Symbology, ...]) -> tuple[Code, ...]:
    """What zxing-cpp reads; stripes only when a copy of another size says the same."""
    found = codes_in(picture, symbologies)
    stripes = tuple(symbology for symbology in symbologies if symbology in LINEAR)
    if not any(code.symbology in LINEAR for code in found):
        return found
    again = {(code.symbology, code.payload) for code in codes_in(scaled(picture, 0.8).picture, stripes)}
    return tuple(code for code in found if code.symbology not in LINEAR or (code.symbology, code.payload) in again)


def _zbar(picture: Grey) -> tuple[Code, ...]:
    """What zbar reads as ASCII, in the picture and in a larger copy."""
    first = zbar_ascii(picture)
    if not first:
        return ()
    again = {payload for payload, _ in zbar_ascii(scaled(picture, 1.5).picture)}
    return tuple(
        Code(Symbology.QR, payload, corners, (Segment(Mode.BYTE, payload),))
        for payload, corners in first
        if payload in again
    )


def _colour(image: NDArray[np.generic], picture: Grey) -> NDArray[np.uint8] | None:
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or image.shape[:2] != picture.shape:
        return None
    return np.asarray(image, np.uint8)


def _seen(found: list[tuple[Code, str]], picture: Grey, longest: int, nothing: CodeProblem) -> CodesSeen:
    height, width = picture.shape

    def from_middle(entry: tuple[Code, str]) -> float:
        x, y = np.mean(entry[0].corners, axis=0)
        return float(abs(x / width - 0.5) + abs(y / height - 0.5))

    readings: list[Reading] = []
    parts: list[Reading] = []
    problem = nothing
    for code, way in sorted(found, key=from_middle):
        if len(code.payload) > longest:
            problem = CodeProblem.TOO_LONG
            continue
        outline = tuple((round(x / width, 4), round(y / height, 4)) for x, y in code.corners)
        reading = Reading(code, text_of(code.segments), outline, way)
        (readings if code.part is None else parts).append(reading)
    if readings:
        problem = CodeProblem.NONE
    elif parts:
        problem = CodeProblem.PART
    return CodesSeen(tuple(readings), tuple(parts), problem)
