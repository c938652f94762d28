"""What lies under the camera already: the page that was photographed last is not the next one while it lies there.

Whoever touches "one more page" still has the last one before them, and whoever has shown a card's front shows it yet
when its back is wanted. Nobody waits for ever: who has changed the page without its place changing is believed at last.
"""

from typing import Final

from kiosk.vision.observation import PaperSeen

Outline = tuple[tuple[float, float], ...]

SAME_SHIFT: Final = 0.012
"""How far a corner of the same page may be seen elsewhere, as a share of the picture: another page lies farther off."""
NEXT_SECONDS: Final = 6.0
"""So long the same page may lie there before it is taken for the next one."""
TURN_SECONDS: Final = 12.0
"""The same for the other side of a card."""


class Mat:
    """The place under the camera, for one person."""

    def __init__(self) -> None:
        self._taken: Outline | None = None
        self._since: float | None = None

    def photographed(self, outline: Outline | None) -> None:
        """A page was taken that lies there."""
        self._taken, self._since = outline, None

    def clear(self) -> None:
        """What lies there is what is wanted: it is photographed again."""
        self._taken = None

    def not_yet(self, seen: PaperSeen, patience: float) -> bool:
        """Whether a picture still shows the page that was taken last; once it does not, what comes counts.

        Args:
            seen: the newest picture.
            patience: seconds after which it is taken for another page that lies in the very same place.
        """
        if self._taken is None:
            return False
        if not _same(seen.outline, self._taken):
            self._taken = None
            return False
        if self._since is None:
            self._since = seen.taken
        if seen.taken - self._since >= patience:
            self._taken = None
            return False
        return True


def _same(one: Outline | None, other: Outline) -> bool:
    if one is None or len(one) != len(other):
        return False
    return all(abs(a - b) <= SAME_SHIFT for p, q in zip(one, other, strict=True) for a, b in zip(p, q, strict=True))
