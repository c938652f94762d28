"""How the screens are used: how often each was shown, for how long, and from which people went away. Only counts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from kiosk.view.desk import TakeYourThings
from kiosk.view.screen import Screen, name_of
from kiosk.wire.fleet import ScreenUse

RESTING: Final = frozenset({"gate.Welcome", "gate.LanePaused", "gate.HallFull", "desk.Start", "common.OutOfService"})
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
ASIDE: Final = frozenset({"desk.StillThere"})
"""Asked of somebody who may have gone already: it is the screen before from which they went."""
STEP_OF: Final = {"typing.Write": "desk.Question", "address.PickPlace": "desk.Question"}
"""Screens that are a part of another one's step."""
MOST: Final = 200
LONGEST_SECONDS: Final = 600.0
"""A screen that stood longer stood before nobody."""


@dataclass(slots=True)
class _Use:
    shown: int = 0
    left: int = 0
    seconds: float = 0.0
    people: int = 0


class ScreenCounter:
    """Counts what is drawn.

    Args:
        monotonic: Seconds of a clock that only goes on.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._uses: dict[str, _Use] = {}
        self._view = ""
        self._since = 0.0
        self._done = False
        self._went_from = ""
        self._met: set[str] = set()

    def counting(self, draw: Callable[[Screen], None]) -> Callable[[Screen], None]:
        """Draw, and count.

        Args:
            draw: What draws.
        """

        def drawn(screen: Screen) -> None:
            called_back = isinstance(screen.state, TakeYourThings) and screen.state.card_left
            self.see(name_of(screen.state), aside=called_back)
            draw(screen)

        return drawn

    def see(self, view: str, *, aside: bool = False) -> None:
        """A view is on the screen now.

        Args:
            view: Its name, e.g. `desk.Question`.
            aside: It is shown to somebody who has gone already.
        """
        if view == self._view:
            return
        now = self._monotonic()
        if self._view in self._uses:
            self._uses[self._view].seconds += min(now - self._since, LONGEST_SECONDS)
        self._view, self._since = view, now
        if view in RESTING:
            self._over()
            return
        if not aside and view not in ASIDE:
            self._went_from = view
            self._done = self._done or view in DONE
        use = self._use(view)
        if use is not None:
            use.shown += 1
        for each in {view, STEP_OF.get(view, view)} - self._met:
            self._met.add(each)
            came_to = self._use(each)
            if came_to is not None:
                came_to.people += 1

    def _use(self, view: str) -> _Use | None:
        if view not in self._uses and len(self._uses) >= MOST:
            return None
        return self._uses.setdefault(view, _Use())

    def _over(self) -> None:
        """A visit is over."""
        if self._went_from in self._uses and not self._done:
            self._uses[self._went_from].left += 1
        self._went_from, self._done = "", False
        self._met.clear()

    def told(self) -> tuple[ScreenUse, ...]:
        """All counts since the start."""
        return tuple(
            ScreenUse(view=view, shown=use.shown, left=use.left, seconds=round(use.seconds), people=use.people)
            for view, use in self._uses.items()
        )
