"""Touches put where they were made: the map of `calibrate touch`, applied before any widget sees a touch."""

from typing import Final, Protocol

from ui import theme

Map = tuple[float, float, float, float, float, float]
"""x' = a x + b y + c and y' = d x + e y + f, in shares of the panel from its upper left corner."""
_BEGUN: Final = ("begin", "update")


class Placed(Protocol):
    """What is needed of Kivy's motion event: where it was, as shares of the window from its lower left corner."""

    uid: int
    sx: float
    sy: float
    is_touch: bool


class TouchMap:
    """A module of Kivy's event loop that corrects touches (`EventLoop.add_postproc_module`).

    Args:
        map: to apply.
        window: tells the window's width and height in pixels.
    """

    def __init__(self, map: Map, window: "Window") -> None:  # noqa: A002  it is one
        self._map, self._window = map, window
        self._put: dict[int, tuple[float, float]] = {}

    def process(self, events: "list[tuple[str, Placed]]") -> "list[tuple[str, Placed]]":
        """Correct what has come since the last frame.

        Args:
            events: kind (`begin`, `update`, `end`) and event.

        Returns:
            The same events.
        """
        for kind, event in events:
            if not event.is_touch:
                continue
            if self._put.get(event.uid) != (event.sx, event.sy):  # an end often has the place that was put here before
                event.sx, event.sy = self.placed(event.sx, event.sy)
            if kind in _BEGUN:
                self._put[event.uid] = (event.sx, event.sy)
            else:
                self._put.pop(event.uid, None)
        return events

    def placed(self, sx: float, sy: float) -> tuple[float, float]:
        """Where a touch was made.

        Args:
            sx: where the panel says, as a share of the window from the left.
            sy: the same from below.
        """
        width, height = self._window()
        scale = min(width / theme.WIDTH, height / theme.HEIGHT)
        wide, high = theme.WIDTH * scale, theme.HEIGHT * scale
        x = (sx * width - (width - wide) / 2) / wide
        y = 1.0 - (sy * height - (height - high) / 2) / high
        a, b, c, d, e, f = self._map
        x, y = a * x + b * y + c, d * x + e * y + f
        return (x * wide + (width - wide) / 2) / width, ((1.0 - y) * high + (height - high) / 2) / height


class Window(Protocol):
    """Tells the window's width and height in pixels."""

    def __call__(self) -> tuple[float, float]:
        """Both."""
        ...
