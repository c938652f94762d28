from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

class ZBarSymbol(IntEnum):
    QRCODE = ...

class Point(NamedTuple):
    x: int
    y: int

class Decoded(NamedTuple):
    data: bytes
    type: str
    polygon: list[Point]
    quality: int
    orientation: str | None

def decode(image: NDArray[np.uint8], symbols: list[ZBarSymbol] | None = None) -> list[Decoded]: ...
