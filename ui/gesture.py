"""The technician's gesture, on every screen: hold the time for three seconds, then touch the hall's name.

The one is at the top right, the other at the top left. Nobody does both by chance; nothing is shown of it until then.
"""

from typing import Final

from ui import theme
from ui.surface import Box

HEIGHT: Final = 104
"""Of the bar at the top, `ui.widgets.top_bar`."""
HOLD_S: Final = 3.0
THEN_S: Final = 4.0
"""Within so many seconds after the finger left the time."""
_CLOCK: Final = Box(theme.WIDTH - 264, 0, 264, HEIGHT)
_NAME: Final = Box(0, 0, 400, HEIGHT)


def _within(box: Box, x: float, y: float) -> bool:
    return box.x <= x <= box.right and box.y <= y <= box.bottom


class Gesture:
    """Follows fingers; survives that the screen beneath changes."""

    def __init__(self) -> None:
        self._held_since: float | None = None
        self._until: float | None = None

    def down(self, x: float, y: float, now: float) -> bool:
        """A finger came down.

        Args:
            x: in design units.
            y: the same, from the top.
            now: seconds of a clock that only goes on.

        Returns:
            Whether the gesture is whole.
        """
        whole = self._until is not None and now <= self._until and _within(_NAME, x, y)
        self._until = None
        self._held_since = now if _within(_CLOCK, x, y) else None
        return whole

    def up(self, x: float, y: float, now: float) -> None:
        """A finger left."""
        since, self._held_since = self._held_since, None
        if since is not None and now - since >= HOLD_S and _within(_CLOCK, x, y):
            self._until = now + THEN_S
