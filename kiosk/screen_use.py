"""How the screens are used: how often each was shown, for how long, and from which people went away. Only counts."""

from collections.abc import Callable
from typing import Final

from kiosk.view.screen import Screen, name_of
from kiosk.wire.fleet import ScreenUse

RESTING: Final = frozenset({"gate.Welcome", "desk.Start", "common.OutOfService"})
"""Screens before which nobody stands."""
DONE: Final = frozenset(
    {
        "desk.Done",
        "desk.DraftKept",
        "desk.TakeYourThings",
        "gate.Admitted",
        "gate.Refused",
        "gate.Referred",
    }
)
"""Screens after which a visit is over as it should be."""
MOST: Final = 200
LONGEST_SECONDS: Final = 600.0
"""A screen that stood longer stood before nobody."""


class ScreenCounter:
    """Counts what is drawn.

    Args:
        monotonic: Seconds of a clock that only goes on.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._uses: dict[str, tuple[int, int, float]] = {}
        self._view = ""
        self._since = 0.0
        self._done = False

    def counting(self, draw: Callable[[Screen], None]) -> Callable[[Screen], None]:
        """Draw, and count.

        Args:
            draw: What draws.
        """

        def drawn(screen: Screen) -> None:
            self.see(name_of(screen.state))
            draw(screen)

        return drawn

    def see(self, view: str) -> None:
        """A view is on the screen now.

        Args:
            view: Its name, e.g. `desk.Question`.
        """
        if view == self._view:
            return
        now, before = self._monotonic(), self._view
        if before in self._uses:
            shown, left, seconds = self._uses[before]
            gone = view in RESTING and before not in RESTING and before not in DONE and not self._done
            self._uses[before] = (shown, left + gone, seconds + min(now - self._since, LONGEST_SECONDS))
        self._done = view not in RESTING and (self._done or view in DONE)
        self._view, self._since = view, now
        if view in self._uses or len(self._uses) < MOST:
            shown, left, seconds = self._uses.get(view, (0, 0, 0.0))
            self._uses[view] = (shown + 1, left, seconds)

    def told(self) -> tuple[ScreenUse, ...]:
        """All counts since the start."""
        return tuple(
            ScreenUse(view=view, shown=shown, left=left, seconds=round(seconds))
            for view, (shown, left, seconds) in self._uses.items()
            if view not in RESTING
        )
