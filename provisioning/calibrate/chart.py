"""The chart that cameras are calibrated with: a chess board on A4, printed at full size, and what a picture of it says.

Nine by six inner corners with squares of 25 mm. A picture of it tells how many pixels a millimetre has, how the camera
is turned and tilted, and how sharp it sees (Zhang, "A flexible new technique for camera calibration", 2000, uses the
same chart; here only scale and attitude are wanted, of which one picture says enough).
"""

import math
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

CORNERS: Final = (9, 6)
"""Inner corners, across and down."""
SQUARE_MM: Final = 25.0
PAPER_MM: Final = (297.0, 210.0)

Picture = NDArray[np.uint8]


def chart(dots_per_mm: float = 8.0) -> Picture:
    """The chart as a grey picture of an A4 page, landscape.

    Args:
        dots_per_mm: its resolution; 8 is 203 dpi.
    """
    width, height = (round(side * dots_per_mm) for side in PAPER_MM)
    square = round(SQUARE_MM * dots_per_mm)
    page = np.full((height, width), 255, np.uint8)
    across, down = CORNERS[0] + 1, CORNERS[1] + 1
    left, top = (width - across * square) // 2, (height - down * square) // 2
    for row in range(down):
        for column in range(across):
            if (row + column) % 2 == 0:
                x, y = left + column * square, top + row * square
                page[y : y + square, x : x + square] = 0
    return page


@dataclass(frozen=True)
class ChartSeen:
    """What a picture of the chart says.

    Attributes:
        px_per_mm: pixels a millimetre, in the middle of the chart.
        turned_deg: about the optical axis, −45 to 45; 0 is upright.
        keystone: how unequal opposite sides are, as a part of the longer; 0 is seen straight on.
        off_centre: of the chart from the middle of the picture, as a part of the picture's width.
        sharpness: variance of the Laplacian within the chart, over the square of its contrast; larger is sharper.
        contrast: between the white and the black squares, of 255.
    """

    px_per_mm: float
    turned_deg: float
    keystone: float
    off_centre: float
    sharpness: float
    contrast: float


def find_chart(picture: Picture) -> ChartSeen | None:
    """Find the chart; None where it is not there, or not whole.

    Args:
        picture: BGR (height, width, 3) or grey.
    """
    grey = picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    found, corners = cv2.findChessboardCornersSB(grey, CORNERS, flags=cv2.CALIB_CB_NORMALIZE_IMAGE)
    if not found:
        return None
    grid = corners.reshape(CORNERS[1], CORNERS[0], 2).astype(np.float64)
    steps = np.concatenate([np.linalg.norm(np.diff(grid, axis=axis), axis=2).ravel() for axis in (0, 1)])
    sides = [
        np.linalg.norm(grid[0, -1] - grid[0, 0]),
        np.linalg.norm(grid[-1, -1] - grid[-1, 0]),
        np.linalg.norm(grid[-1, 0] - grid[0, 0]),
        np.linalg.norm(grid[-1, -1] - grid[0, -1]),
    ]
    keystone = max(1 - min(pair) / max(pair) for pair in (sides[:2], sides[2:]))
    across = grid[:, -1].mean(axis=0) - grid[:, 0].mean(axis=0)
    angle = math.degrees(math.atan2(float(across[1]), float(across[0])))
    turned = (angle + 45) % 90 - 45  # the board looks the same from either side
    height, width = grey.shape
    middle = grid.reshape(-1, 2).mean(axis=0)
    left, top = grid.reshape(-1, 2).min(axis=0).astype(int)
    right, bottom = grid.reshape(-1, 2).max(axis=0).astype(int)
    inside = grey[max(0, top) : bottom + 1, max(0, left) : right + 1]
    contrast = float(np.percentile(inside, 95) - np.percentile(inside, 5))
    return ChartSeen(
        px_per_mm=float(np.median(steps)) / SQUARE_MM,
        turned_deg=turned,
        keystone=float(keystone),
        off_centre=float(np.hypot(middle[0] - width / 2, middle[1] - height / 2)) / width,
        sharpness=float(cv2.Laplacian(inside, cv2.CV_64F).var()) / max(1.0, contrast) ** 2,
        contrast=contrast,
    )
