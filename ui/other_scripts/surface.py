"""The same screen the other way round: for scripts from right to left."""

from dataclasses import dataclass

from ui import theme
from ui.surface import Box, Surface


@dataclass(frozen=True, slots=True)
class MirroredSurface(Surface):
    """A surface whose left is the right: every box and every point changes sides, sizes stay."""

    def pos(self, box: Box) -> tuple[float, float]:
        """Lower left corner of a box in the window, in pixels."""
        return Surface.pos(self, Box(theme.WIDTH - box.right, box.y, box.w, box.h))

    def point(self, x: float, y: float) -> tuple[float, float]:
        """A point in the window, in pixels."""
        return Surface.point(self, theme.WIDTH - x, y)
