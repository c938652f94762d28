"""How much of each pixel a shape covers, computed once: what is drawn then is a picture, which costs little.

Lines that the graphics library makes smooth itself are hundreds of triangles each. With software GL they were three
quarters of a frame.
"""

import math
from collections.abc import Iterable
from typing import Final

import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.float32]
"""Rows from bottom to top as the graphics library has them; 0 outside, 1 inside."""
_BETWEEN: Final = 1
"""Pixels between two corners, which are stretched."""


def corner_px(radius: float, weight: float) -> int:
    """Side of the corner of `rounded`, in pixels."""
    return max(1, math.ceil(radius), math.ceil(weight))


def rounded(radius: float, weight: float) -> tuple[Mask, Mask]:
    """A small rounded rectangle, to be stretched in its middle, and the part of it that is no edge.

    Args:
        radius: of the corners, in pixels.
        weight: of the edge, in pixels; 0 for none.

    Returns:
        Two squares; their side is twice `corner_px` and one pixel.
    """
    side = 2 * corner_px(radius, weight) + _BETWEEN
    # Distance of a pixel's middle to the nearer side, along each axis.
    away = np.minimum(np.arange(side) + 0.5, side - np.arange(side) - 0.5)
    across, down = np.meshgrid(away, away)
    inward = np.minimum(across, down)
    in_corner = (across < radius) & (down < radius)
    inward = np.where(in_corner, radius - np.hypot(radius - across, radius - down), inward)
    return _covered(inward), _covered(inward - weight)


def _covered(inward: npt.NDArray[np.float64]) -> Mask:
    return np.clip(inward + 0.5, 0.0, 1.0).astype(np.float32)


def stroked(lines: Iterable[list[tuple[float, float]]], side: int, half: float) -> Mask:
    """Lines with round ends and joints.

    Args:
        lines: points of each in pixels from the lower left corner; a single point is a dot.
        side: of the square mask, in pixels.
        half: of the lines' width, in pixels.
    """
    nearest = np.full((side, side), half + 1.0)
    for points in lines:
        for (ax, ay), (bx, by) in zip(points, points[1:] or points, strict=False):
            left, right = _span(ax, bx, half, side)
            low, high = _span(ay, by, half, side)
            if left >= right or low >= high:
                continue
            x = np.arange(left, right) + 0.5 - ax
            y = np.arange(low, high)[:, None] + 0.5 - ay
            dx, dy = bx - ax, by - ay
            long = dx * dx + dy * dy
            along = np.clip((x * dx + y * dy) / long, 0.0, 1.0) if long else np.zeros_like(x * y)
            part = nearest[low:high, left:right]
            np.minimum(part, np.hypot(x - along * dx, y - along * dy), out=part)
    return _covered(half - nearest)


def _span(one: float, other: float, half: float, side: int) -> tuple[int, int]:
    return (
        max(0, math.floor(min(one, other) - half - 1)),
        min(side, math.ceil(max(one, other) + half + 1)),
    )


def coloured(shape: Mask, inner: Mask, fill: tuple[float, ...], edge: tuple[float, ...]) -> bytes:
    """Pixels of a shape with an edge.

    Args:
        shape: all of it.
        inner: what is no edge.
        fill: red, green, blue and opacity of the inner part.
        edge: of the rest.

    Returns:
        RGBA, not multiplied by the opacity.
    """
    inside = np.divide(inner, shape, out=np.zeros_like(shape), where=shape > 0)
    thick, thin = inside * fill[3], (1 - inside) * edge[3]
    opacity = thick + thin
    # Colours are mixed by their opacities, so that a clear one leaves no trace of itself.
    light = thick[:, :, None] * np.array(fill[:3], np.float32) + thin[:, :, None] * np.array(edge[:3], np.float32)
    np.divide(light, opacity[:, :, None], out=light, where=opacity[:, :, None] > 0)
    pixels = np.dstack([light, opacity * shape])
    return bytes(np.rint(np.clip(pixels, 0.0, 1.0) * 255).astype(np.uint8).tobytes())


def white(mask: Mask) -> bytes:
    """RGBA pixels of a mask, white, to be tinted where they are drawn."""
    pixels = np.full((*mask.shape, 4), 255, np.uint8)
    pixels[:, :, 3] = np.rint(mask * 255)
    return pixels.tobytes()
