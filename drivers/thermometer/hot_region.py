"""The temperature of a face in a thermal picture, as a robust maximum of a region."""

from typing import Annotated, Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from pydantic import AfterValidator, Field

Celsius = NDArray[np.float64]
"""(rows, columns), degrees Celsius."""
Region = tuple[int, int, int, int]
"""Top row, left column, rows, columns, in pixels."""

_SIDE: Final = 3


def _at_least_a_window(region: Region) -> Region:
    if min(region[:2]) < 0 or min(region[2:]) < _SIDE:
        raise ValueError(f"a region has at least {_SIDE} rows and columns, and begins within the picture")
    return region


RegionOption = Annotated[
    Region,
    AfterValidator(_at_least_a_window),
    Field(description="where faces appear: [top, left, rows, columns], in pixels"),
]


def robust_maximum(picture: Celsius, region: Region) -> float:
    """The highest median of all 3×3 windows within a region, degrees Celsius.

    Five of nine neighbouring pixels are at least as warm. So a dead or hot pixel (a 32×24 array may have four), a spark
    of noise or a thin lamp never is the result, while the forehead of a face at arm's length, several pixels wide, is.

    Args:
        picture: (rows, columns).
        region: where to look; what lies outside the picture is left out.

    Raises:
        ValueError: less than a window of the region lies within the picture.
    """
    top, left, rows, columns = region
    seen = picture[top : top + rows, left : left + columns]
    if min(seen.shape) < _SIDE:
        raise ValueError(f"region {region} lies outside a picture of {picture.shape}")
    windows = sliding_window_view(seen, (_SIDE, _SIDE)).reshape(-1, _SIDE * _SIDE)
    return float(np.median(windows, axis=1).max())
